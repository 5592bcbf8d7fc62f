//! The list of projects.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::handlers::ProjectFilter;
use super::store::{Doc, Row};
use super::types::ProjectSummary;
use super::view::{implementer_names, replace_by_survivors};
use crate::db::page::{Listed, Page};
use crate::db::schema::{project_implementers, projects};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::{names, survivor};
use crate::directory::succession;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::kernel::values::{Meta, to_db};
use crate::ledger::{RequestContext, Scope, scope};
use crate::projections::{gap_codes, search_index as search};

/// Reads one page of projects.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &ProjectFilter,
    page: &Page,
) -> Result<Listed<ProjectSummary>, ApiError> {
    let found = wanted.q.as_ref();
    let found = found.map(|q| search::Found::by(conn, "project", q));
    let owners = succession::owners(conn, wanted.municipality_id, cx.today)?;
    let query = || filtered(cx, wanted, owners.as_deref(), found.as_ref());
    let listed = page.load(conn, query, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| summaries(conn, rows, cx.today))
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
    use projects as p;
    let mut query = p::table
        .filter(Scope::of(&cx.caller, "projects"))
        .into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(p::municipality_id, owners));
    }
    if let Some(id) = wanted.organization_id {
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
    if let Some(gaps) = &wanted.gap {
        query = query.filter(gap_codes::any_of("projects.gaps", gaps));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("projects.id"));
    }
    query
}

fn summaries(
    conn: &mut AnyConnection,
    rows: Vec<Row>,
    today: NaiveDate,
) -> Result<Vec<ProjectSummary>, ApiError> {
    let rows = rows
        .into_iter()
        .map(Row::read)
        .collect::<Result<Vec<_>, _>>()?;
    let named = rows
        .iter()
        .flat_map(|(_, doc)| doc.implementers().chain([doc.municipality_id]));
    let names = names(conn, named.collect::<Vec<_>>())?;
    let summary = |(meta, mut doc): (Meta<ProjectId>, Doc)| {
        replace_by_survivors(&mut doc, &names)?;
        Ok(ProjectSummary {
            meta,
            municipality: names.owner(doc.municipality_id, today)?,
            implementing_organizations: implementer_names(&doc.content, &names)?,
            content: doc.content,
        })
    };
    rows.into_iter().map(summary).collect()
}
