//! Targets relative to another milestone of the project ("착공 후 36개월 준공"): they are derived
//! from it and move with it.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;
use crate::support::records::{signed, with};

on_both!(new:
    a_target_moves_with_its_milestone, a_promise_hangs_on_a_chain_of_milestones,
    a_moved_target_in_every_view, what_cannot_be_an_anchor_is_refused,
    a_moved_target_is_a_later_event, a_retracted_target_makes_no_circle);

fn after(words: &str, milestone: Value, months: u32) -> Value {
    let key = if milestone.is_u64() {
        "milestone"
    } else {
        "milestone_id"
    };
    json!({"as_stated": words, "relative_to": {"anchor": "milestone", key: milestone, "months": months}})
}

fn told(target: Value, on: &str) -> Value {
    json!({"target": target, "stated_on": {"edtf": on}})
}

fn bounds(date: &Value) -> String {
    let day = |name: &str| date[name].as_str().unwrap_or("..").to_owned();
    let sign = if date["approximate"] == true { "~" } else { "" };
    format!("{}/{}{sign}", day("earliest"), day("latest"))
}

/// A project whose completion is to follow 36 months after its groundbreaking, expected in 2021.
/// Returns its id, and those of the groundbreaking and the completion.
async fn project(api: &Api) -> [String; 4] {
    let city = api.municipality().await;
    let new = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "일산테크노밸리"},
        "milestones": [
            {"kind": "completion", "forecasts": [told(after("착공 후 36개월", json!(1), 36), "2021-04-16")]},
            {"kind": "groundbreaking", "forecasts": [told(json!("2021"), "2021-04-16")]}]});
    let made = api.create("/projects", &new).await;
    let id = |i: usize| {
        made.body["milestones"][i]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        made.body["milestones"][0]["forecasts"][0]["target"]["relative_to"]["milestone_id"],
        json!(id(1))
    );
    [city, made.id().to_owned(), id(1), id(0)]
}

/// Moves the groundbreaking to September 2023, and breaks ground in October.
async fn slip(api: &Api, groundbreaking: &str) {
    let path = format!("/milestones/{groundbreaking}");
    let later = told(json!("2023-09"), "2022-06-01");
    api.act(&format!("{path}/forecasts"), &later).await;
    let met = json!({"kind": "met", "on": {"edtf": "2023-10-26"}});
    api.act(&format!("{path}/outcomes"), &met).await;
}

