//! From what the handlers say of themselves to a complete OpenAPI 3.1 document.
//!
//! A type is written once. What differs between its uses is derived here: in a request an object is
//! closed and has no read-only members, in a merge patch no member is required, in a response every
//! member is there. What all operations share (errors, conditional headers, keys, examples) is
//! added here too, so that no handler can forget it.

mod shared;
mod variants;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::access::{Role, TokenSort, Visibility, matrix};
use crate::agreements::AgreementSort;
use crate::agreements::duties::DutySort;
use crate::agreements::duties::types::{DutyKind, DutyStatus};
use crate::agreements::reports::ReportSort;
use crate::agreements::reports::types::Standing;
use crate::agreements::types::{AgreementKind, AgreementStatus, InForce};
use crate::audit::types::{HistoryResource, LoggedType};
use crate::calendars::CalendarSort;
use crate::council_report::ReportFormat;
use crate::http::language::Language;
use crate::organizations::OrganizationSort;
use crate::organizations::types::OrganizationKind;
use crate::projects::handlers::ProjectSort;
use crate::projects::types::{ProjectKind, ProjectStatus};
use crate::reference::{MunicipalityKind, MunicipalityLevel};
use crate::search::FoundType;
use crate::statistics::agreements::{AgreementFigure, AgreementGroup};
use crate::statistics::freshness::FreshnessState;
use crate::statistics::group::FigurePart;
use crate::statistics::milestones::{MilestoneFigure, MilestoneGroup};
use crate::timeline::TimelineSort;
use crate::timeline::entry::{EntryKind, EntryType, TimelineStatus};
use crate::values::Precision;
use crate::webhooks::WebhookSort;
use crate::webhooks::digest::types::DailyDigest;
use crate::webhooks::types::{DeliveryState, WebhookState};
use crate::working_groups::WorkingGroupSort;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mou-registry",
        description = "A registry of agreements (업무협약, MOU) and partnerships for municipal business projects: \
                       who promised what, by when, what came of it, and what was known on any day.\n\n\
                       Ids are UUIDv7, instants are RFC 3339 in UTC, imprecise dates are a subset of EDTF \
                       (ISO 8601-2:2019). Unknown is null. Korean in an address is percent-encoded UTF-8. Refusals are problem documents (RFC 9457) in Korean or \
                       English, by `Accept-Language`. Requests are limited, by token or by address: every answer says in \
                       `RateLimit-Policy` and `RateLimit` what is left, where a limit is set.",
        contact(name = "mou-registry"),
    ),
    servers((url = "/", description = "This server")),
    // What stands only in query parameters is not collected from them.
    components(schemas(
        AgreementSort, OrganizationSort, ProjectSort, TimelineSort, WorkingGroupSort, InForce, FoundType,
        MunicipalityLevel, MunicipalityKind, OrganizationKind, AgreementKind, AgreementStatus, Visibility, ProjectKind,
        ProjectStatus, DutyKind, DutyStatus, DutySort, Role, TokenSort, LoggedType, HistoryResource, EntryType, EntryKind,
        TimelineStatus, Precision, CalendarSort, Language, ReportFormat, WebhookSort, WebhookState,
        DeliveryState, DailyDigest, AgreementFigure, AgreementGroup, MilestoneFigure, MilestoneGroup, FreshnessState,
        FigurePart, ReportSort, Standing,
    )),
    tags(
        (name = "municipalities", description = "지방자치단체: cities, counties, districts and provinces, which own agreements and projects"),
        (name = "organizations", description = "기관: every body that takes part, whatever its kind"),
        (name = "associations", description = "협회: organizations with member organizations"),
        (name = "agreements", description = "협약: agreements with their parties, commitments, steps, and the reports on what became of them"),
        (name = "duties", description = "의무: what policies demand of agreements, by when, and what has done it"),
        (name = "working-groups", description = "실무협의체: standing groups of organizations and their meetings"),
        (name = "projects", description = "사업: what agreements serve"),
        (name = "milestones", description = "추진 단계: the steps of a project, every date once stated for them, and what happened"),
        (name = "timeline", description = "Everything dated as one list, as of any day"),
        (name = "calendars", description = "Parts of the timeline at addresses of their own, for calendars that can send no header"),
        (name = "statistics", description = "통계: figures with their formulas, and the lists of the records behind them"),
        (name = "search", description = "All names, titles and texts"),
        (name = "changes", description = "The log of changes: who changed what, when and why"),
        (name = "webhooks", description = "The log of changes, sent to other systems"),
        (name = "reference", description = "Reference data of the program"),
        (name = "access", description = "Tokens: who may do what"),
        (name = "health", description = "Whether the server is alive and ready"),
    ),
)]
pub struct Info;

