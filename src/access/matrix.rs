//! Which operation is for whom: the one table that the server goes by, the spec shows and the
//! tests walk.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use super::caller::{Caller, Role};
use crate::error::{ApiError, Code};

/// For whom an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everyone, also where anonymous callers are not served: it tells nothing of the records.
    Open,
    /// Everyone who is served, each of what it may see.
    Read,
    /// Those who record: of their own municipality.
    Write,
    /// Those who record, of their own municipality, and partners, of what their organization owes.
    Report,
    /// Admins.
    Manage,
    /// Whoever holds a token, each of its own.
    Own,
    /// Whoever has the address, in which the key is.
    Address,
}

impl Access {
    /// The roles that it asks for; none where it asks for no token.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Open | Self::Read | Self::Address => &[],
            Self::Write => &[Role::Admin, Role::Approver, Role::Editor],
            Self::Report => &[Role::Admin, Role::Approver, Role::Editor, Role::Partner],
            Self::Manage => &[Role::Admin],
            Self::Own => &Role::ALL,
        }
    }

    /// Refuses a caller for whom it is not.
    ///
    /// # Errors
    /// `unauthenticated` without a token, `forbidden` with one of another role.
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

    /// What the spec says of it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Open => "For everyone.",
            Self::Read => {
                "For everyone, each of what it may see: without a token only public records, of \
                 agreements only those that are signed or later."
            }
            Self::Write => {
                "For admins, approvers and editors, of what is of their own municipality."
            }
            Self::Report => {
                "For admins, approvers and editors, of what is of their own municipality, and for \
                 partners, of what their organization owes."
            }
            Self::Manage => "For admins.",
            Self::Own => {
                "For whoever holds a token, each of its own; an admin of all municipalities sees \
                 those of all."
            }
            Self::Address => "For whoever has the address: it is the key, and no header is needed.",
        }
    }
}

