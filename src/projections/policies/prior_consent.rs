//! Council actions that a policy requires before a signing or a termination.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// Council action required beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorDemand {
    /// The council is informed.
    Report,
    /// The council consents.
    Consent,
}

/// Council actions required before a signing or a termination, by the circumstances of the agreement.
/// If a circumstance is unknown, nothing is required and the agreement has a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PriorConsentRule {
    /// Required if the agreement costs money; null for nothing.
    pub money: Option<PriorDemand>,
    /// Required if the agreement involves public property; null for nothing.
    pub property: Option<PriorDemand>,
    /// Required if the agreement restricts rights of residents or imposes duties on them; null for
    /// nothing.
    pub rights: Option<PriorDemand>,
    /// Required if the agreement changes a part of another, which it names in `amends_id` (변경); null
    /// for nothing.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub change: Option<PriorDemand>,
    /// Required before an agreement is terminated (해지) to which `money`, `property` or `rights` applies,
    /// or before every termination if none of them is given; null for nothing. A termination without it
    /// is recorded all the same, and the duty is then overdue.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub termination: Option<PriorDemand>,
    /// Days before the signing or termination by which the council has to be asked or told; null for
    /// any day up to it. Later consent and reports are late, but do not keep an agreement from being
    /// signed.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650, example = json!(null))]
    pub days_before: Option<u32>,
}
