//! From what the handlers say of themselves to a complete OpenAPI 3.1 document.
//!
//! A type is written once. What differs between its uses is derived here: in a request an object is
//! closed and has no read-only members, in a merge patch no member is required, in a response every
//! member is there. What all operations share (errors, conditional headers, keys, examples) is
//! added here too, so that no handler can forget it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::agreements::AgreementSort;
use crate::agreements::types::{AgreementKind, AgreementStatus, InForce, Visibility};
use crate::error::Code;
use crate::organizations::OrganizationSort;
use crate::organizations::types::OrganizationKind;
use crate::projects::handlers::ProjectSort;
use crate::projects::milestones::types::MilestoneStatus;
use crate::projects::types::{ProjectKind, ProjectStatus};
use crate::reference::{MunicipalityKind, MunicipalityLevel};
use crate::search::FoundType;
use crate::timeline::TimelineSort;
use crate::timeline::entry::EntryType;
use crate::values::Precision;
use crate::working_groups::WorkingGroupSort;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mou-registry",
        description = "A registry of agreements (업무협약, MOU) and partnerships for municipal business projects: \
                       who promised what, by when, what came of it, and what was known on any day.\n\n\
                       Ids are UUIDv7, instants are RFC 3339 in UTC, imprecise dates are a subset of EDTF \
                       (ISO 8601-2:2019). Unknown is null. Refusals are problem documents (RFC 9457) in Korean or \
                       English, by `Accept-Language`.",
        contact(name = "mou-registry", url = "https://github.com/mou-registry/mou-registry"),
    ),
    servers((url = "/", description = "This server")),
    // What stands only in query parameters is not collected from them.
    components(schemas(
        AgreementSort, OrganizationSort, ProjectSort, TimelineSort, WorkingGroupSort, InForce, FoundType,
        MunicipalityLevel, MunicipalityKind, OrganizationKind, AgreementKind, AgreementStatus, Visibility, ProjectKind,
        ProjectStatus, EntryType, MilestoneStatus, Precision,
    )),
    tags(
        (name = "municipalities", description = "지방자치단체: cities, counties, districts and provinces, which own agreements and projects"),
        (name = "organizations", description = "기관: every body that takes part, whatever its kind"),
        (name = "associations", description = "협회: organizations with member organizations"),
        (name = "agreements", description = "협약: agreements with their parties, commitments and steps"),
        (name = "working-groups", description = "실무협의체: standing groups of organizations and their meetings"),
        (name = "projects", description = "사업: what agreements serve"),
        (name = "milestones", description = "추진 단계: the steps of a project, every date once stated for them, and what happened"),
        (name = "timeline", description = "Everything dated as one list, as of any day"),
        (name = "search", description = "All names, titles and texts"),
        (name = "reference", description = "Reference data of the program"),
        (name = "health", description = "Whether the server is alive and ready"),
    ),
)]
pub struct Info;

/// How a type is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    Response,
    Input,
    Patch,
}

/// Members that a response holds only when they were asked for.
const SOMETIMES: &[&str] = &["total"];
const MERGE_PATCH: &str = "application/merge-patch+json";

/// The name of a type's patch: `AgreementContent` is patched by `AgreementPatch`.
pub fn patch_name(name: &str) -> String {
    format!("{}Patch", name.strip_suffix("Content").unwrap_or(name))
}

/// The name of a type's schema where requests have one of their own.
pub fn variant_name(document: &Value, name: &str, suffix: &str) -> String {
    let own = format!("{name}{suffix}");
    if document["components"]["schemas"].get(&own).is_some() {
        own
    } else {
        name.to_owned()
    }
}

fn plain_name(name: &str) -> String {
    match name.strip_prefix("PageBody_") {
        Some(item) => format!("{item}Page"),
        None => name.to_owned(),
    }
}

