//! The council report as it is sent.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::agreements::council::CouncilActionContent;
use crate::agreements::duties::types::{DoneBy, Duty};
use crate::agreements::force::EndedBy;
use crate::agreements::reports::types::{CommitmentCounts, CommitmentStatus, Fulfilment};
use crate::agreements::reviews::ReviewContent;
use crate::agreements::types::{AgreementKind, AgreementStatus, OtherParties};
use crate::agreements::withheld::WithheldGroup;
use crate::kernel::ids::{AgreementId, MilestoneId, PartId, StatementId};
use crate::kernel::language::Message;
use crate::kernel::values::{
    AgreementRef, Amount, DayRange, ImpreciseDate, Localized, Move, OrganizationRef, ProjectRef,
    Source,
};
use crate::ledger::Visibility;
use crate::organizations::annual_reports::AnnualReport;
use crate::organizations::types::Officer;
use crate::projections::policies::PolicyReference;
use crate::projects::milestones::types::{MilestoneKind, ReasonCode};
use crate::statistics::rules::LeftOutReason;

/// Report to a council on a municipality's agreements in a period. An imprecise date belongs to the
/// period that contains all its days; one that may lie in the period or not belongs to none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilReport {
    /// The municipality.
    pub municipality: OrganizationRef,
    /// Officers during the period, as far as the recorded terms show.
    pub officers: Vec<Officer>,
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    /// Day as of which the whole report is written.
    pub as_of: NaiveDate,
    /// Visibility of the agreements covered: `public`, also those visible to `partners`, or, with
    /// `internal`, all agreements of the municipality.
    pub basis: Visibility,
    /// Ordinances behind the policies in force in the period.
    pub ordinances: Vec<PolicyReference>,
    /// Numbers of agreements by status on the day of `as_of`, regardless of their signing date.
    pub totals: AgreementTotals,
    /// Execution rates of the agreements signed by the end of the period and not completed,
    /// terminated or superseded before its start.
    pub rates: ExecutionRates,
    /// Agreements signed in the period.
    pub signed: Vec<ReportedAgreement>,
    /// Agreements completed in the period.
    pub completed: Vec<EndedAgreement>,
    /// Agreements terminated in the period.
    pub terminated: Vec<EndedAgreement>,
    /// Agreements renewed, amended or replaced by another in the period.
    pub superseded: Vec<EndedAgreement>,
    /// Agreements that lapsed in the period: the day after their last day in force lies in it, and
    /// they neither renew automatically nor were completed, terminated or superseded.
    pub lapsed: Vec<ReportedAgreement>,
    /// Signings and ends on no known day, which may lie in the period and are missing from the lists
    /// above.
    pub undated: Vec<UndatedEvent>,
    /// Numbers of commitments by status, of the agreements that the rates cover.
    pub commitment_counts: CommitmentCounts,
    /// Commitments of the agreements that the rates cover.
    pub commitments: Vec<ReportedCommitment>,
    /// Reviews made in the period.
    pub reviews: Vec<MadeReview>,
    /// Reviews that policies demanded and that were missed in the period.
    pub missed_reviews: Vec<MissedReview>,
    /// Agreements that are, or may be, in force and were never reviewed.
    pub never_reviewed: Vec<ReportedAgreement>,
    /// Council actions in the period.
    pub council_actions: Vec<ReportedAction>,
    /// Reports of the municipality to the council on all its agreements that were made in the period.
    #[schema(example = json!([]))]
    pub annual_reports: Vec<AnnualReport>,
    /// Duties that are overdue on the day of `as_of`, those of the municipality itself included.
    pub overdue_duties: Vec<Duty>,
    /// Targets of milestones that certainly moved in the period: a target that repeats, narrows or
    /// widens the one before has not moved.
    pub moved_milestones: Vec<MovedMilestone>,
    /// Milestones that are overdue on the day of `as_of`, longest first.
    pub overdue_milestones: Vec<OverdueMilestone>,
    /// Milestones met in the period.
    pub met_milestones: Vec<MetMilestone>,
    /// Numbers of signed agreements withheld from the public, by reason and end of withholding.
    pub withheld: Vec<WithheldGroup>,
}

