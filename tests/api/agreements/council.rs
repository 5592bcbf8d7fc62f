//! Signings that need the council first, and which of its actions count.

use serde_json::json;

use super::duties::{listed, words};
use crate::support::records::{attempt, demand, record, signed};
use crate::support::{Answer, Api};

on_both!(new:
    signing_waits_for_the_council, who_approves_learns_of_the_council,
    what_nobody_knows_is_no_refusal, urgent_signings_are_reported,
    the_council_consents_before_the_signing, what_lies_before_does_no_duty);

async fn signing_waits_for_the_council(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report", "property": "consent"},
        "reference": {"title": "고양시 업무협약 조례", "article": "제5조"}});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"status": "approved", "public_property": true});
    let draft = record(&api, &city, more).await;
    let duty = &draft.body["duties"][0];
    assert_eq!(words(duty), "consent/signing - open");
    assert_eq!(duty["due_as_stated"]["en"], "before it is signed");
    let path = format!("/agreements/{}", draft.id());
    let steps = format!("{path}/transitions");
    assert_eq!(codes(&draft), ["demanded_before_signing"]);
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-20"}});
    let refused = api.post(&steps, &sign).await.expect(409);
    assert_eq!(refused.body["code"], "duty_stands_in_the_way");
    let error = &refused.body["errors"][0];
    assert_eq!(
        (&error["code"], &error["pointer"]),
        (&json!("consent"), &json!("/to"))
    );
    assert!(refused.text.contains("고양시 업무협약 조례 제5조"));
    let kept = api.read(&path).await;
    assert_eq!(
        (&kept.body["status"], &kept.body["version"]),
        (&json!("approved"), &json!(1))
    );
    // A report is not enough where consent is needed, nor is a rejected bill.
    let actions = format!("{path}/council-actions");
    for (kind, result) in [("prior_report", "noted"), ("consent", "rejected")] {
        let action = json!({"kind": kind, "on": {"edtf": "2026-11-10"}, "occasion": "signing", "result": result});
        api.create(&actions, &action).await;
        api.post(&steps, &sign).await.expect(409);
    }
    let action = json!({"kind": "consent", "on": {"edtf": "2026-11-15"}, "occasion": "signing", "result": "accepted"});
    let added = api.create(&actions, &action).await;
    assert_eq!(words(&added.body["duties"][0]), "consent/signing - done");
    assert_eq!(codes(&added), [""; 0]);
    let made = api.act(&steps, &sign).await;
    assert_eq!(
        words(&made.body["duties"][0]),
        "consent/signing 2026-11-20 done"
    );
    // Past signings are recorded as they are: the duty remains overdue.
    let more = json!({"public_property": true});
    let old = signed(&api, &city, "2020-01-02", more).await;
    assert_eq!(
        words(&old.body["duties"][0]),
        "consent/signing 2020-01-02 overdue"
    );
}

fn codes(shown: &Answer) -> Vec<&str> {
    let warnings = shown.body["warnings"].as_array().unwrap().iter();
    warnings.map(|w| w["code"].as_str().unwrap()).collect()
}

async fn who_approves_learns_of_the_council(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report"}, "required_at_signing": ["lead_department"],
        "reference": {"title": "고양시 업무협약 조례", "article": "제5조"}});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"status": "in_review", "financial_obligation": true});
    let draft = record(&api, &city, more).await;
    assert_eq!(codes(&draft), [""; 0]);
    let path = format!("/agreements/{}", draft.id());
    let steps = format!("{path}/transitions");
    let approved = api.act(&steps, &json!({"to": "approved"})).await;
    assert_eq!(codes(&approved), ["demanded_before_signing"; 2]);
    let warnings = &approved.body["warnings"];
    assert_eq!(warnings[0]["pointer"], "/lead_department");
    assert_eq!(warnings[1]["pointer"], "/council_actions");
    // The warning has the same text as the refusal of the signing.
    let said = warnings[1]["message"]["ko"].as_str().unwrap();
    assert!(said.contains("고양시 업무협약 조례 제5조") && said.contains("의회 사전 보고"));
    let department = json!({"lead_department": "전략산업과"});
    api.update(&path, "*", &department).await;
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-23"}});
    let refused = api.post(&steps, &sign).await.expect(409);
    assert_eq!(refused.body["errors"][0]["message"], said);
    // Once the council is informed, the warning is gone.
    let told = json!({"kind": "prior_report", "on": {"edtf": "2026-11-19"}, "occasion": "signing", "result": "noted"});
    let actions = format!("{path}/council-actions");
    let told = api.create(&actions, &told).await;
    assert_eq!(codes(&told), [""; 0]);
    let signed = api.act(&steps, &sign).await;
    assert_eq!(codes(&signed), [""; 0]);
}

async fn what_nobody_knows_is_no_refusal(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "consent"},
        "reference": {"title": "고양시 업무협약 조례", "article": "제5조"}});
    demand(&api, &city, json!([policy])).await;
    let draft = record(&api, &city, json!({"status": "in_review"})).await;
    assert_eq!(codes(&draft), [""; 0]);
    let steps = format!("/agreements/{}/transitions", draft.id());
    for to in ["approved", "signed"] {
        let made = api
            .act(&steps, &json!({"to": to, "on": {"edtf": "2026-11-23"}}))
            .await;
        assert_eq!(codes(&made), ["not_known_whether_demanded"], "{to}");
        let warning = &made.body["warnings"][0];
        assert_eq!(warning["pointer"], "/financial_obligation");
        assert!(made.text.contains("고양시 업무협약 조례 제5조"));
        let demanded = made.body["duties"].as_array().unwrap();
        assert!(demanded.is_empty(), "{}", made.text);
    }
    // Once it is known, the warning names the requirement or is gone.
    let path = format!("/agreements/{}?correction_reason=x", draft.id());
    for (costs, code) in [(true, &["demanded_at_signing"][..]), (false, &[])] {
        let change = json!({"financial_obligation": costs});
        let known = api.update(&path, "*", &change).await;
        assert_eq!(codes(&known), code);
    }
}

