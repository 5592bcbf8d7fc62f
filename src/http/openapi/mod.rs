//! Turns the descriptions of the handlers into a complete OpenAPI 3.1 document.
//!
//! Each type is defined once, and the schemas of its uses are derived here: in a request an object
//! is closed and has no read-only members, in a merge patch no member is required, in a response
//! every member is present. Everything shared by operations (errors, conditional headers,
//! idempotency keys, examples) is added here too, so no handler can forget it.

mod codes;
mod events;
mod examples;
mod files;
mod korean;
mod names;
mod once;
mod routes;
mod shared;
mod sharing;
mod variants;

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use serde_json::{Map, Value, json};

use routes::Routes;

use super::mount::Described;
use super::permissions::{self, Access, Terms};
use super::tables::CSV;
use crate::db::ReadClass;
use crate::kernel::ids;

const MERGE_PATCH: &str = "application/merge-patch+json";
/// Appends a longer description to that of a tag.
fn explain(document: &mut Value, tag: &str, more: &str) {
    let tags = document["tags"].as_array_mut().into_iter().flatten();
    for tag in tags.filter(|known| known["name"] == tag) {
        let line = tag["description"].as_str().unwrap_or_default();
        tag["description"] = format!("{line}\n\n{more}").into();
    }
}

/// Prefix of the schema names of pages, before they are renamed.
const PAGE: &str = "PageBody_";

/// Returns the schema name of a type's merge patch: `AgreementPatch` for `AgreementContent`.
pub fn patch_name(name: &str) -> String {
    format!("{}Patch", name.strip_suffix("Content").unwrap_or(name))
}

fn plain_name(name: &str) -> String {
    match name.strip_prefix(PAGE) {
        Some(item) => format!("{item}Page"),
        None => name.to_owned(),
    }
}

/// Name of the reads of a page of somebody who is signed in, who sees what it has just changed.
pub const OFFICE_PAGE: &str = "read_office_page";

/// A handler as it is found: among those of its slice, by its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// The slice; empty for what belongs to none.
    pub slice: &'static str,
    pub type_id: TypeId,
}

/// An operation of the spec.
#[derive(Debug)]
pub struct Operation {
    /// The path with its parameters in braces.
    pub path: String,
    /// The HTTP method, in capitals.
    pub method: String,
    /// The operation's id in the spec.
    pub id: String,
    /// What serves it; `None` for a page.
    pub handler: Option<Handler>,
    /// Whom it is for.
    pub access: Access,
    /// What its reads cost.
    pub class: ReadClass,
    /// The media types of its answers; empty for an answer without content.
    pub answers: Vec<String>,
    /// The name of the schema of its rows, if it answers with a page of a list.
    pub rows: Option<String>,
}

impl Operation {
    /// Returns true if it reads records, and so can be asked as of an instant.
    pub fn has_past(&self) -> bool {
        has_past(self.access, &self.method)
    }

    /// Returns true if it answers with a list that can also be had as a file.
    pub fn has_files(&self) -> bool {
        self.answers.iter().any(|kind| kind == CSV)
    }

    /// Returns true if a standby of the database can answer it. Changes and those who follow them stay
    /// with the primary.
    pub fn may_read_elsewhere(&self) -> bool {
        let follows = [
            "list_changes",
            "stream_changes",
            "get_change_feed",
            OFFICE_PAGE,
        ]
        .contains(&self.id.as_str());
        self.method.eq_ignore_ascii_case("GET") && !follows
    }
}

fn has_past(access: Access, method: &str) -> bool {
    access == Access::Read && method.eq_ignore_ascii_case("GET")
}

/// The published spec and the schemas that validate requests. The document itself, which takes ten
/// times as much memory as its text, is not kept.
pub struct Spec {
    /// The published document, as it is served.
    pub text: String,
    /// All operations, grouped by path.
    pub operations: Vec<Operation>,
    routes: Routes,
    /// The places of each path's operations among them.
    by_path: HashMap<String, Range<usize>>,
    /// The published schemas, and those that validate a whole record after a patch.
    pub schemas: Value,
}

/// Keyword for objects that need at least one of the named members. `anyOf` would say it too, but
/// generators make a union of types of it.
pub const ONE_REQUIRED: &str = "x-one-required";

/// Values of which a source states one part or several, such as a date in figures or in words.
const ONE_REQUIRED_IN: &[(&str, &[&str])] = &[
    (
        "AnnouncementConfirmation",
        &["agreement_id", "milestone_id"],
    ),
    ("OtherParties", &["count", "as_stated"]),
    ("IndividualParty", &["name", "title"]),
    ("NamedOrganization", &["name", "identifiers"]),
    ("Signatory", &["name", "title", "on_behalf_of"]),
    ("ImpreciseDate", &["edtf", "as_stated"]),
    ("RelativeDate", &["edtf", "as_stated"]),
    (
        "Money",
        &["amount", "min_amount", "max_amount", "as_stated"],
    ),
    (
        "Area",
        &[
            "square_metres",
            "min_square_metres",
            "max_square_metres",
            "as_stated",
        ],
    ),
];

