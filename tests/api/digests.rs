//! The daily digest: made once, as its day begins, of what its webhook's token sees.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use chrono_tz::Tz;
use mou_registry::app::Clock;
use mou_registry::http::contract;
use serde_json::{Value, json};

use crate::harness::{Api, Backend, SPEC};
use crate::queries::{CITY, scan_no_table, taken, watched};
use crate::receiver::{
    Got, Receiver, Reply, all_sent, deliveries, dispatcher, dispatcher_of, elsewhere, first_is,
    outbound, webhook,
};

on_both!(new: a_day_begins_at_its_midnight, what_falls_due_is_told_twice, what_expires_is_told_at_its_thresholds,
    two_servers_make_one, missed_days_are_made_up_for, one_that_begins_to_ask_waits_a_day,
    a_digest_tells_what_its_token_sees, a_digest_is_signed, what_was_taken_back_is_told_no_more, a_digest_is_of_a_municipality, lists_are_bounded, what_goes_stale_is_told_on_its_day);

/// The registry as it sends to this machine, at an instant.
async fn at(api: &Api, zone: Tz, instant: &str) -> Api {
    let mut api = api.clone();
    api.state.clock = Clock::fixed(zone, instant.parse().unwrap());
    api.state.outbound = outbound(&["127.0.0.0/8"]);
    api.served().await
}

/// As a day begins in Seoul.
async fn midnight(api: &Api, day: &str) -> Api {
    let day: NaiveDate = day.parse().unwrap();
    let before = day.pred_opt().unwrap();
    at(api, chrono_tz::Asia::Seoul, &format!("{before}T15:00:00Z")).await
}

/// A webhook that is told of nothing but the digests of a city.
async fn digests_of(api: &Api, city: &str, receiver: &Receiver) -> String {
    let more = json!({"record_types": [], "municipality_id": city, "daily_digest": true});
    webhook(api, receiver, more).await.id().to_owned()
}

/// Has all be sent that is to be at an instant.
async fn sent(api: &Api, webhook: &str) {
    // What comes after the digests says that they are made.
    let test = format!("/webhooks/{webhook}/test");
    let at_work = dispatcher(api, 1.0);
    let test = api.post(&test, &json!({})).await.expect(200);
    first_is_sent(api, webhook, test.id()).await;
    all_sent(api, webhook).await;
    at_work.stop().await;
}

async fn first_is_sent(api: &Api, webhook: &str, delivery: &str) {
    crate::receiver::until("it is sent", async || {
        let all = deliveries(api, webhook).await;
        let found = all.into_iter().find(|d| d["id"] == *delivery)?;
        (found["state"] == "delivered").then_some(())
    })
    .await;
}

/// The digests that came, as they came.
fn digests(receiver: &Receiver) -> Vec<Value> {
    let got = receiver.got().into_iter();
    let digests = got.filter(|got| got.body["type"] == "digest.daily");
    digests.map(|got| got.body["data"].clone()).collect()
}

fn days(digests: &[Value]) -> Vec<&str> {
    let days = digests.iter().map(|digest| digest["day"].as_str().unwrap());
    days.collect()
}

/// What lists of digests say, each with its day.
fn told(digests: &[Value], list: &str) -> BTreeSet<String> {
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

fn lines(lines: &[&str]) -> BTreeSet<String> {
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
        // Once, also when it looks again.
        sent(&now, &id).await;
        assert_eq!(digests(&receiver).len(), 1);
        let shown = api.get(&format!("/webhooks/{id}")).await.expect(200);
        assert_eq!(shown.body["digested_until"], day);
    }
}

/// A project with milestones, each with a target, and what happened.
async fn project(api: &Api, city: &str, milestones: &[(&str, &str, Value)]) -> Value {
    let milestones = milestones.iter().map(|(title, target, outcomes)| {
        json!({"kind": "completion", "title": {"ko": title}, "outcomes": outcomes,
            "forecasts": [{"target": {"edtf": target}, "stated_on": {"edtf": "2026-01-02"}}]})
    });
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "milestones": milestones.collect::<Vec<_>>()});
    api.post("/projects", &new).await.expect(201).body
}

