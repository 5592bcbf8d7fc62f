//! Dates relative to another: they are derived from their anchor and move with it.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;
use crate::support::records::{attempt, demand, record, signed, with};

on_both!(new:
    a_term_counted_from_the_signing, a_term_counted_from_its_first_day,
    a_due_date_moves_with_a_milestone, a_term_lasts_until_a_milestone,
    a_milestone_that_is_not_shown_tells_no_date, what_is_no_anchor_is_refused,
    dates_counted_in_a_circle_are_refused,
    dates_relative_to_a_milestone_in_every_view);

/// `체결일로부터 2년` and the like.
fn relative(words: &str, to: Value) -> Value {
    json!({"as_stated": words, "relative_to": to})
}

fn bounds(date: &Value) -> String {
    let day = |name: &str| date[name].as_str().unwrap_or("..").to_owned();
    let sign = if date["approximate"] == true { "~" } else { "" };
    format!("{}/{}{sign}", day("earliest"), day("latest"))
}

async fn a_term_counted_from_the_signing(api: Api) {
    let city = api.municipality().await;
    let until = relative("체결일로부터 2년", json!({"anchor": "signing", "years": 2}));
    let due = json!([{"text": {"ko": "성과 보고"},
        "due": relative("종료 30일 전까지",
            json!({"anchor": "effective_until", "days": 30, "direction": "before", "is_limit": true}))}]);
    let more = || json!({"effective_until": until, "commitments": due});
    // Before the signing nothing follows from it.
    let draft = record(&api, &city, more()).await;
    assert_eq!(bounds(&draft.body["effective_until"]), "../..");
    assert_eq!(draft.body["effective_until"]["text"], "체결일로부터 2년");
    let approved = json!({"transitions": [{"to": "approved", "on": {"edtf": "2025-04-01"}}]});
    let made = signed(&api, &city, "2025-04-16", with(more(), approved)).await;
    let path = format!("/agreements/{}", made.id());
    let ends = &made.body["effective_until"];
    assert_eq!(
        (bounds(ends).as_str(), &ends["edtf"]),
        ("2027-04-16/2027-04-16", &Value::Null)
    );
    assert_eq!(
        (&ends["relative_to"]["years"], &ends["text"]),
        (&json!(2), &json!("2027년 4월 16일"))
    );
    assert_eq!(bounds(&made.body["commitments"][0]["due"]), "../2027-03-17");
    assert_eq!(
        (&made.body["in_force"], &made.body["expires_in_days"]),
        (&json!(true), &json!(144))
    );
    assert!(!made.text.contains("effective_until_unknown"));
    // By the days of those days.
    let before = api.read(&format!("{path}?as_of=2025-04-15")).await.body;
    assert_eq!(bounds(&before["effective_until"]), "../..");
    let row = api
        .read("/agreements?in_force=true&expiring_within_days=144")
        .await
        .body;
    assert_eq!(row["items"][0]["effective_until"]["edtf"], "2027-04-16");
    let entry = api.read("/timeline?types=expiry").await.body;
    assert_eq!(entry["items"][0]["when"]["edtf"], "2027-04-16");
    assert_eq!(entry["items"][0]["when"]["as_stated"], "체결일로부터 2년");
    // An empty patch changes nothing; a corrected signing moves the end.
    let same = api.update(&path, "*", &json!({"venue": null})).await;
    assert_eq!(same.body["version"], made.body["version"]);
    let correct = format!("{path}?correction_reason=x");
    let moved = api
        .update(&correct, "*", &json!({"signed_on": {"edtf": "2025-04"}}))
        .await;
    assert_eq!(
        bounds(&moved.body["effective_until"]),
        "2027-04-01/2027-04-30"
    );
    let entry = api.read("/timeline?types=expiry").await.body;
    assert_eq!(entry["items"][0]["when"]["edtf"], "2027-04");
    let entry = api.read("/timeline?types=commitment").await.body;
    assert_eq!(entry["items"][0]["target"]["edtf"], "../2027-03-31");
    // A stated day takes the place of the derived one if it is said so.
    let fixed = json!({"effective_until": {"edtf": "2027-04-30"}});
    let refused = api.patch(&correct, "*", &fixed).await.expect(422);
    assert_eq!(refused.places(), ["/effective_until/edtf"]);
    let fixed = json!({"effective_until": {"edtf": "2027-04-30", "relative_to": null}});
    let fixed = api.update(&correct, "*", &fixed).await;
    assert_eq!(fixed.body["effective_until"].get("relative_to"), None);
    assert_eq!(
        bounds(&fixed.body["commitments"][0]["due"]),
        "../2027-03-31"
    );
    assert_eq!(wrong(&api), None);
}

