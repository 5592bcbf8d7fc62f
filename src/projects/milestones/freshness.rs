//! When a milestone last gave a sign of life. Pure: the day is an argument.

use chrono::NaiveDate;

use super::types::{Forecast, Outcome};
use crate::organizations::policies::Policy;
use crate::statistics::freshness::{self, Freshness, SignOfLife, Thresholds};
use crate::timeline::entry::Phase;
use crate::values::ImpreciseDate;

/// How fresh what is known of a milestone is on a day, from what was stated and had happened by then,
/// but for what was retracted; none where it is met or cancelled.
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
    let happened = outcomes
        .iter()
        .filter(|o| o.retraction.is_none())
        .filter_map(|o| Some((SignOfLife::Outcome, known(&o.content.on)?)));
    let thresholds = Thresholds::on(policies, day);
    (!settled).then(|| freshness::freshness(stated.chain(happened), thresholds, day))
}
