//! Approval rules: a policy can name the approvers, and nobody approves their own work by default.

use super::doc::Doc;
use super::duties::{self, ApprovalDemand};
use super::read::{self, Stored};
use super::types::{AgreementStatus, Transition};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::AgreementId;
use crate::ledger::{RequestContext, Role};
use crate::projections::policies;
use crate::projections::policies::Policy;

/// Checks that the caller may approve the agreement under today's policy.
///
/// # Errors
/// `forbidden` if the caller lacks the role, is not among the approvers named by the policy, or
/// wrote the agreement and the policy does not allow self-approval.
pub(super) fn check(cx: &RequestContext, doc: &Doc, policies: &[Policy]) -> Result<(), ApiError> {
    let policies = policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    let policy = policies::in_force_on(&policies, Some(cx.today));
    if !has_role(cx) {
        return Err(ApiError::with(
            Code::Forbidden,
            "승인자나 관리자만 승인할 수 있습니다.",
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

/// Checks that the caller may approve a stored agreement under today's policy.
///
/// # Errors
/// `not_found` if the caller may not see it; `forbidden` if the caller may not approve it.
pub fn may_approve(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<(), ApiError> {
    let stored = read::load(conn, cx, id)?;
    check(cx, &stored.doc, &stored.policies)
}

/// Checks that the caller may change an agreement in any way, whether its content, a part, a document
/// or by deleting it. Only those who could approve an agreement change one that was approved:
/// otherwise it would be signed in a form that was not approved. After the signing, changes are
/// corrections; an agreement that was withdrawn instead stays as it was approved.
///
/// # Errors
/// `forbidden` if the agreement was approved and the caller could not approve it.
pub(super) fn check_change(
    cx: &RequestContext,
    doc: &Doc,
    policies: &[Policy],
) -> Result<(), ApiError> {
    let approved = |step: &Transition| step.to == AgreementStatus::Approved;
    if doc.was_signed() || !doc.transitions.iter().any(approved) {
        return Ok(());
    }
    check(cx, doc, policies).map_err(|_| {
        ApiError::with(
            Code::Forbidden,
            "승인된 협약은 승인할 수 있는 사람만 고치거나 지울 수 있습니다.",
            "What is approved is changed or deleted by those alone who may approve it.",
        )
    })
}

/// Checks that the caller may change a stored agreement in any way.
///
/// # Errors
/// `not_found` if the caller may not see it; `forbidden` if it was approved and the caller could not approve
/// it.
pub fn may_change(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<(), ApiError> {
    let stored = read::load(conn, cx, id)?;
    check_change(cx, &stored.doc, &stored.policies)
}

/// Checks that the caller may record a signing under a policy of that day which demands an approval,
/// whatever recorded it: a new agreement in its present status, or a change that puts the signing under
/// such a policy, or takes it out of one. A signing that follows the approval as a step of its own was
/// approved.
///
/// # Errors
/// `forbidden` if the policy demands an approval, and the caller may not approve.
pub(super) fn check_signing(cx: &RequestContext, stored: &Stored) -> Result<(), ApiError> {
    let Stored {
        doc,
        before,
        policies,
        ..
    } = stored;
    let recorded = |to| {
        let mut steps = doc.transitions.iter();
        steps
            .find(|step| step.to == to)
            .map(|step| step.recorded_at)
    };
    let approved = recorded(AgreementStatus::Approved);
    let in_steps = approved.is_some() && approved < recorded(AgreementStatus::Signed);
    if before.approved || in_steps {
        return Ok(());
    }
    match (
        before.approval_demand,
        duties::approval_demand(doc, policies),
    ) {
        (one, other) if one == other => return Ok(()),
        (ApprovalDemand::Possible, ApprovalDemand::None) => return Ok(()),
        _ => {}
    }
    let policies = policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    if has_role(cx) && is_named(cx, policies::in_force_on(&policies, Some(cx.today))) {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "체결일의 정책이 승인자를 정하거나 의회의 동의를 요구합니다. 승인할 수 있는 사람만 체결된 것으로 등록합니다.",
        "The policy of the day of signing names who approves, or demands the council's consent: only who may approve records it as signed.",
    ))
}

/// Records the caller as an author of an agreement that is not approved yet.
pub(super) fn add_author(cx: &RequestContext, doc: &mut Doc) {
    if let Some(id) = cx.caller.id.filter(|_| doc.drafted_by != cx.caller.id) {
        doc.rewritten_by.insert(id);
    }
}

fn has_role(cx: &RequestContext) -> bool {
    matches!(cx.caller.role, Some(Role::Admin | Role::Approver))
}

fn is_named(cx: &RequestContext, policy: Option<&Policy>) -> bool {
    let named = policy.and_then(|policy| policy.approver_ids.as_ref());
    // The program itself has no id and acts for its operator.
    let id = cx.caller.id.as_ref();
    named.is_none_or(|named| id.is_none_or(|id| named.contains(id)))
}

fn is_others_work(cx: &RequestContext, doc: &Doc, policy: Option<&Policy>) -> bool {
    let Some(id) = cx.caller.id else {
        return true;
    };
    let wrote = doc.drafted_by == Some(id) || doc.rewritten_by.contains(&id);
    !wrote || policy.is_some_and(|policy| policy.self_approval)
}
