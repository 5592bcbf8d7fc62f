//! Types of agreements in the API.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::council::{CouncilAction, CouncilActionContent};
use super::duties::types::Duty;
use super::force::EndedBy;
use super::individuals::IndividualParty;
pub use super::parties::{OtherParties, Party, PartyContent, PartyRole, Signatory};
use super::publications::{Publication, PublicationContent};
use super::renewing::{CurrentTerm, RenewalTerms, not_renewing};
use super::reports::types::{Fulfilment, Progress};
use super::reviews::{Review, ReviewContent};
use super::rules::reviewed_too_late;
pub use super::signatures::PartySignature;
pub use super::transitions::{Correction, Transition, TransitionCreate, Urgent};
use crate::files::KeptFile;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, ProjectId};
use crate::kernel::rule::merge_errors;
use crate::kernel::text::tidied;
use crate::kernel::values::{
    AgreementRef, Amount, Anchor, DayRange, ExternalDocument, Gap, ImpreciseDate, Localized,
    LocalizedLine, Meta, Money, OrganizationRef, ProjectRef, RelativeDate, Source, Warning,
    misplaced_anchor, range_in_order, relative_from_json,
};
use crate::kernel::values::{Revision, Versioned};
use crate::kernel::words::words;
use crate::ledger::Visibility;
pub use crate::projections::agreement_kind::AgreementKind;
use crate::projections::freshness::Freshness;
use crate::projections::policies::Organ;

/// Status of an agreement. `withdrawn`: given up before signing; `voided`: entered in error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    #[default]
    Draft,
    InReview,
    Approved,
    Signed,
    Completed,
    Terminated,
    Superseded,
    Withdrawn,
    Voided,
}

words!(AgreementStatus: Draft "작성" "Draft", InReview "검토" "In review", Approved "승인" "Approved",
    Signed "체결" "Signed", Completed "완료" "Completed", Terminated "해지" "Terminated",
    Superseded "갱신·대체" "Superseded", Withdrawn "철회" "Withdrawn", Voided "무효" "Voided");

/// Whether an agreement is in force; `unknown` if its dates leave it open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InForce {
    True,
    False,
    Unknown,
}

/// Commitment: a single promise in an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "due_has_an_anchor", skip_on_field_errors = false))]
pub struct CommitmentContent {
    /// Text of the promise.
    #[validate(nested)]
    #[schema(example = json!({"ko": "의료·바이오 클러스터 육성 지원", "en": "Support for the medical and bio cluster"}))]
    pub text: Localized,
    /// Ids of the party organizations that owe the commitment; empty if the source names none.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub owed_by: Vec<OrganizationId>,
    /// Ids of the party organizations to which it is owed; empty if the source names none.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub owed_to: Vec<OrganizationId>,
    /// Due date; null if the source states none. It can be relative to the signing, the term or a
    /// milestone of a project in `project_ids` ("착공 후 36개월").
    #[serde(default, deserialize_with = "relative_from_json")]
    #[schema(value_type = Option<RelativeDate>)]
    pub due: Option<ImpreciseDate>,
    /// Amount that is promised, such as jobs or an investment; null if the promise has no number.
    /// Reports give the number that was reached as `value`.
    #[validate(nested)]
    #[schema(example = json!({"value": 450, "unit": "persons", "approximate": false, "as_stated": "450명 고용"}))]
    pub target: Option<Amount>,
}

fn due_has_an_anchor(commitment: &CommitmentContent) -> Result<(), ValidationError> {
    let anchors = [
        Anchor::Signing,
        Anchor::EffectiveFrom,
        Anchor::EffectiveUntil,
        Anchor::Milestone,
    ];
    misplaced_anchor(commitment.due.as_ref(), &anchors, "/due").map_or(Ok(()), Err)
}

/// Statement made about an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Statement {
    /// Name of the speaker.
    #[schema(max_length = 200, pattern = r"^.+$", example = "이재준")]
    pub speaker: String,
    /// Official title of the speaker.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "고양시장", "en": "Mayor of Goyang"}))]
    pub title: Option<Localized>,
    /// Party for which the speaker speaks: its index in `parties`, from 0.
    #[schema(minimum = 0, maximum = 99, example = 0)]
    pub party: Option<usize>,
    /// Text of the statement.
    #[validate(nested)]
    pub text: Localized,
    /// Date of the statement.
    pub said_on: Option<ImpreciseDate>,
}

