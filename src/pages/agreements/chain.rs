//! The agreements before and after one: those that it renews, amends or replaces, and those that
//! renew, amend or replace it.

use crate::agreements::read;
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;

/// Agreements of a chain that are shown on each side.
const MOST: usize = 10;

/// An agreement of the chain.
pub struct Member {
    pub title: Link,
    pub signed_on: Dated,
    /// Last day of the term, unless the agreement ended otherwise.
    pub until: Option<Dated>,
    pub status: String,
    /// Day of the end other than by the term.
    pub ended_on: Option<Dated>,
    /// It is the agreement of the page.
    pub current: bool,
}

/// Returns the chain of an agreement, the oldest first; empty if nothing comes before or after.
pub fn chain(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    one: &Agreement,
) -> Result<Vec<Member>, ApiError> {
    let (old, new) = (one.supersedes.as_ref(), one.superseded_by.as_ref());
    if old.is_none() && new.is_none() {
        return Ok(Vec::new());
    }
    let mut members = Vec::new();
    let mut next = old.map(|other| other.id);
    while let Some(other) = at(conn, cx, frame, next, members.len())? {
        members.insert(0, member(frame, &other, false));
        next = other.supersedes.map(|older| older.id);
    }
    members.push(member(frame, one, true));
    let before = members.len();
    let mut next = new.map(|other| other.id);
    while let Some(other) = at(conn, cx, frame, next, members.len() - before)? {
        members.push(member(frame, &other, false));
        next = other.superseded_by.map(|newer| newer.id);
    }
    Ok(members)
}

/// Returns an agreement of the chain; `None` at its end.
fn at(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: Option<AgreementId>,
    shown: usize,
) -> Result<Option<Agreement>, ApiError> {
    let Some(id) = id.filter(|_| shown < MOST) else {
        return Ok(None);
    };
    match read::get(conn, cx, id, frame.as_of) {
        Ok(found) => Ok(Some(found)),
        // Nothing was known of it on the day.
        Err(error) if error.code == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn member(frame: &Frame, one: &Agreement, current: bool) -> Member {
    let w = frame.w;
    let content = &one.content;
    let href = (!current).then(|| frame.to(&format!("agreements/{}", one.meta.id)));
    let end = one.transitions.iter().find(|step| step.to.is_end());
    let until = || Dated::of(content.effective_until.as_ref(), w);
    Member {
        title: Link::perhaps(href, Text::of(&content.title, w)),
        signed_on: Dated::of(content.signed_on.as_ref(), w),
        until: end.is_none().then(until),
        status: w.label("AgreementStatus", &one.status),
        ended_on: end.map(|step| Dated::of(step.on.as_ref(), w)),
        current,
    }
}
