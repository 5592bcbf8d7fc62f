//! Tests of modules against the spec of the whole program.

use serde_json::{Value, json};

use super::spec;
use crate::db::ReadClass;
use crate::http::contract::{LONGEST, Members, check};
use crate::http::middleware::LONGEST_QUERY;
use crate::http::openapi::{LINE, VISIBLE};
use crate::http::repair::repairs;
use crate::http::words::{of_format, of_pattern};
use crate::kernel::error::Place;
use crate::kernel::member_names::member_name;
use crate::reference::labels::labels;

#[test]
fn what_is_computed_over_many_records_waits_apart() {
    let operations = spec().operations.iter();
    let figures = operations.filter(|operation| operation.class == ReadClass::Figures);
    let mut figures: Vec<&str> = figures.map(|operation| operation.id.as_str()).collect();
    figures.sort_unstable();
    let declared = [
        "export_records",
        "get_agreement_statistics",
        "get_calendar_feed",
        "get_council_report",
        "get_milestone_statistics",
        "get_project_features",
        "get_project_package",
        "get_reconciliation_figures",
        "get_timeline_calendar",
        "list_agreement_statistics_records",
        "list_milestone_statistics_records",
        "list_reconciliation",
        "preview_municipality_policies",
        "verify_changes",
    ];
    assert_eq!(figures, declared);
}

#[test]
fn every_member_of_a_record_has_a_word() {
    let records = [
        "AgreementCreate",
        "AnnouncementCreate",
        "AssociationCreate",
        "CalendarContent",
        "CommitmentReportCreate",
        "HolidayContent",
        "MeetingContent",
        "MemberCreate",
        "MilestoneCreate",
        "MunicipalityCreate",
        "OrganizationCreate",
        "ProjectPatch",
        "TokenContent",
        "WebhookContent",
        "WorkingGroupCreate",
    ];
    for record in records {
        let schema = &spec().schemas[record];
        let parts = schema["allOf"].as_array().into_iter().flatten();
        let members: Vec<&String> = parts
            .chain([schema])
            .filter_map(|part| part["properties"].as_object())
            .flat_map(serde_json::Map::keys)
            .collect();
        assert!(!members.is_empty(), "{record}");
        for name in members {
            let word = member_name(name).ko;
            assert!(!word.is_ascii(), "{record}: {name} has no word");
        }
    }
}

#[test]
fn no_list_can_be_longer_than_is_checked() {
    fn longest(value: &Value) -> u64 {
        let own = value["maxItems"].as_u64().unwrap_or(0);
        let parts: Vec<&Value> = match value {
            Value::Object(members) => members.values().collect(),
            Value::Array(items) => items.iter().collect(),
            _ => Vec::new(),
        };
        parts.into_iter().map(longest).fold(own, u64::max)
    }
    assert_eq!(longest(&spec().schemas), LONGEST as u64);
}

#[test]
fn a_query_has_room_for_the_longest_texts() {
    let document: Value = serde_json::from_str(&spec().text).unwrap();
    let shared = &document["components"]["parameters"];
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    for operation in operations {
        let own = operation["parameters"].as_array().into_iter().flatten();
        let own = own.map(|parameter| match parameter["$ref"].as_str() {
            Some(reference) => &shared[reference.rsplit('/').next().unwrap()],
            None => parameter,
        });
        let needed = own.filter(|parameter| parameter["in"] == "query").map(|p| {
            // A cursor is ASCII; of other texts a character has four bytes at most, percent-encoded.
            let bytes = if p["name"] == "cursor" { 1 } else { 12 };
            bytes * p["schema"]["maxLength"].as_u64().unwrap_or(0)
        });
        let needed = needed.max().unwrap_or(0);
        let most = LONGEST_QUERY as u64 - 1_000;
        assert!(needed <= most, "{}: {needed}", operation["operationId"]);
    }
}

/// Whether a schema allows null.
fn takes_null(schema: &Value) -> bool {
    let own = match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&json!("null")),
        kind => kind == "null",
    };
    let parts = ["oneOf", "anyOf"].into_iter();
    let mut parts = parts.flat_map(|name| schema[name].as_array().into_iter().flatten());
    own || parts.any(takes_null)
}

