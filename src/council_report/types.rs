//! The report as it is sent.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Visibility;
use crate::agreements::council::CouncilActionContent;
use crate::agreements::duties::types::{DoneBy, Duty};
use crate::agreements::reports::types::{CommitmentCounts, CommitmentStatus, Fulfilment};
use crate::agreements::reviews::ReviewContent;
use crate::agreements::types::{AgreementKind, AgreementStatus};
use crate::agreements::withheld::WithheldGroup;
use crate::http::language::Message;
use crate::organizations::policies::PolicyReference;
use crate::organizations::types::Officer;
use crate::projects::milestones::types::{MilestoneKind, ReasonCode};
use crate::statistics::rules::LeftOutReason;
use crate::values::{
    AgreementRef, DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef, Source,
};

/// What a council is told of a municipality's agreements in a period. What is dated imprecisely lies
/// in the period in which its last day does; what has no date lies in none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilReport {
    /// The municipality.
    pub municipality: OrganizationRef,
    /// Who holds or held its posts in the period, as far as the recorded terms tell.
    pub officers: Vec<Officer>,
    /// The first day of the period.
    pub from: NaiveDate,
    /// The last day of the period.
    pub to: NaiveDate,
    /// The day as of which all of it is told.
    pub as_of: NaiveDate,
    /// On what it rests: on what is `public`, on what a partner sees besides, or, with `internal`, on
    /// all of the municipality's agreements.
    pub basis: Visibility,
    /// The ordinances of the policies that hold in the period.
    pub ordinances: Vec<PolicyReference>,
    /// How many agreements stand how, on the day of `as_of`, whenever they were signed.
    pub totals: AgreementTotals,
    /// Execution rates, of the agreements that were signed by the end of the period and had not ended
    /// before it. What lapsed before it has not: what came of it is unknown.
    pub rates: ExecutionRates,
    /// The agreements that were signed in the period.
    pub signed: Vec<ReportedAgreement>,
    /// Those that were completed in it.
    pub completed: Vec<EndedAgreement>,
    /// Those that were terminated in it.
    pub terminated: Vec<EndedAgreement>,
    /// Those that another agreement renewed, amended or replaced in it.
    pub superseded: Vec<EndedAgreement>,
    /// Those that lapsed in it, on the day after their last in force, and that neither renew themselves nor
    /// were completed, terminated or superseded.
    pub lapsed: Vec<ReportedAgreement>,
    /// What of the agreements was signed or ended on a day that nobody knows, so that it is in none of
    /// the lists above, whichever the period.
    pub undated: Vec<UndatedEvent>,
    /// How many commitments of the agreements that the rates are of stand how.
    pub commitment_counts: CommitmentCounts,
    /// The commitments themselves.
    pub commitments: Vec<ReportedCommitment>,
    /// The reviews that were made in the period.
    pub reviews: Vec<MadeReview>,
    /// The reviews that policies demanded and that were missed in the period.
    pub missed_reviews: Vec<MissedReview>,
    /// The agreements that are, or may be, in force and were never reviewed.
    pub never_reviewed: Vec<ReportedAgreement>,
    /// What the council did in the period.
    pub council_actions: Vec<ReportedAction>,
    /// The duties that are overdue on the day of `as_of`.
    pub overdue_duties: Vec<Duty>,
    /// The targets of milestones that were stated anew in the period, for other days than before.
    pub moved_milestones: Vec<MovedMilestone>,
    /// The milestones that were met in the period.
    pub met_milestones: Vec<MetMilestone>,
    /// How many signed agreements are withheld from the public, by why and until when.
    pub withheld: Vec<WithheldGroup>,
}

/// How many agreements stand how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgreementTotals {
    /// So many are signed and neither completed, terminated nor superseded.
    pub signed: usize,
    /// So many are completed.
    pub completed: usize,
    /// So many are terminated.
    pub terminated: usize,
    /// So many are superseded by another.
    pub superseded: usize,
    /// Of those that are signed so many are in force.
    pub in_force: usize,
    /// Of those that are signed so many are not, or no longer, in force.
    pub not_in_force: usize,
    /// Of so many of those that are signed the dates do not tell.
    pub in_force_unknown: usize,
}

/// Execution rates.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExecutionRates {
    /// Commitments fulfilled, of those that are due.
    pub commitments: Rate,
    /// Agreements completed in the period, of those that ended in it.
    pub agreements: Rate,
}

/// A ratio of two counts. What is counted stands in the lists of the report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Rate {
    /// The numerator by the denominator, from 0 to 1, rounded to four decimals; null where the
    /// denominator is 0. What is exact are the two counts.
    #[schema(minimum = 0, maximum = 1, example = 0.1711)]
    pub value: Option<f64>,
    /// How many count.
    #[schema(minimum = 0, example = 32)]
    pub numerator: u64,
    /// Of how many.
    #[schema(minimum = 0, example = 187)]
    pub denominator: u64,
    /// What is in neither, by the reason.
    pub left_out: Vec<NotCounted>,
    /// What is divided by what, in words.
    pub formula: Message,
}

