//! Meetings of working groups.

use std::collections::HashMap;

use actix_web::{delete, get, patch, post};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::store;
use super::types::{Meeting, MeetingContent, MeetingStatus};
use crate::db::page::{Listed, Order, Page, PageBody};
use crate::db::schema::{meeting_organizations as o, meetings as m};
use crate::db::{AnyConnection, in_list};
use crate::directory::names::{known, names};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Body, Deleted, Filter, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch, Path,
    Posted, Session, Single,
};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{MeetingId, OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Meta, no_source, stored, stored_id, to_stored};
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::records::PastState;
use crate::projections::search_index::Owned;
use crate::projections::timeline_entry::{Entry, EntryKind, EntryType, NEVER_ENDS, Phase};
use crate::projections::{search_index as search, timeline_entry as entry};
use crate::working_groups::records::MEETING;

/// Filters of a working group's meetings, which are ordered by day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MeetingFilter {}

impl Filter for MeetingFilter {
    fn order(&self) -> Order {
        Order::ascending("meetings.sort_held", "meetings.id")
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Doc {
    content: MeetingContent,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = m)]
struct Row {
    id: String,
    version: i64,
    working_group_id: String,
    doc: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Loads a meeting. It is visible to the callers who can see its group.
fn row(conn: &mut AnyConnection, cx: &RequestContext, id: MeetingId) -> Result<Row, ApiError> {
    let row: Row = m::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    store::load(conn, cx, stored_id(&row.working_group_id)?)?;
    Ok(row)
}

fn views(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Meeting>, ApiError> {
    let docs = rows
        .iter()
        .map(|row| stored::<Doc>(&row.doc))
        .collect::<Result<Vec<_>, _>>()?;
    let names = names(
        conn,
        docs.iter()
            .flat_map(|d| d.content.attendee_ids.iter().copied()),
    )?;
    let views = rows.iter().zip(docs).map(|(row, Doc { mut content })| {
        let attendees = names.all(&content.attendee_ids)?;
        content.attendee_ids = attendees.iter().map(|a| a.id).collect();
        Ok(Meeting {
            meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
            working_group_id: stored_id(&row.working_group_id)?,
            gaps: content
                .sources
                .is_empty()
                .then(no_source)
                .into_iter()
                .collect(),
            warnings: Vec::new(),
            content,
            attendees,
        })
    });
    views.collect()
}

fn get(conn: &mut AnyConnection, cx: &RequestContext, id: MeetingId) -> Result<Meeting, ApiError> {
    let row = row(conn, cx, id)?;
    views(conn, vec![row])?
        .pop()
        .ok_or_else(ApiError::not_found)
}

fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group: WorkingGroupId,
    page: &Page,
) -> Result<Listed<Meeting>, ApiError> {
    let group = store::load(conn, cx, group)?.meta.id.to_string();
    let all = || m::table.filter(m::working_group_id.eq(&group)).into_boxed();
    let total = page
        .with_total
        .then(|| all().count().get_result(conn))
        .transpose()?;
    let rows: Vec<(Row, String)> = all()
        .filter(page.rest())
        .order(page.order())
        .limit(page.fetch())
        .select((Row::as_select(), page.order.key()))
        .load(conn)?;
    let (rows, next) = page.cut(rows, |row| row.id.clone());
    Ok(Listed {
        items: views(conn, rows)?,
        next,
        total,
    })
}

/// Returns the ids of the attendees, by meeting id.
pub fn attendees_of(
    conn: &mut AnyConnection,
    meetings: Vec<String>,
) -> Result<HashMap<String, Vec<OrganizationId>>, ApiError> {
    if meetings.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> = m::table
        .filter(in_list(m::id, meetings))
        .select((m::id, m::doc))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, doc)| Ok((id, stored::<Doc>(&doc)?.content.attendee_ids)))
        .collect()
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
    if content.status == MeetingStatus::Held && content.held_on.starts_after(cx.today) {
        let message = Message::fixed(
            "아직 오지 않은 날의 회의는 planned로 기록합니다.",
            "This day has not come yet: such a meeting is planned.",
        );
        errors.push(FieldError::body("/held_on", "in_future", message));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Writes the derived rows of a meeting. `recorded` is the instant at which it was recorded.
fn index(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, recorded): (MeetingId, NaiveDateTime),
    group_id: WorkingGroupId,
    group: &store::Doc,
    content: &MeetingContent,
) -> Result<(), ApiError> {
    let held = Some(content.held_on.clone());
    let (phase, actual) = match content.status {
        MeetingStatus::Planned => (Phase::Open, None),
        MeetingStatus::Held => (Phase::Met, held.clone()),
        MeetingStatus::Cancelled => (Phase::Cancelled, None),
    };
    // A held meeting is known from its day on. The time at which a planned meeting became known is
    // not recorded: assume the establishment of its group, or if that is unknown, the recording.
    let begun = match &actual {
        Some(held) => held.latest(),
        None => group
            .content
            .established
            .as_ref()
            .and_then(ImpreciseDate::latest),
    };
    let recorded = recorded.and_utc().with_timezone(&cx.zone).date_naive();
    let known_from = begun.unwrap_or(recorded);
    let entry = Entry {
        type_: EntryType::Meeting,
        kind: EntryKind::Meeting,
        record_id: id.into(),
        owner_id: id.into(),
        municipality_id: group.municipality_id,
        audience: group.content.visibility,
        project_id: group.content.project_id,
        agreement: None,
        working_group_id: Some(group_id),
        known_from,
        known_until: NEVER_ENDS,
        title: content.title.clone(),
        phase,
        when: held.clone(),
        baseline: None,
        target: if actual.is_some() { None } else { held },
        actual,
        slip: None,
    };
    entry::insert(conn, vec![entry])?;
    let took_part = content.attendee_ids.iter().copied();
    let took_part: Vec<OrganizationId> = took_part
        .chain(store::members_during(group, &content.held_on))
        .collect();
    for organization in names(conn, took_part.iter().copied())?.all(&took_part)? {
        diesel::insert_into(o::table)
            .values((
                o::meeting_id.eq(id.to_string()),
                o::organization_id.eq(organization.id.to_string()),
            ))
            .execute(conn)?;
    }
    let texts = serde_json::to_value(content).map_err(ApiError::internal)?;
    search::index(
        conn,
        "meeting",
        id.into(),
        Owned {
            municipality_id: Some(group.municipality_id),
            audience: group.content.visibility,
            context_id: group_id.into(),
        },
        &[&content.title],
        &texts,
    )
}

fn unindex(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    entry::remove(conn, id)?;
    diesel::delete(o::table.filter(o::meeting_id.eq(id))).execute(conn)?;
    search::remove(conn, "meeting", id)
}

/// Restores a meeting from the log.
pub fn restore(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    was: &PastState,
) -> Result<(), ApiError> {
    let group_id = was.id_in("working_group_id")?;
    let group = store::load(conn, cx, group_id)?;
    let Doc { content } = was.doc()?;
    put(conn, cx, &was.meta()?, group_id, &group.doc, &content)
}

fn put(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    meta: &Meta<MeetingId>,
    group_id: WorkingGroupId,
    group: &store::Doc,
    content: &MeetingContent,
) -> Result<(), ApiError> {
    let created = meta.created_at.naive_utc();
    diesel::insert_into(m::table)
        .values((
            m::id.eq(meta.id.to_string()),
            m::version.eq(meta.version),
            m::working_group_id.eq(group_id.to_string()),
            m::title.eq(to_stored(&content.title)?),
            m::sort_held.eq(content.held_on.sort_key()),
            m::doc.eq(to_stored(&Doc {
                content: content.clone(),
            })?),
            m::created_at.eq(created),
            m::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    index(conn, cx, (meta.id, created), group_id, group, content)
}

fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group_id: WorkingGroupId,
    content: &MeetingContent,
) -> Result<Meeting, ApiError> {
    let group = store::load_own(conn, cx, group_id)?;
    check(conn, cx, content)?;
    let meta = cx.new_meta();
    let id = meta.id;
    put(conn, cx, &meta, group_id, &group.doc, content)?;
    ledger::append(conn, cx, &MEETING, &id.to_string(), None)?;
    get(conn, cx, id)
}

fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
    expected: &IfMatch,
    patch: &Patch<MeetingContent>,
) -> Result<Meeting, ApiError> {
    let row = row(conn, cx, id)?;
    let group_id = stored_id(&row.working_group_id)?;
    let group = store::load_own(conn, cx, group_id)?;
    expected.check(row.version)?;
    let Some(content) = patch.apply(&stored::<Doc>(&row.doc)?.content)? else {
        return get(conn, cx, id);
    };
    check(conn, cx, &content)?;
    let changed = diesel::update(m::table.find(&row.id).filter(m::version.eq(row.version)))
        .set((
            m::version.eq(row.version + 1),
            m::title.eq(to_stored(&content.title)?),
            m::sort_held.eq(content.held_on.sort_key()),
            m::doc.eq(to_stored(&Doc {
                content: content.clone(),
            })?),
            m::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    unindex(conn, &row.id)?;
    index(
        conn,
        cx,
        (id, row.created_at),
        group_id,
        &group.doc,
        &content,
    )?;
    ledger::append(conn, cx, &MEETING, &row.id, None)?;
    get(conn, cx, id)
}

/// Rewrites the derived rows of a group's meetings after a change of the group, such as its
/// visibility.
pub(super) fn show_again(
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
        let Doc { content } = stored(&row.doc)?;
        unindex(conn, &row.id)?;
        let meeting = (stored_id(&row.id)?, row.created_at);
        index(conn, cx, meeting, group_id, group, &content)?;
    }
    Ok(())
}

fn remove(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let row = row(conn, cx, id)?;
    store::load_own(conn, cx, stored_id(&row.working_group_id)?)?;
    expected.check(row.version)?;
    unindex(conn, &row.id)?;
    diesel::delete(m::table.find(&row.id)).execute(conn)?;
    ledger::append(conn, cx, &MEETING, &row.id, None)
}

/// List the meetings of a working group
///
/// Returns the meetings ordered by day, including cancelled ones.
#[utoipa::path(tag = "working-groups", operation_id = "list_meetings",
    params(("id" = Uuid, Path, description = "The working group's id"), MeetingFilter, Paging),
    responses((status = 200, description = "One page of meetings", body = PageBody<Meeting>)))]
