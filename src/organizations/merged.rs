//! What a merge moved, kept in the document of the duplicate so that the merge can be undone.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::types::MemberContent;
use crate::kernel::ids::OrganizationId;

/// A merge of an organization into another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Merge {
    pub into: OrganizationId,
    /// Ids of the duplicates that had been merged into the organization before.
    pub duplicates: Vec<String>,
    /// Facts that the survivor took over, by member.
    pub facts: Map<String, Value>,
    pub members: Vec<MovedMember>,
    /// Ids of the records that named the organization, by type.
    pub records: BTreeMap<String, Vec<String>>,
}

/// A membership as it was before the merge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MovedMember {
    pub id: String,
    pub association_id: String,
    pub organization_id: String,
    /// What remains of a membership that the merge removed.
    pub removed: Option<RemovedMember>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemovedMember {
    pub content: MemberContent,
    pub created_at: NaiveDateTime,
    /// Id of the membership that became one with it; `None` if an association had become a member
    /// of itself.
    pub into: Option<String>,
    /// Facts that the other membership took over, by member.
    pub facts: Map<String, Value>,
}
