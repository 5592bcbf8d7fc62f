//! The list of projects.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::gaps::gaps;
use super::handlers::{ProjectFilter, ProjectSort};
use super::phases;
use super::statements::rules::title_on;
use super::statements::store::notices;
use super::store::{Doc, Row};
use super::types::ProjectSummary;
use super::view::{implementer_names, replace_by_survivors, statements_by};
use crate::db::page::{Listed, Page};
use crate::db::schema::{project_implementers, project_organizations, projects};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::{names, survivor};
use crate::directory::succession;
use crate::http::Shown;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::values::{Localized, Meta, to_db};
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope, scope};
use crate::projections::{gap_codes, search_index as search};

/// A project on a page.
#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
struct FoundId {
    id: String,
}

/// Finds one page of projects: their ids.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &ProjectFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let found = wanted.q.as_ref();
    let found = found.map(|q| search::Found::by(conn, "project", q));
    let day = wanted.as_of.unwrap_or(cx.today);
    let owners = succession::owners(conn, wanted.municipality_id, day)?;
    let query = || filtered(cx, wanted, owners.as_deref(), found.as_ref());
    let by_id = matches!(wanted.sort, Some(ProjectSort::Id | ProjectSort::IdDown));
    let in_columns = by_id && wanted.gap.is_none() && wanted.organization_id.is_none();
    if day < cx.today && !in_columns {
        let rows: Vec<Row> = query().select(Row::as_select()).load(conn)?;
        return on_day(conn, cx, rows, wanted, (page, day, by_id));
    }
    let listed = page.load(conn, query, |found: &FoundId| found.id.clone())?;
    Ok(listed.map(|found| found.id))
}

/// Returns the rows of projects as known on a day, by default today, with what they depend on.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<ProjectSummary>>, ApiError> {
    let rows = projects::table.filter(in_list(projects::id, ids));
    let rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
    let rows = summaries(conn, cx, read(rows)?, as_of.unwrap_or(cx.today))?;
    let shown = rows.into_iter().map(|row| Shown {
        key: row.meta.id.to_string(),
        // Agreements that serve it name it, but it shows none of them.
        basis: Some(Basis {
            shown: vec![row.meta.id.into()],
            ..Basis::default()
        }),
        row,
    });
    Ok(shown.collect())
}

/// A project as files name it.
#[derive(Clone, Debug)]
pub struct NamedProject {
    pub id: ProjectId,
    /// Its title, and those that were stated before.
    pub titles: Vec<Localized>,
    /// The keys and titles of its phases.
    pub phases: Vec<(String, Localized)>,
}

