//! Organizations, municipalities and associations as they are sent and received.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::policies::{self, Policy};
use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::reference::{MunicipalityKind, MunicipalityLevel};
use crate::values::{
    Gap, Identifier, ImpreciseDate, Localized, Meta, OrganizationRef, Source, Warning,
};

/// What sort of body an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationKind {
    Municipality,
    Association,
    Hospital,
    Company,
    University,
    ResearchInstitute,
    PublicCorporation,
    GovernmentAgency,
    Foundation,
    Other,
}

impl OrganizationKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Municipality => "municipality",
            Self::Association => "association",
            Self::Hospital => "hospital",
            Self::Company => "company",
            Self::University => "university",
            Self::ResearchInstitute => "research_institute",
            Self::PublicCorporation => "public_corporation",
            Self::GovernmentAgency => "government_agency",
            Self::Foundation => "foundation",
            Self::Other => "other",
        }
    }
}

/// Who holds a post of an organization, from when to when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order"))]
pub struct Officer {
    /// The post.
    #[validate(nested)]
    #[schema(example = json!({"ko": "협회장", "en": "President"}))]
    pub title: Localized,
    /// Who holds it.
    #[schema(max_length = 200, pattern = r"\S", example = "이정석")]
    pub name: String,
    /// Since when; null where it is not known.
    pub from: Option<ImpreciseDate>,
    /// Until when; null while it lasts, or where it is not known.
    pub until: Option<ImpreciseDate>,
}

fn in_order(officer: &Officer) -> Result<(), ValidationError> {
    range_in_order(officer.from.as_ref(), officer.until.as_ref(), "/until")
}

/// Refuses a range whose end certainly lies before its start.
///
/// # Errors
/// `reversed`, at the end.
pub fn range_in_order(
    from: Option<&ImpreciseDate>,
    until: Option<&ImpreciseDate>,
    at: &str,
) -> Result<(), ValidationError> {
    let start = from.and_then(ImpreciseDate::earliest);
    match (start, until) {
        (Some(start), Some(until)) if until.ends_before(start) => Err(broken(
            "reversed",
            at,
            "끝나는 때가 시작하는 때보다 앞섭니다.",
            "This ends before it begins.",
        )),
        _ => Ok(()),
    }
}

/// What an organization does, and since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Activity {
    /// What it does.
    #[validate(nested)]
    #[schema(example = json!({"ko": "바이오의약품 제품화 지원", "en": "Support for bringing biomedicines to market"}))]
    pub text: Localized,
    /// Since when.
    pub since: Option<ImpreciseDate>,
}

/// How many members an association says it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MemberCount {
    /// The number of members.
    #[schema(minimum = 0, maximum = 10_000_000, example = 132)]
    pub value: i64,
    /// The day for which it is stated.
    pub as_of: ImpreciseDate,
}

/// What is recorded of an organization of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct OrganizationContent {
    /// Its name.
    #[validate(nested)]
    pub name: Localized,
    /// Its usual short name.
    #[validate(nested)]
    pub short_name: Option<Localized>,
    /// Other names under which it is or was known.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub other_names: Vec<Localized>,
    /// Identifiers that others gave to it; no two organizations share one.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub identifiers: Vec<Identifier>,
    /// Who holds or held its posts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub officers: Vec<Officer>,
    /// When it was founded.
    pub founded: Option<ImpreciseDate>,
    /// Its website: an http or https address.
    #[schema(max_length = 2000, format = "uri", example = "https://www.kobia.kr/")]
    pub website: Option<String>,
    /// What it does.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub activities: Vec<Activity>,
    /// Where these facts are taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

/// What is recorded of an association.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct AssociationContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
    /// How many members it says it has.
    #[validate(nested)]
    pub member_count: Option<MemberCount>,
}

/// What is recorded of a municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "policies_apart", skip_on_field_errors = false))]
pub struct MunicipalityContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
    /// How its agreements are handled, one policy after another.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub policies: Vec<Policy>,
}

/// An organization to be recorded. Municipalities are recorded at `/municipalities`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_no_municipality"))]
pub struct OrganizationCreate {
    /// What sort of body it is; not `municipality`.
    #[schema(example = "hospital")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
}

