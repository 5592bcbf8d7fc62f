//! What is said to be internal never becomes public unseen.

use super::*;

fn visible(text: &str) -> (Value, bool) {
    let row = agreements(text).remove(0);
    let is_asked = asked(&row).contains(&"visibility_unclear");
    (body(&row)["visibility"].clone(), is_asked)
}

#[test]
fn a_column_states_the_visibility() {
    for (header, cell, right) in [
        ("공개여부", "비공개", ("internal", false)),
        ("공개 여부", "내부", ("internal", false)),
        ("공개범위", "대외비", ("internal", false)),
        ("공개여부", "N", ("internal", false)),
        ("비공개 여부", "Y", ("internal", false)),
        ("비공개 사유", "영업비밀", ("internal", false)),
        ("Visibility", "internal", ("internal", false)),
        ("Confidential", "Yes", ("internal", false)),
        ("공개여부", "당사자", ("partners", false)),
        ("공개여부", "공개", ("public", false)),
        ("공개구분", "부분공개", ("internal", true)),
        ("공개여부", "비공개(영업비밀)", ("internal", false)),
        ("공개여부", "공개(일부)", ("internal", true)),
        ("Visibility", "xyz", ("internal", true)),
    ] {
        let text = format!("협약명,협약기관,체결일,{header}\n가 협약,을재단,2021.1.1,{cell}\n");
        assert_eq!(visible(&text), (json!(right.0), right.1), "{header} {cell}");
    }
    let both =
        "협약명,협약기관,체결일,공개여부,비공개사유\n가 협약,을재단,2021.1.1,공개,영업비밀\n";
    assert_eq!(visible(both), (json!("internal"), true));
}

#[test]
fn words_for_what_is_internal_count_wherever_they_stand() {
    for text in [
        "협약명,협약기관,체결일,비고\n가 협약,을재단,2021.1.1,대외비\n",
        "협약명,협약기관,체결일\n(비공개) 가 협약,을재단,2021.1.1\n",
        "협약명,협약기관,체결일,비고(비공개)\n가 협약,을재단,2021.1.1,협상안\n",
        "Title,Partner,Date signed,Remarks\nA,을재단,2021.1.1,Confidential\n",
    ] {
        assert_eq!(visible(text), (json!("internal"), true), "{text}");
    }
    let answers = BTreeMap::from([("D2:visibility_unclear".into(), "public".into())]);
    let content = ImportContent {
        answers,
        ..ImportContent::default()
    };
    let text = "협약명,협약기관,체결일,비고\n가 협약,을재단,2021.1.1,대외비\n";
    let row = &planned(ImportKind::Agreements, &book(text), &content)[0];
    assert_eq!(body(row)["visibility"], "public");
    let text = "대외비 협약 목록,,\n협약명,협약기관,체결일\n가 협약,을재단,2021.1.1\n";
    let row = &agreements(text)[0];
    assert_eq!(body(row)["visibility"], "internal");
    assert!(codes(row).contains(&"file_internal"));
    let plain = "협약명,협약기관,체결일,비고\n비밀유지 협약,을재단,2021.1.1,공개 행사\n";
    assert_eq!(visible(plain), (Value::Null, false));
}

#[test]
fn money_is_bound_or_not_as_a_column_says() {
    for (header, cell, right) in [
        ("재정부담", "있음", json!(true)),
        ("재정부담", "무", json!(false)),
        ("재정부담", "X", json!(false)),
        ("재정부담 여부", "○", json!(true)),
        ("사업비", "비예산", json!(false)),
        ("사업비", "협의", Value::Null),
    ] {
        let text = format!("협약명,협약기관,체결일,{header}\n가 협약,을재단,2021.1.1,{cell}\n");
        let row = &agreements(&text)[0];
        assert_eq!(body(row)["financial_obligation"], right, "{header} {cell}");
    }
}
