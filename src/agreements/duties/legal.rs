//! Due dates as Korean law counts them. Pure functions.
//!
//! - A period after an event leaves out the day of the event (민법 157), and its end on a Saturday or
//!   public holiday moves to the next working day (161).
//! - A period of working days ends on a working day.
//! - "Without delay" (지체 없이) sets no day: the duty is open from the event on and never overdue.
//! - "N days before" an event is the day N days earlier, as election authorities count (공직선거법 53).
//!   It does not move, since 민법 161 gives more time and a later day would leave less before the
//!   event. Where it falls on a day off, the last working day before it is shown beside it.
//! - Holidays are known for some years only. A due date outside them is moved by the days of the week
//!   and the declared holidays, and is approximate.

use chrono::{Days, NaiveDate};

use super::types::{Derived, DueDates, Moved};
use crate::kernel::language::Message;
use crate::kernel::legal_days::{self, Holidays, TABLE_LAST};
use crate::kernel::values::ImpreciseDate;
use crate::projections::duty_term::{DutyTerm, TermUnit};

/// Moves both ends of a range of days. `None` if neither end is known or within the calendar.
pub(super) fn shift(
    date: &ImpreciseDate,
    by: impl Fn(NaiveDate) -> Option<NaiveDate>,
) -> Option<ImpreciseDate> {
    shift_to(date, by, date.approximate())
}

fn shift_to(
    date: &ImpreciseDate,
    by: impl Fn(NaiveDate) -> Option<NaiveDate>,
    approximate: bool,
) -> Option<ImpreciseDate> {
    range(
        date.earliest().and_then(&by),
        date.latest().and_then(&by),
        approximate,
    )
}

fn range(
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    approximate: bool,
) -> Option<ImpreciseDate> {
    let sign = if approximate { "~" } else { "" };
    let text = match (from, until) {
        (Some(from), Some(until)) if from == until => format!("{from}{sign}"),
        (Some(from), Some(until)) => format!("{from}{sign}/{until}{sign}"),
        (None, Some(until)) => format!("../{until}{sign}"),
        (Some(from), None) => format!("{from}{sign}/.."),
        (None, None) => return None,
    };
    ImpreciseDate::parse(&text).ok()
}

/// Returns the range of all days of two dates. `None` if it has no end.
pub(super) fn either(one: &ImpreciseDate, other: &ImpreciseDate) -> Option<ImpreciseDate> {
    if one.same_days(other) {
        return Some(one.clone());
    }
    let earlier = |(a, b): (NaiveDate, NaiveDate)| a.min(b);
    let later = |(a, b): (NaiveDate, NaiveDate)| a.max(b);
    range(
        one.earliest().zip(other.earliest()).map(earlier),
        one.latest().zip(other.latest()).map(later),
        one.approximate() || other.approximate(),
    )
}

pub(super) fn months_later(date: &ImpreciseDate, months: u32) -> Option<ImpreciseDate> {
    shift(date, |day| legal_days::months_after(day, months))
}

pub(super) fn days_earlier(date: &ImpreciseDate, days: u32) -> Option<ImpreciseDate> {
    match days {
        0 => Some(date.clone()),
        _ => shift(date, |day| day.checked_sub_days(Days::new(days.into()))),
    }
}

/// Returns the range of days from an event on, without an end.
pub(super) fn open_from(event: &ImpreciseDate) -> Option<ImpreciseDate> {
    ImpreciseDate::parse(&format!("{}/..", event.earliest()?)).ok()
}

/// Sets the due date of a duty that is due within a term after an event.
pub(super) fn within(
    duty: Derived,
    event: Option<&ImpreciseDate>,
    term: DutyTerm,
    holidays: &Holidays,
) -> Derived {
    let count = term.count.unwrap_or_default();
    match term.unit {
        TermUnit::Days => {
            let due = event.and_then(|on| shift(on, |day| legal_days::days_after(day, count)));
            forward(Derived { due, ..duty }, holidays)
        }
        TermUnit::Months => {
            let due = event.and_then(|on| months_later(on, count));
            forward(Derived { due, ..duty }, holidays)
        }
        TermUnit::WorkingDays => Derived {
            due: event.and_then(|on| working_days_later(on, count, holidays)),
            ..duty
        },
        TermUnit::WithoutDelay => Derived {
            due: event.and_then(open_from),
            due_as_stated: Some(Message::fixed("지체 없이", "without delay")),
            ..duty
        },
    }
}

fn working_days_later(
    event: &ImpreciseDate,
    count: u32,
    holidays: &Holidays,
) -> Option<ImpreciseDate> {
    let by = |day| holidays.working_days_after(day, count);
    let due = shift(event, by)?;
    let known = is_known(event, &due, legal_days::covers_working_days);
    shift_to(event, by, event.approximate() || !known)
}

/// Returns true if all holidays are known that can have moved one date to another.
fn is_known(
    from: &ImpreciseDate,
    to: &ImpreciseDate,
    covers: impl Fn(NaiveDate, NaiveDate) -> bool,
) -> bool {
    let ends = [from.earliest(), from.latest(), to.earliest(), to.latest()];
    let ends = || ends.into_iter().flatten();
    ends()
        .min()
        .zip(ends().max())
        .is_none_or(|(first, last)| covers(first, last))
}

/// Moves a due date at the end of a period to the next working day.
pub(super) fn forward(duty: Derived, holidays: &Holidays) -> Derived {
    let Some(from) = duty.due else {
        return duty;
    };
    let by = |day| Some(holidays.moved_end(day));
    let known = shift(&from, by).is_none_or(|to| is_known(&from, &to, legal_days::covers));
    let due = shift_to(&from, by, from.approximate() || !known);
    let moves = |day: &NaiveDate| holidays.moved_end(*day) != *day;
    // The last day decides when the duty is overdue.
    let day = from.latest().filter(moves);
    let day = day.or_else(|| from.earliest().filter(moves));
    let moved = day.map(|day| Moved {
        because: holidays.moved_because(day),
        from,
    });
    Derived { due, moved, ..duty }
}

/// Names the last working day before a due date that is counted backwards.
pub(super) fn backward(duty: Derived, holidays: &Holidays) -> Derived {
    let due = duty.due.as_ref().and_then(ImpreciseDate::latest);
    let off = due.filter(|day| !holidays.is_working_day(*day));
    let last = off.and_then(|day| holidays.last_working_day(day));
    let known = |last: &NaiveDate| due.is_some_and(|due| legal_days::covers(*last, due));
    Derived {
        last_working_day: last.filter(known),
        ..duty
    }
}

/// Returns the due dates until `until` that are moved to the next working day, each with that day.
/// Ends with the table of holidays.
pub(super) fn moved_days(
    dates: DueDates,
    until: Option<NaiveDate>,
    holidays: &Holidays,
) -> Vec<(NaiveDate, NaiveDate)> {
    let last = TABLE_LAST.max(dates.first);
    let last = until.map_or(last, |until| last.min(until));
    let days = (0..).map_while(|n| dates.nth(n).filter(|day| *day <= last));
    let moved = days.map(|day| (day, holidays.moved_end(day)));
    moved.filter(|(day, to)| day != to).collect()
}

#[cfg(test)]
#[path = "legal_tests.rs"]
mod tests;
