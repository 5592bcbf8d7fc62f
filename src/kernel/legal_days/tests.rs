use rstest::rstest;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn table() -> Holidays {
    Holidays::default()
}

#[test]
fn the_table_is_sorted_and_sourced() {
    assert!(TABLE.is_sorted_by_key(|row| row.day));
    for row in TABLE.iter() {
        assert!(covers(row.day, row.day));
        let sourced = !row.basis.is_empty() && !row.source.is_empty();
        assert!(sourced && !row.name.ko.is_empty(), "{}", row.day);
        let weekend = matches!(row.day.weekday(), Weekday::Sat | Weekday::Sun);
        let substitute = row.kind == HolidayKind::Substitute;
        assert!(!(substitute && weekend), "{}", row.day);
    }
    for year in 2000..=2030 {
        let count = TABLE.iter().filter(|row| row.day.year() == year).count();
        assert!((13..=24).contains(&count), "{year}: {count}");
    }
    assert_eq!(parse("2026-13-01,a,b,statutory,c,d"), None);
    assert_eq!(parse("2026-01-01,a,b,holiday,c,d"), None);
    assert_eq!(parse("2026-01-01,a,b,statutory,c"), None);
}

#[test]
fn the_table_follows_the_changes_of_the_law() {
    let off = "2005-04-05 2007-07-17 2013-10-09 2014-09-10 2015-08-14 2017-10-06 2018-05-07 2021-08-16 \
        2023-05-29 2024-04-10 2024-10-01 2025-01-27 2025-05-06 2025-06-03 2026-05-01 2026-07-17 2027-05-03 \
        2027-07-19";
    for text in off.split_whitespace() {
        assert!(table().is_public_holiday(day(text)), "{text}");
    }
    let open = "2006-04-05 2008-07-17 2012-10-09 2013-05-06 2020-12-28 2021-12-27 2022-05-09 2025-05-01 \
        2025-07-17 2026-06-08";
    for text in open.split_whitespace() {
        assert!(!table().is_public_holiday(day(text)), "{text}");
    }
}

/// Ends that courts and ministries have stated, and some in rows of holidays.
#[rstest]
// 창원지방법원 2013가단32669: one month from a hearing on 2015-06-10.
#[case(months_after(day("2015-06-10"), 1), "2015-07-10")]
// 대법원 (항소장각하명령): served on 2008-01-25, two weeks; the end was Saturday 2008-02-09.
#[case(days_after(day("2008-01-25"), 14), "2008-02-09")]
// 기획재정부 2024-04-08: due on 2024-04-10, an election day, hence on 2024-04-11.
#[case(Some(day("2024-04-10")), "2024-04-11")]
// 대법원 84다카729: known on 1983-04-08, 30 days; Sunday 1983-05-08 moves to 1983-05-09.
#[case(days_after(day("1983-04-08"), 30), "1983-05-09")]
// Three holidays in a row, and a substitute holiday behind them.
#[case(days_after(day("2026-08-26"), 30), "2026-09-28")]
#[case(days_after(day("2025-12-28"), 50), "2026-02-19")]
#[case(days_after(day("2024-12-28"), 30), "2025-01-31")]
// 대법원 2006모600: 2006-09-23 was a Saturday on which offices were closed, but no holiday.
#[case(Some(day("2006-09-23")), "2006-09-23")]
#[case(Some(day("2008-03-15")), "2008-03-15")]
#[case(Some(day("2008-03-22")), "2008-03-24")]
fn periods_end_as_courts_and_ministries_say(
    #[case] end: Option<NaiveDate>,
    #[case] wanted: NaiveDate,
) {
    assert_eq!(table().moved_end(end.unwrap()), wanted);
}

#[rstest]
// The day before the corresponding one: a start on the last day of February shortens no month.
#[case("2019-02-28", 1, "2019-03-31")]
#[case("2023-02-28", 12, "2024-02-29")]
// The last day of the month where the corresponding day is missing.
#[case("2024-01-30", 1, "2024-02-29")]
#[case("2024-01-29", 1, "2024-02-29")]
#[case("2024-01-31", 1, "2024-02-29")]
#[case("2024-02-28", 12, "2025-02-28")]
#[case("2024-08-30", 18, "2026-02-28")]
#[case("2021-04-16", 12, "2022-04-16")]
fn months_end_by_the_calendar(
    #[case] start: NaiveDate,
    #[case] months: u32,
    #[case] end: NaiveDate,
) {
    assert_eq!(months_after(start, months), Some(end));
}

#[test]
fn a_move_names_its_days() {
    let because = |text| table().moved_because(day(text)).ko;
    assert_eq!(
        because("2025-01-27"),
        "임시공휴일, 설날 전날, 설날, 설날 다음 날"
    );
    assert_eq!(because("2026-09-25"), "추석, 추석 다음 날, 일요일");
    assert_eq!(
        table().moved_because(day("2026-11-28")).en,
        "Saturday, Sunday"
    );
}

#[test]
fn working_days_leave_out_the_start() {
    let after = |start, n| table().working_days_after(day(start), n);
    assert_eq!(after("2026-09-23", 1), Some(day("2026-09-28")));
    assert_eq!(after("2026-04-30", 2), Some(day("2026-05-06")));
    assert_eq!(after("2026-09-25", 1), Some(day("2026-09-28")));
    assert_eq!(after("2026-11-23", 10), Some(day("2026-12-07")));
    assert_eq!(table().working_days_after(NaiveDate::MAX, 1), None);
    // Before the five-day week, offices were open on most Saturdays.
    assert!(table().is_working_day(day("2005-06-25")));
    assert!(!table().is_working_day(day("2003-04-05")));
    assert!(!covers_working_days(day("2005-06-25"), day("2005-07-05")));
}

#[test]
fn a_backward_period_ends_before_the_holiday() {
    let last = |text| table().last_working_day(day(text));
    // 서울북부지방법원 2007카합215: a notice due on a holiday is due before it.
    assert_eq!(last("2007-03-01"), Some(day("2007-02-28")));
    assert_eq!(last("2026-05-04"), Some(day("2026-05-04")));
}

#[test]
fn declared_holidays_count_besides_the_table() {
    let name = Message::fixed("임시공휴일", "Temporary holiday");
    let declared = Holidays::with([(day("2027-01-04"), name.clone()), (day("2031-01-01"), name)]);
    assert_eq!(declared.moved_end(day("2027-01-04")), day("2027-01-05"));
    assert_eq!(table().moved_end(day("2027-01-04")), day("2027-01-04"));
    assert_eq!(
        declared.moved_because(day("2027-01-03")).ko,
        "일요일, 임시공휴일"
    );
    assert_eq!(declared.moved_end(day("2031-01-01")), day("2031-01-02"));
    assert!(!covers(day("2030-12-31"), day("2031-01-02")));
}
