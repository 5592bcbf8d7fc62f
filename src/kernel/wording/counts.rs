//! Numbers of people, companies and other things.

use super::figures::{self, Stated};
use super::numbers::factor;
use super::{Context, Note, Reading, areas, plain, shortened};
use crate::kernel::values::Amount;

/// Reads a text as a number of something. The type holds one number alone: a range, and a text
/// without a number, have no value.
pub fn read_count(text: &str, context: &Context) -> Reading<Amount> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    let nothing = |mut notes: Vec<Note>, note: Note| {
        notes.push(note);
        Reading {
            notes,
            ..Reading::blank(stated)
        }
    };
    let figures = match figures::read(&plain) {
        Ok(figures) => figures,
        Err(without) => return nothing(notes, without.note()),
    };
    let Stated::One(figure) = &figures.stated else {
        return nothing(notes, Note::range_not_held());
    };
    let Some(unit) = figures::unit_of(figure, context) else {
        return nothing(notes, Note::unit_unknown());
    };
    let (by, word) = factor(&unit);
    let Some(value) = figure.value.times(by).map(super::numbers::Decimal::as_f64) else {
        return nothing(notes, Note::not_understood());
    };
    if value > 9_007_199_254_740_991.0 || word.chars().count() > 50 || word.is_empty() {
        return nothing(notes, Note::not_understood());
    }
    let amount = Amount {
        value,
        unit: unit_name(word),
        approximate: figures.approximate,
        as_stated: Some(words),
    };
    Reading::of(stated, amount, notes)
}

/// Returns the registry's name for a unit, or the word itself.
fn unit_name(word: &str) -> String {
    let word = word.trim();
    let name = match word {
        "명" | "인" | "사람" => "persons",
        "개" | "건" | "점" => "items",
        "일자리" | "개 일자리" => "jobs",
        _ if areas::is_unit(word) && matches!(word, "m2" | "제곱미터") => "square_metres",
        other => other,
    };
    name.to_owned()
}
