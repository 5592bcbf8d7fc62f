//! Policies, and what follows from them: duties, and signings that are refused.

use mou_registry::db::dialect;
use serde_json::{Value, json};

use crate::agreements::agreement;
use crate::harness::{Answer, Api, run};

on_both!(new: policies_do_not_overlap, an_older_policy_is_read, reviews_and_council_actions_have_paths_of_their_own,
    lists_are_filtered, who_sees_the_agreement_sees_its_duties, signing_waits_for_the_council, urgent_signings_are_reported,
    facts_are_required_at_signing, other_policies_make_other_duties, duties_as_of_a_day,
    missed_reviews_are_counted_across_policies, reviews_after_the_end, the_council_consents_before_the_signing,
    days_that_never_end_are_refused, what_lies_before_does_no_duty, direct_recording_tells_what_is_lacking,
    what_stands_for_nothing_is_not_reviewed);
mod demo {
    on_both!(with_demo: the_mou_of_goyang_under_a_policy_like_that_of_busan, duties_as_recorded_at_an_instant);
    use super::{
        duties_as_recorded_at_an_instant, the_mou_of_goyang_under_a_policy_like_that_of_busan,
    };
}

/// As the ordinance of Busan: a review at least once a year.
fn busan() -> Value {
    json!({"valid_from": "2022-01-01", "reference": {"title": "부산광역시 업무협약 관리 조례", "article": "제7조"},
        "review_interval_months": 12})
}

async fn demand(api: &Api, city: &str, policies: Value) -> Answer {
    let change = json!({"policies": policies});
    api.patch(&format!("/municipalities/{city}"), "*", &change)
        .await
}

async fn record(api: &Api, city: &str, more: Value) -> Answer {
    let body = agreement(api, city, more).await;
    api.post("/agreements", &body).await.expect(201)
}

async fn signed(api: &Api, city: &str, on: &str, more: Value) -> Answer {
    let mut body = json!({"status": "signed", "signed_on": {"edtf": on}});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    record(api, city, body).await
}

/// The duties that a list holds, in words: kind, due, status.
async fn listed(api: &Api, query: &str) -> Vec<String> {
    let list = format!("/duties?limit=200&with_total=true{query}");
    let found = api.get(&list).await.expect(200);
    let items = found.body["items"].as_array().unwrap();
    assert_eq!(found.body["total"], items.len(), "{query}");
    items.iter().map(words).collect()
}

fn words(duty: &Value) -> String {
    let due = duty["due"]["edtf"].as_str().unwrap_or("-");
    let of = |member: &str| duty[member].as_str().unwrap().to_owned();
    format!("{}/{} {due} {}", of("kind"), of("occasion"), of("status"))
}

async fn policies_do_not_overlap(api: Api) {
    let city = api.municipality().await;
    let path = format!("/municipalities/{city}");
    let old = json!({"valid_until": "2023-12-31", "self_approval": true});
    let new = json!({"valid_from": "2024-01-01", "review_interval_months": 12});
    let changed = demand(&api, &city, json!([old, new])).await.expect(200);
    // The one of today is derived.
    assert_eq!(changed.body["policy"], changed.body["policies"][1]);
    assert_eq!(changed.body["policy"]["stale_after_months"], 24);
    let read_only = json!({"policy": {"self_approval": true}});
    let refused = api.patch(&path, "*", &read_only).await.expect(422);
    assert_eq!(refused.places(), ["/policy"]);
    let twice = json!({"valid_from": "2023-12-31", "valid_until": "2023-12-31"});
    let refused = demand(&api, &city, json!([old, new, twice, twice])).await;
    let refused = refused.expect(422);
    assert_eq!(
        refused.places(),
        ["/policies/2/valid_from", "/policies/3/valid_from"]
    );
    assert_eq!(refused.body["errors"][0]["code"], "overlapping_policies");
    let wrong = json!([{"valid_from": "2024-01-02", "valid_until": "2024-01-01"},
        {"valid_from": "2025-01-01", "council_report": {"within_days": 50, "in_next_session": true}},
        {"review_interval_months": 0, "prior_consent": {"money": "perhaps"}}]);
    let refused = demand(&api, &city, wrong).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/policies/2/prior_consent/money",
            "/policies/2/review_interval_months"
        ]
    );
    let wrong = json!([{"valid_from": "2024-01-02", "valid_until": "2024-01-01"},
        {"valid_from": "2025-01-01", "ageing_after_months": 30},
        {"valid_from": "2025-01-01", "council_report": {"within_days": 50, "in_next_session": true}}]);
    let refused = demand(&api, &city, wrong).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/policies/0/valid_until",
            "/policies/1/stale_after_months",
            "/policies/2/council_report/in_next_session"
        ]
    );
    let body = json!({"code": "4111000000", "policies": [old, old]});
    let refused = api.post("/municipalities", &body).await.expect(422);
    assert_eq!(refused.places(), ["/policies/1/valid_from"]);
    let gone = demand(&api, &city, json!([])).await.expect(200);
    assert_eq!(gone.body["policy"], Value::Null);
}