async fn a_target_moves_with_its_milestone(api: Api) {
    let [_, project, groundbreaking, completion] = project(&api).await;
    let path = format!("/milestones/{completion}");
    let recorded = api.read(&path).await;
    // The groundbreaking has not come: it is expected from the day after its target on.
    assert_eq!(bounds(&recorded.body["target"]), "2025-01-01/..~");
    assert_eq!(recorded.body["status"], "due");
    assert_eq!(
        recorded.body["slip"],
        json!({"min_days": 1, "max_days": null})
    );
    slip(&api, &groundbreaking).await;
    let on = async |day: &str| {
        let one = api.read(&format!("{path}?as_of={day}")).await.body;
        format!(
            "{} {} {} {}",
            bounds(&one["target"]),
            one["status"].as_str().unwrap(),
            one["deadline_slip_days"],
            one["deadline_slip_days_from_previous"],
        )
    };
    for (day, expected) in [
        ("2021-12-31", "2024-01-01/2024-12-31~ planned 0 null"),
        ("2022-05-31", "2025-01-01/..~ planned null null"),
        ("2022-06-01", "2026-09-01/2026-09-30~ planned 638 638"),
        ("2023-10-26", "2026-10-26/2026-10-26 planned 664 26"),
        ("2026-10-27", "2026-10-26/2026-10-26 overdue 664 26"),
    ] {
        assert_eq!(on(day).await, expected, "{day}");
    }
    let now = api.read(&path).await;
    let body = &now.body;
    assert_eq!(bounds(&body["baseline"]), "2024-01-01/2024-12-31~");
    assert_eq!(
        (
            &body["target"]["edtf"],
            &body["target"]["as_stated"],
            body["target"].get("relative_to")
        ),
        (&json!("2026-10-26"), &json!("착공 후 36개월"), None)
    );
    assert_eq!(
        (
            &body["overdue_days"],
            &body["slip"],
            &body["forecast_count"],
            &body["version"]
        ),
        (
            &json!(28),
            &json!({"min_days": 664, "max_days": 1029}),
            &json!(1),
            &json!(1)
        )
    );
    let stated = &body["forecasts"][0]["target"];
    assert_eq!(
        (bounds(stated).as_str(), &stated["edtf"]),
        ("2026-10-26/2026-10-26", &Value::Null)
    );
    // The list and the timeline agree with the milestone.
    let listed = api.read(&format!("/projects/{project}/milestones")).await;
    assert_eq!(listed.items()[0], *body);
    for day in ["2022-05-31", "2022-06-01", "2026-10-27"] {
        let entry = api
            .read(&format!(
                "/timeline?types=milestone&kinds=completion&as_of={day}"
            ))
            .await;
        let (entry, one) = (
            &entry.items()[0],
            api.read(&format!("{path}?as_of={day}")).await.body,
        );
        for member in ["target", "baseline", "status", "slip", "deadline_slip_days"] {
            assert_eq!(entry[member], one[member], "{day} {member}");
        }
    }
    let overdue = api.read("/timeline?kinds=completion&status=overdue").await;
    assert_eq!(overdue.items().len(), 1);
    assert_eq!(wrong(&api), None);
    // A day that was stated takes its place; what happened to the groundbreaking moves it no more.
    api.act(
        &format!("{path}/forecasts"),
        &told(json!("2027"), "2026-11-01"),
    )
    .await;
    assert_eq!(
        bounds(&api.read(&path).await.body["target"]),
        "2027-01-01/2027-12-31"
    );
    assert_eq!(
        on("2026-10-31").await,
        "2026-10-26/2026-10-26 overdue 664 26"
    );
    // Nothing follows from a groundbreaking that is given up, or a statement that is retracted.
    let cancelled = json!({"kind": "cancelled", "on": {"edtf": "2026-05-01"}});
    let groundbreaking = format!("/milestones/{groundbreaking}");
    let given_up = api
        .act(&format!("{groundbreaking}/outcomes"), &cancelled)
        .await;
    assert_eq!(on("2026-10-31").await, "../.. unknown null null");
    let outcome = given_up.body["outcomes"][1]["id"].as_str().unwrap();
    let why = json!({"reason": {"ko": "오기"}});
    api.act(
        &format!("{groundbreaking}/outcomes/{outcome}/retraction"),
        &why,
    )
    .await;
    assert_eq!(
        on("2026-10-31").await,
        "2026-10-26/2026-10-26 overdue 664 26"
    );
    assert_eq!(wrong(&api), None);
}

async fn a_promise_hangs_on_a_chain_of_milestones(api: Api) {
    let [city, project, groundbreaking, completion] = project(&api).await;
    let due = after("준공 후 6개월", json!(completion), 6);
    let promise =
        json!({"project_ids": [project], "commitments": [{"text": {"ko": "입주"}, "due": due}]});
    let made = signed(&api, &city, "2021-05-01", promise).await;
    let path = format!("/agreements/{}", made.id());
    let due = async |query: &str| {
        let one = api.read(&format!("{path}{query}")).await.body;
        bounds(&one["commitments"][0]["due"])
    };
    assert_eq!(due("?as_of=2021-12-31").await, "2024-07-01/2025-06-30~");
    let recorded = "2026-11-24T00:00:00Z";
    let api = api.at("2026-11-25T03:00:00Z").await;
    slip(&api, &groundbreaking).await;
    let due = async |query: &str| {
        let one = api.read(&format!("{path}{query}")).await.body;
        bounds(&one["commitments"][0]["due"])
    };
    assert_eq!(due("?as_of=2023-11-01").await, "2027-04-26/2027-04-26~");
    let entry = api
        .read("/timeline?types=commitment&as_of=2023-11-01")
        .await;
    assert_eq!(
        bounds(&entry.items()[0]["target"]),
        "2027-04-26/2027-04-26~"
    );
    assert_eq!(wrong(&api), None);
    // As it was recorded by then.
    let then = api
        .read(&format!(
            "/milestones/{completion}?recorded_as_of={recorded}"
        ))
        .await;
    assert_eq!(bounds(&then.body["target"]), "2025-01-01/..~");
}

