//! Queries of working groups.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::handlers::WorkingGroupFilter;
use super::meetings;
use super::types::{
    GroupMember, GroupMemberContent, WorkingGroup, WorkingGroupContent, WorkingGroupCreate,
};
use crate::agreements::read as agreements;
use crate::db::page::{Listed, Page};
use crate::db::schema::{working_group_members, working_groups};
use crate::db::{AnyConnection, in_list};
use crate::directory::names::{known, known_municipality, names, survivor, unknown};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{MembershipId, OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::values::{
    Gap, ImpreciseDate, Meta, WorkingGroupRef, no_source, stored, stored_id, to_stored,
};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope, scope};
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
struct Row {
    id: String,
    version: i64,
    doc: String,
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
    let rows: Vec<(String, String)> = w::table
        .filter(in_list(w::id, ids))
        .filter(Scope::of(&cx.caller, "working_groups"))
        .select((w::id, w::name))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, name)| {
            Ok(WorkingGroupRef {
                id: stored_id(&id)?,
                name: stored(&name)?,
            })
        })
        .collect()
}

/// A stored working group.
pub struct Record {
    pub meta: Meta<WorkingGroupId>,
    pub doc: Doc,
}

impl Row {
    fn read(&self) -> Result<Record, ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        Ok(Record {
            meta,
            doc: stored(&self.doc)?,
        })
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
        forget(&mut record.doc, day)?;
    }
    views(conn, cx, vec![record], as_of)?
        .pop()
        .ok_or_else(ApiError::not_found)
}

/// Returns whether a member counts on a day: unless it certainly joined later or certainly left
/// before.
fn is_member(member: &StoredMember, day: NaiveDate) -> bool {
    let content = &member.content.content;
    !content.joined.as_ref().is_some_and(|d| d.starts_after(day))
        && !content
            .left
            .as_ref()
            .is_some_and(|d: &ImpreciseDate| d.ends_before(day))
}

/// Removes facts that were not known yet on a past day. An imprecise end counts once its whole
/// range lies on or before the day.
///
/// # Errors
/// `not_found` if the group was certainly established after the day.
fn forget(doc: &mut Doc, day: NaiveDate) -> Result<(), ApiError> {
    let later = |date: &Option<ImpreciseDate>| date.as_ref().is_some_and(|d| d.starts_after(day));
    if later(&doc.content.established) {
        return Err(ApiError::with(
            Code::NotFound,
            "그날까지 알려진 것이 없습니다.",
            "Nothing was known of it by that day.",
        ));
    }
    let known = |date: &ImpreciseDate| date.known_by(day);
    doc.content.dissolved = doc.content.dissolved.take().filter(known);
    doc.content.sources.retain(|source| source.known_by(day));
    for member in &mut doc.members {
        let content = &mut member.content.content;
        content.left = content.left.take().filter(known);
        content.sources.retain(|source| source.known_by(day));
    }
    Ok(())
}

/// Returns the organizations that were members at an imprecise date: all but those that certainly
/// joined after or certainly left before it.
pub fn members_during<'a>(
    doc: &'a Doc,
    when: &ImpreciseDate,
) -> impl Iterator<Item = OrganizationId> + 'a {
    let (earliest, latest) = (when.earliest(), when.latest());
    let members = doc.members.iter().map(|m| &m.content);
    let there = move |member: &&GroupMemberContent| {
        let (joined, left) = (&member.content.joined, &member.content.left);
        let later = |day| joined.as_ref().is_some_and(|d| d.starts_after(day));
        let gone = |day| left.as_ref().is_some_and(|d| d.ends_before(day));
        !latest.is_some_and(later) && !earliest.is_some_and(gone)
    };
    members.filter(there).map(|member| member.organization_id)
}