async fn an_older_policy_is_read(api: Api) {
    macro_rules! migration {
        ($tree:literal, $name:literal, $way:literal) => {
            include_str!(concat!(
                "../../migrations/",
                $tree,
                "/2026-11-25-",
                $name,
                "/",
                $way,
                ".sql"
            ))
        };
    }
    let city = api.municipality().await;
    let strict = json!({"code": "4111000000"});
    let strict = api.post("/municipalities", &strict).await.expect(201);
    use mou_registry::db::DatabaseUrl::{Postgres, Sqlite};
    let (up, down) = match api.url {
        // The later one has an index on what the other adds.
        Sqlite(_) => (
            [
                migration!("sqlite", "000008_duties", "up"),
                migration!("sqlite", "000011_statistics", "up"),
            ],
            [
                migration!("sqlite", "000011_statistics", "down"),
                migration!("sqlite", "000008_duties", "down"),
            ],
        ),
        Postgres(_) => (
            [
                migration!("postgres", "000008_duties", "up"),
                migration!("postgres", "000011_statistics", "up"),
            ],
            [
                migration!("postgres", "000011_statistics", "down"),
                migration!("postgres", "000008_duties", "down"),
            ],
        ),
    };
    let mut conn = dialect::connect(&api.url).unwrap();
    for sql in down {
        run(&mut conn, sql);
    }
    // Documents as they were written before there were several policies.
    for (id, may) in [(city.as_str(), true), (strict.id(), false)] {
        let sql = format!(
            "UPDATE organizations SET doc = replace(replace(doc, '\"policies\":[]', '\"policy\":{{\"self_approval\":{may}}}'), \
             '\"policies\":[{{', '\"policy\":{{\"self_approval\":{may}}},\"was\":[{{') WHERE id = '{id}'"
        );
        run(&mut conn, &sql);
    }
    for sql in up {
        run(&mut conn, sql);
    }
    let read = api
        .get(&format!("/municipalities/{city}"))
        .await
        .expect(200);
    assert_eq!(read.body["policies"][0]["self_approval"], true);
    assert_eq!(read.body["policy"], read.body["policies"][0]);
    let approve = async |city: &str, status| {
        let body = agreement(&api, city, json!({"status": "in_review"})).await;
        let made = api.post("/agreements", &body).await.expect(201);
        let path = format!("/agreements/{}/transitions", made.id());
        api.post(&path, &json!({"to": "approved"}))
            .await
            .expect(status);
    };
    approve(&city, 200).await;
    approve(strict.id(), 403).await;
}

