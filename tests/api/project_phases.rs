//! Phases of projects.

use serde_json::{Value, json};

use crate::project_facts::{company, ids, project};
use crate::support::Api;

on_both!(new: phases_have_implementers_of_their_own, milestones_name_a_phase_that_exists, the_timeline_of_a_phase);

async fn phases_have_implementers_of_their_own(api: Api) {
    let city = api.municipality().await;
    let (p, q) = (
        company(&api, "갑 기관").await,
        company(&api, "을 기관").await,
    );
    let phases = json!([
        {"title": {"ko": "1단계"}, "period": {"edtf": "2010/2016"}, "area": {"square_metres": 1_000_000},
            "implementers": [{"organization_id": p, "share_percent": 100}]},
        {"key": "spc", "title": {"ko": "2단계"}, "budget": {"amount": 1, "currency": "KRW"}, "implementers": [
            {"organization_id": p, "share_percent": 32}, {"organization_id": q, "share_percent": 68}]}]);
    let made = api
        .create("/projects", &project(&city, json!({"phases": phases})))
        .await;
    assert_eq!(made.body["phases"][0]["key"], "1");
    assert_eq!(made.body["phases"][0]["period"]["latest"], "2016-12-31");
    let mut named = ids(&made.body["named_organizations"]);
    named.sort_unstable();
    assert_eq!(named, [p.clone(), q.clone()]);
    let gaps = made.body["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["code"] != "implementer_unknown"));
    let by = api.find(&format!("/projects?organization_id={q}")).await;
    assert_eq!(by, made.id());
    assert_eq!(api.find("/projects?q=2%EB%8B%A8%EA%B3%84").await, made.id());
    let then = api
        .read(&format!("/projects/{}?as_of=2020-01-01", made.id()))
        .await
        .body;
    assert_eq!(
        (
            &then["phases"][0]["area"],
            &then["phases"][1]["implementers"]
        ),
        (&Value::Null, &json!([]))
    );
    let wrong = json!([
        {"key": "1", "title": {"ko": "1단계"}, "implementers": [
            {"organization_id": p, "share_percent": 60}, {"organization_id": q, "share_percent": 41}]},
        {"key": "1", "title": {"ko": "2단계"}, "implementers": [{"organization_id": "0178d7fa-2c00-7000-8000-00000000ffff"}]}]);
    let refused = api
        .post("/projects", &project(&city, json!({"phases": wrong})))
        .await
        .expect(422);
    let mut places = refused.places();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "/phases/0/implementers",
            "/phases/1/implementers/0/organization_id",
            "/phases/1/key"
        ]
    );
}

async fn milestones_name_a_phase_that_exists(api: Api) {
    let city = api.municipality().await;
    let phases = json!([{"title": {"ko": "1단계"}}, {"title": {"ko": "2단계"}}]);
    let milestones =
        json!([{"kind": "completion", "phase": "1"}, {"kind": "completion", "phase": "3"}]);
    let body = project(&city, json!({"phases": phases, "milestones": milestones}));
    let refused = api.post("/projects", &body).await.expect(422);
    assert_eq!(refused.places(), ["/milestones/1/phase"]);
    let body = project(
        &city,
        json!({"phases": phases, "milestones": [{"kind": "completion", "phase": "1"}]}),
    );
    let made = api.create("/projects", &body).await;
    let path = format!("/projects/{}", made.id());
    assert_eq!(made.body["milestones"][0]["phase"], "1");
    let second = json!({"kind": "completion", "phase": "2"});
    let second = api.create(&format!("{path}/milestones"), &second).await;
    let wrong = json!({"kind": "completion", "phase": "3"});
    let refused = api
        .post(&format!("{path}/milestones"), &wrong)
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/phase"]);
    let moved = format!("/milestones/{}", second.id());
    api.patch(&moved, "*", &json!({"phase": "3"}))
        .await
        .expect(422);
    let one = json!({"phases": [{"title": {"ko": "1단계"}}]});
    let refused = api.patch(&path, "*", &one).await.expect(422);
    assert_eq!(refused.places(), ["/phases"]);
    api.update(&moved, "*", &json!({"phase": null})).await;
    api.update(&path, "*", &one).await;
}

async fn the_timeline_of_a_phase(api: Api) {
    let city = api.municipality().await;
    let phase = |n: u32| json!({"title": {"ko": format!("{n}단계")}});
    let milestone = |kind: &str, phase: Option<&str>| {
        json!({"kind": kind, "phase": phase,
        "forecasts": [{"target": "2030", "stated_on": "2026-01-01"}]})
    };
    let more = json!({"phases": [phase(1), phase(2)], "milestones": [
        milestone("completion", Some("1")), milestone("groundbreaking", Some("2")), milestone("compensation", None)]});
    let made = api.create("/projects", &project(&city, more)).await;
    let kinds = async |query: &str| {
        let mut all = Vec::new();
        for path in ["/timeline?project_id=", "/projects/"] {
            let rest = if path.ends_with('/') {
                "/timeline?"
            } else {
                "&"
            };
            let list = api.read(&format!("{path}{}{rest}{query}", made.id())).await;
            let items = list.items().iter();
            all.push(
                items
                    .map(|one| format!("{} {}", one["kind"], one["phase"]))
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(all[0], all[1], "{query}");
        all.remove(0)
    };
    assert_eq!(kinds("").await.len(), 3);
    assert_eq!(kinds("phase=1").await, ["\"completion\" \"1\""]);
    assert_eq!(kinds("phase=3").await.len(), 0);
    let calendar = api.get("/timeline.ics?phase=2").await.expect(200).text;
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 1);
    // A milestone that is moved to another phase moves there.
    let completion = format!(
        "/milestones/{}",
        made.body["milestones"][0]["id"].as_str().unwrap()
    );
    api.update(&completion, "*", &json!({"phase": "2"})).await;
    assert_eq!(kinds("phase=2").await.len(), 2);
    assert_eq!(crate::support::log::wrong(&api), None);
}
