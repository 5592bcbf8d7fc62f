//! Wording: the texts of ledgers and forms, read into the values of the registry.
//!
//! One parser for each kind of value: [`read_date`], [`read_term`], [`read_money`], [`read_area`],
//! [`read_count`], [`read_parties`]. All of them are pure and total: a text that is not understood is
//! kept as its wording, with a note, and a text with two readings gives choices and no value.
//!
//! A parser knows a cell alone. The [`Context`] holds facts from the other cells and the header of its
//! column.

mod areas;
mod counts;
mod dates;
mod english;
mod figures;
mod money;
mod notes;
mod numbers;
mod offers;
mod parties;
mod plain;
mod terms;

pub use areas::read_area;
pub use counts::read_count;
pub(in crate::kernel) use dates::only_reading;
pub use dates::{Order, order_of, read_date};
pub use money::read_money;
pub use notes::Note;
pub use offers::{offered_date, offered_day, written};
pub use parties::{Parties, PartyName, looks_like_one, read_parties};
pub(in crate::kernel) use terms::only_length;
pub use terms::{Term, read_end, read_term};

use serde::{Deserialize, Serialize};

use super::language::Message;

/// A text, read as far as it is understood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading<T> {
    /// The wording, without white space around it.
    pub as_stated: String,
    /// The value, which may hold no more than the wording; `None` if the text is blank, if it can be
    /// read in several ways, or if the type cannot hold a wording alone.
    pub value: Option<T>,
    /// The values that the text can have, if there are several: a question for a person.
    pub choices: Vec<Choice<T>>,
    /// Remarks for a person on the reading.
    pub notes: Vec<Note>,
}

/// One of several values that a text can have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice<T> {
    pub value: T,
    /// How the text is read in this way.
    pub reason: Message,
}

impl<T> Reading<T> {
    /// Returns the reading of a text without content.
    fn blank(as_stated: &str) -> Self {
        Self {
            as_stated: as_stated.to_owned(),
            value: None,
            choices: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn of(as_stated: &str, value: T, notes: Vec<Note>) -> Self {
        Self {
            value: Some(value),
            notes,
            ..Self::blank(as_stated)
        }
    }

    fn question(as_stated: &str, choices: Vec<Choice<T>>, notes: Vec<Note>) -> Self {
        Self {
            choices,
            notes,
            ..Self::blank(as_stated)
        }
    }

    /// Returns whether the text holds nothing: it is empty or a dash.
    pub fn is_blank(&self) -> bool {
        plain::is_blank(&plain::normal(&self.as_stated))
    }

    /// Returns whether a person must choose between readings.
    pub fn is_question(&self) -> bool {
        !self.choices.is_empty()
    }
}

/// Facts about a cell beside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The order in which the column writes short dates, such as `04.05.06`; see [`order_of`].
    pub order: Order,
    /// The first and the last year that a year of two digits can mean. A short year with one such
    /// year means that one; with none or two it is a question.
    pub years: (i32, i32),
    /// The unit that the header of the column states, such as `억원` or `천㎡`; see [`header_unit`].
    pub unit: Option<String>,
    /// Whether the header announces a country before each name (`국가/도시명`).
    pub country_first: bool,
}

/// The years that short years can mean where no column says more.
const SHORT_YEARS: (i32, i32) = (1950, 2049);

impl Default for Context {
    /// No column: each short year has one meaning, 1950 to 2049, and no order is known.
    fn default() -> Self {
        Self {
            order: Order::Unknown,
            years: SHORT_YEARS,
            unit: None,
            country_first: false,
        }
    }
}

impl Context {
    /// Returns the context of a column of past days: a short year is no later than `this_year`.
    pub fn past(this_year: i32) -> Self {
        Self {
            years: (SHORT_YEARS.0, this_year),
            ..Self::default()
        }
    }

    /// Returns whether no date is in the future.
    fn is_past(&self) -> bool {
        self.years.1 < SHORT_YEARS.1
    }
}

/// The longest wording of a value, in characters.
const LONGEST: usize = 500;

/// Returns a wording as values hold it.
fn shortened(stated: &str, notes: &mut Vec<Note>) -> String {
    if stated.chars().count() <= LONGEST {
        return stated.to_owned();
    }
    notes.push(Note::wording_cut());
    stated.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Returns the unit in the header of a column: `억원` of `유치금액(억원)`.
pub fn header_unit(header: &str) -> Option<String> {
    let plain = plain::normal(header);
    let (_, aside) = plain::brackets(&plain);
    // `사업비, 백만원`
    let behind = plain.rsplit_once(',').map(|(_, behind)| behind.to_owned());
    let mut units = behind.iter().chain(&aside).map(|unit| {
        let unit = unit.trim().trim_start_matches("단위");
        let unit = unit.trim_start_matches([':', ' ']);
        english::unit(unit).unwrap_or_else(|| unit.to_owned())
    });
    units.rfind(|unit| is_unit(unit))
}

/// Returns whether a unit is one of money.
pub fn is_money(unit: &str) -> bool {
    let (_, currency) = numbers::factor(unit);
    money::is_unit(currency) || currency.is_empty() && is_scale(unit)
}

/// Returns whether a unit is a scale of money alone: 억.
fn is_scale(unit: &str) -> bool {
    matches!(unit, "억" | "천만" | "백만" | "십억" | "조" | "만" | "천")
}

/// Returns the unit in a text that names one: `천원` of `단위: 천원` and `(천원)`.
pub fn stated_unit(text: &str) -> String {
    header_unit(&format!(
        "({})",
        text.trim().trim_matches(['(', ')', '[', ']'])
    ))
    .unwrap_or_else(|| text.trim().to_owned())
}

/// Returns whether a word in normal form is a unit of money, area or things that are counted.
fn is_unit(word: &str) -> bool {
    const COUNTED: [&str; 16] = [
        "명", "인", "개", "건", "개사", "개소", "곳", "%", "년", "개월", "일", "호", "세대", "대",
        "톤", "회",
    ];
    let (_, unit) = numbers::factor(word);
    COUNTED.contains(&unit) || areas::is_unit(word) || money::is_unit(unit) || is_scale(word)
}

#[cfg(test)]
mod tests;
