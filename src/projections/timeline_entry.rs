//! Timeline entries: a projection of the records, written together with them.
//!
//! Each row holds what was known of one timeline item during an interval of days: a milestone whose
//! target moved twice has three rows. A view as of any day is a single range query; only the status
//! depends on the day.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::schema::timeline_entries as t;
use crate::db::{AnyConnection, Json, directly};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, ProjectId, WorkingGroupId};
use crate::kernel::values::{
    AgreementRef, DayRange, ImpreciseDate, Localized, deadline_slip_days, to_db,
};
use crate::ledger::Visibility;

/// End of an open-ended interval of knowledge.
pub const NEVER_ENDS: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("the day exists");

/// Last day before [`NEVER_ENDS`].
pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 30).expect("the day exists");

/// Start of an interval of knowledge without a dated start.
pub const ALWAYS: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("the day exists");

/// Sort key of undated entries, which come last.
pub const UNDATED: &str = "~";

/// Type of a timeline item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryType {
    Milestone,
    Signing,
    Expiry,
    RenewalNotice,
    Commitment,
    Meeting,
}

impl EntryType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Milestone => "milestone",
            Self::Signing => "signing",
            Self::Expiry => "expiry",
            Self::RenewalNotice => "renewal_notice",
            Self::Commitment => "commitment",
            Self::Meeting => "meeting",
        }
    }
}

/// Kind of a timeline item: the step of a milestone, the kind of the agreement signed or expiring,
/// `commitment` or `meeting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    ZoneDesignation,
    DevelopmentPlan,
    PlanApproval,
    PlanAmendment,
    Compensation,
    Groundbreaking,
    LandSupply,
    Completion,
    Mou,
    Moa,
    Cooperation,
    Investment,
    Sisterhood,
    Implementation,
    AcademicExchange,
    Contract,
    Commitment,
    Meeting,
    /// A milestone or an agreement of another kind.
    Other,
}

/// Status of a timeline item on a day.
///
/// - `planned`: the day lies before the target.
/// - `due`: the day lies within the target.
/// - `overdue`: the whole target has passed.
/// - `met_late`: met after the whole baseline, or for a commitment, after the whole due date.
/// - `failed`: a commitment that a report which counts declares `unfulfilled`.
/// - `suspended`: a milestone that stands still, without being given up.
/// - `cancelled`: no longer expected. For a commitment: dropped, carried over, or still open when
///   its agreement was terminated or superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimelineStatus {
    Planned,
    Due,
    Overdue,
    PartiallyMet,
    Met,
    MetLate,
    Failed,
    Suspended,
    Cancelled,
    Unknown,
}

/// State of a timeline item, independent of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not reached; planned, due or overdue depending on the day.
    Open,
    PartiallyMet,
    Met,
    MetLate,
    /// A commitment that was not fulfilled.
    Failed,
    /// A milestone that stands still.
    Suspended,
    Cancelled,
    /// The outcome is unknown.
    Unknown,
}

impl Phase {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::PartiallyMet => "partially_met",
            Self::Met => "met",
            Self::MetLate => "met_late",
            Self::Failed => "failed",
            Self::Suspended => "suspended",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the status on a day. An open item is planned before its target, due within it and
    /// overdue after it; of a target in words alone, none of them is known.
    pub fn status(self, target: Option<&ImpreciseDate>, day: NaiveDate) -> TimelineStatus {
        match (self, target) {
            (Self::PartiallyMet, _) => TimelineStatus::PartiallyMet,
            (Self::Met, _) => TimelineStatus::Met,
            (Self::MetLate, _) => TimelineStatus::MetLate,
            (Self::Failed, _) => TimelineStatus::Failed,
            (Self::Suspended, _) => TimelineStatus::Suspended,
            (Self::Cancelled, _) => TimelineStatus::Cancelled,
            (Self::Unknown, _) | (Self::Open, None) => TimelineStatus::Unknown,
            (Self::Open, Some(target)) if !target.is_dated() => TimelineStatus::Unknown,
            (Self::Open, Some(target)) if target.starts_after(day) => TimelineStatus::Planned,
            (Self::Open, Some(target)) if target.ends_before(day) => TimelineStatus::Overdue,
            (Self::Open, Some(_)) => TimelineStatus::Due,
        }
    }

    /// Returns the number of days since the last day of the target if the item is overdue.
    pub fn overdue_days(self, target: Option<&ImpreciseDate>, day: NaiveDate) -> Option<i64> {
        let last = target.and_then(ImpreciseDate::latest)?;
        (self.status(target, day) == TimelineStatus::Overdue).then(|| (day - last).num_days())
    }
}

