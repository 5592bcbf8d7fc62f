//! `/projects/{id}/milestones` and `/milestones`

use actix_web::{delete, get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::slips::get_project_slip_history;
use super::store::{self, Statement};
use super::types::{
    Forecast, ForecastContent, Milestone, MilestoneContent, MilestoneCreate, Outcome,
    OutcomeContent, RetractionCreate,
};
use crate::access::Session;
use crate::agreements::AsOf;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, Ids, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Posted, Single,
};

/// The milestones of a project, in the order in which they were recorded.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MilestoneFilter {
    /// Answer with what was known on this day, as if it were today.
    #[param(example = "2021-12-31")]
    as_of: Option<chrono::NaiveDate>,
}

impl Filter for MilestoneFilter {
    fn order(&self) -> Order {
        Order::ascending("id", "id")
    }
}

/// The statements of a milestone, by their days.
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
/// As they stand today, or stood on the day of `as_of`: then without those of which nothing had been
/// stated yet. One of which nothing was ever stated is always there, as `unknown`.
#[utoipa::path(tag = "milestones", operation_id = "list_project_milestones",
    params(("id" = Uuid, Path, description = "The project's id"), MilestoneFilter, Paging),
    responses((status = 200, description = "One page of milestones", body = PageBody<Milestone>)))]
#[get("/projects/{id}/milestones")]
async fn list_project_milestones(
    session: Session,
    id: Id,
    list: List<MilestoneFilter>,
) -> Result<Paged<Milestone>, ApiError> {
    let [id] = id.0;
    let day = list.filter.as_of;
    let all = session
        .read_logged(move |conn, cx| store::of_project(conn, cx, id, day))
        .await?;
    Ok(Paged(all.map(|all| {
        list.page
            .of(all, |m| m.meta.id.to_string(), |m| m.meta.id.to_string())
    })))
}

/// Record a milestone of a project
///
/// With every date once stated for it, and what happened.
#[utoipa::path(tag = "milestones", operation_id = "create_project_milestone", request_body = MilestoneCreate,
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 201, description = "The milestone as recorded", body = Milestone)))]
#[post("/projects/{id}/milestones")]
async fn create_project_milestone(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<MilestoneCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    let [id] = id.0;
    let Body { value, digest } = body;
    let location = |m: &Milestone| format!("/api/v1/milestones/{}", m.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        store::create(conn, cx, id, &value)
    })
    .await
}

/// Read a milestone
///
/// As it stands today, or stood on the day of `as_of`, with every date once stated for it.
#[utoipa::path(tag = "milestones", operation_id = "get_milestone", params(("id" = Uuid, Path, description = "The milestone's id"), AsOf),
    responses((status = 200, description = "The milestone", body = Milestone)))]
#[get("/milestones/{id}")]
async fn get_milestone(
    session: Session,
    id: Id,
    query: Params<AsOf>,
) -> Result<Single<Milestone>, ApiError> {
    let ([id], as_of) = (id.0, query.0.as_of);
    Ok(Single(
        session
            .read(move |conn, cx| store::get(conn, cx, id, as_of))
            .await?,
    ))
}

/// Change what a milestone is called
///
/// By a merge patch (RFC 7396). What was stated of it is never edited.
#[utoipa::path(tag = "milestones", operation_id = "update_milestone", params(("id" = Uuid, Path, description = "The milestone's id")),
    request_body(content = MilestoneContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The milestone as changed", body = Milestone)))]
#[patch("/milestones/{id}")]
async fn update_milestone(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<MilestoneContent>,
) -> Result<Single<Milestone>, ApiError> {
    let [id] = id.0;
    let changed = session.write(move |conn, cx| {
        store::update(conn, cx, id, &expected, |content| patch.apply(content))
    });
    Ok(Single(changed.await?))
}

/// Delete a milestone
///
/// Only one of which nothing was ever stated; one that is given up is cancelled by an outcome.
#[utoipa::path(tag = "milestones", operation_id = "delete_milestone", params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/milestones/{id}")]
async fn delete_milestone(
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

/// List the forecasts of a milestone
///
/// A forecast is one statement of when a milestone is to be reached; it is never edited. Retracted ones stay visible.
#[utoipa::path(tag = "milestones", operation_id = "list_milestone_forecasts",
    params(("id" = Uuid, Path, description = "The milestone's id"), StatementFilter, Paging),
    responses((status = 200, description = "One page of forecasts", body = PageBody<Forecast>)))]
