use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::agreements::duties::rules::tests::{day, doc, policies, reviewed, told_on};

#[test]
fn reviews_once_a_year() {
    let busan = policies(json!([{"valid_from": "2023-01-01", "review_interval_months": 12}]));
    let mut mou = doc(&[("signed", Some("2021-04-16"))], json!({}));
    // An agreement signed before the policy began counts from its start.
    assert_eq!(
        told_on(&mou, &busan, "2023-12-31"),
        ["review/review 2024-01-02 open 0"]
    );
    assert_eq!(
        told_on(&mou, &busan, "2024-01-02"),
        ["review/review 2024-01-02 open 0"]
    );
    assert_eq!(
        told_on(&mou, &busan, "2024-01-03"),
        ["review/review 2024-01-02 overdue 1"]
    );
    assert_eq!(
        told_on(&mou, &busan, "2026-11-23"),
        ["review/review 2024-01-02 overdue 3"]
    );
    // Each review sets the next one, even a late review.
    reviewed(&mut mou, "2025-03");
    assert_eq!(
        told_on(&mou, &busan, "2026-11-23"),
        [
            "review/review 2024-01-02 done_late 2",
            "review/review 2026-03-03/2026-03-31 overdue 1"
        ]
    );
    // A review made before the policy began was not required.
    reviewed(&mut mou, "2022-06-01");
    assert_eq!(told_on(&mou, &busan, "2026-11-23").len(), 2);
}

#[rstest]
// 2025 or 2021 at the first: one of them was missed, or more.
#[case("2020/2024", "2021-01-04/2025-12-31 overdue")]
#[case("../2024", "../2025-12-31 overdue")]
#[case("2023", "2024-01-02/2024-12-31 overdue")]
// However it is counted, three were missed.
#[case("2023-03", "2024-03-04/2024-04-01 overdue 3")]
#[case("2025-12", "2026-12-01/2026-12-31 open 0")]
#[case("2025", "2026-01-02/2026-12-31 open")]
fn missed_reviews_after_an_imprecise_day_are_counted_if_each_day_gives_one_number(
    #[case] signed: &str,
    #[case] review: &str,
) {
    let yearly = policies(json!([{"review_interval_months": 12}]));
    let mou = doc(&[("signed", Some(signed))], json!({}));
    let told = told_on(&mou, &yearly, "2026-11-23");
    assert_eq!(told, [format!("review/review {review}")]);
}

#[test]
fn a_review_of_an_imprecise_day_may_have_come_in_time() {
    let yearly = policies(json!([{"review_interval_months": 12}]));
    let mut mou = doc(&[("signed", Some("2023-04-16"))], json!({}));
    reviewed(&mut mou, "2024");
    let told = told_on(&mou, &yearly, "2024-12-31");
    assert_eq!(told[0], "review/review 2024-04-16 done");
}

#[test]
fn reviews_end_with_the_agreement() {
    let yearly = policies(json!([{"review_interval_months": 12}]));
    let steps = [
        ("signed", Some("2021-04-16")),
        ("completed", Some("2023-12-31")),
    ];
    let mut ended = doc(&steps, json!({}));
    assert_eq!(
        told_on(&ended, &yearly, "2026-11-23"),
        ["review/review 2022-04-18 overdue 2"]
    );
    reviewed(&mut ended, "2023-05-01");
    assert_eq!(
        told_on(&ended, &yearly, "2026-11-23"),
        ["review/review 2022-04-18 done_late 2"]
    );
    // A review made counts as done, even if it was not due before the end.
    reviewed(&mut ended, "2023-12-20");
    assert_eq!(
        told_on(&ended, &yearly, "2026-11-23"),
        [
            "review/review 2022-04-18 done_late 2",
            "review/review 2024-05-01 done 0"
        ]
    );
    let void = doc(
        &[("signed", Some("2021-04-16")), ("voided", Some("2023"))],
        json!({}),
    );
    assert_eq!(told_on(&void, &yearly, "2026-11-23"), [""; 0]);
}

#[rstest]
#[case(json!({"effective_until": {"edtf": "2023-12-31"}}), Some("2022-04-18 overdue 2"))]
// A review can still be due on the last day in force.
#[case(json!({"effective_until": {"edtf": "2023-04-16"}}), Some("2022-04-18 overdue 2"))]
#[case(json!({"effective_until": {"edtf": "2023-04-15"}, "auto_renews": false}), Some("2022-04-18 overdue 1"))]
// An imprecise last day counts by its last day.
#[case(json!({"effective_until": {"edtf": "2022"}}), Some("2022-04-18 overdue 1"))]
#[case(json!({"effective_until": {"edtf": "2022-04-15"}}), None)]
#[case(json!({"effective_until": {"edtf": "2022-04-15"}, "auto_renews": true}), Some("2022-04-18 overdue 5"))]
#[case(json!({"effective_until": {"edtf": "2022/.."}}), Some("2022-04-18 overdue 5"))]
#[case(json!({}), Some("2022-04-18 overdue 5"))]
fn reviews_end_with_the_last_day_in_force(#[case] content: Value, #[case] review: Option<&str>) {
    let yearly = policies(json!([
        {"valid_until": "2022-12-31", "review_interval_months": 12},
        {"valid_from": "2023-01-01", "review_interval_months": 12}]));
    let mut mou = doc(&[("signed", Some("2021-04-16"))], content);
    let wanted: Vec<String> = review
        .iter()
        .map(|review| format!("review/review {review}"))
        .collect();
    assert_eq!(told_on(&mou, &yearly, "2026-11-23"), wanted);
    // A review made counts as done.
    reviewed(&mut mou, "2026-02-01");
    let told = told_on(&mou, &yearly, "2026-11-23");
    assert!(told[0].contains("2022-04-18 done_late"), "{told:?}");
    // After an end of unknown day no review is open, whenever the term was over.
    mou.reviews.clear();
    mou.transitions
        .extend(doc(&[("completed", None)], json!({})).transitions);
    assert_eq!(told_on(&mou, &yearly, "2026-11-23"), [""; 0]);
}

