//! Requests and responses of milestone statistics.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::db::page::Order;
use crate::http::{Filter, Rows};
use crate::kernel::ids::{MilestoneId, OrganizationId, ProjectId, StatementId};
use crate::kernel::values::{
    DayRange, ImpreciseDate, Localized, Move, OrganizationRef, ProjectRef,
};
use crate::projections::freshness::{Freshness, FreshnessState};
use crate::projects::milestones::types::{MilestoneKind, MilestoneStatus, ReasonCode};
use crate::statistics::counts::{Breakdown, Count, FigurePart, FigureStanding};
use crate::statistics::filter::{RecordFilter, list_parameter, parameter};
use crate::statistics::formulas::MilestoneFormulas;
use crate::statistics::group::{GroupKey, figures_of};
use crate::statistics::rules::{Figure, LeftOutReason, Link, SlipFigure};

/// Grouping of milestones.
///
/// - `reason`: reason for moving the target. A milestone counts in each group for which it has
///   moves, together with those moves, and in none if its target never moved.
/// - `year`: year of the first target.
/// - `term`: term of office of the municipality's head when the first target was stated.
/// - `department`, `party`, `topic`: those of the signed agreements that serve the project. A
///   milestone counts in each of them.
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

impl MilestoneGroup {
    /// Returns the name of the order of its groups: a cursor of one grouping means nothing in another.
    fn order(self) -> &'static str {
        match self {
            Self::Kind => "milestones.kind",
            Self::Reason => "milestones.reason",
            Self::Year => "milestones.year",
            Self::Municipality => "milestones.municipality",
            Self::Project => "milestones.project",
            Self::Term => "milestones.term",
            Self::Department => "milestones.department",
            Self::Party => "milestones.party",
            Self::Topic => "milestones.topic",
        }
    }
}

/// A figure of milestones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneFigure {
    /// All milestones.
    #[default]
    Milestones,
    /// Milestones met by their first target, among those that were due by it.
    OnTimeRate,
    /// Slip from the first target.
    Slip,
    /// Forecasts that moved a target.
    Moves,
    /// Freshness of the milestones.
    Freshness,
}

/// Selects the milestones of the statistics.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneStatisticsFilter {
    /// Grouping of the figures; without it, only totals are returned.
    #[param(example = "kind")]
    pub group_by: Option<MilestoneGroup>,
    /// Only milestones of this municipality's projects.
    pub municipality_id: Option<OrganizationId>,
    /// Only milestones of this project.
    pub project_id: Option<ProjectId>,
    /// Only milestones of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["groundbreaking"]))]
    pub kind: Option<Vec<MilestoneKind>>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Selects records behind a figure.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneRecordFilter {
    /// The figure. Defaults to `milestones`.
    #[param(example = "on_time_rate")]
    pub figure: Option<MilestoneFigure>,
    /// Only records in this part of the figure.
    #[param(example = "denominator")]
    pub part: Option<FigurePart>,
    /// Only records that the figure leaves out for this reason.
    #[param(example = "no_target")]
    pub reason: Option<LeftOutReason>,
    /// Grouping to which `group` and `group_unknown` refer.
    #[param(example = "kind")]
    pub group_by: Option<MilestoneGroup>,
    /// Only records of the group with this value.
    #[param(min_length = 1, max_length = 1000, example = "groundbreaking")]
    pub group: Option<String>,
    /// Only records whose group is unknown.
    pub group_unknown: Option<bool>,
    /// Only milestones in these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["overdue"]))]
    pub status: Option<Vec<MilestoneStatus>>,
    /// Only milestones of this freshness.
    #[param(example = "stale")]
    pub freshness: Option<FreshnessState>,
    /// Only moves in this direction.
    #[param(example = "later")]
    pub direction: Option<Move>,
    /// Only moves stated in this year; `unknown` for dates that span several years.
    #[param(pattern = "^([0-9]{4}|unknown)$", example = "2023")]
    pub stated_year: Option<String>,
    /// Only moves for this reason; `unknown` if none is stated.
    #[param(pattern = "^[a-z]{1,20}$", example = "approval")]
    pub reason_code: Option<String>,
    /// Only milestones of this municipality's projects.
    pub municipality_id: Option<OrganizationId>,
    /// Only milestones of this project.
    pub project_id: Option<ProjectId>,
    /// Only milestones of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["groundbreaking"]))]
    pub kind: Option<Vec<MilestoneKind>>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

impl Filter for MilestoneRecordFilter {
    fn order(&self) -> Order {
        Order::ascending("statistics.project", "statistics.milestone")
    }
}

impl Filter for MilestoneStatisticsFilter {
    fn order(&self) -> Order {
        let key = self
            .group_by
            .map_or("statistics.label", MilestoneGroup::order);
        Order::ascending(key, "statistics.group")
    }
}

impl Rows for MilestoneStatistics {
    type Row = MilestoneFigures;

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    fn rows(response: &mut Value) -> Vec<&mut Value> {
        figures_of(response)
    }
}

impl MilestoneStatisticsFilter {
    /// Returns the link to the list of records behind these statistics.
    pub fn link(&self) -> Link {
        Link::to("/statistics/milestones/records").with_those([
            ("group_by", parameter(self.group_by.as_ref())),
            ("municipality_id", parameter(self.municipality_id.as_ref())),
            ("project_id", parameter(self.project_id.as_ref())),
            ("kind", list_parameter(self.kind.as_ref())),
            ("as_of", parameter(self.as_of.as_ref())),
        ])
    }
}

impl MilestoneRecordFilter {
    /// Returns the filter of the statistics behind which the records are.
    pub fn statistics(&self) -> MilestoneStatisticsFilter {
        MilestoneStatisticsFilter {
            group_by: self.group_by,
            municipality_id: self.municipality_id,
            project_id: self.project_id,
            kind: self.kind.clone(),
            as_of: self.as_of,
        }
    }

    pub fn shared(&self) -> RecordFilter<'_> {
        RecordFilter {
            part: self.part,
            reason: self.reason,
            grouped: self.group_by.is_some(),
            group: self.group.as_deref(),
            group_unknown: self.group_unknown,
            freshness: self.freshness,
        }
    }
}

