//! `/statistics/agreements`

use actix_web::{HttpRequest, get};

use super::figures;
use super::types::{
    AgreementRecord, AgreementRecordFilter, AgreementStatistics, AgreementStatisticsFilter,
};
use crate::access::Session;
use crate::db::page::PageBody;
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{List, Logged, Paged, Paging, Params};
use crate::statistics::gather::{check_group, recorded_as_of};

/// Read statistics of agreements
///
/// How many there are, in which status, how many are in force, how they and their commitments are
/// carried out, and how fresh what is known of them is: for all that the caller sees and asks for, and
/// by group. Every figure says in `formula` what it is, and links to the list of the very records
/// behind it; a ratio has its numerator and denominator, and what it leaves out, by the reason. Where
/// there is nothing to divide by it is null, and what nobody knows is a group of its own. An agreement
/// with several parties, topics or projects counts in each of these groups, and once in `totals`. With
/// `as_of` as it was known on that day. It takes as long as the agreements asked for are many: those of
/// one municipality or project take no longer for those of others.
#[utoipa::path(tag = "statistics", operation_id = "get_agreement_statistics", params(AgreementStatisticsFilter),
    responses((status = 200, description = "The statistics", body = AgreementStatistics)))]
#[get("/statistics/agreements")]
async fn get_agreement_statistics(
    session: Session,
    req: HttpRequest,
    query: Params<AgreementStatisticsFilter>,
) -> Result<Logged<AgreementStatistics>, ApiError> {
    // The lists are of the same past as the figures.
    let link = query.0.link().with_those([recorded_as_of(&req)]);
    session
        .read_logged(move |conn, cx| figures::statistics(conn, cx, &query.0, &link))
        .await
}

/// List the records behind a figure of agreements
///
/// The agreements that a figure of `/statistics/agreements` counts or leaves out, or their commitments,
/// with where each stands in it. The figures link here. In the order in which they were recorded.
#[utoipa::path(tag = "statistics", operation_id = "list_agreement_statistics_records", params(AgreementRecordFilter, Paging),
    responses((status = 200, description = "One page of records", body = PageBody<AgreementRecord>)))]
#[get("/statistics/agreements/records")]
async fn list_agreement_statistics_records(
    session: Session,
    list: List<AgreementRecordFilter>,
) -> Result<Paged<AgreementRecord>, ApiError> {
    let List { filter, page } = list;
    let grouped = filter.group_by.is_some();
    check_group(grouped, filter.group.is_some(), filter.group_unknown)?;
    let listed = session.read_logged(move |conn, cx| figures::records(conn, cx, &filter, &page));
    Ok(Paged(listed.await?))
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(get_agreement_statistics)
        .service(list_agreement_statistics_records);
}
