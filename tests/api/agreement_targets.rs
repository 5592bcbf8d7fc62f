//! Targets of milestones relative to an agreement ("체결일로부터 2년", "협약 만료 6개월 전"): they are
//! derived from it and move with it, and tell nothing of an agreement that is not shown.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::{program, wrong};
use crate::support::records::{record, signed, with};

on_both!(new:
    a_target_moves_with_an_agreement, a_target_waits_for_the_signing,
    a_hidden_agreement_tells_no_target, what_an_agreement_cannot_anchor_is_refused,
    a_promise_hangs_on_a_target_of_another_agreement, commands_derive_what_follows_from_a_target);

fn from(anchor: &str, agreement: &str, more: Value) -> Value {
    let to = with(json!({"anchor": anchor, "agreement_id": agreement}), more);
    json!({"as_stated": "협약에 따름", "relative_to": to})
}

fn told(target: &Value, on: &str) -> Value {
    json!({"target": target, "stated_on": {"edtf": on}})
}

fn bounds(date: &Value) -> String {
    let day = |name: &str| date[name].as_str().unwrap_or("..").to_owned();
    format!("{}/{}", day("earliest"), day("latest"))
}

/// Records a project with a completion and a land supply. Returns its id and those of the two.
async fn project(api: &Api, city: &str, targets: [(Value, &str); 2], more: Value) -> [String; 3] {
    let [completion, supply] = targets.map(|(target, on)| told(&target, on));
    let new = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "공동 연구동"},
        "milestones": [{"kind": "completion", "forecasts": [completion]},
            {"kind": "land_supply", "forecasts": [supply]}]});
    let made = api.create("/projects", &with(new, more)).await;
    let of = |kind: &str| {
        let all = made.body["milestones"].as_array().unwrap();
        let one = all.iter().find(|one| one["kind"] == kind).unwrap();
        one["id"].as_str().unwrap().to_owned()
    };
    [made.id().to_owned(), of("completion"), of("land_supply")]
}

async fn a_target_moves_with_an_agreement(api: Api) {
    let city = api.municipality().await;
    let term = json!({"visibility": "public", "effective_until": {"edtf": "2024-04-30"}});
    let made = signed(&api, &city, "2021-05-01", term).await;
    let agreement = made.id();
    let two_years = from("signing", agreement, json!({"years": 2}));
    let before_end = json!({"months": 6, "direction": "before", "is_limit": true});
    let before_end = from("effective_until", agreement, before_end);
    let targets = [(two_years, "2021-06-01"), (before_end, "2021-06-01")];
    let [project, completion, supply] = project(&api, &city, targets, json!({})).await;
    let path = format!("/milestones/{completion}");
    let one = api.read(&path).await.body;
    assert_eq!(
        (bounds(&one["target"]).as_str(), &one["status"]),
        ("2023-05-01/2023-05-01", &json!("overdue"))
    );
    assert_eq!(one["target"]["text"], "2023년 5월 1일");
    let to = &one["forecasts"][0]["target"]["relative_to"];
    assert_eq!(to["agreement_id"], json!(agreement));
    let other = api.read(&format!("/milestones/{supply}")).await.body;
    assert_eq!(bounds(&other["target"]), "../2023-10-30");
    // The signing is corrected, and the agreement lasts longer: both targets move.
    let api = api.at("2026-11-25T03:00:00Z").await;
    let correct = format!("/agreements/{agreement}?correction_reason=x");
    let corrected =
        json!({"signed_on": {"edtf": "2021-05"}, "effective_until": {"edtf": "2027-12-31"}});
    let before = stamp(&api).await;
    api.update(&correct, "*", &corrected).await;
    assert!(stamp(&api).await > before, "a moved entry is a later one");
    let moved = api.read(&path).await.body;
    assert_eq!(bounds(&moved["target"]), "2023-05-01/2023-05-31");
    assert_eq!(moved["version"], 1);
    let supply = api.read(&format!("/milestones/{supply}")).await.body;
    assert_eq!(
        (bounds(&supply["target"]).as_str(), &supply["status"]),
        ("../2027-06-30", &json!("due"))
    );
    // Every view agrees.
    let listed = api.read(&format!("/projects/{project}/milestones")).await;
    assert!(listed.items().contains(&moved));
    let shown = api.read(&format!("/projects/{project}")).await.body;
    assert!(shown["milestones"].as_array().unwrap().contains(&moved));
    let entry = api.read("/timeline?kinds=completion").await;
    for member in ["target", "baseline", "status", "slip", "deadline_slip_days"] {
        assert_eq!(entry.items()[0][member], moved[member], "{member}");
    }
    let overdue = api.read("/timeline?types=milestone&status=overdue").await;
    assert_eq!(overdue.items().len(), 1);
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2026-11-23");
    let report = api.read(&report).await.body;
    assert_eq!(report["overdue_milestones"].as_array().unwrap().len(), 1);
    let figures = api.read("/statistics/milestones").await.body;
    let statuses = figures["totals"]["by_status"]["counts"].as_array().unwrap();
    let overdue = statuses.iter().find(|one| one["value"] == "overdue");
    assert_eq!(overdue.unwrap()["count"], 1);
    let calendar = api.get("/timeline.ics?kinds=completion").await.expect(200);
    assert!(calendar.text.contains("20230501"), "{}", calendar.text);
    // As it was recorded by then.
    let then = "recorded_as_of=2026-11-24T00:00:00Z";
    let past = api.read(&format!("{path}?{then}")).await.body;
    assert_eq!(bounds(&past["target"]), "2023-05-01/2023-05-01");
    let past = api
        .read(&format!("/timeline?kinds=land_supply&{then}"))
        .await;
    assert_eq!(bounds(&past.items()[0]["target"]), "../2023-10-30");
    assert_eq!(wrong(&api), None);
}

