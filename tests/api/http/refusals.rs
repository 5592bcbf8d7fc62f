//! A refusal names everything that is wrong with a body at once, and changes nothing.

use serde_json::{Value, json};

use crate::support::Api;

on_both!(new:
    schema_and_rules_are_named_at_once, patches_too, rules_are_not_misled_by_a_repair,
    a_record_out_of_sight_stays_so, nothing_is_written, an_address_is_a_uri,
    a_refusal_is_short);

/// An id that no record has.
const NOBODY: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

async fn a_refusal_is_short(api: Api) {
    let city = api.municipality().await;
    let new = |more: Value| {
        let base = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}});
        crate::support::records::with(base, more)
    };
    // A list is refused for its length before each of its items is.
    let parties: Vec<Value> = (0..2_000).map(|n| json!({"role": n})).collect();
    let refused = api
        .post("/agreements", &new(json!({"parties": parties})))
        .await;
    let refused = refused.expect(422);
    assert_eq!(refused.places(), ["/parties"]);
    assert_eq!(refused.body["errors"][0]["code"], "max_items");
    // At most 100 errors are listed, and the others counted.
    let unknown = |count: usize, name: &str| {
        let members = (0..count).map(|n| (format!("{name}{n}"), json!(n)));
        new(Value::Object(members.collect()))
    };
    let refused = api
        .post("/agreements", &unknown(400, "x"))
        .await
        .expect(422);
    let listed = refused.body["errors"].as_array().unwrap().len();
    assert_eq!((listed, &refused.body["more_errors"]), (100, &json!(300)));
    // Long names are shortened, and take the place of others.
    let refused = api
        .post("/agreements", &unknown(90, &"가".repeat(350)))
        .await
        .expect(422);
    let listed = refused.body["errors"].as_array().unwrap().len();
    assert_eq!(refused.body["more_errors"], 90 - listed);
    assert!(
        listed > 30 && refused.text.len() < 65_536,
        "{}",
        refused.text.len()
    );
    let refused = api
        .post("/agreements", &unknown(501, "x"))
        .await
        .expect(422);
    assert_eq!(refused.places(), [""]);
    // A query is bounded as a whole.
    let query = "x".repeat(16_383);
    api.get(&format!("/agreements?{query}")).await.expect(400);
    let refused = api.get(&format!("/agreements?{query}=1")).await.expect(400);
    assert_eq!(refused.body["code"], "malformed_request");
}

async fn schema_and_rules_are_named_at_once(api: Api) {
    // The store's rules beside the schema's.
    let token = json!({"name": "가", "role": "edtor", "colour": 1, "all_municipalities": true,
        "expires_at": "2020-01-01T00:00:00Z"});
    let refused = api.post("/tokens", &token).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/expires_at", "/role"]);
    // The rules of the type, too.
    let calendar = json!({"name": 5, "from": "2024-01-02", "to": "2024-01-01",
        "project_id": NOBODY, "organization_id": NOBODY});
    let refused = api.post("/calendars", &calendar).await.expect(422);
    let places = ["/name", "/organization_id", "/project_id", "/to"];
    assert_eq!(refused.places(), places);
    // Those of type and store without the schema's.
    let mut calendar = calendar;
    calendar["name"] = json!("가");
    let refused = api.post("/calendars", &calendar).await.expect(422);
    assert_eq!(refused.places(), places[1..]);
    // A missing member is repaired like a wrong one.
    let refused = api.post("/calendars", &json!({"project_id": NOBODY})).await;
    assert_eq!(refused.expect(422).places(), ["/name", "/project_id"]);
    // A character that no text may contain is refused before the schema.
    let nul = json!({"name": "a\u{0}", "project_id": NOBODY});
    let refused = api.post("/calendars", &nul).await.expect(422);
    assert_eq!(refused.places(), ["/name", "/project_id"]);
}

async fn webhook(api: &Api) -> (String, String) {
    let new = json!({"name": "가", "url": "https://example.com/hook"});
    let made = api.create("/webhooks", &new).await;
    let path = format!("/webhooks/{}", made.id());
    let etag = api.read(&path).await.etag().to_owned();
    (path, etag)
}