async fn a_moved_target_in_every_view(api: Api) {
    let [city, project, groundbreaking, completion] = project(&api).await;
    slip(&api, &groundbreaking).await;
    let slips = api
        .read(&format!("/projects/{project}/slip-history"))
        .await
        .body;
    let all = slips["milestones"].as_array().unwrap();
    let slips = all
        .iter()
        .find(|one| one["id"] == json!(completion))
        .unwrap();
    let points: Vec<String> = (slips["points"].as_array().unwrap().iter())
        .map(|point| {
            format!(
                "{} {} {} {}",
                point["event"].as_str().unwrap(),
                point["stated_on"]["edtf"].as_str().unwrap(),
                bounds(&point["target"]),
                point["deadline_slip_days_from_previous"],
            )
        })
        .collect();
    assert_eq!(
        points,
        [
            "forecast 2021-04-16 2024-01-01/2024-12-31~ null",
            "followed 2022-06-01 2026-09-01/2026-09-30~ 638",
            "followed 2023-10-26 2026-10-26/2026-10-26 26",
        ]
    );
    assert_eq!(
        slips["points"][1]["reason"]["ko"],
        "기준이 되는 추진 단계가 움직임: 착공"
    );
    // The report and the statistics count the same moves.
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2026-11-23");
    let report = api.read(&report).await.body;
    let moved = report["moved_milestones"].as_array().unwrap();
    let moved: Vec<&Value> = moved
        .iter()
        .filter(|one| one["milestone"]["id"] == json!(completion))
        .collect();
    assert_eq!(moved.len(), 2);
    assert_eq!(moved[0]["deadline_slip_days"], 638);
    assert_eq!(report["overdue_milestones"][0]["overdue_days"], 28);
    for kind in ["", "&kind=completion"] {
        let path = format!("/statistics/milestones/records?figure=moves{kind}");
        let text = api.read(&path).await.text;
        assert_eq!(
            text.matches("\"deadline_slip_days\":638").count(),
            1 + usize::from(kind.is_empty()),
            "{text}"
        );
    }
    let calendar = api
        .get("/timeline.ics?kinds=completion")
        .await
        .expect(200)
        .text;
    assert!(calendar.contains("20261026"), "{calendar}");
}

async fn what_cannot_be_an_anchor_is_refused(api: Api) {
    let [city, project, groundbreaking, completion] = project(&api).await;
    let forecasts = |id: &str| format!("/milestones/{id}/forecasts");
    let refused = async |id: &str, target: Value| {
        let answer = api
            .post(&forecasts(id), &told(target, "2026-01-01"))
            .await
            .expect(422);
        let error = &answer.body["errors"][0];
        format!(
            "{} {}",
            error["pointer"].as_str().unwrap(),
            error["code"].as_str().unwrap()
        )
    };
    let at = "/target/relative_to/milestone_id";
    let to_completion = after("준공 12개월 전", json!(completion), 12);
    assert_eq!(
        refused(&groundbreaking, to_completion.clone()).await,
        format!("{at} circular")
    );
    assert_eq!(
        refused(&completion, to_completion).await,
        format!("{at} circular")
    );
    let other = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "다른 사업"},
        "milestones": [{"kind": "completion"}]});
    let other = api.create("/projects", &other).await;
    let foreign = after("그 뒤", other.body["milestones"][0]["id"].clone(), 1);
    assert_eq!(
        refused(&completion, foreign).await,
        format!("{at} not_of_its_project")
    );
    assert_eq!(
        refused(&completion, after("그 뒤", json!(0), 1)).await,
        "/target/relative_to/milestone unexpected"
    );
    let signing =
        json!({"as_stated": "체결 후", "relative_to": {"anchor": "signing", "months": 1}});
    assert_eq!(
        refused(&completion, signing).await,
        "/target/relative_to/agreement_id required"
    );
    let bare = json!({"as_stated": "그 뒤", "relative_to": {"anchor": "milestone"}});
    assert_eq!(refused(&completion, bare).await, format!("{at} required"));
    let new = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "새 사업"}, "milestones": [
        {"kind": "groundbreaking", "forecasts": [told(after("준공 전", json!(1), 1), "2026-01-01")]},
        {"kind": "completion", "forecasts": [told(after("착공 후", json!(0), 1), "2026-01-01"),
            told(after("그 뒤", json!(7), 1), "2026-01-02"), told(after("그 뒤", json!(groundbreaking), 1), "2026-01-03")]}]});
    let answer = api.post("/projects", &new).await.expect(422);
    let at = |i: usize, j: usize, id: &str| {
        format!("/milestones/{i}/forecasts/{j}/target/relative_to/milestone{id}")
    };
    assert_eq!(
        answer.places(),
        [at(0, 0, ""), at(1, 0, ""), at(1, 1, ""), at(1, 2, "_id")]
    );
    // A milestone from which another is counted cannot vanish.
    let approval = json!({"kind": "plan_approval"});
    let approval = api
        .create(&format!("/projects/{project}/milestones"), &approval)
        .await;
    let supply = json!({"kind": "land_supply", "forecasts": [told(after("승인 후 1년", json!(approval.id()), 12), "2026-01-01")]});
    let supply = api
        .create(&format!("/projects/{project}/milestones"), &supply)
        .await;
    assert_eq!(
        (
            bounds(&supply.body["target"]).as_str(),
            &supply.body["status"]
        ),
        ("../..", &json!("unknown"))
    );
    let kept = api
        .delete(&format!("/milestones/{}", approval.id()), "*")
        .await
        .expect(409);
    assert!(
        kept.text.contains("토지공급") || kept.text.contains("Land supply"),
        "{}",
        kept.text
    );
    // The first date that is known for it is its baseline.
    let met = json!({"kind": "met", "on": {"edtf": "2026-03-02"}});
    api.act(&format!("/milestones/{}/outcomes", approval.id()), &met)
        .await;
    let dated = api.read(&format!("/milestones/{}", supply.id())).await.body;
    assert_eq!(
        (
            bounds(&dated["baseline"]).as_str(),
            &dated["deadline_slip_days"],
            &dated["status"]
        ),
        ("2027-03-02/2027-03-02", &json!(0), &json!("planned"))
    );
    assert_eq!(wrong(&api), None);
}

