//! Effects of an agreement on the one that it renews, amends or replaces.
//!
//! Signing an agreement supersedes its predecessor, on the day on which the agreement takes over. If a
//! user recorded an end by supersession before, it moves to that day: on no day are both in force, and on
//! no day neither. A predecessor that was completed or terminated keeps that end, but is in force until
//! the agreement takes over at the latest. Where the day of taking over is not known, it is unknown of
//! both. If the agreement is voided later, or is corrected to supersede another one, the predecessor
//! returns to its earlier status, or to the end that the user recorded.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::doc::{Before, Doc};
use super::read::{Stored, load, load_own, rewind_to, superseding};
use super::start::Start;
use super::steps::add_transition;
use super::store::{add_correction, write};
use super::types::{AgreementStatus, Transition, TransitionCreate};
use super::{anchors, reports, rules};
use crate::db::schema::agreements;
use crate::db::{AnyConnection, Json, alone};
use crate::directory::names::unknown;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{AgreementRef, Bounds, ImpreciseDate, Localized, Warning};
use crate::ledger::RequestContext;

/// Returns the agreement that this one has superseded by being signed.
pub fn supersedes(doc: &Doc) -> Option<AgreementId> {
    let old = doc.content.supersedes_id;
    old.filter(|_| doc.status().is_signed())
}

/// The agreements that a change of an agreement can affect, loaded before the change is decided on.
#[derive(Default)]
pub(super) struct Succession {
    /// The agreement that it names as its predecessor, if the caller can see it.
    predecessor: Option<Stored>,
    /// Whether the chain of predecessors leads back to the agreement.
    is_circular: bool,
    /// Another agreement that supersedes the predecessor.
    rival: Option<AgreementRef>,
    /// The agreement that it superseded until now, if it names another predecessor or none.
    former: Option<Stored>,
}

