//! Exports of a municipality's records, and registries that are loaded from them.

use std::path::Path;
use std::process::Output;

use mou_registry::db::DatabaseUrl;
use serde_json::{Value, json};

use super::{done, program, refused, scratch, sqlite};
use crate::support::city::City;
use crate::support::databases::empty_database;
use crate::support::full::full;
use crate::support::records::signed_mou;
use crate::support::{Api, Backend, CITY, database};

on_both!(with_demo: an_export_is_loaded_into_either_database, only_a_whole_export_is_loaded);
on_both!(new: an_admin_exports_its_own_municipality, what_is_hidden_stays_hidden);

/// Exports the records of a municipality, and returns the lines.
async fn export(api: &Api, municipality: &str) -> (String, Vec<Value>) {
    let path = format!("/export?municipality_id={municipality}");
    let answer = api.read(&path).await;
    assert_eq!(answer.headers["content-type"], "application/jsonl");
    let lines = answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines = lines.collect();
    (answer.text, lines)
}

fn records(lines: &[Value]) -> &[Value] {
    &lines[1..lines.len() - 1]
}

fn load(dir: &Path, url: &DatabaseUrl, file: &str) -> Output {
    program(dir, url, &["load", file])
}

/// Removes contacts and the names of individuals, which are not exported.
fn without_personal(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_personal),
        Value::Object(members) => {
            for (name, value) in members {
                match name.as_str() {
                    "contact" => drop(value.take()),
                    "individual_parties" => {
                        let all = value.as_array_mut().unwrap().iter_mut();
                        all.for_each(|one| drop(one["name"].take()));
                    }
                    _ => without_personal(value),
                }
            }
        }
        _ => {}
    }
}

/// What two registries say alike: present and past, the timeline and the search.
async fn answers(api: &Api, id: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        format!("/agreements?municipality_id={id}&limit=200"),
        format!("/projects?municipality_id={id}&limit=200"),
        format!("/timeline?municipality_id={id}&limit=200"),
        format!("/timeline?municipality_id={id}&limit=200&as_of=2022-06-30"),
        format!("/timeline?municipality_id={id}&limit=200&recorded_as_of=2026-11-23T03:00:00Z"),
        format!("/statistics/milestones?municipality_id={id}"),
        "/search?q=%EB%B0%94%EC%9D%B4%EC%98%A4&limit=200".to_owned(),
    ] {
        all.push(api.read(&path).await.body);
    }
    for list in ["agreements", "projects", "working-groups"] {
        let path = format!("/{list}?municipality_id={id}&limit=200");
        for item in api.read(&path).await.items() {
            let of = format!("/{list}/{}", item["id"].as_str().unwrap());
            let mut record = api.read(&of).await.body;
            without_personal(&mut record);
            all.push(record);
            let mut history = api.read(&format!("{of}/history")).await.body;
            for change in history["items"].as_array_mut().unwrap() {
                change["seq"].take();
                without_personal(&mut change["patch"]);
            }
            history["last_seq"].take();
            all.push(history);
        }
    }
    all
}

async fn an_export_is_loaded_into_either_database(api: Api) {
    let api = full(api).await;
    let dir = scratch(&format!("export-{:?}", api.backend()));
    let (text, lines) = export(&api, CITY).await;
    std::fs::write(dir.join("city.jsonl"), &text).unwrap();
    assert_eq!(lines[0]["municipality"]["code"], "4128000000");
    assert!(
        !text.contains("031-123-4567"),
        "personal data left the registry"
    );
    for kind in ["token", "webhook", "calendar", "change_stream"] {
        assert!(!records(&lines).iter().any(|line| line["kind"] == kind));
    }
    let end = lines.last().unwrap();
    let before = answers(&api, CITY).await;
    for other in [Backend::Sqlite, Backend::Postgres] {
        let url = empty_database(other);
        let said = done(&load(&dir, &url, "city.jsonl"));
        assert!(said.contains(end["digest"].as_str().unwrap()), "{said}");
        done(&program(&dir, &url, &["audit", "verify"]));
        let loaded = Api::on(url).await;
        let after = answers(&loaded, CITY).await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after);
        }
        // What is exported again is the same, with the numbers of another log.
        let (_, again) = export(&loaded, CITY).await;
        let digests = |lines: &[Value]| -> Vec<Value> {
            let digest = |line: &Value| json!([line["kind"], line["id"], line["digest"]]);
            records(lines).iter().map(digest).collect()
        };
        assert_eq!(digests(&lines), digests(&again));
        assert_eq!(again.last().unwrap()["digest"], end["digest"]);
        assert_eq!(again.last().unwrap()["records"], end["records"]);
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn an_admin_exports_its_own_municipality(api: Api) {
    let (city, other) = (
        City::new(&api, "4128000000").await.with_report().await,
        City::new(&api, "4111000000").await,
    );
    let admin = |id: &str| json!({"name": "관리자", "role": "admin", "municipality_ids": [id]});
    let own = api.caller(admin(&city.id)).await;
    let strange = api.caller(admin(&other.id)).await;
    let path = format!("/export?municipality_id={}", city.id);
    strange.get(&path).await.expect(403);
    city.editor.get(&path).await.expect(403);
    api.with(None).get(&path).await.expect(401);
    api.get("/export?municipality_id=0178d7fa-2c00-7000-8000-00000000ffff")
        .await
        .expect(404);
    let (text, lines) = export(&own, &city.id).await;
    // Nothing of the other municipality, whose records are internal.
    assert!(
        !text.contains(&other.agreement) && !text.contains("4111000000"),
        "{text}"
    );
    assert!(text.contains(&city.agreement));
    let all = own.read("/export").await.text;
    let without_head = |text: &str| text.split_once('\n').map(|(_, rest)| rest.len());
    assert_eq!(without_head(&all), without_head(&text));
    // The members of an association that is named are there, and its other records.
    let kinds = lines.last().unwrap()["records"].clone();
    assert_eq!(kinds["commitment_report"], 1, "{kinds}");
    let everything = api.read("/export").await.text;
    assert!(everything.contains(&other.agreement));
    let tag = own.read(&path).await.etag().to_owned();
    let known = [("if-none-match", tag.as_str())];
    own.send("GET", &path, &known, None).await.expect(304);
}

