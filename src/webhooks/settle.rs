//! Consequences of an attempt: a delivery is done, retried or given up, or its webhook is switched
//! off.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::queue::{Lease, renew};
use super::rules::{Backoff, Failed, Verdict};
use super::store::{Doc, Off};
use super::types::Attempt;
use super::{attempts, store};
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;

/// Retention of deliveries, by their final state.
const RETENTION: [(&str, TimeDelta); 2] = [
    ("delivered", TimeDelta::days(30)),
    ("failed", TimeDelta::days(90)),
];

/// Records an attempt and its consequences. Returns false if the webhook is no longer leased.
pub fn settle(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    lease: &Lease,
    delivery: &str,
    attempt: &Attempt,
    backoff: Backoff,
    chance: f64,
) -> Result<bool, ApiError> {
    // It may have been removed meanwhile, with its webhook.
    let Some(tried) = record(conn, delivery, attempt)? else {
        return Ok(false);
    };
    if attempt.status.is_some_and(|s| (200..300).contains(&s)) {
        finish(conn, cx, delivery, "delivered")?;
        note_success(conn, cx, &lease.webhook)?;
        return renew(conn, lease, cx.now);
    }
    let webhook: Failing = w::table
        .find(&lease.webhook)
        .select(Failing::as_select())
        .first(conn)?;
    let failed = failed(cx, &webhook, &tried, attempt)?;
    note_failure(conn, &webhook, &failed, backoff)?;
    match failed.verdict(backoff, chance) {
        _ if !tried.was_pending => {}
        Verdict::Again(at) => {
            diesel::update(d::table.find(delivery))
                .set(d::next_attempt_at.eq(at))
                .execute(conn)?;
        }
        Verdict::GiveUp => finish(conn, cx, delivery, "failed")?,
        Verdict::SwitchOff => switch_off(conn, cx, &webhook, &failed, attempt)?,
    }
    renew(conn, lease, cx.now)
}

/// A delivery after an attempt.
struct Tried {
    was_pending: bool,
    tries: i64,
    first_attempt_at: NaiveDateTime,
}

/// Stores an attempt. Returns `None` if its delivery is gone.
fn record(
    conn: &mut AnyConnection,
    delivery: &str,
    attempt: &Attempt,
) -> Result<Option<Tried>, ApiError> {
    let found: Option<(String, i64, Option<NaiveDateTime>)> = d::table
        .find(delivery)
        .select((d::state, d::tries, d::first_attempt_at))
        .first(conn)
        .optional()?;
    let Some((state, tries, first_attempt_at)) = found else {
        return Ok(None);
    };
    attempts::keep(conn, delivery, attempt)?;
    let tried = Tried {
        was_pending: state == "pending",
        tries: tries + 1,
        first_attempt_at: first_attempt_at.unwrap_or(attempt.at.naive_utc()),
    };
    diesel::update(d::table.find(delivery))
        .set((
            d::tries.eq(tried.tries),
            d::first_attempt_at.eq(tried.first_attempt_at),
        ))
        .execute(conn)?;
    Ok(Some(tried))
}

/// Resets the failures of a webhook after a success.
fn note_success(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: &str,
) -> Result<(), ApiError> {
    diesel::update(w::table.find(webhook))
        .set((
            w::failures.eq(0),
            w::failing_since.eq(None::<NaiveDateTime>),
            w::rests_until.eq(None::<NaiveDateTime>),
            w::last_success_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Counts a failure of a webhook, which then pauses.
fn note_failure(
    conn: &mut AnyConnection,
    webhook: &Failing,
    failed: &Failed,
    backoff: Backoff,
) -> Result<(), ApiError> {
    diesel::update(w::table.find(&webhook.id))
        .set((
            w::failures.eq(failed.failures),
            w::failing_since.eq(failed.failing_since),
            w::rests_until.eq(failed.now + backoff.rest(failed.failures)),
        ))
        .execute(conn)?;
    Ok(())
}

fn failed(
    cx: &RequestContext,
    webhook: &Failing,
    tried: &Tried,
    attempt: &Attempt,
) -> Result<Failed, ApiError> {
    let began = attempt.at.naive_utc();
    Ok(Failed {
        now: cx.now,
        tries: usize::try_from(tried.tries).map_err(ApiError::internal)?,
        first_attempt_at: tried.first_attempt_at,
        last_success_at: webhook.last_success_at,
        failing_since: webhook.failing_since.unwrap_or(began),
        failures: webhook.failures + 1,
        status: attempt.status,
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = w)]
struct Failing {
    id: String,
    version: i64,
    doc: Json<Doc>,
    failures: i64,
    failing_since: Option<NaiveDateTime>,
    last_success_at: Option<NaiveDateTime>,
}

fn finish(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    delivery: &str,
    state: &str,
) -> Result<(), ApiError> {
    diesel::update(d::table.find(delivery))
        .set((d::state.eq(state), d::finished_at.eq(cx.now)))
        .execute(conn)?;
    Ok(())
}

/// Switches a webhook off. The delivery waits with the others until the webhook is on again.
fn switch_off(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    webhook: &Failing,
    failed: &Failed,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    let mut doc = webhook.doc.0.clone();
    // Somebody may have switched it off during the attempt.
    if !doc.content.enabled {
        return Ok(());
    }
    doc.content.enabled = false;
    doc.off = Some(Off {
        since: cx.now,
        reason: failed.reason(attempt.error),
    });
    store::write(conn, cx, &webhook.id, webhook.version, &doc)
}

/// Removes the deliveries whose retention has ended.
pub fn clear(conn: &mut AnyConnection, now: NaiveDateTime) -> Result<(), ApiError> {
    for (state, retention) in RETENTION {
        let old = d::table.filter(
            d::state
                .eq(state)
                .and(d::finished_at.lt(now - retention))
                .assume_not_null(),
        );
        diesel::delete(old).execute(conn)?;
    }
    Ok(())
}
