//! API types of milestones.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::files::RecordFile;
use crate::kernel::ids::{MilestoneId, ProjectId, StatementId};
use crate::kernel::rule::merge_errors;
use crate::kernel::values::{
    DayRange, Gap, ImpreciseDate, Localized, LocalizedLine, Meta, ProjectRef, RelativeDate, Source,
    Warning,
};
use crate::kernel::values::{Retraction, has_an_end, misplaced_target};
use crate::kernel::values::{Revision, Versioned};
use crate::kernel::words::words;
use crate::projections::freshness::Freshness;
use crate::projections::timeline_entry::{EntryKind, TimelineStatus};

/// Step of an urban project, in Korea's terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneKind {
    ZoneDesignation,
    DevelopmentPlan,
    PlanApproval,
    PlanAmendment,
    Compensation,
    Groundbreaking,
    LandSupply,
    Completion,
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

impl MilestoneKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ZoneDesignation => "zone_designation",
            Self::DevelopmentPlan => "development_plan",
            Self::PlanApproval => "plan_approval",
            Self::PlanAmendment => "plan_amendment",
            Self::Compensation => "compensation",
            Self::Groundbreaking => "groundbreaking",
            Self::LandSupply => "land_supply",
            Self::Completion => "completion",
            Self::Other => "other",
        }
    }

    /// Returns the name of the step.
    pub fn title(self) -> Localized {
        let (ko, en) = match self {
            Self::ZoneDesignation => ("구역지정", "Zone designation"),
            Self::DevelopmentPlan => ("개발계획", "Development plan"),
            Self::PlanApproval => ("실시계획 인가", "Plan approval"),
            Self::PlanAmendment => ("실시계획 변경", "Plan amendment"),
            Self::Compensation => ("보상", "Compensation"),
            Self::Groundbreaking => ("착공", "Groundbreaking"),
            Self::LandSupply => ("토지공급", "Land supply"),
            Self::Completion => ("준공", "Completion"),
            Self::Other => ("추진 단계", "Milestone"),
        };
        Localized {
            ko: Some(ko.into()),
            en: Some(en.into()),
        }
    }
}

/// Kind of an outcome of a milestone.
///
/// - `suspended`: it stands still, without being given up (잠정 중단).
/// - `resumed`: it goes on after a suspension: what was before the suspension stands again.
/// - `reopened`: after `cancelled`, the cancellation is taken back and what was before it stands
///   again: a milestone that was met is met since its first day. After `met` or `partially_met`, it
///   is open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    Started,
    PartiallyMet,
    Met,
    Failed,
    Cancelled,
    Reopened,
    Suspended,
    Resumed,
}

/// Status of a milestone on a day. `planned`: before the target; `due`: within it; `overdue`: after
/// the whole target; `met_late`: met after the whole baseline; `suspended`: it stands still, whatever
/// its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneStatus {
    Planned,
    Due,
    Overdue,
    PartiallyMet,
    Met,
    MetLate,
    Suspended,
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
            TimelineStatus::Suspended => Self::Suspended,
            TimelineStatus::Cancelled => Self::Cancelled,
            // Only commitments fail for good: a milestone's target remains valid after a failure.
            TimelineStatus::Failed | TimelineStatus::Unknown => Self::Unknown,
        }
    }
}

/// Reason why a target moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    Approval,
    Compensation,
    Budget,
    Market,
    Consultation,
    Litigation,
    Weather,
    Policy,
    Other,
}

words!(ReasonCode: Approval "인허가" "Approval", Compensation "보상" "Compensation", Budget "예산" "Budget",
    Market "시장 여건" "Market", Consultation "협의" "Consultation", Litigation "소송" "Litigation",
    Weather "기상" "Weather", Policy "정책 변경" "Policy", Other "기타" "Other");

/// A statement of the date by which a milestone is expected. It is never edited; a mistaken one is
/// retracted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "forecast_fits", skip_on_field_errors = false))]
pub struct ForecastContent {
    /// Date by which the milestone is expected. It can be relative to another milestone of the
    /// project ("착공 후 36개월"), or to the signing or term of an agreement ("체결일로부터 2년"): then it
    /// is derived from the day on which that milestone is met or expected, or from that agreement, and
    /// moves with it.
    #[schema(value_type = RelativeDate)]
    pub target: ImpreciseDate,
    /// Date of the statement.
    pub stated_on: ImpreciseDate,
    /// Person or body that stated it.
    #[schema(max_length = 300, pattern = r"^.+$", example = "고양시")]
    pub stated_by: Option<String>,
    /// Reason for the new target, as a code.
    pub reason_code: Option<ReasonCode>,
    /// Reason for the new target, in words.
    #[validate(nested)]
    #[schema(example = json!({"ko": "실시계획 변경 인가 지연", "en": null}))]
    pub reason: Option<Localized>,
    /// Note in the words of the source.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Source of the statement.
    #[validate(nested)]
    pub source: Option<Source>,
}

