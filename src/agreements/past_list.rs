//! Lists of agreements as of a past day. What was known then is in no column: columns bound the
//! candidates, the stored transitions tell the state of each, and the documents of the page alone are
//! taken back to the day.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use super::force::EndedBy;
use super::known::Known;
use super::list::{AgreementFilter, AgreementSort, Query, Texts, filtered_alike};
use super::read::State;
use super::summary;
use super::summary::AgreementSummary;
use super::types::{AgreementStatus, InForce};
use crate::db::page::{Listed, Page};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_period};
use crate::directory::succession::{self, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{Gap, ImpreciseDate, to_db};
use crate::ledger::RequestContext;

#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
struct Row {
    id: String,
    sort_title: String,
    sort_signed: String,
    sort_until: String,
    summary: Json<Known>,
}

/// An agreement that was known on the day.
struct Candidate {
    id: String,
    key: String,
    /// The end that was known on the day differs from the stored one: the agreement was not signed
    /// yet, or the end is relative.
    moving_end: bool,
}

/// Finds one page of agreements as of `day`: their ids.
pub(super) fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    page: &Page,
    day: NaiveDate,
) -> Result<Listed<String>, ApiError> {
    let sort = wanted.sort.unwrap_or(AgreementSort::SignedDown);
    let mut candidates = candidates(conn, cx, wanted, sort, day)?;
    keep_in_documents(conn, cx, wanted, &mut candidates, day)?;
    if matches!(sort, AgreementSort::Until | AgreementSort::UntilDown) {
        date_moving(conn, cx, &mut candidates, day)?;
    }
    let listed = page.of(candidates, |c| c.key.clone(), |c| c.id.clone());
    Ok(listed.map(|candidate| candidate.id))
}

/// Loads the agreements that were known on the day and pass the filters that need no document.
fn candidates(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    sort: AgreementSort,
    day: NaiveDate,
) -> Result<Vec<Candidate>, ApiError> {
    let found = wanted.q.as_ref().map(|q| Texts::by(conn, q));
    let held = succession::held(conn, wanted.municipality_id, day)?;
    let held = held.as_ref().map(|held| (held, Share::Any));
    let query = filtered_alike(cx, wanted, held, found.as_ref());
    let query = bounded(query, cx, wanted, day);
    let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
    let candidates = rows.into_iter().filter_map(|row| {
        let state = row.summary.0.state_on(cx, day)?;
        let signed = row.summary.0.was_signed_by(day) || day >= cx.today;
        is_wanted(&state, signed, wanted, day).then(|| Candidate {
            key: key(&row, signed, sort),
            moving_end: !signed || row.summary.0.has_relative_end(),
            id: row.id,
        })
    });
    Ok(candidates.collect())
}

/// Adds the conditions on columns that every agreement of the answer meets.
fn bounded<'a>(
    mut query: Query<'a>,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    day: NaiveDate,
) -> Query<'a> {
    query = in_period!(
        query,
        (a::signed_earliest, a::signed_latest),
        (wanted.signed_from, wanted.signed_to)
    );
    if day >= cx.today {
        return query;
    }
    query = query.filter(a::known_from.le(day));
    let statuses = wanted.status.as_deref();
    let is_signed = statuses.is_some_and(|all| all.iter().all(|status| status.is_signed()));
    let signed_alone = is_signed
        || cx.caller.role.is_none()
        || wanted.in_force == Some(InForce::True)
        || wanted.expiring_within_days.is_some()
        || wanted.expired.is_some()
        || wanted.freshness.is_some();
    if signed_alone {
        // A signing counts once its whole date has passed.
        let begun = a::signed_earliest.le(day).assume_not_null();
        query = query.filter(a::signed_earliest.is_null().or(begun));
    }
    query
}

