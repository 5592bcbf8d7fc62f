//! Reports as they are sent and received.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::projects::milestones::types::{Retraction, has_an_end};
use crate::values::{
    AgreementRef, Gap, ImpreciseDate, Link, Localized, Meta, OrganizationRef, Warning,
};

/// How far a commitment has come, as somebody reports it. `unfulfilled`: it was not kept, which a
/// later report may still make good; `dropped`: those to whom it is owed
/// have released it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportableStatus {
    NotStarted,
    InProgress,
    Fulfilled,
    Unfulfilled,
    Dropped,
}

/// How far a commitment had come. `unfulfilled`: it was not kept; `dropped`: those to whom it is owed
/// have released it; `carried_over`: another agreement has taken it on, which only the step that
/// supersedes the agreement records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportedStatus {
    NotStarted,
    InProgress,
    Fulfilled,
    Unfulfilled,
    Dropped,
    CarriedOver,
}

impl From<ReportableStatus> for ReportedStatus {
    fn from(status: ReportableStatus) -> Self {
        match status {
            ReportableStatus::NotStarted => Self::NotStarted,
            ReportableStatus::InProgress => Self::InProgress,
            ReportableStatus::Fulfilled => Self::Fulfilled,
            ReportableStatus::Unfulfilled => Self::Unfulfilled,
            ReportableStatus::Dropped => Self::Dropped,
        }
    }
}

/// How a commitment stands: as the latest report that counts says, by its day and then by when it
/// was recorded; `unknown` without one. What was decided as the agreement ended outranks what was
/// reported before. `unfulfilled` is a promise that was not kept: it is no longer `overdue`, and `failed`
/// on the timeline; what was `dropped` or `carried_over` is `cancelled` there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentStatus {
    Unknown,
    NotStarted,
    InProgress,
    Fulfilled,
    Unfulfilled,
    Dropped,
    CarriedOver,
}

impl From<ReportedStatus> for CommitmentStatus {
    fn from(status: ReportedStatus) -> Self {
        match status {
            ReportedStatus::NotStarted => Self::NotStarted,
            ReportedStatus::InProgress => Self::InProgress,
            ReportedStatus::Fulfilled => Self::Fulfilled,
            ReportedStatus::Unfulfilled => Self::Unfulfilled,
            ReportedStatus::Dropped => Self::Dropped,
            ReportedStatus::CarriedOver => Self::CarriedOver,
        }
    }
}

/// What becomes of a commitment as its agreement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    Fulfilled,
    /// It was not kept.
    Unfulfilled,
    /// Those to whom it is owed release it.
    Dropped,
    /// The agreement that supersedes this one takes it on.
    CarriedOver,
}

impl From<Becomes> for ReportedStatus {
    fn from(becomes: Becomes) -> Self {
        match becomes {
            Becomes::Fulfilled => Self::Fulfilled,
            Becomes::Unfulfilled => Self::Unfulfilled,
            Becomes::Dropped => Self::Dropped,
            Becomes::CarriedOver => Self::CarriedOver,
        }
    }
}

/// What becomes of an open commitment as its agreement ends. It is recorded as the city's report, of
/// the day of the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct CommitmentDecision {
    /// The commitment.
    pub commitment_id: Uuid,
    /// What becomes of it; `carried_over` only where the agreement is superseded.
    #[schema(example = "fulfilled")]
    pub becomes: Becomes,
    /// What is to be said of it.
    #[validate(nested)]
    pub note: Option<Localized>,
}

/// A report on a commitment to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "report_fits"))]
pub struct CommitmentReportCreate {
    /// The day of which it tells. It counts from the last day that this may mean, which has come: of a
    /// year or a month that is not over, give the month, the day, or a range that ends today.
    pub on: ImpreciseDate,
    /// How far the commitment had come.
    #[schema(example = "in_progress")]
    pub status: ReportableStatus,
    /// How much of it was done, in percent; null where that is not known. What is fulfilled is done
    /// to 100, what is not started to 0.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// What is to be said of it.
    #[validate(nested)]
    #[schema(example = json!({"ko": "1차 전문인력 교육 수료 40명", "en": null}))]
    pub note: Option<Localized>,
    /// Documents that show it, which are kept elsewhere.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub evidence: Vec<Link>,
}

fn report_fits(report: &CommitmentReportCreate) -> Result<(), ValidationError> {
    has_an_end(&report.on, "/on")?;
    let full = match report.status {
        ReportableStatus::Fulfilled => 100,
        ReportableStatus::NotStarted => 0,
        _ => return Ok(()),
    };
    if report.percent.is_some_and(|percent| percent != full) {
        return Err(broken(
            "percent_contradicts",
            "/percent",
            "이행 상태와 맞지 않습니다. fulfilled는 100, not_started는 0이어야 합니다.",
            "This contradicts the status: fulfilled means 100, not_started means 0.",
        ));
    }
    Ok(())
}

/// That the city confirms a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ConfirmationCreate {
    /// What is to be said of it.
    #[validate(nested)]
    #[schema(example = json!({"ko": "수료증 확인", "en": "Certificates seen"}))]
    pub note: Option<Localized>,
}

