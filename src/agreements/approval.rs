//! Who approves an agreement: whom the municipality's policy names, and nobody who wrote it.

use super::doc::Doc;
use crate::access::Role;
use crate::app::Cx;
use crate::error::{ApiError, Code};
use crate::organizations::policies::{self, Policy};

/// Refuses an approval by one who may not approve by the policy of today, or who wrote the agreement,
/// unless the policy lets its officers approve what they wrote.
///
/// # Errors
/// `forbidden`
pub(super) fn check(cx: &Cx, doc: &Doc, policies: &[Policy]) -> Result<(), ApiError> {
    let policy = policies::on(policies, Some(cx.today));
    if !has_role(cx) {
        return Err(ApiError::with(
            Code::Forbidden,
            "승인에는 approver 역할이 필요합니다.",
            "Approving takes the role approver.",
        ));
    }
    if !is_named(cx, policy) {
        return Err(ApiError::with(
            Code::Forbidden,
            "이 지방자치단체의 정책이 정한 승인자가 아닙니다.",
            "The municipality's policy names others to approve.",
        ));
    }
    if !is_others_work(cx, doc, policy) {
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
    check(cx, doc, policies).map_err(|_| {
        ApiError::with(
            Code::Forbidden,
            "승인된 협약은 승인할 수 있는 사람만 고칠 수 있습니다.",
            "What is approved is changed by those alone who may approve it.",
        )
    })
}

/// Notes that the caller has a part in what is yet to be approved.
pub(super) fn note_writer(cx: &Cx, doc: &mut Doc) {
    if let Some(id) = cx.caller.id.filter(|_| doc.drafted_by != cx.caller.id) {
        doc.rewritten_by.insert(id);
    }
}

fn has_role(cx: &Cx) -> bool {
    matches!(cx.caller.role, Some(Role::Admin | Role::Approver))
}

fn is_named(cx: &Cx, policy: Option<&Policy>) -> bool {
    let named = policy.and_then(|policy| policy.approver_ids.as_ref());
    // The program itself has no id, and is at work for its operator.
    let id = cx.caller.id.as_ref();
    named.is_none_or(|named| id.is_none_or(|id| named.contains(id)))
}

fn is_others_work(cx: &Cx, doc: &Doc, policy: Option<&Policy>) -> bool {
    let Some(id) = cx.caller.id else {
        return true;
    };
    let wrote = doc.drafted_by == Some(id) || doc.rewritten_by.contains(&id);
    !wrote || policy.is_some_and(|policy| policy.self_approval)
}
