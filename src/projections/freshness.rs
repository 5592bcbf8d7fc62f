//! Freshness of records: the time since their last sign of life. Pure: the day is an argument.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::policies;
use super::policies::Policy;

/// Freshness of a record, by the time since its last sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreshnessState {
    Current,
    /// The last sign of life is older than `ageing_after_months` of the municipality's policy.
    Ageing,
    /// The last sign of life is older than `stale_after_months` of the municipality's policy.
    Stale,
    /// No dated sign of life exists.
    Unknown,
}

/// A sign of life: an event that shows that a record is still maintained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignOfLife {
    /// An agreement was signed.
    Signing,
    /// A commitment was reported on, and the report counts.
    Report,
    /// An agreement was reviewed.
    Review,
    /// A milestone's target was stated.
    Forecast,
    /// A milestone's outcome was recorded.
    Outcome,
}

/// Freshness of a record, with the sign of life behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Freshness {
    /// State on the requested day, by the municipality's policy of that day. Defaults: ageing after
    /// 12 months, stale after 24.
    #[schema(example = "stale")]
    pub state: FreshnessState,
    /// Day of the last sign of life, and the latest possible one if its date is imprecise; null if
    /// there is none.
    pub last: Option<NaiveDate>,
    /// Kind of the last sign of life; null if there is none.
    pub by: Option<SignOfLife>,
}

/// The earliest days on which a last sign of life is current, and ageing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thresholds {
    pub current: NaiveDate,
    pub ageing: NaiveDate,
}

impl Thresholds {
    /// Computes the thresholds from the policy in force on `day`.
    pub fn on(policies: &[Policy], day: NaiveDate) -> Self {
        let usual = Policy::default();
        let policy = policies::in_force_on(policies, Some(day)).unwrap_or(&usual);
        let before = |months| {
            let before = day.checked_sub_months(Months::new(months));
            before.unwrap_or(NaiveDate::MIN)
        };
        Self {
            current: before(policy.ageing_after_months),
            ageing: before(policy.stale_after_months),
        }
    }

    fn state(self, last: Option<NaiveDate>) -> FreshnessState {
        match last {
            None => FreshnessState::Unknown,
            Some(day) if day >= self.current => FreshnessState::Current,
            Some(day) if day >= self.ageing => FreshnessState::Ageing,
            Some(_) => FreshnessState::Stale,
        }
    }
}

/// Returns the latest sign of life. If several share a day, the last one of the iterator wins.
pub fn last(
    signs: impl Iterator<Item = (SignOfLife, NaiveDate)>,
) -> Option<(SignOfLife, NaiveDate)> {
    signs.max_by_key(|(_, day)| *day)
}

/// Computes the freshness of a record on `day` from its signs of life up to that day.
///
/// An imprecise date may extend past `day` although the event has happened, so dates are capped at
/// `day`.
pub fn freshness(
    signs: impl Iterator<Item = (SignOfLife, NaiveDate)>,
    thresholds: Thresholds,
    day: NaiveDate,
) -> Freshness {
    let last = last(signs);
    let on = last.map(|(_, on)| on.min(day));
    Freshness {
        state: thresholds.state(on),
        last: on,
        by: last.map(|(by, _)| by),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_policy_of_the_day_tells_what_is_stale() {
        let yearly = |text: &str| {
            let signs = [(SignOfLife::Signing, day(text))];
            let today = day("2026-11-25");
            freshness(signs.into_iter(), Thresholds::on(&[], today), today).state
        };
        assert_eq!(yearly("2025-11-25"), FreshnessState::Current);
        assert_eq!(yearly("2025-11-24"), FreshnessState::Ageing);
        assert_eq!(yearly("2024-11-25"), FreshnessState::Ageing);
        assert_eq!(yearly("2024-11-24"), FreshnessState::Stale);
        let strict = Policy {
            valid_from: Some(day("2026-01-01")),
            ageing_after_months: 1,
            stale_after_months: 2,
            ..Policy::default()
        };
        let at = |today: &str| {
            let signs = [(SignOfLife::Review, day("2025-08-01"))];
            let today = day(today);
            let thresholds = Thresholds::on(std::slice::from_ref(&strict), today);
            freshness(signs.into_iter(), thresholds, today).state
        };
        assert_eq!(at("2025-12-31"), FreshnessState::Current);
        assert_eq!(at("2026-01-01"), FreshnessState::Stale);
    }

    #[test]
    fn the_last_sign_counts_and_never_lies_ahead() {
        let today = day("2026-11-25");
        let signs = [
            (SignOfLife::Review, day("2026-12-31")),
            (SignOfLife::Signing, day("2021-04-16")),
        ];
        let found = freshness(signs.into_iter(), Thresholds::on(&[], today), today);
        let expected = Freshness {
            state: FreshnessState::Current,
            last: Some(today),
            by: Some(SignOfLife::Review),
        };
        assert_eq!(found, expected);
        let nothing = freshness(std::iter::empty(), Thresholds::on(&[], today), today);
        assert_eq!(
            (nothing.state, nothing.last, nothing.by),
            (FreshnessState::Unknown, None, None)
        );
    }
}
