//! Freshness of milestones: the time since the last sign of life. Pure function: the day is an
//! argument.

use chrono::NaiveDate;

use super::types::{Forecast, Outcome};
use crate::kernel::values::ImpreciseDate;
use crate::projections::freshness;
use crate::projections::freshness::{Freshness, SignOfLife, Thresholds};
use crate::projections::policies::Policy;
use crate::projections::timeline_entry::Phase;

/// Returns the freshness of a milestone on a day, from the forecasts and outcomes known by then,
/// without retracted ones. `None` if the milestone is met or cancelled.
pub fn freshness(
    forecasts: &[Forecast],
    outcomes: &[Outcome],
    phase: Phase,
    policies: &[Policy],
    day: NaiveDate,
) -> Option<Freshness> {
    let settled = matches!(phase, Phase::Met | Phase::MetLate | Phase::Cancelled);
    let known = |on: &ImpreciseDate| on.latest().filter(|latest| *latest <= day);
    let stated = forecasts
        .iter()
        .filter(|f| f.retraction.is_none())
        .filter_map(|f| Some((SignOfLife::Forecast, known(&f.content.stated_on)?)));
    let past_events = outcomes
        .iter()
        .filter(|o| o.retraction.is_none())
        .filter_map(|o| Some((SignOfLife::Outcome, known(&o.content.on)?)));
    let thresholds = Thresholds::on(policies, day);
    (!settled).then(|| freshness::freshness(stated.chain(past_events), thresholds, day))
}
