//! `/projects/{id}/milestones` and `/milestones`

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::slips::get_project_slip_history;
use super::statements;
use super::statements::Statement;
use super::store;
use super::types::{
    Forecast, ForecastContent, Milestone, MilestoneContent, MilestoneCreate, Outcome,
    OutcomeContent,
};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session,
    Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, ProjectId, StatementId};
use crate::kernel::values::RetractionCreate;

/// Filters of a project's milestones, which are listed in the order in which they were recorded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneFilter {
    /// Valid time: returns what was known on this day, as if it were today.
    #[param(example = "2021-12-31")]
    as_of: Option<chrono::NaiveDate>,
}

impl Filter for MilestoneFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// No filters: the statements of a milestone are listed by date.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementFilter {}

impl Filter for StatementFilter {
    fn order(&self) -> Order {
        Order::ascending("day", "id")
    }
}

/// List the milestones of a project
///
/// Milestones as of today or of `as_of`. A past view leaves out milestones with nothing stated yet.
/// A milestone for which nothing was ever stated is always listed, as `unknown`.
#[utoipa::path(tag = "milestones", operation_id = "list_project_milestones",
    params(("id" = Uuid, Path, description = "The project's id"), MilestoneFilter, Paging),
    responses((status = 200, description = "One page of milestones", body = PageBody<Milestone>)))]
#[get("/projects/{id}/milestones")]
async fn list_project_milestones(
    session: Session,
    Path(id): Path<ProjectId>,
    list: List<MilestoneFilter>,
) -> Result<Paged<Milestone>, ApiError> {
    session
        .read_list(list, move |conn, cx, filter, page| {
            let all = store::of_project(conn, cx, id, filter.as_of)?;
            Ok(page.of(all, |m| m.meta.id.to_string(), |m| m.meta.id.to_string()))
        })
        .await
}

/// Record a milestone of a project
///
/// With every forecast ever made for it, and its outcomes.
#[utoipa::path(tag = "milestones", operation_id = "create_project_milestone", request_body = MilestoneCreate,
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 201, description = "The milestone as recorded", body = Milestone)))]
#[post("/projects/{id}/milestones")]
async fn create_project_milestone(
    Path(id): Path<ProjectId>,
    post: Post<MilestoneCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    let location = |m: &Milestone| format!("/api/v1/milestones/{}", m.meta.id);
    post.created(location, move |conn, cx, new| {
        store::create(conn, cx, id, new)
    })
    .await
}

/// Read a milestone
///
/// As of today or of `as_of`, with all forecasts and outcomes.
#[utoipa::path(tag = "milestones", operation_id = "get_milestone", params(("id" = Uuid, Path, description = "The milestone's id"), AsOf),
    responses((status = 200, description = "The milestone", body = Milestone)))]
#[get("/milestones/{id}")]
async fn get_milestone(
    Path(id): Path<MilestoneId>,
    read: Read<AsOf>,
) -> Result<Single<Milestone>, ApiError> {
    let as_of = read.query.as_of;
    read.record(move |conn, cx| store::get(conn, cx, id, as_of))
        .await
}

/// Change the kind, title or phase of a milestone
///
/// Applies a merge patch (RFC 7396). Forecasts and outcomes are never edited.
#[utoipa::path(tag = "milestones", operation_id = "update_milestone", params(("id" = Uuid, Path, description = "The milestone's id")),
    request_body(content = MilestoneContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The milestone as changed", body = Milestone)))]
#[patch("/milestones/{id}")]
async fn update_milestone(
    Path(id): Path<MilestoneId>,
    change: Change<MilestoneContent>,
) -> Result<Single<Milestone>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| {
            store::update(conn, cx, id, expected, |content| patch.apply(content))
        })
        .await
}

/// Delete a milestone
///
/// Only if nothing was ever stated for it. To give up a milestone, cancel it with an outcome.
#[utoipa::path(tag = "milestones", operation_id = "delete_milestone", params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 204, description = "The milestone was deleted")))]
#[delete("/milestones/{id}")]
async fn delete_milestone(
    Path(id): Path<MilestoneId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
}

/// List the forecasts of a milestone
///
/// A forecast is one statement of a milestone's target date. It is never edited; retracted
/// forecasts stay visible.
#[utoipa::path(tag = "milestones", operation_id = "list_milestone_forecasts",
    params(("id" = Uuid, Path, description = "The milestone's id"), StatementFilter, Paging),
    responses((status = 200, description = "One page of forecasts", body = PageBody<Forecast>)))]
