//! What the texts of a form are understood to mean.

use super::Kind;
use super::hanging::read_due;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Anchor, ImpreciseDate};
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
        Kind::Due => due(text, w),
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
    let words = words.filter(|words| squeeze(words) != squeeze(text));
    words.chain(notes).collect()
}

/// Returns a date, or from when a time is counted.
fn due(text: &str, w: Words) -> (Vec<String>, Vec<Note>) {
    let reading = read_due(text);
    let Some(to) = reading.value.as_ref().and_then(ImpreciseDate::relative_to) else {
        return dated(reading, w);
    };
    let said = match to.anchor {
        Anchor::Signing => w.t("체결일부터 계산합니다", "counted from the signing"),
        Anchor::EffectiveFrom => w.t(
            "효력 발생일부터 계산합니다",
            "counted from the first day in force",
        ),
        Anchor::EffectiveUntil | Anchor::Milestone => return (Vec::new(), reading.notes),
    };
    (vec![said.to_owned()], reading.notes)
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
    let said = |ko, en, date: &Option<ImpreciseDate>| {
        date.as_ref()
            .map(|date| format!("{}: {}", w.t(ko, en), w.date(Some(date))))
    };
    let renews = term.auto_renews.map(|renews| {
        format!(
            "{}: {}",
            w.t("자동 연장", "Renews by itself"),
            w.yes_no(Some(renews))
        )
    });
    let all = [
        said("시작", "From", &term.from),
        said("끝", "Until", &term.until),
        renews,
    ];
    (all.into_iter().flatten().collect(), notes)
}
