//! Sending to webhooks: signed, at least once, and in order for each record.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mou_registry::http::contract;
use serde_json::{Value, json};

use crate::support::receiver::{
    PATIENCE, Receiver, Reply, all_sent, deliveries, dispatcher, dispatcher_of, elsewhere, execute,
    first_is, sending, until, webhook,
};
use crate::support::spec::resolved;
use crate::support::{Api, SPEC};

on_both!(new:
    changes_arrive_signed, what_fails_is_sent_again, only_the_same_record_waits,
    it_is_switched_off_and_goes_on, gone_is_gone, the_next_process_goes_on, two_servers_send_once,
    answers_are_bounded, a_webhook_can_be_tried_out, what_is_old_is_cleared);

/// Changes an organization's name.
async fn rename(api: &Api, id: &str, name: &str) {
    let patch = json!({"name": {"ko": name}});
    let path = format!("/organizations/{id}");
    api.update(&path, "*", &patch).await;
}

async fn changes_arrive_signed(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::willing();
    api.organization("앞").await;
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let secret = made.body["secret"].as_str().unwrap();
    let at_work = dispatcher(&api, 1.0);
    let id = api.organization("가").await;
    rename(&api, &id, "나").await;
    let path = format!("/organizations/{id}");
    api.delete(&path, "*").await.expect(204);
    let got = receiver.wait(3).await;
    let listed = api.get("/changes?types=organization&after=0").await.body;
    let listed = &listed["items"].as_array().unwrap()[1..];
    let request = &resolved(&SPEC["webhooks"]["change"])["post"]["requestBody"];
    let mut schema = request["content"]["application/json"]["schema"].clone();
    schema["components"] = SPEC["components"].clone();
    let schema = contract::compile(&schema).unwrap();
    for ((got, change), type_) in got
        .iter()
        .zip(listed)
        .zip(["recorded", "changed", "removed"])
    {
        assert!(got.verify(secret), "{got:?}");
        assert!(schema.is_valid(&got.body), "{got:?}");
        assert_eq!(got.body["type"], format!("organization.{type_}"));
        assert_eq!(&got.body["data"], change);
        assert_eq!(got.body["timestamp"], change["recorded_at"]);
        assert_eq!(got.headers["content-type"], "application/json");
        let agent = concat!("mou-registry/", env!("CARGO_PKG_VERSION"));
        assert_eq!(got.headers["user-agent"], agent);
    }
    let webhook = all_sent(&api, made.id()).await;
    assert_eq!(webhook["state"], "active");
    assert_eq!(webhook["failing_since"], Value::Null);
    assert!(webhook["last_success_at"].is_string());
    let log = deliveries(&api, made.id()).await;
    assert_eq!(log.len(), 3);
    for (delivery, got) in log.iter().zip(&got) {
        assert_eq!(delivery["id"], got.id());
        assert_eq!(delivery["seq"], got.body["data"]["seq"]);
        assert_eq!(delivery["state"], "delivered");
        assert_eq!(delivery["next_attempt_at"], Value::Null);
        assert_eq!(delivery["attempts"][0]["status"], 204);
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1);
    }
    at_work.stop().await;
    api.organization("뒤").await;
    assert_eq!(receiver.got().len(), 3);
}

