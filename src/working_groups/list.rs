//! Lists of working groups.

use diesel::prelude::*;

use super::handlers::WorkingGroupFilter;
use super::store::Row;
use super::types::WorkingGroup;
use super::views;
use crate::db::page::{Listed, Page};
use crate::db::schema::{working_group_members, working_groups};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::survivor;
use crate::directory::succession;
use crate::kernel::error::ApiError;
use crate::ledger::{RequestContext, Scope, scope};
use crate::projections::{gap_codes, search_index as search};

/// Reads one page of working groups.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &WorkingGroupFilter,
    page: &Page,
) -> Result<Listed<WorkingGroup>, ApiError> {
    let found = filter
        .q
        .as_ref()
        .map(|q| search::Found::by(conn, "working_group", q));
    let owners = succession::owners(conn, filter.municipality_id, cx.today)?;
    let query = || filtered(cx, filter, owners.as_deref(), found.as_ref());
    let listed = page.load(conn, query, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| {
        let records = rows
            .into_iter()
            .map(Row::read)
            .collect::<Result<Vec<_>, _>>()?;
        views::views(conn, cx, records, None)
    })
}

type Query<'a> = working_groups::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the filtered working groups that are visible to the caller.
fn filtered<'a>(
    cx: &RequestContext,
    filter: &WorkingGroupFilter,
    owners: Option<&[String]>,
    found: Option<&search::Found>,
) -> Query<'a> {
    use working_group_members as m;
    use working_groups as w;
    let mut query = w::table
        .filter(Scope::of(&cx.caller, "working_groups"))
        .into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(w::municipality_id, owners));
    }
    if let Some(id) = filter.project_id {
        let visible = scope::visible_project(cx, id);
        query = query.filter(w::project_id.assume_not_null().eq_any(visible));
    }
    if let Some(id) = filter.agreement_id {
        let visible = scope::visible_agreement(cx, id);
        query = query.filter(w::agreement_id.assume_not_null().eq_any(visible));
    }
    if let Some(id) = filter.organization_id {
        let groups = m::table
            .filter(m::organization_id.eq_any(survivor(id)))
            .select(m::working_group_id);
        query = query.filter(w::id.eq_any(groups));
    }
    if let Some(gaps) = &filter.gap {
        query = query.filter(gap_codes::any_of("working_groups.gaps", gaps));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("working_groups.id"));
    }
    query
}
