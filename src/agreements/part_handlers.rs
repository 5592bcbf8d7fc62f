//! Handlers of the paths below an agreement: parties, commitments and documents.

use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::Correcting;
use super::parts;
use super::parts::{One, WithPart};
use super::types::{
    Agreement, Commitment, CommitmentContent, Document, DocumentContent, Party, PartyContent,
};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Body, Deleted, Filter, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Path, Posted, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};

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
    let all = session
        .read_logged(move |conn, cx| parts::all::<PartyContent>(conn, cx, id, None))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |part| part.id.to_string(), |part| part.id.to_string())
    })))
}

/// Add a party to an agreement
///
/// Returns the updated agreement. After signing, this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_party", request_body = PartyContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the party", body = Agreement)))]
#[post("/agreements/{id}/parties")]
async fn create_agreement_party(
    session: Session,
    Path(id): Path<AgreementId>,
    keyed: Keyed,
    query: Params<Correcting>,
    body: Body<PartyContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let reason = query.0.reason();
    let Body { value, digest } = body;
    let location = move |with: &WithPart| format!("/api/v1/agreements/{id}/parties/{}", with.part);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        parts::add(conn, cx, id, value.clone(), reason.as_ref())
    })
    .await
}

/// Read a party of an agreement
///
/// The `ETag` is that of the agreement: parts have no version of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id")),
    responses((status = 200, description = "The party", body = Party)))]
#[get("/agreements/{id}/parties/{party_id}")]
async fn get_agreement_party(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    _: Params<NoParams>,
) -> Result<Single<One<Party>>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<PartyContent>(conn, cx, ids, None))
            .await?,
    ))
}

/// Change a party of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    request_body(content = PartyContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/parties/{party_id}")]
async fn update_agreement_party(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    query: Params<Correcting>,
    patch: Patch<PartyContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = query.0.reason();
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a party from an agreement
///
/// For a party entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    responses((status = 204, description = "Party removed")))]
#[delete("/agreements/{id}/parties/{party_id}")]
async fn delete_agreement_party(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    query: Params<Correcting>,
) -> Result<Deleted, ApiError> {
    let reason = query.0.reason();
    session
        .write(move |conn, cx| {
            parts::remove::<PartyContent>(conn, cx, ids, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
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
    let as_of = list.filter.as_of;
    let all = session
        .read_logged(move |conn, cx| parts::all::<CommitmentContent>(conn, cx, id, as_of))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |part| part.id.to_string(), |part| part.id.to_string())
    })))
}

/// Add a commitment to an agreement
///
/// Returns the updated agreement. After signing, this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_commitment", request_body = CommitmentContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the commitment", body = Agreement)))]
#[post("/agreements/{id}/commitments")]
async fn create_agreement_commitment(
    session: Session,
    Path(id): Path<AgreementId>,
    keyed: Keyed,
    query: Params<Correcting>,
    body: Body<CommitmentContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let reason = query.0.reason();
    let Body { value, digest } = body;
    let location =
        move |with: &WithPart| format!("/api/v1/agreements/{id}/commitments/{}", with.part);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        parts::add(conn, cx, id, value.clone(), reason.as_ref())
    })
    .await
}

/// Read a commitment of an agreement
///
/// As of today, or of the day in `as_of`. The `ETag` is that of the agreement: parts have no
/// version of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), AsOf),
    responses((status = 200, description = "The commitment", body = Commitment)))]
#[get("/agreements/{id}/commitments/{commitment_id}")]
async fn get_agreement_commitment(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    query: Params<AsOf>,
) -> Result<Single<One<Commitment>>, ApiError> {
    let as_of = query.0.as_of;
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<CommitmentContent>(conn, cx, ids, as_of))
            .await?,
    ))
}

/// Change a commitment of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    request_body(content = CommitmentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/commitments/{commitment_id}")]
async fn update_agreement_commitment(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    query: Params<Correcting>,
    patch: Patch<CommitmentContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = query.0.reason();
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a commitment from an agreement
///
/// For a commitment entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    responses((status = 204, description = "Commitment removed")))]
#[delete("/agreements/{id}/commitments/{commitment_id}")]
async fn delete_agreement_commitment(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    query: Params<Correcting>,
) -> Result<Deleted, ApiError> {
    let reason = query.0.reason();
    session
        .write(move |conn, cx| {
            parts::remove::<CommitmentContent>(conn, cx, ids, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
}

/// List the documents of an agreement
///
/// Documents are kept outside the registry, which records their addresses and the dates from which
/// they are disclosed there.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_documents", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of documents", body = PageBody<Document>)))]
#[get("/agreements/{id}/documents")]
async fn list_agreement_documents(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<Document>, ApiError> {
    let all = session
        .read_logged(move |conn, cx| parts::all::<DocumentContent>(conn, cx, id, None))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |part| part.id.to_string(), |part| part.id.to_string())
    })))
}

/// Add a document to an agreement
///
/// Returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_document", request_body = DocumentContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the document", body = Agreement)))]
#[post("/agreements/{id}/documents")]
async fn create_agreement_document(
    session: Session,
    Path(id): Path<AgreementId>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<DocumentContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let reason = None::<crate::kernel::values::Localized>;
    let Body { value, digest } = body;
    let location =
        move |with: &WithPart| format!("/api/v1/agreements/{id}/documents/{}", with.part);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        parts::add(conn, cx, id, value.clone(), reason.as_ref())
    })
    .await
}

/// Read a document of an agreement
///
/// The `ETag` is that of the agreement: parts have no version of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses((status = 200, description = "The document", body = Document)))]
#[get("/agreements/{id}/documents/{document_id}")]
async fn get_agreement_document(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    _: Params<NoParams>,
) -> Result<Single<One<Document>>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<DocumentContent>(conn, cx, ids, None))
            .await?,
    ))
}

/// Change a document of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    request_body(content = DocumentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/documents/{document_id}")]
async fn update_agreement_document(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<DocumentContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = None::<crate::kernel::values::Localized>;
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a document from an agreement
///
/// For a document entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses((status = 204, description = "Document removed")))]
#[delete("/agreements/{id}/documents/{document_id}")]
async fn delete_agreement_document(
    session: Session,
    Path(ids): Path<(AgreementId, PartId)>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let reason = None::<crate::kernel::values::Localized>;
    session
        .write(move |conn, cx| {
            parts::remove::<DocumentContent>(conn, cx, ids, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
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
