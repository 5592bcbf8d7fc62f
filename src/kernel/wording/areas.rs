//! Areas of land and floors.

use super::figures::{self, Figure, Figured, Figures, Stated};
use super::numbers::{Decimal, factor};
use super::{Context, Note, Reading};
use crate::kernel::values::Area;

/// A unit of area.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unit {
    square_metres: f64,
    /// Whether figures in it are converted, and so approximate.
    converted: bool,
}

/// Returns a unit by its word in normal form.
fn unit(word: &str) -> Option<Unit> {
    let metric = |square_metres| {
        Some(Unit {
            square_metres,
            converted: false,
        })
    };
    match word.to_lowercase().trim() {
        "m2" | "m^2" | "제곱미터" | "평방미터" | "sqm" => metric(1.0),
        "km2" | "km^2" | "제곱킬로미터" | "평방킬로미터" => metric(1_000_000.0),
        "ha" | "헥타르" | "헥타아르" => metric(10_000.0),
        // 계량법: 30.3 cm, the 척, is 10/33 of a metre, and six of them squared are a 평.
        "평" => Some(Unit {
            square_metres: 400.0 / 121.0,
            converted: true,
        }),
        _ => None,
    }
}

/// Reads a text as an area. A metric figure in brackets goes before one in 평.
pub fn read_area(text: &str, context: &Context) -> Reading<Area> {
    let by_figures = |figured: Figured<'_>| {
        let Figured {
            stated,
            words,
            figures,
            mut notes,
        } = figured;
        let context = &figures::with_unit(context, &figures);
        if figures::is_no_total(&figures) {
            notes.push(Note::not_understood());
            return Reading::of(stated, in_words(words), notes);
        }
        let converted = matches!(&figures.stated, Stated::One(figure)
            if square_metres(figure, context).is_some_and(|(_, converted)| converted));
        let whole = area(&figures, context, &words, false);
        let aside = figures.aside.iter();
        let aside = aside.filter_map(|aside| figures::read(aside).ok().filter(states_unit));
        let mut beside = aside.filter_map(|aside| area(&aside, context, &words, converted));
        let (beside, other) = match (beside.next(), &whole) {
            (Some(beside), Some(whole)) if agree(&beside, whole) => (Some(beside), false),
            (beside, whole) => (None, beside.is_some() && whole.is_some()),
        };
        notes.extend(other.then(Note::other_figure));
        let Some(area) = beside.filter(|_| converted).or(whole) else {
            let bare = matches!(&figures.stated, Stated::One(figure) if figure.after.is_empty());
            notes.push(if bare {
                Note::unit_unknown()
            } else {
                Note::not_understood()
            });
            return Reading::of(stated, in_words(words), notes);
        };
        Reading::of(stated, area, notes)
    };
    figures::reading(text, |words| Some(in_words(words)), by_figures)
}

/// Returns whether figures state their unit themselves.
fn states_unit(figures: &Figures) -> bool {
    match &figures.stated {
        Stated::One(figure) | Stated::AtLeast(figure) | Stated::AtMost(figure) => {
            !figure.after.is_empty()
        }
        Stated::Between(_, until) => !until.after.is_empty(),
    }
}

/// Returns whether two areas are the same, as far as both are rounded.
fn agree(one: &Area, other: &Area) -> bool {
    let of = |area: &Area| {
        [
            area.square_metres,
            area.min_square_metres,
            area.max_square_metres,
        ]
    };
    let share = match one.approximate || other.approximate {
        true => 0.1,
        false => 0.01,
    };
    of(one).into_iter().zip(of(other)).all(|both| match both {
        (Some(one), Some(other)) => (one - other).abs() <= other * share,
        (one, other) => one.is_none() && other.is_none(),
    })
}

fn in_words(words: String) -> Area {
    Area {
        square_metres: None,
        min_square_metres: None,
        max_square_metres: None,
        approximate: false,
        as_stated: Some(words),
    }
}

/// Returns the square metres of a figure, and whether they are converted.
fn square_metres(figure: &Figure, context: &Context) -> Option<(f64, bool)> {
    let of_figure = figures::unit_of(figure, context)?;
    let (by, word) = factor(&of_figure);
    let unit = unit(word.trim_end().trim_end_matches("규모"))?;
    // `10.000㎡` is 10 or 10,000.
    if figure.dotted && by == Decimal::whole(1) && unit.square_metres < 10_000.0 {
        return None;
    }
    let figure = figure.value.times(by)?.as_f64() * unit.square_metres;
    let figure = match unit.converted {
        true => figure.round(),
        false => (figure * 1000.0).round() / 1000.0,
    };
    (figure <= 1e12).then_some((figure, unit.converted))
}

fn area(figures: &Figures, context: &Context, words: &str, metric_only: bool) -> Option<Area> {
    let mut area = Area {
        approximate: figures.approximate,
        ..in_words(words.to_owned())
    };
    let mut read = |figure: &Figure| {
        let (value, converted) = square_metres(figure, context)?;
        area.approximate |= converted;
        (!(converted && metric_only)).then_some(value)
    };
    match &figures.stated {
        Stated::One(figure) => area.square_metres = Some(read(figure)?),
        Stated::AtLeast(figure) => area.min_square_metres = Some(read(figure)?),
        Stated::AtMost(figure) => area.max_square_metres = Some(read(figure)?),
        Stated::Between(from, until) => {
            let (least, most) = (read(from)?, read(until)?);
            (area.min_square_metres, area.max_square_metres) = (Some(least), Some(most));
            if least > most {
                return None;
            }
        }
    }
    Some(area)
}

/// Returns whether a word is a unit of area, with or without 천 and the like.
pub(super) fn is_unit(word: &str) -> bool {
    unit(factor(word).1).is_some()
}
