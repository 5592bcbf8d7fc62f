//! Parties to agreements who are individuals. Their names are personal data.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::types::PartyRole;
use crate::kernel::values::{Localized, LocalizedLine};

/// Individual who is a party to an agreement, such as an artist or the owner of land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"name": null, "title": {"ko": "고양시 홍보대사", "en": null}, "role": "partner"}))]
pub struct IndividualParty {
    /// Name: personal data, visible only to the staff of the agreement's own municipality. The log
    /// holds a salted digest, and neither the search nor the past has it.
    #[schema(max_length = 200, pattern = r"^.+$")]
    pub name: Option<String>,
    /// Post or calling, as everyone sees it who sees the agreement.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
    pub title: Option<Localized>,
    /// Role in the agreement.
    #[serde(default)]
    pub role: PartyRole,
}

/// Removes the names.
pub fn hide_names(individuals: &mut [IndividualParty]) {
    for individual in individuals {
        individual.name = None;
    }
}

/// Returns the names.
pub fn names(individuals: &[IndividualParty]) -> impl Iterator<Item = &str> {
    individuals.iter().filter_map(|one| one.name.as_deref())
}
