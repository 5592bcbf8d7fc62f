//! The reviews of an agreement: those that were made, and the next one. Pure functions.
//!
//! - A review is due one interval after the latest of the last review, the signing and the start of
//!   the policy, and rests on the policy in force on the due date. If a policy directly follows
//!   another that also required reviews, the interval continues: a longer one counts from the last
//!   review; a shorter one keeps the date of the older policy, or is due one interval after the
//!   start of the newer policy, whichever is first. A policy can instead require one review in each
//!   calendar year: then it is due by the end of the year after that of the last review or the
//!   signing. Where the day of signing is unknown, so is the due date.
//! - Where the day of signing or of the last review is imprecise, so is the due date, and missed
//!   reviews are counted from the first and from the last day that it can be: if the two counts differ,
//!   the number is unknown.
//! - Missed reviews are counted, not listed: only one is open. The count continues under the
//!   policies that follow, each with its own interval, and pauses while no policy requires reviews.
//! - A review that was made fulfils its duty, regardless of later events. A review that was not
//!   made is no longer due from the end of the agreement on; if the day of the end is unknown, none
//!   is due. No review is due after the last day in force, unless the agreement renews itself or
//!   that day is unknown.

use chrono::{Datelike, NaiveDate};

use super::legal::{forward, months_later, moved_days, shift};
use super::rules::{done_by_review, lies_before, open_duty};
use super::types::{Derived, DoneBy, DueDates, LaterRecurrence, Recurrence};
use crate::agreements::council::Occasion;
use crate::agreements::doc::Doc;
use crate::agreements::rules::term;
use crate::agreements::types::Transition;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::projections::policies::{DutyKind, Policy, ReviewRule};

/// The next review, and the policy that requires it.
struct Next {
    place: usize,
    months: u32,
    /// Date from which it is counted; `None` if unknown, or if it is due earlier, by the policy before.
    start: Option<ImpreciseDate>,
    /// Due date by the calendar alone; `None` if unknown.
    due: Option<ImpreciseDate>,
}

impl Next {
    /// Returns the due dates if no review is made, by the last possible days.
    fn dates(&self) -> Option<DueDates> {
        Some(DueDates {
            first: self.due.as_ref()?.latest()?,
            start: self.start.as_ref().and_then(ImpreciseDate::latest),
            months: self.months,
        })
    }
}

/// Returns the last day of the calendar year after that of the last review or the signing, but of no
/// year that had begun when the policy did.
fn in_next_year(last: Option<&ImpreciseDate>, from: Option<NaiveDate>) -> Option<ImpreciseDate> {
    let first = from.map(|from| {
        if from.ordinal() == 1 {
            from.year()
        } else {
            from.year() + 1
        }
    });
    shift(last?, |day| {
        let year = first.map_or(day.year() + 1, |first| first.max(day.year() + 1));
        NaiveDate::from_ymd_opt(year, 12, 31)
    })
}

