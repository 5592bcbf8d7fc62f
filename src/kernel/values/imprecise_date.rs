//! Dates as documents state them: "2022", "by 2024", "the second half of 2026".
//!
//! The text form is a subset of EDTF (ISO 8601-2:2019): years, months, days, quarters (`33`–`36`),
//! half-years (`40`, `41`), intervals with at most one open end, and `~` for approximate. A date
//! represents the range of days from its earliest to its latest; "2022" is never reduced to one
//! day.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bounds::Bounds;
use super::edtf::{EdtfError, is_edtf};
use super::relative::{AnchorDate, RelativeTo};
use crate::kernel::ids::MilestoneId;
use crate::kernel::wording;

/// The precision of a date; for an interval, that of its coarser end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    Day,
    Month,
    Quarter,
    HalfYear,
    Year,
}

impl Precision {
    const ALL: [Self; 5] = [
        Self::Day,
        Self::Month,
        Self::Quarter,
        Self::HalfYear,
        Self::Year,
    ];
}

/// A named period of the calendar: a day, a month, a quarter, a half-year, a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    first: NaiveDate,
    precision: Precision,
    approximate: bool,
}

impl Span {
    /// Returns true if a period of the calendar begins on the first day.
    fn is_period(self) -> bool {
        let months = match self.precision {
            Precision::Day => return true,
            Precision::Month => 1,
            Precision::Quarter => 3,
            Precision::HalfYear => 6,
            Precision::Year => 12,
        };
        self.first.day() == 1 && self.first.month0().is_multiple_of(months)
    }

    fn last(self) -> NaiveDate {
        let months = match self.precision {
            Precision::Day => return self.first,
            Precision::Month => 1,
            Precision::Quarter => 3,
            Precision::HalfYear => 6,
            Precision::Year => 12,
        };
        let next = self.first.checked_add_months(Months::new(months));
        next.and_then(|day| day.checked_sub_days(Days::new(1)))
            .unwrap_or(self.first)
    }

    fn parse(text: &str) -> Result<Self, EdtfError> {
        let (text, approximate) = match text.strip_suffix('~') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let mut parts = text.split('-');
        let year = number(parts.next(), 4)?;
        let (month, precision, day) = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => (1, Precision::Year, None),
            (Some(named), None, _) => {
                let (month, precision) = part_of_year(named)?;
                (month, precision, None)
            }
            (Some(month), Some(day), None) => (
                number(Some(month), 2)?,
                Precision::Day,
                Some(number(Some(day), 2)?),
            ),
            _ => return Err(EdtfError::Malformed),
        };
        let year = i32::try_from(year).map_err(|_| EdtfError::Malformed)?;
        let first = NaiveDate::from_ymd_opt(year, month, day.unwrap_or(1)).filter(|_| year > 0);
        let first = first.ok_or(EdtfError::NoSuchDay)?;
        Ok(Self {
            first,
            precision,
            approximate,
        })
    }

    fn write(self, out: &mut String) {
        use std::fmt::Write as _;
        let (year, month) = (self.first.year(), self.first.month());
        // Writing to a string cannot fail.
        let _ = match self.precision {
            Precision::Day => write!(out, "{year:04}-{month:02}-{:02}", self.first.day()),
            Precision::Month => write!(out, "{year:04}-{month:02}"),
            Precision::Quarter => write!(out, "{year:04}-{}", 33 + month / 3),
            Precision::HalfYear => write!(out, "{year:04}-{}", 40 + month / 6),
            Precision::Year => write!(out, "{year:04}"),
        };
        if self.approximate {
            out.push('~');
        }
    }
}

fn number(text: Option<&str>, width: usize) -> Result<u32, EdtfError> {
    let text = text.filter(|t| t.len() == width && t.bytes().all(|b| b.is_ascii_digit()));
    text.and_then(|t| t.parse().ok())
        .ok_or(EdtfError::Malformed)
}

/// Returns the first month and the precision of the part after the year.
fn part_of_year(text: &str) -> Result<(u32, Precision), EdtfError> {
    Ok(match text {
        "Q1" | "33" => (1, Precision::Quarter),
        "Q2" | "34" => (4, Precision::Quarter),
        "Q3" | "35" => (7, Precision::Quarter),
        "Q4" | "36" => (10, Precision::Quarter),
        "H1" | "40" => (1, Precision::HalfYear),
        "H2" | "41" => (7, Precision::HalfYear),
        month => (number(Some(month), 2)?, Precision::Month),
    })
}