/// State of a timeline item, known from `known_from` until before `known_until`.
#[derive(Clone, Debug)]
pub struct Entry {
    pub type_: EntryType,
    pub kind: EntryKind,
    pub record_id: Uuid,
    /// The record with which the entry is written: a milestone, an agreement or a meeting.
    pub owner_id: Uuid,
    pub municipality_id: OrganizationId,
    /// Visibility of the entry.
    pub visibility: Visibility,
    pub project_id: Option<ProjectId>,
    /// Key of the phase of the project to which a milestone belongs.
    pub project_phase: Option<String>,
    pub agreement: Option<AgreementRef>,
    pub working_group_id: Option<WorkingGroupId>,
    pub known_from: NaiveDate,
    pub known_until: NaiveDate,
    pub title: Localized,
    pub phase: Phase,
    /// Date by which entries are sorted: the actual date, or else the target.
    pub when: Option<ImpreciseDate>,
    pub baseline: Option<ImpreciseDate>,
    pub target: Option<ImpreciseDate>,
    pub actual: Option<ImpreciseDate>,
    pub slip: Option<DayRange>,
    /// Milestones and agreements from which a date of the entry is counted.
    pub follows: Vec<Uuid>,
}

/// The part of an entry that queries do not filter by.
#[derive(Debug, Serialize, Deserialize)]
pub struct EntryDoc {
    pub agreement: Option<AgreementRef>,
    pub title: Localized,
    pub phase: Phase,
    pub when: Option<ImpreciseDate>,
    pub baseline: Option<ImpreciseDate>,
    pub target: Option<ImpreciseDate>,
    pub actual: Option<ImpreciseDate>,
    pub slip: Option<DayRange>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub follows: Vec<Uuid>,
}

impl EntryDoc {
    /// Returns the slip from deadline to deadline; `None` where no slip is shown.
    pub fn deadline_slip_days(&self) -> Option<i64> {
        self.slip?;
        let reached = self.actual.as_ref().or(self.target.as_ref())?;
        deadline_slip_days(self.baseline.as_ref()?, reached, self.actual.is_some())
    }
}

/// Removes the entries of a record.
pub fn remove(conn: &mut AnyConnection, owner: &str) -> Result<(), ApiError> {
    diesel::delete(t::table.filter(t::owner_id.eq(owner))).execute(conn)?;
    Ok(())
}

/// Returns the first possible day as comparable text.
fn begins(when: Option<&ImpreciseDate>) -> String {
    let first = |date: &ImpreciseDate| date.earliest().map(|day| day.to_string());
    when.map_or_else(|| UNDATED.into(), |date| first(date).unwrap_or_default())
}

/// Inserts the entries of a record.
pub fn insert(conn: &mut AnyConnection, entries: Vec<Entry>) -> Result<(), ApiError> {
    let sort_key = |date: &ImpreciseDate| date.sort_key();
    for e in entries {
        let target = e.target.as_ref();
        let when = e.when.as_ref().filter(|when| when.is_dated());
        let phase = match e.phase {
            Phase::Open if !target.is_some_and(ImpreciseDate::is_dated) => Phase::Unknown,
            phase => phase,
        };
        debug_assert!(
            phase != Phase::Open || when.map(sort_key) == target.map(sort_key),
            "lists of open entries are bounded by the date"
        );
        let columns = (
            t::entry_id.eq(format!("{}:{}", e.type_.as_str(), e.record_id)),
            t::known_from.eq(e.known_from),
            t::known_until.eq(e.known_until),
            t::owner_id.eq(e.owner_id.to_string()),
            t::record_id.eq(e.record_id.to_string()),
            t::type_.eq(e.type_.as_str()),
            t::kind.eq(to_db(&e.kind)),
            t::municipality_id.eq(e.municipality_id.to_string()),
            t::visibility.eq(e.visibility.as_str()),
            t::project_id.eq(e.project_id.map(|id| id.to_string())),
            t::project_phase.eq(e.project_phase),
            t::working_group_id.eq(e.working_group_id.map(|id| id.to_string())),
            t::sort_when.eq(when.map_or_else(|| UNDATED.into(), sort_key)),
            t::begins.eq(begins(when)),
            t::phase.eq(phase.as_str()),
            t::target_earliest.eq(target.and_then(ImpreciseDate::earliest)),
            t::target_latest.eq(target.and_then(ImpreciseDate::latest)),
        );
        let doc = EntryDoc {
            agreement: e.agreement,
            title: e.title,
            phase: e.phase,
            when: e.when,
            baseline: e.baseline,
            target: e.target,
            actual: e.actual,
            slip: e.slip,
            follows: e.follows,
        };
        let inserted = diesel::insert_into(t::table).values((columns, t::doc.eq(Json(doc))));
        directly!(conn, inserted, execute)?;
    }
    Ok(())
}
