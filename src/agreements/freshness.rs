//! When an agreement last gave a sign of life. Pure: the day is an argument.

use chrono::NaiveDate;

use super::doc::Doc;
use super::reports::Reports;
use super::reports::types::Standing;
use super::types::AgreementStatus;
use crate::organizations::policies::Policy;
use crate::statistics::freshness::{self, Freshness, SignOfLife, Thresholds};

/// That it was signed, reviewed and reported on, each by its day.
fn signs(doc: &Doc, reports: &Reports) -> impl Iterator<Item = (SignOfLife, NaiveDate)> {
    let signed = doc.content.signed_on.as_ref().and_then(|on| on.latest());
    let reviews = doc.reviews.iter();
    let reviews = reviews.filter_map(|part| part.content.on.latest());
    let counted = reports.all.iter();
    let counted = counted.filter(|report| report.standing() == Standing::Counted);
    let signed = signed.into_iter().map(|day| (SignOfLife::Signing, day));
    signed
        .chain(reviews.map(|day| (SignOfLife::Review, day)))
        .chain(counted.map(|report| (SignOfLife::Report, report.known_from())))
}

/// Its last sign of life, as rows show it.
pub(super) fn last(doc: &Doc, reports: &Reports) -> Option<(SignOfLife, NaiveDate)> {
    freshness::last(signs(doc, reports))
}

/// The day of its last sign of life, as the lists ask for it.
pub(super) fn last_sign(doc: &Doc, reports: &Reports) -> Option<NaiveDate> {
    last(doc, reports).map(|(_, day)| day)
}

/// Whether signs of life are awaited of it: as long as it is signed and has not ended.
pub(super) fn awaited(status: AgreementStatus) -> bool {
    status == AgreementStatus::Signed
}

/// How fresh what is known of it is, of an agreement that stands on a day as `doc` has it; none
/// unless it is signed and has not ended.
pub fn freshness(
    doc: &Doc,
    reports: &Reports,
    status: AgreementStatus,
    policies: &[Policy],
    day: NaiveDate,
) -> Option<Freshness> {
    let thresholds = Thresholds::on(policies, day);
    let known = signs(doc, reports).filter(|(by, on)| *by != SignOfLife::Report || *on <= day);
    awaited(status).then(|| freshness::freshness(known, thresholds, day))
}