/// Returns true if an agreement in a state passes the filters by status, term and signing.
fn is_wanted(state: &State, signed: bool, wanted: &AgreementFilter, day: NaiveDate) -> bool {
    let last = state.force.and_then(|force| force.until.latest);
    let in_force = state.in_force(day);
    let stands = match wanted.in_force {
        None => true,
        Some(InForce::True) => in_force == Some(true),
        Some(InForce::False) => in_force == Some(false),
        Some(InForce::Unknown) => in_force.is_none(),
    };
    let expiring = wanted.expiring_within_days.is_none_or(|days| {
        let until = day.checked_add_days(Days::new(days)).unwrap_or(day);
        in_force == Some(true) && last.is_some_and(|last| last <= until)
    });
    let expired = wanted.expired.is_none_or(|expired| {
        let over = last.is_some_and(|last| last < day);
        let by_term = state.ended_by(day) == Some(EndedBy::Expiry);
        state.status == AgreementStatus::Signed && if expired { by_term } else { !over }
    });
    let statuses = wanted.status.as_ref();
    let any_signing = wanted.signed_from.is_none() && wanted.signed_to.is_none();
    statuses.is_none_or(|all| all.contains(&state.status))
        && stands
        && expiring
        && expired
        // A day of signing that lay ahead was not known.
        && (any_signing || signed)
}

/// Returns the text by which an agreement is sorted.
fn key(row: &Row, signed: bool, sort: AgreementSort) -> String {
    use AgreementSort::{Id, IdDown, Signed, SignedDown, Title, TitleDown, Until, UntilDown};
    match sort {
        Signed | SignedDown if signed => row.sort_signed.clone(),
        Signed | SignedDown => String::new(),
        Title | TitleDown => row.sort_title.clone(),
        Until | UntilDown => row.sort_until.clone(),
        Id | IdDown => row.id.clone(),
    }
}

/// Applies the filters by gaps and freshness, which need the documents.
fn keep_in_documents(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    candidates: &mut Vec<Candidate>,
    day: NaiveDate,
) -> Result<(), ApiError> {
    if let Some(gaps) = &wanted.gap {
        let codes: Vec<String> = gaps.iter().map(to_db).collect();
        let lacks = |all: &[Gap]| all.iter().any(|gap| codes.contains(&gap.code));
        let known = summary::known_on(conn, cx, ids(candidates), day)?.into_iter();
        let lacking = known.filter(|(_, gaps)| lacks(gaps));
        let kept: Vec<AgreementId> = lacking.map(|((meta, _), _)| meta.id).collect();
        keep(candidates, &kept);
    }
    if let Some(wanted) = wanted.freshness {
        let rows = summary::rows_on(conn, cx, ids(candidates), day)?.into_iter();
        let fresh = rows.filter(|row| row.freshness.is_some_and(|one| one.state == wanted));
        let kept: Vec<AgreementId> = fresh.map(|row| row.meta.id).collect();
        keep(candidates, &kept);
    }
    Ok(())
}

fn ids(candidates: &[Candidate]) -> impl Iterator<Item = String> + use<'_> {
    candidates.iter().map(|candidate| candidate.id.clone())
}

fn keep(candidates: &mut Vec<Candidate>, kept: &[AgreementId]) {
    let kept: BTreeSet<String> = kept.iter().map(ToString::to_string).collect();
    candidates.retain(|candidate| kept.contains(&candidate.id));
}

/// Sorts agreements whose end moves by the end that was known: one relative to the signing had no day
/// before it, and one relative to a milestone moved with it.
fn date_moving(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    candidates: &mut [Candidate],
    day: NaiveDate,
) -> Result<(), ApiError> {
    let moving = candidates.iter().filter(|candidate| candidate.moving_end);
    let moving: Vec<String> = moving.map(|candidate| candidate.id.clone()).collect();
    let rows = summary::rows_on(conn, cx, moving.into_iter(), day)?;
    let key = |row: AgreementSummary| {
        let until = row.effective_until.as_ref();
        let key = until.map_or_else(|| "~".to_owned(), ImpreciseDate::sort_key);
        (row.meta.id.to_string(), key)
    };
    let keys: HashMap<String, String> = rows.into_iter().map(key).collect();
    for candidate in candidates {
        if let Some(key) = keys.get(&candidate.id) {
            candidate.key.clone_from(key);
        }
    }
    Ok(())
}
