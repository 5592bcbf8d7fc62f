use rstest::rstest;
use serde_json::{Value, json};

use super::codes;
use crate::kernel::wording::{Context, Term, read_end, read_term};

fn term(text: &str) -> Term {
    let reading = read_term(text, &Context::default());
    assert!(reading.choices.is_empty(), "{text}: {reading:?}");
    reading.value.unwrap_or_else(|| panic!("{text}: no value"))
}

fn ends(term: &Term) -> (Option<String>, Option<String>) {
    let edtf = |date: &Option<crate::kernel::values::ImpreciseDate>| {
        date.as_ref()
            .and_then(crate::kernel::values::ImpreciseDate::edtf)
    };
    (edtf(&term.from), edtf(&term.until))
}

#[rstest]
#[case("2021.4.16.~2024.4.15.", Some("2021-04-16"), Some("2024-04-15"))]
#[case("2020.12.17. ~ 2022.12.16.", Some("2020-12-17"), Some("2022-12-16"))]
#[case("2022.6.1∼2025.5.31", Some("2022-06-01"), Some("2025-05-31"))]
#[case("2023.2～2024.1", Some("2023-02"), Some("2024-01"))]
#[case("2024년까지", None, Some("../2024"))]
#[case("15년까지", None, Some("../2015"))]
#[case("1989 ~ 1992", Some("1989"), Some("1992"))]
#[case("2021.4.16.~", Some("2021-04-16"), None)]
#[case(
    "16 April 2021 to 15 April 2024",
    Some("2021-04-16"),
    Some("2024-04-15")
)]
#[case("two years from the end of the project", None, None)]
#[case("2021.4.16.~계속", Some("2021-04-16"), None)]
#[case("2021.4.16. ~ 별도 통보시", Some("2021-04-16"), None)]
#[case("2021.4.16.부터 별도 해지 시까지", Some("2021-04-16"), None)]
#[case("2021/04/16-2024/04/15", Some("2021-04-16"), Some("2024-04-15"))]
#[case("2021-04-16 to 2024-04-15", Some("2021-04-16"), Some("2024-04-15"))]
#[case("2021.4.16.~2024.4.15.(3년)", Some("2021-04-16"), Some("2024-04-15"))]
#[case("2024.4.15.~2021.4.16.", Some("2024-04-15"), Some("2021-04-16"))]
#[case("2024~2021", Some("2024"), Some("2021"))]
#[case("사업 완료 시까지", None, None)]
#[case("3년간(2021.4.16.~2024.4.15.)", Some("2021-04-16"), Some("2024-04-15"))]
#[case("무기한", None, None)]
#[case("착공 후 36개월", None, None)]
#[case("체결일로부터 2~3년", None, None)]
#[case("체결일로부터 1년(1차), 2년(2차)", None, None)]
#[case("체결일로부터 1년, 이후 2년", None, None)]
#[case("21.4.31~22.1.31", None, None)]
#[case("2021~23년", Some("2021"), Some("2023"))]
#[case("2021.4.16.~24년", Some("2021-04-16"), Some("2024"))]
#[case("체결일로부터 3년(2024. 4. 15.까지)", None, Some("2024-04-15"))]
#[case(
    "3년 (2021. 4. 16.부터 2024. 4. 15.까지)",
    Some("2021-04-16"),
    Some("2024-04-15")
)]
#[case(
    "체결일로부터 3년(2021.4.16~2024.4.15)",
    Some("2021-04-16"),
    Some("2024-04-15")
)]
#[case(
    "2024. 1. 1.부터 2025. 12. 31.까지 2년으로 한다",
    Some("2024-01-01"),
    Some("2025-12-31")
)]
#[case(
    "유효기간은 2025. 4. 1.부터 2028. 3. 31.까지(3년간)로 한다.",
    Some("2025-04-01"),
    Some("2028-03-31")
)]
#[case(
    "2025년 4월 1일부터 2028년 3월 31일까지 3년간",
    Some("2025-04-01"),
    Some("2028-03-31")
)]
#[case(
    "본 협약의 유효기간은 2025년 4월 1일부터 2028년 3월 31일까지로 정한다.",
    Some("2025-04-01"),
    Some("2028-03-31")
)]
#[case(
    "이 협약은 2025년 4월 1일부터 2028년 3월 31일까지 유효하다.",
    Some("2025-04-01"),
    Some("2028-03-31")
)]
#[case("체결일부터 2027년 12월 31일까지", None, Some("2027-12-31"))]
#[case(
    "협약기간은 체결일로부터 2026. 12. 31.까지로 하되",
    None,
    Some("2026-12-31")
)]
#[case("서명한 날부터 2026년 12월까지로 한다.", None, Some("../2026-12"))]
#[case(
    "이 협약은 체결한 날부터 효력이 발생하며, 2028년 12월 31일까지 유효하다.",
    None,
    Some("2028-12-31")
)]
#[case("2027.12.31.까지", None, Some("2027-12-31"))]
#[case("2027년 12월 31일한", None, Some("2027-12-31"))]
#[case("~ 2027.12.31", None, Some("2027-12-31"))]
#[case("체결일 ~ 2027.12.31", None, Some("2027-12-31"))]
#[case("체결일로부터 2027.12.31까지", None, Some("2027-12-31"))]
#[case("until 31 December 2027", None, Some("2027-12-31"))]
#[case("until December 2027", None, Some("../2027-12"))]
#[case("valid until 31 December 2027", None, Some("2027-12-31"))]
#[case("by 2027", None, Some("../2027"))]
#[case("between April 2021 and April 2024", Some("2021-04"), Some("2024-04"))]
#[case("2027.12.31. 이전", None, Some("../2027-12-31"))]
#[case("2021.3.5(음)~2024.3.5(음)", None, None)]
fn spans(#[case] text: &str, #[case] from: Option<&str>, #[case] until: Option<&str>) {
    let term = term(text);
    assert_eq!(
        ends(&term),
        (from.map(str::to_owned), until.map(str::to_owned)),
        "{text}"
    );
    assert_eq!((term.auto_renews, term.renewal), (None, None), "{text}");
}

