//! The operations, and how they are generated.

use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::dates::{Date, date, edtf};

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

const REPORTED: [&str; 5] = [
    "not_started",
    "in_progress",
    "fulfilled",
    "unfulfilled",
    "dropped",
];

/// As text: `2021-04-16`.
pub type Day = String;

/// The target of a milestone.
#[derive(Clone, Debug)]
pub enum Target {
    Edtf(String),
    /// A number of months after the other milestone.
    AfterOther(u32),
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        2 => edtf(2020..2031).prop_map(Target::Edtf),
        1 => (0..49_u32).prop_map(Target::AfterOther),
    ]
}

#[derive(Clone, Debug)]
pub enum Op {
    Record {
        signed: Option<Day>,
        /// First day in force.
        from: Option<Date>,
        until: Option<Date>,
        supersedes: Option<Index>,
        /// Due date of the first of two commitments, which the partner owes.
        due: Option<Date>,
    },
    Step {
        which: Index,
        to: &'static str,
        on: Option<Day>,
        reason: bool,
        /// Decision on the open commitments, if the step includes one.
        becomes: Option<&'static str>,
    },
    /// The next step that is allowed.
    Advance {
        which: Index,
        on: Option<Day>,
        becomes: Option<&'static str>,
    },
    Extend {
        which: Index,
        until: Option<Date>,
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
        target: Target,
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
    /// The successor of the city is recorded.
    Succeed,
    Timeline {
        as_of: Day,
    },
    Report {
        which: Index,
        place: usize,
        partner: bool,
        status: &'static str,
        on: Day,
    },
    /// The city confirms or declines a report.
    Decide {
        which: Index,
        confirm: bool,
    },
    TakeBack {
        which: Index,
        partner: bool,
    },
    Show {
        which: Index,
        as_of: Day,
    },
}

#[derive(Clone, Debug)]
pub struct Filter {
    pub status: Option<&'static str>,
    pub in_force: Option<&'static str>,
    pub expired: Option<bool>,
    pub signed_from: Option<Day>,
    /// Only those of the city, which are all.
    pub of_city: bool,
}

fn day(years: std::ops::Range<i32>) -> impl Strategy<Value = Day> {
    (years, 1..13, select(vec![1, 15, 28])).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

fn past() -> impl Strategy<Value = Day> {
    day(2018..2026)
}

pub fn op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    let until = || of(date(2018..2031));
    let filter = (
        of(select(&STATUSES[..])),
        of(select(vec!["true", "false", "unknown"])),
        of(any::<bool>()),
        of(past()),
        any::<bool>(),
    )
        .prop_map(|(status, in_force, expired, signed_from, of_city)| Filter {
            of_city,
            status,
            in_force,
            expired,
            signed_from,
        });
    let becomes = || {
        of(select(vec![
            "fulfilled",
            "unfulfilled",
            "dropped",
            "carried_over",
        ]))
    };
    prop_oneof![
        3 => (of(day(2018..2028)), of(date(2018..2026)), until(), of(index()), until())
            .prop_map(|(signed, from, until, supersedes, due)| Op::Record { signed, from, until, supersedes, due }),
        2 => (index(), select(&STATUSES[..]), of(day(2018..2028)), any::<bool>(), becomes())
            .prop_map(|(which, to, on, reason, becomes)| Op::Step { which, to, on, reason, becomes }),
        4 => (index(), of(past()), becomes()).prop_map(|(which, on, becomes)| Op::Advance { which, on, becomes }),
        2 => (index(), until(), any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(which, until, reason, fresh)| Op::Extend { which, until, reason, fresh }),
        1 => (index(), prop::bool::weighted(0.8)).prop_map(|(which, fresh)| Op::Delete { which, fresh }),
        3 => (filter, 1..6_usize).prop_map(|(filter, limit)| Op::List { filter, limit }),
        3 => (index(), target(), day(2018..2028)).prop_map(|(which, target, stated_on)| Op::Forecast { which, target, stated_on }),
        1 => (index(), select(vec!["met", "partially_met", "cancelled", "reopened", "suspended", "resumed", "started"]), day(2018..2028))
            .prop_map(|(which, kind, on)| Op::Outcome { which, kind, on }),
        1 => (index(), index()).prop_map(|(which, nth)| Op::Retract { which, nth }),
        1 => Just(Op::Succeed),
        3 => past().prop_map(|as_of| Op::Timeline { as_of }),
        5 => (index(), 0..2_usize, any::<bool>(), select(&REPORTED[..]), day(2021..2028))
            .prop_map(|(which, place, partner, status, on)| Op::Report { which, place, partner, status, on }),
        2 => (index(), any::<bool>()).prop_map(|(which, confirm)| Op::Decide { which, confirm }),
        1 => (index(), any::<bool>()).prop_map(|(which, partner)| Op::TakeBack { which, partner }),
        3 => (index(), day(2020..2027)).prop_map(|(which, as_of)| Op::Show { which, as_of }),
    ]
}
