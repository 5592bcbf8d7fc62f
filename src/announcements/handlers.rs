//! Handlers of `/announcements`.

use actix_web::{delete, get, patch, post};

use super::list::{AnnouncementFilter, AnnouncementSort};
use super::types::{
    Announcement, AnnouncementContent, AnnouncementCreate, AnnouncementGap, AnnouncementKind,
    AnnouncementStanding, AnnouncementSummary,
};
use super::{list, store};
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;

/// List announcements
///
/// Newest first, with the agreement or milestone that each is confirmed to be about.
#[utoipa::path(tag = "announcements", operation_id = "list_announcements", params(AnnouncementFilter, Paging),
    responses((status = 200, description = "One page of announcements", body = PageBody<AnnouncementSummary>)))]
#[get("/announcements")]
async fn list_announcements(
    session: Session,
    list: List<AnnouncementFilter>,
) -> Result<Paged<AnnouncementSummary>, ApiError> {
    session
        .read_shown_list(
            "announcements".into(),
            list,
            list::find,
            |conn, cx, _, keys| list::shown(conn, cx, keys),
        )
        .await
}

/// Record an announcement
///
/// Leave out what the announcement does not state.
#[utoipa::path(tag = "announcements", operation_id = "create_announcement", request_body = AnnouncementCreate,
    responses((status = 201, description = "The announcement as recorded", body = Announcement)))]
#[post("/announcements")]
async fn create_announcement(
    post: Post<AnnouncementCreate>,
) -> Result<Posted<Announcement>, ApiError> {
    let location = |one: &Announcement| format!("/api/v1/announcements/{}", one.meta.id);
    post.created(location, store::create).await
}

/// Read an announcement
///
/// With its text, and the agreement or milestone that it is confirmed to be about.
#[utoipa::path(tag = "announcements", operation_id = "get_announcement",
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 200, description = "The announcement", body = Announcement)))]
#[get("/announcements/{id}")]
async fn get_announcement(
    Path(id): Path<AnnouncementId>,
    read: Read,
) -> Result<Single<Announcement>, ApiError> {
    read.record(move |conn, cx| store::get(conn, cx, id)).await
}

/// Change an announcement
///
/// Accepts a merge patch (RFC 7396). If the announcement is confirmed, the sources that were made of it
/// change with it: that of the agreement, after its signing as a correction, and those of forecasts and
/// outcomes.
#[utoipa::path(tag = "announcements", operation_id = "update_announcement",
    params(("id" = Uuid, Path, description = "The announcement's id")),
    request_body(content = AnnouncementContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The announcement as changed", body = Announcement)))]
#[patch("/announcements/{id}")]
async fn update_announcement(
    Path(id): Path<AnnouncementId>,
    change: Change<AnnouncementContent>,
) -> Result<Single<Announcement>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| store::update(conn, cx, id, expected, patch))
        .await
}

/// Delete an announcement
///
/// Unless it is confirmed to be about an agreement or a milestone: reopen it first.
#[utoipa::path(tag = "announcements", operation_id = "delete_announcement",
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 204, description = "Announcement deleted")))]
#[delete("/announcements/{id}")]
async fn delete_announcement(
    Path(id): Path<AnnouncementId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .schema::<AnnouncementSort>()
        .schema::<AnnouncementKind>()
        .schema::<AnnouncementStanding>()
        .schema::<AnnouncementGap>();
    config
        .route(list_announcements, Access::Read)
        .route(create_announcement, Access::Write)
        .route(get_announcement, Access::Read)
        .route(update_announcement, Access::Write)
        .route(delete_announcement, Access::Write);
}
