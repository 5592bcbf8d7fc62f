//! The spec as partners read it.

use std::collections::{HashMap, HashSet};

use mou_registry::app::spec;
use mou_registry::http::contract;
use serde_json::Value;

use crate::support::SPEC;
use crate::support::spec::resolved;

/// Words that a language reserves or that a generator's own types use, in lower case.
const RESERVED: &[&str] = &[
    "any",
    "api",
    "as",
    "async",
    "await",
    "boolean",
    "box",
    "break",
    "case",
    "class",
    "client",
    "const",
    "continue",
    "date",
    "def",
    "default",
    "delete",
    "double",
    "else",
    "enum",
    "error",
    "export",
    "file",
    "float",
    "for",
    "from",
    "func",
    "function",
    "global",
    "if",
    "import",
    "in",
    "int",
    "integer",
    "interface",
    "is",
    "lambda",
    "list",
    "long",
    "map",
    "model",
    "module",
    "namespace",
    "new",
    "nil",
    "none",
    "null",
    "number",
    "object",
    "option",
    "package",
    "pass",
    "private",
    "public",
    "range",
    "record",
    "response",
    "result",
    "return",
    "self",
    "set",
    "static",
    "string",
    "struct",
    "super",
    "switch",
    "this",
    "throw",
    "trait",
    "try",
    "type",
    "use",
    "var",
    "vec",
    "void",
    "while",
    "with",
    "yield",
];

tests!(sync:
    the_committed_spec_is_what_the_program_offers, every_operation_says_what_it_does,
    examples_fit_their_schemas, requests_are_closed_and_responses_open,
    names_suit_every_client_generator, no_list_is_null, what_is_alike_is_shared);

fn the_committed_spec_is_what_the_program_offers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/mou-registry.json");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == spec().indented(),
        "write it anew with `cargo run -- openapi`"
    );
}

fn operations() -> impl Iterator<Item = &'static Value> {
    let both = ["paths", "webhooks"].map(|part| SPEC[part].as_object().unwrap().values());
    both.into_iter()
        .flatten()
        .flat_map(|item| resolved(item).as_object().unwrap().values())
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
    let mut check = |media: &'static Value, what: &str| {
        let mut root = media["schema"].clone();
        root["components"] = SPEC["components"].clone();
        let validator = contract::compile(&root).unwrap();
        // Answers have the examples of their schemas.
        let example = media
            .get("example")
            .or_else(|| Some(&resolved(media["examples"].get("default")?)["value"]))
            .or_else(|| resolved(&media["schema"]).get("example"));
        let Some(example) = example else {
            assert!(!what.ends_with("request"), "{what} has no example");
            return;
        };
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
            check(media, &format!("{id} {kind} request"));
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
            // Members that are there only if they were requested, or if there is something to tell.
            let sometimes = [
                "total",
                "more_errors",
                "outage",
                "candidates",
                "relative_to",
            ];
            let members = schema["properties"].as_object().unwrap().keys();
            let all = members
                .filter(|name| !sometimes.contains(&name.as_str()))
                .count();
            assert_eq!(
                schema["required"].as_array().map_or(0, Vec::len),
                all,
                "{name}: a response has every member"
            );
        }
    }
}

/// A name as the generators with the fewest distinctions see it: letters and digits alone.
fn folded(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.collect::<String>().to_ascii_lowercase()
}

fn names_suit_every_client_generator() {
    tags_name_one_class_each();
    let schemas = SPEC["components"]["schemas"].as_object().unwrap();
    let mut seen = HashMap::new();
    for name in schemas.keys() {
        // Go has a function `NewX` for each schema `X`.
        let made = name.strip_prefix("New");
        assert!(
            !made.is_some_and(|made| schemas.contains_key(made)),
            "{name}"
        );
        assert!(!RESERVED.contains(&folded(name).as_str()), "{name}");
        let other = seen.insert(folded(name), name);
        assert!(other.is_none(), "{name} and {other:?} are one name");
    }
    let mut ids = HashSet::new();
    for operation in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(!RESERVED.contains(&folded(id).as_str()), "{id}");
        assert!(ids.insert(folded(id)), "{id}");
    }
    let mut constants = seen;
    for (name, schema) in schemas {
        let Some(values) = schema["enum"].as_array() else {
            continue;
        };
        let names = schema["x-enum-varnames"].as_array();
        let names = names.unwrap_or_else(|| panic!("the values of {name} have no names"));
        assert_eq!(names.len(), values.len(), "{name}");
        // Go has one namespace for the constants of all enums and the types.
        for constant in names {
            let constant = constant.as_str().unwrap();
            let other = constants.insert(folded(constant), name);
            assert!(other.is_none(), "{constant} of {name} and {other:?}");
        }
    }
}

/// Generators write a class for each tag, and one for the section `webhooks`.
fn tags_name_one_class_each() {
    let mut classes = HashMap::new();
    for section in ["paths", "webhooks"] {
        let items = SPEC[section].as_object().unwrap().values();
        for operation in items.flat_map(|item| resolved(item).as_object().unwrap().values()) {
            let tag = operation["tags"][0].as_str().unwrap();
            assert!(
                SPEC.get(tag).is_none() && SPEC["components"].get(tag).is_none(),
                "the tag {tag} is the name of a section"
            );
            let first = *classes.entry(folded(tag)).or_insert((section, tag));
            assert_eq!(first, (section, tag), "one class of two tags");
        }
    }
}

/// Generators refuse a `null` in place of a list.
fn no_list_is_null() {
    assert!(!spec().text.contains("\"parameters\":null"));
}

fn what_is_alike_is_shared() {
    let text = &spec().text;
    assert!(
        !text.contains('\n') && text.len() < 745_000,
        "{}",
        text.len()
    );
    let (mut parameters, mut examples) = (HashSet::new(), HashSet::new());
    for operation in operations() {
        let own = operation["parameters"].as_array().into_iter().flatten();
        for parameter in own.filter(|parameter| parameter["$ref"].is_null()) {
            // Webhooks are described apart.
            let is_header = parameter["in"] == "header";
            assert!(
                is_header || parameters.insert(parameter.to_string()),
                "{parameter}"
            );
        }
        let responses = operation["responses"].as_object().unwrap().values();
        let contents = responses.chain([&operation["requestBody"]]);
        let contents = contents.filter_map(|message| message["content"].as_object());
        for media in contents.flat_map(|content| content.values()) {
            let example = media
                .get("example")
                .filter(|_| !media["schema"]["$ref"].is_null());
            let is_new = example.is_none_or(|example| examples.insert(example.to_string()));
            assert!(is_new, "{example:?}");
        }
    }
}
