//! Repairs values that a schema refuses, so that rules can be run on the rest of a body.
//!
//! A rule can compare a refused member with a valid one, so a single repair could make it break. A
//! refused place is therefore filled in several ways: left out, each value of an enum, an early and
//! a late day, each id that the body contains.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::contract;
use super::contract::{Members, UNKNOWN};
use super::named::ORGANIZATION_ID;
use super::openapi::ONE_REQUIRED;
use crate::kernel::error::{ApiError, FieldError, Place};

/// Maximum number of repairs of a value, and of ways to fill a place.
pub(super) const MOST: usize = 16;
/// Maximum number of places that are repaired. A body with more errors is not tried.
const MOST_PLACES: usize = 100;
/// Maximum depth of a generated object.
const DEPTH: usize = 8;

/// Returns values that fit `schema` and differ from `value` only at the places of `refused`; none
/// if the value cannot be repaired.
///
/// # Errors
/// `internal_error` if the spec has no such schema.
pub fn repairs(
    schema: &str,
    members: Members,
    value: &Value,
    refused: &[FieldError],
) -> Result<Vec<Value>, ApiError> {
    let schemas = &super::spec().schemas;
    let mut ids = BTreeSet::new();
    collect_ids(value, &mut ids);
    let samples = Samples { schemas, ids };
    let mut fills: Vec<(&str, Vec<Option<Value>>)> = Vec::new();
    for (pointer, is_unknown) in places(refused) {
        let ways = match is_unknown {
            true => vec![None],
            false => samples.at(schema, pointer),
        };
        if ways.is_empty() || fills.len() == MOST_PLACES {
            return Ok(Vec::new());
        }
        fills.push((pointer, ways));
    }
    let most = fills.iter().map(|(_, ways)| ways.len()).max();
    let mut repaired = Vec::new();
    for n in 0..most.unwrap_or(0) {
        let mut value = value.clone();
        for (pointer, ways) in &fills {
            put(&mut value, pointer, ways[n % ways.len()].clone());
        }
        if !repaired.contains(&value) && contract::fits(schema, members, &value)? {
            repaired.push(value);
        }
    }
    Ok(repaired)
}

/// Returns the example of the schema of a place in a body, if it has one that is short.
pub(super) fn example(schemas: &Value, schema: &str, pointer: &str) -> Option<String> {
    let samples = Samples {
        schemas,
        ids: BTreeSet::new(),
    };
    let (mut node, _) = samples.find(schema, pointer)?;
    for _ in 0..DEPTH {
        if let Some(example) = node.get("example").filter(|example| !example.is_null()) {
            return Some(example.to_string()).filter(|text| text.chars().count() <= 200);
        }
        let shapes = node["oneOf"].as_array().into_iter().flatten();
        let shape = shapes.clone().find(|shape| shape["type"] != "null");
        node = samples.referred(node).or(shape)?;
    }
    None
}

/// Returns the refused places with whether each is an unknown member, outer places first and
/// without those inside another.
fn places(refused: &[FieldError]) -> Vec<(&str, bool)> {
    let pointers = refused.iter().filter_map(|error| match &error.place {
        Place::Body(pointer) => Some((pointer.as_str(), error.code == UNKNOWN)),
        _ => None,
    });
    let all: BTreeSet<(&str, bool)> = pointers.collect();
    let mut outer: Vec<(&str, bool)> = Vec::new();
    for (pointer, is_unknown) in all {
        if outer.len() <= MOST_PLACES && !outer.iter().any(|(o, _)| is_within(pointer, o)) {
            outer.push((pointer, is_unknown));
        }
    }
    outer
}

/// Returns true if `pointer` is `outer` or below it.
pub(super) fn is_within(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn collect_ids(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) if ids.len() < MOST => ids.extend(Uuid::try_parse(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_ids(item, ids)),
        Value::Object(map) => map.values().for_each(|member| collect_ids(member, ids)),
        _ => {}
    }
}

/// Replaces the value at a pointer, or removes the member if `new` is `None`.
fn put(value: &mut Value, pointer: &str, new: Option<Value>) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match (value.pointer_mut(parent), new) {
        (Some(Value::Object(map)), Some(new)) => {
            map.insert(contract::unescape(name), new);
        }
        (Some(Value::Object(map)), None) => {
            map.remove(&contract::unescape(name));
        }
        (Some(Value::Array(items)), Some(new)) => {
            let place = name.parse().ok().and_then(|n: usize| items.get_mut(n));
            if let Some(place) = place {
                *place = new;
            }
        }
        _ => {}
    }
}

/// Generates values for schemas. A value need not fit its schema: repairs are checked as a whole.
struct Samples<'a> {
    schemas: &'a Value,
    /// The ids that the body contains.
    ids: BTreeSet<Uuid>,
}

impl<'a> Samples<'a> {
    /// Returns the ways to fill the place of a body that `schema` describes; `None` leaves the
    /// member out.
    fn at(&self, schema: &str, pointer: &str) -> Vec<Option<Value>> {
        let found = self.find(schema, pointer);
        let is_optional = found.is_some_and(|(_, is_optional)| is_optional);
        let samples = found.map(|(node, _)| self.of(node, 0)).unwrap_or_default();
        let left_out = is_optional.then_some(None);
        left_out
            .into_iter()
            .chain(samples.into_iter().map(Some))
            .take(MOST)
            .collect()
    }