/// The roles, and every operation with those that it is for, as a table.
pub fn described() -> String {
    let mut text = String::from(
        "A token entitles to a role, for some municipalities or for all. Without one everyone reads what is public. What a \
         caller may not see does not exist for it.\n\n\
         - `admin` keeps tokens, municipalities and their policies, and may do what an approver may\n\
         - `approver` is an editor who may approve agreements, though not those that the same token drafted or changed, unless \
         the municipality's policy allows it\n\
         - `editor` records and changes what is of its municipality, and adds organizations, which are shared\n\
         - `viewer` reads all that is of its municipality\n\
         - `partner` reads what its organization takes part in, of all municipalities or of those that its token names, and \
         reports on what it owes\n\n\
         | operation |",
    );
    let callers = Role::ALL.map(Some);
    let callers = callers.into_iter().chain([None]);
    for caller in callers.clone() {
        let _ = write!(text, " {} |", caller.map_or("no token", Role::as_str));
    }
    text += "\n|---|---|---|---|---|---|---|\n";
    for (operation, access) in MATRIX {
        let _ = write!(text, "| `{operation}` |");
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

/// Every operation, by its id. One that is not here is refused to all.
pub const MATRIX: &[(&str, Access)] = {
    use Access::{Address, Manage, Open, Own, Read, Report, Write};
    &[
        ("get_health", Open),
        ("get_readiness", Open),
        ("get_metrics", Open),
        ("get_me", Open),
        ("list_tokens", Manage),
        ("create_token", Manage),
        ("get_token", Manage),
        ("revoke_token", Manage),
        ("list_personal_data_reads", Manage),
        ("list_calendars", Own),
        ("create_calendar", Own),
        ("get_calendar", Own),
        ("revoke_calendar", Own),
        ("get_calendar_feed", Address),
        ("list_reference_municipalities", Read),
        ("list_municipalities", Read),
        ("create_municipality", Manage),
        ("get_municipality", Read),
        ("update_municipality", Manage),
        ("delete_municipality", Manage),
        ("list_organizations", Read),
        ("create_organization", Write),
        ("get_organization", Read),
        ("update_organization", Write),
        ("delete_organization", Write),
        ("merge_organization", Write),
        ("list_associations", Read),
        ("create_association", Write),
        ("get_association", Read),
        ("update_association", Write),
        ("delete_association", Write),
        ("list_association_members", Read),
        ("create_association_member", Write),
        ("get_association_member", Read),
        ("update_association_member", Write),
        ("delete_association_member", Write),
        ("list_agreements", Read),
        ("create_agreement", Write),
        ("get_agreement", Read),
        ("update_agreement", Write),
        ("delete_agreement", Write),
        ("create_agreement_transition", Write),
        ("list_agreement_parties", Read),
        ("create_agreement_party", Write),
        ("get_agreement_party", Read),
        ("update_agreement_party", Write),
        ("delete_agreement_party", Write),
        ("list_agreement_commitments", Read),
        ("create_agreement_commitment", Write),
        ("get_agreement_commitment", Read),
        ("update_agreement_commitment", Write),
        ("delete_agreement_commitment", Write),
        ("list_reports", Read),
        ("list_commitment_reports", Read),
        ("create_commitment_report", Report),
        ("get_commitment_report", Read),
        ("confirm_commitment_report", Write),
        ("decline_commitment_report", Write),
        ("retract_commitment_report", Report),
        ("list_agreement_documents", Read),
        ("create_agreement_document", Write),
        ("get_agreement_document", Read),
        ("update_agreement_document", Write),
        ("delete_agreement_document", Write),
        ("list_agreement_reviews", Read),
        ("create_agreement_review", Write),
        ("get_agreement_review", Read),
        ("update_agreement_review", Write),
        ("delete_agreement_review", Write),
        ("list_agreement_council_actions", Read),
        ("create_agreement_council_action", Write),
        ("get_agreement_council_action", Read),
        ("update_agreement_council_action", Write),
        ("delete_agreement_council_action", Write),
        ("list_duties", Read),
        ("get_withheld_agreements", Read),
        ("get_council_report", Read),
        ("list_working_groups", Read),
        ("create_working_group", Write),
        ("get_working_group", Read),
        ("update_working_group", Write),
        ("delete_working_group", Write),
        ("list_working_group_members", Read),
        ("create_working_group_member", Write),
        ("update_working_group_member", Write),
        ("delete_working_group_member", Write),
        ("list_meetings", Read),
        ("create_meeting", Write),
        ("get_meeting", Read),
        ("update_meeting", Write),
        ("delete_meeting", Write),
        ("list_projects", Read),
        ("create_project", Write),
        ("get_project", Read),
        ("update_project", Write),
        ("delete_project", Write),
        ("list_project_milestones", Read),
        ("create_project_milestone", Write),
        ("list_project_timeline", Read),
        ("get_project_slip_history", Read),
        ("get_milestone", Read),
        ("update_milestone", Write),
        ("delete_milestone", Write),
        ("list_milestone_forecasts", Read),
        ("create_milestone_forecast", Write),
        ("retract_milestone_forecast", Write),
        ("list_milestone_outcomes", Read),
        ("create_milestone_outcome", Write),
        ("retract_milestone_outcome", Write),
        ("list_timeline", Read),
        ("get_timeline_calendar", Read),
        ("search", Read),
        ("get_agreement_statistics", Read),
        ("list_agreement_statistics_records", Read),
        ("get_milestone_statistics", Read),
        ("list_milestone_statistics_records", Read),
        ("list_changes", Read),
        ("stream_changes", Read),
        ("list_history", Read),
        ("list_webhooks", Own),
        ("create_webhook", Own),
        ("get_webhook", Own),
        ("update_webhook", Own),
        ("delete_webhook", Own),
        ("rotate_webhook_secret", Own),
        ("test_webhook", Own),
        ("list_webhook_deliveries", Own),
        ("redeliver_webhook_delivery", Own),
    ]
};

/// For whom an operation is; none where the table does not say.
pub fn access_of(operation: &str) -> Option<Access> {
    static ACCESS: LazyLock<HashMap<&str, Access>> =
        LazyLock::new(|| MATRIX.iter().copied().collect());
    ACCESS.get(operation).copied()
}

/// An operation as the server meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id in the spec.
    pub id: &'static str,
    /// For whom it is.
    pub access: Access,
    /// Whether it can be asked as of an instant.
    pub has_past: bool,
}

/// Reads that have no past of their own: what never changes, and what tells of changes.
const TIMELESS: &[&str] = &[
    "list_reference_municipalities",
    "list_changes",
    "list_history",
    "stream_changes",
];

/// Whether an operation can be asked as of an instant: whether it reads records.
pub fn has_past(operation: &str, access: Access, method: &str) -> bool {
    access == Access::Read && method == "GET" && !TIMELESS.contains(&operation)
}

impl Operation {
    /// The operation of a method on a path of the spec.
    pub fn of(method: &str, pattern: &str) -> Option<Self> {
        type Routes = HashMap<String, HashMap<String, Operation>>;
        static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
            let mut routes = Routes::new();
            for listed in &crate::api::SPEC.operations {
                let known = MATRIX.iter().find(|(name, _)| *name == listed.id);
                if let Some((id, access)) = known.copied() {
                    let operation = Operation {
                        id,
                        access,
                        has_past: has_past(id, access, &listed.method),
                    };
                    let methods = routes.entry(listed.path.clone()).or_default();
                    methods.insert(listed.method.clone(), operation);
                }
            }
            routes
        });
        ROUTES.get(pattern)?.get(method).copied()
    }
}
