//! The paths below an agreement: its parties, commitments and documents.

use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::{AsOf, Correcting};
use super::parts::{self, One, WithPart};
use super::types::{
    Agreement, Commitment, CommitmentContent, Document, DocumentContent, Party, PartyContent,
};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, Ids, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Posted, Single,
};

/// All parts of an agreement, in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PartFilter {}

impl Filter for PartFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// All commitments of an agreement, in the order in which they were added.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommitmentFilter {
    /// Answer with how they stood on this day, as if it were today.
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
/// A party is an organization with a role in the agreement and perhaps a signatory.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_parties", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of parties", body = PageBody<Party>)))]
#[get("/agreements/{id}/parties")]
async fn list_agreement_parties(
    session: Session,
    id: Id,
    list: List<PartFilter>,
) -> Result<Paged<Party>, ApiError> {
    let [id] = id.0;
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
/// The answer is the agreement as it now is. Once it is signed this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_party", request_body = PartyContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the party", body = Agreement)))]
#[post("/agreements/{id}/parties")]
async fn create_agreement_party(
    session: Session,
    id: Id,
    keyed: Keyed,
    query: Params<Correcting>,
    body: Body<PartyContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let ([id], reason) = (id.0, query.0.reason());
    let Body { value, digest } = body;
    let location = move |with: &WithPart| format!("/api/v1/agreements/{id}/parties/{}", with.part);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        parts::add(conn, cx, id, value.clone(), reason.as_ref())
    })
    .await
}

/// Read a party of an agreement
///
/// Its `ETag` is the agreement's: a part has no version of its own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id")),
    responses((status = 200, description = "The party", body = Party)))]
#[get("/agreements/{id}/parties/{party_id}")]
async fn get_agreement_party(
    session: Session,
    ids: Ids<2>,
    _: Params<NoParams>,
) -> Result<Single<One<Party>>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<PartyContent>(conn, cx, ids.0, None))
            .await?,
    ))
}

/// Change a party of an agreement
///
/// By a merge patch (RFC 7396). The answer is the agreement as it now is.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    request_body(content = PartyContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/parties/{party_id}")]
async fn update_agreement_party(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    query: Params<Correcting>,
    patch: Patch<PartyContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = query.0.reason();
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids.0, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a party from an agreement
///
/// One that was entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_party", params(("id" = Uuid, Path, description = "The agreement's id"), ("party_id" = Uuid, Path, description = "The party's id"), Correcting),
    responses((status = 204, description = "It is removed")))]
#[delete("/agreements/{id}/parties/{party_id}")]
async fn delete_agreement_party(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    query: Params<Correcting>,
) -> Result<Deleted, ApiError> {
    let reason = query.0.reason();
    session
        .write(move |conn, cx| {
            parts::remove::<PartyContent>(conn, cx, ids.0, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
}

/// List the commitments of an agreement
///
/// A commitment is one thing promised; who owes it and by when may be unknown. How it stands follows
/// from the reports on it, today or on the day of `as_of`.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_commitments", params(("id" = Uuid, Path, description = "The agreement's id"), CommitmentFilter, Paging),
    responses((status = 200, description = "One page of commitments", body = PageBody<Commitment>)))]
#[get("/agreements/{id}/commitments")]
async fn list_agreement_commitments(
    session: Session,
    id: Id,
    list: List<CommitmentFilter>,
) -> Result<Paged<Commitment>, ApiError> {
    let ([id], as_of) = (id.0, list.filter.as_of);
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
/// The answer is the agreement as it now is. Once it is signed this is a correction and needs a reason.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_commitment", request_body = CommitmentContent, params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    responses((status = 201, description = "The agreement with the commitment", body = Agreement)))]
#[post("/agreements/{id}/commitments")]
async fn create_agreement_commitment(
    session: Session,
    id: Id,
    keyed: Keyed,
    query: Params<Correcting>,
    body: Body<CommitmentContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let ([id], reason) = (id.0, query.0.reason());
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
/// As it stands today, or stood on the day of `as_of`. Its `ETag` is the agreement's: a part has no
/// version of its own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), AsOf),
    responses((status = 200, description = "The commitment", body = Commitment)))]
#[get("/agreements/{id}/commitments/{commitment_id}")]
async fn get_agreement_commitment(
    session: Session,
    ids: Ids<2>,
    query: Params<AsOf>,
) -> Result<Single<One<Commitment>>, ApiError> {
    let as_of = query.0.as_of;
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<CommitmentContent>(conn, cx, ids.0, as_of))
            .await?,
    ))
}