async fn reviews_and_council_actions_have_paths_of_their_own(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([busan()])).await.expect(200);
    let made = signed(&api, &city, "2024-04-16", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let review = json!({"from": {"edtf": "2024-04-16"}, "until": {"edtf": "2025-04-15"}, "on": {"edtf": "2025-04-20"},
        "rating": "slow", "findings": {"ko": "후속 협의가 부진함"}, "improvement_plan": {"ko": "분기별 협의체"}});
    let action = json!({"kind": "post_report", "on": {"edtf": "2024-05-20"}, "occasion": "signing",
        "session": "제254회 임시회", "bill_number": "제12호", "result": "noted"});
    for (list, body, change) in [
        ("reviews", &review, json!({"rating": "good"})),
        ("council-actions", &action, json!({"result": "accepted"})),
    ] {
        let parts = format!("{path}/{list}");
        let added = api.post(&parts, body).await.expect(201);
        // To record one is no correction of what was signed.
        assert_eq!(added.body["corrections"], json!([]));
        let one = added.headers["location"].clone();
        let read = api.get(&one).await.expect(200);
        for (name, value) in body.as_object().unwrap() {
            let is = &read.body[name];
            let same = is == value || is["edtf"] == value["edtf"] || is["ko"] == value["ko"];
            assert!(same, "{name}: {is}");
        }
        let changed = api.patch(&one, read.etag(), &change).await.expect(200);
        api.patch(&one, read.etag(), &change).await.expect(412);
        let listed = api.get(&format!("{parts}?with_total=true")).await;
        assert_eq!(listed.expect(200).body["total"], 1);
        let mut early = body.clone();
        early["on"] = json!({"edtf": "2026-11-24"});
        let refused = api.post(&parts, &early).await.expect(422);
        assert_eq!(refused.places(), ["/on"], "{list}");
        assert_eq!(refused.body["errors"][0]["code"], "in_future");
        api.delete(&one, changed.etag()).await.expect(204);
        api.get(&one).await.expect(404);
        api.post(&parts, body).await.expect(201);
    }
    let mut reversed = review.clone();
    reversed["until"] = json!({"edtf": "2024-01"});
    let refused = api.post(&format!("{path}/reviews"), &reversed).await;
    assert_eq!(refused.expect(422).places(), ["/until"]);
    let seen = api.get(&path).await.expect(200);
    assert_eq!(seen.body["reviews"][0]["rating"], "slow");
    assert_eq!(seen.body["council_actions"][0]["session"], "제254회 임시회");
    let done = &seen.body["duties"][0];
    assert_eq!(words(done), "review/review 2025-04-16 done_late");
    assert_eq!(done["done_by"]["id"], seen.body["reviews"][0]["id"]);
    assert_eq!(done["legal_basis"], "부산광역시 업무협약 관리 조례 제7조");
    assert_eq!(
        words(&seen.body["duties"][1]),
        "review/review 2026-04-20 overdue"
    );
    // What is found is searched, and what was removed stays in the history.
    let found = api.get("/search?q=%EB%B6%80%EC%A7%84").await.expect(200); // 부진
    assert_eq!(found.body["items"][0]["id"], json!(made.id()));
    let history = api
        .get(&format!("{path}/history?limit=200"))
        .await
        .expect(200);
    assert!(history.text.matches("delete_agreement_review").count() == 1);
    assert!(
        history
            .text
            .matches("delete_agreement_council_action")
            .count()
            == 1
    );
    // All of it at once, as an old ledger is recorded.
    let whole = json!({"reviews": [review], "council_actions": [action, {"kind": "consent", "on": {"edtf": "2027"}, "occasion": "signing"}],
        "documents": [{"title": {"ko": "협약서"}, "url": "https://a.example/", "disclosed_on": {"edtf": "2027"}}],
        "status": "signed", "transitions": [{"to": "approved", "urgent": {"reason": {"ko": "급함"}}}]});
    let body = agreement(&api, &city, whole).await;
    let refused = api.post("/agreements", &body).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/council_actions/1/on",
            "/documents/0/disclosed_on",
            "/transitions/0/urgent"
        ]
    );
}

async fn lists_are_filtered(api: Api) {
    let city = api.municipality().await;
    let other = json!({"code": "2600000000", "policies": [{"disclosure_within_days": 30}]});
    let other = api.post("/municipalities", &other).await.expect(201);
    let policy = json!({"review_interval_months": 12, "council_report": {"in_next_session": true}, "renewal_decision_days_before_expiry": 90});
    demand(&api, &city, json!([policy])).await.expect(200);
    let department =
        json!({"lead_department": "전략산업과", "effective_until": {"edtf": "2027-12-31"}});
    let one = signed(&api, &city, "2026-01-02", department).await;
    let two = signed(&api, &city, "2024-06-30", json!({})).await;
    signed(&api, other.id(), "2026-11-01", json!({})).await;
    assert_eq!(
        listed(&api, "").await,
        [
            "review/review 2025-06-30 overdue",
            "disclosure/signing 2026-12-01 open",
            "review/review 2027-01-02 open",
            "renewal_decision/expiry 2027-10-02 open",
            "council_report/signing 2024-06-30/.. open",
            "council_report/signing 2026-01-02/.. open",
        ]
    );
    for (query, count) in [
        (format!("&municipality_id={city}"), 5),
        (format!("&agreement_id={}", one.id()), 3),
        ("&kind=review,disclosure".into(), 3),
        ("&status=overdue".into(), 1),
        ("&status=open".into(), 5),
        ("&status=overdue,open".into(), 6),
        ("&status=done,done_late,waived".into(), 0),
        ("&due_before=2026-12-31".into(), 4),
        ("&due_after=2026-12-02".into(), 4),
        ("&due_after=2026-12-01&due_before=2026-12-31".into(), 3),
        (
            "&department=%EC%A0%84%EB%9E%B5%EC%82%B0%EC%97%85%EA%B3%BC".into(),
            3,
        ), // 전략산업과
    ] {
        assert_eq!(listed(&api, &query).await.len(), count, "{query}");
    }
    let down = listed(&api, "&sort=-due").await;
    assert_eq!(
        down.first().unwrap(),
        "council_report/signing 2026-01-02/.. open"
    );
    // By pages, each duty once.
    let mut seen = Vec::new();
    let mut next = "/duties?limit=4".to_owned();
    loop {
        let page = api.get(&next).await.expect(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(words));
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        next = format!("/duties?limit=4&cursor={cursor}");
    }
    assert_eq!(seen, listed(&api, "").await);
    let found = api
        .get("/duties?kind=review&status=overdue")
        .await
        .expect(200);
    let duty = &found.body["items"][0];
    assert_eq!(duty["agreement"]["id"], json!(two.id()));
    assert_eq!(duty["municipality"]["name"]["ko"], "고양시");
    assert_eq!(duty["missed"], 2);
    api.get("/duties?status=late").await.expect(400);
    // What an agreement shows of itself is what the list holds of it.
    let own = api.get(&format!("/agreements/{}", two.id())).await;
    let list = api.get(&format!("/duties?agreement_id={}", two.id())).await;
    let mut own = own.body["duties"].as_array().unwrap().clone();
    own.sort_by_key(|duty| duty["due"]["latest"].is_null());
    assert_eq!(Value::from(own), list.body["items"]);
}

