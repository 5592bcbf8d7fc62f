//! A refusal of an organization names everything that is wrong with the body at once.

use serde_json::json;

use crate::support::Api;

on_both!(new:
    organizations, associations_and_members, municipalities, merges);

async fn organizations(api: Api) {
    let twice = json!([{"scheme": "other", "id": "LEI-1"}, {"scheme": "other", "id": "LEI-1"},
        {"scheme": "other", "id": "LEI-1"}]);
    let officer = json!({"title": {"ko": "장"}, "name": "가", "from": {"edtf": "2024"}, "until": {"edtf": "2023"}});
    let new = json!({"kind": "hospitl", "name": {"ko": "가"}, "colour": 1, "identifiers": twice, "officers": [officer]});
    let refused = api.post("/organizations", &new).await.expect(422);
    let places = [
        "/colour",
        "/identifiers/1/id",
        "/identifiers/2/id",
        "/kind",
        "/officers/0/until",
    ];
    assert_eq!(refused.places(), places);
    // Nothing that was tried is left.
    assert_eq!(api.read("/organizations").await.body["items"], json!([]));
    let path = format!("/organizations/{}", api.organization("가").await);
    let patch = json!({"website": 5, "identifiers": twice, "officers": [officer]});
    let refused = api.patch(&path, "*", &patch).await.expect(422);
    let places = [
        "/identifiers/1/id",
        "/identifiers/2/id",
        "/officers/0/until",
        "/website",
    ];
    assert_eq!(refused.places(), places);
}

async fn associations_and_members(api: Api) {
    let officer = json!({"title": {"ko": "장"}, "name": "가", "from": {"edtf": "2024"}, "until": {"edtf": "2023"}});
    let count = json!({"value": -1, "as_of": {"edtf": "2021"}});
    let new = json!({"name": {"ko": "협회"}, "member_count": count, "officers": [officer]});
    let refused = api.post("/associations", &new).await.expect(422);
    assert_eq!(
        refused.places(),
        ["/member_count/value", "/officers/0/until"]
    );
    let new = json!({"name": {"ko": "협회"}});
    let association = api.create("/associations", &new).await;
    let path = format!("/associations/{}/members", association.id());
    let itself = json!({"organization_id": association.id(), "role": 5});
    let refused = api.post(&path, &itself).await.expect(422);
    assert_eq!(refused.places(), ["/organization_id", "/role"]);
    let company = json!({"organization_id": api.organization("회원사").await});
    let one = api.create(&path, &company).await;
    let one = format!("{path}/{}", one.id());
    let patch = json!({"colour": 1, "joined": {"edtf": "2024"}, "left": {"edtf": "2023"}});
    let refused = api.patch(&one, "*", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/left"]);
}

async fn municipalities(api: Api) {
    let policy = json!({"self_approval": true});
    let new = json!({"code": "0000000000", "website": 5, "policies": [policy, policy]});
    let refused = api.post("/municipalities", &new).await.expect(422);
    let places = ["/code", "/policies/1/valid_from", "/website"];
    assert_eq!(refused.places(), places);
    let path = format!("/municipalities/{}", api.municipality().await);
    let twice = json!([{"scheme": "other", "id": "LEI-1"}, {"scheme": "other", "id": "LEI-1"}]);
    let patch = json!({"website": 5, "policies": [policy, policy], "identifiers": twice});
    let refused = api.patch(&path, "*", &patch).await.expect(422);
    let places = ["/identifiers/1/id", "/policies/1/valid_from", "/website"];
    assert_eq!(refused.places(), places);
}

async fn merges(api: Api) {
    let id = api.organization("가").await;
    let itself = json!({"into_id": id, "colour": 1});
    let path = format!("/organizations/{id}/merge");
    let refused = api.post(&path, &itself).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/into_id"]);
}
