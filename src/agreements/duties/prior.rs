//! Council duties before a signing or a termination: when consent or a report is required, and which
//! council actions fulfil it. Pure functions.

use super::legal::{backward, days_earlier};
use super::rules::{demanded, done_by_action, first_action, open_duty, step};
use super::types::{Derived, DoneBy};
use crate::agreements::council::{
    CouncilActionContent, CouncilActionKind, CouncilResult, Occasion,
};
use crate::agreements::doc::Doc;
use crate::agreements::types::{AgreementStatus, Transition};
use crate::kernel::language::{Language, Message};
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::to_db;
use crate::projections::policies::{DutyKind, Policy, PriorDemand};

/// A circumstance for which a policy can require the council's consent or a report to it.
struct Circumstance {
    /// JSON Pointer of the fact.
    at: &'static str,
    /// `None` if unknown.
    applies: Option<bool>,
    demand: Option<PriorDemand>,
}

fn circumstances(doc: &Doc, policy: &Policy) -> Option<[Circumstance; 4]> {
    let rule = policy.prior_consent.as_ref()?;
    let content = &doc.content;
    let costs = content.cost.is_some().then_some(true);
    Some([
        Circumstance {
            at: "/financial_obligation",
            applies: content.financial_obligation.or(costs),
            demand: rule.money,
        },
        Circumstance {
            at: "/public_property",
            applies: content.public_property,
            demand: rule.property,
        },
        Circumstance {
            at: "/restricts_rights",
            applies: content.restricts_rights,
            demand: rule.rights,
        },
        Circumstance {
            at: "/amends_id",
            applies: Some(content.amends_id.is_some()),
            demand: rule.change,
        },
    ])
}

/// Returns the strictest demand of a policy for the circumstances known to apply.
pub(super) fn prior_demand(doc: &Doc, policy: &Policy) -> Option<PriorDemand> {
    let known = circumstances(doc, policy)?.into_iter();
    let known = known.filter(|one| one.applies == Some(true));
    known.filter_map(|one| one.demand).max()
}

/// Returns the stricter duties that would apply if an unknown fact were true, each with the JSON
/// Pointer of that fact. Omits those that the council has fulfilled anyway.
pub(super) fn possible_duties(
    doc: &Doc,
    policy: &Policy,
    signing: Option<&Transition>,
) -> Vec<(&'static str, Derived)> {
    let certain = prior_demand(doc, policy);
    let all = circumstances(doc, policy).into_iter().flatten();
    let unknown = all.filter(|one| one.applies.is_none() && one.demand > certain);
    let open = unknown.filter_map(|one| {
        let (kind, done_by) = fulfilment(doc, one.demand?, (Occasion::Signing, signing));
        let duty = open_duty(policy, kind, Occasion::Signing);
        done_by.is_none().then_some((one.at, duty))
    });
    open.collect()
}

/// A signing or a termination: its occasion, and its transition once it has happened.
type Event<'a> = (Occasion, Option<&'a Transition>);

/// Returns the duty that follows from a demand, and the record that fulfilled it.
fn fulfilment(doc: &Doc, demand: PriorDemand, event: Event) -> (DutyKind, Option<DoneBy>) {
    match demand {
        PriorDemand::Consent => (DutyKind::Consent, consent(doc, event)),
        PriorDemand::Report => {
            let told = prior_report(doc, event).or_else(|| consent(doc, event));
            (DutyKind::PriorReport, told)
        }
    }
}

/// Returns true if an action about an event certainly came before it or on its day. An imprecise day
/// of the event counts by its last day; if the day is unknown, the action counts as recorded.
fn came_before(action: &CouncilActionContent, (occasion, step): Event) -> bool {
    let last = step.and_then(|step| step.on.as_ref()?.latest());
    action.occasion == occasion && last.is_none_or(|day| action.on.known_by(day))
}

/// Returns the council's consent before an event. Only its last decision counts.
fn consent(doc: &Doc, event: Event) -> Option<DoneBy> {
    use CouncilResult::{Accepted, Rejected};
    let decided = doc.council_actions.iter().filter(|part| {
        let action = &part.content;
        action.kind == CouncilActionKind::Consent
            && matches!(action.result, Some(Accepted | Rejected))
            && came_before(action, event)
    });
    let last = decided.max_by_key(|part| part.content.on.sort_key())?;
    (last.content.result == Some(Accepted)).then(|| done_by_action(last))
}

/// Returns the report to the council before an event.
fn prior_report(doc: &Doc, event: Event) -> Option<DoneBy> {
    first_action(doc, |action| {
        action.kind == CouncilActionKind::PriorReport && came_before(action, event)
    })
}

/// Returns the number of days before the signing on which the council duty is due.
pub(super) fn days_before(policy: &Policy) -> u32 {
    let rule = policy.prior_consent.as_ref();
    rule.and_then(|rule| rule.days_before).unwrap_or(0)
}

