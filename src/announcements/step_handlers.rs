//! Handlers of the candidates of an announcement, and of the steps with it.

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::types::{
    Announcement, AnnouncementConfirmation, AnnouncementDraft, AnnouncementMatch,
    AnnouncementRejection,
};
use super::{candidates, steps};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Post, Posted, Session, Step};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;

/// No filters: the candidates of an announcement are listed by their score.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MatchFilter {}

impl Filter for MatchFilter {
    fn order(&self) -> Order {
        Order::ascending("score", "id")
    }
}

/// List what an announcement is perhaps about
///
/// Returns agreements, and for groundbreakings and completions milestones, the likeliest first, at most
/// 10. They are compared by the names of parties in any form, by the days within their imprecision, by
/// the words of the title, and by the project; each row gives the points and the reasons. Records that
/// were rejected are left out. A proposal is no fact: for whoever does not work for the municipality, the
/// list is empty.
#[utoipa::path(tag = "announcements", operation_id = "list_announcement_matches",
    params(("id" = Uuid, Path, description = "The announcement's id"), MatchFilter, Paging),
    responses((status = 200, description = "One page of candidates", body = PageBody<AnnouncementMatch>)))]
#[get("/announcements/{id}/matches")]
async fn list_announcement_matches(
    session: Session,
    Path(id): Path<AnnouncementId>,
    list: List<MatchFilter>,
) -> Result<Paged<AnnouncementMatch>, ApiError> {
    session
        .read_list(list, move |conn, cx, _, page| {
            let all = candidates::matches(conn, cx, id)?;
            // The highest score comes first.
            let key = |one: &AnnouncementMatch| format!("{:03}", 100 - one.score);
            let id = |one: &AnnouncementMatch| {
                let agreement = one.agreement.as_ref().map(|a| a.id.to_string());
                let milestone = one.milestone.as_ref().map(|m| m.id.to_string());
                agreement.or(milestone).unwrap_or_default()
            };
            Ok(page.of(all, key, id))
        })
        .await
}

/// Confirm what an announcement is about
///
/// The agreement gets the announcement as a source, after its signing as a correction. Of the targets
/// that the announcement states, those in `forecasts` become forecasts of their milestones; nothing is
/// taken over that is not given here. Returns the announcement.
#[utoipa::path(tag = "announcements", operation_id = "confirm_announcement", request_body = AnnouncementConfirmation,
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 200, description = "The announcement as confirmed", body = Announcement)))]
#[post("/announcements/{id}/confirm")]
async fn confirm_announcement(
    Path(id): Path<AnnouncementId>,
    post: Post<AnnouncementConfirmation>,
) -> Result<Posted<Announcement>, ApiError> {
    post.changed(move |conn, cx, new| steps::confirm(conn, cx, id, new))
        .await
}

/// Reject what an announcement could be about
///
/// With an agreement or a milestone, only this candidate. Without one, the announcement is about nothing
/// that is to be recorded, and is no longer compared. Returns the announcement.
#[utoipa::path(tag = "announcements", operation_id = "reject_announcement", request_body = AnnouncementRejection,
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 200, description = "The announcement after the rejection", body = Announcement)))]
#[post("/announcements/{id}/reject")]
async fn reject_announcement(
    Path(id): Path<AnnouncementId>,
    post: Post<AnnouncementRejection>,
) -> Result<Posted<Announcement>, ApiError> {
    post.changed(move |conn, cx, new| steps::reject(conn, cx, id, new))
        .await
}

/// Take back the confirmation and the rejections of an announcement
///
/// The source that it became is removed from the agreement. Forecasts and outcomes stay: they are
/// retracted one by one. Returns the announcement.
#[utoipa::path(tag = "announcements", operation_id = "reopen_announcement",
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 200, description = "The announcement as open", body = Announcement)))]
#[post("/announcements/{id}/reopen")]
async fn reopen_announcement(
    Path(id): Path<AnnouncementId>,
    step: Step,
) -> Result<Posted<Announcement>, ApiError> {
    step.changed(move |conn, cx| steps::reopen(conn, cx, id))
        .await
}

/// Make a draft agreement of an announcement
///
/// Records an agreement in the status `draft` with what the announcement states, and with it as a
/// source, and confirms that the announcement is about it. Nothing is invented: what the announcement
/// does not state is left out. Returns the announcement, with the agreement.
#[utoipa::path(tag = "announcements", operation_id = "draft_announced_agreement", request_body = AnnouncementDraft,
    params(("id" = Uuid, Path, description = "The announcement's id")),
    responses((status = 200, description = "The announcement with the draft", body = Announcement)))]
#[post("/announcements/{id}/draft")]
async fn draft_announced_agreement(
    Path(id): Path<AnnouncementId>,
    post: Post<AnnouncementDraft>,
) -> Result<Posted<Announcement>, ApiError> {
    post.changed(move |conn, cx, new| steps::draft(conn, cx, id, new))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_announcement_matches, Access::Read)
        .route(confirm_announcement, Access::Write)
        .route(reject_announcement, Access::Write)
        .route(reopen_announcement, Access::Write)
        .route(draft_announced_agreement, Access::Write);
}
