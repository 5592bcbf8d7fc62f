use rstest::rstest;

use super::{codes, context};
use crate::kernel::values::Money;
use crate::kernel::wording::{
    Context, header_unit, read_area, read_count, read_money, stated_unit,
};

fn money(text: &str, unit: &str) -> Money {
    let context = if unit.is_empty() {
        Context::default()
    } else {
        context(unit)
    };
    let reading = read_money(text, &context);
    assert!(reading.choices.is_empty(), "{text}: {reading:?}");
    let money = reading.value.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(money.as_stated.as_deref(), Some(text));
    money
}

#[rstest]
#[case("약 8,493억 원", "", 849_300_000_000, "KRW", true)]
#[case("5,798억 원", "", 579_800_000_000, "KRW", false)]
#[case("81,603억 원", "", 8_160_300_000_000, "KRW", false)]
#[case("약 1조 6천억 원", "억원", 1_600_000_000_000, "KRW", true)]
#[case("1조 6천억", "", 1_600_000_000_000, "KRW", false)]
#[case("1400여 억원", "억원", 140_000_000_000, "KRW", true)]
#[case("27조7581억", "억원", 27_758_100_000_000, "KRW", false)]
#[case("350백만원", "억원", 350_000_000, "KRW", false)]
#[case("130", "억원", 13_000_000_000, "KRW", false)]
#[case("1,250", "억원", 125_000_000_000, "KRW", false)]
#[case("12.5", "억원", 1_250_000_000, "KRW", false)]
#[case("2500.5", "천원", 2_500_500, "KRW", false)]
#[case("250.5", "백만원", 250_500_000, "KRW", false)]
#[case("0", "", 0, "KRW", false)]
#[case("금 5,000,000원정", "", 5_000_000, "KRW", false)]
#[case("₩5,000,000", "", 5_000_000, "KRW", false)]
#[case("총 2조 3천억 원", "", 2_300_000_000_000, "KRW", false)]
#[case("약 300억원 내외", "", 30_000_000_000, "KRW", true)]
#[case("FDI 1억 800만 달러(약 1300억 원)", "억원", 108_000_000, "USD", false)]
#[case("1억 유로", "", 100_000_000, "EUR", false)]
#[case("$1,000,000", "", 1_000_000, "USD", false)]
#[case("500만불", "", 5_000_000, "USD", false)]
#[case("300", "천달러", 300_000, "USD", false)]
#[case("１００억원", "", 10_000_000_000, "KRW", false)]
#[case("총 약 300억 원", "", 30_000_000_000, "KRW", true)]
#[case("약정금액 300억 원", "", 30_000_000_000, "KRW", false)]
#[case("을엔지니어링 300억", "억원", 30_000_000_000, "KRW", false)]
#[case("지원금 300", "백만원", 300_000_000, "KRW", false)]
#[case("미화 500만", "억원", 5_000_000, "USD", false)]
#[case("HK$1,000,000", "", 1_000_000, "HKD", false)]
#[case("A$ 1,000,000", "", 1_000_000, "AUD", false)]
#[case("S$1,000,000", "억원", 1_000_000, "SGD", false)]
#[case("C$1,000,000", "", 1_000_000, "CAD", false)]
#[case("NT$1,000,000", "", 1_000_000, "TWD", false)]
#[case("NZ$1,000,000", "", 1_000_000, "NZD", false)]
#[case("US$1,000,000", "", 1_000_000, "USD", false)]
#[case("유로화 1,000만", "", 10_000_000, "EUR", false)]
#[case("AUD 1,000,000", "", 1_000_000, "AUD", false)]
#[case("VND 1,000,000", "", 1_000_000, "VND", false)]
#[case("1,000,000 CHF", "", 1_000_000, "CHF", false)]
#[case("THB 100만", "억원", 1_000_000, "THB", false)]
#[case("PHP 1,000,000", "", 1_000_000, "PHP", false)]
#[case("천5백억원", "", 150_000_000_000, "KRW", false)]
#[case("백50만원", "", 1_500_000, "KRW", false)]
#[case(".5억", "", 50_000_000, "KRW", false)]
#[case("투자사5억원", "", 500_000_000, "KRW", false)]
#[case("100억여원", "", 10_000_000_000, "KRW", true)]
#[case("8조4,930억여원", "", 8_493_000_000_000, "KRW", true)]
#[case("천만원", "", 10_000_000, "KRW", false)]
#[case("금 삼천만원정", "", 30_000_000, "KRW", false)]
#[case("일금 일억이천만원정", "", 120_000_000, "KRW", false)]
#[case("1억 천만 원", "", 110_000_000, "KRW", false)]
#[case("1,000(단위: 천원)", "", 1_000_000, "KRW", false)]
#[case("거의 100억원", "", 10_000_000_000, "KRW", true)]
#[case("1200000.5원", "", 1_200_001, "KRW", true)]
#[case("KRW 849.3 billion", "", 849_300_000_000, "KRW", false)]
#[case("USD 10 million", "", 10_000_000, "USD", false)]
#[case("US$10 million", "", 10_000_000, "USD", false)]
#[case("about 10 million euros", "", 10_000_000, "EUR", true)]
#[case("849.3 billion won", "", 849_300_000_000, "KRW", false)]
#[case("10억원(연간 1억원씩 10년)", "", 1_000_000_000, "KRW", false)]
#[case("추정 3억원", "", 300_000_000, "KRW", true)]
#[case("예상 3억원", "", 300_000_000, "KRW", true)]
#[case("3억원(추정)", "", 300_000_000, "KRW", true)]
#[case("3억원(예상)", "억원", 300_000_000, "KRW", true)]
#[case("≈3억", "", 300_000_000, "KRW", true)]
#[case("approx. KRW 3 billion", "", 3_000_000_000, "KRW", true)]
#[case("roughly KRW 3 billion", "", 3_000_000_000, "KRW", true)]
#[case("est. KRW 3 billion", "", 3_000_000_000, "KRW", true)]
#[case("KRW 3 billion (estimated)", "", 3_000_000_000, "KRW", true)]
#[case("3억\n원", "", 300_000_000, "KRW", false)]
#[case("1억2345만6789원", "", 123_456_789, "KRW", false)]
fn amounts(
    #[case] text: &str,
    #[case] unit: &str,
    #[case] amount: i64,
    #[case] currency: &str,
    #[case] about: bool,
) {
    let money = money(text, unit);
    assert_eq!(money.amount, Some(amount), "{text}");
    assert_eq!(
        (money.currency.as_deref(), money.approximate),
        (Some(currency), about),
        "{text}"
    );
}

