//! Handlers of `/working-groups` and their members.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store;
use super::store::StoredMember;
use super::types::{
    GroupMember, GroupMemberContent, WorkingGroup, WorkingGroupContent, WorkingGroupCreate,
};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Body, Deleted, Filter, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Path, Posted, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MembershipId, OrganizationId, ProjectId, WorkingGroupId};

/// Sort orders of working groups; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum WorkingGroupSort {
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filters of working groups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkingGroupFilter {
    /// Only working groups of this municipality.
    pub municipality_id: Option<OrganizationId>,
    /// Only working groups that serve this project.
    pub project_id: Option<ProjectId>,
    /// Only working groups that carry out this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only working groups with this organization as a present or former member.
    pub organization_id: Option<OrganizationId>,
    /// Only working groups whose name or texts contain this.
    #[param(min_length = 1, max_length = 100, example = "협의체")]
    pub q: Option<String>,
    /// Sort order. Defaults to `name`.
    #[param(example = "name")]
    pub sort: Option<WorkingGroupSort>,
}

impl Filter for WorkingGroupFilter {
    fn order(&self) -> Order {
        const ID: &str = "working_groups.id";
        match self.sort.unwrap_or(WorkingGroupSort::Name) {
            WorkingGroupSort::Name => Order::ascending("working_groups.sort_name", ID),
            WorkingGroupSort::NameDown => Order::descending("working_groups.sort_name", ID),
            WorkingGroupSort::Id => Order::ascending(ID, ID),
            WorkingGroupSort::IdDown => Order::descending(ID, ID),
        }
    }
}

/// Filters of the members of a working group, in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GroupMemberFilter {
    /// Only members on this day (valid time), as far as known.
    #[param(example = "2021-12-31")]
    as_of: Option<chrono::NaiveDate>,
}

impl Filter for GroupMemberFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// List working groups
///
/// Returns working groups with the names of their members, project and agreement.
#[utoipa::path(tag = "working-groups", operation_id = "list_working_groups", params(WorkingGroupFilter, Paging),
    responses((status = 200, description = "One page of working groups", body = PageBody<WorkingGroup>)))]
#[get("/working-groups")]
async fn list_working_groups(
    session: Session,
    list: List<WorkingGroupFilter>,
) -> Result<Paged<WorkingGroup>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| store::list(conn, cx, &filter, &page))
            .await?,
    ))
}

/// Record a working group
///
/// Records the working group and its members in one transaction.
#[utoipa::path(tag = "working-groups", operation_id = "create_working_group", request_body = WorkingGroupCreate,
    responses((status = 201, description = "The working group as recorded", body = WorkingGroup)))]
#[post("/working-groups")]
async fn create_working_group(
    session: Session,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<WorkingGroupCreate>,
) -> Result<Posted<WorkingGroup>, ApiError> {
    let Body { value, digest } = body;
    let location = |g: &WorkingGroup| format!("/api/v1/working-groups/{}", g.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        store::create(conn, cx, &value)
    })
    .await
}

/// Read a working group
///
/// Returns the working group with its members. With `as_of`, members who left after that day are
/// included, and a group established after it is not found. Undated facts are shown as they are
/// today.
#[utoipa::path(tag = "working-groups", operation_id = "get_working_group", params(("id" = Uuid, Path, description = "The working group's id"), AsOf),
    responses((status = 200, description = "The working group", body = WorkingGroup)))]
#[get("/working-groups/{id}")]
async fn get_working_group(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    query: Params<AsOf>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let as_of = query.0.as_of;
    Ok(Single(
        session
            .read(move |conn, cx| store::get(conn, cx, id, as_of))
            .await?,
    ))
}

/// Change a working group
///
/// Applies a merge patch (RFC 7396). Members are changed on paths of their own.
#[utoipa::path(tag = "working-groups", operation_id = "update_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    request_body(content = WorkingGroupContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The working group as changed", body = WorkingGroup)))]
#[patch("/working-groups/{id}")]
async fn update_working_group(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<WorkingGroupContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let changed = session.write(move |conn, cx| {
        let mut record = store::load_own(conn, cx, id)?;
        expected.check(record.meta.version)?;
        let Some(content) = patch.apply(&record.doc.content)? else {
            return store::get(conn, cx, id, None);
        };
        record.doc.content = content;
        store::save(conn, cx, &record)
    });
    Ok(Single(changed.await?))
}