#[get("/milestones/{id}/forecasts")]
async fn list_milestone_forecasts(
    session: Session,
    Path(id): Path<MilestoneId>,
    list: List<StatementFilter>,
) -> Result<Paged<Forecast>, ApiError> {
    session
        .read_list(list, move |conn, cx, _, page| {
            let milestone = store::get(conn, cx, id, None)?;
            Ok(page.of(
                milestone.forecasts,
                |s| s.content.stated_on.sort_key(),
                |s| s.id.to_string(),
            ))
        })
        .await
}

/// Add a forecast to a milestone
///
/// Returns the milestone with the new forecast.
#[utoipa::path(tag = "milestones", operation_id = "create_milestone_forecast", request_body = ForecastContent,
    params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 200, description = "The milestone with the new forecast", body = Milestone)))]
#[post("/milestones/{id}/forecasts")]
async fn create_milestone_forecast(
    Path(id): Path<MilestoneId>,
    post: Post<ForecastContent>,
) -> Result<Posted<Milestone>, ApiError> {
    post.changed(move |conn, cx, body| statements::add_forecast(conn, cx, id, body))
        .await
}

/// Retract a forecast
///
/// For a forecast that was a mistake: it no longer counts, and stays visible with the reason.
#[utoipa::path(tag = "milestones", operation_id = "retract_milestone_forecast", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The milestone's id"), ("forecast_id" = Uuid, Path, description = "The forecast's id")),
    responses((status = 200, description = "The milestone after the retraction", body = Milestone)))]
#[post("/milestones/{id}/forecasts/{forecast_id}/retraction")]
async fn retract_milestone_forecast(
    Path((id, statement)): Path<(MilestoneId, StatementId)>,
    post: Post<RetractionCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    post.changed(move |conn, cx, body| {
        statements::retract(conn, cx, id, Statement::Forecast(statement), body)
    })
    .await
}

/// List the outcomes of a milestone
///
/// An outcome is an event at a milestone. It is never edited; retracted outcomes stay visible.
#[utoipa::path(tag = "milestones", operation_id = "list_milestone_outcomes",
    params(("id" = Uuid, Path, description = "The milestone's id"), StatementFilter, Paging),
    responses((status = 200, description = "One page of outcomes", body = PageBody<Outcome>)))]
#[get("/milestones/{id}/outcomes")]
async fn list_milestone_outcomes(
    session: Session,
    Path(id): Path<MilestoneId>,
    list: List<StatementFilter>,
) -> Result<Paged<Outcome>, ApiError> {
    session
        .read_list(list, move |conn, cx, _, page| {
            let milestone = store::get(conn, cx, id, None)?;
            Ok(page.of(
                milestone.outcomes,
                |s| s.content.on.sort_key(),
                |s| s.id.to_string(),
            ))
        })
        .await
}

/// Add an outcome to a milestone
///
/// Returns the milestone with the new outcome.
#[utoipa::path(tag = "milestones", operation_id = "create_milestone_outcome", request_body = OutcomeContent,
    params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 200, description = "The milestone with the new outcome", body = Milestone)))]
#[post("/milestones/{id}/outcomes")]
async fn create_milestone_outcome(
    Path(id): Path<MilestoneId>,
    post: Post<OutcomeContent>,
) -> Result<Posted<Milestone>, ApiError> {
    post.changed(move |conn, cx, body| statements::add_outcome(conn, cx, id, body))
        .await
}

/// Retract an outcome
///
/// For an outcome that was a mistake: it no longer counts, and stays visible with the reason.
#[utoipa::path(tag = "milestones", operation_id = "retract_milestone_outcome", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The milestone's id"), ("outcome_id" = Uuid, Path, description = "The outcome's id")),
    responses((status = 200, description = "The milestone after the retraction", body = Milestone)))]
#[post("/milestones/{id}/outcomes/{outcome_id}/retraction")]
async fn retract_milestone_outcome(
    Path((id, statement)): Path<(MilestoneId, StatementId)>,
    post: Post<RetractionCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    post.changed(move |conn, cx, body| {
        statements::retract(conn, cx, id, Statement::Outcome(statement), body)
    })
    .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_project_milestones, Access::Read)
        .route(get_project_slip_history, Access::Read)
        .route(create_project_milestone, Access::Write)
        .route(get_milestone, Access::Read)
        .route(update_milestone, Access::Write)
        .route(delete_milestone, Access::Write)
        .route(list_milestone_forecasts, Access::Read)
        .route(create_milestone_forecast, Access::Write)
        .route(retract_milestone_forecast, Access::Write)
        .route(list_milestone_outcomes, Access::Read)
        .route(create_milestone_outcome, Access::Write)
        .route(retract_milestone_outcome, Access::Write);
}
