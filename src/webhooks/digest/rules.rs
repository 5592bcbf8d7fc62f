//! Which day is next, and what an item's days say of it: pure.

use chrono::{Days, NaiveDate};

use super::types::{DigestItem, DigestList, DigestStatus, MOST};

/// How many days an item has left when it is told that it falls due, the overdue first.
pub const DUE: [i64; 2] = [-1, 0];
/// How many days an agreement has left when it is told that it expires.
pub const EXPIRING: [i64; 5] = [0, 1, 7, 30, 90];
/// How many days that were missed are made up for.
const MADE_UP: Days = Days::new(31);

/// A day whose digest is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    pub day: NaiveDate,
    /// The first of the days before it that have none.
    pub left_out_from: Option<NaiveDate>,
}

/// The day after the last that has a digest; none where that is still to come. Of days that were
/// missed only the last are made up for.
pub fn next(last: NaiveDate, today: NaiveDate) -> Option<Next> {
    let after = last.succ_opt().filter(|day| *day <= today)?;
    let first = today.checked_sub_days(MADE_UP).unwrap_or(today);
    Some(Next {
        day: after.max(first),
        left_out_from: (after < first).then_some(after),
    })
}

/// The day that lies so many days ahead.
pub fn ahead(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_signed(chrono::TimeDelta::days(days))
}

/// How what is open stands so many days before its last.
pub fn due(days_left: i64) -> DigestStatus {
    if days_left < 0 {
        DigestStatus::Overdue
    } else {
        DigestStatus::Due
    }
}

/// Adds what was found to a list, as far as it has room.
pub fn add(list: &mut DigestList, count: i64, items: impl IntoIterator<Item = DigestItem>) {
    list.count += count;
    let room = MOST.saturating_sub(list.items.len());
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
