//! What a council (의회) does about an agreement: it consents, or it is told.

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::doc::{Doc, Part};
use super::duties;
use super::part_handlers::PartFilter;
use super::parts::{self, One, PartContent, WithPart};
use super::types::Agreement;
use crate::access::Session;
use crate::db::page::PageBody;
use crate::error::{ApiError, FieldError};
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Id, Ids, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch, Posted,
    Single,
};
use crate::projects::milestones::types::has_an_end;
use crate::values::{ImpreciseDate, Localized, Source};

/// What the council did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouncilActionKind {
    /// It was asked to consent (동의).
    Consent,
    /// It was told before (사전 보고).
    PriorReport,
    /// It was told afterwards (사후 보고).
    PostReport,
    /// It was told of the year (연간 보고).
    AnnualReport,
}

/// What gives rise to a report or a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    Signing,
    Completion,
    Termination,
    Review,
    Expiry,
    Other,
}

impl Occasion {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Completion => "completion",
            Self::Termination => "termination",
            Self::Review => "review",
            Self::Expiry => "expiry",
            Self::Other => "other",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CouncilResult {
    Accepted,
    Rejected,
    Noted,
}

/// Something that a council did about an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "has_a_day"))]
pub struct CouncilActionContent {
    /// What it did.
    #[schema(example = "post_report")]
    pub kind: CouncilActionKind,
    /// When. It counts from the last day that this may mean, which has come. A `post_report` does not
    /// lie wholly before the signing, completion or termination that it tells of.
    pub on: ImpreciseDate,
    /// On what occasion.
    pub occasion: Occasion,
    /// In which session.
    #[schema(max_length = 200, pattern = r"\S", example = "제254회 임시회")]
    pub session: Option<String>,
    /// The number of the bill.
    #[schema(max_length = 100, pattern = r"\S", example = "제1234호")]
    pub bill_number: Option<String>,
    /// What came of it; null where that is not known. A consent counts where the last decision on or
    /// before the day of signing is `accepted`.
    pub result: Option<CouncilResult>,
    /// What is to be said of it.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Where this is taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

fn has_a_day(action: &CouncilActionContent) -> Result<(), ValidationError> {
    has_an_end(&action.on, "/on")
}

/// Something that a council did about an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CouncilAction {
    /// The action's id.
    pub id: Uuid,
    #[serde(flatten)]
    pub content: CouncilActionContent,
}

impl PartContent for CouncilActionContent {
    type View = CouncilAction;
    const PATH: &'static str = "council-actions";
    const MEMBER: &'static str = "council_actions";
    const SIGNED: bool = false;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.council_actions
    }

    fn views(agreement: &Agreement) -> &[CouncilAction] {
        &agreement.council_actions
    }

    fn id(view: &CouncilAction) -> Uuid {
        view.id
    }

    fn may_be_added(doc: &Doc) -> Result<(), ApiError> {
        duties::can_be_acted_on(doc)
    }

    fn misfit(&self, doc: &Doc) -> Option<FieldError> {
        duties::report_too_early(doc, self, "")
    }
}

/// List the council actions of an agreement
///
/// Consents, reports before and after, with session and bill number.
#[utoipa::path(tag = "agreements", operation_id = "list_agreement_council_actions", params(("id" = Uuid, Path, description = "The agreement's id"), PartFilter, Paging),
    responses((status = 200, description = "One page of council actions", body = PageBody<CouncilAction>)))]
#[get("/agreements/{id}/council-actions")]
async fn list_agreement_council_actions(
    session: Session,
    id: Id,
    list: List<PartFilter>,
) -> Result<Paged<CouncilAction>, ApiError> {
    let [id] = id.0;
    let all = session
        .read_logged(move |conn, cx| parts::all::<CouncilActionContent>(conn, cx, id, None))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |part| part.id.to_string(), |part| part.id.to_string())
    })))
}

/// Add a council action to an agreement
///
/// The answer is the agreement as it now is, with the duty that the action has done. To record one is no
/// correction of what was signed. An agreement that was withdrawn or voided takes none (`409`).
#[utoipa::path(tag = "agreements", operation_id = "create_agreement_council_action", request_body = CouncilActionContent, params(("id" = Uuid, Path, description = "The agreement's id")),
    responses((status = 201, description = "The agreement with the council action", body = Agreement)))]
#[post("/agreements/{id}/council-actions")]
async fn create_agreement_council_action(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<CouncilActionContent>,
) -> Result<Posted<WithPart>, ApiError> {
    let [id] = id.0;
    let Body { value, digest } = body;
    let location =
        move |with: &WithPart| format!("/api/v1/agreements/{id}/council-actions/{}", with.part);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        parts::add(conn, cx, id, value.clone(), None)
    })
    .await
}

/// Read a council action of an agreement
///
/// Its `ETag` is the agreement's: a part has no version of its own.
#[utoipa::path(tag = "agreements", operation_id = "get_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    responses((status = 200, description = "The council action", body = CouncilAction)))]
#[get("/agreements/{id}/council-actions/{action_id}")]
async fn get_agreement_council_action(
    session: Session,
    ids: Ids<2>,
    _: Params<NoParams>,
) -> Result<Single<One<CouncilAction>>, ApiError> {
    Ok(Single(
        session
            .read(move |conn, cx| parts::get::<CouncilActionContent>(conn, cx, ids.0, None))
            .await?,
    ))
}

/// Change a council action of an agreement
///
/// By a merge patch (RFC 7396). The answer is the agreement as it now is.
#[utoipa::path(tag = "agreements", operation_id = "update_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    request_body(content = CouncilActionContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The agreement as changed", body = Agreement)))]
#[patch("/agreements/{id}/council-actions/{action_id}")]
async fn update_agreement_council_action(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<CouncilActionContent>,
) -> Result<Single<Agreement>, ApiError> {
    let changed = session
        .write(move |conn, cx| parts::update(conn, cx, ids.0, &expected, &patch, None))
        .await?;
    Ok(Single(changed))
}

/// Remove a council action from an agreement
///
/// One that was entered in error. It stays in the history.
#[utoipa::path(tag = "agreements", operation_id = "delete_agreement_council_action", params(("id" = Uuid, Path, description = "The agreement's id"), ("action_id" = Uuid, Path, description = "The council action's id")),
    responses((status = 204, description = "It is removed")))]
#[delete("/agreements/{id}/council-actions/{action_id}")]
async fn delete_agreement_council_action(
    session: Session,
    ids: Ids<2>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| {
            parts::remove::<CouncilActionContent>(conn, cx, ids.0, &expected, None)
        })
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_agreement_council_actions)
        .service(create_agreement_council_action)
        .service(get_agreement_council_action)
        .service(update_agreement_council_action)
        .service(delete_agreement_council_action);
}
