//! Transitions of an agreement, from draft to its end.

use super::doc::{Doc, Part};
use super::read::{Stored, load_own};
use super::renewal::Succession;
use super::store::accept;
use super::types::{
    Agreement, AgreementStatus, OtherParties, PartyContent, Transition, TransitionCreate,
};
use super::{anchors, approval, duties, renewal, reports, rules, signatures};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::language::{Language, Message};
use crate::kernel::values::ImpreciseDate;
use crate::ledger::RequestContext;

/// Makes a transition.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality or the caller cannot
/// approve it; `transition_not_allowed`; `validation_failed`.
pub fn transition(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    step: &TransitionCreate,
) -> Result<Agreement, ApiError> {
    let stored = load_own(conn, cx, id)?;
    let mut step = step.clone();
    let signing = step.to == AgreementStatus::Signed;
    let from_content = signing && step.on.is_none() && stored.doc.content.signed_on.is_some();
    if from_content {
        step.on.clone_from(&stored.doc.content.signed_on);
    }
    let places = signatures::places(&stored.doc, &step);
    // The day of signing is stored in two places; an error points to the place where it was given.
    make(conn, cx, stored, step).map_err(|error| {
        let error = signatures::pointing(error, &places);
        if from_content {
            error.pointing("/on", "/signed_on")
        } else if signing {
            error.pointing("/signed_on", "/on")
        } else {
            error
        }
    })
}

/// Makes a transition of an agreement that no longer has the parties `gone`: it names them in words
/// alone.
///
/// # Errors
/// Like [`transition`].
pub fn transition_without(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    step: &TransitionCreate,
    gone: &[OrganizationId],
) -> Result<Agreement, ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    let names = names(conn, gone.iter().copied())?;
    let doc = &mut stored.doc;
    let is_gone = |part: &Part<PartyContent>| gone.contains(&part.content.organization_id);
    let lost = doc.parties.iter().filter(|part| is_gone(part));
    let lost = lost.filter_map(|part| names.find(part.content.organization_id));
    let lost: Vec<String> = lost
        .map(|party| party.name.in_language(Language::Korean).to_owned())
        .collect();
    if !lost.is_empty() {
        doc.parties.retain(|part| !is_gone(part));
        let others = doc.content.other_parties.take();
        doc.content.other_parties = Some(OtherParties::with_names(others, &lost));
    }
    make(conn, cx, stored, step.clone())
}

/// Makes a transition of a loaded agreement: loads what it depends on, decides, writes and logs.
fn make(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut stored: Stored,
    step: TransitionCreate,
) -> Result<Agreement, ApiError> {
    let id = stored.id;
    let signing = step.to == AgreementStatus::Signed;
    let succession = Succession::load(conn, cx, id, &stored.doc, &stored.before)?;
    let successor = match signing {
        true => renewal::successor(conn, cx, id)?,
        false => None,
    };
    let Decided { on, errors, duty } =
        decide(cx, &mut stored, &succession, successor.as_ref(), &step)?;
    let mut accepted = accept(conn, cx, stored, succession, errors)?;
    // The caller can only act on a duty once the agreement itself is right.
    duty.map_or(Ok(()), Err)?;
    let renewed = accepted.succession.signed_predecessor_mut();
    match renewed.filter(|_| signing) {
        Some(old) => reports::close(conn, cx, old, Some(id), &step, &on)?,
        None => reports::close(conn, cx, &mut accepted.stored, None, &step, &on)?,
    }
    if let Some(new) = &successor {
        renewal::add_superseded(conn, cx, &mut accepted.stored, new)?;
        anchors::attach_to_write(conn, &mut accepted.stored.doc, cx.today)?;
    }
    accepted.update(conn, cx)?;
    accepted.write_predecessors(conn, cx)?;
    accepted.view(conn, cx)
}

/// Result of the rules for a transition.
struct Decided {
    /// Day of the transition.
    on: ImpreciseDate,
    errors: Vec<FieldError>,
    /// Refusal of a signing because of a duty that is not fulfilled.
    duty: Option<ApiError>,
}

/// Applies the rules of a transition and adds it to the agreement.
///
/// # Errors
/// `transition_not_allowed`; `forbidden` if the caller cannot approve the agreement.
fn decide(
    cx: &RequestContext,
    stored: &mut Stored,
    succession: &Succession,
    successor: Option<&Stored>,
    step: &TransitionCreate,
) -> Result<Decided, ApiError> {
    let doc = &stored.doc;
    let mut errors = rules::check_step(doc.status(), &doc.transitions, step, cx.today)?;
    let signing = step.to == AgreementStatus::Signed;
    errors.extend(undated_signing(step));
    errors.extend(match succession.signed_predecessor().filter(|_| signing) {
        Some(old) => reports::check_renewal_outcomes(old, doc, step, cx),
        None => reports::check_outcomes(stored, step, cx),
    });
    if step.to == AgreementStatus::Approved && errors.is_empty() {
        approval::check(cx, doc, &stored.policies)?;
    }
    let on = step.on.clone();
    let on = on.unwrap_or_else(|| ImpreciseDate::from_day(cx.today));
    let dated = TransitionCreate {
        on: Some(on.clone()),
        ..step.clone()
    };
    let Stored { doc, policies, .. } = stored;
    errors.extend(signatures::sign(cx, doc, policies, step)?);
    add_transition(cx, doc, &dated);
    let mut duty = None;
    if let Some(signing) = doc.transitions.last().filter(|_| signing) {
        doc.content.signed_on = Some(on.clone());
        errors.extend(rules::signed_after_end(&doc.content));
        errors.extend(successor.and_then(|new| renewal::signed_after(&on, &new.doc)));
        match duties::check_signing(doc, policies, signing, cx.today) {
            Err(missing) if missing.code == Code::Invalid => errors.extend(missing.errors),
            result => duty = result.err(),
        }
    }
    Ok(Decided { on, errors, duty })
}

/// Returns an error if neither the request nor the agreement states the day of signing. Today would
/// be a guess: a signing is often recorded days later.
fn undated_signing(step: &TransitionCreate) -> Option<FieldError> {
    let undated = step.to == AgreementStatus::Signed && step.on.is_none();
    undated.then(|| {
        let message = Message::fixed(
            "체결한 날을 적으십시오. 협약의 signed_on에 이미 적었다면 생략할 수 있습니다. 예: \"2026-11-23\"",
            "State the day of signing, unless the agreement states it in signed_on. Example: \"2026-11-23\"",
        );
        FieldError::body("/on", "required", message)
    })
}

pub(super) fn add_transition(cx: &RequestContext, doc: &mut Doc, step: &TransitionCreate) {
    doc.transitions.push(Transition {
        to: step.to,
        on: step.on.clone(),
        notified_on: step.notified_on.clone(),
        reason: step.reason.clone(),
        urgent: step.urgent.clone(),
        recorded_at: cx.now.and_utc(),
    });
}
