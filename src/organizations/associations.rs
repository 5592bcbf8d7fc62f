//! `/associations`: organizations that have members.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::OrganizationSort;
use super::list::Wanted;
use super::store::Doc;
use super::types::{
    Association, AssociationContent, AssociationCreate, Member, MemberContent, MemberCreate,
    OrganizationKind,
};
use super::{list, members, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Body, Deleted, Filter, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch, Path,
    Posted, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MembershipId, OrganizationId};

const KIND: Option<OrganizationKind> = Some(OrganizationKind::Association);

/// Filters of the association list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssociationFilter {
    /// Only associations whose names or texts contain this.
    #[param(min_length = 1, max_length = 100, example = "바이오")]
    q: Option<String>,
    /// Sort order. Defaults to `name`.
    #[param(example = "name")]
    sort: Option<OrganizationSort>,
}

impl Filter for AssociationFilter {
    fn order(&self) -> Order {
        OrganizationSort::order(self.sort)
    }
}

/// No filters: members are listed in the order in which they were recorded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MemberFilter {}

impl Filter for MemberFilter {
    fn order(&self) -> Order {
        Order::ascending("association_members.id", "association_members.id")
    }
}

fn doc(content: AssociationContent) -> Doc {
    Doc {
        member_count: content.member_count,
        ..Doc::of(content.content)
    }
}

/// List associations
///
/// Each with the number of members it states, and the number recorded here.
#[utoipa::path(tag = "associations", operation_id = "list_associations", params(AssociationFilter, Paging),
    responses((status = 200, description = "One page of associations", body = PageBody<Association>)))]
#[get("/associations")]
async fn list_associations(
    session: Session,
    list: List<AssociationFilter>,
) -> Result<Paged<Association>, ApiError> {
    let List { filter, page } = list;
    let wanted = Wanted {
        kinds: vec![OrganizationKind::Association],
        q: filter.q,
        ..Wanted::default()
    };
    let listed = session
        .read_logged(move |conn, _| list::list(conn, &wanted, &page))
        .await?;
    Ok(Paged(
        listed.map(|list| list.map(store::Record::into_association)),
    ))
}

/// Record an association
///
/// An association is an organization of kind `association`. Record its members at
/// `/associations/{id}/members`.
#[utoipa::path(tag = "associations", operation_id = "create_association", request_body = AssociationCreate,
    responses((status = 201, description = "The association as recorded", body = Association)))]
#[post("/associations")]
async fn create_association(
    session: Session,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<AssociationCreate>,
) -> Result<Posted<Association>, ApiError> {
    let Body { value, digest } = body;
    let doc = doc(value.content);
    let location = |a: &Association| format!("/api/v1/associations/{}", a.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        Ok(store::create(conn, cx, OrganizationKind::Association, &doc)?.into_association())
    })
    .await
}

/// Read an association
///
/// Includes the facts that only associations have. Its members are a separate list.
#[utoipa::path(tag = "associations", operation_id = "get_association", params(("id" = Uuid, Path, description = "The association's id")),
    responses((status = 200, description = "The association", body = Association)))]
#[get("/associations/{id}")]
async fn get_association(
    session: Session,
    Path(id): Path<OrganizationId>,
    _: Params<NoParams>,
) -> Result<Single<Association>, ApiError> {
    let found = session
        .read(move |conn, _| store::get(conn, id, KIND))
        .await?;
    Ok(Single(found.into_association()))
}

/// Change an association
///
/// Applies a merge patch (RFC 7396).
#[utoipa::path(tag = "associations", operation_id = "update_association", params(("id" = Uuid, Path, description = "The association's id")),
    request_body(content = AssociationContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The association as changed", body = Association)))]
#[patch("/associations/{id}")]
async fn update_association(
    session: Session,
    Path(id): Path<OrganizationId>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<AssociationContent>,
) -> Result<Single<Association>, ApiError> {
    let changed = session
        .write(move |conn, cx| {
            store::update(conn, cx, id, KIND, &expected, |old| {
                let Doc {
                    content,
                    member_count,
                    ..
                } = old.clone();
                Ok(patch
                    .apply(&AssociationContent {
                        content,
                        member_count,
                    })?
                    .map(doc))
            })
        })
        .await?;
    Ok(Single(changed.into_association()))
}

/// Delete an association
///
/// Only if no other record refers to it.
#[utoipa::path(tag = "associations", operation_id = "delete_association", params(("id" = Uuid, Path, description = "The association's id")),
    responses((status = 204, description = "The association was deleted")))]
