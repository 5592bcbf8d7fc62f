//! The operations, and how they are chosen.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const STATUSES: [&str; 9] = [
    "draft",
    "in_review",
    "approved",
    "signed",
    "completed",
    "terminated",
    "superseded",
    "withdrawn",
    "voided",
];

/// As text: `2021-04-16`.
pub type Day = String;

#[derive(Clone, Debug)]
pub enum Op {
    Record {
        signed: Option<Day>,
        until: Option<Day>,
        supersedes: Option<Index>,
    },
    Step {
        which: Index,
        to: &'static str,
        on: Option<Day>,
        reason: bool,
    },
    /// The next step that is allowed.
    Advance {
        which: Index,
        on: Option<Day>,
    },
    Extend {
        which: Index,
        until: Option<Day>,
        reason: bool,
        fresh: bool,
    },
    Delete {
        which: Index,
        fresh: bool,
    },
    List {
        filter: Filter,
        limit: usize,
    },
    Forecast {
        which: Index,
        target: Day,
        stated_on: Day,
    },
    Outcome {
        which: Index,
        kind: &'static str,
        on: Day,
    },
    Retract {
        which: Index,
        nth: Index,
    },
    Timeline {
        as_of: Day,
    },
}

#[derive(Clone, Debug)]
pub struct Filter {
    pub status: Option<&'static str>,
    pub in_force: Option<&'static str>,
    pub expired: Option<bool>,
    pub signed_from: Option<Day>,
}

fn day(years: std::ops::Range<i32>) -> impl Strategy<Value = Day> {
    (years, 1..13, select(vec![1, 15, 28])).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

fn past() -> impl Strategy<Value = Day> {
    day(2018..2026)
}

pub fn op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    let until = || of(day(2018..2031));
    let target = prop_oneof![
        (2020..2031).prop_map(|year: i32| year.to_string()),
        day(2020..2031)
    ];
    let filter = (
        of(select(&STATUSES[..])),
        of(select(vec!["true", "false", "unknown"])),
        of(any::<bool>()),
        of(past()),
    )
        .prop_map(|(status, in_force, expired, signed_from)| Filter {
            status,
            in_force,
            expired,
            signed_from,
        });
    prop_oneof![
        3 => (of(day(2018..2028)), until(), of(index())).prop_map(|(signed, until, supersedes)| Op::Record { signed, until, supersedes }),
        2 => (index(), select(&STATUSES[..]), of(day(2018..2028)), any::<bool>())
            .prop_map(|(which, to, on, reason)| Op::Step { which, to, on, reason }),
        4 => (index(), of(past())).prop_map(|(which, on)| Op::Advance { which, on }),
        2 => (index(), until(), any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(which, until, reason, fresh)| Op::Extend { which, until, reason, fresh }),
        1 => (index(), prop::bool::weighted(0.8)).prop_map(|(which, fresh)| Op::Delete { which, fresh }),
        3 => (filter, 1..6_usize).prop_map(|(filter, limit)| Op::List { filter, limit }),
        3 => (index(), target, day(2018..2028)).prop_map(|(which, target, stated_on)| Op::Forecast { which, target, stated_on }),
        1 => (index(), select(vec!["met", "partially_met", "cancelled", "reopened", "started"]), day(2018..2028))
            .prop_map(|(which, kind, on)| Op::Outcome { which, kind, on }),
        1 => (index(), index()).prop_map(|(which, nth)| Op::Retract { which, nth }),
        3 => past().prop_map(|as_of| Op::Timeline { as_of }),
    ]
}
