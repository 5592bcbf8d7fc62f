//! Agreements as they are sent and received.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::council::{CouncilAction, CouncilActionContent};
use super::duties::types::Duty;
use super::reports::types::{CommitmentDecision, Fulfilment, Progress};
use super::reviews::{Review, ReviewContent};
use crate::access::Visibility;
use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::organizations::types::range_in_order;
use crate::projects::milestones::types::has_an_end;
use crate::statistics::freshness::Freshness;
use crate::values::{
    AgreementRef, Gap, ImpreciseDate, Link, Localized, Meta, Money, OrganizationRef, ProjectRef,
    Source, Warning,
};

/// What sort of agreement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementKind {
    Mou,
    Moa,
    Cooperation,
    Investment,
    Sisterhood,
    Implementation,
    Other,
}

/// How far an agreement has come.
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

/// What a party is in an agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    Lead,
    #[default]
    Partner,
    Witness,
    Funder,
}

/// Whether an agreement is in force; `unknown` where its dates do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InForce {
    True,
    False,
    Unknown,
}

/// Who signed for a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Signatory {
    /// The name.
    #[schema(max_length = 200, pattern = r"\S", example = "이재준")]
    pub name: String,
    /// The post.
    #[validate(nested)]
    #[schema(example = json!({"ko": "고양시장", "en": "Mayor of Goyang"}))]
    pub title: Option<Localized>,
}

/// An organization in an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "signed_or_not_stated"))]
pub struct PartyContent {
    /// The organization.
    pub organization_id: Uuid,
    /// What it is in the agreement.
    #[serde(default)]
    pub role: PartyRole,
    /// Who signed for it; null where that is not known.
    #[validate(nested)]
    pub signatory: Option<Signatory>,
    /// True where the sources were looked at and do not say who signed.
    #[serde(default)]
    pub signatory_not_stated: bool,
}

fn signed_or_not_stated(party: &PartyContent) -> Result<(), ValidationError> {
    if party.signatory.is_some() && party.signatory_not_stated {
        return Err(broken(
            "signatory_stated",
            "/signatory_not_stated",
            "서명자가 있으면 false여야 합니다.",
            "This must be false where a signatory is given.",
        ));
    }
    Ok(())
}

/// One thing promised in an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct CommitmentContent {
    /// What is promised.
    #[validate(nested)]
    #[schema(example = json!({"ko": "의료·바이오 클러스터 육성 지원", "en": "Support for the medical and bio cluster"}))]
    pub text: Localized,
    /// The parties that owe it, by their organizations; empty where the source does not say.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub owed_by: Vec<Uuid>,
    /// The parties to which it is owed; empty where the source does not say.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub owed_to: Vec<Uuid>,
    /// By when; null where the source does not say.
    pub due: Option<ImpreciseDate>,
}

/// What somebody said of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Statement {
    /// Who said it.
    #[schema(max_length = 200, pattern = r"\S", example = "이재준")]
    pub speaker: String,
    /// The speaker's post.
    #[validate(nested)]
    #[schema(example = json!({"ko": "고양시장", "en": "Mayor of Goyang"}))]
    pub title: Option<Localized>,
    /// For which party: its place in `parties`, from 0.
    #[schema(minimum = 0, maximum = 99, example = 0)]
    pub party: Option<usize>,
    /// What was said.
    #[validate(nested)]
    pub text: Localized,
    /// When it was said.
    pub said_on: Option<ImpreciseDate>,
}

/// Whom to ask about an agreement: personal data, for the own city's staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Contact {
    /// The department.
    #[schema(max_length = 200, pattern = r"\S", example = "전략산업과")]
    pub department: Option<String>,
    /// The officer in charge.
    #[schema(max_length = 200, pattern = r"\S")]
    pub name: Option<String>,
    /// The telephone number.
    #[schema(max_length = 50, pattern = r"\S", example = "031-8075-0000")]
    pub phone: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = "email", example = "mou@example.com")]
    pub email: Option<String>,
}

/// Why and until when a record is withheld from the public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Withholding {
    /// The law that it rests on.
    #[schema(
        max_length = 200,
        pattern = r"\S",
        example = "공공기관의 정보공개에 관한 법률 제9조제1항제5호"
    )]
    pub legal_basis: String,
    /// The last day on which it is withheld; null where none is set. Nothing is disclosed by itself:
    /// on the day after, somebody has to look at it again.
    #[schema(example = "2027-12-31")]
    pub until: Option<NaiveDate>,
}

