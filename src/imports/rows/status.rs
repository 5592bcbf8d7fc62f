//! The status of an agreement: as its column states it, beside the columns of ends and the day of signing.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

use super::apart::{before_day, brackets, dated};
use super::cells::{localized, stated};
use super::end::is_other_end;
use super::row::{Reader, line};
use super::signing::{against_signing, planned_day};
use super::status_words::{Said, Signing, said, signing};
use super::words::yes_or_no;
use crate::imports::book::Cell;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Anchor, AnchorDate, ImpreciseDate};
use crate::kernel::wording::{Context, read_date};

/// Fields of columns that state an end, with the status in which it ends; `None` where they do not say it.
const ENDS: [(&str, Option<&str>); 3] = [
    ("terminated_on", Some("terminated")),
    ("completed_on", Some("completed")),
    ("ended_on", None),
];

/// Answers to what a status is, with the statuses that follow.
const ANSWERS: [(&str, &str, &str, &str); 5] = [
    ("signed", "signed", "체결(유효)", "Signed, in force"),
    ("expired", "signed", "기간 만료", "Expired with its term"),
    ("completed", "completed", "이행 완료", "Carried out"),
    ("terminated", "terminated", "해지", "Terminated"),
    ("draft", "draft", "아직 체결하지 않음", "Not signed yet"),
];

/// What a cell states of an end: that the agreement ended, perhaps how, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    to: Option<&'static str>,
    on: Option<Value>,
}

/// A cell, with what it states.
pub(super) struct Told<T> {
    pub column: usize,
    pub text: String,
    pub what: T,
}

/// Sets the status, and the day and reason of an end.
pub fn status(reader: &mut Reader<'_>) {
    let cell = stated(reader, "status").pop();
    let label = cell
        .as_ref()
        .and_then(|(_, text)| reader.code("AgreementStatus", text));
    if let Some(status) = label {
        return set(reader, status);
    }
    let cell = cell.map(|(column, text)| of_cell(reader, column, text));
    let ends = ends(reader);
    let known = cell.as_ref().and_then(|told| told.what.0);
    if known != Some(Said::Unclear) && against_signing(reader, cell.as_ref(), ends.is_empty()) {
        keep_all(reader, cell.as_ref(), &ends);
    } else {
        resolve(reader, cell, ends);
    }
    reasons(reader);
    day_of_end(reader);
    planned_day(reader);
}

/// Reads a cell of the status: what it says, and the day of the end in it.
fn of_cell(reader: &mut Reader<'_>, column: usize, text: String) -> Told<(Option<Said>, End)> {
    let (words, date) = dated(&text);
    // `유효여부: X`
    let is_no = yes_or_no(&text) == Some(false);
    let told = said(&words).or(is_no.then_some(Said::Unclear));
    let is_end = matches!(
        told,
        Some(Said::Status("completed" | "terminated") | Said::Ended)
    );
    let context = Context::past(reader.ledger.year);
    let day = date.filter(|_| is_end).and_then(|date| {
        let day = read_date(&date, &context).value?;
        day.is_dated().then(|| day.as_sent())
    });
    if told.is_none() {
        let message = Message::new(
            format!("“{text}”에 해당하는 협약 상태가 없어 비고에 남깁니다."),
            format!("“{text}” is no status of an agreement; it is kept in the remarks."),
        );
        reader.note(Some(column), "/status", "status_unknown", message);
    }
    let is_whole = squeeze(&words) == squeeze(&text) && !text.contains(['(', '（', '[', '\n']);
    let is_plain = is_whole && matches!(told, Some(Said::Status(_)));
    if !is_plain {
        reader.keep(column, &text);
    }
    let what = (told, End { to: None, on: day });
    Told { column, text, what }
}

