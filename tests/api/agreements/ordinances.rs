//! Rules of ordinances: what they exempt, and when a duty is due where days are unknown.

use serde_json::{Value, json};

use crate::support::{Api, log};

on_both!(new:
    once_in_every_year, reviews_of_an_unknown_signing, the_money_of_a_company, exempt_kinds,
    rights_of_residents, consent_to_a_termination, consent_to_a_change,
    the_partner_reviews_the_draft, agreements_of_the_council);

/// A city whose policy since 2016 is `policy`, and the bodies of two parties.
async fn city(api: &Api, mut policy: Value) -> (String, Value) {
    let city = api.municipality().await;
    let partner = api.organization("갑 기관").await;
    policy["valid_from"] = json!("2016-01-01");
    policy["reference"] = json!({"title": "업무협약 관리 조례"});
    api.patch(
        &format!("/municipalities/{city}"),
        "*",
        &json!({"policies": [policy]}),
    )
    .await
    .expect(200);
    let parties = json!([{"organization_id": city}, {"organization_id": partner}]);
    (city, parties)
}

fn signed(city: &str, parties: &Value, more: &Value) -> Value {
    let mut body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "status": "signed", "parties": parties});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn once_in_every_year(api: Api) {
    let (city, parties) = city(&api, json!({"review_every_year": true})).await;
    let review = |on: &str| json!({"on": {"edtf": on}, "rating": "good"});
    let more = json!({"signed_on": {"edtf": "2022-11-01"}, "reviews": [review("2023-02-10"), review("2024-12-20")]});
    let made = api
        .create("/agreements", &signed(&city, &parties, &more))
        .await;
    let report = format!("/municipalities/{city}/council-report?from=2024-01-01&to=2024-12-31");
    let report = api.read(&report).await;
    assert_eq!(report.body["missed_reviews"], json!([]));
    let past = api
        .read(&format!("/agreements/{}?as_of=2024-12-31", made.id()))
        .await;
    let duties: Vec<(&Value, &Value)> = past.body["duties"]
        .as_array()
        .unwrap()
        .iter()
        .map(|duty| (&duty["due"]["edtf"], &duty["status"]))
        .collect();
    let told = [
        ("2023-12-31", "done"),
        ("2024-12-31", "done"),
        ("2025-12-31", "open"),
    ];
    let told = told.map(|(due, status)| (json!(due), json!(status)));
    assert_eq!(duties, told.each_ref().map(|(due, status)| (due, status)));
    // Nobody looked at it in 2025; the year 2026 is not over.
    let now = api.read(&format!("/agreements/{}", made.id())).await;
    let last = &now.body["duties"][2];
    assert_eq!(
        (&last["status"], &last["missed"]),
        (&json!("overdue"), &json!(1))
    );
    let both = json!({"policies": [{"review_every_year": true, "review_interval_months": 12}]});
    let refused = api
        .patch(&format!("/municipalities/{city}"), "*", &both)
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/policies/0/review_every_year"]);
}

async fn reviews_of_an_unknown_signing(api: Api) {
    let (city, parties) = city(&api, json!({"review_interval_months": 12})).await;
    for policy in [
        json!({"review_interval_months": 12}),
        json!({"review_every_year": true}),
    ] {
        let at = format!("/municipalities/{city}");
        api.patch(&at, "*", &json!({"policies": [policy]}))
            .await
            .expect(200);
        let made = api
            .create("/agreements", &signed(&city, &parties, &json!({})))
            .await;
        let duty = &made.body["duties"][0];
        assert_eq!(duty["kind"], "review");
        let told = (&duty["due"], &duty["missed"], &duty["status"]);
        assert_eq!(told, (&Value::Null, &Value::Null, &json!("open")));
        // The first review fixes the days of the next ones.
        let review = json!({"on": {"edtf": "2025-03-02"}, "rating": "good"});
        let made = api
            .create(&format!("/agreements/{}/reviews", made.id()), &review)
            .await;
        let due = made.body["duties"][1]["due"]["latest"].as_str().unwrap();
        assert!(due.starts_with("2026"), "{due}");
    }
}

