//! Members of a group that were merged into one organization since.

use super::store::StoredMember;
use super::types::GroupMemberContent;
use crate::directory::names::Names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::MembershipId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, OrganizationRef, Warning};

/// A member that stands for another one, too.
pub(super) struct United {
    pub id: MembershipId,
    organization: OrganizationRef,
    /// The other role, if it has none of its own to give way to.
    role: Option<Localized>,
}

/// Returns whether two members were recorded for two organizations that are one now, and hold the
/// same seat at the same time.
pub(super) fn is_one(one: &GroupMemberContent, other: &GroupMemberContent, names: &Names) -> bool {
    one.organization_id != other.organization_id
        && names.survivor(one.organization_id) == names.survivor(other.organization_id)
        && one.post == other.post
        && one.person_name == other.person_name
        && one.content.left == other.content.left
}

/// Makes one member of those that were merged into one.
///
/// # Errors
/// `internal_error` if a member's organization is missing.
pub(super) fn unite(
    members: &mut Vec<StoredMember>,
    names: &Names,
) -> Result<Vec<United>, ApiError> {
    let mut kept: Vec<StoredMember> = Vec::with_capacity(members.len());
    let mut united = Vec::new();
    for member in std::mem::take(members) {
        let one = |other: &StoredMember| is_one(&other.content, &member.content, names);
        let Some(place) = kept.iter().position(one) else {
            kept.push(member);
            continue;
        };
        let (shown, other) = (&mut kept[place], member.content);
        let role = add(&mut shown.content, other.clone());
        united.push(United {
            id: shown.id,
            organization: names.get(other.organization_id)?,
            role,
        });
    }
    *members = kept;
    Ok(united)
}

/// Adds the facts of a member to those of another, and returns a role that has no place.
fn add(shown: &mut GroupMemberContent, other: GroupMemberContent) -> Option<Localized> {
    for term in other.chair_terms {
        if !shown.chair_terms.contains(&term) {
            shown.chair_terms.push(term);
        }
    }
    let own = &mut shown.content;
    own.joined = own.joined.take().or(other.content.joined);
    for source in other.content.sources {
        if !own.sources.contains(&source) {
            own.sources.push(source);
        }
    }
    let lost = other
        .content
        .role
        .filter(|role| own.role.as_ref() != Some(role));
    if own.role.is_none() {
        own.role = lost;
        return None;
    }
    lost
}

impl United {
    /// Returns the warning at the place of the member.
    pub fn warning(self, place: usize) -> Warning {
        let role = self.role.as_ref().and_then(|role| role.texts().next());
        let role = role.map_or_else(String::new, |role| format!(" ({role})"));
        Warning {
            organizations: vec![self.organization],
            ..Warning::new(
                "members_merged",
                format!("/members/{place}"),
                Message::new(
                    format!("합쳐진 두 기관이 한 구성원입니다.{role}"),
                    format!("Two organizations that were merged are one member.{role}"),
                ),
            )
        }
    }
}