/// A signed agreement of the city with an organization.
async fn agreement(api: &Api, city: &str, party: &str, title: &str, more: Value) -> Value {
    let mut new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": title}, "status": "signed",
        "signed_on": {"edtf": "2026-11-01"}, "parties": [{"organization_id": city}, {"organization_id": party}]});
    for (name, value) in more.as_object().unwrap() {
        new[name] = value.clone();
    }
    api.post("/agreements", &new).await.expect(201).body
}

async fn what_falls_due_is_told_twice(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let policies = json!({"policies": [{"disclosure_within_days": 27}]});
    let path = format!("/municipalities/{city}");
    api.patch(&path, "*", &policies).await.expect(200);
    let party = api.organization("협력 기업").await;
    let happened = |kind: &str, on: &str| json!([{"kind": kind, "on": {"edtf": on}}]);
    let milestones = [
        ("하루", "2026-11-25", json!([])),
        ("달", "2026-11", json!([])),
        ("까지", "../2026-11-26", json!([])),
        ("지난", "2026-11-22", json!([])),
        (
            "일부",
            "2026-11-25",
            happened("partially_met", "2026-11-20"),
        ),
        ("시작", "2026-11-25", happened("started", "2026-11-20")),
        ("됨", "2026-11-25", happened("met", "2026-11-20")),
        ("취소", "2026-11-25", happened("cancelled", "2026-11-20")),
        ("부터", "2026-11-25/..", json!([])),
        // A later target takes the place of one that was stated before.
        ("미룸", "2026-11-25", json!([])),
    ];
    let project = project(&api, &city, &milestones).await;
    let list = format!("/projects/{}/milestones", project["id"].as_str().unwrap());
    let all = api.get(&list).await.expect(200).body;
    let id_of = |title: &str| {
        let mut all = all["items"].as_array().unwrap().iter();
        let found = all.find(|m| m["title"]["ko"] == title).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let moved = json!({"target": {"edtf": "2026-11-27"}, "stated_on": {"edtf": "2026-11-22"}});
    let path = format!("/milestones/{}/forecasts", id_of("미룸"));
    api.post(&path, &moved).await.expect(200);
    let due = |day: &str| json!({"edtf": day});
    let made = agreement(&api, &city, &party, "협약", json!({"commitments": [
        {"text": {"ko": "할 일"}, "due": due("2026-11-25")}, {"text": {"ko": "한 일"}, "due": due("2026-11-25")},
        {"text": {"ko": "언젠가"}}]})).await;
    let fulfilled = json!({"on": {"edtf": "2026-11-22"}, "status": "fulfilled"});
    let path = format!(
        "/agreements/{}/commitments/{}/reports",
        made["id"].as_str().unwrap(),
        made["commitments"][1]["id"].as_str().unwrap()
    );
    api.post(&path, &fulfilled).await.expect(201);
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    for day in ["2026-11-24", "2026-11-25", "2026-11-26"] {
        sent(&midnight(&api, day).await, &id).await;
    }
    // In time, so that it is not overdue.
    let later = midnight(&api, "2026-11-27").await;
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-26"}});
    let path = format!("/milestones/{}/outcomes", id_of("까지"));
    later.post(&path, &met).await.expect(200);
    sent(&midnight(&api, "2026-12-03").await, &id).await;
    let made = digests(&receiver);
    let expected: Vec<String> = (24..=33)
        .map(|n| match n {
            ..=30 => format!("2026-11-{n}"),
            _ => format!("2026-12-{:02}", n - 30),
        })
        .collect();
    assert_eq!(days(&made), expected);
    assert_eq!(
        told(&made, "fell_due"),
        lines(&[
            "2026-11-25 milestone completion 하루 due 0",
            "2026-11-26 milestone completion 하루 overdue -1",
            "2026-11-25 milestone completion 일부 partially_met 0",
            "2026-11-26 milestone completion 일부 partially_met -1",
            "2026-11-25 milestone completion 시작 due 0",
            "2026-11-26 milestone completion 시작 overdue -1",
            "2026-11-26 milestone completion 까지 due 0",
            "2026-11-27 milestone completion 미룸 due 0",
            "2026-11-28 milestone completion 미룸 overdue -1",
            "2026-11-30 milestone completion 달 due 0",
            "2026-12-01 milestone completion 달 overdue -1",
            "2026-11-25 commitment commitment 할 일 due 0",
            "2026-11-26 commitment commitment 할 일 overdue -1",
            "2026-11-28 duty disclosure 협약 due 0",
            "2026-11-29 duty disclosure 협약 overdue -1",
        ])
    );
    for digest in &made {
        assert_eq!(digest["expiring"], json!({"count": 0, "items": []}));
        // Each link leads to what it is of.
        for item in digest["fell_due"]["items"].as_array().unwrap() {
            let linked = api.get(item["link"].as_str().unwrap()).await.expect(200);
            let owner = item["agreement"]["id"].as_str();
            assert_eq!(linked.id(), owner.or(item["id"].as_str()).unwrap());
            assert_eq!(item["project"]["id"].is_string(), owner.is_none());
        }
    }
}

async fn what_expires_is_told_at_its_thresholds(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let party = api.organization("협력 기업").await;
    let until = |day: &str| json!({"effective_until": {"edtf": day}});
    for (title, day) in [
        ("오늘", "2026-11-24"),
        ("어제", "2026-11-23"),
        ("하루", "2026-11-25"),
        ("이틀", "2026-11-26"),
        ("이레", "2026-12-01"),
        ("한 달", "2026-12-24"),
        ("석 달", "2027-02-22"),
        ("올해", "2026"),
        ("더", "2027-02-23"),
    ] {
        agreement(&api, &city, &party, title, until(day)).await;
    }
    let renews = json!({"effective_until": {"edtf": "2026-11-25"}, "auto_renews": true});
    agreement(&api, &city, &party, "자동 연장", renews).await;
    let ended = agreement(&api, &city, &party, "해지", until("2026-11-25")).await;
    let steps = format!("/agreements/{}/transitions", ended["id"].as_str().unwrap());
    let step = json!({"to": "terminated", "on": {"edtf": "2026-11-22"}, "reason": {"ko": "합의"}});
    api.post(&steps, &step).await.expect(200);
    let draft =
        json!({"status": "draft", "signed_on": null, "effective_until": {"edtf": "2026-11-25"}});
    agreement(&api, &city, &party, "초안", draft).await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    sent(&midnight(&api, "2026-11-25").await, &id).await;
    let made = digests(&receiver);
    assert_eq!(
        told(&made, "expiring"),
        lines(&[
            "2026-11-24 agreement mou 오늘 expiring 0",
            "2026-11-24 agreement mou 하루 expiring 1",
            "2026-11-24 agreement mou 이레 expiring 7",
            "2026-11-24 agreement mou 한 달 expiring 30",
            "2026-11-24 agreement mou 석 달 expiring 90",
            "2026-11-25 agreement mou 하루 expiring 0",
            "2026-11-25 agreement mou 이틀 expiring 1",
            "2026-11-25 agreement mou 더 expiring 90",
        ])
    );
    // Of what is imprecise the last day counts, also where it may have ended before.
    sent(&midnight(&api, "2026-12-24").await, &id).await;
    let of_the_year = digests(&receiver);
    let of_the_year = told(&of_the_year, "expiring");
    let of_the_year = of_the_year.iter().filter(|line| line.contains("올해"));
    assert_eq!(
        of_the_year.collect::<Vec<_>>(),
        [
            "2026-12-01 agreement mou 올해 expiring 30",
            "2026-12-24 agreement mou 올해 expiring 7",
        ]
    );
    // The soonest first.
    let left = made[0]["expiring"]["items"].as_array().unwrap().iter();
    let left: Vec<i64> = left.map(|i| i["days_left"].as_i64().unwrap()).collect();
    assert_eq!(left, [0, 1, 7, 30, 90]);
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
    // What a missed day tells is what it would have told.
    assert_eq!(
        told(&made, "fell_due"),
        lines(&[
            "2026-11-22 milestone completion 하루 due 0",
            "2026-11-23 milestone completion 하루 overdue -1",
        ])
    );
    // One that was off makes up for the days, too.
    let off = midnight(&api, "2026-11-25").await;
    let change = json!({"enabled": false});
    off.patch(&path, "*", &change).await.expect(200);
    let on = midnight(&api, "2026-11-27").await;
    let at_work = dispatcher(&on, 1.0);
    let change = json!({"enabled": true});
    on.patch(&path, "*", &change).await.expect(200);
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
        (json!({"daily_digest": null}), json!(null)),
        (json!({"daily_digest": true}), json!("2026-11-25")),
    ] {
        let changed = later.patch(&path, "*", &change).await.expect(200);
        assert_eq!(changed.body["digested_until"], until, "{change}");
    }
    sent(&later, made.id()).await;
    assert_eq!(digests(&receiver), [json!(null); 0]);
    let next = midnight(&api, "2026-11-26").await;
    sent(&next, made.id()).await;
    assert_eq!(days(&digests(&receiver)), ["2026-11-26"]);
    // Nothing else came than what was asked for.
    let types: BTreeSet<String> = receiver
        .got()
        .iter()
        .map(|got| got.body["type"].to_string())
        .collect();
    assert_eq!(types, lines(&["\"digest.daily\"", "\"webhook.test\""]));
    // The log tells that it was asked for, and not that one was made.
    let logged = api.get("/changes?types=webhook").await.expect(200).body;
    let operations = logged["items"].as_array().unwrap().iter();
    let operations: Vec<&str> = operations
        .map(|c| c["operation"].as_str().unwrap())
        .collect();
    assert_eq!(operations[0], "create_webhook");
    assert_eq!(operations[1..], ["update_webhook"; 4]);
    let mut conn = mou_registry::db::dialect::connect(&api.url).unwrap();
    mou_registry::audit::verify::verify(&mut conn, chrono_tz::Asia::Seoul, None).unwrap();
}

