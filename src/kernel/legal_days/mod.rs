//! Legal days: public holidays of Korea, working days and the ends of legal periods.
//!
//! Periods follow the Civil Act (민법) 157, 160 and 161, to which article 6(1) of the General Act on
//! Public Administration (행정기본법) refers for administrative periods. The table of holidays names
//! the law or decree behind each day and is complete from [`TABLE_FIRST`] to [`TABLE_LAST`]; days
//! outside are known by their weekday alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::language::Message;

/// First day of the table.
const TABLE_FIRST: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("the day exists");
/// Last day of the table.
pub const TABLE_LAST: NaiveDate = NaiveDate::from_ymd_opt(2030, 12, 31).expect("the day exists");
/// First day on which a Saturday moves the end of a period: the amendment of 민법 161 (법률 제8720호,
/// 2007-12-21) took effect three months after promulgation.
const SATURDAY_MOVES_SINCE: NaiveDate =
    NaiveDate::from_ymd_opt(2008, 3, 22).expect("the day exists");
/// First day of the five-day week of public offices (지방공무원 복무규정 제2조, 대통령령 제18894호).
/// Before, offices were open on most Saturdays, but not on all.
const FIVE_DAY_WEEK_SINCE: NaiveDate = NaiveDate::from_ymd_opt(2005, 7, 1).expect("the day exists");

/// Reason why a day is a public holiday: `statutory` (named in law), `substitute` (대체공휴일),
/// `temporary` (declared by the government for one date, 임시공휴일) or `election` (an election day).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HolidayKind {
    /// Named in the Public Holidays Act (공휴일에 관한 법률) or the decree on office holidays.
    Statutory,
    /// Substitute holiday (대체공휴일).
    Substitute,
    /// Declared by the government for one date (임시공휴일).
    Temporary,
    /// Election day (선거일).
    Election,
}

/// A public holiday of the table. Two holidays can fall on the same day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    pub day: NaiveDate,
    /// Name in both languages.
    pub name: Message,
    pub kind: HolidayKind,
    /// Law or decree that makes the day a holiday.
    pub basis: &'static str,
    /// Source of the entry, with its version.
    pub source: &'static str,
}

/// The table: public holidays from 2000 to 2030, by day. Sundays have no row of their own.
#[expect(clippy::expect_used, reason = "a test reads the same table")]
pub static TABLE: LazyLock<Vec<Holiday>> = LazyLock::new(|| {
    let rows = include_str!("holidays.csv").lines().skip(1);
    rows.map(|row| parse(row).expect("the table is valid"))
        .collect()
});

/// Parses a row: six fields without commas or quotes.
fn parse(row: &'static str) -> Option<Holiday> {
    let [day, ko, en, kind, basis, source]: [&str; 6] =
        row.split(',').collect::<Vec<_>>().try_into().ok()?;
    let kind = match kind {
        "statutory" => HolidayKind::Statutory,
        "substitute" => HolidayKind::Substitute,
        "temporary" => HolidayKind::Temporary,
        "election" => HolidayKind::Election,
        _ => return None,
    };
    Some(Holiday {
        day: day.parse().ok()?,
        name: Message::fixed(ko, en),
        kind,
        basis,
        source,
    })
}

/// The public holidays: those of the table, and those declared later.
#[derive(Clone, Debug, Default)]
pub struct Holidays {
    declared: BTreeMap<NaiveDate, Vec<Message>>,
}

impl Holidays {
    /// Adds declared holidays, by day and name, to those of the table.
    pub fn with(declared: impl IntoIterator<Item = (NaiveDate, Message)>) -> Self {
        let mut all = Self::default();
        for (day, name) in declared {
            all.declared.entry(day).or_default().push(name);
        }
        all
    }

    /// Returns the names of the holidays on a day.
    fn names_on(&self, day: NaiveDate) -> impl Iterator<Item = &Message> {
        let first = TABLE.partition_point(|row| row.day < day);
        let rows = TABLE[first..].iter().take_while(move |row| row.day == day);
        let declared = self.declared.get(&day).into_iter().flatten();
        rows.map(|row| &row.name).chain(declared)
    }