/// Returns the next review under policies in the order of their start.
fn next_review(policies: &[&Policy], last: Option<&ImpreciseDate>) -> Option<Next> {
    // The previous policy, its interval in months, and the date from which it counted.
    let mut before: Option<(&Policy, u32, ImpreciseDate)> = None;
    for (place, policy) in policies.iter().enumerate() {
        let Some(rule) = policy.review_rule() else {
            continue;
        };
        let (months, from) = (rule.months(), policy.valid_from);
        let at_once = |old: &Policy| old.valid_until.and_then(|day| day.succ_opt()) == from;
        let running = before.take().filter(|(old, _, start)| {
            at_once(old) && from.is_some_and(|from| start.ends_before(from))
        });
        let (start, due) = match (running, from) {
            // When it was signed or last reviewed is unknown, and so is when it is due.
            _ if last.is_none() => (None, None),
            _ if rule == ReviewRule::EveryYear => (last.cloned(), in_next_year(last, from)),
            (Some((_, wanted, start)), Some(from)) if months < wanted => {
                let anew = months_later(&ImpreciseDate::from_day(from), months);
                let due = [months_later(&start, wanted), anew];
                let due = due.into_iter().flatten();
                let due = due.min_by_key(ImpreciseDate::sort_key);
                (Some(start), due)
            }
            (Some((.., start)), _) => {
                let due = months_later(&start, months);
                (Some(start), due)
            }
            (None, from) => {
                let early = |from| last.is_none_or(|last| last.ends_before(from));
                let anew = from.filter(|from| early(*from));
                let start = anew.map(ImpreciseDate::from_day).or(last.cloned());
                let due = start.as_ref().and_then(|start| months_later(start, months));
                (start, due)
            }
        };
        let latest = due.as_ref().and_then(ImpreciseDate::latest);
        let is_over = |until| latest.is_none_or(|latest| latest > until);
        if !policy.valid_until.is_some_and(is_over) {
            let counted = start.as_ref().and_then(|start| months_later(start, months));
            return Some(Next {
                place,
                months,
                start: start.filter(|_| counted == due),
                due,
            });
        }
        before = start.map(|start| (*policy, months, start));
    }
    None
}

/// Returns true if a policy counts a period to the next review, which ends as periods do. A review
/// in a calendar year belongs to that year, whatever day of the week its last day is.
fn counts_a_period(policy: &Policy) -> bool {
    policy.review_rule() != Some(ReviewRule::EveryYear)
}

/// Returns the recurrence of a review that is not made, until the agreement is over.
fn recurrence(
    policies: &[&Policy],
    holidays: &Holidays,
    next: &Next,
    over: Option<NaiveDate>,
) -> Recurrence {
    let end = over.and_then(|day| day.pred_opt());
    let earlier = |until: Option<NaiveDate>| [until, end].into_iter().flatten().min();
    let moved = |place: usize, dates| {
        let dates = Some(dates).filter(|_| counts_a_period(policies[place]));
        let until = earlier(policies[place].valid_until);
        dates.map_or_else(Vec::new, |dates| moved_days(dates, until, holidays))
    };
    let mut place = next.place;
    let mut dates = next.dates();
    let mut all = Recurrence {
        months: next.months,
        start: dates.and_then(|dates| dates.start),
        until: earlier(policies[place].valid_until),
        moved: dates.map_or_else(Vec::new, |dates| moved(place, dates)),
        then: Vec::new(),
        soonest: None,
    };
    while let (Some(due), Some(after)) = (
        dates,
        policies[place].valid_until.and_then(|day| day.succ_opt()),
    ) {
        // The last review due under this policy; the next one counts from it.
        let last = due.nth(due.count_before(after).saturating_sub(1));
        let last = ImpreciseDate::from_day(last.unwrap_or(due.first));
        let Some(next) = next_review(&policies[place..], Some(&last)) else {
            break;
        };
        place += next.place;
        dates = next.dates();
        all.then.extend(dates.map(|dates| LaterRecurrence {
            first: dates.first,
            months: dates.months,
            start: dates.start,
            until: earlier(policies[place].valid_until),
            moved: moved(place, dates),
        }));
    }
    all
}

/// The reviews that an agreement needs under the policies of its municipality.
struct ReviewSchedule<'a> {
    /// Policies in the order of their start.
    policies: Vec<&'a Policy>,
    holidays: &'a Holidays,
    has_ended: bool,
    /// Whether the agreement ended on an unknown day, also as of an earlier one.
    unknown_end: bool,
    /// First day on which no review is due: the day of the end, or the day after the last in force.
    over: Option<NaiveDate>,
}