/// Derives the council duty before a signing. A consent also counts as a report; actions after the
/// signing count as neither.
pub(super) fn prior(doc: &Doc, policy: &Policy, signing: Option<&Transition>) -> Option<Derived> {
    let event = (Occasion::Signing, signing);
    let (kind, done_by) = fulfilment(doc, prior_demand(doc, policy)?, event);
    let signed_on = signing.and_then(|step| step.on.as_ref());
    let days = days_before(policy);
    let mut duty = Derived {
        due: signed_on.and_then(|on| days_earlier(on, days)),
        done_by,
        ..open_duty(policy, kind, Occasion::Signing)
    };
    if duty.due.is_none() {
        duty.due_as_stated = Some(match days {
            0 => Message::fixed("체결 전", "before it is signed"),
            _ => Message::new(
                format!("체결 {days}일 전까지"),
                format!("{days} days before it is signed"),
            ),
        });
    }
    let urgent = signing.and_then(|step| step.urgent.as_ref());
    let in_time = duty.done_by.is_some();
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

/// Derives the council duty before a termination, which arises from its transition.
pub(super) fn before_termination(
    doc: &Doc,
    policies: &[Policy],
    holidays: &Holidays,
) -> Option<Derived> {
    let step = step(doc, AgreementStatus::Terminated)?;
    demanded(policies, step.on.as_ref(), |policy| {
        before_termination_under(doc, policy, holidays, step)
    })
}

fn before_termination_under(
    doc: &Doc,
    policy: &Policy,
    holidays: &Holidays,
    step: &Transition,
) -> Option<Derived> {
    let rule = policy.prior_consent.as_ref()?;
    let named = [rule.money, rule.property, rule.rights];
    let mut all = circumstances(doc, policy)?.into_iter().take(named.len());
    let always = named.iter().all(Option::is_none);
    if !always && !all.any(|one| one.demand.is_some() && one.applies == Some(true)) {
        return None;
    }
    let event = (Occasion::Termination, Some(step));
    let (kind, done_by) = fulfilment(doc, rule.termination?, event);
    let days = days_before(policy);
    let due = step.on.as_ref().and_then(|on| days_earlier(on, days));
    let unknown = due.is_none().then(|| match days {
        0 => Message::fixed("해지 전", "before it is terminated"),
        _ => Message::new(
            format!("해지 {days}일 전까지"),
            format!("{days} days before it is terminated"),
        ),
    });
    let duty = Derived {
        due,
        due_as_stated: unknown,
        done_by,
        ..open_duty(policy, kind, Occasion::Termination)
    };
    Some(match days {
        0 => duty,
        _ => backward(duty, holidays),
    })
}

/// Explains why the council's last candidate action does not fulfil the duty. `None` if there is no
/// such action, or nothing is wrong with it.
pub(super) fn why_not_counted(
    doc: &Doc,
    kind: DutyKind,
    signing: Option<&Transition>,
) -> Option<Message> {
    let might = doc.council_actions.iter().filter(|part| {
        let asked = part.content.kind == CouncilActionKind::Consent;
        let told = part.content.kind == CouncilActionKind::PriorReport;
        asked || told && kind == DutyKind::PriorReport
    });
    let last = might.max_by_key(|part| part.content.on.sort_key())?;
    let action = &last.content;
    let (ko, en) = if action.occasion != Occasion::Signing {
        let occasion = action.occasion.as_str();
        (
            format!("occasion이 signing이 아니라 {occasion}입니다"),
            format!("its occasion is {occasion} and not signing"),
        )
    } else if !came_before(action, (Occasion::Signing, signing)) {
        (
            "체결일 이후이거나 이후일 수 있습니다".to_owned(),
            "it lies, or may lie, after the day of signing".to_owned(),
        )
    } else if action.kind != CouncilActionKind::Consent {
        return None;
    } else {
        match action.result {
            Some(CouncilResult::Accepted) => return None,
            Some(result) => (
                format!("result가 accepted가 아니라 {}입니다", to_db(&result)),
                format!("its result is {} and not accepted", to_db(&result)),
            ),
            None => (
                "result가 등록되지 않았습니다".to_owned(),
                "its result is not recorded".to_owned(),
            ),
        }
    };
    let (named_ko, named_en) = match action.kind {
        CouncilActionKind::Consent => ("동의", "consent"),
        _ => ("사전 보고", "prior report"),
    };
    let on = |language| action.on.words(language);
    let (on_ko, on_en) = (on(Language::Korean), on(Language::English));
    Some(Message::new(
        format!("마지막으로 등록된 {named_ko}({on_ko})는 인정되지 않습니다: {ko}."),
        format!("The last {named_en} that is recorded ({on_en}) does not count: {en}."),
    ))
}

#[cfg(test)]
#[path = "prior_tests.rs"]
mod tests;
