//! Derives the state of a milestone from its forecasts and outcomes. Pure functions: the day is an
//! argument.

use chrono::NaiveDate;

use super::types::{Forecast, Origin, Outcome, OutcomeKind};
use crate::kernel::values::{DayRange, ImpreciseDate, Move, deadline_slip_days, moves};
use crate::projections::timeline_entry::Phase;

/// State of a milestone on a day, before the day is compared with the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<'a> {
    pub phase: Phase,
    /// First target stated, by the day on which it was met.
    pub baseline: Option<&'a ImpreciseDate>,
    /// Latest target stated.
    pub target: Option<&'a ImpreciseDate>,
    /// Date on which it was met.
    pub actual: Option<&'a ImpreciseDate>,
    /// Slip from the baseline to the target, or to the date on which it was met.
    pub slip: Option<DayRange>,
    /// Slip from the previous target: the one before the latest or, if it is met, the latest.
    pub slip_from_previous: Option<DayRange>,
    /// Slip from the deadline of the baseline.
    pub deadline_slip_days: Option<i64>,
    /// Slip from the deadline of the previous target.
    pub deadline_slip_days_from_previous: Option<i64>,
    pub forecast_count: usize,
}

const NOTHING: DayRange = DayRange {
    min_days: Some(0),
    max_days: Some(0),
};

/// Returns the slip from one target to another. A target stated again has not moved.
pub fn slip(from: &ImpreciseDate, to: &ImpreciseDate, met: bool) -> DayRange {
    if !met && from.same_days(to) {
        NOTHING
    } else {
        to.days_from(from)
    }
}

/// Returns the first target stated. Of one that is relative to another milestone, the first date
/// that is known for it.
pub fn baseline<'a>(stated: &[&'a Forecast]) -> Option<&'a Forecast> {
    let first = *stated.first()?;
    if first.content.target.is_dated() {
        return Some(first);
    }
    let follows = |one: &&&Forecast| one.id == first.id && one.origin != Origin::Stated;
    let mut dated = stated.iter().filter(follows);
    let dated = dated.find(|one| one.content.target.is_dated());
    Some(dated.copied().unwrap_or(first))
}

/// Returns the targets that count by a day, by the day of the statement.
pub fn targets_by(forecasts: &[Forecast], day: NaiveDate) -> Vec<&Forecast> {
    in_order(forecasts, |f| &f.content.stated_on)
        .filter(|f| f.retraction.is_none() && f.content.stated_on.known_by(day))
        .collect()
}

/// Returns true if a target was stated while the milestone was open. One that was stated after it was
/// met is no promise: it is neither kept nor broken, and moved nothing.
pub fn is_promise(forecast: &Forecast, actual: Option<&ImpreciseDate>) -> bool {
    // On one day, targets come before outcomes.
    let stated_on = &forecast.content.stated_on;
    actual.is_none_or(|met| stated_on.sort_key() <= met.sort_key())
}

/// Returns the targets, each with the direction in which it moved the one that stood before, and that
/// target. Leaves out those that only passed, which moved nothing.
pub fn told_moves<'a>(
    promised: &[&'a Forecast],
) -> impl Iterator<Item = (&'a Forecast, Option<(Move, &'a ImpreciseDate)>)> {
    let told = promised.iter().filter(|f| f.origin != Origin::Passed);
    let told: Vec<&'a Forecast> = told.copied().collect();
    let targets = told.iter().copied().map(|f| &f.content.target);
    let ways: Vec<_> = moves(targets).collect();
    told.into_iter().zip(ways)
}

