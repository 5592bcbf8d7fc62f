//! `/municipalities`: the organizations that own agreements and projects.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::OrganizationSort;
use super::list::{self, Wanted};
use super::store::{self, Doc};
use super::types::{Municipality, MunicipalityContent, MunicipalityCreate, OrganizationKind};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Posted, Single,
};
use crate::reference::{MunicipalityKind, MunicipalityLevel};

const KIND: Option<OrganizationKind> = Some(OrganizationKind::Municipality);

/// Which municipalities are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MunicipalityFilter {
    /// Only those whose names or texts hold this.
    #[param(min_length = 1, max_length = 100, example = "고양")]
    q: Option<String>,
    /// Only the one with this code.
    #[param(pattern = "^[0-9]{10}$", example = "4128000000")]
    code: Option<String>,
    /// Only those of this level.
    level: Option<MunicipalityLevel>,
    /// Only those of this kind.
    kind: Option<MunicipalityKind>,
    /// Only those of this metropolitan government.
    #[param(pattern = "^[0-9]{10}$", example = "4100000000")]
    parent_code: Option<String>,
    /// The order of the list.
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
/// Those that are recorded here; `/reference/municipalities` lists all there are.
#[utoipa::path(tag = "municipalities", operation_id = "list_municipalities",
    params(MunicipalityFilter, Paging),
    responses((status = 200, description = "One page of municipalities", body = PageBody<Municipality>)))]
#[get("/municipalities")]
async fn list_municipalities(
    session: Session,
    list: List<MunicipalityFilter>,
) -> Result<Paged<Municipality>, ApiError> {
    let List { filter, page } = list;
    let wanted = Wanted {
        kinds: vec![OrganizationKind::Municipality],
        level: filter.level.map(MunicipalityLevel::as_str),
        municipality_kind: filter.kind.map(MunicipalityKind::as_str),
        parent_code: filter.parent_code,
        code: filter.code,
        q: filter.q,
        ..Wanted::default()
    };
    let listed = session.read_logged(move |conn, cx| {
        let listed = list::list(conn, &wanted, &page)?;
        let items = listed
            .items
            .into_iter()
            .map(|record| record.into_municipality(cx.today))
            .collect::<Result<_, _>>()?;
        Ok(crate::db::page::Listed {
            items,
            next: listed.next,
            total: listed.total,
        })
    });
    Ok(Paged(listed.await?))
}

/// Record a municipality
///
/// Its code is enough: name, level, kind and parent come from the official list.
#[utoipa::path(tag = "municipalities", operation_id = "create_municipality", request_body = MunicipalityCreate,
    responses((status = 201, description = "The municipality as recorded", body = Municipality)))]
#[post("/municipalities")]
async fn create_municipality(
    session: Session,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<MunicipalityCreate>,
) -> Result<Posted<Municipality>, ApiError> {
    let Body { value, digest } = body;
    let location = |m: &Municipality| format!("/api/v1/municipalities/{}", m.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        store::create_municipality(conn, cx, &value)?.into_municipality(cx.today)
    })
    .await
}

/// Read a municipality
///
/// With what the official list says of it, and who holds its posts.
#[utoipa::path(tag = "municipalities", operation_id = "get_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 200, description = "The municipality", body = Municipality)))]
#[get("/municipalities/{id}")]
async fn get_municipality(
    session: Session,
    id: Id,
    _: Params<NoParams>,
) -> Result<Single<Municipality>, ApiError> {
    let [id] = id.0;
    let found = session
        .read(move |conn, cx| store::get(conn, id, KIND)?.into_municipality(cx.today))
        .await?;
    Ok(Single(found))
}

/// Change a municipality
///
/// By a merge patch (RFC 7396). What follows from its code stays. With its policies the duties of its
/// agreements change.
#[utoipa::path(tag = "municipalities", operation_id = "update_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    request_body(content = MunicipalityContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The municipality as changed", body = Municipality)))]
#[patch("/municipalities/{id}")]
async fn update_municipality(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<MunicipalityContent>,
) -> Result<Single<Municipality>, ApiError> {
    let [id] = id.0;
    let changed = session.write(move |conn, cx| {
        let changed = store::update(conn, cx, id, KIND, &expected, |doc| {
            let before = MunicipalityContent {
                content: doc.content.clone(),
                policies: doc.policies.clone(),
            };
            let Some(after) = patch.apply(&before)? else {
                return Ok(None);
            };
            Ok(Some(Doc {
                content: after.content,
                policies: after.policies,
                ..doc.clone()
            }))
        });
        changed?.into_municipality(cx.today)
    });
    Ok(Single(changed.await?))
}

/// Delete a municipality
///
/// Only one that no other record refers to.
#[utoipa::path(tag = "municipalities", operation_id = "delete_municipality", params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/municipalities/{id}")]
async fn delete_municipality(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id] = id.0;
    session
        .write(move |conn, cx| store::delete(conn, cx, id, KIND, &expected))
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_municipalities)
        .service(create_municipality)
        .service(get_municipality)
        .service(update_municipality)
        .service(delete_municipality);
}