fn relation(text: &str) -> Value {
    let term = term(text);
    let until = serde_json::to_value(term.until.unwrap()).unwrap();
    assert_eq!(
        (&until["edtf"], &until["as_stated"]),
        (&json!(null), &json!(text))
    );
    let to = &until["relative_to"];
    json!([
        to["anchor"],
        to["years"],
        to["months"],
        to["days"],
        to["is_limit"]
    ])
}

#[rstest]
#[case("체결일로부터 2년", json!(["signing", 2, 0, 0, false]))]
#[case("협약 체결일로부터 1년 6개월간", json!(["signing", 1, 6, 0, false]))]
#[case("체결 후 3년", json!(["signing", 3, 0, 0, false]))]
#[case("서명일부터 30일 이내", json!(["signing", 0, 0, 30, true]))]
#[case("발효일로부터 2년", json!(["effective_from", 2, 0, 0, false]))]
#[case("체결일로부터 2년간 유효", json!(["signing", 2, 0, 0, false]))]
#[case("유효기간 3년", json!(["effective_from", 3, 0, 0, false]))]
#[case("협약일로부터 1년으로 하되, 이의가 없을 경우 1년씩 자동 연장", json!(["signing", 1, 0, 0, false]))]
#[case("2년", json!(["effective_from", 2, 0, 0, false]))]
#[case("36개월", json!(["effective_from", 0, 36, 0, false]))]
#[case("30년간", json!(["effective_from", 30, 0, 0, false]))]
#[case("2021.4.16.부터 3년간", json!(["effective_from", 3, 0, 0, false]))]
#[case("2021.4.16.~3년간", json!(["effective_from", 3, 0, 0, false]))]
#[case("체결일로부터 2년(이의 없으면 1년씩 자동 연장)", json!(["signing", 2, 0, 0, false]))]
#[case("체결일로부터 2년, 이의가 없는 경우 1년씩 자동연장", json!(["signing", 2, 0, 0, false]))]
#[case("체결일로부터 1년6월", json!(["signing", 1, 6, 0, false]))]
#[case("체결일로부터 6월", json!(["signing", 0, 6, 0, false]))]
#[case("체결일로부터 3년", json!(["signing", 3, 0, 0, false]))]
#[case("체결일로부터 만 3년", json!(["signing", 3, 0, 0, false]))]
#[case("체결일로부터 약 2년", json!(["signing", 2, 0, 0, false]))]
#[case("2021. 4. 16. 체결일로부터 3년", json!(["signing", 3, 0, 0, false]))]
#[case("2021년 4월 16일 체결일로부터 3년", json!(["signing", 3, 0, 0, false]))]
#[case("2021.4.16.부터 2년 6월", json!(["effective_from", 2, 6, 0, false]))]
#[case("2021.4.16.부터 10년", json!(["effective_from", 10, 0, 0, false]))]
#[case("약 3년", json!(["effective_from", 3, 0, 0, false]))]
#[case("3년간(2021.4.16.부터)", json!(["effective_from", 3, 0, 0, false]))]
#[case("유효기간은 체결일로부터 3년으로 한다.", json!(["signing", 3, 0, 0, false]))]
#[case("two years from signing", json!(["signing", 2, 0, 0, false]))]
#[case("3 years from the date of signing", json!(["signing", 3, 0, 0, false]))]
#[case("two years from the date of signing, automatically renewed", json!(["signing", 2, 0, 0, false]))]
#[case("18 months after the effective date", json!(["effective_from", 0, 18, 0, false]))]
#[case("six months from signing", json!(["signing", 0, 6, 0, false]))]
#[case("within six months of signing", json!(["signing", 0, 6, 0, true]))]
#[case("no later than thirty days after the date of signature", json!(["signing", 0, 0, 30, true]))]
#[case("one year and six months from signing", json!(["signing", 1, 6, 0, false]))]
#[case("two years from 16 April 2021", json!(["effective_from", 2, 0, 0, false]))]
#[case("two years from signing, renewed by one year unless objected to", json!(["signing", 2, 0, 0, false]))]
#[case("기간은 2년 6개월로 한다.", json!(["effective_from", 2, 6, 0, false]))]
#[case("이 협약은 체결한 날부터 효력이 발생하며, 3년간 유효하다.", json!(["signing", 3, 0, 0, false]))]
#[case("본 협약의 효력은 체결일로부터 1년이며, 만료일 2개월 전까지 이의가 없으면 1회에 한하여 1년 연장된다", json!(["signing", 1, 0, 0, false]))]
#[case("협약기간 : 체결일로부터 2년", json!(["signing", 2, 0, 0, false]))]
#[case("이 협약은 체결일로부터 5년간 효력을 가진다.", json!(["signing", 5, 0, 0, false]))]
#[case("본 협약은 양 기관의 대표자가 서명한 날부터 2년간 유효하다.", json!(["signing", 2, 0, 0, false]))]
#[case("체결일로부터 2년으로 하고, 연장하지 않는다", json!(["signing", 2, 0, 0, false]))]
#[case("자동연장 없음, 체결일로부터 2년", json!(["signing", 2, 0, 0, false]))]
#[case("유효기간은 2년으로 하고 기간 만료 30일 전까지 이의가 없으면 1년씩 연장한다.", json!(["effective_from", 2, 0, 0, false]))]
fn lengths(#[case] text: &str, #[case] expected: Value) {
    assert_eq!(relation(text), expected, "{text}");
}