async fn stamp(api: &Api) -> i64 {
    let text = api
        .get("/timeline.ics?kinds=completion")
        .await
        .expect(200)
        .text;
    let line = text.lines().find(|line| line.starts_with("SEQUENCE"));
    let (_, number) = line.unwrap().split_once(':').unwrap();
    number.trim().parse().unwrap()
}

async fn a_target_waits_for_the_signing(api: Api) {
    let city = api.municipality().await;
    let draft = record(&api, &city, json!({"visibility": "public"})).await;
    let two_years = from("signing", draft.id(), json!({"years": 2}));
    let from_start = from("effective_from", draft.id(), json!({"months": 1}));
    let targets = [(two_years, "2025-01-01"), (from_start, "2025-01-01")];
    let [project, completion, _] = project(&api, &city, targets, json!({})).await;
    let path = format!("/milestones/{completion}");
    let on = async |day: &str| {
        let one = api.read(&format!("{path}?as_of={day}")).await.body;
        format!(
            "{} {}",
            bounds(&one["target"]),
            one["status"].as_str().unwrap()
        )
    };
    assert_eq!(on("2026-11-23").await, "../.. unknown");
    let steps = format!("/agreements/{}/transitions", draft.id());
    for step in ["in_review", "approved"] {
        let step = json!({"to": step, "on": {"edtf": "2025-03-01"}});
        api.act(&steps, &step).await;
    }
    let step = json!({"to": "signed", "on": {"edtf": "2025-04-16"}});
    api.act(&steps, &step).await;
    assert_eq!(on("2025-04-15").await, "../.. unknown");
    assert_eq!(on("2025-04-16").await, "2027-04-16/2027-04-16 planned");
    let now = api.read(&path).await.body;
    assert_eq!(bounds(&now["baseline"]), "2027-04-16/2027-04-16");
    let slips = api.read(&format!("/projects/{project}/slip-history")).await;
    let all = slips.body["milestones"].as_array().unwrap();
    let slips = all
        .iter()
        .find(|one| one["id"] == json!(completion))
        .unwrap();
    assert_eq!(slips["points"][1]["event"], "followed");
    let why = slips["points"][1]["reason"]["ko"].as_str().unwrap();
    assert!(
        why.starts_with("기준이 되는 협약의 날짜가 알려짐: "),
        "{why}"
    );
    for day in ["2025-04-15", "2025-04-16"] {
        let entry = api
            .read(&format!("/timeline?kinds=completion&as_of={day}"))
            .await;
        let one = api.read(&format!("{path}?as_of={day}")).await.body;
        assert_eq!(entry.items()[0]["target"], one["target"], "{day}");
    }
    assert_eq!(wrong(&api), None);
    // Nothing follows from an agreement that was entered in error.
    let void = json!({"to": "voided", "on": {"edtf": "2026-05-01"}, "reason": {"ko": "오기"}});
    api.act(&steps, &void).await;
    assert_eq!(on("2026-04-30").await, "../.. unknown");
    assert_eq!(on("2026-11-23").await, "../.. unknown");
    assert_eq!(wrong(&api), None);
}

