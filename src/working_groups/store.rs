//! Queries of working groups.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::{GroupMemberContent, WorkingGroup, WorkingGroupContent, WorkingGroupCreate};
use super::{meetings, views};
use crate::agreements::read as agreements;
use crate::db::schema::{working_group_members, working_groups};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{known, known_municipality, names, unknown};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{MembershipId, OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Localized, Meta, WorkingGroupRef, stored_id};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope};
use crate::projections::gap_codes;
use crate::projections::search_index as search;
use crate::projections::search_index::Owned;
use crate::projects::store as projects;
use crate::working_groups::records::WORKING_GROUP;

#[derive(Clone, Serialize, Deserialize)]
pub struct StoredMember {
    pub id: MembershipId,
    pub content: GroupMemberContent,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Doc {
    pub municipality_id: OrganizationId,
    pub content: WorkingGroupContent,
    pub members: Vec<StoredMember>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = working_groups)]
pub(super) struct Row {
    pub id: String,
    version: i64,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Returns references to working groups. Those that the caller cannot see are omitted.
pub fn references(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[WorkingGroupId],
) -> Result<Vec<WorkingGroupRef>, ApiError> {
    use working_groups as w;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(WorkingGroupId::to_string).collect();
    let rows: Vec<(String, Json<Localized>)> = w::table
        .filter(in_list(w::id, ids))
        .filter(Scope::of(&cx.caller, "working_groups"))
        .select((w::id, w::name))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, Json(name))| {
            let id = stored_id(&id)?;
            Ok(WorkingGroupRef { id, name })
        })
        .collect()
}

/// Returns the names of the working groups of a municipality that the caller sees.
pub fn names_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<Vec<(WorkingGroupId, Localized)>, ApiError> {
    use working_groups as w;
    let rows: Vec<(String, Json<Localized>)> = w::table
        .filter(w::municipality_id.eq(municipality.to_string()))
        .filter(Scope::of(&cx.caller, "working_groups"))
        .select((w::id, w::name))
        .load(conn)?;
    let rows = rows.into_iter();
    rows.map(|(id, Json(name))| Ok((stored_id(&id)?, name)))
        .collect()
}

/// A stored working group.
pub struct Record {
    pub meta: Meta<WorkingGroupId>,
    pub doc: Doc,
}

impl Row {
    pub fn read(self) -> Result<Record, ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        let Json(doc) = self.doc;
        Ok(Record { meta, doc })
    }
}

/// Loads a working group.
///
/// # Errors
/// `not_found` if it does not exist or the caller cannot see it.
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
) -> Result<Record, ApiError> {
    let row: Row = working_groups::table
        .find(id.to_string())
        .filter(Scope::of(&cx.caller, "working_groups"))
        .select(Row::as_select())
        .first(conn)?;
    row.read()
}

/// Loads a working group in order to change it, its members or its meetings.
///
/// # Errors
/// `not_found`; `forbidden` if it belongs to another municipality.
pub fn load_own(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
) -> Result<Record, ApiError> {
    let record = load(conn, cx, id)?;
    cx.caller.may_change(record.doc.municipality_id)?;
    Ok(record)
}

/// Reads a working group with its members on a day.
///
/// # Errors
/// `not_found`, also if it was certainly established after the day.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
    as_of: Option<NaiveDate>,
) -> Result<WorkingGroup, ApiError> {
    let mut record = load(conn, cx, id)?;
    if let Some(day) = as_of.filter(|day| *day < cx.today) {
        views::hide_later_facts(&mut record.doc, day)?;
    }
    views::views(conn, cx, vec![record], as_of)?
        .pop()
        .ok_or_else(ApiError::not_found)
}

/// Returns the organizations that were members at an imprecise date: all but those that certainly
/// joined after or certainly left before it.
pub fn members_during<'a>(
    doc: &'a Doc,
    when: &ImpreciseDate,
) -> impl Iterator<Item = OrganizationId> + 'a {
    let (earliest, latest) = (when.earliest(), when.latest());
    let members = doc.members.iter().map(|m| &m.content);
    let took_part = move |member: &&GroupMemberContent| {
        let (joined, left) = (&member.content.joined, &member.content.left);
        let later = |day| joined.as_ref().is_some_and(|d| d.starts_after(day));
        let gone = |day| left.as_ref().is_some_and(|d| d.ends_before(day));
        !latest.is_some_and(later) && !earliest.is_some_and(gone)
    };
    members
        .filter(took_part)
        .map(|member| member.organization_id)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = working_groups, treat_none_as_null = true)]
struct Columns<'a> {
    project_id: Option<String>,
    agreement_id: Option<String>,
    name: Json<&'a Localized>,
    sort_name: String,
    visibility: &'static str,
    established_earliest: Option<NaiveDate>,
    gaps: String,
    doc: Json<&'a Doc>,
}

fn columns(doc: &Doc) -> Columns<'_> {
    let established = doc.content.established.as_ref();
    Columns {
        project_id: doc.content.project_id.map(|id| id.to_string()),
        agreement_id: doc.content.agreement_id.map(|id| id.to_string()),
        name: Json(&doc.content.name),
        sort_name: doc.content.name.sort_key(),
        visibility: doc.content.visibility.as_str(),
        established_earliest: established.and_then(ImpreciseDate::earliest),
        gaps: gap_codes::to_column(&views::gaps(&doc.content, doc.members.is_empty())),
        doc: Json(doc),
    }
}

fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Doc,
    mut errors: Vec<FieldError>,
) -> Result<(), ApiError> {
    let members = doc.members.iter().enumerate();
    let references: Vec<_> = members
        .map(|(i, m)| {
            (
                format!("/members/{i}/organization_id"),
                m.content.organization_id,
            )
        })
        .collect();
    known(conn, &references, &mut errors)?;
    for (i, member) in doc.members.iter().enumerate() {
        let is_current = |m: &StoredMember| {
            m.content.content.left.is_none() && m.content.is_same_seat(&member.content)
        };
        if is_current(member) && doc.members[..i].iter().any(is_current) {
            errors.push(member_already(format!("/members/{i}/organization_id")));
        }
    }
    if let Some(id) = doc.content.project_id
        && projects::references(conn, cx, &[id])?.is_empty()
    {
        errors.push(unknown("/project_id"));
    }
    if let Some(id) = doc.content.agreement_id
        && agreements::references(conn, cx, &[id])?.is_empty()
    {
        errors.push(unknown("/agreement_id"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Returns the error for a member that the group has already.
pub(super) fn member_already(pointer: String) -> FieldError {
    let message = Message::fixed("이미 구성원입니다.", "It is a member already.");
    FieldError::body(pointer, "member_already", message)
}

fn index(conn: &mut AnyConnection, id: WorkingGroupId, doc: &Doc) -> Result<(), ApiError> {
    use working_group_members as m;
    let text = id.to_string();
    diesel::delete(m::table.filter(m::working_group_id.eq(&text))).execute(conn)?;
    let names = names(conn, doc.members.iter().map(|m| m.content.organization_id))?;
    let mut organizations = Vec::new();
    for member in &doc.members {
        let organization = names.get(member.content.organization_id)?.id;
        if !organizations.contains(&organization) {
            organizations.push(organization);
            diesel::insert_into(m::table)
                .values((
                    m::working_group_id.eq(&text),
                    m::organization_id.eq(organization.to_string()),
                ))
                .execute(conn)?;
        }
    }
    let mut content = serde_json::to_value(&doc.content).map_err(ApiError::internal)?;
    content["members"] = serde_json::to_value(&doc.members).map_err(ApiError::internal)?;
    search::index(
        conn,
        "working_group",
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            visibility: doc.content.visibility,
            context_id: id.into(),
        },
        &[&doc.content.name],
        &content,
    )
}

/// Records a working group with its members.
///
/// # Errors
/// `validation_failed`, naming every reference that does not exist; `forbidden` for another
/// municipality.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &WorkingGroupCreate,
) -> Result<WorkingGroup, ApiError> {
    cx.caller.may_change(new.municipality_id)?;
    let members = new.members.iter().cloned().map(|content| StoredMember {
        id: cx.id(),
        content,
    });
    let doc = Doc {
        municipality_id: new.municipality_id,
        content: new.content.clone(),
        members: members.collect(),
    };
    let mut errors = Vec::new();
    known_municipality(conn, "/municipality_id", doc.municipality_id, &mut errors)?;
    check(conn, cx, &doc, errors)?;
    let meta = cx.new_meta();
    let id = meta.id;
    put(conn, &meta, &doc)?;
    ledger::append(conn, cx, &WORKING_GROUP, &id.to_string(), None)?;
    get(conn, cx, id, None)
}

/// Restores a working group from the log.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    put(conn, &was.meta()?, &was.doc()?)
}

fn put(conn: &mut AnyConnection, meta: &Meta<WorkingGroupId>, doc: &Doc) -> Result<(), ApiError> {
    use working_groups as w;
    diesel::insert_into(w::table)
        .values((
            w::id.eq(meta.id.to_string()),
            w::version.eq(meta.version),
            w::municipality_id.eq(doc.municipality_id.to_string()),
            columns(doc),
            w::created_at.eq(meta.created_at.naive_utc()),
            w::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    index(conn, meta.id, doc)
}

/// Changes a working group.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `validation_failed` for invalid references.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
    expected: &IfMatch,
    patch: &Patch<WorkingGroupContent>,
) -> Result<WorkingGroup, ApiError> {
    let mut record = load_own(conn, cx, id)?;
    expected.check(&record.meta.revision())?;
    let Some(content) = patch.apply(&record.doc.content)? else {
        return get(conn, cx, id, None);
    };
    record.doc.content = content;
    save(conn, cx, &record)
}

/// Saves a changed working group.
///
/// # Errors
/// `validation_failed` for invalid references or duplicate members.
pub fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
) -> Result<WorkingGroup, ApiError> {
    use working_groups as w;
    let Record { meta, doc } = record;
    check(conn, cx, doc, Vec::new())?;
    let changed = diesel::update(
        w::table
            .find(meta.id.to_string())
            .filter(w::version.eq(meta.version)),
    )
    .set((
        columns(doc),
        w::version.eq(meta.version + 1),
        w::updated_at.eq(cx.now),
    ))
    .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    search::remove(conn, "working_group", &meta.id.to_string())?;
    index(conn, meta.id, doc)?;
    ledger::append(conn, cx, &WORKING_GROUP, &meta.id.to_string(), None)?;
    meetings::reindex_all(conn, cx, meta.id, doc)?;
    get(conn, cx, meta.id, None)
}

/// Deletes a working group without meetings.
///
/// # Errors
/// `not_found`; `precondition_failed` if the version differs; `conflict` if it has meetings.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let record = load_own(conn, cx, id)?;
    expected.check(&record.meta.revision())?;
    diesel::delete(working_groups::table.find(id.to_string())).execute(conn)?;
    search::remove(conn, "working_group", &id.to_string())?;
    ledger::append(conn, cx, &WORKING_GROUP, &id.to_string(), None)
}