/// Lists the operations of a document. Whoever mounts a handler says whom it is for, so every
/// operation has its terms.
fn operations(
    document: &mut Value,
    terms: &BTreeMap<String, Terms>,
    handlers: &BTreeMap<String, Handler>,
) -> Vec<Operation> {
    let schemas = document["components"]["schemas"].as_object();
    let pages = schemas.into_iter().flatten().filter_map(|(name, schema)| {
        let row = referred(&schema["properties"]["items"]["items"])?;
        Some((name.clone(), row.to_owned()))
    });
    let pages: HashMap<String, String> = pages.collect();
    let mut operations = Vec::new();
    each_operation(document, |path, method, operation| {
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        let rows = referred(&answer["schema"]).and_then(|page| pages.get(page));
        let id = operation["operationId"].as_str().unwrap_or_default();
        if let Some((id, terms)) = terms.get_key_value(id) {
            operations.push(Operation {
                path: path.to_owned(),
                method: method.to_uppercase(),
                id: id.clone(),
                handler: handlers.get(id).copied(),
                access: terms.access,
                class: terms.class,
                answers: answers(operation),
                rows: rows.cloned(),
            });
        }
    });
    operations
}

impl Spec {
    /// Completes the document collected from the handlers.
    pub fn of(mut document: utoipa::openapi::OpenApi, described: Described) -> Self {
        let (terms, handlers) = (described.terms.clone(), described.handlers.clone());
        let webhooks = described.webhooks;
        described.add_to(&mut document);
        let mut document = serde_json::to_value(document).unwrap_or_default();
        document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
        document["info"]["license"] =
            json!({"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"});
        document["security"] = json!([]);
        document["webhooks"] = webhooks.map_or(Value::Null, |describe| describe());
        inline_ids(&mut document);
        explain(&mut document, "access", &permissions::described(&terms));
        something_visible(&mut document);
        let mut schemas = take_map(&mut document["components"], "schemas");
        name_items(&mut schemas);
        events::name_bodies(&mut document, &mut schemas);
        for (name, members) in ONE_REQUIRED_IN {
            if let Some(schema) = schemas.get_mut(*name) {
                schema[ONE_REQUIRED] = json!(members);
            }
        }
        let schemas = variants::derive(&mut document, schemas);
        document["components"] = json!({
            "schemas": schemas, "responses": shared::problems(), "parameters": shared::parameters(),
            "headers": shared::headers(), "securitySchemes": shared::security_schemes(),
        });
        let components = document["components"].clone();
        each_operation(&mut document, |path, method, operation| {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let access = terms.get(id).map(|terms| terms.access);
            shared::complete(path, method, operation, access, &components);
        });
        shared::give_webhooks_examples(&mut document);
        keep_used(&mut document);
        codes::describe(&mut document);
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            names::name_enum_values(schemas);
            once::state(schemas);
        }
        examples::fill_in_parameters(&mut document);
        examples::add_answers(&mut document);
        sharing::share(&mut document);
        events::move_to_path_items(&mut document);
        let operations = operations(&mut document, &terms, &handlers);
        Self {
            text: document.to_string(),
            routes: Routes::of(operations.iter().map(|operation| operation.path.as_str())),
            by_path: by_path(&operations),
            operations,
            schemas: Value::Object(schemas),
        }
    }

    /// Returns the published document as it is committed: indented, so that changes can be read.
    pub fn indented(&self) -> String {
        let document: Value = serde_json::from_str(&self.text).unwrap_or_default();
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// Returns the published document in Korean, and what its table of texts lacks.
    pub fn in_korean(&self) -> (String, korean::Gaps) {
        let mut document: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let gaps = korean::translate(&mut document);
        (document.to_string(), gaps)
    }

    /// Returns the path pattern of the operations at a path.
    pub fn route(&self, path: &str) -> Option<&str> {
        self.routes.find(path)
    }

    /// Resolves a method and a path pattern of the spec.
    pub fn operation(&self, method: &str, pattern: &str) -> Option<&Operation> {
        let places = self.by_path.get(pattern)?.clone();
        let mut all = self.operations.get(places)?.iter();
        all.find(|operation| operation.method == method)
    }

    /// Returns the name of a type's own schema for requests, or of the shared one if it has none.
    pub fn variant_name(&self, name: &str, suffix: &str) -> String {
        let own = format!("{name}{suffix}");
        match self.schemas.get(&own) {
            Some(_) => own,
            None => name.to_owned(),
        }
    }
}

/// Returns the media types of an operation's successful answers.
fn answers(operation: &Value) -> Vec<String> {
    let responses = operation["responses"].as_object().into_iter().flatten();
    let successes = responses.filter(|(status, _)| status.starts_with('2'));
    let kinds = successes.flat_map(|(_, response)| media(response));
    kinds.map(|(kind, _)| kind.clone()).collect()
}

