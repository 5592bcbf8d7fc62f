//! The parts of a list of agreements that an index serves each: what few agreements meet is found
//! without passing all the others.

use diesel::prelude::*;

use super::list::{AgreementFilter, Query};
use super::types::InForce;
use crate::db::schema::agreements as a;
use crate::db::steered::Literal;
use crate::directory::succession::Share;
use crate::kernel::values::to_db;
use crate::ledger::Visibility;
use crate::projections::timeline_entry::NEVER_ENDS;

/// How precise the dates of signing in a part are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    Any,
    /// The day is known: the sort key alone places it in a period.
    Exact,
    /// Several days are possible.
    Imprecise,
}

/// Agreements of which it can be open on some day whether they are in force, as the index
/// `agreements_unclear` states it.
const UNCLEAR: &str = "(agreements.starts_latest IS NULL \
     OR agreements.starts_earliest IS DISTINCT FROM agreements.starts_latest \
     OR agreements.ends_earliest IS DISTINCT FROM agreements.ends_latest \
     OR agreements.ends_latest IS NULL)";

/// Returns whether the other filters leave few agreements, which have indexes of their own.
fn is_few(wanted: &AgreementFilter) -> bool {
    wanted.municipality_id.is_some()
        || wanted.project_id.is_some()
        || wanted.organization_id.is_some()
        || wanted.reference_number.is_some()
        || wanted.q.is_some()
}

/// Returns the parts of a list, which have no agreement in common.
pub(super) fn of(wanted: &AgreementFilter, shares: &[Share]) -> Vec<(Share, Signing)> {
    let period = wanted.signed_from.is_some() || wanted.signed_to.is_some();
    let signings: &[Signing] = match period && !is_few(wanted) {
        true => &[Signing::Exact, Signing::Imprecise],
        false => &[Signing::Any],
    };
    let all = shares.iter();
    all.flat_map(|share| signings.iter().map(|signing| (*share, *signing)))
        .collect()
}

/// Restricts a query to one part, with the conditions of the indexes that serve it.
pub(super) fn by_index<'a>(
    mut query: Query<'a>,
    wanted: &AgreementFilter,
    signing: Signing,
) -> Query<'a> {
    if is_few(wanted) {
        return query;
    }
    if let Some(visibility) = wanted.visibility.filter(|v| *v != Visibility::Public) {
        query = query
            .filter(a::stated_visibility.eq(to_db(&visibility)))
            .filter(Literal("agreements.stated_visibility <> 'public'"));
    }
    if wanted.in_force == Some(InForce::Unknown) {
        query = query.filter(Literal(UNCLEAR));
    }
    match signing {
        Signing::Any => query,
        Signing::Exact => until(from(query.filter(EXACT), wanted), wanted),
        Signing::Imprecise => from(query.filter(IMPRECISE), wanted),
    }
}

/// The last and the first possible day in the sort key, compared as the index `agreements_imprecise`
/// does.
const EXACT: Literal =
    Literal("substr(agreements.sort_signed, 1, 10) = substr(agreements.sort_signed, 12)");
const IMPRECISE: Literal =
    Literal("substr(agreements.sort_signed, 1, 10) <> substr(agreements.sort_signed, 12)");

/// Bounds the sort key by the first day of the period: it begins with the last possible day.
fn from<'a>(query: Query<'a>, wanted: &AgreementFilter) -> Query<'a> {
    match wanted.signed_from {
        Some(from) => query.filter(a::sort_signed.ge(from.to_string())),
        None => query,
    }
}

/// Bounds the sort key by the last day of the period, where one day alone is possible.
fn until<'a>(query: Query<'a>, wanted: &AgreementFilter) -> Query<'a> {
    // A year of five digits has another order as text.
    let last = wanted.signed_to.filter(|day| *day < NEVER_ENDS);
    match last.and_then(|day| day.succ_opt()) {
        Some(after) => query.filter(a::sort_signed.lt(after.to_string())),
        None => query,
    }
}
