use serde_json::{Value, json};

use crate::support::{Answer, Api};

on_both!(new:
    forecasts_are_append_only, limits_slip_by_their_last_days,
    a_revocation_that_is_withdrawn_restores_what_was, a_suspension_ends_or_not, a_mistaken_forecast_is_retracted,
    a_past_day_knows_no_later_milestone, shares_and_references_are_checked,
    currencies_are_of_iso_4217, money_and_area_as_stated, types_and_rules_are_checked_at_once,
    nothing_is_stated_in_the_future);

/// An id that no record has.
const MISSING: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

async fn project_with_milestone(api: &Api) -> String {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "사업"},
        "milestones": [{"kind": "groundbreaking", "forecasts": [{"target": {"edtf": "2021"}, "stated_on": {"edtf": "2021-04-16"}}]}]});
    let made = api.create("/projects", &body).await;
    assert_eq!(made.body["milestones"][0]["status"], "overdue");
    made.body["milestones"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn forecasts_are_append_only(api: Api) {
    let id = project_with_milestone(&api).await;
    let path = format!("/milestones/{id}");
    // A month that is not over would count from its end: today, nobody would know of the target.
    for (on, code) in [
        ("2026-11", "in_future"),
        ("2026", "in_future"),
        ("../2026", "in_future"),
        ("2026/2027", "in_future"),
        ("2026/..", "open_ended"),
    ] {
        let stated = json!({"target": {"edtf": "2027-H1"}, "stated_on": {"edtf": on}, "reason_code": "market", "reason": {"ko": "분양 부진"}});
        let refused = api.post(&format!("{path}/forecasts"), &stated).await;
        let refused = refused.expect(422);
        assert_eq!(refused.places(), ["/stated_on"], "{on}");
        assert_eq!(refused.body["errors"][0]["code"], code, "{on}");
    }
    let city = api.read("/municipalities").await.body["items"][0]["id"].clone();
    let new = json!({"kind": "completion", "forecasts": [{"target": {"edtf": "2027"}, "stated_on": {"edtf": "2026"}}]});
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [new]});
    let refused = api.post("/projects", &project).await.expect(422);
    assert_eq!(refused.places(), ["/milestones/0/forecasts/0/stated_on"]);
    let stated = json!({"target": {"edtf": "2027-H1"}, "stated_on": {"edtf": "2026-11-20"}});
    let after = api.act(&format!("{path}/forecasts"), &stated).await;
    assert_eq!(
        (&after.body["status"], &after.body["slip"]),
        (
            &json!("planned"),
            &json!({"min_days": 1827, "max_days": 2371})
        )
    );
    assert_eq!(after.body["slip_from_previous"], after.body["slip"]);
    let future = json!({"target": {"edtf": "2027"}, "stated_on": {"edtf": "2027"}});
    assert_eq!(
        api.post(&format!("{path}/forecasts"), &future)
            .await
            .expect(422)
            .places(),
        ["/stated_on"]
    );
    let open = json!({"kind": "met", "on": {"edtf": "2021/.."}});
    assert_eq!(
        api.post(&format!("{path}/outcomes"), &open)
            .await
            .expect(422)
            .places(),
        ["/on"]
    );
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-22"}});
    assert_eq!(
        api.act(&format!("{path}/outcomes"), &met).await.body["status"],
        "met_late"
    );
    api.delete(&path, "*").await.expect(409);
    let named = api
        .update(&path, "*", &json!({"title": {"ko": "1단계 착공"}}))
        .await;
    assert_eq!(named.body["forecasts"].as_array().unwrap().len(), 2);
    let line = api.read("/timeline?types=milestone").await;
    assert_eq!(line.body["items"][0]["title"]["ko"], "1단계 착공");
}

