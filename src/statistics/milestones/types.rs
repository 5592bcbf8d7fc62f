//! Statistics of milestones as they are asked for and sent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::page::Order;
use crate::http::Filter;
use crate::http::language::Message;
use crate::projects::milestones::types::{MilestoneKind, MilestoneStatus, ReasonCode};
use crate::statistics::freshness::{Freshness, FreshnessState};
use crate::statistics::group::{Breakdown, Count, FigurePart, FigureStanding, GroupKey};
use crate::statistics::rules::{Figure, LeftOutReason, Link, Move, SlipFigure};
use crate::values::{DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef, word};

/// What milestones are grouped by. `reason`: why their targets moved, where a milestone counts with
/// those of its moves that have the reason, in each group that it has moves of, and in none where its
/// target never moved; `year`: that of the first target; `term`: the term of office of the
/// municipality's head in which the first target was stated; `department`, `party` and `topic`: those
/// of the signed agreements that serve the project, in each of which a milestone counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneGroup {
    Kind,
    Reason,
    Year,
    Municipality,
    Project,
    Term,
    Department,
    Party,
    Topic,
}

/// A figure of milestones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneFigure {
    /// All milestones.
    #[default]
    Milestones,
    /// What was met by its first target, of what was to be.
    OnTimeRate,
    /// How far they lie after their first targets.
    Slip,
    /// The forecasts that moved a target.
    Moves,
    /// How fresh what is known of them is.
    Freshness,
}

/// Which milestones statistics are made of.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneStatisticsFilter {
    /// What the figures are grouped by; all in one where it is not given.
    #[param(example = "kind")]
    pub group_by: Option<MilestoneGroup>,
    /// Only milestones of this municipality's projects.
    pub municipality_id: Option<Uuid>,
    /// Only those of this project.
    pub project_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["groundbreaking"]))]
    pub kind: Option<Vec<MilestoneKind>>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Which of the records behind a figure are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneRecordFilter {
    /// The figure.
    #[param(example = "on_time_rate")]
    pub figure: Option<MilestoneFigure>,
    /// Only what is in this part of it.
    #[param(example = "denominator")]
    pub part: Option<FigurePart>,
    /// Only what it leaves out for this reason.
    #[param(example = "no_target")]
    pub reason: Option<LeftOutReason>,
    /// What the figures are grouped by, where one group is asked for.
    #[param(example = "kind")]
    pub group_by: Option<MilestoneGroup>,
    /// Only the group of this value.
    #[param(min_length = 1, max_length = 1000, example = "groundbreaking")]
    pub group: Option<String>,
    /// Only the group of what nobody knows where it belongs.
    pub group_unknown: Option<bool>,
    /// Only milestones that stand so, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["overdue"]))]
    pub status: Option<Vec<MilestoneStatus>>,
    /// Only those of which what is known is so fresh.
    #[param(example = "stale")]
    pub freshness: Option<FreshnessState>,
    /// Of the moves, only those in this direction.
    #[param(example = "later")]
    pub direction: Option<Move>,
    /// Of the moves, only those stated in this year; `unknown` where their dates do not tell.
    #[param(pattern = "^([0-9]{4}|unknown)$", example = "2023")]
    pub stated_year: Option<String>,
    /// Of the moves, only those for this reason; `unknown` where none is stated.
    #[param(pattern = "^[a-z]{1,20}$", example = "approval")]
    pub reason_code: Option<String>,
    /// Only milestones of this municipality's projects.
    pub municipality_id: Option<Uuid>,
    /// Only those of this project.
    pub project_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["groundbreaking"]))]
    pub kind: Option<Vec<MilestoneKind>>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

impl Filter for MilestoneRecordFilter {
    fn order(&self) -> Order {
        Order::ascending("statistics.project", "statistics.milestone")
    }
}

/// The milestones that either asks for.
#[derive(Debug)]
pub struct Selection {
    pub group_by: Option<MilestoneGroup>,
    pub municipality_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub kind: Option<Vec<MilestoneKind>>,
    /// The day asked about.
    pub day: NaiveDate,
    /// Whether that is one that was given.
    pub as_of: bool,
}

macro_rules! selection {
    ($filter:ident) => {
        impl $filter {
            pub fn selection(&self, today: NaiveDate) -> Selection {
                Selection {
                    group_by: self.group_by,
                    municipality_id: self.municipality_id,
                    project_id: self.project_id,
                    kind: self.kind.clone(),
                    day: self.as_of.unwrap_or(today),
                    as_of: self.as_of.is_some(),
                }
            }
        }
    };
}

