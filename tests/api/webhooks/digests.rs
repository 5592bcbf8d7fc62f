//! The daily digest: created once as the day begins, with the records visible to its webhook's
//! token.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use mou_registry::http::contract;
use mou_registry::kernel::clock::Clock;
use serde_json::{Value, json};

use crate::support::receiver::{
    Got, Receiver, Reply, all_sent, deliveries, dispatcher, dispatcher_of, elsewhere, first_is,
    outbound, webhook,
};
use crate::support::records::{signed_mou, with};
use crate::support::spec::resolved;
use crate::support::{Api, SPEC};

on_both!(new:
    a_day_begins_at_its_midnight, two_servers_make_one, missed_days_are_made_up_for,
    one_that_begins_to_ask_waits_a_day, a_digest_tells_what_its_token_sees, a_digest_is_signed,
    what_was_taken_back_is_told_no_more, a_digest_is_of_a_municipality);

/// The registry as it sends to this machine, at an instant.
async fn at(api: &Api, zone: Tz, instant: &str) -> Api {
    let mut api = api.clone();
    api.state.clock = Clock::fixed(zone, instant.parse().unwrap());
    api.state.outbound = outbound(&["127.0.0.0/8"]);
    api.served().await
}

/// The registry at the beginning of a day in Seoul.
pub async fn midnight(api: &Api, day: &str) -> Api {
    let day: NaiveDate = day.parse().unwrap();
    let before = day.pred_opt().unwrap();
    at(api, chrono_tz::Asia::Seoul, &format!("{before}T15:00:00Z")).await
}

/// Creates a webhook for the digests of a city only. Returns its id.
pub async fn digests_of(api: &Api, city: &str, receiver: &Receiver) -> String {
    let more = json!({"record_types": [], "municipality_id": city, "daily_digest": true});
    webhook(api, receiver, more).await.id().to_owned()
}

/// Sends everything that is due.
pub async fn sent(api: &Api, webhook: &str) {
    // The test event is sent after the digests.
    let test = format!("/webhooks/{webhook}/test");
    let at_work = dispatcher(api, 1.0);
    let test = api.act(&test, &json!({})).await;
    first_is_sent(api, webhook, test.id()).await;
    all_sent(api, webhook).await;
    at_work.stop().await;
}

async fn first_is_sent(api: &Api, webhook: &str, delivery: &str) {
    crate::support::receiver::until("it is sent", async || {
        let all = deliveries(api, webhook).await;
        let found = all.into_iter().find(|d| d["id"] == *delivery)?;
        (found["state"] == "delivered").then_some(())
    })
    .await;
}

/// The digests received, in order.
pub fn digests(receiver: &Receiver) -> Vec<Value> {
    let got = receiver.got().into_iter();
    let digests = got.filter(|got| got.body["type"] == "digest.daily");
    digests.map(|got| got.body["data"].clone()).collect()
}

pub fn days(digests: &[Value]) -> Vec<&str> {
    let days = digests.iter().map(|digest| digest["day"].as_str().unwrap());
    days.collect()
}

/// The entries of a list of digests, each with its day.
pub fn told(digests: &[Value], list: &str) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for digest in digests {
        let items = digest[list]["items"].as_array().unwrap();
        assert_eq!(digest[list]["count"], items.len());
        for item in items {
            let text = |name: &str| item[name].as_str().unwrap().to_owned();
            let title = item["title"]["ko"].as_str().unwrap();
            let line = format!(
                "{} {} {} {title} {} {}",
                digest["day"].as_str().unwrap(),
                text("type"),
                text("kind"),
                text("status"),
                item["days_left"]
            );
            assert!(told.insert(line.clone()), "{line} is told twice");
        }
    }
    told
}

