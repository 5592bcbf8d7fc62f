//! States each text and each limit once. Half of what the derived schemas state is stated by
//! others already: a patch has the members of its record, a response the limits of its request.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{LINE, VISIBLE};

/// Keywords that bind requests alone: the server keeps to them, and its clients need not check.
const LIMITS: &[&str] = &[
    "maxItems",
    "maxLength",
    "minItems",
    "minLength",
    "minProperties",
];

/// Removes the limits of schemas that no request has, and descriptions of members that a schema of
/// another use has.
pub fn state(schemas: &mut Map<String, Value>) {
    for schema in schemas.values_mut().filter(|schema| !is_request(schema)) {
        if schema.get("properties").is_some() {
            unlimit(schema);
        }
    }
    let mut names: Vec<String> = schemas.keys().cloned().collect();
    names.sort_by_key(|name| (place(name, &schemas[name]), name.clone()));
    let mut described = HashSet::new();
    for name in names {
        let Some(schema) = schemas.get_mut(&name).and_then(Value::as_object_mut) else {
            continue;
        };
        let members = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (member, value) in members.into_iter().flatten() {
            describe_once(&mut described, member, value);
        }
    }
}

fn describe_once(described: &mut HashSet<(String, String)>, member: &str, schema: &mut Value) {
    let text = schema.get("description").and_then(Value::as_str);
    let Some(text) = text.map(str::to_owned) else {
        return;
    };
    if !described.insert((member.to_owned(), text))
        && let Some(schema) = schema.as_object_mut()
    {
        schema.remove("description");
    }
}

fn is_request(schema: &Value) -> bool {
    schema["additionalProperties"] == false
}

/// Requests come first: who writes a record needs to know most about it. Patches come last.
fn place(name: &str, schema: &Value) -> u8 {
    match is_request(schema) {
        true if name.ends_with("Patch") => 2,
        true => 0,
        false => 1,
    }
}

fn unlimit(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| !(LIMITS.contains(&key.as_str()) && value.is_number()));
            if map
                .get("pattern")
                .is_some_and(|p| p == VISIBLE || p == LINE)
            {
                map.remove("pattern");
            }
            map.values_mut().for_each(unlimit);
        }
        Value::Array(items) => items.iter_mut().for_each(unlimit),
        _ => {}
    }
}
