use proptest::prelude::*;
use rstest::rstest;

use super::super::types::{ForecastContent, MilestoneStatus, Origin, OutcomeContent};
use super::*;

fn date(text: &str) -> ImpreciseDate {
    ImpreciseDate::parse(text).unwrap()
}

fn forecast(stated_on: &str, target: &str) -> Forecast {
    let content = ForecastContent {
        target: date(target),
        stated_on: date(stated_on),
        stated_by: None,
        reason_code: None,
        reason: None,
        note: None,
        source: None,
    };
    Forecast {
        id: uuid::Uuid::nil().into(),
        content,
        retraction: None,
        origin: Origin::Stated,
    }
}

fn outcome(kind: OutcomeKind, on: &str) -> Outcome {
    let content = OutcomeContent {
        kind,
        on: date(on),
        note: None,
        source: None,
    };
    Outcome {
        id: uuid::Uuid::nil().into(),
        content,
        retraction: None,
    }
}

/// Targets by day of the statement, and outcomes by date.
type Dates = (
    &'static [(&'static str, &'static str)],
    &'static [(OutcomeKind, &'static str)],
);

/// Returns the forecasts and outcomes of Ilsan Technovalley.
fn history(kind: &str) -> (Vec<Forecast>, Vec<Outcome>) {
    let (stated, past_events): Dates = match kind {
        "plan_approval" => (
            &[
                ("2020-01-13", "2020-12~"),
                ("2021-04-16", "2021"),
                ("2021-06~", "2021-08"),
            ],
            &[(OutcomeKind::Met, "2021-08-31")],
        ),
        "groundbreaking" => (
            &[
                ("2019-12-20", "2021"),
                ("2020-01-13", "2021-03"),
                ("2021-04-16", "2021"),
                ("2021-09~", "2021-12"),
                ("2023-02-07", "2023-09"),
            ],
            &[(OutcomeKind::Met, "2023-10-26")],
        ),
        "land_supply" => (
            &[
                ("2021-04-16", "2022"),
                ("2023-11-09", "2024-12~"),
                ("2024-02-13", "2024-41"),
                ("2024-11~", "2025"),
                ("2025-03~", "2025-40"),
                ("2025-08-12", "2025-41"),
                ("2025-12-07", "2026"),
            ],
            &[
                (OutcomeKind::Started, "2025-10-30"),
                (OutcomeKind::Failed, "2025-12-03"),
            ],
        ),
        _ => (
            &[
                ("2019-12-20", "2023"),
                ("2021-04-16", "../2024"),
                ("2023-02-07", "2026-12~"),
                ("2024-02-13", "2026-41"),
            ],
            &[],
        ),
    };
    (
        stated
            .iter()
            .map(|(on, target)| forecast(on, target))
            .collect(),
        past_events
            .iter()
            .map(|(kind, on)| outcome(*kind, on))
            .collect(),
    )
}

#[rstest]
#[case("land_supply", "2023-06-30", MilestoneStatus::Overdue, Some((0, 0)))]
#[case("plan_approval", "2024-12-31", MilestoneStatus::MetLate, Some((243, 273)))]
#[case("groundbreaking", "2024-12-31", MilestoneStatus::MetLate, Some((664, 1028)))]
#[case("groundbreaking", "2021-12-31", MilestoneStatus::Due, Some((-30, 364)))]
#[case("groundbreaking", "2023-10-25", MilestoneStatus::Overdue, Some((609, 1002)))]
#[case("land_supply", "2024-12-31", MilestoneStatus::Planned, Some((732, 1460)))]
#[case("land_supply", "2026-11-23", MilestoneStatus::Due, Some((1097, 1825)))]
#[case("completion", "2024-12-31", MilestoneStatus::Planned, Some((913, 1460)))]
#[case("completion", "2019-12-19", MilestoneStatus::Unknown, None)]
fn ilsan_technovalley(
    #[case] kind: &str,
    #[case] day: &str,
    #[case] status: MilestoneStatus,
    #[case] slip: Option<(i64, i64)>,
) {
    let (forecasts, outcomes) = history(kind);
    let day = day.parse().unwrap();
    let state = state(&forecasts, &outcomes, day);
    assert_eq!(
        MilestoneStatus::from(state.phase.status(state.target, day)),
        status
    );
    let slip = slip.map(|(min, max)| DayRange {
        min_days: Some(min),
        max_days: Some(max),
    });
    assert_eq!(state.slip, slip);
}

#[test]
fn an_open_end_leaves_its_end_of_the_slip_open() {
    let (forecasts, _) = history("completion");
    let state = state(&forecasts, &[], "2021-12-31".parse().unwrap());
    assert_eq!(
        state.slip,
        Some(DayRange {
            min_days: None,
            max_days: Some(730)
        })
    );
    // What moved is the last day, which is known on both sides.
    assert_eq!(state.deadline_slip_days, Some(366));
}

#[test]
fn a_limit_that_was_extended_slipped_by_whole_days() {
    let forecasts = [
        forecast("2021-06-01", "../2021-06-30"),
        forecast("2021-06-21", "../2021-12-31"),
    ];
    let on = |day: &str| state(&forecasts, &[], day.parse().unwrap());
    let open = Some(DayRange {
        min_days: None,
        max_days: None,
    });
    let then = on("2021-12-31");
    assert_eq!((then.slip, then.deadline_slip_days), (open, Some(184)));
    let overdue = |day: &str| {
        let then = on(day);
        then.phase.overdue_days(then.target, day.parse().unwrap())
    };
    assert_eq!(overdue("2021-12-31"), None);
    assert_eq!(overdue("2022-01-01"), Some(1));
    assert_eq!(overdue("2022-12-31"), Some(365));
}

