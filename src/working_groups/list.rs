//! Lists of working groups.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::handlers::{WorkingGroupFilter, WorkingGroupSort};
use super::store::{Record, Row, StoredMember};
use super::types::WorkingGroup;
use super::views;
use crate::db::page::{Listed, Page};
use crate::db::schema::{working_group_members, working_groups};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::{names, survivor};
use crate::directory::succession;
use crate::http::Shown;
use crate::kernel::error::ApiError;
use crate::kernel::values::to_db;
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope, scope};
use crate::projections::{gap_codes, search_index as search};

/// A working group on a page.
#[derive(Queryable, Selectable)]
#[diesel(table_name = working_groups)]
struct FoundId {
    id: String,
}

/// Finds one page of working groups: their ids.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &WorkingGroupFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let found = filter
        .q
        .as_ref()
        .map(|q| search::Found::by(conn, "working_group", q));
    let day = filter.as_of.unwrap_or(cx.today);
    let owners = succession::owners(conn, filter.municipality_id, day)?;
    let query = || filtered(cx, filter, owners.as_deref(), found.as_ref());
    if let Some(day) = filter.as_of
        && (filter.gap.is_some() || filter.organization_id.is_some())
    {
        let rows: Vec<Row> = query().select(Row::as_select()).load(conn)?;
        return on_day(conn, cx, rows, filter, page, day);
    }
    let listed = page.load(conn, query, |found: &FoundId| found.id.clone())?;
    Ok(listed.map(|found| found.id))
}

/// Returns working groups as they are on a day, by default today, with what they depend on.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<WorkingGroup>>, ApiError> {
    let rows = working_groups::table.filter(in_list(working_groups::id, ids));
    let rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
    let records = records(cx, rows, as_of)?;
    let bases = records.iter().map(|record| {
        // A project or an agreement that the caller cannot see is one of them: it may see it later.
        let content = &record.doc.content;
        let project = content.project_id.map(Uuid::from);
        let agreement = content.agreement_id.map(Uuid::from);
        let own = Some(record.meta.id.into());
        let shown = [own, project, agreement].into_iter().flatten();
        Basis {
            shown: shown.collect(),
            ..Basis::default()
        }
    });
    let bases: Vec<Basis> = bases.collect();
    let groups = views::views(conn, cx, records, as_of)?.into_iter();
    let shown = groups.zip(bases).map(|(row, basis)| Shown {
        key: row.meta.id.to_string(),
        row,
        basis: Some(basis),
    });
    Ok(shown.collect())
}

/// Returns the records of rows as they were on a day.
fn records(
    cx: &RequestContext,
    rows: Vec<Row>,
    as_of: Option<NaiveDate>,
) -> Result<Vec<Record>, ApiError> {
    let rows = rows.into_iter().map(|row| {
        let mut record = row.read()?;
        if let Some(day) = as_of.filter(|day| *day < cx.today) {
            views::hide_later_facts(&mut record.doc, day)?;
        }
        Ok(record)
    });
    rows.collect()
}

/// Finds one page of working groups, filtered by what no column shows: their members and gaps on a
/// day.
fn on_day(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<Row>,
    filter: &WorkingGroupFilter,
    page: &Page,
    day: NaiveDate,
) -> Result<Listed<String>, ApiError> {
    let mut records = records(cx, rows, Some(day))?;
    if let Some(id) = filter.organization_id {
        let members = records.iter().flat_map(|record| &record.doc.members);
        let members = members.map(|member| member.content.organization_id);
        let names = names(conn, members.chain([id]))?;
        let joined = |member: &StoredMember| {
            let joined = member.content.content.joined.as_ref();
            names.survivor(member.content.organization_id) == names.survivor(id)
                && !joined.is_some_and(|joined| joined.starts_after(day))
        };
        records.retain(|record| record.doc.members.iter().any(joined));
    }
    let mut groups = views::views(conn, cx, records, Some(day))?;
    if let Some(gaps) = &filter.gap {
        let codes: Vec<String> = gaps.iter().map(to_db).collect();
        groups.retain(|group| group.gaps.iter().any(|gap| codes.contains(&gap.code)));
    }
    let by_id = matches!(
        filter.sort,
        Some(WorkingGroupSort::Id | WorkingGroupSort::IdDown)
    );
    let id = |group: &WorkingGroup| group.meta.id.to_string();
    let key = |group: &WorkingGroup| match by_id {
        true => id(group),
        false => group.content.name.sort_key(),
    };
    Ok(page.of(groups, key, id).map(|group| id(&group)))
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
    if let Some(day) = filter.as_of.filter(|day| *day < cx.today) {
        let begun = w::established_earliest.le(day).assume_not_null();
        query = query.filter(w::established_earliest.is_null().or(begun));
    }
    if let Some(gaps) = filter.gap.as_ref().filter(|_| filter.as_of.is_none()) {
        query = query.filter(gap_codes::any_of("working_groups.gaps", gaps));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("working_groups.id"));
    }
    query
}