async fn a_hidden_agreement_tells_no_target(api: Api) {
    let city = api.municipality().await;
    let hidden = json!({"visibility": "internal", "effective_until": {"edtf": "2028-04-30"}});
    let made = signed(&api, &city, "2021-05-01", hidden).await;
    let target = from("effective_until", made.id(), json!({}));
    let day = json!({"edtf": "2026-12"});
    let targets = || [(target.clone(), "2021-06-01"), (day.clone(), "2021-06-01")];
    let shown = json!({"visibility": "public"});
    let [_, completion, _] = project(&api, &city, targets(), shown).await;
    let path = format!("/milestones/{completion}");
    let anyone = api.with(None);
    let seen = anyone.read(&path).await;
    assert_eq!(
        (bounds(&seen.body["target"]).as_str(), &seen.body["status"]),
        ("../..", &json!("unknown"))
    );
    for path in [
        path.clone(),
        format!("{path}/history"),
        "/changes".into(),
        "/timeline".into(),
    ] {
        let seen = anyone.get(&path).await;
        assert!(!seen.text.contains(made.id()), "{path}: {}", seen.text);
        assert!(!seen.text.contains("2028-04-30"), "{path}: {}", seen.text);
    }
    let own = api.read(&path).await.body;
    let to = &own["forecasts"][0]["target"]["relative_to"];
    assert_eq!(to["agreement_id"], json!(made.id()));
    // A project that only its staff sees is counted from an agreement that only its staff sees.
    let inner = json!({"visibility": "internal", "title": {"ko": "내부 사업"}});
    let [_, inner, _] = project(&api, &city, targets(), inner).await;
    let inner = format!("/milestones/{inner}");
    let own = api.read(&inner).await.body;
    assert_eq!(bounds(&own["target"]), "2028-04-30/2028-04-30");
    anyone.get(&inner).await.expect(404);
    // It is told with the agreement, and no more once that is withheld again.
    let agreement = format!("/agreements/{}?correction_reason=x", made.id());
    for (visibility, expected) in [("public", "2028-04-30/2028-04-30"), ("internal", "../..")] {
        api.update(&agreement, "*", &json!({"visibility": visibility}))
            .await;
        let seen = anyone.read(&path).await;
        assert_eq!(bounds(&seen.body["target"]), expected);
        let entry = anyone.read("/timeline?kinds=completion").await;
        assert_eq!(bounds(&entry.items()[0]["target"]), expected);
        assert_eq!(wrong(&api), None);
    }
    // Others cannot count from what they do not see.
    let other = api.other_municipality().await;
    let staff = api.staff("editor", &other).await;
    let new = json!({"municipality_id": other, "kind": "facility", "title": {"ko": "남의 사업"},
        "milestones": [{"kind": "completion", "forecasts": [told(&target, "2021-06-01")]}]});
    let refused = staff.post("/projects", &new).await.expect(422);
    let at = "/milestones/0/forecasts/0/target/relative_to/agreement_id";
    assert_eq!(refused.places(), [at]);
}

