//! Callers: anonymous ones, holders of tokens and subjects of single sign-on, with their rights.

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::AnyConnection;
use crate::directory::succession::Successions;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AddressId, OrganizationId, SignInId, TokenId};

/// Role of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages tokens, municipalities and their policies, and may do what an approver may.
    Admin,
    /// An editor who may also approve agreements, though not those that the same token drafted.
    Approver,
    /// Records and changes data of its municipality.
    Editor,
    /// Reads everything of its municipality.
    Viewer,
    /// Reads what its organization is party to, and reports on what it owes.
    Partner,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Admin,
        Self::Approver,
        Self::Editor,
        Self::Viewer,
        Self::Partner,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Approver => "approver",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
            Self::Partner => "partner",
        }
    }

    /// Returns true for roles that work for a municipality and see everything of it.
    pub fn is_staff(self) -> bool {
        self != Self::Partner
    }
}

impl std::str::FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("expected one of {all}")
        })
    }
}

/// The municipalities that a caller's access covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every municipality, including those not recorded yet.
    All,
    /// Only these; an empty set covers none.
    Of(BTreeSet<OrganizationId>),
}

impl Reach {
    /// Widens the reach to what its municipalities hold on a day: a token of a municipality is one
    /// of its successor.
    pub fn widen(&mut self, conn: &mut AnyConnection, day: NaiveDate) -> Result<(), ApiError> {
        if let Self::Of(some) = self
            && !some.is_empty()
        {
            let successions = Successions::load(conn)?;
            let held = some.iter().map(|id| successions.held_by(*id, day));
            *some = held.flatten().chain(some.iter().copied()).collect();
        }
        Ok(())
    }

    pub fn holds(&self, municipality: OrganizationId) -> bool {
        match self {
            Self::All => true,
            Self::Of(some) => some.contains(&municipality),
        }
    }
}

/// A credential whose last use is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Token(TokenId),
    /// A secret address.
    Address(AddressId),
    /// A session of somebody who signed in.
    SignIn(SignInId),
}

/// The caller of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Id of the token, or the id derived from the subject of single sign-on. `None` for anonymous
    /// callers and for the program itself.
    pub id: Option<TokenId>,
    /// The name that is recorded: that of the token, or the value of the claim that grants access
    /// to a subject of single sign-on. The subject's own name could not be erased from the log.
    pub name: String,
    /// The subject's own name, which is never recorded.
    pub person: Option<String>,
    /// `None` for anonymous callers.
    pub role: Option<Role>,
    /// Municipalities for which the caller works, or to which a partner is limited. Empty for
    /// anonymous callers.
    pub reach: Reach,
    /// Organization of a partner.
    pub organization_id: Option<OrganizationId>,
    /// A use that has not been noted yet.
    pub unnoted_use: Option<Use>,
}

impl Caller {
    /// Returns the caller of a request without a token.
    pub fn anonymous() -> Self {
        Self {
            id: None,
            name: "anonymous".into(),
            person: None,
            role: None,
            reach: Reach::Of(BTreeSet::new()),
            organization_id: None,
            unnoted_use: None,
        }
    }

    /// Returns the program itself as the caller, acting for its operator.
    pub fn program() -> Self {
        Self {
            id: None,
            name: "mou-registry".into(),
            person: None,
            role: Some(Role::Admin),
            reach: Reach::All,
            organization_id: None,
            unnoted_use: None,
        }
    }

    /// Returns everything that determines what the caller sees, as input of a digest. It differs
    /// for different callers.
    pub fn sees_as(&self) -> impl Debug {
        // Destructured, so that a new field has to be considered here.
        let Self {
            id,
            name,
            role,
            reach,
            organization_id,
            person: _,
            unnoted_use: _,
        } = self;
        (id, name, role, reach, organization_id)
    }

    /// Returns everything that determines which records the caller sees, as input of a digest. It is
    /// the same for callers who see the same records.
    pub fn sees(&self) -> impl Debug {
        // Destructured as above.
        let Self {
            id: _,
            name: _,
            role,
            reach,
            organization_id,
            person: _,
            unnoted_use: _,
        } = self;
        (role, reach, organization_id)
    }

    /// Returns the caller's name for places where personal data is allowed.
    pub fn own_name(&self) -> &str {
        self.person.as_ref().unwrap_or(&self.name)
    }

    /// Returns true if the caller works for the municipality, and so sees everything of it.
    pub fn works_for(&self, municipality: OrganizationId) -> bool {
        self.role.is_some_and(Role::is_staff) && self.reach.holds(municipality)
    }

    /// Checks that the caller may change records of a municipality.
    ///
    /// # Errors
    /// Fails with `forbidden` if the caller does not work for the municipality.
    pub fn may_change(&self, municipality: OrganizationId) -> Result<(), ApiError> {
        if self.works_for(municipality) {
            return Ok(());
        }
        Err(ApiError::with(
            Code::Forbidden,
            "다른 지방자치단체의 기록은 바꿀 수 없습니다.",
            "Records of another municipality are not yours to change.",
        ))
    }

    /// Checks that the caller may change a shared record.
    ///
    /// # Errors
    /// Fails with `forbidden` unless the caller is an admin, works for all municipalities, or works
    /// for the one that added the record.
    pub fn may_change_shared(&self, added_by: Option<OrganizationId>) -> Result<(), ApiError> {
        let staff = self.role.is_some_and(Role::is_staff);
        if self.role == Some(Role::Admin)
            || staff && self.reach == Reach::All
            || added_by.is_some_and(|m| self.works_for(m))
        {
            return Ok(());
        }
        Err(ApiError::with(
            Code::Forbidden,
            "기관은 등록한 지방자치단체나 관리자만 바꾸거나 합칠 수 있습니다.",
            "An organization is changed or merged by the municipality that added it, or by an admin.",
        ))
    }

    /// Returns the municipality for which the caller adds shared records, or `None` if it works for
    /// all.
    pub fn home(&self) -> Option<OrganizationId> {
        match &self.reach {
            Reach::Of(some) => some.first().copied(),
            Reach::All => None,
        }
    }
}