/// Returns whether a text is two numbers and a slash.
fn is_fraction(text: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    text.split_once('/')
        .is_some_and(|(a, b)| is_number(a) && is_number(b))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One(Span),
    By(Span),
    From(Span),
    Between(Span, Span),
    /// In the source's words alone, such as "until the project is complete".
    Words,
}

impl Shape {
    /// Returns the shape of a date between two days, named by its period of the calendar if it is
    /// one.
    fn between(Bounds { earliest, latest }: Bounds, approximate: bool) -> Self {
        let span = |first, precision| Span {
            first,
            precision,
            approximate,
        };
        let day = |day| span(day, Precision::Day);
        match (earliest, latest) {
            (None, None) => Self::Words,
            (None, Some(until)) => Self::By(day(until)),
            (Some(from), None) => Self::From(day(from)),
            (Some(from), Some(until)) => {
                let named = Precision::ALL.map(|precision| span(from, precision));
                let mut named = named.into_iter().filter(|span| span.is_period());
                match named.find(|span| span.last() == until) {
                    Some(span) => Self::One(span),
                    None => Self::Between(day(from), day(until)),
                }
            }
        }
    }
}

/// A date as precise as its source states it, with the source's wording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpreciseDate {
    /// Of a relative date, derived from its anchor; in words alone where that is unknown.
    shape: Shape,
    as_stated: Option<Box<str>>,
    relative_to: Option<Box<RelativeTo>>,
}

/// A number of days that is known only as a range; an open end is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayRange {
    /// The lowest number of days; negative if earlier.
    #[schema(example = 664)]
    pub min_days: Option<i64>,
    /// The highest number of days; negative if earlier.
    #[schema(example = 1028)]
    pub max_days: Option<i64>,
}

impl ImpreciseDate {
    /// Parses the text form; `Q1`–`Q4` and `H1`, `H2` are accepted for quarters and half-years.
    ///
    /// # Errors
    /// Returns the reason the text is not a date.
    pub fn parse(text: &str) -> Result<Self, EdtfError> {
        let date = Self::read(text).map_err(|error| match error {
            EdtfError::Malformed | EdtfError::NoSuchDay if is_edtf(text) => EdtfError::Unsupported,
            other => other,
        })?;
        match date.shape {
            // As ranges: an end that may be over before its start says less than the start alone.
            Shape::Between(from, until) if until.last() < from.last() => Err(EdtfError::Reversed),
            _ => Ok(date),
        }
    }

    /// Parses a date as a plain text: the text form, or the wording of a Korean text that has one
    /// reading ("2021. 5. 3.", "2022년 상반기"), which is kept. A length of time ("체결일로부터 3년")
    /// is kept in its words alone.
    ///
    /// # Errors
    /// Returns the reason the text is not a date.
    pub fn from_text(text: &str) -> Result<Self, EdtfError> {
        Ok(Self::from_relative_text(text)?.plain())
    }

    /// Like [`Self::from_text`], but a length from the signing or the first day in force is a relative
    /// date.
    ///
    /// # Errors
    /// Returns the reason the text is not a date.
    pub fn from_relative_text(text: &str) -> Result<Self, EdtfError> {
        let trimmed = text.trim();
        match Self::parse(trimmed) {
            // Two numbers and a slash are also an interval that is mistyped.
            Err(EdtfError::Malformed) if !is_fraction(trimmed) => {
                match wording::only_reading(trimmed) {
                    Ok(date) => Ok(date.stated(trimmed)),
                    Err(failure) => Ok(wording::only_length(trimmed).ok_or(failure)?),
                }
            }
            result => result,
        }
    }

    /// Like [`Self::parse`], but refuses an interval only if it certainly ends before it begins, as
    /// earlier versions did, whose documents are still read.
    fn read(text: &str) -> Result<Self, EdtfError> {
        let shape = match text.split_once('/') {
            None => Shape::One(Span::parse(text)?),
            Some((".." | "", ".." | "")) => return Err(EdtfError::Unbounded),
            Some(("..", until)) => Shape::By(Span::parse(until)?),
            Some((from, "..")) => Shape::From(Span::parse(from)?),
            Some((from, until)) => {
                let (from, until) = (Span::parse(from)?, Span::parse(until)?);
                if until.last() < from.first {
                    return Err(EdtfError::Reversed);
                }
                Shape::Between(from, until)
            }
        };
        Ok(Self::of(shape))
    }