async fn urgent_signings_are_reported(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report"}, "council_report": {"on_signing": false, "within_days": 50}});
    demand(&api, &city, json!([policy])).await;
    let more = json!({"status": "approved", "financial_obligation": true});
    let draft = record(&api, &city, more).await;
    let path = format!("/agreements/{}", draft.id());
    let steps = format!("{path}/transitions");
    let urgent = json!({"reason": {"ko": "국비 공모 마감"}});
    let elsewhere = json!({"to": "withdrawn", "reason": {"ko": "a"}, "urgent": urgent});
    let refused = api.post(&steps, &elsewhere).await.expect(422);
    assert_eq!(refused.places(), ["/urgent"]);
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-20"}, "urgent": urgent});
    let made = api.act(&steps, &sign).await;
    let duties = made.body["duties"].as_array().unwrap();
    assert_eq!(
        duties.iter().map(words).collect::<Vec<_>>(),
        [
            "prior_report/signing 2026-11-20 waived",
            "council_report/signing 2027-01-11 open"
        ]
    );
    let because = duties[0]["waived_because"]["ko"].as_str().unwrap();
    assert!(because.contains("국비 공모 마감"));
    let last = made.body["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["urgent"]["reason"]["ko"], "국비 공모 마감");
    let action =
        json!({"kind": "post_report", "on": {"edtf": "2026-11-23"}, "occasion": "signing"});
    let added = api
        .create(&format!("{path}/council-actions"), &action)
        .await;
    assert_eq!(
        words(&added.body["duties"][1]),
        "council_report/signing 2027-01-11 done"
    );
}

async fn the_council_consents_before_the_signing(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "consent"}});
    demand(&api, &city, json!([policy])).await;
    let sign = json!({"to": "signed", "on": {"edtf": "2026-02-01"}});
    for (decisions, status) in [
        (&[("2026-11-01", "accepted")][..], 409),
        (&[("2026-02", "accepted")], 409),
        (&[("2025-12", "accepted"), ("2026-01", "rejected")], 409),
        (&[("2025-12", "rejected"), ("2026-02-01", "accepted")], 200),
    ] {
        let more = json!({"status": "approved", "financial_obligation": true});
        let draft = record(&api, &city, more).await;
        let path = format!("/agreements/{}", draft.id());
        for (on, result) in decisions {
            let action = json!({"kind": "consent", "on": {"edtf": on}, "occasion": "signing", "result": result});
            api.create(&format!("{path}/council-actions"), &action)
                .await;
        }
        let answer = api.post(&format!("{path}/transitions"), &sign).await;
        answer.expect(status);
    }
}

async fn what_lies_before_does_no_duty(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"review_interval_months": 12, "disclosure_within_days": 30,
        "council_report": {"within_days": 50, "on_completion": true}});
    demand(&api, &city, json!([policy])).await;
    // Annual reports and publications may be earlier than the signing; they fulfil no duty.
    let more = json!({"council_actions": [{"kind": "annual_report", "on": {"edtf": "2020"}, "occasion": "signing"}],
        "publications": [{"extent": "summary", "published_on": {"edtf": "2019"}}],
        "status": "completed", "transitions": [{"to": "completed", "on": {"edtf": "2025-01-10"}}]});
    let made = signed(&api, &city, "2024-03-01", more).await;
    assert_eq!(
        listed(&api, "").await,
        [
            "disclosure/signing 2024-04-01 overdue",
            "council_report/signing 2024-04-22 overdue",
            "council_report/completion 2025-03-04 overdue",
        ]
    );
    let path = format!("/agreements/{}", made.id());
    let report = |on: &str, occasion: &str| json!({"kind": "post_report", "on": {"edtf": on}, "occasion": occasion});
    for (list, body, code) in [
        (
            "reviews",
            json!({"on": {"edtf": "2024-02"}, "rating": "good"}),
            "before_signing",
        ),
        (
            "council-actions",
            report("2020-01-01", "signing"),
            "before_signing",
        ),
        (
            "council-actions",
            report("2025-01-09", "completion"),
            "before_completion",
        ),
    ] {
        let parts = format!("{path}/{list}");
        let refused = api.post(&parts, &body).await.expect(422);
        assert_eq!(refused.places(), ["/on"]);
        assert_eq!(refused.body["errors"][0]["code"], code);
        let mut right = body.clone();
        right["on"] = json!({"edtf": "2025-01-10"});
        let added = api.create(&parts, &right).await;
        let change = json!({"on": body["on"]});
        let refused = api.patch(&added.headers["location"], "*", &change).await;
        assert_eq!(refused.expect(422).body["errors"][0]["code"], code);
    }
    // Actions that precede a signing may be earlier.
    let prior = json!({"kind": "prior_report", "on": {"edtf": "2020"}, "occasion": "signing"});
    api.create(&format!("{path}/council-actions"), &prior).await;
    let whole = json!({"status": "terminated", "signed_on": {"edtf": "2024-03-01"},
        "transitions": [{"to": "terminated", "on": {"edtf": "2025-01-10"}}],
        "reviews": [{"on": {"edtf": "2024-02"}, "rating": "good"}],
        "council_actions": [report("2024", "signing"), report("2023", "signing"), report("2024", "termination")]});
    let refused = attempt(&api, &city, whole).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/council_actions/1/on",
            "/council_actions/2/on",
            "/reviews/0/on"
        ]
    );
    assert!(refused.text.contains("before_termination"));
}