/// How many are in neither part of a ratio, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotCounted {
    /// Why, for programs.
    pub reason: LeftOutReason,
    /// Why, in words.
    pub words: Message,
    /// How many.
    #[schema(minimum = 1)]
    pub count: u64,
}

/// An agreement in a report, as it stands on the day of `as_of`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedAgreement {
    /// The agreement's id.
    pub id: Uuid,
    /// Its title.
    pub title: Localized,
    /// What sort of agreement it is.
    pub kind: AgreementKind,
    /// Who takes part.
    pub parties: Vec<OrganizationRef>,
    /// When it was signed; null where that is not known.
    pub signed_on: Option<ImpreciseDate>,
    /// Since when it is in force.
    pub effective_from: Option<ImpreciseDate>,
    /// The last day in force; null where that is not known.
    pub effective_until: Option<ImpreciseDate>,
    /// Whether it renews itself; null where that is not known.
    pub auto_renews: Option<bool>,
    /// The department in charge.
    #[schema(example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Its status.
    pub status: AgreementStatus,
    /// Whether it is in force; null where its dates do not tell.
    pub in_force: Option<bool>,
    /// What has become of what is promised.
    pub fulfilment: Fulfilment,
}

/// An agreement that ended in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndedAgreement {
    #[serde(flatten)]
    pub agreement: ReportedAgreement,
    /// When it ended.
    pub ended_on: ImpreciseDate,
    /// Why; null where that is not recorded.
    pub reason: Option<Localized>,
    /// The agreement that renews, amends or replaces it; null where there is none, or where the caller
    /// does not see it.
    pub superseded_by: Option<AgreementRef>,
}

/// What was signed or ended on a day that nobody knows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UndatedEvent {
    /// The agreement.
    pub agreement: AgreementRef,
    /// What it became.
    #[schema(example = "signed")]
    pub became: AgreementStatus,
}

/// A commitment in a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedCommitment {
    /// The commitment's id.
    pub id: Uuid,
    /// The agreement in which it is promised.
    pub agreement: AgreementRef,
    /// What is promised.
    pub text: Localized,
    /// Who owes it; empty where that is not known.
    pub owed_by: Vec<OrganizationRef>,
    /// By when; null where that is not known.
    pub due: Option<ImpreciseDate>,
    /// How far it has come.
    #[schema(example = "unknown")]
    pub status: CommitmentStatus,
    /// How much of it is done, in percent.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub percent: Option<u8>,
    /// Whether it is due, certainly, and still open; null where that cannot be told.
    pub overdue: Option<bool>,
    /// The day of which the last report tells.
    pub reported_on: Option<ImpreciseDate>,
}

/// A review that was made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeReview {
    /// The review's id.
    pub id: Uuid,
    /// The agreement that was reviewed.
    pub agreement: AgreementRef,
    /// What it says.
    pub review: ReviewContent,
}

/// A review that was demanded and missed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MissedReview {
    /// The agreement that was not reviewed.
    pub agreement: AgreementRef,
    /// The department in charge.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// The ordinance that demands it.
    #[schema(example = "부산광역시 업무협약 관리 조례 제7조")]
    pub legal_basis: Option<String>,
    /// When it fell due for the first time.
    pub due: Option<ImpreciseDate>,
    /// How often it fell due and was missed within the period.
    #[schema(minimum = 1, example = 3)]
    pub missed: u32,
    /// What has made up for it since; null where nothing has.
    pub done_by: Option<DoneBy>,
}

/// What the council did about an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportedAction {
    /// The council action's id.
    pub id: Uuid,
    /// The agreement.
    pub agreement: AgreementRef,
    /// What it did.
    pub action: CouncilActionContent,
}

/// A step of a project, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MilestoneRef {
    /// The milestone's id.
    pub id: Uuid,
    /// Which step of the project it is.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Its own name, or that of the step.
    pub title: Localized,
    /// The project.
    pub project: ProjectRef,
}

/// A target that was stated for another day than before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovedMilestone {
    /// The milestone.
    pub milestone: MilestoneRef,
    /// The forecast's id.
    pub forecast_id: Uuid,
    /// The target that had been stated before.
    pub was: ImpreciseDate,
    /// The target that was stated then.
    pub became: ImpreciseDate,
    /// How far it lies after the one before.
    pub slip: DayRange,
    /// How far it lies after the first that was stated.
    pub slip_from_baseline: Option<DayRange>,
    /// The day on which it was stated.
    pub stated_on: ImpreciseDate,
    /// Who stated it.
    #[schema(example = "고양시")]
    pub stated_by: Option<String>,
    /// Why it moved, as a code; null where no reason was given.
    pub reason_code: Option<ReasonCode>,
    /// Why it moved, in words.
    pub reason: Option<Localized>,
    /// Where it is taken from.
    pub source: Option<Source>,
}

/// A milestone that was met.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MetMilestone {
    /// The milestone.
    pub milestone: MilestoneRef,
    /// The first target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// When it was met.
    pub on: ImpreciseDate,
    /// How far that lies after the first target.
    pub slip: Option<DayRange>,
    /// What is said of it.
    pub note: Option<Localized>,
    /// Where it is taken from.
    pub source: Option<Source>,
}
