//! `/statistics/milestones`

use actix_web::{HttpRequest, get};

use super::figures;
use super::types::{
    MilestoneRecord, MilestoneRecordFilter, MilestoneStatistics, MilestoneStatisticsFilter,
};
use crate::access::Session;
use crate::db::page::PageBody;
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{List, Logged, Paged, Paging, Params};
use crate::statistics::gather::{check_group, recorded_as_of};

/// Read statistics of milestones
///
/// How many there are, how they stand, how many were on time, how far they slipped, which statements
/// moved their targets, and how fresh what is known of them is: for all that the caller sees and asks
/// for, and by group. Every figure says in `formula` what it is, and links to the list of the very
/// records behind it; what it leaves out is counted, by the reason. Where there is nothing to divide by
/// or to measure it is null. With `as_of` as it was known on that day. It takes as long as the
/// milestones asked for are many: those of one municipality or project take no longer for those of
/// others.
#[utoipa::path(tag = "statistics", operation_id = "get_milestone_statistics", params(MilestoneStatisticsFilter),
    responses((status = 200, description = "The statistics", body = MilestoneStatistics)))]
#[get("/statistics/milestones")]
async fn get_milestone_statistics(
    session: Session,
    req: HttpRequest,
    query: Params<MilestoneStatisticsFilter>,
) -> Result<Logged<MilestoneStatistics>, ApiError> {
    // The lists are of the same past as the figures.
    let link = query.0.link().with_those([recorded_as_of(&req)]);
    session
        .read_logged(move |conn, cx| figures::statistics(conn, cx, &query.0, &link))
        .await
}

/// List the records behind a figure of milestones
///
/// The milestones that a figure of `/statistics/milestones` counts or leaves out, or the statements that
/// moved their targets, with where each stands in it. The figures link here. By project, and in it in
/// the order in which they were recorded.
#[utoipa::path(tag = "statistics", operation_id = "list_milestone_statistics_records", params(MilestoneRecordFilter, Paging),
    responses((status = 200, description = "One page of records", body = PageBody<MilestoneRecord>)))]
#[get("/statistics/milestones/records")]
async fn list_milestone_statistics_records(
    session: Session,
    list: List<MilestoneRecordFilter>,
) -> Result<Paged<MilestoneRecord>, ApiError> {
    let List { filter, page } = list;
    let grouped = filter.group_by.is_some();
    check_group(grouped, filter.group.is_some(), filter.group_unknown)?;
    let listed = session.read_logged(move |conn, cx| figures::records(conn, cx, &filter, &page));
    Ok(Paged(listed.await?))
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(get_milestone_statistics)
        .service(list_milestone_statistics_records);
}