/// Why the city does not confirm a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct RefusalCreate {
    /// Why.
    #[validate(nested)]
    #[schema(example = json!({"ko": "증빙이 없음", "en": "No evidence"}))]
    pub reason: Localized,
}

/// That the city confirmed a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confirmation {
    /// Who confirmed it.
    #[schema(example = "전략산업과 협약 담당")]
    pub by: String,
    /// When.
    pub confirmed_at: DateTime<Utc>,
    /// What was said of it.
    pub note: Option<Localized>,
}

/// That the city did not confirm a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Who declined it.
    #[schema(example = "전략산업과 협약 담당")]
    pub by: String,
    /// When.
    pub declined_at: DateTime<Utc>,
    /// Why.
    pub reason: Localized,
}

/// Whether a report counts: the city's does, a partner's once the city has confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Counted,
    AwaitingConfirmation,
    Declined,
    Retracted,
}

/// Who reported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reporter {
    /// The name of the token or of the subject.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// The partner's organization; null where the city itself reported.
    pub organization: Option<OrganizationRef>,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportContent {
    /// The day of which it tells.
    pub on: ImpreciseDate,
    /// How far the commitment had come.
    #[schema(example = "in_progress")]
    pub status: ReportedStatus,
    /// How much of it was done, in percent; null where that is not known.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// What is said of it.
    pub note: Option<Localized>,
    /// Documents that show it, which are kept elsewhere.
    pub evidence: Vec<Link>,
}

impl From<CommitmentReportCreate> for ReportContent {
    fn from(new: CommitmentReportCreate) -> Self {
        Self {
            on: new.on,
            status: new.status.into(),
            percent: new.percent,
            note: new.note,
            evidence: new.evidence,
        }
    }
}

/// A report on a commitment. It is never edited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentReport {
    #[serde(flatten)]
    pub meta: Meta,
    /// The agreement.
    pub agreement_id: Uuid,
    /// The commitment on which it reports.
    pub commitment_id: Uuid,
    #[serde(flatten)]
    pub content: ReportContent,
    /// Who reported.
    pub reported_by: Reporter,
    /// Whether a partner reported, and not the city.
    pub by_partner: bool,
    /// Whether it was recorded by the step that ended the agreement.
    pub at_end: bool,
    /// Whether it counts.
    pub standing: Standing,
    /// That the city confirmed it; null where it did not, or where it is the city's own.
    pub confirmation: Option<Confirmation>,
    /// That the city declined it; null where it did not.
    pub refusal: Option<Refusal>,
    /// That it was a mistake; null where it stands.
    pub retraction: Option<Retraction>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

impl Versioned for CommitmentReport {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

/// A commitment by what is promised.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentRef {
    /// The commitment's id.
    pub id: Uuid,
    /// What is promised.
    pub text: Localized,
    /// By when it is due; null where that is not known.
    pub due: Option<ImpreciseDate>,
}

/// A report in a list of those on all agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedReport {
    #[serde(flatten)]
    pub report: CommitmentReport,
    /// The agreement by its title.
    pub agreement: AgreementRef,
    /// The municipality whose agreement it is.
    pub municipality: OrganizationRef,
    /// The commitment on which it reports.
    pub commitment: CommitmentRef,
}

/// How a commitment stands on the day asked about, as its reports tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// How far it has come.
    pub status: CommitmentStatus,
    /// How much of it is done, as the same report says; null where it does not.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Whether it is due, certainly, and still open. Null where nobody knows by when it is due, and
    /// where it is open and the agreement is not, or no longer, one that is carried out.
    pub overdue: Option<bool>,
    /// The day of which the report tells; null without one.
    pub reported_on: Option<ImpreciseDate>,
    /// How many reports count.
    pub report_count: usize,
    /// How many reports of partners await the city's confirmation.
    pub pending_reports: usize,
}

/// How an agreement is carried out: `none` where nothing is promised, or all of it was dropped or
/// carried over; else, of what is left: `unknown` where nothing is known of any, `fulfilled` and
/// `unfulfilled` where all are, `partly_fulfilled` where all are settled or the agreement has ended
/// and only some are fulfilled, `in_progress` where some are still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentStatus {
    Unknown,
    InProgress,
    Fulfilled,
    PartlyFulfilled,
    Unfulfilled,
    None,
}

/// How many commitments stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentCounts {
    /// Of so many nothing is known.
    pub unknown: usize,
    /// So many are not started.
    pub not_started: usize,
    /// So many are under way.
    pub in_progress: usize,
    /// So many are fulfilled.
    pub fulfilled: usize,
    /// So many were not fulfilled.
    pub unfulfilled: usize,
    /// So many were released by those to whom they are owed.
    pub dropped: usize,
    /// So many were taken on by another agreement.
    pub carried_over: usize,
}

/// What has become of the commitments of an agreement, on the day asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fulfilment {
    /// How the agreement is carried out.
    pub status: FulfilmentStatus,
    /// How many of its commitments stand how.
    pub counts: CommitmentCounts,
}
