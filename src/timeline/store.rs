//! Queries of the timeline.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::str::FromStr;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::calendar::{LeftOut, Stamp};
use super::handlers::{Restriction, TimelineFilter, TimelineItem, TimelineSort, order};
use super::parts::{By, by_index, parts, phase_of};
use super::stamps::{StampSource, stamps};
use crate::agreements::anchors;
use crate::agreements::read::parties_of;
use crate::db::page::{Listed, Page};
use crate::db::schema::{
    agreement_parties, agreement_projects, agreements, meeting_organizations, project_implementers,
    timeline_entries as t,
};
use crate::db::steered::Unindexed;
use crate::db::{AnyConnection, Json, MultiBackend, Name, in_list};
use crate::directory::names::{names, survivor};
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::http::Shown;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, ProjectId, WorkingGroupId};
use crate::kernel::values::{
    AgreementRef, OrganizationRef, ProjectRef, WorkingGroupRef, stored_id, to_db,
};
use crate::ledger::tail::{Basis, ids_in};
use crate::ledger::{RequestContext, Scope, scope};
use crate::projections::timeline_entry::{
    ALWAYS, EntryDoc, EntryKind, EntryType, LAST_DAY, NEVER_ENDS, TimelineStatus, UNDATED,
};
use crate::projects::milestones::agreements as milestones;
use crate::projects::store as projects;
use crate::working_groups::{attendees_of, store as working_groups};

#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct Row {
    entry_id: String,
    owner_id: String,
    known_from: NaiveDate,
    record_id: String,
    type_: Name<EntryType>,
    kind: Name<EntryKind>,
    municipality_id: String,
    project_id: Option<String>,
    project_phase: Option<String>,
    working_group_id: Option<String>,
    doc: Json<EntryDoc>,
}

/// The columns by which an organization takes part in an entry.
const CONTEXTS: &[&str] = &[
    "timeline_entries.owner_id",
    // A meeting has the project of its group, whose implementers need not see the meeting.
    "CASE timeline_entries.type WHEN 'milestone' THEN timeline_entries.project_id END",
    "timeline_entries.working_group_id",
];

/// Finds one page of the timeline: the keys of its entries.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &TimelineFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let held = succession::held(conn, filter.municipality_id, day)?;
    let query = |(share, by)| {
        let held = held.as_ref().map(|held| (held, share));
        by_index(filtered(cx, filter, held, day), filter, by, day)
    };
    let shares = Share::parts(held.as_ref()).iter();
    let parts = shares.flat_map(|share| parts(filter).into_iter().map(|by| (*share, by)));
    let parts: Vec<(Share, By)> = parts.collect();
    let id = |found: &FoundId| found.entry_id.clone();
    let found = page.load_parts(conn, &parts, query, id)?;
    Ok(found.map(|found| found.entry_id))
}

/// An entry on a page, of which the index of the list knows all.
#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct FoundId {
    entry_id: String,
}

/// Returns the items with these keys as they are on a day, by default today, with what they depend on.
pub fn shown_items(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    keys: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<TimelineItem>>, ApiError> {
    let day = as_of.unwrap_or(cx.today);
    let rows = with_keys(conn, keys, day)?;
    let bases = bases(conn, &rows)?;
    let items = items(conn, cx, rows, day)?.into_iter();
    let shown = items
        .zip(bases)
        .map(|(row, (key, basis))| Shown { key, row, basis });
    Ok(shown.collect())
}

/// Returns the keys of entries with what each depends on.
fn bases(conn: &mut AnyConnection, rows: &[Row]) -> Result<Vec<(String, Option<Basis>)>, ApiError> {
    let ids = |id: fn(&Row) -> &String| rows.iter().map(id).cloned().collect::<Vec<_>>();
    let mut following = anchors::following(conn, &ids(|row| &row.owner_id))?;
    following.extend(milestones::following(conn, &ids(|row| &row.record_id))?);
    let bases = rows.iter();
    let bases = bases.map(|row| (row.entry_id.clone(), row.basis(&following)));
    Ok(bases.collect())
}

impl Row {
    /// Returns what the entry depends on; `None` if its dates change with other records, and with those
    /// that these follow.
    fn basis(&self, following: &BTreeSet<String>) -> Option<Basis> {
        let doc = &self.doc.0;
        // An entry names no anchor that its record cannot use now, but can later.
        let may_follow = [&self.owner_id, &self.record_id];
        if may_follow.iter().any(|id| following.contains(*id)) || !doc.follows.is_empty() {
            return None;
        }
        let agreement = doc.agreement.as_ref();
        let agreement = agreement.map(|agreement| agreement.id.to_string());
        // Every agreement that serves a project names it, but changes none of its milestones.
        let owner = Some(&self.owner_id).filter(|_| self.type_.0 != EntryType::Milestone);
        let named = [Some(&self.record_id), owner].into_iter().flatten();
        let shown = [
            Some(&self.owner_id),
            self.project_id.as_ref(),
            self.working_group_id.as_ref(),
            agreement.as_ref(),
        ];
        let shown = shown.into_iter().flatten();
        Some(Basis {
            named: named.flat_map(|id| ids_in(id)).collect(),
            shown: shown.flat_map(|id| ids_in(id)).collect(),
            municipalities: Vec::new(),
        })
    }
}

/// Reads one page of the timeline.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &TimelineFilter,
    page: &Page,
) -> Result<Listed<TimelineItem>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    rows(conn, cx, filter, page, day)?.try_map(|rows| items(conn, cx, rows, day))
}