/// Contact for an agreement: personal data, visible only to the staff of its own municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Contact {
    /// Department.
    #[schema(max_length = 200, pattern = r"^.+$", example = "전략산업과")]
    pub department: Option<String>,
    /// Name of the officer in charge.
    #[schema(max_length = 200, pattern = r"^.+$")]
    pub name: Option<String>,
    /// Telephone number.
    #[schema(max_length = 50, pattern = r"^.+$", example = "031-8075-0000")]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(max_length = 254, format = "email", example = "mou@example.com")]
    pub email: Option<String>,
}

/// Legal basis and end of withholding a record from the public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Withholding {
    /// Law on which the withholding rests.
    #[schema(
        max_length = 200,
        pattern = r"^.+$",
        example = "공공기관의 정보공개에 관한 법률 제9조제1항제5호"
    )]
    pub legal_basis: String,
    /// Last day of the withholding; null if none is set. Nothing is disclosed automatically: on the
    /// day after, a duty to publish what was withheld falls due.
    #[schema(example = "2027-12-31")]
    pub until: Option<NaiveDate>,
}

/// Content of an agreement, without its parties and commitments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_force_in_order", skip_on_field_errors = false))]
pub struct AgreementContent {
    /// Kind of agreement.
    pub kind: AgreementKind,
    /// Title of the agreement.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "고양 일산테크노밸리 메디컬·바이오 클러스터 조성 업무협약", "en": null}))]
    pub title: Localized,
    /// The city's own number of the agreement, such as the serial or document number in its ledger.
    #[serde(default, deserialize_with = "tidied")]
    #[schema(max_length = 100, pattern = r"^.+$", example = "2024-017")]
    pub reference_number: Option<String>,
    /// Purpose of the agreement.
    #[validate(nested)]
    pub purpose: Option<Localized>,
    /// Date of signing; null if unknown.
    pub signed_on: Option<ImpreciseDate>,
    /// Place of signing.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "고양인재교육원", "en": null}))]
    pub venue: Option<Localized>,
    /// First day in force; null if it is the day of signing, or unknown. It can be relative to the
    /// signing or to a milestone of a project in `project_ids`.
    #[serde(default, deserialize_with = "relative_from_json")]
    #[schema(value_type = Option<RelativeDate>)]
    pub effective_from: Option<ImpreciseDate>,
    /// Last day in force; null if the source does not state it. It can be relative to the signing, to
    /// the first day in force ("발효일로부터 2년") or to a milestone of a project in `project_ids`
    /// ("준공일까지").
    #[serde(default, deserialize_with = "relative_from_json")]
    #[schema(value_type = Option<RelativeDate>)]
    pub effective_until: Option<ImpreciseDate>,
    /// Whether the agreement renews automatically at its end; null if the source does not state it.
    pub auto_renews: Option<bool>,
    /// How the term renews automatically; null if the source does not state it. Only with
    /// `auto_renews`.
    #[validate(nested)]
    pub renewal: Option<RenewalTerms>,
    /// Whether the agreement is legally binding; null if the source does not state it.
    pub legally_binding: Option<bool>,
    /// Whether it involves financial obligations; null if the source does not state it.
    pub financial_obligation: Option<bool>,
    /// Whether public property is involved (공유재산); null if the source does not state it.
    pub public_property: Option<bool>,
    /// Whether it restricts rights of residents or imposes duties on them (주민의 권리 제한·의무 부과); null
    /// if the source does not state it.
    pub restricts_rights: Option<bool>,
    /// Organ of the municipality that concluded it (체결 기관); null if not stated, as for the executive.
    pub concluded_by: Option<Organ>,
    /// Date by which the partner had reviewed the draft (상대방 사전 검토), not after the signing.
    pub partner_reviewed_on: Option<ImpreciseDate>,
    /// Cost; null if the source does not state it. It is a burden of the city unless
    /// `financial_obligation` is false, as where a company invests its own money.
    #[validate(nested)]
    pub cost: Option<Money>,
    /// Department in charge.
    #[serde(default, deserialize_with = "tidied")]
    #[schema(max_length = 200, pattern = r"^.+$", example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Visibility after signing; until then the agreement is internal.
    #[serde(default)]
    pub visibility: Visibility,
    /// Reason and end of the withholding if the agreement is not public; null if not stated.
    #[validate(nested)]
    pub withholding: Option<Withholding>,
    /// Ids of the other municipalities whose agreement this is as well, which are parties to it. Each
    /// finds it in its lists, figures and reports, with the duties of its own policies; its staff see
    /// it as the owner's do, and record its council actions, reviews and publications.
    #[serde(default)]
    #[schema(max_items = 30, example = json!([]))]
    pub co_owner_ids: Vec<OrganizationId>,
    /// Topics of the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Vec<LocalizedLine>, max_items = 50)]
    pub topics: Vec<Localized>,
    /// Ids of the projects that the agreement serves.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub project_ids: Vec<ProjectId>,
    /// Id of the agreement that this one renews, amends or replaces.
    pub supersedes_id: Option<AgreementId>,
    /// Parties beside those in `parties` that the source does not name; null if there are none.
    #[validate(nested)]
    pub other_parties: Option<OtherParties>,
    /// Parties who are individuals.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub individual_parties: Vec<IndividualParty>,
    /// Id of the framework agreement that this one carries out. Unlike `supersedes_id`, this and the
    /// following links end nothing: both agreements go on.
    pub implements_id: Option<AgreementId>,
    /// Id of the agreement to which this one is an annex.
    pub annex_to_id: Option<AgreementId>,
    /// Id of the agreement of which this one amends a part, while the rest of it goes on.
    pub amends_id: Option<AgreementId>,
    /// Ids of agreements that this one continues beside `supersedes_id`: several that it joins, or
    /// one that several agreements continue in parts. Their own steps record how they end.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub continues_ids: Vec<AgreementId>,
    /// Remarks, such as those in the last column of a ledger (비고). Everyone who sees the agreement
    /// sees them.
    #[validate(nested)]
    #[schema(example = json!({"ko": "9개 대학 동시 체결", "en": null}))]
    pub note: Option<Localized>,
    /// Contact for questions.
    #[validate(nested)]
    pub contact: Option<Contact>,
    /// Statements made about the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub statements: Vec<Statement>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

fn in_force_in_order(content: &AgreementContent) -> Result<(), ValidationError> {
    let start = content
        .effective_from
        .as_ref()
        .or(content.signed_on.as_ref());
    // A relative date is not derived yet.
    let fixed = |date: &&ImpreciseDate| date.relative_to().is_none();
    let (start, until) = (start.filter(fixed), content.effective_until.as_ref());
    let reversed = range_in_order(start, until.filter(fixed), "/effective_until");
    let too_late = [not_renewing(content), reviewed_too_late(content)];
    let from = &[Anchor::Signing, Anchor::Milestone][..];
    let until = &[Anchor::Signing, Anchor::EffectiveFrom, Anchor::Milestone][..];
    let anchors = [
        misplaced_anchor(content.effective_from.as_ref(), from, "/effective_from"),
        misplaced_anchor(content.effective_until.as_ref(), until, "/effective_until"),
    ];
    let anchors = anchors.into_iter().flatten();
    merge_errors(
        reversed
            .err()
            .into_iter()
            .chain(too_late.into_iter().flatten())
            .chain(anchors),
    )
}

/// Agreement to record as a whole, in its present status (a draft by default), with its parties,
/// commitments and documents.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AgreementCreate {
    /// Id of the municipality that owns the agreement.
    pub municipality_id: OrganizationId,
    /// Present status.
    #[serde(default)]
    #[schema(example = "signed")]
    pub status: AgreementStatus,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: AgreementContent,
    /// Parties to the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub parties: Vec<PartyContent>,
    /// Commitments made in the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub commitments: Vec<CommitmentContent>,
    /// Documents of the agreement. Their files are added afterwards.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub documents: Vec<DocumentContent>,
    /// Reviews of the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub reviews: Vec<ReviewContent>,
    /// Council actions on the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub council_actions: Vec<CouncilActionContent>,
    /// Publications of the agreement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub publications: Vec<PublicationContent>,
    /// Transitions that led to the present status, if their dates are known.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 10, example = json!([]))]
    pub transitions: Vec<TransitionCreate>,
}

