//! Meetings of working groups.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::meeting_index::{Recorded, index, unindex};
use super::types::{Meeting, MeetingContent, MeetingStatus};
use super::{rules, store};
use crate::db::page::{Listed, Page};
use crate::db::schema::meetings as m;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{known, names};
use crate::files::{RecordFile, table};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{MeetingId, OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{
    Bounds, ImpreciseDate, Localized, Meta, Revision, WorkingGroupRef, no_source, stored_id,
};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope};
use crate::working_groups::records::MEETING;

/// Number of values in one statement.
const AT_ONCE: usize = 500;

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Doc {
    content: MeetingContent,
    /// In the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<RecordFile>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = m)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) working_group_id: String,
    pub(super) doc: Json<Doc>,
    created_at: NaiveDateTime,
    pub(super) updated_at: NaiveDateTime,
}

/// Loads a meeting. It is visible to the callers who can see its group.
pub(super) fn row(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
) -> Result<Row, ApiError> {
    let row: Row = m::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    store::load(conn, cx, stored_id(&row.working_group_id)?)?;
    Ok(row)
}

fn views(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Meeting>, ApiError> {
    let attendees = rows.iter().flat_map(|row| &row.doc.0.content.attendee_ids);
    let names = names(conn, attendees.copied())?;
    let groups = groups_of(conn, &rows)?;
    let views = rows.into_iter().map(|row| {
        let Json(Doc { mut content, files }) = row.doc;
        let attendees = names.all(&content.attendee_ids)?;
        content.attendee_ids = attendees.iter().map(|a| a.id).collect();
        Ok(Meeting {
            meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
            working_group_id: stored_id(&row.working_group_id)?,
            working_group: WorkingGroupRef {
                id: stored_id(&row.working_group_id)?,
                name: groups.get(&row.working_group_id).cloned().ok_or_else(|| {
                    ApiError::internal(format!("working group {} is gone", row.working_group_id))
                })?,
            },
            gaps: content
                .sources
                .is_empty()
                .then(no_source)
                .into_iter()
                .collect(),
            warnings: Vec::new(),
            content,
            attendees,
            files,
        })
    });
    views.collect()
}

/// Returns the names of the groups of meetings, by their ids.
fn groups_of(
    conn: &mut AnyConnection,
    rows: &[Row],
) -> Result<HashMap<String, Localized>, ApiError> {
    use crate::db::schema::working_groups as w;
    let ids: BTreeSet<&str> = rows
        .iter()
        .map(|row| row.working_group_id.as_str())
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named: Vec<(String, Json<Localized>)> = w::table
        .filter(in_list(w::id, ids))
        .select((w::id, w::name))
        .load(conn)?;
    Ok(named
        .into_iter()
        .map(|(id, Json(name))| (id, name))
        .collect())
}

/// Reads a meeting.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
) -> Result<Meeting, ApiError> {
    let row = row(conn, cx, id)?;
    views(conn, vec![row])?
        .pop()
        .ok_or_else(ApiError::not_found)
}

/// Reads one page of a working group's meetings.
///
/// # Errors
/// `not_found`
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group: WorkingGroupId,
    page: &Page,
) -> Result<Listed<Meeting>, ApiError> {
    let group = store::load(conn, cx, group)?.meta.id.to_string();
    let all = || m::table.filter(m::working_group_id.eq(&group)).into_boxed();
    let listed = page.load(conn, all, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| views(conn, rows))
}

/// Reads the meetings of the groups of a municipality, and those with these ids, as far as the caller
/// sees them; each with the municipality of its group.
///
/// # Errors
/// Fails if the database does.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    ids: &[String],
) -> Result<Vec<(Meeting, OrganizationId)>, ApiError> {
    use crate::db::schema::working_groups as w;
    let groups: Vec<(String, String)> = w::table
        .filter(Scope::of(&cx.caller, "working_groups"))
        .select((w::id, w::municipality_id))
        .load(conn)?;
    let owners: HashMap<String, String> = groups.into_iter().collect();
    let own = owners
        .iter()
        .filter(|(_, owner)| **owner == municipality.to_string());
    let own: Vec<&String> = own.map(|(group, _)| group).collect();
    let mut rows: Vec<Row> = Vec::new();
    for some in own.chunks(AT_ONCE) {
        let query = m::table.filter(in_list(m::working_group_id, some.iter().copied()));
        rows.extend(query.select(Row::as_select()).load(conn)?);
    }
    let known: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    let others: Vec<&String> = ids.iter().filter(|id| !known.contains(*id)).collect();
    for some in others.chunks(AT_ONCE) {
        let query = m::table.filter(in_list(m::id, some.iter().copied()));
        rows.extend(query.select(Row::as_select()).load(conn)?);
    }
    rows.retain(|row| owners.contains_key(&row.working_group_id));
    let meetings = views(conn, rows)?.into_iter().map(|meeting| {
        let owner = owners.get(&meeting.working_group_id.to_string());
        let owner = stored_id(owner.ok_or_else(ApiError::not_found)?)?;
        Ok((meeting, owner))
    });
    meetings.collect()
}

