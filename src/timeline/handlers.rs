//! Handlers of `/timeline` and `/projects/{id}/timeline`.

use std::ops::{Range, RangeInclusive};

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::calendar::get_timeline_calendar;
use super::store;
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Session};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::values::Precision;
use crate::kernel::values::{
    AgreementRef, DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef, WorkingGroupRef,
};
use crate::projections::timeline_entry::{EntryKind, EntryType, TimelineStatus};
use crate::projects::store as projects;

/// A timeline item: a dated event or target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    /// Type of the item.
    #[serde(rename = "type")]
    pub type_: EntryType,
    /// Kind: for a milestone, its step; for a signing or an expiry, the kind of the agreement;
    /// otherwise `commitment` or `meeting`.
    pub kind: EntryKind,
    /// Id of the milestone, agreement, commitment or meeting.
    pub id: Uuid,
    /// Title of the item.
    pub title: Localized,
    /// Municipality to which the item belongs.
    pub municipality: OrganizationRef,
    /// Project of the milestone, or of the meeting's working group.
    pub project: Option<ProjectRef>,
    /// Key of the phase of the project to which the milestone belongs; null if it belongs to the whole
    /// project.
    #[schema(example = "2")]
    pub phase: Option<String>,
    /// Agreement of the signing, expiry or commitment.
    pub agreement: Option<AgreementRef>,
    /// Working group of the meeting.
    pub working_group: Option<WorkingGroupRef>,
    /// Parties to the agreement, or attendees of the meeting.
    pub organizations: Vec<OrganizationRef>,
    /// Date by which items are sorted: the actual date, or else the target; null if both are
    /// unknown.
    pub when: Option<ImpreciseDate>,
    /// First target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// Latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// Date on which it happened.
    pub actual: Option<ImpreciseDate>,
    /// Status on the requested day. An item that has happened is `met`, including an expiry whose
    /// last day in force has passed; one that is no longer expected is `cancelled`.
    pub status: TimelineStatus,
    /// Number of days since the last day of the target; null if the item is not overdue.
    #[schema(minimum = 1, example = json!(null))]
    pub overdue_days: Option<i64>,
    /// Distance from the first target, in days.
    pub slip: Option<DayRange>,
    /// Days from the last day of the first target to the last day of the latest one or, if it has
    /// happened, of that date: then 0 if it does not lie after. Null if one of them has no last
    /// day, if it may have happened in time or not, or if there is no slip.
    #[schema(example = 664)]
    pub deadline_slip_days: Option<i64>,
}

/// Sort orders of the timeline; `-` for descending. Undated items come last.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum TimelineSort {
    #[serde(rename = "when")]
    When,
    #[serde(rename = "-when")]
    WhenDown,
}

pub(super) fn order(sort: Option<TimelineSort>) -> Order {
    match sort.unwrap_or(TimelineSort::When) {
        TimelineSort::When => {
            Order::ascending("timeline_entries.sort_when", "timeline_entries.entry_id")
        }
        TimelineSort::WhenDown => {
            Order::descending("timeline_entries.sort_when", "timeline_entries.entry_id")
        }
    }
}

/// Filters of the timeline.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineFilter {
    /// Only items of this municipality, including those of agreements that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only items of this project or of the agreements that serve it.
    pub project_id: Option<ProjectId>,
    /// Only milestones of the phase with this key, in each project or in that of `project_id`.
    #[param(max_length = 50, pattern = r"^.+$", example = "2")]
    pub phase: Option<String>,
    /// Only agreements to which this organization is a party, projects that it carries out, and
    /// meetings that it attended or that took place while it was a member of the group.
    pub organization_id: Option<OrganizationId>,
    /// Only items of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 6, example = json!(["milestone"]))]
    #[serde(rename = "type")]
    pub types: Option<Vec<EntryType>>,
    /// Only items of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["groundbreaking"]))]
    #[serde(rename = "kind")]
    pub kinds: Option<Vec<EntryKind>>,
    /// Only items in these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 10, example = json!(["overdue"]))]
    pub status: Option<Vec<TimelineStatus>>,
    /// Only items on or after this day; imprecise dates match if they can.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only items on or before this day; imprecise dates match if they can.
    #[param(example = "2026-12-31")]
    pub to: Option<NaiveDate>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<NaiveDate>,
    /// Sort order. Defaults to `when`.
    #[param(example = "when")]
    pub sort: Option<TimelineSort>,
    /// Restriction used by digests and pages; not available as a parameter.
    #[serde(skip)]
    #[param(ignore)]
    pub only: Option<Restriction>,
    /// Only items of the agreements of this lead department; not available as a parameter.
    #[serde(skip)]
    #[param(ignore)]
    pub department: Option<String>,
}

