//! Policies of municipalities: validity, their older form, and requirements at signing.

use serde_json::{Value, json};

use crate::support::records::agreement;
use crate::support::records::{demand, record, signed};
use crate::support::{Answer, Api};

on_both!(new:
    policies_do_not_overlap, all_that_is_wrong_with_policies_is_named_at_once, facts_are_required_at_signing, direct_recording_tells_what_is_lacking);

async fn refused_policies(api: &Api, city: &str, policies: Value) -> Answer {
    let path = format!("/municipalities/{city}");
    let change = json!({"policies": policies});
    api.patch(&path, "*", &change).await.expect(422)
}

async fn policies_do_not_overlap(api: Api) {
    let city = api.municipality().await;
    let path = format!("/municipalities/{city}");
    let old = json!({"valid_until": "2023-12-31", "self_approval": true});
    let new = json!({"valid_from": "2024-01-01", "review_interval_months": 12});
    let changed = demand(&api, &city, json!([old, new])).await;
    // The current policy is derived.
    assert_eq!(changed.body["policy"], changed.body["policies"][1]);
    assert_eq!(changed.body["policy"]["stale_after_months"], 24);
    let read_only = json!({"policy": {"self_approval": true}});
    let refused = api.patch(&path, "*", &read_only).await.expect(422);
    assert_eq!(refused.places(), ["/policy"]);
    let twice = json!({"valid_from": "2023-12-31", "valid_until": "2023-12-31"});
    let refused = refused_policies(&api, &city, json!([old, new, twice, twice])).await;
    assert_eq!(
        refused.places(),
        ["/policies/2/valid_from", "/policies/3/valid_from"]
    );
    assert_eq!(refused.body["errors"][0]["code"], "overlapping_policies");
    let wrong = json!([{"valid_from": "2024-01-02", "valid_until": "2024-01-01"},
        {"valid_from": "2025-01-01", "council_report": {"within_days": 50, "in_next_session": true}},
        {"review_interval_months": 0, "prior_consent": {"money": "perhaps"}}]);
    let refused = refused_policies(&api, &city, wrong).await;
    assert_eq!(
        refused.places(),
        [
            "/policies/0/valid_until",
            "/policies/1/council_report/in_next_session",
            "/policies/2/prior_consent/money",
            "/policies/2/review_interval_months",
            "/policies/2/valid_from"
        ]
    );
    let wrong = json!([{"valid_from": "2024-01-02", "valid_until": "2024-01-01"},
        {"valid_from": "2025-01-01", "ageing_after_months": 30},
        {"valid_from": "2025-01-01", "council_report": {"within_days": 50, "in_next_session": true}}]);
    let refused = refused_policies(&api, &city, wrong).await;
    assert_eq!(
        refused.places(),
        [
            "/policies/0/valid_until",
            "/policies/1/stale_after_months",
            "/policies/2/council_report/in_next_session",
            "/policies/2/valid_from"
        ]
    );
    let body = json!({"code": "4111000000", "policies": [old, old]});
    let refused = api.post("/municipalities", &body).await.expect(422);
    assert_eq!(refused.places(), ["/policies/1/valid_from"]);
    let gone = demand(&api, &city, json!([])).await;
    assert_eq!(gone.body["policy"], Value::Null);
}

async fn all_that_is_wrong_with_policies_is_named_at_once(api: Api) {
    let city = api.municipality().await;
    let sessions = json!([{"from": "2026-03-02", "until": "2026-03-01"}, {"from": "2026-02-01", "until": "2026-02-10"},
        {"from": "2026-02-10", "until": "2026-02-09"}]);
    let one = json!({"valid_from": "2024-01-02", "valid_until": "2024-01-01", "stale_after_months": 6, "ageing_after_months": 12,
        "council_report": {"within_days": 50, "in_next_session": true, "sessions": sessions}});
    let wrong = [
        "/policies/0/council_report/in_next_session",
        "/policies/0/council_report/sessions/0/until",
        "/policies/0/council_report/sessions/1/from",
        "/policies/0/council_report/sessions/2/from",
        "/policies/0/council_report/sessions/2/until",
        "/policies/0/stale_after_months",
        "/policies/0/valid_until",
        "/policies/1/stale_after_months",
        "/policies/2/valid_from",
    ];
    let all = json!([one, {"stale_after_months": 6}, {"valid_from": "2025-01-01"}]);
    let refused = refused_policies(&api, &city, all.clone()).await;
    assert_eq!(refused.places(), wrong);
    let body = json!({"code": "4111000000", "policies": all});
    let refused = api.post("/municipalities", &body).await.expect(422);
    assert_eq!(refused.places(), wrong);
    let named = refused.body["errors"].as_array().unwrap();
    let code = |at: &str| named.iter().find(|e| e["pointer"] == at).unwrap()["code"].clone();
    assert_eq!(code(wrong[2]), "out_of_order");
    assert_eq!(code(wrong[4]), "reversed");
    assert_eq!(code(wrong[8]), "overlapping_policies");
}

