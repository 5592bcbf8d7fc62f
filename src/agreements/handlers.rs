//! Handlers of `/agreements`.

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::gaps::AgreementGap;
use super::list::AgreementFilter;
use super::step_days::TransitionContent;
use super::summary::AgreementSummary;
use super::types::{Agreement, AgreementContent, AgreementCreate, TransitionCreate};
use super::{list, read, step_days, steps, store, summary};
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Change, Deleted, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::Localized;

/// Query parameter with the reason for a correction.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Correcting {
    /// Reason for the change. Required after signing, when the change is a correction.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "오기 정정"
    )]
    pub correction_reason: Option<String>,
}

impl Correcting {
    /// Returns the reason with its language.
    pub fn reason(&self) -> Option<Localized> {
        self.correction_reason
            .clone()
            .map(Localized::in_its_language)
    }
}

/// List agreements
///
/// Newest first, with the names of parties and projects, the fulfilment of the commitments and the
/// freshness of the information. Whether an agreement is in force, expiring or expired is derived
/// from its dates and the day, which is today or that of `as_of`.
#[utoipa::path(tag = "agreements", operation_id = "list_agreements", params(AgreementFilter, Paging),
    responses((status = 200, description = "One page of agreements", body = PageBody<AgreementSummary>)))]
#[get("/agreements")]
async fn list_agreements(
    session: Session,
    list: List<AgreementFilter>,
) -> Result<Paged<AgreementSummary>, ApiError> {
    let view = format!("agreements {:?}", list.filter.as_of);
    session
        .read_shown_list(view, list, list::find, |conn, cx, filter, keys| {
            summary::shown_rows(conn, cx, keys, filter.as_of)
        })
        .await
}

/// Record an agreement
///
/// Records parties, commitments, statements, documents and sources with the agreement, in one
/// transaction. An agreement that was signed long ago is recorded in its present status. Leave out
/// what is unknown: it is listed in `gaps`, and in `warnings` if the policy of the day of signing
/// required it. An agreement signed today is refused under the same conditions as the transition to
/// `signed`.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement", request_body = AgreementCreate,
    responses((status = 201, description = "The agreement as recorded", body = Agreement)))]
#[post("/agreements")]
async fn create_agreement(post: Post<AgreementCreate>) -> Result<Posted<Agreement>, ApiError> {
    let location = |a: &Agreement| format!("/api/v1/agreements/{}", a.meta.id);
    post.created(location, super::create).await
}

/// Read an agreement
///
/// As of today, or of the day in `as_of`.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement",
    params(("id" = Uuid, Path, description = "The agreement's id"), AsOf),
    responses((status = 200, description = "The agreement", body = Agreement)))]
#[get("/agreements/{id}")]
async fn get_agreement(
    Path(id): Path<AgreementId>,
    read: Read<AsOf>,
) -> Result<Single<Agreement>, ApiError> {
    let as_of = read.query.as_of;
    read.session
        .read_shown_record(
            format!("agreement {as_of:?}"),
            id.to_string(),
            move |conn, cx| read::get_shown(conn, cx, id, as_of),
        )
        .await
}

/// Change an agreement
///
/// Accepts a merge patch (RFC 7396). After signing, the change is a correction and needs a reason;
/// an amendment is a new agreement that supersedes this one. Parties, commitments, documents and
/// the status have their own paths.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement",
    params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    request_body(content = AgreementContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}")]
async fn update_agreement(
    Path(id): Path<AgreementId>,
    change: Change<AgreementContent, Correcting>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = change.query.reason();
    change
        .changed(move |conn, cx, expected, patch| {
            store::update(conn, cx, id, expected, patch, reason.as_ref())
        })
        .await
}

/// Delete an agreement
///
/// Only if it was never signed. Void a signed agreement that was entered in error.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement", params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 204, description = "Agreement deleted")))]
#[delete("/agreements/{id}")]
async fn delete_agreement(
    Path(id): Path<AgreementId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
}

/// Change the status of an agreement
///
/// From `draft` to `in_review`, `approved` and `signed`, and from there to `completed`,
/// `terminated` or `superseded`; to `withdrawn` before signing; to `voided` at any time. A refusal
/// lists the transitions that are allowed. For an approved agreement, `warnings` lists what the
/// municipality's policy still requires before the signing, including requirements that perhaps
/// apply. Completing, terminating or superseding an agreement requires the outcome of each open
/// commitment. Signing a renewal supersedes its predecessor and takes over its open commitments;
/// voiding the renewal undoes that.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_transition", request_body = TransitionCreate,
    params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 200, description = "The agreement after the transition", body = Agreement)))]
#[post("/agreements/{id}/transitions")]
async fn create_agreement_transition(
    Path(id): Path<AgreementId>,
    post: Post<TransitionCreate>,
) -> Result<Posted<Agreement>, ApiError> {
    post.changed(move |conn, cx, step| steps::transition(conn, cx, id, step))
        .await
}

/// Correct the day of a transition
///
/// Accepts a merge patch (RFC 7396) with the true day, which lies between those of the transitions
/// before and after it. Needs a reason, which appears in `corrections`, and whoever could make the
/// transition. Everything that follows from the day is derived anew: duties, force, the timeline, the
/// outcomes of commitments, and the end of the agreement that a signing supersedes.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_transition",
    params(("id" = Uuid, Path, description = "The agreement's id"),
        ("place" = u32, Path, description = "The transition's index in `transitions`, from 0"), Correcting),
    request_body(content = TransitionContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as corrected", body = Agreement)))]
#[patch("/agreements/{id}/transitions/{place}")]
async fn update_agreement_transition(
    Path((id, place)): Path<(AgreementId, usize)>,
    change: Change<TransitionContent, Correcting>,
) -> Result<Single<Agreement>, ApiError> {
    let reason = change.query.reason();
    change
        .changed(move |conn, cx, expected, patch| {
            step_days::correct(conn, cx, (id, place), expected, patch, reason.as_ref())
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<AgreementGap>();
    config
        .route(list_agreements, Access::Read)
        .route(create_agreement, Access::Write)
        .route(get_agreement, Access::Read)
        .route(update_agreement, Access::Write)
        .route(delete_agreement, Access::Write)
        .route(create_agreement_transition, Access::Write)
        .route(update_agreement_transition, Access::Write);
}
