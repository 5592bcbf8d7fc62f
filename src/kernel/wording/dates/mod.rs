//! Dates and spans as Korean texts write them.

mod affixes;
mod era;
mod fraction;
mod order;
mod point;
mod single;
mod span;

pub use order::{Order, order_of};

use super::{Choice, Context, Note, Reading, english, plain, shortened};
use crate::kernel::language::Message;
use crate::kernel::values::{EdtfError, ImpreciseDate};
use span::{End, Stated};

/// Why a text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kernel) enum Failure {
    NotUnderstood,
    NoSuchDay,
    YearMissing,
    /// It hangs on an event.
    Depends,
    /// It states that no date is set.
    NoDate,
    Reversed,
    /// It is of the lunar calendar.
    Lunar,
}

/// How a text is read, where there are several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Plain,
    YearFirst,
    DayFirst,
    MonthFirst,
    YearAndMonth,
    PartOfYear,
    Century,
    /// In the order of the other cells.
    OrderOfColumn,
    /// A month and its day, of an unknown year.
    NoYear,
    From,
    About,
    OneOfSeveral,
}

impl How {
    fn reason(self) -> Message {
        let (ko, en) = match self {
            Self::Plain => ("적힌 그대로 읽음", "Read as it is written"),
            Self::YearFirst => ("연·월·일의 순서로 읽음", "Read as year, month, day"),
            Self::DayFirst => ("일·월·연의 순서로 읽음", "Read as day, month, year"),
            Self::MonthFirst => ("월·일·연의 순서로 읽음", "Read as month, day, year"),
            Self::YearAndMonth => ("연·월로 읽음", "Read as year and month"),
            Self::PartOfYear => (
                "그해의 분기·반기로 읽음",
                "Read as a quarter or half of the year",
            ),
            Self::Century => (
                "두 자리 연도를 이 세기로 읽음",
                "The short year is read in this century",
            ),
            Self::OrderOfColumn => (
                "같은 열의 다른 칸과 같은 순서로 읽음",
                "Read in the order of the other cells of the column",
            ),
            Self::NoYear => (
                "월·일로 읽고 연도는 알 수 없음",
                "Read as month and day of an unknown year",
            ),
            Self::From => ("이날부터로 읽음", "Read as from this date on"),
            Self::About => ("이 무렵으로 읽음", "Read as about this date"),
            Self::OneOfSeveral => (
                "적힌 여러 날짜 가운데 하나",
                "One of several dates in the text",
            ),
        };
        Message::fixed(ko, en)
    }
}

/// Reads a text as a date: a day, a less precise date, or a span as the time between its ends.
pub fn read_date(text: &str, context: &Context) -> Reading<ImpreciseDate> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    let mut found = match dates(&plain, context, &mut notes) {
        Ok(found) => found,
        Err(failure) => {
            notes.extend(failure.note());
            return Reading::of(stated, ImpreciseDate::in_words(words), notes);
        }
    };
    if let [(_, how)] = found[..] {
        if how == How::OrderOfColumn {
            notes.push(Note::order_of_column());
        }
        let (date, _) = found.remove(0);
        return Reading::of(stated, date.stated(words), notes);
    }
    let choice = |(date, how): (ImpreciseDate, How)| Choice {
        value: match how {
            How::NoYear => ImpreciseDate::in_words(words.clone()),
            _ => date.stated(words.clone()),
        },
        reason: how.reason(),
    };
    Reading::question(stated, found.into_iter().map(choice).collect(), notes)
}

/// Returns the date of a text that has one reading and no more words than it needs.
///
/// # Errors
/// Returns why it has none.
pub(in crate::kernel) fn only_reading(text: &str) -> Result<ImpreciseDate, Failure> {
    let mut notes = Vec::new();
    let mut found = dates(&plain::normal(text.trim()), &Context::default(), &mut notes)?;
    match found.len() {
        1 if notes.is_empty() => Ok(found.remove(0).0),
        _ => Err(Failure::NotUnderstood),
    }
}

impl Failure {
    pub(super) fn note(self) -> Option<Note> {
        Some(match self {
            Self::NotUnderstood => Note::not_understood(),
            Self::NoSuchDay => Note::no_such_day(),
            Self::YearMissing => Note::year_missing(),
            Self::Depends => Note::depends(),
            Self::NoDate => Note::no_date(),
            Self::Reversed => Note::reversed(),
            Self::Lunar => Note::lunar(),
        })
    }
}

