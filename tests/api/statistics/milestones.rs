//! Statistics of milestones, freshness of records, and the figures of the demonstration.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::agreements::{counts, follow, groups, out, record, report, told};
use crate::support::Api;
use crate::support::CITY;

on_both!(new:
    the_policy_of_the_city_tells_what_is_stale, how_milestones_keep_their_dates,
    milestones_are_grouped_by_the_agreements_that_serve_them);
on_both!(with_demo: the_mou_of_goyang_is_no_zero,
    the_report_and_the_statistics_count_the_same_moves, every_link_of_the_demonstration_holds);

async fn the_policy_of_the_city_tells_what_is_stale(api: Api) {
    let city = api.municipality().await;
    let second = json!({"code": "4111000000"});
    let second = api.create("/municipalities", &second).await.id().to_owned();
    let partner = api.organization("협회").await;
    let mut made = Vec::new();
    for (city, signed) in [
        (&city, Some("2026-06-01")),
        (&city, Some("2025-06-01")),
        (&city, Some("2021-04-16")),
        (&city, None),
        (&second, Some("2025-06-01")),
    ] {
        let signed = signed.map(|day| json!({"edtf": day}));
        made.push(record(&api, city, &partner, json!({"signed_on": signed})).await);
    }
    // The list reads columns, the statistics read the documents.
    let holds = async |city: Option<&str>, expected: [u64; 4]| {
        let of = city
            .map(|city| format!("&municipality_id={city}"))
            .unwrap_or_default();
        let body = api
            .read(&format!("/statistics/agreements?kind=mou{of}"))
            .await
            .body;
        let counted = counts(&body["totals"]["freshness"]);
        for (state, expected) in ["current", "ageing", "stale", "unknown"]
            .iter()
            .zip(expected)
        {
            let path = format!("/agreements?with_total=true&freshness={state}{of}");
            let listed = api.read(&path).await.body;
            assert_eq!(listed["total"], expected, "{path}");
            assert_eq!(
                counted.get(*state).copied().unwrap_or(0),
                expected,
                "{path}"
            );
            for item in listed["items"].as_array().unwrap() {
                let alone = format!("/agreements/{}", item["id"].as_str().unwrap());
                let alone = api.read(&alone).await.body;
                assert_eq!(alone["freshness"]["state"], **state);
            }
        }
    };
    holds(None, [1, 2, 1, 1]).await;
    holds(Some(&second), [0, 1, 0, 0]).await;
    let policies = json!({"policies": [{"ageing_after_months": 3, "stale_after_months": 12}]});
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &policies).await;
    holds(None, [0, 2, 2, 1]).await;
    holds(Some(&city), [0, 1, 2, 1]).await;
    // Reviews and counted reports keep an agreement fresh.
    let review = json!({"on": {"edtf": "2026-11-01"}, "rating": "good"});
    let path = format!("/agreements/{}/reviews", made[2]);
    api.create(&path, &review).await;
    let path = format!("/agreements/{}/commitments", made[3]);
    let promise = json!({"text": {"ko": "0"}});
    let reason = "?correction_reason=%EB%88%84%EB%9D%BD";
    api.create(&format!("{path}{reason}"), &promise).await;
    report(&api, &made[3], 0, "in_progress", "2026-08-01").await;
    holds(None, [1, 3, 1, 0]).await;
    let body = api.read(&format!("/agreements/{}", made[3])).await.body;
    assert_eq!(
        body["freshness"],
        json!({"state": "ageing", "last": "2026-08-01", "by": "report"})
    );
    let end = json!({"to": "completed", "reason": {"ko": "끝"}});
    let path = format!("/agreements/{}/transitions", made[0]);
    let ended = api.act(&path, &end).await;
    assert_eq!(ended.body["freshness"], Value::Null);
    holds(None, [1, 2, 1, 0]).await;
}

