//! Placement of records in figures, case by case.

use super::Placement::{DenominatorOnly, LeftOut, Numerator};
use super::*;

/// A date, or one that is known in words alone.
fn date(text: &str) -> ImpreciseDate {
    let words = || serde_json::from_value(serde_json::json!({"as_stated": text})).unwrap();
    ImpreciseDate::parse(text).unwrap_or_else(|_| words())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn only_what_is_due_and_known_counts_as_carried_out_or_not() {
    use CommitmentStatus as S;
    use LeftOutReason as Why;
    let cases = [
        (S::Fulfilled, Some("2024"), Numerator),
        (S::Unfulfilled, Some("2024"), DenominatorOnly),
        (S::InProgress, Some("../2024"), DenominatorOnly),
        (S::NotStarted, Some("2024-12-31"), DenominatorOnly),
        (S::Unknown, Some("2024"), LeftOut(Why::NothingReported)),
        (S::Unknown, None, LeftOut(Why::NoDueDate)),
        (S::Fulfilled, None, LeftOut(Why::NoDueDate)),
        // A commitment is not late on its last day, and never with an open end.
        (S::Fulfilled, Some("2025-01-01"), LeftOut(Why::NotDueYet)),
        (S::Unfulfilled, Some("2024/.."), LeftOut(Why::NotDueYet)),
        (S::Dropped, Some("2024"), LeftOut(Why::Released)),
        (S::CarriedOver, None, LeftOut(Why::Released)),
    ];
    for (status, due, placement) in cases {
        let due = due.map(date);
        let found = place_commitment(status, Bounds::of(due.as_ref()), day("2025-01-01"));
        assert_eq!(found, placement, "{status:?} {due:?}");
    }
}

#[test]
fn what_ended_unknown_is_no_failure() {
    use AgreementStatus as S;
    use LeftOutReason as Why;
    let cases = [
        (S::Completed, Some(EndedBy::Completion), Some(Numerator)),
        (
            S::Terminated,
            Some(EndedBy::Termination),
            Some(DenominatorOnly),
        ),
        (S::Superseded, None, Some(LeftOut(Why::Superseded))),
        (
            S::Signed,
            Some(EndedBy::Expiry),
            Some(LeftOut(Why::Expired)),
        ),
        (S::Signed, None, Some(LeftOut(Why::NotEnded))),
        (S::Approved, None, None),
        (S::Withdrawn, None, None),
        (S::Voided, None, None),
    ];
    for (status, ended_by, placement) in cases {
        let found = place_agreement(status, ended_by, false);
        assert_eq!(found, placement, "{status:?} {ended_by:?}");
    }
    // It ended on a day that may lie before this one: nobody can say that it goes on.
    let open = place_agreement(S::Signed, None, true);
    assert_eq!(open, Some(LeftOut(Why::CannotTell)));
}

#[test]
fn what_was_not_reported_counts_among_all_that_is_due() {
    use CommitmentStatus as S;
    use LeftOutReason as Why;
    for (status, due, placement) in [
        (S::Unknown, Some("2023"), DenominatorOnly),
        (S::Fulfilled, Some("2023"), Numerator),
        (S::Unknown, Some("2026"), LeftOut(Why::NotDueYet)),
        (S::Unknown, None, LeftOut(Why::NoDueDate)),
        (S::CarriedOver, Some("2023"), LeftOut(Why::Released)),
    ] {
        let due = due.map(date);
        assert_eq!(
            place_due(status, Bounds::of(due.as_ref()), day("2025-01-01")),
            placement
        );
    }
}

#[test]
fn a_milestone_is_held_to_its_first_target() {
    use LeftOutReason as Why;
    let cases = [
        (Phase::Met, Some("2021"), Some("2021-12-31"), Numerator),
        (
            Phase::MetLate,
            Some("2021"),
            Some("2022-01-01"),
            DenominatorOnly,
        ),
        (
            Phase::Met,
            Some("2021-06"),
            Some("2021"),
            LeftOut(Why::CannotTell),
        ),
        (
            Phase::Met,
            Some("2021/.."),
            Some("2022"),
            LeftOut(Why::CannotTell),
        ),
        (Phase::Met, None, Some("2021"), LeftOut(Why::NoTarget)),
        (Phase::Open, Some("2024"), None, DenominatorOnly),
        (Phase::PartiallyMet, Some("2024"), None, DenominatorOnly),
        (Phase::Open, Some("2025"), None, LeftOut(Why::NotDueYet)),
        (Phase::Open, Some("미정"), None, LeftOut(Why::CannotTell)),
        (
            Phase::Cancelled,
            Some("2021"),
            None,
            LeftOut(Why::Cancelled),
        ),
        (Phase::Unknown, None, None, LeftOut(Why::NoTarget)),
    ];
    for (phase, baseline, actual, placement) in cases {
        let (baseline, actual) = (baseline.map(date), actual.map(date));
        let found = place_milestone(phase, baseline.as_ref(), actual.as_ref(), day("2025-01-01"));
        assert_eq!(found, placement, "{phase:?} {baseline:?} {actual:?}");
    }
}

fn execution_rate<'a>(
    commitments: impl Iterator<Item = (CommitmentStatus, Option<&'a ImpreciseDate>)>,
    day: NaiveDate,
    link: &Link,
) -> Figure {
    let mut tally = Tally::default();
    for (status, due) in commitments {
        tally.add(place_commitment(status, Bounds::of(due), day));
    }
    tally.figure(link)
}

#[test]
fn nothing_is_divided_by_zero_and_unknown_is_no_zero() {
    let due = date("2024");
    let link = Link::to("/things").with("topic", "바이오 & 의료");
    let unknown = [
        (CommitmentStatus::Unknown, None),
        (CommitmentStatus::Unknown, Some(&due)),
    ];
    let rate = execution_rate(unknown.into_iter(), day("2025-01-01"), &link);
    assert_eq!((rate.value, rate.numerator, rate.denominator), (None, 0, 0));
    let out: Vec<_> = rate
        .left_out
        .iter()
        .map(|out| (out.reason, out.count))
        .collect();
    let expected = [
        (LeftOutReason::NoDueDate, 1),
        (LeftOutReason::NothingReported, 1),
    ];
    assert_eq!(out, expected);
    let none = execution_rate(std::iter::empty(), day("2025-01-01"), &link);
    assert_eq!((none.value, none.left_out), (None, vec![]));
    let known = [
        CommitmentStatus::Fulfilled,
        CommitmentStatus::Unfulfilled,
        CommitmentStatus::InProgress,
    ];
    let rate = execution_rate(
        known.into_iter().map(|s| (s, Some(&due))),
        day("2025-01-01"),
        &link,
    );
    assert_eq!(
        (rate.value, rate.numerator, rate.denominator),
        (Some(0.3333), 1, 3)
    );
    assert_eq!(
        rate.link,
        "/api/v1/things?topic=%EB%B0%94%EC%9D%B4%EC%98%A4+%26+%EC%9D%98%EB%A3%8C&part=denominator"
    );
}

#[test]
fn slips_are_ranges_and_so_are_their_medians() {
    let range = |min, max| {
        Some(DayRange {
            min_days: min,
            max_days: max,
        })
    };
    let mut slips = Slips::default();
    for (slip, deadline) in [
        (range(Some(0), Some(365)), Some(0)),
        (range(Some(664), Some(1028)), Some(664)),
        (range(Some(-10), Some(-10)), Some(-10)),
        (range(Some(100), Some(200)), Some(150)),
        // From limit to limit.
        (range(None, None), Some(184)),
        (range(None, Some(400)), None),
        (None, None),
    ] {
        slips.add(slip, deadline);
    }
    let figure = slips.figure(&Link::to("/things"));
    assert_eq!((figure.count, figure.range_count), (5, 4));
    assert_eq!(figure.median_deadline_days, Some(150.0));
    assert_eq!(
        (figure.min_deadline_days, figure.max_deadline_days),
        (Some(-10), Some(664))
    );
    assert_eq!(
        (figure.median_min_days, figure.median_max_days),
        (Some(50.0), Some(282.5))
    );
    assert_eq!((figure.min_days, figure.max_days), (Some(-10), Some(1028)));
    let out: Vec<_> = figure
        .left_out
        .iter()
        .map(|out| (out.reason, out.count))
        .collect();
    assert_eq!(
        out,
        [(LeftOutReason::NoTarget, 1), (LeftOutReason::CannotTell, 1)]
    );
    let none = Slips::default().figure(&Link::to("/things"));
    assert_eq!(
        (none.count, none.median_min_days, none.min_days),
        (0, None, None)
    );
}