async fn limits_slip_by_their_last_days(api: Api) {
    let city = api.municipality().await;
    let forecast = |target: &str, stated: &str| json!({"target": {"edtf": target}, "stated_on": {"edtf": stated}});
    let body = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "동춘1구역"},
        "milestones": [
            {"kind": "completion", "forecasts": [
                forecast("../2021-06-30", "2021-06-01"), forecast("../2021-12-31", "2021-06-21")]},
            {"kind": "groundbreaking", "forecasts": [forecast("2022", "2021-01-01")],
                "outcomes": [{"kind": "met", "on": {"edtf": "2022-12-31"}}]},
            {"kind": "land_supply", "forecasts": [
                forecast("2021", "2021-01-01"), forecast("2021-12", "2021-02-01"), forecast("2023/..", "2022-01-01")]}]});
    let made = api.create("/projects", &body).await;
    let project = made.id();
    let milestone = &made.body["milestones"][0];
    assert_eq!(
        milestone["slip"],
        json!({"min_days": null, "max_days": null})
    );
    assert_eq!(milestone["deadline_slip_days"], 184);
    assert_eq!(milestone["deadline_slip_days_from_previous"], 184);
    // From 2021-12-31 to 2026-11-23.
    assert_eq!(milestone["overdue_days"], 1788);
    let met = &made.body["milestones"][1];
    assert_eq!(
        (
            &met["status"],
            &met["deadline_slip_days"],
            &met["overdue_days"]
        ),
        (&json!("met"), &json!(0), &Value::Null)
    );
    assert_eq!(
        made.body["milestones"][2]["deadline_slip_days"],
        Value::Null
    );
    let line = api
        .read(&format!("/projects/{project}/timeline?kinds=completion"))
        .await;
    let item = &line.items()[0];
    assert_eq!(
        (&item["deadline_slip_days"], &item["overdue_days"]),
        (&json!(184), &json!(1788))
    );
    let then = api
        .read("/timeline?kinds=completion&as_of=2021-06-20")
        .await;
    assert_eq!(then.items()[0]["deadline_slip_days"], 0);
    let history = api.read(&format!("/projects/{project}/slip-history")).await;
    let of = |milestone: usize| -> Vec<(Value, Value)> {
        let points = history.body["milestones"][milestone]["points"].as_array();
        let points = points.unwrap().iter();
        points
            .map(|p| {
                let previous = p["deadline_slip_days_from_previous"].clone();
                (previous, p["direction"].clone())
            })
            .collect()
    };
    assert_eq!(
        of(0),
        [(Value::Null, Value::Null), (json!(184), json!("later"))]
    );
    // A narrower target has not moved; one that starts after it has, by an unknown number of days.
    assert_eq!(
        of(2)[1..],
        [(json!(0), Value::Null), (Value::Null, json!("later"))]
    );
    let path = format!("/statistics/milestones?project_id={project}");
    let totals = api.read(&path).await.body["totals"].clone();
    let slip = &totals["slip"];
    assert_eq!(
        (&slip["count"], &slip["range_count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&slip["median_deadline_days"], &slip["max_deadline_days"]),
        (&json!(92.0), &json!(184))
    );
    assert_eq!(slip["left_out"][0]["reason"], "cannot_tell");
    assert_eq!(totals["moves"]["later"], 2);
    assert_eq!(totals["moves"]["days"]["median_deadline_days"], 184.0);
    let path = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2022-12-31");
    let told = api.get(&path).await.expect(200).body;
    let moved = told["moved_milestones"].as_array().unwrap();
    let moved: Vec<_> = moved.iter().map(|m| &m["deadline_slip_days"]).collect();
    assert_eq!(moved, [&json!(184), &Value::Null]);
    assert_eq!(told["met_milestones"][0]["deadline_slip_days"], 0);
}

async fn with_outcomes(api: &Api, kind: &str, target: &str, outcomes: Value) -> (String, String) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "브레인시티"}, "milestones": [
        {"kind": kind, "outcomes": outcomes,
            "forecasts": [{"target": {"edtf": target}, "stated_on": {"edtf": "2008-01-01"}}]}]});
    let made = api.create("/projects", &body).await;
    let milestone = made.body["milestones"][0]["id"].as_str().unwrap();
    (made.id().to_owned(), milestone.to_owned())
}