pub fn lines(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

async fn a_day_begins_at_its_midnight(api: Api) {
    use chrono_tz::{America, Asia, UTC};
    let city = api.municipality().await;
    for (zone, noon, before, midnight, day) in [
        (
            Asia::Seoul,
            "2026-11-23T03:00:00Z",
            "2026-11-23T14:59:59Z",
            "2026-11-23T15:00:00Z",
            "2026-11-24",
        ),
        (
            UTC,
            "2026-11-23T03:00:00Z",
            "2026-11-23T23:59:59Z",
            "2026-11-24T00:00:00Z",
            "2026-11-24",
        ),
        // A day that begins at one o'clock, and the day after one of 25 hours.
        (
            America::Sao_Paulo,
            "2018-11-03T12:00:00Z",
            "2018-11-04T02:59:59Z",
            "2018-11-04T03:00:00Z",
            "2018-11-04",
        ),
        (
            America::New_York,
            "2026-11-01T04:00:00Z",
            "2026-11-02T04:59:59Z",
            "2026-11-02T05:00:00Z",
            "2026-11-02",
        ),
    ] {
        let receiver = Receiver::willing();
        let id = digests_of(&at(&api, zone, noon).await, &city, &receiver).await;
        sent(&at(&api, zone, before).await, &id).await;
        assert_eq!(digests(&receiver), [json!(null); 0], "{before}");
        let now = at(&api, zone, midnight).await;
        sent(&now, &id).await;
        let made = digests(&receiver);
        assert_eq!(days(&made), [day], "{midnight}");
        assert_eq!(made[0]["time_zone"], zone.name());
        assert_eq!(made[0]["left_out_from"], json!(null));
        // Only once, also on later runs.
        sent(&now, &id).await;
        assert_eq!(digests(&receiver).len(), 1);
        let shown = api.read(&format!("/webhooks/{id}")).await;
        assert_eq!(shown.body["digested_until"], day);
    }
}

/// Records a project with milestones, given by title, target and outcomes.
pub async fn project(api: &Api, city: &str, milestones: &[(&str, &str, Value)]) -> Value {
    let milestones = milestones.iter().map(|(title, target, outcomes)| {
        json!({"kind": "completion", "title": {"ko": title}, "outcomes": outcomes,
            "forecasts": [{"target": {"edtf": target}, "stated_on": {"edtf": "2026-01-02"}}]})
    });
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "milestones": milestones.collect::<Vec<_>>()});
    api.create("/projects", &new).await.body
}

/// Records a signed agreement of the city with an organization.
pub async fn agreement(api: &Api, city: &str, party: &str, title: &str, more: Value) -> Value {
    let title = json!({"title": {"ko": title}});
    let new = signed_mou(&[city, party], "2026-11-01", with(title, more));
    api.create("/agreements", &new).await.body
}

async fn two_servers_make_one(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let receiver = Receiver::willing();
    let mut webhooks = Vec::new();
    for _ in 0..4 {
        webhooks.push(digests_of(&api, &city, &receiver).await);
    }
    let later = midnight(&api, "2026-11-29").await;
    let other = elsewhere(&later);
    let servers = [dispatcher(&later, 1.0), dispatcher_of(&other, 1.0)];
    receiver.wait(24).await;
    for id in &webhooks {
        sent(&later, id).await;
    }
    for server in servers {
        server.stop().await;
    }
    for id in &webhooks {
        let all = deliveries(&later, id).await;
        let made = all.iter().filter(|d| d["type"] == "digest.daily");
        let made: Vec<&str> = made.map(|d| d["id"].as_str().unwrap()).collect();
        let got = receiver.got();
        let mut of_these: Vec<&Got> = got.iter().filter(|got| made.contains(&got.id())).collect();
        of_these.sort_by_key(|got| made.iter().position(|id| *id == got.id()));
        let days = of_these.iter().map(|got| got.body["data"]["day"].as_str());
        let days: Vec<&str> = days.flatten().collect();
        let expected: Vec<String> = (24..=29).map(|n| format!("2026-11-{n}")).collect();
        assert_eq!(days, expected, "each is made and sent once");
    }
}

async fn missed_days_are_made_up_for(api: Api) {
    let api = midnight(&api, "2026-09-01").await;
    let city = api.municipality().await;
    project(&api, &city, &[("하루", "2026-11-22", json!([]))]).await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    let path = format!("/webhooks/{id}");
    sent(&midnight(&api, "2026-11-24").await, &id).await;
    let made = digests(&receiver);
    let first: NaiveDate = "2026-10-24".parse().unwrap();
    let expected = first.iter_days().take(32).map(|day| day.to_string());
    assert_eq!(days(&made), expected.collect::<Vec<_>>());
    assert_eq!(made[0]["left_out_from"], "2026-09-02");
    assert!(made[1..].iter().all(|d| d["left_out_from"].is_null()));
    // The digest of a missed day has the contents of its day.
    assert_eq!(
        told(&made, "fell_due"),
        lines(&[
            "2026-11-22 milestone completion 하루 due 0",
            "2026-11-23 milestone completion 하루 overdue -1",
        ])
    );
    // A webhook that was off catches up too.
    let off = midnight(&api, "2026-11-25").await;
    let change = json!({"enabled": false});
    off.update(&path, "*", &change).await;
    let on = midnight(&api, "2026-11-27").await;
    let at_work = dispatcher(&on, 1.0);
    let change = json!({"enabled": true});
    on.update(&path, "*", &change).await;
    receiver.wait(made.len() + 1 + 3).await;
    at_work.stop().await;
    let made = digests(&receiver);
    assert_eq!(
        days(&made)[32..],
        ["2026-11-25", "2026-11-26", "2026-11-27"]
    );
}

