//! Days as places in a picture. Pure.

use chrono::{Datelike, NaiveDate};

use crate::kernel::values::ImpreciseDate;

/// Least width of a part: a day is to be seen, too.
const LEAST: f64 = 5.0;

/// A span of whole years over a width.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    first: NaiveDate,
    last: NaiveDate,
    from: f64,
    to: f64,
}

/// A year at its place.
pub struct Year {
    /// The last two digits, after an apostrophe.
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

    /// Returns the years at which a line is drawn, at most twelve.
    pub fn years(&self) -> Vec<Year> {
        let (first, last) = (self.first.year(), self.last.year());
        let step = usize::try_from((last - first) / 12 + 1).unwrap_or(1);
        let days = (first..=last).step_by(step).filter_map(|year| {
            let day = NaiveDate::from_ymd_opt(year, 1, 1)?;
            Some(Year {
                short: format!("’{:02}", year.rem_euclid(100)),
                at: place(self.at(day)),
            })
        });
        days.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_long_span_has_few_lines() {
        let days = ["1950-06-01", "2049-02-01"].map(day);
        let scale = Scale::of(days.into_iter(), 0.0, 100.0).unwrap();
        assert!(scale.years().len() <= 13);
    }
}