fn views(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    records: Vec<Record>,
    as_of: Option<NaiveDate>,
) -> Result<Vec<WorkingGroup>, ApiError> {
    let organizations = records.iter().flat_map(|r| {
        r.doc
            .members
            .iter()
            .map(|m| m.content.organization_id)
            .chain([r.doc.municipality_id])
    });
    let names = names(conn, organizations.collect::<Vec<_>>())?;
    let contents = || records.iter().map(|r| &r.doc.content);
    let projects: Vec<_> = contents().filter_map(|c| c.project_id).collect();
    let projects = projects::references(conn, cx, &projects)?;
    let agreements: Vec<_> = contents().filter_map(|c| c.agreement_id).collect();
    let agreements = agreements::references(conn, cx, &agreements)?;
    let views = records.into_iter().map(|Record { meta, doc }| {
        let mut content = doc.content;
        let members = doc
            .members
            .into_iter()
            .filter(|m| as_of.is_none_or(|day| is_member(m, day)));
        let members = members.map(|StoredMember { id, mut content }| {
            let organization = names.get(content.organization_id)?;
            content.organization_id = organization.id;
            Ok(GroupMember {
                id,
                organization,
                content,
            })
        });
        let members = members.collect::<Result<Vec<_>, ApiError>>()?;
        let mut gaps = Vec::new();
        if content.established.is_none() {
            gaps.push(Gap::new(
                "/established",
                "established_unknown",
                "언제부터 운영하는지 모릅니다.",
                "Since when it meets is unknown.",
            ));
        }
        if members.is_empty() {
            gaps.push(Gap::new(
                "/members",
                "members_unknown",
                "참여 기관이 없습니다.",
                "No member is recorded.",
            ));
        }
        gaps.extend(content.sources.is_empty().then(no_source));
        let project = projects.iter().find(|p| Some(p.id) == content.project_id);
        let agreement = agreements
            .iter()
            .find(|a| Some(a.id) == content.agreement_id);
        content.project_id = project.map(|p| p.id);
        content.agreement_id = agreement.map(|a| a.id);
        Ok(WorkingGroup {
            meta,
            municipality_id: doc.municipality_id,
            municipality: names.get(doc.municipality_id)?,
            project: project.cloned(),
            agreement: agreement.cloned(),
            content,
            members,
            gaps,
            warnings: Vec::new(),
        })
    });
    views.collect()
}

/// Reads one page of working groups.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &WorkingGroupFilter,
    page: &Page,
) -> Result<Listed<WorkingGroup>, ApiError> {
    use working_group_members as m;
    use working_groups as w;
    let found = wanted
        .q
        .as_ref()
        .map(|q| search::Found::by(conn, "working_group", q));
    let filtered = || {
        let mut query = w::table
            .filter(Scope::of(&cx.caller, "working_groups"))
            .into_boxed();
        if let Some(id) = wanted.municipality_id {
            query = query.filter(w::municipality_id.eq(id.to_string()));
        }
        if let Some(id) = wanted.project_id {
            query = query.filter(
                w::project_id
                    .assume_not_null()
                    .eq_any(scope::visible_project(cx, id)),
            );
        }
        if let Some(id) = wanted.agreement_id {
            query = query.filter(
                w::agreement_id
                    .assume_not_null()
                    .eq_any(scope::visible_agreement(cx, id)),
            );
        }
        if let Some(id) = wanted.organization_id {
            let of = m::table
                .filter(m::organization_id.eq_any(survivor(id)))
                .select(m::working_group_id);
            query = query.filter(w::id.eq_any(of));
        }
        if let Some(found) = &found {
            query = query.filter(found.condition("working_groups.id"));
        }
        query
    };
    let total = page
        .with_total
        .then(|| filtered().count().get_result(conn))
        .transpose()?;
    let rows: Vec<(Row, String)> = filtered()
        .filter(page.rest())
        .order(page.order())
        .limit(page.fetch())
        .select((Row::as_select(), page.order.key()))
        .load(conn)?;
    let (rows, next) = page.cut(rows, |row| row.id.clone());
    let records = rows.iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    Ok(Listed {
        items: views(conn, cx, records, None)?,
        next,
        total,
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = working_groups, treat_none_as_null = true)]
struct Columns {
    project_id: Option<String>,
    agreement_id: Option<String>,
    name: String,
    sort_name: String,
    audience: &'static str,
    doc: String,
}

fn columns(doc: &Doc) -> Result<Columns, ApiError> {
    Ok(Columns {
        project_id: doc.content.project_id.map(|id| id.to_string()),
        agreement_id: doc.content.agreement_id.map(|id| id.to_string()),
        name: to_stored(&doc.content.name)?,
        sort_name: doc.content.name.sort_key(),
        audience: doc.content.visibility.as_str(),
        doc: to_stored(doc)?,
    })
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
        let now = |m: &StoredMember| {
            m.content.content.left.is_none()
                && m.content.organization_id == member.content.organization_id
        };
        if now(member) && doc.members[..i].iter().any(now) {
            let message = Message::fixed("이미 참여 기관입니다.", "It is a member already.");
            errors.push(FieldError::body(
                format!("/members/{i}/organization_id"),
                "member_already",
                message,
            ));
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
    let content = serde_json::to_value(&doc.content).map_err(ApiError::internal)?;
    search::index(
        conn,
        "working_group",
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            audience: doc.content.visibility,
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
            columns(doc)?,
            w::created_at.eq(meta.created_at.naive_utc()),
            w::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    index(conn, meta.id, doc)
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
        columns(doc)?,
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
    meetings::show_again(conn, cx, meta.id, doc)?;
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
    expected.check(record.meta.version)?;
    diesel::delete(working_groups::table.find(id.to_string())).execute(conn)?;
    search::remove(conn, "working_group", &id.to_string())?;
    ledger::append(conn, cx, &WORKING_GROUP, &id.to_string(), None)
}