async fn one_that_begins_to_ask_waits_a_day(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let receiver = Receiver::willing();
    let only = json!({"record_types": ["meeting"], "municipality_id": city});
    let made = webhook(&api, &receiver, only).await;
    let shown = (&made.body["daily_digest"], &made.body["digested_until"]);
    assert_eq!(shown, (&json!(false), &json!(null)));
    let path = format!("/webhooks/{}", made.id());
    let later = midnight(&api, "2026-11-25").await;
    sent(&later, made.id()).await;
    for (change, until) in [
        (json!({"daily_digest": true}), json!("2026-11-25")),
        (json!({"name": "x"}), json!("2026-11-25")),
        (json!({"daily_digest": false}), json!(null)),
        (json!({"daily_digest": true}), json!("2026-11-25")),
    ] {
        let changed = later.update(&path, "*", &change).await;
        assert_eq!(changed.body["digested_until"], until, "{change}");
    }
    sent(&later, made.id()).await;
    assert_eq!(digests(&receiver), [json!(null); 0]);
    let next = midnight(&api, "2026-11-26").await;
    sent(&next, made.id()).await;
    assert_eq!(days(&digests(&receiver)), ["2026-11-26"]);
    // Only the requested types were received.
    let types: BTreeSet<String> = receiver
        .got()
        .iter()
        .map(|got| got.body["type"].to_string())
        .collect();
    assert_eq!(types, lines(&["\"digest.daily\"", "\"webhook.test\""]));
    // The log shows the subscription, not the digests.
    let logged = api.read("/changes?types=webhook").await.body;
    let operations = logged["items"].as_array().unwrap().iter();
    let operations: Vec<&str> = operations
        .map(|c| c["operation"].as_str().unwrap())
        .collect();
    assert_eq!(operations[0], "create_webhook");
    assert_eq!(operations[1..], ["update_webhook"; 4]);
    let mut conn = mou_registry::db::dialect::connect(&api.url).unwrap();
    mou_registry::changes::verify::verify(&mut conn, chrono_tz::Asia::Seoul, None).unwrap();
}

async fn a_digest_tells_what_its_token_sees(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let party = api.organization("협력 기업").await;
    for visibility in ["internal", "partners", "public"] {
        let more = json!({"visibility": visibility, "effective_until": {"edtf": "2026-11-24"}, "signed_on": {"edtf": "2024-11-23"},
            "commitments": [{"text": {"ko": visibility}, "due": {"edtf": "2026-11-24"}}]});
        agreement(&api, &city, &party, visibility, more).await;
        let theirs = json!({"visibility": visibility, "effective_until": {"edtf": "2026-11-24"}});
        agreement(&api, &other, &party, "다른 시", theirs).await;
    }
    let tokens = [
        json!({"name": "p", "role": "partner", "organization_id": party}),
        json!({"name": "v", "role": "viewer", "municipality_ids": [city]}),
        json!({"name": "o", "role": "viewer", "municipality_ids": [&other]}),
    ];
    let all = ["internal", "partners", "public"];
    for (token, expected) in tokens.iter().zip([&all[1..], &all, &all[2..]]) {
        let (token_id, holder) = api.new_token(token.clone()).await;
        let receiver = Receiver::willing();
        let id = digests_of(&holder, &city, &receiver).await;
        let next = midnight(&holder, "2026-11-24").await;
        sent(&next, &id).await;
        let made = digests(&receiver).remove(0);
        assert_eq!(made["municipality"]["id"], city);
        for list in ["expiring", "fell_due", "went_stale"] {
            let items = made[list]["items"].as_array().unwrap().iter();
            let mut titles: Vec<&str> = items.map(|i| i["title"]["ko"].as_str().unwrap()).collect();
            titles.sort_unstable();
            assert_eq!(titles, expected, "{list} of {token:?}");
        }
        // The digests end with the token.
        let revoke = format!("/tokens/{token_id}/revocation");
        api.act(&revoke, &json!({})).await;
        let last = midnight(&api, "2026-11-25").await;
        let own = digests_of(&midnight(&api, "2026-11-24").await, &city, &receiver).await;
        sent(&last, &own).await;
        let shown = last.read(&format!("/webhooks/{id}")).await;
        assert_eq!(shown.body["digested_until"], "2026-11-24");
        assert_eq!(digests(&receiver).len(), 2);
    }
}

