//! `/projects.geojson`: the places of projects as GeoJSON (RFC 7946), for maps.

use std::io::Write as _;

use actix_web::http::header::{Header as _, IfNoneMatch};
use actix_web::{HttpRequest, get};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::handlers::ProjectFilter;
use super::list;
use super::types::{Location, Position, ProjectSummary};
use crate::db::AnyConnection;
use crate::db::page::Page;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::tables::{FileAnswer, FileHead, Spool, failed};
use crate::http::{Filter as _, Read};
use crate::kernel::error::ApiError;
use crate::kernel::language::{Language, Message};
use crate::ledger::RequestContext;

/// The media type of GeoJSON.
const GEO_JSON: &str = "application/geo+json";
/// Number of projects that are looked up at once.
const AT_ONCE: usize = 200;

/// The places of projects as a feature collection (RFC 7946).
#[derive(Serialize, ToSchema)]
#[schema(value_type = Object, example = json!({"type": "FeatureCollection", "features": [{
    "type": "Feature", "id": "0178d7fa-2c00-7000-8000-000000000001/locations/0",
    "geometry": {"type": "Point", "coordinates": [126.7432, 37.6694]},
    "properties": {"project_id": "0178d7fa-2c00-7000-8000-000000000001", "title": "고양 일산테크노밸리"},
}]}))]
pub struct ProjectFeatures(Value);

/// Read the places of projects as GeoJSON
///
/// Returns a feature for each location with a position, of the projects that the list of projects has
/// with the same filters. A location without a position has no feature, since its place is known by
/// name alone.
#[utoipa::path(tag = "projects", operation_id = "get_project_features", params(ProjectFilter),
    responses((status = 200, description = "The features", content((ProjectFeatures = "application/geo+json")))))]
#[get("/projects.geojson")]
async fn get_project_features(
    req: HttpRequest,
    read: Read<ProjectFilter>,
) -> Result<FileAnswer, ApiError> {
    let Read { session, query } = read;
    let language = Language::of(&req);
    let head = FileHead {
        content_type: GEO_JSON,
        name: Message::fixed("사업", "projects"),
        suffix: "geojson",
    };
    let known = IfNoneMatch::parse(&req).unwrap_or(IfNoneMatch::Items(Vec::new()));
    session
        .stream(head, known, None, move |conn, cx, spool| {
            write(conn, cx, &query, (spool, language))
        })
        .await
}

/// Writes the features of all projects that a filter selects.
fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &ProjectFilter,
    (mut spool, language): (Spool, Language),
) -> Result<(), ApiError> {
    let mut page = Page {
        order: filter.order(),
        limit: AT_ONCE,
        after: None,
        with_total: false,
    };
    let mut between = "\n";
    spool
        .write_all(br#"{"type":"FeatureCollection","features":["#)
        .map_err(failed)?;
    loop {
        let listed = list::find(conn, cx, filter, &page)?;
        let shown = list::shown(conn, cx, &listed.items, filter.as_of)?.into_iter();
        let listed = listed.with(shown.map(|shown| (shown.key, shown.row)));
        let features = listed.items.iter().flat_map(|row| features(row, language));
        for feature in features {
            spool.write_all(between.as_bytes()).map_err(failed)?;
            serde_json::to_writer(&mut spool, &feature).map_err(ApiError::internal)?;
            between = ",\n";
        }
        spool.publish();
        page.after = listed.next;
        if page.after.is_none() {
            break;
        }
    }
    spool.write_all(b"\n]}\n").map_err(failed)?;
    spool.publish();
    Ok(())
}

/// Returns the features of the locations of a project that have positions.
fn features(project: &ProjectSummary, language: Language) -> Vec<Value> {
    let locations = project.content.locations.iter().enumerate();
    let placed = locations.filter_map(|(at, location)| Some((at, location, location.position?)));
    let features = placed.map(|(at, location, position)| {
        json!({
            "type": "Feature",
            "id": format!("{}/locations/{at}", project.meta.id),
            "geometry": point(position),
            "properties": properties(project, location, language),
        })
    });
    features.collect()
}

/// Returns what maps show of a location: plain texts and codes, since most read no nested members.
fn properties(project: &ProjectSummary, location: &Location, language: Language) -> Value {
    json!({
        "project_id": project.meta.id,
        "title": project.content.title.in_language(language),
        "kind": project.content.kind,
        "status": project.content.status,
        "municipality_id": project.municipality.id,
        "municipality": project.municipality.name.in_language(language),
        "place": location.name.in_language(language),
        "code": location.code,
        "approximate": location.approximate,
    })
}

/// Returns a position as a geometry: longitude before latitude.
pub(super) fn point(position: Position) -> Value {
    json!({"type": "Point", "coordinates": [position.longitude, position.latitude]})
}

pub fn configure(config: &mut impl Mount) {
    config.route(get_project_features, Access::Read.to_figures());
}
