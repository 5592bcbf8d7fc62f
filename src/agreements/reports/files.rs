//! Files of reports.

use actix_web::{HttpRequest, delete, get, post};

use super::acts::{may_amend, save};
use super::types::CommitmentReport;
use super::views::position;
use crate::agreements::files::is_inside;
use crate::agreements::read::{self, Stored};
use crate::db::AnyConnection;
use crate::files::{RecordFile, Wanted};
use crate::http::attached::FilePost;
use crate::http::download::Download;
use crate::http::filed::{self, Erasing, HasFiles, RecordFileStated, WithFile};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Deleted, Path, Posted, Read, Remove};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::kernel::values::{Localized, Revision};
use crate::ledger::RequestContext;

/// Ids in the path of a file: those of the report, the file.
type FileIds = (AgreementId, PartId, ReportId, PartId);

/// A report for its files.
pub struct OfReport {
    stored: Stored,
    place: usize,
}

impl HasFiles for OfReport {
    type Ids = (AgreementId, PartId, ReportId);
    type View = CommitmentReport;

    fn read(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        (id, commitment, report): Self::Ids,
    ) -> Result<Self, ApiError> {
        let stored = read::load(conn, cx, id)?;
        let place = position(&stored, commitment, report)?;
        Ok(Self { stored, place })
    }

    fn to_change(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: Self::Ids,
    ) -> Result<Self, ApiError> {
        let report = Self::read(conn, cx, ids)?;
        may_amend(conn, cx, &report.stored, report.place)?;
        Ok(report)
    }

    fn revision(&self) -> Revision {
        self.stored.reports.all[self.place].meta.revision()
    }

    fn files(&mut self) -> &mut Vec<RecordFile> {
        &mut self.stored.reports.all[self.place].doc.files
    }

    fn is_inside(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError> {
        is_inside(conn, cx, &self.stored)
    }

    fn save(
        mut self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _replaces: bool,
        reason: Option<&Localized>,
    ) -> Result<CommitmentReport, ApiError> {
        save(conn, cx, &mut self.stored, self.place, reason)
    }
}

/// Add a file to a report
///
/// Keeps a file, such as the evidence, as the body or as the one file of a form (`multipart/form-data`), and
/// returns the updated report. A file is a document of its own unless it follows another one
/// (`follows`), as its new version or another edition. Kinds and editions are those of
/// `POST /agreements/{id}/documents/{document_id}/files`.
#[utoipa::path(tag = "agreements", operation_id = "create_report_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id"), RecordFileStated),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The report with the file", body = CommitmentReport)))]
#[post("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files")]
async fn create_report_file(
    Path(ids): Path<(AgreementId, PartId, ReportId)>,
    post: FilePost<RecordFileStated>,
) -> Result<Posted<WithFile<CommitmentReport>>, ApiError> {
    let path = {
        let (agreement, commitment, report) = ids;
        format!("agreements/{agreement}/commitments/{commitment}/reports/{report}")
    };
    filed::create::<OfReport, _>(post, ids, path).await
}

/// Download a file of a report
///
/// Returns the file if the caller may read it. Earlier files stay readable until their content is
/// erased.
#[utoipa::path(tag = "agreements", operation_id = "download_report_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id"), ("file_id" = Uuid, Path, description = "The file's id")),
    responses(Download))]
#[get("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files/{file_id}")]
async fn download_report_file(
    req: HttpRequest,
    Path((id, commitment, report, file)): Path<FileIds>,
    read: Read,
) -> Result<Download, ApiError> {
    filed::download::<OfReport>(
        &req,
        &read.session,
        (id, commitment, report),
        Wanted::One(file),
    )
    .await
}

/// Erase the content of a file of a report
///
/// Like that of a document: the entry of the file stays, with the reason.
#[utoipa::path(tag = "agreements", operation_id = "delete_report_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), ("report_id" = Uuid, Path, description = "The report's id"), ("file_id" = Uuid, Path, description = "The file's id"), Erasing),
    responses((status = 204, description = "Content erased")))]
#[delete("/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/files/{file_id}")]
async fn delete_report_file(
    Path((id, commitment, report, file)): Path<FileIds>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    filed::erase::<OfReport>((id, commitment, report), file, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(create_report_file, Access::Report)
        .route(download_report_file, Access::Timeless)
        .route(delete_report_file, Access::Report);
}