/// Completes what was collected from the handlers.
pub fn finish(collected: utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    document["info"]["license"] =
        json!({"name": "MIT OR Apache-2.0", "url": "https://spdx.org/licenses/MIT.html"});
    document["security"] = json!([]);
    let mut schemas = take_map(&mut document["components"], "schemas");
    let plain = schemas.clone();
    for schema in schemas.values_mut() {
        flatten(schema, &plain);
    }
    let mut variants = Variants {
        schemas: &schemas,
        seen: BTreeSet::new(),
    };
    each_operation(&mut document, |_, _, operation| variants.roots(operation));
    variants.walk(
        &json!({"$ref": "#/components/schemas/Problem"}),
        Use::Response,
    );
    let names = variants.names();
    each_operation(&mut document, |_, _, operation| {
        names.rewrite_operation(operation)
    });
    let finished = names.components(&schemas);
    document["components"]["schemas"] = Value::Object(finished);
    document["components"]["responses"] = problems();
    document["components"]["parameters"] = parameters();
    document["components"]["headers"] = headers();
    let components = document["components"].clone();
    each_operation(&mut document, |path, method, operation| {
        complete(path, method, operation, &components);
    });
    document
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

fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

/// Makes one object of `allOf` objects (a flattened struct), so that it can be closed.
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

/// Finds which types are used how.
struct Variants<'a> {
    schemas: &'a Map<String, Value>,
    seen: BTreeSet<(String, Use)>,
}

impl Variants<'_> {
    fn roots(&mut self, operation: &Value) {
        for (kind, media) in operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            self.walk(
                &media["schema"],
                if kind == MERGE_PATCH {
                    Use::Patch
                } else {
                    Use::Input
                },
            );
            if kind == MERGE_PATCH {
                // The result of a patch is held to the schema of the whole.
                self.walk(&media["schema"], Use::Input);
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            self.walk(&parameter["schema"], Use::Response);
        }
        for response in operation["responses"]
            .as_object()
            .into_iter()
            .flat_map(Map::values)
        {
            for media in response["content"]
                .as_object()
                .into_iter()
                .flat_map(Map::values)
            {
                self.walk(&media["schema"], Use::Response);
            }
        }
    }

    fn walk(&mut self, schema: &Value, used: Use) {
        if let Some(name) = referred(schema) {
            if self.seen.insert((name.to_owned(), used))
                && let Some(schema) = self.schemas.get(name)
            {
                self.walk(schema, used);
            }
            return;
        }
        match schema {
            Value::Object(map) => {
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

/// A merge patch replaces a list as a whole, so its items are whole too.
fn below(used: Use) -> Use {
    if used == Use::Patch { Use::Input } else { used }
}

struct Names(BTreeMap<(String, Use), String>);

impl Names {
    fn components(&self, schemas: &Map<String, Value>) -> Map<String, Value> {
        let mut finished: Vec<(String, Value)> = Vec::new();
        for ((name, used), new) in &self.0 {
            if let Some(schema) = schemas.get(name) {
                finished.push((new.clone(), self.rewrite(schema.clone(), *used)));
            }
        }
        finished.sort_by(|a, b| a.0.cmp(&b.0));
        finished.into_iter().collect()
    }

    fn rewrite_operation(&self, operation: &mut Value) {
        for (kind, media) in operation["requestBody"]["content"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            let used = if kind == MERGE_PATCH {
                Use::Patch
            } else {
                Use::Input
            };
            media["schema"] = self.rewrite(media["schema"].take(), used);
        }
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            parameter["schema"] = self.rewrite(parameter["schema"].take(), Use::Response);
        }
        for response in operation["responses"]
            .as_object_mut()
            .into_iter()
            .flat_map(|m| m.values_mut())
        {
            for (_, media) in response["content"].as_object_mut().into_iter().flatten() {
                media["schema"] = self.rewrite(media["schema"].take(), Use::Response);
            }
        }
    }

    fn rewrite(&self, schema: Value, used: Use) -> Value {
        if let Some(name) = referred(&schema) {
            let new = self
                .0
                .get(&(name.to_owned(), used))
                .cloned()
                .unwrap_or_else(|| plain_name(name));
            return json!({"$ref": format!("#/components/schemas/{new}")});
        }
        let mut map = match schema {
            Value::Object(map) => map,
            Value::Array(items) => {
                return items.into_iter().map(|i| self.rewrite(i, used)).collect();
            }
            other => return other,
        };
        let object = map.contains_key("properties");
        if object {
            let mut properties = take_map(&mut Value::Object(map.clone()), "properties");
            if used != Use::Response {
                properties.retain(|_, p| p.get("readOnly") != Some(&Value::Bool(true)));
            }
            let mut required: Vec<String> = match used {
                Use::Response => properties.keys().cloned().collect(),
                Use::Patch => Vec::new(),
                Use::Input => map
                    .get("required")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|name| name.as_str().map(str::to_owned))
                    .collect(),
            };
            required.retain(|name| {
                properties.contains_key(name) && !SOMETIMES.contains(&name.as_str())
            });
            let properties = properties.into_iter().map(|(name, p)| {
                let p = self.rewrite(p, used);
                let p = if used == Use::Patch { nullable(p) } else { p };
                (name, p)
            });
            let properties: Map<String, Value> = properties.collect();
            map.insert("properties".into(), Value::Object(properties));
            map.remove("required");
            if !required.is_empty() {
                map.insert("required".into(), json!(required));
            }
            map.remove("additionalProperties");
            if used != Use::Response {
                map.insert("additionalProperties".into(), json!(false));
            }
            return Value::Object(map);
        }
        let rewritten = map.into_iter().map(|(key, member)| {
            let used = if key == "items" { below(used) } else { used };
            let keep = matches!(key.as_str(), "example" | "enum" | "default" | "const");
            let member = if keep {
                member
            } else {
                self.rewrite(member, used)
            };
            (key, member)
        });
        Value::Object(rewritten.collect())
    }
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

/// The name of the shared response of each status that is refused with a problem document.
const PROBLEMS: &[(u16, &str, Code)] = &[
    (400, "BadRequest", Code::MalformedRequest),
    (404, "NotFound", Code::NotFound),
    (409, "Conflict", Code::Conflict),
    (412, "PreconditionFailed", Code::PreconditionFailed),
    (413, "ContentTooLarge", Code::TooLarge),
    (415, "UnsupportedMediaType", Code::UnsupportedMediaType),
    (422, "ValidationFailed", Code::Invalid),
    (428, "PreconditionRequired", Code::PreconditionRequired),
    (500, "InternalError", Code::Internal),
    (503, "Unavailable", Code::Unavailable),
];

fn problems() -> Value {
    let responses = PROBLEMS.iter().map(|(status, name, code)| {
        let title = code.title();
        let errors = match code {
            Code::Invalid => json!([{"pointer": "/title", "parameter": null, "header": null, "code": "required", "message": "필수 항목입니다."}]),
            _ => json!([]),
        };
        let example = json!({
            "type": format!("/docs/problems#{}", code.as_str()), "title": title.ko, "status": status,
            "detail": null, "code": code.as_str(),
            "request_id": "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10", "errors": errors,
        });
        let mut response = json!({
            "description": title.en,
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"}, "example": example,
            }},
        });
        if *code == Code::Unavailable {
            response["headers"] = json!({"Retry-After": {"$ref": "#/components/headers/RetryAfter"}});
        }
        ((*name).to_owned(), response)
    });
    Value::Object(responses.collect())
}