    fn of(shape: Shape) -> Self {
        Self {
            shape,
            as_stated: None,
            relative_to: None,
        }
    }

    /// Returns a date of which the wording alone is known.
    pub fn in_words(words: impl Into<Box<str>>) -> Self {
        Self::of(Shape::Words).stated(words)
    }

    /// Returns a date that follows from another, whose day is not known here.
    pub fn relative(to: RelativeTo, words: impl Into<Box<str>>) -> Self {
        Self {
            relative_to: Some(Box::new(to)),
            ..Self::in_words(words)
        }
    }

    /// Returns the date of a single certain day.
    pub fn from_day(day: NaiveDate) -> Self {
        let span = Span {
            first: day,
            precision: Precision::Day,
            approximate: false,
        };
        Self::of(Shape::One(span))
    }

    /// Returns the date between two days.
    pub fn between(bounds: Bounds, approximate: bool) -> Self {
        Self::of(Shape::between(bounds, approximate))
    }

    /// Adds the source's wording.
    #[must_use]
    pub fn stated(self, words: impl Into<Box<str>>) -> Self {
        Self {
            as_stated: Some(words.into()),
            ..self
        }
    }

    /// Returns the source's wording.
    pub fn as_stated(&self) -> Option<&str> {
        self.as_stated.as_deref()
    }

    /// Returns how the date follows from another; `None` if it does not.
    pub fn relative_to(&self) -> Option<&RelativeTo> {
        self.relative_to.as_deref()
    }

    /// Derives a relative date from its anchor.
    pub fn derive_from(&mut self, anchor: &AnchorDate) {
        if let Some(to) = &self.relative_to {
            self.shape = Shape::between(to.bounds(anchor), anchor.approximate);
        }
    }

    /// Returns the date as derived, without its relation to another.
    #[must_use]
    pub fn plain(&self) -> Self {
        Self {
            relative_to: None,
            ..self.clone()
        }
    }

    /// Names the milestone to which the date is relative by its id.
    pub fn set_milestone(&mut self, id: MilestoneId) {
        if let Some(to) = &mut self.relative_to {
            to.milestone_id = Some(id);
            to.milestone = None;
        }
    }

    /// Hides the agreement to which the date is relative.
    pub fn hide_agreement(&mut self) {
        if let Some(to) = &mut self.relative_to {
            to.agreement_id = None;
        }
    }

    /// Hides the milestone to which the date is relative.
    pub fn hide_milestone(&mut self) {
        if let Some(to) = &mut self.relative_to {
            to.milestone_id = None;
        }
    }

    /// Returns the date of an event of which nothing is known but that it has happened by `day`.
    pub fn by(day: NaiveDate) -> Self {
        Self::of(Shape::Words).happened_by(day)
    }

    /// Returns the date of an event of which only the wording is known, but which has happened by
    /// `day`.
    #[must_use]
    pub fn happened_by(self, day: NaiveDate) -> Self {
        if self.shape != Shape::Words {
            return self;
        }
        let until = Span {
            first: day,
            precision: Precision::Day,
            approximate: false,
        };
        Self {
            shape: Shape::By(until),
            ..self
        }
    }

    /// Returns the text form; `None` if the date is known in words alone.
    pub fn edtf(&self) -> Option<String> {
        let mut out = String::with_capacity(21);
        match self.shape {
            Shape::Words => return None,
            Shape::One(span) => span.write(&mut out),
            Shape::By(until) => {
                out.push_str("../");
                until.write(&mut out);
            }
            Shape::From(from) => {
                from.write(&mut out);
                out.push_str("/..");
            }
            Shape::Between(from, until) => {
                from.write(&mut out);
                out.push('/');
                until.write(&mut out);
            }
        }
        Some(out)
    }

    /// Returns true if the date has a bound: false for one in words alone.
    pub fn is_dated(&self) -> bool {
        self.shape != Shape::Words
    }

