//! A day that is known as a range. Everything that depends on a day is derived from its bounds, and
//! is unknown where they leave it open.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{DayRange, ImpreciseDate};

/// Returns a day if it lies in the years 1 to 9999: no other has the four digits of the year in which dates
/// are stored and sent.
pub fn in_calendar(day: NaiveDate) -> Option<NaiveDate> {
    (1..=9999).contains(&day.year()).then_some(day)
}

/// The first and the last day that a date can mean; `None` where it is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    pub earliest: Option<NaiveDate>,
    pub latest: Option<NaiveDate>,
}

impl Bounds {
    /// Any day.
    pub const UNKNOWN: Self = Self {
        earliest: None,
        latest: None,
    };

    /// Returns the bounds of a date; those of any day if there is none.
    pub fn of(date: Option<&ImpreciseDate>) -> Self {
        Self {
            earliest: date.and_then(ImpreciseDate::earliest),
            latest: date.and_then(ImpreciseDate::latest),
        }
    }

    /// Returns the bounds of a known day.
    pub fn day(day: NaiveDate) -> Self {
        Self {
            earliest: Some(day),
            latest: Some(day),
        }
    }

    /// Returns the later of two days.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            earliest: self.earliest.max(other.earliest),
            latest: self.latest.zip(other.latest).map(|(a, b)| a.max(b)),
        }
    }

    /// Returns the earlier of two days.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        let earlier = |(a, b): (NaiveDate, NaiveDate)| a.min(b);
        Self {
            earliest: self.earliest.zip(other.earliest).map(earlier),
            latest: match (self.latest, other.latest) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        }
    }

    /// Returns what both allow; `None` if that is no day.
    pub fn and(self, other: Self) -> Option<Self> {
        let both = Self {
            earliest: self.earliest.max(other.earliest),
            latest: match (self.latest, other.latest) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
        };
        let none = both.earliest.zip(both.latest).is_some_and(|(a, b)| a > b);
        (!none).then_some(both)
    }

    /// Returns the day before.
    #[must_use]
    pub fn day_before(self) -> Self {
        let before = |day: NaiveDate| day.pred_opt().unwrap_or(day);
        Self {
            earliest: self.earliest.map(before),
            latest: self.latest.map(before),
        }
    }

    /// Returns whether the day is on or before `day`; `None` if it may be either.
    pub fn is_by(&self, day: NaiveDate) -> Option<bool> {
        if self.latest.is_some_and(|latest| latest <= day) {
            Some(true)
        } else if self.earliest.is_some_and(|earliest| earliest > day) {
            Some(false)
        } else {
            None
        }
    }

    /// Returns whether the day is on or after `day`; `None` if it may be either.
    pub fn is_from(&self, day: NaiveDate) -> Option<bool> {
        if self.earliest.is_some_and(|earliest| earliest >= day) {
            Some(true)
        } else if self.latest.is_some_and(|latest| latest < day) {
            Some(false)
        } else {
            None
        }
    }

    /// Returns the day if it is known.
    pub fn known(&self) -> Option<NaiveDate> {
        self.earliest.filter(|day| self.latest == Some(*day))
    }

    /// Returns the number of days after `day`, as a range.
    pub fn days_after(&self, day: NaiveDate) -> DayRange {
        let days = |end: NaiveDate| (end - day).num_days();
        DayRange {
            min_days: self.earliest.map(days),
            max_days: self.latest.map(days),
        }
    }
}

/// Returns whether both hold: certainly not if one does not, and unknown if that is open.
pub fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(n: i32) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(730_000 + n).unwrap()
    }

    /// Bounds within 40 days, open at one end, at both or at none.
    fn bounds() -> impl Strategy<Value = Bounds> {
        (prop::option::of(0..40), prop::option::of(0..40)).prop_map(|(a, b)| {
            let (a, b) = match (a, b) {
                (Some(a), Some(b)) if a > b => (Some(b), Some(a)),
                ends => ends,
            };
            Bounds {
                earliest: a.map(day),
                latest: b.map(day),
            }
        })
    }

    /// The days that a date can mean, of those that matter here.
    fn days(bounds: Bounds) -> Vec<NaiveDate> {
        let all = (-1..=41).map(day);
        all.filter(|d| {
            bounds.earliest.is_none_or(|e| e <= *d) && bounds.latest.is_none_or(|l| *d <= l)
        })
        .collect()
    }

    /// Whether something holds on all of the days, on none, or on some.
    fn certain(days: impl Iterator<Item = bool>) -> Option<bool> {
        let all: Vec<bool> = days.collect();
        match (all.contains(&true), all.contains(&false)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    proptest! {
        #[test]
        fn comparisons_hold_on_every_possible_day(a in bounds(), n in 0..40) {
            prop_assert_eq!(a.is_by(day(n)), certain(days(a).into_iter().map(|d| d <= day(n))));
            prop_assert_eq!(a.is_from(day(n)), certain(days(a).into_iter().map(|d| d >= day(n))));
        }

        #[test]
        fn extremes_are_those_of_the_possible_days(a in bounds(), b in bounds(), n in 0..40) {
            let pairs = || days(a).into_iter().flat_map(|x| days(b).into_iter().map(move |y| (x, y)));
            let max = certain(pairs().map(|(x, y)| x.max(y) <= day(n)));
            let min = certain(pairs().map(|(x, y)| x.min(y) <= day(n)));
            let both: Vec<NaiveDate> = days(a).into_iter().filter(|d| days(b).contains(d)).collect();
            prop_assert_eq!(a.and(b).map(days).unwrap_or_default(), both);
            prop_assert_eq!(a.max(b).is_by(day(n)), max);
            prop_assert_eq!(a.min(b).is_by(day(n)), min);
        }
    }
}
