//! Checks that reviews and council actions fit the history of their agreement.

use super::rules::{lies_before, step};
use crate::agreements::council::{CouncilActionContent, CouncilActionKind, Occasion};
use crate::agreements::doc::Doc;
use crate::agreements::reports::types::Standing;
use crate::agreements::reports::{Recorded, Reports};
use crate::agreements::reviews::ReviewContent;
use crate::agreements::types::AgreementStatus as Status;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;

/// Checks that an agreement can be reviewed.
///
/// # Errors
/// `conflict` if it was never signed, or was withdrawn or voided.
pub fn can_be_reviewed(doc: &Doc) -> Result<(), ApiError> {
    if doc.status().is_signed() {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Conflict,
        "체결된 협약만 점검할 수 있습니다.",
        "Only an agreement that was signed, and not voided, is reviewed.",
    ))
}

/// Checks that council actions can be recorded for an agreement.
///
/// # Errors
/// `conflict` if it was withdrawn or voided.
pub fn can_have_council_actions(doc: &Doc) -> Result<(), ApiError> {
    if !doc.status().is_void() {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Conflict,
        "철회되었거나 무효인 협약에는 의회 조치를 등록할 수 없습니다.",
        "No council action is recorded of an agreement that was withdrawn or voided.",
    ))
}

/// Returns true if a date certainly lies before the transition to a status.
fn precedes(on: &ImpreciseDate, doc: &Doc, to: Status) -> bool {
    lies_before(on, step(doc, to).and_then(|step| step.on.as_ref()))
}

fn before_signing(at: String) -> FieldError {
    let message = Message::fixed(
        "협약을 체결하기 전입니다.",
        "This lies before the agreement was signed.",
    );
    FieldError::body(at, "before_signing", message)
}

/// Checks that a review does not lie before the signing. `at` is the JSON Pointer of the review.
pub fn review_too_early(doc: &Doc, review: &ReviewContent, at: &str) -> Option<FieldError> {
    precedes(&review.on, doc, Status::Signed).then(|| before_signing(format!("{at}/on")))
}

/// Checks that a post-report's occasion took place, and that the report does not lie before it.
/// `at` is the JSON Pointer of the report.
pub fn report_too_early(doc: &Doc, action: &CouncilActionContent, at: &str) -> Option<FieldError> {
    if action.kind != CouncilActionKind::PostReport {
        return None;
    }
    let never = |to| step(doc, to).is_none();
    let happened_not = match action.occasion {
        Occasion::Signing if never(Status::Signed) => Some((
            "not_signed",
            "체결되지 않은 협약입니다.",
            "The agreement was not signed.",
        )),
        Occasion::Completion if never(Status::Completed) => Some((
            "not_completed",
            "완료되지 않은 협약입니다.",
            "The agreement was not completed.",
        )),
        Occasion::Termination if never(Status::Terminated) => Some((
            "not_terminated",
            "해지되지 않은 협약입니다.",
            "The agreement was not terminated.",
        )),
        _ => None,
    };
    if let Some((code, ko, en)) = happened_not {
        let at = format!("{at}/occasion");
        return Some(FieldError::body(at, code, Message::fixed(ko, en)));
    }
    let at = format!("{at}/on");
    let before = |to| precedes(&action.on, doc, to);
    match action.occasion {
        Occasion::Signing if before(Status::Signed) => Some(before_signing(at)),
        Occasion::Completion if before(Status::Completed) => {
            let message = Message::fixed(
                "협약이 완료되기 전입니다.",
                "This lies before the agreement was completed.",
            );
            Some(FieldError::body(at, "before_completion", message))
        }
        Occasion::Termination if before(Status::Terminated) => {
            let message = Message::fixed(
                "협약이 해지되기 전입니다.",
                "This lies before the agreement was terminated.",
            );
            Some(FieldError::body(at, "before_termination", message))
        }
        _ => None,
    }
}

/// Checks that no report or review that followed the signing lies before its corrected date.
pub fn signed_too_late(doc: &Doc, reports: &Reports) -> Option<FieldError> {
    let stand = |report: &&Recorded| report.standing() != Standing::Retracted;
    let mut days = reports.all.iter().filter(stand).map(|r| &r.doc.content.on);
    let reported = days.any(|on| precedes(on, doc, Status::Signed));
    (reported || !check_reviews_and_actions(doc).is_empty()).then(|| {
        let message = Message::fixed(
            "체결 뒤의 보고나 점검이 이 날보다 앞섭니다.",
            "A report or a review that followed the signing lies before this day.",
        );
        FieldError::body("/signed_on", "reversed", message)
    })
}

/// Checks the reviews and council actions of an agreement recorded as a whole. Without transitions
/// (when the given ones are invalid) nothing can be checked.
pub fn check_reviews_and_actions(doc: &Doc) -> Vec<FieldError> {
    if doc.transitions.is_empty() {
        return Vec::new();
    }
    let reviews = doc.reviews.iter().enumerate().filter_map(|(i, part)| {
        let at = format!("/reviews/{i}");
        if doc.was_signed() {
            return review_too_early(doc, &part.content, &at);
        }
        let message = Message::fixed(
            "체결된 협약만 점검할 수 있습니다.",
            "Only an agreement that was signed is reviewed.",
        );
        Some(FieldError::body(at, "not_signed", message))
    });
    let actions = doc.council_actions.iter().enumerate();
    let actions = actions.filter_map(|(i, part)| {
        report_too_early(doc, &part.content, &format!("/council_actions/{i}"))
    });
    reviews.chain(actions).collect()
}