/// Commitment of an agreement, with its progress.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Commitment {
    /// Id of the commitment.
    pub id: PartId,
    #[serde(flatten)]
    pub content: CommitmentContent,
    /// The organizations in `owed_by`, with their names.
    pub owed_by_organizations: Vec<OrganizationRef>,
    /// The organizations in `owed_to`, with their names.
    pub owed_to_organizations: Vec<OrganizationRef>,
    #[serde(flatten)]
    pub progress: Progress,
    /// Reported number as a share of the target, in percent with two decimals; it can exceed 100.
    /// Null without a target or a reported number.
    #[schema(minimum = 0, example = 76)]
    pub percent_of_target: Option<f64>,
}

/// Document of an agreement: what is stated of it, and where it is kept outside the registry, at a URL
/// or on paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct DocumentContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: ExternalDocument,
    /// Id of the municipality that keeps the document, of an agreement that several share; null for
    /// the owner.
    #[schema(example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
}

/// Document of an agreement, with its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Document {
    /// Id of the document.
    pub id: PartId,
    #[serde(flatten)]
    pub content: DocumentContent,
    /// Files of the document that the registry keeps, in the order in which they were added. Everyone
    /// who sees the agreement sees what they are; `edition` tells who may read them.
    pub files: Vec<KeptFile>,
}

