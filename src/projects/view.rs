//! Parts of the API view of a project.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::milestones::rules::in_order;
use super::statements::types::ProjectStatement;
use super::store::Doc;
use super::types::{Implementer, ProjectContent};
use crate::directory::names::Names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, OrganizationRef, Warning};

/// Returns the statements by day. A past view leaves out later ones.
pub fn statements_by(all: &[ProjectStatement], past: Option<NaiveDate>) -> Vec<ProjectStatement> {
    let known = in_order(all, |s| &s.content.stated_on)
        .filter(|s| past.is_none_or(|day| s.content.stated_on.known_by(day)));
    known.cloned().collect()
}

/// Like [`statements_by`], without the sources that a past view leaves out.
pub fn known_statements(
    all: &[ProjectStatement],
    past: Option<NaiveDate>,
) -> Vec<ProjectStatement> {
    let mut known = statements_by(all, past);
    if let Some(day) = past {
        for statement in &mut known {
            let source = &mut statement.content.source;
            source.take_if(|source| !source.known_by(day));
        }
    }
    known
}

/// Replaces merged duplicates by their survivors. Two implementers that were merged into one are
/// shown as one; returns a warning for each of these.
pub(super) fn replace_by_survivors(doc: &mut Doc, names: &Names) -> Result<Vec<Warning>, ApiError> {
    for statement in &mut doc.statements {
        unite(&mut statement.content.implementers, names, "")?;
    }
    let mut warnings = unite(&mut doc.content.implementers, names, "")?;
    for (i, phase) in doc.content.phases.iter_mut().enumerate() {
        warnings.extend(unite(
            &mut phase.implementers,
            names,
            &format!("/phases/{i}"),
        )?);
    }
    Ok(warnings)
}

/// Makes one implementer of those that were merged into one, with the sum of their shares.
fn unite(
    implementers: &mut Vec<Implementer>,
    names: &Names,
    at: &str,
) -> Result<Vec<Warning>, ApiError> {
    let mut kept: Vec<(OrganizationId, Implementer)> = Vec::with_capacity(implementers.len());
    let mut warnings = Vec::new();
    for mut one in std::mem::take(implementers) {
        let recorded = one.organization_id;
        let organization = names.get(recorded)?;
        one.organization_id = organization.id;
        let merged = |(other, shown): &(OrganizationId, Implementer)| {
            *other != recorded && shown.organization_id == organization.id
        };
        let Some(place) = kept.iter().position(merged) else {
            kept.push((recorded, one));
            continue;
        };
        let (_, shown) = &mut kept[place];
        let shares = (shown.share_percent, one.share_percent);
        shown.share_percent = match shares {
            (Some(share), Some(other)) => Some(share + other),
            (share, other) => share.or(other),
        };
        let lost = one.note.filter(|note| shown.note.as_ref() != Some(note));
        let lost = if shown.note.is_none() {
            shown.note = lost;
            None
        } else {
            lost
        };
        warnings.push(Warning {
            organizations: vec![organization],
            ..Warning::new(
                "implementers_merged",
                format!("{at}/implementers/{place}"),
                united(lost.as_ref()),
            )
        });
    }
    implementers.extend(kept.into_iter().map(|(_, shown)| shown));
    Ok(warnings)
}

/// Describes implementers that became one, with a note that is shown nowhere else.
fn united(note: Option<&Localized>) -> Message {
    let note = note.and_then(|note| note.texts().next());
    let note = note.map_or_else(String::new, |note| format!(" ({note})"));
    Message::new(
        format!("합쳐진 두 기관이 한 시행자이고, 지분은 더한 값입니다.{note}"),
        format!(
            "Two organizations that were merged are one implementer, with the sum of their shares.{note}"
        ),
    )
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
