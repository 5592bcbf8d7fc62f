//! Derives the duties of an agreement from the policies. Pure functions: the day is an argument.
//!
//! - A signing, completion or termination falls under the policy in force on its day. Where the day
//!   is imprecise, a duty follows if the policies of all days that it can be demand it, and is due on a
//!   day of the range that they allow together. An unknown day can be any day.
//! - The council's consent or prior report counts for a signing if its whole range lies on or
//!   before the day of signing. Of several decisions on consent, the last one counts.
//! - The council's consent or prior report on a termination arises from its transition, where the
//!   policy requires one; a termination without it is not refused.
//! - A record that lies entirely before a signing, completion or termination fulfils none of the
//!   duties that follow from that event.
//! - A report "in the next session" is due on the last day of the first session that begins after
//!   the reported event, in whichever policy that session is recorded. Until then the due date has
//!   no end. The report on an urgent signing follows the same rule, unless the policy has another.
//! - Reviews recur; see [`super::review_schedule`].
//! - The decision on renewal falls under the policy in force on the agreement's last day in force, as
//!   above.
//! - The notice against an automatic renewal follows from the agreement alone, with or without a
//!   policy. One is open at a time: when its day has passed, the agreement renews, and the notice of
//!   the next term is open. A review of that term that decides to renew fulfils it, as does the end of
//!   the agreement.
//! - What was withheld is published once the withholding has ended; see [`super::withheld`].
//! - A due date that counts from an imprecise day is imprecise.
//! - Periods are counted as the Civil Act (민법 157, 160, 161) counts them: the first day is left out,
//!   and an end on a Saturday or public holiday moves to the next working day. Whether a duty falls
//!   under a policy, or is due before the agreement ends, depends on the day before the move; reviews
//!   recur from that day. A day before an event does not move; see [`super::legal`].

use chrono::NaiveDate;

use super::legal::{backward, days_earlier, either, within};
use super::prior::{before_termination, days_before, prior};
use super::reports;
use super::review_schedule::reviews;
use super::spans::duties_then;
use super::types::{Derived, DoneBy, DoneByKind};
use super::withheld::{first_publication, releases};
use crate::agreements::council::{CouncilActionContent, Occasion};
use crate::agreements::doc::{Doc, Part};
use crate::agreements::renewing::notices;
use crate::agreements::reviews::{RenewalDecision, ReviewContent};
use crate::agreements::sharing::with_acts_of;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::projections::policies;
use crate::projections::policies::{DutyKind, Policy};

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
    duties.extend(demanded(policies, signed_on, |policy| {
        let duty = prior(doc, policy, Some(signing))?;
        Some(match days_before(policy) {
            0 => duty,
            _ => backward(duty, holidays),
        })
    }));
    duties.extend(demanded(policies, signed_on, |policy| {
        reports::of_signing(doc, (policies.as_ref(), policy), holidays, signing)
    }));
    let event = (Occasion::Signing, signed_on);
    duties.extend(demanded(policies, signed_on, |policy| {
        disclosure(doc, policy, holidays, event)
    }));
    duties.extend(before_termination(doc, policies, holidays));
    duties.extend(reports::of_ends(doc, policies, holidays));
    duties.extend(disclosures_of_ends(doc, policies, holidays));
    duties.extend(releases(doc));
    let end = doc.transitions.iter().find(|s| s.to.is_end());
    duties.extend(reviews(doc, policies, holidays, (signed_on, end)));
    let renewal = renewal(doc, policies, signed_on, end);
    duties.extend(renewal.map(|duty| backward(duty, holidays)));
    let notice = notice(doc, end, day);
    duties.extend(notice.map(|duty| backward(duty, holidays)));
    duties
}

/// Like [`duties_then`], for one of the municipalities of an agreement, under its own policies.
pub fn duties_of(
    doc: &Doc,
    owner: OrganizationId,
    (policies, holidays): (&[Policy], &Holidays),
    day: NaiveDate,
) -> Vec<Derived> {
    let co_owner = (owner != doc.municipality_id).then_some(owner);
    let all = duties_then(&with_acts_of(doc, owner), policies, holidays, day).into_iter();
    all.map(|duty| Derived { co_owner, ..duty }).collect()
}

pub(super) fn step(doc: &Doc, to: Status) -> Option<&Transition> {
    doc.transitions.iter().find(|step| step.to == to)
}

/// Derives a duty that follows from an event on a day, which may be imprecise: that which the policies
/// of all its days demand. `None` if one of them may not.
pub(super) fn demanded(
    policies: &[Policy],
    on: Option<&ImpreciseDate>,
    derive: impl Fn(&Policy) -> Option<Derived>,
) -> Option<Derived> {
    let possible = policies::possible_on(policies, on).into_iter();
    let mut each = possible.map(|policy| derive(policy?));
    let first = each.next()??;
    each.try_fold(first, |one, other| demanded_by_both(one, other?))
}

/// Returns what is certain of a duty that follows from one policy or from another.
fn demanded_by_both(one: Derived, other: Derived) -> Option<Derived> {
    fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<T> {
        one.filter(|one| Some(one) == other.as_ref())
    }
    (one.kind == other.kind).then(|| Derived {
        legal_basis: same(one.legal_basis, other.legal_basis),
        due: one
            .due
            .zip(other.due)
            .and_then(|(one, other)| either(&one, &other)),
        due_as_stated: same(one.due_as_stated, other.due_as_stated),
        moved: same(one.moved, other.moved),
        last_working_day: same(one.last_working_day, other.last_working_day),
        done_by: same(one.done_by, other.done_by),
        waived_because: same(one.waived_because, other.waived_because),
        ..one
    })
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

pub(super) fn done_by_review(part: &Part<ReviewContent>) -> DoneBy {
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
        demanded(policies, on, |policy| {
            let wanted = policy.disclosure_of_end;
            wanted.then(|| disclosure(doc, policy, holidays, (occasion, on)))?
        })
    })
}

/// Derives the disclosure of an event, which a publication fulfils that was made since.
fn disclosure(
    doc: &Doc,
    policy: &Policy,
    holidays: &Holidays,
    (occasion, event): (Occasion, Option<&ImpreciseDate>),
) -> Option<Derived> {
    let term = policy.disclosure_term()?;
    let withheld = doc.content.withholding.as_ref();
    let duty = Derived {
        done_by: first_publication(doc, |one| !lies_before(&one.published_on, event)),
        waived_because: withheld.map(|w| {
            let basis = &w.legal_basis;
            Message::new(format!("비공개: {basis}"), format!("Withheld: {basis}"))
        }),
        ..open_duty(policy, DutyKind::Disclosure, occasion)
    };
    Some(within(duty, event, term, holidays))
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
    let done_by = decided.map(done_by_review).or(ended);
    demanded(policies, Some(until), |policy| {
        let days = policy.renewal_decision_days_before_expiry?;
        Some(Derived {
            due: days_earlier(until, days),
            done_by: done_by.clone(),
            ..open_duty(policy, DutyKind::RenewalDecision, Occasion::Expiry)
        })
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
