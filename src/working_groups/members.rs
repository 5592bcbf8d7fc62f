//! Members of working groups, each sent on its own.

use super::store;
use super::store::{Record, StoredMember};
use super::types::{GroupMemberContent, WorkingGroup};
use crate::db::AnyConnection;
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
    let place = place_of(&record, member)?;
    expected.check(&record.meta.revision())?;
    let old = &mut record.doc.members[place].content;
    let Some(content) = patch.apply(old)? else {
        return store::get(conn, cx, group, None);
    };
    *old = content;
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
    let place = place_of(&record, member)?;
    expected.check(&record.meta.revision())?;
    record.doc.members.remove(place);
    store::save(conn, cx, &record).map(drop)
}

fn place_of(record: &Record, member: MembershipId) -> Result<usize, ApiError> {
    let mut members = record.doc.members.iter();
    let place = members.position(|m| m.id == member);
    place.ok_or_else(ApiError::not_found)
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