fn parameters() -> Value {
    let header = |name: &str, required: bool, max: u32, example: &str, description: &str| {
        json!({
            "name": name, "in": "header", "required": required, "description": description,
            "schema": {"type": "string", "maxLength": max}, "example": example,
        })
    };
    json!({
        "IfMatch": header("If-Match", true, 1000, "\"1-0123456789abcdef\"",
            "The `ETag` of the version that is to be changed, or `*`."),
        "IfNoneMatch": header("If-None-Match", false, 1000, "\"1-0123456789abcdef\"",
            "The `ETag` of what is already at hand: `304` when nothing has changed."),
        "IdempotencyKey": header("Idempotency-Key", false, 255, "5f2b6a0c-2021-04-16",
            "A key of the caller's choice: the same key and body gives the first answer again, for 24 hours."),
    })
}

fn headers() -> Value {
    let text = |description: &str, example: &str| json!({"description": description, "required": true, "schema": {"type": "string"}, "example": example});
    let mut link = text(
        "The next page (RFC 8288); absent on the last.",
        "</api/v1/agreements?cursor=7b226f>; rel=\"next\"",
    );
    link["required"] = json!(false);
    json!({
        "ETag": text("Names what is sent; a record's begins with its version.", "\"1-0123456789abcdef\""),
        "Location": text("Where the new record is.", "/api/v1/agreements/0178d7fa-2c00-7000-8000-000000000001"),
        "Link": link,
        "RetryAfter": json!({"description": "Seconds to wait before another try.", "required": true,
            "schema": {"type": "integer", "minimum": 0}, "example": 1}),
    })
}