#[get("/milestones/{id}/forecasts")]
async fn list_milestone_forecasts(
    session: Session,
    id: Id,
    list: List<StatementFilter>,
) -> Result<Paged<Forecast>, ApiError> {
    let [id] = id.0;
    let milestone = session
        .read_logged(move |conn, cx| store::get(conn, cx, id, None))
        .await?;
    Ok(Paged(milestone.map(|milestone| {
        list.page.of(
            milestone.forecasts,
            |s| s.content.stated_on.sort_key(),
            |s| s.id.to_string(),
        )
    })))
}

/// Add a forecast to a milestone
///
/// The answer is the milestone as it now stands.
#[utoipa::path(tag = "milestones", operation_id = "create_milestone_forecast", request_body = ForecastContent,
    params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 200, description = "The milestone as it now stands", body = Milestone)))]
#[post("/milestones/{id}/forecasts")]
async fn create_milestone_forecast(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<ForecastContent>,
) -> Result<Posted<Milestone>, ApiError> {
    let [id] = id.0;
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        store::add_forecast(conn, cx, id, &value)
    })
    .await
}

/// Retract a forecast
///
/// One that was a mistake: it no longer counts, and stays visible with the reason.
#[utoipa::path(tag = "milestones", operation_id = "retract_milestone_forecast", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The milestone's id"), ("forecast_id" = Uuid, Path, description = "The forecast's id")),
    responses((status = 200, description = "The milestone as it now stands", body = Milestone)))]
#[post("/milestones/{id}/forecasts/{forecast_id}/retraction")]
async fn retract_milestone_forecast(
    session: Session,
    ids: Ids<2>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<RetractionCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    let [id, statement] = ids.0;
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        store::retract(conn, cx, id, Statement::Forecast(statement), &value)
    })
    .await
}

/// List the outcomes of a milestone
///
/// An outcome is something that happened to a milestone; it is never edited. Retracted ones stay visible.
#[utoipa::path(tag = "milestones", operation_id = "list_milestone_outcomes",
    params(("id" = Uuid, Path, description = "The milestone's id"), StatementFilter, Paging),
    responses((status = 200, description = "One page of outcomes", body = PageBody<Outcome>)))]
#[get("/milestones/{id}/outcomes")]
async fn list_milestone_outcomes(
    session: Session,
    id: Id,
    list: List<StatementFilter>,
) -> Result<Paged<Outcome>, ApiError> {
    let [id] = id.0;
    let milestone = session
        .read_logged(move |conn, cx| store::get(conn, cx, id, None))
        .await?;
    Ok(Paged(milestone.map(|milestone| {
        list.page.of(
            milestone.outcomes,
            |s| s.content.on.sort_key(),
            |s| s.id.to_string(),
        )
    })))
}

/// Add an outcome to a milestone
///
/// The answer is the milestone as it now stands.
#[utoipa::path(tag = "milestones", operation_id = "create_milestone_outcome", request_body = OutcomeContent,
    params(("id" = Uuid, Path, description = "The milestone's id")),
    responses((status = 200, description = "The milestone as it now stands", body = Milestone)))]
#[post("/milestones/{id}/outcomes")]
async fn create_milestone_outcome(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<OutcomeContent>,
) -> Result<Posted<Milestone>, ApiError> {
    let [id] = id.0;
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        store::add_outcome(conn, cx, id, &value)
    })
    .await
}

/// Retract an outcome
///
/// One that was a mistake: it no longer counts, and stays visible with the reason.
#[utoipa::path(tag = "milestones", operation_id = "retract_milestone_outcome", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The milestone's id"), ("outcome_id" = Uuid, Path, description = "The outcome's id")),
    responses((status = 200, description = "The milestone as it now stands", body = Milestone)))]
#[post("/milestones/{id}/outcomes/{outcome_id}/retraction")]
async fn retract_milestone_outcome(
    session: Session,
    ids: Ids<2>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<RetractionCreate>,
) -> Result<Posted<Milestone>, ApiError> {
    let [id, statement] = ids.0;
    let Body { value, digest } = body;
    Posted::changed(&session, keyed, digest, move |conn, cx| {
        store::retract(conn, cx, id, Statement::Outcome(statement), &value)
    })
    .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_project_milestones)
        .service(get_project_slip_history)
        .service(create_project_milestone)
        .service(get_milestone)
        .service(update_milestone)
        .service(delete_milestone)
        .service(list_milestone_forecasts)
        .service(create_milestone_forecast)
        .service(retract_milestone_forecast)
        .service(list_milestone_outcomes)
        .service(create_milestone_outcome)
        .service(retract_milestone_outcome);
}
