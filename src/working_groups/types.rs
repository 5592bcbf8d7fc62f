//! Working groups and their meetings as they are sent and received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::files::RecordFile;
use crate::kernel::ids::{
    AgreementId, MeetingId, MembershipId, OrganizationId, ProjectId, WorkingGroupId,
};
use crate::kernel::values::{
    AgreementRef, ExternalDocument, Gap, ImpreciseDate, Localized, LocalizedLine, Meta,
    OrganizationRef, ProjectRef, Source, Warning, WorkingGroupRef, range_in_order,
};
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::Visibility;
use crate::organizations::types::MemberContent;

/// Content of a working group, without its members and meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "lasts_in_order"))]
pub struct WorkingGroupContent {
    /// Name of the working group.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "일산테크노밸리 의료기관 실무협의체", "en": null}))]
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
    /// Number of months within which the group is to meet again; null if none is stated.
    #[schema(minimum = 1, maximum = 120, example = 6)]
    pub meets_every_months: Option<u32>,
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

/// A gap of a working group by which lists are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkingGroupGap {
    EstablishedUnknown,
    MembersUnknown,
    SourceUnknown,
}

/// A period in which a member chairs a working group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "term_in_order"))]
pub struct ChairTerm {
    /// Start of the term; null if unknown.
    pub from: Option<ImpreciseDate>,
    /// End of the term; null while it lasts or if unknown.
    pub until: Option<ImpreciseDate>,
}

fn term_in_order(term: &ChairTerm) -> Result<(), ValidationError> {
    range_in_order(term.from.as_ref(), term.until.as_ref(), "/until")
}

/// A member to record: an organization, or a post or a person of it. An organization can send
/// several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct GroupMemberContent {
    /// The member organization, or that of the post or person.
    pub organization_id: OrganizationId,
    /// Post of the organization whose holder is the member, whoever it is; null if the organization
    /// or a person is.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "부시장", "en": "Vice mayor"}))]
    pub post: Option<Localized>,
    /// Name of the person who sits in the group, as published; null if not stated. Whoever sees the
    /// group sees it.
    #[schema(max_length = 200, pattern = r"^.+$", example = "이재준")]
    pub person_name: Option<String>,
    /// Terms in which the member chairs the group. Several members can chair it together.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub chair_terms: Vec<ChairTerm>,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: MemberContent,
}

impl GroupMemberContent {
    /// Returns whether both are the same organization, post or person.
    pub fn is_same_seat(&self, other: &Self) -> bool {
        self.organization_id == other.organization_id
            && self.post == other.post
            && self.person_name == other.person_name
    }
}

/// A working group to be recorded, with its members.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct WorkingGroupCreate {
    /// Municipality to which the group belongs.
    pub municipality_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: WorkingGroupContent,
    /// Members: organizations, posts and people.
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
    /// The member organization or that of the post or person, with its name.
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
    /// Members; with `as_of`, those that were members on that day, as far as known.
    pub members: Vec<GroupMember>,
    /// Members who chair the group today or on the day of `as_of`, unless that is certainly not so.
    pub chair_ids: Vec<MembershipId>,
    /// Day by which the next meeting is due: `meets_every_months` after the last one held. Null
    /// without such an interval, while no day of a meeting is known, and if the group may be
    /// dissolved before.
    pub next_meeting_due: Option<ImpreciseDate>,
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
    #[schema(value_type = LocalizedLine, example = json!({"ko": "제1차 실무협의회", "en": null}))]
    pub title: Localized,
    /// Date of the meeting.
    pub held_on: ImpreciseDate,
    /// Status of the meeting. It cannot be `held` if the date certainly lies in the future.
    #[serde(default)]
    pub status: MeetingStatus,
    /// Place of the meeting.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
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
    /// Id of the working group.
    pub working_group_id: WorkingGroupId,
    /// Working group with its name.
    pub working_group: WorkingGroupRef,
    #[serde(flatten)]
    pub content: MeetingContent,
    /// Organizations that took part, with their names.
    pub attendees: Vec<OrganizationRef>,
    /// Files of the meeting that the registry keeps, such as the minutes, in the order in which they
    /// were added. Everyone who sees the meeting sees which there are; `edition` decides who reads
    /// them.
    pub files: Vec<RecordFile>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Possible problems that should be reviewed.
    pub warnings: Vec<Warning>,
}

impl Versioned for WorkingGroup {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
}

impl Versioned for Meeting {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
}
