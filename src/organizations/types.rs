//! API types of organizations, municipalities and associations.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::ids::{MembershipId, OrganizationId};
use crate::kernel::rule::rule_error;
use crate::kernel::values::country::{KOREA, LocalName};
use crate::kernel::values::range_in_order;
use crate::kernel::values::{
    Gap, Identifier, ImpreciseDate, Localized, LocalizedLine, Meta, OrganizationRef, Source,
    Warning,
};
use crate::kernel::values::{Revision, Versioned};

/// Kind of an organization.
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

/// A gap of an organization by which lists are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationGap {
    IdentifiersUnknown,
    SourceUnknown,
}

/// A person in a post of an organization, with the term of office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order"))]
pub struct Officer {
    /// Title of the post.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "협회장", "en": "President"}))]
    pub title: Localized,
    /// Name of the person.
    #[schema(max_length = 200, pattern = r"^.+$", example = "이정석")]
    pub name: String,
    /// Start of the term; null if unknown.
    pub from: Option<ImpreciseDate>,
    /// End of the term; null while it lasts or if unknown.
    pub until: Option<ImpreciseDate>,
}

fn in_order(officer: &Officer) -> Result<(), ValidationError> {
    range_in_order(officer.from.as_ref(), officer.until.as_ref(), "/until")
}

/// An activity of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Activity {
    /// Description of the activity.
    #[validate(nested)]
    #[schema(example = json!({"ko": "바이오의약품 제품화 지원", "en": "Support for bringing biomedicines to market"}))]
    pub text: Localized,
    /// Start of the activity; null if unknown.
    pub since: Option<ImpreciseDate>,
}

/// Number of members that an association states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MemberCount {
    /// Number of members.
    #[schema(minimum = 0, maximum = 10_000_000, example = 132)]
    pub value: i64,
    /// Date for which the number is stated.
    pub as_of: ImpreciseDate,
}

/// Recorded facts about an organization of any kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct OrganizationContent {
    /// Name of the organization.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine)]
    pub name: Localized,
    /// Name in the language and script of its country, for an organization abroad.
    #[validate(nested)]
    pub local_name: Option<LocalName>,
    /// Country where it is seated, as an ISO 3166-1 alpha-2 code; null if not recorded. Always `KR`
    /// for a Korean municipality.
    #[schema(format = "iso3166-1", example = "JP")]
    pub country: Option<String>,
    /// Common short name.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
    pub short_name: Option<Localized>,
    /// Other names, current or former.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Vec<LocalizedLine>, max_items = 50)]
    pub other_names: Vec<Localized>,
    /// Identifiers issued by others; no two organizations share one.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub identifiers: Vec<Identifier>,
    /// Current and former holders of its posts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub officers: Vec<Officer>,
    /// Date of foundation.
    pub founded: Option<ImpreciseDate>,
    /// Website, as an http or https URL.
    #[schema(max_length = 2000, format = "uri", example = "https://www.kobia.kr/")]
    pub website: Option<String>,
    /// Activities of the organization.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub activities: Vec<Activity>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

impl OrganizationContent {
    /// Returns an organization of which only the name is known.
    pub fn named(name: Localized) -> Self {
        Self {
            name,
            local_name: None,
            country: None,
            short_name: None,
            other_names: Vec::new(),
            identifiers: Vec::new(),
            officers: Vec::new(),
            founded: None,
            website: None,
            activities: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Returns whether the organization is certainly seated outside Korea.
    pub fn is_foreign(&self) -> bool {
        self.country.as_deref().is_some_and(|code| code != KOREA)
    }

    /// Returns all names in full, in every language recorded.
    pub fn full_names(&self) -> impl Iterator<Item = &str> {
        let names = std::iter::once(&self.name).chain(&self.other_names);
        let local = self.local_name.iter().map(|name| name.text.as_str());
        names.flat_map(Localized::texts).chain(local)
    }
}

/// Recorded facts about an association.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct AssociationContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
    /// Number of members that the association states.
    #[validate(nested)]
    pub member_count: Option<MemberCount>,
}

/// An organization to record. Korean municipalities are recorded at `/municipalities`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_no_korean_municipality"))]
pub struct OrganizationCreate {
    /// Kind of the organization; `municipality` only with a foreign `country`.
    #[schema(example = "hospital")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
}

/// The facts about an organization that can be changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct OrganizationChange {
    /// Kind of the organization, to correct it. A Korean municipality stays one; an association
    /// with members or a number of them does, too.
    #[schema(example = "hospital")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
}

fn is_no_korean_municipality(new: &OrganizationCreate) -> Result<(), ValidationError> {
    if new.kind == OrganizationKind::Municipality && !new.content.is_foreign() {
        return Err(rule_error(
            "use_municipalities",
            "/kind",
            "우리나라 지방자치단체는 /municipalities에 행정구역 코드로 등록합니다. 외국의 지방자치단체는 country에 나라를 적습니다.",
            "A Korean municipality is recorded at /municipalities, by its code; a foreign one needs its country.",
        ));
    }
    Ok(())
}

/// An association to record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AssociationCreate {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: AssociationContent,
}

/// An organization.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organization {
    #[serde(flatten)]
    pub meta: Meta<OrganizationId>,
    /// Kind of the organization.
    #[schema(example = "hospital")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    pub content: OrganizationContent,
    /// Expected facts that the record lacks.
    pub gaps: Vec<Gap>,
    /// Points to check, such as organizations with nearly the same name.
    pub warnings: Vec<Warning>,
}

/// An association.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Association {
    #[serde(flatten)]
    pub meta: Meta<OrganizationId>,
    /// Always `association`.
    #[schema(example = "association")]
    pub kind: OrganizationKind,
    #[serde(flatten)]
    pub content: AssociationContent,
    /// Number of its members recorded here.
    pub recorded_members: i64,
    /// Expected facts that the record lacks.
    pub gaps: Vec<Gap>,
    /// Points to check, such as organizations with nearly the same name.
    pub warnings: Vec<Warning>,
}

/// Membership of an organization in another body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "membership_in_order"))]
pub struct MemberContent {
    /// Role in that body, such as secretary; null for an ordinary member.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "간사", "en": "Secretary"}))]
    pub role: Option<Localized>,
    /// Date of joining; null if unknown.
    pub joined: Option<ImpreciseDate>,
    /// Date of leaving; null while the membership lasts or if unknown.
    pub left: Option<ImpreciseDate>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

fn membership_in_order(member: &MemberContent) -> Result<(), ValidationError> {
    range_in_order(member.joined.as_ref(), member.left.as_ref(), "/left")
}

/// A member to record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct MemberCreate {
    /// Organization that is the member.
    pub organization_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MemberContent,
}

/// A member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    #[serde(flatten)]
    pub meta: Meta<MembershipId>,
    /// Organization that is the member.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: MemberContent,
}

impl Versioned for Organization {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for Association {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for Member {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}