#[rstest]
#[case("체결일로부터 2년(이의 없으면 1년씩 자동 연장)", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("3년(만료 30일 전까지 서면 통보가 없으면 2년씩 자동연장)", json!({"months": 24, "notice_days": 30, "times": null}))]
#[case("2년, 자동연장 1년(1회)", json!({"months": 12, "notice_days": null, "times": 1}))]
#[case("체결일로부터 2년, 동일 기간 자동 갱신", json!({"months": 24, "notice_days": null, "times": null}))]
#[case("2021.4.16.~2024.4.15. 이후 1년 단위 자동연장", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("1년 단위 자동연장", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("2년, 이의 없으면 1년씩 최대 3년까지 자동연장", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("3년(자동연장)", json!(null))]
#[case("two years from signing, renewed by one year unless objected to", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("Two years from signing, renewed for one year at a time unless either party objects.", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("two years, automatically extended by one year", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("two years from signing; unless either party objects in writing 30 days before its end, renewed for successive periods of six months", json!({"months": 6, "notice_days": 30, "times": null}))]
#[case("three years, automatically renewed for the same period", json!({"months": 36, "notice_days": null, "times": null}))]
#[case("until 31 December 2027, extended by one year twice unless notice is given", json!({"months": 12, "notice_days": null, "times": 2}))]
#[case("two years; the agreement is automatically renewed by one year", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("two years, renewed by one year unless 30 days' written notice is given", json!({"months": 12, "notice_days": 30, "times": null}))]
#[case("two years, renewed every year if neither party objects", json!({"months": 12, "notice_days": null, "times": null}))]
#[case("만료 30일 전까지 이의가 없으면 1년씩 자동 연장한다.", json!({"months": 12, "notice_days": 30, "times": null}))]
#[case("협약기간 만료일 60일 이전에 서면 통보가 없으면 2년간 자동 연장된다.", json!({"months": 24, "notice_days": 60, "times": null}))]
#[case("서면 통보가 없으면 2년간 자동 연장된다.", json!({"months": 24, "notice_days": null, "times": null}))]
#[case("2년, 만료 30일 전까지 이의가 없으면 1년씩 자동 연장", json!({"months": 12, "notice_days": 30, "times": null}))]
#[case("체결일로부터 1년으로 하며, 이의가 없는 한 매년 자동 연장된다", json!({"months": 12, "notice_days": null, "times": null}))]
fn renewals(#[case] text: &str, #[case] expected: Value) {
    let term = term(text);
    assert_eq!(term.auto_renews, Some(true), "{text}");
    assert_eq!(
        serde_json::to_value(term.renewal).unwrap(),
        expected,
        "{text}"
    );
    assert_eq!(term.until.unwrap().as_stated(), Some(text));
}