/// Like [`list`], but with the day on which each item's current state became known.
pub fn list_with_known_from(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &TimelineFilter,
    page: &Page,
) -> Result<Listed<(TimelineItem, NaiveDate)>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    rows(conn, cx, filter, page, day)?.try_map(|rows| {
        let known: Vec<NaiveDate> = rows.iter().map(|row| row.known_from).collect();
        let items = items(conn, cx, rows, day)?;
        Ok(items.into_iter().zip(known).collect())
    })
}

fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &TimelineFilter,
    page: &Page,
    day: NaiveDate,
) -> Result<Listed<Row>, ApiError> {
    let found = find(conn, cx, filter, page)?;
    let rows = with_keys(conn, &found.items, day)?;
    Ok(found.with(rows.into_iter().map(|row| (row.entry_id.clone(), row))))
}

/// Reads entries as they are on a day.
fn with_keys(
    conn: &mut AnyConnection,
    keys: &[String],
    day: NaiveDate,
) -> Result<Vec<Row>, ApiError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let known = day.min(LAST_DAY);
    let rows = t::table
        .filter(in_list(t::entry_id, keys))
        .filter(t::known_from.le(known).and(t::known_until.gt(known)));
    Ok(rows.select(Row::as_select()).load(conn)?)
}

/// Maximum number of entries in a calendar.
const MAX_ENTRIES: usize = 5000;

/// Finds the entries of a calendar: dated items only, and the latest if there are too many. Returns
/// their keys, and how many it leaves out.
pub(super) fn selection(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &TimelineFilter,
) -> Result<(Vec<String>, LeftOut), ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let order = order(Some(TimelineSort::WhenDown));
    let page = Page {
        order,
        limit: MAX_ENTRIES,
        // Start below the undated entries, in descending order.
        after: Some(order.from(UNDATED)),
        with_total: true,
    };
    let found = find(conn, cx, filter, &page)?;
    let held = succession::held(conn, filter.municipality_id, day)?;
    let undated = filtered(
        cx,
        filter,
        held.as_ref().map(|held| (held, Share::Any)),
        day,
    )
    .filter(t::sort_when.eq(UNDATED));
    let undated = undated.count().get_result(conn)?;
    let older = found.total.unwrap_or(0) - undated - found.items.len() as i64;
    Ok((found.items, LeftOut { undated, older }))
}

