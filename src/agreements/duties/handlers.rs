//! `/duties`

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store;
use super::types::{Duty, DutyStatus};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Session};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::projections::policies::DutyKind;

/// Sort orders of the duty list; `-` for descending. Undated duties come last in ascending order.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum DutySort {
    #[serde(rename = "due")]
    Due,
    #[serde(rename = "-due")]
    DueDown,
}

/// Filters of the duty list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DutyFilter {
    /// Only duties of this municipality: its own, and those of its policies on its agreements and on
    /// those that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only duties of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only duties of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["review"]))]
    pub kind: Option<Vec<DutyKind>>,
    /// Only duties with these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["overdue"]))]
    pub status: Option<Vec<DutyStatus>>,
    /// Only duties that can be due on or before this day.
    #[param(example = "2026-12-31")]
    pub due_to: Option<NaiveDate>,
    /// Only duties that can be due on or after this day.
    #[param(example = "2021-01-01")]
    pub due_from: Option<NaiveDate>,
    /// Only duties of agreements of this lead department.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "전략산업과"
    )]
    pub department: Option<String>,
    /// Valid time: returns what was known on this day, as if it were today. Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
    /// Sort order. Defaults to `due`.
    #[param(example = "due")]
    pub sort: Option<DutySort>,
    /// Only duties whose last possible due date is this day. Set by the program, not a query
    /// parameter.
    #[serde(skip)]
    #[param(ignore)]
    pub ends_on: Option<NaiveDate>,
}

impl Filter for DutyFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(DutySort::Due) {
            DutySort::Due => Order::ascending("duties.sort_due", "duties.duty_id"),
            DutySort::DueDown => Order::descending("duties.sort_due", "duties.duty_id"),
        }
    }
}

/// List duties
///
/// Duties follow from the policies of municipalities: reviews, reports to the council, its consent,
/// disclosure and the decision on renewal. The notice against an automatic renewal follows from the
/// agreement itself: it is listed until its day has passed, and is never overdue, since the agreement
/// then renews and the notice of the next term is listed. So does the disclosure of what was withheld,
/// on the day after the withholding ends (`withholding_end`). Each has a due date, a legal basis and the
/// record that fulfilled it. A caller who sees an agreement sees its duties. Each of the municipalities
/// that share an agreement has duties of its own, which its own council actions, reviews and
/// publications fulfil.
///
/// A review is due one interval after the latest of the last review, the signing and the start of
/// the policy. One duty covers all reviews `missed` since then, including those under later
/// policies. After an agreement ends, only a review that was due before stays open; if the day of
/// the end is unknown, none does. No review is due after the last day in force (`effective_until`),
/// unless the agreement renews itself.
///
/// The annual report of a municipality on all its agreements is a duty of its own, without an
/// agreement: once in each calendar year from the start of the policy. Reports that were `missed` are
/// counted like reviews.
///
/// A report in the council's next session is due on the last day of the first session that begins
/// after the reported event, among the sessions recorded in the policies. Until that session is
/// recorded, `due` has no end.
///
/// With `as_of`, duties are shown as known on that day, under the policies recorded today.
#[utoipa::path(tag = "duties", operation_id = "list_duties", params(DutyFilter, Paging),
    responses((status = 200, description = "One page of duties", body = PageBody<Duty>)))]
#[get("/duties")]
async fn list_duties(session: Session, list: List<DutyFilter>) -> Result<Paged<Duty>, ApiError> {
    let view = format!("duties {:?}", list.filter.as_of);
    session
        .read_shown_list(view, list, store::find, |conn, cx, filter, keys| {
            store::shown(conn, cx, keys, filter.as_of)
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.route(list_duties, Access::Read);
}
