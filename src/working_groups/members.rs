//! Members of working groups, each sent on its own.

use super::merged::is_one;
use super::store;
use super::store::{Record, StoredMember};
use super::types::{GroupMemberContent, WorkingGroup};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Place};
use crate::kernel::ids::{MembershipId, WorkingGroupId};
use crate::ledger::RequestContext;

/// Adds a member.
///
/// # Errors
/// `not_found`, `forbidden`; `validation_failed` if the organization does not exist or is already a
/// member.
pub fn add(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group: WorkingGroupId,
    new: &GroupMemberContent,
) -> Result<WorkingGroup, ApiError> {
    let mut record = store::load_own(conn, cx, group)?;
    let members = record.doc.members.iter().map(|m| &m.content);
    let named = members.clone().chain([new]).map(|m| m.organization_id);
    let names = names(conn, named)?;
    if new.content.left.is_none() && members.into_iter().any(|m| is_one(m, new, &names)) {
        let error = store::member_already("/organization_id".into());
        return Err(ApiError::invalid(vec![error]));
    }
    record.doc.members.push(StoredMember {
        id: cx.id(),
        content: new.clone(),
    });
    store::save(conn, cx, &record).map_err(of_one_member)
}

/// Changes a member.
///
/// # Errors
/// Fails like [`add`], or with `precondition_failed`.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (group, member): (WorkingGroupId, MembershipId),
    expected: &IfMatch,
    patch: &Patch<GroupMemberContent>,
) -> Result<WorkingGroup, ApiError> {
    let mut record = store::load_own(conn, cx, group)?;
    let places = places_of(conn, &record, member)?;
    expected.check(&record.meta.revision())?;
    let mut changes = false;
    for place in places {
        let old = &mut record.doc.members[place].content;
        if let Some(content) = patch.apply(old)? {
            *old = content;
            changes = true;
        }
    }
    if !changes {
        return store::get(conn, cx, group, None);
    }
    store::save(conn, cx, &record).map_err(of_one_member)
}

/// Removes a member that was recorded in error.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`
pub fn remove(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (group, member): (WorkingGroupId, MembershipId),
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let mut record = store::load_own(conn, cx, group)?;
    let places = places_of(conn, &record, member)?;
    expected.check(&record.meta.revision())?;
    for place in places.into_iter().rev() {
        record.doc.members.remove(place);
    }
    store::save(conn, cx, &record).map(drop)
}

/// Returns the places of a member, and of those that a merge made one with it, in order.
fn places_of(
    conn: &mut AnyConnection,
    record: &Record,
    member: MembershipId,
) -> Result<Vec<usize>, ApiError> {
    let members = &record.doc.members;
    let named = members.iter().map(|m| m.content.organization_id);
    let names = names(conn, named)?;
    let own = members.iter().find(|m| m.id == member);
    let own = own.ok_or_else(ApiError::not_found)?;
    let is_one = |m: &StoredMember| m.id == member || is_one(&m.content, &own.content, &names);
    let places = members.iter().enumerate().filter(|(_, m)| is_one(m));
    Ok(places.map(|(place, _)| place).collect())
}

/// Points the errors of a group's members at the one member that the request sent. A duplicate is
/// named at the later of two members, which can be another one.
fn of_one_member(mut error: ApiError) -> ApiError {
    for error in &mut error.errors {
        if let Place::Body(pointer) = &mut error.place
            && let Some(rest) = pointer.strip_prefix("/members/")
            && let Some((_, rest)) = rest.split_once('/')
        {
            *pointer = format!("/{rest}");
        }
    }
    error
}