async fn who_sees_the_agreement_sees_its_duties(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"prior_consent": {"money": "consent"}, "disclosure_within_days": 30});
    demand(&api, &city, json!([policy])).await.expect(200);
    let partner = api.organization("협력사").await;
    let parties = json!([{"organization_id": city, "role": "lead"}, {"organization_id": partner}]);
    let costly = |visibility: &str| json!({"financial_obligation": true, "visibility": visibility, "parties": parties});
    for visibility in ["public", "partners", "internal"] {
        signed(&api, &city, "2026-11-01", costly(visibility)).await;
    }
    // A draft has its duty, too, for the city's own staff.
    record(&api, &city, costly("public")).await;
    let caller = async |body: Value| {
        let made = api.post("/tokens", &body).await.expect(201);
        api.with(made.body["token"].as_str())
    };
    let viewer = json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let viewer = caller(viewer).await;
    let partner = json!({"name": "p", "role": "partner", "organization_id": partner});
    let partner = caller(partner).await;
    let other = api
        .post("/municipalities", &json!({"code": "2600000000"}))
        .await;
    let stranger = json!({"name": "s", "role": "editor", "municipality_ids": [other.id()]});
    let stranger = caller(stranger).await;
    for (caller, count) in [
        (&api, 7),
        (&viewer, 7),
        (&partner, 4),
        (&stranger, 2),
        (&api.with(None), 2),
    ] {
        assert_eq!(listed(caller, "").await.len(), count);
    }
}

async fn signing_waits_for_the_council(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report", "property": "consent"},
        "reference": {"title": "고양시 업무협약 조례", "article": "제5조"}});
    demand(&api, &city, json!([policy])).await.expect(200);
    let more = json!({"status": "approved", "public_property": true});
    let draft = record(&api, &city, more).await;
    let duty = &draft.body["duties"][0];
    assert_eq!(words(duty), "consent/signing - open");
    assert_eq!(duty["due_as_stated"]["en"], "before it is signed");
    let path = format!("/agreements/{}", draft.id());
    let steps = format!("{path}/transitions");
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-20"}});
    let refused = api.post(&steps, &sign).await.expect(409);
    assert_eq!(refused.body["code"], "duty_stands_in_the_way");
    let error = &refused.body["errors"][0];
    assert_eq!(
        (&error["code"], &error["pointer"]),
        (&json!("consent"), &json!("/to"))
    );
    assert!(refused.text.contains("고양시 업무협약 조례 제5조"));
    let kept = api.get(&path).await.expect(200);
    assert_eq!(
        (&kept.body["status"], &kept.body["version"]),
        (&json!("approved"), &json!(1))
    );
    // Being told is not enough, nor is a bill that was rejected.
    let actions = format!("{path}/council-actions");
    for (kind, result) in [("prior_report", "noted"), ("consent", "rejected")] {
        let action = json!({"kind": kind, "on": {"edtf": "2026-11-10"}, "occasion": "signing", "result": result});
        api.post(&actions, &action).await.expect(201);
        api.post(&steps, &sign).await.expect(409);
    }
    let action = json!({"kind": "consent", "on": {"edtf": "2026-11-15"}, "occasion": "signing", "result": "accepted"});
    let added = api.post(&actions, &action).await.expect(201);
    assert_eq!(words(&added.body["duties"][0]), "consent/signing - done");
    let made = api.post(&steps, &sign).await.expect(200);
    assert_eq!(
        words(&made.body["duties"][0]),
        "consent/signing 2026-11-20 done"
    );
    // An old ledger is recorded as it is: the duty stands.
    let more = json!({"public_property": true});
    let old = signed(&api, &city, "2020-01-02", more).await;
    assert_eq!(
        words(&old.body["duties"][0]),
        "consent/signing 2020-01-02 overdue"
    );
}