async fn a_digest_tells_what_its_token_sees(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let other = json!({"code": "4111000000"});
    let other = api.post("/municipalities", &other).await.expect(201);
    let party = api.organization("협력 기업").await;
    for visibility in ["internal", "partners", "public"] {
        let more = json!({"visibility": visibility, "effective_until": {"edtf": "2026-11-24"}, "signed_on": {"edtf": "2024-11-23"},
            "commitments": [{"text": {"ko": visibility}, "due": {"edtf": "2026-11-24"}}]});
        agreement(&api, &city, &party, visibility, more).await;
        let theirs = json!({"visibility": visibility, "effective_until": {"edtf": "2026-11-24"}});
        agreement(&api, other.id(), &party, "다른 시", theirs).await;
    }
    let tokens = [
        json!({"name": "p", "role": "partner", "organization_id": party}),
        json!({"name": "v", "role": "viewer", "municipality_ids": [city]}),
        json!({"name": "o", "role": "viewer", "municipality_ids": [other.id()]}),
    ];
    let all = ["internal", "partners", "public"];
    for (token, expected) in tokens.iter().zip([&all[1..], &all, &all[2..]]) {
        let token = api.post("/tokens", token).await.expect(201);
        let holder = api.with(token.body["token"].as_str());
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
        // It ends with the token.
        let revoke = format!("/tokens/{}/revocation", token.id());
        api.post(&revoke, &json!({})).await.expect(200);
        let last = midnight(&api, "2026-11-25").await;
        let own = digests_of(&midnight(&api, "2026-11-24").await, &city, &receiver).await;
        sent(&last, &own).await;
        let shown = last.get(&format!("/webhooks/{id}")).await.expect(200);
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
    // The library refuses what was signed on another day, but not to sign it.
    let library = standardwebhooks::Webhook::new(made.body["secret"].as_str().unwrap()).unwrap();
    let stamp = got.headers["webhook-timestamp"].parse().unwrap();
    let signature = library.sign(got.id(), stamp, got.text.as_bytes()).unwrap();
    assert_eq!(got.headers["webhook-signature"], signature);
    let request = &SPEC["webhooks"]["digest"]["post"]["requestBody"]["content"]["application/json"];
    let mut schema = request["schema"].clone();
    schema["components"] = SPEC["components"].clone();
    let schema = contract::compile(&schema).unwrap();
    for body in [&got.body, &request["example"]] {
        let wrong: Vec<String> = schema.iter_errors(body).map(|e| e.to_string()).collect();
        assert_eq!(wrong, [""; 0], "{body}");
    }
    assert_eq!(got.body["timestamp"], "2026-11-23T15:00:00Z");
    // What was told is told again, while the token sees it.
    let list = format!("/projects?municipality_id={city}");
    let project = format!("/projects/{}", api.find(&list).await);
    let inner = json!({"visibility": "internal"});
    api.patch(&project, "*", &inner).await.expect(200);
    let again = format!("/webhooks/{}/deliveries/{}/redeliver", made.id(), got.id());
    next.post(&again, &json!({})).await.expect(200);
    let twice = receiver.wait(2).await.remove(1);
    assert_eq!((twice.id(), &twice.text), (got.id(), &got.text));
    at_work.stop().await;
}

async fn what_was_taken_back_is_told_no_more(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let made = project(&api, &city, &[("하루", "2026-11-24", json!([]))]).await;
    let other = json!({"code": "4111000000"});
    let other = api.post("/municipalities", &other).await.expect(201);
    let viewer = json!({"name": "o", "role": "viewer", "municipality_ids": [other.id()]});
    let viewer = api.post("/tokens", &viewer).await.expect(201);
    let holder = api.with(viewer.body["token"].as_str());
    let receiver = Receiver::new(|_| Reply::Status(500));
    let id = digests_of(&holder, &city, &receiver).await;
    let next = midnight(&api, "2026-11-24").await;
    let at_work = dispatcher(&next, 0.01);
    let first = receiver.wait(1).await.remove(0);
    at_work.stop().await;
    assert_eq!(first.body["data"]["fell_due"]["count"], 1);
    let inner = json!({"visibility": "internal"});
    let path = format!("/projects/{}", made["id"].as_str().unwrap());
    api.patch(&path, "*", &inner).await.expect(200);
    receiver.now(|_| Reply::Status(200));
    let again = format!("/webhooks/{id}/deliveries/{}/redeliver", first.id());
    next.post(&again, &json!({})).await.expect(200);
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
    let made = api.post("/webhooks", &new(json!(city))).await.expect(201);
    assert_eq!(made.body["digested_until"], "2026-11-23");
    let path = format!("/webhooks/{}", made.id());
    let none = json!({"municipality_id": null});
    let refused = api.patch(&path, "*", &none).await.expect(422);
    assert_eq!(refused.places(), ["/municipality_id"]);
    let neither = json!({"municipality_id": null, "daily_digest": false});
    api.patch(&path, "*", &neither).await.expect(200);
}

async fn lists_are_bounded(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let many = vec![("하루", "2026-11-24", json!([])); 100];
    for _ in 0..6 {
        project(&api, &city, &many).await;
    }
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    sent(&midnight(&api, "2026-11-25").await, &id).await;
    for digest in digests(&receiver) {
        assert_eq!(digest["fell_due"]["count"], 600);
        assert_eq!(digest["fell_due"]["items"].as_array().unwrap().len(), 500);
    }
    assert_eq!(days(&digests(&receiver)), ["2026-11-24", "2026-11-25"]);
}

async fn what_goes_stale_is_told_on_its_day(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let strict = json!({"policies": [{"valid_from": "2026-11-26", "stale_after_months": 12}]});
    let path = format!("/municipalities/{city}");
    api.patch(&path, "*", &strict).await.expect(200);
    let party = api.organization("협력 기업").await;
    for (title, signed, more) in [
        ("조용", "2024-11-23", json!({})),
        ("이미", "2024-11-22", json!({})),
        ("정책", "2025-06", json!({})),
        ("새것", "2025-11-28", json!({})),
        ("끝남", "2024-11-23", json!({"status": "completed"})),
        (
            "검토",
            "2020",
            json!({"reviews": [{"on": {"edtf": "2024-11-24"}, "rating": "good"}]}),
        ),
    ] {
        let mut new = json!({"signed_on": {"edtf": signed}});
        for (name, value) in more.as_object().unwrap() {
            new[name] = value.clone();
        }
        agreement(&api, &city, &party, title, new).await;
    }
    let text = json!({"signed_on": {"edtf": "2020"}, "commitments": [{"text": {"ko": "할 일"}}]});
    let made = agreement(&api, &city, &party, "보고", text).await;
    let report = json!({"on": {"edtf": "2024-11-24"}, "status": "in_progress"});
    let path = format!(
        "/agreements/{}/commitments/{}/reports",
        made["id"].as_str().unwrap(),
        made["commitments"][0]["id"].as_str().unwrap()
    );
    api.post(&path, &report).await.expect(201);
    let stated = |on: &str, outcomes: Value| {
        json!({"kind": "completion", "title": {"ko": on}, "outcomes": outcomes,
            "forecasts": [{"target": {"edtf": "2030"}, "stated_on": {"edtf": on}}]})
    };
    let happened = |kind: &str| json!([{"kind": kind, "on": {"edtf": "2024-11-24"}}]);
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}, "milestones": [
        stated("2024-11-23", json!([])), stated("2024-01", happened("started")), stated("2024-02", happened("met")),
        stated("2024-03", happened("partially_met")), stated("2024-10", json!([])), stated("2025-11-27", json!([])),
        {"kind": "groundbreaking", "title": {"ko": "목표 없음"}, "outcomes": happened("started")}, {"kind": "other"}]});
    api.post("/projects", &new).await.expect(201);
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    sent(&midnight(&api, "2026-11-28").await, &id).await;
    let made = digests(&receiver);
    assert_eq!(
        told(&made, "went_stale"),
        lines(&[
            "2026-11-24 agreement mou 조용 stale null",
            "2026-11-25 agreement mou 검토 stale null",
            "2026-11-25 agreement mou 보고 stale null",
            "2026-11-26 agreement mou 정책 stale null",
            "2026-11-24 milestone completion 2024-11-23 stale null",
            "2026-11-25 milestone completion 2024-01 stale null",
            "2026-11-25 milestone completion 2024-03 stale null",
            "2026-11-25 milestone groundbreaking 목표 없음 stale null",
            "2026-11-28 milestone completion 2025-11-27 stale null",
        ])
    );
    // As the records themselves tell it.
    for digest in &made {
        let day: NaiveDate = digest["day"].as_str().unwrap().parse().unwrap();
        for item in digest["went_stale"]["items"].as_array().unwrap() {
            for (day, stale) in [(day.pred_opt().unwrap(), false), (day, true)] {
                let on = midnight(&api, &day.to_string()).await;
                let shown = on.get(item["link"].as_str().unwrap()).await.expect(200);
                let freshness = &shown.body["freshness"];
                assert_eq!(freshness["state"] == "stale", stale, "{item} on {day}");
                assert_eq!(freshness["last"], item["when"]["edtf"]);
            }
        }
    }
}

