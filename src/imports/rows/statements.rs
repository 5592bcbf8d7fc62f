//! What a row states of a milestone: targets, and what happened.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::cells::{localized, place, stated};
use super::columns::Ledger;
use super::row::{Reader, line};
use crate::http::tables;
use crate::kernel::language::Message;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, to_db};
use crate::kernel::wording::{Context, read_date};
use crate::projects::milestones::types::OutcomeKind;

/// Wording of the day of a statement that the file does not state.
pub const RECEIVED: &str = "파일을 받은 날";

/// Adds targets, in the order in which they were stated, each with the day of that.
pub fn forecasts(reader: &mut Reader<'_>, targets: Vec<(usize, Value)>) {
    let Some((column, last)) = targets
        .len()
        .checked_sub(1)
        .map(|last| (targets[last].0, last))
    else {
        return;
    };
    let stated_on = stated_on(reader, column);
    // Earlier targets were stated by then; nothing says when.
    let by = stated_on["edtf"].as_str().map(|day| format!("../{day}"));
    let by = by.filter(|by| ImpreciseDate::parse(by).is_ok());
    let mut all = Vec::new();
    for (n, (_, mut target)) in targets.into_iter().enumerate() {
        if target.get("relative_to").is_some() {
            // The cell does not say which record it is counted from.
            target = json!({ "edtf": null, "as_stated": target["as_stated"] });
        }
        let mut new = match (&by, n == last) {
            (Some(by), false) => {
                let stated_on = json!({ "edtf": by, "as_stated": RECEIVED });
                json!({ "target": target, "stated_on": stated_on })
            }
            _ => json!({ "target": target, "stated_on": stated_on }),
        };
        if n == last {
            told_of(reader, &mut new);
        }
        new["source"] = source(reader);
        all.push(new);
    }
    reader.set("forecasts", json!(all));
}

/// Returns the day on which a target was stated.
fn stated_on(reader: &mut Reader<'_>, column: usize) -> Value {
    let stated_on = reader.ledger.first("stated_on");
    let stated_on = stated_on.and_then(|c| reader.date(c, "/forecasts/0/stated_on"));
    let stated_on = stated_on.or_else(|| Some(table_day(reader.ledger)?.as_sent()));
    stated_on.unwrap_or_else(|| {
        let message = Message::fixed(
            "언제 밝힌 목표인지 없어, 파일을 받은 날에 밝힌 것으로 적습니다.",
            "The day of the statement is missing; the day on which the file came is recorded.",
        );
        let pointer = "/forecasts/0/stated_on";
        reader.note(Some(column), pointer, "stated_on_missing", message);
        json!({ "edtf": reader.ledger.origin.received_on, "as_stated": RECEIVED })
    })
}

/// Adds to a target who stated it, and why it moved.
fn told_of(reader: &mut Reader<'_>, new: &mut Value) {
    if let Some((_, text)) = stated(reader, "stated_by").pop() {
        new["stated_by"] = json!(line(&text, 300));
    }
    let (mut reasons, codes) = (stated(reader, "reason"), stated(reader, "reason_code"));
    for (column, text) in codes {
        match tables::code_of("ReasonCode", &text) {
            Some(code) => new["reason_code"] = json!(code),
            None => reasons.push((column, text)),
        }
    }
    let reasons: Vec<String> = reasons.into_iter().map(|(_, text)| text).collect();
    if !reasons.is_empty() {
        new["reason"] = localized(&reasons.join("\n"));
    }
}

/// Takes a target of unknown day for one that was stated before the step was met: one that was stated later
/// would be none.
pub fn date_targets(reader: &mut Reader<'_>) {
    let met = reader
        .out
        .body
        .get("outcomes")
        .map(|outcomes| outcomes[0]["on"].clone());
    let Some(met) = met.as_ref().and_then(parsed).and_then(|met| met.latest()) else {
        return;
    };
    let forecasts = reader
        .out
        .body
        .get_mut("forecasts")
        .and_then(Value::as_array_mut);
    for forecast in forecasts.into_iter().flatten() {
        if forecast["stated_on"]["as_stated"] == RECEIVED {
            forecast["stated_on"]["edtf"] = json!(format!("../{met}"));
        }
    }
}

/// Adds what happened on a day.
pub fn outcome(reader: &mut Reader<'_>, kind: OutcomeKind, on: Value, column: Option<usize>) {
    let date = parsed(&on).zip(received(reader.ledger));
    let ahead = date.and_then(|(date, day)| not_passed(&date, "", day));
    if let Some(ahead) = ahead {
        reader.problem(column, "/outcomes/0/on", &ahead.code, ahead.message);
    }
    let new = json!({ "kind": to_db(&kind), "on": on, "source": source(reader) });
    reader.set("outcomes", json!([new]));
}

pub fn parsed(date: &Value) -> Option<ImpreciseDate> {
    ImpreciseDate::parse(date["edtf"].as_str()?).ok()
}

/// Returns the day on which the file came.
pub fn received(ledger: &Ledger<'_>) -> Option<NaiveDate> {
    ledger.origin.received_on.parse().ok()
}

/// Returns the day as of which the file says that it stands: `(2024. 6. 30. 기준)`.
pub fn table_day(ledger: &Ledger<'_>) -> Option<ImpreciseDate> {
    let mut days = ledger.layout.remarks.iter().filter_map(|remark| {
        let (before, _) = remark.split_once("기준").or(remark.split_once("현재"))?;
        let text = before.trim().trim_start_matches(['(', '[', '※', ' ']);
        let context = Context::past(ledger.year);
        read_date(text, &context).value
    });
    days.find(|day| day.latest().is_some())
}

/// Returns the source: the one that the row names, with the file and the row.
fn source(reader: &mut Reader<'_>) -> Value {
    let place = place(reader);
    let title = stated(reader, "source").pop();
    let title = match title {
        Some((_, text)) => format!("{} | {place}", line(&text, 700)),
        None => place,
    };
    let mut source = json!({
        "title": line(&title, 1_000),
        "retrieved_on": { "edtf": reader.ledger.origin.received_on },
    });
    if let Some((column, text)) = stated(reader, "source_url").pop() {
        match reader.cell(column).address() {
            Some(address) => source["url"] = json!(address),
            None => reader.keep(column, &text),
        }
    }
    source
}