#[test]
fn a_retracted_forecast_does_not_count() {
    let mut forecasts = vec![
        forecast("2021-04-16", "2021"),
        forecast("2021-05-01", "2031"),
    ];
    forecasts[1].retraction = Some(crate::kernel::values::Retraction {
        reason: crate::kernel::values::Localized::ko("오기"),
        retracted_on: "2021-06-01".parse().unwrap(),
    });
    let state = state(&forecasts, &[], "2022-01-01".parse().unwrap());
    assert_eq!(
        (state.target, state.forecast_count),
        (Some(&date("2021")), 1)
    );
}

#[test]
fn outcomes_follow_one_another() {
    let day = "2026-01-01".parse().unwrap();
    let forecasts = [forecast("2020-01-01", "2022")];
    let mut outcomes = Vec::new();
    for (kind, on, status) in [
        (
            OutcomeKind::PartiallyMet,
            "2021-01-01",
            MilestoneStatus::PartiallyMet,
        ),
        (
            OutcomeKind::Cancelled,
            "2021-02-01",
            MilestoneStatus::Cancelled,
        ),
        (
            OutcomeKind::Reopened,
            "2021-03-01",
            MilestoneStatus::PartiallyMet,
        ),
        (OutcomeKind::Met, "2022-03-01", MilestoneStatus::Met),
        (
            OutcomeKind::Reopened,
            "2022-04-01",
            MilestoneStatus::Overdue,
        ),
        (OutcomeKind::Met, "2023-01-01", MilestoneStatus::MetLate),
    ] {
        outcomes.push(outcome(kind, on));
        let state = state(&forecasts, &outcomes, day);
        assert_eq!(
            MilestoneStatus::from(state.phase.status(state.target, day)),
            status,
            "after {kind:?}"
        );
    }
}

#[test]
fn what_takes_back_a_cancellation_or_suspension_restores_what_was_before() {
    use MilestoneStatus as S;
    use OutcomeKind::{Cancelled, Failed, Met, PartiallyMet, Reopened, Resumed, Suspended};
    let forecasts = [forecast("2008-01-01", "2010")];
    let cases: &[(&[OutcomeKind], S)] = &[
        // An approval that was revoked, and whose revocation was withdrawn.
        (&[Met, Cancelled], S::Cancelled),
        (&[Met, Cancelled, Reopened], S::Met),
        (&[Met, Cancelled, Cancelled, Reopened], S::Met),
        (&[PartiallyMet, Cancelled, Reopened], S::PartiallyMet),
        (&[Cancelled, Reopened], S::Overdue),
        (&[Met, Reopened], S::Overdue),
        (&[Met, Cancelled, Reopened, Reopened], S::Overdue),
        (&[Suspended], S::Suspended),
        (&[Suspended, Resumed], S::Overdue),
        (&[Suspended, Suspended, Resumed], S::Overdue),
        (&[Suspended, Failed], S::Suspended),
        (&[Met, Suspended], S::Suspended),
        (&[Met, Suspended, Resumed], S::Met),
        (&[Met, Suspended, Reopened], S::Overdue),
        (&[Suspended, Met], S::Met),
        (&[Suspended, Cancelled], S::Cancelled),
        (&[Suspended, Cancelled, Reopened], S::Suspended),
        (&[Met, Suspended, Cancelled, Resumed], S::Met),
        // A court suspends a revocation.
        (&[Met, Cancelled, Suspended, Resumed], S::Cancelled),
        (&[Met, Resumed], S::Met),
        (&[Resumed], S::Overdue),
    ];
    let day = "2026-01-01".parse().unwrap();
    for (kinds, status) in cases {
        let on = |i: usize| format!("2010-{:02}", i + 1);
        let outcomes = kinds.iter().enumerate();
        let outcomes: Vec<_> = outcomes.map(|(i, kind)| outcome(*kind, &on(i))).collect();
        let state = state(&forecasts, &outcomes, day);
        let found = MilestoneStatus::from(state.phase.status(state.target, day));
        assert_eq!(found, *status, "{kinds:?}");
        let met = kinds.iter().position(|kind| *kind == Met);
        let since = met.filter(|_| found == S::Met).map(|i| date(&on(i)));
        assert_eq!(state.actual, since.as_ref(), "{kinds:?}");
    }
}

proptest! {
    #[test]
    fn what_comes_later_changes_nothing_earlier(
        years in prop::collection::vec((2000..2020u32, 2000..2040u32), 0..6),
        later in (2021..2030u32, 2000..2040u32),
    ) {
        let mut forecasts: Vec<_> = years.iter().map(|(on, t)| forecast(&on.to_string(), &t.to_string())).collect();
        let day = "2020-06-30".parse().unwrap();
        let before = format!("{:?}", state(&forecasts, &[], day));
        forecasts.push(forecast(&later.0.to_string(), &later.1.to_string()));
        let outcomes = [outcome(OutcomeKind::Met, &later.0.to_string())];
        prop_assert_eq!(before, format!("{:?}", state(&forecasts, &outcomes, day)));
    }
}
