//! Derives the yearly report of a municipality to its council (연간 보고), a duty of the municipality
//! itself. Pure functions.
//!
//! - A report is due once in each calendar year, on the day that the policy names, which does not
//!   move to a working day, or else within the year. It rests on the policy in force on the last
//!   possible due date; of two policies in one year, the earlier due date counts.
//! - Years count from the start of the policy. If it has always been in force, nobody knows since
//!   when reports are due; years then count from the day on which the municipality was recorded.
//! - As with reviews, missed reports are counted, not listed: one is open. A report that was made
//!   closes the years up to its own.
//! - What was due before a succession is due from the predecessor, and later from its successors.

use chrono::{Datelike, NaiveDate};

use super::legal::backward;
use super::rules::open_duty;
use super::spans::{Known, follow};
use super::types::{Derived, DoneBy, DoneByKind, LaterRecurrence, Recurrence};
use crate::agreements::council::Occasion;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::organizations::annual_reports::AnnualReport;
use crate::projections::policies::{AnnualReportRule, DutyKind, Policy};

/// What is recorded of a municipality, as far as its reports depend on it.
#[derive(Clone, Copy)]
pub struct Reporter<'a> {
    pub policies: &'a [Policy],
    pub reports: &'a [AnnualReport],
    /// Day on which the municipality was recorded.
    pub recorded_on: NaiveDate,
    /// First day as the successor of others.
    pub began: Option<NaiveDate>,
    /// First day of its successors.
    pub ended: Option<NaiveDate>,
}

/// A year in which a report is due.
struct Due {
    year: i32,
    /// Index of the policy that requires it.
    place: usize,
    on: ImpreciseDate,
}

/// Policies that require a report, each with its first day, in their order.
struct Schedule(Vec<(NaiveDate, Policy)>);

impl Schedule {
    fn of(reporter: &Reporter) -> Self {
        let asked = reporter.policies.iter();
        let asked = asked.filter(|policy| policy.annual_report.is_some());
        let own = asked.filter_map(|policy| {
            let from = policy.valid_from.unwrap_or(reporter.recorded_on);
            let from = reporter.began.map_or(from, |began| from.max(began));
            let ended = reporter.ended.and_then(|day| day.pred_opt());
            let until = [policy.valid_until, ended].into_iter().flatten().min();
            let policy = Policy {
                valid_from: Some(from),
                valid_until: until,
                ..policy.clone()
            };
            until
                .is_none_or(|until| from <= until)
                .then_some((from, policy))
        });
        let mut all: Vec<_> = own.collect();
        all.sort_by_key(|(from, _)| *from);
        Self(all)
    }

    fn first_day(&self) -> Option<NaiveDate> {
        self.0.first().map(|(from, _)| *from)
    }

    fn due_in(&self, year: i32) -> Option<Due> {
        let due = self
            .0
            .iter()
            .enumerate()
            .filter_map(|(place, (_, policy))| {
                let on = policy.annual_report.as_ref()?.due_in(year)?;
                let is_due = policy.is_in_force_on(Some(on.latest()?));
                is_due.then_some(Due { year, place, on })
            });
        due.min_by_key(|due| due.on.sort_key())
    }

    /// Returns the years from one on in which the policies can differ, with the first after them.
    fn years(&self, from: i32) -> impl Iterator<Item = i32> {
        let last = self.0.iter().map(|(first, policy)| {
            let open = first.year().max(from) + 1;
            policy.valid_until.map_or(open, |until| until.year())
        });
        from..=last.max().unwrap_or(from)
    }

    fn next(&self, from: i32) -> Option<Due> {
        self.years(from).find_map(|year| self.due_in(year))
    }

    /// Returns the recurrence of a report that is not made, up to a year.
    fn recurrence(&self, due: &Due, up_to: Option<i32>) -> Recurrence {
        let last_day = up_to.and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31));
        let until = |place: usize| {
            let policy: &Policy = &self.0[place].1;
            [policy.valid_until, last_day].into_iter().flatten().min()
        };
        let mut place = due.place;
        let later = self.years(due.year).filter_map(|year| self.due_in(year));
        let then = later.filter_map(|due| {
            let changes = std::mem::replace(&mut place, due.place) != due.place;
            Some(LaterRecurrence {
                first: due.on.latest().filter(|_| changes)?,
                months: 12,
                start: None,
                until: until(due.place),
                moved: Vec::new(),
            })
        });
        Recurrence {
            months: 12,
            start: None,
            until: until(due.place),
            moved: Vec::new(),
            then: then.collect(),
            soonest: None,
        }
    }

    fn duty(&self, due: Due, done: Option<(i32, DoneBy)>, holidays: &Holidays) -> Derived {
        let (up_to, done_by) = done.unzip();
        let policy = &self.0[due.place].1;
        let rule = policy.annual_report.as_ref();
        let duty = Derived {
            recurrence: Some(self.recurrence(&due, up_to)),
            due_as_stated: rule.and_then(AnnualReportRule::session_words),
            done_by,
            ..open_duty(policy, DutyKind::AnnualReport, Occasion::Year)
        };
        let is_a_day = due.on.earliest() == due.on.latest();
        let duty = Derived {
            due: Some(due.on),
            ..duty
        };
        match is_a_day {
            true => backward(duty, holidays),
            false => duty,
        }
    }
}

/// Derives the reports of a municipality as known on a day.
fn yearly(
    schedule: &Schedule,
    reporter: &Reporter,
    holidays: &Holidays,
    day: NaiveDate,
) -> Vec<Derived> {
    let Some(first_day) = schedule.first_day().filter(|first| *first <= day) else {
        return Vec::new();
    };
    let made = reporter.reports.iter();
    let made = made.filter(|report| report.on.known_by(day));
    let mut made: Vec<_> = made
        .filter_map(|report| Some((report.year()?, report)))
        .collect();
    made.sort_by_key(|(year, report)| (*year, report.on.sort_key()));
    let mut from = first_day.year();
    let mut duties = Vec::new();
    for (year, report) in made {
        // A report of a year in which none was due fulfils nothing.
        let Some(due) = schedule.next(from).filter(|due| due.year <= year) else {
            continue;
        };
        let done_by = DoneBy {
            kind: DoneByKind::AnnualReport,
            id: None,
            on: Some(report.on.clone()),
        };
        duties.push(schedule.duty(due, Some((year, done_by)), holidays));
        from = year + 1;
    }
    let next = schedule.next(from);
    duties.extend(next.map(|due| schedule.duty(due, None, holidays)));
    let numbered = (1..).zip(duties);
    numbered
        .map(|(place, duty)| Derived { place, ..duty })
        .collect()
}

/// Returns the reports known on every day.
pub fn yearly_spans(reporter: &Reporter, holidays: &Holidays) -> Vec<Known> {
    let schedule = Schedule::of(reporter);
    let Some(first) = schedule.first_day() else {
        return Vec::new();
    };
    let reported = reporter.reports.iter();
    let reported = reported.filter_map(|report| report.on.latest());
    let days = reported.filter(|day| *day > first).chain([first]);
    follow(days.collect(), |day| {
        // The record of a municipality is public, and so are its duties.
        (true, yearly(&schedule, reporter, holidays, day))
    })
}

#[cfg(test)]
#[path = "yearly_tests.rs"]
mod tests;
