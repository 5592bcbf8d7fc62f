//! Recorded organizations of which a request perhaps means one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Identifier, Localized};
use crate::kernel::ids::OrganizationId;

/// How a recorded organization is like the one that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// One of the identifiers is the same.
    SameIdentifier,
    /// One of the names is the same, except for spaces, case and the like.
    SameName,
    /// One of the names is the same without its legal form, as 하나 and ㈜하나 are.
    SimilarName,
    /// The kinds differ.
    OtherKind,
    /// The countries differ.
    OtherCountry,
    /// Both have a registration number of the same scheme, and the numbers differ.
    OtherIdentifier,
}

/// A recorded organization that a request perhaps means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrganizationCandidate {
    /// Id of the organization.
    pub id: OrganizationId,
    /// Name of the organization.
    pub name: Localized,
    /// Kind of the organization.
    #[schema(example = "hospital")]
    pub kind: &'static str,
    /// Identifiers of the organization.
    pub identifiers: Vec<Identifier>,
    /// How it is like the one in the request, and how it differs.
    pub likeness: Vec<Likeness>,
}