async fn urgent_signings_are_reported(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report"}, "council_report": {"on_signing": false, "within_days": 50}});
    demand(&api, &city, json!([policy])).await.expect(200);
    let more = json!({"status": "approved", "financial_obligation": true});
    let draft = record(&api, &city, more).await;
    let path = format!("/agreements/{}", draft.id());
    let steps = format!("{path}/transitions");
    let urgent = json!({"reason": {"ko": "국비 공모 마감"}});
    let elsewhere = json!({"to": "withdrawn", "reason": {"ko": "a"}, "urgent": urgent});
    let refused = api.post(&steps, &elsewhere).await.expect(422);
    assert_eq!(refused.places(), ["/urgent"]);
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-20"}, "urgent": urgent});
    let made = api.post(&steps, &sign).await.expect(200);
    let duties = made.body["duties"].as_array().unwrap();
    assert_eq!(
        duties.iter().map(words).collect::<Vec<_>>(),
        [
            "prior_report/signing 2026-11-20 waived",
            "council_report/signing 2027-01-09 open"
        ]
    );
    let because = duties[0]["waived_because"]["ko"].as_str().unwrap();
    assert!(because.contains("국비 공모 마감"));
    let last = made.body["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["urgent"]["reason"]["ko"], "국비 공모 마감");
    let action =
        json!({"kind": "post_report", "on": {"edtf": "2026-11-23"}, "occasion": "signing"});
    let added = api.post(&format!("{path}/council-actions"), &action).await;
    let added = added.expect(201);
    assert_eq!(
        words(&added.body["duties"][1]),
        "council_report/signing 2027-01-09 done"
    );
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
    demand(&api, &city, json!([policy])).await.expect(200);
    let draft = record(&api, &city, json!({"status": "approved"})).await;
    let steps = format!("/agreements/{}/transitions", draft.id());
    let refused = api.post(&steps, &json!({"to": "signed"})).await.expect(422);
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
    api.post(&steps, &before).await.expect(200);
}

async fn other_policies_make_other_duties(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2024-04-16", json!({})).await;
    assert_eq!(listed(&api, "").await, [""; 0]);
    let path = format!("/agreements/{}", made.id());
    let before = api.get(&path).await.expect(200);
    assert_eq!(before.body["duties"], json!([]));
    demand(&api, &city, json!([busan()])).await.expect(200);
    assert_eq!(listed(&api, "").await, ["review/review 2025-04-16 overdue"]);
    let after = api.get(&path).await.expect(200);
    assert_eq!(
        words(&after.body["duties"][0]),
        "review/review 2025-04-16 overdue"
    );
    // The agreement is what it was; what is seen of it is not.
    assert_eq!(after.body["version"], before.body["version"]);
    assert_ne!(after.etag(), before.etag());
    let slower = json!([{"review_interval_months": 36, "disclosure_within_days": 30}]);
    demand(&api, &city, slower).await.expect(200);
    assert_eq!(
        listed(&api, "").await,
        [
            "disclosure/signing 2024-05-16 overdue",
            "review/review 2027-04-16 open"
        ]
    );
    let link = json!({"title": {"ko": "협약서"}, "url": "https://www.goyang.go.kr/mou", "disclosed_on": {"edtf": "2024-05"}});
    let added = api
        .post(&format!("{path}/documents"), &link)
        .await
        .expect(201);
    // It may have been in time.
    assert_eq!(
        words(&added.body["duties"][0]),
        "disclosure/signing 2024-05-16 done"
    );
    let voided = json!({"to": "voided", "reason": {"ko": "잘못 등록"}});
    api.post(&format!("{path}/transitions"), &voided)
        .await
        .expect(200);
    assert_eq!(listed(&api, "").await, [""; 0]);
    demand(&api, &city, json!([])).await.expect(200);
    assert_eq!(listed(&api, "&as_of=2025-01-01").await, [""; 0]);
}

async fn duties_as_of_a_day(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"prior_consent": {"money": "consent"}, "review_interval_months": 12});
    demand(&api, &city, json!([policy])).await.expect(200);
    let more = json!({"financial_obligation": true, "transitions": [{"to": "approved", "on": {"edtf": "2023-12-01"}}],
        "council_actions": [{"kind": "consent", "on": {"edtf": "2024-02-01"}, "occasion": "signing", "result": "accepted"}],
        "reviews": [{"on": {"edtf": "2025-06-01"}, "rating": "stalled"}]});
    let made = signed(&api, &city, "2024-03-15", more).await;
    let path = format!("/agreements/{}", made.id());
    for (day, seen) in [
        ("2024-01-01", &["consent/signing - open"][..]),
        ("2024-02-01", &["consent/signing - done"]),
        (
            "2024-03-15",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-15 open",
            ],
        ),
        (
            "2025-05-31",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-15 overdue",
            ],
        ),
        (
            "2026-11-23",
            &[
                "consent/signing 2024-03-15 done",
                "review/review 2025-03-15 done_late",
                "review/review 2026-06-01 overdue",
            ],
        ),
    ] {
        assert_eq!(listed(&api, &format!("&as_of={day}")).await, seen, "{day}");
        let own = api.get(&format!("{path}?as_of={day}")).await.expect(200);
        let own = own.body["duties"].as_array().unwrap();
        assert_eq!(own.iter().map(words).collect::<Vec<_>>(), seen, "{day}");
    }
    // Before it was signed it was for its own city alone.
    let anyone = api.with(None);
    assert_eq!(listed(&anyone, "&as_of=2024-01-01").await, [""; 0]);
    assert_eq!(listed(&anyone, "&as_of=2024-03-15").await.len(), 2);
}

