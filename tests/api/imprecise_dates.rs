//! Imprecise dates count once their whole range has passed, on every kind of record.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::log::wrong;

on_both!(new: nothing_has_happened_that_has_not_passed, what_ends_today_counts_from_today);

/// A city with a signed agreement and a project with a milestone.
struct Case {
    api: Api,
    city: String,
    agreement: String,
    commitment: String,
    milestone: String,
}

impl Case {
    async fn new(api: Api) -> Self {
        let city = api.municipality().await;
        let association = api.organization("협회").await;
        let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
            "signed_on": {"edtf": "2021-04-16"}, "parties": [{"organization_id": city}, {"organization_id": association}],
            "commitments": [{"text": {"ko": "교육"}, "due": {"edtf": "2024"}}]});
        let agreement = api.create("/agreements", &body).await;
        let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
            {"kind": "groundbreaking", "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021-04-16"}}]}]});
        let project = api.create("/projects", &body).await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        Self {
            city,
            agreement: agreement.id().to_owned(),
            commitment: id(&agreement.body["commitments"][0]),
            milestone: id(&project.body["milestones"][0]),
            api,
        }
    }

    /// The paths, bodies and members at which an event can be recorded with a date.
    fn all(&self, edtf: &str) -> [(String, Value, &'static str); 5] {
        let agreement = format!("/agreements/{}", self.agreement);
        let on = json!({"edtf": edtf});
        [
            (
                format!("{agreement}/commitments/{}/reports", self.commitment),
                json!({"on": on, "status": "fulfilled"}),
                "/on",
            ),
            (
                format!("{agreement}/reviews"),
                json!({"on": on, "rating": "good"}),
                "/on",
            ),
            (
                format!("{agreement}/council-actions"),
                json!({"on": on, "kind": "post_report", "occasion": "signing"}),
                "/on",
            ),
            (
                format!("{agreement}/documents"),
                json!({"title": {"ko": "협약서"}, "url": "https://example.com/a.pdf", "disclosed_on": on}),
                "/disclosed_on",
            ),
            (
                format!("/milestones/{}/outcomes", self.milestone),
                json!({"on": on, "kind": "met"}),
                "/on",
            ),
        ]
    }
}

async fn nothing_has_happened_that_has_not_passed(api: Api) {
    let case = Case::new(api).await;
    for (date, code) in [
        ("2026", "in_future"),
        ("2026-11", "in_future"),
        ("../2026", "in_future"),
        ("2026-11-24", "in_future"),
        ("2025/..", "open_ended"),
    ] {
        for (path, body, place) in case.all(date) {
            let refused = case.api.post(&path, &body).await.expect(422);
            assert_eq!(refused.places(), [place], "{path} {date}");
            let error = &refused.body["errors"][0];
            assert_eq!(error["code"], code, "{path} {date}");
            if date == "2026" {
                // The message suggests what can be recorded instead.
                let message = error["message"].as_str().unwrap();
                assert!(message.contains("2026-01-01/2026-11-23"), "{message}");
            }
        }
    }
    let milestone = json!({"kind": "completion", "outcomes": [
        {"kind": "started", "on": {"edtf": "2025"}}, {"kind": "met", "on": {"edtf": "2026"}}]});
    let project = json!({"municipality_id": case.city, "kind": "facility", "title": {"ko": "사업"}, "milestones": [
        {"kind": "compensation"}, milestone]});
    let refused = case.api.post("/projects", &project).await.expect(422);
    assert_eq!(refused.places(), ["/milestones/1/outcomes/1/on"]);
    let mut made = project.clone();
    made["milestones"] = json!([]);
    let made = case.api.create("/projects", &made).await;
    let path = format!("/projects/{}/milestones", made.id());
    let refused = case.api.post(&path, &milestone).await.expect(422);
    assert_eq!(refused.places(), ["/outcomes/1/on"]);
}

async fn what_ends_today_counts_from_today(api: Api) {
    let case = Case::new(api).await;
    for (path, body, _) in case.all("2026-01-01/2026-11-23") {
        let made = case.api.post(&path, &body).await;
        assert!(made.status == 200 || made.status == 201, "{path}");
    }
    let later = case.api.at("2027-02-01T03:00:00Z").await;
    for (query, counts) in [
        ("", true),
        ("?as_of=2026-11-23", true),
        ("?as_of=2026-11-22", false),
    ] {
        for api in [&case.api, &later] {
            let read = async |path: String| api.read(&format!("{path}{query}")).await;
            let agreement = read(format!("/agreements/{}", case.agreement)).await.body;
            let milestone = read(format!("/milestones/{}", case.milestone)).await.body;
            let seen = [
                agreement["commitments"][0]["status"] == "fulfilled",
                agreement["reviews"] != json!([]),
                agreement["council_actions"] != json!([]),
                agreement["documents"][0]["disclosed_on"] != Value::Null,
                milestone["status"] == "met_late",
            ];
            assert_eq!(seen, [counts; 5], "{query}");
        }
    }
    assert_eq!(wrong(&case.api), None);
}
