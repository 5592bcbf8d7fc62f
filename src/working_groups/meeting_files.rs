//! Files of meetings.

use actix_web::{HttpRequest, delete, get, post};

use super::meetings::Row;
use super::types::Meeting;
use super::{meetings, store};
use crate::db::AnyConnection;
use crate::files::{RecordFile, Wanted};
use crate::http::attached::FilePost;
use crate::http::download::Download;
use crate::http::filed::{self, Erasing, HasFiles, RecordFileStated, WithFile};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Deleted, Path, Posted, Read, Remove};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MeetingId, PartId};
use crate::kernel::values::{Localized, Revision, stored_id};
use crate::ledger::{self, RequestContext};

/// A meeting for its files.
pub struct OfMeeting {
    row: Row,
    revision: Revision,
    group: store::Record,
}

impl HasFiles for OfMeeting {
    type Ids = MeetingId;
    type View = Meeting;

    fn read(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: MeetingId,
    ) -> Result<Self, ApiError> {
        let row = meetings::row(conn, cx, id)?;
        Ok(Self {
            revision: Revision::read(&row.id, row.version, row.updated_at)?,
            group: store::load(conn, cx, stored_id(&row.working_group_id)?)?,
            row,
        })
    }

    fn to_change(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: MeetingId,
    ) -> Result<Self, ApiError> {
        let meeting = Self::read(conn, cx, id)?;
        cx.caller.may_change(meeting.group.doc.municipality_id)?;
        Ok(meeting)
    }

    fn revision(&self) -> Revision {
        self.revision
    }

    fn files(&mut self) -> &mut Vec<RecordFile> {
        &mut self.row.doc.0.files
    }

    fn is_inside(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError> {
        let owner = self.group.doc.municipality_id;
        ledger::is_inside(conn, &cx.caller, &[owner], &self.row.working_group_id)
    }

    fn save(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _replaces: bool,
        reason: Option<&Localized>,
    ) -> Result<Meeting, ApiError> {
        let group_id = stored_id(&self.row.working_group_id)?;
        meetings::save(conn, cx, self.row, (group_id, &self.group.doc), reason)
    }
}

/// Add a file to a meeting
///
/// Keeps a file, such as the minutes, as the body or as the one file of a form (`multipart/form-data`), and
/// returns the updated meeting. A file is a document of its own unless it follows another one
/// (`follows`), as its new version or another edition. Kinds and editions are those of
/// `POST /agreements/{id}/documents/{document_id}/files`.
#[utoipa::path(tag = "working-groups", operation_id = "create_meeting_file",
    params(("id" = Uuid, Path, description = "The meeting's id"), RecordFileStated),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The meeting with the file", body = Meeting)))]
#[post("/meetings/{id}/files")]
async fn create_meeting_file(
    Path(id): Path<MeetingId>,
    post: FilePost<RecordFileStated>,
) -> Result<Posted<WithFile<Meeting>>, ApiError> {
    let path = format!("meetings/{id}");
    filed::create::<OfMeeting, _>(post, id, path).await
}

/// Download a file of a meeting
///
/// Returns the file if the caller may read it. Earlier files stay readable until their content is
/// erased.
#[utoipa::path(tag = "working-groups", operation_id = "download_meeting_file",
    params(("id" = Uuid, Path, description = "The meeting's id"), ("file_id" = Uuid, Path, description = "The file's id")),
    responses(Download))]
#[get("/meetings/{id}/files/{file_id}")]
async fn download_meeting_file(
    req: HttpRequest,
    Path((id, file)): Path<(MeetingId, PartId)>,
    read: Read,
) -> Result<Download, ApiError> {
    filed::download::<OfMeeting>(&req, &read.session, id, Wanted::One(file)).await
}

/// Erase the content of a file of a meeting
///
/// Like that of a document: the entry of the file stays, with the reason.
#[utoipa::path(tag = "working-groups", operation_id = "delete_meeting_file",
    params(("id" = Uuid, Path, description = "The meeting's id"), ("file_id" = Uuid, Path, description = "The file's id"), Erasing),
    responses((status = 204, description = "Content erased")))]
#[delete("/meetings/{id}/files/{file_id}")]
async fn delete_meeting_file(
    Path((id, file)): Path<(MeetingId, PartId)>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    filed::erase::<OfMeeting>(id, file, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(create_meeting_file, Access::Write)
        .route(download_meeting_file, Access::Timeless)
        .route(delete_meeting_file, Access::Write);
}