async fn what_fails_is_sent_again(api: Api) {
    let api = sending(api).await;
    let elsewhere = Receiver::willing();
    let to = elsewhere.url();
    let mut replies = vec![
        Reply::Status(200),
        Reply::Raw(format!(
            "HTTP/1.1 302 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
        )),
        Reply::Raw(format!(
            "HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
        )),
        Reply::Nothing,
        Reply::Slowly("HTTP/1.1 200 X\r\nx: ", PATIENCE * 2),
        Reply::Raw("HTTP/1.1 500 X\r\ncontent-length: 10\r\n\r\n 어렵다".into()),
    ];
    let receiver = Receiver::new(move |_| replies.pop().unwrap());
    let made = webhook(&api, &receiver, json!({})).await;
    let secret = made.body["secret"].as_str().unwrap();
    let at_work = dispatcher(&api, 1e-5);
    api.organization("가").await;
    let got = receiver.wait(6).await;
    let delivery = first_is(&api, made.id(), "delivered").await;
    assert!(
        got.iter()
            .all(|g| g.id() == delivery["id"] && g.verify(secret))
    );
    let attempts = delivery["attempts"].as_array().unwrap();
    let what = attempts
        .iter()
        .map(|a| (a["status"].as_u64(), a["error"].as_str()));
    assert_eq!(
        what.collect::<Vec<_>>(),
        [
            (Some(500), None),
            (None, Some("timeout")),
            (None, Some("connection")),
            (Some(307), None),
            (Some(302), None),
            (Some(200), None),
        ]
    );
    assert_eq!(attempts[0]["excerpt"], "어렵다");
    let duration = u128::from(attempts[1]["duration_ms"].as_u64().unwrap());
    assert!(duration >= PATIENCE.as_millis() - 100, "{duration}");
    assert_eq!(elsewhere.got().len(), 0, "a redirect is not followed");
    // Nothing listens on that port.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let path = format!("/webhooks/{}", made.id());
    api.update(&path, "*", &json!({"url": url})).await;
    api.organization("나").await;
    let path = format!("/webhooks/{}/deliveries?state=pending", made.id());
    until("it is refused", async || {
        let list = api.read(&path).await.body;
        (list["items"][0]["attempts"][0]["error"] == "connection").then_some(())
    })
    .await;
    at_work.stop().await;
}