async fn facts_are_required_at_signing(api: Api) {
    let city = api.municipality().await;
    let facts = json!([
        "signatories",
        "lead_department",
        "effective_until",
        "commitments",
        "documents",
        "sources",
        "legally_binding",
        "financial_obligation",
        "public_property"
    ]);
    let policy =
        json!({"valid_from": "2026-01-01", "required_at_signing": facts, "self_approval": true});
    demand(&api, &city, json!([policy])).await;
    let draft = record(&api, &city, json!({"status": "approved"})).await;
    let steps = format!("/agreements/{}/transitions", draft.id());
    let refused = api
        .post(
            &steps,
            &json!({"to": "signed", "on": {"edtf": "2026-11-23"}}),
        )
        .await
        .expect(422);
    assert_eq!(
        refused.places(),
        [
            "/commitments",
            "/documents",
            "/effective_until",
            "/financial_obligation",
            "/lead_department",
            "/legally_binding",
            "/parties/0/signatory",
            "/parties/1/signatory",
            "/public_property",
            "/sources"
        ]
    );
    // The policy of the day of signing counts.
    let before = json!({"to": "signed", "on": {"edtf": "2025-12-31"}});
    api.act(&steps, &before).await;
}

async fn direct_recording_tells_what_is_lacking(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"valid_from": "2024-01-01", "required_at_signing": ["lead_department", "signatories"],
        "prior_consent": {"money": "consent"}});
    demand(&api, &city, json!([policy])).await;
    let costly = json!({"financial_obligation": true});
    let warned = |made: &Answer| -> Vec<String> {
        let warnings = made.body["warnings"].as_array().unwrap();
        let words = |w: &Value| {
            let of = |member: &str| w[member].as_str().unwrap().to_owned();
            format!("{} {}", of("code"), of("pointer"))
        };
        warnings.iter().map(words).collect()
    };
    let old = signed(&api, &city, "2025-06-01", costly.clone()).await;
    let lacking = [
        "demanded_at_signing /lead_department",
        "demanded_at_signing /parties/0/signatory",
        "demanded_at_signing /parties/1/signatory",
        "demanded_at_signing /council_actions",
    ];
    assert_eq!(warned(&old), lacking);
    let read = api.get(&format!("/agreements/{}", old.id())).await;
    assert_eq!(warned(&read), lacking);
    // No policy was in force then.
    let older = signed(&api, &city, "2023-12-31", costly.clone()).await;
    assert_eq!(warned(&older), [""; 0]);
    // A signing today is refused, as the step would be.
    let mut new = agreement(&api, &city, costly).await;
    new["status"] = json!("signed");
    new["signed_on"] = json!({"edtf": "2026-11-23"});
    let refused = api.post("/agreements", &new).await.expect(422);
    let missing = [
        "/lead_department",
        "/parties/0/signatory",
        "/parties/1/signatory",
        "/status",
    ];
    assert_eq!(refused.places(), missing);
    assert_eq!(refused.body["errors"][0]["code"], "required_at_signing");
    new["lead_department"] = json!("전략산업과");
    for i in [0, 1] {
        new["parties"][i]["signatory"] = json!({"name": "이재준"});
    }
    let refused = api.post("/agreements", &new).await.expect(409);
    assert_eq!(refused.body["code"], "duty_stands_in_the_way");
    assert_eq!(refused.places(), ["/status"]);
    new["council_actions"] = json!([{"kind": "consent", "on": {"edtf": "2026-11-23"}, "occasion": "signing", "result": "accepted"}]);
    let made = api.create("/agreements", &new).await;
    assert_eq!(warned(&made), [""; 0]);
}
