use rstest::rstest;
use serde_json::{Value, json};

use super::super::rules::tests::{day, policies};
use super::*;
use crate::kernel::values::to_db;

fn reports(all: &[(&str, Option<i32>)]) -> Vec<AnnualReport> {
    let all = all
        .iter()
        .map(|(on, year)| json!({"on": {"edtf": on}, "due_year": year}));
    serde_json::from_value(all.collect()).unwrap()
}

/// Formats the duties as `place due status missed`.
fn told(asked: Value, made: &[(&str, Option<i32>)], on: &str) -> Vec<String> {
    let (policies, reports) = (policies(asked), reports(made));
    told_of(&reporter(&policies, &reports), on)
}

fn reporter<'a>(policies: &'a [Policy], reports: &'a [AnnualReport]) -> Reporter<'a> {
    Reporter {
        policies,
        reports,
        recorded_on: day("2026-11-02"),
        began: None,
        ended: None,
    }
}

fn on_day(reporter: &Reporter, day: NaiveDate) -> Vec<Derived> {
    yearly(&Schedule::of(reporter), reporter, &Holidays::default(), day)
}

fn told_of(reporter: &Reporter, on: &str) -> Vec<String> {
    let on = day(on);
    let duties = on_day(reporter, on);
    // The rows in which the duties are kept tell the same.
    let spans = yearly_spans(reporter, &Holidays::default()).into_iter();
    let known = spans.filter(|k| k.from <= on && k.until.is_none_or(|until| on < until));
    let mut known: Vec<Derived> = known.map(|known| known.duty).collect();
    known.sort_by_key(|duty| duty.place);
    assert_eq!(known, duties);
    let words = duties.iter().map(|duty| {
        let due = duty.due.as_ref().and_then(ImpreciseDate::edtf).unwrap();
        let status = to_db(&duty.status(on));
        format!(
            "{} {due} {status} {}",
            duty.place,
            duty.missed(on).unwrap_or(99)
        )
    });
    words.collect()
}

/// By the last day of January, since 2023.
fn by_january() -> Value {
    json!([{"valid_from": "2023-01-01", "annual_report": {"by": "01-31"}}])
}

#[rstest]
#[case(&[], "2022-12-31", &[])]
#[case(&[], "2023-01-31", &["1 2023-01-31 open 0"])]
#[case(&[], "2023-02-01", &["1 2023-01-31 overdue 1"])]
#[case(&[], "2026-11-23", &["1 2023-01-31 overdue 4"])]
// In time, too late, and of an earlier year than its day.
#[case(&[("2023-01-20", None)], "2023-02-01", &["1 2023-01-31 done 0", "2 2024-01-31 open 0"])]
#[case(&[("2023-03-02", None)], "2023-04-01", &["1 2023-01-31 done_late 1", "2 2024-01-31 open 0"])]
#[case(&[("2024-03-02", Some(2023))], "2024-04-01", &["1 2023-01-31 done_late 1", "2 2024-01-31 overdue 1"])]
// Ahead of its year.
#[case(&[("2023-01-20", None), ("2023-12-20", Some(2024))], "2024-02-01",
    &["1 2023-01-31 done 0", "2 2024-01-31 done 0", "3 2025-01-31 open 0"])]
// One report closes the years before it.
#[case(&[("2025-01-10", None)], "2026-11-23", &["1 2023-01-31 done_late 2", "2 2026-01-31 overdue 1"])]
// A second report in a year, and one before any was due, fulfil nothing.
#[case(&[("2022-12-20", None), ("2023-01-20", None), ("2023-06-20", None)], "2023-12-31",
    &["1 2023-01-31 done 0", "2 2024-01-31 open 0"])]
// Not known yet.
#[case(&[("2023-01-20", None)], "2023-01-19", &["1 2023-01-31 open 0"])]
fn once_in_each_year(
    #[case] made: &[(&str, Option<i32>)],
    #[case] on: &str,
    #[case] expected: &[&str],
) {
    assert_eq!(told(by_january(), made, on), expected);
}

