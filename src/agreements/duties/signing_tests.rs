use rstest::rstest;
use serde_json::{Value, json};

use super::super::rules::duties;
use super::super::rules::tests::{day, doc, policies, told, told_on};
use super::*;
use crate::kernel::legal_days::Holidays;

#[rstest]
#[case(json!({}), None)]
#[case(json!({"financial_obligation": false}), None)]
#[case(json!({"financial_obligation": true}), Some(DutyKind::PriorReport))]
#[case(json!({"public_property": true}), Some(DutyKind::Consent))]
#[case(json!({"public_property": true, "financial_obligation": true}), Some(DutyKind::Consent))]
fn the_council_is_asked_about(#[case] content: Value, #[case] kind: Option<DutyKind>) {
    let policy = policies(json!([{"prior_consent": {"money": "report", "property": "consent"}}]));
    let draft = doc(&[("approved", None)], content);
    let all = duties(&draft, &policy, &Holidays::default(), day("2026-11-23"));
    assert_eq!(all.first().map(|duty| duty.kind), kind);
}

fn signing(on: &str, urgent: bool) -> Transition {
    let reason = urgent.then(|| json!({"reason": {"ko": "공모 마감"}}));
    let step = json!({"to": "signed", "on": {"edtf": on}, "reason": null, "urgent": reason,
        "recorded_at": "2026-11-23T03:00:00Z"});
    serde_json::from_value(step).unwrap()
}

#[test]
fn consent_comes_first_or_the_report_afterwards() {
    let policy = policies(json!([{"prior_consent": {"money": "consent"}}]));
    let costly = json!({"financial_obligation": true});
    let mut draft = doc(&[("approved", None)], costly);
    assert_eq!(
        told_on(&draft, &policy, "2026-11-23"),
        ["consent/signing - open"]
    );
    let sign = |doc: &Doc, urgent| {
        check_signing(
            doc,
            &policy,
            &signing("2026-11-23", urgent),
            day("2026-11-23"),
        )
    };
    let refused = sign(&draft, false).unwrap_err();
    assert_eq!(refused.code, Code::DutyInTheWay);
    assert_eq!(refused.errors[0].code, "consent");
    told(&mut draft, "consent", "signing", "2026-11-01", "rejected");
    assert!(sign(&draft, false).is_err());
    assert!(sign(&draft, true).is_ok());
    let mut urgent = draft.clone();
    urgent.transitions.push(signing("2026-11-23", true));
    assert_eq!(
        told_on(&urgent, &policy, "2026-11-23"),
        [
            "consent/signing 2026-11-23 waived",
            "council_report/signing 2026-11-23/.. open"
        ]
    );
    told(&mut draft, "consent", "signing", "2026-11-20", "accepted");
    assert!(sign(&draft, false).is_ok());
    draft.transitions.push(signing("2026-11-23", false));
    assert_eq!(
        told_on(&draft, &policy, "2026-11-23"),
        ["consent/signing 2026-11-23 done"]
    );
}

#[rstest]
#[case(&[("consent", "2026-01-31", "accepted")], true)]
#[case(&[("consent", "2026-02-01", "accepted")], true)]
// After the signing, or possibly after it.
#[case(&[("consent", "2026-02-02", "accepted")], false)]
#[case(&[("consent", "2026-11-01", "accepted")], false)]
#[case(&[("consent", "2026-02", "accepted")], false)]
#[case(&[("consent", "2026", "accepted")], false)]
#[case(&[("prior_report", "2026-01-31", "noted")], false)]
// The last decision made by then counts.
#[case(&[("consent", "2025-12", "accepted"), ("consent", "2026-01", "rejected")], false)]
#[case(&[("consent", "2026-01", "rejected"), ("consent", "2025-12", "accepted")], false)]
#[case(&[("consent", "2025-12", "rejected"), ("consent", "2026-01", "accepted")], true)]
#[case(&[("consent", "2025-12", "accepted"), ("consent", "2026-03", "rejected")], true)]
#[case(&[("consent", "2025-12", "accepted"), ("consent", "2026-01", "noted")], true)]
fn the_council_consents_by_the_day_of_signing(
    #[case] actions: &[(&str, &str, &str)],
    #[case] consented: bool,
) {
    let policy = policies(json!([{"prior_consent": {"money": "consent"}}]));
    let mut mou = doc(&[("approved", None)], json!({"financial_obligation": true}));
    for (kind, on, result) in actions {
        told(&mut mou, kind, "signing", on, result);
    }
    let signing = signing("2026-02-01", false);
    assert_eq!(
        check_signing(&mou, &policy, &signing, day("2026-11-23")).is_ok(),
        consented
    );
    mou.transitions.push(signing);
    let status = if consented { "done" } else { "overdue" };
    assert_eq!(
        told_on(&mou, &policy, "2026-11-23"),
        [format!("consent/signing 2026-02-01 {status}")]
    );
}

