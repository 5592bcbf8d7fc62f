//! The agreements to which a policy applies.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::Policy;
use crate::kernel::words::words;
use crate::projections::agreement_kind::AgreementKind;

/// Organ of a municipality that concludes an agreement: the executive under its head (집행기관), or the
/// council (지방의회).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Organ {
    /// The executive under the head of the municipality (집행기관).
    Executive,
    /// The council (지방의회).
    Council,
}

words!(Organ: Executive "집행기관" "Executive", Council "지방의회" "Council");

/// Agreements to which a policy applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PolicyScope {
    /// Kinds of agreements that are exempt: no duty or requirement of the policy applies to them.
    #[serde(default)]
    #[schema(max_items = 9, example = json!(["academic_exchange", "contract"]))]
    pub except: Vec<AgreementKind>,
    /// Organ to whose agreements alone the policy applies; null for both. A council has its own
    /// ordinance on its agreements, which can be in force beside that of the executive.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub organ: Option<Organ>,
}

/// Returns the policies that apply to agreements of a kind and an organ. Where the organ is not stated,
/// it is the executive.
pub fn applying(
    policies: &[Policy],
    kind: AgreementKind,
    organ: Option<Organ>,
) -> Cow<'_, [Policy]> {
    let organ = organ.unwrap_or(Organ::Executive);
    let is_exempt = |policy: &Policy| {
        let scope = policy.applies_to.as_ref();
        scope.is_some_and(|scope| {
            scope.except.contains(&kind) || scope.organ.is_some_and(|one| one != organ)
        })
    };
    if !policies.iter().any(is_exempt) {
        return Cow::Borrowed(policies);
    }
    let applying = policies.iter().filter(|policy| !is_exempt(policy));
    Cow::Owned(applying.cloned().collect())
}

impl Policy {
    /// Returns the organ to whose agreements alone it applies.
    pub fn organ(&self) -> Option<Organ> {
        self.applies_to.as_ref().and_then(|scope| scope.organ)
    }

    /// Returns true if it can apply to an agreement to which another policy applies.
    pub(super) fn shares_organ(&self, other: &Self) -> bool {
        let organs = self.organ().zip(other.organ());
        organs.is_none_or(|(one, other)| one == other)
    }
}
