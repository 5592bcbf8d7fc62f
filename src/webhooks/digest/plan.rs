//! Planning the digest of a day, once.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::rules::{self, Next};
use super::types::{EVENT, Ordered};
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::error::ApiError;
use crate::values::to_stored;
use crate::webhooks::queue::{Held, LEASE};
use crate::webhooks::types::WebhookContent;

/// A digest that is to be sent.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The last day that had one before.
    last: NaiveDate,
    ordered: Ordered,
}

/// The digest that is next for a webhook; none where its day has not begun.
pub fn of(cx: &Cx, content: &WebhookContent, last: Option<NaiveDate>) -> Option<Planned> {
    let (last, municipality_id) = last.zip(content.municipality_id)?;
    let Next { day, left_out_from } = rules::next(last, cx.today)?;
    Some(Planned {
        last,
        ordered: Ordered {
            municipality_id,
            day,
            left_out_from,
        },
    })
}

/// Keeps a digest that is to be sent, and up to which day there are; false where the webhook is no
/// longer held, or the day has its digest.
///
/// # Errors
/// What the database says.
pub fn keep(
    conn: &mut AnyConnection,
    cx: &Cx,
    held: &Held,
    planned: &Planned,
) -> Result<bool, ApiError> {
    let own = w::table
        .find(&held.webhook)
        .filter(w::leased_by.eq(&held.by))
        .filter(w::digested_until.eq(planned.last));
    let moved = diesel::update(own)
        .set((
            w::digested_until.eq(planned.ordered.day),
            w::leased_until.eq(cx.now + LEASE),
        ))
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    diesel::insert_into(d::table)
        .values((
            d::id.eq(Uuid::now_v7().to_string()),
            d::webhook_id.eq(&held.webhook),
            d::type_.eq(EVENT),
            d::body.eq(to_stored(&planned.ordered)?),
            d::state.eq("pending"),
            d::next_attempt_at.eq(cx.now),
            d::created_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(true)
}
