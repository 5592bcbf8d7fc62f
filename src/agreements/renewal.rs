//! Effects of an agreement on the one that it renews, amends or replaces.
//!
//! Signing an agreement supersedes its predecessor. If the agreement is voided later, or is
//! corrected to supersede another one, the predecessor returns to its earlier status.

use diesel::prelude::*;

use super::doc::{Before, Doc};
use super::read::{Stored, load, load_own, superseding};
use super::steps::take;
use super::store::{note, save};
use super::types::{AgreementStatus, TransitionCreate};
use super::{reports, rules};
use crate::db::AnyConnection;
use crate::db::schema::agreements;
use crate::directory::names::unknown;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;

/// Returns the agreement that this one has superseded by being signed.
pub fn supersedes(doc: &Doc) -> Option<AgreementId> {
    let old = doc.content.supersedes_id;
    old.filter(|_| doc.status().is_signed())
}

/// Returns the signed agreement that the signing of this one supersedes.
///
/// # Errors
/// `forbidden` if it belongs to another municipality.
pub fn predecessor(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Doc,
) -> Result<Option<Stored>, ApiError> {
    let Some(old) = doc.content.supersedes_id else {
        return Ok(None);
    };
    match load_own(conn, cx, old) {
        // `check` reports a reference to an unknown agreement.
        Err(error) if error.code == Code::NotFound => Ok(None),
        found => Ok(Some(found?).filter(|old| old.doc.status() == AgreementStatus::Signed)),
    }
}

/// Checks that an agreement can supersede another.
///
/// # Errors
/// `conflict` if a third agreement supersedes that one already; `forbidden` if that one belongs to
/// another municipality.
pub fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    before: &Before,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    use agreements as a;
    let Some(old) = doc.content.supersedes_id else {
        return Ok(());
    };
    let at = "/supersedes_id";
    // Signing this agreement changes the other one.
    let predecessor = match load_own(conn, cx, old) {
        Err(error) if error.code == Code::NotFound => {
            errors.push(unknown(at));
            return Ok(());
        }
        found => found?.doc,
    };
    // The chain of predecessors must not lead back to this agreement.
    let mut next = Some(old.to_string());
    while let Some(earlier) = next {
        if earlier == id.to_string() {
            let message = Message::fixed(
                "스스로를 잇게 됩니다.",
                "The agreement would supersede itself.",
            );
            errors.push(FieldError::body(at, "circular", message));
            return Ok(());
        }
        next = a::table
            .find(earlier)
            .select(a::supersedes_id)
            .first::<Option<String>>(conn)?;
    }
    // Withdrawn and voided agreements block no other.
    if doc.status().is_void() {
        return Ok(());
    }
    if let Some(other) = superseding(conn, cx, old, None)?.filter(|other| other.id != id) {
        let message = Message::new(
            format!("다른 협약이 이미 잇고 있습니다: {}", other.id),
            format!("Another agreement supersedes it already: {}.", other.id),
        );
        return Err(ApiError::new(Code::Conflict).and(vec![FieldError::body(
            at,
            "superseded_already",
            message,
        )]));
    }
    let (new, old) = (&doc.content.signed_on, &predecessor.content.signed_on);
    let same = before.supersedes == supersedes(doc) && before.signed_on == *new;
    if doc.was_signed() && predecessor.was_signed() && !same {
        errors.extend(rules::signed_too_early(new.as_ref(), old.as_ref()));
    }
    Ok(())
}

/// Supersedes the predecessor of an agreement that is signed; `before` is the agreement that it
/// superseded until now.
///
/// # Errors
/// The errors of saving the predecessor.
pub fn settle(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    before: Option<AgreementId>,
) -> Result<(), ApiError> {
    let now = supersedes(doc);
    if let Some(old) = before.filter(|_| before != now) {
        release(conn, cx, id, old)?;
    }
    match now {
        Some(old) if before == now => date(conn, cx, id, doc, old),
        Some(old) => supersede(conn, cx, id, doc, old),
        None => Ok(()),
    }
}

