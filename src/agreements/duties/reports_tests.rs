use rstest::rstest;
use serde_json::{Value, json};

use super::super::rules::duties;
use super::super::rules::tests::{day, doc, policies, told, told_on};
use crate::kernel::legal_days::Holidays;

#[test]
fn reports_in_the_next_session() {
    let chungju = policies(
        json!([{"council_report": {"in_next_session": true, "on_signing": false, "on_termination": true},
        "reference": {"title": "충주시 업무협약 관리 조례", "article": "제1조",
            "articles": [{"kind": "review", "article": "제5조"}, {"kind": "council_report", "article": "제6조"}]}}]),
    );
    let steps = [
        ("signed", Some("2025-04-16")),
        ("terminated", Some("2026-01-01")),
    ];
    let mut ended = doc(&steps, json!({}));
    assert_eq!(
        told_on(&ended, &chungju, "2026-11-23"),
        ["council_report/termination 2026-01-01/.. open"]
    );
    let duty = &duties(&ended, &chungju, &Holidays::default(), day("2026-11-23"))[0];
    assert_eq!(
        duty.legal_basis.as_deref(),
        Some("충주시 업무협약 관리 조례 제6조")
    );
    assert_eq!(duty.due_as_stated.as_ref().unwrap().ko, "다음 회기");
    told(&mut ended, "post_report", "termination", "2026-03", "noted");
    assert_eq!(
        told_on(&ended, &chungju, "2026-11-23"),
        ["council_report/termination 2026-01-01/.. done"]
    );
}

/// Policies like Chungju's: two sessions of 2024 in one policy, one of 2025 in the next.
fn with_sessions() -> Value {
    json!([
        {"valid_until": "2024-12-31", "council_report": {"in_next_session": true, "sessions": [
            {"name": "제280회 임시회", "from": "2024-04-16", "until": "2024-04-26"},
            {"from": "2024-06-10", "until": "2024-06-28"}]}},
        {"valid_from": "2025-01-01", "council_report": {"in_next_session": true, "on_signing": false, "sessions": [
            {"from": "2025-02-03", "until": "2025-02-14"}]}}])
}

#[rstest]
// A session that has begun is not the next one.
#[case("2024-04-15", "2024-04-26", "다음 회기(제280회 임시회)")]
#[case("2024-04-16", "2024-06-28", "다음 회기")]
// The next session can be recorded in the policy that follows.
#[case("2024-12-20", "2025-02-14", "다음 회기")]
// An imprecise day gives an imprecise due date, as far as it is known.
#[case("2024-04", "2024-04-26/2024-06-28", "다음 회기")]
#[case("2024-03", "2024-04-26", "다음 회기(제280회 임시회)")]
#[case("2024-03~", "2024-04-26~", "다음 회기(제280회 임시회)")]
#[case("../2024-03", "../2024-04-26", "다음 회기")]
fn a_session_that_is_recorded_says_by_when(
    #[case] signed: &str,
    #[case] due: &str,
    #[case] words: &str,
) {
    let chungju = policies(with_sessions());
    let mou = doc(&[("signed", Some(signed))], json!({}));
    assert_eq!(
        told_on(&mou, &chungju, "2025-02-15"),
        [format!("council_report/signing {due} overdue")]
    );
    let duty = &duties(&mou, &chungju, &Holidays::default(), day("2025-02-15"))[0];
    assert_eq!(duty.due_as_stated.as_ref().unwrap().ko, words);
}

#[test]
fn before_the_next_session_is_recorded_nobody_can_tell() {
    let mut all = with_sessions();
    all[0]["council_report"]["on_completion"] = json!(true);
    all[1]["council_report"]["on_completion"] = json!(true);
    let chungju = policies(all.clone());
    let steps = [
        ("signed", Some("2024-05-01")),
        ("completed", Some("2025-02-03")),
    ];
    let mut mou = doc(&steps, json!({}));
    assert_eq!(
        told_on(&mou, &chungju, "2024-06-28")[..1],
        ["council_report/signing 2024-06-28 open"]
    );
    assert_eq!(
        told_on(&mou, &chungju, "2026-11-23"),
        [
            "council_report/signing 2024-06-28 overdue",
            "council_report/completion 2025-02-03/.. open"
        ]
    );
    let known = json!({"from": "2025-03-10", "until": "2025-03-20"});
    let sessions = &mut all[1]["council_report"]["sessions"];
    sessions.as_array_mut().unwrap().push(known);
    let chungju = policies(all);
    told(&mut mou, "post_report", "signing", "2024-06-28", "noted");
    told(&mut mou, "post_report", "completion", "2025-03-21", "noted");
    assert_eq!(
        told_on(&mou, &chungju, "2026-11-23"),
        [
            "council_report/signing 2024-06-28 done",
            "council_report/completion 2025-03-20 done_late"
        ]
    );
    let undated = doc(&[("signed", None)], json!({}));
    let always = policies(json!([{"council_report": {"in_next_session": true}}]));
    assert_eq!(
        told_on(&undated, &always, "2026-11-23"),
        ["council_report/signing - open"]
    );
}

#[rstest]
// Without a rule on reports, the next of all known sessions counts.
#[case(json!(null), "2026-05-14")]
#[case(json!({"on_signing": false}), "2026-05-14")]
#[case(json!({"in_next_session": true}), "2026-05-14")]
#[case(json!({"on_signing": false, "within_days": 50}), "2026-05-21")]
#[case(json!({"within_days": 50}), "2026-05-21")]
fn an_urgent_signing_is_reported_afterwards(#[case] rule: Value, #[case] due: &str) {
    let known =
        json!({"on_signing": false, "sessions": [{"from": "2026-05-04", "until": "2026-05-14"}]});
    let policy = policies(
        json!([{"valid_from": "2026-01-01", "prior_consent": {"money": "consent"}, "council_report": rule},
        {"valid_until": "2025-12-31", "council_report": known}]),
    );
    let costly = json!({"financial_obligation": true});
    let mut mou = doc(&[("signed", Some("2026-04-01"))], costly);
    let urgent = json!({"reason": {"ko": "공모 마감"}});
    mou.transitions[0].urgent = serde_json::from_value(urgent).unwrap();
    let report = format!("council_report/signing {due} open");
    let told = told_on(&mou, &policy, "2026-05-01");
    assert_eq!(told, ["consent/signing 2026-04-01 waived", &report]);
}