async fn milestones_are_grouped_by_the_agreements_that_serve_them(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협회").await;
    let project = |title: &str| {
        json!({"municipality_id": city, "kind": "facility", "title": {"ko": title},
        "milestones": [{"kind": "plan_approval"}, {"kind": "completion"}]})
    };
    let served = api.create("/projects", &project("협약이 있는 사업")).await;
    api.create("/projects", &project("협약이 없는 사업")).await;
    let more = |on: &str, department: &str, status: &str| {
        json!({"project_ids": [served.id()], "signed_on": {"edtf": on},
        "lead_department": department, "status": status, "topics": [{"ko": "바이오"}, {"ko": department}]})
    };
    record(
        &api,
        &city,
        &partner,
        more("2022-01-01", "전략산업과", "signed"),
    )
    .await;
    record(
        &api,
        &city,
        &partner,
        more("2024-01-01", "투자유치과", "signed"),
    )
    .await;
    let draft =
        json!({"status": "draft", "project_ids": [served.id()], "lead_department": "기안과"});
    record(&api, &city, &partner, draft).await;
    let counted = async |query: &str| -> Vec<Value> {
        let path = format!("/statistics/milestones?group_by={query}");
        let told = api.read(&path).await.body;
        let groups = told["groups"].as_array().unwrap().iter();
        groups
            .map(|g| json!([g["key"]["value"], g["figures"]["count"]["count"]]))
            .collect()
    };
    assert_eq!(
        counted("department").await,
        [
            json!(["전략산업과", 2]),
            json!(["투자유치과", 2]),
            json!([null, 2])
        ]
    );
    assert_eq!(
        counted("department&as_of=2023-01-01").await,
        [json!(["전략산업과", 2]), json!([null, 2])]
    );
    assert_eq!(
        counted("topic").await,
        [
            json!(["바이오", 2]),
            json!(["전략산업과", 2]),
            json!(["투자유치과", 2]),
            json!([null, 2])
        ]
    );
    assert_eq!(
        counted("party").await,
        [json!([city, 2]), json!([partner, 2]), json!([null, 2])]
    );
    // Invisible records make no group.
    assert_eq!(
        api.with(None)
            .read("/statistics/milestones?group_by=department")
            .await
            .body["groups"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

async fn how_milestones_keep_their_dates(api: Api) {
    let city = api.municipality().await;
    let forecast = |stated: &str, target: &str, reason: Option<&str>| json!({"target": {"edtf": target}, "stated_on": {"edtf": stated}, "reason_code": reason});
    let met = |on: &str| json!([{"kind": "met", "on": {"edtf": on}}]);
    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
        {"kind": "plan_approval", "forecasts": [forecast("2020-01-13", "2021", None)], "outcomes": met("2021-08-31")},
        {"kind": "groundbreaking", "outcomes": met("2023-10-26"), "forecasts": [
            forecast("2019-12-20", "2021", None), forecast("2021-01-02", "2021-06", None), forecast("2022-05-01", "2023", Some("approval"))]},
        {"kind": "completion", "forecasts": [forecast("2021-04-16", "2024-12-31", None), forecast("2025-11-24", "2026-12-31", Some("market"))]},
        {"kind": "completion", "forecasts": [forecast("2024-11-22", "2030", None)]},
        {"kind": "other", "title": {"ko": "기타"}}]});
    api.create("/projects", &body).await;
    let body = api.read("/statistics/milestones").await.body;
    let totals = &body["totals"];
    // The third moved to a later target and is not overdue, but late by its first target.
    assert_eq!(
        told(&totals["on_time_rate"]),
        (
            json!(0.3333),
            1,
            3,
            out(&[("no_target", 1), ("not_due_yet", 1)])
        )
    );
    let moves = &totals["moves"];
    assert_eq!((&moves["later"], &moves["earlier"]), (&json!(2), &json!(0)));
    let by = |member: &str| -> Vec<(String, u64, u64)> {
        let found = moves[member].as_array().unwrap().iter();
        let number = |one: &Value, member: &str| one[member].as_u64().unwrap();
        found
            .map(|one| {
                let value = one["value"].as_str().unwrap().to_owned();
                (value, number(one, "later"), number(one, "earlier"))
            })
            .collect()
    };
    // A target that only narrows the first one, as of 2021, has not moved.
    let years = [("2022", 1, 0), ("2025", 1, 0)];
    assert_eq!(by("by_year"), years.map(|(y, l, e)| (y.to_owned(), l, e)));
    let reasons = [("approval", 1, 0), ("market", 1, 0)];
    assert_eq!(
        by("by_reason"),
        reasons.map(|(r, l, e)| (r.to_owned(), l, e))
    );
    let slip = &totals["slip"];
    assert_eq!(slip["count"], 4);
    assert_eq!(
        (&slip["min_days"], &slip["max_days"]),
        (&json!(-122), &json!(1028))
    );
    let deadlines = ["median", "min", "max"].map(|of| &slip[format!("{of}_deadline_days")]);
    assert_eq!(deadlines, [&json!(332.0), &json!(0), &json!(730)]);
    assert_eq!(told_out(slip), out(&[("no_target", 1)]));
    // Two are days over one year and over two years old; the last has no statement at all.
    assert_eq!(
        counts(&totals["freshness"]),
        out(&[("current", 1), ("stale", 1), ("unknown", 1)])
    );
    let by_kind = api.read("/statistics/milestones?group_by=kind").await.body;
    let ground = by_kind["groups"].as_array().unwrap().iter();
    let ground = ground
        .clone()
        .find(|g| g["key"]["value"] == "groundbreaking")
        .unwrap();
    let slip = &ground["figures"]["slip"];
    assert_eq!(
        (&slip["median_min_days"], &slip["median_max_days"]),
        (&json!(664.0), &json!(1028.0))
    );
    let by_reason = api
        .read("/statistics/milestones?group_by=reason")
        .await
        .body;
    let some = |value: &str, count| (Some(value.to_owned()), count);
    assert_eq!(groups(&by_reason), [some("approval", 1), some("market", 1)]);
    let market = &by_reason["groups"][1]["figures"]["moves"];
    assert_eq!(
        (&market["later"], &market["days"]["min_days"]),
        (&json!(1), &json!(730))
    );
    let by_year = api.read("/statistics/milestones?group_by=year").await.body;
    let years = [some("2021", 2), some("2024", 1), some("2030", 1), (None, 1)];
    assert_eq!(groups(&by_year), years);
    let then = api
        .read("/statistics/milestones?as_of=2022-12-31&group_by=municipality")
        .await;
    let then = then.body;
    assert_eq!(told(&then["totals"]["on_time_rate"]).1, 1);
    assert_eq!(
        then["totals"]["by_status"]["counts"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    for by in ["kind", "reason", "year", "municipality", "project", "term"] {
        for day in ["", "&as_of=2022-12-31"] {
            let path = format!("/statistics/milestones?group_by={by}{day}");
            let body = api.read(&path).await.body;
            assert!(follow(&api, &body).await > 10);
        }
    }
}

fn told_out(figure: &Value) -> BTreeMap<String, u64> {
    let found = figure["left_out"].as_array().unwrap().iter();
    let found = found.map(|one| {
        let reason = one["reason"].as_str().unwrap().to_owned();
        (reason, one["count"].as_u64().unwrap())
    });
    found.collect()
}

async fn the_mou_of_goyang_is_no_zero(api: Api) {
    let path = format!("/statistics/agreements?municipality_id={CITY}&group_by=year");
    let body = api.read(&path).await.body;
    // Three commitments of 2021 have neither a due date nor a report.
    let rate = told(&body["totals"]["execution_rate_commitments"]);
    assert_eq!(rate, (Value::Null, 0, 0, out(&[("no_due_date", 3)])));
    let some = |value: &str, count: u64| (Some(value.to_owned()), count);
    let years = [some("2020", 1), some("2021", 2), some("2024", 2), (None, 1)];
    assert_eq!(groups(&body), years);
    let milestones = api.read("/statistics/milestones?group_by=kind").await.body;
    // Every milestone slipped past its first target, such as plan approval past 2020 and
    // groundbreaking past 2021, so none was on time.
    let rate = told(&milestones["totals"]["on_time_rate"]);
    assert_eq!((rate.0, rate.1, rate.2), (json!(0.0), 0, 4));
    let slip = &milestones["totals"]["slip"];
    assert_eq!(
        (&slip["count"], &slip["max_days"]),
        (&json!(4), &json!(1825))
    );
    // By deadlines: approval 243 days after 2020, groundbreaking 664 after 2021, land supply four
    // years after 2022, completion three after 2023.
    let deadlines = ["median", "min", "max"].map(|of| &slip[format!("{of}_deadline_days")]);
    assert_eq!(deadlines, [&json!(880.0), &json!(243), &json!(1461)]);
}

async fn the_report_and_the_statistics_count_the_same_moves(api: Api) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (from, to) in [
        ("2021-01-01", "2024-12-31"),
        ("2019-01-01", "2026-11-23"),
        ("2023-01-01", "2023-12-31"),
    ] {
        let path = format!("/municipalities/{CITY}/council-report?from={from}&to={to}");
        let told = api.get(&path).await.expect(200).body;
        let moved = told["moved_milestones"].as_array().unwrap().iter();
        let mut reported: Vec<_> = moved
            .map(|one| {
                let milestone = text(&one["milestone"]["id"]);
                (
                    milestone,
                    text(&one["forecast_id"]),
                    text(&one["direction"]),
                    one["deadline_slip_days"].clone(),
                )
            })
            .collect();
        let path = format!(
            "/statistics/milestones/records?figure=moves&municipality_id={CITY}&as_of={to}&limit=200"
        );
        let listed = api.read(&path).await;
        let mut counted: Vec<_> = listed
            .items()
            .iter()
            .filter(|one| text(&one["move"]["stated_on"]["latest"]).as_str() >= from)
            .map(|one| {
                let moved = &one["move"];
                (
                    text(&one["milestone_id"]),
                    text(&moved["forecast_id"]),
                    text(&moved["direction"]),
                    moved["deadline_slip_days"].clone(),
                )
            })
            .collect();
        reported.sort_by_key(|one| one.1.clone());
        counted.sort_by_key(|one| one.1.clone());
        assert_eq!(reported, counted, "{from} {to}");
        assert!(!reported.is_empty());
    }
}

async fn every_link_of_the_demonstration_holds(api: Api) {
    for day in ["", "&as_of=2021-12-31"] {
        for by in [
            "year",
            "municipality",
            "term",
            "department",
            "kind",
            "party",
            "topic",
            "project",
        ] {
            let path = format!("/statistics/agreements?group_by={by}{day}");
            let body = api.read(&path).await.body;
            assert!(follow(&api, &body["totals"]).await > 9, "{path}");
            if by == "year" || by == "topic" || day.is_empty() && by == "project" {
                follow(&api, &body["groups"]).await;
            }
        }
        for by in ["kind", "department", "party"] {
            let path = format!("/statistics/milestones?group_by={by}{day}");
            follow(&api, &api.read(&path).await.body).await;
        }
    }
}
