//! `/duties`

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use super::types::{Duty, DutyKind, DutyStatus};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{Filter, List, Paged, Paging};

/// The orders of a list of duties; `-` for descending. What has no date stands last.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum DutySort {
    #[serde(rename = "due")]
    Due,
    #[serde(rename = "-due")]
    DueDown,
}

/// Which duties are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DutyFilter {
    /// Only those of agreements of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only those of this agreement.
    pub agreement_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 6, example = json!(["review"]))]
    pub kind: Option<Vec<DutyKind>>,
    /// Only those that stand so, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["overdue"]))]
    pub status: Option<Vec<DutyStatus>>,
    /// Only those that may be due on this day or earlier.
    #[param(example = "2026-12-31")]
    pub due_before: Option<NaiveDate>,
    /// Only those that may be due on this day or later.
    #[param(example = "2021-01-01")]
    pub due_after: Option<NaiveDate>,
    /// Only those of agreements of which this department is in charge.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "전략산업과"
    )]
    pub department: Option<String>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
    /// The order of the list.
    #[param(example = "due")]
    pub sort: Option<DutySort>,
    /// Only those of which this is the last day; nobody asks for it by a parameter.
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
/// What the policies of municipalities demand of each agreement (reviews, reports to the council, its
/// consent, disclosure, a decision on renewal), by when, on which legal basis, and what has done it.
/// Who sees the agreement sees its duties. A review is due an interval after the last one, the
/// signing or the start of the policy, whichever is last; one duty stands for all that were `missed`
/// since, also under the policies that followed. Of an agreement that has ended none is open that was
/// not due before; where the day of its end is unknown, none at all. Nor is one due after the last day
/// in force (`effective_until`), unless the agreement renews itself. A report in the council's next
/// session is due on the last day of the first that begins after what it tells of, of the sessions
/// that the policies hold; before that one is recorded its `due` has no end. With `as_of` as it was known on
/// that day, under the policies as they are recorded today.
#[utoipa::path(tag = "duties", operation_id = "list_duties", params(DutyFilter, Paging),
    responses((status = 200, description = "One page of duties", body = PageBody<Duty>)))]
#[get("/duties")]
async fn list_duties(session: Session, list: List<DutyFilter>) -> Result<Paged<Duty>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| store::list(conn, cx, &filter, &page))
            .await?,
    ))
}

pub fn configure(config: &mut impl Mount) {
    config.service(list_duties);
}
