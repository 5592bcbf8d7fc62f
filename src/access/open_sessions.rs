//! Who is signed in on the pages for officers, and the end of their sessions by an admin.

use std::collections::BTreeSet;

use super::oidc::Oidc;
use super::sign_ins::Open;
use super::types::{EndedSessions, OpenSession, SignedInHolder};
use super::{sign_ins, tokens};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::ledger::caller::Reach;
use crate::ledger::{Caller, RequestContext};

/// Returns whoever has open sessions and reaches no further than the caller, in the order of their ids.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
) -> Result<Vec<SignedInHolder>, ApiError> {
    let is_reached = |reach: &Reach| tokens::reaches(&cx.caller, reach);
    found(conn, cx, oidc, None, is_reached)
}

/// Returns whoever has open sessions and acts for one of some municipalities, in the order of their ids.
///
/// # Errors
/// Like [`all`].
pub fn acting_for(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    municipalities: &BTreeSet<OrganizationId>,
) -> Result<Vec<SignedInHolder>, ApiError> {
    let acts = |reach: &Reach| tokens::holds_any(reach, municipalities);
    found(conn, cx, oidc, None, acts)
}

/// Returns the holder with an id, of those whom [`all`] returns.
///
/// # Errors
/// `not_found` if there is none.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    id: TokenId,
) -> Result<SignedInHolder, ApiError> {
    let found = one(conn, cx, oidc, id)?;
    found.into_iter().next().ok_or_else(ApiError::not_found)
}

fn one(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    id: TokenId,
) -> Result<Vec<SignedInHolder>, ApiError> {
    let is_reached = |reach: &Reach| tokens::reaches(&cx.caller, reach);
    found(conn, cx, oidc, Some(id), is_reached)
}

fn found(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    id: Option<TokenId>,
    is_meant: impl Fn(&Reach) -> bool,
) -> Result<Vec<SignedInHolder>, ApiError> {
    let open = sign_ins::open(conn, oidc, cx.now, id)?;
    // Whoever signs in again may reach further than before. All sessions of a holder end together.
    let are_meant = |sessions: &&[(Open, Caller)]| {
        let mut callers = sessions.iter().map(|(_, caller)| caller);
        callers.all(|caller| is_meant(&caller.reach))
    };
    let holders = open.chunk_by(|(_, one), (_, next)| one.id == next.id);
    let mut holders: Vec<_> = holders.filter(are_meant).filter_map(holder).collect();
    holders.sort_by_key(|one| one.id);
    Ok(holders)
}

/// Returns the holder of sessions, with the name and the role of the newest.
fn holder(sessions: &[(Open, Caller)]) -> Option<SignedInHolder> {
    let (_, newest) = sessions.last()?;
    let sessions = sessions.iter().map(|(open, _)| OpenSession {
        id: open.id,
        began_at: open.began_at.and_utc(),
        last_used_at: open.last_used_at.and_utc(),
        ends_at: open.ends_at.and_utc(),
    });
    Some(SignedInHolder {
        id: newest.id?,
        name: newest.name.clone(),
        person: newest.person.clone(),
        role: newest.role?,
        sessions: sessions.collect(),
    })
}

/// Reads one page of those whom [`all`] returns.
///
/// # Errors
/// Like [`all`].
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    page: &Page,
) -> Result<Listed<SignedInHolder>, ApiError> {
    let id = |one: &SignedInHolder| one.id.to_string();
    Ok(page.of(all(conn, cx, oidc)?, id, id))
}

/// Ends all sessions of the holder of a token, or of a subject of the single sign-on. A token without open
/// sessions stays as it is.
///
/// # Errors
/// `not_found` for an unknown holder, also if it reaches further than the caller, and for a subject without
/// open sessions, by which alone the registry knows it.
pub fn end(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    id: TokenId,
) -> Result<EndedSessions, ApiError> {
    let ended = match one(conn, cx, oidc, id)?.first() {
        Some(holder) => holder.sessions.len(),
        None => tokens::get(conn, cx, id).map(|_| 0)?,
    };
    sign_ins::end_all(conn, id)?;
    tracing::info!(holder = %id, by = ?cx.caller.id, ended, "an admin ended the sessions of a holder");
    Ok(EndedSessions { ended })
}