#[rstest]
#[case("2년(자동연장 없음)", Some(false))]
#[case("3년(자동 갱신되지 않음)", Some(false))]
#[case("3년(자동연장 미적용)", Some(false))]
#[case("3년(자동연장 제외)", Some(false))]
#[case("3년(자동연장 조항 없음)", Some(false))]
#[case("3년(묵시적 갱신은 인정하지 않음)", Some(false))]
#[case("3년, 자동연장(X)", Some(false))]
#[case("3년, 자동연장 N", Some(false))]
#[case("3년(자동 연장 불가)", Some(false))]
#[case("3년, 자동연장: 없음", Some(false))]
#[case("3년(자동연장 안 함)", Some(false))]
#[case("3년(자동연장되지 아니한다)", Some(false))]
#[case("2년(만료 60일전 통보시 연장)", None)]
#[case("2년(합의 통보 시 갱신)", None)]
#[case("2년(쌍방 의사에 따라 연장)", None)]
#[case("2년, 합의 시 1년씩 연장", None)]
#[case("2년(상호 협의 후 자동 연장)", None)]
#[case("2년(자동연장, 합의로 해지 가능)", Some(true))]
#[case("3년, 자동연장(이의 없을 시)", Some(true))]
#[case("3년(별도의 의사표시가 없는 한 자동연장)", Some(true))]
#[case("3년(해지 의사를 표시하지 아니하면 같은 기간 갱신)", Some(true))]
#[case("3년(상호 합의에 의해 해지하지 않는 한 자동연장)", Some(true))]
#[case("3년(이의 없으면 1년씩 연장)", Some(true))]
#[case("3년(자동연장, 횟수 제한 없음)", Some(true))]
#[case("two years from signing, automatically renewed", Some(true))]
#[case("two years, not automatically renewed", Some(false))]
#[case("two years, no renewal", Some(false))]
#[case("two years, renewable by mutual consent", None)]
#[case("two years, not renewed unless both parties agree", None)]
#[case("two years, may be extended by one year", None)]
#[case("two years, renewed by written agreement", None)]
#[case("3년(자동연장 여부: 미정)", None)]
#[case("3년(자동연장은 추후 협의)", None)]
#[case("3년(자동갱신이 아닌 협의 갱신)", Some(false))]
#[case("3년(자동 연장되지 않는다)", Some(false))]
#[case("체결일로부터 2년으로 하고, 연장하지 않는다", Some(false))]
#[case("자동연장 없음, 체결일로부터 2년", Some(false))]
#[case("2년(연장 불가)", Some(false))]
#[case("3년(연장 의사가 없으면 종료)", Some(false))]
#[case(
    "체결일로부터 3년. 단, 만료 30일 전까지 연장에 합의하지 않으면 종료",
    Some(false)
)]
#[case("3년으로 하며, 만료 전까지 연장 합의가 없으면 종료된다.", Some(false))]
#[case(
    "3년으로 하며, 연장 의사를 통보하지 않으면 자동 종료된다.",
    Some(false)
)]
#[case("1년, 별도 의사표시 없으면 종료", Some(false))]
#[case(
    "3년으로 하며, 갱신을 원하면 서면으로 요청하고 요청이 없으면 실효된다.",
    Some(false)
)]
#[case("3년(갱신 통보가 없는 경우 만료로 본다)", Some(false))]
#[case("3년, 이의가 없으면 만료일 다음 날부터 1년씩 연장", Some(true))]
#[case("3년, 이의가 없으면 종료되지 아니하고 1년 연장된다", Some(true))]
#[case("3년, 연장에 이의가 없으면 1년 연장된다", Some(true))]
#[case("3년으로 하며, 이의가 없는 경우 연장할 수 있다.", None)]
#[case("3년, 연장에 이의가 없으면 1년 연장할 수 있다", None)]
#[case("3년, 이의가 없으면 1년씩 연장 가능", None)]
#[case(
    "two years; unless either party agrees to extend, it ends",
    Some(false)
)]
#[case("two years; unless it is renewed in writing, it expires", Some(false))]
#[case("two years; if no extension is agreed, it ends", Some(false))]
#[case("two years, unless both parties agree to extend before it ends", None)]
#[case(
    "two years; unless either party terminates it, automatically renewed",
    Some(true)
)]
fn renewal_by_itself(#[case] text: &str, #[case] expected: Option<bool>) {
    let reading = read_term(text, &Context::default());
    let term = reading.value.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(term.auto_renews, expected, "{text}");
    let is_told = codes(&reading.notes).contains(&"renewal_not_automatic");
    assert_eq!(is_told, expected.is_none(), "{text}");
    if expected != Some(true) {
        assert_eq!(term.renewal, None, "{text}");
    }
}

