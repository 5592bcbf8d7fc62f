//! What the policies demand of an agreement. Pure: the day is an argument.
//!
//! - Of a signing, a completion and a termination the policy counts that holds on its day: of an
//!   imprecise day its last, of an unknown one only a policy that always holds.
//! - A review is due an interval after the last one, the signing or the start of the policy,
//!   whichever is last. Reviews that were missed are counted, not listed: there is one that is open.
//!   It ends with the agreement, unless it was due before.
//! - Whether to renew is for the policy that holds on the last day in force.
//! - What counts from an imprecise day is due on an imprecise day.

use chrono::{Days, Months, NaiveDate};
use chrono_tz::Tz;

use super::types::{Again, Derived, DoneBy, DoneByKind, DutyKind, DutyStatus};
use crate::agreements::council::{
    CouncilActionContent, CouncilActionKind, CouncilResult, Occasion,
};
use crate::agreements::doc::Doc;
use crate::agreements::rules::counts_from;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::http::language::Message;
use crate::organizations::policies::{self, CouncilReportRule, Policy, PriorDemand};
use crate::values::ImpreciseDate;

/// The same range of days, moved. Nothing where neither end is known, or beyond the calendar.
fn moved(
    date: &ImpreciseDate,
    by: impl Fn(NaiveDate) -> Option<NaiveDate>,
) -> Option<ImpreciseDate> {
    let sign = if date.approximate() { "~" } else { "" };
    let (from, until) = (date.earliest().and_then(&by), date.latest().and_then(&by));
    let text = match (from, until) {
        (Some(from), Some(until)) if from == until => format!("{from}{sign}"),
        (Some(from), Some(until)) => format!("{from}{sign}/{until}{sign}"),
        (None, Some(until)) => format!("../{until}{sign}"),
        (Some(from), None) => format!("{from}{sign}/.."),
        (None, None) => return None,
    };
    ImpreciseDate::parse(&text).ok()
}

fn days_later(date: &ImpreciseDate, days: u32) -> Option<ImpreciseDate> {
    moved(date, |day| day.checked_add_days(Days::new(days.into())))
}

/// A duty that nothing has done.
fn demanded(policy: &Policy, kind: DutyKind, occasion: Occasion) -> Derived {
    let reference = policy.reference.as_ref();
    Derived {
        kind,
        occasion,
        place: 1,
        legal_basis: reference.map(|reference| reference.words(kind)),
        due: None,
        due_as_stated: None,
        done_by: None,
        waived_because: None,
        again: None,
    }
}

/// What the policies demand of an agreement as it stands, on a day: what is known of it by then is
/// all that is in `doc`.
pub fn duties(doc: &Doc, policies: &[Policy], zone: Tz, day: NaiveDate) -> Vec<Derived> {
    if policies.is_empty() || doc.transitions.is_empty() || doc.status().is_void() {
        return Vec::new();
    }
    let Some(signing) = step(doc, Status::Signed) else {
        // It may be signed today: under the policy of today.
        let today = policies::on(policies, Some(day));
        return today
            .and_then(|p| prior(doc, p, None))
            .into_iter()
            .collect();
    };
    let mut duties = Vec::new();
    let signed_on = signing.on.as_ref();
    if let Some(policy) = policy_of(policies, signed_on) {
        duties.extend(prior(doc, policy, Some(signing)));
        duties.extend(report_of_signing(doc, policy, signing));
        duties.extend(disclosure(doc, policy, signed_on));
    }
    let reported = |rule: &CouncilReportRule, occasion| match occasion {
        Occasion::Completion => rule.on_completion,
        _ => rule.on_termination,
    };
    for (to, occasion) in [
        (Status::Completed, Occasion::Completion),
        (Status::Terminated, Occasion::Termination),
    ] {
        let Some(end) = step(doc, to) else { continue };
        let policy = policy_of(policies, end.on.as_ref());
        let rule = policy.and_then(|p| Some((p, p.council_report.as_ref()?)));
        if let Some((policy, rule)) = rule.filter(|(_, rule)| reported(rule, occasion)) {
            duties.push(report(doc, policy, Some(rule), occasion, end.on.as_ref()));
        }
    }
    let end = doc.transitions.iter().find(|s| s.to.is_end());
    reviews(
        doc,
        policies,
        signed_on,
        end.map(|step| counts_from(step, zone)),
        &mut duties,
    );
    duties.extend(renewal(doc, policies, end));
    duties
}

fn step(doc: &Doc, to: Status) -> Option<&Transition> {
    doc.transitions.iter().find(|step| step.to == to)
}

pub(super) fn policy_of<'a>(
    policies: &'a [Policy],
    on: Option<&ImpreciseDate>,
) -> Option<&'a Policy> {
    policies::on(policies, on.and_then(ImpreciseDate::latest))
}

