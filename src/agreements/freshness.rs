//! Last sign of life of an agreement. Pure: the day is an argument.

use chrono::NaiveDate;

use super::doc::Doc;
use super::read::State;
use super::reports::Reports;
use super::reports::types::Standing;
use crate::kernel::values::ImpreciseDate;
use crate::projections::freshness;
use crate::projections::freshness::{Freshness, SignOfLife, Thresholds};
use crate::projections::policies::Policy;

/// Returns the signing, the reviews and the counted reports, each with its day.
fn signs(doc: &Doc, reports: &Reports) -> impl Iterator<Item = (SignOfLife, NaiveDate)> {
    let signed = doc
        .content
        .signed_on
        .as_ref()
        .and_then(ImpreciseDate::latest);
    let reviews = doc.reviews.iter();
    let reviews = reviews.filter_map(|part| part.content.on.latest());
    let counted = reports.all.iter();
    let counted = counted.filter(|report| report.standing() == Standing::Counted);
    let signed = signed.into_iter().map(|day| (SignOfLife::Signing, day));
    signed
        .chain(reviews.map(|day| (SignOfLife::Review, day)))
        .chain(counted.map(|report| (SignOfLife::Report, report.known_from())))
}

/// Returns the signs of life that were known on a day.
fn known(
    doc: &Doc,
    reports: &Reports,
    day: NaiveDate,
) -> impl Iterator<Item = (SignOfLife, NaiveDate)> {
    signs(doc, reports).filter(move |(by, on)| *by != SignOfLife::Report || *on <= day)
}

/// Returns the last sign of life known on a day, for list rows.
pub(super) fn last(
    doc: &Doc,
    reports: &Reports,
    day: NaiveDate,
) -> Option<(SignOfLife, NaiveDate)> {
    freshness::last(known(doc, reports, day))
}

/// Returns the day of the last sign of life, for list filters.
pub(super) fn last_sign(doc: &Doc, reports: &Reports) -> Option<NaiveDate> {
    last(doc, reports, NaiveDate::MAX).map(|(_, day)| day)
}

/// Returns the freshness of an agreement in its state on a day; `None` unless it is signed and has
/// not ended.
pub fn freshness(
    doc: &Doc,
    reports: &Reports,
    state: &State,
    policies: &[Policy],
    day: NaiveDate,
) -> Option<Freshness> {
    let thresholds = Thresholds::on(policies, day);
    state
        .is_awaited(day)
        .then(|| freshness::freshness(known(doc, reports, day), thresholds, day))
}
