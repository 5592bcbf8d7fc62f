//! What the timelines show, as it is written beside the records that it follows from.
//!
//! One row holds what was known of one dated thing during a span of days: a milestone whose target
//! moved twice has three rows. A view of any day is then one range query, and only the status is
//! left to be told from the day.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Visibility;
use crate::agreements::types::AgreementKind;
use crate::db::AnyConnection;
use crate::db::schema::timeline_entries as t;
use crate::error::ApiError;
use crate::projects::milestones::types::{MilestoneKind, MilestoneStatus};
use crate::values::{AgreementRef, DayRange, ImpreciseDate, Localized, to_stored, word};

/// The end of a span of knowledge that has not ended.
pub const NEVER_ENDS: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 31).expect("the day exists");

/// The last day before that end.
pub const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(9999, 12, 30).expect("the day exists");

/// The start of a span of knowledge of which nothing is dated.
pub const ALWAYS: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).expect("the day exists");

/// The sort key of what has no date: it stands last.
pub const UNDATED: &str = "~";

/// What sort of dated thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryType {
    Milestone,
    Signing,
    Expiry,
    Commitment,
    Meeting,
}

impl EntryType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Milestone => "milestone",
            Self::Signing => "signing",
            Self::Expiry => "expiry",
            Self::Commitment => "commitment",
            Self::Meeting => "meeting",
        }
    }
}

/// The kind of a dated thing: a milestone's step, the kind of the agreement that is signed or
/// expires, `commitment` or `meeting`.
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
    Commitment,
    Meeting,
    /// Of a milestone or an agreement of another kind.
    Other,
}

impl From<MilestoneKind> for EntryKind {
    fn from(kind: MilestoneKind) -> Self {
        match kind {
            MilestoneKind::ZoneDesignation => Self::ZoneDesignation,
            MilestoneKind::DevelopmentPlan => Self::DevelopmentPlan,
            MilestoneKind::PlanApproval => Self::PlanApproval,
            MilestoneKind::PlanAmendment => Self::PlanAmendment,
            MilestoneKind::Compensation => Self::Compensation,
            MilestoneKind::Groundbreaking => Self::Groundbreaking,
            MilestoneKind::LandSupply => Self::LandSupply,
            MilestoneKind::Completion => Self::Completion,
            MilestoneKind::Other => Self::Other,
        }
    }
}

impl From<AgreementKind> for EntryKind {
    fn from(kind: AgreementKind) -> Self {
        match kind {
            AgreementKind::Mou => Self::Mou,
            AgreementKind::Moa => Self::Moa,
            AgreementKind::Cooperation => Self::Cooperation,
            AgreementKind::Investment => Self::Investment,
            AgreementKind::Sisterhood => Self::Sisterhood,
            AgreementKind::Implementation => Self::Implementation,
            AgreementKind::Other => Self::Other,
        }
    }
}

/// How a dated thing stands on a day. `planned`: the day lies before the target; `due`: within it;
/// `overdue`: the whole target has passed; `met_late`: met after the whole baseline, of a commitment
/// after the whole time in which it was due; `failed`: a commitment that a report which counts calls
/// `unfulfilled`, a promise that was not kept; `cancelled`: what no longer comes, so of a commitment one
/// that was dropped or carried over, or was still open as its agreement was terminated or superseded.
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
    Cancelled,
    Unknown,
}

impl From<TimelineStatus> for MilestoneStatus {
    fn from(status: TimelineStatus) -> Self {
        match status {
            TimelineStatus::Planned => Self::Planned,
            TimelineStatus::Due => Self::Due,
            TimelineStatus::Overdue => Self::Overdue,
            TimelineStatus::PartiallyMet => Self::PartiallyMet,
            TimelineStatus::Met => Self::Met,
            TimelineStatus::MetLate => Self::MetLate,
            TimelineStatus::Cancelled => Self::Cancelled,
            // Only commitments fail for good: a milestone's target stands also after a failure.
            TimelineStatus::Failed | TimelineStatus::Unknown => Self::Unknown,
        }
    }
}

