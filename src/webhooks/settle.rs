//! Consequences of an attempt: a delivery is done, retried or given up, or its webhook is switched
//! off.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::queue::{Held, hold_on};
use super::rules::{Failed, Verdict, Waits};
use super::store::{Doc, Off};
use super::types::Attempt;
use super::{attempts, store};
use crate::db::AnyConnection;
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::kernel::error::ApiError;
use crate::kernel::values::stored;
use crate::ledger::RequestContext;

/// Retention of deliveries, by their final state.
const KEPT: [(&str, TimeDelta); 2] = [
    ("delivered", TimeDelta::days(30)),
    ("failed", TimeDelta::days(90)),
];

/// Records an attempt and its consequences. Returns false if the webhook is no longer leased.
pub fn settle(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    delivery: &str,
    attempt: &Attempt,
    waits: Waits,
    chance: f64,
) -> Result<bool, ApiError> {
    type Tried = (String, i64, Option<NaiveDateTime>);
    let found: Option<Tried> = d::table
        .find(delivery)
        .select((d::state, d::tries, d::first_attempt_at))
        .first(conn)
        .optional()?;
    // It may have been removed meanwhile, with its webhook.
    let Some((state, tries, first_attempt_at)) = found else {
        return Ok(false);
    };
    attempts::keep(conn, delivery, attempt)?;
    let began = attempt.at.naive_utc();
    diesel::update(d::table.find(delivery))
        .set((
            d::tries.eq(tries + 1),
            d::first_attempt_at.eq(first_attempt_at.unwrap_or(began)),
        ))
        .execute(conn)?;
    if attempt.status.is_some_and(|s| (200..300).contains(&s)) {
        finish(conn, cx, delivery, "delivered")?;
        diesel::update(w::table.find(&held.webhook))
            .set((
                w::failures.eq(0),
                w::failing_since.eq(None::<NaiveDateTime>),
                w::rests_until.eq(None::<NaiveDateTime>),
                w::last_success_at.eq(cx.now),
            ))
            .execute(conn)?;
        return hold_on(conn, held, cx.now);
    }
    let webhook: Failing = w::table
        .find(&held.webhook)
        .select(Failing::as_select())
        .first(conn)?;
    let failures = webhook.failures + 1;
    let failed = Failed {
        now: cx.now,
        tries: usize::try_from(tries + 1).map_err(ApiError::internal)?,
        first_attempt_at: first_attempt_at.unwrap_or(began),
        last_success_at: webhook.last_success_at,
        failing_since: webhook.failing_since.unwrap_or(began),
        failures,
        status: attempt.status,
    };
    diesel::update(w::table.find(&held.webhook))
        .set((
            w::failures.eq(failures),
            w::failing_since.eq(failed.failing_since),
            w::rests_until.eq(cx.now + waits.rest(failures)),
        ))
        .execute(conn)?;
    match failed.verdict(waits, chance) {
        _ if state != "pending" => {}
        Verdict::Again(at) => {
            diesel::update(d::table.find(delivery))
                .set(d::next_attempt_at.eq(at))
                .execute(conn)?;
        }
        Verdict::GiveUp => finish(conn, cx, delivery, "failed")?,
        Verdict::SwitchOff => switch_off(conn, cx, &webhook, &failed, attempt)?,
    }
    hold_on(conn, held, cx.now)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = w)]
struct Failing {
    id: String,
    version: i64,
    doc: String,
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
    let mut doc: Doc = stored(&webhook.doc)?;
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
    for (state, kept) in KEPT {
        let old = d::table.filter(
            d::state
                .eq(state)
                .and(d::finished_at.lt(now - kept))
                .assume_not_null(),
        );
        diesel::delete(old).execute(conn)?;
    }
    Ok(())
}