#[rstest]
#[case("500억~700억", "억원", Some(50_000_000_000), Some(70_000_000_000))]
#[case("500~700억원", "", Some(50_000_000_000), Some(70_000_000_000))]
#[case("1~2조", "", Some(1_000_000_000_000), Some(2_000_000_000_000))]
#[case("500~700", "억원", Some(50_000_000_000), Some(70_000_000_000))]
#[case("50억원 이상", "", Some(5_000_000_000), None)]
#[case("최대 700억 원", "", None, Some(70_000_000_000))]
#[case("100억 내지 200억", "", Some(10_000_000_000), Some(20_000_000_000))]
#[case("한도 3억원", "", None, Some(300_000_000))]
#[case("상한 3억원", "", None, Some(300_000_000))]
#[case("지원한도액 3억원", "", None, Some(300_000_000))]
#[case("3억원(최대)", "", None, Some(300_000_000))]
#[case("3억원(한도)", "억원", None, Some(300_000_000))]
#[case("3억원 한도", "", None, Some(300_000_000))]
#[case("3억원까지", "", None, Some(300_000_000))]
#[case("하한 3억원", "", Some(300_000_000), None)]
#[case("3억원(이상)", "", Some(300_000_000), None)]
#[case("최소 3억~최대 5억원", "", Some(300_000_000), Some(500_000_000))]
#[case("less than KRW 3 billion", "", None, Some(3_000_000_000))]
#[case("More than KRW 3 billion", "", Some(3_000_000_000), None)]
#[case("at least KRW 3 billion", "", Some(3_000_000_000), None)]
#[case(
    "an investment of at least KRW 3 billion",
    "",
    Some(3_000_000_000),
    None
)]
#[case("up to KRW 3 billion", "", None, Some(3_000_000_000))]
#[case("no more than $3 million", "", None, Some(3_000_000))]
#[case("minimum KRW 3 billion", "", Some(3_000_000_000), None)]
#[case("KRW 3 billion (max.)", "", None, Some(3_000_000_000))]
#[case("KRW 3 billion or more", "", Some(3_000_000_000), None)]
#[case("max. 3억원", "", None, Some(300_000_000))]
fn ranges(
    #[case] text: &str,
    #[case] unit: &str,
    #[case] min: Option<i64>,
    #[case] max: Option<i64>,
) {
    let money = money(text, unit);
    assert_eq!(
        (money.amount, money.min_amount, money.max_amount),
        (None, min, max),
        "{text}"
    );
}

