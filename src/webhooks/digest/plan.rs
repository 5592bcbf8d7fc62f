//! Plans the digest of each day, once.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::rules;
use super::rules::Next;
use super::types::{EVENT, StoredDigest};
use crate::db::AnyConnection;
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::kernel::error::ApiError;
use crate::kernel::values::to_stored;
use crate::ledger::RequestContext;
use crate::webhooks::queue::{LEASE, Lease};
use crate::webhooks::types::WebhookContent;

/// A digest to be sent.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Last day that had a digest before.
    last: NaiveDate,
    stored: StoredDigest,
}

/// Returns the next digest of a webhook, or `None` if its day has not begun.
pub fn next_digest(
    cx: &RequestContext,
    content: &WebhookContent,
    last: Option<NaiveDate>,
) -> Option<Planned> {
    let (last, municipality_id) = last.zip(content.municipality_id)?;
    let Next { day, left_out_from } = rules::next(last, cx.today)?;
    Some(Planned {
        last,
        stored: StoredDigest {
            municipality_id,
            day,
            left_out_from,
        },
    })
}

/// Stores a planned digest as a delivery, and its day as the last one with a digest. Returns false
/// if the webhook is no longer leased, or if the day already has its digest.
pub fn store(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    lease: &Lease,
    planned: &Planned,
) -> Result<bool, ApiError> {
    let own = w::table
        .find(&lease.webhook)
        .filter(w::leased_by.eq(&lease.by))
        .filter(w::digested_until.eq(planned.last));
    let moved = diesel::update(own)
        .set((
            w::digested_until.eq(planned.stored.day),
            w::leased_until.eq(cx.now + LEASE),
        ))
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    diesel::insert_into(d::table)
        .values((
            d::id.eq(Uuid::now_v7().to_string()),
            d::webhook_id.eq(&lease.webhook),
            d::type_.eq(EVENT),
            d::body.eq(to_stored(&planned.stored)?),
            d::state.eq("pending"),
            d::next_attempt_at.eq(cx.now),
            d::created_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(true)
}
