//! Records in the formats of open data: packages of OC4IDS, and the catalogue of datasets.

use serde_json::{Value, json};

use super::file;
use crate::support::{Api, CITY};

on_both!(with_demo: projects_are_a_valid_package, every_download_of_the_catalogue_is_there);
on_both!(new: a_package_has_public_projects_alone);

/// Returns a validator for a schema of OC4IDS, which is not part of the repository; `None` unless
/// `MOU_TEST_OC4IDS` names its folder.
fn oc4ids(name: &str) -> Option<jsonschema::Validator> {
    let folder = std::env::var("MOU_TEST_OC4IDS").ok()?;
    let text = std::fs::read_to_string(format!("{folder}/{name}-schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    if name == "project-package" {
        // Projects are checked by their own schema.
        schema["properties"]["projects"]["items"] = json!({});
    }
    Some(
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap(),
    )
}

async fn projects_are_a_valid_package(api: Api) {
    let package = api.read("/projects.oc4ids.json?prefix=oc4ids-bu3kcz").await;
    assert_eq!(package.body["version"], "0.9");
    let projects = package.body["projects"].as_array().unwrap();
    for (name, values) in [
        ("project-package", vec![&package.body]),
        ("project", projects.iter().collect()),
    ] {
        let Some(validator) = oc4ids(name) else {
            continue;
        };
        for value in values {
            let wrong: Vec<String> = validator
                .iter_errors(value)
                .map(|e| format!("{}: {e}", e.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{wrong:?}");
        }
    }
    let ilsan = projects
        .iter()
        .find(|project| {
            project["title"]
                .as_str()
                .unwrap()
                .contains("일산테크노밸리")
        })
        .unwrap();
    assert!(ilsan["id"].as_str().unwrap().starts_with("oc4ids-bu3kcz-"));
    assert_eq!(
        ilsan["budget"]["amount"],
        json!({"amount": 849_300_000_000_i64, "currency": "KRW"})
    );
    let of = |code: &str| {
        let milestones = ilsan["milestones"].as_array().unwrap();
        milestones
            .iter()
            .find(|milestone| milestone["code"] == code)
            .unwrap()
    };
    let groundbreaking = of("groundbreaking");
    assert_eq!(groundbreaking["status"], "met");
    assert_eq!(groundbreaking["dateMet"], "2023-10-26T00:00:00+09:00");
    // Nobody stated a day: the deadline is the last day of the target, and nothing was met.
    let completion = of("completion");
    assert_eq!(completion.get("dateMet"), None);
    assert_eq!(completion["dueDate"], "2026-12-31T00:00:00+09:00");
    api.get("/projects.oc4ids.json?prefix=abc")
        .await
        .expect(400);
}

async fn a_package_has_public_projects_alone(api: Api) {
    let city = api.municipality().await;
    let project = |visibility: &str| json!({"municipality_id": city, "kind": "facility", "title": {"ko": visibility}, "visibility": visibility});
    api.create("/projects", &project("internal")).await;
    api.get("/projects.oc4ids.json").await.expect(404);
    api.create("/projects", &project("public")).await;
    let path = format!("/projects.oc4ids.json?municipality_id={city}");
    let package = api.read(&path).await;
    assert_eq!(package.body["projects"].as_array().unwrap().len(), 1);
    assert_eq!(package.body["publisher"]["name"], "고양시");
    // A later change of a milestone is one of the project.
    let later = api.at("2026-11-24T03:00:00Z").await;
    let id = package.body["projects"][0]["identifiers"][0]["id"].as_str();
    let milestone = json!({"kind": "completion", "forecasts": [
        {"target": {"edtf": "2028"}, "stated_on": {"edtf": "2026"}}]});
    let milestones = format!("/projects/{}/milestones", id.unwrap());
    later.create(&milestones, &milestone).await;
    let package = later.read(&path).await;
    assert_eq!(package.body["publishedDate"], "2026-11-24T03:00:00Z");
    assert_eq!(
        package.body["projects"][0]["updated"],
        "2026-11-24T12:00:00+09:00"
    );
    // Whoever asks, it is what everyone sees.
    let anyone = later.with(None).read(&path).await;
    assert_eq!(anyone.body, package.body);
}

async fn every_download_of_the_catalogue_is_there(api: Api) {
    let whole = api.read("/catalog.jsonld").await;
    assert_eq!(whole.headers["content-type"], "application/ld+json");
    let city = api
        .read(&format!("/catalog.jsonld?municipality_id={CITY}"))
        .await;
    let name = &city.body["dct:publisher"]["foaf:name"][0];
    assert_eq!(name, &json!({"@language": "ko", "@value": "고양시"}));
    for catalog in [whole, city] {
        for dataset in catalog.body["dcat:dataset"].as_array().unwrap() {
            assert_eq!(dataset["dct:title"][0]["@language"], "ko");
            for download in dataset["dcat:distribution"].as_array().unwrap() {
                let url = download["dcat:downloadURL"]["@id"].as_str().unwrap();
                let path = url.split_once("/api/v1").unwrap().1;
                let got = file(&api.with(None), path, &[]).await;
                let kind = got.headers["content-type"].split(';').next().unwrap();
                assert_eq!(
                    (got.status, Some(kind)),
                    (200, download["schema:encodingFormat"].as_str()),
                    "{url}"
                );
            }
        }
    }
    api.get(&format!("/catalog.jsonld?municipality_id={MISSING}"))
        .await
        .expect(404);
}

/// An id that no record has.
const MISSING: &str = "0178d7fa-2c00-7000-8000-00000000ffff";
