use chrono::Days;
use proptest::prelude::*;

use super::*;
use crate::kernel::values::Retraction;
use crate::projects::milestones::types::{ForecastContent, OutcomeContent};

fn date(text: &str) -> ImpreciseDate {
    ImpreciseDate::parse(text).unwrap()
}

fn forecast(stated_on: &str, target: &str) -> Forecast {
    let content = ForecastContent {
        target: date(target),
        stated_on: date(stated_on),
        stated_by: None,
        reason_code: Some(ReasonCode::Approval),
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

fn range(min: i64, max: i64) -> Option<DayRange> {
    Some(DayRange {
        min_days: Some(min),
        max_days: Some(max),
    })
}

/// Statements recorded in another order than stated; one is retracted as a mistake.
fn statements() -> ([Forecast; 4], [Outcome; 2]) {
    let mut mistaken = forecast("2020-06-01", "2035");
    mistaken.retraction = Some(Retraction {
        reason: Localized::ko("오독"),
        retracted_on: "2026-01-01".parse().unwrap(),
    });
    let forecasts = [
        forecast("2023-02-07", "2023-09"),
        mistaken,
        forecast("2019-12-20", "2021"),
        forecast("2021-04-16", "2021"),
    ];
    let outcomes = [
        outcome(OutcomeKind::Started, "2023-03-01"),
        outcome(OutcomeKind::Met, "2023-10-26"),
    ];
    (forecasts, outcomes)
}

#[test]
fn each_point_tells_how_far_it_moved() {
    let (forecasts, outcomes) = statements();
    let day = "2026-11-23".parse().unwrap();
    let all = points(&forecasts, &outcomes, day);
    let told: Vec<_> = all
        .iter()
        .map(|p| {
            (
                p.stated_on.edtf().unwrap(),
                p.target.edtf().unwrap(),
                p.slip,
                p.slip_from_previous,
            )
        })
        .collect();
    let day = |text: &str| text.to_owned();
    assert_eq!(
        told,
        [
            (day("2019-12-20"), day("2021"), range(0, 0), None),
            (day("2021-04-16"), day("2021"), range(0, 0), range(0, 0)),
            (
                day("2023-02-07"),
                day("2023-09"),
                range(609, 1002),
                range(609, 1002)
            ),
            (
                day("2023-10-26"),
                day("2023-10-26"),
                range(664, 1028),
                range(26, 55)
            ),
        ]
    );
    let deadlines = all.iter().map(|p| {
        let previous = p.deadline_slip_days_from_previous;
        (p.deadline_slip_days, previous, p.direction)
    });
    let deadlines: Vec<_> = deadlines.collect();
    assert_eq!(
        deadlines,
        [
            (Some(0), None, None),
            (Some(0), Some(0), None),
            (Some(638), Some(638), Some(Move::Later)),
            (Some(664), Some(26), None),
        ]
    );
    assert_eq!(all[3].event, SlipEvent::Met);
    assert_eq!(all[2].reason_code, Some(ReasonCode::Approval));
    let then = points(&forecasts, &outcomes, "2023-02-06".parse().unwrap());
    assert_eq!(then, all[..2]);
}

#[test]
fn without_a_target_nothing_moved() {
    let met = [outcome(OutcomeKind::Met, "2019-12-27")];
    let all = points(&[], &met, "2020-01-01".parse().unwrap());
    assert_eq!(
        (all.len(), all[0].slip, all[0].slip_from_previous),
        (1, None, None)
    );
}

proptest! {
    #[test]
    fn the_last_point_is_how_the_milestone_stands(
        stated in prop::collection::vec((0..3000_u64, 0..3000_u64), 1..6),
        met in prop::option::of(3000..4000_u64),
        day in 0..4000_u64,
    ) {
        let from = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap();
        let at = |days: u64| (from + Days::new(days)).to_string();
        let forecasts: Vec<_> = stated.iter().map(|(on, target)| forecast(&at(*on), &at(*target))).collect();
        let outcomes: Vec<_> = met.iter().map(|on| outcome(OutcomeKind::Met, &at(*on))).collect();
        let day = from + Days::new(day);
        let (all, state) = (points(&forecasts, &outcomes, day), state(&forecasts, &outcomes, day));
        if let Some(last) = all.last() {
            prop_assert_eq!(last.slip, state.slip);
            prop_assert_eq!(last.slip_from_previous, state.slip_from_previous);
            prop_assert_eq!(last.deadline_slip_days, state.deadline_slip_days);
            let previous = state.deadline_slip_days_from_previous;
            prop_assert_eq!(last.deadline_slip_days_from_previous, previous);
            prop_assert_eq!(Some(&last.target), state.actual.or(state.target));
        } else {
            prop_assert_eq!(state.slip, None);
        }
    }
}
