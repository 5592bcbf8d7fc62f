//! `null` in a merge patch removes what can be unknown, and states nothing.

use serde_json::json;

use crate::support::Api;
use crate::support::records::signed_mou;

on_both!(new: null_shows_nothing_and_switches_nothing);

async fn null_shows_nothing_and_switches_nothing(api: Api) {
    let city = api.municipality().await;
    let party = api.organization("가").await;
    let internal = json!({"visibility": "internal"});
    let create = async |path: &str, body: serde_json::Value| api.create(path, &body).await;
    let agreement = signed_mou(&[&city, &party], "2021-04-16", internal);
    let agreement = create("/agreements", agreement).await;
    let lead = &agreement.body["parties"][0];
    let lead = format!(
        "/agreements/{}/parties/{}",
        agreement.id(),
        lead["id"].as_str().unwrap()
    );
    let of = |path: &str, id: &str| format!("{path}/{id}");
    let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "status": "completed", "visibility": "internal"});
    let project = create("/projects", project).await;
    let group =
        json!({"municipality_id": city, "name": {"ko": "협의체"}, "visibility": "internal"});
    let group = create("/working-groups", group).await;
    let meeting =
        json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"}, "status": "cancelled"});
    let meeting = create(&format!("/working-groups/{}/meetings", group.id()), meeting).await;
    let announcement = json!({"municipality_id": city, "kind": "signing", "title": {"ko": "발표"},
        "visibility": "internal"});
    let announcement = create("/announcements", announcement).await;
    let webhook = json!({"name": "w", "url": "https://hooks.example.com/", "enabled": false});
    let webhook = create("/webhooks", webhook).await;
    api.update(
        &format!("{lead}?correction_reason=x"),
        "*",
        &json!({"role": "lead"}),
    )
    .await;
    for (path, member) in [
        (of("/agreements", agreement.id()), "visibility"),
        (lead, "role"),
        (of("/projects", project.id()), "visibility"),
        (of("/projects", project.id()), "status"),
        (of("/working-groups", group.id()), "visibility"),
        (of("/meetings", meeting.id()), "status"),
        (of("/announcements", announcement.id()), "visibility"),
        (of("/webhooks", webhook.id()), "enabled"),
    ] {
        let query = if path.starts_with("/agreements") {
            "?correction_reason=x"
        } else {
            ""
        };
        let before = api.read(&path).await;
        let patch = json!({member: null});
        let refused = api
            .patch(&format!("{path}{query}"), "*", &patch)
            .await
            .expect(422);
        let at = format!("/{member}");
        assert!(refused.places().iter().all(|place| *place == at), "{path}");
        let after = api.read(&path).await;
        assert_eq!(after.body[member], before.body[member], "{path}");
    }
    // A list can be emptied, and what can be unknown be forgotten.
    let agreement = of("/agreements", agreement.id());
    let patch = json!({"topics": [{"ko": "바이오"}], "venue": {"ko": "시청"}});
    api.update(&format!("{agreement}?correction_reason=x"), "*", &patch)
        .await;
    let patch = json!({"topics": null, "venue": null});
    let emptied = api
        .update(&format!("{agreement}?correction_reason=x"), "*", &patch)
        .await;
    assert_eq!(emptied.body["topics"], json!([]));
    assert!(emptied.body["venue"].is_null());
    // Neither is an amount exact because nobody says that it is not.
    let money = json!({"budget": {"amount": 5, "currency": "KRW", "approximate": true}});
    let project = of("/projects", project.id());
    api.update(&project, "*", &money).await;
    let patch = json!({"budget": {"approximate": null}});
    let refused = api.patch(&project, "*", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/budget/approximate"]);
}