/// A record of another municipality that was withdrawn is left out, and so are references to it.
async fn what_is_hidden_stays_hidden(api: Api) {
    let (city, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let project = json!({"municipality_id": other.id, "kind": "other", "title": {"ko": "남의 사업"},
        "milestones": [{"kind": "completion"}]});
    let project = other.editor.create("/projects", &project).await;
    let with = json!({"municipality_id": city.id, "project_ids": [project.id()]});
    let agreement = signed_mou(&[&city.id, &other.id], "2024-01-02", with);
    let agreement = city.editor.create("/agreements", &agreement).await;
    let admin = json!({"name": "관리자", "role": "admin", "municipality_ids": [city.id]});
    let own = api.caller(admin).await;
    let dir = scratch(&format!("hidden-{:?}", api.backend()));
    for (visibility, count) in [("public", 2), ("internal", 1)] {
        let path = format!("/projects/{}", project.id());
        other
            .editor
            .update(&path, "*", &json!({"visibility": visibility}))
            .await;
        let (text, lines) = export(&own, &city.id).await;
        let shown = visibility == "public";
        assert_eq!(text.contains("남의 사업"), shown, "{text}");
        assert_eq!(text.contains(project.id()), shown);
        assert_eq!(lines.last().unwrap()["records"]["project"], count);
        let name = format!("{visibility}.jsonl");
        std::fs::write(dir.join(&name), text).unwrap();
        let url = sqlite(&dir.join(format!("{visibility}.db")));
        done(&load(&dir, &url, &name));
        done(&program(&dir, &url, &["audit", "verify"]));
        let loaded = Api::on(url).await;
        let path = format!("/agreements/{}", agreement.id());
        let projects = loaded.read(&path).await.body["projects"].clone();
        assert_eq!(projects.as_array().unwrap().len(), usize::from(shown));
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn only_a_whole_export_is_loaded(api: Api) {
    let dir = scratch(&format!("whole-export-{:?}", api.backend()));
    let (text, lines) = export(&api, CITY).await;
    let all: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| lines.join("\n") + "\n";
    let changed = |n: usize, from: &str, to: &str| {
        let mut lines = all.clone();
        assert!(lines[n].contains(from), "{}", lines[n]);
        let line = lines[n].replacen(from, to, 1);
        lines[n] = &line;
        joined(&lines)
    };
    let swapped = {
        let mut lines = all.clone();
        lines.swap(1, 2);
        joined(&lines)
    };
    let without = |n: usize| {
        let mut lines = all.clone();
        lines.remove(n);
        joined(&lines)
    };
    let last = all.len();
    let visibility = lines[3]["history"][0]["visibility"].as_str().unwrap();
    let cases: Vec<(String, String, i32)> = vec![
        (
            joined(&all[..last - 1]),
            format!("line {last}: the last line is missing"),
            3,
        ),
        (
            text[..text.len() / 2].to_owned(),
            "the file ends within it".into(),
            3,
        ),
        (
            changed(3, visibility, "secret"),
            "line 4: it was changed".into(),
            3,
        ),
        (
            changed(2, "\"history\":[", "\"history\":"),
            "line 3: it is not JSON".into(),
            3,
        ),
        (
            changed(0, "\"version\":1", "\"version\":2"),
            "line 1: version 2 of the format".into(),
            4,
        ),
        (swapped, "line 3: it is not in the order".into(), 3),
        (
            without(4),
            format!("line {}: its counts are not", last - 1),
            3,
        ),
        (
            format!("{text}{}\n", all[1]),
            format!("line {}: it follows", last + 1),
            3,
        ),
        ("{}\n".into(), "line 1: this is no export".into(), 3),
        (String::new(), "line 1: this is no export".into(), 3),
    ];
    for (broken, said, code) in cases {
        std::fs::write(dir.join("broken.jsonl"), broken).unwrap();
        let url = empty_database(api.backend());
        let output = load(&dir, &url, "broken.jsonl");
        assert_eq!(output.status.code(), Some(code), "{said}: {output:?}");
        let told = refused(&output);
        assert!(told.contains(&said) && told.lines().count() == 1, "{told}");
        if let Some(file) = url.file() {
            assert!(!file.exists());
        }
    }
    std::fs::write(dir.join("city.jsonl"), &text).unwrap();
    let full = load(&dir, &api.url, "city.jsonl");
    assert_eq!(full.status.code(), Some(5), "{full:?}");
    // An empty registry of this version is filled.
    let url = database(api.backend());
    done(&load(&dir, &url, "city.jsonl"));
    done(&program(&dir, &url, &["audit", "verify"]));
    let again = load(&dir, &url, "city.jsonl");
    assert_eq!(again.status.code(), Some(5), "{again:?}");
    std::fs::remove_dir_all(&dir).unwrap();
}
