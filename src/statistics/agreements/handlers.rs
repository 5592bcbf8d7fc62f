//! Handlers of `/statistics/agreements`.

use actix_web::{HttpRequest, get};

use super::types::{
    AgreementRecord, AgreementRecordFilter, AgreementStatistics, AgreementStatisticsFilter,
};
use super::{figures, records};
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, List, Paged, Paging, Session, link};
use crate::kernel::error::ApiError;
use crate::statistics::filter::recorded_as_of;

/// Read statistics of agreements
///
/// Returns the number of agreements, their statuses, how many are in force, execution rates of
/// agreements and commitments, and freshness: over all agreements that the caller can see and that
/// match the filters, and per group. `formulas` defines the figures, and each links to the list of
/// records behind it. Groups come in pages. A ratio shows its numerator, denominator and the records it
/// leaves out by reason, and is null if its denominator is 0. Records whose group is unknown form a
/// group of their own. An agreement with several parties, topics or projects counts in each of
/// these groups, but once in `totals`. With `as_of`, the figures are as known on that day. The
/// response time grows with the number of matching agreements only: other municipalities and
/// projects do not slow it down.
#[utoipa::path(tag = "statistics", operation_id = "get_agreement_statistics", params(AgreementStatisticsFilter, Paging),
    responses((status = 200, description = "The statistics", body = AgreementStatistics)))]
#[get("/statistics/agreements")]
async fn get_agreement_statistics(
    req: HttpRequest,
    session: Session,
    list: List<AgreementStatisticsFilter>,
) -> Result<Answered<AgreementStatistics>, ApiError> {
    let List { filter, page } = list;
    // The linked lists show the same system time as the figures.
    let link = filter.link().reached_at(link(&req, ""));
    let link = link.with_those([recorded_as_of(&req)]);
    let read = move |conn: &mut _, cx: &_| figures::statistics(conn, cx, &filter, &link, &page);
    session.read_rows(read).await
}

/// List the records behind a figure of agreements
///
/// Returns the agreements, or their commitments, that a figure of `/statistics/agreements` counts
/// or leaves out, each with its place in the figure. The figures link here. Ordered by time of
/// recording.
#[utoipa::path(tag = "statistics", operation_id = "list_agreement_statistics_records", params(AgreementRecordFilter, Paging),
    responses((status = 200, description = "One page of records", body = PageBody<AgreementRecord>)))]
#[get("/statistics/agreements/records")]
async fn list_agreement_statistics_records(
    session: Session,
    list: List<AgreementRecordFilter>,
) -> Result<Paged<AgreementRecord>, ApiError> {
    list.filter.shared().check()?;
    session.read_list(list, records::records).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(get_agreement_statistics, Access::Read.to_figures())
        .route(list_agreement_statistics_records, Access::Read.to_figures());
}
