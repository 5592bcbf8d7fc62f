//! Says where requests take the official code of a municipality in place of its id.

use serde_json::{Value, json};

use super::each_operation;
use crate::http::BASE;
use crate::http::codes::{FILTER, PATH, is_member};
use crate::http::words::MUNICIPALITY_KEY;

/// Added to the descriptions.
const TAKEN: &str = "Takes its id or its 10-digit code (행정구역코드), also a former one.";

/// Allows a code in filters, paths and requests.
pub fn describe(document: &mut Value) {
    each_operation(document, |path, _, operation| {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let path = path.strip_prefix(BASE).unwrap_or(path);
            let is_filter = parameter["in"] == "query" && parameter["name"] == FILTER;
            let is_path =
                parameter["in"] == "path" && parameter["name"] == "id" && path.starts_with(PATH);
            if is_filter || is_path {
                allow(&mut parameter["schema"]);
                tell(parameter);
            }
        }
    });
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        // Requests are closed.
        let is_request = schema["additionalProperties"] == json!(false);
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        let members = properties.filter(|_| is_request).into_iter().flatten();
        for (_, member) in members.filter(|(name, _)| is_member(name)) {
            match member.get_mut("items") {
                Some(items) => allow(items),
                None => allow(member),
            }
            tell(member);
        }
    }
}

/// Allows a code in the schema of an id.
fn allow(schema: &mut Value) {
    schema["format"] = json!(MUNICIPALITY_KEY);
}

fn tell(described: &mut Value) {
    let text = described["description"].as_str().unwrap_or_default();
    described["description"] = json!(format!("{text}\n\n{TAKEN}").trim());
}
