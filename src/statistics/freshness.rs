//! How fresh what is known of a record is: how long ago it last gave a sign of life. Pure: the day is
//! an argument.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::organizations::policies::{self, Policy};

/// How fresh it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FreshnessState {
    Current,
    /// For more than `ageing_after_months` of the municipality's policy nothing was heard of it.
    Ageing,
    /// For more than `stale_after_months` nothing was heard of it.
    Stale,
    /// Nothing dated was ever heard of it.
    Unknown,
}

/// What tells that somebody still looked after a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignOfLife {
    /// An agreement was signed.
    Signing,
    /// A report on a commitment, which counts.
    Report,
    /// A review of an agreement.
    Review,
    /// A target of a milestone was stated.
    Forecast,
    /// Something happened to a milestone.
    Outcome,
}

/// How fresh what is known of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Freshness {
    /// How fresh it is on the day asked about, by the policy of that day: ageing after 12 months and
    /// stale after 24 unless it says otherwise.
    #[schema(example = "stale")]
    pub state: FreshnessState,
    /// The day of the last sign of life, of an imprecise date the last that it may mean; null where
    /// there is none.
    pub last: Option<NaiveDate>,
    /// What it was; null where there is none.
    pub by: Option<SignOfLife>,
}

/// The days from which on a last sign of life is current, or else ageing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thresholds {
    pub current: NaiveDate,
    pub ageing: NaiveDate,
}

impl Thresholds {
    /// Those of the policy that holds on a day.
    pub fn on(policies: &[Policy], day: NaiveDate) -> Self {
        let usual = Policy::default();
        let policy = policies::on(policies, Some(day)).unwrap_or(&usual);
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

/// The last of the signs of life; of two on one day, the one that comes later.
pub fn last(
    signs: impl Iterator<Item = (SignOfLife, NaiveDate)>,
) -> Option<(SignOfLife, NaiveDate)> {
    signs.max_by_key(|(_, day)| *day)
}

/// How fresh a record is of which these are the signs of life by a day. An imprecise date may reach
/// past the day, on which it had happened nevertheless.
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