/// Agreement with its parts and the facts derived from them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agreement {
    #[serde(flatten)]
    pub meta: Meta<AgreementId>,
    /// Id of the municipality that owns the agreement.
    pub municipality_id: OrganizationId,
    /// Municipality with its name.
    pub municipality: OrganizationRef,
    /// The municipalities in `co_owner_ids`, with their names.
    #[schema(example = json!([]))]
    pub co_owners: Vec<OrganizationRef>,
    /// Status on the requested day.
    pub status: AgreementStatus,
    #[serde(flatten)]
    pub content: AgreementContent,
    /// Projects that the agreement serves, with their titles.
    pub projects: Vec<ProjectRef>,
    /// Parties to the agreement.
    pub parties: Vec<Party>,
    /// Commitments made in the agreement.
    pub commitments: Vec<Commitment>,
    /// Fulfilment of the commitments, derived from the reports on them.
    pub fulfilment: Fulfilment,
    /// Freshness of the information: time since the last report, review or signing. Null unless the
    /// agreement is signed and has not ended.
    pub freshness: Option<Freshness>,
    /// Documents of the agreement.
    pub documents: Vec<Document>,
    /// Reviews of the agreement.
    pub reviews: Vec<Review>,
    /// Council actions on the agreement.
    pub council_actions: Vec<CouncilAction>,
    /// Publications of the agreement.
    pub publications: Vec<Publication>,
    /// Duties that the municipality's policies impose on the agreement, as of the requested day.
    pub duties: Vec<Duty>,
    /// Recorded transitions.
    pub transitions: Vec<Transition>,
    /// Corrections made after signing, and of the days of transitions at any time.
    pub corrections: Vec<Correction>,
    /// Agreement that this one renews, amends or replaces.
    pub supersedes: Option<AgreementRef>,
    /// Agreement that renews, amends or replaces this one, unless that one was withdrawn or voided.
    pub superseded_by: Option<AgreementRef>,
    /// Framework agreement that this one carries out.
    pub implements: Option<AgreementRef>,
    /// Agreement to which this one is an annex.
    pub annex_to: Option<AgreementRef>,
    /// Agreement of which this one amends a part.
    pub amends: Option<AgreementRef>,
    /// Agreements that this one continues beside `supersedes`.
    pub continues: Vec<AgreementRef>,
    /// Agreements that carry this one out; like the following lists, without withdrawn and voided
    /// ones.
    pub implemented_by: Vec<AgreementRef>,
    /// Annexes to this agreement.
    pub annexes: Vec<AgreementRef>,
    /// Agreements that amend a part of this one.
    pub amended_by: Vec<AgreementRef>,
    /// Agreements that continue this one beside `superseded_by`.
    pub continued_by: Vec<AgreementRef>,
    /// Whether the agreement is in force on the requested day; null if its dates leave it open.
    pub in_force: Option<bool>,
    /// Number of days until the last day in force; null unless the agreement is certainly in force
    /// and that day is known.
    pub expires_in_days: Option<i64>,
    /// Number of days until the last day in force, as a range; null if the agreement is certainly
    /// not in force or nothing is known of its end.
    pub expires_in: Option<DayRange>,
    /// How the agreement ended; null if it has not certainly ended. An agreement whose term ran out
    /// ended by expiry, whether or not that was decided, and keeps its status.
    pub ended_by: Option<EndedBy>,
    /// Term that runs on the requested day; null unless the agreement renews automatically, is
    /// certainly in force, and both the end of its first term and the length of the renewals are
    /// known.
    pub current_term: Option<CurrentTerm>,
    /// Statuses that can follow.
    pub allowed_transitions: Vec<AgreementStatus>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Findings that deserve attention.
    pub warnings: Vec<Warning>,
}

impl Versioned for Agreement {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
}