/// Returns the state on a day, from the forecasts and outcomes known by then, without retracted
/// ones.
pub fn state<'a>(forecasts: &'a [Forecast], outcomes: &'a [Outcome], day: NaiveDate) -> State<'a> {
    let stated = targets_by(forecasts, day);
    let past_events = in_order(outcomes, |o| &o.content.on)
        .filter(|o| o.retraction.is_none() && o.content.on.known_by(day));
    let (mut phase, actual) = reached(past_events);
    let target = stated.last().map(|f| &f.content.target);
    let forecast_count = stated.iter().filter(|f| f.origin == Origin::Stated);
    let forecast_count = forecast_count.count();
    let promised = stated.into_iter().filter(|f| is_promise(f, actual));
    let promised: Vec<&Forecast> = promised.collect();
    let baseline = baseline(&promised).map(|f| &f.content.target);
    let late = matches!((actual, baseline.and_then(ImpreciseDate::latest)), (Some(a), Some(latest)) if a.starts_after(latest));
    if phase == Phase::Met && late {
        phase = Phase::MetLate;
    }
    let shown = actual.or(target);
    // A target that only passed is none to which another is compared.
    let mut told = promised.iter().rev().enumerate();
    let before = told.find(|(i, f)| f.origin != Origin::Passed && (*i > 0 || actual.is_some()));
    let before = before.map(|(_, f)| &f.content.target);
    let met = actual.is_some();
    let between = |from: Option<&ImpreciseDate>| Some(slip(from?, shown?, met));
    let deadlines = |from: Option<&ImpreciseDate>| deadline_slip_days(from?, shown?, met);
    State {
        phase,
        baseline,
        target,
        actual,
        slip: between(baseline),
        slip_from_previous: between(before),
        deadline_slip_days: deadlines(baseline),
        deadline_slip_days_from_previous: deadlines(before),
        forecast_count,
    }
}

/// Returns the phase after a sequence of outcomes, and the date on which the milestone was met if it
/// still is.
///
/// A cancellation or a suspension keeps what was before it. `reopened` takes back a cancellation and
/// `resumed` a suspension, and what was before stands again, such as an approval that was met since
/// its first day. `reopened` after anything else means open. `resumed` of a cancelled milestone takes
/// back the cancellation and the suspension before it.
fn reached<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> (Phase, Option<&'a ImpreciseDate>) {
    let mut current = (Phase::Open, None);
    // What each cancellation or suspension in effect keeps, the latest last.
    let mut kept = Vec::new();
    for outcome in outcomes {
        match outcome.content.kind {
            OutcomeKind::Met => {
                kept.clear();
                current = (Phase::Met, Some(&outcome.content.on));
            }
            OutcomeKind::PartiallyMet => {
                kept.clear();
                current = (Phase::PartiallyMet, None);
            }
            OutcomeKind::Cancelled if current.0 != Phase::Cancelled => {
                kept.push(std::mem::replace(&mut current, (Phase::Cancelled, None)));
            }
            OutcomeKind::Suspended if current.0 != Phase::Suspended => {
                kept.push(std::mem::replace(&mut current, (Phase::Suspended, None)));
            }
            OutcomeKind::Reopened if current.0 == Phase::Cancelled => {
                current = kept.pop().unwrap_or((Phase::Open, None));
            }
            OutcomeKind::Reopened => {
                kept.clear();
                current = (Phase::Open, None);
            }
            OutcomeKind::Resumed => {
                if current.0 == Phase::Cancelled {
                    current = kept.pop().unwrap_or((Phase::Open, None));
                }
                if current.0 == Phase::Suspended {
                    current = kept.pop().unwrap_or((Phase::Open, None));
                }
            }
            // A start or a failure is not an end: the target still applies.
            OutcomeKind::Started
            | OutcomeKind::Failed
            | OutcomeKind::Cancelled
            | OutcomeKind::Suspended => {}
        }
    }
    current
}

/// Sorts by date; items of one date stay in the order in which they were recorded.
pub fn in_order<T>(items: &[T], day: impl Fn(&T) -> &ImpreciseDate) -> impl Iterator<Item = &T> {
    let mut items: Vec<&T> = items.iter().collect();
    items.sort_by_cached_key(|item| day(item).sort_key());
    items.into_iter()
}

/// Returns the days on which something became known, in order.
pub fn statement_days(forecasts: &[Forecast], outcomes: &[Outcome]) -> Vec<NaiveDate> {
    let stated = forecasts
        .iter()
        .filter(|f| f.retraction.is_none())
        .map(|f| &f.content.stated_on);
    let past_events = outcomes
        .iter()
        .filter(|o| o.retraction.is_none())
        .map(|o| &o.content.on);
    let mut days: Vec<NaiveDate> = stated
        .chain(past_events)
        .filter_map(ImpreciseDate::latest)
        .collect();
    days.sort();
    days.dedup();
    days
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
