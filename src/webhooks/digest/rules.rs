//! Pure rules for the days of digests and for their items.

use chrono::{Days, NaiveDate};

use super::types::{DigestItem, DigestList, DigestStatus, MAX_ITEMS};
use crate::kernel::values::{Bounds, DayRange, ImpreciseDate};

/// Days left at which an item is listed as due; overdue first.
pub const DUE_DAYS_LEFT: [i64; 2] = [-1, 0];
/// Days left at which an agreement is listed as expiring.
pub const EXPIRING_DAYS_LEFT: [i64; 5] = [0, 1, 7, 30, 90];
/// Maximum number of missed days that are caught up.
const MAX_CATCH_UP: Days = Days::new(31);

/// The next day that gets a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    pub day: NaiveDate,
    /// First of the skipped days before it.
    pub left_out_from: Option<NaiveDate>,
}

/// Returns the day after the last one with a digest, or `None` if it has not begun. Of missed days
/// only the most recent are caught up.
pub fn next(last: NaiveDate, today: NaiveDate) -> Option<Next> {
    let after = last.succ_opt().filter(|day| *day <= today)?;
    let first = today.checked_sub_days(MAX_CATCH_UP).unwrap_or(today);
    Some(Next {
        day: after.max(first),
        left_out_from: (after < first).then_some(after),
    })
}

/// Returns the day a number of days later.
pub fn ahead(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_signed(chrono::TimeDelta::days(days))
}

/// Returns the days left until a date, as a range.
pub fn days_left(date: &ImpreciseDate, day: NaiveDate) -> DayRange {
    Bounds::of(Some(date)).days_after(day)
}

/// Returns the status of an open item by its number of days left.
pub fn due(days_left: i64) -> DigestStatus {
    if days_left < 0 {
        DigestStatus::Overdue
    } else {
        DigestStatus::Due
    }
}

/// Adds to the count of a list, and adds the items for which it has room.
pub fn add(list: &mut DigestList, count: i64, items: impl IntoIterator<Item = DigestItem>) {
    list.count += count;
    let room = MAX_ITEMS.saturating_sub(list.items.len());
    list.items.extend(items.into_iter().take(room));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_day_is_next_once() {
        let today = day("2026-11-23");
        let next = |last: &str| next(day(last), today);
        assert_eq!(next("2026-11-23"), None);
        // A clock that was set back, or another time zone.
        assert_eq!(next("2026-11-24"), None);
        for (last, first, left_out_from) in [
            ("2026-11-22", "2026-11-23", None),
            ("2026-11-20", "2026-11-21", None),
            ("2026-10-22", "2026-10-23", None),
            ("2026-10-21", "2026-10-23", Some("2026-10-22")),
            ("2020-02-28", "2026-10-23", Some("2020-02-29")),
        ] {
            let expected = Next {
                day: day(first),
                left_out_from: left_out_from.map(day),
            };
            assert_eq!(next(last), Some(expected), "{last}");
        }
        let mut made = vec![day("2026-10-01")];
        while let Some(found) = super::next(made[made.len() - 1], today) {
            made.push(found.day);
        }
        let days: Vec<NaiveDate> = day("2026-10-23").iter_days().take(32).collect();
        assert_eq!(made[1..], days);
    }
}