impl From<Failure> for EdtfError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoSuchDay => Self::NoSuchDay,
            Failure::Reversed => Self::Reversed,
            _ => Self::Malformed,
        }
    }
}

/// Returns the dates that a text in normal form can mean, with the way of reading each.
fn dates(
    plain: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<(ImpreciseDate, How)>, Failure> {
    let english = english::date(plain).or_else(|| english::term(plain));
    let plain = english.as_deref().unwrap_or(plain);
    if let Some(date) = exact(plain, notes) {
        return Ok(vec![(date, How::Plain)]);
    }
    let mut found = Vec::new();
    let mut failure = Failure::NotUnderstood;
    for (stated, how) in span::read(plain, context, notes)? {
        match stated.date() {
            Ok(date) => found.push((date, how)),
            Err(other) => failure = other,
        }
    }
    if found.is_empty() {
        return Err(failure);
    }
    if let (Some(about), [(_, how)]) = (edtf(plain), &mut found[..]) {
        *how = How::From;
        found.push((about, How::About));
    }
    Ok(found)
}

/// Returns the date of a text in the form of EDTF.
fn edtf(plain: &str) -> Option<ImpreciseDate> {
    let date = ImpreciseDate::parse(plain.trim()).ok();
    date.filter(|_| !single::is_far_year(plain.trim()))
}

/// Returns the date of an instant, or of a text in the form of EDTF and in no other: texts write an open
/// span as EDTF writes an approximate date.
fn exact(plain: &str, notes: &mut Vec<Note>) -> Option<ImpreciseDate> {
    if let Some(day) = affixes::instant(plain) {
        notes.push(Note::instant());
        return Some(ImpreciseDate::from_day(day));
    }
    edtf(plain).filter(|_| !plain.trim().ends_with('~'))
}

/// The ends of a span, with the way in which it is read.
pub(super) type Ends = (Option<ImpreciseDate>, Option<ImpreciseDate>, Message);

/// Reads a text in normal form as the beginning and end of something that lasts. An end that is
/// open in words holds the words. `is_end` tells that a single date is the end.
pub(super) fn open_span(
    plain: &str,
    context: &Context,
    is_end: bool,
    notes: &mut Vec<Note>,
) -> Result<Vec<Ends>, Failure> {
    if is_end && let Some(date) = exact(plain, notes) {
        return Ok(vec![(None, Some(date), How::Plain.reason())]);
    }
    let read = span::read(plain, context, notes)?;
    let mut all = Vec::with_capacity(read.len());
    for (stated, how) in read {
        let reason = how.reason();
        let (from, until) = match stated {
            Stated::From(from) => match open_end(plain) {
                // `2024년 이후` where an end stands
                None if is_end => (None, Some(stated.date()?)),
                until => (Some(from.date()?), until),
            },
            Stated::By(_) => (None, Some(stated.date()?)),
            Stated::Until(end) => (None, Some(last(stated, end)?)),
            Stated::Between(from, until) => {
                let (from, until) = (from.date()?, until.date()?);
                if from
                    .earliest()
                    .zip(until.latest())
                    .is_some_and(|(from, until)| until < from)
                {
                    notes.push(Note::reversed());
                }
                (Some(from), Some(until))
            }
            Stated::One(_) if is_end && how == How::NoYear => {
                (None, Some(ImpreciseDate::in_words(plain)))
            }
            Stated::One(_) if is_end => (None, Some(stated.date()?)),
            // A single date is the beginning or the end.
            Stated::One(_) => {
                let date = stated.date()?;
                let from = Message::fixed("시작일로 읽음", "Read as the beginning");
                let until = Message::fixed("종료일로 읽음", "Read as the end");
                all.push((None, Some(date.clone()), until));
                all.push((Some(date), None, from));
                continue;
            }
        };
        all.push((from, until, reason));
    }
    if let Some(about) = edtf(plain).filter(|_| is_end) {
        all.push((None, Some(about), How::About.reason()));
    }
    Ok(all)
}

/// Returns the end of something that lasts until a date: the day itself, or a time by a longer one.
fn last(stated: Stated, end: End) -> Result<ImpreciseDate, Failure> {
    let day = end.date()?;
    match day.is_certain_day() {
        true => Ok(day),
        false => stated.date(),
    }
}

/// Returns the words behind a tilde or 부터 as an end.
fn open_end(plain: &str) -> Option<ImpreciseDate> {
    let (_, end) = plain.split_once('~').or_else(|| plain.split_once("부터"))?;
    let end = end.trim_matches(['~', ' ']);
    (!end.is_empty()).then(|| ImpreciseDate::in_words(end))
}
