//! `/reports` and `/agreements/{id}/commitments/{commitment_id}/reports`

use actix_web::{get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::{self, ReportListFilter};
use super::types::{
    CommitmentReport, CommitmentReportCreate, ConfirmationCreate, ListedReport, RefusalCreate,
};
use super::{acts, views};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Filter, Ids, Keyed, List, NoParams, Paged, Paging, Params, Posted, Single,
};
use crate::projects::milestones::types::RetractionCreate;

/// The reports on a commitment, by their days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    /// Answer with what was known on this day, as if it were today.
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
/// Of all agreements that the caller sees, with the agreement, the commitment and the city of each:
/// what awaits the city's confirmation (`standing=awaiting_confirmation`), and how a partner's reports
/// fared (`organization_id`). Who sees an agreement sees the reports on it. With `as_of` those that
/// were known on that day, of agreements known to be signed by then; `standing` is that of today.
#[utoipa::path(tag = "agreements", operation_id = "list_reports", params(ReportListFilter, Paging),
    responses((status = 200, description = "One page of reports", body = PageBody<ListedReport>)))]
#[get("/reports")]
async fn list_reports(
    session: Session,
    list: List<ReportListFilter>,
) -> Result<Paged<ListedReport>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| list::list(conn, cx, &filter, &page))
            .await?,
    ))
}

/// List the reports on a commitment
///
/// A report tells how far a commitment had come on a day; it is never edited. A partner's counts once
/// the city has confirmed it. Declined and retracted ones stay visible.
#[utoipa::path(tag = "agreements", operation_id = "list_commitment_reports",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ReportFilter, Paging),
    responses((status = 200, description = "One page of reports", body = PageBody<CommitmentReport>)))]
#[get("/agreements/{id}/commitments/{commitment_id}/reports")]
async fn list_commitment_reports(
    session: Session,
    ids: Ids<2>,
    list: List<ReportFilter>,
) -> Result<Paged<CommitmentReport>, ApiError> {
    let day = list.filter.as_of;
    let all = session
        .read_logged(move |conn, cx| views::list(conn, cx, ids.0, day))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |r| r.content.on.sort_key(), |r| r.meta.id.to_string())
    })))
}

/// Report on a commitment
///
/// Of an agreement that was signed. The city's report counts at once: the commitment's `status` and
/// the agreement's `fulfilment` follow from the latest one, by its day and then by when it was
/// recorded. A partner reports on what its organization owes, and its report counts once the city
/// has confirmed it.
#[utoipa::path(tag = "agreements", operation_id = "create_commitment_report", request_body = CommitmentReportCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id")),
    responses((status = 201, description = "The report as recorded", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports")]
async fn create_commitment_report(
    session: Session,
    ids: Ids<2>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<CommitmentReportCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    let Body { value, digest } = body;
    let location = |report: &CommitmentReport| {
        let (agreement, commitment) = (report.agreement_id, report.commitment_id);
        let id = report.meta.id;
        format!("/api/v1/agreements/{agreement}/commitments/{commitment}/reports/{id}")
    };
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        acts::create(conn, cx, ids.0, &value)
    })
    .await
}

/// Read a report on a commitment
///
/// With what became of it: whether it counts, awaits confirmation, was declined or retracted.
#[utoipa::path(tag = "agreements", operation_id = "get_commitment_report",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report", body = CommitmentReport)))]
#[get("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}")]
async fn get_commitment_report(
    session: Session,
    ids: Ids<3>,
    _: Params<NoParams>,
) -> Result<Single<CommitmentReport>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| views::get(conn, cx, ids.0))
            .await?,
    ))
}

/// Confirm a partner's report
///
/// It then counts, from its own day.
#[utoipa::path(tag = "agreements", operation_id = "confirm_commitment_report", request_body = ConfirmationCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as confirmed", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/confirm")]
async fn confirm_commitment_report(
    session: Session,
    ids: Ids<3>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<ConfirmationCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        acts::confirm(conn, cx, ids.0, &value)
    })
    .await
}

/// Decline a partner's report
///
/// It does not count, and stays visible with the reason.
#[utoipa::path(tag = "agreements", operation_id = "decline_commitment_report", request_body = RefusalCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as declined", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/decline")]
async fn decline_commitment_report(
    session: Session,
    ids: Ids<3>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<RefusalCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        acts::decline(conn, cx, ids.0, &value)
    })
    .await
}

/// Retract a report
///
/// One that was a mistake: it no longer counts, and stays visible with the reason. The city retracts
/// any, a partner its own as long as the city has not confirmed it.
#[utoipa::path(tag = "agreements", operation_id = "retract_commitment_report", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id")),
    responses((status = 200, description = "The report as retracted", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/retraction")]
async fn retract_commitment_report(
    session: Session,
    ids: Ids<3>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<RetractionCreate>,
) -> Result<Posted<CommitmentReport>, ApiError> {
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        acts::retract(conn, cx, ids.0, &value)
    })
    .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_reports)
        .service(list_commitment_reports)
        .service(create_commitment_report)
        .service(get_commitment_report)
        .service(confirm_commitment_report)
        .service(decline_commitment_report)
        .service(retract_commitment_report);
}
