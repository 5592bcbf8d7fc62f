//! Figures are computed from few facts beside each document, and equal what the documents say.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::full::full;
use crate::support::queries::{answered, watched};
use crate::support::records::signed_mou;
use crate::support::{Api, Backend, CITY};

on_both!(with_demo: facts_are_those_of_the_documents, facts_of_milestones_are_those_of_the_documents);
on_both!(async: figures_read_no_document, the_council_report_reads_what_it_tells);

const DAYS: [&str; 6] = [
    "2021-05-01",
    "2021-07-15",
    "2023-06-30",
    "2026-11-01",
    "2026-11-23",
    "2030-01-01",
];

/// Agreements whose dates depend on others: on a signing that was known only after the end, and on a
/// milestone.
async fn relative(api: &Api) {
    let partner = api.organization("기준 기관").await;
    let due = |to: Value| json!([{"text": {"ko": "할 일"}, "due": {"as_stated": "나중에", "relative_to": to}}]);
    let more = json!({"status": "completed", "commitments": due(json!({"anchor": "signing", "months": 1})),
        "transitions": [{"to": "completed", "on": {"edtf": "2021-06-30"}, "reason": {"ko": "끝남"}}]});
    api.create("/agreements", &signed_mou(&[CITY, &partner], "2021", more))
        .await;
    let stated = json!([{"target": {"edtf": "2022"}, "stated_on": {"edtf": "2021-01"}},
        {"target": {"edtf": "2024"}, "stated_on": {"edtf": "2022-01"}}]);
    let project = json!({"municipality_id": CITY, "kind": "facility", "title": {"ko": "기준 사업"},
        "milestones": [{"kind": "completion", "forecasts": stated}]});
    let project = api.create("/projects", &project).await;
    let to = json!({"anchor": "milestone", "milestone_id": project.body["milestones"][0]["id"], "months": 6});
    let more = json!({"project_ids": [project.id()], "commitments": due(to)});
    let new = signed_mou(&[CITY, &partner], "2021-02-03", more);
    api.create("/agreements", &new).await;
}

/// The rows of a list of all records, by the ids of their agreement and commitment.
async fn records(api: &Api, query: &str) -> BTreeMap<(String, String), Value> {
    let path = format!("/statistics/agreements/records?limit=200&with_total=true{query}");
    let listed = api.read(&path).await;
    assert_eq!(listed.body["total"], listed.items().len(), "{query}");
    let key = |row: &Value| {
        let id = |of: &Value| of["id"].as_str().unwrap_or_default().to_owned();
        (id(&row["agreement"]), id(&row["commitment"]))
    };
    let rows = listed.items().iter();
    rows.map(|row| (key(row), row.clone())).collect()
}

async fn facts_are_those_of_the_documents(api: Api) {
    let api = full(api).await;
    relative(&api).await;
    let (mut agreements, mut commitments) = (0, 0);
    for day in DAYS {
        let as_of = format!("&as_of={day}");
        let listed = api.read(&format!("/agreements?limit=200{as_of}")).await;
        let rows = records(&api, &as_of).await;
        assert_eq!(rows.len(), listed.items().len(), "{day}");
        let figure = format!("{as_of}&figure=execution_rate_commitments_due");
        let mut promised = records(&api, &figure).await;
        for ((id, _), row) in rows {
            let shown = api
                .read(&format!("/agreements/{id}?as_of={day}"))
                .await
                .body;
            for member in [
                "status",
                "signed_on",
                "in_force",
                "ended_by",
                "freshness",
                "kind",
            ] {
                assert_eq!(row[member], shown[member], "{day} {member} of {shown}");
            }
            assert_eq!(row["agreement"]["title"], shown["title"]);
            agreements += 1;
            for commitment in shown["commitments"].as_array().unwrap() {
                let key = (id.clone(), commitment["id"].as_str().unwrap().to_owned());
                let Some(row) = promised.remove(&key) else {
                    let signed = ["signed", "completed", "terminated", "superseded"];
                    assert!(
                        !signed.contains(&shown["status"].as_str().unwrap()),
                        "{shown}"
                    );
                    continue;
                };
                let due = |of: &Value| (of["due"]["earliest"].clone(), of["due"]["latest"].clone());
                assert_eq!(row["commitment"]["status"], commitment["status"], "{shown}");
                assert_eq!(due(&row["commitment"]), due(commitment), "{shown}");
                let late = due(commitment)
                    .1
                    .as_str()
                    .is_some_and(|latest| latest < day);
                assert_eq!(
                    row["standing"]["reason"] == "not_due_yet",
                    {
                        !late
                            && !due(commitment).eq(&(Value::Null, Value::Null))
                            && !["dropped", "carried_over"]
                                .contains(&commitment["status"].as_str().unwrap())
                    },
                    "{day} {row} {commitment}"
                );
                commitments += 1;
            }
        }
        assert!(promised.is_empty(), "{promised:?}");
    }
    assert!(
        agreements > 50 && commitments > 20,
        "{agreements} {commitments}"
    );
}