#[get("/working-groups/{id}/meetings")]
async fn list_meetings(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    list_: List<MeetingFilter>,
) -> Result<Paged<Meeting>, ApiError> {
    Ok(Paged(
        session
            .read_logged(move |conn, cx| list(conn, cx, id, &list_.page))
            .await?,
    ))
}

/// Record a meeting of a working group
///
/// Records a meeting that was held or is planned.
#[utoipa::path(tag = "working-groups", operation_id = "create_meeting", request_body = MeetingContent,
    params(("id" = Uuid, Path, description = "The working group's id")),
    responses((status = 201, description = "The meeting as recorded", body = Meeting)))]
#[post("/working-groups/{id}/meetings")]
async fn create_meeting(
    session: Session,
    Path(id): Path<WorkingGroupId>,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<MeetingContent>,
) -> Result<Posted<Meeting>, ApiError> {
    let Body { value, digest } = body;
    let location = |meeting: &Meeting| format!("/api/v1/meetings/{}", meeting.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        create(conn, cx, id, &value)
    })
    .await
}

/// Read a meeting
///
/// Returns the meeting with the names of the attending organizations.
#[utoipa::path(tag = "working-groups", operation_id = "get_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    responses((status = 200, description = "The meeting", body = Meeting)))]
#[get("/meetings/{id}")]
async fn get_meeting(
    session: Session,
    Path(id): Path<MeetingId>,
    _: Params<NoParams>,
) -> Result<Single<Meeting>, ApiError> {
    Ok(Single(
        session.read(move |conn, cx| get(conn, cx, id)).await?,
    ))
}

