//! What follows from days that are known as a range is the same in every place: a range, or unknown.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::signed;

on_both!(new: targets_slip_by_what_is_certain, a_policy_that_may_not_have_been_in_force_demands_nothing,
    a_period_holds_what_certainly_was_in_it);

/// The count of records that a figure leaves out for a reason.
fn left_out(figure: &Value, reason: &str) -> u64 {
    let out = figure["left_out"].as_array().unwrap().iter();
    let found = out.filter(|out| out["reason"] == reason);
    found.map(|out| out["count"].as_u64().unwrap()).sum()
}

/// A project with milestones: one perhaps met in time, one that moved by way of "undecided", one whose
/// target was stated after it was met, and one whose first target is words.
fn project(city: &str) -> Value {
    let stated = |target: Value, on: &str| json!({"target": target, "stated_on": {"edtf": on}});
    let date = |edtf: &str| json!({"edtf": edtf});
    let words = || json!({"edtf": null, "as_stated": "미정"});
    let met = |on: &str| json!([{"kind": "met", "on": {"edtf": on}}]);
    json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
        {"kind": "groundbreaking", "forecasts": [stated(date("2021-06-30"), "2020-01-01")], "outcomes": met("2021")},
        {"kind": "completion", "forecasts": [stated(date("2022"), "2020-01-01"), stated(words(), "2021-01-01"),
            stated(date("2025"), "2022-01-01")]},
        {"kind": "compensation", "forecasts": [stated(date("2023"), "2022-05-01")], "outcomes": met("2021-08-31")},
        {"kind": "land_supply", "forecasts": [stated(words(), "2020-01-01"), stated(date("2020"), "2020-02-01")]}]})
}

