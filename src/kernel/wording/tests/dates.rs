use rstest::rstest;

use super::codes;
use crate::kernel::wording::{Context, Order, order_of, read_date};

/// Reads a text that has one value, which keeps the wording.
fn edtf(text: &str) -> String {
    let reading = read_date(text, &Context::default());
    assert!(reading.choices.is_empty(), "{text}: {reading:?}");
    let date = reading.value.unwrap_or_else(|| panic!("{text}: no value"));
    assert_eq!(date.as_stated(), Some(text.trim()), "{text}");
    date.edtf().unwrap_or_default()
}

fn choices(text: &str, context: &Context) -> Vec<String> {
    let reading = read_date(text, context);
    assert_eq!(reading.value, None, "{text}");
    let all = reading.choices.iter();
    all.map(|choice| choice.value.edtf().unwrap_or_default())
        .collect()
}

#[rstest]
#[case("2021.4.16.", "2021-04-16")]
#[case("2021. 4. 16.", "2021-04-16")]
#[case("2003. 8. 26", "2003-08-26")]
#[case("2019.11.05", "2019-11-05")]
#[case("2024-1-5", "2024-01-05")]
#[case("2024/1/5", "2024-01-05")]
#[case("2024/1/4", "2024-01-04")]
#[case("2021. 12/4", "2021-12-04")]
#[case("2021. 3. 5.(양력)", "2021-03-05")]
#[case("2021.4.16(음력 3.5)", "2021-04-16")]
#[case("昭和 64年 1月", "1989-01")]
#[case("2100.4.16", "2100-04-16")]
#[case("2003년 8월 26일", "2003-08-26")]
#[case("2021년4월16일(금)", "2021-04-16")]
#[case("2021년 4월 16일 금요일", "2021-04-16")]
#[case("２０２１．４．１６．", "2021-04-16")]
#[case("2021.\u{a0}4.\u{a0}16.", "2021-04-16")]
#[case("2021.\u{3000}4.\u{3000}16", "2021-04-16")]
#[case("20240115", "2024-01-15")]
#[case("'21.4.16", "2021-04-16")]
#[case("\u{2019}21.4.16.", "2021-04-16")]
#[case("\u{2018}98. 1. 14", "1998-01-14")]
#[case("'06. 6 :", "2006-06")]
#[case("'06. 하반기", "2006-41")]
#[case("21년 4월 16일", "2021-04-16")]
#[case("2003.08", "2003-08")]
#[case("2011. 10.", "2011-10")]
#[case("2022년 3월", "2022-03")]
#[case("1999년4월", "1999-04")]
#[case("2018", "2018")]
#[case("2012년", "2012")]
#[case("2012년도", "2012")]
#[case("2022년 상반기", "2022-40")]
#[case("2020년 하반기", "2020-41")]
#[case("2022년 3/4분기", "2022-35")]
#[case("2023년 4분기", "2023-36")]
#[case("2023년 제2분기", "2023-34")]
#[case("2023. 1사분기", "2023-33")]
#[case("2022 Q3", "2022-35")]
#[case("2024년까지", "../2024")]
#[case("2024년 말까지", "../2024")]
#[case("2024. 12. 31.까지", "../2024-12-31")]
#[case("~2024.12.31", "../2024-12-31")]
#[case("2021.4.16.부터", "2021-04-16/..")]
#[case("2021.4.16.~", "2021-04-16/..")]
#[case("2021. 4. 16. 이후", "2021-04-16/..")]
#[case("2013.07.~09.", "2013-07/2013-09")]
#[case("2017. 09 ~ 11.", "2017-09/2017-11")]
#[case("1989 ~ 1992", "1989/1992")]
#[case("2012-2018", "2012/2018")]
#[case("2012년~2018년", "2012/2018")]
#[case("2021~23", "2021/2023")]
#[case("'21~'23", "2021/2023")]
#[case("2004.09.13.∼2004.09.15.", "2004-09-13/2004-09-15")]
#[case("2021.4.16.～2024.4.15.", "2021-04-16/2024-04-15")]
#[case("2021.4.16.〜2024.4.15.", "2021-04-16/2024-04-15")]
#[case("2021.4.16 - 2024.4.15", "2021-04-16/2024-04-15")]
#[case("2021.4.16-2024.4.15", "2021-04-16/2024-04-15")]
#[case("2021-04-16 ~ 2024-04-15", "2021-04-16/2024-04-15")]
#[case("2021.4.16.부터 2024.4.15.까지", "2021-04-16/2024-04-15")]
#[case("2021. 4. 16. ~ 18.", "2021-04-16/2021-04-18")]
#[case("2021. 4. 16. ~ 5. 3.", "2021-04-16/2021-05-03")]
#[case("2022년 3~5월", "2022-03/2022-05")]
#[case("2022년 3월~5월", "2022-03/2022-05")]
#[case("2022년 1~2분기", "2022-33/2022-34")]
#[case("2022년 상반기~하반기", "2022-40/2022-41")]
#[case("'21.3~'22.5", "2021-03/2022-05")]
#[case("'21.4.16~24.4.15", "2021-04-16/2024-04-15")]
#[case("2021.4.16.\n~2024.4.15.", "2021-04-16/2024-04-15")]
#[case("2021.3월경", "2021-03~")]
#[case("약 2021년", "2021~")]
#[case("1994.11. 1 (서명후 우편교환)", "1994-11-01")]
#[case("2023. 3. 8.(수) 14:00", "2023-03-08")]
#[case("2019. 07. 01. 14:00", "2019-07-01")]
#[case("2021-04-16 00:00:00", "2021-04-16")]
#[case("2021년 4월 16일 오후 2시 30분", "2021-04-16")]
#[case("令和3年4月1日", "2021-04-01")]
#[case("平成元年5月", "1989-05")]
#[case("2021年4月16日", "2021-04-16")]
#[case("단기 4288년", "1955")]
#[case("2027년 하반기(예정)", "2027-41")]
#[case("2026년 12월 예정", "2026-12")]
#[case("체결일: 2021.4.16.", "2021-04-16")]
#[case("(2021.4.16.)", "2021-04-16")]
#[case("2021.4.16. 체결", "2021-04-16")]
// Of the order with the day first, the end would be before the beginning.
#[case("20.12.17~22.12.16", "2020-12-17/2022-12-16")]
#[case("2021.4.16. 업무협약 체결", "2021-04-16")]
#[case("체결일 2021.4.16.자", "2021-04-16")]
#[case("2004.12.31 조례개정(2015.04.01시행)", "")]
#[case("1618531200000", "2021-04-16")]
#[case("2021-04-15T15:00:00Z", "2021-04-16")]
#[case("16.4.2021", "2021-04-16")]
#[case("2021.4.16.~미정", "2021-04-16/..")]
#[case("체결일~2024.12.31.", "../2024-12-31")]
#[case("2022-33", "2022-33")]
#[case("../2024", "../2024")]
#[case("2021.4.16.부터 24년 4월 15일까지", "2021-04-16/2024-04-15")]
#[case("2021년 3월부터 5월까지", "2021-03/2021-05")]
#[case("2021년부터 24년까지", "2021/2024")]
#[case("24년 내", "2024")]
#[case("2021년 4월 16일 14:00~", "2021-04-16")]
#[case("2021.4.16. 14:00~16:00", "2021-04-16")]
#[case("2021. 4. 16.(금) 14:00 ~ 16:30", "2021-04-16")]
#[case("2021.4.16. 오후 2시~4시", "2021-04-16")]
#[case("2021.4.16. 14:00~2021.4.17. 12:00", "2021-04-16/2021-04-17")]
#[case("2021년 이후~2024년 이전", "2021/2024")]
#[case("2021년 착공~2024년 준공", "2021/2024")]
#[case("2021.4.16.~착공 후 36개월", "2021-04-16/..")]
#[case("2021년 1·4분기", "2021-33")]
#[case("2021년 Ⅱ분기", "2021-34")]
#[case("2050", "2050")]
#[case("16 April 2021", "2021-04-16")]
#[case("April 16, 2021", "2021-04-16")]
#[case("16th of Apr. 2021", "2021-04-16")]
#[case("Apr. 16th, 2021", "2021-04-16")]
#[case("April 2021", "2021-04")]
#[case("by April 2024", "../2024-04")]
#[case("16 April 2021 to 15 April 2024", "2021-04-16/2024-04-15")]
#[case("by 2024", "../2024")]
#[case("by the end of 2024", "../2024")]
#[case("no later than June 2025", "../2025-06")]
#[case("until 2024", "../2024")]
#[case("since 2024", "2024/..")]
#[case("from 2024 onwards", "2024/..")]
#[case("within 2024", "2024")]
#[case("H1 2021", "2021-40")]
#[case("2021 H2", "2021-41")]
#[case("first half of 2021", "2021-40")]
#[case("in the second half of 2026", "2026-41")]
#[case("by the first half of 2026", "../2026-40")]
#[case("Q2 2021", "2021-34")]
#[case("2Q 2021", "2021-34")]
#[case("the fourth quarter of 2021", "2021-36")]
#[case("early 2024", "2024")]
#[case("mid-2024", "2024")]
#[case("late April 2024", "2024-04")]
#[case("end of 2024", "2024")]
#[case("about December 2026", "2026-12~")]
#[case("between 2022 and the first half of 2024", "2022/2024-40")]
#[case("2022년 1분기~2022년 하반기", "2022-33/2022-41")]
#[case("spring 2021", "")]
fn one_reading(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(edtf(text), expected, "{text}");
}