#[rstest]
#[case("비예산", "no_number")]
#[case("추후 협의", "no_number")]
#[case("수백억 원", "no_number")]
#[case("국비 5억, 시비 3억", "not_understood")]
#[case("50%", "not_understood")]
#[case("△100", "not_understood")]
#[case("-100", "not_understood")]
#[case("매년 5천만원", "not_understood")]
#[case("5억 5천", "not_understood")]
#[case("700억~500억", "not_understood")]
#[case("5천", "not_understood")]
#[case("1조 6,000", "not_understood")]
#[case("5천~7천만원", "not_understood")]
#[case("10억 원~15억 달러", "not_understood")]
#[case("¥1,000,000", "not_understood")]
#[case("R$1,000,000", "not_understood")]
#[case("₹1,000,000", "not_understood")]
#[case("미화 100만 유로", "not_understood")]
#[case("수 10억원", "not_understood")]
#[case("수천5백억원", "not_understood")]
#[case("삼천5백만원", "not_understood")]
#[case("제3억", "not_understood")]
#[case("+100억", "not_understood")]
#[case("10.000원", "not_understood")]
#[case("분기별 1억원", "not_understood")]
#[case("각 기관 1억원", "not_understood")]
#[case("1억원(연간)", "not_understood")]
#[case("10억원(월)", "not_understood")]
#[case("년간 10억원", "not_understood")]
#[case("1억원(1인당)", "not_understood")]
#[case("1억원/년", "not_understood")]
#[case("1억원씩", "not_understood")]
#[case("3억\n5억", "not_understood")]
#[case("5억\n3억원", "not_understood")]
#[case("3억 5억", "not_understood")]
#[case("3억(국비) 5억(시비)", "not_understood")]
#[case("10억(현금)5천만원(현물)", "not_understood")]
#[case("10억\n5천만원", "not_understood")]
#[case("5천만(A) 3천만(B)", "not_understood")]
#[case("1조 2조", "not_understood")]
#[case("500만 300만", "not_understood")]
#[case("2천만 3억", "not_understood")]
#[case("3억5천만\n2억", "not_understood")]
#[case("KRW 3 million\nKRW 5 million", "not_understood")]
#[case("3 million\n5 thousand", "not_understood")]
#[case("00억원", "not_understood")]
#[case("연 최대 3억원", "not_understood")]
#[case("연평균 3억원", "not_understood")]
#[case("잔액 3억원", "not_understood")]
#[case("증액 3억원", "not_understood")]
#[case("감액 3억원", "not_understood")]
#[case("3억원(증액)", "not_understood")]
#[case("annual KRW 3 billion", "not_understood")]
#[case("KRW 3 billion per year", "not_understood")]
#[case("not KRW 3 billion", "not_understood")]
#[case("최소 최대 3억원", "not_understood")]
#[case("이사회", "no_number")]
#[case("백만원", "no_number")]
fn money_in_words(#[case] text: &str, #[case] code: &str) {
    let money = money(text, "억원");
    assert_eq!(
        (money.amount, money.min_amount, money.max_amount),
        (None, None, None)
    );
    assert!(
        codes(&read_money(text, &context("억원")).notes).contains(&code),
        "{text}"
    );
}

#[test]
fn a_range_has_the_currency_of_either_end() {
    for text in ["$10~15억", "10억~15억 달러", "USD 10억~15억"] {
        let money = money(text, "");
        assert_eq!(money.currency.as_deref(), Some("USD"), "{text}");
        assert_eq!(
            (money.min_amount, money.max_amount),
            (Some(1_000_000_000), Some(1_500_000_000)),
            "{text}"
        );
    }
}

#[test]
fn a_bare_number_is_a_question() {
    let reading = read_money("15,000", &Context::default());
    assert_eq!(reading.value, None);
    let amounts: Vec<_> = reading
        .choices
        .iter()
        .filter_map(|choice| choice.value.amount)
        .collect();
    assert_eq!(
        amounts,
        [15_000, 15_000_000, 15_000_000_000, 1_500_000_000_000]
    );
    let range = read_money("500~700", &Context::default());
    assert_eq!((range.value, range.choices.len()), (None, 4));
    // 천 and 백 stand before 만 or 억 in speech.
    for (text, amounts) in [
        ("5천", [5_000, 50_000_000, 500_000_000_000]),
        ("7백", [700, 7_000_000, 70_000_000_000]),
    ] {
        let choices = read_money(text, &Context::default()).choices;
        let read: Vec<_> = choices.iter().filter_map(|one| one.value.amount).collect();
        assert_eq!(read, amounts, "{text}");
    }
    let people = read_money("130", &context("명")).value.unwrap();
    assert_eq!(people.amount, None);
    assert!(read_money("-", &context("억원")).is_blank());
}

