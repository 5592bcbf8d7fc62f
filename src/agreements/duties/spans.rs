//! The duties of an agreement as known on each day. Pure functions: today is an argument.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::rules::duties;
use super::types::{Derived, DoneBy, DoneByKind};
use crate::agreements::doc::{Ahead, Doc, Part};
use crate::agreements::publications::ends_of_withholdings;
use crate::agreements::renewing::notices;
use crate::agreements::rules::{counts_from, counts_on, takes_effect};
use crate::agreements::types::{AgreementStatus, Transition};
use crate::kernel::error::FieldError;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::values::past_events::not_passed;
use crate::ledger::RequestContext;
use crate::projections::policies::{DutyKind, Policy};
use crate::projections::timeline_entry::NEVER_ENDS;

/// A duty as known from one day until before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub from: NaiveDate,
    /// `None` while it is still known in this form.
    pub until: Option<NaiveDate>,
    /// Whether the agreement had been signed by then.
    pub signed: bool,
    pub duty: Derived,
}

/// Returns the duties known on every day. Recorded events count as having happened by `today`,
/// however imprecise their dates are.
pub fn spans(
    doc: &Doc,
    policies: &[Policy],
    holidays: &Holidays,
    (zone, today): (Tz, NaiveDate),
) -> Vec<Known> {
    // Without a policy there are at most the notice against a renewal and the ends of withholdings.
    let needs_no_policy =
        notices(&doc.content).next().is_some() || !ends_of_withholdings(doc).is_empty();
    if policies.is_empty() && !needs_no_policy {
        return Vec::new();
    }
    let known = |date: &ImpreciseDate| known_from(date, today);
    let counting = doc.counting(zone);
    let counts = |step: &Transition| counts_from(step, &counting);
    let Some(first) = doc.transitions.iter().map(counts).min() else {
        return Vec::new();
    };
    let mut days: BTreeSet<NaiveDate> = doc.transitions.iter().map(counts).collect();
    days.extend(doc.reviews.iter().map(|part| known(&part.content.on)));
    days.extend(
        doc.council_actions
            .iter()
            .map(|part| known(&part.content.on)),
    );
    let published = doc.publications.iter();
    days.extend(published.map(|part| known(&part.content.published_on)));
    // Before signing, an agreement is under the policy of the day.
    days.extend(policies.iter().filter_map(|policy| policy.valid_from));
    let ends = policies.iter().filter_map(|policy| policy.valid_until);
    days.extend(ends.filter_map(|day| day.succ_opt()));
    // The notice of the next term is open from the day after that of the last one.
    let passed = notices(&doc.content).filter_map(|(_, by)| by.succ_opt());
    days.extend(passed);
    let announced = announced(doc);
    let may_have_ended = ended_on_unknown_day(doc);
    days.extend(announced.map(known));
    follow(days.range(first..NEVER_ENDS).copied().collect(), |day| {
        let mut then = doc.clone();
        then.transitions
            .retain(|step| counts_on(step, day, &counting));
        then.reviews.retain(|part| known(&part.content.on) <= day);
        then.council_actions
            .retain(|part| known(&part.content.on) <= day);
        then.publications
            .retain(|part| known(&part.content.published_on) <= day);
        then.ahead = Ahead {
            effective: None,
            notified: announced.filter(|on| known(on) <= day).cloned(),
            may_have_ended,
        };
        (
            then.was_signed(),
            duties_then(&then, policies, holidays, day),
        )
    })
}

/// Returns what is known on a day of steps that take effect later.
pub fn ahead(doc: &Doc, cx: &RequestContext, day: NaiveDate) -> Ahead {
    let steps = doc.transitions.iter();
    let counting = doc.counting(cx.zone);
    let effective = steps.filter(|step| counts_on(step, day, &counting));
    let effective = Some(effective.count()).filter(|n| *n < doc.transitions.len());
    let notified = announced(doc).filter(|on| known_from(on, cx.today) <= day);
    Ahead {
        effective,
        notified: notified.cloned(),
        may_have_ended: ended_on_unknown_day(doc),
    }
}

