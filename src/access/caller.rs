//! Who asks: anonymous callers and the holders of tokens, with what they are entitled to.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{ApiError, Code};

/// What a token entitles to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps tokens, municipalities and their policies, and may do what an approver may.
    Admin,
    /// An editor who may also approve agreements, though not those that the same token drafted.
    Approver,
    /// Records and changes what is of its municipality.
    Editor,
    /// Reads all that is of its municipality.
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

    /// True for those who work for a municipality and see all that is of it.
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

/// The municipalities for which somebody works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every one, those that are yet to be recorded included.
    All,
    /// These; none where the set is empty.
    Of(BTreeSet<Uuid>),
}

impl Reach {
    pub fn holds(&self, municipality: Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Of(some) => some.contains(&municipality),
        }
    }
}

/// By what somebody asks, of which is noted when it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Token(Uuid),
    /// The address of a calendar.
    Calendar(Uuid),
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The token's id, or what is derived from a subject of the single sign-on; none for anonymous
    /// callers and for the program itself.
    pub id: Option<Uuid>,
    /// What is recorded of who it is: the token's name, or the value of the claim that entitles a
    /// subject of the single sign-on, whose own name could not be erased from the log.
    pub name: String,
    /// The subject's own name, which is in no record.
    pub person: Option<String>,
    /// None for anonymous callers.
    pub role: Option<Role>,
    /// The municipalities for which the caller works, or with which a partner has to do: none for
    /// anonymous callers.
    pub reach: Reach,
    /// The organization for which a partner asks.
    pub organization_id: Option<Uuid>,
    /// The use that is yet to be noted.
    pub unnoted_use: Option<Use>,
}

impl Caller {
    /// Whoever comes without a token.
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

    /// The program itself, at work for its operator.
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

    /// What decides what the caller sees, to be digested: who is somebody else never has the same.
    pub fn sees_as(&self) -> impl Debug {
        // Named one by one, so that a member that is added is thought of here.
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

    /// What the caller is called where personal data may stand.
    pub fn own_name(&self) -> &str {
        self.person.as_ref().unwrap_or(&self.name)
    }

    /// True when the caller works for the municipality, and so sees all that is of it.
    pub fn works_for(&self, municipality: Uuid) -> bool {
        self.role.is_some_and(Role::is_staff) && self.reach.holds(municipality)
    }

    /// Refuses a change of what is of a municipality for which the caller does not work.
    ///
    /// # Errors
    /// `forbidden`
    pub fn may_change(&self, municipality: Uuid) -> Result<(), ApiError> {
        if self.works_for(municipality) {
            return Ok(());
        }
        Err(ApiError::with(
            Code::Forbidden,
            "다른 지방자치단체의 기록은 바꿀 수 없습니다.",
            "Records of another municipality are not yours to change.",
        ))
    }

    /// Refuses a change of a record that is shared: it is for the municipality that added it and
    /// for admins.
    ///
    /// # Errors
    /// `forbidden`
    pub fn may_change_shared(&self, added_by: Option<Uuid>) -> Result<(), ApiError> {
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

    /// The municipality for which the caller adds what is shared; none where it works for all.
    pub fn home(&self) -> Option<Uuid> {
        match &self.reach {
            Reach::Of(some) => some.first().copied(),
            Reach::All => None,
        }
    }
}
