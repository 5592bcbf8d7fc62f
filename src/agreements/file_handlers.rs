//! Handlers of the files of documents.

use actix_web::{HttpRequest, delete, get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::files::{self, Added, FileIds};
use super::parts::AgreementWithPart;
use super::types::Agreement;
use crate::files::{Edition, Wanted, sweep};
use crate::http::attached::FilePost;
use crate::http::download::Download;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Deleted, Path, Posted, Read, Remove, Session};
use crate::kernel::error::{ApiError, chain};
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::Localized;

/// What is stated of a new file.
#[derive(Debug, Deserialize, IntoParams)]
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

/// Query parameter with the reason for an erasure.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Erasing {
    /// Reason for the erasure, such as the personal data in the file.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "주민등록번호 포함"
    )]
    pub reason: String,
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
    mut post: FilePost<FileStated>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    let (id, document) = ids;
    let checking = post
        .session
        .read(move |conn, cx| files::may_add(conn, cx, ids));
    checking.await?;
    let name = post.query.name.take();
    let edition = post.query.edition.unwrap_or_default();
    let reason = post
        .query
        .correction_reason
        .take()
        .map(Localized::in_its_language);
    let location = move |with: &AgreementWithPart| {
        format!(
            "/api/v1/agreements/{id}/documents/{document}/files/{}",
            with.part
        )
    };
    post.created(location, move |conn, cx, file| {
        let added = Added {
            file,
            name: name.as_deref(),
            edition,
        };
        files::add(conn, cx, ids, &added, reason.as_ref())
    })
    .await
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
    download(&req, &read.session, ids, Wanted::Newest).await
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
    download(&req, &read.session, (id, document), Wanted::One(file)).await
}

async fn download(
    req: &HttpRequest,
    session: &Session,
    ids: (AgreementId, PartId),
    wanted: Wanted,
) -> Result<Download, ApiError> {
    let found = session.read(move |conn, cx| files::find(conn, cx, ids, wanted));
    let found = found.await?;
    Download::of(req, session.files.folder()?, found).await
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
    Path(ids): Path<FileIds>,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    let reason = Localized::in_its_language(remove.query.reason.clone());
    let session = remove.session.clone();
    let digest = remove
        .done(move |conn, cx, expected| files::erase(conn, cx, ids, expected, &reason))
        .await?;
    if let Some(folder) = session.files.set_folder() {
        let erased = sweep::erase(&session.db, folder, digest).await;
        // The record says that the content is erased; the next sweep removes it.
        if let Err(error) = erased {
            tracing::error!(error = chain(&error), "erased bytes stay for now");
        }
    }
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(create_agreement_document_file, Access::Write)
        .route(download_agreement_document, Access::Timeless)
        .route(download_agreement_document_file, Access::Timeless)
        .route(delete_agreement_document_file, Access::Write);
}
