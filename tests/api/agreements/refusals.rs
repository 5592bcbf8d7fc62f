//! A refused agreement is refused with everything that is wrong with it.

use serde_json::json;

use crate::support::Api;
use crate::support::records::signed;

on_both!(new:
    schema_and_rules_are_named_at_once, in_parts_too, parties_are_not_misjudged);

/// An id that no record has.
const NOBODY: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

async fn schema_and_rules_are_named_at_once(api: Api) {
    let city = api.municipality().await;
    let new = json!({
        "municipality_id": city, "kind": "mouu", "title": {"ko": "업무협약"}, "status": "signed",
        "signed_on": {"edtf": "2027-01-01"}, "colour": 1,
        "parties": [{"organization_id": city}, {"organization_id": NOBODY}],
    });
    let refused = api.post("/agreements", &new).await.expect(422);
    let places = [
        "/colour",
        "/kind",
        "/parties/1/organization_id",
        "/signed_on",
    ];
    assert_eq!(refused.places(), places);
    let mut unknown_city = new.clone();
    unknown_city["municipality_id"] = json!("goyang");
    let refused = api.post("/agreements", &unknown_city).await.expect(422);
    let places = [
        "/colour",
        "/kind",
        "/municipality_id",
        "/parties/1/organization_id",
        "/signed_on",
    ];
    assert_eq!(refused.places(), places);
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "업무협약"}});
    let draft = api.create("/agreements", &draft).await;
    let path = format!("/agreements/{}", draft.id());
    let patch = json!({
        "kind": "mouu", "colour": 1, "title": {"ko": null, "en": null}, "cost": {"amount": 5},
        "signed_on": {"edtf": "2024-02"}, "effective_until": {"edtf": "2024-01"},
        "project_ids": [NOBODY],
    });
    let etag = api.read(&path).await.etag().to_owned();
    let refused = api.patch(&path, &etag, &patch).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/colour",
            "/cost/currency",
            "/effective_until",
            "/kind",
            "/project_ids/0",
            "/title"
        ]
    );
    let step = json!({"to": "voided", "on": {"edtf": "2030"}, "colour": 1});
    let refused = api.post(&format!("{path}/transitions"), &step).await;
    assert_eq!(refused.expect(422).places(), ["/colour", "/on", "/reason"]);
    assert_eq!(api.read(&path).await.body["version"], 1);
}

async fn in_parts_too(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2024-04-16", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let review = json!({"rating": "slo", "on": {"edtf": "2020"}, "colour": 1});
    let refused = api.post(&format!("{path}/reviews"), &review).await;
    assert_eq!(refused.expect(422).places(), ["/colour", "/on", "/rating"]);
    let party = json!({"organization_id": NOBODY, "colour": 1});
    let parties = format!("{path}/parties?correction_reason=a");
    let refused = api.post(&parties, &party).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/organization_id"]);
    let action =
        json!({"kind": "post_report", "on": {"edtf": "2024-05-20"}, "occasion": "signing"});
    let added = api
        .create(&format!("{path}/council-actions"), &action)
        .await;
    let patch = json!({"occasion": "completion", "result": "maybe"});
    let action = &added.headers["location"];
    let refused = api.patch(action, added.etag(), &patch).await.expect(422);
    assert_eq!(refused.places(), ["/occasion", "/result"]);
}

async fn parties_are_not_misjudged(api: Api) {
    let (city, partner) = (api.municipality().await, api.organization("기업").await);
    let new = json!({
        "municipality_id": city, "kind": "mou", "title": {"ko": "업무협약"}, "status": "signed",
        "parties": [{"organization_id": city}, {"organization_id": 5}],
        "commitments": [{"text": {"ko": "지원"}, "owed_by": [partner]}],
        "statements": [{"speaker": "시장", "party": 1, "text": {"ko": "환영"}}],
    });
    // The commitment may be owed by the party that is not named rightly.
    let refused = api.post("/agreements", &new).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/organization_id"]);
    let mut no_list = new.clone();
    no_list["parties"] = json!("고양시");
    let refused = api.post("/agreements", &no_list).await.expect(422);
    assert_eq!(refused.places(), ["/parties"]);
}
