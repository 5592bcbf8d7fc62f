//! Requests and responses of agreement statistics.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::agreements::force::EndedBy;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{AgreementKind, AgreementStatus, InForce};
use crate::db::page::Order;
use crate::http::{Filter, Rows};
use crate::kernel::ids::{OrganizationId, PartId, ProjectId};
use crate::kernel::values::{AgreementRef, ImpreciseDate, Localized, OrganizationRef};
use crate::projections::freshness::{Freshness, FreshnessState};
use crate::statistics::counts::{Breakdown, Count, FigurePart, FigureStanding};
use crate::statistics::filter::{RecordFilter, list_parameter, parameter};
use crate::statistics::formulas::AgreementFormulas;
use crate::statistics::group::{GroupKey, figures_of};
use crate::statistics::rules::{Figure, LeftOutReason, Link};

/// Grouping of agreements.
///
/// - `year`: year of signing; unknown if the date spans several years.
/// - `term`: term of office of the municipality's head (title 시장, 군수, 구청장 or 도지사) at signing;
///   unknown if the recorded terms do not determine it.
/// - `municipality`, `term`: an agreement that several municipalities share counts in each of them,
///   or with a filter by municipality, in this one alone. The totals count it once.
/// - `party`, `topic`, `project`: an agreement counts in each of its parties, topics or projects.
///   Topics are compared by their first 200 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementGroup {
    Year,
    Municipality,
    Term,
    Department,
    Kind,
    Party,
    Topic,
    Project,
}

impl AgreementGroup {
    /// Returns the name of the order of its groups: a cursor of one grouping means nothing in another.
    fn order(self) -> &'static str {
        match self {
            Self::Year => "agreements.year",
            Self::Municipality => "agreements.municipality",
            Self::Term => "agreements.term",
            Self::Department => "agreements.department",
            Self::Kind => "agreements.kind",
            Self::Party => "agreements.party",
            Self::Topic => "agreements.topic",
            Self::Project => "agreements.project",
        }
    }
}

/// A figure of agreements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementFigure {
    /// All agreements.
    #[default]
    Agreements,
    /// Commitments: those fulfilled among those due.
    ExecutionRateCommitments,
    /// Commitments: those fulfilled among all that are due, reported on or not.
    ExecutionRateCommitmentsDue,
    /// Agreements: those completed among those ended.
    ExecutionRateAgreements,
    /// Freshness of the agreements.
    Freshness,
    /// Commitments whose target is a number: those of which a reached number is known.
    Amounts,
}

