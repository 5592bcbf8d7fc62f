//! Signed agreements of a municipality in their state on a day, for evaluations of many at once.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::doc::Doc;
use super::read::{State, rewind_to};
use super::reports::Reports;
use super::rules::counts_from;
use super::types::{AgreementStatus as Status, Transition};
use super::{anchors, reports, sharing};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession::{self, Share};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{AgreementRef, Bounds, ImpreciseDate, stored_id};
use crate::ledger::{RequestContext, Scope};
use crate::projections::timeline_entry::NEVER_ENDS;

/// Signed agreement in its state on a day.
pub struct AgreementSnapshot {
    pub id: AgreementId,
    /// The municipality of the agreement as which the one that was asked for holds it.
    pub owner: OrganizationId,
    /// The agreement with the acts of that municipality alone.
    pub doc: Doc,
    pub state: State,
    pub reports: Reports,
}

impl AgreementSnapshot {
    pub fn reference(&self) -> AgreementRef {
        reference(self.id, &self.doc)
    }

    /// Returns the transition to a status, if it was made.
    pub fn step(&self, to: Status) -> Option<&Transition> {
        self.doc.transitions.iter().find(|step| step.to == to)
    }
}

fn reference(id: AgreementId, doc: &Doc) -> AgreementRef {
    let title = doc.content.title.clone();
    AgreementRef { id, title }
}

/// Transition on no known day.
pub struct UndatedStep {
    pub agreement: AgreementRef,
    pub to: Status,
    /// The range of its days; `None` if any.
    pub on: Option<ImpreciseDate>,
}

/// Agreements of a municipality that were signed and not voided.
#[derive(Default)]
pub struct Snapshots {
    /// Agreements in their state on the day, in the order of signing.
    pub all: Vec<AgreementSnapshot>,
    /// Transitions on no known day, at whatever time they were made.
    pub undated: Vec<UndatedStep>,
}

/// Returns `true` for the signing and for transitions that end a signed agreement.
fn matters(step: &Transition) -> bool {
    step.to.is_signed()
}

/// Returns the steps of an agreement on a day that nobody knows for certain.
fn undated(id: AgreementId, doc: &Doc, cx: &RequestContext) -> Vec<UndatedStep> {
    // One that waits for a day to come, of which nobody knows when it does, was not made.
    let counting = doc.counting(cx.zone);
    let was_made = |step: &&Transition| counts_from(step, &counting) < NEVER_ENDS;
    let steps = doc.transitions.iter().filter(|step| matters(step));
    let steps = steps.filter(was_made);
    let undated = steps.filter(|s| Bounds::of(s.on.as_ref()).known().is_none());
    let undated = undated.map(|step| UndatedStep {
        agreement: reference(id, doc),
        to: step.to,
        on: step.on.clone(),
    });
    undated.collect()
}

/// Loads the agreements that a municipality holds today, that are visible to the caller and that
/// were signed by a day.
/// Takes three statements, regardless of the number of agreements.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    day: NaiveDate,
) -> Result<Snapshots, ApiError> {
    let once_signed = Status::ALL.iter().filter(|s| s.is_signed());
    let begun = a::signed_earliest.le(day).assume_not_null();
    let held = succession::held_of(conn, municipality, cx.today)?;
    let mut rows: Vec<(String, Json<Doc>)> = a::table
        .filter(Scope::held(
            &held,
            Share::Any,
            "agreements",
            "agreements.id",
        ))
        .filter(in_list(a::status, once_signed.map(|s| s.as_str())))
        .filter(a::signed_earliest.is_null().or(begun))
        .filter(Scope::of(&cx.caller, "agreements"))
        .order((a::sort_signed, a::id))
        .select((a::id, a::doc))
        .load(conn)?;
    anchors::attach(conn, rows.iter_mut().map(|(_, doc)| &mut doc.0), day)?;
    let mut reports: HashMap<AgreementId, _> = reports::store::of_municipalities(conn, cx, &held)?;
    let mut snapshots = Snapshots::default();
    for (id, Json(mut doc)) in rows {
        let id: AgreementId = stored_id(&id)?;
        snapshots.undated.extend(undated(id, &doc, cx));
        let state = match rewind_to(&mut doc, cx, day) {
            Err(error) if error.code == Code::NotFound => continue,
            state => state?,
        };
        if state.status.is_signed() {
            let reports = Reports {
                all: reports.remove(&id).unwrap_or_default(),
                ..Reports::default()
            };
            let held = |owner: &OrganizationId| held.ids.contains(&owner.to_string());
            let owner = sharing::owners(&doc).find(held);
            let owner = owner.unwrap_or(doc.municipality_id);
            let own = match sharing::with_acts_of(&doc, owner) {
                Cow::Owned(own) => Some(own),
                Cow::Borrowed(_) => None,
            };
            snapshots.all.push(AgreementSnapshot {
                id,
                owner,
                doc: own.unwrap_or(doc),
                state,
                reports,
            });
        }
    }
    Ok(snapshots)
}