/// Numbers of agreements by status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgreementTotals {
    /// Agreements signed and neither completed, terminated nor superseded.
    pub signed: usize,
    /// Completed agreements.
    pub completed: usize,
    /// Terminated agreements.
    pub terminated: usize,
    /// Agreements superseded by another.
    pub superseded: usize,
    /// Agreements of `signed` that are in force.
    pub in_force: usize,
    /// Agreements of `signed` that are not, or no longer, in force.
    pub not_in_force: usize,
    /// Agreements of `signed` whose dates do not determine whether they are in force.
    pub in_force_unknown: usize,
    /// Agreements of `not_in_force` that ended by the expiry of their term.
    pub expired: usize,
}

/// Execution rates.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExecutionRates {
    /// Share of fulfilled commitments among those due and reported on.
    pub commitments: Rate,
    /// Share of fulfilled commitments among all that are due, reported on or not.
    pub commitments_due: Rate,
    /// Share of completed agreements among those that ended in the period.
    pub agreements: Rate,
}

/// A ratio of two counts. The report lists the counted records.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rate {
    /// Numerator divided by denominator, from 0 to 1, rounded to four decimals; null if the
    /// denominator is 0. The two counts are exact.
    #[schema(minimum = 0, maximum = 1, example = 0.1711)]
    pub value: Option<f64>,
    /// Number of records in the numerator.
    #[schema(minimum = 0, example = 32)]
    pub numerator: u64,
    /// Number of records in the denominator.
    #[schema(minimum = 0, example = 187)]
    pub denominator: u64,
    /// Records in neither, by reason.
    pub left_out: Vec<NotCounted>,
    /// Definition of the ratio, in words.
    pub formula: Message,
}

/// Number of records left out of a ratio for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotCounted {
    /// Code of the reason.
    pub reason: LeftOutReason,
    /// The reason, in words.
    pub words: Message,
    /// Number of records.
    #[schema(minimum = 1)]
    pub count: u64,
}

/// An agreement in a report, as of the day of `as_of`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedAgreement {
    /// Id of the agreement.
    pub id: AgreementId,
    /// Title of the agreement.
    pub title: Localized,
    /// Kind of the agreement.
    pub kind: AgreementKind,
    /// Parties to the agreement.
    pub parties: Vec<OrganizationRef>,
    /// Parties beside these that the source does not name; null if there are none.
    pub other_parties: Option<OtherParties>,
    /// Number of parties who are individuals.
    pub individual_party_count: usize,
    /// Date of signing; null if unknown.
    pub signed_on: Option<ImpreciseDate>,
    /// First day in force; null if unknown.
    pub effective_from: Option<ImpreciseDate>,
    /// Last day in force; null if unknown.
    pub effective_until: Option<ImpreciseDate>,
    /// Whether it renews automatically; null if unknown.
    pub auto_renews: Option<bool>,
    /// Department in charge.
    #[schema(example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Visibility of the agreement.
    pub visibility: Visibility,
    /// Status of the agreement.
    pub status: AgreementStatus,
    /// Whether it is in force; null if its dates do not determine it.
    pub in_force: Option<bool>,
    /// How it ended; null if it has not certainly ended.
    pub ended_by: Option<EndedBy>,
    /// Fulfilment of its commitments.
    pub fulfilment: Fulfilment,
}

/// An agreement that ended in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndedAgreement {
    #[serde(flatten)]
    pub agreement: ReportedAgreement,
    /// Date of the end.
    pub ended_on: ImpreciseDate,
    /// Reason for the end; null if not recorded.
    pub reason: Option<Localized>,
    /// Agreement that renews, amends or replaces it; null if there is none or the caller cannot see
    /// it.
    pub superseded_by: Option<AgreementRef>,
}

/// A signing or an end on no known day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UndatedEvent {
    /// The agreement.
    pub agreement: AgreementRef,
    /// Status that the agreement reached.
    #[schema(example = "signed")]
    pub became: AgreementStatus,
}