async fn a_revocation_that_is_withdrawn_restores_what_was(api: Api) {
    let outcomes = json!([{"kind": "met", "on": {"edtf": "2010-03"}},
        {"kind": "cancelled", "on": {"edtf": "2014-04"}}, {"kind": "reopened", "on": {"edtf": "2016-06"}}]);
    let (project, id) = with_outcomes(&api, "plan_approval", "2010", outcomes).await;
    for (day, status, actual) in [
        ("2010-03-30", "due", Value::Null),
        ("2014-04-29", "met", json!("2010-03")),
        ("2016-06-29", "cancelled", Value::Null),
        ("2016-06-30", "met", json!("2010-03")),
        ("2026-11-23", "met", json!("2010-03")),
    ] {
        let then = api
            .read(&format!("/milestones/{id}?as_of={day}"))
            .await
            .body;
        assert_eq!(
            (&then["status"], &then["actual"]["edtf"]),
            (&json!(status), &actual),
            "{day}"
        );
        let path = format!("/timeline?project_id={project}&as_of={day}&status={status}");
        let item = api.read(&path).await.items()[0].clone();
        assert_eq!(
            (&item["status"], &item["actual"]["edtf"]),
            (&json!(status), &actual),
            "{day}"
        );
    }
    let statistics = api.read("/statistics/milestones").await.body;
    assert_eq!(statistics["totals"]["on_time_rate"]["value"], 1.0);
    // Met again and reopened again: open, as it was not cancelled.
    for (kind, status) in [("met", "met_late"), ("reopened", "overdue")] {
        let next = json!({"kind": kind, "on": {"edtf": "2017-01-01"}});
        let after = api.act(&format!("/milestones/{id}/outcomes"), &next).await;
        assert_eq!(after.body["status"], status);
    }
}

async fn a_suspension_ends_or_not(api: Api) {
    let outcomes = json!([{"kind": "suspended", "on": {"edtf": "2018-07"}}]);
    let (project, id) = with_outcomes(&api, "completion", "2021", outcomes).await;
    let now = api.read(&format!("/milestones/{id}")).await.body;
    assert_eq!(
        (&now["status"], &now["overdue_days"]),
        (&json!("suspended"), &Value::Null)
    );
    assert_ne!(now["freshness"], Value::Null);
    let path = "/timeline?types=milestone&status=suspended";
    assert_eq!(api.read(path).await.items().len(), 1);
    let earlier = format!("{path}&as_of=2018-07-30");
    assert_eq!(api.read(&earlier).await.items().len(), 0);
    let calendar = api
        .get(&format!("/timeline.ics?project_id={project}&lang=ko"))
        .await;
    let text = calendar.expect(200).text.replace("\r\n ", "");
    assert!(text.contains("[중단]"), "{text}");
    let counted = api.read("/statistics/milestones").await.body;
    let counted = &counted["totals"]["by_status"]["counts"][0];
    assert_eq!(
        (&counted["value"], &counted["count"]),
        (&json!("suspended"), &json!(1))
    );
    let listed = api
        .read("/statistics/milestones/records?status=suspended")
        .await;
    assert_eq!(listed.items().len(), 1);
    let resumed = json!({"kind": "resumed", "on": {"edtf": "2020-01"}});
    let after = api
        .act(&format!("/milestones/{id}/outcomes"), &resumed)
        .await;
    assert_eq!(after.body["status"], "overdue");
    let then = api
        .read(&format!("/milestones/{id}?as_of=2019-01-01"))
        .await;
    assert_eq!(then.body["status"], "suspended");
    assert_eq!(api.read(path).await.items().len(), 0);
}

async fn a_mistaken_forecast_is_retracted(api: Api) {
    let id = project_with_milestone(&api).await;
    let path = format!("/milestones/{id}");
    let wrong = json!({"target": {"edtf": "2031"}, "stated_on": {"edtf": "2022"}});
    let after = api.act(&format!("{path}/forecasts"), &wrong).await;
    let forecast = after.body["forecasts"][1]["id"].as_str().unwrap();
    let retraction = format!("{path}/forecasts/{forecast}/retraction");
    assert_eq!(
        api.post(&retraction, &json!({})).await.expect(422).places(),
        ["/reason"]
    );
    let after = api
        .act(&retraction, &json!({"reason": {"ko": "잘못 읽음"}}))
        .await;
    assert_eq!(
        (&after.body["target"]["edtf"], &after.body["forecast_count"]),
        (&json!("2021"), &json!(1))
    );
    let listed = api.read(&format!("{path}/forecasts")).await;
    assert_eq!(
        listed.body["items"][1]["retraction"]["retracted_on"],
        "2026-11-23"
    );
    api.post(&retraction, &json!({"reason": {"ko": "또"}}))
        .await
        .expect(409);
    assert_eq!(
        api.read("/timeline").await.body["items"][0]["target"]["edtf"],
        "2021"
    );
}

