//! `/municipalities`: the organizations that own agreements and projects.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store::{self, KIND};
use super::types::{Municipality, MunicipalityContent, MunicipalityCreate};
use super::view::{view, views};
use crate::db::page::{Order, PageBody};
use crate::directory::municipalities::{MunicipalityKind, MunicipalityLevel};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::organizations::OrganizationSort;
use crate::organizations::list::{self, Filters};
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;

/// Filters of the municipality list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MunicipalityFilter {
    /// Only municipalities whose names or texts contain this.
    #[param(min_length = 1, max_length = 100, example = "고양")]
    q: Option<String>,
    /// Only the municipality with this 10-digit code.
    #[param(pattern = "^[0-9]{10}$", example = "4128000000")]
    code: Option<String>,
    /// Only municipalities of this level.
    level: Option<MunicipalityLevel>,
    /// Only municipalities of this kind.
    kind: Option<MunicipalityKind>,
    /// Only municipalities of the metropolitan government with this code.
    #[param(pattern = "^[0-9]{10}$", example = "4100000000")]
    parent_code: Option<String>,
    /// Sort order. Defaults to `name`.
    #[param(example = "name")]
    sort: Option<OrganizationSort>,
}

impl Filter for MunicipalityFilter {
    fn order(&self) -> Order {
        OrganizationSort::order(self.sort)
    }
}

/// List municipalities
///
/// Only municipalities recorded here; `/reference/municipalities` lists all that exist.
#[utoipa::path(tag = "municipalities", operation_id = "list_municipalities",
    params(MunicipalityFilter, Paging),
    responses((status = 200, description = "One page of municipalities", body = PageBody<Municipality>)))]
#[get("/municipalities")]
async fn list_municipalities(
    session: Session,
    list: List<MunicipalityFilter>,
) -> Result<Paged<Municipality>, ApiError> {
    let List { filter, page } = list;
    let filters = Filters {
        kinds: vec![OrganizationKind::Municipality],
        only_official: true,
        level: filter.level.map(MunicipalityLevel::as_str),
        municipality_kind: filter.kind.map(MunicipalityKind::as_str),
        parent_code: filter.parent_code,
        code: filter.code,
        q: filter.q,
        ..Filters::default()
    };
    session
        .read_list(
            List {
                filter: filters,
                page,
            },
            |conn, cx, filters, page| {
                let listed = list::list(conn, filters, page)?;
                listed.try_map(|records| views(conn, records, cx.today))
            },
        )
        .await
}

/// Record a municipality
///
/// The code is enough: name, level, kind and parent come from the official list. So does the
/// succession: if the list names it as the successor of a recorded municipality, it holds that
/// municipality's records from its first day.
#[utoipa::path(tag = "municipalities", operation_id = "create_municipality", request_body = MunicipalityCreate,
    responses((status = 201, description = "The municipality as recorded", body = Municipality)))]
#[post("/municipalities")]
async fn create_municipality(
    post: Post<MunicipalityCreate>,
) -> Result<Posted<Municipality>, ApiError> {
    let location = |m: &Municipality| format!("/api/v1/municipalities/{}", m.meta.id);
    post.created(location, |conn, cx, new| {
        let created = store::create(conn, cx, new)?;
        view(conn, created, cx.today)
    })
    .await
}

/// Read a municipality
///
/// With its data from the official list, and the holders of its posts.
#[utoipa::path(tag = "municipalities", operation_id = "get_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 200, description = "The municipality", body = Municipality)))]
#[get("/municipalities/{id}")]
async fn get_municipality(
    Path(id): Path<OrganizationId>,
    read: Read,
) -> Result<Single<Municipality>, ApiError> {
    read.record(move |conn, cx| {
        let record = organizations::get(conn, id, KIND)?;
        view(conn, record, cx.today)
    })
    .await
}

/// Change a municipality
///
/// Applies a merge patch (RFC 7396). Facts derived from the code cannot be changed. A change of
/// policies changes the duties of the municipality's agreements.
#[utoipa::path(tag = "municipalities", operation_id = "update_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    request_body(content = MunicipalityContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The municipality as changed", body = Municipality)))]
#[patch("/municipalities/{id}")]
async fn update_municipality(
    Path(id): Path<OrganizationId>,
    change: Change<MunicipalityContent>,
) -> Result<Single<Municipality>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| {
            let changed = store::update(conn, cx, id, expected, patch)?;
            view(conn, changed, cx.today)
        })
        .await
}

/// Delete a municipality
///
/// Only if no other record refers to it.
#[utoipa::path(tag = "municipalities", operation_id = "delete_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 204, description = "The municipality was deleted")))]
#[delete("/municipalities/{id}")]
async fn delete_municipality(
    Path(id): Path<OrganizationId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| organizations::delete(conn, cx, id, KIND, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.tag("municipalities", "지방자치단체: cities, counties, districts and provinces, the owners of agreements and projects").schema::<MunicipalityLevel>().schema::<MunicipalityKind>();
    config
        .route(list_municipalities, Access::Read)
        .route(create_municipality, Access::Manage)
        .route(get_municipality, Access::Read)
        .route(update_municipality, Access::Manage)
        .route(delete_municipality, Access::Manage);
}