fn forecast_fits(forecast: &ForecastContent) -> Result<(), ValidationError> {
    let endless = has_an_end(&forecast.stated_on, "/stated_on").err();
    let misplaced = misplaced_target(&forecast.target, "/target");
    merge_errors(endless.into_iter().chain(misplaced))
}

/// How a target came to be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It was stated.
    #[default]
    Stated,
    /// It is relative to a milestone that moved, or an agreement of which more became known.
    Followed,
    /// It is relative to a milestone whose target passed.
    Passed,
}

/// An event at a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "outcome_has_a_day"))]
pub struct OutcomeContent {
    /// Kind of the event.
    #[schema(example = "met")]
    pub kind: OutcomeKind,
    /// Date of the event. It counts from the last day of its range, which cannot lie in the future:
    /// for a year or month that is not over, give the month, the day, or a range that ends today.
    pub on: ImpreciseDate,
    /// Note on the event.
    #[validate(nested)]
    #[schema(example = json!({"ko": "착공식", "en": null}))]
    pub note: Option<Localized>,
    /// Source of the outcome.
    #[validate(nested)]
    pub source: Option<Source>,
}

fn outcome_has_a_day(outcome: &OutcomeContent) -> Result<(), ValidationError> {
    has_an_end(&outcome.on, "/on")
}

/// A statement of the date by which a milestone is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forecast {
    /// Id of the forecast.
    pub id: StatementId,
    #[serde(flatten)]
    pub content: ForecastContent,
    /// Retraction; null if the forecast counts.
    pub retraction: Option<Retraction>,
    #[serde(skip)]
    pub origin: Origin,
}

/// An event at a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// Id of the outcome.
    pub id: StatementId,
    #[serde(flatten)]
    pub content: OutcomeContent,
    /// Retraction; null if the outcome counts.
    pub retraction: Option<Retraction>,
}

/// Kind, title and phase of a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MilestoneContent {
    /// Step of the project.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Title of its own, if the kind alone is not clear enough.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
    pub title: Option<Localized>,
    /// Key of the phase of the project to which it belongs; null if it belongs to the whole project.
    #[serde(default)]
    #[schema(max_length = 50, pattern = r"^.+$", example = "2")]
    pub phase: Option<String>,
}

/// A milestone to record, with all forecasts and outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MilestoneCreate {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MilestoneContent,
    /// Every forecast ever made for it.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub forecasts: Vec<ForecastContent>,
    /// Outcomes of the milestone.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub outcomes: Vec<OutcomeContent>,
}

/// A milestone with all its forecasts and outcomes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Milestone {
    #[serde(flatten)]
    pub meta: Meta<MilestoneId>,
    /// Id of the project.
    pub project_id: ProjectId,
    /// The project, with its title.
    pub project: ProjectRef,
    #[serde(flatten)]
    pub content: MilestoneContent,
    /// Status on the day of `as_of`, by default today.
    pub status: MilestoneStatus,
    /// Number of days since the last day of the target; null if it is not overdue.
    #[schema(minimum = 1, example = json!(null))]
    pub overdue_days: Option<i64>,
    /// First target stated. Of one that is relative to another milestone, the first date that is
    /// known for it. A target that was stated only after the milestone was met is none.
    pub baseline: Option<ImpreciseDate>,
    /// Latest target stated.
    pub target: Option<ImpreciseDate>,
    /// Date on which it was met.
    pub actual: Option<ImpreciseDate>,
    /// Slip in days from the baseline to the latest target, or to the date on which it was met.
    pub slip: Option<DayRange>,
    /// Days from the last day of the baseline to the last day of the latest target or, if it is
    /// met, of the date on which it was met: then 0 if that does not lie after. Null if one of them
    /// has no last day, or if it may have been met in time or not.
    #[schema(example = 664)]
    pub deadline_slip_days: Option<i64>,
    /// Slip in days from the target stated before.
    pub slip_from_previous: Option<DayRange>,
    /// Like `deadline_slip_days`, but from the target stated before.
    #[schema(example = 26)]
    pub deadline_slip_days_from_previous: Option<i64>,
    /// Number of targets stated, without retracted ones.
    pub forecast_count: usize,
    /// Freshness: the time since the last forecast or outcome. Null if the milestone is met or
    /// cancelled.
    pub freshness: Option<Freshness>,
    /// Forecasts by date of the statement, including retracted ones.
    pub forecasts: Vec<Forecast>,
    /// Outcomes by date, including retracted ones.
    pub outcomes: Vec<Outcome>,
    /// Files of the milestone that the registry keeps, such as the notice of an approval, in the order
    /// in which they were added. Everyone who sees the milestone sees which there are; `edition`
    /// decides who reads them.
    pub files: Vec<RecordFile>,
    /// Sources of the forecasts and outcomes.
    pub sources: Vec<Source>,
    /// Expected facts that the record lacks.
    pub gaps: Vec<Gap>,
    /// Points to check.
    pub warnings: Vec<Warning>,
}

impl Versioned for Milestone {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}