/// Change a commitment of an agreement
///
/// By a merge patch (RFC 7396). The answer is the agreement as it now is.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    request_body(content = CommitmentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/commitments/{commitment_id}")]
async fn update_agreement_commitment(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    query: Params<Correcting>,
    patch: Patch<CommitmentContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = query.0.reason();
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids.0, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a commitment from an agreement
///
/// One that was entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_commitment", params(("id" = Uuid, Path, description = "The agreement's id"), ("commitment_id" = Uuid, Path, description = "The commitment's id"), Correcting),
    responses((status = 204, description = "It is removed")))]
#[delete("/agreements/{id}/commitments/{commitment_id}")]
async fn delete_agreement_commitment(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    query: Params<Correcting>,
) -> Result<Deleted, ApiError> {
    let reason = query.0.reason();
    session
        .write(move |conn, cx| {
            parts::remove::<CommitmentContent>(conn, cx, ids.0, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
}

/// List the documents of an agreement
///
/// A document is kept elsewhere; its address is recorded, and since when it is disclosed there.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_documents", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of documents", body = PageBody<Document>)))]
#[get("/agreements/{id}/documents")]
async fn list_agreement_documents(
    session: Session,
    id: Id,
    list: List<PartFilter>,
) -> Result<Paged<Document>, ApiError> {
    let [id] = id.0;
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
/// The answer is the agreement as it now is.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_document", request_body = DocumentContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the document", body = Agreement)))]
#[post("/agreements/{id}/documents")]
async fn create_agreement_document(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<DocumentContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let ([id], reason) = (id.0, None::<crate::values::Localized>);
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
/// Its `ETag` is the agreement's: a part has no version of its own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses((status = 200, description = "The document", body = Document)))]
#[get("/agreements/{id}/documents/{document_id}")]
async fn get_agreement_document(
    session: Session,
    ids: Ids<2>,
    _: Params<NoParams>,
) -> Result<Single<One<Document>>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<DocumentContent>(conn, cx, ids.0, None))
            .await?,
    ))
}

/// Change a document of an agreement
///
/// By a merge patch (RFC 7396). The answer is the agreement as it now is.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    request_body(content = DocumentContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/documents/{document_id}")]
async fn update_agreement_document(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<DocumentContent>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = None::<crate::values::Localized>;
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids.0, &expected, &patch, reason.as_ref()))
        .await?;
    Ok(Single(changed))
}

/// Remove a document from an agreement
///
/// One that was entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_document", params(("id" = Uuid, Path, description = "The agreement's id"), ("document_id" = Uuid, Path, description = "The document's id")),
    responses((status = 204, description = "It is removed")))]
#[delete("/agreements/{id}/documents/{document_id}")]
async fn delete_agreement_document(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let reason = None::<crate::values::Localized>;
    session
        .write(move |conn, cx| {
            parts::remove::<DocumentContent>(conn, cx, ids.0, &expected, reason.as_ref())
        })
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_agreement_parties)
        .service(create_agreement_party)
        .service(get_agreement_party)
        .service(update_agreement_party)
        .service(delete_agreement_party)
        .service(list_agreement_commitments)
        .service(create_agreement_commitment)
        .service(get_agreement_commitment)
        .service(update_agreement_commitment)
        .service(delete_agreement_commitment)
        .service(list_agreement_documents)
        .service(create_agreement_document)
        .service(get_agreement_document)
        .service(update_agreement_document)
        .service(delete_agreement_document);
}
