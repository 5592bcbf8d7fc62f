//! The official code of a municipality is taken wherever its id is.

use serde_json::{Value, json};

use crate::support::records::signed_mou;
use crate::support::spec::{operations, parameters};
use crate::support::{Answer, Api, SPEC};

on_both!(new: codes_in_place_of_ids, former_codes);

const GOYANG: &str = "4128000000";

fn ids(rows: &[Value]) -> Vec<&str> {
    let rows = rows.iter();
    rows.map(|row| row["id"].as_str().unwrap()).collect()
}

async fn codes_in_place_of_ids(api: Api) {
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let busan = api
        .create("/municipalities", &json!({"code": "2600000000"}))
        .await;
    // Members of bodies.
    let new = json!({"municipality_id": GOYANG, "kind": "facility", "title": {"ko": "사업"}});
    let project = api.create("/projects", &new).await;
    assert_eq!(project.body["municipality_id"], json!(city));
    let mut shared = signed_mou(
        &[&city, busan.id()],
        "2022-03-01",
        json!({"co_owner_ids": ["2600000000"]}),
    );
    shared["municipality_id"] = json!(GOYANG);
    let agreement = api.create("/agreements", &shared).await;
    assert_eq!(agreement.body["co_owners"][0]["id"], json!(busan.id()));
    let token = json!({"name": "편집", "role": "editor", "municipality_ids": [GOYANG]});
    let editor = api.create("/tokens", &token).await;
    assert_eq!(editor.body["municipalities"][0]["id"], json!(city));
    let editor = api.with(editor.body["token"].as_str());
    let refused =
        json!({"municipality_id": "4111000000", "kind": "facility", "title": {"ko": "사업"}});
    editor.post("/projects", &refused).await.expect(403);
    // A code that leads to no recorded municipality is like an unknown id.
    for code in ["4121000000", "9999999999"] {
        let unknown = json!({"municipality_id": code, "kind": "facility", "title": {"ko": "사업"}});
        let refused = api.post("/projects", &unknown).await.expect(422);
        assert_eq!(refused.places(), ["/municipality_id"]);
        let none = api.read(&format!("/projects?municipality_id={code}")).await;
        assert!(none.items().is_empty());
        api.get(&format!("/municipalities/{code}"))
            .await
            .expect(404);
    }
    // Nine digits are neither.
    let wrong = api
        .get("/projects?municipality_id=412800000")
        .await
        .expect(400);
    assert_eq!(wrong.places(), ["municipality_id"]);
    // Filters: every list that has the filter answers alike to both.
    for (path, _, operation) in operations().filter(|(_, method, _)| *method == "get") {
        let mut names = parameters(operation).map(|parameter| &parameter["name"]);
        let single = path.contains('{') || path.ends_with("/stream") || path.ends_with("/records");
        if single || !names.any(|name| name == "municipality_id") {
            continue;
        }
        let path = path.trim_start_matches("/api/v1");
        let needs = if path == "/search" {
            "&q=%EC%82%AC%EC%97%85"
        } else {
            ""
        };
        let by = async |key: &str| {
            api.get(&format!("{path}?municipality_id={key}{needs}"))
                .await
        };
        let (by_id, by_code) = (by(&city).await, by(GOYANG).await);
        assert_eq!(by_code.status, by_id.status, "{path}");
        assert_eq!(by_code.body, by_id.body, "{path}");
        let tag = |answer: &Answer| answer.headers.get("etag").cloned();
        assert_eq!(tag(&by_code), tag(&by_id), "{path}");
    }
    let encoded = api
        .read("/projects?limit=1&municipality%5Fid=412800000%30")
        .await;
    assert_eq!(ids(encoded.items()), [project.id()]);
    // Paths.
    let read = api.read("/municipalities/4128000000").await;
    assert_eq!(read.id(), city);
    let path = "/municipalities/4128000000";
    let changed = api
        .update(path, read.etag(), &json!({"short_name": {"ko": "고양"}}))
        .await;
    assert_eq!(changed.id(), city);
    let report = "/municipalities/4111000000/council-report?from=2022-01-01&to=2022-12-31";
    let report = api.read(report).await;
    assert_eq!(report.body["municipality"]["id"], json!(other));
    // The description says so.
    let parameters = SPEC["components"]["parameters"].as_object().unwrap();
    let filters = parameters
        .values()
        .filter(|p| p["name"] == "municipality_id");
    let told = |p: &Value| p["description"].as_str().unwrap().contains("행정구역코드");
    assert!(filters.into_iter().all(told));
}

async fn former_codes(api: Api) {
    // Gunsan, in whose place the city of the new province stands.
    let new = api
        .create("/municipalities", &json!({"code": "5213000000"}))
        .await;
    assert_eq!(api.read("/municipalities/4513000000").await.id(), new.id());
    let project =
        json!({"municipality_id": "4513000000", "kind": "facility", "title": {"ko": "사업"}});
    let project = api.create("/projects", &project).await;
    for code in ["4513000000", "5213000000"] {
        let found = api.read(&format!("/projects?municipality_id={code}")).await;
        assert_eq!(ids(found.items()), [project.id()]);
    }
    // Once the former one is recorded, its code is its own.
    let old = api
        .create("/municipalities", &json!({"code": "4513000000"}))
        .await;
    assert_eq!(api.read("/municipalities/4513000000").await.id(), old.id());
}
