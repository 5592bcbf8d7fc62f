//! `/webhooks`

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::types::{
    Delivery, DeliveryState, NewSecret, NewWebhook, Webhook, WebhookContent, WebhookState,
};
use super::{deliveries, store};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, Ids, IfMatch, Keyed, List, Logged, NoParams, Paged, Paging, Params,
    Patch, Posted, Single,
};

/// The orders of lists of webhooks and of deliveries; `-` for descending.
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

/// Which webhooks are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WebhookFilter {
    /// Only those in this state.
    state: Option<WebhookState>,
    /// The order of the list; the newest first unless it says otherwise.
    #[param(example = "-id")]
    sort: Option<WebhookSort>,
}

impl Filter for WebhookFilter {
    fn order(&self) -> Order {
        WebhookSort::order(self.sort, "webhooks.id")
    }
}

/// Which deliveries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeliveryFilter {
    /// Only those in this state.
    state: Option<DeliveryState>,
    /// The order of the list; the newest first unless it says otherwise.
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
/// Those of the caller's token; for an admin of all municipalities, those of all tokens.
#[utoipa::path(tag = "webhooks", operation_id = "list_webhooks", params(WebhookFilter, Paging),
    responses((status = 200, description = "One page of webhooks", body = PageBody<Webhook>)))]
#[get("/webhooks")]
async fn list_webhooks(
    session: Session,
    list: List<WebhookFilter>,
) -> Result<Paged<Webhook>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| store::list(conn, cx, filter.state, &page));
    // How the sending goes is not logged.
    Ok(Paged(Logged::New(listed.await?)))
}

/// Make a webhook
///
/// Every change that the token sees from now on, the same as in `/changes`, is sent to the URL,
/// signed per Standard Webhooks with the secret that the answer shows, this once; an idempotency key
/// has no effect here. With `daily_digest` it is told once a day, too, what falls due, expires and
/// goes stale. See `webhooks` in this description for what is sent. It is sent at least
/// once, in order for each record, and again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h
/// until a 2xx is answered, within ten seconds and without a redirect. When nothing has arrived for
/// that long, or a 410 is answered, the webhook is switched off. It takes a token of this registry,
/// to which it belongs and with which it ends: the single sign-on cannot make one. A token has at
/// most 20.
#[utoipa::path(tag = "webhooks", operation_id = "create_webhook", request_body = WebhookContent,
    responses((status = 201, description = "The webhook and its secret", body = NewWebhook)))]
#[post("/webhooks")]
async fn create_webhook(
    session: Session,
    _: Params<NoParams>,
    body: Body<WebhookContent>,
) -> Result<Posted<NewWebhook>, ApiError> {
    let Body { value, digest } = body;
    let outbound = session.outbound.clone();
    let location = |new: &NewWebhook| format!("/api/v1/webhooks/{}", new.webhook.meta.id);
    // An answer that is kept for its key would keep the secret.
    Posted::created(
        &session,
        Keyed::never(),
        digest,
        location,
        move |conn, cx| {
            let (webhook, secret) = store::create(conn, cx, &outbound, &value)?;
            let secret = secret.as_str().to_owned();
            Ok(NewWebhook { webhook, secret })
        },
    )
    .await
}

/// Read a webhook
///
/// Where it sends what, whether it is on, and how the sending goes.
#[utoipa::path(tag = "webhooks", operation_id = "get_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The webhook", body = Webhook)))]
#[get("/webhooks/{id}")]
async fn get_webhook(
    session: Session,
    id: Id,
    _: Params<NoParams>,
) -> Result<Single<Webhook>, ApiError> {
    let [id] = id.0;
    let webhook = session.read(move |conn, cx| store::get(conn, cx, id));
    Ok(Single(webhook.await?))
}

