//! What an agreement does to the one that it renews, amends or replaces.
//!
//! Once it is signed its predecessor is superseded. Where it is then voided, or turns out to
//! supersede another, it never did: the predecessor is what it was before.

use diesel::prelude::*;
use uuid::Uuid;

use super::doc::{Before, Doc};
use super::read::{Stored, load, load_own, superseding};
use super::reports;
use super::rules;
use super::steps::take;
use super::store::{note, save};
use super::types::{AgreementStatus, TransitionCreate};
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::agreements;
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::organizations::names::unknown;
use crate::values::Localized;

/// The agreement that stands superseded by this one.
pub fn supersedes(doc: &Doc) -> Option<Uuid> {
    let old = doc.content.supersedes_id;
    old.filter(|_| doc.status().is_signed())
}

/// The signed agreement that the signing of this one supersedes.
///
/// # Errors
/// What the database says, or `forbidden` where it is another municipality's.
pub fn predecessor(
    conn: &mut AnyConnection,
    cx: &Cx,
    doc: &Doc,
) -> Result<Option<Stored>, ApiError> {
    let Some(old) = doc.content.supersedes_id else {
        return Ok(None);
    };
    match load_own(conn, cx, old) {
        // Whether it may be named is checked elsewhere.
        Err(error) if error.code == Code::NotFound => Ok(None),
        found => Ok(Some(found?).filter(|old| old.doc.status() == AgreementStatus::Signed)),
    }
}

/// Checks that an agreement may stand in another's place.
///
/// # Errors
/// `conflict` when a third does already; `forbidden` when the other is another municipality's.
pub fn check(
    conn: &mut AnyConnection,
    cx: &Cx,
    id: Uuid,
    doc: &Doc,
    before: &Before,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    use agreements as a;
    let Some(old) = doc.content.supersedes_id else {
        return Ok(());
    };
    let at = "/supersedes_id";
    // Signing this one changes the other.
    let predecessor = match load_own(conn, cx, old) {
        Err(error) if error.code == Code::NotFound => {
            errors.push(unknown(at));
            return Ok(());
        }
        found => found?.doc,
    };
    // The chain must not come back to where it began.
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
    // What was given up or entered in error is in nobody's way.
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

/// Once an agreement is signed, the one that it supersedes is superseded; `before` is the one that
/// it superseded until now.
///
/// # Errors
/// What saving the other returns.
pub fn settle(
    conn: &mut AnyConnection,
    cx: &Cx,
    id: Uuid,
    doc: &Doc,
    before: Option<Uuid>,
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

/// An agreement that is signed after its renewal was recorded as signed is superseded at once.
///
/// # Errors
/// `validation_failed` when the renewal was signed before it.
pub fn overtake(conn: &mut AnyConnection, cx: &Cx, stored: &mut Stored) -> Result<(), ApiError> {
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
    cx: &Cx,
    old: &mut Stored,
    id: Uuid,
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
    // Where nothing takes them on, what becomes of them is for its signing to say.
    if !doc.commitments.is_empty() {
        reports::carry_over(conn, cx, old, id, doc.content.signed_on.as_ref())?;
    }
    take(cx, old, step);
    old.doc.superseded_by = Some(id);
    Ok(())
}

fn supersede(
    conn: &mut AnyConnection,
    cx: &Cx,
    id: Uuid,
    doc: &Doc,
    old: Uuid,
) -> Result<(), ApiError> {
    let mut old = load_own(conn, cx, old)?;
    if old.doc.status() != AgreementStatus::Signed {
        return Ok(());
    }
    step(conn, cx, &mut old, id, doc)?;
    save(conn, cx, old).map(drop)
}

/// The predecessor is superseded on the day of this one's signing, also where that is corrected.
fn date(conn: &mut AnyConnection, cx: &Cx, id: Uuid, doc: &Doc, old: Uuid) -> Result<(), ApiError> {
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
    reports::move_carried(conn, cx, &mut old, id, on.as_ref(), &reason)?;
    note(cx, &mut old, reason);
    save(conn, cx, old).map(drop)
}

/// Undoes what [`supersede`] did.
fn release(conn: &mut AnyConnection, cx: &Cx, id: Uuid, old: Uuid) -> Result<(), ApiError> {
    let mut old = load_own(conn, cx, old)?;
    // Who took the step by hand knew another reason for it.
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
    reports::take_back(conn, cx, &mut old, id, &reason)?;
    note(cx, &mut old, reason);
    save(conn, cx, old).map(drop)
}
