//! Files of milestones.

use actix_web::{HttpRequest, delete, get, post};

use super::store::{self, Record};
use super::types::Milestone;
use crate::db::AnyConnection;
use crate::files::{RecordFile, Wanted};
use crate::http::attached::FilePost;
use crate::http::download::Download;
use crate::http::filed::{self, Erasing, HasFiles, RecordFileStated, WithFile};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Deleted, Path, Posted, Read, Remove};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, PartId};
use crate::kernel::values::{Localized, Revision};
use crate::ledger::{self, RequestContext};

/// A milestone for its files.
pub struct OfMilestone(Record);

impl HasFiles for OfMilestone {
    type Ids = MilestoneId;
    type View = Milestone;

    fn read(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: MilestoneId,
    ) -> Result<Self, ApiError> {
        store::load(conn, cx, id).map(Self)
    }

    fn to_change(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: MilestoneId,
    ) -> Result<Self, ApiError> {
        store::load_to_change(conn, cx, id).map(Self)
    }

    fn revision(&self) -> Revision {
        self.0.meta.revision()
    }

    fn files(&mut self) -> &mut Vec<RecordFile> {
        &mut self.0.doc.files
    }

    fn is_inside(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError> {
        let (owner, project) = (self.0.doc.municipality_id, self.0.project.id.to_string());
        ledger::is_inside(conn, &cx.caller, &[owner], &project)
    }

    fn save(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _replaces: bool,
        reason: Option<&Localized>,
    ) -> Result<Milestone, ApiError> {
        store::save(conn, cx, &self.0, reason)
    }
}

/// Add a file to a milestone
///
/// Keeps a file, such as the notice of an approval, as the body or as the one file of a form (`multipart/form-data`), and
/// returns the updated milestone. A file is a document of its own unless it follows another one
/// (`follows`), as its new version or another edition. Kinds and editions are those of
/// `POST /agreements/{id}/documents/{document_id}/files`.
#[utoipa::path(tag = "milestones", operation_id = "create_milestone_file",
    params(("id" = Uuid, Path, description = "The milestone's id"), RecordFileStated),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The milestone with the file", body = Milestone)))]
#[post("/milestones/{id}/files")]
async fn create_milestone_file(
    Path(id): Path<MilestoneId>,
    post: FilePost<RecordFileStated>,
) -> Result<Posted<WithFile<Milestone>>, ApiError> {
    let path = format!("milestones/{id}");
    filed::create::<OfMilestone, _>(post, id, path).await
}

/// Download a file of a milestone
///
/// Returns the file if the caller may read it. Earlier files stay readable until their content is
/// erased.
#[utoipa::path(tag = "milestones", operation_id = "download_milestone_file",
    params(("id" = Uuid, Path, description = "The milestone's id"), ("file_id" = Uuid, Path, description = "The file's id")),
    responses(Download))]
#[get("/milestones/{id}/files/{file_id}")]
async fn download_milestone_file(
    req: HttpRequest,
    Path((id, file)): Path<(MilestoneId, PartId)>,
    read: Read,
) -> Result<Download, ApiError> {
    filed::download::<OfMilestone>(&req, &read.session, id, Wanted::One(file)).await
}

/// Erase the content of a file of a milestone
///
/// Like that of a document: the entry of the file stays, with the reason.
#[utoipa::path(tag = "milestones", operation_id = "delete_milestone_file",
    params(("id" = Uuid, Path, description = "The milestone's id"), ("file_id" = Uuid, Path, description = "The file's id"), Erasing),
    responses((status = 204, description = "Content erased")))]
#[delete("/milestones/{id}/files/{file_id}")]
async fn delete_milestone_file(
    Path((id, file)): Path<(MilestoneId, PartId)>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    filed::erase::<OfMilestone>(id, file, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(create_milestone_file, Access::Write)
        .route(download_milestone_file, Access::Timeless)
        .route(delete_milestone_file, Access::Write);
}
