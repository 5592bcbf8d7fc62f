//! Dates of every form, and what follows from them: found by trying all days that they can mean.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::memory::Agreement;
use super::ops::Day;

/// A date as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Date {
    Edtf(String),
    /// In words alone.
    Words,
    /// A number of months from the signing.
    AfterSigning(u32),
}

/// The first and the last of the days that are tried stand for all days before and after.
const TRIED: (i32, i32) = (2010, 2045);

fn tried() -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(TRIED.0, 1, 1).unwrap();
    first.iter_days().take_while(|day| day.year() <= TRIED.1)
}

/// The first and the last of some days.
pub type Range = [NaiveDate; 2];

/// Whether a day stands for all days after it.
pub fn is_open(day: NaiveDate) -> bool {
    tried().last() == Some(day)
}

pub fn read(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

/// Whether a year, half-year, quarter, month or day contains a day.
fn contains(period: &str, day: NaiveDate) -> bool {
    let (year, rest) = period.split_at(4);
    let months = match rest.get(1..3) {
        None => 1..=12,
        Some("33") => 1..=3,
        Some("34") => 4..=6,
        Some("35") => 7..=9,
        Some("36") => 10..=12,
        Some("40") => 1..=6,
        Some("41") => 7..=12,
        Some(month) => {
            let month: u32 = month.parse().unwrap();
            month..=month
        }
    };
    let same_day = rest.get(4..6).is_none_or(|d| d.parse() == Ok(day.day()));
    year.parse() == Ok(day.year()) && months.contains(&day.month()) && same_day
}

thread_local! {
    /// The days of each text form so far.
    static KNOWN: RefCell<HashMap<String, Vec<NaiveDate>>> = RefCell::default();
}

/// The days that a text form can mean.
fn of_edtf(edtf: &str) -> Vec<NaiveDate> {
    let known = KNOWN.with_borrow(|known| known.get(edtf).cloned());
    known.unwrap_or_else(|| {
        let days = try_edtf(edtf);
        KNOWN.with_borrow_mut(|known| known.insert(edtf.to_owned(), days.clone()));
        days
    })
}

fn try_edtf(edtf: &str) -> Vec<NaiveDate> {
    let Some((from, until)) = edtf.split_once('/') else {
        return tried().filter(|day| contains(edtf, *day)).collect();
    };
    let first = tried().find(|day| from == ".." || contains(from, *day));
    let last = tried().filter(|day| until == ".." || contains(until, *day));
    let (first, last) = (first.unwrap(), last.last().unwrap());
    tried()
        .filter(|day| first <= *day && *day <= last)
        .collect()
}

/// The last day of a period of months from a day, which does not count: the day before the one that
/// corresponds to the first counted day, or the last of the month (민법 160).
pub fn months_after(start: NaiveDate, months: u32) -> NaiveDate {
    let first = start.succ_opt().unwrap();
    let month = first.month0() + months;
    let (year, month) = (
        first.year() + i32::try_from(month / 12).unwrap(),
        month % 12 + 1,
    );
    let in_month = |day: &NaiveDate| (day.year(), day.month()) == (year, month);
    let days: Vec<NaiveDate> = tried().filter(in_month).collect();
    let corresponding = days.iter().find(|day| day.day() == first.day());
    corresponding.map_or_else(|| *days.last().unwrap(), |day| day.pred_opt().unwrap())
}

/// The days that a date can mean; any day if there is none.
pub fn possible(date: Option<&Date>, signed: Option<&Day>) -> Vec<NaiveDate> {
    match (date, signed) {
        (Some(Date::Edtf(edtf)), _) => of_edtf(edtf),
        (Some(Date::AfterSigning(months)), Some(signed)) => {
            vec![months_after(read(signed), *months)]
        }
        (Some(Date::AfterSigning(_) | Date::Words) | None, _) => tried().collect(),
    }
}

/// Whether something holds on all days, on none, or on some.
fn on_all(mut days: impl Iterator<Item = bool> + Clone) -> Option<bool> {
    match (days.clone().any(|holds| holds), days.any(|holds| !holds)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    let values = |of: Option<bool>| of.map_or_else(|| vec![true, false], |of| vec![of]);
    let pairs = values(a)
        .into_iter()
        .flat_map(|a| values(b).into_iter().map(move |b| a && b));
    on_all(pairs.collect::<Vec<_>>().into_iter())
}

/// Whether all days of a date lie before a day.
pub fn passed(date: Option<&Date>, signed: Option<&Day>, day: &str) -> bool {
    possible(date, signed).iter().all(|d| *d < read(day))
}

/// First and last possible day of a text form; the ends of time for open ends.
pub fn bounds(edtf: &str) -> (Day, Day) {
    let days = of_edtf(edtf);
    let (first, last) = (days[0], days[days.len() - 1]);
    let open = (tried().next(), tried().last());
    let text = |day: NaiveDate, open: bool, end: &str| {
        if open {
            end.to_owned()
        } else {
            day.to_string()
        }
    };
    (
        text(first, Some(first) == open.0, "0000"),
        text(last, Some(last) == open.1, "9999"),
    )
}

impl Date {
    /// The whole value, so that a patch leaves nothing of another form.
    pub fn json(&self) -> Value {
        let (edtf, words, months) = match self {
            Self::Edtf(edtf) => (Some(edtf), None, None),
            Self::Words => (None, Some("사업 완료 시까지"), None),
            Self::AfterSigning(months) => (None, Some("체결일로부터"), Some(months)),
        };
        let relative = months.map(|months| json!({"anchor": "signing", "months": months}));
        json!({"edtf": edtf, "as_stated": words, "relative_to": relative})
    }
}

/// Periods of the calendar, of every precision.
fn period(years: std::ops::Range<i32>) -> impl Strategy<Value = String> {
    let parts = [
        "", "-33", "-34", "-35", "-36", "-40", "-41", "-02", "-11", "-01-01", "-06-15", "-12-31",
    ];
    (years, select(parts.to_vec())).prop_map(|(year, part)| format!("{year}{part}"))
}

/// Text forms: periods, open at one end or at none.
pub fn edtf(years: std::ops::Range<i32>) -> impl Strategy<Value = String> {
    let (first, last) = (years.start, years.end);
    prop_oneof![
        4 => period(years.clone()),
        1 => period(years.clone()).prop_map(|period| format!("../{period}")),
        1 => period(years).prop_map(|period| format!("{period}/..")),
        1 => (first..last, 0..3).prop_map(|(year, more)| format!("{year}/{}", year + more)),
    ]
}

/// Dates of all forms.
pub fn date(years: std::ops::Range<i32>) -> impl Strategy<Value = Date> {
    prop_oneof![
        6 => edtf(years).prop_map(Date::Edtf),
        1 => Just(Date::Words),
        2 => (0..60_u32).prop_map(Date::AfterSigning),
    ]
}

impl Agreement {
    /// The days on which it can have begun to be in force.
    fn starts(&self) -> Vec<NaiveDate> {
        let signed = self.signed.as_deref().map(read);
        let starts = match &self.from {
            Some(from) => possible(Some(from), self.signed.as_ref()),
            None => signed.map_or_else(|| tried().collect(), |signed| vec![signed]),
        };
        let starts = starts.into_iter();
        starts
            .map(|day| signed.map_or(day, |signed| day.max(signed)))
            .collect()
    }

    /// Whether it certainly ends before it begins, if it is signed on a day.
    pub fn is_reversed(&self, signed: Option<&Day>) -> bool {
        let from = match (&self.from, signed) {
            (Some(from), _) => possible(Some(from), signed),
            (None, Some(signed)) => vec![read(signed)],
            (None, None) => return false,
        };
        let until = possible(self.until.as_ref(), signed);
        until.iter().max() < from.iter().min()
    }

    /// Whether its term is relative to the signing.
    pub fn is_relative(&self) -> bool {
        let dates = [&self.from, &self.until];
        dates
            .into_iter()
            .any(|date| matches!(date, Some(Date::AfterSigning(_))))
    }

    /// The first and the last of the days on which it can have begun.
    pub fn start(&self) -> Range {
        let starts = self.starts();
        [starts[0], starts[starts.len() - 1]]
    }

    /// The first possible day that its first day in force states, if it is stated and not over by the
    /// signing, or that of the signing.
    pub fn stated_start(&self) -> Option<NaiveDate> {
        let from = self.from.as_ref();
        let from = from.map(|from| possible(Some(from), self.signed.as_ref()));
        let signed = self.signed.as_deref().map(read);
        let from = from.filter(|from| signed < from.last().copied());
        let first = from.map_or(signed, |from| from.first().copied());
        first.filter(|day| Some(*day) != tried().next())
    }

    /// The last days in force that its term, an end and a successor leave possible.
    fn lasts(&self) -> Vec<NaiveDate> {
        let before = |day: NaiveDate| match is_open(day) {
            true => day,
            false => day - Days::new(1),
        };
        let term = possible(self.until.as_ref(), self.signed.as_ref());
        let end = self.end().map(|day| before(read(day)));
        // What holds of the first and of the last start holds of those between.
        let taken_over = self.taken_over.map(|days| days.map(before));
        let term = term.into_iter().flat_map(|day| match taken_over {
            Some(days) => days.map(|taken_over| day.min(taken_over)).to_vec(),
            None => vec![day],
        });
        term.map(|day| end.map_or(day, |end| day.min(end)))
            .collect()
    }

    /// Whether it is certainly over on a day.
    pub fn is_over(&self, day: &str) -> bool {
        self.lasts().into_iter().max() < Some(read(day))
    }

    /// Whether a successor is certainly in force on a day.
    pub fn is_taken_over(&self, day: &str) -> bool {
        let last = self.taken_over.map(|[_, last]| last);
        last.is_some_and(|last| !is_open(last) && last <= read(day))
    }

    pub fn in_force(&self, day: &str) -> Option<bool> {
        if self.status_on(day) != Some("signed") {
            return Some(false);
        }
        let day = read(day);
        let (starts, lasts) = (self.starts(), self.lasts());
        let begun = on_all(starts.iter().map(|start| *start <= day));
        both(begun, on_all(lasts.iter().map(|last| day <= *last)))
    }

    /// The days until its end, as a range.
    pub fn expires_in(&self, day: &str) -> Value {
        if self.in_force(day) == Some(false) {
            return Value::Null;
        }
        let lasts = self.lasts();
        let (first, last) = (lasts.iter().min().copied(), lasts.iter().max().copied());
        let first = first.filter(|day| Some(*day) != tried().next());
        let last = last.filter(|day| Some(*day) != tried().last());
        let days = |end: NaiveDate| (end - read(day)).num_days();
        match (first, last) {
            (None, None) => Value::Null,
            _ => json!({"min_days": first.map(days), "max_days": last.map(days)}),
        }
    }

    /// How it has certainly ended by a day.
    pub fn ended_by(&self, day: &str) -> Option<&'static str> {
        match self.status_on(day)? {
            "completed" => Some("completion"),
            "terminated" => Some("termination"),
            "superseded" => Some("supersession"),
            "signed" if self.is_taken_over(day) => Some("supersession"),
            "signed" => {
                let over = passed(self.until.as_ref(), self.signed.as_ref(), day);
                over.then_some("expiry")
            }
            _ => None,
        }
    }
}
