//! Numbers of people, companies and other things.

use super::figures::{self, Figured, Figures, Stated};
use super::numbers::{Decimal, factor};
use super::{Context, Note, Reading, areas};
use crate::kernel::values::Amount;

/// Reads a text as a number of something. The type holds one number alone: a range, and a text
/// without a number, have no value.
pub fn read_count(text: &str, context: &Context) -> Reading<Amount> {
    let by_figures = |figured: Figured<'_>| {
        let Figured {
            stated,
            words,
            figures,
            mut notes,
        } = figured;
        match amount(&figures, context, words) {
            Ok(amount) => Reading::of(stated, amount, notes),
            Err(note) => {
                notes.push(note);
                Reading {
                    notes,
                    ..Reading::blank(stated)
                }
            }
        }
    };
    figures::reading(text, |_| None, by_figures)
}

/// Returns the number that figures state, or why they state none.
fn amount(figures: &Figures, context: &Context, words: String) -> Result<Amount, Note> {
    let Stated::One(figure) = &figures.stated else {
        return Err(Note::range_not_held());
    };
    let unit = figures::unit_of(figure, context).ok_or_else(Note::unit_unknown)?;
    let (by, word) = factor(&unit);
    let value = figure.value.times(by).map(Decimal::as_f64);
    let value = value.ok_or_else(Note::not_understood)?;
    if value > 9_007_199_254_740_991.0 || word.chars().count() > 50 || word.is_empty() {
        return Err(Note::not_understood());
    }
    Ok(Amount {
        value,
        unit: unit_name(word),
        approximate: figures.approximate,
        as_stated: Some(words),
    })
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