#[rstest]
#[case("3년", "not_understood")]
#[case("1년 이내", "not_understood")]
#[case("2년 6월 이내", "not_understood")]
#[case("10년 이내", "not_understood")]
#[case("5년~10년", "not_understood")]
#[case("약 3년", "not_understood")]
#[case("체결일로부터 3년", "depends_on_event")]
#[case("체결일로부터 10년", "depends_on_event")]
#[case("체결일로부터 2년까지", "depends_on_event")]
#[case("체결일로부터 2~3년", "depends_on_event")]
#[case("2021. 4. 16. 체결일로부터 3년", "depends_on_event")]
#[case("2021.4.16.부터 2년 6월", "not_understood")]
#[case("2021.4.16.부터 3년", "not_understood")]
#[case("2021.5.6월", "not_understood")]
#[case("21.4.31", "no_such_day")]
#[case("20.2.30", "no_such_day")]
#[case("21.3.45", "no_such_day")]
#[case("21.4.31~22.1.31", "no_such_day")]
#[case("21.4.1~21.4.31", "no_such_day")]
#[case("2021.2.30", "no_such_day")]
#[case("2023.2.29", "no_such_day")]
#[case("2021.13.1", "no_such_day")]
#[case("2023년 2월 29일", "no_such_day")]
#[case("20230229", "no_such_day")]
#[case("2024-04-31", "no_such_day")]
#[case("2024.4.15.~2021.4.16.", "reversed")]
#[case("4월 16일", "year_missing")]
#[case("미정", "no_date_stated")]
#[case("무기한", "no_date_stated")]
#[case("영구", "no_date_stated")]
#[case("사업 완료 시까지", "depends_on_event")]
#[case("별도 해지 시까지", "depends_on_event")]
#[case("착공 후 36개월", "depends_on_event")]
#[case("국비 확보 시", "depends_on_event")]
#[case("36 months after groundbreaking", "depends_on_event")]
#[case("within 36 months of the start of works", "depends_on_event")]
#[case("two years from signing", "depends_on_event")]
#[case("36 months after phase 1", "not_understood")]
#[case("third half of 2021", "not_understood")]
#[case("fifth quarter of 2021", "not_understood")]
#[case("soon", "not_understood")]
#[case("협약서 참조", "not_understood")]
#[case("체결(2021.4.16.) 연장(2022.5.1.)", "not_understood")]
#[case("2021년 5/6", "not_understood")]
#[case("2021.3.5(음력)", "lunar_date")]
#[case("2021.4.16(陰)", "lunar_date")]
#[case("2021. 4. 16. (음)", "lunar_date")]
#[case("(음)3.5", "lunar_date")]
#[case("음력 2021. 3. 5.", "lunar_date")]
#[case("음 2021.3.5", "lunar_date")]
#[case("2021-03-05 (lunar)", "lunar_date")]
#[case("2021. 3. 5.(양력 4. 16.)", "lunar_date")]
#[case("2021.3.5(음)~2024.3.5(음)", "lunar_date")]
#[case("4354.4.16", "not_understood")]
#[case("4294.5.16", "not_understood")]
#[case("3021.4.16", "not_understood")]
#[case("3021년", "not_understood")]
#[case("16.4.3021", "not_understood")]
#[case("昭和 65年", "not_understood")]
#[case("平成 32年 4月", "not_understood")]
#[case("12345", "not_understood")]
fn words_alone(#[case] text: &str, #[case] code: &str) {
    let reading = read_date(text, &Context::default());
    assert_eq!(codes(&reading.notes), [code], "{text}");
    let date = reading.value.unwrap();
    assert_eq!((date.edtf(), date.as_stated()), (None, Some(text)));
    assert!(reading.choices.is_empty());
}