/// A member that null removes would go on with its default: only what is unknown without it, and a list or
/// a map, which is then empty, can be removed.
#[test]
fn null_in_a_patch_states_nothing() {
    let schemas = spec().schemas.as_object().unwrap();
    let patches = schemas
        .iter()
        .filter_map(|(name, patch)| Some((name.strip_suffix("Patch")?, patch)));
    let mut compared = 0;
    for (name, patch) in patches {
        let whole = ["ContentInput", "Content", "Input", ""].into_iter();
        let mut whole = whole.map(|end| format!("{name}{end}"));
        let whole = whole.find_map(|name| schemas.get(&name)).unwrap();
        for (member, schema) in patch["properties"].as_object().into_iter().flatten() {
            let stated = &whole["properties"][member];
            let is_list = stated["type"] == "array" || stated.get("additionalProperties").is_some();
            let may_be_nothing = is_list || takes_null(stated);
            assert!(may_be_nothing || !takes_null(schema), "{name}: {member}");
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
}

#[test]
fn every_code_has_a_label() {
    let document: Value = serde_json::from_str(&spec().text).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let codes = |schema: &Value| -> Option<Vec<String>> {
        let codes = schema["enum"].as_array()?.iter();
        codes.map(|code| code.as_str().map(str::to_owned)).collect()
    };
    let enumerations = schemas
        .iter()
        .filter_map(|(name, schema)| Some((name, codes(schema)?)));
    // Sort orders are for requests, not to be shown.
    let is_shown = |codes: &[String]| !codes.iter().any(|code| code.starts_with('-'));
    let shown: Vec<_> = enumerations.filter(|(_, codes)| is_shown(codes)).collect();
    let labelled = labels().iter().map(|one| {
        let codes = one.labels.iter().map(|label| label.code.clone());
        (&one.enumeration, codes.collect::<Vec<_>>())
    });
    assert_eq!(shown, labelled.collect::<Vec<_>>());
}

#[test]
fn every_text_has_its_korean() {
    let (text, gaps) = spec().in_korean();
    let missing: String = gaps
        .missing
        .iter()
        .map(|text| format!("{text}\t\n"))
        .collect();
    let unused: String = gaps.unused.iter().map(|text| format!("{text}\n")).collect();
    assert!(
        missing.is_empty() && unused.is_empty(),
        "in src/http/openapi/korean.tsv, add the Korean after the tab of these lines:\n{missing}\n\
         and remove the lines that begin with these texts:\n{unused}"
    );
    let (korean, english): (Value, Value) = (
        serde_json::from_str(&text).unwrap(),
        serde_json::from_str(&spec().text).unwrap(),
    );
    // Only texts differ: names, and so generated clients, are the same.
    assert_eq!(korean["info"]["title"], english["info"]["title"]);
    let names = |document: &Value| -> Vec<String> {
        let schemas = document["components"]["schemas"].as_object().unwrap();
        schemas.keys().cloned().collect()
    };
    assert_eq!(names(&korean), names(&english));
}

#[test]
fn no_description_is_lost() {
    let document: Value = serde_json::from_str(&spec().text).unwrap();
    let published = document["components"]["schemas"].as_object().unwrap();
    let mut stated = Vec::new();
    texts(&document, "description", &mut stated);
    let all = spec().schemas.as_object().unwrap();
    let mut described = Vec::new();
    for (_, schema) in all.iter().filter(|(name, _)| published.contains_key(*name)) {
        texts(&schema["properties"], "description", &mut described);
    }
    assert!(described.len() > 500);
    for text in described {
        // A paragraph can have been added.
        let is_stated = stated.iter().any(|stated| stated.starts_with(text));
        assert!(is_stated, "nothing says any more: {text}");
    }
}

#[test]
fn labels_are_the_words_of_reports() {
    use crate::agreements::types::AgreementStatus;
    use crate::kernel::values::to_db;
    use crate::kernel::words::Word;
    let mut all = labels().iter();
    let statuses = all
        .find(|one| one.enumeration == "AgreementStatus")
        .unwrap();
    for (status, label) in AgreementStatus::ALL.into_iter().zip(&statuses.labels) {
        assert_eq!(
            (to_db(&status), status.word()),
            (label.code.clone(), label.label.clone())
        );
    }
}

/// The schemas of the bodies and patches of all requests.
fn requests() -> Vec<String> {
    let document: Value = serde_json::from_str(&spec().text).unwrap();
    let operations = document["paths"].as_object().unwrap().values();
    let bodies = operations
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["requestBody"]["content"].as_object());
    let schemas = bodies.flat_map(|content| content.values().map(|media| &media["schema"]));
    // A file has no schema of its own.
    let names = schemas.filter_map(|schema| schema["$ref"].as_str()?.rsplit('/').next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_member_of_a_request_can_be_repaired() {
    let names = requests();
    assert!(names.len() > 30);
    for name in names {
        // What is missing, and each member with a value of a shape that none has.
        let mut body = json!({});
        let members = spec().schemas[&name]["properties"].as_object().unwrap();
        for member in members.keys() {
            body[member] = json!([[[]]]);
        }
        for body in [json!({}), body] {
            let refused = check(&name, Members::Closed, &body).unwrap();
            if refused.is_empty() {
                continue;
            }
            let repaired = repairs(&name, Members::Closed, &body, &refused).unwrap();
            assert!(!repaired.is_empty(), "{name}: {refused:?}");
        }
    }
}

#[test]
fn a_repair_keeps_everything_else() {
    spec();
    let body = json!({
        "name": "가", "role": "edtor", "colour": 1, "expires_at": "2020-01-01T00:00:00Z",
        "municipality_ids": ["0178d7fa-2c00-7000-8000-000000000001", "goyang"],
    });
    let refused = check("TokenContent", Members::Closed, &body).unwrap();
    let repaired = repairs("TokenContent", Members::Closed, &body, &refused).unwrap();
    let roles: Vec<&str> = repaired
        .iter()
        .map(|r| r["role"].as_str().unwrap())
        .collect();
    for role in ["admin", "approver", "editor", "viewer", "partner"] {
        assert!(roles.contains(&role), "{roles:?}");
    }
    for value in repaired {
        assert_eq!(value["name"], body["name"]);
        assert_eq!(value["expires_at"], body["expires_at"]);
        assert_eq!(value["municipality_ids"][0], body["municipality_ids"][0]);
        assert_eq!(value["municipality_ids"].as_array().unwrap().len(), 2);
        assert_eq!(value.get("colour"), None);
    }
}

fn texts<'a>(node: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match node {
        Value::Object(map) => {
            found.extend(map.get(key).and_then(Value::as_str));
            let schemas = map.iter().filter(|(name, _)| !name.starts_with("example"));
            schemas.for_each(|(_, member)| texts(member, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, key, found)),
        _ => {}
    }
}

#[test]
fn every_pattern_and_every_format_has_words() {
    let document: Value = serde_json::from_str(&spec().text).unwrap();
    let (mut patterns, mut formats) = (Vec::new(), Vec::new());
    texts(&document, "pattern", &mut patterns);
    texts(&document, "format", &mut formats);
    assert!(!patterns.is_empty() && !formats.is_empty());
    for pattern in patterns
        .into_iter()
        .filter(|p| ![VISIBLE, LINE].contains(p))
    {
        let words = of_pattern(pattern).unwrap_or_else(|| panic!("no words for {pattern}"));
        for text in [words.ko, words.en] {
            assert!(!text.contains(pattern) && !text.contains('^'), "{text}");
        }
    }
    // Of bounds of numbers and of files, other errors tell.
    let others = ["int32", "int64", "double", "binary"];
    for format in formats.into_iter().filter(|f| !others.contains(f)) {
        assert!(of_format(format).is_some(), "no words for {format}");
    }
}

#[test]
fn what_is_wanted_is_told_in_words_with_an_example() {
    spec();
    for (body, place, ko, en) in [
        (
            json!({"effective_from": 5}),
            "/effective_from",
            "날짜",
            "edtf",
        ),
        (
            json!({"effective_from": "soon"}),
            "/effective_from",
            "2021-08-31",
            "2021-08-31",
        ),
        (json!({"title": "협약"}), "/title", "객체", "an object"),
        (
            json!({"auto_renews": "no"}),
            "/auto_renews",
            "true",
            "true or false",
        ),
        (
            json!({"project_ids": ["x"]}),
            "/project_ids/0",
            "id",
            "An id",
        ),
    ] {
        let errors = check("AgreementPatch", Members::Closed, &body).unwrap();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(matches!(&errors[0].place, Place::Body(at) if at == place));
        let message = &errors[0].message;
        assert!(
            message.ko.contains(ko) && message.en.contains(en),
            "{message:?}"
        );
        for text in [&message.ko, &message.en] {
            assert!(!text.contains("null") && !text.contains("uuid"), "{text}");
        }
    }
    for day in ["2026-12-01", "2021. 5. 3.", "2021년 5월 3일", "2026-H2"] {
        let body = json!({"effective_from": day});
        assert!(
            check("AgreementPatch", Members::Closed, &body)
                .unwrap()
                .is_empty(),
            "{day}"
        );
    }
}
