//! Handlers of `/reports` and `/agreements/{id}/commitments/{commitment_id}/reports`.

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::ReportListFilter;
use super::types::{
    CommitmentReport, CommitmentReportCreate, ConfirmationCreate, ListedReport, RefusalCreate,
};
use super::{acts, list, views};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Post, Posted, Read, Session, Single};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::kernel::values::RetractionCreate;

/// Filter of the reports on a commitment, which are in the order of their dates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    /// Show what was known on this day, as if it were today (valid time).
    #[param(example = "2026-06-30")]
    as_of: Option<NaiveDate>,
}

impl Filter for ReportFilter {
    fn order(&self) -> Order {
        Order::ascending("day", "id")
    }
}

/// List reports on commitments
///
/// Reports on all agreements that are visible to the caller, each with its agreement, commitment
/// and city. `standing=awaiting_confirmation` selects those that await the city's confirmation,
/// `organization_id` those of a partner. Every caller who can see an agreement can see its reports.
/// `as_of` selects the reports known on that day, on agreements known to be signed by then;
/// `standing` is always that of today.
#[utoipa::path(tag = "agreements", operation_id = "list_reports", params(ReportListFilter, Paging),
    responses((status = 200, description = "One page of reports", body = PageBody<ListedReport>)))]
#[get("/reports")]
async fn list_reports(
    session: Session,
    list: List<ReportListFilter>,
) -> Result<Paged<ListedReport>, ApiError> {
    let view = format!("reports {:?}", list.filter.as_of);
    session
        .read_shown_list(view, list, list::find, |conn, cx, filter, keys| {
            list::shown(conn, cx, keys, filter.as_of)
        })
        .await
}

/// List the reports on a commitment
///
/// A report describes the progress of a commitment on a day and is never edited. A partner's report
/// counts once the city has confirmed it. Declined and retracted reports stay visible.
#[utoipa::path(tag = "agreements", operation_id = "list_commitment_reports",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ReportFilter, Paging),
    responses((status = 200, description = "One page of reports", body = PageBody<CommitmentReport>)))]
#[get("/agreements/{id}/commitments/{commitment_id}/reports")]
async fn list_commitment_reports(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    list: List<ReportFilter>,
) -> Result<Paged<CommitmentReport>, ApiError> {
    session
        .read_list(list, move |conn, cx, filter, page| {
            let all = views::list(conn, cx, ids, filter.as_of)?;
            Ok(page.of(all, |r| r.content.on.sort_key(), |r| r.meta.id.to_string()))
        })
        .await
}

/// Report on a commitment
///
/// The agreement must have been signed. A report of the city counts at once: the commitment's
/// `status` and the agreement's `fulfilment` follow from the latest report, by its date and then by
/// the time of recording. A partner reports on commitments that its organization owes; the report
/// counts once the city has confirmed it.
#[utoipa::path(tag = "agreements", operation_id = "create_commitment_report", request_body = CommitmentReportCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id")),
    responses((status = 201, description = "The report as recorded", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports")]
async fn create_commitment_report(
    Path(ids): Path<(AgreementId, PartId)>,
    post: Post<CommitmentReportCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    let location = |report: &CommitmentReport| {
        let (agreement, commitment) = (report.agreement_id, report.commitment_id);
        let id = report.meta.id;
        format!("/api/v1/agreements/{agreement}/commitments/{commitment}/reports/{id}")
    };
    post.created(location, move |conn, cx, new| {
        acts::create(conn, cx, ids, new)
    })
    .await
}

/// Read a report on a commitment
///
/// Includes whether it counts, awaits confirmation, was declined or was retracted.
#[utoipa::path(tag = "agreements", operation_id = "get_commitment_report",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report", body = CommitmentReport)))]
#[get("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}")]
async fn get_commitment_report(
    Path(ids): Path<(AgreementId, PartId, ReportId)>,
    read: Read,
) -> Result<Single<CommitmentReport>, ApiError> {
    read.record(move |conn, cx| views::get(conn, cx, ids)).await
}

/// Confirm a partner's report
///
/// The report then counts, from its own date.
#[utoipa::path(tag = "agreements", operation_id = "confirm_commitment_report", request_body = ConfirmationCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as confirmed", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/confirm")]
async fn confirm_commitment_report(
    Path(ids): Path<(AgreementId, PartId, ReportId)>,
    post: Post<ConfirmationCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    post.changed(move |conn, cx, body| acts::confirm(conn, cx, ids, body))
        .await
}

/// Decline a partner's report
///
/// The report does not count, and stays visible with the reason.
#[utoipa::path(tag = "agreements", operation_id = "decline_commitment_report", request_body = RefusalCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as declined", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/decline")]
async fn decline_commitment_report(
    Path(ids): Path<(AgreementId, PartId, ReportId)>,
    post: Post<RefusalCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    post.changed(move |conn, cx, body| acts::decline(conn, cx, ids, body))
        .await
}

/// Retract a report
///
/// For a mistaken report: it no longer counts, and stays visible with the reason. The city can
/// retract any report, a partner its own until the city confirms it.
#[utoipa::path(tag = "agreements", operation_id = "retract_commitment_report", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as retracted", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/retraction")]
async fn retract_commitment_report(
    Path(ids): Path<(AgreementId, PartId, ReportId)>,
    post: Post<RetractionCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    post.changed(move |conn, cx, body| acts::retract(conn, cx, ids, body))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_reports, Access::Read)
        .route(list_commitment_reports, Access::Read)
        .route(create_commitment_report, Access::Report)
        .route(get_commitment_report, Access::Read)
        .route(confirm_commitment_report, Access::Write)
        .route(decline_commitment_report, Access::Write)
        .route(retract_commitment_report, Access::Report);
}