#[rstest]
#[case("1994.11. 1 (서명후 우편교환)", &["remark_in_text"])]
#[case("2027년 하반기(예정)", &["planned"])]
#[case("2023. 3. 8.(수)", &[])]
#[case("2021.4.16.", &[])]
#[case("令和3年4月1日", &["era"])]
#[case("2022년 말", &["part_of_period"])]
#[case("2022년 3월 초", &["part_of_period"])]
#[case("end of 2022", &["part_of_period"])]
#[case("by the end of 2022", &[])]
#[case("early March 2022", &["part_of_period"])]
#[case("2021.4.16.~미정", &["no_date_stated"])]
fn notes(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(
        codes(&read_date(text, &Context::default()).notes),
        expected,
        "{text}"
    );
}

#[rstest]
#[case("04.05.06", &["2004-05-06", "2006-05-04", "2006-04-05"])]
#[case("19.11.22", &["2019-11-22", "2022-11-19"])]
#[case("24.01.15", &["2024-01-15", "2015-01-24"])]
#[case("3. 5. 2021", &["2021-05-03", "2021-03-05"])]
#[case("200312", &["2003-12", "2020-03-12"])]
#[case("21.04", &["2021-04", ""])]
#[case("2021~", &["2021/..", "2021~"])]
#[case("2021.3.5, 2021.4.6", &["2021-03-05", "2021-04-06"])]
#[case("2021년 5월, 6월", &["2021-05", "2021-06"])]
#[case("2021.5월,6월", &["2021-05", "2021-06"])]
#[case("2021년 5월,11월", &["2021-05", "2021-11"])]
#[case("2021년 5월/6월", &["2021-05", "2021-06"])]
#[case("2021년 4월 16일, 17일", &["2021-04-16", "2021-04-17"])]
#[case("2104", &["2021-04", "2104"])]
#[case("2022. 3/4", &["2022-35", "2022-03-04"])]
#[case("2021.1/4", &["2021-33", "2021-01-04"])]
#[case("2021 3/4", &["2021-35", "2021-03-04"])]
#[case("2021-1/4", &["2021-33", "2021-01-04"])]
#[case("2021년 2/4", &["2021-34", "2021-02-04"])]
#[case("'21.1/4", &["2021-33", "2021-01-04"])]
#[case("2021. 2/2", &["2021-41", "2021-02-02"])]
#[case("21.3/4", &["2021-35", "2021-03-04", "2004-03-21"])]
#[case("2021.1/4~2/4", &["2021-33/2021-34", "2021-01-04/2021-02-04"])]
#[case("2021.3.5\n2021.4.6", &["2021-03-05", "2021-04-06"])]
fn two_readings(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(choices(text, &Context::default()), expected, "{text}");
}

