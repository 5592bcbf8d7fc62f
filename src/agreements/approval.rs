//! Who approves an agreement: not who drafted it.

use super::doc::Doc;
use crate::access::Role;
use crate::app::Cx;
use crate::error::{ApiError, Code};
use crate::organizations::policies::{self, Policy};

/// Refuses an approval by one who may not approve, or who drafted the agreement, unless its
/// municipality's policy of today lets its officers approve what they drafted.
///
/// # Errors
/// `forbidden`
pub(super) fn check(cx: &Cx, doc: &Doc, policies: &[Policy]) -> Result<(), ApiError> {
    if !matches!(cx.caller.role, Some(Role::Admin | Role::Approver)) {
        return Err(ApiError::with(
            Code::Forbidden,
            "승인에는 approver 역할이 필요합니다.",
            "Approving takes the role approver.",
        ));
    }
    let drafted = doc.drafted_by.is_some() && doc.drafted_by == cx.caller.id;
    let policy = policies::on(policies, Some(cx.today));
    if drafted && !policy.is_some_and(|policy| policy.self_approval) {
        return Err(ApiError::with(
            Code::Forbidden,
            "기안한 토큰으로는 승인할 수 없습니다.",
            "The token that drafted an agreement is not the one to approve it.",
        ));
    }
    Ok(())
}
