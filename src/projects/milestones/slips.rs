//! `/projects/{id}/slip-history`: every target stated for a project's milestones, by the day of the
//! statement, for a trend chart in one call.

use std::collections::HashMap;

use actix_web::get;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::derived::title;
use super::figures::{MilestoneFacts, read_facts};
use super::rules::{in_order, is_promise, slip, state, targets_by, told_moves};
use super::store::{Doc, known_by};
use super::targets;
use super::types::{
    Forecast, MilestoneKind, MilestoneStatus, Origin, Outcome, OutcomeKind, ReasonCode,
};
use crate::db::schema::milestones;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession::Successions;
use crate::http::{Answered, AsOfTable, Path, Read};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, OrganizationId, ProjectId, StatementId};
use crate::kernel::values::{
    DayRange, ImpreciseDate, Localized, Move, ProjectRef, Source, deadline_slip_days, stored_id,
};
use crate::ledger::{RequestContext, Scope};
use crate::projects::store as projects;

/// Kind of a point in a slip history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlipEvent {
    /// A target was stated.
    Forecast,
    /// A target that is relative to another milestone moved with it.
    Followed,
    /// The milestone was met.
    Met,
}

/// A point in a milestone's slip history: a target stated on a day or moved with another milestone,
/// or the milestone met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SlipPoint {
    /// Kind of the point.
    #[schema(example = "forecast")]
    pub event: SlipEvent,
    /// Id of the forecast or the outcome.
    pub id: StatementId,
    /// Date on which the target was stated, the milestone from which it is counted moved, or the
    /// milestone was met.
    pub stated_on: ImpreciseDate,
    /// Stated target, or the date on which the milestone was met.
    pub target: ImpreciseDate,
    /// Slip in days from the first target stated; null if there is none, and for a target that was
    /// stated after the milestone was met.
    pub slip: Option<DayRange>,
    /// Slip in days from the target stated before; null for the first.
    pub slip_from_previous: Option<DayRange>,
    /// Days from the last day of the first target to the last day of this one or, if it is the date
    /// on which the milestone was met, 0 if that does not lie after. Null if one of them has no last
    /// day, or if it may have been met in time or not.
    #[schema(example = 638)]
    pub deadline_slip_days: Option<i64>,
    /// Like `deadline_slip_days`, but from the target stated before; null for the first.
    #[schema(example = 638)]
    pub deadline_slip_days_from_previous: Option<i64>,
    /// Direction in which the target certainly moved: from the one before or, if that is in words alone
    /// or only a wider one, from the one before that. Null for the first target, for one that repeats,
    /// narrows or widens another, for the date on which the milestone was met, and for targets stated
    /// after that.
    #[schema(example = "later")]
    pub direction: Option<Move>,
    /// Target from which it moved.
    #[serde(skip)]
    pub moved_from: Option<ImpreciseDate>,
    /// Reason for the new target, as a code.
    pub reason_code: Option<ReasonCode>,
    /// Reason for the new target, in words.
    pub reason: Option<Localized>,
    /// Person or body that stated it.
    #[schema(example = "고양시")]
    pub stated_by: Option<String>,
    /// Note in the words of the source.
    pub note: Option<Localized>,
    /// Source of the statement.
    pub source: Option<Source>,
}

/// The slip history of a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MilestoneSlips {
    /// Id of the milestone.
    pub id: MilestoneId,
    /// Step of the project.
    #[schema(example = "groundbreaking")]
    pub kind: MilestoneKind,
    /// Title of the milestone, or of the step if it has none.
    pub title: Localized,
    /// Status on the day of `as_of`, by default today.
    #[schema(example = "met_late")]
    pub status: MilestoneStatus,
    /// Number of days since the last day of the target; null if it is not overdue.
    #[schema(minimum = 1, example = json!(null))]
    pub overdue_days: Option<i64>,
    /// First target stated.
    pub baseline: Option<ImpreciseDate>,
    /// Latest target stated.
    pub target: Option<ImpreciseDate>,
    /// Date on which it was met.
    pub actual: Option<ImpreciseDate>,
    /// Slip in days from the first target to the latest, or to the date on which it was met.
    pub slip: Option<DayRange>,
    /// Days from the last day of the first target to the last day of the latest one or, if it is
    /// met, of the date on which it was met: then 0 if that does not lie after. Null if one of them
    /// has no last day, or if it may have been met in time or not.
    #[schema(example = 664)]
    pub deadline_slip_days: Option<i64>,
    /// Stated targets and dates on which it was met, by date, without retracted ones.
    pub points: Vec<SlipPoint>,
}

/// The slip histories of a project's milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SlipHistory {
    /// The project.
    pub project: ProjectRef,
    /// Valid time: the day as of which the histories are shown.
    pub as_of: NaiveDate,
    /// Milestones of the project, in the order in which they were recorded.
    pub milestones: Vec<MilestoneSlips>,
}