/// Returns the entries of a calendar with these keys, as they are on a day, by default today, with what
/// they depend on.
pub(super) fn stamped(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    keys: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<(TimelineItem, Stamp)>>, ApiError> {
    let day = as_of.unwrap_or(cx.today);
    let rows = with_keys(conn, keys, day)?;
    let bases = bases(conn, &rows)?;
    let sources = rows.iter().map(|row| StampSource {
        owner_id: row.owner_id.clone(),
        known_from: row.known_from,
        follows: row.doc.0.follows.clone(),
    });
    let sources: Vec<StampSource> = sources.collect();
    let items = items(conn, cx, rows, day)?;
    let stamps = stamps(conn, cx, &sources, &items)?;
    let entries = items.into_iter().zip(stamps).zip(bases);
    let shown = entries.map(|(row, (key, basis))| Shown { key, row, basis });
    Ok(shown.collect())
}

pub(super) type Query<'a> = t::BoxedQuery<'a, MultiBackend>;
type Condition<'a> = Box<dyn BoxableExpression<t::table, MultiBackend, SqlType = Bool> + 'a>;

fn filtered<'a>(
    cx: &RequestContext,
    filter: &'a TimelineFilter,
    held: Option<(&Held, Share)>,
    day: NaiveDate,
) -> Query<'a> {
    // Open-ended intervals are stored with the last representable day as their end, and include it.
    let known = day.min(LAST_DAY);
    let mut query = t::table
        .filter(t::known_from.le(known))
        .filter(t::known_until.gt(known))
        .filter(Scope::with(&cx.caller, "timeline_entries", CONTEXTS))
        .into_boxed();
    if let Some((held, share)) = held {
        query = query.filter(Scope::held(
            held,
            share,
            "timeline_entries",
            "timeline_entries.owner_id",
        ));
    }
    if let Some(id) = filter.project_id {
        query = of_project(query, cx, id);
    }
    if let Some(phase) = &filter.phase {
        query = query.filter(t::project_phase.eq(phase).assume_not_null());
    }
    if let Some(id) = filter.organization_id {
        query = of_organization(query, id, day);
    }
    if let Some(types) = &filter.types {
        let types = types.iter().map(|t| t.as_str());
        query = query.filter(in_list(Unindexed(t::type_), types));
    }
    if let Some(kinds) = &filter.kinds {
        let kinds = kinds.iter().map(to_db);
        query = query.filter(in_list(Unindexed(t::kind), kinds));
    }
    if let Some(from) = filter.from {
        // The sort key begins with the last possible day. Undated items match no interval.
        query = query
            .filter(t::sort_when.ge(from.to_string()))
            .filter(t::sort_when.lt(UNDATED));
    }
    if let Some(to) = filter.to {
        query = query.filter(t::begins.le(to.to_string()));
    }
    if let Some(only) = &filter.only {
        query = restricted(query, only);
    }
    if let Some(department) = &filter.department {
        let of_department = agreements::table
            .filter(agreements::lead_department.eq(department).assume_not_null())
            .select(agreements::id);
        query = query.filter(t::owner_id.eq_any(of_department));
    }
    let statuses = filter.status.iter().flatten();
    let any = statuses
        .map(|status| status_condition(*status, day))
        .reduce(|a, b| Box::new(a.or(b)));
    match any {
        Some(any) => query.filter(any),
        None => query,
    }
}

/// Selects the items of a project and of the agreements that serve it.
fn of_project<'a>(query: Query<'a>, cx: &RequestContext, id: ProjectId) -> Query<'a> {
    use agreement_projects as j;
    let served = j::table
        .filter(j::project_id.eq_any(scope::visible_project(cx, id)))
        .select(j::agreement_id);
    let own = t::project_id
        .assume_not_null()
        .eq_any(scope::visible_project(cx, id));
    query.filter(
        t::project_id
            .is_not_null()
            .and(own)
            .or(t::owner_id.eq_any(served)),
    )
}

/// Selects the agreements to which an organization is a party on a day, the milestones of projects
/// that it carries out, and the meetings in which it took part.
fn of_organization(query: Query<'_>, id: OrganizationId, day: NaiveDate) -> Query<'_> {
    use agreement_parties as p;
    use meeting_organizations as m;
    use project_implementers as i;
    let known = day.clamp(ALWAYS, NEVER_ENDS);
    let party = p::table
        .filter(p::organization_id.eq_any(survivor(id)))
        .filter(p::since.le(known).and(p::until.ge(known)))
        .select(p::agreement_id);
    let carries = i::table
        .filter(i::organization_id.eq_any(survivor(id)))
        .select(i::project_id.nullable());
    let took_part = m::table
        .filter(m::organization_id.eq_any(survivor(id)))
        .select(m::meeting_id);
    let milestone = t::type_
        .eq("milestone")
        .and(t::project_id.eq_any(carries).assume_not_null());
    query.filter(
        t::owner_id
            .eq_any(party)
            .or(milestone)
            .or(t::owner_id.eq_any(took_part)),
    )
}

fn restricted<'a>(query: Query<'a>, only: &Restriction) -> Query<'a> {
    match only {
        Restriction::EndingIn(days) => {
            let after = days.end().succ_opt().unwrap_or(LAST_DAY);
            query
                .filter(t::sort_when.ge(days.start().to_string()))
                .filter(t::sort_when.lt(after.to_string()))
        }
        Restriction::KnownFrom(days) => query
            .filter(t::known_from.ge(days.start))
            .filter(t::known_from.lt(days.end)),
    }
}

