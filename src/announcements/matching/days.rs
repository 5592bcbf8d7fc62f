//! How the day of an announcement fits that of a record. Pure.

use chrono::NaiveDate;

use crate::kernel::values::Bounds;

/// Days before and after an event on which it is usually announced.
const USUAL: (i64, i64) = (-10, 14);
/// Days before and after an event on which it is sometimes announced.
const SOMETIMES: (i64, i64) = (-45, 60);
/// Days that a stated day often differs from the recorded one, as where one of them is that of the
/// ceremony.
const CLOSE: i64 = 3;
/// Days that a stated day may differ from the recorded one, where one of them is mistaken.
const SLIP: i64 = 31;
/// Width of a range of days within which it tells a day well.
const NARROW: i64 = 62;

/// How well two days fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// A day is unknown.
    Unknown,
    /// They fit, and both are known well.
    Well,
    /// They can fit: one of them is known roughly, or they are some weeks apart.
    Roughly,
    /// They are too far apart, but one of them may be mistaken.
    Hardly,
    /// They certainly do not fit.
    Apart,
}

/// Returns how the days that an announcement states fit that of a record.
pub fn fit(announced: Bounds, happened: Bounds, recorded: Bounds) -> Fit {
    let (Some(first), Some(last)) = (recorded.earliest, recorded.latest) else {
        return Fit::Unknown;
    };
    if let (Some(from), Some(until)) = (happened.earliest, happened.latest) {
        let gap = apart((from, until), (first, last));
        let is_narrow = width(from, until).max(width(first, last)) <= NARROW;
        return match gap {
            0 if is_narrow => Fit::Well,
            0..=CLOSE => Fit::Roughly,
            ..=SLIP => Fit::Hardly,
            _ => Fit::Apart,
        };
    }
    let (Some(from), Some(until)) = (announced.earliest, announced.latest) else {
        return Fit::Unknown;
    };
    // It was announced between these numbers of days after the event.
    let lag = (width(last, from), width(first, until));
    let meets = |(low, high): (i64, i64)| lag.0 <= high && lag.1 >= low;
    match (meets(USUAL), meets(SOMETIMES)) {
        (true, _) if lag.1 - lag.0 <= NARROW => Fit::Well,
        (true, _) | (_, true) => Fit::Roughly,
        _ if lag.0 > 365 || lag.1 < -120 => Fit::Apart,
        _ => Fit::Hardly,
    }
}

/// Returns the days from one day to another.
fn width(from: NaiveDate, until: NaiveDate) -> i64 {
    until.signed_duration_since(from).num_days()
}

/// Returns the days between two ranges, 0 if they overlap.
fn apart(one: (NaiveDate, NaiveDate), other: (NaiveDate, NaiveDate)) -> i64 {
    width(one.1, other.0).max(width(other.1, one.0)).max(0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::kernel::values::ImpreciseDate;

    fn bounds(text: &str) -> Bounds {
        match text {
            "" => Bounds::UNKNOWN,
            text => Bounds::of(Some(&ImpreciseDate::parse(text).unwrap())),
        }
    }

    #[rstest]
    #[case("2021-04-19", "", "2021-04-16", Fit::Well)]
    // Announced ahead.
    #[case("2021-04-10", "", "2021-04-16", Fit::Well)]
    #[case("2021-04-19", "2021-04-16", "2021-04-16", Fit::Well)]
    #[case("2021-04-19", "", "2021-04", Fit::Well)]
    #[case("2021-04-19", "", "2021", Fit::Roughly)]
    #[case("2021-06-01", "", "2021-04-16", Fit::Roughly)]
    #[case("2021-04", "", "2021-04-16", Fit::Well)]
    #[case("2021-04-19", "2021-04-16", "2021-04-15", Fit::Roughly)]
    #[case("2021-04-19", "2021-04-16", "2021-04-02", Fit::Hardly)]
    #[case("2021-08-01", "", "2021-04-16", Fit::Hardly)]
    #[case("2021-04-19", "2021-04-16", "2020-04-16", Fit::Apart)]
    #[case("2022-08-01", "", "2021-04-16", Fit::Apart)]
    #[case("2020-11-01", "", "2021-04-16", Fit::Apart)]
    #[case("2021-04-19", "", "", Fit::Unknown)]
    #[case("", "", "2021-04-16", Fit::Unknown)]
    #[case("2021-04-19", "", "../2021", Fit::Unknown)]
    fn days_fit_within_their_imprecision(
        #[case] announced: &str,
        #[case] happened: &str,
        #[case] recorded: &str,
        #[case] right: Fit,
    ) {
        let fits = fit(bounds(announced), bounds(happened), bounds(recorded));
        assert_eq!(fits, right);
    }
}