async fn the_mou_of_goyang_under_a_policy_like_that_of_busan(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    let mou = "/agreements?signed_from=2021-04-16&signed_to=2021-04-16";
    let id = api.find(mou).await;
    demand(&api, &city, json!([busan()])).await.expect(200);
    let found = api
        .get(&format!("/duties?agreement_id={id}"))
        .await
        .expect(200);
    let duty = &found.body["items"][0];
    assert_eq!(words(duty), "review/review 2023-01-01 overdue");
    assert_eq!(duty["missed"], 4);
    assert_eq!(duty["legal_basis"], "부산광역시 업무협약 관리 조례 제7조");
    let shown = api.get(&format!("/agreements/{id}")).await.expect(200);
    assert_eq!(shown.body["duties"], found.body["items"]);
}

async fn duties_as_recorded_at_an_instant(api: Api) {
    let city = api.find("/municipalities?code=4128000000").await;
    demand(&api, &city, json!([busan()])).await.expect(200);
    let before = api.get("/duties?with_total=true").await.expect(200);
    let mou = "/agreements?signed_from=2021-04-16&signed_to=2021-04-16";
    let path = format!("/agreements/{}", api.find(mou).await);
    let shown = api.get(&path).await.expect(200);
    let later = api.at("2026-11-24T03:00:00Z").await;
    let review = json!({"on": {"edtf": "2026-11-24"}, "rating": "stalled"});
    later
        .post(&format!("{path}/reviews"), &review)
        .await
        .expect(201);
    let latest = api.at("2026-11-25T03:00:00Z").await;
    demand(&latest, &city, json!([])).await.expect(200);
    assert_eq!(latest.get("/duties?with_total=true").await.body["total"], 0);
    let then = "recorded_as_of=2026-11-23T04:00:00Z";
    // As it was asked on that day.
    let again = api.get(&format!("/duties?with_total=true&{then}")).await;
    assert_eq!(again.expect(200).body, before.body);
    let again = api.get(&format!("{path}?{then}")).await.expect(200);
    assert_eq!(again.body, shown.body);
    // Reviewed, and still under the policy.
    let between = "recorded_as_of=2026-11-24T04:00:00Z";
    let reviewed = latest.get(&format!("{path}?{between}")).await.expect(200);
    assert_eq!(
        words(&reviewed.body["duties"][0]),
        "review/review 2023-01-01 done_late"
    );
    let change = json!({"visibility": "internal"});
    let corrected = format!("{path}?correction_reason=x");
    latest.patch(&corrected, "*", &change).await.expect(200);
    // What is taken back from the public is so in its duties of the past.
    let id = path.rsplit('/').next().unwrap();
    let own = format!("/duties?agreement_id={id}&with_total=true&{between}");
    assert_eq!(latest.get(&own).await.expect(200).body["total"], 2);
    let anyone = latest.with(None);
    assert_eq!(anyone.get(&own).await.expect(200).body["total"], 0);
}

