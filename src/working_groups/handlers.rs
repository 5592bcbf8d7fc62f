//! `/working-groups` and their members

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::{self, StoredMember};
use super::types::{
    GroupMember, GroupMemberContent, WorkingGroup, WorkingGroupContent, WorkingGroupCreate,
};
use crate::access::Session;
use crate::agreements::AsOf;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, Ids, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Posted, Single,
};

/// The orders of a list of working groups; `-` for descending.
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

/// Which working groups are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkingGroupFilter {
    /// Only those of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only those that serve this project.
    pub project_id: Option<Uuid>,
    /// Only those that carry out this agreement.
    pub agreement_id: Option<Uuid>,
    /// Only those in which this organization is or was a member.
    pub organization_id: Option<Uuid>,
    /// Only those whose names or texts hold this.
    #[param(min_length = 1, max_length = 100, example = "협의체")]
    pub q: Option<String>,
    /// The order of the list.
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

/// The members of a working group, in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GroupMemberFilter {
    /// Only those in it on this day, as far as is known.
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
/// With the names of their members, their project and their agreement.
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
/// With its members, in one transaction.
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
/// With its members, or with those of the day of `as_of`: one who left later is a member still, and
/// a group established later is not there yet. What is not dated is shown as it is today.
#[utoipa::path(tag = "working-groups", operation_id = "get_working_group", params(("id" = Uuid, Path, description = "The working group's id"), AsOf),
    responses((status = 200, description = "The working group", body = WorkingGroup)))]
#[get("/working-groups/{id}")]
async fn get_working_group(
    session: Session,
    id: Id,
    query: Params<AsOf>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let ([id], as_of) = (id.0, query.0.as_of);
    Ok(Single(
        session
            .read(move |conn, cx| store::get(conn, cx, id, as_of))
            .await?,
    ))
}

/// Change a working group
///
/// By a merge patch (RFC 7396). Its members are changed on paths of their own.
#[utoipa::path(tag = "working-groups", operation_id = "update_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    request_body(content = WorkingGroupContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The working group as changed", body = WorkingGroup)))]
#[patch("/working-groups/{id}")]
async fn update_working_group(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<WorkingGroupContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let [id] = id.0;
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
/// Only one that never met; one that ended gets a day on which it was dissolved.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group", params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/working-groups/{id}")]
async fn delete_working_group(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id] = id.0;
    session
        .write(move |conn, cx| store::delete(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

/// List the members of a working group
///
/// In the order in which they were added, those that left among them.
#[utoipa::path(tag = "working-groups", operation_id = "list_working_group_members",
    params(("id" = Uuid, Path, description = "The working group's id"), GroupMemberFilter, Paging),
    responses((status = 200, description = "One page of members", body = PageBody<GroupMember>)))]
#[get("/working-groups/{id}/members")]
async fn list_working_group_members(
    session: Session,
    id: Id,
    list: List<GroupMemberFilter>,
) -> Result<Paged<GroupMember>, ApiError> {
    let ([id], day) = (id.0, list.filter.as_of);
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
/// The answer is the working group as it now is.
#[utoipa::path(tag = "working-groups", operation_id = "create_working_group_member", request_body = GroupMemberContent,
    params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 200, description = "The working group with the member", body = WorkingGroup)))]
#[post("/working-groups/{id}/members")]
async fn create_working_group_member(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<GroupMemberContent>,
) -> Result<Posted<WorkingGroup>, ApiError> {
    let [id] = id.0;
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
/// By a merge patch (RFC 7396), as when it leaves. `If-Match` takes the working group's `ETag`.
#[utoipa::path(tag = "working-groups", operation_id = "update_working_group_member",
    params(("id" = Uuid, Path, description = "The working group's id"), ("member_id" = Uuid, Path, description = "The member's id")),
    request_body(content = GroupMemberContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The working group as changed", body = WorkingGroup)))]
#[patch("/working-groups/{id}/members/{member_id}")]
async fn update_working_group_member(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<GroupMemberContent>,
) -> Result<Single<WorkingGroup>, ApiError> {
    let [id, member] = ids.0;
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
/// One that was entered in error; a member that leaves is changed instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_working_group_member",
    params(("id" = Uuid, Path, description = "The working group's id"), ("member_id" = Uuid, Path, description = "The member's id")),
    responses((status = 204, description = "It is removed")))]
#[delete("/working-groups/{id}/members/{member_id}")]
async fn delete_working_group_member(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id, member] = ids.0;
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
        .service(list_working_groups)
        .service(create_working_group)
        .service(get_working_group)
        .service(update_working_group)
        .service(delete_working_group)
        .service(list_working_group_members)
        .service(create_working_group_member)
        .service(update_working_group_member)
        .service(delete_working_group_member);
}