#[test]
fn in_a_session_on_an_unknown_day_of_the_year() {
    let asked =
        json!([{"valid_from": "2024-03-01", "annual_report": {"in_session": "제2차 정례회"}}]);
    assert_eq!(
        told(asked.clone(), &[], "2024-12-31"),
        ["1 2024 open 0"],
        "any day of the year is in time"
    );
    let late = told(asked.clone(), &[], "2026-11-23");
    assert_eq!(late, ["1 2024 overdue 2"]);
    let (policies, none) = (policies(asked), []);
    let duty = &on_day(&reporter(&policies, &none), day("2024-12-31"))[0];
    assert_eq!(duty.due_as_stated.as_ref().unwrap().ko, "제2차 정례회");
    assert_eq!(duty.last_working_day, None);
}

#[test]
fn the_day_of_the_ordinance_does_not_move() {
    let (policies, none) = (policies(by_january()), []);
    let reporter = reporter(&policies, &none);
    // A Saturday.
    let reports = reports(&[("2025-01-31", None)]);
    let of_2026 = Reporter {
        reports: &reports,
        ..reporter
    };
    let open = &on_day(&of_2026, day("2026-01-05"))[1];
    assert_eq!(open.due.as_ref().unwrap().edtf().unwrap(), "2026-01-31");
    assert_eq!(open.moved, None);
    assert_eq!(open.last_working_day, Some(day("2026-01-30")));
}

#[test]
fn policies_that_follow_one_another() {
    let old = json!({"valid_from": "2020-01-01", "valid_until": "2022-06-30", "annual_report": {"by": "01-31"}});
    let none = json!({"valid_from": "2022-07-01", "valid_until": "2023-12-31"});
    let new = json!({"valid_from": "2024-01-01", "annual_report": {"by": "12-31"}});
    let all = json!([old, none, new]);
    // 2020, 2021 and 2022 under the old one, 2024 and 2025 under the new one.
    assert_eq!(
        told(all.clone(), &[], "2026-11-23"),
        ["1 2020-01-31 overdue 5"]
    );
    let made = [("2022-01-31", None), ("2023-05-01", None)];
    assert_eq!(
        told(all.clone(), &made, "2026-11-23"),
        ["1 2020-01-31 done_late 2", "2 2024-12-31 overdue 2"]
    );
    // Reported late in the year of the change, once.
    let changed = json!([{"valid_from": "2020-01-01", "valid_until": "2020-06-30", "annual_report": {"by": "01-31"}},
        {"valid_from": "2020-07-01", "annual_report": {"by": "12-31"}}]);
    assert_eq!(told(changed, &[], "2022-01-01"), ["1 2020-01-31 overdue 2"]);
    // Repealed: what was missed stays open, and no more is due.
    let gone = json!([{"valid_from": "2020-01-01", "valid_until": "2021-06-30", "annual_report": {"by": "01-31"}}]);
    assert_eq!(
        told(gone.clone(), &[], "2026-11-23"),
        ["1 2020-01-31 overdue 2"]
    );
    let both = [("2020-01-31", None), ("2021-01-31", None)];
    assert_eq!(
        told(gone, &both, "2026-11-23"),
        ["1 2020-01-31 done 0", "2 2021-01-31 done 0"]
    );
}

#[test]
fn since_an_unknown_day_and_over_a_succession() {
    let always = json!([{"annual_report": {"by": "12-31"}}]);
    assert_eq!(told(always.clone(), &[], "2026-11-01"), [""; 0]);
    assert_eq!(told(always, &[], "2026-11-23"), ["1 2026-12-31 open 0"]);
    let (policies, none) = (policies(by_january()), []);
    let old = Reporter {
        ended: Some(day("2025-07-01")),
        ..reporter(&policies, &none)
    };
    assert_eq!(told_of(&old, "2026-11-23"), ["1 2023-01-31 overdue 3"]);
    let new = Reporter {
        began: Some(day("2025-07-01")),
        ..reporter(&policies, &none)
    };
    assert_eq!(told_of(&new, "2025-06-30"), [""; 0]);
    assert_eq!(told_of(&new, "2026-11-23"), ["1 2026-01-31 overdue 1"]);
}