async fn the_money_of_a_company(api: Api) {
    let (city, parties) = city(&api, json!({"prior_consent": {"money": "consent"}})).await;
    let cost = json!({"amount": 2_800_000_000_i64, "currency": "KRW", "as_stated": "28억원 투자"});
    let body = |obligation: Value| {
        let more = json!({"signed_on": {"edtf": "2026-11-23"}, "cost": cost, "financial_obligation": obligation});
        signed(&city, &parties, &more)
    };
    api.post("/agreements", &body(json!(true)))
        .await
        .expect(409);
    api.post("/agreements", &body(json!(null)))
        .await
        .expect(409);
    let made = api.create("/agreements", &body(json!(false))).await;
    assert_eq!(made.body["duties"], json!([]));
}

async fn exempt_kinds(api: Api) {
    let policy = json!({"applies_to": {"except": ["academic_exchange"]}, "review_interval_months": 12,
        "prior_consent": {"money": "consent"}, "required_at_signing": ["lead_department"]});
    let (city, parties) = city(&api, policy).await;
    let body = |kind: &str| {
        let more = json!({"kind": kind, "signed_on": {"edtf": "2026-11-23"}, "financial_obligation": true});
        signed(&city, &parties, &more)
    };
    let made = api.create("/agreements", &body("academic_exchange")).await;
    assert_eq!(made.body["duties"], json!([]));
    assert_eq!(made.body["warnings"], json!([]));
    let refused = api.post("/agreements", &body("mou")).await.expect(422);
    assert_eq!(refused.places(), ["/lead_department", "/status"]);
    let listed = api.read(&format!("/duties?municipality_id={city}")).await;
    assert_eq!(listed.body["items"], json!([]));
}

async fn rights_of_residents(api: Api) {
    let policy = json!({"prior_consent": {"money": "report", "rights": "consent"}});
    let (city, parties) = city(&api, policy).await;
    let body = |rights: bool| {
        let more = json!({"signed_on": {"edtf": "2026-11-23"}, "restricts_rights": rights, "financial_obligation": false});
        signed(&city, &parties, &more)
    };
    let refused = api.post("/agreements", &body(true)).await.expect(409);
    assert_eq!(refused.body["errors"][0]["code"], "consent");
    api.create("/agreements", &body(false)).await;
}

async fn consent_to_a_termination(api: Api) {
    let policy = json!({"prior_consent": {"money": "report", "termination": "consent"}});
    let (city, parties) = city(&api, policy).await;
    let told =
        json!([{"kind": "prior_report", "on": {"edtf": "2025-02-20"}, "occasion": "signing"}]);
    let more = json!({"signed_on": {"edtf": "2025-03-01"}, "financial_obligation": true, "council_actions": told});
    let made = api
        .create("/agreements", &signed(&city, &parties, &more))
        .await;
    let path = format!("/agreements/{}", made.id());
    let step = json!({"to": "terminated", "on": {"edtf": "2026-11-20"}, "reason": {"ko": "합의"}});
    let ended = api.act(&format!("{path}/transitions"), &step).await;
    let of_termination = |body: &Value| -> Value {
        let duties = body["duties"].as_array().unwrap().iter();
        let mut duties = duties.filter(|duty| duty["occasion"] == "termination");
        duties.next().unwrap().clone()
    };
    let duty = of_termination(&ended.body);
    assert_eq!(
        (&duty["kind"], &duty["status"], &duty["due"]["edtf"]),
        (&json!("consent"), &json!("overdue"), &json!("2026-11-20"))
    );
    assert_eq!(duty["legal_basis"], "업무협약 관리 조례");
    let consent = json!({"kind": "consent", "on": {"edtf": "2026-11-19"}, "occasion": "termination", "result": "accepted"});
    let after = api
        .create(&format!("{path}/council-actions"), &consent)
        .await;
    let duty = of_termination(&after.body);
    assert_eq!(duty["status"], "done");
    assert_eq!(duty["done_by"]["kind"], "council_action");
    let list = api
        .read(&format!("/duties?municipality_id={city}&kind=consent"))
        .await;
    assert_eq!(list.items().len(), 1);
    // Before it was terminated, nothing was due.
    let before = format!("/duties?municipality_id={city}&kind=consent&as_of=2026-11-19");
    assert_eq!(api.read(&before).await.items().len(), 0);
    assert_eq!(log::wrong(&api), None);
}