/// Adds to an operation what all of its sort share.
fn complete(path: &str, method: &str, operation: &mut Value, components: &Value) {
    let api = path.starts_with(crate::api::BASE);
    let get = method == "get";
    let body = operation.get("requestBody").is_some();
    let change = matches!(method, "patch" | "delete");
    let mut statuses = Vec::new();
    let mut shared = Vec::new();
    if api {
        statuses.extend([400, 500, 503]);
        statuses.extend(path.contains('{').then_some(404));
        statuses.extend(if body {
            [413, 415, 422].as_slice()
        } else {
            &[]
        });
        statuses.extend(if change {
            [409, 412, 428].as_slice()
        } else {
            &[]
        });
        statuses.extend((method == "post").then_some(409));
        shared.extend(change.then_some("IfMatch"));
        shared.extend((method == "post").then_some("IdempotencyKey"));
    }
    let cached = get
        && api
        && operation["responses"]["200"]["content"]
            .get("application/json")
            .is_some();
    shared.extend(cached.then_some("IfNoneMatch"));
    let parameters = shared
        .iter()
        .map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
    if let Some(list) = operation["parameters"].as_array_mut() {
        list.extend(parameters);
    } else if !shared.is_empty() {
        operation["parameters"] = parameters.collect();
    }
    for (status, name, _) in PROBLEMS
        .iter()
        .filter(|(status, ..)| statuses.contains(status))
    {
        let reference = json!({"$ref": format!("#/components/responses/{name}")});
        operation["responses"][status.to_string()] = reference;
    }
    if cached {
        operation["responses"]["304"] = json!({
            "description": "Nothing has changed since the answer that `If-None-Match` names.",
            "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
        });
    }
    if body && operation["requestBody"].get("required").is_none() {
        operation["requestBody"]["required"] = json!(true);
    }
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let Some(media) = response["content"].get_mut("application/json") else {
            continue;
        };
        let schema = media["schema"].clone();
        if media.get("example").is_none() {
            media["example"] = example(&schema, components, 0);
        }
        let list = referred(&schema).is_some_and(|name| name.ends_with("Page"));
        let mut names = Vec::new();
        names.extend((cached || method != "get").then_some("ETag"));
        names.extend(list.then_some("Link"));
        names.extend((status == "201").then_some("Location"));
        if api {
            for name in names {
                response["headers"][name] = json!({"$ref": format!("#/components/headers/{name}")});
            }
        }
    }
    for (_, media) in operation["requestBody"]["content"]
        .as_object_mut()
        .into_iter()
        .flatten()
    {
        if media.get("example").is_none() {
            media["example"] = example(&media["schema"].clone(), components, 0);
        }
    }
    if operation["requestBody"].is_null()
        && let Some(map) = operation.as_object_mut()
    {
        map.remove("requestBody");
    }
}

/// An example of a schema, put together from the examples of its members.
fn example(schema: &Value, components: &Value, depth: usize) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(name) = referred(schema) {
        return example(&components["schemas"][name], components, depth + 1);
    }
    if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let branch = branches
            .iter()
            .find(|b| b["type"] != "null")
            .filter(|_| depth < 12);
        return branch.map_or(Value::Null, |b| example(b, components, depth));
    }
    if let Some(first) = schema["enum"].get(0).or(schema.get("default")) {
        return first.clone();
    }
    let kind = schema["type"]
        .as_str()
        .or(schema["type"].get(0).and_then(Value::as_str));
    match (kind, schema["format"].as_str()) {
        _ if schema.get("properties").is_some() => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, p)| (name.clone(), example(p, components, depth + 1)))
                .collect()
        }
        (Some("array"), _) if depth < 12 => {
            json!([example(&schema["items"], components, depth + 1)])
        }
        (Some("array"), _) => json!([]),
        (Some("integer" | "number"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
        (Some("boolean"), _) => json!(false),
        (Some("string"), Some("uuid")) => json!("0178d7fa-2c00-7000-8000-000000000001"),
        (Some("string"), Some("date")) => json!("2021-04-16"),
        (Some("string"), Some("date-time")) => json!("2021-04-16T01:00:00Z"),
        (Some("string"), Some("uri")) => json!("https://www.hankyung.com/article/202104199856Y"),
        (Some("string"), Some("edtf")) => json!("2021-04-16"),
        (Some("string"), _) => json!("일산테크노밸리"),
        _ => Value::Null,
    }
}
