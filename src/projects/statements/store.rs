//! Writes of statements about a project.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::rules;
use super::types::{ProjectStatement, ProjectStatementContent};
use crate::db::schema::milestones as m;
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{ProjectId, StatementId};
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{Retraction, RetractionCreate, stored_id};
use crate::ledger::RequestContext;
use crate::projects::funding::unknown_phases;
use crate::projects::milestones::store::Doc as Milestone;
use crate::projects::milestones::types::{MilestoneKind, OutcomeKind};
use crate::projects::phases;
use crate::projects::store as projects;
use crate::projects::types::Project;

/// Makes a statement of what is sent.
pub fn statement(cx: &RequestContext, content: &ProjectStatementContent) -> ProjectStatement {
    ProjectStatement {
        id: cx.id(),
        content: ProjectStatementContent {
            stated_on: content.stated_on.clone().happened_by(cx.today),
            ..content.clone()
        },
        retraction: None,
    }
}

/// Returns an error for each statement whose date has not fully passed.
pub fn future_statements(
    statements: &[ProjectStatementContent],
    today: NaiveDate,
) -> impl Iterator<Item = FieldError> {
    let statements = statements.iter().enumerate();
    statements.filter_map(move |(i, statement)| {
        not_passed(
            &statement.stated_on,
            format!("/statements/{i}/stated_on"),
            today,
        )
    })
}

/// Returns the last days of the notices (고시) of projects: of their plans that were decided. Projects
/// without any are left out.
pub fn notices(
    conn: &mut AnyConnection,
    ids: impl IntoIterator<Item = ProjectId>,
) -> Result<HashMap<ProjectId, Vec<NaiveDate>>, ApiError> {
    use MilestoneKind::{DevelopmentPlan, PlanAmendment, PlanApproval, ZoneDesignation};
    let kinds = [
        ZoneDesignation,
        DevelopmentPlan,
        PlanApproval,
        PlanAmendment,
    ];
    let ids = ids.into_iter().map(|id| id.to_string());
    let docs: Vec<(String, Json<Milestone>)> = m::table
        .filter(in_list(m::project_id, ids))
        .filter(in_list(m::kind, kinds.map(MilestoneKind::as_str)))
        .select((m::project_id, m::doc))
        .load(conn)?;
    let mut days: HashMap<ProjectId, Vec<NaiveDate>> = HashMap::new();
    for (id, Json(doc)) in docs {
        let met = doc.outcomes.iter().filter(|outcome| {
            outcome.retraction.is_none() && outcome.content.kind == OutcomeKind::Met
        });
        let met = met.filter_map(|outcome| outcome.content.on.latest());
        days.entry(stored_id(&id)?).or_default().extend(met);
    }
    Ok(days)
}

/// Adds a statement.
///
/// # Errors
/// `not_found`; `forbidden`; `validation_failed` if the date has not fully passed or an implementer
/// or a
/// phase is unknown.
pub fn add(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    new: &ProjectStatementContent,
) -> Result<Project, ApiError> {
    let (meta, mut doc) = projects::load_to_change(conn, cx, id)?;
    let mut wrong = unknown_phases(&new.progress, &phases::keys(&doc.content.phases), "");
    wrong.extend(not_passed(&new.stated_on, "/stated_on", cx.today));
    let places = [(String::new(), new.implementers.as_slice())];
    projects::check_implementers(conn, &places, wrong)?;
    let before = doc.content.clone();
    let new = statement(cx, new);
    let new_id = new.id;
    doc.statements.push(new);
    rules::adopt(&mut doc.content, &doc.statements, new_id);
    projects::save(conn, cx, &meta, &before, doc, None)
}

/// Retracts a mistaken statement, which stays visible.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if it is already retracted.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    statement: StatementId,
    why: &RetractionCreate,
) -> Result<Project, ApiError> {
    let (meta, mut doc) = projects::load_to_change(conn, cx, id)?;
    let before = doc.content.clone();
    let found = doc.statements.iter_mut().find(|s| s.id == statement);
    let found = found.ok_or_else(ApiError::not_found)?;
    if found.retraction.is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "이미 철회되었습니다.",
            "It is retracted already.",
        ));
    }
    found.retraction = Some(Retraction {
        reason: why.reason.clone(),
        retracted_on: cx.today,
    });
    let retracted = found.content.clone();
    rules::abandon(&mut doc.content, &doc.statements, &retracted);
    projects::save(conn, cx, &meta, &before, doc, Some(&why.reason))
}
