//! Calendars as they are sent and received.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::access::kept_addresses::AddressState;
use crate::kernel::ids::{AddressId, OrganizationId, ProjectId};
use crate::kernel::language::Language;
use crate::kernel::rule::rule_error;
use crate::kernel::values::{Meta, OrganizationRef, ProjectRef};
use crate::kernel::values::{Revision, Versioned};
use crate::projections::timeline_entry::{EntryKind, EntryType, TimelineStatus};
use crate::timeline::handlers::TimelineFilter;

/// Settings of a calendar: timeline filters and language.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order"))]
pub struct CalendarContent {
    /// Name of the calendar, also shown by the client that reads it.
    #[schema(max_length = 200, pattern = r"^.+$", example = "일산테크노밸리 일정")]
    pub name: String,
    /// Language of the texts.
    #[serde(default)]
    pub lang: Language,
    /// Only entries of this municipality.
    #[schema(value_type = Option<Uuid>, example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
    /// Only entries of this project or of the agreements that serve it.
    #[schema(value_type = Option<Uuid>, example = json!(null))]
    pub project_id: Option<ProjectId>,
    /// Only milestones of the phase with this key, in each project or in that of `project_id`.
    #[serde(default)]
    #[schema(max_length = 50, pattern = r"^.+$", example = json!(null))]
    pub phase: Option<String>,
    /// Only agreements to which this organization is a party, projects that it carries out, and its
    /// meetings.
    #[schema(value_type = Option<Uuid>, example = json!(null))]
    pub organization_id: Option<OrganizationId>,
    /// Only entries of these types; all if empty.
    #[serde(default)]
    #[schema(max_items = 6)]
    pub types: Vec<EntryType>,
    /// Only entries of these kinds; all if empty.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    pub kinds: Vec<EntryKind>,
    /// Only entries in these statuses; all if empty.
    #[serde(default)]
    #[schema(max_items = 10, example = json!([]))]
    pub status: Vec<TimelineStatus>,
    /// Only entries on or after this day; imprecise dates match if they can.
    #[schema(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only entries on or before this day; imprecise dates match if they can.
    #[schema(example = json!(null))]
    pub to: Option<NaiveDate>,
}

/// Rejects a reversed interval, which could never contain an entry.
fn in_order(calendar: &CalendarContent) -> Result<(), ValidationError> {
    match (calendar.from, calendar.to) {
        (Some(from), Some(to)) if to < from => Err(rule_error(
            "reversed",
            "/to",
            "기간의 끝이 시작보다 앞섭니다.",
            "The interval ends before it begins.",
        )),
        _ => Ok(()),
    }
}

impl CalendarContent {
    /// Returns the timeline filter of the calendar.
    pub fn timeline_filter(&self) -> TimelineFilter {
        fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
            (!list.is_empty()).then(|| list.to_vec())
        }
        TimelineFilter {
            municipality_id: self.municipality_id,
            project_id: self.project_id,
            phase: self.phase.clone(),
            organization_id: self.organization_id,
            types: some(&self.types),
            kinds: some(&self.kinds),
            status: some(&self.status),
            from: self.from,
            to: self.to,
            as_of: None,
            sort: None,
            only: None,
            department: None,
        }
    }
}

/// A calendar, without its address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Calendar {
    #[serde(flatten)]
    pub meta: Meta<AddressId>,
    #[serde(flatten)]
    pub content: CalendarContent,
    /// Municipality in `municipality_id`, with its name; null if it is no longer recorded.
    pub municipality: Option<OrganizationRef>,
    /// Project in `project_id`, with its title; null if the caller cannot see it.
    pub project: Option<ProjectRef>,
    /// Organization in `organization_id`, with its name; null if it is no longer recorded.
    pub organization: Option<OrganizationRef>,
    #[serde(flatten)]
    pub state: AddressState,
}

/// A calendar that was just created.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedCalendar {
    #[serde(flatten)]
    pub entry: Calendar,
    /// Path of the calendar on this server, or its URL if the server knows its public one. Anyone who has it can read the calendar, so it is shown
    /// only once.
    #[schema(
        example = "/api/v1/calendar-feeds/cal_0000000000000000000000000000000000000000000000000000000000000000.ics"
    )]
    pub address: String,
}

impl Versioned for Calendar {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for CreatedCalendar {
    fn revision(&self) -> Revision {
        self.entry.revision()
    }
}