    /// Returns true if the day is a known public holiday. Sundays are (관공서의 공휴일에 관한 규정
    /// 2(1)).
    fn is_public_holiday(&self, day: NaiveDate) -> bool {
        day.weekday() == Weekday::Sun || self.names_on(day).next().is_some()
    }

    /// Returns true if public offices are open: on no public holiday, and on no Saturday of the
    /// five-day week.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let closed = day.weekday() == Weekday::Sat && day >= FIVE_DAY_WEEK_SINCE;
        !closed && !self.is_public_holiday(day)
    }

    /// Returns true if no period ends on the day: a public holiday, or a Saturday since the
    /// amendment of 민법 161.
    fn moves_an_end(&self, day: NaiveDate) -> bool {
        let is_saturday = day.weekday() == Weekday::Sat && day >= SATURDAY_MOVES_SINCE;
        is_saturday || self.is_public_holiday(day)
    }

    /// Moves an end that falls on a Saturday or public holiday to the next day that is neither
    /// (민법 161).
    pub fn moved_end(&self, end: NaiveDate) -> NaiveDate {
        let mut days = end.iter_days();
        days.find(|day| !self.moves_an_end(*day)).unwrap_or(end)
    }

    /// Names the holidays and days of the weekend from `end` to before the day to which it moves.
    pub fn moved_because(&self, end: NaiveDate) -> Message {
        let until = self.moved_end(end);
        let weekend = |day: NaiveDate| match day.weekday() {
            Weekday::Sat => Message::fixed("토요일", "Saturday"),
            _ => Message::fixed("일요일", "Sunday"),
        };
        let days = end.iter_days().take_while(|day| *day < until);
        let names = days.flat_map(|day| {
            let mut names: Vec<Message> = self.names_on(day).cloned().collect();
            if names.is_empty() {
                names.push(weekend(day));
            }
            names
        });
        let (ko, en): (Vec<_>, Vec<_>) = names.map(|name| (name.ko, name.en)).unzip();
        Message::new(ko.join(", "), en.join(", "))
    }

    /// Returns the `n`th working day after `start`, which does not count (민법 157).
    pub fn working_days_after(&self, start: NaiveDate, n: u32) -> Option<NaiveDate> {
        let days = start.iter_days().skip(1);
        let mut working = days.filter(|day| self.is_working_day(*day));
        working.nth(usize::try_from(n).ok()?.checked_sub(1)?)
    }

    /// Returns the last working day on or before `day`. A period counted backwards does not end
    /// later because of a holiday, so this is the safe day for the act that it demands.
    pub fn last_working_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        let mut days = std::iter::successors(Some(day), NaiveDate::pred_opt);
        days.find(|day| self.is_working_day(*day))
    }
}

/// Returns true if all holidays of the days from `first` to `last` are known.
pub fn covers(first: NaiveDate, last: NaiveDate) -> bool {
    first >= TABLE_FIRST && last <= TABLE_LAST
}

/// Like [`covers`], but for working days: of the Saturdays before the five-day week it is unknown on
/// which of them offices were open.
pub fn covers_working_days(first: NaiveDate, last: NaiveDate) -> bool {
    first >= FIVE_DAY_WEEK_SINCE && last <= TABLE_LAST
}

/// Returns the last day of a period of days that starts in the course of `start` (민법 157), by the
/// calendar alone.
pub fn days_after(start: NaiveDate, days: u32) -> Option<NaiveDate> {
    start.checked_add_days(Days::new(days.into()))
}

/// Returns the last day of a period of months that starts in the course of `start`, by the calendar
/// alone.
///
/// The period ends on the day before the one that corresponds to its first counted day (민법 160②),
/// so a month from 28 February ends on 31 March; where the last month lacks that day, on the last
/// day of the month (160③).
pub fn months_after(start: NaiveDate, months: u32) -> Option<NaiveDate> {
    let first = start.succ_opt()?;
    let after = first.checked_add_months(Months::new(months))?;
    match after.day() == first.day() {
        true => after.pred_opt(),
        false => Some(after),
    }
}

#[cfg(test)]
mod tests;
