//! Outcomes of the open commitments of an agreement that ends.
//!
//! Completing, terminating or superseding an agreement requires the outcome of each. If the signing
//! of a renewal supersedes its predecessor, commitments without a stated outcome are carried over
//! to the renewal, provided that it has commitments of its own. Undoing the signing undoes this
//! too.

use super::rules::decisive_report;
use super::store::{Doc, Recorded, city_report, outcome_content, rewrite, write};
use super::types::{Becomes, CommitmentStatus, ReportedStatus};
use crate::agreements::doc::{Doc as Agreement, Part};
use crate::agreements::read::Stored;
use crate::agreements::types::{AgreementStatus, CommitmentContent, TransitionCreate};
use crate::db::AnyConnection;
use crate::directory::names::unknown;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Localized, Retraction};
use crate::ledger::RequestContext;

/// Returns `true` if a transition requires the outcomes of the commitments.
fn requires_outcomes(step: AgreementStatus) -> bool {
    step.is_end() && step.is_signed()
}

fn is_open(stored: &Stored, commitment: &Part<CommitmentContent>, cx: &RequestContext) -> bool {
    let told = decisive_report(stored.reports.on(commitment.id), cx.today);
    let status = told.map(|report| CommitmentStatus::from(report.doc.content.status));
    status.is_none_or(CommitmentStatus::is_open)
}

fn missing_outcome(text: &Localized) -> FieldError {
    // Enough text to identify the commitment.
    let in_language = |own: &Option<String>, other: &Option<String>| -> String {
        let text = own.iter().chain(other).next();
        text.iter()
            .flat_map(|text| text.chars().take(100))
            .collect()
    };
    let ko = in_language(&text.ko, &text.en);
    let en = in_language(&text.en, &text.ko);
    let message = Message::new(
        format!("이 협약 사항이 어떻게 되는지 밝혀야 합니다: {ko}"),
        format!("Say what becomes of this commitment: {en}"),
    );
    FieldError::body("/commitments", "commitment_undecided", message)
}

/// Returns the errors in the outcomes that a transition states: each open commitment needs exactly
/// one outcome, other commitments none.
pub fn check_outcomes(
    stored: &Stored,
    step: &TransitionCreate,
    cx: &RequestContext,
) -> Vec<FieldError> {
    if !requires_outcomes(step.to) {
        return unexpected_outcomes("/commitments", step)
            .into_iter()
            .collect();
    }
    let superseded = step.to == AgreementStatus::Superseded;
    let mut errors = invalid_outcomes(stored, step, "/commitments", superseded, cx);
    errors.extend(missing_outcomes(stored, step, cx));
    errors
}

/// Like [`check_outcomes`], but for a signing that supersedes another agreement and states the
/// outcomes of that one's commitments. Those left out are carried over to the new agreement; if it
/// has no commitments, each needs an outcome.
pub fn check_renewal_outcomes(
    old: &Stored,
    new: &Agreement,
    step: &TransitionCreate,
    cx: &RequestContext,
) -> Vec<FieldError> {
    let takes_on = !new.commitments.is_empty();
    let mut errors = invalid_outcomes(old, step, "/commitments", takes_on, cx);
    if !takes_on {
        errors.extend(missing_outcomes(old, step, cx));
    }
    errors
}

/// Returns the errors of outcomes that do not fit the commitments; `at` points to the outcomes.
pub fn invalid_outcomes(
    stored: &Stored,
    step: &TransitionCreate,
    at: &str,
    may_carry: bool,
    cx: &RequestContext,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let given = &step.commitments;
    let all = &stored.doc.commitments;
    for (i, decision) in given.iter().enumerate() {
        let id = decision.commitment_id;
        let mut refuse = |member: &str, code: &str, ko, en| {
            let at = format!("{at}/{i}/{member}");
            errors.push(FieldError::body(&at, code, Message::fixed(ko, en)));
        };
        match all.iter().find(|c| c.id == id) {
            None => errors.push(unknown(&format!("{at}/{i}/commitment_id"))),
            Some(_) if given[..i].iter().any(|d| d.commitment_id == id) => refuse(
                "commitment_id",
                "commitment_twice",
                "두 번 적힌 협약 사항입니다.",
                "This commitment stands twice.",
            ),
            Some(commitment) if !is_open(stored, commitment, cx) => refuse(
                "commitment_id",
                "commitment_settled",
                "이미 결말이 난 협약 사항입니다.",
                "What became of this commitment is settled already.",
            ),
            Some(_) if decision.becomes == Becomes::CarriedOver && !may_carry => refuse(
                "becomes",
                "not_superseded",
                "협약 사항이 있는 협약으로 대체될 때에만 그 협약으로 넘어갑니다.",
                "Commitments are carried over only where an agreement that has some supersedes this one.",
            ),
            Some(_) => {}
        }
    }
    errors
}

