//! Handlers of the files of documents and council actions.

use actix_web::{HttpRequest, delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::files::{OfCouncilAction, OfDocument};
use super::types::Agreement;
use crate::files::{Edition, Wanted};
use crate::http::attached::FilePost;
use crate::http::download::Download;
use crate::http::filed::{self, Erasing, Stated, WithFile};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Deleted, Path, Posted, Read, Remove};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::Localized;

/// Ids in the path of a file: the agreement, the document or council action, the file.
type FileIds = (AgreementId, PartId, PartId);

/// What is stated of a new file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileStated {
    /// Name under which the file is saved. Defaults to that in the form.
    #[param(min_length = 1, max_length = 150, example = "업무협약서.pdf")]
    pub name: Option<String>,
    /// Which edition of the document the file is. Defaults to the whole document.
    pub edition: Option<Edition>,
    /// Reason for the change. Required after signing if the file follows another one, which is a
    /// correction.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "오기 정정"
    )]
    pub correction_reason: Option<String>,
}

impl From<FileStated> for Stated {
    fn from(stated: FileStated) -> Self {
        Self {
            name: stated.name,
            edition: stated.edition.unwrap_or_default(),
            follows: None,
            reason: stated.correction_reason.map(Localized::in_its_language),
        }
    }
}

/// Add a file to a document
///
/// Keeps a file, as the body or as the one file of a form (`multipart/form-data`), and returns the
/// updated agreement. Accepted are PDF, HWP, HWPX, DOCX, XLSX, PNG, JPEG, GIF, WebP and TIFF, told by
/// the content. A file of a document that has one follows it: the earlier ones stay. After signing,
/// this is a correction and needs a reason. A redacted copy (`edition=redacted`) stands beside the
/// whole document, which only the staff and the parties read from then on.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_document_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id"), FileStated),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The agreement with the file", body = Agreement)))]
#[post("/agreements/{id}/documents/{document_id}/files")]
async fn create_agreement_document_file(
    Path(ids): Path<(AgreementId, PartId)>,
    post: FilePost<FileStated>,
) -> Result<Posted<WithFile<Agreement>>, ApiError> {
    let path = format!("agreements/{}/documents/{}", ids.0, ids.1);
    filed::create::<OfDocument, _>(post, ids, path).await
}

/// Download the file of a document
///
/// Returns the newest file that the caller may read: of the whole document for the staff and the
/// parties, and for others of the redacted copy, if there is one. The content is compared with its
/// SHA-256 before it is sent. Parts can be requested (`Range`).
#[utoipa::path(tag = "agreements", operation_id = "download_agreement_document",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses(Download))]
#[get("/agreements/{id}/documents/{document_id}/file")]
async fn download_agreement_document(
    req: HttpRequest,
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Download, ApiError> {
    filed::download::<OfDocument>(&req, &read.session, ids, Wanted::Newest).await
}

/// Download one of the files of a document
///
/// Returns the file if the caller may read it. Earlier files stay readable until their content is
/// erased.
#[utoipa::path(tag = "agreements", operation_id = "download_agreement_document_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id"), ("file_id" = Uuid, Path, description = "The file's id")),
    responses(Download))]
#[get("/agreements/{id}/documents/{document_id}/files/{file_id}")]
async fn download_agreement_document_file(
    req: HttpRequest,
    Path((id, document, file)): Path<FileIds>,
    read: Read,
) -> Result<Download, ApiError> {
    let wanted = Wanted::One(file);
    filed::download::<OfDocument>(&req, &read.session, (id, document), wanted).await
}

/// Erase the content of a file
///
/// For a file with personal data, or one that must not be kept. The content is removed from the disk
/// unless another record has the same; the entry of the file stays, with the reason, and is part of
/// the history. Backups that were made before still have the content.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_document_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id"), ("file_id" = Uuid, Path, description = "The file's id"), Erasing),
    responses((status = 204, description = "Content erased")))]
#[delete("/agreements/{id}/documents/{document_id}/files/{file_id}")]
async fn delete_agreement_document_file(
    Path((id, document, file)): Path<FileIds>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    filed::erase::<OfDocument>((id, document), file, remove).await
}

/// Add a file to a council action
///
/// Keeps a file, such as the bill or the minutes, as the body or as the one file of a form
/// (`multipart/form-data`), and returns the updated agreement. The files of an action are one
/// document: a further one follows the earlier ones, which after signing needs a reason. Kinds and
/// editions are those of `POST /agreements/{id}/documents/{document_id}/files`.
#[utoipa::path(tag = "agreements", operation_id = "create_council_action_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id"), FileStated),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The agreement with the file", body = Agreement)))]
#[post("/agreements/{id}/council-actions/{action_id}/files")]
async fn create_council_action_file(
    Path(ids): Path<(AgreementId, PartId)>,
    post: FilePost<FileStated>,
) -> Result<Posted<WithFile<Agreement>>, ApiError> {
    let path = format!("agreements/{}/council-actions/{}", ids.0, ids.1);
    filed::create::<OfCouncilAction, _>(post, ids, path).await
}

/// Download a file of a council action
///
/// Returns the file if the caller may read it. Earlier files stay readable until their content is
/// erased.
#[utoipa::path(tag = "agreements", operation_id = "download_council_action_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id"), ("file_id" = Uuid, Path, description = "The file's id")),
    responses(Download))]
#[get("/agreements/{id}/council-actions/{action_id}/files/{file_id}")]
async fn download_council_action_file(
    req: HttpRequest,
    Path((id, action, file)): Path<FileIds>,
    read: Read,
) -> Result<Download, ApiError> {
    let wanted = Wanted::One(file);
    filed::download::<OfCouncilAction>(&req, &read.session, (id, action), wanted).await
}

/// Erase the content of a file of a council action
///
/// Like that of a document: the entry of the file stays, with the reason.
#[utoipa::path(tag = "agreements", operation_id = "delete_council_action_file",
    params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id"), ("file_id" = Uuid, Path, description = "The file's id"), Erasing),
    responses((status = 204, description = "Content erased")))]
#[delete("/agreements/{id}/council-actions/{action_id}/files/{file_id}")]
async fn delete_council_action_file(
    Path((id, action, file)): Path<FileIds>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    filed::erase::<OfCouncilAction>((id, action), file, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(create_agreement_document_file, Access::Write)
        .route(download_agreement_document, Access::Timeless)
        .route(download_agreement_document_file, Access::Timeless)
        .route(delete_agreement_document_file, Access::Write)
        .route(create_council_action_file, Access::Write)
        .route(download_council_action_file, Access::Timeless)
        .route(delete_council_action_file, Access::Write);
}
