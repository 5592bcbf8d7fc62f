//! `/webhooks`

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::digest::types::DailyDigest;
use super::event;
use super::types::{
    CreatedWebhook, Delivery, DeliveryState, RotatedSecret, Webhook, WebhookContent, WebhookState,
};
use super::{deliveries, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session,
    Single, Step,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::WebhookId;

/// Orders of lists of webhooks and of deliveries; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum WebhookSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

impl WebhookSort {
    fn order(this: Option<Self>, id: &'static str) -> Order {
        match this.unwrap_or(Self::IdDown) {
            Self::Id => Order::ascending(id, id),
            Self::IdDown => Order::descending(id, id),
        }
    }
}

/// Filters for webhooks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookFilter {
    /// Only webhooks in this state.
    pub state: Option<WebhookState>,
    /// Order of the list. Defaults to newest first.
    #[param(example = "-id")]
    sort: Option<WebhookSort>,
}

impl Filter for WebhookFilter {
    fn order(&self) -> Order {
        WebhookSort::order(self.sort, "webhooks.id")
    }
}

/// Filters for deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    /// Only deliveries in this state.
    pub state: Option<DeliveryState>,
    /// Order of the list. Defaults to newest first.
    #[param(example = "-id")]
    sort: Option<WebhookSort>,
}

impl Filter for DeliveryFilter {
    fn order(&self) -> Order {
        WebhookSort::order(self.sort, "webhook_deliveries.id")
    }
}

/// List webhooks
///
/// Returns the webhooks of the caller's token. An admin of all municipalities gets those of all
/// tokens.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "list_webhooks", params(WebhookFilter, Paging),
    responses((status = 200, description = "One page of webhooks", body = PageBody<Webhook>)))]
#[get("/webhooks")]
async fn list_webhooks(
    session: Session,
    list: List<WebhookFilter>,
) -> Result<Paged<Webhook>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| store::list(conn, cx, filter.state, &page));
    // The state of the sending is not logged.
    session.page(listed.await?)
}

/// Create a webhook
///
/// Every change that the token sees from now on, as in `/changes`, is sent to the URL. Deliveries
/// are signed per Standard Webhooks with the secret in the answer, which is shown only this once;
/// an idempotency key has no effect here. With `daily_digest`, what falls due, expires and goes
/// stale is also sent once a day. See `webhooks` in this description for the bodies.
///
/// Delivery is at least once and in order for each record. It is retried after 5 s, 5 min, 30 min,
/// 2, 5, 10, 14, 20 and 24 h, until the receiver answers with a 2xx within ten seconds and without
/// a redirect. If nothing has arrived for that long, or the receiver answers 410, the webhook is
/// switched off.
///
/// A webhook requires a token of this registry, belongs to it and ends with it: single sign-on
/// cannot create one. A token has at most 20 webhooks.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "create_webhook", request_body = WebhookContent,
    responses((status = 201, description = "The webhook and its secret", body = CreatedWebhook)))]
#[post("/webhooks")]
async fn create_webhook(post: Post<WebhookContent>) -> Result<Posted<CreatedWebhook>, ApiError> {
    let outbound = post.session.outbound.clone();
    let sealing = post.session.sealing.clone();
    let location = |new: &CreatedWebhook| format!("/api/v1/webhooks/{}", new.webhook.meta.id);
    // An answer stored for its key would store the secret.
    post.unkept()
        .created(location, move |conn, cx, new| {
            let (webhook, secret) = store::create(conn, cx, (&outbound, &sealing), new)?;
            let secret = secret.as_str().to_owned();
            Ok(CreatedWebhook { webhook, secret })
        })
        .await
}

/// Read a webhook
///
/// Returns its settings, whether it is on, and the state of its deliveries.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "get_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The webhook", body = Webhook)))]
#[get("/webhooks/{id}")]
async fn get_webhook(Path(id): Path<WebhookId>, read: Read) -> Result<Single<Webhook>, ApiError> {
    read.unlogged(move |conn, cx| store::get(conn, cx, id))
        .await
}

