//! `/projects/{id}/slip-history`: every date that was stated for a project's milestones, by the day
//! on which it was, for a trend chart in one call.

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::derived::title;
use super::rules::{in_order, slip, state};
use super::store::{Doc, known_by};
use super::types::{Forecast, MilestoneKind, MilestoneStatus, Outcome, OutcomeKind, ReasonCode};
use crate::access::{Scope, Session, scope};
use crate::agreements::AsOf;
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::milestones;
use crate::error::ApiError;
use crate::http::{Id, Logged, Params};
use crate::projects::store as projects;
use crate::values::{DayRange, ImpreciseDate, Localized, ProjectRef, Source, stored, stored_id};

/// What a point of a slip history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlipEvent {
    /// A target was stated.
    Forecast,
    /// The milestone was met.
    Met,
}

/// A point of a milestone's slip history: what was stated on a day, or that it was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlipPoint {
    /// What it is.
    #[schema(example = "forecast")]
    pub event: SlipEvent,
    /// The id of the forecast or of the outcome.
    pub id: Uuid,
    /// The day on which it was stated, or on which it was met.
    pub stated_on: ImpreciseDate,
    /// The target that was stated, or the day on which it was met.
    pub target: ImpreciseDate,
    /// How far the target lies after the first one that was stated; null where there is none.
    pub slip: Option<DayRange>,
    /// How far it lies after the one that was stated before; null of the first.
    pub slip_from_previous: Option<DayRange>,
    /// Why it moved, as a code.
    pub reason_code: Option<ReasonCode>,
    /// Why it moved, in words.
    pub reason: Option<Localized>,
    /// Who stated it.
    #[schema(example = "고양시")]
    pub stated_by: Option<String>,
    /// The source's own words on it.
    pub note: Option<Localized>,
    /// Where it is taken from.
    pub source: Option<Source>,
}

/// The slip history of a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MilestoneSlips {
    /// The milestone's id.
    pub id: Uuid,
    /// Which step of the project it is.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Its own name, or that of the step.
    pub title: Localized,
    /// How it stands on the day asked about.
    #[schema(example = "met_late")]
    pub status: MilestoneStatus,
    /// The first target that was stated.
    pub baseline: Option<ImpreciseDate>,
    /// The latest target that was stated.
    pub target: Option<ImpreciseDate>,
    /// When it was met.
    pub actual: Option<ImpreciseDate>,
    /// How far the latest target, or the day it was met, lies after the first target.
    pub slip: Option<DayRange>,
    /// Every target that was stated, and when it was met, by the day; what was retracted is left out.
    pub points: Vec<SlipPoint>,
}

/// The slip histories of a project's milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SlipHistory {
    /// The project.
    pub project: ProjectRef,
    /// The day as of which they are told.
    pub as_of: NaiveDate,
    /// Its milestones, in the order in which they were recorded.
    pub milestones: Vec<MilestoneSlips>,
}

/// The points by their days: on one day what was stated comes before what happened.
fn points(forecasts: &[Forecast], outcomes: &[Outcome], day: NaiveDate) -> Vec<SlipPoint> {
    let stated = in_order(forecasts, |f| &f.content.stated_on)
        .filter(|f| f.retraction.is_none() && f.content.stated_on.known_by(day))
        .map(|f| SlipPoint {
            event: SlipEvent::Forecast,
            id: f.id,
            stated_on: f.content.stated_on.clone(),
            target: f.content.target.clone(),
            slip: None,
            slip_from_previous: None,
            reason_code: f.content.reason_code,
            reason: f.content.reason.clone(),
            stated_by: f.content.stated_by.clone(),
            note: f.content.note.clone(),
            source: f.content.source.clone(),
        });
    let met = in_order(outcomes, |o| &o.content.on)
        .filter(|o| o.content.kind == OutcomeKind::Met)
        .filter(|o| o.retraction.is_none() && o.content.on.known_by(day))
        .map(|o| SlipPoint {
            event: SlipEvent::Met,
            id: o.id,
            stated_on: o.content.on.clone(),
            target: o.content.on.clone(),
            slip: None,
            slip_from_previous: None,
            reason_code: None,
            reason: None,
            stated_by: None,
            note: o.content.note.clone(),
            source: o.content.source.clone(),
        });
    let mut points: Vec<SlipPoint> = stated.chain(met).collect();
    points.sort_by_cached_key(|point| point.stated_on.sort_key());
    let stated = |point: &&SlipPoint| point.event == SlipEvent::Forecast;
    let first = points.iter().find(stated).map(|p| p.target.clone());
    let mut before: Option<ImpreciseDate> = None;
    for point in &mut points {
        let met = point.event == SlipEvent::Met;
        let from = |date: &ImpreciseDate| slip(date, &point.target, met);
        let (moved, again) = (first.as_ref().map(from), before.as_ref().map(from));
        (point.slip, point.slip_from_previous) = (moved, again);
        if !met {
            before = Some(point.target.clone());
        }
    }
    points
}

