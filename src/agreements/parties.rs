//! Parties to agreements in the API.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::ids::{OrganizationId, PartId};
use crate::kernel::rule::{merge_errors, rule_error};
pub use crate::kernel::values::OtherParties;
use crate::kernel::values::{
    ImpreciseDate, Localized, LocalizedLine, OrganizationRef, range_in_order,
};

/// Role of a party in an agreement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    Lead,
    #[default]
    Partner,
    Witness,
    Funder,
}

/// Person who signed for a party: by name, by post or by both, as far as the source states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Signatory {
    /// Name of the signatory; null if the source names the post alone.
    #[schema(max_length = 200, pattern = r"^.+$", example = "이재준")]
    pub name: Option<String>,
    /// Official title of the signatory.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "고양시장", "en": "Mayor of Goyang"}))]
    pub title: Option<Localized>,
    /// Person or post for which the signatory signed, such as the mayor for whom a deputy signs.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "시장", "en": "the mayor"}))]
    pub on_behalf_of: Option<Localized>,
}

impl Signatory {
    /// Returns `true` if the signatory is known, by name or by post. A post is enough: who held it
    /// on the day of signing can be looked up. For whom somebody signed does not tell who it was.
    pub fn is_known(&self) -> bool {
        self.name.is_some() || self.title.is_some()
    }
}

/// Organization that takes part in an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_consistent", skip_on_field_errors = false))]
pub struct PartyContent {
    /// Id of the organization.
    pub organization_id: OrganizationId,
    /// Role of the organization in the agreement.
    #[serde(default)]
    pub role: PartyRole,
    /// Person who signed for the organization; null if unknown.
    #[validate(nested)]
    pub signatory: Option<Signatory>,
    /// Date on which the organization itself signed, if it is stated apart from the agreement's
    /// `signed_on`: agreements that are exchanged by post are signed on several days, and the last
    /// of them is the day of signing. Cannot lie in the future.
    pub signed_on: Option<ImpreciseDate>,
    /// Whether the sources were checked and do not name the signatory.
    #[serde(default)]
    pub signatory_not_stated: bool,
    /// Date on which the organization joined an agreement that others had signed before; null if it
    /// took part from the beginning.
    #[schema(example = json!({"edtf": "2023-07-01", "as_stated": null}))]
    pub from: Option<ImpreciseDate>,
    /// Date on which the organization left while the agreement went on; null while it takes part, or
    /// if unknown. Do not remove the party: on days before, it took part.
    #[schema(example = json!({"edtf": "2024-05-01", "as_stated": null}))]
    pub until: Option<ImpreciseDate>,
}

impl PartyContent {
    /// Returns `true` if it is known who signed for the organization.
    pub fn has_known_signatory(&self) -> bool {
        self.signatory.as_ref().is_some_and(Signatory::is_known)
    }

    /// Returns `true` if the organization takes part on a day: unless it certainly joined later or
    /// certainly left before.
    pub fn takes_part_on(&self, day: NaiveDate) -> bool {
        self.joined_by().is_none_or(|from| from <= day)
            && self.left_by().is_none_or(|until| day <= until)
    }

    /// Returns the first day on which the organization can have taken part, if there is one.
    pub fn joined_by(&self) -> Option<NaiveDate> {
        self.from.as_ref().and_then(ImpreciseDate::earliest)
    }

    /// Returns the last day on which the organization can have taken part, if there is one.
    pub fn left_by(&self) -> Option<NaiveDate> {
        self.until.as_ref().and_then(ImpreciseDate::latest)
    }

    /// Returns `true` unless one of the parties can have joined after the other had left: an
    /// organization that left can join again, as another party.
    pub fn overlaps(&self, other: &Self) -> bool {
        let follows = |earlier: &Self, later: &Self| {
            let left = earlier.until.as_ref();
            let both = left.zip(later.from.as_ref());
            both.is_some_and(|(left, from)| {
                left.earliest().is_none_or(|left| !from.ends_before(left))
            })
        };
        !follows(self, other) && !follows(other, self)
    }
}

fn is_consistent(party: &PartyContent) -> Result<(), ValidationError> {
    let in_order = range_in_order(party.from.as_ref(), party.until.as_ref(), "/until");
    merge_errors(
        [signed_or_not_stated(party), in_order]
            .into_iter()
            .filter_map(Result::err),
    )
}

fn signed_or_not_stated(party: &PartyContent) -> Result<(), ValidationError> {
    if party.signatory.is_some() && party.signatory_not_stated {
        return Err(rule_error(
            "signatory_stated",
            "/signatory_not_stated",
            "서명자가 있으면 false여야 합니다.",
            "This must be false where a signatory is given.",
        ));
    }
    Ok(())
}

/// Party to an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Party {
    /// Id of the party within the agreement.
    pub id: PartId,
    /// Organization with its name; for a merged duplicate, the surviving organization.
    pub organization: OrganizationRef,
    #[serde(flatten)]
    pub content: PartyContent,
}
