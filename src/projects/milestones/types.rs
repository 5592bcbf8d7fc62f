//! Milestones as they are sent and received.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::statistics::freshness::Freshness;
use crate::values::{DayRange, Gap, ImpreciseDate, Localized, Meta, ProjectRef, Source, Warning};

/// The steps of an urban project, in Korea's terms.
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

    /// The step's name.
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

/// What happened to a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    Started,
    PartiallyMet,
    Met,
    Failed,
    Cancelled,
    Reopened,
}

/// How a milestone stands on a day. `planned`: the day lies before the target; `due`: within it;
/// `overdue`: the whole target has passed; `met_late`: met after the whole baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneStatus {
    Planned,
    Due,
    Overdue,
    PartiallyMet,
    Met,
    MetLate,
    Cancelled,
    Unknown,
}

/// Why a target moved.
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

/// One statement of when a milestone is to be reached. It is never edited; a mistaken one is
/// retracted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "forecast_has_a_day"))]
pub struct ForecastContent {
    /// When it is to be reached.
    pub target: ImpreciseDate,
    /// The day on which it was stated.
    pub stated_on: ImpreciseDate,
    /// Who stated it.
    #[schema(max_length = 300, pattern = r"\S", example = "고양시")]
    pub stated_by: Option<String>,
    /// Why it moved, as a code.
    pub reason_code: Option<ReasonCode>,
    /// Why it moved, in words.
    #[validate(nested)]
    #[schema(example = json!({"ko": "실시계획 변경 인가 지연", "en": null}))]
    pub reason: Option<Localized>,
    /// The source's own words on it.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Where this is taken from.
    #[validate(nested)]
    pub source: Option<Source>,
}

fn forecast_has_a_day(forecast: &ForecastContent) -> Result<(), ValidationError> {
    has_an_end(&forecast.stated_on, "/stated_on")
}

/// Refuses a day without an end, which no day would ever pass.
///
/// # Errors
/// `open_ended`
pub fn has_an_end(date: &ImpreciseDate, at: &str) -> Result<(), ValidationError> {
    if date.latest().is_none() {
        return Err(broken(
            "open_ended",
            at,
            "끝이 있는 날짜여야 합니다.",
            "A date with an end is needed here.",
        ));
    }
    Ok(())
}

/// Something that happened to a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "outcome_has_a_day"))]
pub struct OutcomeContent {
    /// What happened.
    #[schema(example = "met")]
    pub kind: OutcomeKind,
    /// When it happened. It counts from the last day that this may mean, which has come: of a year or
    /// a month that is not over, give the month, the day, or a range that ends today.
    pub on: ImpreciseDate,
    /// What is to be said of it.
    #[validate(nested)]
    #[schema(example = json!({"ko": "착공식", "en": null}))]
    pub note: Option<Localized>,
    /// Where this is taken from.
    #[validate(nested)]
    pub source: Option<Source>,
}

fn outcome_has_a_day(outcome: &OutcomeContent) -> Result<(), ValidationError> {
    has_an_end(&outcome.on, "/on")
}

/// Why a statement was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct RetractionCreate {
    /// Why it was a mistake.
    #[validate(nested)]
    #[schema(example = json!({"ko": "출처를 잘못 읽음", "en": "The source was misread"}))]
    pub reason: Localized,
}

/// That a statement was a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retraction {
    /// Why it was a mistake.
    pub reason: Localized,
    /// The day on which it was retracted.
    pub retracted_on: NaiveDate,
}

/// One statement of when a milestone is to be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forecast {
    /// The forecast's id.
    pub id: Uuid,
    #[serde(flatten)]
    pub content: ForecastContent,
    /// That it was a mistake; null where it stands.
    pub retraction: Option<Retraction>,
}

/// Something that happened to a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// The outcome's id.
    pub id: Uuid,
    #[serde(flatten)]
    pub content: OutcomeContent,
    /// That it was a mistake; null where it stands.
    pub retraction: Option<Retraction>,
}

/// What a milestone is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MilestoneContent {
    /// Which step of the project it is.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Its own name, where the kind does not say enough.
    #[validate(nested)]
    pub title: Option<Localized>,
}

/// A milestone to be recorded, with what was stated of it and what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MilestoneCreate {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MilestoneContent,
    /// Every date once stated for it.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub forecasts: Vec<ForecastContent>,
    /// What happened.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub outcomes: Vec<OutcomeContent>,
}

/// A milestone with every date once stated for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Milestone {
    #[serde(flatten)]
    pub meta: Meta,
    /// The project whose milestone it is.
    pub project_id: Uuid,
    /// The project by its title.
    pub project: ProjectRef,
    #[serde(flatten)]
    pub content: MilestoneContent,
    /// How it stands on the day asked about.
    pub status: MilestoneStatus,
    /// The first target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// The latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// When it was met.
    pub actual: Option<ImpreciseDate>,
    /// How far the latest target, or the day it was met, lies after the baseline.
    pub slip: Option<DayRange>,
    /// How far it lies after the target stated before.
    pub slip_from_previous: Option<DayRange>,
    /// How many targets were stated.
    pub forecast_count: usize,
    /// How fresh what is known of it is: since when nobody stated a target, and nothing happened. Null
    /// where it is met or cancelled.
    pub freshness: Option<Freshness>,
    /// Every date once stated, by the day on which it was, retracted ones among them.
    pub forecasts: Vec<Forecast>,
    /// What happened, by its day.
    pub outcomes: Vec<Outcome>,
    /// Where these facts are taken from: the sources of its forecasts and outcomes.
    pub sources: Vec<Source>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

impl Versioned for Milestone {
    fn version(&self) -> i64 {
        self.meta.version
    }
}
