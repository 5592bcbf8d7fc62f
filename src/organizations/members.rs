//! Members of associations.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::store;
use super::types::{Member, MemberContent, MemberCreate, OrganizationKind};
use crate::db::page::{Listed, Page};
use crate::db::schema::association_members as m;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{known, names};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{MembershipId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::{Meta, Revision, stored_id};
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::records::PastState;
use crate::organizations::records::ASSOCIATION_MEMBER;

#[derive(Queryable, Selectable)]
#[diesel(table_name = m)]
struct Row {
    id: String,
    version: i64,
    organization_id: String,
    doc: Json<MemberContent>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Returns the ids of an association's members, as a subquery.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn ids_of(association: OrganizationId) -> _ {
    let association: String = association.to_string();
    m::table
        .filter(m::association_id.eq(association))
        .select(m::organization_id)
}

/// Counts the members of each association.
pub fn counts(
    conn: &mut AnyConnection,
    associations: &[String],
) -> Result<HashMap<String, i64>, ApiError> {
    if associations.is_empty() {
        return Ok(HashMap::new());
    }
    let counts: Vec<(String, i64)> = m::table
        .filter(in_list(m::association_id, associations))
        .group_by(m::association_id)
        .select((m::association_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counts.into_iter().collect())
}

/// Returns the id of an association that the caller may change, and with it its members.
fn own_association(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
) -> Result<OrganizationId, ApiError> {
    let row = store::row(conn, id, Some(OrganizationKind::Association))?;
    row.may_be_changed(cx)?;
    stored_id(&row.id)
}

fn association(conn: &mut AnyConnection, id: OrganizationId) -> Result<OrganizationId, ApiError> {
    stored_id(&store::row(conn, id, Some(OrganizationKind::Association))?.id)
}

fn views(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Member>, ApiError> {
    let ids = rows
        .iter()
        .map(|row| stored_id(&row.organization_id))
        .collect::<Result<Vec<_>, _>>()?;
    let names = names(conn, ids.iter().copied())?;
    rows.into_iter()
        .zip(ids)
        .map(|(row, organization)| {
            Ok(Member {
                meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
                organization: names.get(organization)?,
                content: row.doc.0,
            })
        })
        .collect()
}

/// Reads one page of an association's members.
///
/// # Errors
/// `not_found`
pub fn list(
    conn: &mut AnyConnection,
    association_id: OrganizationId,
    page: &Page,
) -> Result<Listed<Member>, ApiError> {
    let id = association(conn, association_id)?.to_string();
    let all = || m::table.filter(m::association_id.eq(&id)).into_boxed();
    let listed = page.load(conn, all, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| views(conn, rows))
}

fn row(
    conn: &mut AnyConnection,
    association_id: OrganizationId,
    id: MembershipId,
) -> Result<Row, ApiError> {
    let association = association(conn, association_id)?;
    let query = m::table
        .find(id.to_string())
        .filter(m::association_id.eq(association.to_string()));
    Ok(query.select(Row::as_select()).first(conn)?)
}

/// Reads one member of an association.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    association_id: OrganizationId,
    id: MembershipId,
) -> Result<Member, ApiError> {
    let row = row(conn, association_id, id)?;
    views(conn, vec![row])?
        .pop()
        .ok_or_else(ApiError::not_found)
}

/// Records a member. An organization that left can join again.
///
/// # Errors
/// `not_found`; `forbidden`; `validation_failed` if the organization does not exist, is already a
/// member, or is the association itself.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    association_id: OrganizationId,
    new: &MemberCreate,
) -> Result<Member, ApiError> {
    let association = own_association(conn, cx, association_id)?;
    let mut errors = Vec::new();
    let names = known(
        conn,
        &[("/organization_id".into(), new.organization_id)],
        &mut errors,
    )?;
    if names.contains(new.organization_id) && names.get(new.organization_id)?.id == association {
        let message = Message::fixed(
            "협회는 스스로의 회원이 될 수 없습니다.",
            "An association is no member of itself.",
        );
        errors.push(FieldError::body(
            "/organization_id",
            "member_of_itself",
            message,
        ));
    }
    if new.content.left.is_none() && is_member(conn, association, &new.organization_id.to_string())?
    {
        errors.push(member_already("/organization_id"));
    }
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let meta = cx.new_meta();
    let id = meta.id;
    put(conn, &meta, association, new.organization_id, &new.content)?;
    ledger::append(conn, cx, &ASSOCIATION_MEMBER, &id.to_string(), None)?;
    get(conn, association, id)
}

/// Returns true if an organization is a current member of an association.
fn is_member(
    conn: &mut AnyConnection,
    association: OrganizationId,
    organization: &str,
) -> Result<bool, ApiError> {
    let memberships: Vec<Json<MemberContent>> = m::table
        .filter(m::association_id.eq(association.to_string()))
        .filter(m::organization_id.eq(organization))
        .select(m::doc)
        .load(conn)?;
    Ok(memberships.iter().any(|Json(member)| member.left.is_none()))
}

fn member_already(pointer: &str) -> FieldError {
    let message = Message::fixed("이미 회원입니다.", "It is a member already.");
    FieldError::body(pointer, "member_already", message)
}

/// Restores a member from its logged state.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    let content: MemberContent = was.doc()?;
    let (association, organization) = (was.id_in("association_id")?, was.id_in("organization_id")?);
    put(conn, &was.meta()?, association, organization, &content)
}

fn put(
    conn: &mut AnyConnection,
    meta: &Meta<MembershipId>,
    association: OrganizationId,
    organization: OrganizationId,
    content: &MemberContent,
) -> Result<(), ApiError> {
    diesel::insert_into(m::table)
        .values((
            m::id.eq(meta.id.to_string()),
            m::version.eq(meta.version),
            m::association_id.eq(association.to_string()),
            m::organization_id.eq(organization.to_string()),
            m::doc.eq(Json(content)),
            m::created_at.eq(meta.created_at.naive_utc()),
            m::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Changes a member.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`, `validation_failed`
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (association, id): (OrganizationId, MembershipId),
    expected: &IfMatch,
    patch: &Patch<MemberContent>,
) -> Result<Member, ApiError> {
    let own = own_association(conn, cx, association)?;
    let row = row(conn, association, id)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    if let Some(content) = patch.apply(&row.doc.0)? {
        let joins_again = row.doc.0.left.is_some() && content.left.is_none();
        if joins_again && is_member(conn, own, &row.organization_id)? {
            return Err(ApiError::invalid(vec![member_already("/left")]));
        }
        let changed = diesel::update(m::table.find(&row.id).filter(m::version.eq(row.version)))
            .set((
                m::version.eq(row.version + 1),
                m::doc.eq(Json(&content)),
                m::updated_at.eq(cx.now),
            ))
            .execute(conn)?;
        if changed == 0 {
            return Err(ApiError::collision());
        }
        ledger::append(conn, cx, &ASSOCIATION_MEMBER, &row.id, None)?;
    }
    get(conn, association, id)
}

/// Deletes a member recorded in error. If a member left, change its record instead.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (association, id): (OrganizationId, MembershipId),
    expected: &IfMatch,
) -> Result<(), ApiError> {
    own_association(conn, cx, association)?;
    let row = row(conn, association, id)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    diesel::delete(m::table.find(&row.id)).execute(conn)?;
    ledger::append(conn, cx, &ASSOCIATION_MEMBER, &row.id, None)
}