/// Restrictions of the timeline used by digests and pages.
#[derive(Clone, Debug)]
pub enum Restriction {
    /// Items whose last possible day is in this range, with both its ends.
    EndingIn(RangeInclusive<NaiveDate>),
    /// Items whose present state became known in this range of days.
    KnownFrom(Range<NaiveDate>),
}

impl Filter for TimelineFilter {
    fn order(&self) -> Order {
        order(self.sort)
    }
}

/// Filters of a project's timeline.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectTimelineFilter {
    /// Only milestones of the phase with this key.
    #[param(max_length = 50, pattern = r"^.+$", example = "2")]
    phase: Option<String>,
    /// Only items of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 6, example = json!(["milestone"]))]
    #[serde(rename = "type")]
    types: Option<Vec<EntryType>>,
    /// Only items of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["groundbreaking"]))]
    #[serde(rename = "kind")]
    kinds: Option<Vec<EntryKind>>,
    /// Only items in these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 10, example = json!(["overdue"]))]
    status: Option<Vec<TimelineStatus>>,
    /// Only items on or after this day; imprecise dates match if they can.
    #[param(example = "2021-01-01")]
    from: Option<NaiveDate>,
    /// Only items on or before this day; imprecise dates match if they can.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2021-12-31")]
    as_of: Option<NaiveDate>,
    /// Sort order. Defaults to `when`.
    #[param(example = "when")]
    sort: Option<TimelineSort>,
}

impl Filter for ProjectTimelineFilter {
    fn order(&self) -> Order {
        order(self.sort)
    }
}

/// List the timeline
///
/// Returns milestones, signings, expiries, due commitments and meetings as one list, ordered by
/// date. With `as_of`, items and statuses are as known on that day. An expiry is `met` once the
/// last day in force has passed, and `cancelled` if the agreement ended before it. A commitment is
/// `met` or `met_late` once a report that counts declares it fulfilled, `failed` once one declares
/// it unfulfilled, and `cancelled` if it was dropped or carried over.
#[utoipa::path(tag = "timeline", operation_id = "list_timeline", params(TimelineFilter, Paging),
    responses((status = 200, description = "One page of the timeline", body = PageBody<TimelineItem>)))]
#[get("/timeline")]
async fn list_timeline(
    session: Session,
    list: List<TimelineFilter>,
) -> Result<Paged<TimelineItem>, ApiError> {
    let view = format!("timeline {:?}", list.filter.as_of);
    session
        .read_shown_list(view, list, store::find, |conn, cx, filter, keys| {
            store::shown_items(conn, cx, keys, filter.as_of)
        })
        .await
}

/// List the timeline of a project
///
/// Returns the project's milestones and the items of the agreements that serve it.
#[utoipa::path(tag = "timeline", operation_id = "list_project_timeline",
    params(("id" = Uuid, Path, description = "The project's id"), ProjectTimelineFilter, Paging),
    responses((status = 200, description = "One page of the timeline", body = PageBody<TimelineItem>)))]
#[get("/projects/{id}/timeline")]
async fn list_project_timeline(
    session: Session,
    Path(id): Path<ProjectId>,
    list: List<ProjectTimelineFilter>,
) -> Result<Paged<TimelineItem>, ApiError> {
    let ProjectTimelineFilter {
        phase,
        types,
        kinds,
        status,
        from,
        to,
        as_of,
        sort,
    } = list.filter;
    let project_id = Some(id);
    let filter = TimelineFilter {
        project_id,
        phase,
        types,
        kinds,
        status,
        from,
        to,
        as_of,
        sort,
        ..TimelineFilter::default()
    };
    let page = list.page;
    let view = format!("timeline {as_of:?}");
    session
        .read_shown_list(
            view,
            List { filter, page },
            move |conn, cx, filter, page| {
                projects::owner_of(conn, cx, id)?;
                store::find(conn, cx, filter, page)
            },
            |conn, cx, filter, keys| store::shown_items(conn, cx, keys, filter.as_of),
        )
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag("timeline", "All dated events in one list, as of any day")
        .schema::<TimelineSort>()
        .schema::<EntryType>()
        .schema::<EntryKind>()
        .schema::<TimelineStatus>()
        .schema::<Precision>();
    config
        .route(list_timeline, Access::Read)
        .route(get_timeline_calendar, Access::Read.to_figures())
        .route(list_project_timeline, Access::Read);
}
