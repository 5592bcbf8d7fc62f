//! Duties and acts of the municipalities that share an agreement.

use serde_json::{Value, json};

use super::sharing::{PAJU, Towns, strings};
use crate::support::records::{demand, with};
use crate::support::{Api, log};

on_both!(new: each_has_duties_of_its_own, each_records_its_own_acts, towns_that_became_one_have_each_duty_once);

async fn each_has_duties_of_its_own(api: Api) {
    let towns = Towns::new(&api).await;
    let report = json!([{"council_report": {"on_signing": true, "within_days": 30}, "disclosure_within_days": 30,
        "self_approval": true, "review_interval_months": 12}]);
    for town in [&towns.goyang, &towns.paju] {
        demand(&api, town, report.clone()).await;
    }
    let id = towns.signed(&api, json!({})).await.id().to_owned();
    let path = format!("/agreements/{id}");
    let open = async |town: &str| {
        let list = format!("/duties?municipality_id={town}&status=open,overdue");
        let mut kinds = strings(&api.read(&list).await.body["items"], "/kind");
        kinds.sort();
        kinds.join(" ")
    };
    let three = "council_report disclosure review";
    assert_eq!(open(&towns.goyang).await, three);
    assert_eq!(open(&towns.paju).await, three);
    let all = api.read("/duties?with_total=true").await;
    assert_eq!(all.body["total"], 6);
    let told = json!({"kind": "post_report", "on": {"edtf": "2024-03-20"}, "occasion": "signing"});
    let other = api.staff("editor", &towns.paju).await;
    let done = other
        .create(&format!("{path}/council-actions"), &told)
        .await;
    let action = &done.body["council_actions"][0];
    assert_eq!(action["municipality_id"], json!(towns.paju));
    let review = json!({"on": {"edtf": "2026-11-02"}, "rating": "good"});
    api.create(&format!("{path}/reviews"), &review).await;
    let published = json!({"extent": "full_text", "url": "https://paju.example.com/1", "published_on": {"edtf": "2024-03-05"}});
    let done = other
        .create(&format!("{path}/publications"), &published)
        .await;
    assert_eq!(
        done.body["publications"][0]["municipality_id"],
        json!(towns.paju)
    );
    assert_eq!(
        open(&towns.goyang).await,
        "council_report disclosure review"
    );
    assert_eq!(open(&towns.paju).await, "review");
    let shown = api.read(&path).await;
    assert_eq!(shown.body["duties"].as_array().unwrap().len(), 7);
    let before = api.read("/duties?as_of=2024-03-10&status=open").await;
    assert_eq!(before.items().len(), 5);
    // Each council is told of its own city's acts.
    let period = "from=2024-01-01&to=2026-11-22";
    for (town, actions, reviews) in [(&towns.goyang, 0, 1), (&towns.paju, 1, 0)] {
        let report = format!("/municipalities/{town}/council-report?{period}");
        let report = api.read(&report).await;
        let count = |member: &str| report.body[member].as_array().unwrap().len();
        assert_eq!(
            (count("council_actions"), count("reviews")),
            (actions, reviews)
        );
        assert_eq!(count("never_reviewed"), 1 - reviews);
        let overdue = strings(&report.body["overdue_duties"], "/municipality/id");
        assert!(overdue.iter().all(|id| id == town), "{overdue:?}");
    }
    // A change of one's policies leaves the duties of the other.
    demand(&api, &towns.paju, json!([{"disclosure_within_days": 10}])).await;
    assert_eq!(open(&towns.paju).await, "");
    assert_eq!(open(&towns.goyang).await, three);
    demand(&api, &towns.goyang, json!([])).await;
    let left = api.read("/duties").await;
    assert_eq!(
        strings(&left.body["items"], "/municipality/id"),
        std::slice::from_ref(&towns.paju)
    );
    assert_eq!(log::wrong(&api), None);
}