impl<'a> ReviewSchedule<'a> {
    fn of(
        doc: &Doc,
        policies: &'a [Policy],
        holidays: &'a Holidays,
        end: Option<&Transition>,
    ) -> Self {
        let mut policies: Vec<&Policy> = policies.iter().collect();
        policies.sort_by_key(|policy| policy.valid_from);
        let last_in_force = term(&doc.content).1.and_then(ImpreciseDate::latest);
        let renews = doc.content.auto_renews == Some(true);
        let expired = last_in_force
            .filter(|_| !renews)
            .and_then(|day| day.succ_opt());
        let ended = end.and_then(|step| step.on.as_ref()?.latest());
        Self {
            policies,
            holidays,
            has_ended: end.is_some(),
            unknown_end: end.is_some() && ended.is_none() || doc.ahead.may_have_ended,
            over: [ended, expired].into_iter().flatten().min(),
        }
    }

    /// Returns the recurrence after an imprecise day, from the first day that it can be; empty if
    /// nobody knows that.
    fn soonest(&self, last: Option<&ImpreciseDate>) -> Option<Vec<LaterRecurrence>> {
        let last = last.filter(|last| last.earliest() != last.latest())?;
        let first = last.earliest().map(ImpreciseDate::from_day);
        let next = first.and_then(|first| next_review(&self.policies, Some(&first)));
        let Some((next, dates)) = next.and_then(|next| next.dates().map(|dates| (next, dates)))
        else {
            return Some(Vec::new());
        };
        let all = recurrence(&self.policies, self.holidays, &next, self.over);
        let first = LaterRecurrence {
            first: dates.first,
            months: all.months,
            start: all.start,
            until: all.until,
            moved: all.moved,
        };
        Some([vec![first], all.then].concat())
    }

    /// Returns the review that follows the one of the day `last`, unless it is not required.
    fn after(&self, last: Option<&ImpreciseDate>, done_by: Option<DoneBy>) -> Option<Derived> {
        let next = next_review(&self.policies, last)?;
        let latest = next.due.as_ref().and_then(ImpreciseDate::latest);
        // With an unknown end or due date, it is unknown whether the due date came before the end.
        let never_came = match (latest, self.over) {
            (Some(due), Some(over)) => due >= over,
            _ => self.has_ended,
        };
        if done_by.is_none() && (self.unknown_end || never_came) {
            return None;
        }
        let policy = self.policies[next.place];
        // A review made before the policy began was not required by it.
        let made = done_by.as_ref().and_then(|done| done.on.as_ref());
        let before = |from| made.is_some_and(|on| on.ends_before(from));
        if policy.valid_from.is_some_and(before) {
            return None;
        }
        let recurrence = Recurrence {
            soonest: self.soonest(last),
            ..recurrence(&self.policies, self.holidays, &next, self.over)
        };
        let duty = Derived {
            done_by,
            recurrence: Some(recurrence),
            due: next.due,
            ..open_duty(policy, DutyKind::Review, Occasion::Review)
        };
        Some(match counts_a_period(policy) {
            true => forward(duty, self.holidays),
            false => duty,
        })
    }
}

/// Derives a duty for each review that was made, and one for the next.
pub(super) fn reviews(
    doc: &Doc,
    policies: &[Policy],
    holidays: &Holidays,
    (signed_on, end): (Option<&ImpreciseDate>, Option<&Transition>),
) -> Vec<Derived> {
    let schedule = ReviewSchedule::of(doc, policies, holidays, end);
    let made = doc.reviews.iter();
    let made = made.filter(|part| !lies_before(&part.content.on, signed_on));
    let mut made: Vec<_> = made.collect();
    made.sort_by_key(|part| part.content.on.sort_key());
    let days = made.iter().map(|part| Some(&part.content.on));
    let before = std::iter::once(signed_on).chain(days);
    let done_by = made.iter().map(|part| Some(done_by_review(part)));
    let duties = before.zip(done_by.chain([None]));
    let duties = duties.filter_map(|(last, done_by)| schedule.after(last, done_by));
    let numbered = (1..).zip(duties);
    numbered
        .map(|(place, duty)| Derived { place, ..duty })
        .collect()
}

#[cfg(test)]
#[path = "review_schedule_tests.rs"]
mod tests;
