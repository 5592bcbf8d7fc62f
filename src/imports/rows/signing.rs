//! Signings that did not take place, or only perhaps: words beside their day, a day ahead, a planned day, and a
//! status of drafts beside a day that has passed.

use serde_json::json;

use super::apart::dated;
use super::cells::stated;
use super::row::{Reader, line};
use super::status::{CODE, End, Told, ask, parsed, received, set};
use super::status_words::{Said, Signing, signing};
use crate::imports::book::Cell;
use crate::kernel::language::Message;

/// Field of a column of days on which agreements were to be signed.
pub const PLANNED: &str = "signing_planned_on";

/// Returns whether the words or the day of the signing say that there was none, after the status is asked for
/// or set so. Without an answer, nothing is taken for signed.
pub(super) fn against_signing(
    reader: &mut Reader<'_>,
    cell: Option<&Told<(Option<Said>, End)>>,
    is_alone: bool,
) -> bool {
    let known = cell.and_then(|told| told.what.0);
    let planned = planned(reader);
    let is_planned = planned.is_some();
    let told_on = planned.or_else(|| stated(reader, "signed_on").pop());
    let is_typed = |column: usize| matches!(reader.cell(column), Cell::Date { .. });
    let says = match &told_on {
        _ if is_planned => Some(Signing::Ahead),
        Some((column, text)) if !is_typed(*column) => signing(&dated(text).0),
        _ => None,
    };
    let day = reader.out.body.get("signed_on").and_then(parsed);
    let is_ahead = day
        .as_ref()
        .is_some_and(|day| !day.known_by(received(reader)));
    let is_past = day.is_some() && !is_ahead;
    let is_draft = known == Some(Said::Status("draft"));
    // What is looked at is perhaps the renewal of what was signed.
    if let Some(told) = cell.filter(|_| is_draft && is_past && says.is_none()) {
        ask_or_draft(reader, told.column, &told.text);
        return true;
    }
    if says.is_none() && !is_ahead || is_draft {
        return false;
    }
    let Some((column, text)) = told_on else {
        return false;
    };
    if says == Some(Signing::Ahead) && known.is_none() && is_alone && !is_past {
        let message = Message::fixed(
            "체결하지 않았다고 적혀 있어 작성 중인 협약으로 적습니다.",
            "The agreement is said not to be signed yet, so it is recorded as a draft.",
        );
        reader.note(Some(column), "/status", "not_signed", message);
        set(reader, "draft");
        return true;
    }
    ask_or_draft(reader, column, &text);
    if is_ahead && !is_planned && reader.out.body["status"] != "draft" {
        // A signing that has taken place was on no day ahead.
        reader.set(
            "signed_on",
            json!({ "edtf": null, "as_stated": line(&text, 500) }),
        );
    }
    true
}

/// Asks for the status; without an answer, it is a draft.
fn ask_or_draft(reader: &mut Reader<'_>, column: usize, text: &str) {
    ask(reader, column, text, None);
    if reader.out.questions.iter().any(|asked| asked.code == CODE) {
        set(reader, "draft");
    }
}

/// Returns the planned day of a signing, unless the row states that of the signing itself.
fn planned(reader: &Reader<'_>) -> Option<(usize, String)> {
    let days = ["signed_on", "signed_year", "signed_month"];
    let is_stated = days.iter().any(|field| !stated(reader, field).is_empty());
    let planned = stated(reader, PLANNED).pop();
    planned.filter(|_| !is_stated)
}

/// Keeps the planned day of a signing in the remarks where another day is stated, or the agreement is more
/// than a draft.
pub(super) fn planned_day(reader: &mut Reader<'_>) {
    let Some((column, text)) = stated(reader, PLANNED).pop() else {
        return;
    };
    let is_alone = planned(reader).is_some();
    if is_alone && reader.out.body["status"] == "draft" {
        return;
    }
    if is_alone {
        reader.out.body.remove("signed_on");
    }
    reader.keep(column, &text);
}
