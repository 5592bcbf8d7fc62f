//! Reads the spec: its operations, their parameters and schemas.

use serde_json::Value;

use super::SPEC;

/// The operations, each with its path and method.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = SPEC["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, op)| (path.as_str(), method.as_str(), op))
    })
}

/// The value, or the part of the spec to which it refers.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => SPEC.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// The query parameters of an operation.
pub fn parameters(operation: &'static Value) -> impl Iterator<Item = &'static Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.map(resolved)
        .filter(|parameter| parameter["in"] == "query")
}

/// The query parameter with this name.
pub fn parameter(operation: &'static Value, name: &str) -> Option<&'static Value> {
    parameters(operation).find(|parameter| parameter["name"] == name)
}

/// The schema of a parameter; for a list of values, the schema of one.
pub fn schema(parameter: &'static Value) -> &'static Value {
    let schema = resolved(&parameter["schema"]);
    resolved(schema.get("items").unwrap_or(schema))
}

/// The values that a schema enumerates.
pub fn enumerated(schema: &Value) -> Vec<&str> {
    let values = schema["enum"].as_array().into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

/// The name of several records of a kind, as paths have it.
pub fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}