/// Selects the agreements of the statistics.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementStatisticsFilter {
    /// Grouping of the figures; without it, only totals are returned.
    #[param(example = "year")]
    pub group_by: Option<AgreementGroup>,
    /// Only agreements of this municipality, including those that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only agreements that serve this project.
    pub project_id: Option<ProjectId>,
    /// Only agreements to which this organization is a party.
    pub organization_id: Option<OrganizationId>,
    /// Only agreements of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["mou"]))]
    pub kind: Option<Vec<AgreementKind>>,
    /// Only agreements signed on or after this day; imprecise dates match if they can.
    #[param(example = "2021-01-01")]
    pub signed_from: Option<NaiveDate>,
    /// Only agreements signed on or before this day; imprecise dates match if they can.
    #[param(example = "2021-12-31")]
    pub signed_to: Option<NaiveDate>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Selects records behind a figure.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementRecordFilter {
    /// The figure. Defaults to `agreements`.
    #[param(example = "execution_rate_commitments")]
    pub figure: Option<AgreementFigure>,
    /// Only records in this part of the figure.
    #[param(example = "denominator")]
    pub part: Option<FigurePart>,
    /// Only records that the figure leaves out for this reason.
    #[param(example = "no_due_date")]
    pub reason: Option<LeftOutReason>,
    /// Grouping to which `group` and `group_unknown` refer.
    #[param(example = "year")]
    pub group_by: Option<AgreementGroup>,
    /// Only records of the group with this value.
    #[param(min_length = 1, max_length = 1000, example = "2021")]
    pub group: Option<String>,
    /// Only records whose group is unknown.
    pub group_unknown: Option<bool>,
    /// Only agreements in these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["signed"]))]
    pub status: Option<Vec<AgreementStatus>>,
    /// Only agreements that are in force, are not, or for which it is unknown.
    pub in_force: Option<InForce>,
    /// Only agreements that ended in this way.
    #[param(example = "expiry")]
    pub ended_by: Option<EndedBy>,
    /// Only agreements of this freshness.
    #[param(example = "stale")]
    pub freshness: Option<FreshnessState>,
    /// Only commitments with a target in this unit.
    #[param(min_length = 1, max_length = 50, example = "persons")]
    pub unit: Option<String>,
    /// Only agreements of this municipality, including those that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only agreements that serve this project.
    pub project_id: Option<ProjectId>,
    /// Only agreements to which this organization is a party.
    pub organization_id: Option<OrganizationId>,
    /// Only agreements of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["mou"]))]
    pub kind: Option<Vec<AgreementKind>>,
    /// Only agreements signed on or after this day; imprecise dates match if they can.
    #[param(example = "2021-01-01")]
    pub signed_from: Option<NaiveDate>,
    /// Only agreements signed on or before this day; imprecise dates match if they can.
    #[param(example = "2021-12-31")]
    pub signed_to: Option<NaiveDate>,
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

impl Filter for AgreementRecordFilter {
    fn order(&self) -> Order {
        Order::ascending("statistics.agreement", "statistics.commitment")
    }
}

impl Filter for AgreementStatisticsFilter {
    fn order(&self) -> Order {
        let key = self
            .group_by
            .map_or("statistics.label", AgreementGroup::order);
        Order::ascending(key, "statistics.group")
    }
}

impl Rows for AgreementStatistics {
    type Row = AgreementFigures;

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    fn rows(response: &mut Value) -> Vec<&mut Value> {
        figures_of(response)
    }
}

impl AgreementStatisticsFilter {
    /// Returns the link to the list of records behind these statistics.
    pub fn link(&self) -> Link {
        Link::to("/statistics/agreements/records").with_those([
            ("group_by", parameter(self.group_by.as_ref())),
            ("municipality_id", parameter(self.municipality_id.as_ref())),
            ("project_id", parameter(self.project_id.as_ref())),
            ("organization_id", parameter(self.organization_id.as_ref())),
            ("kind", list_parameter(self.kind.as_ref())),
            ("signed_from", parameter(self.signed_from.as_ref())),
            ("signed_to", parameter(self.signed_to.as_ref())),
            ("as_of", parameter(self.as_of.as_ref())),
        ])
    }
}

impl AgreementRecordFilter {
    /// Returns the filter of the statistics behind which the records are.
    pub fn statistics(&self) -> AgreementStatisticsFilter {
        AgreementStatisticsFilter {
            group_by: self.group_by,
            municipality_id: self.municipality_id,
            project_id: self.project_id,
            organization_id: self.organization_id,
            kind: self.kind.clone(),
            signed_from: self.signed_from,
            signed_to: self.signed_to,
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

/// Figures of a set of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementFigures {
    /// Number of agreements in any status.
    pub count: Count,
    /// Numbers of agreements by status.
    pub by_status: Breakdown,
    /// Numbers of agreements by force: `true`, `false` or `unknown`.
    pub in_force: Breakdown,
    /// Numbers of agreements that have ended, by the way they ended.
    pub ended_by: Breakdown,
    /// Share of fulfilled commitments among those due and reported on.
    pub execution_rate_commitments: Figure,
    /// Share of fulfilled commitments among all that are due, reported on or not.
    pub execution_rate_commitments_due: Figure,
    /// Share of completed agreements among those ended.
    pub execution_rate_agreements: Figure,
    /// Numbers of agreements by freshness.
    pub freshness: Breakdown,
    /// Sums of what signed agreements promise in numbers, in the order of units. Dropped
    /// commitments, and those that another agreement has taken on, do not count.
    pub amounts: Vec<AmountFigure>,
}

/// Amounts promised and reached in one unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct AmountFigure {
    /// The unit, as in the `target` of commitments.
    #[schema(example = "persons")]
    pub unit: String,
    /// Number of commitments with a target in this unit.
    #[schema(minimum = 0, example = 2)]
    pub commitments: u64,
    /// Sum of their targets.
    #[schema(minimum = 0, example = 500)]
    pub promised: f64,
    /// Number of these commitments of which a reached number is known.
    #[schema(minimum = 0, example = 1)]
    pub reported: u64,
    /// Sum of the reached numbers that are known.
    #[schema(minimum = 0, example = 38)]
    pub reached: f64,
    /// Sum of the targets of which a reached number is known, to which `reached` compares.
    #[schema(minimum = 0, example = 50)]
    pub promised_of_reported: f64,
    /// Link to the list of these commitments.
    pub link: String,
}

/// A group of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementGroupFigures {
    /// Key of the group.
    pub key: GroupKey,
    /// Figures of the group.
    pub figures: AgreementFigures,
}

/// Statistics of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementStatistics {
    /// Day on which the figures are based.
    pub as_of: NaiveDate,
    /// Grouping of the figures; null if they are not grouped.
    pub group_by: Option<AgreementGroup>,
    /// Definitions of the figures, by their names.
    pub formulas: AgreementFormulas,
    /// One page of the groups, ordered by label, with the unknown group last.
    pub groups: Vec<AgreementGroupFigures>,
    /// The `cursor` of the next page of groups; null on the last page.
    pub next_cursor: Option<String>,
    /// Number of groups on all pages; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, nullable = false)]
    pub total: Option<i64>,
    /// Figures of all agreements, each counted once.
    pub totals: AgreementFigures,
}

/// A commitment behind a figure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedCommitment {
    /// Id of the commitment.
    pub id: PartId,
    /// Text of the promise.
    pub text: Localized,
    /// Due date; null if the source does not state it.
    pub due: Option<ImpreciseDate>,
    /// Status on the requested day.
    pub status: CommitmentStatus,
}

/// A record behind a figure: an agreement, or one of its commitments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementRecord {
    /// The agreement.
    pub agreement: AgreementRef,
    /// Municipality to which the agreement belongs.
    pub municipality: OrganizationRef,
    /// Kind of the agreement.
    pub kind: AgreementKind,
    /// Status on the requested day.
    pub status: AgreementStatus,
    /// Date of signing.
    pub signed_on: Option<ImpreciseDate>,
    /// Whether the agreement is in force on the requested day; null if its dates do not determine
    /// it.
    pub in_force: Option<bool>,
    /// How the agreement ended; null if it has not certainly ended.
    pub ended_by: Option<EndedBy>,
    /// Freshness; null unless the agreement is signed and has not ended.
    pub freshness: Option<Freshness>,
    /// The commitment, if the figure counts commitments; otherwise null.
    pub commitment: Option<RecordedCommitment>,
    /// Place of the record in the figure.
    pub standing: FigureStanding,
}
