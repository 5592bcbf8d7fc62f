//! What becomes of the open commitments of an agreement that ends.
//!
//! Whoever completes, terminates or supersedes an agreement says it of each. Where a renewal that is
//! signed supersedes its predecessor, those of which its signing does not say it are carried over to
//! the renewal, if that has commitments itself; where the signing is undone, so is this.

use uuid::Uuid;

use super::rules::telling;
use super::store::{Doc, Recorded, at_end, of_city, rewrite, write};
use super::types::{Becomes, CommitmentStatus, ReportedStatus};
use crate::agreements::doc::{Doc as Agreement, Part};
use crate::agreements::read::Stored;
use crate::agreements::types::{AgreementStatus, CommitmentContent, TransitionCreate};
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::error::{ApiError, FieldError};
use crate::http::language::Message;
use crate::organizations::names::unknown;
use crate::projects::milestones::types::Retraction;
use crate::values::{ImpreciseDate, Localized};

/// Whether a step asks what becomes of the commitments.
fn asks(step: AgreementStatus) -> bool {
    step.is_end() && step.is_signed()
}

fn is_open(stored: &Stored, commitment: &Part<CommitmentContent>, cx: &Cx) -> bool {
    let told = telling(stored.reports.on(commitment.id), cx.today);
    let status = told.map(|report| CommitmentStatus::from(report.doc.content.status));
    status.is_none_or(CommitmentStatus::is_open)
}

fn undecided(text: &Localized) -> FieldError {
    // Enough of it to know which is meant.
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

/// What is wrong with what a step says of the commitments: of each that is open it says once what
/// becomes of it, and nothing of others.
pub fn decided(stored: &Stored, step: &TransitionCreate, cx: &Cx) -> Vec<FieldError> {
    if !asks(step.to) {
        return not_asked("/commitments", step).into_iter().collect();
    }
    let superseded = step.to == AgreementStatus::Superseded;
    let mut errors = unfit(stored, step, "/commitments", superseded, cx);
    errors.extend(unsaid(stored, step, cx));
    errors
}

/// The same of a signing, which supersedes another agreement and says it of that one's commitments. What
/// it does not say of them is carried over to its own; where it has none it says it of each.
pub fn decided_by_renewal(
    old: &Stored,
    new: &Agreement,
    step: &TransitionCreate,
    cx: &Cx,
) -> Vec<FieldError> {
    let takes_on = !new.commitments.is_empty();
    let mut errors = unfit(old, step, "/commitments", takes_on, cx);
    if !takes_on {
        errors.extend(unsaid(old, step, cx));
    }
    errors
}

/// The decisions that do not fit the commitments of an agreement, from where they stand.
pub fn unfit(
    stored: &Stored,
    step: &TransitionCreate,
    at: &str,
    may_carry: bool,
    cx: &Cx,
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

fn unsaid(stored: &Stored, step: &TransitionCreate, cx: &Cx) -> Vec<FieldError> {
    let said = |id| step.commitments.iter().any(|d| d.commitment_id == id);
    let all = stored.doc.commitments.iter();
    let missing = all.filter(|c| !said(c.id) && is_open(stored, c, cx));
    missing.map(|c| undecided(&c.content.text)).collect()
}

/// What is wrong with a step that says what becomes of commitments where nobody asks.
pub fn not_asked(at: &str, step: &TransitionCreate) -> Option<FieldError> {
    (!step.commitments.is_empty()).then(|| {
        let message = Message::fixed(
            "체결된 협약을 끝내거나 다른 협약을 잇는 체결에서만 협약 사항의 결말을 밝힙니다.",
            "What becomes of commitments is said only by a step that ends a signed agreement, or by a signing that supersedes one.",
        );
        FieldError::body(at, "not_asked", message)
    })
}

/// What became of a commitment at an end, and what is said of it.
type End = (Uuid, ReportedStatus, Option<Localized>);

/// Records what a step says becomes of the commitments, as reports of the city of the step's day: of the
/// agreement's own, or of those of the one that the successor's signing supersedes.
///
/// # Errors
/// What the database says.
pub fn close(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Option<Uuid>,
    step: &TransitionCreate,
    on: &ImpreciseDate,
) -> Result<(), ApiError> {
    let ends = step.commitments.iter();
    let ends = ends.map(|d| (d.commitment_id, d.becomes.into(), d.note.clone()));
    record(conn, cx, stored, successor, on, ends.collect())
}

fn record(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Option<Uuid>,
    on: &ImpreciseDate,
    ends: Vec<End>,
) -> Result<(), ApiError> {
    for (commitment, status, note) in ends {
        let doc = Doc {
            at_end: true,
            successor_id: successor,
            ..of_city(cx, at_end(on.clone(), status, note))
        };
        write(conn, cx, stored, commitment, doc)?;
    }
    Ok(())
}

/// The day of what a signing did to its predecessor: that of the signing, or today where it is not
/// known by then.
pub fn day_of(signed: Option<&ImpreciseDate>, cx: &Cx) -> ImpreciseDate {
    let known = signed.filter(|on| on.latest().is_some());
    known
        .cloned()
        .unwrap_or_else(|| ImpreciseDate::from_day(cx.today))
}

/// Carries the open commitments of an agreement over to the one whose signing superseded it.
///
/// # Errors
/// What the database says.
pub fn carry_over(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Uuid,
    signed: Option<&ImpreciseDate>,
) -> Result<(), ApiError> {
    let note = Localized {
        ko: Some("이 협약을 잇는 협약이 체결되어 그 협약으로 넘어갑니다.".into()),
        en: Some("The agreement that supersedes this one was signed and takes it on.".into()),
    };
    let open = stored.doc.commitments.iter();
    let open = open.filter(|commitment| is_open(stored, commitment, cx));
    let ends = open.map(|c| (c.id, ReportedStatus::CarriedOver, Some(note.clone())));
    let ends = ends.collect();
    record(conn, cx, stored, Some(successor), &day_of(signed, cx), ends)
}

/// Takes back what the successor's signing recorded; the answer is what that was.
///
/// # Errors
/// What the database says.
pub fn take_back(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Uuid,
    reason: &Localized,
) -> Result<Vec<End>, ApiError> {
    let stands = |report: &Recorded| {
        report.doc.successor_id == Some(successor) && report.doc.retraction.is_none()
    };
    let mut ends = Vec::new();
    for place in 0..stored.reports.all.len() {
        let report = &mut stored.reports.all[place];
        if stands(report) {
            let said = &report.doc.content;
            ends.push((report.commitment_id, said.status, said.note.clone()));
            report.doc.retraction = Some(Retraction {
                reason: reason.clone(),
                retracted_on: cx.today,
            });
            rewrite(conn, cx, stored, place, Some(reason))?;
        }
    }
    Ok(ends)
}

/// Records the same anew, of the day of signing as it was corrected.
///
/// # Errors
/// What the database says.
pub fn move_carried(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Uuid,
    signed: Option<&ImpreciseDate>,
    reason: &Localized,
) -> Result<(), ApiError> {
    let ends = take_back(conn, cx, stored, successor, reason)?;
    record(conn, cx, stored, Some(successor), &day_of(signed, cx), ends)
}
