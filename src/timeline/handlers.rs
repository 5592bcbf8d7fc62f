//! `/timeline` and `/projects/{id}/timeline`

use std::ops::Range;

use actix_web::get;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::calendar::get_timeline_calendar;
use super::entry::{EntryKind, EntryType, TimelineStatus};
use super::store;
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{Filter, Id, List, Paged, Paging};
use crate::projects::store as projects;
use crate::values::{
    AgreementRef, DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef, WorkingGroupRef,
};

/// A dated thing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    /// What sort of thing it is.
    #[serde(rename = "type")]
    pub type_: EntryType,
    /// Its kind: of a milestone, its step; of a signing or an expiry, the agreement's kind;
    /// `commitment` and `meeting` of the others.
    pub kind: EntryKind,
    /// The id of the milestone, the agreement, the commitment or the meeting.
    pub id: Uuid,
    /// What it is called.
    pub title: Localized,
    /// Whose it is.
    pub municipality: OrganizationRef,
    /// The project of a milestone, or of a meeting's working group.
    pub project: Option<ProjectRef>,
    /// The agreement of a signing, an expiry or a commitment.
    pub agreement: Option<AgreementRef>,
    /// The working group of a meeting.
    pub working_group: Option<WorkingGroupRef>,
    /// The parties of the agreement, or who attended the meeting.
    pub organizations: Vec<OrganizationRef>,
    /// What it is sorted by: the actual date, else the target; null where neither is known.
    pub when: Option<ImpreciseDate>,
    /// The first target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// The latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// When it happened.
    pub actual: Option<ImpreciseDate>,
    /// How it stands on the day asked about. What has happened is `met`, also an expiry whose last
    /// day in force has passed; one that no longer comes is `cancelled`.
    pub status: TimelineStatus,
    /// How far it moved from the first target.
    pub slip: Option<DayRange>,
}

/// The orders of a timeline; `-` for descending. What has no date stands last.
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

/// What of the timeline is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineFilter {
    /// Only what is of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only what is of this project or of the agreements that serve it.
    pub project_id: Option<Uuid>,
    /// Only what this organization is party to or carries out, and the meetings that it attended or
    /// on whose day it was a member of the group.
    pub organization_id: Option<Uuid>,
    /// Only things of these types, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["milestone"]))]
    pub types: Option<Vec<EntryType>>,
    /// Only things of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["groundbreaking"]))]
    pub kinds: Option<Vec<EntryKind>>,
    /// Only things that stand so, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["overdue"]))]
    pub status: Option<Vec<TimelineStatus>>,
    /// Only what may lie on this day or later.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only what may lie on this day or earlier.
    #[param(example = "2026-12-31")]
    pub to: Option<NaiveDate>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<NaiveDate>,
    /// The order of the list.
    #[param(example = "when")]
    pub sort: Option<TimelineSort>,
    /// Only what a digest asks for, and nobody by a parameter.
    #[serde(skip)]
    #[param(ignore)]
    pub only: Option<Only>,
}

/// What of the timeline a digest asks for.
#[derive(Clone, Debug)]
pub enum Only {
    /// What may lie on this day and no later.
    EndingOn(NaiveDate),
    /// What became as it is known on one of these days, the last of them left out.
    KnownFrom(Range<NaiveDate>),
}

impl Filter for TimelineFilter {
    fn order(&self) -> Order {
        order(self.sort)
    }
}

/// What of a project's timeline is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectTimelineFilter {
    /// Only things of these types, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["milestone"]))]
    types: Option<Vec<EntryType>>,
    /// Only things of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["groundbreaking"]))]
    kinds: Option<Vec<EntryKind>>,
    /// Only things that stand so, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["overdue"]))]
    status: Option<Vec<TimelineStatus>>,
    /// Only what may lie on this day or later.
    #[param(example = "2021-01-01")]
    from: Option<NaiveDate>,
    /// Only what may lie on this day or earlier.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2021-12-31")]
    as_of: Option<NaiveDate>,
    /// The order of the list.
    #[param(example = "when")]
    sort: Option<TimelineSort>,
}

impl Filter for ProjectTimelineFilter {
    fn order(&self) -> Order {
        order(self.sort)
    }
}

/// List everything dated
///
/// Milestones, signings, expiries, commitments due and meetings as one list, by date. With `as_of`
/// as it was known on that day, with the status as if that day were today. An expiry is `met` once
/// the last day in force has passed, and `cancelled` where the agreement ended before it. A commitment
/// is `met` or `met_late` once a report that counts says that it is fulfilled, `failed` once one says
/// that it is unfulfilled, and `cancelled` where it was dropped or carried over.
#[utoipa::path(tag = "timeline", operation_id = "list_timeline", params(TimelineFilter, Paging),
    responses((status = 200, description = "One page of the timeline", body = PageBody<TimelineItem>)))]
#[get("/timeline")]
async fn list_timeline(
    session: Session,
    list: List<TimelineFilter>,
) -> Result<Paged<TimelineItem>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| store::list(conn, cx, &filter, &page))
            .await?,
    ))
}

/// List everything dated of a project
///
/// Its milestones, and what the agreements that serve it say.
#[utoipa::path(tag = "timeline", operation_id = "list_project_timeline",
    params(("id" = Uuid, Path, description = "The project's id"), ProjectTimelineFilter, Paging),
    responses((status = 200, description = "One page of the timeline", body = PageBody<TimelineItem>)))]
#[get("/projects/{id}/timeline")]
async fn list_project_timeline(
    session: Session,
    id: Id,
    list: List<ProjectTimelineFilter>,
) -> Result<Paged<TimelineItem>, ApiError> {
    let [id] = id.0;
    let ProjectTimelineFilter {
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
        types,
        kinds,
        status,
        from,
        to,
        as_of,
        sort,
        ..TimelineFilter::default()
    };
    let listed = session.read_logged(move |conn, cx| {
        projects::owner_of(conn, cx, id)?;
        store::list(conn, cx, &filter, &list.page)
    });
    Ok(Paged(listed.await?))
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_timeline)
        .service(get_timeline_calendar)
        .service(list_project_timeline);
}
