//! `/agreements`

use actix_web::{delete, get, patch, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::{self, AgreementFilter};
use super::summary::AgreementSummary;
use super::types::{Agreement, AgreementContent, AgreementCreate, TransitionCreate};
use super::{read, steps, store};
use crate::access::Session;
use crate::db::page::PageBody;
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Id, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch, Posted, Single,
};
use crate::values::Localized;

/// The day asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Why something that is signed is changed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Correcting {
    /// Why: needed once the agreement is signed, since the change is then a correction.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "오기 정정"
    )]
    pub correction_reason: Option<String>,
}

impl Correcting {
    /// The reason in its language: Korean where it holds Hangul.
    pub fn reason(self) -> Option<Localized> {
        self.correction_reason.map(|text| {
            let korean = text
                .chars()
                .any(|c| matches!(c, '가'..='힣' | 'ᄀ'..='ᇿ' | 'ㄱ'..='ㆎ'));
            if korean {
                Localized::ko(text)
            } else {
                Localized {
                    ko: None,
                    en: Some(text),
                }
            }
        })
    }
}

/// List agreements
///
/// With the names of their parties and projects, what has become of what was promised and how fresh
/// what is known of it is, the newest first. What is in force, expiring or expired follows from their
/// dates today.
#[utoipa::path(tag = "agreements", operation_id = "list_agreements", params(AgreementFilter, Paging),
    responses((status = 200, description = "One page of agreements", body = PageBody<AgreementSummary>)))]
#[get("/agreements")]
async fn list_agreements(
    session: Session,
    list: List<AgreementFilter>,
) -> Result<Paged<AgreementSummary>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| list::list(conn, cx, &filter, &page))
            .await?,
    ))
}

/// Record an agreement
///
/// Whole, with its parties, commitments, statements, documents and sources, in one transaction. One
/// that was signed long ago is recorded in its present status. What is not known is left out; it
/// shows up in `gaps`, and what the policy of the day of signing demanded in `warnings`. One that is
/// signed today is refused where the step would be.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement", request_body = AgreementCreate,
    responses((status = 201, description = "The agreement as recorded", body = Agreement)))]
#[post("/agreements")]
async fn create_agreement(
    session: Session,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<AgreementCreate>,
) -> Result<Posted<Agreement>, ApiError> {
    let Body { value, digest } = body;
    let location = |a: &Agreement| format!("/api/v1/agreements/{}", a.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        store::create(conn, cx, &value)
    })
    .await
}

/// Read an agreement
///
/// As it is today, or as it was on the day of `as_of`.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement",
    params(("id" = Uuid, Path, description = "The agreement's id"), AsOf),
    responses((status = 200, description = "The agreement", body = Agreement)))]
#[get("/agreements/{id}")]
async fn get_agreement(
    session: Session,
    id: Id,
    query: Params<AsOf>,
) -> Result<Single<Agreement>, ApiError> {
    let ([id], as_of) = (id.0, query.0.as_of);
    Ok(Single(
        session
            .read(move |conn, cx| read::get(conn, cx, id, as_of))
            .await?,
    ))
}

/// Change an agreement
///
/// By a merge patch (RFC 7396). Once it is signed the change is a correction and needs a reason; an
/// amendment is a new agreement that supersedes this one. Parties, commitments, documents and the
/// status are changed on paths of their own.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement",
    params(("id" = Uuid, Path, description = "The agreement's id"), Correcting),
    request_body(content = AgreementContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}")]
async fn update_agreement(
    session: Session,
    id: Id,
    expected: IfMatch,
    query: Params<Correcting>,
    patch: Patch<AgreementContent>,
) -> Result<Single<Agreement>, ApiError> {
    let ([id], reason) = (id.0, query.0.reason());
    let changed = session.write(move |conn, cx| {
        store::update(conn, cx, id, &expected, reason.as_ref(), |content| {
            patch.apply(content)
        })
    });
    Ok(Single(changed.await?))
}

/// Delete an agreement
///
/// Only one that was never signed; one that was entered in error is voided.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement", params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/agreements/{id}")]
async fn delete_agreement(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id] = id.0;
    session
        .write(move |conn, cx| store::delete(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

/// Take a step
///
/// From draft to in_review, approved and signed, and from there to completed, terminated or
/// superseded; to withdrawn before signing; to voided at any time. A step that is not allowed is
/// refused with those that are. What the municipality's policy demands before the signing stands in
/// `warnings` once an agreement is approved, with what nobody knows whether it demands. Completing, terminating or superseding an agreement takes what
/// becomes of each of its open commitments. Signing a renewal supersedes what it renews, whose open
/// commitments it takes on; voiding it undoes that.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_transition", request_body = TransitionCreate,
    params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 200, description = "The agreement after the step", body = Agreement)))]
#[post("/agreements/{id}/transitions")]
async fn create_agreement_transition(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<TransitionCreate>,
) -> Result<Posted<Agreement>, ApiError> {
    let [id] = id.0;
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        steps::transition(conn, cx, id, &value)
    })
    .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_agreements)
        .service(create_agreement)
        .service(get_agreement)
        .service(update_agreement)
        .service(delete_agreement)
        .service(create_agreement_transition);
}
