//! Statements about a milestone: its forecasts and outcomes, which are added and retracted.

use super::dependents;
use super::relations;
use super::store::{load_to_change, save};
use super::types::{Forecast, ForecastContent, Milestone, Origin, Outcome, OutcomeContent};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{MilestoneId, StatementId};
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{AnchorDate, Retraction, RetractionCreate};
use crate::ledger::RequestContext;

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
