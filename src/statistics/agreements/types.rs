//! Statistics of agreements as they are asked for and sent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{AgreementKind, AgreementStatus, InForce};
use crate::db::page::Order;
use crate::http::Filter;
use crate::statistics::freshness::{Freshness, FreshnessState};
use crate::statistics::group::{Breakdown, Count, FigurePart, FigureStanding, GroupKey};
use crate::statistics::rules::{Figure, LeftOutReason, Link};
use crate::values::{AgreementRef, ImpreciseDate, Localized, OrganizationRef, word};

/// What agreements are grouped by. `year`: that in which they were signed, unknown where their dates
/// lie in several; `term`: the term of office of the municipality's head (of whom the title is 시장, 군수,
/// 구청장 or 도지사) in which they were signed, unknown where the terms that are recorded do not tell;
/// `party`, `topic` and `project`: an agreement counts in each of its own; of a topic the first 200
/// characters count.
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

/// A figure of agreements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementFigure {
    /// All agreements.
    #[default]
    Agreements,
    /// Their commitments: what was fulfilled of what is due.
    ExecutionRateCommitments,
    /// The agreements: what was completed of what ended.
    ExecutionRateAgreements,
    /// How fresh what is known of them is.
    Freshness,
}

/// Which agreements statistics are made of.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementStatisticsFilter {
    /// What the figures are grouped by; all in one where it is not given.
    #[param(example = "year")]
    pub group_by: Option<AgreementGroup>,
    /// Only agreements of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only those that serve this project.
    pub project_id: Option<Uuid>,
    /// Only those to which this organization is party.
    pub organization_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 7, example = json!(["mou"]))]
    pub kind: Option<Vec<AgreementKind>>,
    /// Only those signed on this day or later, as far as their dates may mean so.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only those signed on this day or earlier, as far as their dates may mean so.
    #[param(example = "2021-12-31")]
    pub to: Option<NaiveDate>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Which of the records behind a figure are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementRecordFilter {
    /// The figure.
    #[param(example = "execution_rate_commitments")]
    pub figure: Option<AgreementFigure>,
    /// Only what is in this part of it.
    #[param(example = "denominator")]
    pub part: Option<FigurePart>,
    /// Only what it leaves out for this reason.
    #[param(example = "no_due_date")]
    pub reason: Option<LeftOutReason>,
    /// What the figures are grouped by, where one group is asked for.
    #[param(example = "year")]
    pub group_by: Option<AgreementGroup>,
    /// Only the group of this value.
    #[param(min_length = 1, max_length = 1000, example = "2021")]
    pub group: Option<String>,
    /// Only the group of what nobody knows where it belongs.
    pub group_unknown: Option<bool>,
    /// Only agreements in these statuses, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["signed"]))]
    pub status: Option<Vec<AgreementStatus>>,
    /// Only those that are in force, are not, or of which it is not known.
    pub in_force: Option<InForce>,
    /// Only those of which what is known is so fresh.
    #[param(example = "stale")]
    pub freshness: Option<FreshnessState>,
    /// Only agreements of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only those that serve this project.
    pub project_id: Option<Uuid>,
    /// Only those to which this organization is party.
    pub organization_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 7, example = json!(["mou"]))]
    pub kind: Option<Vec<AgreementKind>>,
    /// Only those signed on this day or later, as far as their dates may mean so.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only those signed on this day or earlier, as far as their dates may mean so.
    #[param(example = "2021-12-31")]
    pub to: Option<NaiveDate>,
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
}

impl Filter for AgreementRecordFilter {
    fn order(&self) -> Order {
        Order::ascending("statistics.agreement", "statistics.commitment")
    }
}

/// The agreements that either asks for.
#[derive(Debug)]
pub struct Selection {
    pub group_by: Option<AgreementGroup>,
    pub municipality_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub organization_id: Option<Uuid>,
    pub kind: Option<Vec<AgreementKind>>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// The day asked about.
    pub day: NaiveDate,
}

macro_rules! selection {
    ($filter:ident) => {
        impl $filter {
            pub fn selection(&self, today: NaiveDate) -> Selection {
                Selection {
                    group_by: self.group_by,
                    municipality_id: self.municipality_id,
                    project_id: self.project_id,
                    organization_id: self.organization_id,
                    kind: self.kind.clone(),
                    from: self.from,
                    to: self.to,
                    day: self.as_of.unwrap_or(today),
                }
            }
        }
    };
}

selection!(AgreementStatisticsFilter);
selection!(AgreementRecordFilter);

impl AgreementStatisticsFilter {
    /// The list of the records behind these statistics.
    pub fn link(&self) -> Link {
        let kinds = self.kind.as_ref().map(|kinds| {
            let words: Vec<String> = kinds.iter().map(word).collect();
            words.join(",")
        });
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let id = |id: Option<Uuid>| id.map(|id| id.to_string());
        let filters = [
            ("group_by", self.group_by.as_ref().map(word)),
            ("municipality_id", id(self.municipality_id)),
            ("project_id", id(self.project_id)),
            ("organization_id", id(self.organization_id)),
            ("kind", kinds),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("as_of", day(self.as_of)),
        ];
        Link::to("/statistics/agreements/records").with_those(filters)
    }
}

/// The figures of some agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementFigures {
    /// How many there are, whatever their status.
    pub count: Count,
    /// How many are in which status.
    pub by_status: Breakdown,
    /// How many are in force; `true`, `false` or `unknown`.
    pub in_force: Breakdown,
    /// The commitments fulfilled, of those due.
    pub execution_rate_commitments: Figure,
    /// The agreements completed, of those ended.
    pub execution_rate_agreements: Figure,
    /// How fresh what is known of them is.
    pub freshness: Breakdown,
}

/// A group of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementGroupFigures {
    /// What they have in common.
    pub key: GroupKey,
    /// Their figures.
    pub figures: AgreementFigures,
}

/// Statistics of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementStatistics {
    /// The day as of which they are told.
    pub as_of: NaiveDate,
    /// What they are grouped by; null where they are not.
    pub group_by: Option<AgreementGroup>,
    /// The groups, by what they are called; that of which it is not known last.
    pub groups: Vec<AgreementGroupFigures>,
    /// All of them, each counted once.
    pub totals: AgreementFigures,
}

/// A commitment behind a figure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedCommitment {
    /// The commitment's id.
    pub id: Uuid,
    /// What is promised.
    pub text: Localized,
    /// By when; null where the source does not say.
    pub due: Option<ImpreciseDate>,
    /// How it stands on the day asked about.
    pub status: CommitmentStatus,
}

/// A record behind a figure: an agreement, or one of its commitments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementRecord {
    /// The agreement.
    pub agreement: AgreementRef,
    /// Whose it is.
    pub municipality: OrganizationRef,
    /// What sort of agreement it is.
    pub kind: AgreementKind,
    /// Its status, on the day asked about.
    pub status: AgreementStatus,
    /// When it was signed.
    pub signed_on: Option<ImpreciseDate>,
    /// Whether it is in force on the day asked about; null where its dates do not tell.
    pub in_force: Option<bool>,
    /// How fresh what is known of it is; null unless it is signed and has not ended.
    pub freshness: Option<Freshness>,
    /// The commitment, of a figure that counts those; else null.
    pub commitment: Option<RecordedCommitment>,
    /// Where it stands in the figure.
    pub standing: FigureStanding,
}
