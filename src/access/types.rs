//! The API's representation of tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::clock::six_digits;
use crate::kernel::ids::{OrganizationId, SignInId, TokenId};
use crate::kernel::rule::rule_error;
use crate::kernel::values::{Meta, OrganizationRef};
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::caller::Role;

/// Content of a new token: its holder, role and reach.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_bound"))]
pub struct TokenContent {
    /// Holder of the token, as the history of changes will name it.
    #[schema(max_length = 200, pattern = r"^.+$", example = "전략산업과 협약 담당")]
    pub name: String,
    /// Role that the token grants.
    #[schema(example = "editor")]
    pub role: Role,
    /// True for a token that covers every municipality.
    #[serde(default)]
    pub all_municipalities: bool,
    /// Municipalities that the token covers. A partner sees what its organization takes part in, in
    /// these municipalities; in all of them if the list is empty.
    #[serde(default)]
    #[schema(max_items = 300)]
    pub municipality_ids: Vec<OrganizationId>,
    /// Organization of a partner. Null for other roles.
    #[schema(value_type = Option<Uuid>, example = json!(null))]
    pub organization_id: Option<OrganizationId>,
    /// Instant at which the token expires. Null for never.
    #[schema(example = "2027-12-31T15:00:00Z")]
    #[serde(serialize_with = "six_digits")]
    pub expires_at: Option<DateTime<Utc>>,
}

/// Checks that a partner is bound to its organization, and every other role to municipalities or to
/// all of them. An empty binding must grant nothing.
fn is_bound(token: &TokenContent) -> Result<(), ValidationError> {
    let partner = token.role == Role::Partner;
    let wrong = |code, at, ko, en| Err(rule_error(code, at, ko, en));
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
    /// Returns true if the token covers every municipality. A partner without municipalities does,
    /// since its organization already limits it.
    pub fn reaches_all(&self) -> bool {
        self.all_municipalities || self.role == Role::Partner && self.municipality_ids.is_empty()
    }
}

/// The entry of a token, which does not contain the token itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Token {
    #[serde(flatten)]
    pub meta: Meta<TokenId>,
    /// Holder of the token.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// Role that the token grants.
    #[schema(example = "editor")]
    pub role: Role,
    /// Whether the token covers every municipality.
    pub all_municipalities: bool,
    /// Municipalities that the token covers, if not all.
    pub municipalities: Vec<OrganizationRef>,
    /// Organization of a partner.
    #[schema(example = json!(null))]
    pub organization: Option<OrganizationRef>,
    /// Creator: the name of a token, or `mou-registry` for the command line.
    #[schema(example = "mou-registry")]
    pub created_by: String,
    /// Instant at which the token expires. Null for never.
    #[serde(serialize_with = "six_digits")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Last noted use. Uses are noted at most once an hour, so the token may have been used since.
    /// Null if it was never used.
    #[serde(serialize_with = "six_digits")]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Instant of the revocation. Null while the token is not revoked.
    #[schema(example = json!(null))]
    #[serde(serialize_with = "six_digits")]
    pub revoked_at: Option<DateTime<Utc>>,
    /// Whether the token is suspended, since its organization was merged with another: it grants nothing,
    /// with its calendars and webhooks, until an admin of all municipalities renews it or the merge is
    /// undone.
    #[schema(example = false)]
    pub suspended: bool,
}

/// A token that was just created.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedToken {
    #[serde(flatten)]
    pub entry: Token,
    /// The token itself, to be sent as `Authorization: Bearer`. It is shown only this once.
    #[schema(example = "mou_0000000000000000000000000000000000000000000000000000000000000000")]
    pub token: String,
}

/// The caller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Id of the token. For single sign-on, a stable id derived from issuer and subject. Null
    /// without a token.
    pub token_id: Option<TokenId>,
    /// Name of the token, name given by single sign-on, or `anonymous`.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// Role of the caller. Null without a token.
    #[schema(example = "editor")]
    pub role: Option<Role>,
    /// Whether the caller's access covers every municipality.
    pub all_municipalities: bool,
    /// Municipalities that the caller's access covers, if not all.
    pub municipalities: Vec<OrganizationRef>,
    /// Organization of a partner.
    #[schema(example = json!(null))]
    pub organization: Option<OrganizationRef>,
}

/// Somebody who is signed in on the pages for officers, by a token or by single sign-on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignedInHolder {
    /// Id of the token. For single sign-on, a stable id derived from issuer and subject.
    pub id: TokenId,
    /// Holder of the token. For single sign-on, the value of the claim that grants the role.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
    /// Name of the person as given by single sign-on. Null for a token.
    #[schema(example = json!(null))]
    pub person: Option<String>,
    /// Role in which the sessions act.
    #[schema(example = "editor")]
    pub role: Role,
    /// Open sessions, oldest first.
    pub sessions: Vec<OpenSession>,
}

/// Session that has not ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenSession {
    /// Id of the session.
    pub id: SignInId,
    /// Instant of the sign-in.
    #[serde(serialize_with = "six_digits")]
    pub began_at: DateTime<Utc>,
    /// Last noted use. Uses are noted at most once in five minutes.
    #[serde(serialize_with = "six_digits")]
    pub last_used_at: DateTime<Utc>,
    /// Instant at which the session ends if it is not used until then.
    #[serde(serialize_with = "six_digits")]
    pub ends_at: DateTime<Utc>,
}

/// Sessions that were ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EndedSessions {
    /// Number of sessions that were open.
    #[schema(example = 2)]
    pub ended: usize,
}

impl Versioned for EndedSessions {
    /// Constant, since this representation cannot be changed.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}

impl Versioned for Token {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for CreatedToken {
    fn revision(&self) -> Revision {
        self.entry.revision()
    }
}

impl Versioned for Me {
    /// Constant, since this representation cannot be changed.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}
