//! The term of an agreement: its beginning, its end, and how it renews.

use serde_json::json;

use super::cells::stated;
use super::end::{end, is_of_term};
use super::row::{Reader, line};
use super::words;
use crate::imports::mapping::with_unit;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Term, read_term};

/// Units of terms in headers, squeezed, with their months; `None` for days.
const UNITS: [(&str, Option<f64>); 9] = [
    ("년", Some(12.0)),
    ("연", Some(12.0)),
    ("년간", Some(12.0)),
    ("years", Some(12.0)),
    ("yrs", Some(12.0)),
    ("개월", Some(1.0)),
    ("월", Some(1.0)),
    ("months", Some(1.0)),
    ("일", None),
];

pub fn term(reader: &mut Reader<'_>) {
    if let Some(column) = reader.ledger.first("effective_period")
        && let Some(text) = reader.stated(column)
    {
        period(reader, column, &text);
    }
    if let Some(column) = reader.ledger.first("effective_from")
        && let Some(date) = reader.date(column, "/effective_from")
    {
        reader.set("effective_from", date);
    }
    if let Some(column) = reader.ledger.first("effective_until") {
        end(reader, column);
    }
    if let Some((column, text)) = stated(reader, "auto_renews").pop() {
        let read = || read_term(&text, &reader.ledger.columns[column].context).value;
        if let Some(renews) = words::yes_or_no(&text).or_else(|| read()?.auto_renews) {
            reader.set("auto_renews", json!(renews));
        } else {
            reader.keep(column, &text);
            let message = Message::fixed(
                "자동으로 연장되는지 알 수 없어 글만 비고에 남깁니다.",
                "It is not clear whether it renews by itself; the wording is kept in the remarks.",
            );
            reader.note(Some(column), "/auto_renews", "not_understood", message);
        }
    }
    order(reader);
}

/// Reads a column of terms.
fn period(reader: &mut Reader<'_>, column: usize, text: &str) {
    let (text, words) = with_length(reader, column, text);
    if !is_of_term(reader, column, &text) {
        return reader.set(
            "effective_until",
            json!({ "edtf": null, "as_stated": line(&text, 500) }),
        );
    }
    let reading = read_term(&text, &reader.ledger.columns[column].context);
    let key = |term: &Term| {
        let end = |date: &Option<ImpreciseDate>| {
            let sent = date
                .as_ref()
                .map(ImpreciseDate::as_sent)
                .unwrap_or_default();
            sent["edtf"].clone()
        };
        format!("{}~{}", end(&term.from), end(&term.until)).replace('"', "")
    };
    match reader.settled(column, "/effective_until", reading, key) {
        Some(mut term) => {
            let is_text = |date: &ImpreciseDate| date.as_stated() == Some(text.as_str());
            if let Some(until) = term.until.take_if(|until| is_text(until)) {
                term.until = Some(until.stated(line(&words, 500)));
            }
            set(reader, &term);
        }
        None => reader.set(
            "effective_until",
            json!({ "edtf": null, "as_stated": line(&words, 500) }),
        ),
    }
}

/// Sets what a term says of its days and of its renewal.
pub(super) fn set(reader: &mut Reader<'_>, term: &Term) {
    if let Some(from) = &term.from {
        reader.set("effective_from", from.as_sent());
    }
    if let Some(until) = &term.until {
        reader.set("effective_until", until.as_sent());
    }
    if let Some(renews) = term.auto_renews {
        reader.set("auto_renews", json!(renews));
    }
    if let Some(renewal) = &term.renewal {
        let renewal = serde_json::to_value(renewal).unwrap_or_default();
        reader.set("renewal", renewal);
    }
}

/// Returns a bare number of a term with the unit that the header states, and its words: 3 under
/// `협약기간(년)` is `3년`. A number with such a unit is no date, even with a point.
fn with_length(reader: &Reader<'_>, column: usize, text: &str) -> (String, String) {
    let header_unit = with_unit(&reader.ledger.columns[column].header).1;
    let unit = header_unit.as_deref().unwrap_or_default();
    let unit = unit
        .trim_start_matches("단위")
        .trim_start_matches([':', ' ']);
    let found = UNITS.iter().find(|(name, _)| *name == squeeze(unit));
    let Some(((_, months), number)) = found.zip(text.trim().parse::<f64>().ok()) else {
        return (text.to_owned(), text.to_owned());
    };
    let gap = if unit.is_ascii() { " " } else { "" };
    let words = format!("{}{gap}{unit}", text.trim());
    let total = months.map(|months| number * months);
    let length = match total {
        Some(total) if total % 12.0 == 0.0 => format!("{}년", total / 12.0),
        Some(total) if total.fract() == 0.0 => format!("{total}개월"),
        None if number.fract() == 0.0 => format!("{number}일"),
        _ => words.clone(),
    };
    (length, words)
}

/// Reports a term that ends before it begins or before the signing. Of a term that the registry would
/// refuse, only the wording is kept.
fn order(reader: &mut Reader<'_>) {
    let bounds = |reader: &Reader<'_>, member: &str| {
        let date = reader.out.body.get(member)?["edtf"].as_str()?.to_owned();
        ImpreciseDate::parse(&date).ok()
    };
    let Some(latest) = bounds(reader, "effective_until").and_then(|until| until.latest()) else {
        return;
    };
    let column = ["effective_until", "effective_period"]
        .iter()
        .find_map(|field| reader.ledger.first(field));
    let signed = bounds(reader, "signed_on").and_then(|day| day.earliest());
    let from = bounds(reader, "effective_from").and_then(|day| day.earliest());
    let start = from.or(signed);
    if start.is_some_and(|start| start > latest) {
        let stated = column.and_then(|c| reader.stated(c)).unwrap_or_default();
        reader.set(
            "effective_until",
            json!({ "edtf": null, "as_stated": line(&stated, 500) }),
        );
        let message = Message::fixed(
            "끝이 시작보다 앞섭니다. 적힌 글만 남깁니다.",
            "The end is before the beginning; the wording alone is kept.",
        );
        reader.note(column, "/effective_until", "reversed", message);
    } else if signed.is_some_and(|signed| signed > latest) {
        let message = Message::fixed(
            "협약기간이 체결일 전에 끝납니다.",
            "The term ends before the day of signing.",
        );
        reader.note(column, "/effective_until", "ends_before_signing", message);
    }
}