#[actix_web::test]
async fn a_digest_takes_the_same_queries_whatever_it_tells() {
    let api = midnight(&watched(Backend::Sqlite).await, "2026-11-23").await;
    let party = api.organization("협력 기업").await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, CITY, &receiver).await;
    let mut counts = Vec::new();
    for (day, more) in [("2026-11-24", 2), ("2026-11-25", 20)] {
        let due = vec![("하루", "2026-11-25", json!([])); more];
        project(&api, CITY, &due).await;
        for _ in 0..more {
            let more = json!({"effective_until": {"edtf": "2026-12-24"}, "signed_on": {"edtf": "2024-11-23"},
                "commitments": [{"text": {"ko": "할 일"}, "due": {"edtf": day}}]});
            agreement(&api, CITY, &party, "협약", more).await;
        }
        let now = midnight(&api, day).await;
        taken(&api);
        sent(&now, &id).await;
        let queries = taken(&api);
        // How the sending stands is read as often as there is time.
        let records = ["`timeline_entries`", "`duties`", "`agreements`"];
        let of_records = queries
            .into_iter()
            .filter(|q| records.iter().any(|table| q.contains(table)));
        let of_records: Vec<String> = of_records.collect();
        scan_no_table(&api, day, &of_records);
        counts.push(of_records.len());
    }
    assert!(counts[0] > 10 && counts[0] == counts[1], "{counts:?}");
}