/// What an agreement says of itself, without its parties and commitments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_force_in_order"))]
pub struct AgreementContent {
    /// What sort of agreement it is.
    pub kind: AgreementKind,
    /// Its title.
    #[validate(nested)]
    #[schema(example = json!({"ko": "고양 일산테크노밸리 메디컬·바이오 클러스터 조성 업무협약", "en": null}))]
    pub title: Localized,
    /// What it is for.
    #[validate(nested)]
    pub purpose: Option<Localized>,
    /// When it was signed; null where that is not known.
    pub signed_on: Option<ImpreciseDate>,
    /// Where it was signed.
    #[validate(nested)]
    #[schema(example = json!({"ko": "고양인재교육원", "en": null}))]
    pub venue: Option<Localized>,
    /// Since when it is in force; null for the day of signing, or where it is not known.
    pub effective_from: Option<ImpreciseDate>,
    /// The last day in force; null where the source does not say.
    pub effective_until: Option<ImpreciseDate>,
    /// Whether it renews itself at its end; null where the source does not say.
    pub auto_renews: Option<bool>,
    /// Whether it binds by law; null where the source does not say.
    pub legally_binding: Option<bool>,
    /// Whether it costs money; null where the source does not say.
    pub financial_obligation: Option<bool>,
    /// Whether public property is involved (공유재산); null where the source does not say.
    pub public_property: Option<bool>,
    /// What it costs; null where the source does not say.
    #[validate(nested)]
    pub cost: Option<Money>,
    /// The department in charge.
    #[schema(max_length = 200, pattern = r"\S", example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Who may see it once it is signed; until then it is internal.
    #[serde(default)]
    pub visibility: Visibility,
    /// Why and until when it is not public, where it is not; null where that is not stated.
    #[validate(nested)]
    pub withholding: Option<Withholding>,
    /// What it is about.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub topics: Vec<Localized>,
    /// The projects that it serves.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub project_ids: Vec<Uuid>,
    /// The agreement that this one renews, amends or replaces.
    pub supersedes_id: Option<Uuid>,
    /// Whom to ask.
    #[validate(nested)]
    pub contact: Option<Contact>,
    /// What was said of it.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub statements: Vec<Statement>,
    /// Where these facts are taken from.
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
    range_in_order(start, content.effective_until.as_ref(), "/effective_until")
}

/// A step of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct TransitionCreate {
    /// The status that it takes on.
    #[schema(example = "terminated")]
    pub to: AgreementStatus,
    /// The day, which lies before that of no step that was recorded before; where it is not given
    /// today, or of a signing the agreement's `signed_on`. So give it to a step that is recorded late,
    /// or what followed it cannot be recorded of its own day.
    pub on: Option<ImpreciseDate>,
    /// Why; needed where the step ends the agreement.
    #[validate(nested)]
    #[schema(example = json!({"ko": "당사자 합의", "en": "By consent of the parties"}))]
    pub reason: Option<Localized>,
    /// What becomes of each commitment that is still open; asked where a signed agreement is
    /// completed, terminated or superseded. A signing that supersedes another agreement says it of
    /// that one's: those of which it does not are carried over to its own commitments, and where it has
    /// none it says it of each.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub commitments: Vec<CommitmentDecision>,
    /// Why it is signed although the council has not consented or been told, which the policy wants
    /// first: it is then reported afterwards. Only at a signing.
    #[validate(nested)]
    pub urgent: Option<Urgent>,
}

/// Why a signing cannot wait for the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Urgent {
    /// Why.
    #[validate(nested)]
    #[schema(example = json!({"ko": "국비 공모 마감", "en": "The call for state funds closes"}))]
    pub reason: Localized,
}

/// A step that an agreement took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transition {
    /// The status that it took on.
    pub to: AgreementStatus,
    /// The day; null where it is not known.
    pub on: Option<ImpreciseDate>,
    /// Why.
    pub reason: Option<Localized>,
    /// Why it did not wait for the council; null where it did, or did not have to.
    #[serde(default)]
    pub urgent: Option<Urgent>,
    /// When the step was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A change to the content after signing, and why it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Correction {
    /// The version that it made.
    pub version: i64,
    /// When it was made.
    pub recorded_at: DateTime<Utc>,
    /// Why it was made.
    pub reason: Localized,
}

