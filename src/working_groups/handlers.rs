//! Handlers of `/working-groups` and their members.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::types::{
    GroupMember, GroupMemberContent, WorkingGroup, WorkingGroupContent, WorkingGroupCreate,
    WorkingGroupGap,
};
use super::{list, members, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session,
    Single,
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
    /// Only working groups with this organization as a present or former member. With `as_of`, those
    /// that it had joined by that day.
    pub organization_id: Option<OrganizationId>,
    /// Only working groups that lack at least one of these facts, by the codes in `gaps`, separated by
    /// commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3, example = json!(["established_unknown"]))]
    pub gap: Option<Vec<WorkingGroupGap>>,
    /// Only working groups whose name or texts contain this.
    #[param(min_length = 1, max_length = 100, example = "협의체")]
    pub q: Option<String>,
    /// Valid time: returns the working groups that were perhaps established by this day as they were
    /// then, which every row shows as the working group does with this `as_of`. Filters go by that
    /// day, apart from `q`. Without it, rows have all members, present and former.
    #[param(example = "2024-12-31")]
    pub as_of: Option<chrono::NaiveDate>,
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
    let view = format!("working groups {:?}", list.filter.as_of);
    session
        .read_shown_list(view, list, list::find, |conn, cx, filter, keys| {
            list::shown(conn, cx, keys, filter.as_of)
        })
        .await
}

/// Record a working group
///
/// Records the working group and its members in one transaction.
#[utoipa::path(tag = "working-groups", operation_id = "create_working_group", request_body = WorkingGroupCreate,
    responses((status = 201, description = "The working group as recorded", body = WorkingGroup)))]
#[post("/working-groups")]
async fn create_working_group(
    post: Post<WorkingGroupCreate>,
) -> Result<Posted<WorkingGroup>, ApiError> {
    let location = |g: &WorkingGroup| format!("/api/v1/working-groups/{}", g.meta.id);
    post.created(location, store::create).await
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
    Path(id): Path<WorkingGroupId>,
    read: Read<AsOf>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let as_of = read.query.as_of;
    read.record(move |conn, cx| store::get(conn, cx, id, as_of))
        .await
}

/// Change a working group
///
/// Applies a merge patch (RFC 7396). Members are changed on paths of their own.
#[utoipa::path(tag = "working-groups", operation_id = "update_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    request_body(content = WorkingGroupContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The working group as changed", body = WorkingGroup)))]
#[patch("/working-groups/{id}")]
async fn update_working_group(
    Path(id): Path<WorkingGroupId>,
    change: Change<WorkingGroupContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| store::update(conn, cx, id, expected, patch))
        .await
}

/// Delete a working group
///
/// Only a group without meetings can be deleted. A group that ended receives a date of dissolution
/// instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 204, description = "Deleted")))]
#[delete("/working-groups/{id}")]
async fn delete_working_group(
    Path(id): Path<WorkingGroupId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
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
    session
        .read_list(list, move |conn, cx, filter, page| {
            let group = store::get(conn, cx, id, filter.as_of)?;
            let id = |member: &GroupMember| member.id.to_string();
            Ok(page.of(group.members, id, id))
        })
        .await
}

/// Add a member to a working group
///
/// Returns the changed working group.
#[utoipa::path(tag = "working-groups", operation_id = "create_working_group_member", request_body = GroupMemberContent,
    params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 200, description = "The working group with the member", body = WorkingGroup)))]
#[post("/working-groups/{id}/members")]
async fn create_working_group_member(
    Path(id): Path<WorkingGroupId>,
    post: Post<GroupMemberContent>,
) -> Result<Posted<WorkingGroup>, ApiError> {
    post.changed(move |conn, cx, new| members::add(conn, cx, id, new))
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
    Path(ids): Path<(WorkingGroupId, MembershipId)>,
    change: Change<GroupMemberContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| members::update(conn, cx, ids, expected, patch))
        .await
}

/// Remove a member from a working group
///
/// For members entered in error. A member that leaves is changed instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group_member",
    params(("id" = Uuid, Path, description = "The working group's id"), ("member_id" = Uuid, Path, description = "The member's id")),
    responses((status = 204, description = "Removed")))]
#[delete("/working-groups/{id}/members/{member_id}")]
async fn delete_working_group_member(
    Path(ids): Path<(WorkingGroupId, MembershipId)>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| members::remove(conn, cx, ids, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<WorkingGroupGap>();
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