/// The strictest of what the policy wants before an agreement like this is signed.
fn prior_demand(doc: &Doc, policy: &Policy) -> Option<PriorDemand> {
    let rule = policy.prior_consent.as_ref()?;
    let content = &doc.content;
    let costs = content.financial_obligation == Some(true) || content.cost.is_some();
    let money = rule.money.filter(|_| costs);
    let property = rule
        .property
        .filter(|_| content.public_property == Some(true));
    money.max(property)
}

/// The first of the council's actions that do what is asked for.
fn acted(doc: &Doc, does: impl Fn(&CouncilActionContent) -> bool) -> Option<DoneBy> {
    let fitting = doc
        .council_actions
        .iter()
        .filter(|part| does(&part.content));
    let first = fitting.min_by_key(|part| part.content.on.sort_key())?;
    Some(DoneBy {
        kind: DoneByKind::CouncilAction,
        id: Some(first.id),
        on: Some(first.content.on.clone()),
    })
}

fn consents(action: &CouncilActionContent) -> bool {
    action.kind == CouncilActionKind::Consent
        && action.occasion == Occasion::Signing
        && action.result == Some(CouncilResult::Accepted)
}

fn tells_before(action: &CouncilActionContent) -> bool {
    action.kind == CouncilActionKind::PriorReport && action.occasion == Occasion::Signing
}

/// What has to be there before signing; a consent tells the council, too.
pub(super) fn prior(doc: &Doc, policy: &Policy, signing: Option<&Transition>) -> Option<Derived> {
    let (kind, done_by) = match prior_demand(doc, policy)? {
        PriorDemand::Consent => (DutyKind::Consent, acted(doc, consents)),
        PriorDemand::Report => {
            let does = |action: &_| consents(action) || tells_before(action);
            (DutyKind::PriorReport, acted(doc, does))
        }
    };
    let mut duty = Derived {
        due: signing.and_then(|step| step.on.clone()),
        done_by,
        ..demanded(policy, kind, Occasion::Signing)
    };
    if duty.due.is_none() {
        let words = Message::fixed("체결 전", "before it is signed");
        duty.due_as_stated = Some(words);
    }
    let urgent = signing.and_then(|step| step.urgent.as_ref());
    let in_time = duty.phase() == DutyStatus::Done;
    if let Some(urgent) = urgent.filter(|_| !in_time) {
        let reason = |text: &Option<String>, other: &Option<String>| {
            text.clone().or_else(|| other.clone()).unwrap_or_default()
        };
        let (ko, en) = (&urgent.reason.ko, &urgent.reason.en);
        duty.waived_because = Some(Message::new(
            format!("긴급한 사유로 먼저 체결: {}", reason(ko, en)),
            format!("Signed first, as urgent: {}", reason(en, ko)),
        ));
    }
    Some(duty)
}

/// The report on a signing: demanded of all, or of one that was urgent and signed first.
fn report_of_signing(doc: &Doc, policy: &Policy, signing: &Transition) -> Option<Derived> {
    let rule = policy.council_report.as_ref();
    let usual = rule.is_some_and(|rule| rule.on_signing);
    let urgent = || prior(doc, policy, Some(signing)).is_some_and(|d| d.waived_because.is_some());
    let on = signing.on.as_ref();
    (usual || urgent()).then(|| report(doc, policy, rule, Occasion::Signing, on))
}

fn report(
    doc: &Doc,
    policy: &Policy,
    rule: Option<&CouncilReportRule>,
    occasion: Occasion,
    on: Option<&ImpreciseDate>,
) -> Derived {
    let tells = |action: &CouncilActionContent| {
        use CouncilActionKind::{AnnualReport, PostReport};
        matches!(action.kind, PostReport | AnnualReport) && action.occasion == occasion
    };
    let mut duty = Derived {
        done_by: acted(doc, tells),
        ..demanded(policy, DutyKind::CouncilReport, occasion)
    };
    match rule.and_then(|rule| rule.within_days) {
        Some(days) => duty.due = on.and_then(|on| days_later(on, days)),
        // When the council meets next is not known here: only that it is after that day.
        None if rule.is_none_or(|rule| rule.in_next_session) => {
            let first = on.and_then(ImpreciseDate::earliest);
            duty.due = first.and_then(|day| ImpreciseDate::parse(&format!("{day}/..")).ok());
            let words = Message::fixed("다음 회기", "in the council's next session");
            duty.due_as_stated = Some(words);
        }
        None => {}
    }
    duty
}