#[test]
fn the_council_is_told_by_the_day_of_signing() {
    let policy = policies(json!([{"prior_consent": {"money": "report"}}]));
    let mut mou = doc(&[("approved", None)], json!({"financial_obligation": true}));
    let signing = signing("2026-02-01", false);
    told(&mut mou, "prior_report", "signing", "2026-02-02", "noted");
    assert!(check_signing(&mou, &policy, &signing, day("2026-11-23")).is_err());
    told(&mut mou, "prior_report", "signing", "2026-02-01", "noted");
    assert!(check_signing(&mou, &policy, &signing, day("2026-11-23")).is_ok());
}

#[test]
fn facts_that_are_required() {
    let policy = policies(
        json!([{"required_at_signing": ["lead_department", "effective_until", "public_property", "commitments"]}]),
    );
    let draft = doc(
        &[("approved", None)],
        json!({"lead_department": "전략산업과"}),
    );
    let refused = check_signing(
        &draft,
        &policy,
        &signing("2026-11-23", true),
        day("2026-11-23"),
    )
    .unwrap_err();
    let at = |error: &FieldError| format!("{:?}", error.place);
    let places: Vec<String> = refused.errors.iter().map(at).collect();
    assert_eq!(
        places,
        [
            r#"Body("/effective_until")"#,
            r#"Body("/public_property")"#,
            r#"Body("/commitments")"#
        ]
    );
}

#[test]
fn what_was_recorded_directly_is_told_of() {
    let policy = policies(
        json!([{"valid_from": "2024-01-01", "required_at_signing": ["lead_department", "commitments"],
        "prior_consent": {"money": "report"}}]),
    );
    let pointers = |on: &str, status: &str| -> Vec<String> {
        let mut steps = vec![("signed", Some(on))];
        steps.extend((status != "signed").then_some((status, None)));
        let mou = doc(&steps, json!({"financial_obligation": true}));
        let all = warnings(&mou, &policy, day("2026-11-23")).into_iter();
        all.map(|warning| warning.pointer).collect()
    };
    let all = ["/lead_department", "/commitments", "/council_actions"];
    assert_eq!(pointers("2025", "signed"), all);
    assert_eq!(pointers("2025", "terminated"), all);
    assert_eq!(pointers("2025", "voided"), [""; 0]);
    // It may have been signed before the policy began.
    assert_eq!(pointers("2023/2024", "signed"), ["/signed_on"]);
    assert_eq!(pointers("../2024", "signed"), ["/signed_on"]);
    assert_eq!(pointers("2023-12-31", "signed"), [""; 0]);
    let today = day("2026-11-23");
    let signed = |on: &str| doc(&[("signed", Some(on))], json!({}));
    let refused = check_recorded_signing(&signed("2026-11-23"), &policy, today).unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    for on in ["2026-11-22", "2026-11"] {
        assert!(check_recorded_signing(&signed(on), &policy, today).is_ok());
    }
}

#[test]
fn what_stands_in_the_way_is_foretold_once_approved() {
    let policy = policies(json!([
        {"valid_from": "2024-01-01", "valid_until": "2025-12-31", "required_at_signing": ["lead_department"]},
        {"valid_from": "2026-01-01", "prior_consent": {"money": "consent"}}]));
    let told_of = |mou: &Doc, on: &str| -> Vec<String> {
        let all = warnings(mou, &policy, day(on)).into_iter();
        all.map(|w| format!("{} {}", w.code, w.pointer)).collect()
    };
    let costly = json!({"financial_obligation": true});
    let mut mou = doc(&[("approved", None)], costly.clone());
    assert_eq!(told_of(&mou, "2023-12-31"), [""; 0]);
    assert_eq!(
        told_of(&mou, "2025-12-31"),
        ["demanded_before_signing /lead_department"]
    );
    let council = ["demanded_before_signing /council_actions"];
    assert_eq!(told_of(&mou, "2026-01-01"), council);
    for early in ["draft", "in_review", "withdrawn", "voided"] {
        let other = doc(&[(early, None)], costly.clone());
        assert_eq!(told_of(&other, "2026-11-23"), [""; 0], "{early}");
    }
    told(&mut mou, "consent", "signing", "2026-11-01", "rejected");
    assert_eq!(told_of(&mou, "2026-11-23"), council);
    told(&mut mou, "consent", "signing", "2026-11-20", "accepted");
    assert_eq!(told_of(&mou, "2026-11-23"), [""; 0]);
}

