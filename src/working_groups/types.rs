//! Working groups and their meetings as they are sent and received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::access::Visibility;
use crate::http::conditional::Versioned;
use crate::organizations::types::{MemberContent, range_in_order};
use crate::values::{
    AgreementRef, Gap, ImpreciseDate, Link, Localized, Meta, OrganizationRef, ProjectRef, Source,
    Warning,
};

/// What is recorded of a working group, without its members and meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "lasts_in_order"))]
pub struct WorkingGroupContent {
    /// Its name.
    #[validate(nested)]
    #[schema(example = json!({"ko": "일산테크노밸리 의료기관 실무협의체", "en": null}))]
    pub name: Localized,
    /// What it is for.
    #[validate(nested)]
    pub purpose: Option<Localized>,
    /// The project that it serves.
    pub project_id: Option<Uuid>,
    /// The agreement that it carries out.
    pub agreement_id: Option<Uuid>,
    /// Since when it meets; null where it is not known.
    pub established: Option<ImpreciseDate>,
    /// Until when it met; null while it lasts.
    pub dissolved: Option<ImpreciseDate>,
    /// Who may see it, with its meetings.
    #[serde(default)]
    pub visibility: Visibility,
    /// Where these facts are taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

fn lasts_in_order(group: &WorkingGroupContent) -> Result<(), ValidationError> {
    range_in_order(
        group.established.as_ref(),
        group.dissolved.as_ref(),
        "/dissolved",
    )
}

/// An organization in a working group, to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct GroupMemberContent {
    /// The organization.
    pub organization_id: Uuid,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MemberContent,
}

/// A working group to be recorded, with its members.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct WorkingGroupCreate {
    /// The municipality whose working group it is.
    pub municipality_id: Uuid,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: WorkingGroupContent,
    /// The organizations in it.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub members: Vec<GroupMemberContent>,
}

/// An organization in a working group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupMember {
    /// The member's id within the working group.
    pub id: Uuid,
    /// The organization by its name.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: GroupMemberContent,
}

/// A working group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkingGroup {
    #[serde(flatten)]
    pub meta: Meta,
    /// The municipality whose working group it is.
    pub municipality_id: Uuid,
    /// The municipality by its name.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: WorkingGroupContent,
    /// The project by its title.
    pub project: Option<ProjectRef>,
    /// The agreement by its title.
    pub agreement: Option<AgreementRef>,
    /// The organizations in it; with `as_of`, those in it on that day as far as is known.
    pub members: Vec<GroupMember>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// Whether a meeting took place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingStatus {
    Planned,
    #[default]
    Held,
    Cancelled,
}

/// A meeting of a working group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MeetingContent {
    /// What it is called.
    #[validate(nested)]
    #[schema(example = json!({"ko": "제1차 실무협의회", "en": null}))]
    pub title: Localized,
    /// When it is or was held.
    pub held_on: ImpreciseDate,
    /// Whether it took place. One whose day certainly lies ahead cannot be `held`.
    #[serde(default)]
    pub status: MeetingStatus,
    /// Where it is or was held.
    #[validate(nested)]
    pub venue: Option<Localized>,
    /// What is or was talked about.
    #[validate(nested)]
    pub agenda: Option<Localized>,
    /// What was decided.
    #[validate(nested)]
    pub decisions: Option<Localized>,
    /// The organizations that took part.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub attendee_ids: Vec<Uuid>,
    /// Its documents, which are kept elsewhere.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub documents: Vec<Link>,
    /// Where these facts are taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

/// A meeting of a working group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Meeting {
    #[serde(flatten)]
    pub meta: Meta,
    /// The working group.
    pub working_group_id: Uuid,
    #[serde(flatten)]
    pub content: MeetingContent,
    /// The organizations that took part, by their names.
    pub attendees: Vec<OrganizationRef>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

impl Versioned for WorkingGroup {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for Meeting {
    fn version(&self) -> i64 {
        self.meta.version
    }
}
