//! Rows that repeat others.

use super::*;

#[test]
fn a_record_is_repeated_in_any_order_and_spelling_of_its_parties() {
    let is_repeated = |text: &str| {
        let records = crate::imports::records::of(ImportKind::Agreements);
        let keys: Vec<Vec<String>> = agreements(text)
            .iter()
            .map(|row| records.repeated(&row.body))
            .collect();
        keys[1].iter().any(|key| keys[0].contains(key))
    };
    for (one, other, right) in [
        (
            "듀 협약,㈜듀전자,2021.4.16",
            "듀 협약,주식회사 듀전자,2021. 4. 16.",
            true,
        ),
        (
            "듀 협약,㈜을삼전자,2021.4.16",
            "듀협약,㈜ 을삼전자,2021.4.16",
            true,
        ),
        (
            "듀 협약,\"갑은행, 을병원\",2021.4.17",
            "듀 협약,\"을병원, 갑은행\",2021.4.17",
            true,
        ),
        (
            "듀 협약,갑은행,2021.4.17",
            "듀 협약,을병원,2021.4.17",
            false,
        ),
        (
            "듀 협약,갑은행,2021.4.17",
            "듀 협약,갑은행,2021.4.18",
            false,
        ),
        (
            "듀 협약,\"갑은행, 을병원\",2021.4.17",
            "듀 협약,갑은행,2021.4.17",
            false,
        ),
    ] {
        let text = format!("협약명,협약기관,체결일\n{one}\n{other}\n");
        assert_eq!(is_repeated(&text), right, "{one} {other}");
    }
    let numbered =
        "관리번호,협약명,협약기관,체결일\n1,듀 협약,을전자,2021.4.16\n2,듀 협약,을전자,2021.4.16\n";
    assert!(is_repeated(numbered));
}
