//! Data derived from milestones for the timelines and the search.

use diesel::prelude::*;

use super::agreements;
use super::rules::{state, statement_days};
use super::store::{Doc, Row};
use super::targets;
use super::types::MilestoneContent;
use crate::db::schema::{milestones, projects as p};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, ProjectId};
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::Visibility;
use crate::projections::search_index::Owned;
use crate::projections::timeline_entry::{ALWAYS, Entry, EntryType, NEVER_ENDS};
use crate::projections::{search_index as search, timeline_entry as entry};

/// Returns the title of a milestone, or of its kind if it has none.
pub fn title(content: &MilestoneContent) -> Localized {
    content
        .title
        .clone()
        .unwrap_or_else(|| content.kind.title())
}

fn timeline(
    id: MilestoneId,
    project_id: ProjectId,
    visibility: Visibility,
    doc: &Doc,
) -> Vec<Entry> {
    let mut days = statement_days(doc.targets(), &doc.outcomes);
    // A milestone enters the timeline with its first statement. One for which nothing was ever
    // stated is always there, as unknown.
    if days.is_empty() {
        days.push(ALWAYS);
    }
    let ends = days.iter().skip(1).copied().chain([NEVER_ENDS]);
    let spans = days.iter().copied().zip(ends);
    let entries = spans.map(|(from, until)| {
        let state = state(doc.targets(), &doc.outcomes, from);
        Entry {
            type_: EntryType::Milestone,
            kind: doc.content.kind.into(),
            record_id: id.into(),
            owner_id: id.into(),
            municipality_id: doc.municipality_id,
            visibility,
            project_id: Some(project_id),
            project_phase: doc.content.phase.clone(),
            agreement: None,
            working_group_id: None,
            known_from: from,
            known_until: until,
            title: title(&doc.content),
            phase: state.phase,
            when: state.actual.or(state.target).cloned(),
            baseline: state.baseline.cloned(),
            target: state.target.cloned(),
            actual: state.actual.cloned(),
            slip: state.slip,
            follows: doc.follows().collect(),
        }
    });
    entries.collect()
}

/// Writes the timeline entries and the search index of a milestone. The entries of one that is relative to
/// another date are left to [`rewrite_relative`], which the caller runs once all milestones are written.
pub(super) fn index(
    conn: &mut AnyConnection,
    id: MilestoneId,
    (project_id, visibility): (ProjectId, Visibility),
    doc: &Doc,
) -> Result<(), ApiError> {
    agreements::write(conn, id, doc)?;
    if doc.anchors().next().is_none() {
        entry::insert(conn, timeline(id, project_id, visibility, doc))?;
    }
    index_texts(conn, id, (project_id, visibility), doc)
}

fn write_relative(
    conn: &mut AnyConnection,
    (project_id, visibility): (ProjectId, Visibility),
    relative: Vec<(MilestoneId, Doc)>,
) -> Result<(), ApiError> {
    for (id, doc) in relative {
        entry::remove(conn, &id.to_string())?;
        entry::insert(conn, timeline(id, project_id, visibility, &doc))?;
    }
    Ok(())
}

/// Writes the timeline entries anew of the milestones of a project that are relative to another date.
pub fn rewrite_relative(conn: &mut AnyConnection, project: ProjectId) -> Result<(), ApiError> {
    let relative = targets::relative(conn, project)?;
    if relative.is_empty() {
        return Ok(());
    }
    let visibility = p::table.find(project.to_string()).select(p::visibility);
    let Name(visibility) = visibility.first(conn)?;
    write_relative(conn, (project, visibility), relative)
}

/// Writes the timeline entries of all milestones that are relative to another date.
pub fn write_all_relative(conn: &mut AnyConnection) -> Result<(), ApiError> {
    use milestones as m;
    let projects: Vec<String> = m::table
        .filter(m::doc.like("%\"relative_to\":{%"))
        .order(m::project_id)
        .select(m::project_id)
        .distinct()
        .load(conn)?;
    for project in projects {
        rewrite_relative(conn, stored_id(&project)?)?;
    }
    Ok(())
}

/// Writes the search index of a milestone.
fn index_texts(
    conn: &mut AnyConnection,
    id: MilestoneId,
    (project_id, visibility): (ProjectId, Visibility),
    doc: &Doc,
) -> Result<(), ApiError> {
    let texts = serde_json::to_value((&doc.content, &doc.forecasts, &doc.outcomes));
    let owned = Owned {
        municipality_id: Some(doc.municipality_id),
        visibility,
        context_id: project_id.into(),
    };
    let texts = texts.map_err(ApiError::internal)?;
    search::index(
        conn,
        "milestone",
        id.into(),
        owned,
        &[&title(&doc.content)],
        &texts,
    )
}

/// Removes the data written by [`index`].
pub(super) fn unindex(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    entry::remove(conn, id)?;
    agreements::remove(conn, id)?;
    search::remove(conn, "milestone", id)
}

/// Returns the titles of milestones by id, for the timelines.
pub fn titles(
    conn: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Localized)>, ApiError> {
    use milestones as m;
    let rows: Vec<(String, Json<Doc>)> = m::table
        .filter(in_list(m::id, ids))
        .select((m::id, m::doc))
        .load(conn)?;
    let titled = |(id, Json(doc)): (String, Json<Doc>)| (id, title(&doc.content));
    Ok(rows.into_iter().map(titled).collect())
}

/// Applies the new visibility of a project to its milestones.
pub fn set_visibility(
    conn: &mut AnyConnection,
    project_id: ProjectId,
    visibility: Visibility,
) -> Result<(), ApiError> {
    use milestones as m;
    let mut rows: Vec<Row> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .select(Row::as_select())
        .load(conn)?;
    let docs = rows.iter_mut();
    let docs = docs.map(|row| (project_id.to_string(), &mut row.doc.0));
    targets::attach(conn, docs)?;
    for row in rows {
        let (id, Json(doc)) = (stored_id(&row.id)?, row.doc);
        unindex(conn, &row.id)?;
        agreements::write(conn, id, &doc)?;
        entry::insert(conn, timeline(id, project_id, visibility, &doc))?;
        index_texts(conn, id, (project_id, visibility), &doc)?;
    }
    Ok(())
}