/// Change a webhook
///
/// By a merge patch (RFC 7396). Switched on again with `enabled` it goes on where it stopped: what
/// waits is due at once, and what was recorded meanwhile is told, with the digests of the last 31
/// days that it missed.
#[utoipa::path(tag = "webhooks", operation_id = "update_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    request_body(content = WebhookContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The webhook as changed", body = Webhook)))]
#[patch("/webhooks/{id}")]
async fn update_webhook(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<WebhookContent>,
) -> Result<Single<Webhook>, ApiError> {
    let [id] = id.0;
    let outbound = session.outbound.clone();
    let changed = session.write(move |conn, cx| {
        store::update(conn, cx, &outbound, id, &expected, |c| patch.apply(c))
    });
    Ok(Single(changed.await?))
}

/// Delete a webhook
///
/// With its deliveries, those that wait included.
#[utoipa::path(tag = "webhooks", operation_id = "delete_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/webhooks/{id}")]
async fn delete_webhook(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id] = id.0;
    session
        .write(move |conn, cx| store::delete(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

/// Change a webhook's secret
///
/// The answer shows the new one, this once; an idempotency key has no effect here. For 24 hours the
/// one before signs as well, so that a receiver can change over at its leisure.
#[utoipa::path(tag = "webhooks", operation_id = "rotate_webhook_secret",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The new secret", body = NewSecret)))]
#[post("/webhooks/{id}/secret")]
async fn rotate_webhook_secret(
    session: Session,
    id: Id,
    _: Params<NoParams>,
) -> Result<Posted<NewSecret>, ApiError> {
    let [id] = id.0;
    // As where it is made.
    Posted::changed(&session, Keyed::never(), 0, move |conn, cx| {
        store::rotate(conn, cx, id)
    })
    .await
}

/// Try a webhook out
///
/// By an event `webhook.test`, which tells nothing and is delivered as the others are.
#[utoipa::path(tag = "webhooks", operation_id = "test_webhook",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "The delivery, which waits to be sent", body = Delivery)))]
#[post("/webhooks/{id}/test")]
async fn test_webhook(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
) -> Result<Posted<Delivery>, ApiError> {
    let [id] = id.0;
    Posted::changed(&session, keyed, 0, move |conn, cx| {
        deliveries::test(conn, cx, id)
    })
    .await
}

/// List deliveries
///
/// What was sent to a webhook or waits to be, each with its attempts and the beginning of what was
/// answered. Those that arrived are kept for 30 days, those that were given up for 90.
#[utoipa::path(tag = "webhooks", operation_id = "list_webhook_deliveries",
    params(("id" = Uuid, Path, description = "The webhook's id"), DeliveryFilter, Paging),
    responses((status = 200, description = "One page of deliveries", body = PageBody<Delivery>)))]
#[get("/webhooks/{id}/deliveries")]
async fn list_webhook_deliveries(
    session: Session,
    id: Id,
    list: List<DeliveryFilter>,
) -> Result<Paged<Delivery>, ApiError> {
    let ([id], List { filter, page }) = (id.0, list);
    let listed = session.read(move |conn, cx| deliveries::list(conn, cx, id, filter.state, &page));
    Ok(Paged(Logged::New(listed.await?)))
}

/// Deliver again
///
/// At once, under the same id, whatever became of it before. `409` where the webhook is off, or its
/// token no longer sees what was told.
#[utoipa::path(tag = "webhooks", operation_id = "redeliver_webhook_delivery",
    params(("id" = Uuid, Path, description = "The webhook's id"),
        ("delivery_id" = Uuid, Path, description = "The delivery's id")),
    responses((status = 200, description = "The delivery, which waits to be sent", body = Delivery)))]
#[post("/webhooks/{id}/deliveries/{delivery_id}/redeliver")]
async fn redeliver_webhook_delivery(
    session: Session,
    ids: Ids<2>,
    keyed: Keyed,
    _: Params<NoParams>,
) -> Result<Posted<Delivery>, ApiError> {
    let [id, delivery] = ids.0;
    Posted::changed(&session, keyed, 0, move |conn, cx| {
        deliveries::redeliver(conn, cx, id, delivery)
    })
    .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_webhooks)
        .service(create_webhook)
        .service(get_webhook)
        .service(update_webhook)
        .service(delete_webhook)
        .service(rotate_webhook_secret)
        .service(test_webhook)
        .service(list_webhook_deliveries)
        .service(redeliver_webhook_delivery);
}
