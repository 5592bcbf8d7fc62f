//! Days as places in a picture. Pure.

use chrono::{Datelike, NaiveDate};

use super::words::Words;
use crate::kernel::values::ImpreciseDate;

/// Least width of a part: a day is to be seen, too.
const LEAST: f64 = 5.0;

/// Months that are so many that lines stand at years only, and those at whose lines days stand.
const YEARS_FROM: i64 = 25;
const DAYS_UNTIL: i64 = 2;

/// A span of days over a width: whole years, or a window that a reader chose.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    first: NaiveDate,
    last: NaiveDate,
    from: f64,
    to: f64,
}

/// A line at the beginning of a year, a month or a day.
pub struct Tick {
    /// A year as its last two digits after an apostrophe; a month or a day in a short form.
    pub short: String,
    pub at: String,
}

/// A part of the scale.
#[derive(Clone)]
pub struct Span {
    pub at: String,
    pub width: String,
    /// One of its ends is no certain day: that of a limit, or of an approximate date.
    pub open: bool,
}

/// Formats a place with one decimal.
pub fn place(at: f64) -> String {
    format!("{at:.1}")
}

impl Scale {
    /// Returns the scale of the years that hold these days, from one place to another; `None`
    /// without a day.
    pub fn of(days: impl Iterator<Item = NaiveDate>, from: f64, to: f64) -> Option<Self> {
        let (first, last) = days.fold(None, |ends: Option<(NaiveDate, NaiveDate)>, day| {
            let (first, last) = ends.unwrap_or((day, day));
            Some((first.min(day), last.max(day)))
        })?;
        Some(Self {
            first: NaiveDate::from_ymd_opt(first.year(), 1, 1)?,
            last: NaiveDate::from_ymd_opt(last.year().checked_add(1)?, 1, 1)?,
            from,
            to,
        })
    }

    /// Returns the scale of a window of days.
    pub fn window(first: NaiveDate, last: NaiveDate, from: f64, to: f64) -> Option<Self> {
        let last = last.succ_opt()?;
        (first < last).then_some(Self {
            first,
            last,
            from,
            to,
        })
    }

    /// Returns the place of a day; of one outside, the end of the scale.
    pub fn at(&self, day: NaiveDate) -> f64 {
        let days = (self.last - self.first).num_days() as f64;
        let at = (day.clamp(self.first, self.last) - self.first).num_days() as f64;
        self.from + (self.to - self.from) * at / days
    }

    /// Returns true if a day lies within the scale.
    pub fn holds(&self, day: NaiveDate) -> bool {
        (self.first..self.last).contains(&day)
    }

    /// Returns the part of the scale that a date can mean; `None` for one in words alone. An open end
    /// is that of the scale.
    pub fn span(&self, date: &ImpreciseDate) -> Option<Span> {
        if !date.is_dated() {
            return None;
        }
        let until = date.latest();
        let from = self.at(date.named_from().unwrap_or(self.first));
        let to = match until {
            // The whole of the last day belongs to it.
            Some(day) => self.at(day.succ_opt().unwrap_or(day)),
            None => self.at(self.last),
        };
        Some(Span {
            at: place(from),
            width: place((to - from).max(LEAST)),
            open: date.approximate() || date.earliest().is_none() || until.is_none(),
        })
    }

    /// Returns the first day of the scale.
    pub fn first(&self) -> NaiveDate {
        self.first
    }

    /// Returns the day after the last one of the scale.
    pub fn last(&self) -> NaiveDate {
        self.last
    }

    /// Returns the lines of a picture: at years, or in a shorter span at months or days.
    pub fn ticks(&self, w: Words) -> Vec<Tick> {
        let months = (self.last - self.first).num_days() / 30;
        if months > YEARS_FROM {
            return self.years();
        }
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        let tick = |day: NaiveDate, short: String| Tick {
            short,
            at: place(self.at(day)),
        };
        if months > DAYS_UNTIL {
            let firsts = days.filter(|day| day.day() == 1 && *day < self.last);
            // The names of two years of months would overlap.
            let step = if months > 13 { 3 } else { 1 };
            return firsts
                .step_by(step)
                .map(|day| tick(day, month(w, day)))
                .collect();
        }
        days.filter(|day| day.day() % 5 == 1 && day.day() < 31 && *day < self.last)
            .map(|day| tick(day, day.day().to_string()))
            .collect()
    }

    /// Returns the years at which a line is drawn, at most twelve.
    pub fn years(&self) -> Vec<Tick> {
        let (first, last) = (self.first.year(), self.last.year());
        let step = usize::try_from((last - first) / 12 + 1).unwrap_or(1);
        let days = (first..=last).step_by(step).filter_map(|year| {
            let day = NaiveDate::from_ymd_opt(year, 1, 1)?;
            Some(Tick {
                short: format!("’{:02}", year.rem_euclid(100)),
                at: place(self.at(day)),
            })
        });
        days.collect()
    }
}

fn month(w: Words, day: NaiveDate) -> String {
    match w.tag() {
        "ko" => format!("{}월", day.month()),
        _ => day.format("%b").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn days_have_places_within_whole_years() {
        let days = ["2021-06-01", "2023-02-01"].map(day);
        let scale = Scale::of(days.into_iter(), 0.0, 1095.0).unwrap();
        assert_eq!(place(scale.at(day("2021-01-01"))), "0.0");
        assert_eq!(place(scale.at(day("2021-01-11"))), "10.0");
        assert_eq!(place(scale.at(day("2030-01-01"))), "1095.0");
        assert_eq!(place(scale.at(day("1999-01-01"))), "0.0");
        let years: Vec<String> = scale.years().into_iter().map(|year| year.short).collect();
        assert_eq!(years, ["’21", "’22", "’23", "’24"]);
        assert!(Scale::of(std::iter::empty(), 0.0, 1.0).is_none());
    }

    #[test]
    fn a_window_has_lines_at_months_or_days() {
        let lines = |first: &str, last: &str| {
            let scale = Scale::window(day(first), day(last), 0.0, 100.0).unwrap();
            let ticks = scale.ticks(Words(Language::Korean)).into_iter();
            ticks.map(|tick| tick.short).collect::<Vec<_>>()
        };
        assert_eq!(lines("2024-01-01", "2024-03-31"), ["1월", "2월", "3월"]);
        assert_eq!(
            lines("2024-02-01", "2024-02-29"),
            ["1", "6", "11", "16", "21", "26"]
        );
        assert_eq!(lines("2020-01-01", "2029-12-31").len(), 11);
        assert_eq!(lines("2023-01-01", "2024-12-31").len(), 8);
        assert!(Scale::window(day("2024-01-02"), day("2024-01-01"), 0.0, 1.0).is_none());
    }

    #[test]
    fn a_long_span_has_few_lines() {
        let days = ["1950-06-01", "2049-02-01"].map(day);
        let scale = Scale::of(days.into_iter(), 0.0, 100.0).unwrap();
        assert!(scale.years().len() <= 13);
    }
}