/// Returns what the columns of ends state.
fn ends(reader: &mut Reader<'_>) -> Vec<Told<End>> {
    let mut ends: Vec<Told<End>> = Vec::new();
    for (field, to) in ENDS {
        for (column, text) in stated(reader, field) {
            let Some(end) = of_end(reader, column, &text, to) else {
                reader.keep(column, &text);
                continue;
            };
            // 해지여부 beside 해지일
            let same = ends.iter().position(|other| {
                let is_one = other.what.on.is_none() || end.on.is_none();
                other.what.to == end.to && is_one
            });
            let Some(same) = same else {
                let what = end;
                ends.push(Told { column, text, what });
                continue;
            };
            let on = &mut ends[same].what.on;
            *on = on.take().or(end.on);
        }
    }
    // `해지(2023.5.1)` where the end of the term stands
    for field in ["effective_until", "effective_period"] {
        for (column, text) in stated(reader, field) {
            if before_day(&text).is_some_and(|words| is_other_end(&words))
                && let Some(what) = of_end(reader, column, &text, None)
            {
                ends.push(Told { column, text, what });
            }
        }
    }
    ends
}

/// Reads a cell of an end; `None` if it states none.
fn of_end(
    reader: &mut Reader<'_>,
    column: usize,
    text: &str,
    to: Option<&'static str>,
) -> Option<End> {
    let (words, date) = dated(text);
    let is_typed = matches!(reader.cell(column), Cell::Date { .. });
    match (yes_or_no(text), said(&words)) {
        (Some(false), _) => return None,
        (Some(true), _) => return Some(End { to, on: None }),
        _ if !is_typed && signing(&words) == Some(Signing::Ahead) => {
            not_ended(reader, column, text);
            return None;
        }
        (_, Some(Said::Status("signed" | "draft"))) if date.is_none() => return None,
        (_, Some(Said::Status(of))) if date.is_none() => {
            return Some(End {
                to: Some(of),
                on: None,
            });
        }
        _ => {}
    }
    let on = reader.date(column, "/transitions/0/on");
    let day = on.as_ref().and_then(parsed);
    if day.is_some_and(|day| !day.known_by(received(reader))) {
        not_ended(reader, column, text);
        return None;
    }
    let on = on.filter(|on| on["edtf"].is_string());
    if on.is_none() {
        reader.keep(column, text);
    }
    let to = if is_typed { to } else { by_words(text, to) };
    Some(End { to, on })
}