/// A commitment in a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedCommitment {
    /// Id of the commitment.
    pub id: PartId,
    /// Agreement that contains the commitment.
    pub agreement: AgreementRef,
    /// Text of the promise.
    pub text: Localized,
    /// Organizations that owe it; empty if unknown.
    pub owed_by: Vec<OrganizationRef>,
    /// Due date; null if unknown.
    pub due: Option<ImpreciseDate>,
    /// Status of the commitment.
    #[schema(example = "unknown")]
    pub status: CommitmentStatus,
    /// Progress in percent.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Amount that is promised; null if the promise has no number.
    pub target: Option<Amount>,
    /// Number that was reached, in the unit of the target; null if unknown.
    #[schema(minimum = 0, example = 38)]
    pub value: Option<f64>,
    /// Reached number as a share of the target, in percent; it can exceed 100.
    #[schema(minimum = 0, example = 76)]
    pub percent_of_target: Option<f64>,
    /// Whether it is still open and certainly past its due date; null if this cannot be determined.
    pub overdue: Option<bool>,
    /// Date of the last report.
    pub reported_on: Option<ImpreciseDate>,
}

/// A review that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeReview {
    /// Id of the review.
    pub id: PartId,
    /// The reviewed agreement.
    pub agreement: AgreementRef,
    /// Content of the review.
    pub review: ReviewContent,
}

/// A review that was demanded and missed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MissedReview {
    /// The agreement that was not reviewed.
    pub agreement: AgreementRef,
    /// Department in charge.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// Ordinance that demands the review.
    #[schema(example = "부산광역시 업무협약 관리 조례 제7조")]
    pub legal_basis: Option<String>,
    /// First due date.
    pub due: Option<ImpreciseDate>,
    /// Number of times it fell due and was missed in the period.
    #[schema(minimum = 1, example = 3)]
    pub missed: u32,
    /// The review that has made up for it since; null if there is none.
    pub done_by: Option<DoneBy>,
}

/// An action of the council on an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedAction {
    /// Id of the council action.
    pub id: PartId,
    /// The agreement.
    pub agreement: AgreementRef,
    /// Content of the action.
    pub action: CouncilActionContent,
}

/// Reference to a milestone of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MilestoneRef {
    /// Id of the milestone.
    pub id: MilestoneId,
    /// Kind of the milestone: the step of the project.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Title of the milestone; defaults to the name of its kind.
    pub title: Localized,
    /// The project.
    pub project: ProjectRef,
}

/// A milestone's target that was moved to another day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovedMilestone {
    /// The milestone.
    pub milestone: MilestoneRef,
    /// Id of the forecast.
    pub forecast_id: StatementId,
    /// Previous target.
    pub was: ImpreciseDate,
    /// New target.
    pub became: ImpreciseDate,
    /// Direction of the move.
    pub direction: Move,
    /// Distance from the previous target, in days.
    pub slip: DayRange,
    /// Days from the last day of the previous target to the last day of the new one; null if one of
    /// them has none.
    #[schema(example = 638)]
    pub deadline_slip_days: Option<i64>,
    /// Distance from the first target, in days.
    pub slip_from_baseline: Option<DayRange>,
    /// Like `deadline_slip_days`, but from the first target.
    #[schema(example = 638)]
    pub deadline_slip_days_from_baseline: Option<i64>,
    /// Date of the statement.
    pub stated_on: ImpreciseDate,
    /// Author of the statement.
    #[schema(example = "고양시")]
    pub stated_by: Option<String>,
    /// Code of the reason; null if none was given.
    pub reason_code: Option<ReasonCode>,
    /// The reason, in words.
    pub reason: Option<Localized>,
    /// Source of the statement.
    pub source: Option<Source>,
}

/// A milestone that was not met by its target.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverdueMilestone {
    /// The milestone.
    pub milestone: MilestoneRef,
    /// First target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// Latest target that was stated.
    pub target: ImpreciseDate,
    /// Days since the last day of the target.
    #[schema(minimum = 1, example = 31)]
    pub overdue_days: i64,
    /// Days from the last day of the first target to the last day of the latest one; null if one of
    /// them has none.
    #[schema(example = 638)]
    pub deadline_slip_days: Option<i64>,
}

/// A milestone that was met.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetMilestone {
    /// The milestone.
    pub milestone: MilestoneRef,
    /// First target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// Date on which it was met.
    pub on: ImpreciseDate,
    /// Distance from the first target, in days.
    pub slip: Option<DayRange>,
    /// Days from the last day of the first target to the last day of the date on which it was met,
    /// 0 if that does not lie after; null if one of them has no last day, or if it may have been met
    /// in time or not.
    #[schema(example = 664)]
    pub deadline_slip_days: Option<i64>,
    /// Note on the outcome.
    pub note: Option<Localized>,
    /// Source of the outcome.
    pub source: Option<Source>,
}
