//! Examples that the demonstration accepts and answers, so that they can be tried out.
//!
//! `examples.json` holds the ids of the demonstration's records, by the names of the parameters in
//! paths, and the body of each request; `@AgreementId` in a body is the id of that name.
//! `answers.json` holds the demonstration's answers by the names of their schemas. It is recorded
//! by the API test `examples`, which also sends each request.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::sharing::parameter_names;
use super::{each_operation, take_map};

static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// Returns the body of the request of an operation.
pub fn body(operation: &str) -> Option<Value> {
    let mut body = EXAMPLES["bodies"].get(operation)?.clone();
    resolve(&mut body);
    Some(body)
}

fn resolve(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(id) = text.strip_prefix('@').and_then(|name| id(name, "")) {
                *value = id.clone();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(resolve),
        Value::Object(map) => map.values_mut().for_each(resolve),
        _ => {}
    }
}

/// Returns the id of a record of the demonstration.
fn id(name: &str, operation: &str) -> Option<&'static Value> {
    let own = EXAMPLES["ids_of_operations"][operation].get(name);
    own.or_else(|| EXAMPLES["ids"].get(name))
}

/// Gives ids in paths the ids of the demonstration. Examples of optional parameters move to their
/// schemas: a viewer fills in the examples of parameters, and no record fits all filters at once.
pub fn fill_in_parameters(document: &mut Value) {
    let filled_in = &EXAMPLES["filled_in"].as_array();
    let is_filled_in = |name: &Value| filled_in.is_some_and(|names| names.contains(name));
    each_operation(document, |_, _, operation| {
        let operation_id = operation["operationId"].as_str().unwrap_or_default();
        let operation_id = operation_id.to_owned();
        let parameters = operation.get_mut("parameters");
        let parameters = parameters.and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            if parameter["in"] == "path" {
                let [name, _] = parameter_names(parameter, "");
                if let Some(id) = id(&name, &operation_id) {
                    parameter["example"] = id.clone();
                }
            } else if parameter["required"] != true && !is_filled_in(&parameter["name"]) {
                let example = parameter.as_object_mut().and_then(|p| p.remove("example"));
                let is_own = parameter["schema"].get("$ref").is_none();
                if let Some(example) = example.filter(|_| is_own) {
                    parameter["schema"]["examples"] = json!([example]);
                }
            }
        }
    });
}

/// Gives each schema the demonstration's answer as its example.
pub fn add_answers(document: &mut Value) {
    let answers = serde_json::from_str(include_str!("answers.json"));
    let answers: Map<String, Value> = answers.unwrap_or_default();
    let mut schemas = take_map(&mut document["components"], "schemas");
    for (name, answer) in answers {
        if let Some(schema) = schemas.get_mut(&name) {
            schema["example"] = answer;
        }
    }
    document["components"]["schemas"] = Value::Object(schemas);
}