async fn only_the_same_record_waits(api: Api) {
    let api = sending(api).await;
    let poison = api.organization("독").await;
    let other = api.organization("가").await;
    let bad = poison.clone();
    let receiver = Receiver::new(move |got| {
        let data = &got.body["data"];
        let fails = data["record_id"] == *bad && data["version"] == 2;
        Reply::Status(if fails { 500 } else { 200 })
    });
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let at_work = dispatcher(&api, 1e-5);
    rename(&api, &poison, "독 2").await;
    receiver.wait(1).await;
    rename(&api, &poison, "독 3").await;
    let versions = |of: &str| {
        let got = receiver
            .got()
            .into_iter()
            .map(|got| got.body["data"].clone());
        let of = got.filter(|data| data["record_id"] == *of);
        of.map(|data| data["version"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    // Changes of the other record are sent meanwhile, until the first is given up after ten
    // attempts.
    let mut n = 2;
    until("it is given up", async || {
        rename(&api, &other, &format!("가 {n}")).await;
        until("the other arrives", async || {
            versions(&other).contains(&n).then_some(())
        })
        .await;
        n += 1;
        let first = deliveries(&api, made.id()).await.remove(0);
        (first["state"] == "failed").then_some(())
    })
    .await;
    let shown = all_sent(&api, made.id()).await;
    assert_eq!(shown["state"], "active");
    assert_eq!(versions(&poison), [&[2; 10][..], &[3]].concat());
    assert_eq!(versions(&other), (2..n).collect::<Vec<_>>());
    // A delivery that was given up can be sent again, with the same id.
    receiver.now(|_| Reply::Status(200));
    let failed = format!("/webhooks/{}/deliveries?state=failed", made.id());
    let first = api.find(&failed).await;
    let again = format!("/webhooks/{}/deliveries/{first}/redeliver", made.id());
    let key = [("idempotency-key", "once")];
    for _ in 0..2 {
        api.send("POST", &again, &key, None).await.expect(200);
        first_is(&api, made.id(), "delivered").await;
    }
    assert_eq!(versions(&poison).last(), Some(&2));
    assert_eq!(versions(&poison).len(), 12, "a key sends once");
    assert_eq!(receiver.got().last().unwrap().id(), first);
    at_work.stop().await;
}

async fn it_is_switched_off_and_goes_on(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::new(|_| Reply::Status(503));
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let path = format!("/webhooks/{}", made.id());
    let at_work = dispatcher(&api, 1e-6);
    let id = api.organization("가").await;
    rename(&api, &id, "나").await;
    let off = until("it is off", async || {
        let shown = api.read(&path).await.body;
        (shown["state"] == "off").then_some(shown)
    })
    .await;
    assert_eq!(
        (&off["enabled"], &off["version"]),
        (&json!(false), &json!(2))
    );
    assert!(off["off_since"].is_string() && off["failing_since"].is_string());
    let reason = &off["off_reason"];
    let begin = format!(
        "Nothing has arrived since {}",
        &off["failing_since"].as_str().unwrap()[..19]
    );
    assert!(
        reason["en"].as_str().unwrap().starts_with(&begin),
        "{reason}"
    );
    assert!(
        reason["ko"].as_str().unwrap().contains("HTTP 503"),
        "{reason}"
    );
    let logged = api.get("/changes?types=webhook").await.body["items"][1].clone();
    assert_eq!(
        logged["actor"],
        json!({"token_id": null, "name": "mou-registry"})
    );
    let tried = receiver.got().len();
    // Meanwhile nothing is sent, and redelivery is refused.
    rename(&api, &id, "다").await;
    let test = format!("{path}/test");
    api.post(&test, &json!({})).await.expect(409);
    let first = deliveries(&api, made.id()).await[0]["id"].clone();
    let again = format!("{path}/deliveries/{}/redeliver", first.as_str().unwrap());
    api.post(&again, &json!({})).await.expect(409);
    assert_eq!(api.find("/webhooks?state=off").await, made.id());
    assert_eq!(receiver.got().len(), tried);
    // Enabled again, it continues with the pending deliveries in order.
    receiver.now(|_| Reply::Status(200));
    let on = api.update(&path, "*", &json!({"enabled": true})).await;
    assert_eq!(on.body["off_reason"], Value::Null);
    let got = receiver.wait(tried + 3).await;
    let got = got[tried..]
        .iter()
        .map(|got| got.body["data"]["version"].clone());
    assert_eq!(got.collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(all_sent(&api, made.id()).await["state"], "active");
    // It can be disabled by request, too.
    let off = api.update(&path, "*", &json!({"enabled": false})).await;
    assert_eq!(
        off.body["off_reason"]["en"],
        "It was switched off by tests."
    );
    at_work.stop().await;
}

async fn gone_is_gone(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::new(|_| Reply::Status(410));
    let made = webhook(&api, &receiver, json!({})).await;
    let at_work = dispatcher(&api, 1.0);
    api.organization("가").await;
    let path = format!("/webhooks/{}", made.id());
    let off = until("it is off", async || {
        let shown = api.read(&path).await.body;
        (shown["state"] == "off").then_some(shown)
    })
    .await;
    assert_eq!(
        off["off_reason"]["en"],
        "The receiver answered that it is gone (410)."
    );
    assert_eq!(off["pending_count"], 1);
    assert_eq!(receiver.got().len(), 1);
    at_work.stop().await;
}

async fn the_next_process_goes_on(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::new(|_| Reply::Status(500));
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let at_work = dispatcher(&api, 1e-4);
    let id = api.organization("가").await;
    receiver.wait(1).await;
    // It stops with deliveries pending, and more is recorded before the next one starts.
    at_work.stop().await;
    rename(&api, &id, "나").await;
    receiver.now(|_| Reply::Status(200));
    // A killed server still holds the lease for a while.
    let lease = |by: &str, until: &str| {
        let set = format!("UPDATE webhooks SET leased_by = '{by}', leased_until = '{until}'");
        assert_eq!(execute(&api, &set), 1);
    };
    lease("killed", "2999-01-01 00:00:00");
    let before = receiver.got().len();
    let next = dispatcher_of(&elsewhere(&api), 1e-4);
    actix_web::rt::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(receiver.got().len(), before);
    lease("killed", "2000-01-01 00:00:00");
    all_sent(&api, made.id()).await;
    let got = receiver.got()[before..].to_vec();
    let versions = got.iter().map(|got| got.body["data"]["version"].clone());
    assert_eq!(versions.collect::<Vec<_>>(), [1, 2]);
    assert_eq!(got[0].id(), receiver.got()[0].id());
    next.stop().await;
}

async fn two_servers_send_once(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::willing();
    let mut made = Vec::new();
    for _ in 0..3 {
        let more = json!({"record_types": ["organization"]});
        made.push(webhook(&api, &receiver, more).await.id().to_owned());
    }
    let other = elsewhere(&api);
    let servers = [dispatcher(&api, 1.0), dispatcher_of(&other, 1.0)];
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(api.organization(&format!("기관 {n}")).await);
    }
    for id in &ids {
        rename(&api, id, "새 이름").await;
    }
    receiver.wait(60).await;
    for id in &made {
        all_sent(&api, id).await;
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for got in receiver.got() {
        *times.entry(got.id().to_owned()).or_default() += 1;
    }
    assert_eq!(times.len(), 60);
    assert!(times.values().all(|n| *n == 1), "each came once");
    for server in servers {
        server.stop().await;
    }
}

async fn answers_are_bounded(api: Api) {
    let api = sending(api).await;
    let huge = format!("HTTP/1.1 200 X\r\n\r\n{}", "가".repeat(5_000_000));
    let mut replies = vec![
        Reply::Slowly("HTTP/1.1 200 X\r\n\r\n", Duration::from_secs(20)),
        Reply::Slowly("HTTP/1.1 200 X\r\nx: ", Duration::from_secs(20)),
        Reply::Raw("SSH-2.0-OpenSSH_9.2\r\n".into()),
        Reply::Raw(huge),
    ];
    let receiver = Receiver::new(move |_| replies.pop().unwrap_or(Reply::Status(204)));
    let made = webhook(&api, &receiver, json!({"record_types": ["organization"]})).await;
    let began = Instant::now();
    let at_work = dispatcher(&api, 1e-5);
    api.organization("가").await;
    let first = first_is(&api, made.id(), "delivered").await;
    let excerpt = first["attempts"][0]["excerpt"].as_str().unwrap();
    assert_eq!(excerpt.chars().count(), 500);
    api.organization("나").await;
    receiver.wait(4).await;
    all_sent(&api, made.id()).await;
    // Each of the two slow answers takes as long as this by itself.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "nobody waits for long"
    );
    let second = deliveries(&api, made.id()).await.remove(1);
    let attempts = second["attempts"].as_array().unwrap();
    assert_eq!(attempts[0]["error"], "protocol");
    assert_eq!(attempts[1]["error"], "timeout");
    // An answer whose status came in time counts, even if its body did not.
    assert_eq!(attempts[2]["status"], 200);
    at_work.stop().await;
}

async fn a_webhook_can_be_tried_out(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::willing();
    let made = webhook(&api, &receiver, json!({"record_types": ["meeting"]})).await;
    let at_work = dispatcher(&api, 1.0);
    let test = format!("/webhooks/{}/test", made.id());
    let planned = api.act(&test, &json!({})).await;
    let got = receiver.wait(1).await.remove(0);
    assert!(got.verify(made.body["secret"].as_str().unwrap()));
    assert_eq!((got.id(), got.path.as_str()), (planned.id(), "/hook"));
    assert_eq!(got.body["type"], "webhook.test");
    assert_eq!(got.body["data"], json!({"webhook_id": made.id()}));
    let shown = first_is(&api, made.id(), "delivered").await;
    assert_eq!(
        (&shown["seq"], &shown["record_type"]),
        (&json!(null), &json!(null))
    );
    at_work.stop().await;
}

async fn what_is_old_is_cleared(api: Api) {
    let api = sending(api).await;
    let receiver = Receiver::willing();
    let made = webhook(&api, &receiver, json!({})).await;
    let at_work = dispatcher(&api, 1.0);
    for _ in 0..4 {
        let test = format!("/webhooks/{}/test", made.id());
        api.act(&test, &json!({})).await;
    }
    receiver.wait(4).await;
    all_sent(&api, made.id()).await;
    at_work.stop().await;
    let day = |days: i64| chrono::Utc::now().naive_utc() - chrono::TimeDelta::days(days);
    let ids = deliveries(&api, made.id()).await;
    let ages = [
        ("delivered", 31),
        ("delivered", 29),
        ("failed", 89),
        ("failed", 91),
    ];
    for (delivery, (state, days)) in ids.iter().zip(ages) {
        let set = format!(
            "UPDATE webhook_deliveries SET state = '{state}', finished_at = '{}' WHERE id = '{}'",
            day(days).format("%F %T%.6f"),
            delivery["id"].as_str().unwrap()
        );
        assert_eq!(execute(&api, &set), 1);
    }
    let at_work = dispatcher(&api, 1.0);
    let left = until("two are left", async || {
        Some(deliveries(&api, made.id()).await).filter(|left| left.len() == 2)
    });
    let left: Vec<Value> = left.await.iter().map(|d| d["id"].clone()).collect();
    assert_eq!(left, [ids[1]["id"].clone(), ids[2]["id"].clone()]);
    at_work.stop().await;
}
