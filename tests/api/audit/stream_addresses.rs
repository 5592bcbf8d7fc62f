//! Streams of changes at secret addresses, for browsers that cannot send a token.

use serde_json::{Value, json};

use super::stream::Events;
use crate::support::log::wrong;
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new:
    it_is_followed_without_a_header, it_tells_what_its_token_may_know, it_ends_when_it_is_revoked,
    each_keeps_its_own);

async fn stream(api: &Api, more: Value) -> (String, String) {
    let mut new = json!({"name": "현황판"});
    new.as_object_mut()
        .unwrap()
        .append(&mut more.as_object().unwrap().clone());
    let made = api.create("/change-streams", &new).await;
    let address = made.body["address"].as_str().unwrap();
    let path = address.strip_prefix("/api/v1").unwrap().to_owned();
    (made.id().to_owned(), path)
}

async fn revoke(api: &Api, id: &str) -> Answer {
    api.act(&format!("/change-streams/{id}/revocation"), &json!({}))
        .await
}

async fn it_is_followed_without_a_header(api: Api) {
    let city = api.municipality().await;
    let (id, address) = stream(
        &api,
        json!({"types": ["organization"], "municipality_id": null}),
    )
    .await;
    // Even where anonymous callers are not served.
    let mut closed = api.with(None);
    closed.state.anonymous_served = false;
    let browser = closed.served().await;
    let mut events = Events::open(&browser, &address, &[]).await;
    let first = events.block().await.unwrap();
    assert!(first.starts_with("retry: 3000\nid: "), "{first}");
    let company = api.organization("회사").await;
    let project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}});
    api.create("/projects", &project).await;
    let other = api.organization("다른 회사").await;
    for expected in [&company, &other] {
        let change = events.change().await.unwrap();
        assert_eq!(change["record_id"], json!(expected));
    }
    drop(events);
    // It goes on after the last event that was seen.
    let log = api.read("/changes?after=0&limit=500").await;
    let seen = log
        .items()
        .iter()
        .find(|c| c["record_id"] == json!(company))
        .unwrap();
    let seen = seen["seq"].to_string();
    let mut events = Events::open(&browser, &address, &[("last-event-id", &seen)]).await;
    assert_eq!(events.change().await.unwrap()["record_id"], json!(other));
    let whole = Events::open(&browser, &format!("{address}?after=0&limit=2"), &[]).await;
    assert_eq!(whole.rest().await.len(), 2);
    browser
        .get(&format!("{address}?after=999999"))
        .await
        .expect(400);
    browser
        .get(&format!("{address}?type=agreement"))
        .await
        .expect(400);
    let kept = api.read(&format!("/change-streams/{id}")).await.body;
    assert_eq!(kept["active"], true);
    assert_eq!(kept["types"], json!(["organization"]));
    assert!(kept.get("address").is_none());
    assert_eq!(wrong(&api), None);
}

async fn it_tells_what_its_token_may_know(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협약 기업").await;
    let elsewhere = api.other_municipality().await;
    let outsider = api.staff("viewer", &elsewhere).await;
    let viewer = api.staff("viewer", &city).await;
    let (_, of_viewer) = stream(&viewer, json!({"types": ["agreement"]})).await;
    let (_, of_outsider) = stream(&outsider, json!({"types": ["agreement"]})).await;
    for visibility in ["internal", "public"] {
        let more = json!({"visibility": visibility});
        let new = signed_mou(&[&city, &partner], "2022-03-01", more);
        api.create("/agreements", &new).await;
    }
    let browser = api.with(None);
    for (address, count) in [(of_viewer, 2), (of_outsider, 1)] {
        let path = format!("{address}?after=0&limit={count}");
        assert_eq!(
            Events::open(&browser, &path, &[]).await.rest().await.len(),
            count
        );
        // The key gives no other access.
        let key = address.rsplit('/').next().unwrap();
        api.with(Some(key)).get("/agreements").await.expect(401);
    }
}

async fn it_ends_when_it_is_revoked(api: Api) {
    let city = api.municipality().await;
    let new = json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let (token, viewer) = api.new_token(new).await;
    let (id, address) = stream(&viewer, json!({})).await;
    let (_, other) = stream(&viewer, json!({})).await;
    let browser = api.with(None);
    let mut events = Events::open(&browser, &address, &[]).await;
    let mut others = Events::open(&browser, &other, &[]).await;
    assert!(events.block().await.is_some() && others.block().await.is_some());
    let gone = revoke(&viewer, &id).await;
    assert_eq!(gone.body["active"], false);
    assert_eq!(events.change().await, None);
    browser.get(&address).await.expect(404);
    assert_eq!(
        revoke(&viewer, &id).await.body["revoked_at"],
        gone.body["revoked_at"]
    );
    // The other one goes on, and ends with its token.
    api.organization("회사").await;
    assert!(others.change().await.is_some());
    api.act(&format!("/tokens/{token}/revocation"), &json!({}))
        .await;
    assert_eq!(others.change().await, None);
    browser.get(&other).await.expect(404);
    let kept = api.read("/change-streams?active=true").await;
    assert!(kept.items().is_empty());
    let unknown = format!("/change-feeds/chg_{}", "0".repeat(64));
    let unknown = browser.get(&unknown).await.expect(404);
    assert_eq!(unknown.body["code"], "not_found");
}

async fn each_keeps_its_own(mut api: Api) {
    let city = api.municipality().await;
    let viewer = api.staff("viewer", &city).await;
    let editor = api.staff("editor", &city).await;
    let (id, address) = stream(&viewer, json!({"municipality_id": city})).await;
    assert_eq!(viewer.find("/change-streams").await, id);
    editor
        .get(&format!("/change-streams/{id}"))
        .await
        .expect(404);
    assert!(editor.read("/change-streams").await.items().is_empty());
    let shown = api.read(&format!("/change-streams/{id}")).await.body;
    assert_eq!(shown["municipality"]["id"], json!(city));
    assert_eq!(shown["token"]["name"], "viewer");
    api.with(None)
        .post("/change-streams", &json!({"name": "x"}))
        .await
        .expect(401);
    let unknown = json!({"name": "x", "municipality_id": "0178d7fa-2c00-7000-8000-00000000ffff"});
    let refused = viewer.post("/change-streams", &unknown).await.expect(422);
    assert_eq!(refused.places(), ["/municipality_id"]);
    // A stream is no calendar, and the other way round.
    api.get(&format!("/calendars/{id}")).await.expect(404);
    let calendar = api.create("/calendars", &json!({"name": "일정"})).await;
    api.get(&format!("/change-streams/{}", calendar.id()))
        .await
        .expect(404);
    let key = address.rsplit('/').next().unwrap();
    api.get(&format!("/calendar-feeds/{key}.ics"))
        .await
        .expect(404);
    api.state.public_url = Some("https://city.example/mou".parse().unwrap());
    let api = api.served().await;
    let made = api.create("/change-streams", &json!({"name": "x"})).await;
    let address = made.body["address"].as_str().unwrap();
    assert!(address.starts_with("https://city.example/mou/api/v1/change-feeds/chg_"));
    assert_eq!(wrong(&api), None);
}
