//! Deliveries as shown to the owner of their webhook.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::types::{Attempt, Delivery, DeliveryState, WebhookState};
use super::{attempts, event, queue, store};
use crate::db::page::{Listed, Page};
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::db::{AnyConnection, Name};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::WebhookId;
use crate::kernel::values::{stored_id, to_db};
use crate::ledger::RequestContext;
use crate::records::LoggedType;

#[derive(Queryable, Selectable)]
#[diesel(table_name = d)]
struct Row {
    id: String,
    seq: Option<i64>,
    record_type: Option<Name<LoggedType>>,
    record_id: Option<String>,
    type_: String,
    state: Name<DeliveryState>,
    next_attempt_at: NaiveDateTime,
    created_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
}

fn view(row: Row, attempts: Option<Vec<Attempt>>) -> Result<Delivery, ApiError> {
    let Name(state) = row.state;
    let waits = state == DeliveryState::Pending;
    Ok(Delivery {
        id: stored_id(&row.id)?,
        type_: row.type_,
        seq: row.seq,
        record_type: row.record_type.map(|Name(of)| of),
        record_id: row.record_id.as_deref().map(stored_id).transpose()?,
        state,
        created_at: row.created_at.and_utc(),
        next_attempt_at: waits.then(|| row.next_attempt_at.and_utc()),
        finished_at: row.finished_at.map(|at| at.and_utc()),
        attempts: attempts.unwrap_or_default(),
    })
}

/// Reads one page of a webhook's deliveries with their attempts.
///
/// # Errors
/// Fails with `not_found` if the caller has no such webhook.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    page: &Page,
) -> Result<Listed<Delivery>, ApiError> {
    store::get(conn, cx, webhook)?;
    let filtered = || {
        let mut query = d::table
            .filter(d::webhook_id.eq(webhook.to_string()))
            .into_boxed();
        if let Some(state) = state {
            query = query.filter(d::state.eq(to_db(&state)));
        }
        query
    };
    let listed = page.load(conn, filtered, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| {
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        let mut attempts = attempts::of(conn, ids)?;
        let view = |row: Row| {
            let attempts = attempts.remove(&row.id);
            view(row, attempts)
        };
        rows.into_iter().map(view).collect()
    })
}

fn get(conn: &mut AnyConnection, webhook: WebhookId, id: &str) -> Result<Delivery, ApiError> {
    let row: Row = d::table
        .filter(d::id.eq(id).and(d::webhook_id.eq(webhook.to_string())))
        .select(Row::as_select())
        .first(conn)?;
    let attempts = attempts::of(conn, vec![row.id.clone()])?.remove(&row.id);
    view(row, attempts)
}

/// Queues a delivery again, whatever its state.
///
/// # Errors
/// Fails with `not_found` if there is no such delivery, or with `conflict` if the webhook is off or
/// its token no longer sees the content.
pub fn redeliver(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: WebhookId,
    delivery: Uuid,
) -> Result<Delivery, ApiError> {
    is_on(conn, cx, webhook)?;
    let found = get(conn, webhook, &delivery.to_string())?;
    if !queue::has_visible_content(conn, cx, &delivery.to_string())? {
        return Err(ApiError::with(
            Code::Conflict,
            "웹훅의 토큰이 더 이상 볼 수 없는 내용이어서 다시 보내지 않습니다.",
            "The webhook's token no longer sees what was told, so it is not sent again.",
        ));
    }
    diesel::update(d::table.find(found.id.to_string()))
        .set((
            d::state.eq(to_db(&DeliveryState::Pending)),
            d::tries.eq(0),
            d::first_attempt_at.eq(None::<NaiveDateTime>),
            d::next_attempt_at.eq(cx.now),
            d::finished_at.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    rest_no_longer(conn, webhook)?;
    get(conn, webhook, &delivery.to_string())
}

/// Queues a test event.
///
/// # Errors
/// Fails with `not_found` if the caller has no such webhook, or with `conflict` if it is off.
pub fn test(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: WebhookId,
) -> Result<Delivery, ApiError> {
    is_on(conn, cx, webhook)?;
    let id = Uuid::now_v7().to_string();
    diesel::insert_into(d::table)
        .values((
            d::id.eq(&id),
            d::webhook_id.eq(webhook.to_string()),
            d::type_.eq(event::TEST),
            d::body.eq(event::test(webhook, cx.now.and_utc())?),
            d::state.eq(to_db(&DeliveryState::Pending)),
            d::next_attempt_at.eq(cx.now),
            d::created_at.eq(cx.now),
        ))
        .execute(conn)?;
    rest_no_longer(conn, webhook)?;
    get(conn, webhook, &id)
}

fn is_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: WebhookId,
) -> Result<(), ApiError> {
    match store::get(conn, cx, webhook)?.state {
        WebhookState::Active => Ok(()),
        WebhookState::Off => Err(ApiError::with(
            Code::Conflict,
            "웹훅이 꺼져 있습니다.",
            "The webhook is switched off.",
        )),
    }
}

/// Ends the pause after a failure, so that a requested delivery is sent at once.
fn rest_no_longer(conn: &mut AnyConnection, webhook: WebhookId) -> Result<(), ApiError> {
    diesel::update(w::table.find(webhook.to_string()))
        .set(w::rests_until.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    Ok(())
}