async fn a_digest_is_signed(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    project(&api, &city, &[("하루", "2026-11-24", json!([]))]).await;
    let receiver = Receiver::willing();
    let more = json!({"record_types": [], "municipality_id": city, "daily_digest": true});
    let made = webhook(&api, &receiver, more).await;
    let next = midnight(&api, "2026-11-24").await;
    let at_work = dispatcher(&next, 1.0);
    let got = receiver.wait(1).await.remove(0);
    let delivery = first_is(&next, made.id(), "delivered").await;
    assert_eq!(
        (&delivery["type"], &delivery["seq"], &delivery["record_id"]),
        (&json!("digest.daily"), &json!(null), &json!(null))
    );
    assert_eq!(delivery["id"], got.id());
    // The library refuses to verify signatures of another day, so the signatures are compared.
    let library = standardwebhooks::Webhook::new(made.body["secret"].as_str().unwrap()).unwrap();
    let stamp = got.headers["webhook-timestamp"].parse().unwrap();
    let signature = library.sign(got.id(), stamp, got.text.as_bytes()).unwrap();
    assert_eq!(got.headers["webhook-signature"], signature);
    let request = &resolved(&SPEC["webhooks"]["digest"])["post"]["requestBody"]["content"]["application/json"];
    let mut schema = request["schema"].clone();
    schema["components"] = SPEC["components"].clone();
    let schema = contract::compile(&schema).unwrap();
    for body in [&got.body, &request["example"]] {
        let wrong: Vec<String> = schema.iter_errors(body).map(|e| e.to_string()).collect();
        assert_eq!(wrong, [""; 0], "{body}");
    }
    assert_eq!(got.body["timestamp"], "2026-11-23T15:00:00.000000Z");
    // A digest is redelivered unchanged while the token can see it.
    let list = format!("/projects?municipality_id={city}");
    let project = format!("/projects/{}", api.find(&list).await);
    let inner = json!({"visibility": "internal"});
    api.update(&project, "*", &inner).await;
    let again = format!("/webhooks/{}/deliveries/{}/redeliver", made.id(), got.id());
    next.act(&again, &json!({})).await;
    let twice = receiver.wait(2).await.remove(1);
    assert_eq!((twice.id(), &twice.text), (got.id(), &got.text));
    at_work.stop().await;
}

async fn what_was_taken_back_is_told_no_more(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let made = project(&api, &city, &[("하루", "2026-11-24", json!([]))]).await;
    let other = api.other_municipality().await;
    let holder = api.staff("viewer", &other).await;
    let receiver = Receiver::new(|_| Reply::Status(500));
    let id = digests_of(&holder, &city, &receiver).await;
    let next = midnight(&api, "2026-11-24").await;
    let at_work = dispatcher(&next, 0.01);
    let first = receiver.wait(1).await.remove(0);
    at_work.stop().await;
    assert_eq!(first.body["data"]["fell_due"]["count"], 1);
    let inner = json!({"visibility": "internal"});
    let path = format!("/projects/{}", made["id"].as_str().unwrap());
    api.update(&path, "*", &inner).await;
    receiver.now(|_| Reply::Status(200));
    let again = format!("/webhooks/{id}/deliveries/{}/redeliver", first.id());
    next.act(&again, &json!({})).await;
    let at_work = dispatcher(&next, 0.01);
    let later = receiver.wait(2).await.remove(1);
    assert_eq!(later.id(), first.id());
    assert_eq!(later.body["timestamp"], first.body["timestamp"]);
    assert_eq!(later.body["data"]["day"], "2026-11-24");
    let nothing = json!({"count": 0, "items": []});
    assert_eq!(later.body["data"]["fell_due"], nothing);
    assert!(!later.text.contains("하루"));
    at_work.stop().await;
}

async fn a_digest_is_of_a_municipality(api: Api) {
    let city = api.municipality().await;
    let organization = api.organization("가").await;
    let new = |municipality: Value| {
        json!({"name": "w", "url": "https://hooks.example.com/", "daily_digest": true,
            "municipality_id": municipality})
    };
    for (municipality, code) in [
        (json!(null), "municipality_needed"),
        (json!(organization), "not_a_municipality"),
        (json!("0178d7fa-2c00-7000-8000-0000000000ff"), "unknown_id"),
    ] {
        let refused = api.post("/webhooks", &new(municipality)).await.expect(422);
        assert_eq!(refused.places(), ["/municipality_id"]);
        assert_eq!(refused.body["errors"][0]["code"], code);
    }
    let made = api.create("/webhooks", &new(json!(city))).await;
    assert_eq!(made.body["digested_until"], "2026-11-23");
    let path = format!("/webhooks/{}", made.id());
    let none = json!({"municipality_id": null});
    let refused = api.patch(&path, "*", &none).await.expect(422);
    assert_eq!(refused.places(), ["/municipality_id"]);
    let neither = json!({"municipality_id": null, "daily_digest": false});
    api.update(&path, "*", &neither).await;
}
