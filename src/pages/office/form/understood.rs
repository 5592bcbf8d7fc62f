//! What the texts of a form are understood to mean.

use serde::Deserialize;
use serde_json::Value;

use super::Kind;
use super::hanging::{is_counted, read_due};
use crate::kernel::text::squeeze;
use crate::kernel::values::{Anchor, Area, ImpreciseDate, Money, RelativeTo};
use crate::kernel::wording::{Context, Note, Reading, read_area, read_date, read_money, read_term};
use crate::pages::words::Words;

/// Returns what a text is understood to mean, where that differs from the text. A short year of a past day is
/// no later than `this_year`.
pub fn understood(kind: Kind, text: &str, w: Words, this_year: i32) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let (words, notes) = match kind {
        Kind::Date | Kind::Day => dated(read_date(text, &Context::default()), w),
        Kind::Due => hanging(read_due(text), w),
        Kind::Target => hanging(read_date(text, &Context::default()), w),
        Kind::Past => dated(read_date(text, &Context::past(this_year)), w),
        Kind::Money => {
            let Reading { value, notes, .. } = read_money(text, &Context::default());
            (
                value.map(|money| w.money(&money)).into_iter().collect(),
                notes,
            )
        }
        Kind::Area => {
            let Reading { value, notes, .. } = read_area(text, &Context::default());
            let said = value.map(|area| w.area(&area));
            (said.into_iter().collect(), notes)
        }
        Kind::Term => term(text, w),
        _ => return Vec::new(),
    };
    let notes = notes.iter().map(|note| w.message(&note.message));
    let words = words.into_iter();
    words
        .filter(|words| says_more(words, text))
        .chain(notes)
        .collect()
}

/// Returns whether words say anything else than a text.
pub fn says_more(words: &str, text: &str) -> bool {
    squeeze(words) != squeeze(text)
}

/// Returns what a record holds at a field whose texts are read; nothing if it holds nothing there, or of
/// other fields.
pub fn held(kind: Kind, record: &Value, at: &str, w: Words) -> Vec<String> {
    let value = record.pointer(&format!("/{at}")).unwrap_or(&Value::Null);
    if kind == Kind::Term {
        let date = |member: &str| date_of(&record[member]);
        let dates = [date("effective_from"), date("effective_until")];
        return term_said(&dates, record["auto_renews"].as_bool(), w);
    }
    if value.is_null() {
        return Vec::new();
    }
    let said = match kind {
        Kind::Date | Kind::Due | Kind::Target | Kind::Past => {
            let date = date_of(value).filter(ImpreciseDate::is_dated);
            let date = date.map(|date| w.date(Some(&date)));
            let to = || RelativeTo::deserialize(&value["relative_to"]).ok();
            date.or_else(|| Some(counted_from(&to()?, w)))
        }
        Kind::Money => {
            let money = Money::deserialize(value).ok();
            let money = money.filter(|m| m.amount.or(m.min_amount).or(m.max_amount).is_some());
            money.map(|money| w.money(&money))
        }
        Kind::Area => {
            let area = Area::deserialize(value).ok();
            let ends = |a: &Area| a.min_square_metres.or(a.max_square_metres);
            let area = area.filter(|a| a.square_metres.or(ends(a)).is_some());
            area.map(|area| w.area(&area))
        }
        _ => return Vec::new(),
    };
    let wording = w.t(
        "적힌 글만 기록되어 있습니다.",
        "The wording alone is recorded.",
    );
    vec![said.unwrap_or_else(|| wording.to_owned())]
}

/// Returns a date of a record, also one that follows from another.
fn date_of(value: &Value) -> Option<ImpreciseDate> {
    let text = |member: &str| value[member].as_str();
    let edtf = match (text("edtf"), text("earliest"), text("latest")) {
        (Some(edtf), ..) => edtf.to_owned(),
        (None, None, None) => return text("as_stated").map(ImpreciseDate::in_words),
        (None, from, until) if from == until => from.unwrap_or_default().to_owned(),
        (None, from, until) => format!("{}/{}", from.unwrap_or(".."), until.unwrap_or("..")),
    };
    ImpreciseDate::parse(&edtf).ok()
}

/// Returns a date, or from when a time is counted.
fn hanging(reading: Reading<ImpreciseDate>, w: Words) -> (Vec<String>, Vec<Note>) {
    let to = reading.value.as_ref().and_then(ImpreciseDate::relative_to);
    if let Some(to) = to {
        return (vec![counted_from(to, w)], reading.notes);
    }
    match is_counted(&reading) {
        true => {
            let said = w.t(
                "적힌 일이 사업의 추진 단계이면 그 날짜부터 계산하고, 아니면 적힌 글만 남깁니다.",
                "counted from that event if it is a milestone of the project; otherwise the wording alone is kept",
            );
            (vec![said.to_owned()], Vec::new())
        }
        false => dated(reading, w),
    }
}

fn counted_from(to: &RelativeTo, w: Words) -> String {
    let said = match to.anchor {
        Anchor::Signing => w.t("체결일부터 계산합니다", "counted from the signing"),
        Anchor::EffectiveFrom => w.t(
            "효력 발생일부터 계산합니다",
            "counted from the first day in force",
        ),
        Anchor::EffectiveUntil => w.t(
            "효력 종료일부터 계산합니다",
            "counted from the last day in force",
        ),
        Anchor::Milestone => w.t(
            "추진 단계의 날짜부터 계산합니다",
            "counted from a milestone",
        ),
    };
    said.to_owned()
}

fn dated(reading: Reading<ImpreciseDate>, w: Words) -> (Vec<String>, Vec<Note>) {
    let Reading { value, notes, .. } = reading;
    (value.iter().map(|date| w.date(Some(date))).collect(), notes)
}

fn term(text: &str, w: Words) -> (Vec<String>, Vec<Note>) {
    let Reading { value, notes, .. } = read_term(text, &Context::default());
    let Some(term) = value else {
        return (Vec::new(), notes);
    };
    (
        term_said(&[term.from, term.until], term.auto_renews, w),
        notes,
    )
}

fn term_said(
    [from, until]: &[Option<ImpreciseDate>; 2],
    renews: Option<bool>,
    w: Words,
) -> Vec<String> {
    let said = |ko, en, date: &Option<ImpreciseDate>| {
        date.as_ref()
            .map(|date| format!("{}: {}", w.t(ko, en), w.date(Some(date))))
    };
    let renews = renews.map(|renews| {
        format!(
            "{}: {}",
            w.t("자동 연장", "Renews by itself"),
            w.yes_no(Some(renews))
        )
    });
    let all = [
        said("시작", "From", from),
        said("끝", "Until", until),
        renews,
    ];
    all.into_iter().flatten().collect()
}
