//! Tokens: opaque secrets of 256 bits. The registry stores only their digests.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::secret::{Digest, Secret, handle};
use super::types::{Token, TokenContent};
use crate::access::keys::TOKEN;
use crate::db::page::{Listed, Page};
use crate::db::schema::tokens as t;
use crate::db::{AnyConnection, Json, Name, directly};
use crate::directory::names::{Names, known_municipality, names, unknown};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::kernel::language::Message;
use crate::kernel::values::stored_id;
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Caller, Reach, Role, Use};

/// Prefix of every token, so that a leaked one can be recognized.
pub const PREFIX: &str = "mou_";

/// Returns true if a use should be noted, at most once an hour. A note for each request would add a
/// write to each read.
pub fn should_note_use(last: Option<NaiveDateTime>, now: NaiveDateTime) -> bool {
    last.is_none_or(|last| now - last >= Duration::hours(1))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct Row {
    id: String,
    version: i64,
    name: String,
    role: Name<Role>,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// Columns that determine the holder of a token.
#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct HolderRow {
    id: String,
    hash: String,
    name: String,
    role: Name<Role>,
    doc: Json<Doc>,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// Members that no query filters by.
#[derive(Serialize, Deserialize)]
pub(super) struct Doc {
    /// `None` for all municipalities.
    pub(super) municipality_ids: Option<BTreeSet<OrganizationId>>,
    pub(super) organization_id: Option<OrganizationId>,
    /// The organization into which that of the token was merged, if the token was renewed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) renewed_for: Option<OrganizationId>,
    /// Organizations that were merged into that of the token, for which it was not renewed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) widened_by: BTreeSet<OrganizationId>,
    pub(super) created_by: String,
}

impl Doc {
    pub(super) fn reach(&self) -> Reach {
        let some = self.municipality_ids.clone();
        some.map_or(Reach::All, Reach::Of)
    }

    /// Returns the organizations whose names tell whether the token is suspended.
    pub(super) fn bodies(&self) -> impl Iterator<Item = OrganizationId> {
        self.organization_id
            .into_iter()
            .chain(self.widened_by.iter().copied())
    }

    /// Returns true if the organization of the token was merged into another, or another one into it, and
    /// the token was not renewed since: a merge hands no token what it did not have.
    pub(super) fn is_suspended(&self, names: &Names) -> bool {
        self.organization_id.is_some_and(|id| {
            let survivor = names.survivor(id);
            let is_moved = survivor != id && self.renewed_for != Some(survivor);
            // A merge that was undone has widened nothing.
            let is_one = |other: &OrganizationId| names.survivor(*other) == survivor;
            is_moved || self.widened_by.iter().any(is_one)
        })
    }
}

/// The holder of a token that is neither revoked nor suspended. Changes of that are logged; the rest
/// changes with time.
#[derive(Clone, Debug)]
pub struct Holder {
    pub caller: Caller,
    id: TokenId,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
}

impl Holder {
    /// Returns the holder as the caller of a request, or `None` if the token has expired.
    pub fn at(&self, now: NaiveDateTime) -> Option<Caller> {
        let lasts = self.expires_at.is_none_or(|end| end > now);
        let is_noted = !should_note_use(self.last_used_at, now);
        lasts.then(|| Caller {
            unnoted_use: (!is_noted).then_some(Use::Token(self.id)),
            ..self.caller.clone()
        })
    }

    /// Notes that the token is used.
    pub fn use_at(&mut self, now: NaiveDateTime) {
        self.last_used_at = Some(now);
    }
}

/// Returns the holder of a token, or `None` if it is unknown, expired, revoked or suspended.
pub fn caller(
    conn: &mut AnyConnection,
    digest: &Digest,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let holder = holder_of(conn, digest)?;
    Ok(holder.and_then(|holder| holder.at(now)))
}

/// Returns the holder of a token, or `None` if it is unknown, revoked or suspended.
pub fn holder_of(conn: &mut AnyConnection, digest: &Digest) -> Result<Option<Holder>, ApiError> {
    // This runs for every write, and loads only the needed columns.
    let query = t::table.filter(t::handle.eq(digest.handle()));
    let row = directly!(conn, query.select(HolderRow::as_select()), first);
    let row = row.optional()?.filter(|row| digest.equals(&row.hash));
    row.map_or(Ok(None), |row| entitled(conn, row))
}

/// Returns the holder of the token with an id, or `None` if it is expired, revoked or suspended.
pub fn holder(
    conn: &mut AnyConnection,
    id: &str,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let row = t::table.find(id).select(HolderRow::as_select()).first(conn);
    let holder = row
        .optional()?
        .map_or(Ok(None), |row| entitled(conn, row))?;
    Ok(holder.and_then(|holder| holder.at(now)))
}

fn entitled(conn: &mut AnyConnection, row: HolderRow) -> Result<Option<Holder>, ApiError> {
    if row.revoked_at.is_some() {
        return Ok(None);
    }
    let Json(doc) = row.doc;
    // Most tokens are bound to no organization; the query is skipped for them.
    let organization_id = match doc.organization_id {
        None => None,
        Some(id) => {
            let names = names(conn, doc.bodies())?;
            if doc.is_suspended(&names) {
                return Ok(None);
            }
            Some(names.survivor(id))
        }
    };
    let id = stored_id(&row.id)?;
    Ok(Some(Holder {
        caller: Caller {
            id: Some(id),
            reach: doc.reach(),
            organization_id,
            role: Some(row.role.0),
            name: row.name,
            person: None,
            unnoted_use: None,
        },
        id,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }))
}

/// Notes the use of a token.
pub fn note_use(conn: &mut AnyConnection, id: TokenId, now: NaiveDateTime) -> Result<(), ApiError> {
    diesel::update(t::table.find(id.to_string()))
        .set(t::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Creates a token.
///
/// # Errors
/// Fails with `validation_failed` if it refers to records that do not exist or has expired already,
/// or with `forbidden` if it would reach further than the caller.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &TokenContent,
) -> Result<(Token, Secret), ApiError> {
    check(conn, cx, new)?;
    // Whoever binds a token to a duplicate means the organization that it was merged into.
    let renewed_for = match new.organization_id {
        Some(id) => Some(names(conn, [id])?.survivor(id)).filter(|survivor| *survivor != id),
        None => None,
    };
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    let id = TokenId::from(Uuid::now_v7());
    let doc = Doc {
        municipality_ids: (!new.reaches_all())
            .then(|| new.municipality_ids.iter().copied().collect()),
        organization_id: new.organization_id,
        renewed_for,
        widened_by: BTreeSet::new(),
        created_by: cx.caller.name.clone(),
    };
    diesel::insert_into(t::table)
        .values((
            t::id.eq(id.to_string()),
            t::version.eq(1),
            t::handle.eq(digest.handle()),
            t::hash.eq(digest.as_str()),
            t::name.eq(&new.name),
            t::role.eq(new.role.as_str()),
            t::doc.eq(Json(&doc)),
            t::created_at.eq(cx.now),
            t::updated_at.eq(cx.now),
            t::expires_at.eq(new.expires_at.map(|end| end.naive_utc())),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &TOKEN, &id.to_string(), None)?;
    Ok((get(conn, cx, id)?, secret))
}

fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &TokenContent,
) -> Result<(), ApiError> {
    let reaches = match &cx.caller.reach {
        Reach::All => true,
        Reach::Of(some) => {
            !new.reaches_all() && new.municipality_ids.iter().all(|id| some.contains(id))
        }
    };
    if !reaches {
        return Err(ApiError::with(
            Code::Forbidden,
            "자신의 범위를 넘는 토큰은 만들 수 없습니다. municipality_ids에 맡은 지방자치단체를 적으십시오.",
            "A token cannot reach further than the one that makes it: name municipalities of yours in municipality_ids.",
        ));
    }
    let mut errors = Vec::new();
    for (i, id) in new.municipality_ids.iter().enumerate() {
        known_municipality(conn, &format!("/municipality_ids/{i}"), *id, &mut errors)?;
    }
    let known = names(conn, new.organization_id)?;
    if new.organization_id.is_some_and(|id| !known.contains(id)) {
        errors.push(unknown("/organization_id"));
    }
    if new.expires_at.is_some_and(|end| end.naive_utc() <= cx.now) {
        let message = Message::fixed("이미 지난 때입니다.", "This has passed already.");
        errors.push(FieldError::body("/expires_at", "in_past", message));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Reads the entry of a token, which does not contain the token itself.
///
/// # Errors
/// Fails with `not_found`, also if the token reaches further than the caller.
pub fn get(conn: &mut AnyConnection, cx: &RequestContext, id: TokenId) -> Result<Token, ApiError> {
    let row: Row = t::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    let tokens = views(conn, cx, vec![row])?;
    tokens.into_iter().next().ok_or_else(ApiError::not_found)
}

/// Reads the tokens that the caller may manage, oldest first. They are few: as many as there are
/// people and programs that work with the registry.
pub fn all(conn: &mut AnyConnection, cx: &RequestContext) -> Result<Vec<Token>, ApiError> {
    let rows = t::table.order(t::id).select(Row::as_select()).load(conn)?;
    views(conn, cx, rows)
}

/// Reads the tokens that act for one of some municipalities, oldest first, also those that the caller may
/// not manage: the histories of their records name these holders as well.
pub fn acting_for(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipalities: &BTreeSet<OrganizationId>,
) -> Result<Vec<Token>, ApiError> {
    let mut rows: Vec<Row> = t::table.order(t::id).select(Row::as_select()).load(conn)?;
    rows.retain(|row| holds_any(&row.doc.0.reach(), municipalities));
    shown(conn, cx, rows)
}

/// Returns true if one of some municipalities is within reach.
pub(super) fn holds_any(reach: &Reach, municipalities: &BTreeSet<OrganizationId>) -> bool {
    municipalities.iter().any(|id| reach.holds(*id))
}

/// Reads one page of the tokens that the caller may manage.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    role: Option<Role>,
    page: &Page,
) -> Result<Listed<Token>, ApiError> {
    let mut tokens = all(conn, cx)?;
    tokens.retain(|token| role.is_none_or(|role| token.role == role));
    let id = |token: &Token| token.meta.id.to_string();
    Ok(page.of(tokens, id, id))
}

fn views(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut rows: Vec<Row>,
) -> Result<Vec<Token>, ApiError> {
    rows.retain(|row| reaches(&cx.caller, &row.doc.0.reach()));
    shown(conn, cx, rows)
}

fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<Row>,
) -> Result<Vec<Token>, ApiError> {
    let referred = rows.iter().flat_map(|Row { doc: Json(doc), .. }| {
        let municipalities = doc.municipality_ids.iter().flatten().copied();
        municipalities.chain(doc.bodies())
    });
    let names = ledger::names_ever(conn, referred.collect())?;
    rows.into_iter()
        .map(|row| view(row, &names, cx.today))
        .collect()
}

/// Returns true if the caller may manage what reaches so far, such as a token: an admin of some
/// municipalities manages what reaches no further.
pub(super) fn reaches(caller: &Caller, reach: &Reach) -> bool {
    match (&caller.reach, reach) {
        (Reach::All, _) => true,
        (Reach::Of(_), Reach::All) => false,
        (Reach::Of(own), Reach::Of(some)) => some.is_subset(own),
    }
}

fn view(row: Row, names: &Names, today: NaiveDate) -> Result<Token, ApiError> {
    let Json(doc) = row.doc;
    let municipalities = doc.municipality_ids.iter().flatten();
    Ok(Token {
        suspended: doc.is_suspended(names),
        meta: crate::kernel::values::Meta::read(
            &row.id,
            row.version,
            row.created_at,
            row.updated_at,
        )?,
        name: row.name,
        role: row.role.0,
        all_municipalities: doc.reach() == Reach::All,
        municipalities: names.owners(municipalities.copied(), today)?,
        organization: doc.organization_id.map(|id| names.get(id)).transpose()?,
        created_by: doc.created_by,
        expires_at: row.expires_at.map(|at| at.and_utc()),
        last_used_at: row.last_used_at.map(|at| at.and_utc()),
        revoked_at: row.revoked_at.map(|at| at.and_utc()),
    })
}

/// Revokes a token for good. Revoking it again changes nothing.
///
/// # Errors
/// Fails with `not_found`, also if the token reaches further than the caller.
pub fn revoke(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: TokenId,
) -> Result<Token, ApiError> {
    let token = get(conn, cx, id)?;
    if token.revoked_at.is_some() {
        return Ok(token);
    }
    diesel::update(t::table.find(id.to_string()))
        .set((
            t::revoked_at.eq(cx.now),
            t::version.eq(token.meta.version + 1),
            t::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &TOKEN, &id.to_string(), None)?;
    get(conn, cx, id)
}

/// Returns the condition that a token is neither revoked nor expired.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn is_valid(now: NaiveDateTime) -> _ {
    let lasts = t::expires_at.is_null().or(t::expires_at.gt(now));
    t::revoked_at.is_null().and(lasts).assume_not_null()
}

/// Revokes every valid token with a name.
pub fn revoke_named(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    name: &str,
) -> Result<(), ApiError> {
    let ids: Vec<String> = t::table
        .filter(t::name.eq(name).and(t::revoked_at.is_null()))
        .select(t::id)
        .load(conn)?;
    for id in ids {
        revoke(conn, cx, stored_id(&id)?)?;
    }
    Ok(())
}

/// Gives the token with a name another secret and another end, and returns the secret; `None` if no
/// token with the name is there that was not revoked.
pub fn renew_named(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    name: &str,
    expires_at: NaiveDateTime,
) -> Result<Option<Secret>, ApiError> {
    let id = t::table
        .filter(t::name.eq(name).and(t::revoked_at.is_null()))
        .order(t::id.desc())
        .select(t::id)
        .first::<String>(conn)
        .optional()?;
    let Some(id) = id else {
        return Ok(None);
    };
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    diesel::update(t::table.find(&id))
        .set((
            t::version.eq(t::version + 1),
            t::handle.eq(digest.handle()),
            t::hash.eq(digest.as_str()),
            t::updated_at.eq(cx.now),
            t::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &TOKEN, &id, None)?;
    Ok(Some(secret))
}

/// Returns true if a valid token of an admin of all municipalities exists.
pub fn has_admin(conn: &mut AnyConnection, now: NaiveDateTime) -> Result<bool, ApiError> {
    let docs: Vec<Json<Doc>> = t::table
        .filter(t::role.eq(Role::Admin.as_str()))
        .filter(is_valid(now))
        .select(t::doc)
        .load(conn)?;
    Ok(docs.iter().any(|doc| doc.0.reach() == Reach::All))
}
