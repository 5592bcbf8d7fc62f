//! Derives the state of a milestone from its forecasts and outcomes. Pure functions: the day is an
//! argument.

use chrono::NaiveDate;

use super::types::{Forecast, Outcome, OutcomeKind};
use crate::kernel::values::{DayRange, ImpreciseDate};
use crate::projections::timeline_entry::Phase;

/// State of a milestone on a day, before the day is compared with the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<'a> {
    pub phase: Phase,
    /// First target stated.
    pub baseline: Option<&'a ImpreciseDate>,
    /// Latest target stated.
    pub target: Option<&'a ImpreciseDate>,
    /// Date on which it was met.
    pub actual: Option<&'a ImpreciseDate>,
    /// Slip from the baseline to the target, or to the date on which it was met.
    pub slip: Option<DayRange>,
    /// Slip from the previous target: the one before the latest or, if it is met, the latest.
    pub slip_from_previous: Option<DayRange>,
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

/// Returns the state on a day, from the forecasts and outcomes known by then, without retracted
/// ones.
pub fn state<'a>(forecasts: &'a [Forecast], outcomes: &'a [Outcome], day: NaiveDate) -> State<'a> {
    let stated: Vec<&Forecast> = in_order(forecasts, |f| &f.content.stated_on)
        .filter(|f| f.retraction.is_none() && f.content.stated_on.known_by(day))
        .collect();
    let past_events = in_order(outcomes, |o| &o.content.on)
        .filter(|o| o.retraction.is_none() && o.content.on.known_by(day));
    let mut phase = Phase::Open;
    let mut actual = None;
    for outcome in past_events {
        phase = match outcome.content.kind {
            OutcomeKind::Met => Phase::Met,
            OutcomeKind::PartiallyMet => Phase::PartiallyMet,
            OutcomeKind::Cancelled => Phase::Cancelled,
            OutcomeKind::Reopened => Phase::Open,
            // A start or a failure is not an end: the target still applies.
            OutcomeKind::Started | OutcomeKind::Failed => continue,
        };
        actual = (phase == Phase::Met).then_some(&outcome.content.on);
    }
    let baseline = stated.first().map(|f| &f.content.target);
    let target = stated.last().map(|f| &f.content.target);
    let late = matches!((actual, baseline.and_then(ImpreciseDate::latest)), (Some(a), Some(latest)) if a.starts_after(latest));
    if phase == Phase::Met && late {
        phase = Phase::MetLate;
    }
    let reached = actual.or(target);
    let before = match actual {
        Some(_) => target,
        None => stated
            .len()
            .checked_sub(2)
            .map(|i| &stated[i].content.target),
    };
    let between = |from: Option<&ImpreciseDate>| Some(slip(from?, reached?, actual.is_some()));
    State {
        phase,
        baseline,
        target,
        actual,
        slip: between(baseline),
        slip_from_previous: between(before),
        forecast_count: stated.len(),
    }
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