/// Supersedes an agreement at once if it is signed after its renewal was recorded as signed.
///
/// # Errors
/// `validation_failed` if the renewal was signed before it.
pub fn overtake(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
) -> Result<(), ApiError> {
    let Some(new) = superseding(conn, cx, stored.id, None)? else {
        return Ok(());
    };
    let new = load(conn, cx, new.id)?;
    if supersedes(&new.doc) != Some(stored.id) {
        return Ok(());
    }
    let (renewed, on) = (&new.doc.content.signed_on, &stored.doc.content.signed_on);
    if rules::signed_too_early(renewed.as_ref(), on.as_ref()).is_some() {
        let message = Message::fixed(
            "이 협약을 잇는 협약의 체결일보다 뒤입니다.",
            "This lies after the agreement that supersedes it was signed.",
        );
        return Err(ApiError::invalid_at("/on", "after_superseding", message));
    }
    step(conn, cx, stored, new.id, &new.doc)
}

fn step(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    old: &mut Stored,
    id: AgreementId,
    doc: &Doc,
) -> Result<(), ApiError> {
    let reason = Localized {
        ko: Some("이 협약을 잇는 협약이 체결되었습니다.".into()),
        en: Some("An agreement that supersedes it was signed.".into()),
    };
    let step = TransitionCreate {
        to: AgreementStatus::Superseded,
        on: doc.content.signed_on.clone(),
        reason: Some(reason),
        commitments: Vec::new(),
        urgent: None,
    };
    // If the renewal has no commitments to take them on, its signing has to state their outcomes.
    if !doc.commitments.is_empty() {
        reports::carry_over(conn, cx, old, id, doc.content.signed_on.as_ref())?;
    }
    take(cx, old, step);
    old.doc.superseded_by = Some(id);
    Ok(())
}

fn supersede(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    old: AgreementId,
) -> Result<(), ApiError> {
    let mut old = load_own(conn, cx, old)?;
    if old.doc.status() != AgreementStatus::Signed {
        return Ok(());
    }
    step(conn, cx, &mut old, id, doc)?;
    save(conn, cx, old, Vec::new()).map(drop)
}

/// Moves the superseding of the predecessor to the corrected day of the renewal's signing.
fn date(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    old: AgreementId,
) -> Result<(), ApiError> {
    let mut old = load_own(conn, cx, old)?;
    let on = &doc.content.signed_on;
    let mut steps = old.doc.transitions.iter_mut();
    let step = steps.find(|step| step.to == AgreementStatus::Superseded);
    let Some(step) = step.filter(|step| step.on != *on) else {
        return Ok(());
    };
    if old.doc.superseded_by != Some(id) {
        return Ok(());
    }
    step.on.clone_from(on);
    let reason = Localized {
        ko: Some("이 협약을 잇는 협약의 체결일이 정정되었습니다.".into()),
        en: Some("The day of signing of the agreement that supersedes it was corrected.".into()),
    };
    reports::redate_outcomes(conn, cx, &mut old, id, on.as_ref(), &reason)?;
    note(cx, &mut old, reason);
    save(conn, cx, old, Vec::new()).map(drop)
}

/// Undoes [`supersede`].
fn release(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    old: AgreementId,
) -> Result<(), ApiError> {
    let mut old = load_own(conn, cx, old)?;
    // A transition made by a user had another reason and stays.
    if old.doc.superseded_by != Some(id) {
        return Ok(());
    }
    old.doc.superseded_by = None;
    old.doc
        .transitions
        .retain(|step| step.to != AgreementStatus::Superseded);
    let reason = Localized {
        ko: Some("이 협약을 잇는다던 협약이 무효가 되었거나 이 협약을 잇지 않아, 대체를 되돌립니다.".into()),
        en: Some("The agreement that superseded it was voided or does not supersede it, so that is undone.".into()),
    };
    reports::retract_outcomes(conn, cx, &mut old, id, &reason)?;
    note(cx, &mut old, reason);
    save(conn, cx, old, Vec::new()).map(drop)
}