async fn a_term_counted_from_its_first_day(api: Api) {
    let city = api.municipality().await;
    let term = |from: Value| {
        json!({"effective_from": from,
            "effective_until": relative("효력 발생일부터 2년", json!({"anchor": "effective_from", "years": 2}))})
    };
    let ends = async |from: Value| {
        let made = signed(&api, &city, "2025-04-16", term(from)).await;
        bounds(&made.body["effective_until"])
    };
    // It begins at midnight; one that begins with the signing does not.
    assert_eq!(ends(json!("2025-05-01")).await, "2027-04-30/2027-04-30");
    assert_eq!(ends(json!("2025-04-16")).await, "2027-04-16/2027-04-16");
    assert_eq!(ends(Value::Null).await, "2027-04-16/2027-04-16");
    let later = relative("체결 15일 후", json!({"anchor": "signing", "days": 15}));
    assert_eq!(ends(later).await, "2027-04-30/2027-04-30");
    assert_eq!(ends(json!({"as_stated": "의회 동의 후"})).await, "../..");
}

/// A project with a groundbreaking whose target is 2025. Returns their ids.
async fn project(api: &Api, city: &str, more: Value) -> (String, String) {
    let base = json!({"municipality_id": city, "kind": "urban_development", "title": {"ko": "일산테크노밸리"},
        "milestones": [{"kind": "groundbreaking",
            "forecasts": [{"target": {"edtf": "2025"}, "stated_on": {"edtf": "2021-04-16"}}]}]});
    let made = api.create("/projects", &with(base, more)).await;
    let milestone = made.body["milestones"][0]["id"].as_str().unwrap();
    (made.id().to_owned(), milestone.to_owned())
}

fn after_groundbreaking(milestone: &str) -> Value {
    relative(
        "착공 후 36개월",
        json!({"anchor": "milestone", "milestone_id": milestone, "months": 36}),
    )
}

fn promise(project: &str, milestone: &str) -> Value {
    json!({"project_ids": [project],
        "commitments": [{"text": {"ko": "공장 준공"}, "due": after_groundbreaking(milestone)}]})
}

async fn a_due_date_moves_with_a_milestone(api: Api) {
    let city = api.municipality().await;
    let (project, milestone) = project(&api, &city, json!({})).await;
    let made = signed(&api, &city, "2022-04-16", promise(&project, &milestone)).await;
    let path = format!("/agreements/{}", made.id());
    let due = async |query: &str| {
        let one = api.read(&format!("{path}{query}")).await.body;
        bounds(&one["commitments"][0]["due"])
    };
    let entry = async |query: &str| {
        let found = api
            .read(&format!("/timeline?types=commitment{query}"))
            .await
            .body;
        let one = &found["items"][0];
        format!(
            "{} {} {}",
            bounds(&one["target"]),
            one["status"],
            one["slip"]
        )
    };
    // The target has passed without a groundbreaking: it can only come later.
    assert_eq!(due("").await, "2029-01-01/..~");
    assert_eq!(due("?as_of=2022-12-31").await, "2028-01-01/2028-12-31~");
    assert_eq!(
        entry("&as_of=2022-12-31").await,
        "2028-01-01/2028-12-31~ \"planned\" {\"max_days\":0,\"min_days\":0}"
    );
    assert_eq!(
        entry("").await,
        "2029-01-01/..~ \"planned\" {\"max_days\":null,\"min_days\":1}"
    );
    assert_eq!(wrong(&api), None);
    // A new target, and the groundbreaking itself.
    let forecast = json!({"target": {"edtf": "2027-06"}, "stated_on": {"edtf": "2026-11-01"}});
    api.act(&format!("/milestones/{milestone}/forecasts"), &forecast)
        .await;
    assert_eq!(due("").await, "2030-06-01/2030-06-30~");
    assert_eq!(
        entry("").await,
        "2030-06-01/2030-06-30~ \"planned\" {\"max_days\":911,\"min_days\":517}"
    );
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-20"}});
    let after = api
        .act(&format!("/milestones/{milestone}/outcomes"), &met)
        .await;
    assert_eq!(due("").await, "2029-11-20/2029-11-20");
    assert_eq!(due("?as_of=2026-11-19").await, "2030-06-01/2030-06-30~");
    assert_eq!(
        entry("").await,
        "2029-11-20/2029-11-20 \"planned\" {\"max_days\":689,\"min_days\":324}"
    );
    assert_eq!(
        entry("&as_of=2029-12-01").await,
        "2029-11-20/2029-11-20 \"overdue\" {\"max_days\":689,\"min_days\":324}"
    );
    assert_eq!(wrong(&api), None);
    // Nothing follows from a milestone that was given up, or a statement taken back.
    let outcome = after.body["outcomes"][0]["id"].as_str().unwrap();
    let why = json!({"reason": {"ko": "오기"}});
    api.act(
        &format!("/milestones/{milestone}/outcomes/{outcome}/retraction"),
        &why,
    )
    .await;
    assert_eq!(due("").await, "2030-06-01/2030-06-30~");
    let cancelled = json!({"kind": "cancelled", "on": {"edtf": "2026-11-21"}});
    api.act(&format!("/milestones/{milestone}/outcomes"), &cancelled)
        .await;
    assert_eq!(due("").await, "../..");
    assert_eq!(wrong(&api), None);
    // The agreement itself has not changed, and its milestone cannot vanish.
    assert_eq!(api.read(&path).await.body["version"], made.body["version"]);
    api.delete(&format!("/milestones/{milestone}"), "*")
        .await
        .expect(409);
}