async fn what_an_agreement_cannot_anchor_is_refused(api: Api) {
    let city = api.municipality().await;
    let draft = record(&api, &city, json!({})).await;
    let targets = || {
        let day = json!({"edtf": "2026-12"});
        [(day.clone(), "2021-06-01"), (day, "2021-06-01")]
    };
    let [project, completion, supply] = project(&api, &city, targets(), json!({})).await;
    let forecasts = format!("/milestones/{completion}/forecasts");
    let refused = async |target: Value| {
        let answer = api.post(&forecasts, &told(&target, "2026-01-01")).await;
        let answer = answer.expect(422);
        let error = &answer.body["errors"][0];
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        format!("{} {}", text("pointer"), text("code"))
    };
    let bare = json!({"as_stated": "체결 후", "relative_to": {"anchor": "signing", "months": 1}});
    let at = "/target/relative_to/agreement_id";
    assert_eq!(refused(bare).await, format!("{at} required"));
    let both = json!({"as_stated": "그 뒤",
        "relative_to": {"anchor": "milestone", "milestone_id": supply, "agreement_id": draft.id()}});
    assert_eq!(refused(both).await, format!("{at} unexpected"));
    let nobody = from("signing", "0178d7fa-2c00-7000-8000-00000000dead", json!({}));
    assert_eq!(refused(nobody).await, format!("{at} unknown_id"));
    // An agreement counts from its own dates.
    let due = json!({"commitments": [{"text": {"ko": "보고"}, "due": from("signing", draft.id(), json!({}))}]});
    let new = with(
        json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}}),
        due,
    );
    let answer = api.post("/agreements", &new).await.expect(422);
    assert!(
        answer.text.contains("relative_to/agreement_id"),
        "{}",
        answer.text
    );
    // A term that ends with a milestone cannot move a milestone, in whatever order they are stated.
    let until = json!({"as_stated": "준공 시까지", "relative_to": {"anchor": "milestone", "milestone_id": supply}});
    let hangs = json!({"project_ids": [project], "effective_until": until});
    let hanging = signed(&api, &city, "2024-01-02", hangs.clone()).await;
    let circle = from("effective_until", hanging.id(), json!({}));
    assert_eq!(refused(circle).await, "/target/relative_to/anchor circular");
    let fine = from("signing", hanging.id(), json!({"years": 1}));
    api.act(&forecasts, &told(&fine, "2026-01-01")).await;
    let end = from("effective_until", draft.id(), json!({}));
    api.act(&forecasts, &told(&end, "2026-01-02")).await;
    let path = format!("/agreements/{}", draft.id());
    let answer = api.patch(&path, "*", &hangs).await.expect(422);
    assert_eq!(answer.places(), ["/effective_until/relative_to/anchor"]);
    // What a target is counted from stays.
    let kept = api.delete(&path, "*").await.expect(409);
    let named = ["준공", "Completion"];
    assert!(
        named.iter().any(|name| kept.text.contains(name)),
        "{}",
        kept.text
    );
    assert_eq!(wrong(&api), None);
}

async fn a_promise_hangs_on_a_target_of_another_agreement(api: Api) {
    let city = api.municipality().await;
    let shown = json!({"visibility": "public"});
    let made = signed(&api, &city, "2025-05-01", shown.clone()).await;
    let target = from("signing", made.id(), json!({"years": 2}));
    let day = json!({"edtf": "2026-12"});
    let targets = [(target, "2025-06-01"), (day, "2025-06-01")];
    let [project, completion, _] = project(&api, &city, targets, json!({})).await;
    let due = json!({"anchor": "milestone", "milestone_id": completion, "months": 6});
    let due = json!({"as_stated": "준공 후 6개월", "relative_to": due});
    let promise = json!({"project_ids": [project], "title": {"ko": "입주 협약"},
        "commitments": [{"text": {"ko": "입주"}, "due": due}]});
    let promise = signed(&api, &city, "2025-07-01", with(promise, shown)).await;
    let path = format!("/agreements/{}", promise.id());
    let due = async || {
        let one = api.read(&path).await.body;
        let entry = api.read("/timeline?types=commitment").await;
        let due = bounds(&one["commitments"][0]["due"]);
        assert_eq!(bounds(&entry.items()[0]["target"]), due);
        due
    };
    assert_eq!(due().await, "2027-11-01/2027-11-01");
    let correct = format!("/agreements/{}?correction_reason=x", made.id());
    let corrected = json!({"signed_on": {"edtf": "2025-05-31"}});
    api.update(&correct, "*", &corrected).await;
    assert_eq!(due().await, "2027-11-30/2027-11-30");
    assert_eq!(wrong(&api), None);
}

/// The program rebuilds the registry outside of the server as well.
async fn commands_derive_what_follows_from_a_target(api: Api) {
    let city = api.municipality().await;
    let anchor = signed(&api, &city, "2023-01-01", json!({})).await;
    let target = from("signing", anchor.id(), json!({"years": 6}));
    let targets = [(target, "2023-02-01"), (json!("2030"), "2023-02-01")];
    let [project, completion, _] = project(&api, &city, targets, json!({})).await;
    let to = json!({"anchor": "milestone", "milestone_id": completion, "months": 6});
    let due = json!({"as_stated": "준공 후 6개월", "relative_to": to});
    let promise = json!({"project_ids": [project], "commitments": [{"text": {"ko": "운영한다"}, "due": due}]});
    signed(&api, &city, "2023-03-01", promise).await;
    // The agreement from which all is counted is rebuilt last.
    let path = format!("/agreements/{}?correction_reason=x", anchor.id());
    api.update(&path, "*", &json!({"note": {"ko": "정정"}}))
        .await;
    let verified = program(&api, &["audit", "verify"]);
    assert!(verified.status.success(), "{verified:?}");
}
