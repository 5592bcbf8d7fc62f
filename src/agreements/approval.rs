//! Who approves an agreement: nobody who wrote it.

use super::doc::Doc;
use crate::access::Role;
use crate::app::Cx;
use crate::error::{ApiError, Code};
use crate::organizations::policies::{self, Policy};

/// Refuses an approval by one who may not approve, or who wrote the agreement, unless its
/// municipality's policy of today lets its officers approve what they wrote.
///
/// # Errors
/// `forbidden`
pub(super) fn check(cx: &Cx, doc: &Doc, policies: &[Policy]) -> Result<(), ApiError> {
    if !may_approve(cx) {
        return Err(ApiError::with(
            Code::Forbidden,
            "승인에는 approver 역할이 필요합니다.",
            "Approving takes the role approver.",
        ));
    }
    if !is_others_work(cx, doc, policies) {
        return Err(ApiError::with(
            Code::Forbidden,
            "기안하거나 고친 토큰으로는 승인할 수 없습니다.",
            "A token that drafted or changed an agreement is not the one to approve it.",
        ));
    }
    Ok(())
}

/// Refuses a change of what is approved by one who could not have approved it: it would be signed
/// otherwise than it was approved.
///
/// # Errors
/// `forbidden`
pub(super) fn check_edit(cx: &Cx, doc: &Doc, policies: &[Policy]) -> Result<(), ApiError> {
    if may_approve(cx) && is_others_work(cx, doc, policies) {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "승인된 협약은 승인할 수 있는 사람만 고칠 수 있습니다.",
        "What is approved is changed by those alone who may approve it.",
    ))
}

/// Notes that the caller has a part in what is yet to be approved.
pub(super) fn note_writer(cx: &Cx, doc: &mut Doc) {
    if let Some(id) = cx.caller.id.filter(|_| doc.drafted_by != cx.caller.id) {
        doc.rewritten_by.insert(id);
    }
}

fn may_approve(cx: &Cx) -> bool {
    matches!(cx.caller.role, Some(Role::Admin | Role::Approver))
}

fn is_others_work(cx: &Cx, doc: &Doc, policies: &[Policy]) -> bool {
    let Some(id) = cx.caller.id else {
        return true;
    };
    let wrote = doc.drafted_by == Some(id) || doc.rewritten_by.contains(&id);
    let policy = policies::on(policies, Some(cx.today));
    !wrote || policy.is_some_and(|policy| policy.self_approval)
}
