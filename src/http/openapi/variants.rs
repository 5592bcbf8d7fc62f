//! Derives several schemas from one type: closed and without read-only members for a request,
//! without required members for a merge patch, complete for a response.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::http::named::{
    NAMED, NAMED_IN, ORGANIZATION, ORGANIZATION_ID, PARTY, REFERENCE, REFERRED_IN,
};
use crate::http::words::DATE_TEXT;

use super::{
    MERGE_PATCH, ONE_REQUIRED, each_operation, media, media_mut, patch_name, plain_name, reference,
    referred, take_map,
};

/// The use of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Response,
    Input,
    Patch,
}

impl Use {
    /// Returns the use of a request body with this media type.
    fn of(kind: &str) -> Self {
        if kind == MERGE_PATCH {
            Self::Patch
        } else {
            Self::Input
        }
    }
}

/// Members that a response contains only if they were requested, or if there is something to tell.
const SOMETIMES: &[&str] = &[
    "relative_to",
    "total",
    "more_errors",
    "outage",
    "candidates",
];

/// Derives a schema for each use of a type and points the operations to it.
pub fn derive(document: &mut Value, mut schemas: Map<String, Value>) -> Map<String, Value> {
    let plain = schemas.clone();
    for schema in schemas.values_mut() {
        flatten(schema, &plain);
    }
    name_organizations(&mut schemas);
    let mut variants = Variants {
        schemas: &schemas,
        seen: BTreeSet::new(),
    };
    each_operation(document, |_, _, operation| variants.roots(operation));
    variants.walk(&reference("schemas", "Problem"), Use::Response);
    // Webhook requests are as complete as responses.
    variants.walk(&document["webhooks"], Use::Response);
    let names = variants.names();
    each_operation(document, |_, _, operation| {
        names.rewrite_operation(operation);
    });
    names.components(&schemas)
}

/// Merges an `allOf` of objects (a flattened struct) into one object, which can be closed.
fn flatten(schema: &mut Value, all: &Map<String, Value>) {
    let Some(parts) = schema.get_mut("allOf").map(Value::take) else {
        return;
    };
    let mut whole = json!({"type": "object", "properties": {}, "required": []});
    for part in parts.as_array().into_iter().flatten() {
        let mut part = referred(part)
            .and_then(|name| all.get(name))
            .unwrap_or(part)
            .clone();
        flatten(&mut part, all);
        for (name, property) in part["properties"].as_object().into_iter().flatten() {
            whole["properties"][name] = property.clone();
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        if let Some(list) = whole["required"].as_array_mut() {
            list.extend(required);
        }
    }
    if let Some(description) = schema.get("description") {
        whole["description"] = description.clone();
    }
    *schema = whole;
}

/// Collects the uses of each type.
struct Variants<'a> {
    schemas: &'a Map<String, Value>,
    seen: BTreeSet<(String, Use)>,
}

impl Variants<'_> {
    fn roots(&mut self, operation: &Value) {
        for (kind, media) in operation.get("requestBody").into_iter().flat_map(media) {
            self.walk(&media["schema"], Use::of(kind));
            // The result of a patch is validated against the schema of the whole.
            self.walk(&media["schema"], Use::Input);
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            self.walk(&parameter["schema"], Use::Response);
        }
        let responses = operation["responses"].as_object().into_iter();
        for (_, media) in responses.flat_map(Map::values).flat_map(media) {
            self.walk(&media["schema"], Use::Response);
        }
    }

    fn walk(&mut self, schema: &Value, used: Use) {
        if let Some(name) = referred(schema) {
            let name = as_shown(name, used);
            if self.seen.insert((name.to_owned(), used))
                && let Some(schema) = self.schemas.get(name)
            {
                self.walk(schema, used);
            }
            return;
        }
        match schema {
            // Members of requests alone.
            Value::Object(_) if used == Use::Response && is_write_only(schema) => {}
            Value::Object(map) => {
                let used = whole(schema, used);
                for (key, member) in map {
                    self.walk(member, if key == "items" { below(used) } else { used });
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, used)),
            _ => {}
        }
    }

    fn names(self) -> Names {
        let mut names = BTreeMap::new();
        for (name, used) in &self.seen {
            let object = self
                .schemas
                .get(name)
                .is_some_and(|s| s.get("properties").is_some());
            let shared = self.seen.contains(&(name.clone(), Use::Response));
            let plain = plain_name(name);
            let new = match used {
                Use::Patch if object => patch_name(&plain),
                Use::Input if object && shared => format!("{plain}Input"),
                _ => plain,
            };
            names.insert((name.clone(), *used), new);
        }
        Names(names)
    }
}

