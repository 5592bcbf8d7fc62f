use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{
    Context, Order, read_area, read_count, read_date, read_money, read_parties, read_term,
};

/// Texts of the characters that the parsers look at, beside any others.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn texts() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "2021",
        "'21",
        "4",
        "16",
        ".",
        " ",
        "-",
        "~",
        "/",
        "년",
        "월",
        "일",
        "상반기",
        "분기",
        "까지",
        "부터",
        "(",
        ")",
        "[",
        "]",
        "억",
        "만",
        "천",
        "조",
        "원",
        "달러",
        "약",
        "여",
        "평",
        "㎡",
        "%",
        "외",
        "등",
        "개사",
        "갑시",
        "을(주)",
        ",",
        "\n",
        "·",
        "체결일로부터",
        "자동연장",
        "令和",
        "元",
        "후",
        "이내",
        "갱신",
        "없음",
        "합의 시",
        "14:00",
        "①",
        "1. ",
        " 2. ",
        "(갑)",
        "85%",
        "와 ",
        "$",
        "십",
        "삼",
        "-",
        "그 외",
        "연장",
        "음력",
        "최대",
        "포함",
        "→",
        "ㅇ",
        "甲 ",
        ":",
        "3/4",
        "을전자",
        "April",
        "million",
        "years",
        "𝟜",
        "É",
    ]);
    let of_pieces = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![of_pieces, "\\PC*", any::<String>()]
}

fn orders() -> impl Strategy<Value = Context> {
    let order = prop::sample::select(vec![
        Order::Unknown,
        Order::YearFirst,
        Order::DayFirst,
        Order::FullYearLast,
        Order::MonthFirst,
        Order::Mixed,
        Order::MixedWithDayFirst,
    ]);
    (order, 1900..2100, prop::option::of("[천억만]?(원|㎡|명|%)")).prop_map(
        |(order, last, unit)| Context {
            order,
            years: (1950, last),
            unit,
            country_first: last % 2 == 0,
        },
    )
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (1900..2100_i32, 1..=12_u32, 1..=31_u32)
        .prop_filter_map("a day of the calendar", |(y, m, d)| {
            NaiveDate::from_ymd_opt(y, m, d)
        })
}

proptest! {
    #[test]
    fn no_text_is_too_strange_and_its_wording_stays(text in texts(), context in orders()) {
        let date = read_date(&text, &context);
        prop_assert_eq!(&date.as_stated, text.trim());
        let all = date.value.iter().chain(date.choices.iter().map(|choice| &choice.value));
        for value in all {
            prop_assert!(text.trim().chars().count() > 500 || value.as_stated() == Some(text.trim()));
        }
        prop_assert!(date.value.is_none() || date.choices.is_empty());
        prop_assert!(date.choices.len() != 1);
        prop_assert_eq!(&read_term(&text, &context).as_stated, text.trim());
        prop_assert_eq!(&read_money(&text, &context).as_stated, text.trim());
        prop_assert_eq!(&read_area(&text, &context).as_stated, text.trim());
        prop_assert_eq!(&read_count(&text, &context).as_stated, text.trim());
        prop_assert_eq!(&read_parties(&text, &context, &|_| false).as_stated, text.trim());
        let _ = ImpreciseDate::from_text(&text);
    }

    #[test]
    fn a_day_is_read_back_in_every_spelling(day in days()) {
        let (y, m, d) = (day.year(), day.month(), day.day());
        for text in [
            format!("{y}.{m}.{d}."), format!("{y}. {m}. {d}."), format!("{y}.{m:02}.{d:02}"), format!("{y}-{m}-{d}"),
            format!("{y}/{m}/{d}"), format!("{y}년 {m}월 {d}일"), format!("{y}년{m:02}월{d:02}일"), format!("{y}{m:02}{d:02}"),
            format!("{y}. {m}. {d} (금)"), format!("{y}年{m}月{d}日"), format!("{y}.\u{a0}{m}.\u{3000}{d}"), day.to_string(),
        ] {
            let reading = read_date(&text, &Context::default());
            let edtf = reading.value.as_ref().and_then(ImpreciseDate::edtf);
            prop_assert_eq!(edtf, Some(day.to_string()), "{}", text);
        }
        if (1950..2050).contains(&y) {
            for text in [format!("'{:02}.{m}.{d}", y % 100), format!("{:02}년 {m}월 {d}일", y % 100)] {
                let reading = read_date(&text, &Context::default());
                prop_assert_eq!(reading.value.and_then(|date| date.edtf()), Some(day.to_string()), "{}", text);
            }
        }
    }
}
