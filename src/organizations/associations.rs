//! `/associations`: organizations that have members.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::OrganizationSort;
use super::list::Filters;
use super::store::{Doc, Record};
use super::types::{
    Association, AssociationContent, AssociationCreate, Member, MemberContent, MemberCreate,
    OrganizationKind,
};
use super::{list, members, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
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
    let filters = Filters {
        kinds: vec![OrganizationKind::Association],
        q: filter.q,
        ..Filters::default()
    };
    session
        .read_list(
            List {
                filter: filters,
                page,
            },
            |conn, _, filters, page| {
                Ok(list::list(conn, filters, page)?.map(Record::into_association))
            },
        )
        .await
}

/// Record an association
///
/// An association is an organization of kind `association`. Record its members at
/// `/associations/{id}/members`.
#[utoipa::path(tag = "associations", operation_id = "create_association", request_body = AssociationCreate,
    responses((status = 201, description = "The association as recorded", body = Association)))]
#[post("/associations")]
async fn create_association(
    post: Post<AssociationCreate>,
) -> Result<Posted<Association>, ApiError> {
    let location = |a: &Association| format!("/api/v1/associations/{}", a.meta.id);
    post.created(location, |conn, cx, new| {
        let doc = doc(new.content.clone());
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
    Path(id): Path<OrganizationId>,
    read: Read,
) -> Result<Single<Association>, ApiError> {
    read.record(move |conn, _| Ok(store::get(conn, id, KIND)?.into_association()))
        .await
}

/// Change an association
///
/// Applies a merge patch (RFC 7396).
#[utoipa::path(tag = "associations", operation_id = "update_association", params(("id" = Uuid, Path, description = "The association's id")),
    request_body(content = AssociationContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The association as changed", body = Association)))]
#[patch("/associations/{id}")]
async fn update_association(
    Path(id): Path<OrganizationId>,
    change: Change<AssociationContent>,
) -> Result<Single<Association>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| {
            let changed = store::update(conn, cx, id, KIND, expected, |old| {
                let content = AssociationContent {
                    content: old.content.clone(),
                    member_count: old.member_count.clone(),
                };
                Ok(patch.apply(&content)?.map(doc))
            });
            Ok(changed?.into_association())
        })
        .await
}

/// Delete an association
///
/// Only if no other record refers to it.
#[utoipa::path(tag = "associations", operation_id = "delete_association", params(("id" = Uuid, Path, description = "The association's id")),
    responses((status = 204, description = "The association was deleted")))]
#[delete("/associations/{id}")]
async fn delete_association(
    Path(id): Path<OrganizationId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, KIND, expected))
        .await
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
    session
        .read_list(list, move |conn, _, _, page| members::list(conn, id, page))
        .await
}

/// Record a member of an association
///
/// An organization that left can join again, as a new member record.
#[utoipa::path(tag = "associations", operation_id = "create_association_member", request_body = MemberCreate,
    params(("id" = Uuid, Path, description = "The association's id")),
    responses((status = 201, description = "The member as recorded", body = Member)))]
#[post("/associations/{id}/members")]
async fn create_association_member(
    Path(id): Path<OrganizationId>,
    post: Post<MemberCreate>,
) -> Result<Posted<Member>, ApiError> {
    let location = move |m: &Member| format!("/api/v1/associations/{id}/members/{}", m.meta.id);
    post.created(location, move |conn, cx, new| {
        members::create(conn, cx, id, new)
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
    Path((association, id)): Path<(OrganizationId, MembershipId)>,
    read: Read,
) -> Result<Single<Member>, ApiError> {
    read.record(move |conn, _| members::get(conn, association, id))
        .await
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
    Path(ids): Path<(OrganizationId, MembershipId)>,
    change: Change<MemberContent>,
) -> Result<Single<Member>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| members::update(conn, cx, ids, expected, patch))
        .await
}

/// Delete a member of an association
///
/// For a member recorded in error. If a member leaves, change its record instead.
#[utoipa::path(tag = "associations", operation_id = "delete_association_member",
    params(("id" = Uuid, Path, description = "The association's id"), ("member_id" = Uuid, Path, description = "The member record's id")),
    responses((status = 204, description = "The member was deleted")))]
#[delete("/associations/{id}/members/{member_id}")]
async fn delete_association_member(
    Path(ids): Path<(OrganizationId, MembershipId)>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| members::delete(conn, cx, ids, expected))
        .await
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
