//! Tokens as they are sent and received.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::caller::Role;
use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::values::{Meta, OrganizationRef};

/// A token to be made: for whom, and what it entitles to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_bound"))]
pub struct TokenContent {
    /// Whose token it is, as the history of changes will name it.
    #[schema(max_length = 200, pattern = r"\S", example = "전략산업과 협약 담당")]
    pub name: String,
    /// What it entitles to.
    #[schema(example = "editor")]
    pub role: Role,
    /// True for a token that works for every municipality.
    #[serde(default)]
    pub all_municipalities: bool,
    /// The municipalities that it works for. For a partner those of whose records it sees what its
    /// organization takes part in; all of them where none is named.
    #[serde(default)]
    #[schema(max_items = 300)]
    pub municipality_ids: Vec<Uuid>,
    /// The organization for which a partner asks; null for the others.
    #[schema(example = json!(null))]
    pub organization_id: Option<Uuid>,
    /// When it ceases to be valid; null for never.
    #[schema(example = "2027-12-31T15:00:00Z")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A partner is bound to its organization, everyone else to municipalities or to all of them: what
/// is empty opens nothing.
fn is_bound(token: &TokenContent) -> Result<(), ValidationError> {
    let partner = token.role == Role::Partner;
    let wrong = |code, at, ko, en| Err(broken(code, at, ko, en));
    if partner && token.organization_id.is_none() {
        return wrong(
            "organization_needed",
            "/organization_id",
            "partner 토큰에는 기관이 필요합니다.",
            "A partner's token needs its organization.",
        );
    }
    if !partner && token.organization_id.is_some() {
        return wrong(
            "organization_not_meant",
            "/organization_id",
            "partner 토큰만 기관에 매입니다.",
            "Only a partner's token is bound to an organization.",
        );
    }
    let some = !token.municipality_ids.is_empty();
    if some && token.all_municipalities || !some && !token.reaches_all() {
        return wrong(
            "municipality_needed",
            "/municipality_ids",
            "municipality_ids나 all_municipalities 가운데 하나를 정해야 합니다.",
            "Either municipality_ids or all_municipalities is needed.",
        );
    }
    Ok(())
}

impl TokenContent {
    /// Whether it reaches every municipality: a partner is bound by its organization already.
    pub fn reaches_all(&self) -> bool {
        self.all_municipalities || self.role == Role::Partner && self.municipality_ids.is_empty()
    }
}

/// A token's entry, which does not hold the token.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    #[serde(flatten)]
    pub meta: Meta,
    /// Whose token it is.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// What it entitles to.
    #[schema(example = "editor")]
    pub role: Role,
    /// Whether it reaches every municipality.
    pub all_municipalities: bool,
    /// The municipalities that it reaches, where not all.
    pub municipalities: Vec<OrganizationRef>,
    /// The organization for which a partner asks.
    #[schema(example = json!(null))]
    pub organization: Option<OrganizationRef>,
    /// Who made it: a token's name, or `mou-registry` where it was made on the command line.
    #[schema(example = "mou-registry")]
    pub created_by: String,
    /// When it ceases to be valid; null for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When a use of it was last noted, which is done once an hour at most: it may have been used again
    /// since. Null where it never was.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; null while it is valid.
    #[schema(example = json!(null))]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A token that was just made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewToken {
    #[serde(flatten)]
    pub entry: Token,
    /// The token itself, to be sent as `Authorization: Bearer`. It is shown this once.
    #[schema(example = "mou_0000000000000000000000000000000000000000000000000000000000000000")]
    pub token: String,
}

/// Who asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// The token's id; of somebody who comes by the single sign-on, an id that is derived from
    /// issuer and subject and stays the same; null without a token.
    pub token_id: Option<Uuid>,
    /// The token's name, the name that the single sign-on tells, or `anonymous`.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// What the token entitles to; null without a token.
    #[schema(example = "editor")]
    pub role: Option<Role>,
    /// Whether it reaches every municipality.
    pub all_municipalities: bool,
    /// The municipalities that it reaches, where not all.
    pub municipalities: Vec<OrganizationRef>,
    /// The organization for which a partner asks.
    #[schema(example = json!(null))]
    pub organization: Option<OrganizationRef>,
}

impl Versioned for Token {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for NewToken {
    fn version(&self) -> i64 {
        self.entry.version()
    }
}

impl Versioned for Me {
    /// Nobody changes who asks by way of this answer.
    fn version(&self) -> i64 {
        1
    }
}
