//! Reports to the council after a signing, a completion or a termination. Pure functions.

use super::prior::prior;
use super::rules::{days_later, first_action, lies_before, open_duty, policy_of, shift, step};
use super::types::Derived;
use crate::agreements::council::{CouncilActionContent, CouncilActionKind, Occasion};
use crate::agreements::doc::Doc;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;
use crate::projections::policies;
use crate::projections::policies::{CouncilReportRule, DutyKind, Policy};

/// Deadline of a report to the council.
#[derive(Clone, Copy)]
enum Deadline {
    /// Within this many days.
    Days(u32),
    NextSession,
    /// No deadline.
    AnyDay,
}

impl Deadline {
    fn rule(rule: &CouncilReportRule) -> Self {
        match rule.within_days {
            Some(days) => Self::Days(days),
            None if rule.in_next_session => Self::NextSession,
            None => Self::AnyDay,
        }
    }
}

/// Derives the report on a signing: required of all signings, or of an urgent one signed first.
pub(super) fn of_signing(
    doc: &Doc,
    policies: &[Policy],
    policy: &Policy,
    signing: &Transition,
) -> Option<Derived> {
    let rule = policy.council_report.as_ref();
    let by = match rule {
        Some(rule) if rule.on_signing => Deadline::rule(rule),
        _ => {
            let urgent = prior(doc, policy, Some(signing));
            urgent.filter(|duty| duty.waived_because.is_some())?;
            // It is due in the next session, unless the policy sets a number of days for reports.
            match rule.and_then(|rule| rule.within_days) {
                Some(days) => Deadline::Days(days),
                None => Deadline::NextSession,
            }
        }
    };
    let on = signing.on.as_ref();
    Some(report(doc, (policies, policy), by, Occasion::Signing, on))
}

/// Derives the reports on a completion and a termination.
pub(super) fn of_ends(doc: &Doc, policies: &[Policy]) -> impl Iterator<Item = Derived> {
    let ends = [
        (Status::Completed, Occasion::Completion),
        (Status::Terminated, Occasion::Termination),
    ];
    ends.into_iter().filter_map(move |(to, occasion)| {
        let on = step(doc, to)?.on.as_ref();
        let policy = policy_of(policies, on)?;
        let rule = policy.council_report.as_ref()?;
        let wanted = match occasion {
            Occasion::Completion => rule.on_completion,
            _ => rule.on_termination,
        };
        wanted.then(|| report(doc, (policies, policy), Deadline::rule(rule), occasion, on))
    })
}

fn report(
    doc: &Doc,
    (policies, policy): (&[Policy], &Policy),
    by: Deadline,
    occasion: Occasion,
    on: Option<&ImpreciseDate>,
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
        Deadline::Days(days) => duty.due = on.and_then(|on| days_later(on, days)),
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
    shift(on, last).or_else(|| ImpreciseDate::parse(&format!("{}/..", on.earliest()?)).ok())
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