selection!(MilestoneStatisticsFilter);
selection!(MilestoneRecordFilter);

impl MilestoneStatisticsFilter {
    /// The list of the records behind these statistics.
    pub fn link(&self) -> Link {
        let kinds = self.kind.as_ref().map(|kinds| {
            let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
            words.join(",")
        });
        let id = |id: Option<Uuid>| id.map(|id| id.to_string());
        let filters = [
            ("group_by", self.group_by.as_ref().map(word)),
            ("municipality_id", id(self.municipality_id)),
            ("project_id", id(self.project_id)),
            ("kind", kinds),
            ("as_of", self.as_of.map(|day| day.to_string())),
        ];
        Link::to("/statistics/milestones/records").with_those(filters)
    }
}

/// How many targets moved, of those of a year or for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoveCount {
    /// The year of the statements, or the code of the reason; `unknown` where it is not known.
    #[schema(example = "2023")]
    pub value: String,
    /// How many moved to later.
    #[schema(minimum = 0)]
    pub later: u64,
    /// How many moved to earlier.
    #[schema(minimum = 0)]
    pub earlier: u64,
    /// The list of them.
    pub link: String,
}

/// The statements that moved a target.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Moves {
    /// What is counted, in words.
    pub formula: Message,
    /// How many moved to later.
    #[schema(minimum = 0)]
    pub later: u64,
    /// How many moved to earlier.
    #[schema(minimum = 0)]
    pub earlier: u64,
    /// The list of them.
    pub link: String,
    /// How many there were by the year in which they were stated.
    pub by_year: Vec<MoveCount>,
    /// How many there were by the reason that was stated.
    pub by_reason: Vec<MoveCount>,
    /// How far they moved, from the target stated before.
    pub days: SlipFigure,
}

/// The figures of some milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneFigures {
    /// How many there are, however they stand.
    pub count: Count,
    /// How many stand how.
    pub by_status: Breakdown,
    /// What was met by its first target, of what was to be.
    pub on_time_rate: Figure,
    /// How far they lie after their first targets.
    pub slip: SlipFigure,
    /// The statements that moved their targets.
    pub moves: Moves,
    /// How fresh what is known of them is.
    pub freshness: Breakdown,
}

/// A group of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneGroupFigures {
    /// What they have in common.
    pub key: GroupKey,
    /// Their figures.
    pub figures: MilestoneFigures,
}

/// Statistics of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneStatistics {
    /// The day as of which they are told.
    pub as_of: NaiveDate,
    /// What they are grouped by; null where they are not.
    pub group_by: Option<MilestoneGroup>,
    /// The groups, by what they are called; that of which it is not known last.
    pub groups: Vec<MilestoneGroupFigures>,
    /// All of them, each counted once.
    pub totals: MilestoneFigures,
}

/// A statement that moved a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedMove {
    /// The forecast's id.
    pub forecast_id: Uuid,
    /// Which way.
    pub direction: Move,
    /// The day on which it was stated.
    pub stated_on: ImpreciseDate,
    /// The target that was stated before.
    pub from: ImpreciseDate,
    /// The target that was stated.
    pub to: ImpreciseDate,
    /// How far it lies after the one before.
    pub days: DayRange,
    /// Why, as a code.
    pub reason_code: Option<ReasonCode>,
}

/// A record behind a figure: a milestone, or a statement that moved its target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneRecord {
    /// The milestone's id.
    pub milestone_id: Uuid,
    /// Which step of the project it is.
    pub kind: MilestoneKind,
    /// Its own name, or that of the step.
    pub title: Localized,
    /// The project.
    pub project: ProjectRef,
    /// Whose it is.
    pub municipality: OrganizationRef,
    /// How it stands on the day asked about.
    pub status: MilestoneStatus,
    /// The first target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// The latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// When it was met.
    pub actual: Option<ImpreciseDate>,
    /// How far the latest target, or the day it was met, lies after the first target.
    pub slip: Option<DayRange>,
    /// How fresh what is known of it is; null where it is met or cancelled.
    pub freshness: Option<Freshness>,
    /// The statement that moved the target, of the figure that counts those; else null.
    #[serde(rename = "move")]
    pub moved: Option<RecordedMove>,
    /// Where it stands in the figure.
    pub standing: FigureStanding,
}
