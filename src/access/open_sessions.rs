//! Who is signed in on the pages for officers, and the end of their sessions by an admin.

use super::oidc::Oidc;
use super::types::{EndedSessions, OpenSession, SignedInHolder};
use super::{sign_ins, tokens};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::ids::TokenId;
use crate::ledger::RequestContext;

/// Returns whoever has open sessions and reaches no further than the caller.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
) -> Result<Vec<SignedInHolder>, ApiError> {
    let mut holders: Vec<SignedInHolder> = Vec::new();
    for (open, caller) in sign_ins::open(conn, oidc, cx.now)? {
        let (Some(id), Some(role)) = (caller.id, caller.role) else {
            continue;
        };
        if !tokens::reaches(&cx.caller, &caller.reach) {
            continue;
        }
        let session = OpenSession {
            id: open.id,
            began_at: open.began_at.and_utc(),
            last_used_at: open.last_used_at.and_utc(),
            ends_at: open.ends_at.and_utc(),
        };
        match holders.iter_mut().find(|known| known.id == id) {
            Some(known) => known.sessions.push(session),
            None => holders.push(SignedInHolder {
                id,
                name: caller.name,
                person: caller.person,
                role,
                sessions: vec![session],
            }),
        }
    }
    Ok(holders)
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

/// Ends all sessions of the holder of a token, or of a subject of the single sign-on. Without open
/// sessions, nothing changes.
///
/// # Errors
/// `not_found` for an unknown holder, also if it reaches further than the caller.
pub fn end(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    oidc: Option<&Oidc>,
    id: TokenId,
) -> Result<EndedSessions, ApiError> {
    let holders = all(conn, cx, oidc)?;
    let ended = match holders.iter().find(|known| known.id == id) {
        Some(known) => known.sessions.len(),
        // The registry knows a subject of the single sign-on by its sessions alone.
        None => tokens::get(conn, cx, id).map(|_| 0)?,
    };
    sign_ins::end_all(conn, id)?;
    tracing::info!(holder = %id, by = ?cx.caller.id, ended, "an admin ended the sessions of a holder");
    Ok(EndedSessions { ended })
}
