//! Handlers of `/statistics/milestones`.

use actix_web::{HttpRequest, get};

use super::figures;
use super::types::{
    MilestoneRecord, MilestoneRecordFilter, MilestoneStatistics, MilestoneStatisticsFilter,
};
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, List, Paged, Paging, Session, link};
use crate::kernel::error::ApiError;
use crate::statistics::filter::recorded_as_of;

/// Read statistics of milestones
///
/// Returns the number of milestones, their statuses, the on-time rate, slips, moved targets and
/// freshness: over all milestones that the caller can see and that match the filters, and per
/// group. `formulas` defines the figures. Each links to the list of records behind it and counts
/// the records it leaves out by reason. Groups come in pages. A value is null if there is nothing to divide by
/// or to measure. With `as_of`, the figures are as known on that day. The response time grows with
/// the number of matching milestones only: other municipalities and projects do not slow it down.
#[utoipa::path(tag = "statistics", operation_id = "get_milestone_statistics", params(MilestoneStatisticsFilter, Paging),
    responses((status = 200, description = "The statistics", body = MilestoneStatistics)))]
#[get("/statistics/milestones")]
async fn get_milestone_statistics(
    req: HttpRequest,
    session: Session,
    list: List<MilestoneStatisticsFilter>,
) -> Result<Answered<MilestoneStatistics>, ApiError> {
    let List { filter, page } = list;
    // The linked lists show the same system time as the figures.
    let link = filter.link().reached_at(link(&req, ""));
    let link = link.with_those([recorded_as_of(&req)]);
    let read = move |conn: &mut _, cx: &_| figures::statistics(conn, cx, &filter, &link, &page);
    session.read_rows(read).await
}

/// List the records behind a figure of milestones
///
/// Returns the milestones that a figure of `/statistics/milestones` counts or leaves out, or the
/// statements that moved their targets, each with its place in the figure. The figures link here.
/// Ordered by project, then by time of recording.
#[utoipa::path(tag = "statistics", operation_id = "list_milestone_statistics_records", params(MilestoneRecordFilter, Paging),
    responses((status = 200, description = "One page of records", body = PageBody<MilestoneRecord>)))]
#[get("/statistics/milestones/records")]
async fn list_milestone_statistics_records(
    session: Session,
    list: List<MilestoneRecordFilter>,
) -> Result<Paged<MilestoneRecord>, ApiError> {
    list.filter.shared().check()?;
    session.read_list(list, figures::records).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(get_milestone_statistics, Access::Read.to_figures())
        .route(list_milestone_statistics_records, Access::Read.to_figures());
}
