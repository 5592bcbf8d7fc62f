//! `/organizations`: organizations of every kind.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::list::Filters;
use super::store::{Doc, Record};
use super::types::{
    Organization, OrganizationChange, OrganizationCreate, OrganizationGap, OrganizationKind,
};
use super::{list, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;

/// Sort orders of the organization list; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum OrganizationSort {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

impl OrganizationSort {
    pub fn order(sort: Option<Self>) -> Order {
        match sort.unwrap_or(Self::Name) {
            Self::Name => Order::ascending("organizations.sort_name", "organizations.id"),
            Self::NameDown => Order::descending("organizations.sort_name", "organizations.id"),
            Self::Id => Order::ascending("organizations.id", "organizations.id"),
            Self::IdDown => Order::descending("organizations.id", "organizations.id"),
        }
    }
}

/// Filters of the organization list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganizationFilter {
    /// Only organizations of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 10, example = json!(["hospital"]))]
    kind: Option<Vec<OrganizationKind>>,
    /// Only organizations seated in this country (ISO 3166-1 alpha-2). Those without a recorded
    /// country are left out.
    #[param(format = "iso3166-1", example = "JP")]
    country: Option<String>,
    /// Only organizations whose names or other texts contain this.
    #[param(min_length = 1, max_length = 100, example = "국립암센터")]
    q: Option<String>,
    /// Only the organization with this identifier; hyphens in a registration number are ignored.
    #[param(max_length = 100, example = "1248100998")]
    identifier: Option<String>,
    /// Only organizations that lack at least one of these facts, by the codes in `gaps`, separated by
    /// commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 2, example = json!(["identifiers_unknown"]))]
    gap: Option<Vec<OrganizationGap>>,
    /// Only members of this association.
    member_of: Option<OrganizationId>,
    /// Sort order. Defaults to `name`.
    #[param(example = "name")]
    sort: Option<OrganizationSort>,
}

impl Filter for OrganizationFilter {
    fn order(&self) -> Order {
        OrganizationSort::order(self.sort)
    }
}

/// List organizations
///
/// Lists all kinds, including municipalities and associations. Leaves out merged duplicates.
#[utoipa::path(tag = "organizations", operation_id = "list_organizations",
    params(OrganizationFilter, Paging),
    responses((status = 200, description = "One page of organizations", body = PageBody<Organization>)))]
#[get("/organizations")]
async fn list_organizations(
    session: Session,
    list: List<OrganizationFilter>,
) -> Result<Paged<Organization>, ApiError> {
    let List { filter, page } = list;
    let filters = Filters {
        kinds: filter.kind.unwrap_or_default(),
        country: filter.country,
        q: filter.q,
        identifier: filter.identifier,
        member_of: filter.member_of,
        gaps: filter.gap.unwrap_or_default(),
        ..Filters::default()
    };
    session
        .read_list(
            List {
                filter: filters,
                page,
            },
            |conn, _, filters, page| {
                Ok(list::list(conn, filters, page)?.map(Record::into_organization))
            },
        )
        .await
}

/// Record an organization
///
/// Accepts any kind, and a municipality if it is abroad: Korean ones are recorded at
/// `/municipalities`. No two organizations share an identifier; a name nearly
/// equal to another organization's is accepted with a warning.
#[utoipa::path(tag = "organizations", operation_id = "create_organization", request_body = OrganizationCreate,
    responses((status = 201, description = "The organization as recorded", body = Organization)))]
#[post("/organizations")]
async fn create_organization(
    post: Post<OrganizationCreate>,
) -> Result<Posted<Organization>, ApiError> {
    let location = |o: &Organization| format!("/api/v1/organizations/{}", o.meta.id);
    post.created(location, |conn, cx, new| {
        let doc = Doc::of(new.content.clone());
        Ok(store::create(conn, cx, new.kind, &doc)?.into_organization())
    })
    .await
}

/// Read an organization
///
/// The id of a merged duplicate returns the surviving organization.
#[utoipa::path(tag = "organizations", operation_id = "get_organization", params(("id" = Uuid, Path, description = "The organization's id")),
    responses((status = 200, description = "The organization", body = Organization)))]
#[get("/organizations/{id}")]
async fn get_organization(
    Path(id): Path<OrganizationId>,
    read: Read,
) -> Result<Single<Organization>, ApiError> {
    read.record(move |conn, _| Ok(store::get(conn, id, None)?.into_organization()))
        .await
}

/// Change an organization
///
/// Applies a merge patch (RFC 7396). The kind can be corrected, except that of a Korean municipality
/// and of an association with members.
#[utoipa::path(tag = "organizations", operation_id = "update_organization", params(("id" = Uuid, Path, description = "The organization's id")),
    request_body(content = OrganizationChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The organization as changed", body = Organization)))]
#[patch("/organizations/{id}")]
async fn update_organization(
    Path(id): Path<OrganizationId>,
    change: Change<OrganizationChange>,
) -> Result<Single<Organization>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| {
            Ok(store::revise(conn, cx, id, expected, patch)?.into_organization())
        })
        .await
}

/// Delete an organization
///
/// Only if no other record refers to it. Merge a duplicate instead of deleting it.
#[utoipa::path(tag = "organizations", operation_id = "delete_organization", params(("id" = Uuid, Path, description = "The organization's id")),
    responses((status = 204, description = "The organization was deleted")))]
#[delete("/organizations/{id}")]
async fn delete_organization(
    Path(id): Path<OrganizationId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, None, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<OrganizationGap>();
    config
        .route(list_organizations, Access::Read)
        .route(create_organization, Access::Write)
        .route(get_organization, Access::Read)
        .route(update_organization, Access::Write)
        .route(delete_organization, Access::Write);
}
