use proptest::prelude::*;
use rstest::rstest;

use serde_json::json;

use super::*;
use crate::kernel::language::Language;
use crate::kernel::values::Anchor;

fn date(text: &str) -> ImpreciseDate {
    ImpreciseDate::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[rstest]
#[case(
    "2022",
    "2022",
    Some("2022-01-01"),
    Some("2022-12-31"),
    Precision::Year,
    false
)]
#[case(
    "2021-08",
    "2021-08",
    Some("2021-08-01"),
    Some("2021-08-31"),
    Precision::Month,
    false
)]
#[case(
    "2024-02",
    "2024-02",
    Some("2024-02-01"),
    Some("2024-02-29"),
    Precision::Month,
    false
)]
#[case(
    "2021-08-31",
    "2021-08-31",
    Some("2021-08-31"),
    Some("2021-08-31"),
    Precision::Day,
    false
)]
#[case(
    "2022-Q3",
    "2022-35",
    Some("2022-07-01"),
    Some("2022-09-30"),
    Precision::Quarter,
    false
)]
#[case(
    "2022-33",
    "2022-33",
    Some("2022-01-01"),
    Some("2022-03-31"),
    Precision::Quarter,
    false
)]
#[case(
    "2022-36",
    "2022-36",
    Some("2022-10-01"),
    Some("2022-12-31"),
    Precision::Quarter,
    false
)]
#[case(
    "2022-H2",
    "2022-41",
    Some("2022-07-01"),
    Some("2022-12-31"),
    Precision::HalfYear,
    false
)]
#[case(
    "2022-40~",
    "2022-40~",
    Some("2022-01-01"),
    Some("2022-06-30"),
    Precision::HalfYear,
    true
)]
#[case(
    "2022-06/2022",
    "2022-06/2022",
    Some("2022-06-01"),
    Some("2022-12-31"),
    Precision::Year,
    false
)]
#[case(
    "2022-35/2022-41",
    "2022-35/2022-41",
    Some("2022-07-01"),
    Some("2022-12-31"),
    Precision::HalfYear,
    false
)]
#[case(
    "2022-06-30/2022-06",
    "2022-06-30/2022-06",
    Some("2022-06-30"),
    Some("2022-06-30"),
    Precision::Month,
    false
)]
#[case("../2024", "../2024", None, Some("2024-12-31"), Precision::Year, false)]
#[case("2024/..", "2024/..", Some("2024-01-01"), None, Precision::Year, false)]
#[case(
    "2022-03~/2024",
    "2022-03~/2024",
    Some("2022-03-01"),
    Some("2024-12-31"),
    Precision::Year,
    true
)]
#[case(
    "9999",
    "9999",
    Some("9999-01-01"),
    Some("9999-12-31"),
    Precision::Year,
    false
)]
fn accepted(
    #[case] text: &str,
    #[case] printed: &str,
    #[case] earliest: Option<&str>,
    #[case] latest: Option<&str>,
    #[case] precision: Precision,
    #[case] approximate: bool,
) {
    let date = date(text);
    assert_eq!(date.edtf().as_deref(), Some(printed));
    assert_eq!(date.earliest(), earliest.map(day));
    assert_eq!(date.latest(), latest.map(day));
    assert_eq!(
        (date.precision(), date.approximate()),
        (Some(precision), approximate)
    );
}

#[rstest]
#[case("2022-02-30", EdtfError::NoSuchDay)]
#[case("2022-13", EdtfError::NoSuchDay)]
#[case("2022-00", EdtfError::NoSuchDay)]
#[case("0000", EdtfError::Unsupported)]
#[case("2022-21", EdtfError::Unsupported)]
#[case("2022-37", EdtfError::Unsupported)]
#[case("2022?", EdtfError::Unsupported)]
#[case("202X", EdtfError::Unsupported)]
#[case("2022-XX-01", EdtfError::Unsupported)]
#[case("2022-08-31T09:00:00Z", EdtfError::Unsupported)]
#[case("[2021,2022]", EdtfError::Unsupported)]
#[case("-0001", EdtfError::Unsupported)]
#[case("../", EdtfError::Unbounded)]
#[case("../..", EdtfError::Unbounded)]
#[case("2024/2022", EdtfError::Reversed)]
#[case("2024-07/2024-06", EdtfError::Reversed)]
#[case("2022-40/2022-33", EdtfError::Reversed)]
#[case("2022-41/2022-35", EdtfError::Reversed)]
#[case("2022/2022-06", EdtfError::Reversed)]
#[case("", EdtfError::Malformed)]
#[case("22", EdtfError::Malformed)]
#[case("2022-1", EdtfError::Malformed)]
#[case(" 2022", EdtfError::Malformed)]
#[case("2022-Q5", EdtfError::Malformed)]
#[case("2022-01-01-01", EdtfError::Malformed)]
#[case("2022/", EdtfError::Unsupported)]
#[case("2022/2023/2024", EdtfError::Malformed)]
#[case("２０２２", EdtfError::Malformed)]
#[case("2022\0", EdtfError::Malformed)]
#[case("2022~~", EdtfError::Malformed)]
fn refused(#[case] text: &str, #[case] error: EdtfError) {
    assert_eq!(ImpreciseDate::parse(text), Err(error));
    assert!(error.message_en().contains("2022-Q3") && error.message_ko().contains("../2024"));
}