#[rstest]
#[case("체결일로부터 약 2년", &["approximate_length"])]
#[case("체결일로부터 3년(최대 2회 자동 연장)", &["renewal_unclear"])]
#[case("3년간(2021.4.16.부터)", &[])]
#[case("3년(2021.4.16. 체결)", &["remark_in_text", "start_not_stated"])]
#[case("2021. 4. 16. 체결일로부터 3년", &["remark_in_text"])]
fn notes(#[case] text: &str, #[case] expected: &[&str]) {
    let notes = read_term(text, &Context::default()).notes;
    assert_eq!(codes(&notes), expected, "{text}");
}

#[rstest]
#[case("2024. 4. 15.까지", Some("2024-04-15"), None)]
#[case("2024. 4. 15.", Some("2024-04-15"), None)]
#[case("2024년까지", Some("../2024"), None)]
#[case("24년", Some("2024"), None)]
#[case("15년", Some("2015"), None)]
#[case("2024.4.15(자동연장)", Some("2024-04-15"), Some(true))]
#[case(
    "2024.4.15(이의 없으면 1년씩 자동연장)",
    Some("2024-04-15"),
    Some(true)
)]
#[case("2024.4.15(연장 없음)", Some("2024-04-15"), Some(false))]
#[case("2024.4.15(미연장)", Some("2024-04-15"), Some(false))]
#[case("체결일로부터 3년", None, None)]
#[case("사업 완료 시까지", None, None)]
#[case("until 15 April 2024", Some("2024-04-15"), None)]
#[case("../2024", Some("../2024"), None)]
#[case("2024년 이후", Some("2024/.."), None)]
#[case("9999-12-31", Some("9999-12-31"), None)]
#[case("2024-04-14T15:00:00Z", Some("2024-04-15"), None)]
#[case("1713106800000", Some("2024-04-15"), None)]
fn ends_of_terms(#[case] text: &str, #[case] until: Option<&str>, #[case] renews: Option<bool>) {
    let reading = read_end(text, &Context::default());
    let term = reading.value.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(ends(&term), (None, until.map(str::to_owned)), "{text}");
    assert_eq!(term.auto_renews, renews, "{text}");
}

