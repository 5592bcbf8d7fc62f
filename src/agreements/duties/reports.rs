//! Reports to the council after a signing, a completion or a termination. Pure functions.

use super::legal::{open_from, shift, within};
use super::prior::prior;
use super::rules::{demanded, first_action, lies_before, open_duty, step};
use super::types::Derived;
use crate::agreements::council::{CouncilActionContent, CouncilActionKind, Occasion};
use crate::agreements::doc::Doc;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::kernel::language::Message;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::ImpreciseDate;
use crate::projections::duty_term::DutyTerm;
use crate::projections::policies;
use crate::projections::policies::{CouncilReportRule, DutyKind, Policy};

/// Deadline of a report to the council.
#[derive(Clone, Copy)]
enum Deadline {
    /// Within this time after the event.
    Within(DutyTerm),
    NextSession,
    /// No deadline.
    AnyDay,
}

impl Deadline {
    fn rule(rule: &CouncilReportRule) -> Self {
        match rule.term() {
            Some(term) => Self::Within(term),
            None if rule.in_next_session => Self::NextSession,
            None => Self::AnyDay,
        }
    }
}

/// Derives the report on a signing: required of all signings, or of an urgent one signed first.
pub(super) fn of_signing(
    doc: &Doc,
    (policies, policy): (&[Policy], &Policy),
    holidays: &Holidays,
    signing: &Transition,
) -> Option<Derived> {
    let rule = policy.council_report.as_ref();
    let by = match rule {
        Some(rule) if rule.on_signing => Deadline::rule(rule),
        _ => {
            let urgent = prior(doc, policy, Some(signing));
            urgent.filter(|duty| duty.waived_because.is_some())?;
            // It is due in the next session, unless the policy sets a time for reports.
            match rule.and_then(CouncilReportRule::term) {
                Some(term) => Deadline::Within(term),
                None => Deadline::NextSession,
            }
        }
    };
    let on = signing.on.as_ref();
    let event = (Occasion::Signing, on);
    Some(report(doc, (policies, policy), holidays, by, event))
}

/// Derives the reports on a completion and a termination.
pub(super) fn of_ends(
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
            let rule = policy.council_report.as_ref()?;
            let wanted = match occasion {
                Occasion::Completion => rule.on_completion,
                _ => rule.on_termination,
            };
            let by = Deadline::rule(rule);
            wanted.then(|| report(doc, (policies, policy), holidays, by, (occasion, on)))
        })
    })
}

fn report(
    doc: &Doc,
    (policies, policy): (&[Policy], &Policy),
    holidays: &Holidays,
    by: Deadline,
    (occasion, on): (Occasion, Option<&ImpreciseDate>),
) -> Derived {
    let tells = |action: &CouncilActionContent| {
        use CouncilActionKind::{AnnualReport, PostReport};
        matches!(action.kind, PostReport | AnnualReport)
            && action.occasion == occasion
            && !lies_before(&action.on, on)
    };
    let mut duty = Derived {
        done_by: first_action(doc, tells),
        ..open_duty(policy, DutyKind::CouncilReport, occasion)
    };
    match by {
        Deadline::Within(term) => return within(duty, on, term, holidays),
        Deadline::NextSession => {
            duty.due = on.and_then(|on| next_session_after(policies, on));
            duty.due_as_stated = Some(in_next_session(policies, on));
        }
        Deadline::AnyDay => {}
    }
    duty
}

/// Returns the last day of the next session if it is recorded; otherwise an open range from the
/// event.
fn next_session_after(policies: &[Policy], on: &ImpreciseDate) -> Option<ImpreciseDate> {
    let last = |day| Some(policies::next_session(policies, day)?.until);
    shift(on, last).or_else(|| open_from(on))
}

/// Describes the next session, by its name if only one session is possible.
fn in_next_session(policies: &[Policy], on: Option<&ImpreciseDate>) -> Message {
    let after = |day| policies::next_session(policies, day);
    let first = on.and_then(ImpreciseDate::earliest).and_then(after);
    let last = on.and_then(ImpreciseDate::latest).and_then(after);
    let only = first.filter(|first| Some(*first) == last);
    match only.and_then(|session| session.name.as_deref()) {
        Some(name) => Message::new(
            format!("다음 회기({name})"),
            format!("in the council's next session ({name})"),
        ),
        None => Message::fixed("다음 회기", "in the council's next session"),
    }
}

#[cfg(test)]
#[path = "reports_tests.rs"]
mod tests;