#[test]
fn json_holds_what_follows_and_reads_what_is_written() {
    let stated = date("../2024").stated("2024년까지");
    let json = serde_json::to_value(&stated).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"edtf": "../2024", "as_stated": "2024년까지", "earliest": null,
            "latest": "2024-12-31", "precision": "year", "approximate": false})
    );
    assert_eq!(
        serde_json::from_value::<ImpreciseDate>(json).unwrap(),
        stated
    );
}

#[rstest]
#[case("2021-08-31", "2020-12~", Some(243), Some(273))]
#[case("2023-10-26", "2021", Some(664), Some(1028))]
#[case("2025", "2022", Some(732), Some(1460))]
#[case("2026-41", "2023", Some(913), Some(1460))]
#[case("../2024", "2023", None, Some(730))]
#[case("2026", "../2024", Some(366), None)]
fn slips(
    #[case] later: &str,
    #[case] earlier: &str,
    #[case] min: Option<i64>,
    #[case] max: Option<i64>,
) {
    assert_eq!(
        date(later).days_from(&date(earlier)),
        DayRange {
            min_days: min,
            max_days: max
        }
    );
}

fn span() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(String::new()),
        (1..=12u32).prop_map(|m| format!("-{m:02}")),
        (1..=12u32, 1..=28u32).prop_map(|(m, d)| format!("-{m:02}-{d:02}")),
        prop::sample::select(vec!["-33", "-34", "-35", "-36", "-40", "-41"])
            .prop_map(str::to_owned),
    ];
    (1..=9999u32, part, prop::bool::ANY)
        .prop_map(|(y, part, about)| format!("{y:04}{part}{}", if about { "~" } else { "" }))
}

fn any_date() -> impl Strategy<Value = ImpreciseDate> {
    prop_oneof![
        span(),
        span().prop_map(|s| format!("../{s}")),
        span().prop_map(|s| format!("{s}/..")),
        (span(), span()).prop_map(|(a, b)| format!("{a}/{b}")),
    ]
    .prop_filter_map("reversed", |text| ImpreciseDate::parse(&text).ok())
}