/// Returns the ids of the attendees, by meeting id.
pub fn attendees_of(
    conn: &mut AnyConnection,
    meetings: Vec<String>,
) -> Result<HashMap<String, Vec<OrganizationId>>, ApiError> {
    if meetings.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Json<Doc>)> = m::table
        .filter(in_list(m::id, meetings))
        .select((m::id, m::doc))
        .load(conn)?;
    let attendees = rows
        .into_iter()
        .map(|(id, Json(doc))| (id, doc.content.attendee_ids));
    Ok(attendees.collect())
}

/// Returns the day of the last meeting that each group has held; for a past day, of those that were
/// certainly held by then.
pub(super) fn last_held(
    conn: &mut AnyConnection,
    groups: &[WorkingGroupId],
    past: Option<NaiveDate>,
) -> Result<HashMap<WorkingGroupId, Bounds>, ApiError> {
    if groups.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Json<Doc>)> = m::table
        .filter(in_list(
            m::working_group_id,
            groups.iter().map(ToString::to_string),
        ))
        .select((m::working_group_id, m::doc))
        .load(conn)?;
    let mut held: HashMap<WorkingGroupId, Vec<ImpreciseDate>> = HashMap::new();
    for (group, Json(Doc { content, .. })) in rows {
        let counts = past.is_none_or(|day| content.held_on.known_by(day));
        if content.status == MeetingStatus::Held && counts {
            let days = held.entry(stored_id(&group)?).or_default();
            days.push(content.held_on);
        }
    }
    let last = |(group, days): (_, Vec<_>)| Some((group, rules::last_meeting(days.iter())?));
    Ok(held.into_iter().filter_map(last).collect())
}

fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    content: &MeetingContent,
) -> Result<(), ApiError> {
    let attendees = content.attendee_ids.iter().enumerate();
    let references: Vec<_> = attendees
        .map(|(i, id)| (format!("/attendee_ids/{i}"), *id))
        .collect();
    let mut errors: Vec<FieldError> = Vec::new();
    known(conn, &references, &mut errors)?;
    if content.status == MeetingStatus::Held {
        let on = &content.held_on;
        let ahead = on.starts_after(cx.today).then(not_held_yet);
        errors.extend(ahead.or_else(|| not_passed(on, "/held_on", cx.today)));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

fn not_held_yet() -> FieldError {
    let message = Message::fixed(
        "아직 오지 않은 날의 회의는 planned로 기록합니다.",
        "This day has not come yet: such a meeting is planned.",
    );
    FieldError::body("/held_on", "in_future", message)
}

/// Restores a meeting from the log.
pub fn restore(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    was: &PastState,
) -> Result<(), ApiError> {
    let group_id = was.id_in("working_group_id")?;
    let group = store::load(conn, cx, group_id)?;
    let doc: Doc = was.doc()?;
    table::restore(conn, &doc.files)?;
    put(conn, cx, &was.meta()?, (group_id, &group.doc), &doc)
}

fn put(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    meta: &Meta<MeetingId>,
    (group_id, group): (WorkingGroupId, &store::Doc),
    doc: &Doc,
) -> Result<(), ApiError> {
    let content = &doc.content;
    let created = meta.created_at.naive_utc();
    diesel::insert_into(m::table)
        .values((
            m::id.eq(meta.id.to_string()),
            m::version.eq(meta.version),
            m::working_group_id.eq(group_id.to_string()),
            m::title.eq(Json(&content.title)),
            m::sort_held.eq(content.held_on.sort_key()),
            m::doc.eq(Json(doc)),
            m::created_at.eq(created),
            m::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    let meeting = Recorded {
        id: meta.id,
        created_at: created,
        content,
        group_id,
        group,
    };
    let id = meta.id.to_string();
    table::write_uses(conn, (&id, &id), &doc.files)?;
    index(conn, cx, &meeting)
}

/// Records a meeting.
///
/// # Errors
/// `not_found`, `forbidden`; `validation_failed`, naming every unknown attendee.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group_id: WorkingGroupId,
    content: &MeetingContent,
) -> Result<Meeting, ApiError> {
    let group = store::load_own(conn, cx, group_id)?;
    check(conn, cx, content)?;
    let meta = cx.new_meta();
    let id = meta.id;
    let doc = Doc {
        content: content.clone(),
        files: Vec::new(),
    };
    put(conn, cx, &meta, (group_id, &group.doc), &doc)?;
    ledger::append(conn, cx, &MEETING, &id.to_string(), None)?;
    get(conn, cx, id)
}

/// Changes a meeting.
///
/// # Errors
/// Fails like [`create`], or with `precondition_failed`.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
    expected: &IfMatch,
    patch: &Patch<MeetingContent>,
) -> Result<Meeting, ApiError> {
    let row = row(conn, cx, id)?;
    let group_id = stored_id(&row.working_group_id)?;
    let group = store::load_own(conn, cx, group_id)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    let Some(content) = patch.apply(&row.doc.0.content)? else {
        return get(conn, cx, id);
    };
    check(conn, cx, &content)?;
    let mut row = row;
    row.doc.0.content = content;
    save(conn, cx, row, (group_id, &group.doc), None)
}

/// Saves a changed meeting.
pub(super) fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    row: Row,
    (group_id, group): (WorkingGroupId, &store::Doc),
    reason: Option<&Localized>,
) -> Result<Meeting, ApiError> {
    let id = stored_id(&row.id)?;
    let Json(doc) = &row.doc;
    let content = &doc.content;
    let changed = diesel::update(m::table.find(&row.id).filter(m::version.eq(row.version)))
        .set((
            m::version.eq(row.version + 1),
            m::title.eq(Json(&content.title)),
            m::sort_held.eq(content.held_on.sort_key()),
            m::doc.eq(Json(doc)),
            m::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    unindex(conn, &row.id)?;
    let meeting = Recorded {
        id,
        created_at: row.created_at,
        content,
        group_id,
        group,
    };
    index(conn, cx, &meeting)?;
    table::rewrite_uses(conn, (&row.id, &row.id), &doc.files)?;
    ledger::append(conn, cx, &MEETING, &row.id, reason)?;
    get(conn, cx, id)
}

/// Rewrites the derived rows of a group's meetings after a change of the group, such as its
/// visibility.
pub(super) fn reindex_all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group_id: WorkingGroupId,
    group: &store::Doc,
) -> Result<(), ApiError> {
    let rows: Vec<Row> = m::table
        .filter(m::working_group_id.eq(group_id.to_string()))
        .select(Row::as_select())
        .load(conn)?;
    for row in rows {
        let Json(Doc { content, .. }) = row.doc;
        unindex(conn, &row.id)?;
        let meeting = Recorded {
            id: stored_id(&row.id)?,
            created_at: row.created_at,
            content: &content,
            group_id,
            group,
        };
        index(conn, cx, &meeting)?;
    }
    Ok(())
}

/// Rewrites the derived rows of the meetings of groups.
pub fn reindex_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    groups: &[String],
) -> Result<(), ApiError> {
    use crate::db::schema::working_groups as w;
    for id in groups {
        let Json(group) = w::table.find(id).select(w::doc).first(conn)?;
        reindex_all(conn, cx, stored_id(id)?, &group)?;
    }
    Ok(())
}

/// Deletes a meeting that was recorded in error.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`
pub fn remove(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let row = row(conn, cx, id)?;
    store::load_own(conn, cx, stored_id(&row.working_group_id)?)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    unindex(conn, &row.id)?;
    table::remove_uses(conn, &row.id)?;
    diesel::delete(m::table.find(&row.id)).execute(conn)?;
    ledger::append(conn, cx, &MEETING, &row.id, None)
}