/// Change a meeting
///
/// Applies a merge patch (RFC 7396), for example when the meeting was held or cancelled.
#[utoipa::path(tag = "working-groups", operation_id = "update_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    request_body(content = MeetingContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The meeting as changed", body = Meeting)))]
#[patch("/meetings/{id}")]
async fn update_meeting(
    session: Session,
    Path(id): Path<MeetingId>,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<MeetingContent>,
) -> Result<Single<Meeting>, ApiError> {
    Ok(Single(
        session
            .write(move |conn, cx| update(conn, cx, id, &expected, &patch))
            .await?,
    ))
}

/// Delete a meeting
///
/// For meetings entered in error. A meeting that did not take place is cancelled instead.
#[utoipa::path(tag = "working-groups", operation_id = "delete_meeting", params(("id" = Uuid, Path, description = "The meeting's id")),
    responses((status = 204, description = "Deleted")))]
#[delete("/meetings/{id}")]
async fn delete_meeting(
    session: Session,
    Path(id): Path<MeetingId>,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    session
        .write(move |conn, cx| remove(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_meetings, Access::Read)
        .route(create_meeting, Access::Write)
        .route(get_meeting, Access::Read)
        .route(update_meeting, Access::Write)
        .route(delete_meeting, Access::Write);
}
