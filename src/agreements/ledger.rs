//! `/municipalities/{id}/ledger`: the agreements of a municipality in the columns of the ledger
//! (관리대장) that ordinances demand.

use std::collections::HashMap;

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::council::CouncilActionKind;
use super::doc::Doc;
use super::list;
use super::list::{AgreementFilter, AgreementSort};
use super::summary;
use super::summary::AgreementSummary;
use super::types::AgreementStatus;
use crate::db::page::{Listed, Order, Page, PageBody};
use crate::db::schema::agreements;
use crate::db::{AnyConnection, Json, in_list};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Session};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, Money};
use crate::ledger::RequestContext;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;

/// Agreement in the ledger of its municipality.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LedgerRow {
    #[serde(flatten)]
    pub agreement: AgreementSummary,
    /// Purpose of the agreement.
    pub purpose: Option<Localized>,
    /// Texts of the commitments.
    pub commitments: Vec<Localized>,
    /// Whether it involves financial obligations; null if the source does not state it.
    pub financial_obligation: Option<bool>,
    /// Cost; null if the source does not state it. It is a burden of the city unless
    /// `financial_obligation` is false, as where a company invests its own money.
    pub cost: Option<Money>,
    /// Kinds of the council's actions, in the order of recording.
    pub council_actions: Vec<CouncilActionKind>,
    /// Remarks, such as those in the last column of a paper ledger (비고).
    pub note: Option<Localized>,
}

/// Filter of the ledger.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerFilter {
    /// Only agreements in these statuses (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["signed"]))]
    status: Option<Vec<AgreementStatus>>,
    /// Only agreements signed on or after this day. An imprecise date matches if it can mean such a
    /// day.
    #[param(example = "2021-01-01")]
    signed_from: Option<NaiveDate>,
    /// Only agreements signed on or before this day. An imprecise date matches if it can mean such
    /// a day.
    #[param(example = "2021-12-31")]
    signed_to: Option<NaiveDate>,
    /// Sort order; oldest first by default.
    #[param(example = "signed_on")]
    sort: Option<AgreementSort>,
}

impl LedgerFilter {
    fn of(self, id: Option<OrganizationId>) -> AgreementFilter {
        AgreementFilter {
            municipality_id: id,
            status: self.status,
            signed_from: self.signed_from,
            signed_to: self.signed_to,
            sort: Some(self.sort.unwrap_or(AgreementSort::Signed)),
            ..AgreementFilter::default()
        }
    }
}

impl Filter for LedgerFilter {
    fn order(&self) -> Order {
        let sort = self.sort.unwrap_or(AgreementSort::Signed);
        let alike = AgreementFilter {
            sort: Some(sort),
            ..AgreementFilter::default()
        };
        alike.order()
    }
}

/// List the ledger of a municipality
///
/// Returns the agreements of the municipality in the columns of the ledger (관리대장) that ordinances
/// demand, oldest first. As a file, rows are numbered.
#[utoipa::path(tag = "agreements", operation_id = "list_municipality_ledger",
    params(("id" = Uuid, Path, description = "The municipality's id"), LedgerFilter, Paging),
    responses((status = 200, description = "One page of the ledger", body = PageBody<LedgerRow>)))]
#[get("/municipalities/{id}/ledger")]
async fn list_municipality_ledger(
    session: Session,
    Path(id): Path<OrganizationId>,
    list: List<LedgerFilter>,
) -> Result<Paged<LedgerRow>, ApiError> {
    let List { filter, page } = list;
    let filter = filter.of(Some(id));
    session
        .read_list(List { filter, page }, move |conn, cx, filter, page| {
            organizations::get(conn, id, Some(OrganizationKind::Municipality))?;
            rows(conn, cx, filter, page)
        })
        .await
}

/// Reads one page of the ledger.
fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementFilter,
    page: &Page,
) -> Result<Listed<LedgerRow>, ApiError> {
    let listed = list::list(conn, cx, filter, page)?;
    listed.try_map(|rows| with_texts(conn, rows))
}

/// Reads the rows of agreements that the caller sees, as the ledger has them.
///
/// # Errors
/// Fails if the database does.
pub fn rows_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
) -> Result<Vec<LedgerRow>, ApiError> {
    let shown = summary::shown_rows(conn, cx, ids, None)?;
    with_texts(conn, shown.into_iter().map(|shown| shown.row).collect())
}

/// Adds the texts of the ledger to rows of a list.
fn with_texts(
    conn: &mut AnyConnection,
    rows: Vec<AgreementSummary>,
) -> Result<Vec<LedgerRow>, ApiError> {
    let ids: Vec<String> = rows.iter().map(|row| row.meta.id.to_string()).collect();
    let docs: Vec<(String, Json<Doc>)> = agreements::table
        .filter(in_list(agreements::id, &ids))
        .select((agreements::id, agreements::doc))
        .load(conn)?;
    let mut docs: HashMap<String, Json<Doc>> = docs.into_iter().collect();
    let rows = rows.into_iter().map(|agreement| {
        let doc = docs.remove(&agreement.meta.id.to_string());
        let Json(doc) = doc.ok_or_else(ApiError::not_found)?;
        let council_actions = doc.council_actions.iter().map(|action| action.content.kind);
        let commitments = doc.commitments.into_iter();
        Ok(LedgerRow {
            agreement,
            council_actions: council_actions.collect(),
            commitments: commitments.map(|part| part.content.text).collect(),
            purpose: doc.content.purpose,
            financial_obligation: doc.content.financial_obligation,
            cost: doc.content.cost,
            note: doc.content.note,
        })
    });
    rows.collect()
}

pub fn configure(config: &mut impl Mount) {
    config.route(list_municipality_ledger, Access::Read);
}
