//! Selection of records by period, case by case.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn period(from: &str, to: &str, as_of: &str) -> Period {
    Period {
        from: day(from),
        to: day(to),
        as_of: day(as_of),
    }
}

#[test]
fn what_happened_lies_in_a_period_that_holds_all_its_days() {
    let year = period("2024-01-01", "2024-12-31", "2024-12-31");
    for (edtf, held) in [
        ("2023-12-31", false),
        ("2024-01-01", true),
        ("2024-12-31", true),
        ("2025-01-01", false),
        ("2024", true),
        ("2023/2024", false),
        ("2024/2025", false),
        ("../2024", false),
        ("2024/..", false),
    ] {
        let date = ImpreciseDate::parse(edtf).unwrap();
        assert_eq!(year.contains(&date), held, "{edtf}");
    }
    let half = period("2024-01-01", "2024-12-31", "2024-06-30");
    assert!(half.contains(&ImpreciseDate::parse("2024-06").unwrap()));
    assert!(!half.contains(&ImpreciseDate::parse("2024-07-01").unwrap()));
    for (edtf, open) in [
        (Some("2023/2024"), true),
        (Some("2024/2025"), true),
        (Some("../2024"), true),
        (None, true),
        (Some("2024"), false),
        (Some("2022/2023"), false),
        (Some("2025"), false),
    ] {
        let date = edtf.map(|edtf| ImpreciseDate::parse(edtf).unwrap());
        assert_eq!(may_have_been_in(date.as_ref(), &year), open, "{edtf:?}");
    }
}

#[test]
fn a_period_is_of_ten_years_at_most() {
    let code = |from: &str, to: &str| {
        let checked = Period::check(day(from), day(to));
        checked.err().map(|error| error.errors[0].code.clone())
    };
    assert_eq!(code("2024-01-01", "2024-01-01"), None);
    assert_eq!(code("2014-01-01", "2023-12-31"), None);
    // The last month lacks the day, so the period ends with the month (민법 160③).
    assert_eq!(code("2016-02-29", "2026-02-28"), None);
    assert_eq!(
        code("2014-01-01", "2024-01-01").as_deref(),
        Some("period_too_long")
    );
}

#[test]
fn terms_of_office_that_are_unknown_may_lie_in_the_period() {
    let officer = |from: Option<&str>, until: Option<&str>| Officer {
        title: crate::kernel::values::Localized::ko("시장"),
        name: "이재준".into(),
        from: from.map(|edtf| ImpreciseDate::parse(edtf).unwrap()),
        until: until.map(|edtf| ImpreciseDate::parse(edtf).unwrap()),
    };
    let all = vec![
        officer(None, None),
        officer(Some("2018-07-01"), Some("2022-06-30")),
        officer(Some("2022-07"), None),
        officer(None, Some("2020")),
        officer(Some("2025"), None),
    ];
    let year = period("2021-01-01", "2024-12-31", "2024-12-31");
    let found = officers(all.clone(), &year);
    assert_eq!(found, all[..3]);
}

#[test]
fn a_policy_without_an_ordinance_cites_none() {
    let policy = |from: Option<&str>, until: Option<&str>, title: Option<&str>| Policy {
        valid_from: from.map(day),
        valid_until: until.map(day),
        reference: title.map(|title| PolicyReference {
            title: title.into(),
            article: None,
            url: None,
            articles: Vec::new(),
        }),
        ..Policy::default()
    };
    let policies = [
        policy(None, Some("2020-12-31"), Some("옛 조례")),
        policy(Some("2021-01-01"), Some("2022-12-31"), Some("조례")),
        policy(Some("2023-01-01"), Some("2023-12-31"), None),
        policy(Some("2024-01-01"), None, Some("조례")),
    ];
    let found = ordinances(&policies, &period("2021-01-01", "2024-12-31", "2024-12-31"));
    let titles: Vec<&str> = found
        .iter()
        .map(|reference| reference.title.as_str())
        .collect();
    assert_eq!(titles, ["조례"]);
}
