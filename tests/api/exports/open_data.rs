//! Records in the formats of open data: packages of OC4IDS, and the catalogue of datasets.

use serde_json::{Value, json};

use super::file;
use crate::support::log::wrong;
use crate::support::{Api, CITY, SPEC};

on_both!(with_demo: projects_are_a_valid_package, every_download_of_the_catalogue_is_there);
on_both!(new: a_package_has_public_projects_alone, a_package_states_nothing_more_exactly,
    places_are_features);

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
    // The source says "about": no exact amount is made of it.
    assert_eq!(ilsan["budget"], json!({"description": "약 8,493억 원"}));
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
        {"target": {"edtf": "2028"}, "stated_on": {"edtf": "2026-11-20"}}]});
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

async fn a_package_states_nothing_more_exactly(api: Api) {
    let city = api.municipality().await;
    for (title, budget) in [
        (
            json!({"en": "Only English"}),
            json!({"amount": 500, "currency": "KRW", "approximate": true}),
        ),
        (
            json!({"ko": "사업", "en": "Project"}),
            json!({"amount": 500, "currency": "KRW"}),
        ),
        (
            json!({"ko": "범위"}),
            json!({"min_amount": 5, "max_amount": 7, "currency": "USD"}),
        ),
    ] {
        let new = json!({"municipality_id": city, "kind": "facility", "title": title,
            "budget": budget, "locations": [{"name": {"ko": "갑동"},
            "position": {"longitude": 126.75, "latitude": 37.5}}]});
        api.create("/projects", &new).await;
    }
    let package = api.read("/projects.oc4ids.json").await;
    let [english, korean, range] = package.body["projects"].as_array().unwrap().as_slice() else {
        panic!("{}", package.text)
    };
    assert_eq!(
        (&english["language"], &korean["language"]),
        (&json!("en"), &json!("ko"))
    );
    assert_eq!(english["budget"], json!({"description": "KRW about 500"}));
    assert_eq!(
        korean["budget"],
        json!({"amount": {"amount": 500, "currency": "KRW"}})
    );
    assert_eq!(range["budget"], json!({"description": "USD 5–7"}));
    let point = json!({"type": "Point", "coordinates": [126.75, 37.5]});
    assert_eq!(korean["locations"][0]["geometry"], point);
    if let Some(validator) = oc4ids("project") {
        assert!(validator.is_valid(english) && validator.is_valid(korean));
    }
}

async fn places_are_features(api: Api) {
    let city = api.municipality().await;
    let empty = api.read("/projects.geojson").await;
    assert_eq!(
        empty.body,
        json!({"type": "FeatureCollection", "features": []})
    );
    let place = |name: &str, at: Value| json!({"name": {"ko": name}, "position": at});
    let new = |title: &str, visibility: &str| {
        json!({"municipality_id": city, "kind": "facility", "title": {"ko": title},
            "visibility": visibility, "locations": [
                place("갑동", json!({"longitude": 126.75, "latitude": 37.5})), place("을동", Value::Null),
                place("병동", json!({"longitude": -0.5, "latitude": -90}))]})
    };
    let made = api.create("/projects", &new("공개", "public")).await;
    api.create("/projects", &new("내부", "internal")).await;
    let response = file(&api, "/projects.geojson", &[]).await;
    assert_eq!(response.headers["content-type"], "application/geo+json");
    let all: Value = serde_json::from_slice(&response.bytes).unwrap();
    let features = all["features"].as_array().unwrap();
    assert_eq!(features.len(), 4);
    assert_eq!(
        features[0]["geometry"],
        json!({"type": "Point", "coordinates": [126.75, 37.5]})
    );
    assert_eq!(features[0]["id"], format!("{}/locations/0", made.id()));
    assert_eq!(features[1]["properties"]["place"], "병동");
    assert_eq!(features[1]["properties"]["title"], "공개");
    // It has the filters of the list, and shows no more than the list.
    let none = api.read("/projects.geojson?kind=programme").await;
    assert_eq!(none.body["features"], json!([]));
    let anyone = api.with(None).read("/projects.geojson").await;
    assert_eq!(anyone.body["features"].as_array().unwrap().len(), 2);
    let past = api
        .read("/projects.geojson?recorded_as_of=2020-01-01T00:00:00Z")
        .await;
    assert_eq!(past.body["features"], json!([]));
    api.get("/projects.geojson?limit=5").await.expect(400);
    // A correction moves the place, and the past has it where it was.
    let later = api.at("2026-11-24T03:00:00Z").await;
    let path = format!("/projects/{}", made.id());
    let moved = json!({"locations": [place("갑동", json!({"longitude": 127, "latitude": 37}))]});
    later.update(&path, made.etag(), &moved).await;
    for (query, expected) in [
        ("", json!([127.0, 37.0])),
        (
            "?recorded_as_of=2026-11-23T23:00:00Z",
            json!([126.75, 37.5]),
        ),
    ] {
        let anyone = later.with(None);
        let whole = anyone.read(&format!("/projects.geojson{query}")).await;
        let first = &whole.body["features"][0];
        assert_eq!(first["geometry"]["coordinates"], expected, "{query}");
    }
    assert_eq!(wrong(&later), None);
    for (member, beyond) in [("longitude", 180.5), ("latitude", -91.0)] {
        let mut at = json!({"longitude": 0, "latitude": 0});
        at[member] = json!(beyond);
        let body = json!({"locations": [place("갑동", at)]});
        let refused = later.patch(&path, "*", &body).await.expect(422);
        assert_eq!(
            refused.places(),
            [format!("/locations/0/position/{member}")]
        );
    }
}

async fn every_download_of_the_catalogue_is_there(api: Api) {
    let whole = api.read("/catalog.jsonld").await;
    assert_eq!(whole.headers["content-type"], "application/ld+json");
    let city = api
        .read(&format!("/catalog.jsonld?municipality_id={CITY}"))
        .await;
    let name = &city.body["dct:publisher"]["foaf:name"][0];
    assert_eq!(name, &json!({"@language": "ko", "@value": "고양시"}));
    let language = &whole.body["dct:language"][0]["@id"];
    assert_eq!(language, "http://id.loc.gov/vocabulary/iso639-1/ko");
    let known = [("if-none-match", whole.etag())];
    api.send("GET", "/catalog.jsonld", &known, None)
        .await
        .expect(304);
    let declared = &SPEC["paths"]["/api/v1/catalog.jsonld"]["get"]["responses"];
    assert!(declared.get("304").is_some());
    for catalog in [whole, city] {
        for dataset in catalog.body["dcat:dataset"].as_array().unwrap() {
            assert_eq!(dataset["dct:title"][0]["@language"], "ko");
            let distributions = dataset["dcat:distribution"].as_array().unwrap();
            // Pages are no download: a harvester would take the first of them for the whole.
            assert_eq!(distributions[0].get("dcat:downloadURL"), None);
            for download in &distributions[1..] {
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
