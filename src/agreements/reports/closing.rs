//! What becomes of the open commitments of an agreement that ends.
//!
//! Whoever completes, terminates or supersedes an agreement says it of each. Where a renewal that is
//! signed supersedes its predecessor by itself, they are carried over to the renewal; where that is
//! undone, so is this.

use uuid::Uuid;

use super::rules::telling;
use super::store::{Doc, Recorded, at_end, of_city, rewrite, write};
use super::types::{Becomes, CommitmentStatus, ReportedStatus};
use crate::agreements::doc::Part;
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
    let mut errors = Vec::new();
    let given = &step.commitments;
    if !asks(step.to) {
        errors.extend(not_asked("/commitments", step));
        return errors;
    }
    let all = &stored.doc.commitments;
    for (i, decision) in given.iter().enumerate() {
        let at = format!("/commitments/{i}/commitment_id");
        let id = decision.commitment_id;
        let mut refuse = |at: String, code: &str, ko, en| {
            errors.push(FieldError::body(at, code, Message::fixed(ko, en)));
        };
        match all.iter().find(|c| c.id == id) {
            None => errors.push(unknown(&at)),
            Some(_) if given[..i].iter().any(|d| d.commitment_id == id) => refuse(
                at,
                "commitment_twice",
                "두 번 적힌 협약 사항입니다.",
                "This commitment stands twice.",
            ),
            Some(commitment) if !is_open(stored, commitment, cx) => refuse(
                at,
                "commitment_settled",
                "이미 결말이 난 협약 사항입니다.",
                "What became of this commitment is settled already.",
            ),
            Some(_) => {}
        }
        if decision.becomes == Becomes::CarriedOver && step.to != AgreementStatus::Superseded {
            let at = format!("/commitments/{i}/becomes");
            let message = Message::fixed(
                "대체되는 협약의 협약 사항만 다른 협약으로 넘어갑니다.",
                "Only where the agreement is superseded are commitments carried over.",
            );
            errors.push(FieldError::body(at, "not_superseded", message));
        }
    }
    let missing = all.iter().filter(|commitment| {
        let said = given.iter().any(|d| d.commitment_id == commitment.id);
        !said && is_open(stored, commitment, cx)
    });
    errors.extend(missing.map(|commitment| undecided(&commitment.content.text)));
    errors
}

/// What is wrong with a step that says what becomes of commitments where nobody asks.
pub fn not_asked(at: &str, step: &TransitionCreate) -> Option<FieldError> {
    (!step.commitments.is_empty()).then(|| {
        let message = Message::fixed(
            "체결된 협약을 끝내는 단계에서만 협약 사항의 결말을 밝힙니다.",
            "What becomes of commitments is said only by a step that ends a signed agreement.",
        );
        FieldError::body(at, "not_asked", message)
    })
}

/// Records what a step says becomes of the commitments, as reports of the city of the step's day.
///
/// # Errors
/// What the database says.
pub fn close(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    step: &TransitionCreate,
    on: &ImpreciseDate,
) -> Result<(), ApiError> {
    for decision in &step.commitments {
        let status = ReportedStatus::from(decision.becomes);
        let doc = Doc {
            at_end: true,
            ..of_city(cx, at_end(on.clone(), status, decision.note.clone()))
        };
        write(conn, cx, stored, decision.commitment_id, doc)?;
    }
    Ok(())
}

/// The day of what a signing did to its predecessor: that of the signing, or today where it is not
/// known by then.
fn day_of(signed: Option<&ImpreciseDate>, cx: &Cx) -> ImpreciseDate {
    let known = signed.filter(|on| on.latest().is_some());
    known
        .cloned()
        .unwrap_or_else(|| ImpreciseDate::from_day(cx.today))
}

fn carry(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    (successor, on): (Uuid, ImpreciseDate),
    commitments: Vec<Uuid>,
) -> Result<(), ApiError> {
    let note = Localized {
        ko: Some("이 협약을 잇는 협약이 체결되어 그 협약으로 넘어갑니다.".into()),
        en: Some("The agreement that supersedes this one was signed and takes it on.".into()),
    };
    for id in commitments {
        let status = ReportedStatus::CarriedOver;
        let doc = Doc {
            at_end: true,
            successor_id: Some(successor),
            ..of_city(cx, at_end(on.clone(), status, Some(note.clone())))
        };
        write(conn, cx, stored, id, doc)?;
    }
    Ok(())
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
    let open = stored.doc.commitments.iter();
    let open = open.filter(|commitment| is_open(stored, commitment, cx));
    let open = open.map(|commitment| commitment.id).collect();
    carry(conn, cx, stored, (successor, day_of(signed, cx)), open)
}

/// Takes back what [`carry_over`] recorded; the answer is of which commitments.
///
/// # Errors
/// What the database says.
pub fn take_back(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    successor: Uuid,
    reason: &Localized,
) -> Result<Vec<Uuid>, ApiError> {
    let stands = |report: &Recorded| {
        report.doc.successor_id == Some(successor) && report.doc.retraction.is_none()
    };
    let mut commitments = Vec::new();
    for place in 0..stored.reports.all.len() {
        let report = &mut stored.reports.all[place];
        if stands(report) {
            commitments.push(report.commitment_id);
            report.doc.retraction = Some(Retraction {
                reason: reason.clone(),
                retracted_on: cx.today,
            });
            rewrite(conn, cx, stored, place, Some(reason))?;
        }
    }
    Ok(commitments)
}

/// Records what [`carry_over`] did anew, of the day of signing as it was corrected.
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
    let commitments = take_back(conn, cx, stored, successor, reason)?;
    let day = day_of(signed, cx);
    carry(conn, cx, stored, (successor, day), commitments)
}
