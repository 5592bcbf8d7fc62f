use rstest::rstest;
use serde_json::{Value, json};

use super::super::rules::duties;
use super::super::rules::tests::{day, doc, policies, told};
use super::*;
use crate::agreements::doc::Doc;
use crate::agreements::duties::types::DutyStatus;

/// Formats the duties as `due`, with what moved it and the last working day before it.
fn due(signed: &str, content: Value, policy: Value, holidays: &Holidays) -> Vec<String> {
    let mou = doc(&[("signed", Some(signed))], content);
    let all = duties(
        &mou,
        &policies(json!([policy])),
        holidays,
        day("2026-11-23"),
    );
    all.iter()
        .map(|duty| {
            let mut text = duty
                .due
                .as_ref()
                .and_then(ImpreciseDate::edtf)
                .unwrap_or("-".into());
            if let Some(moved) = &duty.moved {
                let from = moved.from.edtf().unwrap();
                text += &format!(" from {from}: {}", moved.because.ko);
            }
            if let Some(last) = duty.last_working_day {
                text += &format!(" (by {last})");
            }
            text
        })
        .collect()
}

#[rstest]
// 2026-08-26 plus 30 days is Chuseok; the holidays end on a Sunday.
#[case(
    "2026-08-26",
    "days",
    30,
    "2026-09-28 from 2026-09-25: 추석, 추석 다음 날, 일요일"
)]
#[case(
    "2024-12-28",
    "days",
    30,
    "2025-01-31 from 2025-01-27: 임시공휴일, 설날 전날, 설날, 설날 다음 날"
)]
#[case("2026-04-16", "days", 50, "2026-06-05")]
#[case("2019-02-28", "months", 1, "2019-04-01 from 2019-03-31: 일요일")]
#[case("2024-10-18", "months", 1, "2024-11-18")]
#[case("2026-04-30", "working_days", 2, "2026-05-06")]
#[case("2026-11-23", "working_days", 10, "2026-12-07")]
// Both ends of a range move.
#[case(
    "2026-11",
    "days",
    6,
    "2026-11-09/2026-12-07 from 2026-11-07/2026-12-06: 일요일"
)]
#[case("2026-11", "working_days", 1, "2026-11-02/2026-12-01")]
// Of the days outside the table only the weekday is known.
#[case("1998-04-16", "days", 30, "1998-05-16~")]
#[case("2030-12-20", "days", 16, "2031-01-06~ from 2031-01-05: 일요일")]
#[case("2030-12-30", "working_days", 2, "2031-01-01~")]
#[case("2004-04-16", "working_days", 2, "2004-04-19~")]
fn terms_end_as_the_law_counts(
    #[case] signed: &str,
    #[case] unit: &str,
    #[case] count: u32,
    #[case] wanted: &str,
) {
    let term = json!({"unit": unit, "count": count});
    let table = Holidays::default();
    let report = json!({"council_report": {"within": term}});
    assert_eq!(due(signed, json!({}), report, &table), [wanted]);
    let disclosure = json!({"disclosure_within": term});
    assert_eq!(due(signed, json!({}), disclosure, &table), [wanted]);
    if unit == "days" {
        let old = json!({"council_report": {"within_days": count}});
        assert_eq!(due(signed, json!({}), old, &table), [wanted]);
        let old = json!({"disclosure_within_days": count});
        assert_eq!(due(signed, json!({}), old, &table), [wanted]);
    }
}

#[test]
fn without_delay_sets_no_day() {
    let policy = json!({"council_report": {"within": {"unit": "without_delay", "count": null}}});
    let all = policies(json!([policy]));
    let mut mou = doc(&[("signed", Some("2021-04-16"))], json!({}));
    let on = day("2026-11-23");
    let duty = &duties(&mou, &all, &Holidays::default(), on)[0];
    let edtf = duty.due.as_ref().and_then(ImpreciseDate::edtf);
    assert_eq!(edtf.as_deref(), Some("2021-04-16/.."));
    assert_eq!(duty.due_as_stated.as_ref().unwrap().ko, "지체 없이");
    assert_eq!(duty.status(on), DutyStatus::Open);
    told(&mut mou, "post_report", "signing", "2026-06-05", "noted");
    let duty = &duties(&mou, &all, &Holidays::default(), on)[0];
    assert_eq!(duty.status(on), DutyStatus::Done);
}

#[rstest]
// 90 days before 2026-06-03 is a Thursday; election authorities count in the same way.
#[case("2026-06-03", 90, "2026-03-05")]
#[case("2007-03-31", 30, "2007-03-01 (by 2007-02-28)")]
#[case("2026-12-22", 30, "2026-11-22 (by 2026-11-20)")]
// The day before a holiday outside the table is not known to be a working day.
#[case("2031-02-04", 30, "2031-01-05")]
fn a_day_before_an_event_does_not_move(
    #[case] event: &str,
    #[case] days: u32,
    #[case] wanted: &str,
) {
    let table = Holidays::default();
    let content = json!({"effective_until": {"edtf": event}, "financial_obligation": true});
    let renewal = json!({"renewal_decision_days_before_expiry": days});
    let all = due("2005-01-03", content.clone(), renewal, &table);
    assert_eq!(all, [wanted]);
    let consent = json!({"prior_consent": {"money": "consent", "days_before": days}});
    assert_eq!(due(event, content, consent, &table), [wanted]);
}

