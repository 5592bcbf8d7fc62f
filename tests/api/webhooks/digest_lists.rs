//! The contents of digests: records that fall due, expire and go stale, each on its day.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::digests::{agreement, days, digests, digests_of, lines, midnight, project, sent, told};
use crate::support::CITY;
use crate::support::queries::{scan_no_table, taken, watched};
use crate::support::receiver::Receiver;
use crate::support::records::with;
use crate::support::{Api, Backend};

on_both!(new:
    what_falls_due_is_told_twice, each_missed_review_is_told, a_missed_annual_report_is_told,
    what_expires_is_told_at_its_thresholds, lists_are_bounded, what_goes_stale_is_told_on_its_day);
tests!(async: a_digest_takes_the_same_queries_whatever_it_tells);

async fn what_falls_due_is_told_twice(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let policies = json!({"policies": [{"disclosure_within_days": 27}]});
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &policies).await;
    let party = api.organization("협력 기업").await;
    let past_events = |kind: &str, on: &str| json!([{"kind": kind, "on": {"edtf": on}}]);
    let milestones = [
        ("하루", "2026-11-25", json!([])),
        ("달", "2026-11", json!([])),
        ("까지", "../2026-11-26", json!([])),
        ("지난", "2026-11-22", json!([])),
        (
            "일부",
            "2026-11-25",
            past_events("partially_met", "2026-11-20"),
        ),
        ("시작", "2026-11-25", past_events("started", "2026-11-20")),
        ("됨", "2026-11-25", past_events("met", "2026-11-20")),
        ("취소", "2026-11-25", past_events("cancelled", "2026-11-20")),
        ("부터", "2026-11-25/..", json!([])),
        // A later target replaces the one stated before.
        ("미룸", "2026-11-25", json!([])),
    ];
    let project = project(&api, &city, &milestones).await;
    let list = format!("/projects/{}/milestones", project["id"].as_str().unwrap());
    let all = api.read(&list).await.body;
    let id_of = |title: &str| {
        let mut all = all["items"].as_array().unwrap().iter();
        let found = all.find(|m| m["title"]["ko"] == title).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let moved = json!({"target": {"edtf": "2026-11-27"}, "stated_on": {"edtf": "2026-11-22"}});
    let path = format!("/milestones/{}/forecasts", id_of("미룸"));
    api.act(&path, &moved).await;
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
    api.create(&path, &fulfilled).await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    for day in ["2026-11-24", "2026-11-25", "2026-11-26"] {
        sent(&midnight(&api, day).await, &id).await;
    }
    // Met in time, so it is not overdue.
    let later = midnight(&api, "2026-11-27").await;
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-26"}});
    let path = format!("/milestones/{}/outcomes", id_of("까지"));
    later.act(&path, &met).await;
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
            "2026-11-30 duty disclosure 협약 due 0",
            "2026-12-01 duty disclosure 협약 overdue -1",
        ])
    );
    for digest in &made {
        assert_eq!(digest["expiring"], json!({"count": 0, "items": []}));
        // Each link leads to its record.
        for item in digest["fell_due"]["items"].as_array().unwrap() {
            let linked = api.read(item["link"].as_str().unwrap()).await;
            let owner = item["agreement"]["id"].as_str();
            assert_eq!(linked.id(), owner.or(item["id"].as_str()).unwrap());
            assert_eq!(item["project"]["id"].is_string(), owner.is_none());
        }
    }
}

async fn each_missed_review_is_told(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let policies = json!({"policies": [{"review_interval_months": 1}]});
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &policies).await;
    let party = api.organization("협력 기업").await;
    let signed = json!({"signed_on": {"edtf": "2026-09-24"}});
    let agreement = agreement(&api, &city, &party, "협약", signed).await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    // Due on the 24th of each month, and missed on the next day, until the review.
    sent(&midnight(&api, "2026-12-20").await, &id).await;
    let later = midnight(&api, "2026-12-20").await;
    let review = json!({"on": {"edtf": "2026-12-19"}, "rating": "good"});
    let path = format!("/agreements/{}/reviews", agreement["id"].as_str().unwrap());
    later.create(&path, &review).await;
    sent(&midnight(&api, "2027-01-20").await, &id).await;
    let mut missed = Vec::new();
    for digest in digests(&receiver) {
        for item in digest["fell_due"]["items"].as_array().unwrap() {
            missed.push(json!([digest["day"], item["status"], item["missed"]]));
        }
    }
    assert_eq!(
        missed,
        [
            json!(["2026-11-25", "overdue", 2]),
            json!(["2027-01-19", "due", 0]),
            json!(["2027-01-20", "overdue", 1]),
        ]
    );
}

