//! The addresses at which calendars are read.

use serde_json::{Value, json};

use super::events::{events, property};
use crate::support::Api;
use crate::support::issuer;
use crate::support::log::wrong;
use crate::support::records::signed_mou;

on_both!(new:
    it_is_read_as_its_token, it_ends_with_its_token, each_keeps_its_own, what_is_wrong_is_named,
    the_single_sign_on_makes_none, guesses_are_limited, no_address_is_kept);

/// A municipality with a signed agreement of each visibility.
struct City {
    id: String,
    partner: String,
}

impl City {
    async fn new(api: &Api) -> Self {
        let id = api.municipality().await;
        let partner = api.organization("협약 기업").await;
        for visibility in ["public", "partners", "internal"] {
            let more = json!({"title": {"ko": visibility}, "visibility": visibility});
            let new = signed_mou(&[&id, &partner], "2022-03-01", more);
            api.create("/agreements", &new).await;
        }
        Self { id, partner }
    }
}

async fn calendar(api: &Api) -> (String, String) {
    let made = api.create("/calendars", &json!({"name": "일정"})).await;
    let address = made.body["address"].as_str().unwrap().to_owned();
    (made.id().to_owned(), address)
}

async fn it_is_read_as_its_token(api: Api) {
    let city = City::new(&api).await;
    let viewer = json!({"name": "열람", "role": "viewer", "municipality_ids": [city.id]});
    let partner = json!({"name": "협력", "role": "partner", "organization_id": city.partner});
    let viewer = api.caller(viewer).await;
    let partner = api.caller(partner).await;
    for (caller, seen) in [(&viewer, 3), (&partner, 2)] {
        let (_, address) = calendar(caller).await;
        // A client without a token can read it, even where anonymous callers are not served.
        let mut closed = api.with(None);
        closed.state.anonymous_served = false;
        for reader in [api.with(None), closed.served().await] {
            let read = reader.read(&address).await;
            assert_eq!(events(&read).len(), seen, "{}", read.text);
            assert_eq!(read.headers["cache-control"], "private, no-cache");
            assert_eq!(read.headers["referrer-policy"], "no-referrer");
            assert_eq!(property(&read, "X-WR-CALNAME"), "일정");
            let known = [("if-none-match", read.etag())];
            reader.send("GET", &address, &known, None).await.expect(304);
            reader.get(&format!("{address}?lang=ko")).await.expect(400);
        }
        // A token sent along makes no difference.
        let read = api.read(&address).await;
        assert_eq!(events(&read).len(), seen);
        // The key gives no other access.
        let key = address.rsplit('/').next().unwrap().trim_end_matches(".ics");
        api.with(Some(key)).get("/agreements").await.expect(401);
    }
    // A calendar has its own filters, language and name.
    let own = json!({"name": "a, b; c", "lang": "en", "types": ["signing"], "municipality_id": city.id,
        "from": "2022-03-02", "status": ["met"], "kinds": ["mou"]});
    let made = viewer.create("/calendars", &own).await;
    let address = made.body["address"].as_str().unwrap();
    let read = api.with(None).read(address).await;
    assert_eq!(read.headers["content-language"], "en");
    assert_eq!(property(&read, "NAME"), "a\\, b\\; c");
    assert!(events(&read).is_empty() && read.text.contains("BEGIN:VTIMEZONE"));
}

