//! Reviews (점검) of an agreement: findings on its progress.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::doc::{Doc, Part};
use super::duties;
use super::part_handlers::{PartFilter, add_part, get_part, list_parts, remove_part, update_part};
use super::parts::{AgreementWithPart, PartContent, SinglePart};
use super::types::Agreement;
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::{ImpreciseDate, Localized, Source, has_an_end, range_in_order};
use crate::kernel::words::words;

/// Progress of an agreement as rated by a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewRating {
    Good,
    Slow,
    Stalled,
    Done,
}

words!(ReviewRating: Good "정상" "Good", Slow "부진" "Slow", Stalled "중단" "Stalled", Done "완료" "Done");

/// Decision on an agreement that is about to expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RenewalDecision {
    Renew,
    LetExpire,
}

words!(RenewalDecision: Renew "연장하기로 함" "To be renewed", LetExpire "연장하지 않기로 함" "To expire");

/// Review of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_in_order", skip_on_field_errors = false))]
pub struct ReviewContent {
    /// First day of the reviewed period, not after the review; null if not stated.
    pub from: Option<ImpreciseDate>,
    /// Last day of the reviewed period, not after the review; null if not stated.
    pub until: Option<ImpreciseDate>,
    /// Date of the review. An imprecise date counts from its last possible day, which cannot lie in
    /// the future. It cannot lie entirely before the signing.
    pub on: ImpreciseDate,
    /// Rating of the agreement's progress.
    pub rating: ReviewRating,
    /// Findings of the review.
    #[validate(nested)]
    #[schema(example = json!({"ko": "세부 사업이 아직 정해지지 않음", "en": "No single project is settled yet"}))]
    pub findings: Option<Localized>,
    /// Planned improvements.
    #[validate(nested)]
    #[schema(example = json!({"ko": "실무협의체를 분기마다 개최", "en": "The working group is to meet every quarter"}))]
    pub improvement_plan: Option<Localized>,
    /// Decision on the renewal; null if none was made.
    pub renewal: Option<RenewalDecision>,
    /// Id of the municipality that made the review, of an agreement that several share; null for the
    /// owner. It fulfils the duties of this municipality.
    #[schema(example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

/// Checks that the reviewed period ends after it begins, and that neither end lies entirely after
/// the day of the review.
fn is_in_order(review: &ReviewContent) -> Result<(), ValidationError> {
    let (from, until) = (review.from.as_ref(), review.until.as_ref());
    let late = |date: Option<&ImpreciseDate>, at| {
        let later = date.and_then(ImpreciseDate::earliest) > Some(review.on.latest()?);
        later.then(|| {
            rule_error(
                "after_review",
                at,
                "점검한 날보다 뒤입니다.",
                "This lies after the day of the review.",
            )
        })
    };
    let wrong = [
        has_an_end(&review.on, "/on").err(),
        range_in_order(from, until, "/until").err(),
        late(from, "/from"),
        late(until, "/until"),
    ];
    merge_errors(wrong.into_iter().flatten())
}

/// Review of an agreement, with its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    /// Id of the review.
    pub id: PartId,
    #[serde(flatten)]
    pub content: ReviewContent,
}

impl PartContent for ReviewContent {
    type View = Review;
    const PATH: &'static str = "reviews";
    const SIGNED: bool = false;
    const ACT: bool = true;
    // Recorded on what is approved or signed.
    const APPROVED: bool = false;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.reviews
    }

    fn views(agreement: &Agreement) -> &[Review] {
        &agreement.reviews
    }

    fn id(view: &Review) -> PartId {
        view.id
    }

    fn by(&mut self) -> Option<&mut Option<OrganizationId>> {
        Some(&mut self.municipality_id)
    }

    fn may_be_added(doc: &Doc) -> Result<(), ApiError> {
        duties::can_be_reviewed(doc)
    }

    fn misfit(&self, doc: &Doc, at: &str) -> Option<FieldError> {
        duties::review_too_early(doc, self, at)
    }
}

/// List the reviews of an agreement
///
/// A review rates the progress of an agreement: good, slow, stalled or done.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_reviews", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of reviews", body = PageBody<Review>)))]
#[get("/agreements/{id}/reviews")]
async fn list_agreement_reviews(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<Review>, ApiError> {
    list_parts::<ReviewContent>(session, id, list.page, None).await
}

/// Add a review to an agreement
///
/// Returns the updated agreement, including the duty that the review fulfils. Recording a review is
/// not a correction of the signed content. Only an agreement that was signed and not voided can be
/// reviewed (otherwise `409`), and not before its signing.
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_review", request_body = ReviewContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the review", body = Agreement)))]
#[post("/agreements/{id}/reviews")]
async fn create_agreement_review(
    Path(id): Path<AgreementId>,
    post: Post<ReviewContent>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    add_part(id, post).await
}

/// Read a review of an agreement
///
/// The `ETag` has the version of the agreement: parts have none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_review", params(("id" = Uuid, Path, description = "The agreement's id"), ("review_id" = Uuid, Path, description = "The review's id")),
    responses((status = 200, description = "The review", body = Review)))]
#[get("/agreements/{id}/reviews/{review_id}")]
async fn get_agreement_review(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Single<SinglePart<Review>>, ApiError> {
    get_part::<ReviewContent>(read.session, ids, None).await
}

/// Change a review of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_review", params(("id" = Uuid, Path, description = "The agreement's id"), ("review_id" = Uuid, Path, description = "The review's id")),
    request_body(content = ReviewContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/reviews/{review_id}")]
async fn update_agreement_review(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<ReviewContent>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a review from an agreement
///
/// For a review entered in error. It stays in the history.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_review", params(("id" = Uuid, Path, description = "The agreement's id"), ("review_id" = Uuid, Path, description = "The review's id")),
    responses((status = 204, description = "Review removed")))]
#[delete("/agreements/{id}/reviews/{review_id}")]
async fn delete_agreement_review(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove_part::<ReviewContent, _>(ids, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_agreement_reviews, Access::Read)
        .route(create_agreement_review, Access::Write)
        .route(get_agreement_review, Access::Read)
        .route(update_agreement_review, Access::Write)
        .route(delete_agreement_review, Access::Write);
}