/// Returns a target as a point, without its distances.
fn stated(forecast: &Forecast) -> SlipPoint {
    let content = &forecast.content;
    SlipPoint {
        event: match forecast.origin {
            Origin::Stated => SlipEvent::Forecast,
            Origin::Followed | Origin::Passed => SlipEvent::Followed,
        },
        id: forecast.id,
        stated_on: content.stated_on.clone(),
        target: content.target.clone(),
        slip: None,
        slip_from_previous: None,
        deadline_slip_days: None,
        deadline_slip_days_from_previous: None,
        direction: None,
        moved_from: None,
        reason_code: content.reason_code,
        reason: content.reason.clone(),
        stated_by: content.stated_by.clone(),
        note: content.note.clone(),
        source: content.source.clone(),
    }
}

/// Returns the date on which the milestone was met as a point, without its distances.
fn met(outcome: &Outcome) -> SlipPoint {
    let content = &outcome.content;
    SlipPoint {
        event: SlipEvent::Met,
        id: outcome.id,
        stated_on: content.on.clone(),
        target: content.on.clone(),
        slip: None,
        slip_from_previous: None,
        deadline_slip_days: None,
        deadline_slip_days_from_previous: None,
        direction: None,
        moved_from: None,
        reason_code: None,
        reason: None,
        stated_by: None,
        note: content.note.clone(),
        source: content.source.clone(),
    }
}

/// Returns the points by date; on one day, targets come before outcomes. What was stated after the
/// milestone was met has no distances.
fn points(forecasts: &[Forecast], outcomes: &[Outcome], day: NaiveDate) -> Vec<SlipPoint> {
    let state = state(forecasts, outcomes, day);
    let mut told = targets_by(forecasts, day);
    told.retain(|f| f.origin != Origin::Passed);
    let (promised, after): (Vec<&Forecast>, Vec<&Forecast>) =
        told.into_iter().partition(|f| is_promise(f, state.actual));
    let promised = told_moves(&promised).map(|(forecast, way)| SlipPoint {
        direction: way.map(|(way, _)| way),
        moved_from: way.map(|(_, from)| from.clone()),
        ..stated(forecast)
    });
    let reached = in_order(outcomes, |o| &o.content.on)
        .filter(|o| o.content.kind == OutcomeKind::Met)
        .filter(|o| o.retraction.is_none() && o.content.on.known_by(day));
    let mut points: Vec<SlipPoint> = promised.chain(reached.map(met)).collect();
    points.sort_by_cached_key(|point| point.stated_on.sort_key());
    let mut before: Option<ImpreciseDate> = None;
    for point in &mut points {
        let met = point.event == SlipEvent::Met;
        let between = |date: &ImpreciseDate| slip(date, &point.target, met);
        let deadlines = |date: &ImpreciseDate| deadline_slip_days(date, &point.target, met);
        point.slip = state.baseline.map(between);
        point.deadline_slip_days = state.baseline.and_then(deadlines);
        point.slip_from_previous = before.as_ref().map(between);
        point.deadline_slip_days_from_previous = before.as_ref().and_then(deadlines);
        if !met {
            before = Some(point.target.clone());
        }
    }
    points.extend(after.into_iter().map(stated));
    points.sort_by_cached_key(|point| point.stated_on.sort_key());
    points
}

