//! What is derived from milestones for the timelines and the search.

use diesel::prelude::*;
use uuid::Uuid;

use super::rules::{state, turning_days};
use super::store::{Doc, Row};
use super::types::MilestoneContent;
use crate::access::Visibility;
use crate::db::schema::milestones;
use crate::db::{AnyConnection, among};
use crate::error::ApiError;
use crate::search::store::{self as search, Owned};
use crate::timeline::entry::{self, ALWAYS, Entry, EntryType, NEVER_ENDS};
use crate::values::{Localized, stored, stored_id};

/// What a milestone is called.
pub fn title(content: &MilestoneContent) -> Localized {
    content
        .title
        .clone()
        .unwrap_or_else(|| content.kind.title())
}

fn timeline(id: Uuid, project_id: Uuid, audience: Visibility, doc: &Doc) -> Vec<Entry> {
    let mut days = turning_days(&doc.forecasts, &doc.outcomes);
    // Before anything was stated the milestone is not on the timeline; one of which nothing was
    // ever stated is, as unknown.
    if days.is_empty() {
        days.push(ALWAYS);
    }
    let ends = days.iter().skip(1).copied().chain([NEVER_ENDS]);
    let spans = days.iter().copied().zip(ends);
    let entries = spans.map(|(from, until)| {
        let state = state(&doc.forecasts, &doc.outcomes, from);
        Entry {
            type_: EntryType::Milestone,
            kind: doc.content.kind.into(),
            record_id: id,
            owner_id: id,
            municipality_id: doc.municipality_id,
            audience,
            project_id: Some(project_id),
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
        }
    });
    entries.collect()
}

/// Writes what is derived from a milestone for the queries of others.
pub(super) fn index(
    conn: &mut AnyConnection,
    id: Uuid,
    project_id: Uuid,
    audience: Visibility,
    doc: &Doc,
) -> Result<(), ApiError> {
    entry::insert(conn, timeline(id, project_id, audience, doc))?;
    let texts = serde_json::to_value((&doc.content, &doc.forecasts, &doc.outcomes));
    let owned = Owned {
        municipality_id: Some(doc.municipality_id),
        audience,
        context_id: project_id,
    };
    let texts = texts.map_err(ApiError::internal)?;
    search::index(
        conn,
        "milestone",
        id,
        owned,
        &[&title(&doc.content)],
        &texts,
    )
}

/// Removes what [`index`] wrote.
pub(super) fn unindex(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    entry::remove(conn, id)?;
    search::remove(conn, "milestone", id)
}

/// The titles of milestones, as the timelines show them.
///
/// # Errors
/// What the database says.
pub fn titles(
    conn: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Localized)>, ApiError> {
    use milestones as m;
    let rows: Vec<(String, String)> = m::table
        .filter(among(m::id, ids))
        .select((m::id, m::doc))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, doc)| Ok((id, title(&stored::<Doc>(&doc)?.content))))
        .collect()
}

/// Shows the milestones of a project to those who now see the project.
///
/// # Errors
/// What the database says.
pub fn show_to(
    conn: &mut AnyConnection,
    project_id: Uuid,
    audience: Visibility,
) -> Result<(), ApiError> {
    use milestones as m;
    let rows: Vec<Row> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .select(Row::as_select())
        .load(conn)?;
    for row in rows {
        unindex(conn, &row.id)?;
        index(
            conn,
            stored_id(&row.id)?,
            project_id,
            audience,
            &stored(&row.doc)?,
        )?;
    }
    Ok(())
}
