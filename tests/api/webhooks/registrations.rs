//! Registration of webhooks: ownership, filters and allowed URLs.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::issuer::City;
use crate::support::queries::{answered, watched};
use crate::support::receiver::{
    Receiver, deliveries, dispatcher, execute, first_is, outbound, sending, until, webhook,
};
use crate::support::records::with;

on_both!(new:
    each_keeps_its_own, a_secret_is_shown_once, a_secret_is_changed_at_leisure,
    only_the_internet_is_sent_to, what_is_wrong_is_named, the_single_sign_on_makes_none,
    changes_of_webhooks_are_logged);
tests!(async: no_query_per_row);

async fn each_keeps_its_own(api: Api) {
    let city = api.municipality().await;
    let editor = json!({"name": "편집", "role": "editor", "municipality_ids": [city]});
    let editor = api.caller(editor).await;
    let admin = json!({"name": "시 관리자", "role": "admin", "municipality_ids": [city]});
    let admin = api.caller(admin).await;
    let new =
        json!({"name": "현황판", "url": "https://hooks.example.com/a", "municipality_id": city});
    let made = editor.create("/webhooks", &new).await;
    let path = format!("/webhooks/{}", made.id());
    assert_eq!(made.headers["location"], format!("/api/v1{path}"));
    assert_eq!(made.body["token_name"], "편집");
    // It does not exist for other tokens, except for admins of all municipalities.
    for stranger in [&admin] {
        let list = stranger.read("/webhooks").await;
        assert_eq!(list.body["items"], json!([]));
        stranger.get(&path).await.expect(404);
        let none = json!({"name": "x"});
        stranger.patch(&path, "*", &none).await.expect(404);
        stranger.delete(&path, "*").await.expect(404);
        for part in ["/secret", "/test"] {
            let part = format!("{path}{part}");
            stranger.post(&part, &json!({})).await.expect(404);
        }
        stranger
            .get(&format!("{path}/deliveries"))
            .await
            .expect(404);
    }
    assert_eq!(api.find("/webhooks").await, made.id());
    let etag = editor.read(&path).await.etag().to_owned();
    let patch = json!({"name": "새 현황판", "record_types": ["agreement"]});
    let changed = editor.update(&path, &etag, &patch).await;
    assert_eq!(changed.body["version"], 2);
    assert_eq!(changed.body["url"], new["url"]);
    editor.patch(&path, &etag, &patch).await.expect(412);
    let all = api.update(&path, "*", &json!({"record_types": null})).await;
    assert_eq!(all.body["record_types"], Value::Null);
    // Two pages, newest first.
    let second = editor.create("/webhooks", &new).await;
    let page = editor.read("/webhooks?limit=1&with_total=true").await;
    assert_eq!(page.body["items"][0]["id"], second.id());
    assert_eq!(page.body["total"], 2);
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let rest = format!("/webhooks?limit=1&cursor={cursor}");
    assert_eq!(editor.find(&rest).await, made.id());
    // The limit is twenty.
    for _ in 2..20 {
        editor.create("/webhooks", &new).await;
    }
    editor.post("/webhooks", &new).await.expect(409);
    editor.delete(&path, "*").await.expect(204);
    editor.get(&path).await.expect(404);
    editor.create("/webhooks", &new).await;
}