/// Returns the type that answers show: they do not tell texts on one line from others.
fn as_shown(name: &str, used: Use) -> &str {
    match (name, used) {
        ("LocalizedLine", Use::Response) => "Localized",
        _ => name,
    }
}

/// Returns the use of list items: a merge patch replaces lists as a whole, so their items are
/// complete.
fn below(used: Use) -> Use {
    if used == Use::Patch { Use::Input } else { used }
}

struct Names(BTreeMap<(String, Use), String>);

impl Names {
    fn components(&self, schemas: &Map<String, Value>) -> Map<String, Value> {
        let mut finished: Vec<(String, Value)> = Vec::new();
        for ((name, used), new) in &self.0 {
            if let Some(schema) = schemas.get(name) {
                let schema = self.rewrite(schema.clone(), *used);
                if DATES.contains(&plain_name(name).as_str()) && *used != Use::Response {
                    let object = format!("{new}Object");
                    let (schema, whole) = or_text(schema, &object);
                    finished.extend([(new.clone(), schema), (object, whole)]);
                } else {
                    finished.push((new.clone(), schema));
                }
            }
        }
        finished.sort_by(|a, b| a.0.cmp(&b.0));
        finished.into_iter().collect()
    }

    fn rewrite_operation(&self, operation: &mut Value) {
        for (kind, media) in operation
            .get_mut("requestBody")
            .into_iter()
            .flat_map(media_mut)
        {
            media["schema"] = self.rewrite(media["schema"].take(), Use::of(kind));
        }
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            parameter["schema"] = self.rewrite(parameter["schema"].take(), Use::Response);
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for (_, response) in responses.into_iter().flatten() {
            for (_, media) in media_mut(response) {
                media["schema"] = self.rewrite(media["schema"].take(), Use::Response);
            }
        }
    }

    fn rewrite(&self, schema: Value, used: Use) -> Value {
        if let Some(name) = referred(&schema) {
            let name = as_shown(name, used);
            let new = self
                .0
                .get(&(name.to_owned(), used))
                .cloned()
                .unwrap_or_else(|| plain_name(name));
            return reference("schemas", &new);
        }
        let map = match schema {
            Value::Object(map) => map,
            Value::Array(items) => {
                return items.into_iter().map(|i| self.rewrite(i, used)).collect();
            }
            other => return other,
        };
        if map.contains_key("properties") {
            return self.rewrite_object(map, used);
        }
        let rewritten = map.into_iter().map(|(key, member)| {
            let used = if key == "items" { below(used) } else { used };
            let keep = matches!(key.as_str(), "example" | "enum" | "default" | "const");
            let member = match keep {
                true => member,
                false => self.rewrite(member, used),
            };
            // A member of a map is removed as one of an object is.
            let is_entry = key == "additionalProperties" && used == Use::Patch;
            let member = if is_entry { nullable(member) } else { member };
            (key, member)
        });
        Value::Object(rewritten.collect())
    }

    /// Rewrites the schema of an object with properties.
    fn rewrite_object(&self, mut map: Map<String, Value>, used: Use) -> Value {
        let mut properties = take_map(&mut Value::Object(map.clone()), "properties");
        if used == Use::Response {
            properties.retain(|_, p| !is_write_only(p));
        } else {
            properties.retain(|_, p| p.get("readOnly") != Some(&Value::Bool(true)));
        }
        let needed = map.get("required").and_then(Value::as_array);
        let mut needed: Vec<String> = needed
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        if used == Use::Input && properties.get(ORGANIZATION).is_some_and(is_write_only) {
            needed.retain(|name| name != ORGANIZATION_ID);
            let mut either = map.remove(ONE_REQUIRED).unwrap_or(json!([ORGANIZATION_ID]));
            if let Some(either) = either.as_array_mut() {
                either.push(json!(ORGANIZATION));
            }
            map.insert(ONE_REQUIRED.into(), either);
        }
        // In a patch, null removes a member. What cannot be unknown says so by its own schema; a list or
        // a map is then empty, and any other member would go on with a value that nobody stated.
        let removable = |name: &String, p: &Value| {
            let is_collection = p["type"] == "array" || p.get("additionalProperties").is_some();
            used == Use::Patch && is_collection && !needed.contains(name)
        };
        let properties: Map<String, Value> = properties
            .into_iter()
            .map(|(name, p)| {
                let used = whole(&p, used);
                let p = self.rewrite(p, used);
                let p = if removable(&name, &p) { nullable(p) } else { p };
                (name, p)
            })
            .collect();
        let mut required: Vec<String> = match used {
            Use::Response => properties.keys().cloned().collect(),
            Use::Patch => Vec::new(),
            Use::Input => needed,
        };
        required
            .retain(|name| properties.contains_key(name) && !SOMETIMES.contains(&name.as_str()));
        if let Some(Value::Object(example)) = map.get_mut("example") {
            example.retain(|name, _| properties.contains_key(name));
        }
        map.insert("properties".into(), Value::Object(properties));
        map.remove("required");
        if !required.is_empty() {
            map.insert("required".into(), json!(required));
        }
        map.remove("additionalProperties");
        // An empty patch is valid and changes nothing.
        if used == Use::Patch {
            map.remove("minProperties");
        }
        if used != Use::Input {
            map.remove(ONE_REQUIRED);
        }
        if used != Use::Response {
            map.insert("additionalProperties".into(), json!(false));
        }
        Value::Object(map)
    }
}