async fn a_past_day_knows_no_later_milestone(api: Api) {
    let city = api.municipality().await;
    let later = json!({"title": "나중에 나온 자료", "published_on": {"edtf": "2024-02"}});
    let body = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "사업"},
        "sources": [later, {"title": "날짜 없는 자료"}],
        "milestones": [
            {"kind": "groundbreaking", "forecasts": [
                {"target": {"edtf": "2021"}, "stated_on": {"edtf": "2021-04-16"}, "source": later}]},
            {"kind": "land_supply", "forecasts": [{"target": {"edtf": "2025"}, "stated_on": {"edtf": "2024-05"}}]},
            {"kind": "compensation", "outcomes": [{"kind": "met", "on": {"edtf": "2023-03-02"}}]},
            {"kind": "completion"}]});
    let made = api.create("/projects", &body).await;
    let path = format!("/projects/{}", made.id());
    for (query, kinds) in [
        ("?as_of=2021-04-15", &["completion"][..]),
        ("?as_of=2021-12-31", &["groundbreaking", "completion"]),
        (
            "?as_of=2024-05-30",
            &["groundbreaking", "compensation", "completion"],
        ),
        (
            "?as_of=2024-05-31",
            &[
                "groundbreaking",
                "land_supply",
                "compensation",
                "completion",
            ],
        ),
        (
            "?",
            &[
                "groundbreaking",
                "land_supply",
                "compensation",
                "completion",
            ],
        ),
    ] {
        let of = |list: &Value| -> Vec<String> {
            let kinds = list.as_array().unwrap().iter();
            kinds
                .map(|m| m["kind"].as_str().unwrap().to_owned())
                .collect()
        };
        let whole = api.read(&format!("{path}{query}")).await.body;
        let list = api.get(&format!("{path}/milestones{query}")).await;
        let line = api
            .get(&format!("{path}/timeline{query}&types=milestone"))
            .await;
        assert_eq!(of(&whole["milestones"]), kinds, "{query}");
        assert_eq!(of(&list.expect(200).body["items"]), kinds, "{query}");
        assert_eq!(
            of(&line.expect(200).body["items"]).len(),
            kinds.len(),
            "{query}"
        );
        let known = if query > "?as_of=2024-02" || query == "?" {
            2
        } else {
            1
        };
        assert_eq!(whole["sources"].as_array().unwrap().len(), known, "{query}");
    }
    let then = api.get(&format!("{path}?as_of=2021-12-31")).await.body;
    let milestone = &then["milestones"][0];
    assert_eq!(
        (&milestone["sources"], &milestone["forecasts"][0]["source"]),
        (&json!([]), &Value::Null)
    );
    // The source is left out, which is not a gap.
    assert_eq!(milestone["gaps"], json!([]));
}

async fn shares_and_references_are_checked(api: Api) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"},
        "implementers": [{"organization_id": city, "share_percent": 65}, {"organization_id": MISSING, "share_percent": 36}]});
    assert_eq!(
        api.post("/projects", &body).await.expect(422).places(),
        ["/implementers", "/implementers/1/organization_id"]
    );
    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "implementers": [{"organization_id": MISSING}]});
    assert_eq!(
        api.post("/projects", &body).await.expect(422).places(),
        ["/implementers/0/organization_id"]
    );
    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "implementers": [{"organization_id": city}]});
    let made = api.create("/projects", &body).await;
    assert_eq!(
        api.find(&format!(
            "/projects?organization_id={city}&kind=facility&status=identification"
        ))
        .await,
        made.id()
    );
}

async fn currencies_are_of_iso_4217(api: Api) {
    let city = api.municipality().await;
    let body = |currency: &str| {
        json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"},
            "budget": {"amount": 1, "currency": currency}})
    };
    for wrong in ["ABC", "WON", "krw", "KR", "원", ""] {
        let refused = api.post("/projects", &body(wrong)).await.expect(422);
        assert_eq!(refused.places(), ["/budget/currency"], "{wrong}");
        assert_eq!(refused.body["errors"][0]["code"], "format_iso4217");
    }
    let made = api.create("/projects", &body("USD")).await;
    let patched = json!({"budget": {"currency": "ZZZ"}});
    let refused = api
        .patch(&format!("/projects/{}", made.id()), "*", &patched)
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/budget/currency"]);
}

