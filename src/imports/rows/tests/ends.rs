//! Columns of last days.

use super::*;

#[test]
fn a_column_of_ends_says_what_a_term_says() {
    let row = |end: &str| {
        let text = format!("협약명,협약기관,체결일,만료일\n가,을도,2021.4.16,{end}\n");
        agreements(&text).remove(0)
    };
    for (end, day, renews) in [
        ("2024.4.15", json!("2024-04-15"), json!(null)),
        ("2024. 4. 15.까지", json!("2024-04-15"), json!(null)),
        ("2024년까지", json!("../2024"), json!(null)),
        ("2024.4.15(자동연장)", json!("2024-04-15"), json!(true)),
        ("사업 완료 시까지", json!(null), json!(null)),
    ] {
        let row = row(end);
        let body = body(&row);
        let until = &body["effective_until"];
        assert_eq!((&until["edtf"], &until["as_stated"]), (&day, &json!(end)));
        assert_eq!(body["auto_renews"], renews, "{end}");
        assert!(asked(&row).is_empty(), "{end}");
    }
    let hanging = body(&row("체결일로부터 3년"));
    let years = &hanging["effective_until"]["relative_to"]["years"];
    assert_eq!(years, &json!(3));
    for end in ["2024.4.15(1년 연장)", "2024.4.15(연장)", "2024. 4/4"] {
        let row = row(end);
        assert_eq!(asked(&row), ["several_readings"], "{end}");
        let until = &body(&row)["effective_until"];
        assert_eq!(
            (&until["edtf"], &until["as_stated"]),
            (&json!(null), &json!(end))
        );
    }
}
