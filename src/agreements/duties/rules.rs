//! Derives the duties of an agreement from the policies. Pure functions: the day is an argument.
//!
//! - A signing, completion or termination falls under the policy in force on its day. An imprecise
//!   day counts by its last day; an unknown day falls only under a policy that is always in force.
//! - The council's consent or prior report counts for a signing if its whole range lies on or
//!   before the day of signing. Of several decisions on consent, the last one counts.
//! - The council's consent or prior report on a termination arises from its transition, where the
//!   policy requires one; a termination without it is not refused.
//! - A record that lies entirely before a signing, completion or termination fulfils none of the
//!   duties that follow from that event.
//! - A report "in the next session" is due on the last day of the first session that begins after
//!   the reported event, in whichever policy that session is recorded. Until then the due date has
//!   no end. The report on an urgent signing follows the same rule, unless the policy has another.
//! - A review is due one interval after the latest of the last review, the signing and the start of
//!   the policy, and rests on the policy in force on the due date. If a policy directly follows
//!   another that also required reviews, the interval continues: a longer one counts from the last
//!   review; a shorter one keeps the date of the older policy, or is due one interval after the
//!   start of the newer policy, whichever is first. A policy can instead require one review in each
//!   calendar year: then it is due by the end of the year after that of the last review or the
//!   signing. Where the day of signing is unknown, so is the due date.
//! - Missed reviews are counted, not listed: only one is open. The count continues under the
//!   policies that follow, each with its own interval, and pauses while no policy requires reviews.
//! - A review that was made fulfils its duty, regardless of later events. A review that was not
//!   made is no longer due from the end of the agreement on; if the day of the end is unknown, none
//!   is due. No review is due after the last day in force, unless the agreement renews itself or
//!   that day is unknown.
//! - The decision on renewal falls under the policy in force on the agreement's last day in force.
//! - The notice against an automatic renewal follows from the agreement alone, with or without a
//!   policy. One is open at a time: when its day has passed, the agreement renews, and the notice of
//!   the next term is open. A review of that term that decides to renew fulfils it, as does the end of
//!   the agreement.
//! - A due date that counts from an imprecise day is imprecise.
//! - Periods are counted as the Civil Act (민법 157, 160, 161) counts them: the first day is left out,
//!   and an end on a Saturday or public holiday moves to the next working day. Whether a duty falls
//!   under a policy, or is due before the agreement ends, depends on the day before the move; reviews
//!   recur from that day. A day before an event does not move; see [`super::legal`].

use chrono::{Datelike, NaiveDate};

use super::legal::{backward, days_earlier, forward, months_later, moved_days, shift, within};
use super::prior::{before_termination, days_before, prior};
use super::reports;
use super::types::{Derived, DoneBy, DoneByKind, DueDates, LaterRecurrence, Recurrence};
use crate::agreements::council::{CouncilActionContent, Occasion};
use crate::agreements::doc::{Doc, Part};
use crate::agreements::renewing::notices;
use crate::agreements::reviews::{RenewalDecision, ReviewContent};
use crate::agreements::rules::term;
use crate::agreements::sharing::with_acts_of;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::projections::policies;
use crate::projections::policies::{DutyKind, Policy, ReviewRule};

/// Returns a duty that is not fulfilled.
pub(super) fn open_duty(policy: &Policy, kind: DutyKind, occasion: Occasion) -> Derived {
    let reference = policy.reference.as_ref();
    Derived {
        co_owner: None,
        kind,
        occasion,
        place: 1,
        legal_basis: reference.map(|reference| reference.words(kind)),
        due: None,
        due_as_stated: None,
        moved: None,
        last_working_day: None,
        done_by: None,
        waived_because: None,
        recurrence: None,
    }
}