async fn types_and_rules_are_checked_at_once(api: Api) {
    let project = json!({"municipality_id": MISSING, "kind": "town", "title": {"ko": "사업"},
        "implementers": [{"organization_id": MISSING, "share_percent": "all"}],
        "milestones": [{"kind": "met", "outcomes": [{"kind": "met", "on": {"edtf": "2027"}}]}]});
    let refused = api.post("/projects", &project).await.expect(422);
    let places = [
        "/implementers/0/organization_id",
        "/implementers/0/share_percent",
        "/kind",
        "/milestones/0/kind",
        "/milestones/0/outcomes/0/on",
        "/municipality_id",
    ];
    assert_eq!(refused.places(), places);
    let id = project_with_milestone(&api).await;
    let milestone = format!("/milestones/{id}");
    let project = api.read(&milestone).await.body["project_id"].clone();
    let project = format!("/projects/{}", project.as_str().unwrap());
    let patch = json!({"kind": "town", "implementers": [{"organization_id": MISSING}]});
    let refused = api.patch(&project, "*", &patch).await.expect(422);
    assert_eq!(
        refused.places(),
        ["/implementers/0/organization_id", "/kind"]
    );
    let forecast = json!({"target": 5, "stated_on": {"edtf": "2027"}});
    let path = format!("{milestone}/forecasts");
    let refused = api.post(&path, &forecast).await.expect(422);
    assert_eq!(refused.places(), ["/stated_on", "/target"]);
    let outcome = json!({"kind": "done", "on": {"edtf": "2027"}});
    let path = format!("{milestone}/outcomes");
    let refused = api.post(&path, &outcome).await.expect(422);
    assert_eq!(refused.places(), ["/kind", "/on"]);
    assert_eq!(api.read(&milestone).await.body["version"], 1);
}

async fn money_and_area_as_stated(api: Api) {
    let city = api.municipality().await;
    let body = |budget: Value, area: Value| json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "budget": budget, "area": area});
    let words = body(
        json!({"as_stated": "추후 협의"}),
        json!({"as_stated": "26만 평"}),
    );
    let made = api.create("/projects", &words).await;
    assert_eq!(made.body["budget"]["amount"], Value::Null);
    assert_eq!(made.body["budget"]["as_stated"], "추후 협의");
    assert_eq!(made.body["area"]["square_metres"], Value::Null);
    let range = body(
        json!({"min_amount": 50_000_000_000_i64, "max_amount": 70_000_000_000_i64, "currency": "KRW"}),
        json!({"min_square_metres": 1000}),
    );
    let made = api.create("/projects", &range).await;
    assert_eq!(made.body["budget"]["max_amount"], json!(70_000_000_000_i64));
    let wrong = body(
        json!({"amount": 5, "min_amount": 8, "max_amount": 7}),
        json!({"approximate": true}),
    );
    let refused = api.post("/projects", &wrong).await.expect(422);
    let mut places = refused.places();
    places.sort();
    assert_eq!(
        places,
        [
            "/area/square_metres",
            "/budget/currency",
            "/budget/max_amount",
            "/budget/max_amount",
            "/budget/min_amount"
        ]
    );
}

async fn nothing_is_stated_in_the_future(api: Api) {
    let city = api.municipality().await;
    let milestone = json!({"kind": "completion", "title": {"ko": "준공"},
        "forecasts": [{"target": {"edtf": "2031"}, "stated_on": {"edtf": "2030-01-01"}}]});
    let new = json!({"municipality_id": city, "kind": "industrial_complex", "title": {"ko": "사업"},
        "milestones": [milestone]});
    let refused = api.post("/projects", &new).await.expect(422);
    let at = |answer: &Answer| answer.body["errors"][0]["pointer"].clone();
    assert_eq!(at(&refused), "/milestones/0/forecasts/0/stated_on");
    let project =
        json!({"municipality_id": city, "kind": "industrial_complex", "title": {"ko": "사업"}});
    let project = api.create("/projects", &project).await;
    let path = format!("/projects/{}/milestones", project.id());
    let refused = api.post(&path, &milestone).await.expect(422);
    assert_eq!(at(&refused), "/forecasts/0/stated_on");
}
