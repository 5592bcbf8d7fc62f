//! The members of an association.

use crate::db::AnyConnection;
use crate::db::page::{Listed, Order, Page};
use crate::kernel::error::ApiError;
use crate::organizations::members;
use crate::organizations::store::Record;
use crate::organizations::types::{Member, OrganizationKind};
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;

/// Members that are shown, in the order in which they were recorded.
const MOST: usize = 200;

/// A member with the time of its membership.
pub struct MemberRow {
    pub name: Link,
    pub role: Option<Text>,
    pub joined: Dated,
    /// `None` while the membership lasts, or if its end is unknown.
    pub left: Option<Dated>,
}

/// Reads the members of an organization; none of one that is no association.
pub fn members(conn: &mut AnyConnection, record: &Record) -> Result<Listed<Member>, ApiError> {
    if record.kind != OrganizationKind::Association {
        return Ok(Listed {
            items: Vec::new(),
            next: None,
            total: None,
        });
    }
    let page = Page {
        order: Order::ascending("association_members.id", "association_members.id"),
        limit: MOST,
        after: None,
        with_total: false,
    };
    members::list(conn, record.meta.id, &page)
}

pub fn rows(frame: &Frame, members: &[Member]) -> Vec<MemberRow> {
    let w = frame.w;
    let rows = members.iter().map(|member| {
        let content = &member.content;
        let href = frame.to(&format!("organizations/{}", member.organization.id));
        MemberRow {
            name: Link::to(href, Text::of(&member.organization.name, w)),
            role: content.role.as_ref().map(|role| Text::of(role, w)),
            joined: Dated::of(content.joined.as_ref(), w),
            left: content.left.as_ref().map(|left| Dated::of(Some(left), w)),
        }
    });
    rows.collect()
}