/// Reads the names of the projects that a municipality holds today.
pub fn named(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<Vec<NamedProject>, ApiError> {
    let owners = succession::owners(conn, Some(municipality), cx.today)?;
    let rows: Vec<Row> = projects::table
        .filter(in_list(
            projects::municipality_id,
            owners.unwrap_or_default(),
        ))
        .filter(Scope::of(&cx.caller, "projects"))
        .order(projects::id)
        .select(Row::as_select())
        .load(conn)?;
    let named = read(rows)?.into_iter().map(|(meta, doc)| {
        let keys = phases::keys(&doc.content.phases).into_iter();
        let phases = doc.content.phases.iter().map(|phase| phase.title.clone());
        let stated = doc
            .statements
            .into_iter()
            .filter(|s| s.retraction.is_none());
        let stated = stated.filter_map(|statement| statement.content.title);
        NamedProject {
            id: meta.id,
            titles: std::iter::once(doc.content.title).chain(stated).collect(),
            phases: keys.zip(phases).collect(),
        }
    });
    Ok(named.collect())
}

/// Reads the documents of rows.
fn read(rows: Vec<Row>) -> Result<Vec<(Meta<ProjectId>, Doc)>, ApiError> {
    rows.into_iter().map(Row::read).collect()
}

/// Finds one page of projects, filtered and sorted by what no column shows: their titles, gaps and
/// implementers on a past day.
fn on_day(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<Row>,
    wanted: &ProjectFilter,
    (page, day, by_id): (&Page, NaiveDate, bool),
) -> Result<Listed<String>, ApiError> {
    let mut rows = read(rows)?;
    if let Some(wanted) = &wanted.gap {
        let codes: Vec<String> = wanted.iter().map(to_db).collect();
        rows.retain(|(_, doc)| {
            let mut content = doc.content.clone();
            content.sources.retain(|source| source.known_by(day));
            let stated = statements_by(&doc.statements, Some(day));
            let gaps = gaps(&content, &stated, false);
            gaps.iter().any(|gap| codes.contains(&gap.code))
        });
    }
    let key = |id: ProjectId, title: &Localized| match by_id {
        true => id.to_string(),
        false => title.sort_key(),
    };
    if let Some(id) = wanted.organization_id {
        let id = names(conn, [id])?.survivor(id);
        let mut projects = summaries(conn, cx, rows, day)?;
        projects.retain(|project| project.content.present_implementers().any(|one| one == id));
        let key = |project: &ProjectSummary| key(project.meta.id, &project.content.title);
        let listed = page.of(projects, key, |project| project.meta.id.to_string());
        return Ok(listed.map(|project| project.meta.id.to_string()));
    }
    let key = |(meta, doc): &(Meta<ProjectId>, Doc)| {
        let title = title_on(&doc.statements, day);
        key(meta.id, title.unwrap_or(&doc.content.title))
    };
    let listed = page.of(rows, key, |(meta, _)| meta.id.to_string());
    Ok(listed.map(|(meta, _)| meta.id.to_string()))
}

type Query<'a> = projects::BoxedQuery<'a, MultiBackend>;

fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a ProjectFilter,
    owners: Option<&[String]>,
    found: Option<&'a search::Found>,
) -> Query<'a> {
    use crate::db::schema::agreement_projects as j;
    use project_implementers as i;
    use project_organizations as o;
    use projects as p;
    let past = wanted.as_of.is_some_and(|day| day < cx.today);
    let mut query = p::table
        .filter(Scope::of(&cx.caller, "projects"))
        .into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(p::municipality_id, owners));
    }
    if let Some(id) = wanted.organization_id.filter(|_| past) {
        // Whoever carried it out on the day is among those that are named at all.
        let of = o::table
            .filter(o::organization_id.eq_any(survivor(id)))
            .select(o::project_id);
        query = query.filter(p::id.eq_any(of));
    } else if let Some(id) = wanted.organization_id {
        let of = i::table
            .filter(i::organization_id.eq_any(survivor(id)))
            .select(i::project_id);
        query = query.filter(p::id.eq_any(of));
    }
    if let Some(id) = wanted.agreement_id {
        let of = j::table
            .filter(j::agreement_id.eq_any(scope::visible_agreement(cx, id)))
            .select(j::project_id);
        query = query.filter(p::id.eq_any(of));
    }
    if let Some(kinds) = &wanted.kind {
        query = query.filter(in_list(p::kind, kinds.iter().map(to_db)));
    }
    if let Some(statuses) = &wanted.status {
        query = query.filter(in_list(p::status, statuses.iter().map(to_db)));
    }
    if let Some(gaps) = wanted.gap.as_ref().filter(|_| !past) {
        query = query.filter(gap_codes::any_of("projects.gaps", gaps));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("projects.id"));
    }
    query
}

/// Returns the rows of projects as known on a day.
fn summaries(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<(Meta<ProjectId>, Doc)>,
    day: NaiveDate,
) -> Result<Vec<ProjectSummary>, ApiError> {
    let named = rows
        .iter()
        .flat_map(|(_, doc)| doc.implementers().chain([doc.municipality_id]));
    let names = names(conn, named.collect::<Vec<_>>())?;
    let past = day < cx.today;
    let mut notices = match past {
        true => notices(conn, rows.iter().map(|(meta, _)| meta.id))?,
        false => HashMap::new(),
    };
    let summary = |(meta, mut doc): (Meta<ProjectId>, Doc)| {
        replace_by_survivors(&mut doc, &names)?;
        if past {
            doc.rewind_to(&notices.remove(&meta.id).unwrap_or_default(), day);
        }
        Ok(ProjectSummary {
            meta,
            municipality: names.owner(doc.municipality_id, day)?,
            implementing_organizations: implementer_names(&doc.content, &names)?,
            content: doc.content,
        })
    };
    rows.into_iter().map(summary).collect()
}
