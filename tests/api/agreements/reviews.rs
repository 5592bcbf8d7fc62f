//! Reviews and council actions: their paths, statuses and dates.

use serde_json::json;

use super::duties::words;
use crate::support::Api;
use crate::support::records::{attempt, busan, demand, record, signed};

on_both!(new:
    reviews_and_council_actions_have_paths_of_their_own, days_that_never_end_are_refused,
    what_stands_for_nothing_is_not_reviewed);

async fn reviews_and_council_actions_have_paths_of_their_own(api: Api) {
    let city = api.municipality().await;
    demand(&api, &city, json!([busan()])).await;
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
        let added = api.create(&parts, body).await;
        // Adding one is not a correction.
        assert_eq!(added.body["corrections"], json!([]));
        let one = added.headers["location"].clone();
        let read = api.read(&one).await;
        for (name, value) in body.as_object().unwrap() {
            let is = &read.body[name];
            let same = is == value || is["edtf"] == value["edtf"] || is["ko"] == value["ko"];
            assert!(same, "{name}: {is}");
        }
        let changed = api.update(&one, read.etag(), &change).await;
        api.patch(&one, read.etag(), &change).await.expect(412);
        let listed = api.read(&format!("{parts}?with_total=true")).await;
        assert_eq!(listed.body["total"], 1);
        let mut early = body.clone();
        early["on"] = json!({"edtf": "2026-11-24"});
        let refused = api.post(&parts, &early).await.expect(422);
        assert_eq!(refused.places(), ["/on"], "{list}");
        assert_eq!(refused.body["errors"][0]["code"], "in_future");
        api.delete(&one, changed.etag()).await.expect(204);
        api.get(&one).await.expect(404);
        api.create(&parts, body).await;
    }
    let mut reversed = review.clone();
    reversed["until"] = json!({"edtf": "2024-01"});
    let refused = api.post(&format!("{path}/reviews"), &reversed).await;
    assert_eq!(refused.expect(422).places(), ["/until"]);
    // All invalid dates are reported at once.
    let mut later = review.clone();
    later["from"] = json!({"edtf": "2031"});
    later["until"] = json!({"edtf": "2030"});
    let refused = api
        .post(&format!("{path}/reviews"), &later)
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/from", "/until", "/until"]);
    // Events that did not happen cannot be reported.
    for occasion in ["completion", "termination"] {
        let told =
            json!({"kind": "post_report", "on": {"edtf": "2026-01-01"}, "occasion": occasion});
        let refused = api.post(&format!("{path}/council-actions"), &told).await;
        assert_eq!(refused.expect(422).places(), ["/occasion"], "{occasion}");
    }
    let seen = api.read(&path).await;
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
    // Findings are searchable, and removed reviews stay in the history.
    let found = api.read("/search?q=%EB%B6%80%EC%A7%84").await; // 부진
    assert_eq!(found.body["items"][0]["id"], json!(made.id()));
    let history = api.read(&format!("{path}/history?limit=200")).await;
    assert!(history.text.matches("delete_agreement_review").count() == 1);
    assert!(
        history
            .text
            .matches("delete_agreement_council_action")
            .count()
            == 1
    );
    // All of it at once, as when an old ledger is recorded.
    let whole = json!({"reviews": [review], "council_actions": [action, {"kind": "consent", "on": {"edtf": "2027"}, "occasion": "signing"}],
        "publications": [{"extent": "full_text", "published_on": {"edtf": "2027"}}],
        "status": "signed", "transitions": [{"to": "approved", "urgent": {"reason": {"ko": "급함"}}}]});
    let refused = attempt(&api, &city, whole).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/council_actions/1/on",
            "/publications/0/published_on",
            "/transitions/0/urgent"
        ]
    );
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
            "publications",
            "published_on",
            json!({"extent": "full_text", "published_on": ever}),
        ),
    ] {
        let parts = format!("{path}/{list}");
        let refused = api.post(&parts, &body).await.expect(422);
        assert_eq!(refused.places(), [format!("/{member}")]);
        assert_eq!(refused.body["errors"][0]["code"], "open_ended");
        let mut right = body.clone();
        right[member] = json!({"edtf": "2023"});
        let added = api.create(&parts, &right).await;
        let one = added.headers["location"].clone();
        let change = json!({member: ever});
        let refused = api.patch(&one, "*", &change).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], "open_ended");
    }
    // All errors are reported.
    let review =
        json!({"from": {"edtf": "2024"}, "until": {"edtf": "2023"}, "on": ever, "rating": "good"});
    let refused = api.post(&format!("{path}/reviews"), &review).await;
    assert_eq!(refused.expect(422).places(), ["/on", "/until"]);
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
    let refused = attempt(&api, &city, json!({"reviews": [review]}))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/reviews/0"]);
    assert_eq!(refused.body["errors"][0]["code"], "not_signed");
}
