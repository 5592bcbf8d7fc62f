//! Working groups and their meetings as they are sent and received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::ids::{
    AgreementId, MeetingId, MembershipId, OrganizationId, ProjectId, WorkingGroupId,
};
use crate::kernel::values::Versioned;
use crate::kernel::values::{
    AgreementRef, ExternalDocument, Gap, ImpreciseDate, Localized, Meta, OrganizationRef,
    ProjectRef, Source, Warning, range_in_order,
};
use crate::ledger::Visibility;
use crate::organizations::types::MemberContent;

/// Content of a working group, without its members and meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "lasts_in_order"))]
pub struct WorkingGroupContent {
    /// Name of the working group.
    #[validate(nested)]
    #[schema(example = json!({"ko": "일산테크노밸리 의료기관 실무협의체", "en": null}))]
    pub name: Localized,
    /// Purpose of the working group.
    #[validate(nested)]
    pub purpose: Option<Localized>,
    /// Project that the group serves.
    pub project_id: Option<ProjectId>,
    /// Agreement that the group carries out.
    pub agreement_id: Option<AgreementId>,
    /// Date of establishment; null if unknown.
    pub established: Option<ImpreciseDate>,
    /// Date of dissolution; null while the group is active.
    pub dissolved: Option<ImpreciseDate>,
    /// Visibility of the group and its meetings.
    #[serde(default)]
    pub visibility: Visibility,
    /// Sources of these facts.
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

/// A member to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct GroupMemberContent {
    /// The member organization.
    pub organization_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MemberContent,
}

/// A working group to be recorded, with its members.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct WorkingGroupCreate {
    /// Municipality to which the group belongs.
    pub municipality_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: WorkingGroupContent,
    /// Member organizations.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub members: Vec<GroupMemberContent>,
}

/// A member of a working group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupMember {
    /// Id of the member within the working group.
    pub id: MembershipId,
    /// The member organization, with its name.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: GroupMemberContent,
}

/// A working group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkingGroup {
    #[serde(flatten)]
    pub meta: Meta<WorkingGroupId>,
    /// Municipality to which the group belongs.
    pub municipality_id: OrganizationId,
    /// The municipality, with its name.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: WorkingGroupContent,
    /// The project, with its title.
    pub project: Option<ProjectRef>,
    /// The agreement, with its title.
    pub agreement: Option<AgreementRef>,
    /// Member organizations; with `as_of`, those that were members on that day, as far as known.
    pub members: Vec<GroupMember>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Possible problems that should be reviewed.
    pub warnings: Vec<Warning>,
}

/// Status of a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeetingStatus {
    Planned,
    #[default]
    Held,
    Cancelled,
}

/// Content of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct MeetingContent {
    /// Title of the meeting.
    #[validate(nested)]
    #[schema(example = json!({"ko": "제1차 실무협의회", "en": null}))]
    pub title: Localized,
    /// Date of the meeting.
    pub held_on: ImpreciseDate,
    /// Status of the meeting. It cannot be `held` if the date certainly lies in the future.
    #[serde(default)]
    pub status: MeetingStatus,
    /// Place of the meeting.
    #[validate(nested)]
    pub venue: Option<Localized>,
    /// Topics of the meeting.
    #[validate(nested)]
    pub agenda: Option<Localized>,
    /// Decisions of the meeting.
    #[validate(nested)]
    pub decisions: Option<Localized>,
    /// Organizations that took part.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub attendee_ids: Vec<OrganizationId>,
    /// Links to documents, which are stored elsewhere.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub documents: Vec<ExternalDocument>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

/// Content of a meeting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Meeting {
    #[serde(flatten)]
    pub meta: Meta<MeetingId>,
    /// The working group.
    pub working_group_id: WorkingGroupId,
    #[serde(flatten)]
    pub content: MeetingContent,
    /// Organizations that took part, with their names.
    pub attendees: Vec<OrganizationRef>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Possible problems that should be reviewed.
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