async fn consent_to_a_change(api: Api) {
    let (city, parties) = city(&api, json!({"prior_consent": {"change": "consent"}})).await;
    let today = json!({"signed_on": {"edtf": "2026-11-23"}});
    let first = api
        .create("/agreements", &signed(&city, &parties, &today))
        .await;
    let amends = json!({"signed_on": {"edtf": "2026-11-23"}, "amends_id": first.id()});
    let change = signed(&city, &parties, &amends);
    let refused = api.post("/agreements", &change).await.expect(409);
    assert_eq!(refused.body["code"], "duty_stands_in_the_way");
    let consent = json!([{"kind": "consent", "on": {"edtf": "2026-11-20"}, "occasion": "signing", "result": "accepted"}]);
    let mut change = change;
    change["council_actions"] = consent;
    let made = api.create("/agreements", &change).await;
    assert_eq!(made.body["duties"][0]["status"], "done");
}

async fn the_partner_reviews_the_draft(api: Api) {
    let policy = json!({"required_at_signing": ["partner_review"]});
    let (city, parties) = city(&api, policy).await;
    let body = |reviewed: Value| {
        let more = json!({"signed_on": {"edtf": "2026-11-23"}, "partner_reviewed_on": reviewed});
        signed(&city, &parties, &more)
    };
    let refused = api
        .post("/agreements", &body(Value::Null))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/partner_reviewed_on"]);
    assert_eq!(refused.body["errors"][0]["code"], "required_at_signing");
    let late = body(json!({"edtf": "2026-11-24"}));
    let refused = api.post("/agreements", &late).await.expect(422);
    assert_eq!(refused.places(), ["/partner_reviewed_on"]);
    assert_eq!(refused.body["errors"][0]["code"], "reversed");
    let made = api
        .create("/agreements", &body(json!({"edtf": "2026-11"})))
        .await;
    assert_eq!(made.body["partner_reviewed_on"]["edtf"], "2026-11");
}

async fn agreements_of_the_council(api: Api) {
    let (city, parties) = city(&api, json!({})).await;
    let policy = |organ: &str, months: u32| json!({"valid_from": "2016-01-01", "applies_to": {"organ": organ}, "review_interval_months": months});
    let path = format!("/municipalities/{city}");
    let both = json!({"policies": [policy("council", 6), policy("executive", 12)]});
    let changed = api.patch(&path, "*", &both).await.expect(200);
    assert_eq!(changed.body["policy"]["review_interval_months"], 12);
    let twice = json!({"policies": [policy("council", 6), policy("council", 12)]});
    let refused = api.patch(&path, "*", &twice).await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "overlapping_policies");
    let due = async |organ: Value| {
        let more = json!({"signed_on": {"edtf": "2026-03-02"}, "concluded_by": organ});
        let made = api
            .create("/agreements", &signed(&city, &parties, &more))
            .await;
        assert_eq!(made.body["concluded_by"], organ);
        made.body["duties"][0]["due"]["edtf"].clone()
    };
    assert_eq!(due(json!("council")).await, "2026-09-02");
    assert_eq!(due(json!("executive")).await, "2027-03-02");
    assert_eq!(due(Value::Null).await, "2027-03-02");
    assert_eq!(log::wrong(&api), None);
}