/// Numbers of moved targets for one year or reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MoveCount {
    /// Year of the statements, or code of the reason; `unknown` if it is not known.
    #[schema(example = "2023")]
    pub value: String,
    /// Targets moved to a later date.
    #[schema(minimum = 0)]
    pub later: u64,
    /// Targets moved to an earlier date.
    #[schema(minimum = 0)]
    pub earlier: u64,
    /// Link to the list of these moves.
    pub link: String,
}

/// Statements that moved a target.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Moves {
    /// Targets moved to a later date.
    #[schema(minimum = 0)]
    pub later: u64,
    /// Targets moved to an earlier date.
    #[schema(minimum = 0)]
    pub earlier: u64,
    /// Link to the list of these moves.
    pub link: String,
    /// Moves by year of statement.
    pub by_year: Vec<MoveCount>,
    /// Moves by stated reason.
    pub by_reason: Vec<MoveCount>,
    /// Distances from the previous target.
    pub days: SlipFigure,
}

/// Figures of a set of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneFigures {
    /// Number of milestones in any status.
    pub count: Count,
    /// Numbers of milestones by status.
    pub by_status: Breakdown,
    /// Share of milestones met by their first target, among those that were due by it.
    pub on_time_rate: Figure,
    /// Slips from the first target.
    pub slip: SlipFigure,
    /// Statements that moved a target.
    pub moves: Moves,
    /// Numbers of milestones by freshness.
    pub freshness: Breakdown,
}

/// A group of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneGroupFigures {
    /// Key of the group.
    pub key: GroupKey,
    /// Figures of the group.
    pub figures: MilestoneFigures,
}

/// Statistics of milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneStatistics {
    /// Day on which the figures are based.
    pub as_of: NaiveDate,
    /// Grouping of the figures; null if they are not grouped.
    pub group_by: Option<MilestoneGroup>,
    /// Definitions of the figures, by their names.
    pub formulas: MilestoneFormulas,
    /// One page of the groups, ordered by label, with the unknown group last.
    pub groups: Vec<MilestoneGroupFigures>,
    /// The `cursor` of the next page of groups; null on the last page.
    pub next_cursor: Option<String>,
    /// Number of groups on all pages; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, nullable = false)]
    pub total: Option<i64>,
    /// Figures of all milestones, each counted once.
    pub totals: MilestoneFigures,
}

/// A statement that moved a target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedMove {
    /// Id of the forecast.
    pub forecast_id: StatementId,
    /// Direction of the move.
    pub direction: Move,
    /// Date of the statement.
    pub stated_on: ImpreciseDate,
    /// Previous target.
    pub from: ImpreciseDate,
    /// New target.
    pub to: ImpreciseDate,
    /// Distance from the previous target, in days.
    pub days: DayRange,
    /// Days from the last day of the previous target to the last day of the new one; null if one of
    /// them has none.
    #[schema(example = 638)]
    pub deadline_slip_days: Option<i64>,
    /// Code of the stated reason; null if none is stated.
    pub reason_code: Option<ReasonCode>,
}

/// A record behind a figure: a milestone, or a statement that moved its target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneRecord {
    /// Id of the milestone.
    pub milestone_id: MilestoneId,
    /// Kind of the milestone: the step of the project.
    pub kind: MilestoneKind,
    /// Title of the milestone; defaults to the name of its kind.
    pub title: Localized,
    /// The project.
    pub project: ProjectRef,
    /// Municipality to which the project belongs.
    pub municipality: OrganizationRef,
    /// Status on the requested day.
    pub status: MilestoneStatus,
    /// Number of days since the last day of the target; null if it is not overdue.
    #[schema(minimum = 1, example = json!(null))]
    pub overdue_days: Option<i64>,
    /// First target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// Latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// Date on which the milestone was met.
    pub actual: Option<ImpreciseDate>,
    /// Distance from the first target to the date it was met, or else to the latest target.
    pub slip: Option<DayRange>,
    /// Days from the last day of the first target to the last day of the latest one or, if it is
    /// met, of the date on which it was met: then 0 if that does not lie after. Null if one of them
    /// has no last day, or if it may have been met in time or not.
    #[schema(example = 664)]
    pub deadline_slip_days: Option<i64>,
    /// Freshness; null if the milestone is met or cancelled.
    pub freshness: Option<Freshness>,
    /// The statement that moved the target, if the figure counts moves; otherwise null.
    #[serde(rename = "move")]
    pub moved: Option<RecordedMove>,
    /// Place of the record in the figure.
    pub standing: FigureStanding,
}
