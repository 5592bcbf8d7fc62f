//! The transitions of an agreement, and the corrections of its content.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::reports::types::CommitmentDecision;
use super::signatures::PartySignature;
use super::types::AgreementStatus;
use crate::kernel::clock::six_digits;
use crate::kernel::values::{ImpreciseDate, Localized};

/// Transition of an agreement to another status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct TransitionCreate {
    /// New status.
    #[schema(example = "terminated")]
    pub to: AgreementStatus,
    /// Date of the transition; not before an earlier one. Required for a signing unless the agreement
    /// states its `signed_on`; for other transitions it defaults to today, which the answer shows in
    /// `transitions`. State the date of a transition that is recorded late: later ones cannot be
    /// dated before it.
    pub on: Option<ImpreciseDate>,
    /// Date on which a termination was notified (해지 통보). Only with it can the termination take effect
    /// on a later day; until then the agreement is in force.
    pub notified_on: Option<ImpreciseDate>,
    /// Reason; required if the transition ends the agreement.
    #[validate(nested)]
    #[schema(example = json!({"ko": "당사자 합의", "en": "By consent of the parties"}))]
    pub reason: Option<Localized>,
    /// Outcomes of the commitments that are still open; required if a signed agreement is
    /// completed, terminated or superseded. If a signing supersedes another agreement, these are
    /// the outcomes of that agreement's commitments: those left out are carried over to the new
    /// agreement, but if it has no commitments of its own, each needs an outcome.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub commitments: Vec<CommitmentDecision>,
    /// Signatures of the parties, each with its signatory and, where it differs, its own day. Only for
    /// a signing; the agreement is signed with all of them or not at all.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100, example = json!([]))]
    pub signatures: Vec<PartySignature>,
    /// Reason for signing before the council has consented or been informed, although the policy
    /// requires it; the council is then informed afterwards. Only for a signing.
    #[validate(nested)]
    pub urgent: Option<Urgent>,
}

/// Reason why a signing cannot wait for the council.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Urgent {
    /// Reason for the urgency.
    #[validate(nested)]
    #[schema(example = json!({"ko": "국비 공모 마감", "en": "The call for state funds closes"}))]
    pub reason: Localized,
}

/// Recorded transition of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transition {
    /// New status.
    pub to: AgreementStatus,
    /// Date of the transition; null if unknown.
    pub on: Option<ImpreciseDate>,
    /// Date on which the termination was notified; null if none was.
    pub notified_on: Option<ImpreciseDate>,
    /// Reason for the transition.
    pub reason: Option<Localized>,
    /// Reason for not waiting for the council; null if the signing waited or did not have to.
    pub urgent: Option<Urgent>,
    /// Time at which the transition was recorded.
    #[serde(serialize_with = "six_digits")]
    pub recorded_at: DateTime<Utc>,
}

/// Change to the content after signing, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Correction {
    /// Version created by the correction.
    pub version: i64,
    /// Time of the correction.
    #[serde(serialize_with = "six_digits")]
    pub recorded_at: DateTime<Utc>,
    /// Reason for the correction.
    pub reason: Localized,
}