/// An agreement to be recorded, whole: with its parties, commitments and documents, in its
/// present status. It is a draft unless it says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AgreementCreate {
    /// The municipality whose agreement it is.
    pub municipality_id: Uuid,
    /// Its present status.
    #[serde(default)]
    #[schema(example = "signed")]
    pub status: AgreementStatus,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: AgreementContent,
    /// Who takes part.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub parties: Vec<PartyContent>,
    /// What is promised.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub commitments: Vec<CommitmentContent>,
    /// Its documents, which are kept elsewhere.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub documents: Vec<DocumentContent>,
    /// Its reviews.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub reviews: Vec<ReviewContent>,
    /// What the council did about it.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub council_actions: Vec<CouncilActionContent>,
    /// The steps that led to its present status, where their days are known.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 10, example = json!([]))]
    pub transitions: Vec<TransitionCreate>,
}

/// An organization in an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Party {
    /// The party's id within the agreement.
    pub id: Uuid,
    /// The organization by its name; of a duplicate that was merged, its survivor.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: PartyContent,
}

/// One thing promised in an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Commitment {
    /// The commitment's id.
    pub id: Uuid,
    #[serde(flatten)]
    pub content: CommitmentContent,
    #[serde(flatten)]
    pub progress: Progress,
}

/// A document of an agreement, which is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "disclosed_on_a_day"))]
pub struct DocumentContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: Link,
    /// Since when the agreement is disclosed to the public by it, as on the city's website; null
    /// where it is not. It counts from the last day that this may mean, which has come.
    pub disclosed_on: Option<ImpreciseDate>,
}

fn disclosed_on_a_day(document: &DocumentContent) -> Result<(), ValidationError> {
    let on = document.disclosed_on.as_ref();
    on.map_or(Ok(()), |on| has_an_end(on, "/disclosed_on"))
}

/// A document of an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Document {
    /// The document's id.
    pub id: Uuid,
    #[serde(flatten)]
    pub content: DocumentContent,
}

/// An agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Agreement {
    #[serde(flatten)]
    pub meta: Meta,
    /// The municipality whose agreement it is.
    pub municipality_id: Uuid,
    /// The municipality by its name.
    pub municipality: OrganizationRef,
    /// Its status, on the day asked about.
    pub status: AgreementStatus,
    #[serde(flatten)]
    pub content: AgreementContent,
    /// The projects that it serves, by their titles.
    pub projects: Vec<ProjectRef>,
    /// Who takes part.
    pub parties: Vec<Party>,
    /// What is promised.
    pub commitments: Vec<Commitment>,
    /// What has become of what is promised, as the reports on it tell.
    pub fulfilment: Fulfilment,
    /// How fresh what is known of it is: since when nobody reported on it, reviewed or signed it. Null
    /// unless it is signed and has not ended.
    pub freshness: Option<Freshness>,
    /// Its documents.
    pub documents: Vec<Document>,
    /// Its reviews.
    pub reviews: Vec<Review>,
    /// What the council did about it.
    pub council_actions: Vec<CouncilAction>,
    /// What its municipality's policies demand of it, as it stands on the day asked about.
    pub duties: Vec<Duty>,
    /// The steps that it took.
    pub transitions: Vec<Transition>,
    /// What was changed after signing.
    pub corrections: Vec<Correction>,
    /// The agreement that this one renews, amends or replaces.
    pub supersedes: Option<AgreementRef>,
    /// The agreement that renews, amends or replaces this one, unless it was withdrawn or voided.
    pub superseded_by: Option<AgreementRef>,
    /// Whether it is in force on the day asked about; null where its dates do not tell.
    pub in_force: Option<bool>,
    /// How many days are left until the last day in force; null where it is not known or not in
    /// force.
    pub expires_in_days: Option<i64>,
    /// The steps that it can take next.
    pub allowed_transitions: Vec<AgreementStatus>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

impl Versioned for Agreement {
    fn version(&self) -> i64 {
        self.meta.version
    }
}
