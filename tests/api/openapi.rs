//! The spec as partners read it.

use mou_registry::app::spec;
use mou_registry::http::contract;
use serde_json::Value;

use crate::support::SPEC;

tests!(sync:
    the_committed_spec_is_what_the_program_offers, every_operation_says_what_it_does,
    examples_fit_their_schemas, requests_are_closed_and_responses_open);

fn the_committed_spec_is_what_the_program_offers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/mou-registry.json");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == spec().text,
        "write it anew with `cargo run -- openapi`"
    );
}

fn operations() -> impl Iterator<Item = &'static Value> {
    let both = ["paths", "webhooks"].map(|part| SPEC[part].as_object().unwrap().values());
    both.into_iter()
        .flatten()
        .flat_map(|item| item.as_object().unwrap().values())
}

fn every_operation_says_what_it_does() {
    let mut ids = Vec::new();
    for operation in operations() {
        let id = operation["operationId"].as_str().unwrap();
        ids.push(id);
        for member in ["summary", "description"] {
            assert!(
                operation[member].as_str().is_some_and(|t| !t.is_empty()),
                "{id} lacks its {member}"
            );
        }
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{id}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let described =
                parameter.get("$ref").is_some() || parameter["description"].as_str().is_some();
            assert!(described, "{id}: {parameter}");
        }
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "operation ids are unique");
}

fn examples_fit_their_schemas() {
    let mut checked = 0;
    let mut check = |media: &Value, what: &str| {
        let mut root = media["schema"].clone();
        root["components"] = SPEC["components"].clone();
        let validator = contract::compile(&root).unwrap();
        let example = media
            .get("example")
            .unwrap_or_else(|| panic!("{what} has no example"));
        let wrong: Vec<String> = validator
            .iter_errors(example)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{what}: {wrong:?}");
        checked += 1;
    };
    for operation in operations() {
        let id = operation["operationId"].as_str().unwrap();
        for (kind, media) in operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            check(media, &format!("{id} {kind}"));
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            for (kind, media) in response["content"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(k, _)| *k == "application/json")
            {
                check(media, &format!("{id} {status} {kind}"));
            }
        }
    }
    assert!(checked > 80);
}

fn requests_are_closed_and_responses_open() {
    for (name, schema) in SPEC["components"]["schemas"].as_object().unwrap() {
        if schema.get("properties").is_none() {
            continue;
        }
        let closed = schema["additionalProperties"] == false;
        let request = ["Input", "Create", "Patch"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
        assert!(
            !request || closed,
            "{name} is a request's and must be closed"
        );
        if !closed {
            let all = schema["properties"].as_object().unwrap().len()
                - usize::from(name.ends_with("Page"));
            assert_eq!(
                schema["required"].as_array().map_or(0, Vec::len),
                all,
                "{name}: a response has every member"
            );
        }
    }
}