/// Reads the slip histories of a project's milestones, as known on a day.
///
/// # Errors
/// `not_found`
fn history(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project_id: ProjectId,
    as_of: Option<NaiveDate>,
) -> Result<SlipHistory, ApiError> {
    use milestones as m;
    let project = projects::references(conn, cx, &[project_id])?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    let mut rows: Vec<(String, Json<Doc>)> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .order(m::id)
        .select((m::id, m::doc))
        .load(conn)?;
    let docs = rows
        .iter_mut()
        .map(|row| (project_id.to_string(), &mut row.1.0));
    targets::attach(conn, docs)?;
    let day = as_of.unwrap_or(cx.today);
    let mut milestones = Vec::with_capacity(rows.len());
    for (id, Json(doc)) in rows {
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

/// Reads the slip histories, as known on a day, of all milestones of a municipality's projects that
/// the caller sees. A history has its words and sources if a point of it `tells` of something; whole
/// documents are read of these alone.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    day: NaiveDate,
    tells: impl Fn(&SlipPoint) -> bool,
) -> Result<Vec<(ProjectRef, MilestoneSlips)>, ApiError> {
    use crate::db::schema::projects as p;
    use milestones as m;
    type FactsRow = (String, Json<Localized>, String, Json<MilestoneFacts>);
    let owners = Successions::load(conn)?.held_by(municipality, cx.today);
    let owners = owners.iter().map(OrganizationId::to_string);
    let rows: Vec<FactsRow> = p::table
        .inner_join(m::table.on(m::project_id.eq(p::id)))
        .filter(in_list(p::municipality_id, owners))
        .filter(Scope::of(&cx.caller, "projects"))
        .order((p::sort_title, p::id, m::id))
        .select((p::id, p::title, m::id, m::facts))
        .load(conn)?;
    let rows = rows.into_iter();
    let rows = rows.map(|(project, Json(title), id, facts)| ((id, title), project, facts));
    let rows = read_facts(conn, rows)?;
    let mut all = Vec::with_capacity(rows.len());
    for ((id, title), project, doc) in rows {
        if known_by(&doc, day) {
            let id: MilestoneId = stored_id(&id)?;
            let project = ProjectRef {
                id: stored_id(&project)?,
                title,
            };
            all.push((project, slips(id, &doc, day, day < cx.today)));
        }
    }
    let told = all.iter().map(|(_, slips)| slips);
    let told = told.filter(|slips| slips.points.iter().any(&tells));
    let told: Vec<String> = told.map(|slips| slips.id.to_string()).collect();
    let mut whole = whole(conn, cx, &told, day)?;
    for (_, slips) in &mut all {
        if let Some(whole) = whole.remove(&slips.id) {
            *slips = whole;
        }
    }
    Ok(all)
}

/// Number of milestones whose documents are read at once.
const AT_ONCE: usize = 200;

/// Reads the slip histories of milestones from their documents.
fn whole(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    day: NaiveDate,
) -> Result<HashMap<MilestoneId, MilestoneSlips>, ApiError> {
    use milestones as m;
    let mut all = HashMap::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let mut rows: Vec<(String, String, Json<Doc>)> = m::table
            .filter(in_list(m::id, some))
            .select((m::id, m::project_id, m::doc))
            .load(conn)?;
        let docs = rows.iter_mut().map(|row| (row.1.clone(), &mut row.2.0));
        targets::attach(conn, docs)?;
        for (id, _, Json(doc)) in rows {
            let id = stored_id(&id)?;
            all.insert(id, slips(id, &doc, day, day < cx.today));
        }
    }
    Ok(all)
}

/// Reads the points of a municipality's slip histories as rows of their table, each with its milestone.
pub fn rows_of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<Vec<(MilestoneId, Value)>, ApiError> {
    let mut all = Vec::new();
    for (project, milestone) in of_municipality(conn, cx, municipality, cx.today, |_| true)? {
        for row in rows_of(&project, &milestone) {
            let row = serde_json::to_value(row).map_err(ApiError::internal)?;
            all.push((milestone.id, row));
        }
    }
    Ok(all)
}

/// Builds the slip history of a milestone. A past view leaves out sources published later.
fn slips(id: MilestoneId, doc: &Doc, day: NaiveDate, past: bool) -> MilestoneSlips {
    let state = state(doc.targets(), &doc.outcomes, day);
    let mut points = points(doc.targets(), &doc.outcomes, day);
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
        overdue_days: state.phase.overdue_days(state.target, day),
        baseline: state.baseline.cloned(),
        target: state.target.cloned(),
        actual: state.actual.cloned(),
        slip: state.slip,
        deadline_slip_days: state.deadline_slip_days,
        points,
    }
}

/// A point as a row of a table, with the milestone.
#[derive(Serialize)]
struct SlipRow<'a> {
    project: &'a ProjectRef,
    kind: MilestoneKind,
    title: &'a Localized,
    status: MilestoneStatus,
    #[serde(flatten)]
    point: &'a SlipPoint,
}

fn rows_of<'a>(
    project: &'a ProjectRef,
    milestone: &'a MilestoneSlips,
) -> impl Iterator<Item = SlipRow<'a>> {
    milestone.points.iter().map(move |point| SlipRow {
        project,
        kind: milestone.kind,
        title: &milestone.title,
        status: milestone.status,
        point,
    })
}

fn rows(history: &SlipHistory) -> serde_json::Result<Vec<Value>> {
    let milestones = history.milestones.iter();
    let rows = milestones.flat_map(|milestone| rows_of(&history.project, milestone));
    rows.map(serde_json::to_value).collect()
}

/// Read the slip history of a project
///
/// Returns, for each milestone, every target by the day on which it was stated, and the date on
/// which it was met, with the slip from the first target and from the one before: the data of a
/// milestone trend chart in one answer. Leaves out retracted statements.
#[utoipa::path(tag = "milestones", operation_id = "get_project_slip_history",
    params(("id" = Uuid, Path, description = "The project's id"), AsOfTable),
    responses((status = 200, description = "The slip histories of its milestones", body = SlipHistory)))]
#[get("/projects/{id}/slip-history")]
pub async fn get_project_slip_history(
    Path(id): Path<ProjectId>,
    read: Read<AsOfTable>,
) -> Result<Answered<SlipHistory>, ApiError> {
    let as_of = read.query.as_of;
    read.session
        .read_table(move |conn, cx| history(conn, cx, id, as_of), rows)
        .await
}

#[cfg(test)]
#[path = "slips_tests.rs"]
mod tests;