impl Succession {
    /// Loads the agreements around one whose content is that of `doc`, and was that of `before`.
    ///
    /// # Errors
    /// `forbidden` if one of them belongs to another municipality, since its status changes with
    /// that of the agreement.
    pub fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: AgreementId,
        doc: &Doc,
        before: &Before,
    ) -> Result<Self, ApiError> {
        let named = doc.content.supersedes_id;
        let mut found = Self::default();
        if let Some(former) = before.supersedes.filter(|former| Some(*former) != named) {
            found.former = Some(load_own(conn, cx, former)?);
        }
        let Some(named) = named else {
            return Ok(found);
        };
        alone::hold_links(conn)?;
        let predecessor = match load_own(conn, cx, named) {
            // The check names a reference to an unknown agreement.
            Err(error) if error.code == Code::NotFound => return Ok(found),
            loaded => loaded?,
        };
        found.is_circular = leads_to(conn, &predecessor, id)?;
        found.rival = superseding(conn, cx, named, None)?.filter(|rival| rival.id != id);
        found.predecessor = Some(predecessor);
        Ok(found)
    }

    /// Returns the predecessor.
    pub fn predecessor(&self) -> Option<AgreementRef> {
        self.predecessor.as_ref().map(Stored::reference)
    }

    /// Returns the predecessor if it is signed, so that the signing of the agreement supersedes it.
    pub fn signed_predecessor(&self) -> Option<&Stored> {
        let old = self.predecessor.as_ref();
        old.filter(|old| old.doc.status() == AgreementStatus::Signed)
    }

    /// Like [`Self::signed_predecessor`], for recording the outcomes of its commitments.
    pub fn signed_predecessor_mut(&mut self) -> Option<&mut Stored> {
        let old = self.predecessor.as_mut();
        old.filter(|old| old.doc.status() == AgreementStatus::Signed)
    }

    /// Checks that an agreement can supersede its predecessor.
    ///
    /// # Errors
    /// `conflict` if a third agreement supersedes it already.
    pub fn check(
        &self,
        doc: &Doc,
        before: &Before,
        errors: &mut Vec<FieldError>,
    ) -> Result<(), ApiError> {
        if doc.content.supersedes_id.is_none() {
            return Ok(());
        }
        let at = "/supersedes_id";
        let Some(predecessor) = &self.predecessor else {
            errors.push(unknown(at));
            return Ok(());
        };
        if self.is_circular {
            let message = Message::fixed(
                "스스로를 잇게 됩니다.",
                "The agreement would supersede itself.",
            );
            errors.push(FieldError::body(at, "circular", message));
            return Ok(());
        }
        // Withdrawn and voided agreements block no other.
        if doc.status().is_void() {
            return Ok(());
        }
        if let Some(rival) = &self.rival {
            let title = |language| rival.title.in_language(language);
            let message = Message::new(
                format!(
                    "다른 협약이 이미 잇고 있습니다: {}",
                    title(Language::Korean)
                ),
                format!(
                    "Another agreement supersedes it already: {}.",
                    title(Language::English)
                ),
            );
            let wrong = FieldError::body(at, "superseded_already", message);
            return Err(ApiError::new(Code::Conflict).and(vec![wrong]));
        }
        let (new, old) = (&doc.content.signed_on, &predecessor.doc.content.signed_on);
        let same = before.supersedes == supersedes(doc) && before.signed_on == *new;
        if doc.was_signed() && predecessor.doc.was_signed() && !same {
            errors.extend(rules::signed_too_early(new.as_ref(), old.as_ref()));
        }
        Ok(())
    }

    /// Writes the predecessors as they follow from an agreement that has just been written: the
    /// one that it supersedes, and the one that it does not supersede any more.
    ///
    /// # Errors
    /// The errors of saving them.
    pub fn write(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        new: &Stored,
    ) -> Result<(), ApiError> {
        if let Some(former) = self.former {
            undo_supersede(conn, cx, new, former)?;
        }
        let Some(old) = self.predecessor else {
            return Ok(());
        };
        let was_superseded = new.before.supersedes == Some(old.id);
        let is_superseded = supersedes(&new.doc) == Some(old.id);
        match (was_superseded, is_superseded) {
            (true, true) => move_supersede(conn, cx, new, old),
            (true, false) => undo_supersede(conn, cx, new, old),
            (false, true) => supersede(conn, cx, new, old),
            (false, false) => Ok(()),
        }
    }
}

/// Returns `true` if an agreement is `id` or one of its predecessors is.
fn leads_to(
    conn: &mut AnyConnection,
    agreement: &Stored,
    id: AgreementId,
) -> Result<bool, ApiError> {
    let mut next = Some(agreement.id.to_string());
    let mut known = Some(agreement.doc.content.supersedes_id.map(|id| id.to_string()));
    let mut seen = BTreeSet::new();
    while let Some(earlier) = next.filter(|id| seen.insert(id.clone())) {
        if earlier == id.to_string() {
            return Ok(true);
        }
        next = match known.take() {
            Some(known) => known,
            None => agreements::table
                .find(earlier)
                .select(agreements::supersedes_id)
                .first::<Option<String>>(conn)?,
        };
    }
    Ok(false)
}