#[test]
fn consent_is_due_on_the_day_of_signing_or_days_before() {
    let policy = |days: Value| {
        policies(json!([{"prior_consent": {"money": "consent", "days_before": days}}]))
    };
    let content = json!({"financial_obligation": true});
    let mut mou = doc(&[("signed", Some("2026-11-22"))], content.clone());
    let on = day("2026-11-23");
    told(&mut mou, "consent", "signing", "2026-11-20", "accepted");
    let of = |mou: &Doc, days| duties(mou, &policy(days), &Holidays::default(), on).remove(0);
    let same_day = of(&mou, json!(null));
    assert_eq!(same_day.status(on), DutyStatus::Done);
    assert_eq!(same_day.last_working_day, None);
    assert_eq!(of(&mou, json!(10)).status(on), DutyStatus::DoneLate);
    mou = doc(&[("approved", Some("2026-11-01"))], content);
    let words = of(&mou, json!(10)).due_as_stated.unwrap();
    assert_eq!(words.ko, "체결 10일 전까지");
    assert_eq!(of(&mou, json!(null)).due_as_stated.unwrap().ko, "체결 전");
}

#[test]
fn reviews_move_but_recur_from_the_day_before_the_move() {
    let yearly = policies(json!([{"review_interval_months": 12}]));
    // 2022-04-16 and 2023-04-16 are a Saturday and a Sunday, the later ones are working days.
    let mou = doc(&[("signed", Some("2021-04-16"))], json!({}));
    let of = |on: &str| duties(&mou, &yearly, &Holidays::default(), day(on)).remove(0);
    let duty = of("2022-04-18");
    assert_eq!(duty.last_day(), Some(day("2022-04-18")));
    assert_eq!(duty.moved.unwrap().because.ko, "토요일, 일요일");
    for (on, missed) in [
        ("2022-04-17", 0),
        ("2022-04-18", 0),
        ("2022-04-19", 1),
        ("2023-04-17", 1),
        ("2023-04-18", 2),
        ("2024-04-16", 2),
        ("2024-04-17", 3),
    ] {
        assert_eq!(of(on).missed(day(on)), Some(missed), "{on}");
    }
    // The review was due on the last day in force; it may be made on the next working day.
    let content = json!({"effective_until": {"edtf": "2023-04-16"}});
    let ends = doc(&[("signed", Some("2021-04-16"))], content);
    let duty = duties(&ends, &yearly, &Holidays::default(), day("2026-11-23")).remove(0);
    assert_eq!(duty.missed(day("2023-04-17")), Some(1));
    assert_eq!(duty.missed(day("2023-04-18")), Some(2));
    // A review in each calendar year stays in its year: 2022-12-31 is a Saturday.
    let each = policies(json!([{"review_every_year": true}]));
    let duty = duties(&mou, &each, &Holidays::default(), day("2026-11-23")).remove(0);
    assert_eq!(duty.last_day(), Some(day("2022-12-31")));
    assert_eq!(
        (duty.missed(day("2023-01-01")), duty.moved),
        (Some(1), None)
    );
}

#[test]
fn a_declared_holiday_moves_what_ends_on_it() {
    let name = Message::fixed("임시공휴일", "Temporary holiday");
    let declared = Holidays::with([(day("2026-12-04"), name)]);
    let policy = json!({"council_report": {"within_days": 18}});
    let of = |holidays: &Holidays| due("2026-11-16", json!({}), policy.clone(), holidays);
    assert_eq!(of(&Holidays::default()), ["2026-12-04"]);
    let moved = "2026-12-07 from 2026-12-04: 임시공휴일, 토요일, 일요일";
    assert_eq!(of(&declared), [moved]);
}

#[test]
fn reviews_recur_on_the_last_day_of_the_month() {
    let monthly = policies(json!([{"review_interval_months": 1}]));
    let mou = doc(&[("signed", Some("2024-01-31"))], json!({}));
    // Due on 29 February, on Sunday 31 March and hence 1 April, and on 30 April.
    for (on, missed) in [
        ("2024-02-29", 0),
        ("2024-03-30", 1),
        ("2024-04-01", 1),
        ("2024-04-02", 2),
        ("2024-04-30", 2),
        ("2024-05-01", 3),
    ] {
        let duty = duties(&mou, &monthly, &Holidays::default(), day(on)).remove(0);
        assert_eq!(duty.missed(day(on)), Some(missed), "{on}");
    }
}