#[delete("/associations/{id}")]
async fn delete_association(
    session: Session,
    Path(id): Path<OrganizationId>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| store::delete(conn, cx, id, KIND, &expected))
        .await?;
    Ok(Deleted)
}

/// List the members of an association
///
/// In the order in which they were recorded, including former members.
#[utoipa::path(tag = "associations", operation_id = "list_association_members",
    params(("id" = Uuid, Path, description = "The association's id"), MemberFilter, Paging),
    responses((status = 200, description = "One page of members", body = PageBody<Member>)))]
#[get("/associations/{id}/members")]
async fn list_association_members(
    session: Session,
    Path(id): Path<OrganizationId>,
    list: List<MemberFilter>,
) -> Result<Paged<Member>, ApiError> {
    Ok(Paged(
        session
            .read_logged(move |conn, _| members::list(conn, id, &list.page))
            .await?,
    ))
}

/// Record a member of an association
///
/// An organization that left can join again, as a new member record.
#[utoipa::path(tag = "associations", operation_id = "create_association_member", request_body = MemberCreate,
    params(("id" = Uuid, Path, description = "The association's id")),
    responses((status = 201, description = "The member as recorded", body = Member)))]
#[post("/associations/{id}/members")]
async fn create_association_member(
    session: Session,
    Path(id): Path<OrganizationId>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<MemberCreate>,
) -> Result<Posted<Member>, ApiError> {
    let Body { value, digest } = body;
    let location = move |m: &Member| format!("/api/v1/associations/{id}/members/{}", m.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        members::create(conn, cx, id, &value)
    })
    .await
}

/// Read a member of an association
///
/// With its role and the dates of its membership.
#[utoipa::path(tag = "associations", operation_id = "get_association_member",
    params(("id" = Uuid, Path, description = "The association's id"), ("member_id" = Uuid, Path, description = "The member record's id")),
    responses((status = 200, description = "The member", body = Member)))]
#[get("/associations/{id}/members/{member_id}")]
async fn get_association_member(
    session: Session,
    Path((association, id)): Path<(OrganizationId, MembershipId)>,
    _: Params<NoParams>,
) -> Result<Single<Member>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, _| members::get(conn, association, id))
            .await?,
    ))
}

/// Change a member of an association
///
/// Applies a merge patch (RFC 7396), for example when the member leaves.
#[utoipa::path(tag = "associations", operation_id = "update_association_member",
    params(("id" = Uuid, Path, description = "The association's id"), ("member_id" = Uuid, Path, description = "The member record's id")),
    request_body(content = MemberContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The member as changed", body = Member)))]
#[patch("/associations/{id}/members/{member_id}")]
async fn update_association_member(
    session: Session,
    Path(ids): Path<(OrganizationId, MembershipId)>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<MemberContent>,
) -> Result<Single<Member>, ApiError> {
    Ok(Single(
        session
            .write(move |conn, cx| members::update(conn, cx, ids, &expected, &patch))
            .await?,
    ))
}

/// Delete a member of an association
///
/// For a member recorded in error. If a member leaves, change its record instead.
#[utoipa::path(tag = "associations", operation_id = "delete_association_member",
    params(("id" = Uuid, Path, description = "The association's id"), ("member_id" = Uuid, Path, description = "The member record's id")),
    responses((status = 204, description = "The member was deleted")))]
#[delete("/associations/{id}/members/{member_id}")]
async fn delete_association_member(
    session: Session,
    Path(ids): Path<(OrganizationId, MembershipId)>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| members::delete(conn, cx, ids, &expected))
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_associations, Access::Read)
        .route(create_association, Access::Write)
        .route(get_association, Access::Read)
        .route(update_association, Access::Write)
        .route(delete_association, Access::Write)
        .route(list_association_members, Access::Read)
        .route(create_association_member, Access::Write)
        .route(get_association_member, Access::Read)
        .route(update_association_member, Access::Write)
        .route(delete_association_member, Access::Write);
}
