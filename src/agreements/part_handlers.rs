//! Handlers of the paths below an agreement: parties, commitments and documents.

use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::files;
use super::handlers::Correcting;
use super::parts;
use super::parts::{AgreementWithPart, PartContent, SinglePart};
use super::types::{
    Agreement, Commitment, CommitmentContent, Document, DocumentContent, Party, PartyContent,
};
use crate::db::page::{Order, Page, PageBody};
use crate::http::attached::PostWithFile;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Change, Deleted, Filter, List, NoParams, Paged, Paging, Path, Post, Posted, Read, Remove,
    Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::Localized;

/// Filter of a list of parts, which is in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartFilter {}

impl Filter for PartFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// Filter of a list of commitments, which is in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommitmentFilter {
    /// Show the commitments as they were known on this day, as if it were today (valid time).
    #[param(example = "2026-06-30")]
    as_of: Option<NaiveDate>,
}

impl Filter for CommitmentFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// Query parameters of a change that can be a correction.
pub(super) trait Corrects {
    /// Returns the reason for the correction, if one was given.
    fn reason(&self) -> Option<Localized>;
}

impl Corrects for NoParams {
    fn reason(&self) -> Option<Localized> {
        None
    }
}

impl Corrects for Correcting {
    fn reason(&self) -> Option<Localized> {
        Self::reason(self)
    }
}

/// Answers with one page of the parts of a type.
pub(super) async fn list_parts<P: PartContent>(
    session: Session,
    id: AgreementId,
    page: Page,
    as_of: Option<NaiveDate>,
) -> Result<Paged<P::View>, ApiError> {
    let list = List {
        filter: as_of,
        page,
    };
    // Ids are in the order in which the parts were added.
    let part_id = |part: &P::View| P::id(part).to_string();
    session
        .read_list(list, move |conn, cx, as_of, page| {
            Ok(page.of(parts::all::<P>(conn, cx, id, *as_of)?, part_id, part_id))
        })
        .await
}

/// Answers with one part.
pub(super) async fn get_part<P: PartContent>(
    session: Session,
    ids: (AgreementId, PartId),
    as_of: Option<NaiveDate>,
) -> Result<Single<SinglePart<P::View>>, ApiError> {
    session
        .read_record(move |conn, cx| parts::get::<P>(conn, cx, ids, as_of))
        .await
}

/// Adds a part and answers with the agreement.
pub(super) async fn add_part<P: PartContent, Q: Corrects>(
    id: AgreementId,
    post: Post<P, Q>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    let reason = post.query.reason();
    let location = move |with: &AgreementWithPart| {
        format!("/api/v1/agreements/{id}/{}/{}", P::PATH, with.part)
    };
    post.created(location, move |conn, cx, content| {
        parts::add(conn, cx, id, content, reason.as_ref())
    })
    .await
}

/// Changes a part and answers with the agreement.
pub(super) async fn update_part<P: PartContent, Q: Corrects>(
    ids: (AgreementId, PartId),
    change: Change<P, Q>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = change.query.reason();
    change
        .changed(move |conn, cx, expected, patch| {
            parts::update(conn, cx, ids, expected, patch, reason.as_ref())
        })
        .await
}

/// Removes a part.
pub(super) async fn remove_part<P: PartContent, Q: Corrects>(
    ids: (AgreementId, PartId),
    remove: Remove<Q>,
) -> Result<Deleted, ApiError> {
    let reason = remove.query.reason();
    remove
        .deleted(move |conn, cx, expected| {
            parts::remove::<P>(conn, cx, ids, expected, reason.as_ref())
        })
        .await
}

/// List the parties of an agreement
///
/// A party is an organization with a role in the agreement and, if known, a signatory.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_parties", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of parties", body = PageBody<Party>)))]
#[get("/agreements/{id}/parties")]
async fn list_agreement_parties(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<Party>, ApiError> {
    list_parts::<PartyContent>(session, id, list.page, None).await
}

/// Add a party to an agreement
///
/// Returns the updated agreement. After signing, this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_party", request_body = PartyContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the party", body = Agreement)))]
#[post("/agreements/{id}/parties")]
async fn create_agreement_party(
    Path(id): Path<AgreementId>,
    post: Post<PartyContent, Correcting>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    add_part(id, post).await
}

/// Read a party of an agreement
///
/// The `ETag` has the version of the agreement: parts have none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id")),
    responses((status = 200, description = "The party", body = Party)))]
#[get("/agreements/{id}/parties/{party_id}")]
async fn get_agreement_party(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Single<SinglePart<Party>>, ApiError> {
    get_part::<PartyContent>(read.session, ids, None).await
}

/// Change a party of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    request_body(content = PartyContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/parties/{party_id}")]
async fn update_agreement_party(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<PartyContent, Correcting>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a party from an agreement
///
/// For a party entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    responses((status = 204, description = "Party removed")))]
#[delete("/agreements/{id}/parties/{party_id}")]
async fn delete_agreement_party(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove<Correcting>,
) -> Result<Deleted, ApiError> {
    remove_part::<PartyContent, _>(ids, remove).await
}

/// List the commitments of an agreement
///
/// A commitment is a single promise; its due date and the parties that owe it can be unknown. Its
/// status is derived from the reports on it, as of today or of the day in `as_of`.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_commitments", params(("id" = Uuid, Path, description = "The agreement's id"), CommitmentFilter, Paging),
    responses((status = 200, description = "One page of commitments", body = PageBody<Commitment>)))]
