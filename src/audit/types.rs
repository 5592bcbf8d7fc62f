//! Changes as they are sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::chain::Actor;
use super::records::{self, RecordType};
use crate::access::Visibility;
use crate::values::{Localized, OrganizationRef};

/// A type of record whose changes are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoggedType {
    Organization,
    AssociationMember,
    Project,
    Milestone,
    Agreement,
    CommitmentReport,
    WorkingGroup,
    Meeting,
    /// Seen by admins of all municipalities alone.
    Token,
    /// A calendar with an address of its own; seen by admins of all municipalities alone.
    Calendar,
    /// The same.
    Webhook,
}

impl LoggedType {
    pub fn record(self) -> RecordType {
        match self {
            Self::Organization => records::ORGANIZATION,
            Self::AssociationMember => records::ASSOCIATION_MEMBER,
            Self::Project => records::PROJECT,
            Self::Milestone => records::MILESTONE,
            Self::Agreement => records::AGREEMENT,
            Self::CommitmentReport => records::COMMITMENT_REPORT,
            Self::WorkingGroup => records::WORKING_GROUP,
            Self::Meeting => records::MEETING,
            Self::Token => records::TOKEN,
            Self::Calendar => records::CALENDAR,
            Self::Webhook => records::WEBHOOK,
        }
    }
}

/// A resource whose records have a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryResource {
    Municipalities,
    Organizations,
    Associations,
    Agreements,
    Projects,
    Milestones,
    WorkingGroups,
    Meetings,
}

impl HistoryResource {
    pub fn record(self) -> RecordType {
        match self {
            Self::Municipalities | Self::Organizations | Self::Associations => {
                records::ORGANIZATION
            }
            Self::Agreements => records::AGREEMENT,
            Self::Projects => records::PROJECT,
            Self::Milestones => records::MILESTONE,
            Self::WorkingGroups => records::WORKING_GROUP,
            Self::Meetings => records::MEETING,
        }
    }
}

/// What a step of a JSON Patch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatchOp {
    Add,
    Remove,
    Replace,
}

/// A step of a JSON Patch (RFC 6902).
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PatchStep {
    /// What it does.
    #[schema(example = "replace")]
    pub op: PatchOp,
    /// Where: a JSON Pointer into the record.
    #[schema(example = "/venue/ko")]
    pub path: String,
    /// What stands there afterwards; null of a removal.
    #[schema(value_type = Value, example = "고양인재교육원")]
    pub value: Value,
}

/// A change, as the log holds it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// Its number: changes are numbered in the order of their commits, from 1, without a gap.
    #[schema(minimum = 1, example = 42)]
    pub seq: i64,
    /// When it was recorded: where several write at once, perhaps a moment before the change before it.
    pub recorded_at: DateTime<Utc>,
    /// Who made it.
    pub actor: Actor,
    /// The request that made it, as the server's log names it; empty where the program did.
    #[schema(example = "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10")]
    pub request_id: String,
    /// The operation that made it, by its id in this description.
    #[schema(example = "update_agreement")]
    pub operation: String,
    /// What sort of record was changed.
    #[schema(example = "agreement")]
    pub record_type: LoggedType,
    /// The record's id.
    pub record_id: Uuid,
    /// The version that the change made.
    #[schema(minimum = 1, example = 2)]
    pub version: i64,
    /// Whose record it is; null of what is shared.
    pub municipality: Option<OrganizationRef>,
    /// Who saw the record then.
    #[schema(example = "public")]
    pub audience: Visibility,
    /// Why, where it was said.
    pub reason: Option<Localized>,
    /// The change in words.
    #[schema(example = json!({"ko": "담당: 변경 (장소)", "en": "담당: changed venue"}))]
    pub summary: Localized,
    /// The change as a JSON Patch (RFC 6902) of what is recorded of the record, in the form in which
    /// requests and answers have it, without what is derived. Personal data stands there as a digest.
    pub patch: Vec<PatchStep>,
}

/// Changes in their order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeList {
    /// The changes, the oldest first.
    pub items: Vec<Change>,
    /// What to send as `after` to go on from here.
    #[schema(minimum = 0, example = 42)]
    pub last_seq: i64,
}
