//! Council actions (의회) on an agreement: consents and reports.

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
use crate::files::KeptFile;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Change, Deleted, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::values::{ImpreciseDate, Localized, Source, has_an_end};
use crate::kernel::words::words;

/// Kind of council action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouncilActionKind {
    /// The council was asked for its consent (동의).
    Consent,
    /// The council was informed in advance (사전 보고).
    PriorReport,
    /// The council was informed afterwards (사후 보고).
    PostReport,
    /// The council was informed in the annual report (연간 보고).
    AnnualReport,
}

words!(CouncilActionKind: Consent "동의" "Consent", PriorReport "사전 보고" "Report before",
    PostReport "사후 보고" "Report afterwards", AnnualReport "연간 보고" "Annual report");

/// Event that gives rise to a report or a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    Signing,
    Completion,
    Termination,
    Review,
    Expiry,
    /// The end of a withholding (비공개 기간).
    WithholdingEnd,
    /// A calendar year as a whole.
    Year,
    Other,
}

words!(Occasion: Signing "체결" "Signing", Completion "완료" "Completion", Termination "해지" "Termination",
    Review "점검" "Review", Expiry "만료" "Expiry",
    WithholdingEnd "비공개 기간 종료" "End of a withholding", Year "연도" "Year", Other "기타" "Other");

impl Occasion {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Completion => "completion",
            Self::Termination => "termination",
            Self::Review => "review",
            Self::Expiry => "expiry",
            Self::WithholdingEnd => "withholding_end",
            Self::Year => "year",
            Self::Other => "other",
        }
    }
}

/// Result of a council action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouncilResult {
    Accepted,
    Rejected,
    Noted,
}

words!(CouncilResult: Accepted "가결" "Accepted", Rejected "부결" "Rejected", Noted "보고 접수" "Noted");

/// Council action on an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "has_a_day"))]
pub struct CouncilActionContent {
    /// Kind of action.
    #[schema(example = "post_report")]
    pub kind: CouncilActionKind,
    /// Date of the action. An imprecise date counts from its last possible day, which cannot lie in
    /// the future. A `post_report` cannot lie entirely before the signing, completion or
    /// termination that it reports.
    pub on: ImpreciseDate,
    /// Occasion of the action.
    pub occasion: Occasion,
    /// Council session.
    #[schema(max_length = 200, pattern = r"^.+$", example = "제254회 임시회")]
    pub session: Option<String>,
    /// Bill number.
    #[schema(max_length = 100, pattern = r"^.+$", example = "제1234호")]
    pub bill_number: Option<String>,
    /// Result; null if unknown. The council has consented if its last decision on or before the day
    /// of signing is `accepted`.
    pub result: Option<CouncilResult>,
    /// Remarks.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Id of the municipality whose council acted, on an agreement that several share; null for the
    /// owner. It fulfils the duties of this municipality.
    #[schema(example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

fn has_a_day(action: &CouncilActionContent) -> Result<(), ValidationError> {
    has_an_end(&action.on, "/on")
}

/// Council action on an agreement, with its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilAction {
    /// Id of the action.
    pub id: PartId,
    #[serde(flatten)]
    pub content: CouncilActionContent,
    /// Files of the action that the registry keeps, such as the bill or the minutes, in the order in
    /// which they were added. Everyone who sees the agreement sees which there are; `edition` decides
    /// who reads them.
    pub files: Vec<KeptFile>,
}

impl PartContent for CouncilActionContent {
    type View = CouncilAction;
    const PATH: &'static str = "council-actions";
    const MEMBER: &'static str = "council_actions";
    const SIGNED: bool = false;
    const ACT: bool = true;
    // Recorded on what is approved or signed.
    const APPROVED: bool = false;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.council_actions
    }

    fn views(agreement: &Agreement) -> &[CouncilAction] {
        &agreement.council_actions
    }

    fn id(view: &CouncilAction) -> PartId {
        view.id
    }

    fn by(&mut self) -> Option<&mut Option<OrganizationId>> {
        Some(&mut self.municipality_id)
    }

    fn may_be_added(doc: &Doc) -> Result<(), ApiError> {
        duties::can_have_council_actions(doc)
    }

    fn misfit(&self, doc: &Doc, at: &str) -> Option<FieldError> {
        duties::report_too_early(doc, self, at)
    }
}

/// List the council actions of an agreement
///
/// Consents, prior reports and later reports, with session and bill number.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_council_actions", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of council actions", body = PageBody<CouncilAction>)))]
#[get("/agreements/{id}/council-actions")]
async fn list_agreement_council_actions(
    session: Session,
    Path(id): Path<AgreementId>,
    list: List<PartFilter>,
) -> Result<Paged<CouncilAction>, ApiError> {
    list_parts::<CouncilActionContent>(session, id, list.page, None).await
}

/// Add a council action to an agreement
///
/// Returns the updated agreement, including the duty that the action fulfils. Recording an action
/// is not a correction of the signed content. Withdrawn and voided agreements accept none (`409`).
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_council_action", request_body = CouncilActionContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the council action", body = Agreement)))]
#[post("/agreements/{id}/council-actions")]
async fn create_agreement_council_action(
    Path(id): Path<AgreementId>,
    post: Post<CouncilActionContent>,
) -> Result<Posted<AgreementWithPart>, ApiError> {
    add_part(id, post).await
}

/// Read a council action of an agreement
///
/// The `ETag` has the version of the agreement: parts have none of their own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    responses((status = 200, description = "The council action", body = CouncilAction)))]
#[get("/agreements/{id}/council-actions/{action_id}")]
async fn get_agreement_council_action(
    Path(ids): Path<(AgreementId, PartId)>,
    read: Read,
) -> Result<Single<SinglePart<CouncilAction>>, ApiError> {
    get_part::<CouncilActionContent>(read.session, ids, None).await
}

/// Change a council action of an agreement
///
/// Accepts a merge patch (RFC 7396) and returns the updated agreement.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    request_body(content = CouncilActionContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/council-actions/{action_id}")]
async fn update_agreement_council_action(
    Path(ids): Path<(AgreementId, PartId)>,
    change: Change<CouncilActionContent>,
) -> Result<Single<Agreement>, ApiError> {
    update_part(ids, change).await
}

/// Remove a council action from an agreement
///
/// For an action entered in error. It stays in the history.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    responses((status = 204, description = "Council action removed")))]
#[delete("/agreements/{id}/council-actions/{action_id}")]
async fn delete_agreement_council_action(
    Path(ids): Path<(AgreementId, PartId)>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove_part::<CouncilActionContent, _>(ids, remove).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_agreement_council_actions, Access::Read)
        .route(create_agreement_council_action, Access::Write)
        .route(get_agreement_council_action, Access::Read)
        .route(update_agreement_council_action, Access::Write)
        .route(delete_agreement_council_action, Access::Write);
}