async fn missed_reviews_are_counted_across_policies(api: Api) {
    let city = api.municipality().await;
    signed(&api, &city, "2021-04-16", json!({})).await;
    let yearly = |from: &str, until: Value, title: &str| json!({"valid_from": from, "valid_until": until, "review_interval_months": 12, "reference": {"title": title}});
    let one = json!([yearly("2022-01-01", Value::Null, "조례")]);
    let two = json!([
        yearly("2022-01-01", json!("2024-12-31"), "조례"),
        yearly("2025-01-01", Value::Null, "새 조례")
    ]);
    let pause = json!([
        yearly("2022-01-01", json!("2023-12-31"), "조례"),
        yearly("2025-01-01", Value::Null, "새 조례")
    ]);
    for (policies, missed) in [(one, 4), (two, 4), (pause, 2)] {
        demand(&api, &city, policies).await.expect(200);
        let found = api.get("/duties").await.expect(200);
        let duty = &found.body["items"][0];
        assert_eq!(words(duty), "review/review 2023-01-01 overdue");
        assert_eq!(duty["missed"], missed);
        assert_eq!(duty["legal_basis"], "조례");
    }
}

async fn reviews_after_the_end(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"valid_from": "2020-01-01", "review_interval_months": 12});
    demand(&api, &city, json!([policy])).await.expect(200);
    let more = json!({"reviews": [{"on": {"edtf": "2023-02-01"}, "rating": "good"},
        {"on": {"edtf": "2024-01-15"}, "rating": "done"}]});
    let made = signed(&api, &city, "2022-03-01", more).await;
    let done = [
        "review/review 2023-03-01 done",
        "review/review 2024-02-01 done",
    ];
    let open = [&done[..], &["review/review 2025-01-15 overdue"]].concat();
    assert_eq!(listed(&api, "").await, open);
    let step =
        json!({"to": "completed", "on": {"edtf": "2024-01-20"}, "reason": {"ko": "목적 달성"}});
    let path = format!("/agreements/{}/transitions", made.id());
    api.post(&path, &step).await.expect(200);
    assert_eq!(listed(&api, "").await, done);
    // Nobody knows when these ended: no review of theirs is open.
    for status in ["completed", "terminated", "superseded"] {
        let ended = signed(&api, &city, "2022-03-01", json!({"status": status})).await;
        assert_eq!(ended.body["duties"], json!([]), "{status}");
    }
    assert_eq!(listed(&api, "").await, done);
}

async fn the_council_consents_before_the_signing(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "consent"}});
    demand(&api, &city, json!([policy])).await.expect(200);
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
            api.post(&format!("{path}/council-actions"), &action)
                .await
                .expect(201);
        }
        let answer = api.post(&format!("{path}/transitions"), &sign).await;
        answer.expect(status);
    }
}

async fn days_that_never_end_are_refused(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2022-03-01", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let ever = json!({"edtf": "2023/.."});
    for (list, member, body) in [
        ("reviews", "on", json!({"on": ever, "rating": "good"})),
        (
            "council-actions",
            "on",
            json!({"kind": "post_report", "on": ever, "occasion": "signing"}),
        ),
        (
            "documents",
            "disclosed_on",
            json!({"title": {"ko": "협약서"}, "url": "https://a.example/", "disclosed_on": ever}),
        ),
    ] {
        let parts = format!("{path}/{list}");
        let refused = api.post(&parts, &body).await.expect(422);
        assert_eq!(refused.places(), [format!("/{member}")]);
        assert_eq!(refused.body["errors"][0]["code"], "open_ended");
        let mut right = body.clone();
        right[member] = json!({"edtf": "2023"});
        let added = api.post(&parts, &right).await.expect(201);
        let one = added.headers["location"].clone();
        let change = json!({member: ever});
        let refused = api.patch(&one, "*", &change).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], "open_ended");
    }
    // All that is wrong with one is named.
    let review =
        json!({"from": {"edtf": "2024"}, "until": {"edtf": "2023"}, "on": ever, "rating": "good"});
    let refused = api.post(&format!("{path}/reviews"), &review).await;
    assert_eq!(refused.expect(422).places(), ["/on", "/until"]);
}

