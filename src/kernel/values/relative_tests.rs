use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn date(edtf: &str) -> ImpreciseDate {
    ImpreciseDate::parse(edtf).unwrap()
}

fn relative(to: Value) -> ImpreciseDate {
    let value = json!({"as_stated": "체결일로부터", "relative_to": to});
    serde_json::from_value(value).unwrap()
}

fn derived(to: Value, anchor: &AnchorDate) -> Option<String> {
    let mut date = relative(to);
    date.derive_from(anchor);
    date.edtf()
}

#[track_caller]
fn check(cases: &[(Value, &str, &str)]) {
    for (to, anchor, expected) in cases {
        let anchor = AnchorDate::event(Some(&date(anchor)));
        assert_eq!(
            derived(to.clone(), &anchor).as_deref(),
            Some(*expected),
            "{to}"
        );
    }
}

#[test]
fn periods_are_reckoned_as_the_civil_act_does() {
    let cases = [
        // The day of signing is left out.
        (
            json!({"anchor": "signing", "years": 2}),
            "2021-04-16",
            "2023-04-16",
        ),
        (
            json!({"anchor": "signing", "days": 30}),
            "2021-04-16",
            "2021-05-16",
        ),
        (
            json!({"anchor": "signing", "years": 1, "months": 6, "days": 10}),
            "2021-04-16",
            "2022-10-26",
        ),
        (
            json!({"anchor": "signing", "months": 1}),
            "2021-02-28",
            "2021-03-31",
        ),
        (
            json!({"anchor": "signing", "years": 1}),
            "2020-02-29",
            "2021-02-28",
        ),
        // Counted by agreement of the parties.
        (
            json!({"anchor": "signing", "years": 2, "counts_first_day": true}),
            "2021-04-16",
            "2023-04-15",
        ),
        (
            json!({"anchor": "effective_until", "days": 30, "direction": "before"}),
            "2023-04-16",
            "2023-03-17",
        ),
        (
            json!({"anchor": "milestone", "months": 6, "direction": "before"}),
            "2023-08-31",
            "2023-02-28",
        ),
        (
            json!({"anchor": "milestone", "months": 36, "is_limit": true}),
            "2023-10-26",
            "../2026-10-26",
        ),
        (json!({"anchor": "milestone"}), "2023-10-26~", "2023-10-26~"),
    ];
    check(&cases);
    // A term that begins at midnight counts its first day.
    let first = AnchorDate::first_day(&date("2021-05-01"));
    let two_years = || json!({"anchor": "effective_from", "years": 2});
    assert_eq!(derived(two_years(), &first).as_deref(), Some("2023-04-30"));
    assert_eq!(derived(two_years(), &AnchorDate::default()), None);
}

#[test]
fn imprecise_anchors_give_ranges() {
    check(&[
        (json!({"anchor": "signing", "years": 2}), "2021", "2023"),
        (
            json!({"anchor": "signing", "years": 2}),
            "2021-Q3",
            "2023-35",
        ),
        (
            json!({"anchor": "signing", "days": 1}),
            "2021",
            "2021-01-02/2022-01-01",
        ),
        (
            json!({"anchor": "milestone", "months": 36}),
            "../2024",
            "../2027-12-31",
        ),
        (
            json!({"anchor": "milestone", "years": 5}),
            "2024~/..",
            "2029-01-01~/..",
        ),
    ]);
}

#[test]
fn a_relative_date_survives_as_json() {
    let mut ends = relative(json!({"anchor": "signing", "years": 2}));
    let value = serde_json::to_value(&ends).unwrap();
    assert_eq!(value["relative_to"]["anchor"], "signing");
    assert_eq!(
        (&value["edtf"], &value["latest"]),
        (&json!(null), &json!(null))
    );
    ends.derive_from(&AnchorDate::event(Some(&date("2021~"))));
    let value = serde_json::to_value(&ends).unwrap();
    assert_eq!(value["edtf"], json!(null));
    assert_eq!(value["earliest"], "2023-01-01");
    assert_eq!(value["approximate"], true);
    assert_eq!(
        serde_json::from_value::<ImpreciseDate>(value).unwrap(),
        ends
    );
    let plain = serde_json::to_value(ends.plain()).unwrap();
    assert_eq!(
        (&plain["edtf"], &plain["as_stated"]),
        (&json!("2023~"), &json!("체결일로부터"))
    );
    assert_eq!(plain.get("relative_to"), None);
}

#[test]
fn an_anchor_has_its_place() {
    let wrong = |to: Value| {
        let found = misplaced_anchor(
            Some(&relative(to)),
            &[Anchor::Signing, Anchor::Milestone],
            "/due",
        );
        found.map(|wrong| {
            (
                wrong.code.to_string(),
                wrong.params["at"].as_str().unwrap().to_owned(),
            )
        })
    };
    let id = "0178d7fa-2c00-7000-8000-000000000001";
    let refused = |code: &str, at: &str| Some((code.to_owned(), at.to_owned()));
    assert_eq!(wrong(json!({"anchor": "signing"})), None);
    assert_eq!(
        wrong(json!({"anchor": "milestone", "milestone_id": id})),
        None
    );
    assert_eq!(
        wrong(json!({"anchor": "milestone"})),
        refused("required", "/due/relative_to/milestone_id")
    );
    assert_eq!(
        wrong(json!({"anchor": "signing", "milestone_id": id})),
        refused("unexpected", "/due/relative_to/milestone_id")
    );
    assert_eq!(
        wrong(json!({"anchor": "effective_until"})),
        refused("no_anchor", "/due/relative_to/anchor")
    );
    let both: ImpreciseDate = serde_json::from_value(
        json!({"edtf": "2023", "as_stated": "2년", "relative_to": {"anchor": "signing"}}),
    )
    .unwrap();
    let found = misplaced_anchor(Some(&both), &[Anchor::Signing], "/due").unwrap();
    assert_eq!(found.code, "stated_twice");
}

proptest! {
    /// The bounds are those of the derived days of all days that the anchor can mean.
    #[test]
    fn bounds_are_those_of_all_possible_days(
        first in 0_u64..800, length in 0_u64..40, months in 0_u32..30, days in 0_u32..40,
        after: bool, counts: bool,
    ) {
        let day = |n: u64| NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(n);
        let to = RelativeTo {
            anchor: Anchor::Signing,
            milestone_id: None,
            milestone: None,
            agreement_id: None,
            direction: if after { Direction::After } else { Direction::Before },
            years: 0,
            months,
            days,
            is_limit: false,
            counts_first_day: Some(counts),
            beside_edtf: false,
        };
        let all: Vec<_> = (first..=first + length).map(|n| to.day(day(n), counts).unwrap()).collect();
        let anchor = AnchorDate {
            bounds: Bounds { earliest: Some(day(first)), latest: Some(day(first + length)) },
            ..AnchorDate::default()
        };
        let found = to.bounds(&anchor);
        prop_assert_eq!(found.earliest, all.iter().min().copied());
        prop_assert_eq!(found.latest, all.iter().max().copied());
    }
}
