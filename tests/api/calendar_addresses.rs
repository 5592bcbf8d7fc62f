//! The addresses at which calendars are read.

use serde_json::{Value, json};

use crate::audit::wrong;
use crate::calendars::{events, property};
use crate::harness::Api;
use crate::issuer;

on_both!(new: it_is_read_as_its_token, it_ends_with_its_token, each_keeps_its_own, what_is_wrong_is_named,
    the_single_sign_on_makes_none, guesses_are_limited, no_address_is_kept);

async fn token(api: &Api, new: Value) -> (String, Api) {
    let made = api.post("/tokens", &new).await.expect(201);
    let id = made.id().to_owned();
    (id, api.with(made.body["token"].as_str()))
}

/// A municipality with a meeting for each to see.
struct City {
    id: String,
    partner: String,
}

impl City {
    async fn new(api: &Api) -> Self {
        let id = api.municipality().await;
        let partner = api.organization("협약 기업").await;
        for visibility in ["public", "partners", "internal"] {
            let new = json!({"municipality_id": id, "kind": "mou", "title": {"ko": visibility}, "status": "signed",
                "signed_on": {"edtf": "2022-03-01"}, "visibility": visibility,
                "parties": [{"organization_id": id}, {"organization_id": partner}]});
            api.post("/agreements", &new).await.expect(201);
        }
        Self { id, partner }
    }
}

async fn calendar(api: &Api) -> (String, String) {
    let made = api.post("/calendars", &json!({"name": "일정"})).await;
    let made = made.expect(201);
    let address = made.body["address"].as_str().unwrap().to_owned();
    (made.id().to_owned(), address)
}

async fn it_is_read_as_its_token(api: Api) {
    let city = City::new(&api).await;
    let viewer = json!({"name": "열람", "role": "viewer", "municipality_ids": [city.id]});
    let partner = json!({"name": "협력", "role": "partner", "organization_id": city.partner});
    let (_, viewer) = token(&api, viewer).await;
    let (_, partner) = token(&api, partner).await;
    for (caller, seen) in [(&viewer, 3), (&partner, 2)] {
        let (_, address) = calendar(caller).await;
        // A client that sends nothing reads it, also where nobody is served without a token.
        let mut closed = api.with(None);
        closed.state.anonymous_served = false;
        for reader in [api.with(None), closed.served().await] {
            let read = reader.get(&address).await.expect(200);
            assert_eq!(events(&read).len(), seen, "{}", read.text);
            assert_eq!(read.headers["cache-control"], "private, no-cache");
            assert_eq!(read.headers["referrer-policy"], "no-referrer");
            assert_eq!(property(&read, "X-WR-CALNAME"), "일정");
            let known = [("if-none-match", read.etag())];
            reader.send("GET", &address, &known, None).await.expect(304);
            reader.get(&format!("{address}?lang=ko")).await.expect(400);
        }
        // Another token beside it changes nothing.
        let read = api.get(&address).await.expect(200);
        assert_eq!(events(&read).len(), seen);
        // It is no key to anything else.
        let key = address.rsplit('/').next().unwrap().trim_end_matches(".ics");
        api.with(Some(key)).get("/agreements").await.expect(401);
    }
    // It has its own filters, language and name.
    let own = json!({"name": "a, b;\nc", "lang": "en", "types": ["signing"], "municipality_id": city.id,
        "from": "2022-03-02", "status": ["met"], "kinds": ["mou"]});
    let made = viewer.post("/calendars", &own).await.expect(201);
    let address = made.body["address"].as_str().unwrap();
    let read = api.with(None).get(address).await.expect(200);
    assert_eq!(read.headers["content-language"], "en");
    assert_eq!(property(&read, "NAME"), "a\\, b\\;\\nc");
    assert!(events(&read).is_empty() && read.text.contains("BEGIN:VTIMEZONE"));
}

