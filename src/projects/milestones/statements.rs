//! Statements about a milestone: its forecasts and outcomes, which are added and retracted.

use diesel::prelude::*;

use super::dependents;
use super::relations;
use super::store::{Doc, load_to_change, save};
use super::types::{Forecast, ForecastContent, Milestone, Origin, Outcome, OutcomeContent};
use crate::db::schema::{milestones as m, projects};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession::Held;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{MilestoneId, StatementId};
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{
    AnchorDate, Localized, Retraction, RetractionCreate, Source, stored_id,
};
use crate::ledger::{RequestContext, Scope};

/// Adds a forecast.
///
/// # Errors
/// `not_found`; `forbidden`; `validation_failed` if `stated_on` has not fully passed, or the target is
/// relative to a milestone of another project or to one that depends on this one, or to an agreement
/// that the caller cannot see.
pub fn add_forecast(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    new: &ForecastContent,
) -> Result<Milestone, ApiError> {
    if let Some(wrong) = not_passed(&new.stated_on, "/stated_on", cx.today) {
        return Err(ApiError::invalid(vec![wrong]));
    }
    let mut record = load_to_change(conn, cx, id)?;
    if new.target.relative_to().is_some() {
        dependents::lock(conn, record.project.id)?;
        relations::check(conn, cx, (record.project.id, id), &new.target)?;
    }
    record.doc.forecasts.push(forecast(cx, new));
    save(conn, cx, &record, None)
}

/// Returns a new forecast.
pub(super) fn forecast(cx: &RequestContext, new: &ForecastContent) -> Forecast {
    let mut target = new.target.clone();
    // The dates that follow from another milestone or an agreement are derived whenever they are read.
    target.derive_from(&AnchorDate::default());
    Forecast {
        id: cx.id(),
        content: ForecastContent {
            target,
            stated_on: new.stated_on.clone().happened_by(cx.today),
            ..new.clone()
        },
        retraction: None,
        origin: Origin::Stated,
    }
}

/// Returns a new outcome.
pub(super) fn outcome(cx: &RequestContext, new: &OutcomeContent) -> Outcome {
    Outcome {
        id: cx.id(),
        content: OutcomeContent {
            on: new.on.clone().happened_by(cx.today),
            ..new.clone()
        },
        retraction: None,
    }
}

/// Adds an outcome.
///
/// # Errors
/// `not_found`; `forbidden`; `validation_failed` if the date has not fully passed.
pub fn add_outcome(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    new: &OutcomeContent,
) -> Result<Milestone, ApiError> {
    if let Some(wrong) = not_passed(&new.on, "/on", cx.today) {
        return Err(ApiError::invalid(vec![wrong]));
    }
    let mut record = load_to_change(conn, cx, id)?;
    record.doc.outcomes.push(outcome(cx, new));
    save(conn, cx, &record, None)
}

/// Adds a forecast, unless its source has stated the same already.
///
/// # Errors
/// Those of [`add_forecast`].
pub fn repeat_forecast(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    new: &ForecastContent,
) -> Result<(), ApiError> {
    let record = load_to_change(conn, cx, id)?;
    let is_same = |known: &Forecast| {
        let content = &known.content;
        known.retraction.is_none()
            && content.target.same_days(&new.target)
            && content.target.relative_to() == new.target.relative_to()
            && content.stated_on.same_days(&new.stated_on)
            && content.source == new.source
    };
    if record.doc.forecasts.iter().any(is_same) {
        return Ok(());
    }
    add_forecast(conn, cx, id, new).map(drop)
}

/// Adds an outcome, unless its source has stated the same already.
///
/// # Errors
/// Those of [`add_outcome`].
pub fn repeat_outcome(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    new: &OutcomeContent,
) -> Result<(), ApiError> {
    let record = load_to_change(conn, cx, id)?;
    let is_same = |known: &Outcome| {
        let content = &known.content;
        known.retraction.is_none()
            && content.kind == new.kind
            && content.on.same_days(&new.on)
            && content.source == new.source
    };
    if record.doc.outcomes.iter().any(is_same) {
        return Ok(());
    }
    add_outcome(conn, cx, id, new).map(drop)
}

/// Replaces a source by what it is now, in the forecasts and outcomes that have it, of the projects that
/// municipalities hold.
///
/// # Errors
/// `forbidden` if the caller cannot change a milestone.
pub fn restate_source(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    (before, after): (&Source, &Source),
) -> Result<(), ApiError> {
    let of_held = in_list(
        projects::municipality_id,
        held.ids.iter().map(String::as_str),
    );
    let rows: Vec<(String, Json<Doc>)> = m::table
        .inner_join(projects::table.on(projects::id.eq(m::project_id)))
        .filter(of_held)
        .filter(Scope::of(&cx.caller, "projects"))
        .order(m::id)
        .select((m::id, m::doc))
        .load(conn)?;
    let reason = Localized {
        ko: Some("출처 정정: 확인된 발표를 고침".to_owned()),
        en: Some("Source corrected: the confirmed announcement was changed".to_owned()),
    };
    for (id, Json(mut doc)) in rows {
        if !cites(&mut doc).any(|source| source == before) {
            continue;
        }
        let mut record = load_to_change(conn, cx, stored_id(&id)?)?;
        for source in cites(&mut record.doc).filter(|source| *source == before) {
            source.clone_from(after);
        }
        save(conn, cx, &record, Some(&reason))?;
    }
    Ok(())
}

/// Returns the sources of the statements about a milestone.
fn cites(doc: &mut Doc) -> impl Iterator<Item = &mut Source> {
    let forecasts = doc.forecasts.iter_mut().map(|one| &mut one.content.source);
    let outcomes = doc.outcomes.iter_mut().map(|one| &mut one.content.source);
    forecasts.chain(outcomes).flatten()
}

/// The statement to retract.
#[derive(Clone, Copy, Debug)]
pub enum Statement {
    Forecast(StatementId),
    Outcome(StatementId),
}

/// Retracts a mistaken forecast or outcome, which stays visible.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if it is already retracted.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    statement: Statement,
    why: &RetractionCreate,
) -> Result<Milestone, ApiError> {
    let mut record = load_to_change(conn, cx, id)?;
    let retraction = match statement {
        Statement::Forecast(id) => record
            .doc
            .forecasts
            .iter_mut()
            .find(|f| f.id == id)
            .map(|f| &mut f.retraction),
        Statement::Outcome(id) => record
            .doc
            .outcomes
            .iter_mut()
            .find(|o| o.id == id)
            .map(|o| &mut o.retraction),
    };
    let retraction = retraction.ok_or_else(ApiError::not_found)?;
    if retraction.is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "이미 철회되었습니다.",
            "It is retracted already.",
        ));
    }
    *retraction = Some(Retraction {
        reason: why.reason.clone(),
        retracted_on: cx.today,
    });
    save(conn, cx, &record, Some(&why.reason))
}