async fn a_term_lasts_until_a_milestone(api: Api) {
    let city = api.municipality().await;
    demand(
        &api,
        &city,
        json!([{"renewal_decision_days_before_expiry": 30}]),
    )
    .await;
    let (project, milestone) = project(&api, &city, json!({})).await;
    let until = relative(
        "착공일까지",
        json!({"anchor": "milestone", "milestone_id": milestone}),
    );
    let more = json!({"project_ids": [project], "effective_until": until});
    let made = signed(&api, &city, "2022-04-16", more).await;
    let path = format!("/agreements/{}", made.id());
    // A target is no end: whether the agreement is in force is open from then on.
    assert_eq!(bounds(&made.body["effective_until"]), "2025-01-01/..~");
    assert_eq!(
        (&made.body["in_force"], &made.body["expires_in_days"]),
        (&Value::Null, &Value::Null)
    );
    let then = api.read(&format!("{path}?as_of=2024-12-31")).await.body;
    assert_eq!(then["in_force"], true);
    assert_eq!(
        api.read("/agreements?in_force=unknown").await.items().len(),
        1
    );
    let later = api.at("2026-11-25T03:00:00Z").await;
    let met = json!({"kind": "met", "on": {"edtf": "2026-11-24"}});
    later
        .act(&format!("/milestones/{milestone}/outcomes"), &met)
        .await;
    let ended = later.read(&path).await.body;
    assert_eq!(
        (&ended["in_force"], &ended["ended_by"]),
        (&json!(false), &json!("expiry"))
    );
    assert_eq!(ended["duties"][0]["due"]["edtf"], "2026-10-25");
    assert_eq!(
        later
            .read("/agreements?in_force=false&expired=true")
            .await
            .items()
            .len(),
        1
    );
    assert_eq!(
        later.read("/duties").await.items()[0]["due"]["edtf"],
        "2026-10-25"
    );
    assert_eq!(wrong(&api), None);
    let kept = later
        .read(&format!("{path}?recorded_as_of=2026-11-23T23:00:00Z"))
        .await
        .body;
    assert_eq!(bounds(&kept["effective_until"]), "2025-01-01/..~");
}

async fn a_milestone_that_is_not_shown_tells_no_date(api: Api) {
    let city = api.municipality().await;
    let (project, milestone) = project(&api, &city, json!({"visibility": "internal"})).await;
    let more = with(
        promise(&project, &milestone),
        json!({"visibility": "public"}),
    );
    let made = signed(&api, &city, "2024-04-16", more).await;
    let path = format!("/agreements/{}", made.id());
    let due = |one: &Value| bounds(&one["commitments"][0]["due"]);
    assert_eq!(due(&made.body), "../..");
    let anyone = api.with(None);
    let seen = anyone.read(&path).await;
    assert_eq!(seen.body["commitments"][0]["due"]["text"], "착공 후 36개월");
    assert!(!seen.text.contains(&milestone));
    // It is told with the project.
    api.update(
        &format!("/projects/{project}"),
        "*",
        &json!({"visibility": "public"}),
    )
    .await;
    let seen = anyone.read(&format!("{path}?as_of=2025-06-01")).await.body;
    assert_eq!(due(&seen), "2028-01-01/2028-12-31~");
    assert_eq!(
        seen["commitments"][0]["due"]["relative_to"]["milestone_id"],
        json!(milestone)
    );
    let entry = anyone
        .read("/timeline?types=commitment&as_of=2025-06-01")
        .await
        .body;
    assert_eq!(
        bounds(&entry["items"][0]["target"]),
        "2028-01-01/2028-12-31~"
    );
    assert_eq!(wrong(&api), None);
}