fn disclosure(doc: &Doc, policy: &Policy, signed_on: Option<&ImpreciseDate>) -> Option<Derived> {
    let days = policy.disclosure_within_days?;
    let disclosed = doc.documents.iter().filter_map(|part| {
        let on = part.content.disclosed_on.as_ref()?;
        Some((on.sort_key(), part.id, on))
    });
    let first = disclosed.min_by(|a, b| a.0.cmp(&b.0));
    let withheld = doc.content.withholding.as_ref();
    Some(Derived {
        due: signed_on.and_then(|on| days_later(on, days)),
        done_by: first.map(|(_, id, on)| DoneBy {
            kind: DoneByKind::Document,
            id: Some(id),
            on: Some(on.clone()),
        }),
        waived_because: withheld.map(|w| {
            let basis = &w.legal_basis;
            Message::new(format!("비공개: {basis}"), format!("Withheld: {basis}"))
        }),
        ..demanded(policy, DutyKind::Disclosure, Occasion::Signing)
    })
}

/// The policy under which the next review is due, and when: null where nobody can tell.
fn next_review<'a>(
    policies: &[&'a Policy],
    last: Option<&ImpreciseDate>,
) -> Option<(&'a Policy, u32, Option<ImpreciseDate>)> {
    policies.iter().find_map(|policy| {
        let months = policy.review_interval_months?;
        let start = match (last, policy.valid_from) {
            (Some(last), Some(from)) if last.ends_before(from) => {
                Some(ImpreciseDate::from_day(from))
            }
            (None, Some(from)) => Some(ImpreciseDate::from_day(from)),
            (last, _) => last.cloned(),
        };
        let later = |day: NaiveDate| day.checked_add_months(Months::new(months));
        let due = start.and_then(|start| moved(&start, later));
        let over = policy.valid_until.is_some_and(|until| {
            let latest = due.as_ref().and_then(ImpreciseDate::latest);
            latest.is_none_or(|latest| latest > until)
        });
        (!over).then_some((*policy, months, due))
    })
}

fn reviews(
    doc: &Doc,
    policies: &[Policy],
    signed_on: Option<&ImpreciseDate>,
    ended: Option<NaiveDate>,
    duties: &mut Vec<Derived>,
) {
    let mut policies: Vec<&Policy> = policies.iter().collect();
    policies.sort_by_key(|policy| policy.valid_from);
    let signed = signed_on.and_then(ImpreciseDate::earliest);
    let mut made: Vec<_> = doc
        .reviews
        .iter()
        .filter(|part| signed.is_none_or(|day| !part.content.on.ends_before(day)))
        .collect();
    made.sort_by_key(|part| part.content.on.sort_key());
    let (mut last, mut place) = (signed_on, 1);
    let mut next = |last: Option<&ImpreciseDate>, done_by: Option<DoneBy>| {
        let Some((policy, months, due)) = next_review(&policies, last) else {
            return;
        };
        let latest = due.as_ref().and_then(ImpreciseDate::latest);
        if ended.is_some_and(|end| latest.is_none_or(|due| due >= end)) {
            return;
        }
        // What was made before the policy began was not demanded by it.
        let made = done_by.as_ref().and_then(|done| done.on.as_ref());
        let before = |from| made.is_some_and(|on| on.ends_before(from));
        if policy.valid_from.is_some_and(before) {
            return;
        }
        let until = [policy.valid_until, ended.and_then(|end| end.pred_opt())];
        duties.push(Derived {
            place,
            due,
            done_by,
            again: Some(Again {
                months,
                until: until.into_iter().flatten().min(),
            }),
            ..demanded(policy, DutyKind::Review, Occasion::Review)
        });
        place += 1;
    };
    for part in made {
        let done_by = DoneBy {
            kind: DoneByKind::Review,
            id: Some(part.id),
            on: Some(part.content.on.clone()),
        };
        next(last, Some(done_by));
        last = Some(&part.content.on);
    }
    next(last, None);
}

fn renewal(doc: &Doc, policies: &[Policy], end: Option<&Transition>) -> Option<Derived> {
    let until = doc.content.effective_until.as_ref()?;
    if doc.content.auto_renews == Some(true) {
        return None;
    }
    let policy = policy_of(policies, Some(until))?;
    let days = policy.renewal_decision_days_before_expiry?;
    let decided = doc
        .reviews
        .iter()
        .filter(|part| part.content.renewal.is_some());
    let decided = decided.min_by_key(|part| part.content.on.sort_key());
    let decided = decided.map(|part| DoneBy {
        kind: DoneByKind::Review,
        id: Some(part.id),
        on: Some(part.content.on.clone()),
    });
    let ended = end.map(|step| DoneBy {
        kind: DoneByKind::Transition,
        id: None,
        on: step.on.clone(),
    });
    Some(Derived {
        due: moved(until, |day| day.checked_sub_days(Days::new(days.into()))),
        done_by: decided.or(ended),
        ..demanded(policy, DutyKind::RenewalDecision, Occasion::Expiry)
    })
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