async fn it_ends_with_its_token(api: Api) {
    let city = City::new(&api).await;
    let new = json!({"name": "열람", "role": "viewer", "municipality_ids": [city.id], "expires_at": "2026-11-24T00:00:00Z"});
    let (id, viewer) = api.new_token(new).await;
    let (revoked, first) = calendar(&viewer).await;
    let (entry, second) = calendar(&viewer).await;
    let read = async |address: &str| api.with(None).get(address).await.status.as_u16();
    assert_eq!((read(&first).await, read(&second).await), (200, 200));
    let path = format!("/calendars/{revoked}/revocation");
    let gone = viewer.act(&path, &json!({})).await;
    assert_eq!(gone.body["active"], false);
    let again = viewer.act(&path, &json!({})).await;
    assert_eq!(again.body["revoked_at"], gone.body["revoked_at"]);
    assert_eq!((read(&first).await, read(&second).await), (404, 200));
    // It stops working on the day on which the token expires.
    let later = api.at("2026-11-24T00:00:00Z").await.with(None);
    let expired = later.get(&second).await.expect(404);
    let unknown = format!("/api/v1/calendar-feeds/cal_{}.ics", "0".repeat(64));
    let unknown = later.get(&unknown).await.expect(404);
    assert_eq!(expired.body["detail"], unknown.body["detail"]);
    api.act(&format!("/tokens/{id}/revocation"), &json!({}))
        .await;
    assert_eq!(read(&second).await, 404);
    let kept = api.read(&format!("/calendars/{entry}")).await;
    assert_eq!(
        (&kept.body["active"], &kept.body["revoked_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(wrong(&api), None);
}

async fn each_keeps_its_own(api: Api) {
    let city = City::new(&api).await;
    let new = |role: &str| json!({"name": role, "role": role, "municipality_ids": [city.id]});
    let viewer = api.caller(new("viewer")).await;
    let local = api.caller(new("admin")).await;
    let (id, address) = calendar(&viewer).await;
    let entry = format!("/calendars/{id}");
    assert_eq!(viewer.find("/calendars").await, id);
    // A local admin sees only its own calendars; an admin of all municipalities sees all.
    for other in [&local, &api.with(None)] {
        let status = if other.token().is_some() { 404 } else { 401 };
        other.get(&entry).await.expect(status);
        let path = format!("{entry}/revocation");
        other.post(&path, &json!({})).await.expect(status);
    }
    let none = local.read("/calendars?with_total=true").await;
    assert_eq!(none.body["total"], 0);
    let seen = api.read(&entry).await;
    assert_eq!(seen.body["token"]["name"], "viewer");
    assert_eq!(seen.body["last_used_at"], Value::Null);
    // The last use is noted once an hour.
    api.with(None).read(&address).await;
    let mut noted = Value::Null;
    for _ in 0..3_000 {
        noted = api.get(&entry).await.body["last_used_at"].clone();
        if !noted.is_null() {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(noted, "2026-11-23T03:00:00.000000Z");
    api.act(&format!("{entry}/revocation"), &json!({})).await;
    assert_eq!(viewer.find("/calendars?active=false&sort=id").await, id);
    api.with(None).get(&address).await.expect(404);
    // A repeated idempotency key does not return an address again. The limit of 50 includes revoked
    // ones.
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "same"),
    ];
    let body = json!({"name": "일정"}).to_string().into_bytes();
    let mut addresses = Vec::new();
    for _ in 0..49 {
        let made = viewer.send("POST", "/calendars", &headers, Some(body.clone()));
        addresses.push(made.await.expect(201).body["address"].to_string());
    }
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 49);
    let refused = viewer.post("/calendars", &json!({"name": "일정"})).await;
    assert_eq!(refused.expect(409).body["code"], "conflict");
    let tomorrow = api.at("2026-11-24T03:00:00Z").await;
    let tomorrow = tomorrow.with(viewer.token());
    tomorrow
        .create("/calendars", &json!({"name": "일정"}))
        .await;
    api.create("/calendars", &json!({"name": "일정"})).await;
}

async fn what_is_wrong_is_named(api: Api) {
    let city = City::new(&api).await;
    let hidden = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "내부"}, "visibility": "internal"});
    let hidden = api.create("/projects", &hidden).await;
    let partner = json!({"name": "협력", "role": "partner", "organization_id": city.partner});
    let partner = api.caller(partner).await;
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    for (body, places) in [
        (json!({}), vec!["/name"]),
        (json!({"name": " ", "lang": "fr"}), vec!["/lang", "/name"]),
        (
            json!({"name": "a", "types": ["x"], "address": "b"}),
            vec!["/address", "/types/0"],
        ),
        (
            json!({"name": "a", "from": "2022-01-02", "to": "2022-01-01"}),
            vec!["/to"],
        ),
        (json!({"name": "a", "as_of": "2022-01-01"}), vec!["/as_of"]),
        (
            json!({"name": "a", "municipality_id": missing, "organization_id": missing, "project_id": hidden.id()}),
            vec!["/municipality_id", "/organization_id", "/project_id"],
        ),
    ] {
        let refused = partner.post("/calendars", &body).await.expect(422);
        assert_eq!(refused.places(), places, "{body}");
    }
    let own = json!({"name": "a", "project_id": hidden.id()});
    api.create("/calendars", &own).await;
    for path in [
        "/calendar-feeds/x",
        "/calendar-feeds/x.ics",
        "/calendar-feeds/cal_%00.ics",
        "/calendar-feeds/../timeline",
    ] {
        api.get(path).await.expect(404);
    }
    let (_, address) = calendar(&api).await;
    for wrong in [
        address.replace(".ics", ""),
        address.replace("cal_", "CAL_"),
        format!("{address}/"),
    ] {
        api.get(&wrong).await.expect(404);
    }
    api.post(&address, &json!({})).await.expect(405);
}

async fn the_single_sign_on_makes_none(api: Api) {
    let city = issuer::City::new(api).await;
    let editor = city.by(json!({}));
    let refused = editor.post("/calendars", &json!({"name": "일정"})).await;
    assert_eq!(refused.expect(403).body["code"], "forbidden");
    let none = editor.read("/calendars?with_total=true").await;
    assert_eq!(none.body["total"], 0);
}

async fn guesses_are_limited(api: Api) {
    let (_, address) = calendar(&api).await;
    let api = api.with(None).edged(&["--rate-limit-failures", "3"]).await;
    let guesser = api.from("192.0.2.1");
    for n in 0..3 {
        let guess = format!("/api/v1/calendar-feeds/cal_{n:064}.ics");
        guesser.get(&guess).await.expect(404);
    }
    guesser.get(&address).await.expect(429);
    // Public records are still served to this address, and the calendar to others.
    guesser.read("/agreements").await;
    api.from("192.0.2.2").read(&address).await;
}

async fn no_address_is_kept(api: Api) {
    let (id, address) = calendar(&api).await;
    let key = &address[address.find("cal_").unwrap()..address.len() - 4];
    api.act(&format!("/calendars/{id}/revocation"), &json!({}))
        .await;
    for path in ["/calendars", &format!("/calendars/{id}"), "/changes"] {
        let shown = api.read(path).await;
        assert!(shown.text.contains(&id), "{path}");
        assert!(!shown.text.contains(key), "{path}");
    }
    // The log omits even the digest, and only admins of all municipalities see the change.
    let changes = api.read("/changes?types=calendar").await;
    assert_eq!(changes.items().len(), 2);
    assert!(!changes.text.contains("hash"), "{}", changes.text);
    let viewer = json!({"name": "열람", "role": "viewer", "all_municipalities": true});
    let viewer = api.caller(viewer).await;
    for caller in [viewer, api.with(None)] {
        let told = caller.read("/changes?types=calendar").await;
        assert_eq!(told.body["items"], json!([]));
    }
    assert_eq!(wrong(&api), None);
}
