//! A column of last days, which can say more of the term: `2024. 4. 15.까지`, `체결일로부터 3년`,
//! `2024.4.15(자동연장)`.

use serde_json::json;

use super::apart::{before_day, dated};
use super::row::{Reader, WORDING, line};
use super::status_words::{Said, said};
use super::term::set;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Term, read_date, read_end};

pub fn end(reader: &mut Reader<'_>, column: usize) {
    let text = reader.stated(column);
    let text = text.filter(|text| {
        reader.cell(column).as_text().is_some() && !is_exported(reader, column, text)
    });
    let Some(text) = text else {
        if let Some(date) = reader.date(column, "/effective_until") {
            reader.set("effective_until", date);
        }
        return;
    };
    let words = json!({ "edtf": null, "as_stated": line(&text, 500) });
    if !is_of_term(reader, column, &text) {
        return reader.set("effective_until", words);
    }
    let reading = read_end(&text, &reader.ledger.columns[column].context);
    let key = |term: &Term| {
        let edtf = term.until.as_ref().and_then(ImpreciseDate::edtf);
        edtf.unwrap_or_else(|| WORDING.to_owned())
    };
    let term = reader.settled(column, "/effective_until", reading, key);
    reader.set("effective_until", words);
    if let Some(term) = term {
        set(reader, &term);
    }
}

/// Words of terms before a day, squeezed.
const OF_TERM: &[&str] = &[
    "만료",
    "종료",
    "만기",
    "까지",
    "부터",
    "기간",
    "기한",
    "유효",
    "효력",
    "발효",
    "시작",
    "체결",
    "협약일",
    "연장",
    "갱신",
    "변경",
    "당초",
    "until",
    "expir",
    "valid",
    "effective",
];

/// Returns whether the day of a cell is the end of a term: neither that of another end, `해지(2023.5.1)`, nor
/// of something that is not known, unless the caller answers so.
pub(super) fn is_of_term(reader: &mut Reader<'_>, column: usize, text: &str) -> bool {
    let Some(words) = before_day(text) else {
        return true;
    };
    if is_other_end(&words) {
        return false;
    }
    let plain = squeeze(&words);
    // `상호 협의(1년)` holds a length.
    let is_dated = dated(text).1.is_some_and(|date| {
        let mut numbers = date.split(|c: char| !c.is_ascii_digit());
        date.contains(['.', '\'', '-', '/']) || numbers.any(|number| number.len() >= 4)
    });
    if !is_dated || OF_TERM.iter().any(|word| plain.contains(word)) {
        return true;
    }
    let choices = [
        (
            "term",
            Message::fixed("협약기간의 끝", "The end of the term"),
        ),
        (
            WORDING,
            Message::fixed("적힌 글만 남김", "Keep the wording alone"),
        ),
    ];
    let choices = choices.map(|(value, message)| ImportChoice {
        value: value.into(),
        message,
    });
    let short = line(text, 100);
    let message = Message::new(
        format!("“{short}”의 날은 협약기간의 끝입니까?"),
        format!("Is the day of “{short}” the end of the term?"),
    );
    let answer = reader.ask(Some(column), "end_unclear", message, choices.to_vec());
    answer.as_deref() == Some("term")
}

/// Returns whether words before a day name another end than that of a term: 해지, 중단.
pub(super) fn is_other_end(words: &str) -> bool {
    let of_term = ["만료", "종료", "만기", "expir"];
    match said(words) {
        Some(Said::Status("completed" | "terminated")) => true,
        Some(Said::Unclear) => !of_term
            .iter()
            .any(|word| words.to_lowercase().contains(word)),
        _ => false,
    }
}

/// Returns whether a text is a date as exports write it: `2024년까지` is by that year there.
fn is_exported(reader: &Reader<'_>, column: usize, text: &str) -> bool {
    let context = &reader.ledger.columns[column].context;
    let is_dated = || {
        read_date(text, context)
            .value
            .is_some_and(|date| date.is_dated())
    };
    reader.ledger.exported.is_some() && is_dated()
}
