//! Types of reports in the API.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::agreements::doc::Part;
use crate::agreements::types::CommitmentContent;
use crate::files::RecordFile;
use crate::kernel::clock::six_digits;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::kernel::rule::rule_error;
use crate::kernel::values::{
    AgreementRef, ExternalDocument, Gap, ImpreciseDate, Localized, Meta, OrganizationRef,
    Retraction, Warning, has_an_end,
};
use crate::kernel::values::{Revision, Versioned};
use crate::kernel::words::words;

/// Status of a commitment that a caller can report. `unfulfilled`: not kept, which a later report
/// can still make good; `dropped`: released by those to whom it is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportableStatus {
    NotStarted,
    InProgress,
    Fulfilled,
    Unfulfilled,
    Dropped,
}

/// Status of a commitment in a report. `unfulfilled`: not kept; `dropped`: released by those to
/// whom it is owed; `carried_over`: taken on by another agreement, recorded only by the transition
/// that supersedes the agreement.
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

/// Status of a commitment: that of the latest report that counts, by its date and then by the time
/// of recording; `unknown` without one. An outcome decided at the end of the agreement outranks
/// earlier reports. An `unfulfilled` commitment was not kept: it is no longer `overdue`, and
/// `failed` on the timeline. A `dropped` or `carried_over` one is `cancelled` there.
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

words!(CommitmentStatus: Unknown "미상" "Unknown", NotStarted "미착수" "Not started", InProgress "추진 중" "In progress",
    Fulfilled "이행" "Fulfilled", Unfulfilled "미이행" "Not fulfilled", Dropped "취소" "Dropped",
    CarriedOver "다른 협약으로 넘김" "Carried over");

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

/// Outcome of a commitment at the end of its agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    Fulfilled,
    /// The commitment was not kept.
    Unfulfilled,
    /// Released by those to whom it is owed.
    Dropped,
    /// Taken on by the agreement that supersedes this one.
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

/// Outcome of an open commitment at the end of its agreement. It is recorded as a report of the
/// city on the day of the transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct CommitmentDecision {
    /// Id of the commitment.
    pub commitment_id: PartId,
    /// Outcome; `carried_over` only if the agreement is superseded.
    #[schema(example = "fulfilled")]
    pub becomes: Becomes,
    /// Remarks.
    #[validate(nested)]
    pub note: Option<Localized>,
}

/// Report on a commitment to record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "report_fits", skip_on_field_errors = false))]
pub struct CommitmentReportCreate {
    /// Date of the report: when the commitment had this status. An imprecise date counts from its
    /// last possible day, which cannot lie in the future: for a year or a month that is not over,
    /// give the month, the day, or a range that ends today.
    pub on: ImpreciseDate,
    /// Status of the commitment on that date.
    #[schema(example = "in_progress")]
    pub status: ReportableStatus,
    /// Share that was done, in percent; null if unknown. Can only be 100 for `fulfilled` and 0 for
    /// `not_started`.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Number that was reached by that date in all, in the unit of the commitment's `target`; it can
    /// exceed the target. Null if unknown.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 38)]
    pub value: Option<f64>,
    /// Remarks.
    #[validate(nested)]
    #[schema(example = json!({"ko": "1차 전문인력 교육 수료 40명", "en": null}))]
    pub note: Option<Localized>,
    /// Documents that prove it, which are kept outside the registry.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub evidence: Vec<ExternalDocument>,
}

fn report_fits(report: &CommitmentReportCreate) -> Result<(), ValidationError> {
    has_an_end(&report.on, "/on")?;
    let full = match report.status {
        ReportableStatus::Fulfilled => 100,
        ReportableStatus::NotStarted => 0,
        _ => return Ok(()),
    };
    if report.percent.is_some_and(|percent| percent != full) {
        return Err(rule_error(
            "percent_contradicts",
            "/percent",
            "이행 상태와 맞지 않습니다. fulfilled는 100, not_started는 0이어야 합니다.",
            "This contradicts the status: fulfilled means 100, not_started means 0.",
        ));
    }
    Ok(())
}

/// Request to confirm a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ConfirmationCreate {
    /// Remarks.
    #[validate(nested)]
    #[schema(example = json!({"ko": "수료증 확인", "en": "Certificates seen"}))]
    pub note: Option<Localized>,
}

/// Request to decline a partner's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct RefusalCreate {
    /// Reason for declining the report.
    #[validate(nested)]
    #[schema(example = json!({"ko": "증빙이 없음", "en": "No evidence"}))]
    pub reason: Localized,
}

/// Confirmation of a partner's report by the city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confirmation {
    /// Name of the caller who confirmed it.
    #[schema(example = "전략산업과 협약 담당")]
    pub by: String,
    /// Time of the confirmation.
    #[serde(serialize_with = "six_digits")]
    pub confirmed_at: DateTime<Utc>,
    /// Remarks.
    pub note: Option<Localized>,
}

/// Refusal of a partner's report by the city.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Name of the caller who declined it.
    #[schema(example = "전략산업과 협약 담당")]
    pub by: String,
    /// Time of the refusal.
    #[serde(serialize_with = "six_digits")]
    pub declined_at: DateTime<Utc>,
    /// Reason for the refusal.
    pub reason: Localized,
}