async fn targets_slip_by_what_is_certain(api: Api) {
    let city = api.municipality().await;
    let made = api.create("/projects", &project(&city)).await;
    let id = made.id();
    let [first, _, after, words] = [0, 1, 2, 3].map(|at| &made.body["milestones"][at]);
    assert_eq!(first["status"], "met");
    assert_eq!(first["deadline_slip_days"], Value::Null);
    assert_eq!(first["slip"], json!({"min_days": -180, "max_days": 184}));
    assert_eq!(after["baseline"], Value::Null);
    assert_eq!(after["target"]["edtf"], "2023");
    assert_eq!(
        (&after["slip"], &after["slip_from_previous"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(words["status"], "overdue");
    let history = api.read(&format!("/projects/{id}/slip-history")).await.body;
    let points = |at: usize| {
        history["milestones"][at]["points"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(points(0)[1]["deadline_slip_days"], Value::Null);
    let ways: Vec<Value> = points(1).iter().map(|p| p["direction"].clone()).collect();
    assert_eq!(ways, [Value::Null, Value::Null, json!("later")]);
    let last = &points(2)[1];
    assert_eq!(
        (&last["event"], &last["slip"]),
        (&json!("forecast"), &Value::Null)
    );
    assert_eq!(last["direction"], Value::Null);
    let line = api.read(&format!("/projects/{id}/timeline")).await;
    let met = line
        .items()
        .iter()
        .find(|item| item["kind"] == "groundbreaking");
    assert_eq!(met.unwrap()["deadline_slip_days"], Value::Null);
    let figures = api
        .read(&format!("/statistics/milestones?project_id={id}"))
        .await
        .body;
    let totals = &figures["totals"];
    let on_time = &totals["on_time_rate"];
    assert_eq!(
        (&on_time["numerator"], &on_time["denominator"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(
        (
            left_out(on_time, "cannot_tell"),
            left_out(on_time, "no_target")
        ),
        (2, 1)
    );
    assert_eq!(
        (&totals["moves"]["later"], &totals["moves"]["earlier"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(totals["moves"]["days"]["max_deadline_days"], 1096);
    let path = format!("/municipalities/{city}/council-report?from=2020-01-01&to=2026-11-23");
    let told = api.read(&path).await.body;
    let moved = told["moved_milestones"].as_array().unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!(
        (&moved[0]["was"]["edtf"], &moved[0]["became"]["edtf"]),
        (&json!("2022"), &json!("2025"))
    );
    assert_eq!(moved[0]["deadline_slip_days"], 1096);
    let met = told["met_milestones"].as_array().unwrap();
    assert_eq!(met.len(), 2);
    assert!(met.iter().all(|one| one["deadline_slip_days"].is_null()));
}

async fn a_policy_that_may_not_have_been_in_force_demands_nothing(api: Api) {
    let city = api.municipality().await;
    let policies = json!({"policies": [{"valid_from": "2023-07-01", "disclosure_within_days": 30,
        "council_report": {"within_days": 30}, "maximum_term_months": 12}]});
    api.update(&format!("/municipalities/{city}"), "*", &policies)
        .await;
    let until = json!({"effective_until": {"edtf": "2030-12-31"}});
    for (on, demanded) in [
        ("2023", false),
        ("2022/2024", false),
        ("../2023-08", false),
        ("2023-41", true),
        ("2024", true),
    ] {
        let made = signed(&api, &city, on, until.clone()).await;
        let shown = api.read(&format!("/agreements/{}", made.id())).await.body;
        let kinds: Vec<&Value> = shown["duties"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| &d["kind"])
            .collect();
        let expected = [json!("council_report"), json!("disclosure")];
        let expected: Vec<&Value> = expected.iter().filter(|_| demanded).collect();
        assert_eq!(kinds, expected, "{on}");
        let warned = |code: &str| {
            shown["warnings"]
                .as_array()
                .unwrap()
                .iter()
                .any(|w| w["code"] == code)
        };
        assert_eq!(warned("term_too_long"), demanded, "{on}");
        assert_eq!(warned("policy_unknown"), !demanded, "{on}");
        let report = format!("/municipalities/{city}/council-report?from=2022-01-01&to=2026-11-23");
        let report = api.read(&report).await.body;
        let overdue = report["overdue_duties"].as_array().unwrap().iter();
        let overdue = overdue.filter(|duty| duty["agreement"]["id"] == made.id());
        assert_eq!(overdue.count(), 2 * usize::from(demanded), "{on}");
    }
}

async fn a_period_holds_what_certainly_was_in_it(api: Api) {
    let city = api.municipality().await;
    let ended = json!({"status": "completed", "transitions": [
        {"to": "signed"}, {"to": "completed", "on": {"edtf": "2022/2024"}, "reason": {"ko": "완료"}}]});
    let made = signed(&api, &city, "2021-03-01", ended).await;
    let late = signed(&api, &city, "2023/2024", json!({})).await;
    for (year, signed_then, completed) in
        [(2022, false, None), (2023, true, None), (2024, true, None)]
    {
        let path =
            format!("/municipalities/{city}/council-report?from={year}-01-01&to={year}-12-31");
        let told = api.read(&path).await.body;
        assert_eq!(told["signed"], json!([]), "{year}");
        assert_eq!(
            told["completed"].as_array().unwrap().first(),
            completed,
            "{year}"
        );
        let undated = told["undated"].as_array().unwrap();
        let has = |id: &str, became: &str| {
            undated
                .iter()
                .any(|one| one["agreement"]["id"] == id && one["became"] == became)
        };
        assert!(has(made.id(), "completed"), "{year}");
        assert_eq!(has(late.id(), "signed"), signed_then, "{year}");
        assert!(!has(made.id(), "signed"), "{year}");
        assert_eq!(
            left_out(&told["rates"]["agreements"], "cannot_tell"),
            1,
            "{year}"
        );
    }
    let path = format!("/municipalities/{city}/council-report?from=2022-01-01&to=2024-12-31");
    let told = api.read(&path).await.body;
    assert_eq!(told["signed"][0]["id"], late.id());
    assert_eq!(told["completed"][0]["id"], made.id());
    assert_eq!(told["undated"], json!([]));
    let figures = format!("/statistics/agreements?municipality_id={city}&as_of=2022-12-31");
    let figures = api.read(&figures).await.body;
    let rate = &figures["totals"]["execution_rate_agreements"];
    assert_eq!(
        (left_out(rate, "cannot_tell"), left_out(rate, "not_ended")),
        (1, 0)
    );
}