async fn patches_too(api: Api) {
    let (path, etag) = webhook(&api).await;
    let patch = json!({"enabled": "yes", "colour": 1, "municipality_id": NOBODY,
        "url": "https://example.com/hook#part"});
    let refused = api.patch(&path, &etag, &patch).await.expect(422);
    let places = ["/colour", "/enabled", "/municipality_id", "/url"];
    assert_eq!(refused.places(), places);
    // A version that was not seen is not told of, as long as the patch is refused.
    let refused = api.patch(&path, "\"7\"", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/enabled"]);
    let unseen = json!({"municipality_id": NOBODY});
    api.patch(&path, "\"7\"", &unseen).await.expect(412);
    assert_eq!(api.read(&path).await.body["version"], 1);
}

async fn rules_are_not_misled_by_a_repair(api: Api) {
    let places = async |path: &'static str, body: Value| {
        let refused = api.post(path, &body).await.expect(422);
        let places = refused.places().into_iter().map(str::to_owned);
        places.collect::<Vec<_>>()
    };
    // An editor must have no organization, a partner must have one.
    let city = api.municipality().await;
    let token = json!({"name": "가", "role": "prtner", "organization_id": city});
    assert_eq!(places("/tokens", token).await, ["/role"]);
    let token = json!({"name": "가", "role": "partner", "organization_id": 5});
    assert_eq!(places("/tokens", token).await, ["/organization_id"]);
    // The example of `from` lies after the year 1999, which the caller may mean.
    let calendar = json!({"name": "가", "from": "1999", "to": "1999-12-31"});
    assert_eq!(places("/calendars", calendar).await, ["/from"]);
    // A body that is not an object says nothing.
    assert_eq!(places("/calendars", json!([])).await, [""]);
    // A digest needs a municipality, which is there, if not as an id.
    let hook = json!({"name": "가", "url": "https://example.com/hook", "daily_digest": true,
        "municipality_id": "goyang"});
    assert_eq!(places("/webhooks", hook).await, ["/municipality_id"]);
}

async fn a_record_out_of_sight_stays_so(api: Api) {
    let (path, etag) = webhook(&api).await;
    let city = api.municipality().await;
    let other = json!({"name": "나", "role": "editor", "municipality_ids": [city]});
    let other = api.create("/tokens", &other).await;
    let other = api.with(other.body["token"].as_str());
    let patch = json!({"colour": 1, "municipality_id": NOBODY});
    let refused = other.patch(&path, &etag, &patch).await.expect(422);
    assert_eq!(refused.places(), ["/colour"]);
    let patch = json!({"municipality_id": NOBODY});
    other.patch(&path, &etag, &patch).await.expect(404);
}

async fn nothing_is_written(api: Api) {
    let recorded = async || {
        let tokens = api.read("/tokens").await.items().len();
        (tokens, api.read("/changes").await.body["last_seq"].clone())
    };
    let before = recorded().await;
    // Valid but for one member: the repaired value alone would be recorded.
    let token = json!({"name": "가", "role": "admin", "all_municipalities": true, "colour": 1});
    let refused = api.post("/tokens", &token).await.expect(422);
    assert_eq!(refused.places(), ["/colour"]);
    api.post("/webhooks", &json!({"url": "https://example.com/hook"}))
        .await
        .expect(422);
    assert_eq!(recorded().await, before);
}

async fn an_address_is_a_uri(api: Api) {
    for (url, instead) in [
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/?q=a|b", "https://a.example/?q=a%7Cb"),
        ("https://a.example/%zz", "https://a.example/%25zz"),
        (
            "https://a.example/협약",
            "https://a.example/%ED%98%91%EC%95%BD",
        ),
        ("www.goyang.go.kr", "https://www.goyang.go.kr/"),
    ] {
        let source = json!({"title": "가", "url": url});
        let body =
            json!({"kind": "other", "name": {"ko": "가"}, "website": url, "sources": [source]});
        let refused = api.post("/organizations", &body).await.expect(422);
        assert_eq!(refused.places(), ["/sources/0/url", "/website"], "{url}");
        for error in refused.body["errors"].as_array().unwrap() {
            assert_eq!(error["code"], "format_uri");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(instead), "{url}: {message}");
        }
    }
    let taken = json!({"kind": "other", "name": {"ko": "가"}, "website": "https://a.example/%ED%98%91?q=a%20b"});
    api.create("/organizations", &taken).await;
}
