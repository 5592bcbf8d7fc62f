//! Corrections of the kind of an organization.

use serde_json::json;

use crate::support::Api;

on_both!(new: a_kind_can_be_corrected, some_kinds_stay);

async fn a_kind_can_be_corrected(api: Api) {
    let id = api.organization("명지병원").await;
    let path = format!("/organizations/{id}");
    let change = json!({"kind": "hospital", "website": "https://www.example.org/"});
    let changed = api.update(&path, "*", &change).await.body;
    assert_eq!(
        (&changed["kind"], &changed["website"], &changed["version"]),
        (&json!("hospital"), &change["website"], &json!(2))
    );
    assert_eq!(api.find("/organizations?kind=hospital").await, id);
    api.update(&path, "*", &json!({"kind": "association"}))
        .await;
    let member = json!({"organization_id": api.organization("회원사").await});
    let members = format!("/associations/{id}/members");
    let member = api.create(&members, &member).await;
    let refused = api.patch(&path, "*", &change).await.expect(422);
    assert_eq!(refused.places(), ["/kind"]);
    let one = format!("{members}/{}", member.id());
    api.delete(&one, "*").await.expect(204);
    api.update(&path, "*", &change).await;
    let history = api.read(&format!("{path}/history")).await;
    assert!(history.text.contains("association"), "{}", history.text);
}

async fn some_kinds_stay(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("회사").await;
    for (id, kind, place) in [
        (&city, "company", "/kind"),
        (&company, "municipality", "/country"),
    ] {
        let path = format!("/organizations/{id}");
        let refused = api.patch(&path, "*", &json!({"kind": kind})).await;
        assert_eq!(refused.expect(422).places(), [place]);
    }
    let abroad = json!({"kind": "municipality", "country": "JP"});
    api.update(&format!("/organizations/{company}"), "*", &abroad)
        .await;
    let association =
        json!({"name": {"ko": "협회"}, "member_count": {"value": 3, "as_of": {"edtf": "2021"}}});
    let association = api.create("/associations", &association).await;
    let path = format!("/organizations/{}", association.id());
    let refused = api.patch(&path, "*", &json!({"kind": "other"})).await;
    assert_eq!(refused.expect(422).places(), ["/kind"]);
}
