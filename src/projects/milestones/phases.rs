//! Phases of a project as its milestones name them.

use diesel::prelude::*;

use super::store::Doc;
use super::types::MilestoneContent;
use crate::db::schema::milestones;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::ProjectId;
use crate::ledger::RequestContext;
use crate::projects::phases::unknown_phase;
use crate::projects::store as projects;

/// Returns the error for a milestone that names a phase which its project lacks.
pub(super) fn wrong_phase(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project_id: ProjectId,
    content: &MilestoneContent,
) -> Result<Option<FieldError>, ApiError> {
    let Some(phase) = &content.phase else {
        return Ok(None);
    };
    let keys = projects::phase_keys(conn, cx, project_id)?;
    Ok(unknown_phase(Some(phase), &keys, "/phase".to_owned()))
}

/// Returns the keys of the phases that the milestones of a project name.
pub fn phases_named(conn: &mut AnyConnection, id: ProjectId) -> Result<Vec<String>, ApiError> {
    use milestones as m;
    let docs: Vec<Json<Doc>> = m::table
        .filter(m::project_id.eq(id.to_string()))
        .order(m::id)
        .select(m::doc)
        .load(conn)?;
    let mut named = Vec::new();
    for Json(doc) in docs {
        named.extend(doc.content.phase.filter(|phase| !named.contains(phase)));
    }
    Ok(named)
}
