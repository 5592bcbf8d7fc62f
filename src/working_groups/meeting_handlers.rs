//! Handlers of the meetings of working groups.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::meetings;
use super::types::{Meeting, MeetingContent};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MeetingId, WorkingGroupId};

/// Filters of a working group's meetings, which are ordered by day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {}

impl Filter for MeetingFilter {
    fn order(&self) -> Order {
        Order::ascending("meetings.sort_held", "meetings.id")
    }
}

/// List the meetings of a working group
///
/// Returns the meetings ordered by day, including cancelled ones.
#[utoipa::path(tag = "working-groups", operation_id = "list_meetings",
    params(("id" = Uuid, Path, description = "The working group's id"), MeetingFilter, Paging),
    responses((status = 200, description = "One page of meetings", body = PageBody<Meeting>)))]
#[get("/working-groups/{id}/meetings")]
async fn list_meetings(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    list: List<MeetingFilter>,
) -> Result<Paged<Meeting>, ApiError> {
    session
        .read_list(list, move |conn, cx, _, page| {
            meetings::list(conn, cx, id, page)
        })
        .await
}

/// Record a meeting of a working group
///
/// Records a meeting that was held or is planned.
#[utoipa::path(tag = "working-groups", operation_id = "create_meeting", request_body = MeetingContent,
    params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 201, description = "The meeting as recorded", body = Meeting)))]
#[post("/working-groups/{id}/meetings")]
async fn create_meeting(
    Path(id): Path<WorkingGroupId>,
    post: Post<MeetingContent>,
) -> Result<Posted<Meeting>, ApiError> {
    let location = |meeting: &Meeting| format!("/api/v1/meetings/{}", meeting.meta.id);
    post.created(location, move |conn, cx, new| {
        meetings::create(conn, cx, id, new)
    })
    .await
}

/// Read a meeting
///
/// Returns the meeting with the names of the attending organizations.
#[utoipa::path(tag = "working-groups", operation_id = "get_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    responses((status = 200, description = "The meeting", body = Meeting)))]
#[get("/meetings/{id}")]
async fn get_meeting(Path(id): Path<MeetingId>, read: Read) -> Result<Single<Meeting>, ApiError> {
    read.record(move |conn, cx| meetings::get(conn, cx, id))
        .await
}

/// Change a meeting
///
/// Applies a merge patch (RFC 7396), for example when the meeting was held or cancelled.
#[utoipa::path(tag = "working-groups", operation_id = "update_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    request_body(content = MeetingContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The meeting as changed", body = Meeting)))]
#[patch("/meetings/{id}")]
async fn update_meeting(
    Path(id): Path<MeetingId>,
    change: Change<MeetingContent>,
) -> Result<Single<Meeting>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| meetings::update(conn, cx, id, expected, patch))
        .await
}

/// Delete a meeting
///
/// For meetings entered in error. A meeting that did not take place is cancelled instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    responses((status = 204, description = "Deleted")))]
#[delete("/meetings/{id}")]
async fn delete_meeting(Path(id): Path<MeetingId>, remove: Remove) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| meetings::remove(conn, cx, id, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_meetings, Access::Read)
        .route(create_meeting, Access::Write)
        .route(get_meeting, Access::Read)
        .route(update_meeting, Access::Write)
        .route(delete_meeting, Access::Write);
}