#[rstest]
#[case("2029-03-01", None, false)]
#[case("2029-03-02", None, true)]
// It may end in time.
#[case("2029", None, false)]
#[case("2030", None, true)]
#[case("2029-03-02", Some("2024-06-01"), false)]
fn a_term_is_held_to_the_longest_allowed(
    #[case] until: &str,
    #[case] from: Option<&str>,
    #[case] warned: bool,
) {
    let policy = policies(json!([{"maximum_term_months": 60}]));
    let from = from.map(|from| json!({"edtf": from}));
    let content = json!({"signed_on": {"edtf": "2024-03-01"}, "effective_from": from,
        "effective_until": {"edtf": until}});
    for steps in [
        &[("draft", None)][..],
        &[("draft", None), ("signed", Some("2024-03-01"))],
    ] {
        let mou = doc(steps, content.clone());
        let codes = warnings(&mou, &policy, day("2026-11-23"));
        let codes = codes.iter().filter(|one| one.code == "term_too_long");
        assert_eq!(codes.count(), usize::from(warned));
    }
}

#[test]
fn what_every_policy_demands_is_told_of_an_imprecise_signing() {
    let told_of = |changed: Value| -> Vec<String> {
        let content = json!({"signed_on": {"edtf": "2023"}, "effective_until": {"edtf": "2030"}});
        let mou = doc(&[("signed", Some("2023"))], content);
        let all = warnings(&mou, &policies(changed), day("2026-11-23")).into_iter();
        all.map(|w| format!("{} {}", w.code, w.pointer)).collect()
    };
    let first = json!({"valid_until": "2023-06-30", "maximum_term_months": 12,
        "required_at_signing": ["lead_department", "documents"]});
    let then = |more: Value| {
        let mut then = json!({"valid_from": "2023-07-01", "maximum_term_months": 12});
        then.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([first, then])
    };
    let unknown = "policy_unknown /signed_on";
    let long = "term_too_long /effective_until";
    assert_eq!(
        told_of(then(json!({"required_at_signing": ["documents"]}))),
        ["demanded_at_signing /documents", long, unknown]
    );
    assert_eq!(told_of(then(json!({}))), [long, unknown]);
    assert_eq!(
        told_of(then(json!({"maximum_term_months": null}))),
        [unknown]
    );
    assert_eq!(
        told_of(json!([{"valid_from": "2023-07-01", "maximum_term_months": 12}])),
        [unknown]
    );
    let same = json!({"required_at_signing": ["lead_department", "documents"]});
    let demanded = [
        "demanded_at_signing /lead_department",
        "demanded_at_signing /documents",
        long,
    ];
    assert_eq!(told_of(then(same)), demanded);
}

#[test]
fn a_term_of_just_the_allowed_length_is_not_too_long() {
    let policy = policies(json!([{"maximum_term_months": 12}]));
    for (until, warned) in [("2024-02-29", false), ("2024-03-01", true)] {
        let content =
            json!({"signed_on": {"edtf": "2023-02-28"}, "effective_until": {"edtf": until}});
        let mou = doc(&[("draft", None), ("signed", Some("2023-02-28"))], content);
        let codes = warnings(&mou, &policy, day("2026-11-23"));
        let is_warned = codes.iter().any(|one| one.code == "term_too_long");
        assert_eq!(is_warned, warned, "{until}");
    }
}

#[test]
fn an_end_is_disclosed_like_the_beginning() {
    let policy = policies(json!([{"disclosure_within_days": 30, "disclosure_of_end": true}]));
    let steps = [
        ("signed", Some("2024-03-04")),
        ("terminated", Some("2025-03-01")),
    ];
    let mou = doc(&steps, json!({}));
    assert_eq!(
        told_on(&mou, &policy, "2026-11-23"),
        [
            "disclosure/signing 2024-04-03 overdue",
            "disclosure/termination 2025-03-31 overdue"
        ]
    );
}