#[test]
fn words_alone_have_no_bounds() {
    let read = |value| serde_json::from_value::<ImpreciseDate>(value);
    let date = read(json!({"as_stated": "사업 완료 시까지"})).unwrap();
    assert_eq!((date.earliest(), date.latest()), (None, None));
    assert!(date.contains(day("2026-11-28")) && !date.known_by(day("2026-11-28")));
    assert_eq!(date.words(Language::English), "사업 완료 시까지");
    let written = serde_json::to_value(&date).unwrap();
    assert_eq!(
        written,
        json!({"edtf": null, "as_stated": "사업 완료 시까지", "earliest": null, "latest": null,
            "precision": null, "approximate": false})
    );
    assert_eq!(read(written).unwrap(), date);
    let other = read(json!({"as_stated": "착공 후 36개월"})).unwrap();
    assert!(date.same_days(&date) && !date.same_days(&other));
    let happened = date.happened_by(day("2026-11-28"));
    assert_eq!(happened.edtf().as_deref(), Some("../2026-11-28"));
    assert_eq!(happened.as_stated(), Some("사업 완료 시까지"));
    assert!(read(json!({})).is_err() && read(json!({"edtf": null})).is_err());
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (1..3_652_059i32).prop_filter_map("in range", NaiveDate::from_num_days_from_ce_opt)
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse(date in any_date()) {
        prop_assert_eq!(ImpreciseDate::parse(&date.edtf().unwrap()), Ok(date));
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC*") {
        let _ = ImpreciseDate::parse(&text);
    }

    #[test]
    fn the_range_is_in_order(date in any_date()) {
        if let (Some(a), Some(b)) = (date.earliest(), date.latest()) {
            prop_assert!(a <= b);
        }
    }

    #[test]
    fn a_day_lies_before_within_or_after(date in any_date(), day in any_day()) {
        let places = [date.starts_after(day), date.contains(day), date.ends_before(day)];
        prop_assert_eq!(places.iter().filter(|p| **p).count(), 1);
        prop_assert_eq!(date.overlaps(Some(day), Some(day)), date.contains(day));
    }

    #[test]
    fn sort_keys_follow_the_days(a in any_date(), b in any_date()) {
        if let (Some(x), Some(y)) = (a.latest(), b.latest()) && x < y {
            prop_assert!(a.sort_key() < b.sort_key());
        }
        if let (Some(last), Some(first)) = (a.latest(), b.earliest()) && last < first {
            prop_assert!(a.sort_key() < b.sort_key());
        }
        prop_assert_eq!(a.sort_key() == b.sort_key(), a.same_days(&b));
    }

    #[test]
    fn a_slip_holds_every_pair_of_days(a in any_date(), b in any_date()) {
        let slip = a.days_from(&b);
        if let (Some(a1), Some(a2), Some(b1), Some(b2)) = (a.earliest(), a.latest(), b.earliest(), b.latest()) {
            for (x, y) in [(a1, b1), (a1, b2), (a2, b1), (a2, b2)] {
                let days = Some((x - y).num_days());
                prop_assert!(slip.min_days <= days && days <= slip.max_days);
            }
        }
    }
}

#[test]
fn only_an_answer_has_a_text() {
    let date = ImpreciseDate::parse("2026-H2").unwrap();
    let text = || json!(date)["text"].clone();
    assert_eq!(text(), json!(null));
    let english = Language::English.speaking(|| (text(), Language::Korean.speaking(text), text()));
    let halves = [
        "the second half of 2026",
        "2026년 하반기",
        "the second half of 2026",
    ];
    assert_eq!(json!(english), json!(halves));
    assert_eq!(text(), json!(null));
}

#[test]
fn a_plain_text_is_a_date_where_it_is_unmistakable() {
    for (text, edtf, as_stated) in [
        ("2026-12-01", "2026-12-01", None),
        (" 2026-H2 ", "2026-41", None),
        ("../2024", "../2024", None),
        ("2021. 5. 3.", "2021-05-03", Some("2021. 5. 3.")),
        ("2021.05.03", "2021-05-03", Some("2021.05.03")),
        ("2021/5/3", "2021-05-03", Some("2021/5/3")),
        ("2021-5-3", "2021-05-03", Some("2021-5-3")),
        ("2021년 5월 3일", "2021-05-03", Some("2021년 5월 3일")),
        ("2021년 5월", "2021-05", Some("2021년 5월")),
        ("2021. 5.", "2021-05", Some("2021. 5.")),
        ("2021년", "2021", Some("2021년")),
    ] {
        let date: ImpreciseDate = serde_json::from_value(text.into()).unwrap();
        assert_eq!(date.edtf().as_deref(), Some(edtf), "{text}");
        assert_eq!(date.as_stated(), as_stated, "{text}");
    }
    for text in ["1년 이내", "체결일로부터 3년", "착공 후 36개월"] {
        let date = ImpreciseDate::from_text(text).unwrap();
        assert_eq!((date.edtf(), date.as_stated()), (None, Some(text)));
        assert_eq!(date.relative_to(), None);
    }
    let relative = |text| ImpreciseDate::from_relative_text(text).unwrap();
    let years = |text| relative(text).relative_to().map(|to| (to.anchor, to.years));
    assert_eq!(years("체결일로부터 3년"), Some((Anchor::Signing, 3)));
    assert_eq!(years("1년 이내"), None);
    for text in [
        "",
        "3. 5. 2021",
        "2021. 13. 1.",
        "2021. 2. 30.",
        "21. 5. 3.",
        "soon",
        "2021/5",
    ] {
        assert!(ImpreciseDate::from_text(text).is_err(), "{text}");
    }
}