/// Delete a working group
///
/// Only a group without meetings can be deleted. A group that ended receives a date of dissolution
/// instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 204, description = "Deleted")))]
#[delete("/working-groups/{id}")]
async fn delete_working_group(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| store::delete(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

/// List the members of a working group
///
/// Returns the members in the order in which they were added, including former ones.
#[utoipa::path(tag = "working-groups", operation_id = "list_working_group_members",
    params(("id" = Uuid, Path, description = "The working group's id"), GroupMemberFilter, Paging),
    responses((status = 200, description = "One page of members", body = PageBody<GroupMember>)))]
#[get("/working-groups/{id}/members")]
async fn list_working_group_members(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    list: List<GroupMemberFilter>,
) -> Result<Paged<GroupMember>, ApiError> {
    let day = list.filter.as_of;
    let group = session
        .read_logged(move |conn, cx| store::get(conn, cx, id, day))
        .await?;
    Ok(Paged(group.map(|group| {
        list.page
            .of(group.members, |m| m.id.to_string(), |m| m.id.to_string())
    })))
}

/// Add a member to a working group
///
/// Returns the changed working group.
#[utoipa::path(tag = "working-groups", operation_id = "create_working_group_member", request_body = GroupMemberContent,
    params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 200, description = "The working group with the member", body = WorkingGroup)))]
#[post("/working-groups/{id}/members")]
async fn create_working_group_member(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<GroupMemberContent>,
) -> Result<Posted<WorkingGroup>, ApiError> {
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        let mut record = store::load_own(conn, cx, id)?;
        let place = record.doc.members.len();
        record.doc.members.push(StoredMember {
            id: cx.id(),
            content: value.clone(),
        });
        store::save(conn, cx, &record).map_err(|e| e.seen_from(&format!("/members/{place}")))
    })
    .await
}

/// Change a member of a working group
///
/// Applies a merge patch (RFC 7396), for example when the member leaves. `If-Match` takes the
/// entity tag (`ETag`) of the working group.
#[utoipa::path(tag = "working-groups", operation_id = "update_working_group_member",
    params(("id" = Uuid, Path, description = "The working group's id"), ("member_id" = Uuid, Path, description = "The member's id")),
    request_body(content = GroupMemberContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The working group as changed", body = WorkingGroup)))]
#[patch("/working-groups/{id}/members/{member_id}")]
async fn update_working_group_member(
    session: Session,
    Path((id, member)): Path<(WorkingGroupId, MembershipId)>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<GroupMemberContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let changed = session.write(move |conn, cx| {
        let mut record = store::load_own(conn, cx, id)?;
        let place = record
            .doc
            .members
            .iter()
            .position(|m| m.id == member)
            .ok_or_else(ApiError::not_found)?;
        expected.check(record.meta.version)?;
        let old = &mut record.doc.members[place];
        let Some(content) = patch.apply(&old.content)? else {
            return store::get(conn, cx, id, None);
        };
        old.content = content;
        store::save(conn, cx, &record).map_err(|e| e.seen_from(&format!("/members/{place}")))
    });
    Ok(Single(changed.await?))
}

/// Remove a member from a working group
///
/// For members entered in error. A member that leaves is changed instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group_member",
    params(("id" = Uuid, Path, description = "The working group's id"), ("member_id" = Uuid, Path, description = "The member's id")),
    responses((status = 204, description = "Removed")))]
#[delete("/working-groups/{id}/members/{member_id}")]
async fn delete_working_group_member(
    session: Session,
    Path((id, member)): Path<(WorkingGroupId, MembershipId)>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| {
            let mut record = store::load_own(conn, cx, id)?;
            let place = record
                .doc
                .members
                .iter()
                .position(|m| m.id == member)
                .ok_or_else(ApiError::not_found)?;
            expected.check(record.meta.version)?;
            record.doc.members.remove(place);
            store::save(conn, cx, &record).map(drop)
        })
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_working_groups, Access::Read)
        .route(create_working_group, Access::Write)
        .route(get_working_group, Access::Read)
        .route(update_working_group, Access::Write)
        .route(delete_working_group, Access::Write)
        .route(list_working_group_members, Access::Read)
        .route(create_working_group_member, Access::Write)
        .route(update_working_group_member, Access::Write)
        .route(delete_working_group_member, Access::Write);
}
