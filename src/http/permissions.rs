//! The terms of each operation: whom it is for and what it costs. Slices declare them where they mount
//! a handler, and the server goes by them; the spec shows whom an operation is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::db::ReadClass;
use crate::kernel::error::{ApiError, Code};
use crate::ledger::caller::{Caller, Role};

/// Access to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Open to everyone, even if anonymous callers are not served, since it reveals nothing of the
    /// records.
    Open,
    /// Open to every caller who is served, limited to what the caller may see.
    Read,
    /// Like `Read`, for reads that cannot be asked as of an instant: those of data that never
    /// changes, and those of the log itself.
    Timeless,
    /// For admins, approvers and editors, on records of their own municipality.
    Write,
    /// Like [`Self::Write`], and for partners on what their organization owes.
    Report,
    /// For admins.
    Manage,
    /// For the holder of a token, on its own records.
    Own,
    /// For anyone with the address, which contains the key.
    Address,
}

/// The terms of an operation: whom it is for, and what its reads cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub access: Access,
    pub class: ReadClass,
}

impl From<Access> for Terms {
    fn from(access: Access) -> Self {
        Self {
            access,
            class: ReadClass::Cheap,
        }
    }
}

impl Access {
    /// Returns the terms of an operation whose answer is computed over many records.
    pub fn to_figures(self) -> Terms {
        Terms {
            access: self,
            class: ReadClass::Figures,
        }
    }

    /// Returns the required roles; empty if no token is required.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Open | Self::Read | Self::Timeless | Self::Address => &[],
            Self::Write => &[Role::Admin, Role::Approver, Role::Editor],
            Self::Report => &[Role::Admin, Role::Approver, Role::Editor, Role::Partner],
            Self::Manage => &[Role::Admin],
            Self::Own => &Role::ALL,
        }
    }

    /// Returns true if a caller with the role has access; the role of an anonymous one is `None`.
    pub fn is_for(self, role: Option<Role>) -> bool {
        let roles = self.roles();
        roles.is_empty() || role.is_some_and(|role| roles.contains(&role))
    }

    /// Checks that a caller has access.
    ///
    /// # Errors
    /// Fails with `unauthenticated` without a token, or with `forbidden` if the role does not
    /// suffice.
    pub fn check(self, caller: &Caller, anonymous_served: bool) -> Result<(), ApiError> {
        let roles = self.roles();
        match caller.role {
            _ if matches!(self, Self::Open | Self::Address) => Ok(()),
            None if !roles.is_empty() || !anonymous_served => {
                Err(ApiError::new(Code::Unauthenticated))
            }
            Some(role) if !roles.is_empty() && !roles.contains(&role) => {
                let names = roles.iter().map(|r| r.as_str()).collect::<Vec<_>>();
                let names = names.join(", ");
                Err(ApiError::with(
                    Code::Forbidden,
                    format!("이 작업에 필요한 역할: {names}"),
                    format!("This takes one of these roles: {names}."),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Returns the description for the spec.
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "For everyone.",
            Self::Read | Self::Timeless => "For everyone, limited to what the caller may see.",
            Self::Write => {
                "For admins, approvers and editors, on records of their own municipality."
            }
            Self::Report => {
                "For admins, approvers and editors, on records of their own municipality, and for \
                 partners, on what their organization owes."
            }
            Self::Manage => "For admins.",
            Self::Own => {
                "For holders of a token, on the records of that token; an admin of all municipalities \
                 sees those of all tokens."
            }
            Self::Address => "For anyone with the address: it is the key, and no header is needed.",
        }
    }
}

/// Returns the description of the roles, with a table of what each may do. The description of an
/// operation ends with its line of the table.
pub fn described(operations: &BTreeMap<String, Terms>) -> String {
    let mut text = String::from(
        "A token grants a role for some municipalities or for all. Without a token, everyone can read what is public, and of \
         agreements only those that are signed or later. Records \
         that a caller may not see do not exist for that caller.\n\n\
         - `admin` manages tokens, municipalities and their policies, and may do what an approver may\n\
         - `approver` is an editor who may also approve agreements, though not those that the same token drafted or changed, \
         unless the municipality's policy allows it\n\
         - `editor` records and changes data of its municipality, and adds organizations, which are shared\n\
         - `viewer` reads everything of its municipality\n\
         - `partner` reads what its organization takes part in, in all municipalities or in those that its token names, and \
         reports on what it owes\n\n\
         | what the description of an operation says |",
    );
    let callers = Role::ALL.map(Some);
    let callers = callers.into_iter().chain([None]);
    for caller in callers.clone() {
        let _ = write!(text, " {} |", caller.map_or("no token", Role::as_str));
    }
    text += "\n|---|---|---|---|---|---|---|\n";
    let mut listed: Vec<&str> = Vec::new();
    for Terms { access, .. } in operations.values() {
        if listed.contains(&access.words()) {
            continue;
        }
        listed.push(access.words());
        let _ = write!(text, "| {} |", access.words());
        for caller in callers.clone() {
            let roles = access.roles();
            let may = match caller {
                _ if roles.is_empty() => true,
                Some(role) => roles.contains(&role),
                None => false,
            };
            text += if may { " yes |" } else { " |" };
        }
        text.push('\n');
    }
    text
}