#[rstest]
#[case("completed")]
#[case("terminated")]
#[case("superseded")]
fn no_review_is_open_after_an_unknown_end(#[case] end: &str) {
    let yearly = policies(json!([{"review_interval_months": 12}]));
    for on in [None, Some("2023/..")] {
        let mut ended = doc(&[("signed", Some("2022-03-01")), (end, on)], json!({}));
        assert_eq!(told_on(&ended, &yearly, "2026-11-23"), [""; 0]);
        reviewed(&mut ended, "2023-02-01");
        assert_eq!(
            told_on(&ended, &yearly, "2026-11-23"),
            ["review/review 2023-03-02 done 0"]
        );
    }
}

#[rstest]
#[case(json!([{"valid_from": "2022-01-01", "review_interval_months": 12}]), "2023-01-02", 4)]
// Two policies with the same interval count as one.
#[case(json!([{"valid_from": "2022-01-01", "valid_until": "2024-12-31", "review_interval_months": 12},
    {"valid_from": "2025-01-01", "review_interval_months": 12}]), "2023-01-02", 4)]
// So do three, one of which is too short for a review to fall due.
#[case(json!([{"valid_from": "2022-01-01", "valid_until": "2024-06-30", "review_interval_months": 12},
    {"valid_from": "2025-01-01", "review_interval_months": 12},
    {"valid_from": "2024-07-01", "valid_until": "2024-12-31", "review_interval_months": 12}]), "2023-01-02", 4)]
// 2023-01-01, 2024-01-01, 2025-01-01 and every half-year since.
#[case(json!([{"valid_from": "2022-01-01", "valid_until": "2024-12-31", "review_interval_months": 12},
    {"valid_from": "2025-01-01", "review_interval_months": 6}]), "2023-01-02", 6)]
// 2023-01-01, 2024-01-01 and 2026-01-01.
#[case(json!([{"valid_from": "2022-01-01", "valid_until": "2024-12-31", "review_interval_months": 12},
    {"valid_from": "2025-01-01", "review_interval_months": 24}]), "2023-01-02", 3)]
// After a year without a requirement, the interval begins anew.
#[case(json!([{"valid_from": "2022-01-01", "valid_until": "2023-12-31", "review_interval_months": 12},
    {"valid_from": "2024-01-01", "valid_until": "2024-12-31"},
    {"valid_from": "2025-01-01", "review_interval_months": 12}]), "2023-01-02", 2)]
fn what_was_missed_is_counted_across_policies(
    #[case] all: Value,
    #[case] due: &str,
    #[case] missed: u32,
) {
    let mut mou = doc(&[("signed", Some("2021-04-16"))], json!({}));
    assert_eq!(
        told_on(&mou, &policies(all.clone()), "2026-11-23"),
        [format!("review/review {due} overdue {missed}")]
    );
    // A review made under the last policy sets the next one.
    reviewed(&mut mou, "2026-06-01");
    let told = told_on(&mou, &policies(all), "2026-11-23");
    assert_eq!(told.len(), 2);
    assert!(told[1].ends_with("open 0"), "{told:?}");
}

#[test]
fn reviews_follow_the_policy_of_their_time() {
    let changed = policies(json!([
        {"valid_from": "2024-01-01", "review_interval_months": 12},
        {"valid_until": "2023-12-31", "review_interval_months": 24}]));
    let mut mou = doc(&[("signed", Some("2021-04-16"))], json!({}));
    // Further reviews were due one and two years after the newer policy began.
    assert_eq!(
        told_on(&mou, &changed, "2026-11-23"),
        ["review/review 2023-04-17 overdue 3"]
    );
    reviewed(&mut mou, "2023-04-16");
    assert_eq!(
        told_on(&mou, &changed, "2025-06-30"),
        [
            "review/review 2023-04-17 done 0",
            "review/review 2025-01-02 overdue 1"
        ]
    );
    // If the day of signing is unknown, the due date is unknown.
    let undated = doc(&[("signed", None)], json!({}));
    let always = policies(json!([{"review_interval_months": 12}]));
    assert_eq!(
        told_on(&undated, &always, "2026-11-23"),
        ["review/review - open"]
    );
}

#[rstest]
#[case("2024-01-31", 1, "2024-02-29", 1)]
#[case("2024-01-31", 1, "2024-03-01", 2)]
#[case("2024-01-31", 12, "2024-01-31", 0)]
#[case("2024-01-31", 12, "2024-02-01", 1)]
#[case("2024-01-31", 12, "2023-02-01", 0)]
#[case("2024-01-31", 6, "9999-12-31", 15_952)]
fn days_that_passed(
    #[case] first: &str,
    #[case] months: u32,
    #[case] by: &str,
    #[case] count: u32,
) {
    let recurrence = Some(Recurrence {
        months,
        start: None,
        until: None,
        moved: Vec::new(),
        then: Vec::new(),
        soonest: None,
    });
    let due = Some(ImpreciseDate::from_day(day(first)));
    let policy = Policy::default();
    let duty = Derived {
        due,
        recurrence,
        ..open_duty(&policy, DutyKind::Review, Occasion::Review)
    };
    assert_eq!(duty.missed(day(by)), Some(count));
}