fn missing_outcomes(
    stored: &Stored,
    step: &TransitionCreate,
    cx: &RequestContext,
) -> Vec<FieldError> {
    let said = |id| step.commitments.iter().any(|d| d.commitment_id == id);
    let all = stored.doc.commitments.iter();
    let missing = all.filter(|c| !said(c.id) && is_open(stored, c, cx));
    missing.map(|c| missing_outcome(&c.content.text)).collect()
}

/// Returns an error if a transition states outcomes that are not required.
pub fn unexpected_outcomes(at: &str, step: &TransitionCreate) -> Option<FieldError> {
    (!step.commitments.is_empty()).then(|| {
        let message = Message::fixed(
            "체결된 협약을 끝내거나 다른 협약을 잇는 체결에서만 협약 사항의 결말을 밝힙니다.",
            "What becomes of commitments is said only by a step that ends a signed agreement, or by a signing that supersedes one.",
        );
        FieldError::body(at, "not_asked", message)
    })
}

/// Commitment, its outcome and a note.
type Outcome = (PartId, ReportedStatus, Option<Localized>);

/// Records the outcomes that a transition states as reports of the city on the day of the
/// transition. `stored` is the agreement itself, or the one that the signing of `successor`
/// supersedes.
pub fn close(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    successor: Option<AgreementId>,
    step: &TransitionCreate,
    on: &ImpreciseDate,
) -> Result<(), ApiError> {
    let outcomes = step.commitments.iter();
    let outcomes = outcomes.map(|d| (d.commitment_id, d.becomes.into(), d.note.clone()));
    record(conn, cx, stored, successor, on, outcomes.collect())
}

fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    successor: Option<AgreementId>,
    on: &ImpreciseDate,
    outcomes: Vec<Outcome>,
) -> Result<(), ApiError> {
    for (commitment, status, note) in outcomes {
        let doc = Doc {
            at_end: true,
            successor_id: successor,
            ..city_report(cx, outcome_content(on.clone(), status, note))
        };
        write(conn, cx, stored, commitment, doc)?;
    }
    Ok(())
}

/// Returns the day of a signing's effects on its predecessor: the day of signing, or by today if that
/// day is unknown.
pub fn effective_day(signed: Option<&ImpreciseDate>, cx: &RequestContext) -> ImpreciseDate {
    let known = signed.filter(|on| on.latest().is_some());
    known
        .cloned()
        .unwrap_or_else(|| ImpreciseDate::by(cx.today))
}

/// Carries the open commitments of an agreement over to the one whose signing superseded it.
pub fn carry_over(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    successor: AgreementId,
    signed: Option<&ImpreciseDate>,
) -> Result<(), ApiError> {
    let note = Localized {
        ko: Some("이 협약을 잇는 협약이 체결되어 그 협약으로 넘어갑니다.".into()),
        en: Some("The agreement that supersedes this one was signed and takes it on.".into()),
    };
    let open = stored.doc.commitments.iter();
    let open = open.filter(|commitment| is_open(stored, commitment, cx));
    let outcomes = open.map(|c| (c.id, ReportedStatus::CarriedOver, Some(note.clone())));
    let outcomes = outcomes.collect();
    let on = effective_day(signed, cx);
    record(conn, cx, stored, Some(successor), &on, outcomes)
}

/// Retracts the outcomes that the successor's signing recorded, or without one the end of the agreement
/// itself, and returns them.
pub fn retract_outcomes(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    successor: Option<AgreementId>,
    reason: &Localized,
) -> Result<Vec<Outcome>, ApiError> {
    let is_recorded = |report: &Recorded| {
        let doc = &report.doc;
        doc.at_end && doc.successor_id == successor && doc.retraction.is_none()
    };
    let mut outcomes = Vec::new();
    for place in 0..stored.reports.all.len() {
        let report = &mut stored.reports.all[place];
        if is_recorded(report) {
            let said = &report.doc.content;
            outcomes.push((report.commitment_id, said.status, said.note.clone()));
            report.doc.retraction = Some(Retraction {
                reason: reason.clone(),
                retracted_on: cx.today,
            });
            rewrite(conn, cx, stored, place, Some(reason))?;
        }
    }
    Ok(outcomes)
}

/// Records the outcomes of a successor's signing, or of the end of the agreement itself, again on the
/// corrected day.
pub fn redate_outcomes(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    successor: Option<AgreementId>,
    signed: Option<&ImpreciseDate>,
    reason: &Localized,
) -> Result<(), ApiError> {
    let outcomes = retract_outcomes(conn, cx, stored, successor, reason)?;
    let on = effective_day(signed, cx);
    record(conn, cx, stored, successor, &on, outcomes)
}