/// What is known of a dated thing, without regard to the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not reached; the day tells whether it is planned, due or overdue.
    Open,
    PartiallyMet,
    Met,
    MetLate,
    /// A commitment that was not fulfilled.
    Failed,
    Cancelled,
    /// What became of it is not known.
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
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The status on a day: what is open is planned before its target, due within, overdue after.
    pub fn status(self, target: Option<&ImpreciseDate>, day: NaiveDate) -> TimelineStatus {
        match (self, target) {
            (Self::PartiallyMet, _) => TimelineStatus::PartiallyMet,
            (Self::Met, _) => TimelineStatus::Met,
            (Self::MetLate, _) => TimelineStatus::MetLate,
            (Self::Failed, _) => TimelineStatus::Failed,
            (Self::Cancelled, _) => TimelineStatus::Cancelled,
            (Self::Unknown, _) | (Self::Open, None) => TimelineStatus::Unknown,
            (Self::Open, Some(target)) if target.starts_after(day) => TimelineStatus::Planned,
            (Self::Open, Some(target)) if target.ends_before(day) => TimelineStatus::Overdue,
            (Self::Open, Some(_)) => TimelineStatus::Due,
        }
    }
}

/// What was known of a dated thing from one day until before another.
#[derive(Clone, Debug)]
pub struct Entry {
    pub type_: EntryType,
    pub kind: EntryKind,
    pub record_id: Uuid,
    /// The record with which it is written: a milestone, an agreement, a meeting.
    pub owner_id: Uuid,
    pub municipality_id: Uuid,
    /// Who may see it.
    pub audience: Visibility,
    pub project_id: Option<Uuid>,
    pub agreement: Option<AgreementRef>,
    pub working_group_id: Option<Uuid>,
    pub known_from: NaiveDate,
    pub known_until: NaiveDate,
    pub title: Localized,
    pub phase: Phase,
    /// What it is sorted by: the actual date, else the target.
    pub when: Option<ImpreciseDate>,
    pub baseline: Option<ImpreciseDate>,
    pub target: Option<ImpreciseDate>,
    pub actual: Option<ImpreciseDate>,
    pub slip: Option<DayRange>,
}

/// The part of an entry that no query looks into.
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
}

/// Removes the entries of a record.
///
/// # Errors
/// What the database says.
pub fn remove(conn: &mut AnyConnection, owner: &str) -> Result<(), ApiError> {
    diesel::delete(t::table.filter(t::owner_id.eq(owner))).execute(conn)?;
    Ok(())
}

/// The first day, to be compared as text.
fn begins(when: Option<&ImpreciseDate>) -> String {
    let first = |date: &ImpreciseDate| date.earliest().map(|day| day.to_string());
    when.map_or_else(|| UNDATED.into(), |date| first(date).unwrap_or_default())
}

/// Writes the entries of a record.
///
/// # Errors
/// What the database says.
pub fn insert(conn: &mut AnyConnection, entries: Vec<Entry>) -> Result<(), ApiError> {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string());
    let sort_key = |date: &ImpreciseDate| date.sort_key();
    for e in entries {
        let target = e.target.as_ref();
        let phase = match (e.phase, target) {
            (Phase::Open, None) => Phase::Unknown,
            (phase, _) => phase,
        };
        let columns = (
            t::entry_id.eq(format!("{}:{}", e.type_.as_str(), e.record_id)),
            t::known_from.eq(e.known_from),
            t::known_until.eq(e.known_until),
            t::owner_id.eq(e.owner_id.to_string()),
            t::record_id.eq(e.record_id.to_string()),
            t::type_.eq(e.type_.as_str()),
            t::kind.eq(word(&e.kind)),
            t::municipality_id.eq(e.municipality_id.to_string()),
            t::audience.eq(e.audience.as_str()),
            t::project_id.eq(text(e.project_id)),
            t::working_group_id.eq(text(e.working_group_id)),
            t::sort_when.eq(e.when.as_ref().map_or_else(|| UNDATED.into(), sort_key)),
            t::begins.eq(begins(e.when.as_ref())),
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
        };
        diesel::insert_into(t::table)
            .values((columns, t::doc.eq(to_stored(&doc)?)))
            .execute(conn)?;
    }
    Ok(())
}