/// Returns the status in which an agreement ends by the header of a cell and the words before its day; `None`
/// where these say anything else.
fn by_words(text: &str, to: Option<&'static str>) -> Option<&'static str> {
    let words = match before_day(text) {
        Some(words) => words,
        None => dated(&brackets(text).0).0,
    };
    let plain = squeeze(&words);
    let day = plain.trim_end_matches("일자").trim_end_matches('일');
    match said(day) {
        Some(Said::Status(said @ ("completed" | "terminated"))) => {
            to.is_none_or(|to| to == said).then_some(said)
        }
        Some(Said::Ended) => to,
        None if before_day(text).is_none() => to,
        _ => None,
    }
}

/// Keeps words of an end that has not come.
fn not_ended(reader: &mut Reader<'_>, column: usize, text: &str) {
    let short = line(text, 100);
    let message = Message::new(
        format!("“{short}”은(는) 지난 날이 아니어서 끝난 것으로 적지 않고 비고에 남깁니다."),
        format!(
            "“{short}” is no day that has passed, so no end is recorded; it is kept in the remarks."
        ),
    );
    reader.note(Some(column), "/transitions", "not_ended", message);
}

/// Finds the status by what is said of it, and asks where that is not plain.
fn resolve(reader: &mut Reader<'_>, cell: Option<Told<(Option<Said>, End)>>, ends: Vec<Told<End>>) {
    let known = cell.as_ref().and_then(|told| told.what.0);
    let day = cell.as_ref().and_then(|told| told.what.1.on.clone());
    let is_one = ends.len() == 1;
    let Some(end) = ends.into_iter().next() else {
        let Some(told) = cell else { return };
        return match known {
            None => {}
            Some(Said::Status(to)) => step(reader, told.column, to, day),
            Some(Said::Expired | Said::Ended) if is_over(reader) => expired(reader, told.column),
            Some(_) => ask(reader, told.column, &told.text, day),
        };
    };
    let Told { column, text, what } = end;
    let day = what.on.or(day);
    let to = match (known, what.to) {
        (None | Some(Said::Ended), Some(to)) if is_one => Some(to),
        (Some(Said::Status(said)), to) if is_one && to.is_none_or(|to| to == said) => {
            (said != "signed" && said != "draft").then_some(said)
        }
        _ => None,
    };
    if let Some(to) = to {
        return step(reader, column, to, day);
    }
    let header = &reader.ledger.columns[column].header;
    let words = format!("{header}: {text}");
    reader.keep(column, &text);
    ask(reader, column, &words, day);
}

fn keep_all(reader: &mut Reader<'_>, cell: Option<&Told<(Option<Said>, End)>>, ends: &[Told<End>]) {
    let plain = cell.filter(|told| matches!(told.what.0, Some(Said::Status(_))));
    let cells = plain.map(|told| (told.column, &told.text));
    let all = cells
        .into_iter()
        .chain(ends.iter().map(|end| (end.column, &end.text)));
    for (column, text) in all {
        reader.keep(column, text);
    }
}

/// Code of the question for the status.
pub(super) const CODE: &str = "status_unclear";

/// Asks for the status, and sets what is answered.
pub(super) fn ask(reader: &mut Reader<'_>, column: usize, text: &str, day: Option<Value>) {
    let text = line(text, 100);
    let message = Message::new(
        format!("“{text}”은(는) 협약의 어느 상태입니까?"),
        format!("Which status of an agreement is “{text}”?"),
    );
    let choices = ANSWERS.map(|(value, _, ko, en)| ImportChoice {
        value: value.into(),
        message: Message::fixed(ko, en),
    });
    let answer = reader.ask(Some(column), CODE, message, choices.to_vec());
    let mut answers = ANSWERS.iter();
    let Some((value, to, ..)) = answers.find(|(value, ..)| Some(*value) == answer.as_deref())
    else {
        return set(reader, "signed");
    };
    if *value == "expired" && !is_over(reader) {
        let by = format!("../{}", reader.ledger.origin.received_on);
        reader.set("effective_until", json!({ "edtf": by, "as_stated": text }));
        // One that renews by itself would still be in force.
        if reader
            .out
            .body
            .get("auto_renews")
            .is_some_and(|renews| renews == true)
        {
            reader.set("auto_renews", json!(false));
        }
    }
    step(reader, column, to, day);
}

pub(super) fn set(reader: &mut Reader<'_>, status: &str) {
    reader.set("status", json!(status));
    reader.out.assumed.retain(|member| *member != "status");
}

/// Sets the status, with the day of an end. A day before the signing is kept in words.
fn step(reader: &mut Reader<'_>, column: usize, to: &'static str, day: Option<Value>) {
    set(reader, to);
    let Some(on) = day.filter(|_| matches!(to, "completed" | "terminated")) else {
        return;
    };
    let signed = reader.out.body.get("signed_on").and_then(parsed);
    let signed = signed.and_then(|day| day.earliest());
    let is_before = parsed(&on)
        .zip(signed)
        .is_some_and(|(day, signed)| day.ends_before(signed));
    let is_ahead = parsed(&on).is_some_and(|day| !day.known_by(received(reader)));
    if !is_before && !is_ahead {
        return reader.set("transitions", json!([{ "to": to, "on": on }]));
    }
    let text = reader.stated(column).unwrap_or_default();
    reader.keep(column, &text);
    let message = match is_before {
        true => Message::fixed(
            "끝난 날이 체결일보다 앞섭니다. 적힌 글만 비고에 남깁니다.",
            "The end is before the signing; its wording is kept in the remarks.",
        ),
        false => Message::fixed(
            "끝난 날이 아직 오지 않았습니다. 적힌 글만 비고에 남깁니다.",
            "The day of the end has not come; its wording is kept in the remarks.",
        ),
    };
    reader.note(Some(column), "/transitions/0/on", "end_day_wrong", message);
}

/// Keeps an agreement as signed whose term is over: that it expired follows from the term.
fn expired(reader: &mut Reader<'_>, column: usize) {
    set(reader, "signed");
    let message = Message::fixed(
        "협약기간이 지났으므로 만료는 협약기간에서 따라 나옵니다.",
        "The term is over, so that the agreement expired follows from its term.",
    );
    reader.note(Some(column), "/status", "expired_by_term", message);
}

/// Adds the reason of an end. One without an end is asked about.
fn reasons(reader: &mut Reader<'_>) {
    let reasons = stated(reader, "end_reason");
    let reasons = reasons
        .into_iter()
        .filter(|(_, text)| yes_or_no(text) != Some(false));
    let reasons: Vec<(usize, String)> = reasons.collect();
    let Some((column, first)) = reasons.first().cloned() else {
        return;
    };
    let is_asked = reader.out.questions.iter().any(|asked| asked.code == CODE);
    if reader.out.assumed.contains(&"status") && !is_asked {
        ask(reader, column, &first, None);
    }
    let status = reader.out.body["status"].clone();
    if status != "completed" && status != "terminated" {
        for (column, text) in reasons {
            reader.keep(column, &text);
        }
        return;
    }
    let texts: Vec<String> = reasons.into_iter().map(|(_, text)| text).collect();
    let steps = reader.out.body.remove("transitions");
    let mut step = steps.map_or_else(|| json!({ "to": status }), |steps| steps[0].clone());
    step["reason"] = localized(&texts.join("\n"));
    reader.set("transitions", json!([step]));
}

/// Asks whether a column such as 종료일 states the day of a termination, or the end of the term before it.
fn day_of_end(reader: &mut Reader<'_>) {
    let Some(column) = reader.ledger.first("effective_until") else {
        return;
    };
    let until = reader.out.body.get("effective_until").cloned();
    let Some(day) = until.filter(|until| until["edtf"].is_string()) else {
        return;
    };
    let header = squeeze(&reader.ledger.columns[column].header);
    let is_act = ["종료일", "종료일자", "enddate", "end"]
        .iter()
        .any(|name| header.ends_with(name));
    let is_dated = reader
        .out
        .body
        .get("transitions")
        .is_some_and(|steps| steps[0]["on"].is_object());
    if reader.out.body["status"] != "terminated" || !is_act || is_dated {
        return;
    }
    let text = reader.stated(column).unwrap_or_default();
    let choices = [
        (
            "terminated_on",
            Message::fixed("해지한 날", "The day of the termination"),
        ),
        (
            "term",
            Message::fixed("본래의 협약기간의 끝", "The end of the term as agreed"),
        ),
    ];
    let choices = choices.map(|(value, message)| ImportChoice {
        value: value.into(),
        message,
    });
    let message = Message::new(
        format!("해지된 협약의 “{text}”은(는) 어느 날입니까?"),
        format!("Which day is “{text}” of an agreement that was terminated?"),
    );
    let answer = reader.ask(Some(column), "end_day", message, choices.to_vec());
    if answer.as_deref() == Some("terminated_on") {
        let steps = reader.out.body.remove("transitions");
        reader.out.body.remove("effective_until");
        step(reader, column, "terminated", Some(day));
        let reason = steps.and_then(|steps| steps[0].get("reason").cloned());
        if let (Some(reason), Some(steps)) = (reason, reader.out.body.get_mut("transitions")) {
            steps[0]["reason"] = reason;
        }
    }
}

pub(super) fn parsed(date: &Value) -> Option<ImpreciseDate> {
    ImpreciseDate::parse(date["edtf"].as_str()?).ok()
}

/// Returns the day on which the file came; the last day of all if it is not known.
pub(super) fn received(reader: &Reader<'_>) -> NaiveDate {
    let day = reader.ledger.origin.received_on.parse();
    day.unwrap_or(NaiveDate::MAX)
}

/// Returns whether the stated term has certainly run out.
fn is_over(reader: &Reader<'_>) -> bool {
    let body = &reader.out.body;
    let date = |member: &str| ImpreciseDate::deserialize(body.get(member)?).ok();
    let renews = body.get("auto_renews").is_some_and(|renews| renews == true);
    let Some(mut until) = date("effective_until").filter(|_| !renews) else {
        return false;
    };
    let start = match until.relative_to().map(|to| to.anchor) {
        Some(Anchor::EffectiveFrom) => date("effective_from"),
        _ => None,
    };
    let anchor = start.map_or_else(
        || AnchorDate::event(date("signed_on").as_ref()),
        |start| AnchorDate::first_day(&start),
    );
    until.derive_from(&anchor);
    until.ends_before(received(reader))
}
