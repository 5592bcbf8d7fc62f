use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::agreements::duties::rules::tests::{day, doc, policies, told, told_on};
use crate::agreements::duties::signing::{check_signing, warnings};

/// Formats the warnings as `code pointer`.
fn warned(doc: &Doc, policies: &[Policy]) -> Vec<String> {
    let all = warnings(doc, policies, day("2026-11-23")).into_iter();
    all.map(|w| format!("{} {}", w.code, w.pointer)).collect()
}

#[rstest]
#[case(json!({}), &["/financial_obligation", "/public_property"])]
#[case(json!({"financial_obligation": false}), &["/public_property"])]
#[case(json!({"financial_obligation": true}), &["/public_property"])]
// A cost implies a financial obligation.
#[case(json!({"cost": {"amount": 1, "currency": "KRW"}}), &["/public_property"])]
#[case(json!({"public_property": false}), &["/financial_obligation"])]
// The stricter of the two is already required.
#[case(json!({"public_property": true}), &[])]
#[case(json!({"financial_obligation": false, "public_property": false}), &[])]
fn what_is_unknown_is_told_and_refuses_nothing(#[case] content: Value, #[case] at: &[&str]) {
    let policy = policies(json!([{"prior_consent": {"money": "report", "property": "consent"}}]));
    let at: Vec<String> = at
        .iter()
        .map(|at| format!("not_known_whether_demanded {at}"))
        .collect();
    for (status, on) in [("approved", None), ("signed", Some("2020-01-02"))] {
        let mou = doc(&[(status, on)], content.clone());
        let mut seen = warned(&mou, &policy);
        seen.retain(|warning| warning.starts_with("not_known"));
        assert_eq!(seen, at, "{status}");
    }
    // A duty that only possibly applies is not listed.
    let unknown = doc(&[("signed", Some("2020-01-02"))], json!({}));
    assert_eq!(told_on(&unknown, &policy, "2026-11-23"), [""; 0]);
    for early in ["draft", "in_review", "voided"] {
        let other = doc(&[(early, None)], content.clone());
        assert_eq!(warned(&other, &policy), [""; 0], "{early}");
    }
}

#[test]
fn where_the_council_consented_nothing_is_unknown() {
    let policy = policies(json!([{"prior_consent": {"money": "consent"},
        "reference": {"title": "고양시 업무협약 조례", "article": "제5조"}}]));
    let mut mou = doc(&[("approved", None)], json!({}));
    let all = warnings(&mou, &policy, day("2026-11-23"));
    let said = &all[0].message;
    assert!(
        said.ko
            .contains("동의가 필요한지 알 수 없습니다 (고양시 업무협약 조례 제5조)")
    );
    assert!(said.en.contains("whether the council has to consent"));
    told(&mut mou, "consent", "other", "2026-11-20", "accepted");
    assert_eq!(warned(&mou, &policy).len(), 1);
    told(&mut mou, "consent", "signing", "2026-11-20", "accepted");
    assert_eq!(warned(&mou, &policy), [""; 0]);
    // A policy without the rule has nothing to clarify.
    let other = policies(json!([{"prior_consent": {"property": null}}]));
    let mou = doc(&[("signed", Some("2026-11-23"))], json!({}));
    assert_eq!(warned(&mou, &other), [""; 0]);
}

#[rstest]
#[case(&[], "")]
#[case(&[("consent", "other", "2026-01-20", json!("accepted"))], "its occasion is other and not signing")]
#[case(&[("consent", "signing", "2026-01-20", json!("rejected"))], "its result is rejected and not accepted")]
#[case(&[("consent", "signing", "2026-01-20", json!("noted"))], "its result is noted and not accepted")]
#[case(&[("consent", "signing", "2026-01-20", json!(null))], "its result is not recorded")]
#[case(&[("consent", "signing", "2026-02-02", json!("accepted"))], "after the day of signing")]
#[case(&[("consent", "signing", "2026-02", json!("accepted"))], "after the day of signing")]
// The last of several actions.
#[case(&[("consent", "signing", "2026-01-20", json!("rejected")), ("consent", "other", "2026-01-10", json!("accepted"))],
    "(20 January 2026) does not count: its result is rejected")]
#[case(&[("consent", "signing", "2026-01-20", json!("rejected")), ("consent", "other", "2026-01-30", json!("accepted"))],
    "(30 January 2026) does not count: its occasion is other")]
// A report is no consent, so nothing is said about it.
#[case(&[("prior_report", "signing", "2026-01-20", json!("noted"))], "")]
fn why_a_consent_does_not_count(#[case] actions: &[(&str, &str, &str, Value)], #[case] why: &str) {
    let policy = policies(json!([{"prior_consent": {"money": "consent"}}]));
    let mut mou = doc(&[("approved", None)], json!({"financial_obligation": true}));
    for (kind, occasion, on, result) in actions {
        told(&mut mou, kind, occasion, on, "noted");
        let last = mou.council_actions.last_mut().unwrap();
        last.content.result = serde_json::from_value(result.clone()).unwrap();
    }
    let step = json!({"to": "signed", "on": {"edtf": "2026-02-01"}, "reason": null, "recorded_at": "2026-11-23T03:00:00Z"});
    let signing: Transition = serde_json::from_value(step).unwrap();
    let refused = check_signing(&mou, &policy, &signing, day("2026-11-23")).unwrap_err();
    let said = &refused.errors[0].message;
    let wanted = "of the kind consent with the occasion signing and the result accepted, of the day of signing or before";
    assert!(said.en.contains(wanted), "{}", said.en);
    let counts = said.en.contains("does not count");
    assert_eq!(counts, !why.is_empty(), "{}", said.en);
    assert!(said.en.contains(why), "{}", said.en);
    assert_eq!(said.ko.contains("인정되지 않습니다"), counts, "{}", said.ko);
    // An agreement recorded as signed gets the same explanation.
    mou.transitions.push(signing);
    let told = &warnings(&mou, &policy, day("2026-11-23"))[0].message;
    assert!(told.en.contains(why), "{}", told.en);
}

