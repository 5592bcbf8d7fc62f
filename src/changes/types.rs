//! The API's representation of changes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::clock::six_digits;
use crate::kernel::values::{Localized, OrganizationRef};
use crate::ledger::Visibility;
pub use crate::ledger::chain::Actor;
use crate::records::LoggedType;

/// The operation of a JSON Patch step.
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
    /// The operation.
    #[schema(example = "replace")]
    pub op: PatchOp,
    /// JSON Pointer into the record.
    #[schema(example = "/venue/ko")]
    pub path: String,
    /// Value after the change. Null for a removal.
    #[schema(value_type = Value, example = "고양인재교육원")]
    pub value: Value,
}

/// A change, as recorded in the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// Number of the change. Changes are numbered in commit order, from 1, without gaps.
    #[schema(minimum = 1, example = 42)]
    pub seq: i64,
    /// Instant of recording. With concurrent writers it can lie slightly before that of the
    /// previous change.
    #[serde(serialize_with = "six_digits")]
    pub recorded_at: DateTime<Utc>,
    /// Author of the change.
    pub actor: Actor,
    /// Id of the request that made the change, as in the server's log. Empty if the program made
    /// it.
    #[schema(example = "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10")]
    pub request_id: String,
    /// Id of the operation that made the change, as in this description.
    #[schema(example = "update_agreement")]
    pub operation: String,
    /// Type of the changed record.
    #[schema(example = "agreement")]
    pub record_type: LoggedType,
    /// Id of the changed record.
    pub record_id: Uuid,
    /// The record to which it belongs: the project of a milestone, or the record itself.
    #[serde(skip)]
    pub context_id: Uuid,
    /// Version of the record after the change.
    #[schema(minimum = 1, example = 2)]
    pub version: i64,
    /// Municipality that owns the record. Null for shared records.
    pub municipality: Option<OrganizationRef>,
    /// Visibility of the record at the time of the change.
    #[schema(example = "public")]
    pub visibility: Visibility,
    /// Reason for the change, if one was given.
    pub reason: Option<Localized>,
    /// Summary of the change in words.
    #[schema(example = json!({"ko": "담당: 변경 (장소)", "en": "담당: changed venue"}))]
    pub summary: Localized,
    /// The change as a JSON Patch (RFC 6902) of the recorded members, in the form used by requests
    /// and answers, without derived members. Personal data appears as a digest.
    pub patch: Vec<PatchStep>,
}

/// Changes in log order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeList {
    /// The changes, oldest first.
    pub items: Vec<Change>,
    /// Pass this as `after` to continue from here.
    #[schema(minimum = 0, example = 42)]
    pub last_seq: i64,
}