async fn a_missed_annual_report_is_told(api: Api) {
    let api = midnight(&api, "2026-11-23").await;
    let city = api.municipality().await;
    let policy = json!({"valid_from": "2024-12-01", "annual_report": {"by": "11-25"}});
    let policies = json!({"policies": [policy]});
    api.update(&format!("/municipalities/{city}"), "*", &policies)
        .await;
    let receiver = Receiver::willing();
    let id = digests_of(&api, &city, &receiver).await;
    sent(&midnight(&api, "2026-11-27").await, &id).await;
    let made = digests(&receiver);
    let told = told(&made, "fell_due");
    let line = "2026-11-26 duty annual_report 연간 보고 overdue -1";
    assert_eq!(told, lines(&[line]));
    let of_the_day = made.iter().find(|digest| digest["day"] == "2026-11-26");
    let item = &of_the_day.unwrap()["fell_due"]["items"][0];
    assert_eq!(item["missed"], 2);
    assert_eq!(item["agreement"], Value::Null);
    assert_eq!(item["link"], format!("/api/v1/municipalities/{city}"));
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
    let notice = json!({"effective_until": {"edtf": "2026-12-02"}, "auto_renews": true,
        "renewal": {"months": 12, "notice_days": 7}});
    agreement(&api, &city, &party, "통지", notice).await;
    let ended = agreement(&api, &city, &party, "해지", until("2026-11-25")).await;
    let steps = format!("/agreements/{}/transitions", ended["id"].as_str().unwrap());
    let step = json!({"to": "terminated", "on": {"edtf": "2026-11-22"}, "reason": {"ko": "합의"}});
    api.act(&steps, &step).await;
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
            "2026-11-24 duty renewal_notice 통지 expiring 1",
            "2026-11-25 agreement mou 하루 expiring 0",
            "2026-11-25 agreement mou 이틀 expiring 1",
            "2026-11-25 agreement mou 더 expiring 90",
        ])
    );
    let notices = told(&made, "fell_due");
    assert_eq!(
        notices,
        lines(&["2026-11-25 duty renewal_notice 통지 due 0"])
    );
    // On the thresholds of the last day on which it may end; the number of days is a range.
    sent(&midnight(&api, "2026-12-24").await, &id).await;
    let of_the_year = digests(&receiver);
    let of_the_year = told(&of_the_year, "expiring");
    let of_the_year = of_the_year.iter().filter(|line| line.contains("올해"));
    assert_eq!(
        of_the_year.collect::<Vec<_>>(),
        [
            "2026-12-01 agreement mou 올해 expiring null",
            "2026-12-24 agreement mou 올해 expiring null",
        ]
    );
    let made_later = digests(&receiver);
    let items = made_later
        .iter()
        .flat_map(|one| one["expiring"]["items"].as_array().unwrap());
    let ranges = items.filter(|item| item["title"]["ko"] == "올해");
    let ranges: Vec<_> = ranges.map(|item| item["days_left_range"].clone()).collect();
    assert_eq!(
        ranges,
        [
            json!({"min_days": -334, "max_days": 30}),
            json!({"min_days": -357, "max_days": 7}),
        ]
    );
    // Soonest first.
    let left = made[0]["expiring"]["items"].as_array().unwrap().iter();
    let left: Vec<i64> = left.map(|i| i["days_left"].as_i64().unwrap()).collect();
    assert_eq!(left, [0, 1, 1, 7, 30, 90]);
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
    api.update(&path, "*", &strict).await;
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
        let new = with(json!({"signed_on": {"edtf": signed}}), more);
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
    api.create(&path, &report).await;
    let stated = |on: &str, outcomes: Value| {
        json!({"kind": "completion", "title": {"ko": on}, "outcomes": outcomes,
            "forecasts": [{"target": {"edtf": "2030"}, "stated_on": {"edtf": on}}]})
    };
    let past_events = |kind: &str| json!([{"kind": kind, "on": {"edtf": "2024-11-24"}}]);
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}, "milestones": [
        stated("2024-11-23", json!([])), stated("2024-01", past_events("started")), stated("2024-02", past_events("met")),
        stated("2024-03", past_events("partially_met")), stated("2024-10", json!([])), stated("2025-11-27", json!([])),
        {"kind": "groundbreaking", "title": {"ko": "목표 없음"}, "outcomes": past_events("started")}, {"kind": "other"}]});
    api.create("/projects", &new).await;
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
    // The records themselves show the same.
    for digest in &made {
        let day: NaiveDate = digest["day"].as_str().unwrap().parse().unwrap();
        for item in digest["went_stale"]["items"].as_array().unwrap() {
            for (day, stale) in [(day.pred_opt().unwrap(), false), (day, true)] {
                let on = midnight(&api, &day.to_string()).await;
                let shown = on.read(item["link"].as_str().unwrap()).await;
                let freshness = &shown.body["freshness"];
                assert_eq!(freshness["state"] == "stale", stale, "{item} on {day}");
                assert_eq!(freshness["last"], item["when"]["edtf"]);
            }
        }
    }
}

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
        // The state of the sending is read a varying number of times, so its queries are left out.
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
