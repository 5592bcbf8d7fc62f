//! Handlers of `/publications` and `/agreements/{id}/publications`.

use actix_web::{delete, get, patch, post};

use super::list::{ListedPublication, PublicationFilter};
use super::{Publication, PublicationContent, list};
use crate::agreements::part_handlers::{
    PartFilter, add_part, get_part, list_parts, remove_part, update_part,
};
use crate::agreements::parts::{AgreementWithPart, SinglePart};
use crate::agreements::types::Agreement;
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};

/// List the publications of an agreement
///
/// How much of the agreement is public, since when and where, and which parts are withheld on which
/// legal basis. An agreement that is withheld as a whole states that in `withholding` instead.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_publications", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of publications", body = PageBody<Publication>)))]
#[get("/agreements/{id}/publications")]
async fn list_agreement_publications(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<Publication>, ApiError> {
    list_parts::<PublicationContent>(session, id, list.page, None).await
}

/// Add a publication to an agreement
///
/// Returns the updated agreement, including the duty of disclosure that the publication fulfils.
/// Recording a publication is not a correction of the signed content. Withdrawn and voided agreements
/// accept none (`409`).
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_publication", request_body = PublicationContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the publication", body = Agreement)))]
#[post("/agreements/{id}/publications")]
async fn create_agreement_publication(
    Path(id): Path<AgreementId>,
    post: Post<PublicationContent>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    add_part(id, post).await
}

/// Read a publication of an agreement
///
/// The `ETag` has the version of the agreement: parts have none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_publication", params(("id" = Uuid, Path, description = "The agreement's id"), ("publication_id" = Uuid, Path, description = "The publication's id")),
    responses((status = 200, description = "The publication", body = Publication)))]
#[get("/agreements/{id}/publications/{publication_id}")]
async fn get_agreement_publication(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Single<SinglePart<Publication>>, ApiError> {
    get_part::<PublicationContent>(read.session, ids, None).await
}

/// Change a publication of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_publication", params(("id" = Uuid, Path, description = "The agreement's id"), ("publication_id" = Uuid, Path, description = "The publication's id")),
    request_body(content = PublicationContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/publications/{publication_id}")]
async fn update_agreement_publication(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<PublicationContent>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a publication from an agreement
///
/// For a publication entered in error. It stays in the history.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_publication", params(("id" = Uuid, Path, description = "The agreement's id"), ("publication_id" = Uuid, Path, description = "The publication's id")),
    responses((status = 204, description = "Publication removed")))]
#[delete("/agreements/{id}/publications/{publication_id}")]
async fn delete_agreement_publication(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove_part::<PublicationContent, _>(ids, remove).await
}

/// List publications
///
/// Publications of all agreements that are visible to the caller, each with its agreement and the
/// municipality that published it: what is newly published in a month, with `published_from` and
/// `published_to`. Those of withdrawn and voided agreements are left out.
#[utoipa::path(tag = "agreements", operation_id = "list_publications", params(PublicationFilter, Paging),
    responses((status = 200, description = "One page of publications", body = PageBody<ListedPublication>)))]
#[get("/publications")]
async fn list_publications(
    session: Session,
    list: List<PublicationFilter>,
) -> Result<Paged<ListedPublication>, ApiError> {
    session
        .read_shown_list(
            "publications".to_owned(),
            list,
            list::find,
            |conn, cx, _, keys| list::shown(conn, cx, keys),
        )
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .schema::<list::PublicationSort>()
        .route(list_publications, Access::Read)
        .route(list_agreement_publications, Access::Read)
        .route(create_agreement_publication, Access::Write)
        .route(get_agreement_publication, Access::Read)
        .route(update_agreement_publication, Access::Write)
        .route(delete_agreement_publication, Access::Write);
}