#[rstest]
#[case("976,152㎡(약30만평)", "", 976_152.0, false)]
#[case("542천평(1,790천m²)", "", 1_790_000.0, false)]
#[case("13,419천㎡(우리 공사 5%, 671천㎡)", "", 13_419_000.0, false)]
#[case("26만 평", "", 859_504.0, true)]
#[case("약 87만㎡ (26만 평)", "", 870_000.0, true)]
#[case("952.5", "천㎡", 952_500.0, false)]
#[case("1790", "천㎡", 1_790_000.0, false)]
#[case("1,790천", "㎡", 1_790_000.0, false)]
#[case("30만(991,735㎡)", "평", 991_735.0, false)]
#[case("1.5㎢", "", 1_500_000.0, false)]
#[case("3ha", "", 30_000.0, false)]
#[case("2,000 제곱미터", "", 2000.0, false)]
#[case("천5백㎡", "", 1500.0, false)]
#[case(".5㎢", "", 500_000.0, false)]
#[case("30만여㎡", "", 300_000.0, true)]
#[case("10,000㎡ 규모", "", 10_000.0, false)]
#[case("1.234㎢", "", 1_234_000.0, false)]
#[case("1,000평(지상 500㎡)", "", 3306.0, true)]
#[case("300평(증 50㎡)", "", 992.0, true)]
fn areas(#[case] text: &str, #[case] unit: &str, #[case] square_metres: f64, #[case] about: bool) {
    let context = if unit.is_empty() {
        Context::default()
    } else {
        context(unit)
    };
    let area = read_area(text, &context).value.unwrap();
    assert_eq!(
        (area.square_metres, area.approximate),
        (Some(square_metres), about),
        "{text}"
    );
    assert_eq!(area.as_stated.as_deref(), Some(text));
}

#[rstest]
#[case("-100㎡")]
#[case("△100㎡")]
#[case("동당 1,000㎡")]
#[case("1,000㎡(동당)")]
#[case("10.000㎡")]
#[case("약 수천5백㎡")]
#[case("3만 5만㎡")]
#[case("1천 2천㎡")]
#[case("3만㎡\n5만㎡")]
#[case("3만평(A) 5만평(B)")]
#[case("00㎡")]
fn areas_in_words(#[case] text: &str) {
    let reading = read_area(text, &Context::default());
    let area = reading.value.unwrap();
    assert_eq!(
        (area.square_metres, area.as_stated.as_deref()),
        (None, Some(text))
    );
    assert!(!reading.notes.is_empty(), "{text}");
}

#[rstest]
#[case("-5명")]
#[case("△5%")]
#[case("제3회")]
#[case("월 300명")]
#[case("학기당 30명")]
#[case("300명(연간)")]
#[case("300명+α")]
#[case("300명 정규직")]
#[case("2021년 Ⅱ분기")]
#[case("2021년")]
#[case("1.000명")]
#[case("00명")]
#[case("1만 2만명")]
#[case("100명\n200명")]
#[case("at least 100")]
#[case("최대 100명")]
fn no_count(#[case] text: &str) {
    let reading = read_count(text, &Context::default());
    assert_eq!(reading.value, None, "{text}");
    assert!(!reading.notes.is_empty(), "{text}");
}