#[get("/agreements/{id}/commitments")]
async fn list_agreement_commitments(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<CommitmentFilter>,
) -> Result<Paged<Commitment>, ApiError> {
    list_parts::<CommitmentContent>(session, id, list.page, list.filter.as_of).await
}

/// Add a commitment to an agreement
///
/// Returns the updated agreement. After signing, this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_commitment", request_body = CommitmentContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the commitment", body = Agreement)))]
#[post("/agreements/{id}/commitments")]
async fn create_agreement_commitment(
    Path(id): Path<AgreementId>,
    post: Post<CommitmentContent, Correcting>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    add_part(id, post).await
}

/// Read a commitment of an agreement
///
/// As of today, or of the day in `as_of`. The `ETag` has the version of the agreement: parts have
/// none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), AsOf),
    responses((status = 200, description = "The commitment", body = Commitment)))]
#[get("/agreements/{id}/commitments/{commitment_id}")]
async fn get_agreement_commitment(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read<AsOf>,
) -> Result<Single<SinglePart<Commitment>>, ApiError> {
    get_part::<CommitmentContent>(read.session, ids, read.query.as_of).await
}

/// Change a commitment of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    request_body(content = CommitmentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/commitments/{commitment_id}")]
async fn update_agreement_commitment(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<CommitmentContent, Correcting>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a commitment from an agreement
///
/// For a commitment entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    responses((status = 204, description = "Commitment removed")))]
#[delete("/agreements/{id}/commitments/{commitment_id}")]
async fn delete_agreement_commitment(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove<Correcting>,
) -> Result<Deleted, ApiError> {
    remove_part::<CommitmentContent, _>(ids, remove).await
}

/// List the documents of an agreement
///
/// The registry records where a document is kept, and keeps its files if they are added.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_documents", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of documents", body = PageBody<Document>)))]
#[get("/agreements/{id}/documents")]
async fn list_agreement_documents(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<Document>, ApiError> {
    list_parts::<DocumentContent>(session, id, list.page, None).await
}

/// Add a document to an agreement
///
/// Returns the updated agreement. The file can come with the document, in a form
/// (`multipart/form-data`) with the JSON in the field `document` and the file in `file`; see
/// `POST /agreements/{id}/documents/{document_id}/files`, which adds further ones.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_document",
    request_body = DocumentContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the document", body = Agreement)))]
#[post("/agreements/{id}/documents")]
async fn create_agreement_document(
    Path(id): Path<AgreementId>,
    sent: PostWithFile<DocumentContent>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    let Some(file) = sent.file else {
        return add_part(id, sent.post).await;
    };
    let location =
        move |with: &AgreementWithPart| format!("/api/v1/agreements/{id}/documents/{}", with.part);
    let session = sent.post.session.clone();
    // Nobody has a file kept who may not add the document.
    let checking = session.read(move |conn, cx| files::check_addition(conn, cx, id));
    checking.await?;
    let new = file.clone();
    let work =
        move |conn: &mut _, cx: &_, content: &_| files::add_document(conn, cx, id, content, &new);
    let created = sent.post.created(location, work);
    file.kept_by(&session, created).await
}

/// Read a document of an agreement
///
/// The `ETag` has the version of the agreement: parts have none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses((status = 200, description = "The document", body = Document)))]
#[get("/agreements/{id}/documents/{document_id}")]
async fn get_agreement_document(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Single<SinglePart<Document>>, ApiError> {
    get_part::<DocumentContent>(read.session, ids, None).await
}

/// Change a document of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement. After signing, replacing what is
/// stated of the document is a correction and needs a reason; stating more is not.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id"), Correcting),
    request_body(content = DocumentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/documents/{document_id}")]
async fn update_agreement_document(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<DocumentContent, Correcting>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a document from an agreement
///
/// For a document entered in error. After signing, this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id"), Correcting),
    responses((status = 204, description = "Document removed")))]
#[delete("/agreements/{id}/documents/{document_id}")]
async fn delete_agreement_document(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove<Correcting>,
) -> Result<Deleted, ApiError> {
    remove_part::<DocumentContent, _>(ids, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_agreement_parties, Access::Read)
        .route(create_agreement_party, Access::Write)
        .route(get_agreement_party, Access::Read)
        .route(update_agreement_party, Access::Write)
        .route(delete_agreement_party, Access::Write)
        .route(list_agreement_commitments, Access::Read)
        .route(create_agreement_commitment, Access::Write)
        .route(get_agreement_commitment, Access::Read)
        .route(update_agreement_commitment, Access::Write)
        .route(delete_agreement_commitment, Access::Write)
        .route(list_agreement_documents, Access::Read)
        .route(create_agreement_document, Access::Write)
        .route(get_agreement_document, Access::Read)
        .route(update_agreement_document, Access::Write)
        .route(delete_agreement_document, Access::Write);
}