async fn each_records_its_own_acts(api: Api) {
    let towns = Towns::new(&api).await;
    let demanded = json!([{"self_approval": true, "prior_consent": {"money": "consent"}}]);
    for town in [&towns.goyang, &towns.paju] {
        demand(&api, town, demanded.clone()).await;
    }
    let draft = towns.shared(json!({"status": "approved", "financial_obligation": true}));
    let id = api.create("/agreements", &draft).await.id().to_owned();
    let path = format!("/agreements/{id}");
    let (own, other) = (
        api.staff("approver", &towns.goyang).await,
        api.staff("approver", &towns.paju).await,
    );
    let actions = format!("{path}/council-actions");
    let consent = json!({"kind": "consent", "on": {"edtf": "2026-10-01"}, "occasion": "signing", "result": "accepted"});
    let of = |town: &str| with(consent.clone(), json!({"municipality_id": town}));
    own.post(&actions, &of(&towns.paju)).await.expect(403);
    other.post(&actions, &of(&towns.goyang)).await.expect(403);
    let strange = own.post(&actions, &of(&towns.suwon)).await.expect(422);
    assert_eq!(strange.places(), ["/municipality_id"]);
    let stranger = api.staff("approver", &towns.suwon).await;
    stranger.post(&actions, &of(&towns.suwon)).await.expect(404);
    // The content is the owner's.
    let etag = own.get(&path).await.etag().to_owned();
    let change = json!({"title": {"ko": "다른 제목"}});
    other.patch(&path, &etag, &change).await.expect(403);
    let party = json!({"organization_id": towns.suwon});
    other
        .post(&format!("{path}/parties"), &party)
        .await
        .expect(403);
    let sign = json!({"to": "signed", "on": {"edtf": "2026-11-23"}});
    let steps = format!("{path}/transitions");
    other.post(&steps, &sign).await.expect(403);
    // The consent of one council is not that of the other.
    let done = other.create(&actions, &consent).await;
    let action = done.body["council_actions"][0]["id"].as_str().unwrap();
    let action = format!("{actions}/{action}");
    own.post(&steps, &sign).await.expect(409);
    let etag = own.get(&path).await.etag().to_owned();
    let note = json!({"note": {"ko": "정정"}});
    own.patch(&action, &etag, &note).await.expect(403);
    own.delete(&action, &etag).await.expect(403);
    let done = own.create(&actions, &of(&towns.goyang)).await;
    // Named or not, the owner is the one to whom an act belongs by default.
    assert_eq!(
        done.body["council_actions"][1]["municipality_id"],
        Value::Null
    );
    let moved = json!({"municipality_id": null});
    other.patch(&action, "*", &moved).await.expect(403);
    other.delete(&action, "*").await.expect(204);
    // What the co-owner's policy demands is told, and refuses nothing.
    let signed = own.act(&steps, &sign).await;
    let warning = &signed.body["warnings"][0];
    assert_eq!(warning["code"], "demanded_at_signing");
    assert_eq!(
        strings(&warning["organizations"], "/id"),
        std::slice::from_ref(&towns.paju)
    );
    // An act outlives the sharing, and is then the owner's to remove.
    let review = json!({"on": {"edtf": "2026-11-23"}, "rating": "good"});
    let made = other.create(&format!("{path}/reviews"), &review).await;
    let review = made.body["reviews"][0]["id"].as_str().unwrap();
    let alone = json!({"co_owner_ids": []});
    own.update(&format!("{path}?correction_reason=x"), "*", &alone)
        .await;
    let kept = own.read(&path).await;
    assert_eq!(
        kept.body["reviews"][0]["municipality_id"],
        json!(towns.paju)
    );
    own.delete(&format!("{path}/reviews/{review}"), "*")
        .await
        .expect(204);
    assert_eq!(log::wrong(&api), None);
}

async fn towns_that_became_one_have_each_duty_once(api: Api) {
    let towns = Towns::new(&api).await;
    for town in [&towns.goyang, &towns.paju] {
        demand(&api, town, json!([{"review_interval_months": 12}])).await;
    }
    let id = towns.signed(&api, json!({})).await.id().to_owned();
    let counted = async |api: &Api, query: &str| {
        let one = api.read(&format!("/agreements/{id}?{query}")).await.body;
        let listed = api.read(&format!("/duties?{query}")).await;
        let duties = one["duties"].as_array().unwrap().len();
        assert_eq!(duties, listed.items().len(), "{query}");
        duties
    };
    assert_eq!(counted(&api, "").await, 2);
    let succeed = [
        "municipalities",
        "succeed",
        "--code",
        PAJU,
        "--into",
        "4128000000",
    ];
    let succeed = [&succeed[..], &["--on", "2025-07-01", "--apply"]].concat();
    let done = log::program(&api, &succeed);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(counted(&api, "").await, 1);
    assert_eq!(counted(&api, "as_of=2025-06-30").await, 2);
    assert_eq!(counted(&api, "as_of=2025-07-01").await, 1);
    assert_eq!(log::wrong(&api), None);
    // A mistake is taken back: each has its own again.
    let retract = [
        "municipalities",
        "retract",
        "--code",
        PAJU,
        "--reason",
        "오기",
        "--apply",
    ];
    let done = log::program(&api, &retract);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(counted(&api, "").await, 2);
    assert_eq!(log::wrong(&api), None);
}