#[test]
fn blank_cells_are_unknown() {
    for text in ["", " ", "-", "－", "—", " - ", "\u{a0}", "\u{3000}"] {
        let reading = read_date(text, &Context::default());
        assert!(
            reading.is_blank() && reading.value.is_none() && reading.notes.is_empty(),
            "{text:?}"
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn a_column_settles_an_order() {
    let years = (1950, 2026);
    for (cells, order) in [
        (&["'21.5.3", "2019.7.1"][..], Order::FullYear),
        (&["5.3.21", "2022.4.6"], Order::FullYear),
        (&["98.1.14", "2022.4.6"], Order::YearFirst),
        (&["19.11.22", "2019-9-5", "2019.7.1"], Order::YearFirst),
        (
            &["31.12.20", "2019.9.5", "2019.7.1"],
            Order::MixedWithDayFirst,
        ),
        (&["5.3.31"], Order::Unknown),
        (&["98.1.14", "04.05.06"], Order::YearFirst),
        (&["31.12.20", "04.05.06"], Order::DayFirst),
        (&["25.12.1998", "04.05.06"], Order::FullYearLast),
        (&["25.12.1998", "13.1.2000"], Order::FullYearLast),
        (&["25.12.1998", "31.12.20"], Order::DayFirst),
        (&["25.12.1998", "98.1.14"], Order::MixedWithDayFirst),
        (&["12/25/1998"], Order::Unknown),
        (&["04.05.06", "미정"], Order::Unknown),
        (&["31.12.20", "2019.7.1"], Order::MixedWithDayFirst),
        (&["25.12.98", "04.05.06"], Order::DayFirst),
        (&["21.3.5", "2021.4.2", "21.4.31"], Order::YearFirst),
    ] {
        assert_eq!(order_of(cells.iter().copied(), years), order, "{cells:?}");
    }
    let column = |order| Context {
        order,
        ..Context::past(2026)
    };
    let read = |text: &str, order| read_date(text, &column(order));
    for (order, day) in [
        (Order::YearFirst, "2004-05-06"),
        (Order::DayFirst, "2006-05-04"),
        (Order::MonthFirst, "2006-04-05"),
    ] {
        let reading = read("04.05.06", order);
        assert_eq!(reading.value.unwrap().edtf().as_deref(), Some(day));
        assert_eq!(codes(&reading.notes), ["order_of_column"]);
    }
    // Neither a year of four digits elsewhere, nor any order makes a year of one digit.
    for order in [Order::FullYear, Order::YearFirst] {
        let right = ["2005-03-21", "2021-03-05", "2021-05-03"];
        assert_eq!(choices("5.3.21", &column(order)), right, "{order:?}");
    }
    for mistyped in ["21.4.31", "20.2.30", "21.3.45"] {
        let reading = read_date(
            mistyped,
            &Context {
                order: Order::YearFirst,
                ..Context::default()
            },
        );
        assert_eq!(codes(&reading.notes), ["no_such_day"], "{mistyped}");
    }
    let years = Context::default().years;
    assert_eq!(order_of(["21.3.5", "21.3.45"], years), Order::Unknown);
    let far = read_date("2104", &Context::past(2026)).value.unwrap();
    assert_eq!(far.edtf(), None);
    assert_eq!(
        read("21.04", Order::YearFirst)
            .value
            .unwrap()
            .edtf()
            .as_deref(),
        Some("2021-04")
    );
    // The apostrophe names the year, except among days that stand first.
    assert_eq!(
        read("'21.3.5", Order::Unknown)
            .value
            .unwrap()
            .edtf()
            .as_deref(),
        Some("2021-03-05")
    );
    let among_days = column(Order::DayFirst);
    assert_eq!(
        choices("'21.3.5", &among_days),
        ["2021-03-05", "2005-03-21"]
    );
    // A year of four digits says nothing of short dates.
    let full = column(Order::FullYearLast);
    let all = ["2004-05-06", "2006-05-04", "2006-04-05"];
    assert_eq!(choices("04.05.06", &full), all);
    assert_eq!(choices("'21.3.5", &full), ["2021-03-05", "2005-03-21"]);
    let mixed = column(Order::MixedWithDayFirst);
    assert_eq!(choices("'21.3.5", &mixed), ["2021-03-05", "2005-03-21"]);
}

#[test]
fn a_short_year_is_one_of_the_years_of_the_column() {
    let past = Context::past(2026);
    assert_eq!(
        read_date("'98.1.14", &past)
            .value
            .unwrap()
            .edtf()
            .as_deref(),
        Some("1998-01-14")
    );
    // No such year is past, and the last century's is long before.
    assert_eq!(choices("'30.1.14", &past), ["1930-01-14", "2030-01-14"]);
    let wide = Context {
        years: (1950, 2060),
        ..Context::default()
    };
    assert_eq!(choices("'55.1.14", &wide), ["1955-01-14", "2055-01-14"]);
}