/// Change a webhook
///
/// Takes a merge patch (RFC 7396). When switched on again with `enabled`, the webhook resumes where
/// it stopped: pending deliveries are due at once, and what was recorded meanwhile is sent,
/// including the missed digests of the last 31 days.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "update_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    request_body(content = WebhookContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The webhook as changed", body = Webhook)))]
#[patch("/webhooks/{id}")]
async fn update_webhook(
    Path(id): Path<WebhookId>,
    change: Change<WebhookContent>,
) -> Result<Single<Webhook>, ApiError> {
    let outbound = change.session.outbound.clone();
    change
        .changed(move |conn, cx, expected, patch| {
            store::update(conn, cx, &outbound, id, expected, |c| patch.apply(c))
        })
        .await
}

/// Delete a webhook
///
/// Deletes its deliveries, too, including pending ones.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "delete_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 204, description = "The webhook is deleted")))]
#[delete("/webhooks/{id}")]
async fn delete_webhook(Path(id): Path<WebhookId>, remove: Remove) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
}

/// Rotate a webhook's secret
///
/// The answer contains the new secret, which is shown only this once; an idempotency key has no
/// effect here. Each earlier secret signs as well for 24 hours after it was replaced, so that the
/// receiver can switch over. A secret can be replaced at most 20 times a day.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "rotate_webhook_secret",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The new secret", body = RotatedSecret)))]
#[post("/webhooks/{id}/secret")]
async fn rotate_webhook_secret(
    Path(id): Path<WebhookId>,
    step: Step,
) -> Result<Posted<RotatedSecret>, ApiError> {
    let sealing = step.session.sealing.clone();
    // The answer must not be stored for a key, as in `create_webhook`.
    step.unkept()
        .changed(move |conn, cx| store::rotate(conn, cx, &sealing, id))
        .await
}

/// Send a test event
///
/// Sends an event `webhook.test`, which carries no data of the registry and is delivered like any
/// other.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "test_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The pending delivery", body = Delivery)))]
#[post("/webhooks/{id}/test")]
async fn test_webhook(Path(id): Path<WebhookId>, step: Step) -> Result<Posted<Delivery>, ApiError> {
    step.changed(move |conn, cx| deliveries::test(conn, cx, id))
        .await
}

/// List deliveries
///
/// Returns what was sent to a webhook or is pending, each delivery with its attempts and the
/// beginning of the answers. Deliveries that arrived are kept for 30 days, those that were given up
/// for 90.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "list_webhook_deliveries",
    params(("id" = Uuid, Path, description = "The webhook's id"), DeliveryFilter, Paging),
    responses((status = 200, description = "One page of deliveries", body = PageBody<Delivery>)))]
#[get("/webhooks/{id}/deliveries")]
async fn list_webhook_deliveries(
    session: Session,
    Path(id): Path<WebhookId>,
    list: List<DeliveryFilter>,
) -> Result<Paged<Delivery>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| deliveries::list(conn, cx, id, filter.state, &page));
    session.page(listed.await?)
}

/// Redeliver an event
///
/// Sends a delivery again, at once and under the same id, whatever its state. Fails with `409` if
/// the webhook is off or its token no longer sees the content.
#[utoipa::path(tag = "webhook-subscriptions", operation_id = "redeliver_webhook_delivery",
    params(("id" = Uuid, Path, description = "The webhook's id"),
        ("delivery_id" = Uuid, Path, description = "The delivery's id")),
    responses((status = 200, description = "The pending delivery", body = Delivery)))]
#[post("/webhooks/{id}/deliveries/{delivery_id}/redeliver")]
async fn redeliver_webhook_delivery(
    Path((id, delivery)): Path<(WebhookId, Uuid)>,
    step: Step,
) -> Result<Posted<Delivery>, ApiError> {
    step.changed(move |conn, cx| deliveries::redeliver(conn, cx, id, delivery))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "webhook-subscriptions",
            "Delivery of the log of changes to other systems",
        )
        .tag("webhook-events", "Requests that webhooks receive")
        .schema::<WebhookSort>()
        .schema::<WebhookState>()
        .schema::<DeliveryState>()
        .schema::<DailyDigest>()
        .webhooks(event::described);
    config
        .route(list_webhooks, Access::Own)
        .route(create_webhook, Access::Own)
        .route(get_webhook, Access::Own)
        .route(update_webhook, Access::Own)
        .route(delete_webhook, Access::Own)
        .route(rotate_webhook_secret, Access::Own)
        .route(test_webhook, Access::Own)
        .route(list_webhook_deliveries, Access::Own)
        .route(redeliver_webhook_delivery, Access::Own);
}