    /// Returns the schema of a place, and whether it is a member that can be left out.
    fn find(&self, schema: &str, pointer: &str) -> Option<(&'a Value, bool)> {
        let mut found = self.schemas.get(schema);
        let mut is_optional = false;
        for token in pointer.split('/').skip(1) {
            let parent = found.map(|node| self.resolve(node));
            let name = contract::unescape(token);
            let member = parent.and_then(|p| p.get("properties")?.get(&name));
            let required = parent.and_then(|p| p.get("required")?.as_array());
            is_optional = member.is_some() && !required.is_some_and(|r| r.contains(&json!(name)));
            found = member.or_else(|| parent?.get("items"));
        }
        found.map(|node| (node, is_optional))
    }

    /// Follows references, and the one shape of a nullable value.
    fn resolve(&self, mut node: &'a Value) -> &'a Value {
        for _ in 0..DEPTH {
            let shapes = node["oneOf"].as_array().into_iter().flatten();
            let shape = shapes.clone().find(|shape| shape["type"] != "null");
            node = match self.referred(node).or(shape) {
                Some(next) => next,
                None => return node,
            };
        }
        node
    }

    fn referred(&self, node: &Value) -> Option<&'a Value> {
        let name = super::openapi::referred(node)?;
        self.schemas.get(name)
    }

    fn of(&self, node: &'a Value, depth: usize) -> Vec<Value> {
        if depth > DEPTH {
            return Vec::new();
        }
        let mut all: Vec<Value> = node.get("example").cloned().into_iter().collect();
        if let Some(target) = self.referred(node) {
            all.extend(self.of(target, depth + 1));
        } else if let Some(shapes) = node["oneOf"].as_array() {
            all.extend(shapes.iter().flat_map(|shape| self.of(shape, depth + 1)));
        } else if let Some(values) = node["enum"].as_array() {
            all.extend(values.iter().cloned());
        } else {
            all.extend(self.typed(node, depth));
        }
        all
    }

    fn typed(&self, node: &'a Value, depth: usize) -> Vec<Value> {
        let kinds = node["type"].as_array().into_iter().flatten();
        let kind = kinds.chain([&node["type"]]).find_map(Value::as_str);
        match kind {
            Some("boolean") => vec![json!(false), json!(true)],
            Some("integer" | "number") => {
                let limit =
                    |name: &str, other: i64| node.get(name).cloned().unwrap_or(json!(other));
                vec![limit("minimum", 0), limit("maximum", 1)]
            }
            Some("string") => self.texts(node),
            Some("array") => {
                let items = self.of(&node["items"], depth + 1);
                let least = node["minItems"].as_u64().unwrap_or(0) as usize;
                let fewest = items.iter().cycle().take(least).cloned().collect();
                vec![fewest, items.into()]
            }
            Some("object") => self.objects(node, depth),
            _ => vec![Value::Null],
        }
    }

    fn texts(&self, node: &Value) -> Vec<Value> {
        let texts: &[&str] = match node["format"].as_str() {
            Some("date") => &["1900-01-01", "2100-12-31"],
            Some("date-time") => &["1900-01-01T00:00:00Z", "2100-12-31T00:00:00Z"],
            Some("edtf" | super::words::DATE_TEXT) => &["1900", "2100-12-31"],
            Some("email") => &["name@example.com"],
            Some("iso3166-1") => &["KR", "JP"],
            Some("iso4217") => &["KRW", "USD"],
            Some("uri") => &["https://example.com/"],
            Some("uuid") => {
                let ids = self.ids.iter().copied().chain([Uuid::nil()]);
                return ids.map(|id| json!(id)).collect();
            }
            _ => &["x"],
        };
        texts.iter().map(|text| json!(text)).collect()
    }

    /// Returns objects with the required members; if none is required, with each member alone.
    fn objects(&self, node: &'a Value, depth: usize) -> Vec<Value> {
        let Some(members) = node["properties"].as_object() else {
            return Vec::new();
        };
        let required = node["required"].as_array().into_iter().flatten();
        // A named organization would be recorded; an id of the body is tried instead.
        let by_id = node[ONE_REQUIRED].as_array().into_iter().flatten();
        let by_id = by_id.filter(|name| *name == ORGANIZATION_ID);
        let required: Vec<(&str, Vec<Value>)> = required
            .chain(by_id)
            .filter_map(|name| members.get_key_value(name.as_str()?))
            .map(|(name, member)| (name.as_str(), self.of(member, depth + 1)))
            .filter(|(_, samples)| !samples.is_empty())
            .collect();
        let most = required.iter().map(|(_, samples)| samples.len()).max();
        let whole = (0..most.unwrap_or(0).min(MOST)).map(|n| {
            let pick =
                |(name, all): &(&str, Vec<Value>)| ((*name).to_owned(), all[n % all.len()].clone());
            required.iter().map(pick).collect::<Map<_, _>>().into()
        });
        let single = members.iter().filter_map(|(name, member)| {
            let sample = self.of(member, depth + 1).into_iter().next();
            sample.map(|sample| json!({ name: sample }))
        });
        match most {
            Some(_) => whole.collect(),
            None => single.take(MOST).collect(),
        }
    }
}
