//! Counts and breakdowns, and the place of records in figures. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{LeftOut, LeftOutReason, Link, Placement, Tally};
use crate::kernel::values::to_db;
use crate::projections::freshness::{Freshness, FreshnessState};

/// Number of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Count {
    /// Number of records.
    #[schema(minimum = 0)]
    pub count: u64,
    /// Link to the list of these records.
    pub link: String,
}

/// Number of records with one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartCount {
    /// The shared value; `unknown` if it is not known.
    #[schema(example = "signed")]
    pub value: String,
    /// Number of records.
    #[schema(minimum = 0)]
    pub count: u64,
    /// Link to the list of these records.
    pub link: String,
}

/// Numbers of records by value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Breakdown {
    /// Number of records for each value.
    pub counts: Vec<PartCount>,
    /// Records that have no value, by reason.
    pub left_out: Vec<LeftOut>,
}

/// Numbers of records by value.
#[derive(Clone, Debug, Default)]
pub struct ValueCounts(BTreeMap<String, u64>);

impl ValueCounts {
    pub fn add(&mut self, value: &impl Serialize) {
        *self.0.entry(to_db(value)).or_default() += 1;
    }

    /// Returns the values that occur, in alphabetical order.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the counts of the values in the given order, with links to the lists behind them.
    pub fn breakdown<'a>(
        &self,
        filter: &'static str,
        values: impl IntoIterator<Item = &'a str>,
        link: &Link,
    ) -> Breakdown {
        let counts = values.into_iter().map(|value| PartCount {
            value: value.to_owned(),
            count: self.0.get(value).copied().unwrap_or(0),
            link: link.with(filter, value).text(),
        });
        Breakdown {
            counts: counts.collect(),
            left_out: Vec::new(),
        }
    }
}

/// Places a record in the freshness figure: records without freshness are left out.
pub fn place_freshness(freshness: Option<Freshness>) -> Placement {
    match freshness {
        Some(_) => Placement::Numerator,
        None => Placement::LeftOut(LeftOutReason::NotUnderWay),
    }
}

/// Numbers of records by freshness.
#[derive(Clone, Debug, Default)]
pub struct FreshnessCounts {
    states: ValueCounts,
    tally: Tally,
}

impl FreshnessCounts {
    pub fn add(&mut self, freshness: Option<Freshness>) {
        self.tally.add(place_freshness(freshness));
        if let Some(freshness) = freshness {
            self.states.add(&freshness.state);
        }
    }

    pub fn breakdown(&self, link: &Link) -> Breakdown {
        let link = link.with("figure", "freshness");
        let states = [
            FreshnessState::Current,
            FreshnessState::Ageing,
            FreshnessState::Stale,
            FreshnessState::Unknown,
        ]
        .map(|state| to_db(&state));
        let states = states.iter().map(String::as_str);
        Breakdown {
            left_out: self.tally.left_out(&link),
            ..self.states.breakdown("freshness", states, &link)
        }
    }
}

/// Part of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigurePart {
    /// Records in the numerator.
    Numerator,
    /// Records in the denominator, or measured.
    Denominator,
    /// Records in neither.
    LeftOut,
}

impl FigurePart {
    pub fn contains(self, placement: Placement) -> bool {
        matches!(
            (self, placement),
            (Self::Numerator, Placement::Numerator)
                | (
                    Self::Denominator,
                    Placement::Numerator | Placement::DenominatorOnly
                )
                | (Self::LeftOut, Placement::LeftOut(_))
        )
    }
}

/// Place of a record in the requested figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureStanding {
    /// The part that holds the record: `denominator` means the denominator alone.
    pub part: FigurePart,
    /// Why the record is left out; null if it counts.
    pub reason: Option<LeftOutReason>,
}

impl From<Placement> for FigureStanding {
    fn from(placement: Placement) -> Self {
        let (part, reason) = match placement {
            Placement::Numerator => (FigurePart::Numerator, None),
            Placement::DenominatorOnly => (FigurePart::Denominator, None),
            Placement::LeftOut(why) => (FigurePart::LeftOut, Some(why)),
        };
        Self { part, reason }
    }
}