async fn a_moved_target_is_a_later_event(api: Api) {
    let [city, project, groundbreaking, completion] = project(&api).await;
    let due = after("준공 후 6개월", json!(completion), 6);
    let promise =
        json!({"project_ids": [project], "commitments": [{"text": {"ko": "입주"}, "due": due}]});
    signed(&api, &city, "2021-05-01", promise).await;
    let read = async |of: &str| {
        let text = api
            .get(&format!("/timeline.ics?{of}"))
            .await
            .expect(200)
            .text;
        let line = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_once(':').unwrap().1.trim().to_owned()
        };
        (
            line("SEQUENCE").parse::<i64>().unwrap(),
            line("DTSTAMP"),
            line("DTSTART"),
        )
    };
    for of in ["kinds=completion", "types=commitment"] {
        let before = read(of).await;
        // The day from which the new target is known lies before the last one, and the clock stands.
        let later = told(
            json!("2029"),
            if of == "kinds=completion" {
                "2024-01-05"
            } else {
                "2024-01-06"
            },
        );
        let later = with(
            later,
            json!({"target": {"edtf": if of == "kinds=completion" { "2029" } else { "2030" }}}),
        );
        api.act(&format!("/milestones/{groundbreaking}/forecasts"), &later)
            .await;
        let after = read(of).await;
        assert!(after.0 > before.0, "{of}: {before:?} {after:?}");
        assert!(
            after.1 >= before.1 && after.2 != before.2,
            "{of}: {before:?} {after:?}"
        );
    }
    assert_eq!(wrong(&api), None);
}

/// A was counted from B by mistake; now B is counted from A, and C from B. B has the smallest id.
async fn a_retracted_target_makes_no_circle(api: Api) {
    let city = api.municipality().await;
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"},
        "milestones": [{"kind": "other", "title": {"ko": "B"}}, {"kind": "other", "title": {"ko": "A"}},
            {"kind": "other", "title": {"ko": "C"}}]});
    let made = api.create("/projects", &new).await;
    let mut ids: Vec<&str> = (0..3)
        .map(|i| made.body["milestones"][i]["id"].as_str().unwrap())
        .collect();
    ids.sort_unstable();
    let [b, a, c] = ids[..] else {
        panic!("{ids:?}")
    };
    let state = async |id: &str, target: Value| {
        let path = format!("/milestones/{id}/forecasts");
        let stated = api.act(&path, &told(target, "2024-01-01")).await.body;
        stated["forecasts"][0]["id"].as_str().unwrap().to_owned()
    };
    let mistaken = state(a, after("B 후 1개월", json!(b), 1)).await;
    let path = format!("/milestones/{a}/forecasts/{mistaken}/retraction");
    api.act(&path, &json!({"reason": {"ko": "잘못 적음"}}))
        .await;
    let day = told(json!("2030-01-31"), "2024-02-01");
    api.act(&format!("/milestones/{a}/forecasts"), &day).await;
    state(b, after("A 후 12개월", json!(a), 12)).await;
    state(c, after("B 후 12개월", json!(b), 12)).await;
    let listed = format!("/projects/{}/milestones", made.id());
    let listed = api.read(&listed).await;
    for (id, expected) in [(a, "2030-01-31"), (b, "2031-01-31~"), (c, "2032-01-31~")] {
        let alone = api.read(&format!("/milestones/{id}")).await;
        let in_list = listed.items().iter().find(|one| one["id"] == *id).unwrap();
        assert_eq!(alone.body["target"]["edtf"], expected, "{id}");
        assert_eq!(in_list["target"], alone.body["target"], "{id}");
    }
}