async fn what_is_no_anchor_is_refused(api: Api) {
    let city = api.municipality().await;
    let (project, milestone) = project(&api, &city, json!({})).await;
    let at = |to: Value| relative("그날부터", to);
    let more = json!({
    "effective_from": at(json!({"anchor": "effective_until", "days": 1})),
    "effective_until": at(json!({"anchor": "milestone"})),
    "signed_on": at(json!({"anchor": "signing"})),
    "commitments": [
        {"text": {"ko": "가"}, "due": {"edtf": "2024", "as_stated": "2년", "relative_to": {"anchor": "signing"}}},
        {"text": {"ko": "나"}, "due": at(json!({"anchor": "signing", "milestone_id": milestone}))},
        {"text": {"ko": "다"}, "due": {"relative_to": {"anchor": "signing", "years": 2}}},
    ]});
    let refused = attempt(&api, &city, more).await.expect(422);
    assert_eq!(
        refused.places(),
        [
            "/commitments/0/due/edtf",
            "/commitments/1/due/relative_to/milestone_id",
            "/commitments/1/due/relative_to/milestone_id",
            "/commitments/2/due/edtf",
            "/effective_from/relative_to/anchor",
            "/effective_until/relative_to/milestone_id",
            "/signed_on/relative_to",
        ]
    );
    // A milestone of a project that the agreement does not serve.
    let more = with(promise(&project, &milestone), json!({"project_ids": []}));
    let refused = attempt(&api, &city, more).await.expect(422);
    assert_eq!(
        refused.places(),
        ["/commitments/0/due/relative_to/milestone_id"]
    );
    assert_eq!(refused.body["errors"][0]["code"], "not_of_its_projects");
}

/// The rules are applied after the work, so the work has to end whatever the dates are counted from.
async fn dates_counted_in_a_circle_are_refused(api: Api) {
    let city = api.municipality().await;
    let at = |anchor: &str| relative("그날부터", json!({"anchor": anchor, "days": 1}));
    let due = json!([{"text": {"ko": "성과 보고"}, "due": at("effective_until")}]);
    let draft = record(&api, &city, json!({"commitments": due})).await;
    let path = format!("/agreements/{}", draft.id());
    let circles = [
        ("effective_from", "effective_from"),
        ("effective_until", "effective_until"),
        ("effective_until", "effective_from"),
    ];
    for (from, until) in circles {
        let term = json!({"effective_from": at(from), "effective_until": at(until)});
        let refused = api.patch(&path, "*", &term).await.expect(422);
        let wrong = refused.places();
        let ends = [
            "/effective_from/relative_to/anchor",
            "/effective_until/relative_to/anchor",
        ];
        assert!(ends.contains(&wrong[0]), "{from} {until}: {wrong:?}");
        let more = with(json!({"commitments": due}), term);
        attempt(&api, &city, more).await.expect(422);
    }
    assert_eq!(api.read(&path).await.body["version"], draft.body["version"]);
}

async fn dates_relative_to_a_milestone_in_every_view(api: Api) {
    let city = api.municipality().await;
    let (project, milestone) = project(&api, &city, json!({})).await;
    let made = signed(&api, &city, "2021-05-01", promise(&project, &milestone)).await;
    let met = json!({"kind": "met", "on": {"edtf": "2023-10-26"}});
    api.act(&format!("/milestones/{milestone}/outcomes"), &met)
        .await;
    // Overdue since 2026-10-26, wherever it shows.
    let commitment = &api.read(&format!("/agreements/{}", made.id())).await.body["commitments"][0];
    assert_eq!(
        (&commitment["overdue"], &commitment["due"]["latest"]),
        (&json!(true), &json!("2026-10-26"))
    );
    let figure = "/statistics/agreements/records?figure=execution_rate_commitments_due";
    assert!(api.read(figure).await.text.contains("2026-10-26"));
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2026-11-23");
    assert!(api.read(&report).await.text.contains("2026-10-26"));
    let id = commitment["id"].as_str().unwrap();
    let told = json!({"on": {"edtf": "2026-11-01"}, "status": "in_progress"});
    api.create(
        &format!("/agreements/{}/commitments/{id}/reports", made.id()),
        &told,
    )
    .await;
    let reports = api.read("/reports").await.body;
    assert_eq!(
        reports["items"][0]["commitment"]["due"]["edtf"],
        "2026-10-26"
    );
    let calendar = api
        .get("/timeline.ics?types=commitment")
        .await
        .expect(200)
        .text;
    assert!(calendar.contains("20261026"), "{calendar}");
    assert_eq!(wrong(&api), None);
}