const MERGE_PATCH: &str = "application/merge-patch+json";
/// Says more of a tag than its one line.
fn explain(document: &mut Value, tag: &str, more: &str) {
    let tags = document["tags"].as_array_mut().into_iter().flatten();
    for tag in tags.filter(|known| known["name"] == tag) {
        let line = tag["description"].as_str().unwrap_or_default();
        tag["description"] = format!("{line}\n\n{more}").into();
    }
}

/// How the name of a page begins before it is made to read better.
const PAGE: &str = "PageBody_";

/// The name of a type's patch: `AgreementContent` is patched by `AgreementPatch`.
pub fn patch_name(name: &str) -> String {
    format!("{}Patch", name.strip_suffix("Content").unwrap_or(name))
}

fn plain_name(name: &str) -> String {
    match name.strip_prefix(PAGE) {
        Some(item) => format!("{item}Page"),
        None => name.to_owned(),
    }
}

/// An operation of the spec.
#[derive(Debug)]
pub struct Listed {
    pub path: String,
    /// In capitals, as requests have it.
    pub method: String,
    pub id: String,
}

/// The spec, and what requests are held against. The document itself, which takes ten times its text
/// in memory, is not kept.
pub struct Spec {
    /// What is published, as it is served and committed.
    pub text: String,
    /// Every operation, those of a path together.
    pub operations: Vec<Listed>,
    /// The published schemas, and those that the whole of a patched record is held against.
    pub schemas: Value,
}

impl Spec {
    /// Completes what was collected from the handlers.
    pub fn of(collected: utoipa::openapi::OpenApi) -> Self {
        let mut document = serde_json::to_value(collected).unwrap_or_default();
        document["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
        document["info"]["license"] =
            json!({"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"});
        document["security"] = json!([]);
        document["webhooks"] = crate::webhooks::event::described();
        explain(&mut document, "access", &matrix::described());
        explain(&mut document, "changes", crate::audit::DESCRIBED);
        something_visible(&mut document);
        let mut schemas = take_map(&mut document["components"], "schemas");
        name_items(&mut schemas);
        let schemas = variants::derive(&mut document, schemas);
        document["components"] = json!({
            "schemas": schemas, "responses": shared::problems(), "parameters": shared::parameters(),
            "headers": shared::headers(), "securitySchemes": shared::security_schemes(),
        });
        let components = document["components"].clone();
        each_operation(&mut document, |path, method, operation| {
            shared::complete(path, method, operation, &components);
        });
        shared::give_webhooks_examples(&mut document);
        keep_used(&mut document);
        let mut operations = Vec::new();
        each_operation(&mut document, |path, method, operation| {
            operations.push(Listed {
                path: path.to_owned(),
                method: method.to_uppercase(),
                id: operation["operationId"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            });
        });
        Self {
            text: serde_json::to_string_pretty(&document).unwrap_or_default() + "\n",
            operations,
            schemas: Value::Object(schemas),
        }
    }

    /// The name of a type's schema where requests have one of their own.
    pub fn variant_name(&self, name: &str, suffix: &str) -> String {
        let own = format!("{name}{suffix}");
        match self.schemas.get(&own) {
            Some(_) => own,
            None => name.to_owned(),
        }
    }
}

/// A character that is seen. The types write `\S` for it, which joiners, marks of direction and
/// fillers of Hangul would satisfy.
pub const VISIBLE: &str = concat!(
    r"[^\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f",
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]",
);

/// Writes the pattern that is published for the one that the types write.
pub fn something_visible(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                if name == "pattern" && member == r"\S" {
                    *member = json!(VISIBLE);
                } else {
                    something_visible(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(something_visible),
        _ => {}
    }
}

/// A page's items are written into it as a whole; they get a name of their own, as clients want it.
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

/// Leaves out the schemas that nothing published refers to.
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

/// The names of the schemas that these refer to, directly or by another.
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

/// A schema with those that it refers to beside it, so that it stands alone. All of them beside each
/// would be kept as often as there are requests.
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

/// The media types of a request's body or a response, with what each holds.
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

fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}