/// Returns the use of a member: one of requests alone is sent as a whole, also in a merge patch.
fn whole(schema: &Value, used: Use) -> Use {
    match used {
        Use::Patch if is_write_only(schema) => Use::Input,
        _ => used,
    }
}

fn is_write_only(schema: &Value) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true))
}

/// Lets requests name organizations in place of their ids.
fn name_organizations(schemas: &mut Map<String, Value>) {
    for name in NAMED_IN {
        let Some(properties) = schemas.get_mut(*name).map(|s| &mut s["properties"]) else {
            continue;
        };
        properties[ORGANIZATION] = json!({
            "description": "The organization by its name or an identifier, in place of \
                            `organization_id`. It is found, or recorded in the same transaction; the \
                            answer shows which.",
            "oneOf": [{"type": "null"}, reference("schemas", NAMED)],
            "writeOnly": true,
        });
    }
    for (name, lists) in REFERRED_IN {
        for list in *lists {
            let list = schemas.get_mut(*name).and_then(|schema| {
                let properties = schema.get_mut("properties")?;
                properties.get_mut(list)?.get_mut("items")
            });
            if let Some(items) = list {
                *items = reference("schemas", REFERENCE);
            }
        }
    }
    schemas.insert(
        REFERENCE.into(),
        json!({
            "description": "An organization: its id, or in a new record its place or its name.",
            "example": "0178d7fa-2c00-7000-8000-000000000001",
            "oneOf": [{
                "type": "object",
                "description": "The organization without its id: either member, and not both.",
                "minProperties": 1,
                "maxProperties": 1,
                "properties": {
                    PARTY: {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 99,
                        "description": "Its index in `parties` of the same request, from 0.",
                        "example": 0,
                    },
                    ORGANIZATION: reference("schemas", NAMED),
                },
            }, {"type": "string", "format": "uuid", "description": "Its id."}],
        }),
    );
}

/// Names of the schemas that requests can also fill with a plain text.
const DATES: [&str; 2] = ["ImpreciseDate", "RelativeDate"];

/// Returns the schema of a date in a request: an object, or a text that is unmistakably a date; and
/// the schema of the object, which gets a name because generators would make one up.
fn or_text(mut object: Value, name: &str) -> (Value, Value) {
    let description = object["description"].take();
    let example = object["example"].take();
    if let Some(map) = object.as_object_mut() {
        map.insert("description".into(), "The date as an object.".into());
        map.remove("example");
    }
    let either = json!({
        "description": description,
        "example": example,
        "oneOf": [reference("schemas", name), {
            "type": "string",
            "format": DATE_TEXT,
            "minLength": 1,
            "maxLength": 100,
            "description": "The date as a text, in the form of `edtf` or as texts in Korea write it \
                            (`2021. 5. 3.`, `2021년 5월`), which is then kept in `as_stated`. A length \
                            (`체결일로부터 3년`) is counted from the signing where the date can be \
                            relative, and is known in its words alone elsewhere.",
            "example": "2026-12-01",
        }],
    });
    (either, object)
}

fn nullable(mut schema: Value) -> Value {
    if referred(&schema).is_some() {
        return json!({"oneOf": [{"type": "null"}, schema]});
    }
    if let Some(kind) = schema["type"].as_str().map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
        if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            values.push(Value::Null);
        }
    }
    schema
}
