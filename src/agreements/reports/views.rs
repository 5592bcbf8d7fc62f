//! Reports in their API form.

use chrono::NaiveDate;

use super::store::Recorded;
use super::types::{CommitmentRef, CommitmentReport, Reporter};
use crate::agreements::doc::{Doc as Agreement, Part};
use crate::agreements::read;
use crate::agreements::read::Stored;
use crate::agreements::types::CommitmentContent;
use crate::db::AnyConnection;
use crate::directory::names::{Names, names};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::kernel::values::{AgreementRef, Gap};
use crate::ledger::RequestContext;

pub(super) fn view(
    agreement: AgreementRef,
    commitment: CommitmentRef,
    report: &Recorded,
    names: &Names,
) -> Result<CommitmentReport, ApiError> {
    let Recorded {
        meta,
        commitment_id,
        doc,
        ..
    } = report;
    let organization = doc.organization_id.map(|id| names.get(id)).transpose()?;
    let unproven = doc.content.evidence.is_empty() && doc.files.is_empty() && !doc.at_end;
    Ok(CommitmentReport {
        meta: meta.clone(),
        agreement_id: agreement.id,
        agreement,
        commitment_id: *commitment_id,
        commitment,
        content: doc.content.clone(),
        files: doc.files.clone(),
        by_partner: organization.is_some(),
        reported_by: Reporter {
            name: doc.reported_by.clone(),
            organization,
        },
        at_end: doc.at_end,
        standing: report.standing(),
        confirmation: doc.confirmation.clone(),
        refusal: doc.refusal.clone(),
        retraction: doc.retraction.clone(),
        gaps: unproven
            .then(|| {
                let (ko, en) = ("증빙이 없습니다.", "No evidence is recorded.");
                Gap::new("/evidence", "evidence_unknown", ko, en)
            })
            .into_iter()
            .collect(),
        warnings: Vec::new(),
    })
}

fn views<'a>(
    conn: &mut AnyConnection,
    stored: &Stored,
    reports: impl Iterator<Item = &'a Recorded> + Clone,
) -> Result<Vec<CommitmentReport>, ApiError> {
    let organizations = reports
        .clone()
        .filter_map(|report| report.doc.organization_id);
    let names = names(conn, organizations)?;
    let one = |report: &Recorded| {
        let of = CommitmentRef::of(commitment(&stored.doc, report.commitment_id)?);
        view(stored.reference(), of, report, &names)
    };
    reports.map(one).collect()
}

pub(super) fn commitment(
    doc: &Agreement,
    id: PartId,
) -> Result<&Part<CommitmentContent>, ApiError> {
    let found = doc.commitments.iter().find(|c| c.id == id);
    found.ok_or_else(ApiError::not_found)
}

/// Reads the reports on a commitment; with `as_of`, only those known on that day.
///
/// # Errors
/// `not_found`, also if nothing was known of the agreement on that day.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment_id): (AgreementId, PartId),
    as_of: Option<NaiveDate>,
) -> Result<Vec<CommitmentReport>, ApiError> {
    let stored = known_on(conn, cx, id, as_of)?;
    commitment(&stored.doc, commitment_id)?;
    views(conn, &stored, stored.reports.on(commitment_id))
}

/// Like [`list`], for all commitments of an agreement, one after the other.
///
/// # Errors
/// Like [`list`].
pub fn all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<Vec<CommitmentReport>, ApiError> {
    let stored = known_on(conn, cx, id, as_of)?;
    let commitments = stored.doc.commitments.iter();
    let reports = commitments.flat_map(|one| stored.reports.on(one.id));
    views(conn, &stored, reports)
}

fn known_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<Stored, ApiError> {
    let mut stored = read::load(conn, cx, id)?;
    if let Some(day) = as_of.filter(|day| *day < cx.today) {
        read::rewind_to(&mut stored.doc, cx, day)?;
        let known = |report: &Recorded| report.known_from() <= day;
        stored.reports.all.retain(known);
    }
    Ok(stored)
}

pub(super) fn position(
    stored: &Stored,
    commitment: PartId,
    report: ReportId,
) -> Result<usize, ApiError> {
    let of = |r: &Recorded| r.commitment_id == commitment && r.meta.id == report;
    let place = stored.reports.all.iter().position(of);
    place.ok_or_else(ApiError::not_found)
}

/// Reads a report.
///
/// # Errors
/// `not_found` if there is no such report, or the caller cannot see its agreement.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment, report): (AgreementId, PartId, ReportId),
) -> Result<CommitmentReport, ApiError> {
    let stored = read::load(conn, cx, id)?;
    let place = position(&stored, commitment, report)?;
    view_of(conn, &stored, place)
}

pub(super) fn view_of(
    conn: &mut AnyConnection,
    stored: &Stored,
    place: usize,
) -> Result<CommitmentReport, ApiError> {
    let report = std::iter::once(&stored.reports.all[place]);
    let mut views = views(conn, stored, report)?;
    views.pop().ok_or_else(ApiError::not_found)
}
