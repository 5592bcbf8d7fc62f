//! Handlers of `/reconciliation`.

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::Finding;
use super::store;
use super::types::{
    DifferenceMember, ReconciliationFigures, ReconciliationFinding, ReconciliationRow,
};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, Filter, List, Paged, Paging, Read, Session};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::tidy;

/// Sort order of findings; `-` for descending. In ascending order, those without a date come first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum ReconciliationSort {
    #[serde(rename = "day")]
    Day,
    #[serde(rename = "-day")]
    DayDown,
}

/// Filter of findings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReconciliationFilter {
    /// Municipality whose announcements and records are compared.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
    /// Only these findings (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["not_recorded"]))]
    pub finding: Option<Vec<ReconciliationFinding>>,
    /// Only findings of this lead department.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "전략산업과"
    )]
    pub department: Option<String>,
    /// Only findings on or after this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only findings on or before this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2021-12-31")]
    pub to: Option<NaiveDate>,
    /// Sort order; newest first by default.
    #[param(example = "-day")]
    pub sort: Option<ReconciliationSort>,
}

impl Filter for ReconciliationFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(ReconciliationSort::DayDown) {
            ReconciliationSort::Day => Order::ascending("day", "key"),
            ReconciliationSort::DayDown => Order::descending("day", "key"),
        }
    }
}

impl ReconciliationFilter {
    /// Returns whether a finding is one that is asked for.
    pub(super) fn takes(&self, one: &Finding) -> bool {
        let finding = self.finding.as_ref();
        let day = one.day;
        let department = self.department.as_deref().map(tidy);
        finding.is_none_or(|wanted| wanted.contains(&one.finding))
            && (department.is_none() || department == one.department)
            && self
                .from
                .is_none_or(|from| day.latest.is_some_and(|latest| latest >= from))
            && self.to.is_none_or(|to| {
                day.latest.is_some() && day.earliest.is_none_or(|earliest| earliest <= to)
            })
    }
}

/// Selects the municipality of the figures.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReconciliationMunicipality {
    /// Municipality whose announcements and records are compared.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
}

/// Compare announcements with the record
///
/// Returns what was announced and not recorded, what was signed and never announced, what was announced
/// twice, and what was recorded otherwise than announced, with both values. An announcement that nobody
/// confirmed is `unconfirmed` if a record is proposed for it (see its `matches`), or if several are as
/// likely, and `not_recorded` otherwise. What is proposed, and its score, the staff of the municipality
/// alone see. Only announcements and records that the caller sees are compared, and no agreement that was
/// withdrawn or voided.
#[utoipa::path(tag = "announcements", operation_id = "list_reconciliation", params(ReconciliationFilter, Paging),
    responses((status = 200, description = "One page of findings", body = PageBody<ReconciliationRow>)))]
#[get("/reconciliation")]
async fn list_reconciliation(
    session: Session,
    list: List<ReconciliationFilter>,
) -> Result<Paged<ReconciliationRow>, ApiError> {
    session.read_list(list, store::list).await
}

/// Read the figures of the comparison
///
/// Returns the numbers of findings of `/reconciliation` by year and by department. An agreement counts in
/// the year of its signing, an announcement in that of the announcement.
#[utoipa::path(tag = "announcements", operation_id = "get_reconciliation_figures", params(ReconciliationMunicipality),
    responses((status = 200, description = "The figures", body = ReconciliationFigures)))]
#[get("/reconciliation/figures")]
async fn get_reconciliation_figures(
    read: Read<ReconciliationMunicipality>,
) -> Result<Answered<ReconciliationFigures>, ApiError> {
    let id = read.query.municipality_id;
    read.value(move |conn, cx| store::figures(conn, cx, id))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .schema::<ReconciliationSort>()
        .schema::<ReconciliationFinding>()
        .schema::<DifferenceMember>();
    config
        .route(list_reconciliation, Access::Read.to_figures())
        .route(get_reconciliation_figures, Access::Read.to_figures());
}