    /// Returns the first possible day; `None` if the start is open.
    pub fn earliest(&self) -> Option<NaiveDate> {
        match self.shape {
            Shape::One(span) | Shape::From(span) | Shape::Between(span, _) => Some(span.first),
            Shape::By(_) | Shape::Words => None,
        }
    }

    /// Returns the first day of the period that the date names: for "by 2024", of the year 2024.
    pub fn named_from(&self) -> Option<NaiveDate> {
        match self.shape {
            Shape::One(span) | Shape::By(span) | Shape::From(span) | Shape::Between(span, _) => {
                Some(span.first)
            }
            Shape::Words => None,
        }
    }

    /// Returns the last possible day; `None` if the end is open.
    pub fn latest(&self) -> Option<NaiveDate> {
        match self.shape {
            Shape::One(span) | Shape::By(span) | Shape::Between(_, span) => Some(span.last()),
            Shape::From(_) | Shape::Words => None,
        }
    }

    /// Returns the precision; `None` if the date is known in words alone.
    pub fn precision(&self) -> Option<Precision> {
        match self.shape {
            Shape::One(span) | Shape::By(span) | Shape::From(span) => Some(span.precision),
            Shape::Between(from, until) => Some(from.precision.max(until.precision)),
            Shape::Words => None,
        }
    }

    pub fn approximate(&self) -> bool {
        match self.shape {
            Shape::One(span) | Shape::By(span) | Shape::From(span) => span.approximate,
            Shape::Between(from, until) => from.approximate || until.approximate,
            Shape::Words => false,
        }
    }

    /// Returns true if both dates cover the same days. Two dates in words alone do if the words are
    /// the same.
    pub fn same_days(&self, other: &Self) -> bool {
        let same_bounds = (self.earliest(), self.latest()) == (other.earliest(), other.latest());
        same_bounds && (self.is_dated() || self.as_stated == other.as_stated)
    }

    /// Returns a text whose byte order is the order of dates: by the last possible day, since only
    /// then something is certainly due, then by the first. Open ends sort last.
    pub fn sort_key(&self) -> String {
        let text =
            |day: Option<NaiveDate>, open: &str| day.map_or(open.to_owned(), |d| d.to_string());
        format!(
            "{}/{}",
            text(self.latest(), "9999-99-99"),
            text(self.earliest(), "0000-00-00")
        )
    }

    /// Like [`Self::sort_key`], but empty for a date in words alone: of what has happened, the latest
    /// comes first, and what nobody can place comes last, like what has no date.
    pub fn event_key(&self) -> String {
        match self.is_dated() {
            true => self.sort_key(),
            false => String::new(),
        }
    }

    /// Returns true if the whole range is on or before `day`: then the date counts as having
    /// happened.
    pub fn known_by(&self, day: NaiveDate) -> bool {
        self.latest().is_some_and(|latest| latest <= day)
    }

    /// Returns true if the whole range is before `day`.
    pub fn ends_before(&self, day: NaiveDate) -> bool {
        self.latest().is_some_and(|latest| latest < day)
    }

    /// Returns true if the whole range is after `day`.
    pub fn starts_after(&self, day: NaiveDate) -> bool {
        self.earliest().is_some_and(|earliest| earliest > day)
    }

    /// Returns true if `day` is in the range.
    pub fn contains(&self, day: NaiveDate) -> bool {
        !self.ends_before(day) && !self.starts_after(day)
    }

    /// Returns true if the range shares a day with the window; a missing end of the window is open.
    pub fn overlaps(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
        !from.is_some_and(|day| self.ends_before(day))
            && !to.is_some_and(|day| self.starts_after(day))
    }

    /// Returns by how many days this date is after `other`, as a range.
    pub fn days_from(&self, other: &Self) -> DayRange {
        let between = |a: Option<NaiveDate>, b: Option<NaiveDate>| Some((a? - b?).num_days());
        DayRange {
            min_days: between(self.earliest(), other.latest()),
            max_days: between(self.latest(), other.earliest()),
        }
    }
}

#[path = "date_json.rs"]
mod json;
pub use json::{RelativeDate, relative_from_json, remove_derived};

#[path = "date_words.rs"]
mod words;

#[cfg(test)]
#[path = "imprecise_date_tests.rs"]
mod tests;