async fn a_secret_is_shown_once(api: Api) {
    let new = json!({"name": "w", "url": "https://hooks.example.com/"}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let made = api
        .send("POST", "/webhooks", &headers, Some(new.into()))
        .await;
    let made = made.expect(201);
    let path = format!("/webhooks/{}", made.id());
    let key = [("idempotency-key", "k")];
    let rotated = api
        .send("POST", &format!("{path}/secret"), &key, None)
        .await;
    let rotated = rotated.expect(200);
    let secrets = [&made, &rotated].map(|answer| answer.body["secret"].as_str().unwrap());
    assert!(
        secrets
            .iter()
            .all(|s| s.starts_with("whsec_") && s.len() == 50)
    );
    assert_ne!(secrets[0], secrets[1]);
    let shown = [
        "/webhooks",
        &path,
        "/changes?types=webhook&limit=500",
        "/tokens",
    ];
    for read in shown {
        let text = api.read(read).await.text;
        assert!(secrets.iter().all(|s| !text.contains(&s[6..])), "{read}");
    }
    for (table, column) in [
        ("changes", "entry"),
        ("idempotency_keys", "body"),
        ("webhooks", "doc"),
    ] {
        for secret in secrets {
            let set = format!(
                "DELETE FROM webhooks WHERE EXISTS (SELECT 1 FROM {table} AS x WHERE x.{column} LIKE '%{}%')",
                &secret[6..]
            );
            assert_eq!(execute(&api, &set), 0, "{table}");
        }
    }
}

async fn a_secret_is_changed_at_leisure(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::willing();
    let made = webhook(&api, &receiver, json!({"record_types": ["meeting"]})).await;
    let old = made.body["secret"].as_str().unwrap();
    let path = format!("/webhooks/{}", made.id());
    let rotate = format!("{path}/secret");
    let rotated = api.act(&rotate, &json!({})).await;
    let new = rotated.body["secret"].as_str().unwrap();
    let until: chrono::DateTime<chrono::Utc> =
        serde_json::from_value(rotated.body["previous_until"].clone()).unwrap();
    let left = until - chrono::Utc::now();
    assert!((1430..=1440).contains(&left.num_minutes()), "{left}");
    let at_work = dispatcher(&api, 1.0);
    let test = format!("{path}/test");
    api.act(&test, &json!({})).await;
    let both = receiver.wait(1).await.remove(0);
    assert!(both.verify(old) && both.verify(new));
    assert_eq!(both.headers["webhook-signature"].split(' ').count(), 2);
    // Each earlier secret signs for its own day.
    let again = api.act(&rotate, &json!({})).await;
    let newest = again.body["secret"].as_str().unwrap();
    api.act(&test, &json!({})).await;
    let all = receiver.wait(2).await.remove(1);
    assert!([old, new, newest].iter().all(|secret| all.verify(secret)));
    let past = json!([{"secret": old, "until": "2020-01-01T00:00:00"}, {"secret": new, "until": "2999-01-01T00:00:00"}]);
    execute(
        &api,
        &format!("UPDATE webhooks SET earlier_secrets = '{past}'"),
    );
    api.act(&test, &json!({})).await;
    let last = receiver.wait(3).await.remove(2);
    assert!(!last.verify(old) && last.verify(new) && last.verify(newest));
    at_work.stop().await;
}

async fn only_the_internet_is_sent_to(api: Api) {
    let mut api = sending(api).await;
    let receiver = Receiver::willing();
    // The URL looks public by its name.
    api.state.outbound = outbound(&[]);
    let api = api.served().await;
    let url = receiver.url().replace("127.0.0.1", "localhost");
    let new = json!({"name": "w", "url": url});
    let made = api.create("/webhooks", &new).await;
    let at_work = dispatcher(&api, 1.0);
    let test = format!("/webhooks/{}/test", made.id());
    api.act(&test, &json!({})).await;
    let tried = until("it is tried", async || {
        let first = deliveries(&api, made.id()).await.remove(0);
        first["attempts"][0].is_object().then_some(first)
    })
    .await;
    assert_eq!(tried["attempts"][0]["error"], "forbidden_address");
    assert_eq!(tried["state"], "pending");
    assert_eq!(receiver.got().len(), 0);
    at_work.stop().await;
    // Once the address is allowed, redelivery works.
    let mut open = api.clone();
    open.state.outbound = outbound(&["127.0.0.0/8"]);
    let at_work = dispatcher(&open, 1.0);
    let again = tried["id"].as_str().unwrap();
    let again = format!("/webhooks/{}/deliveries/{again}/redeliver", made.id());
    api.act(&again, &json!({})).await;
    receiver.wait(1).await;
    first_is(&api, made.id(), "delivered").await;
    at_work.stop().await;
}

async fn what_is_wrong_is_named(api: Api) {
    let organization = api.organization("가").await;
    let refused = async |change: Value| {
        let new = with(
            json!({"name": "w", "url": "https://hooks.example.com/"}),
            change,
        );
        let refused = api.post("/webhooks", &new).await.expect(422);
        let errors = refused.body["errors"].as_array().unwrap().iter();
        let errors = errors.map(|e| {
            format!(
                "{} {}",
                e["pointer"].as_str().unwrap(),
                e["code"].as_str().unwrap()
            )
        });
        errors.collect::<Vec<_>>()
    };
    for (url, code) in [
        ("http://hooks.example.com/", "not_https"),
        ("https://a:b@hooks.example.com/", "user_info"),
        ("https://hooks.example.com/#a", "fragment"),
        ("https://10.0.0.1/", "forbidden_address"),
        ("https://0x7f.1/", "forbidden_address"),
        ("https://2130706433/", "forbidden_address"),
        ("https://[::ffff:127.0.0.1]/", "forbidden_address"),
        ("https://[fe80::1]/", "forbidden_address"),
        (
            "https://169.254.169.254/latest/meta-data",
            "forbidden_address",
        ),
        ("gopher://hooks.example.com/", "format_uri"),
        ("hooks.example.com", "format_uri"),
        ("https://hooks.example.com/a b", "format_uri"),
    ] {
        assert_eq!(
            refused(json!({"url": url})).await,
            [format!("/url {code}")],
            "{url}"
        );
    }
    let several = json!({"url": "https://127.0.0.1/", "municipality_id": organization});
    assert_eq!(
        refused(several).await,
        [
            "/url forbidden_address",
            "/municipality_id not_a_municipality"
        ]
    );
    let wrong = json!({"name": " ", "record_types": ["key"]});
    let mut wrong = refused(wrong).await;
    wrong.sort();
    assert_eq!(wrong, ["/name blank", "/record_types/0 enum"]);
    let nothing = json!({"record_types": []});
    assert_eq!(refused(nothing).await, ["/record_types min_items"]);
    let new = json!({"name": "w", "url": "https://hooks.example.com/"});
    let made = api.create("/webhooks", &new).await;
    let path = format!("/webhooks/{}", made.id());
    let url = json!({"url": "https://127.0.0.1/"});
    let refused = api.patch(&path, "*", &url).await.expect(422);
    assert_eq!(refused.places(), ["/url"]);
}

async fn the_single_sign_on_makes_none(api: Api) {
    let city = City::new(api).await;
    let editor = city.by(json!({}));
    let new = json!({"name": "w", "url": "https://hooks.example.com/"});
    let refused = editor.post("/webhooks", &new).await.expect(403);
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("토큰이 필요합니다"), "{detail}");
    let list = editor.read("/webhooks").await;
    assert_eq!(list.body["items"], json!([]));
    city.api
        .with(None)
        .post("/webhooks", &new)
        .await
        .expect(401);
    city.api.with(None).get("/webhooks").await.expect(401);
}