async fn what_lies_before_does_no_duty(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"review_interval_months": 12, "disclosure_within_days": 30,
        "council_report": {"within_days": 50, "on_completion": true}});
    demand(&api, &city, json!([policy])).await.expect(200);
    // A report of the year and a disclosure may be as old as they are, and do nothing.
    let more = json!({"council_actions": [{"kind": "annual_report", "on": {"edtf": "2020"}, "occasion": "signing"}],
        "documents": [{"title": {"ko": "초안"}, "url": "https://a.example/", "disclosed_on": {"edtf": "2019"}}],
        "status": "completed", "transitions": [{"to": "completed", "on": {"edtf": "2025-01-10"}}]});
    let made = signed(&api, &city, "2024-03-01", more).await;
    assert_eq!(
        listed(&api, "").await,
        [
            "disclosure/signing 2024-03-31 overdue",
            "council_report/signing 2024-04-20 overdue",
            "council_report/completion 2025-03-01 overdue",
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
        let added = api.post(&parts, &right).await.expect(201);
        let change = json!({"on": body["on"]});
        let refused = api.patch(&added.headers["location"], "*", &change).await;
        assert_eq!(refused.expect(422).body["errors"][0]["code"], code);
    }
    // What comes before a signing may.
    let prior = json!({"kind": "prior_report", "on": {"edtf": "2020"}, "occasion": "signing"});
    api.post(&format!("{path}/council-actions"), &prior)
        .await
        .expect(201);
    let whole = json!({"status": "terminated", "signed_on": {"edtf": "2024-03-01"},
        "transitions": [{"to": "terminated", "on": {"edtf": "2025-01-10"}}],
        "reviews": [{"on": {"edtf": "2024-02"}, "rating": "good"}],
        "council_actions": [report("2024", "signing"), report("2023", "signing"), report("2024", "termination")]});
    let body = agreement(&api, &city, whole).await;
    let refused = api.post("/agreements", &body).await.expect(422);
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

async fn direct_recording_tells_what_is_lacking(api: Api) {
    let city = api.municipality().await;
    let policy = json!({"valid_from": "2024-01-01", "required_at_signing": ["lead_department", "signatories"],
        "prior_consent": {"money": "consent"}});
    demand(&api, &city, json!([policy])).await.expect(200);
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
    // No policy held then.
    let older = signed(&api, &city, "2023-12-31", costly.clone()).await;
    assert_eq!(warned(&older), [""; 0]);
    // Today it would be refused as a step, and is refused so.
    let mut new = agreement(&api, &city, costly).await;
    new["status"] = json!("signed");
    new["signed_on"] = json!({"edtf": "2026-11-23"});
    let refused = api.post("/agreements", &new).await.expect(422);
    let missing = [
        "/lead_department",
        "/parties/0/signatory",
        "/parties/1/signatory",
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
    let made = api.post("/agreements", &new).await.expect(201);
    assert_eq!(warned(&made), [""; 0]);
}

async fn what_stands_for_nothing_is_not_reviewed(api: Api) {
    let city = api.municipality().await;
    let review = json!({"on": {"edtf": "2026-11-20"}, "rating": "good"});
    let action =
        json!({"kind": "prior_report", "on": {"edtf": "2026-11-20"}, "occasion": "signing"});
    for (status, reviews, actions) in [
        ("draft", 409, 201),
        ("approved", 409, 201),
        ("withdrawn", 409, 409),
        ("voided", 409, 409),
        ("signed", 201, 201),
        ("terminated", 201, 201),
    ] {
        let made = record(&api, &city, json!({"status": status})).await;
        for (list, body, expected) in [
            ("reviews", &review, reviews),
            ("council-actions", &action, actions),
        ] {
            let path = format!("/agreements/{}/{list}", made.id());
            let answer = api.post(&path, body).await.expect(expected);
            if expected == 409 {
                assert_eq!(answer.body["code"], "conflict", "{status} {list}");
            }
        }
    }
    let draft = agreement(&api, &city, json!({"reviews": [review]})).await;
    let refused = api.post("/agreements", &draft).await.expect(422);
    assert_eq!(refused.places(), ["/reviews/0"]);
    assert_eq!(refused.body["errors"][0]["code"], "not_signed");
}