/// Standing of a report. The city's report counts, a partner's once the city has confirmed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Counted,
    AwaitingConfirmation,
    Declined,
    Retracted,
}

/// Author of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reporter {
    /// Name of the token or of the subject.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// Partner organization; null if the city itself reported.
    pub organization: Option<OrganizationRef>,
}

/// Content of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportContent {
    /// Date of the report: when the commitment had this status.
    pub on: ImpreciseDate,
    /// Status of the commitment on that date.
    #[schema(example = "in_progress")]
    pub status: ReportedStatus,
    /// Share that was done, in percent; null if unknown.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Number that was reached by that date in all, in the unit of the commitment's `target`; it can
    /// exceed the target. Null if unknown.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 38)]
    pub value: Option<f64>,
    /// Remarks.
    pub note: Option<Localized>,
    /// Documents that prove it, which are kept outside the registry.
    pub evidence: Vec<ExternalDocument>,
}

impl From<CommitmentReportCreate> for ReportContent {
    fn from(new: CommitmentReportCreate) -> Self {
        Self {
            on: new.on,
            status: new.status.into(),
            percent: new.percent,
            value: new.value,
            note: new.note,
            evidence: new.evidence,
        }
    }
}

/// Report on a commitment. Reports are never edited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentReport {
    #[serde(flatten)]
    pub meta: Meta<ReportId>,
    /// Id of the agreement.
    pub agreement_id: AgreementId,
    /// Agreement with its title.
    pub agreement: AgreementRef,
    /// Id of the reported commitment.
    pub commitment_id: PartId,
    /// Reported commitment with its text.
    pub commitment: CommitmentRef,
    #[serde(flatten)]
    pub content: ReportContent,
    /// Files of the report that the registry keeps as evidence, in the order in which they were added.
    /// Everyone who sees the report sees which there are; `edition` decides who reads them.
    pub files: Vec<RecordFile>,
    /// Author of the report.
    pub reported_by: Reporter,
    /// Whether a partner reported rather than the city.
    pub by_partner: bool,
    /// Whether the transition that ended the agreement recorded it.
    pub at_end: bool,
    /// Whether the report counts.
    pub standing: Standing,
    /// Confirmation by the city; null without one, and for the city's own report.
    pub confirmation: Option<Confirmation>,
    /// Refusal by the city; null without one.
    pub refusal: Option<Refusal>,
    /// Retraction of a mistaken report; null without one.
    pub retraction: Option<Retraction>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Findings that deserve attention.
    pub warnings: Vec<Warning>,
}

impl Versioned for CommitmentReport {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

/// Commitment with its text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentRef {
    /// Id of the commitment.
    pub id: PartId,
    /// Text of the promise.
    pub text: Localized,
    /// Due date; null if unknown.
    pub due: Option<ImpreciseDate>,
}

impl CommitmentRef {
    pub fn of(commitment: &Part<CommitmentContent>) -> Self {
        let CommitmentContent { text, due, .. } = &commitment.content;
        Self {
            id: commitment.id,
            text: text.clone(),
            due: due.as_ref().map(ImpreciseDate::plain),
        }
    }
}

/// Report in a list of reports on all agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedReport {
    #[serde(flatten)]
    pub report: CommitmentReport,
    /// Municipality that owns the agreement.
    pub municipality: OrganizationRef,
}

/// Progress of a commitment on the requested day, derived from its reports.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// Status of the commitment.
    pub status: CommitmentStatus,
    /// Share that is done, in percent, by the same report; null if it gives none.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Number that was reached, in the unit of the target, by the latest report that gives one;
    /// null if none does.
    #[schema(minimum = 0, example = 38)]
    pub value: Option<f64>,
    /// Whether the commitment is certainly past its due date and still open. Null if the due date
    /// is unknown, or if the commitment is open and its agreement is not signed yet or has ended.
    pub overdue: Option<bool>,
    /// Date of the report that determines the status; null without one.
    pub reported_on: Option<ImpreciseDate>,
    /// Number of reports that count.
    pub report_count: usize,
    /// Number of partners' reports that await the city's confirmation.
    pub pending_reports: usize,
}

/// Fulfilment of an agreement. `none`: no commitments, or all were dropped or carried over.
/// Otherwise, of the remaining commitments: `unknown` if nothing is known of any, or if the
/// agreement has ended with an unknown outcome and none is fulfilled; `fulfilled` or `unfulfilled`
/// if all are; `partly_fulfilled` if all are settled or the agreement has ended, and only some are
/// fulfilled; `in_progress` if some are still open.
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

/// Number of commitments by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentCounts {
    /// Commitments with unknown status.
    pub unknown: usize,
    /// Commitments that are not started.
    pub not_started: usize,
    /// Commitments in progress.
    pub in_progress: usize,
    /// Fulfilled commitments.
    pub fulfilled: usize,
    /// Commitments that were not fulfilled.
    pub unfulfilled: usize,
    /// Commitments released by those to whom they are owed.
    pub dropped: usize,
    /// Commitments taken on by another agreement.
    pub carried_over: usize,
}

/// Fulfilment of the commitments of an agreement on the requested day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fulfilment {
    /// Fulfilment of the agreement.
    pub status: FulfilmentStatus,
    /// Number of its commitments by status.
    pub counts: CommitmentCounts,
}
