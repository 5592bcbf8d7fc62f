//! What follows from an attempt: a delivery that arrived, that is tried again or given up, or a webhook
//! that is switched off.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::attempts;
use super::queue::{Held, hold_on};
use super::rules::{Failed, Verdict, Waits};
use super::store::{self, Doc, Off};
use super::types::Attempt;
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::error::ApiError;
use crate::values::stored;

/// How long deliveries are kept that arrived, and those that were given up.
const KEPT: [(&str, TimeDelta); 2] = [
    ("delivered", TimeDelta::days(30)),
    ("failed", TimeDelta::days(90)),
];

/// Keeps an attempt and what follows from it; false where the webhook is no longer held.
///
/// # Errors
/// What the database says.
pub fn settle(
    conn: &mut AnyConnection,
    cx: &Cx,
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
    // It may have been removed with its webhook meanwhile.
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

fn finish(conn: &mut AnyConnection, cx: &Cx, delivery: &str, state: &str) -> Result<(), ApiError> {
    diesel::update(d::table.find(delivery))
        .set((d::state.eq(state), d::finished_at.eq(cx.now)))
        .execute(conn)?;
    Ok(())
}

/// Switches a webhook off. The delivery waits with the others until it is on again.
fn switch_off(
    conn: &mut AnyConnection,
    cx: &Cx,
    webhook: &Failing,
    failed: &Failed,
    attempt: &Attempt,
) -> Result<(), ApiError> {
    let mut doc: Doc = stored(&webhook.doc)?;
    // Somebody may have done it while it was tried.
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

/// Removes the deliveries that have been kept for long enough.
///
/// # Errors
/// What the database says.
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