/// Loads the agreement that supersedes an agreement as soon as that one is signed.
pub(super) fn successor(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Option<Stored>, ApiError> {
    let Some(new) = superseding(conn, cx, id, None)? else {
        return Ok(None);
    };
    let new = load(conn, cx, new.id)?;
    Ok(Some(new).filter(|new| supersedes(&new.doc) == Some(id)))
}

/// Returns the warning that the predecessor `old` of an agreement ended, as known on a day, when that one
/// may have been in force already.
pub(super) fn ended_after_this(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    old: &AgreementRef,
    day: NaiveDate,
) -> Result<Option<Warning>, ApiError> {
    let found = agreements::table.find(old.id.to_string());
    let Json(mut doc): Json<Doc> = found.select(agreements::doc).first(conn)?;
    if doc.superseded_by != Some(id) || doc.status() == AgreementStatus::Superseded {
        return Ok(None);
    }
    anchors::attach(conn, std::iter::once(&mut doc), cx.today)?;
    match rewind_to(&mut doc, cx, day) {
        Err(error) if error.code == Code::NotFound => Ok(None),
        state => state.map(|_| doc.ended_after_this(old)),
    }
}

/// Returns an error if an agreement is signed on a day after its successor was signed.
pub(super) fn signed_after(on: &ImpreciseDate, successor: &Doc) -> Option<FieldError> {
    let renewed = successor.content.signed_on.as_ref();
    rules::signed_too_early(renewed, Some(on)).map(|_| {
        let message = Message::fixed(
            "이 협약을 잇는 협약의 체결일보다 뒤입니다.",
            "This lies after the agreement that supersedes it was signed.",
        );
        FieldError::body("/on", "after_superseding", message)
    })
}

/// Returns the starts that end the predecessor of an agreement: its own, and those of its successors
/// that may come first.
fn starts(new: &Doc, cx: &RequestContext) -> Vec<Start> {
    let own = Start::of(new);
    let last = own.as_ref().and_then(|own| own.bounds(cx.zone).latest);
    let may_come_first = |start: &&Start| {
        let first = start.bounds(cx.zone).earliest;
        last.is_none() || first < last
    };
    let later = new.successor_starts.iter().filter(may_come_first);
    own.into_iter().chain(later.cloned()).collect()
}

fn same_starts(one: &[Start], other: &[Start]) -> bool {
    let mut pairs = one.iter().zip(other);
    one.len() == other.len() && pairs.all(|(a, b)| a.same_statement(b))
}

/// Adds the transition of an agreement that `new` supersedes, and carries its open commitments over.
pub(super) fn add_superseded(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    old: &mut Stored,
    new: &Stored,
) -> Result<(), ApiError> {
    let signed_on = &new.doc.content.signed_on;
    let reason = Localized {
        ko: Some("이 협약을 잇는 협약이 체결되었습니다.".into()),
        en: Some("An agreement that supersedes it was signed.".into()),
    };
    let step = TransitionCreate {
        to: AgreementStatus::Superseded,
        on: None,
        notified_on: None,
        reason: Some(reason),
        commitments: Vec::new(),
        signatures: Vec::new(),
        urgent: None,
    };
    // If the renewal has no commitments to take them on, its signing has to state their outcomes.
    if !new.doc.commitments.is_empty() {
        reports::carry_over(conn, cx, old, new.id, signed_on.as_ref())?;
    }
    add_transition(cx, &mut old.doc, &step);
    take_over(cx, &mut old.doc, new);
    Ok(())
}

/// Ends an agreement when `new` begins to be in force.
fn take_over(cx: &RequestContext, old: &mut Doc, new: &Stored) {
    old.superseded_by = Some(new.id);
    old.successor_starts = starts(&new.doc, cx);
    old.date_supersession();
}

fn supersede(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &Stored,
    mut old: Stored,
) -> Result<(), ApiError> {
    match old.doc.status() {
        AgreementStatus::Signed => add_superseded(conn, cx, &mut old, new)?,
        AgreementStatus::Superseded => date_by_successor(cx, &mut old, new),
        AgreementStatus::Completed | AgreementStatus::Terminated => {
            if !limit(cx, &mut old.doc, new) {
                return Ok(());
            }
            add_correction(cx, &mut old, limited());
        }
        _ => return Ok(()),
    }
    write(conn, cx, old, Vec::new()).map(drop)
}

/// Dates the end by supersession that a user recorded by the agreement that superseded it.
fn date_by_successor(cx: &RequestContext, old: &mut Stored, new: &Stored) {
    let Some(step) = superseding_step(&mut old.doc) else {
        return;
    };
    old.doc.superseded_as_stated = Some(Box::new(step.clone()));
    take_over(cx, &mut old.doc, new);
    let reason = Localized {
        ko: Some("이 협약은 이를 잇는 협약의 효력이 생길 때까지 유효하므로, 대체된 날을 그 협약에 맞춥니다.".into()),
        en: Some("It is in force until the agreement that supersedes it takes effect, which dates its end.".into()),
    };
    add_correction(cx, old, reason);
}

/// Limits the force of a completed or terminated agreement by the start of its successor, unless it
/// certainly ended by then. Returns whether that changed the agreement.
pub(super) fn limit(cx: &RequestContext, old: &mut Doc, new: &Stored) -> bool {
    let starts = starts(&new.doc, cx);
    let begins = starts.iter().map(|start| start.bounds(cx.zone));
    let begins = begins.reduce(Bounds::min).unwrap_or(Bounds::UNKNOWN);
    let ended = rules::ended_from(&old.transitions, &cx.zone.into());
    let ended = ended.zip(begins.earliest);
    let starts = match ended.is_some_and(|(end, first)| end <= first) {
        true => Vec::new(),
        false => starts,
    };
    if same_starts(&old.successor_starts, &starts) {
        return false;
    }
    old.superseded_by = (!starts.is_empty()).then_some(new.id);
    old.successor_starts = starts;
    true
}

fn limited() -> Localized {
    Localized {
        ko: Some("이 협약을 잇는 협약의 효력이 생긴 날부터는 이 협약이 효력을 갖지 않습니다.".into()),
        en: Some("It is not in force from the day on which the agreement that supersedes it takes effect.".into()),
    }
}

fn superseding_step(doc: &mut Doc) -> Option<&mut Transition> {
    let mut steps = doc.transitions.iter_mut();
    steps.find(|step| step.to == AgreementStatus::Superseded)
}

/// Moves the end of the predecessor to the corrected day on which the renewal takes over.
fn move_supersede(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &Stored,
    mut old: Stored,
) -> Result<(), ApiError> {
    let on = &new.doc.content.signed_on;
    match old.doc.superseded_by {
        Some(by) if by != new.id => return Ok(()),
        Some(_) if old.doc.status() == AgreementStatus::Superseded => {}
        _ => return supersede(conn, cx, new, old),
    }
    let moved = new.before.signed_on != *on;
    if !moved && same_starts(&old.doc.successor_starts, &starts(&new.doc, cx)) {
        return Ok(());
    }
    take_over(cx, &mut old.doc, new);
    let reason = Localized {
        ko: Some("이 협약을 잇는 협약의 체결일이나 효력 발생일이 정정되었습니다.".into()),
        en: Some("The day on which the agreement that supersedes it was signed or takes effect was corrected.".into()),
    };
    reports::redate_outcomes(conn, cx, &mut old, Some(new.id), on.as_ref(), &reason)?;
    add_correction(cx, &mut old, reason);
    write(conn, cx, old, Vec::new()).map(drop)
}

/// Undoes [`supersede`].
fn undo_supersede(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &Stored,
    mut old: Stored,
) -> Result<(), ApiError> {
    if old.doc.superseded_by != Some(new.id) {
        return Ok(());
    }
    old.doc.superseded_by = None;
    old.doc.successor_starts.clear();
    let stated = old.doc.superseded_as_stated.take();
    if let Some(stated) = stated {
        // A transition made by a user had another reason and stays, on the day that the user stated.
        if let Some(step) = superseding_step(&mut old.doc) {
            *step = *stated;
        }
    } else {
        let steps = &mut old.doc.transitions;
        steps.retain(|step| step.to != AgreementStatus::Superseded);
    }
    let reason = Localized {
        ko: Some("이 협약을 잇는다던 협약이 무효가 되었거나 이 협약을 잇지 않아, 대체를 되돌립니다.".into()),
        en: Some("The agreement that superseded it was voided or does not supersede it, so that is undone.".into()),
    };
    reports::retract_outcomes(conn, cx, &mut old, Some(new.id), &reason)?;
    add_correction(cx, &mut old, reason);
    write(conn, cx, old, Vec::new()).map(drop)
}