/// Returns true if the agreement ended, but nobody knows when.
fn ended_on_unknown_day(doc: &Doc) -> bool {
    let mut steps = doc.transitions.iter();
    let end = steps.find(|step| step.to.is_signed() && step.to.is_end());
    let undated = |step: &&Transition| {
        let follows = step.to == AgreementStatus::Superseded && !doc.successor_starts.is_empty();
        step.on.as_ref().and_then(ImpreciseDate::latest).is_none() && !follows
    };
    end.filter(undated)
        .is_some_and(|step| takes_effect(step).is_none())
}

/// Returns the date on which a termination was notified.
fn announced(doc: &Doc) -> Option<&ImpreciseDate> {
    let mut steps = doc.transitions.iter();
    steps.find_map(|step| step.notified_on.as_ref())
}

/// Returns the day from which a recorded event is known.
fn known_from(date: &ImpreciseDate, today: NaiveDate) -> NaiveDate {
    date.latest().unwrap_or(today).min(today)
}

/// Like [`duties`], for a document as of a day, without the steps that take effect later. A
/// termination that was notified by then is the notice against a renewal.
pub fn duties_then(
    doc: &Doc,
    policies: &[Policy],
    holidays: &Holidays,
    day: NaiveDate,
) -> Vec<Derived> {
    let mut all = match doc.ahead.effective {
        None => duties(doc, policies, holidays, day),
        Some(effective) => {
            let mut then = doc.clone();
            then.transitions.truncate(effective);
            duties(&then, policies, holidays, day)
        }
    };
    if let Some(notified) = &doc.ahead.notified {
        all.iter_mut().for_each(|duty| given(duty, notified));
    }
    all
}

/// Marks the notice against a renewal as given by that of a termination which is to take effect.
fn given(duty: &mut Derived, notified: &ImpreciseDate) {
    if duty.kind == DutyKind::RenewalNotice && duty.done_by.is_none() {
        duty.done_by = Some(DoneBy {
            kind: DoneByKind::Transition,
            id: None,
            on: Some(notified.clone()),
        });
    }
}

/// Follows duties from day to day, each for as long as it stays the same. `on` returns the duties of a
/// day, and whether the agreement had been signed by then.
pub(super) fn follow(
    days: BTreeSet<NaiveDate>,
    on: impl Fn(NaiveDate) -> (bool, Vec<Derived>),
) -> Vec<Known> {
    let (mut over, mut last): (Vec<Known>, Vec<Known>) = Default::default();
    for day in days {
        let (signed, duties) = on(day);
        let mut now = Vec::new();
        for duty in duties {
            let same = |known: &Known| known.duty == duty && known.signed == signed;
            now.push(match last.iter().position(same) {
                Some(place) => last.swap_remove(place),
                None => Known {
                    from: day,
                    until: None,
                    signed,
                    duty,
                },
            });
        }
        over.extend(last.drain(..).map(|known| Known {
            until: Some(day),
            ..known
        }));
        last = now;
    }
    over.extend(last);
    over
}

/// Removes reviews, council actions and publications not known by a day.
pub fn forget(doc: &mut Doc, day: NaiveDate) {
    doc.reviews.retain(|part| part.content.on.known_by(day));
    doc.council_actions
        .retain(|part| part.content.on.known_by(day));
    doc.publications
        .retain(|part| part.content.published_on.known_by(day));
}

/// Returns an error for each review, council action and publication whose date has not fully passed.
pub fn future_dates(doc: &Doc, today: NaiveDate) -> Vec<FieldError> {
    fn dated<'a, T>(
        path: &'a str,
        member: &'a str,
        parts: &'a [Part<T>],
        on: impl Fn(&'a T) -> Option<&'a ImpreciseDate> + 'a,
    ) -> impl Iterator<Item = (String, Option<&'a ImpreciseDate>)> + 'a {
        let parts = parts.iter().enumerate();
        parts.map(move |(i, part)| (format!("/{path}/{i}/{member}"), on(&part.content)))
    }
    let reviews = dated("reviews", "on", &doc.reviews, |c| Some(&c.on));
    let actions = dated("council_actions", "on", &doc.council_actions, |c| {
        Some(&c.on)
    });
    let publications = dated("publications", "published_on", &doc.publications, |c| {
        Some(&c.published_on)
    });
    let all = reviews.chain(actions).chain(publications);
    all.filter_map(|(at, on)| not_passed(on?, at, today))
        .collect()
}