/// Derives the duties of an agreement on a day. `doc` holds only the facts known by that day.
pub fn duties(doc: &Doc, policies: &[Policy], holidays: &Holidays, day: NaiveDate) -> Vec<Derived> {
    let policies = &policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    if doc.transitions.is_empty() || doc.status().is_void() {
        return Vec::new();
    }
    let Some(signing) = step(doc, Status::Signed) else {
        // It can be signed today, under the policy of today.
        let today = policies::in_force_on(policies, Some(day));
        let duty = today.and_then(|policy| prior(doc, policy, None));
        return duty.into_iter().collect();
    };
    let mut duties = Vec::new();
    let signed_on = signing.on.as_ref();
    if let Some(policy) = policy_of(policies, signed_on) {
        let before = prior(doc, policy, Some(signing));
        duties.extend(before.map(|duty| match days_before(policy) {
            0 => duty,
            _ => backward(duty, holidays),
        }));
        let rules = (policies.as_ref(), policy);
        duties.extend(reports::of_signing(doc, rules, holidays, signing));
        duties.extend(disclosure(
            doc,
            policy,
            holidays,
            (Occasion::Signing, signed_on),
        ));
    }
    duties.extend(before_termination(doc, policies, holidays));
    duties.extend(reports::of_ends(doc, policies, holidays));
    duties.extend(disclosures_of_ends(doc, policies, holidays));
    let end = doc.transitions.iter().find(|s| s.to.is_end());
    duties.extend(reviews(doc, policies, holidays, (signed_on, end)));
    let renewal = renewal(doc, policies, signed_on, end);
    duties.extend(renewal.map(|duty| backward(duty, holidays)));
    let notice = notice(doc, end, day);
    duties.extend(notice.map(|duty| backward(duty, holidays)));
    duties
}

/// Like [`duties`], for one of the municipalities of an agreement, under its own policies.
pub fn duties_of(
    doc: &Doc,
    owner: OrganizationId,
    (policies, holidays): (&[Policy], &Holidays),
    day: NaiveDate,
) -> Vec<Derived> {
    let co_owner = (owner != doc.municipality_id).then_some(owner);
    let all = duties(&with_acts_of(doc, owner), policies, holidays, day).into_iter();
    all.map(|duty| Derived { co_owner, ..duty }).collect()
}

pub(super) fn step(doc: &Doc, to: Status) -> Option<&Transition> {
    doc.transitions.iter().find(|step| step.to == to)
}

pub(super) fn policy_of<'a>(
    policies: &'a [Policy],
    on: Option<&ImpreciseDate>,
) -> Option<&'a Policy> {
    policies::in_force_on(policies, on.and_then(ImpreciseDate::latest))
}

/// Returns true if the whole range of `date` lies before every day on which the event can have
/// happened. The record then cannot follow from the event.
pub(super) fn lies_before(date: &ImpreciseDate, event: Option<&ImpreciseDate>) -> bool {
    let first = event.and_then(ImpreciseDate::earliest);
    first.is_some_and(|day| date.ends_before(day))
}

/// Returns the first council action that satisfies `does`.
pub(super) fn first_action(
    doc: &Doc,
    does: impl Fn(&CouncilActionContent) -> bool,
) -> Option<DoneBy> {
    let fitting = doc
        .council_actions
        .iter()
        .filter(|part| does(&part.content));
    fitting
        .min_by_key(|part| part.content.on.sort_key())
        .map(done_by_action)
}

pub(super) fn done_by_action(part: &Part<CouncilActionContent>) -> DoneBy {
    DoneBy {
        kind: DoneByKind::CouncilAction,
        id: Some(part.id),
        on: Some(part.content.on.clone()),
    }
}

fn done_by_review(part: &Part<ReviewContent>) -> DoneBy {
    DoneBy {
        kind: DoneByKind::Review,
        id: Some(part.id),
        on: Some(part.content.on.clone()),
    }
}

/// Derives the disclosure of a completion or a termination.
fn disclosures_of_ends(
    doc: &Doc,
    policies: &[Policy],
    holidays: &Holidays,
) -> impl Iterator<Item = Derived> {
    let ends = [
        (Status::Completed, Occasion::Completion),
        (Status::Terminated, Occasion::Termination),
    ];
    ends.into_iter().filter_map(move |(to, occasion)| {
        let on = step(doc, to)?.on.as_ref();
        let policy = policy_of(policies, on)?;
        let wanted = policy.disclosure_of_end;
        wanted.then(|| disclosure(doc, policy, holidays, (occasion, on)))?
    })
}