#[rstest]
#[case(
    "prior_report",
    "other",
    "2026-01-20",
    "The last prior report that is recorded (20 January 2026) does not count: its occasion is other"
)]
#[case("prior_report", "signing", "2026-02-02", "after the day of signing")]
#[case("consent", "signing", "2026-01-20", "its result is rejected")]
fn why_a_report_does_not_count(
    #[case] kind: &str,
    #[case] occasion: &str,
    #[case] on: &str,
    #[case] why: &str,
) {
    let mut mou = doc(&[("signed", Some("2026-02-01"))], json!({}));
    told(&mut mou, kind, occasion, on, "rejected");
    let said = why_not_counted(&mou, DutyKind::PriorReport, mou.transitions.first()).unwrap();
    assert!(said.en.contains(why), "{}", said.en);
}

/// An agreement that costs money or not, signed and perhaps terminated.
fn ended(costs: bool, terminated: Option<&str>) -> Doc {
    let steps = [("signed", Some("2024-01-02")), ("terminated", terminated)];
    let content = json!({"financial_obligation": costs});
    doc(&steps[..if terminated.is_some() { 2 } else { 1 }], content)
}

#[test]
fn a_termination_wants_the_council_where_a_circumstance_applies() {
    let rule = json!({"money": "report", "termination": "consent"});
    let policy = policies(json!([{"valid_from": "2025-01-01", "prior_consent": rule}]));
    let told_of = |mou: &Doc| told_on(mou, &policy, "2026-11-23");
    assert_eq!(told_of(&ended(true, None)), [""; 0]);
    assert_eq!(told_of(&ended(false, Some("2025-06-30"))), [""; 0]);
    assert_eq!(told_of(&ended(true, Some("2024-12-31"))), [""; 0]);
    let mut mou = ended(true, Some("2025-06-30"));
    assert_eq!(told_of(&mou), ["consent/termination 2025-06-30 overdue"]);
    // A consent to the signing, a refusal and one that came later do not count.
    told(&mut mou, "consent", "signing", "2025-06-01", "accepted");
    told(&mut mou, "consent", "termination", "2025-06-02", "rejected");
    told(&mut mou, "consent", "termination", "2025-07-01", "accepted");
    assert_eq!(told_of(&mou), ["consent/termination 2025-06-30 overdue"]);
    told(&mut mou, "consent", "termination", "2025-06-30", "accepted");
    assert_eq!(told_of(&mou), ["consent/termination 2025-06-30 done"]);
}

#[test]
fn every_termination_wants_the_council_where_no_circumstance_is_named() {
    let rule = json!({"termination": "report", "days_before": 10});
    let policy = policies(json!([{"prior_consent": rule}]));
    let told_of = |mou: &Doc| told_on(mou, &policy, "2026-11-23");
    let mut mou = ended(false, Some("2025-06-30"));
    assert_eq!(
        told_of(&mou),
        ["prior_report/termination 2025-06-20 overdue"]
    );
    told(&mut mou, "consent", "termination", "2025-06-25", "accepted");
    assert_eq!(
        told_of(&mou),
        ["prior_report/termination 2025-06-20 done_late"]
    );
    // On an unknown day.
    let steps = [("signed", Some("2024-01-02")), ("terminated", None)];
    let duty = &duties_of(&doc(&steps, json!({})), &policy)[0];
    assert_eq!(duty.due, None);
    assert_eq!(
        duty.due_as_stated.as_ref().unwrap().en,
        "10 days before it is terminated"
    );
}

fn duties_of(mou: &Doc, policies: &[Policy]) -> Vec<Derived> {
    crate::agreements::duties::rules::duties(mou, policies, &Holidays::default(), day("2026-11-23"))
}

#[test]
fn a_change_is_a_circumstance_of_the_agreement_that_amends() {
    let policy = policies(json!([{"prior_consent": {"money": "report", "change": "consent"}}]));
    let steps = [("signed", Some("2025-06-30"))];
    let told_of = |content: Value| told_on(&doc(&steps, content), &policy, "2026-11-23");
    let amends =
        json!({"amends_id": "0178d7fa-2c00-7000-8000-00000000003d", "financial_obligation": true});
    assert_eq!(told_of(amends), ["consent/signing 2025-06-30 overdue"]);
    let new = json!({"financial_obligation": true});
    assert_eq!(told_of(new), ["prior_report/signing 2025-06-30 overdue"]);
}

#[test]
fn what_is_unknown_is_named() {
    let policy = policies(json!([{"prior_consent": {"rights": "consent"}}]));
    let mou = doc(&[("approved", None)], json!({}));
    let said = &warnings(&mou, &policy, day("2026-11-23"))[0].message;
    assert!(
        said.ko.starts_with("주민의 권리를 제한하는지"),
        "{}",
        said.ko
    );
}