/// Reads the slip histories of a project's milestones, as they were known on a day.
///
/// # Errors
/// `not_found`
fn history(
    conn: &mut AnyConnection,
    cx: &Cx,
    project_id: Uuid,
    as_of: Option<NaiveDate>,
) -> Result<SlipHistory, ApiError> {
    use milestones as m;
    let project = projects::references(conn, cx, &[project_id])?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    let rows: Vec<(String, String)> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .order(m::id)
        .select((m::id, m::doc))
        .load(conn)?;
    let day = as_of.unwrap_or(cx.today);
    let mut milestones = Vec::with_capacity(rows.len());
    for (id, doc) in rows {
        let doc: Doc = stored(&doc)?;
        if as_of.is_some() && !known_by(&doc, day) {
            continue;
        }
        milestones.push(slips(stored_id(&id)?, &doc, day, day < cx.today));
    }
    Ok(SlipHistory {
        project,
        as_of: day,
        milestones,
    })
}

/// Reads the slip histories of all milestones of a municipality's projects that the caller sees, in
/// one statement, as they were known on a day.
///
/// # Errors
/// What the database says.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &Cx,
    municipality: Uuid,
    day: NaiveDate,
) -> Result<Vec<(ProjectRef, MilestoneSlips)>, ApiError> {
    use crate::db::schema::projects as p;
    use milestones as m;
    let rows: Vec<(String, String, String, String)> = p::table
        .inner_join(m::table.on(m::project_id.eq(p::id)))
        .filter(p::municipality_id.eq(municipality.to_string()))
        .filter(Scope::of(&cx.caller, &scope::PROJECTS))
        .order((p::sort_title, p::id, m::id))
        .select((p::id, p::title, m::id, m::doc))
        .load(conn)?;
    let mut all = Vec::with_capacity(rows.len());
    for (project, title, id, doc) in rows {
        let doc: Doc = stored(&doc)?;
        if known_by(&doc, day) {
            let project = ProjectRef {
                id: stored_id(&project)?,
                title: stored(&title)?,
            };
            let slips = slips(stored_id(&id)?, &doc, day, day < cx.today);
            all.push((project, slips));
        }
    }
    Ok(all)
}

/// Of a past day no source is shown that was published later.
fn slips(id: Uuid, doc: &Doc, day: NaiveDate, past: bool) -> MilestoneSlips {
    let state = state(&doc.forecasts, &doc.outcomes, day);
    let mut points = points(&doc.forecasts, &doc.outcomes, day);
    if past {
        for point in &mut points {
            point.source = point.source.take().filter(|source| source.known_by(day));
        }
    }
    MilestoneSlips {
        id,
        kind: doc.content.kind,
        title: title(&doc.content),
        status: state.phase.status(state.target, day).into(),
        baseline: state.baseline.cloned(),
        target: state.target.cloned(),
        actual: state.actual.cloned(),
        slip: state.slip,
        points,
    }
}

/// Read how a project's dates moved
///
/// Of each milestone every target that was stated, by the day on which it was, and when it was met,
/// with the slip from the first target and from the one before: all that a milestone trend chart
/// shows, in one answer. What was retracted is left out.
#[utoipa::path(tag = "milestones", operation_id = "get_project_slip_history",
    params(("id" = Uuid, Path, description = "The project's id"), AsOf),
    responses((status = 200, description = "The slip histories of its milestones", body = SlipHistory)))]
#[get("/projects/{id}/slip-history")]
pub async fn get_project_slip_history(
    session: Session,
    id: Id,
    query: Params<AsOf>,
) -> Result<Logged<SlipHistory>, ApiError> {
    let ([id], as_of) = (id.0, query.0.as_of);
    session
        .read_logged(move |conn, cx| history(conn, cx, id, as_of))
        .await
}

#[cfg(test)]
#[path = "slips_tests.rs"]
mod tests;