#[rstest]
#[case("450", "명", 450.0, "persons", false)]
#[case("천5백명", "", 1500.0, "persons", false)]
#[case(".5명", "", 0.5, "persons", false)]
#[case("3천여명", "", 3000.0, "persons", true)]
#[case("2만여 명", "", 20_000.0, "persons", true)]
#[case("300명 남짓", "", 300.0, "persons", true)]
#[case("300명 예정", "", 300.0, "persons", false)]
#[case("450명 고용", "", 450.0, "persons", false)]
#[case("450명 고용 예정", "", 450.0, "persons", false)]
#[case("100개 일자리 창출", "", 100.0, "jobs", false)]
#[case("450 persons", "", 450.0, "persons", false)]
#[case("about 1,200 people", "", 1200.0, "persons", true)]
#[case("100 jobs", "", 100.0, "jobs", false)]
#[case("근로자 300명", "", 300.0, "persons", false)]
#[case("학생 수 300명", "", 300.0, "persons", false)]
#[case("투자사 5개", "", 5.0, "items", false)]
#[case("5개 기관", "", 5.0, "개 기관", false)]
#[case("30일", "", 30.0, "일", false)]
#[case("500MW", "", 500.0, "MW", false)]
#[case("1,200", "명", 1200.0, "persons", false)]
#[case("50여명", "명", 50.0, "persons", true)]
#[case("약 30개사", "", 30.0, "개사", true)]
#[case("0", "명", 0.0, "persons", false)]
#[case("42.5", "%", 42.5, "%", false)]
#[case("12건", "", 12.0, "items", false)]
#[case("3천", "명", 3000.0, "persons", false)]
fn counts(
    #[case] text: &str,
    #[case] unit: &str,
    #[case] value: f64,
    #[case] named: &str,
    #[case] about: bool,
) {
    let context = if unit.is_empty() {
        Context::default()
    } else {
        context(unit)
    };
    let amount = read_count(text, &context)
        .value
        .unwrap_or_else(|| panic!("{text}"));
    assert_eq!(
        (amount.value, amount.unit.as_str(), amount.approximate),
        (value, named, about),
        "{text}"
    );
}

#[rstest]
#[case("1,000㎡ (1,000평)", true)]
#[case("120만㎡(1.5㎢)", true)]
#[case("120만㎡(1.2㎢)", false)]
#[case("976,152㎡(약30만평)", false)]
#[case("500~700㎡(150~210평)", false)]
#[case("13,419천㎡(우리 공사 5%, 671천㎡)", false)]
#[case("10,000㎡(2021)", false)]
fn two_areas_that_differ_are_told(#[case] text: &str, #[case] differ: bool) {
    let notes = read_area(text, &Context::default()).notes;
    assert_eq!(codes(&notes).contains(&"other_figure"), differ, "{text}");
}

#[rstest]
#[case("at least 3 ha", Some(30_000.0), None)]
#[case("up to 3 ha", None, Some(30_000.0))]
#[case("최소 3만㎡", Some(30_000.0), None)]
fn limits_of_areas(#[case] text: &str, #[case] least: Option<f64>, #[case] most: Option<f64>) {
    let area = read_area(text, &Context::default()).value.unwrap();
    let read = (
        area.square_metres,
        area.min_square_metres,
        area.max_square_metres,
    );
    assert_eq!(read, (None, least, most), "{text}");
}

#[test]
fn a_text_without_a_figure_is_kept() {
    let area = read_area("미정", &Context::default()).value.unwrap();
    assert_eq!(
        (area.square_metres, area.as_stated.as_deref()),
        (None, Some("미정"))
    );
    assert_eq!(
        codes(&read_area("1790", &Context::default()).notes),
        ["unit_unknown"]
    );
    for (text, code) in [
        ("추후 협의", "no_number"),
        ("10~20명", "range_not_held"),
        ("45", "unit_unknown"),
    ] {
        let reading = read_count(text, &Context::default());
        assert_eq!((reading.value, codes(&reading.notes)), (None, vec![code]));
        assert_eq!(reading.as_stated, text);
    }
}

#[test]
fn headers_state_units() {
    for (header, unit) in [
        ("유치금액(억원)", Some("억원")),
        ("면적(천㎡)", Some("천m2")),
        ("사업비\n(단위: 백만원)", Some("백만원")),
        ("고용인원（명）", Some("명")),
        ("공정율(%)", Some("%")),
        ("사업비(백만원) 계", Some("백만원")),
        ("투자액(억)", Some("억")),
        ("Amount (KRW million)", Some("백만krw")),
        ("사업비, 백만원", Some("백만원")),
        ("협약기관(상대처)", None),
        ("협약명", None),
    ] {
        assert_eq!(header_unit(header).as_deref(), unit, "{header}");
    }
    for (text, unit) in [
        ("단위: 천원", "천원"),
        ("(천원)", "천원"),
        ("(단위: 백만원)", "백만원"),
        ("억원", "억원"),
        ("그루", "그루"),
    ] {
        assert_eq!(stated_unit(text), unit, "{text}");
    }
}

#[test]
fn brackets_alone_are_no_amount() {
    for text in ["(1,200)", "(1,200원)", "₩(1,200)"] {
        let reading = read_money(text, &context("백만원"));
        let amount = reading.value.and_then(|money| money.amount);
        assert_eq!(
            (amount, codes(&reading.notes)),
            (None, vec!["not_understood"]),
            "{text}"
        );
    }
}