/// Derives the disclosure of an event, which a document fulfils that was disclosed since.
fn disclosure(
    doc: &Doc,
    policy: &Policy,
    holidays: &Holidays,
    (occasion, event): (Occasion, Option<&ImpreciseDate>),
) -> Option<Derived> {
    let term = policy.disclosure_term()?;
    let disclosed = doc.documents.iter().filter_map(|part| {
        let on = part.content.disclosed_on.as_ref();
        let on = on.filter(|on| !lies_before(on, event))?;
        Some((on.sort_key(), part.id, on))
    });
    let first = disclosed.min_by(|a, b| a.0.cmp(&b.0));
    let withheld = doc.content.withholding.as_ref();
    let duty = Derived {
        done_by: first.map(|(_, id, on)| DoneBy {
            kind: DoneByKind::Document,
            id: Some(id),
            on: Some(on.clone()),
        }),
        waived_because: withheld.map(|w| {
            let basis = &w.legal_basis;
            Message::new(format!("비공개: {basis}"), format!("Withheld: {basis}"))
        }),
        ..open_duty(policy, DutyKind::Disclosure, occasion)
    };
    Some(within(duty, event, term, holidays))
}

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
    /// Whether the agreement ended on an unknown day.
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
            unknown_end: end.is_some() && ended.is_none(),
            over: [ended, expired].into_iter().flatten().min(),
        }
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
        let recurrence = recurrence(&self.policies, self.holidays, &next, self.over);
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
fn reviews(
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

fn renewal(
    doc: &Doc,
    policies: &[Policy],
    signed_on: Option<&ImpreciseDate>,
    end: Option<&Transition>,
) -> Option<Derived> {
    let until = doc.content.effective_until.as_ref()?;
    if doc.content.auto_renews == Some(true) {
        return None;
    }
    let policy = policy_of(policies, Some(until))?;
    let days = policy.renewal_decision_days_before_expiry?;
    let decided = doc
        .reviews
        .iter()
        .filter(|part| part.content.renewal.is_some() && !lies_before(&part.content.on, signed_on));
    let decided = decided.min_by_key(|part| part.content.on.sort_key());
    let ended = end.map(|step| DoneBy {
        kind: DoneByKind::Transition,
        id: None,
        on: step.on.clone(),
    });
    Some(Derived {
        due: days_earlier(until, days),
        done_by: decided.map(done_by_review).or(ended),
        ..open_duty(policy, DutyKind::RenewalDecision, Occasion::Expiry)
    })
}

/// Derives the notice against the next automatic renewal.
fn notice(doc: &Doc, end: Option<&Transition>, day: NaiveDate) -> Option<Derived> {
    let mut after = None;
    let mut notices = notices(&doc.content);
    let (term, by) = notices.find(|(_, by)| {
        let passed = *by < day;
        after = after.max(Some(*by).filter(|_| passed));
        !passed
    })?;
    // An end before that day leaves nothing to give notice of.
    let ended_on = end.and_then(|step| step.on.as_ref());
    let over = ended_on.and_then(ImpreciseDate::latest);
    if over.is_some_and(|over| after.is_some_and(|after| over <= after)) {
        return None;
    }
    let decided = doc.reviews.iter().find(|part| {
        let review = &part.content;
        let in_time = after.is_none_or(|after| review.on.starts_after(after));
        review.renewal == Some(RenewalDecision::Renew) && in_time
    });
    let ended = end.map(|step| DoneBy {
        kind: DoneByKind::Transition,
        id: None,
        on: step.notified_on.clone().or_else(|| step.on.clone()),
    });
    Some(Derived {
        place: term as usize,
        due: Some(ImpreciseDate::from_day(by)),
        done_by: decided.map(done_by_review).or(ended),
        legal_basis: None,
        ..open_duty(
            &Policy::default(),
            DutyKind::RenewalNotice,
            Occasion::Expiry,
        )
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
pub(super) mod tests;