async fn figures_read_no_document(backend: Backend) {
    let api = watched(backend).await;
    for path in [
        "/statistics/agreements",
        "/statistics/agreements?group_by=party",
        "/statistics/agreements?group_by=topic&as_of=2023-06-30",
        "/statistics/milestones?group_by=topic",
        "/statistics/milestones?group_by=department&as_of=2023-06-30",
    ] {
        let (answer, queries) = answered(&api, path, &[]).await;
        answer.expect(200);
        let reads_facts = |sql: &String| sql.contains("agreement_figures");
        assert!(queries.iter().any(reads_facts), "{path}: {queries:#?}");
        for sql in queries {
            let sql = sql.replace(['`', '"'], "");
            let whole = [
                "agreements.doc",
                "agreements.summary",
                "commitment_reports",
                "milestones.doc",
            ];
            assert!(
                !whole.iter().any(|text| sql.contains(text)),
                "{path}: {sql}"
            );
        }
    }
}

async fn facts_of_milestones_are_those_of_the_documents(api: Api) {
    let api = full(api).await;
    relative(&api).await;
    let projects = api.read("/projects?limit=200").await;
    let mut compared = 0;
    for day in DAYS {
        let path = format!("/statistics/milestones/records?limit=200&with_total=true&as_of={day}");
        let listed = api.read(&path).await;
        assert_eq!(listed.body["total"], listed.items().len(), "{day}");
        let rows = listed.items().iter();
        let rows = rows.map(|row| (row["milestone_id"].to_string(), row));
        let mut rows: BTreeMap<String, &Value> = rows.collect();
        for project in projects.items() {
            let id = project["id"].as_str().unwrap();
            let path = format!("/projects/{id}/milestones?as_of={day}");
            for shown in api.read(&path).await.items() {
                let row = rows.remove(&shown["id"].to_string()).unwrap();
                for member in [
                    "kind",
                    "status",
                    "overdue_days",
                    "baseline",
                    "target",
                    "actual",
                    "slip",
                    "deadline_slip_days",
                    "freshness",
                ] {
                    assert_eq!(row[member], shown[member], "{day} {member} of {shown}");
                }
                compared += 1;
            }
        }
        assert!(rows.is_empty(), "{day} {rows:?}");
    }
    assert!(compared > 50, "{compared}");
}

/// Returns whether a request reads whole documents of milestones.
async fn reads_milestones(api: &Api, path: &str) -> bool {
    let (answer, queries) = answered(api, path, &[]).await;
    answer.expect(200);
    let mut queries = queries.iter().map(|sql| sql.replace(['`', '"'], ""));
    queries.any(|sql| sql.contains("milestones.doc"))
}

async fn the_council_report_reads_what_it_tells(backend: Backend) {
    let api = watched(backend).await;
    let path = |period: &str| format!("/municipalities/{CITY}/council-report?{period}");
    // No target was stated, and nothing was met.
    assert!(!reads_milestones(&api, &path("from=2000-01-01&to=2000-12-31")).await);
    assert!(reads_milestones(&api, &path("from=2021-01-01&to=2024-12-31")).await);
}
