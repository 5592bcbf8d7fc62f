//! Tokens bound to an organization: what becomes of them when it is merged or removed.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::tokens::{Doc, get, is_valid};
use super::types::Token;
use crate::access::keys::TOKEN;
use crate::db::schema::tokens as t;
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::kernel::values::stored_id;
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Reach, Role};

/// Renews a token that was suspended when its organization was merged with another: it then reaches what
/// the survivor takes part in. Renewing any other token changes nothing.
///
/// # Errors
/// Fails with `not_found`; with `forbidden` unless the caller is an admin of all municipalities, since
/// a merge concerns records of all of them; with `conflict` if the token is revoked.
pub fn renew(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: TokenId,
) -> Result<Token, ApiError> {
    let token = get(conn, cx, id)?;
    if cx.caller.reach != Reach::All {
        return Err(ApiError::with(
            Code::Forbidden,
            "합쳐진 기관의 토큰은 모든 지방자치단체의 관리자만 다시 엽니다.",
            "A token of a merged organization is renewed by admins of all municipalities.",
        ));
    }
    if token.revoked_at.is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "취소된 토큰은 다시 열 수 없습니다. 새 토큰을 만드십시오.",
            "A revoked token is not renewed: create another one.",
        ));
    }
    if !token.suspended {
        return Ok(token);
    }
    let Json(doc): Json<Doc> = t::table.find(id.to_string()).select(t::doc).first(conn)?;
    let doc = Doc {
        renewed_for: token.organization.map(|survivor| survivor.id),
        widened_by: BTreeSet::new(),
        ..doc
    };
    write(conn, cx, (&id.to_string(), token.meta.version), &doc)?;
    get(conn, cx, id)
}

fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, version): (&str, i64),
    doc: &Doc,
) -> Result<(), ApiError> {
    diesel::update(t::table.find(id))
        .set((
            t::doc.eq(Json(doc)),
            t::version.eq(version + 1),
            t::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &TOKEN, id, None)
}

/// Reads what valid tokens are bound to, each with its id and version.
fn valid(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<Vec<(String, i64, Doc)>, ApiError> {
    let rows: Vec<(String, i64, Json<Doc>)> = t::table
        .filter(is_valid(cx.now))
        .select((t::id, t::version, t::doc))
        .order(t::id)
        .load(conn)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(id, version, Json(doc))| (id, version, doc))
        .collect())
}

/// A merge, as tokens see it.
pub struct Merging {
    pub duplicate: OrganizationId,
    /// Those that were merged into the duplicate before.
    pub duplicates: Vec<OrganizationId>,
    pub survivor: OrganizationId,
    /// Whether records name the duplicate, which the tokens of the survivor would reach.
    pub is_named: bool,
}

impl Merging {
    /// Returns whether a token is suspended by it as one of the duplicate.
    fn moves(&self, doc: &Doc) -> bool {
        self.is_of_duplicate(doc) && doc.renewed_for != Some(self.survivor)
    }

    /// Returns whether a token is suspended by it as one of the survivor.
    fn widens(&self, doc: &Doc) -> bool {
        let survivor = Some(self.survivor);
        let is_of_survivor = doc.organization_id == survivor || doc.renewed_for == survivor;
        self.is_named && is_of_survivor && !self.is_of_duplicate(doc)
    }

    fn is_of_duplicate(&self, doc: &Doc) -> bool {
        let bound = doc.organization_id;
        bound.is_some_and(|id| id == self.duplicate || self.duplicates.contains(&id))
    }
}

/// Returns the number of valid tokens that a merge suspends.
pub fn suspended_by(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    merging: &Merging,
) -> Result<usize, ApiError> {
    let all = valid(conn, cx)?.into_iter();
    let suspended = all.filter(|(.., doc)| merging.moves(doc) || merging.widens(doc));
    Ok(suspended.count())
}

/// Suspends the valid tokens of the survivor of a merge. Those of the duplicate are by the merge itself.
pub fn widen(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    merging: &Merging,
) -> Result<(), ApiError> {
    let all = valid(conn, cx)?.into_iter();
    for (id, version, mut doc) in all.filter(|(.., doc)| merging.widens(doc)) {
        if doc.widened_by.insert(merging.duplicate) {
            write(conn, cx, (&id, version), &doc)?;
        }
    }
    Ok(())
}

/// Checks that an organization can be removed.
///
/// # Errors
/// Fails with `conflict` if a valid token is bound to the organization.
pub fn check_unbound(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    organization: OrganizationId,
) -> Result<(), ApiError> {
    if bound_to(conn, cx, organization)? == 0 {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Conflict,
        "이 기관에 매인 토큰이 있습니다. 먼저 토큰을 취소해야 합니다.",
        "A token is bound to it, which is to be revoked first.",
    ))
}

/// Returns the number of valid tokens that are bound to an organization.
pub fn bound_to(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    organization: OrganizationId,
) -> Result<usize, ApiError> {
    let bound = valid(conn, cx)?.into_iter().filter(|(.., doc)| {
        let municipalities = doc.municipality_ids.iter().flatten();
        let mut all = municipalities.chain(&doc.organization_id);
        all.any(|id| *id == organization)
    });
    Ok(bound.count())
}

/// Returns those of the tokens whose holder works or worked for a municipality, valid or not.
pub fn of_staff(
    conn: &mut AnyConnection,
    ids: &BTreeSet<TokenId>,
    municipality: OrganizationId,
) -> Result<BTreeSet<TokenId>, ApiError> {
    let rows: Vec<(String, Name<Role>, Json<Doc>)> = t::table
        .filter(in_list(t::id, ids.iter().map(TokenId::to_string)))
        .select((t::id, t::role, t::doc))
        .load(conn)?;
    let theirs = rows.iter().filter(|(_, role, doc)| {
        let reach: Reach = doc.0.reach();
        role.0.is_staff() && reach.holds(municipality)
    });
    theirs.map(|(id, ..)| stored_id(id)).collect()
}
