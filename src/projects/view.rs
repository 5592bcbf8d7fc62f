//! Parts of the API view of a project.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::milestones::rules::in_order;
use super::statements::types::ProjectStatement;
use super::store::Doc;
use super::types::ProjectContent;
use crate::directory::names::Names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::OrganizationRef;

/// Returns the statements by day. A past view leaves out later statements and sources.
pub fn known_statements(
    all: &[ProjectStatement],
    past: Option<NaiveDate>,
) -> Vec<ProjectStatement> {
    let known = in_order(all, |s| &s.content.stated_on)
        .filter(|s| past.is_none_or(|day| s.content.stated_on.known_by(day)));
    let mut known: Vec<ProjectStatement> = known.cloned().collect();
    if let Some(day) = past {
        for statement in &mut known {
            let source = &mut statement.content.source;
            source.take_if(|source| !source.known_by(day));
        }
    }
    known
}

/// Replaces merged duplicates by their survivors.
pub(super) fn replace_by_survivors(doc: &mut Doc, names: &Names) -> Result<(), ApiError> {
    let stated = doc.statements.iter_mut();
    let stated = stated.flat_map(|s| &mut s.content.implementers);
    let phases = doc.content.phases.iter_mut();
    let phases = phases.flat_map(|p| &mut p.implementers);
    let present = doc.content.implementers.iter_mut().chain(phases);
    for implementer in present.chain(stated) {
        implementer.organization_id = names.get(implementer.organization_id)?.id;
    }
    Ok(())
}

/// Returns each organization that the project, its phases or the statements name.
pub fn named(
    content: &ProjectContent,
    statements: &[ProjectStatement],
    names: &Names,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let stated = statements.iter().flat_map(|s| &s.content.implementers);
    let phases = content.phases.iter().flat_map(|p| &p.implementers);
    let all = content.implementers.iter().chain(phases).chain(stated);
    let ids: BTreeSet<OrganizationId> = all.map(|i| i.organization_id).collect();
    names.all(&ids.into_iter().collect::<Vec<_>>())
}

/// Returns the implementers with their names.
pub fn implementer_names(
    content: &ProjectContent,
    names: &Names,
) -> Result<Vec<OrganizationRef>, ApiError> {
    content
        .implementers
        .iter()
        .map(|i| names.get(i.organization_id))
        .collect()
}