async fn it_ends_with_its_token(api: Api) {
    let city = City::new(&api).await;
    let new = json!({"name": "열람", "role": "viewer", "municipality_ids": [city.id], "expires_at": "2026-11-24T00:00:00Z"});
    let (id, viewer) = token(&api, new).await;
    let (revoked, first) = calendar(&viewer).await;
    let (entry, second) = calendar(&viewer).await;
    let read = async |address: &str| api.with(None).get(address).await.status.as_u16();
    assert_eq!((read(&first).await, read(&second).await), (200, 200));
    let path = format!("/calendars/{revoked}/revocation");
    let gone = viewer.post(&path, &json!({})).await.expect(200);
    assert_eq!(gone.body["active"], false);
    let again = viewer.post(&path, &json!({})).await.expect(200);
    assert_eq!(again.body["revoked_at"], gone.body["revoked_at"]);
    assert_eq!((read(&first).await, read(&second).await), (404, 200));
    // On the day on which the token expires it does, too.
    let later = api.at("2026-11-24T00:00:00Z").await.with(None);
    let expired = later.get(&second).await.expect(404);
    let unknown = format!("/api/v1/calendar-feeds/cal_{}.ics", "0".repeat(64));
    let unknown = later.get(&unknown).await.expect(404);
    assert_eq!(expired.body["detail"], unknown.body["detail"]);
    api.post(&format!("/tokens/{id}/revocation"), &json!({}))
        .await
        .expect(200);
    assert_eq!(read(&second).await, 404);
    let kept = api.get(&format!("/calendars/{entry}")).await.expect(200);
    assert_eq!(
        (&kept.body["active"], &kept.body["revoked_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(wrong(&api), None);
}

async fn each_keeps_its_own(api: Api) {
    let city = City::new(&api).await;
    let new = |role: &str| json!({"name": role, "role": role, "municipality_ids": [city.id]});
    let (_, viewer) = token(&api, new("viewer")).await;
    let (_, local) = token(&api, new("admin")).await;
    let (id, address) = calendar(&viewer).await;
    let entry = format!("/calendars/{id}");
    assert_eq!(viewer.find("/calendars").await, id);
    // An admin of some municipalities keeps its own alone, one of all those of all.
    for other in [&local, &api.with(None)] {
        let status = if other.token().is_some() { 404 } else { 401 };
        other.get(&entry).await.expect(status);
        let path = format!("{entry}/revocation");
        other.post(&path, &json!({})).await.expect(status);
    }
    let none = local.get("/calendars?with_total=true").await.expect(200);
    assert_eq!(none.body["total"], 0);
    let seen = api.get(&entry).await.expect(200);
    assert_eq!(seen.body["token"]["name"], "viewer");
    assert_eq!(seen.body["last_used_at"], Value::Null);
    // That it was read is noted once an hour.
    api.with(None).get(&address).await.expect(200);
    let mut noted = Value::Null;
    for _ in 0..100 {
        noted = api.get(&entry).await.body["last_used_at"].clone();
        if !noted.is_null() {
            break;
        }
        actix_web::rt::task::yield_now().await;
    }
    assert_eq!(noted, "2026-11-23T03:00:00Z");
    api.post(&format!("{entry}/revocation"), &json!({}))
        .await
        .expect(200);
    assert_eq!(viewer.find("/calendars?active=false&sort=id").await, id);
    api.with(None).get(&address).await.expect(404);
    // A key would bring an address back; there are so many and no more, the revoked one included.
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
        .post("/calendars", &json!({"name": "일정"}))
        .await
        .expect(201);
    api.post("/calendars", &json!({"name": "일정"}))
        .await
        .expect(201);
}

async fn what_is_wrong_is_named(api: Api) {
    let city = City::new(&api).await;
    let hidden = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "내부"}, "visibility": "internal"});
    let hidden = api.post("/projects", &hidden).await.expect(201);
    let partner = json!({"name": "협력", "role": "partner", "organization_id": city.partner});
    let (_, partner) = token(&api, partner).await;
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
    api.post("/calendars", &own).await.expect(201);
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
    let none = editor.get("/calendars?with_total=true").await.expect(200);
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
    // From there the public is served all the same, and from elsewhere the calendar.
    guesser.get("/agreements").await.expect(200);
    api.from("192.0.2.2").get(&address).await.expect(200);
}

async fn no_address_is_kept(api: Api) {
    let (id, address) = calendar(&api).await;
    let key = &address[address.find("cal_").unwrap()..address.len() - 4];
    api.post(&format!("/calendars/{id}/revocation"), &json!({}))
        .await
        .expect(200);
    for path in ["/calendars", &format!("/calendars/{id}"), "/changes"] {
        let shown = api.get(path).await.expect(200);
        assert!(shown.text.contains(&id), "{path}");
        assert!(!shown.text.contains(key), "{path}");
    }
    // Not even its digest is told, and nothing at all to others than admins of all municipalities.
    let changes = api.get("/changes?types=calendar").await.expect(200);
    assert_eq!(changes.body["items"].as_array().unwrap().len(), 2);
    assert!(!changes.text.contains("hash"), "{}", changes.text);
    let viewer = json!({"name": "열람", "role": "viewer", "all_municipalities": true});
    let (_, viewer) = token(&api, viewer).await;
    for caller in [viewer, api.with(None)] {
        let told = caller.get("/changes?types=calendar").await.expect(200);
        assert_eq!(told.body["items"], json!([]));
    }
    assert_eq!(wrong(&api), None);
}