fn is_no_municipality(new: &OrganizationCreate) -> Result<(), ValidationError> {
    if new.kind == OrganizationKind::Municipality {
        return Err(broken(
            "use_municipalities",
            "/kind",
            "지방자치단체는 /municipalities에 행정구역 코드로 등록합니다.",
            "A municipality is recorded at /municipalities, by its code.",
        ));
    }
    Ok(())
}

/// An association to be recorded.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AssociationCreate {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: AssociationContent,
}

fn policies_apart(content: &MunicipalityContent) -> Result<(), ValidationError> {
    policies::apart(&content.policies)
}

/// A municipality to be recorded: its code is enough, the official list says the rest.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "created_policies_apart", skip_on_field_errors = false))]
pub struct MunicipalityCreate {
    /// The 10-digit 법정동코드.
    #[schema(pattern = "^[0-9]{10}$", example = "4128000000")]
    pub code: String,
    /// Who holds or held its posts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub officers: Vec<Officer>,
    /// Its website: an http or https address.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.goyang.go.kr/"
    )]
    pub website: Option<String>,
    /// Where these facts are taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
    /// How its agreements are handled, one policy after another.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub policies: Vec<Policy>,
}

fn created_policies_apart(create: &MunicipalityCreate) -> Result<(), ValidationError> {
    policies::apart(&create.policies)
}

/// An organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organization {
    #[serde(flatten)]
    pub meta: Meta,
    /// What sort of body it is.
    #[schema(example = "hospital")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    pub content: OrganizationContent,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look, as look-alikes of its name.
    pub warnings: Vec<Warning>,
}

/// An association.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Association {
    #[serde(flatten)]
    pub meta: Meta,
    /// Always `association`.
    #[schema(example = "association")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    pub content: AssociationContent,
    /// How many of its members are recorded here.
    pub recorded_members: i64,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look, as look-alikes of its name.
    pub warnings: Vec<Warning>,
}

/// A municipality.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Municipality {
    #[serde(flatten)]
    pub meta: Meta,
    /// The 10-digit 법정동코드.
    #[schema(example = "4128000000")]
    pub code: String,
    /// Metropolitan or basic.
    pub level: MunicipalityLevel,
    /// What kind of local government it is.
    pub kind: MunicipalityKind,
    /// The code of the metropolitan government that it lies in.
    #[schema(example = "4100000000")]
    pub parent_code: Option<String>,
    /// The name of the metropolitan government that it lies in.
    pub parent_name: Option<Localized>,
    /// The first day in force; null where it is not recorded.
    pub valid_from: Option<NaiveDate>,
    /// The first day no longer in force; null while it is.
    pub valid_to: Option<NaiveDate>,
    /// The codes of what succeeded it.
    pub succeeded_by: Vec<String>,
    #[serde(flatten)]
    pub content: MunicipalityContent,
    /// The one of its policies that holds today; null where none does.
    pub policy: Option<Policy>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// An organization as a member of another body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "membership_in_order"))]
pub struct MemberContent {
    /// What it is there, as `chair`; null for an ordinary member.
    #[validate(nested)]
    #[schema(example = json!({"ko": "간사", "en": "Secretary"}))]
    pub role: Option<Localized>,
    /// Since when; null where it is not known.
    pub joined: Option<ImpreciseDate>,
    /// Until when; null while it lasts, or where it is not known.
    pub left: Option<ImpreciseDate>,
    /// Where this is taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

fn membership_in_order(member: &MemberContent) -> Result<(), ValidationError> {
    range_in_order(member.joined.as_ref(), member.left.as_ref(), "/left")
}

/// A member to be recorded.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct MemberCreate {
    /// The organization that is a member.
    pub organization_id: Uuid,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MemberContent,
}

/// A member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    #[serde(flatten)]
    pub meta: Meta,
    /// The organization that is a member.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: MemberContent,
}

/// Into which organization a duplicate goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct MergeCreate {
    /// The organization that stays.
    pub into_id: Uuid,
}

impl Versioned for Organization {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for Association {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for Municipality {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for Member {
    fn version(&self) -> i64 {
        self.meta.version
    }
}