#[test]
fn an_end_can_hang_on_the_signing() {
    for text in [
        "체결일로부터 3년",
        "체결 후 3년",
        "체결일로부터 3년(자동연장)",
    ] {
        let end = read_end(text, &Context::default()).value.unwrap();
        assert_eq!(end, term(text), "{text}");
        assert!(end.until.unwrap().relative_to().is_some(), "{text}");
    }
}

#[rstest]
#[case("2021.4.17.~2024.4.16.(연장: ~2026.4.16.)", &["2024-04-16", "2026-04-16"])]
#[case("2021.4.17.~2024.4.16.(2026. 4. 16.까지 연장)", &["2024-04-16", "2026-04-16"])]
#[case("2021.4.17.~2024.4.16.(2차 연장: 2026.4.16.)", &["2024-04-16", "2026-04-16"])]
#[case("2021.4.17.~2024.4.16.(2026.4.16.로 2년 연장)", &["2024-04-16", ""])]
#[case("2021.4.17.~2024.4.16.(2026.4.16.까지 2년 연장)", &["2024-04-16", "2026-04-16"])]
#[case("2024.4.16.(extended to 2026.4.16.)", &["2024-04-16", "2026-04-16"])]
#[case("2024.4.16.(extended until 2026.4.16.)", &["2024-04-16", "2026-04-16"])]
#[case("2021.4.17.~2024.4.16.(합의로 연장)", &["2024-04-16"])]
#[case("2021.4.17.~2026.4.16.(당초 2024.4.16.)", &["2026-04-16", "2024-04-16"])]
#[case("2021.4.17.~2024.4.16.(변경: 2026.4.16.)", &["2024-04-16", "2026-04-16"])]
#[case("2021.4.17.~2024.4.16.(1년 연장)", &["2024-04-16", "2025-04-16"])]
#[case("2021.4.17.~2024.4.16.(연장)", &["2024-04-16", ""])]
#[case("2021.4.17.~2024.4.16.(3년)", &["2024-04-16"])]
#[case("2024.4.15(1년 연장)", &["2024-04-15", "2025-04-15"])]
#[case("2024.4.15(연장)", &["2024-04-15", ""])]
#[case("2024.12~", &["2024-12/.."])]
#[case("2024-12~", &["2024-12/..", "2024-12~"])]
#[case("12.5", &["2012-05", ""])]
#[case("2024.4.15 (extended)", &["2024-04-15", ""])]
fn an_end_with_two_readings_is_a_question(#[case] text: &str, #[case] expected: &[&str]) {
    let reading = read_end(text, &Context::default());
    let choices = reading.choices.iter().map(|choice| &choice.value);
    let all: Vec<String> = reading
        .value
        .iter()
        .chain(choices)
        .map(|term| ends(term).1.unwrap_or_default())
        .collect();
    assert_eq!(all, expected, "{text}");
}

#[test]
fn a_length_can_have_a_dated_beginning() {
    let from = |text: &str| ends(&term(text)).0;
    let day = Some("2021-04-16".to_owned());
    assert_eq!(from("3년간(2021.4.16.부터)"), day);
    assert_eq!(from("2021.4.16. 발효일로부터 3년"), day);
    assert_eq!(from("2021. 4. 16. 체결일로부터 3년"), None);
}

#[test]
fn what_is_not_certain_is_told() {
    let read = |text| read_term(text, &Context::default());
    assert_eq!(term("2년(자동연장 없음)").auto_renews, Some(false));
    assert_eq!(codes(&read("2년").notes), ["start_not_stated"]);
    assert_eq!(codes(&read("2024.4.15.~2021.4.16.").notes), ["reversed"]);
    assert_eq!(codes(&read("착공 후 36개월").notes), ["depends_on_event"]);
    let single = read("2024.12.31.");
    assert_eq!(single.value, None);
    let all: Vec<_> = single
        .choices
        .iter()
        .map(|choice| ends(&choice.value))
        .collect();
    let day = Some("2024-12-31".to_owned());
    assert_eq!(all, [(None, day.clone()), (day, None)]);
    assert!(read("-").is_blank());
}