fn by_path(operations: &[Operation]) -> HashMap<String, Range<usize>> {
    let mut places: HashMap<String, Range<usize>> = HashMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let path = places.entry(operation.path.clone()).or_insert(at..at);
        path.end = at + 1;
    }
    places
}

/// Pattern for a visible character. Types use `\S` instead, but joiners, direction marks and Hangul
/// fillers would match that.
pub const VISIBLE: &str = concat!(
    r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f",
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]",
);

/// Pattern for a text on one line with a visible character: line breaks and all other control
/// characters are refused. Types use `^.+$` instead.
pub const LINE: &str = concat!(
    r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*",
    r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f",
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]",
    r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$",
);

/// Replaces the pattern `\S` by [`VISIBLE`], and `^.+$` by [`LINE`].
pub fn something_visible(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                if name == "pattern" && member == r"\S" {
                    *member = json!(VISIBLE);
                } else if name == "pattern" && member == "^.+$" {
                    *member = json!(LINE);
                } else {
                    something_visible(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(something_visible),
        _ => {}
    }
}

/// Replaces references to the types of ids by the schema of a UUID: the spec does not distinguish
/// them.
pub fn inline_ids(value: &mut Value) {
    let is_id = referred(value).is_some_and(|name| ids::NAMES.contains(&name));
    match value {
        Value::Object(map) => {
            if is_id {
                map.remove("$ref");
                map.extend(uuid(json!("string")));
            }
            map.values_mut().for_each(inline_ids);
            // An optional id is a choice between null and an id.
            let id = map.get("oneOf").and_then(optional_id).cloned();
            if let Some(Value::Object(id)) = id {
                map.remove("oneOf");
                map.extend(id.into_iter().chain(uuid(json!(["string", "null"]))));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(inline_ids),
        _ => {}
    }
}

fn uuid(kind: Value) -> [(String, Value); 2] {
    [("type".into(), kind), ("format".into(), json!("uuid"))]
}

fn optional_id(choice: &Value) -> Option<&Value> {
    match choice.as_array()?.as_slice() {
        [null, id] | [id, null] if null["type"] == "null" && id["format"] == "uuid" => Some(id),
        _ => None,
    }
}

/// Moves the inlined item schema of each page to a named schema, which client generators need.
fn name_items(schemas: &mut Map<String, Value>) {
    let pages: Vec<String> = schemas
        .keys()
        .filter(|n| n.starts_with(PAGE))
        .cloned()
        .collect();
    for page in pages {
        let place = schemas
            .get_mut(&page)
            .and_then(|page| page.pointer_mut("/properties/items/items"));
        if let Some((place, name)) = place.zip(page.strip_prefix(PAGE)) {
            let item = std::mem::replace(place, reference("schemas", name));
            schemas.entry(name).or_insert(item);
        }
    }
}

/// Removes schemas that no published part refers to.
fn keep_used(document: &mut Value) {
    let parts = [
        &document["paths"],
        &document["webhooks"],
        &document["components"]["responses"],
    ];
    let used = names_used(parts, &document["components"]["schemas"]);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// Returns the names of the schemas that `parts` refer to, directly or through others.
fn names_used<'a>(parts: impl IntoIterator<Item = &'a Value>, schemas: &Value) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut found = BTreeSet::new();
    for part in parts {
        collect_references(part, &mut found);
    }
    while let Some(name) = found.pop_first() {
        if let Some(schema) = schemas.get(&name)
            && used.insert(name)
        {
            collect_references(schema, &mut found);
        }
    }
    used
}

/// Bundles a schema with the schemas that it refers to. Bundling all schemas with each would keep
/// as many copies as there are requests.
pub fn standing_alone(mut schema: Value, schemas: &Value) -> Value {
    let used = names_used([&schema], schemas).into_iter();
    let beside: Map<String, Value> = used
        .map(|name| (name.clone(), schemas[&name].clone()))
        .collect();
    schema["components"] = json!({ "schemas": beside });
    schema
}

fn collect_references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(referred(value).map(str::to_owned));
            map.values().for_each(|v| collect_references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_references(v, found)),
        _ => {}
    }
}

fn take_map(value: &mut Value, key: &str) -> Map<String, Value> {
    match value.get_mut(key).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn each_operation(document: &mut Value, mut visit: impl FnMut(&str, &str, &mut Value)) {
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            visit(path, method, operation);
        }
    }
}

/// Returns the media types of a request body or response, with their contents.
fn media(message: &Value) -> impl Iterator<Item = (&String, &Value)> {
    message
        .get("content")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn media_mut(message: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let content = message.get_mut("content").and_then(Value::as_object_mut);
    content.into_iter().flatten()
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

pub(super) fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}