async fn changes_of_webhooks_are_logged(api: Api) {
    let city = api.municipality().await;
    let viewer = json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let viewer = api.caller(viewer).await;
    let new = json!({"name": "w", "url": "https://hooks.example.com/"});
    let made = viewer.create("/webhooks", &new).await;
    let path = format!("/webhooks/{}", made.id());
    viewer.update(&path, "*", &json!({"name": "x"})).await;
    let secret = format!("{path}/secret");
    viewer.act(&secret, &json!({})).await;
    viewer.delete(&path, "*").await.expect(204);
    let logged = api.read("/changes?types=webhook").await.body;
    let logged = logged["items"].as_array().unwrap();
    let told = logged.iter().map(|c| {
        (
            c["operation"].as_str().unwrap(),
            c["version"].as_i64().unwrap(),
        )
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("create_webhook", 1),
            ("update_webhook", 2),
            ("rotate_webhook_secret", 3),
            ("delete_webhook", 4),
        ]
    );
    assert!(
        logged
            .iter()
            .all(|c| c["record_id"] == made.id() && c["actor"]["name"] == "v")
    );
    // Other tokens do not see the changes.
    let theirs = viewer.read("/changes?types=webhook").await;
    assert_eq!(theirs.body["items"], json!([]));
    viewer.create("/webhooks", &new).await;
    let mut conn = mou_registry::db::dialect::connect(&api.url).unwrap();
    mou_registry::changes::verify::verify(&mut conn, chrono_tz::Asia::Seoul, None).unwrap();
}

async fn no_query_per_row() {
    let api = watched(crate::support::Backend::Sqlite).await;
    let new = json!({"name": "w", "url": "https://hooks.example.com/"});
    let made = api.create("/webhooks", &new).await;
    let test = format!("/webhooks/{}/test", made.id());
    let lists = [
        "/webhooks".into(),
        format!("/webhooks/{}/deliveries", made.id()),
    ];
    let mut counts = Vec::new();
    for round in 0..2 {
        for _ in 0..=round * 5 {
            api.create("/webhooks", &new).await;
            api.act(&test, &json!({})).await;
        }
        for list in &lists {
            let (answer, queries) = answered(&api, list, &[]).await;
            answer.expect(200);
            counts.push(queries.len());
        }
    }
    assert_eq!(counts[..2], counts[2..]);
}