/// Returns the rule of `Phase::status` as a query condition.
fn status_condition<'a>(status: TimelineStatus, day: NaiveDate) -> Condition<'a> {
    let phase = Unindexed(t::phase).eq(phase_of(status).as_str());
    let ahead = t::target_earliest
        .is_not_null()
        .and(t::target_earliest.gt(day).assume_not_null());
    let passed = t::target_latest
        .is_not_null()
        .and(t::target_latest.lt(day).assume_not_null());
    match status {
        TimelineStatus::Planned => Box::new(phase.and(ahead)),
        TimelineStatus::Overdue => Box::new(phase.and(passed)),
        TimelineStatus::Due => Box::new(
            phase
                .and(diesel::dsl::not(ahead))
                .and(diesel::dsl::not(passed)),
        ),
        _ => Box::new(phase),
    }
}

fn ids<'a, Id: FromStr<Err = uuid::Error> + Ord>(
    rows: &'a [Row],
    get: impl Fn(&'a Row) -> Option<&'a String>,
) -> Result<Vec<Id>, ApiError> {
    let mut ids = rows
        .iter()
        .filter_map(get)
        .map(|id| stored_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Returns the record to which a row refers, if the caller can see it.
fn referred<Id: FromStr<Err = uuid::Error> + Eq + Hash, T: Clone>(
    found: &HashMap<Id, T>,
    id: &Option<String>,
) -> Result<Option<T>, ApiError> {
    let id = id.as_deref().map(stored_id).transpose()?;
    Ok(id.and_then(|id| found.get(&id).cloned()))
}

fn items(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<Row>,
    day: NaiveDate,
) -> Result<Vec<TimelineItem>, ApiError> {
    let meetings = rows.iter().filter(|r| r.type_.0 == EntryType::Meeting);
    let attendees = attendees_of(conn, meetings.map(|r| r.record_id.clone()).collect())?;
    let mut named = ids(&rows, |r| Some(&r.municipality_id))?;
    named.extend(attendees.values().flatten());
    let names = names(conn, named)?;
    let projects = projects::references(conn, cx, &ids(&rows, |r| r.project_id.as_ref())?)?;
    let projects: HashMap<ProjectId, ProjectRef> =
        projects.into_iter().map(|p| (p.id, p)).collect();
    let groups =
        working_groups::references(conn, cx, &ids(&rows, |r| r.working_group_id.as_ref())?)?;
    let groups: HashMap<WorkingGroupId, WorkingGroupRef> =
        groups.into_iter().map(|g| (g.id, g)).collect();
    let agreements = rows.iter().filter_map(|row| row.doc.0.agreement.as_ref());
    let agreements: BTreeSet<String> = agreements.map(|a| a.id.to_string()).collect();
    let parties: HashMap<String, Vec<OrganizationRef>> = parties_of(conn, &agreements, day)?;
    let items = rows.into_iter().map(|row| {
        let Json(doc) = row.doc;
        let parties_of = |a: &AgreementRef| parties.get(&a.id.to_string()).cloned();
        Ok(TimelineItem {
            type_: row.type_.0,
            kind: row.kind.0,
            id: stored_id(&row.record_id)?,
            municipality: names.owner(stored_id(&row.municipality_id)?, day)?,
            project: referred(&projects, &row.project_id)?,
            phase: row.project_phase,
            working_group: referred(&groups, &row.working_group_id)?,
            organizations: match attendees.get(&row.record_id) {
                Some(ids) => names.all(ids)?,
                None => doc
                    .agreement
                    .as_ref()
                    .and_then(parties_of)
                    .unwrap_or_default(),
            },
            deadline_slip_days: doc.deadline_slip_days(),
            agreement: doc.agreement,
            status: doc.phase.status(doc.target.as_ref(), day),
            overdue_days: doc.phase.overdue_days(doc.target.as_ref(), day),
            title: doc.title,
            when: doc.when,
            baseline: doc.baseline,
            target: doc.target,
            actual: doc.actual,
            slip: doc.slip,
        })
    });
    items.collect()
}
