//! Tokens: opaque secrets of 256 bits. The registry stores only their digests.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::types::{Token, TokenContent};
use crate::access::keys::TOKEN;
use crate::db::page::{Listed, Page};
use crate::db::schema::tokens as t;
use crate::db::{AnyConnection, Json, Name};
use crate::directory::names::{Names, known_municipality, names, unknown};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::hex;
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::kernel::language::Message;
use crate::kernel::values::stored_id;
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Caller, Reach, Role, Use};

/// Prefix of every token, so that a leaked one can be recognized.
pub const PREFIX: &str = "mou_";
/// Length of a token's secret part in random bytes.
const SECRET_BYTES: usize = 32;
/// Number of hexadecimal digits of the digest that are used for lookup.
const HANDLE_DIGITS: usize = 16;

/// Returns true if a use should be noted, at most once an hour. A note for each request would add a
/// write to each read.
pub fn should_note_use(last: Option<NaiveDateTime>, now: NaiveDateTime) -> bool {
    last.is_none_or(|last| now - last >= Duration::hours(1))
}

/// A token or a similar secret, to be shown once.
pub struct Secret(String);

impl Secret {
    /// Generates a secret with the prefix of its kind.
    ///
    /// # Errors
    /// Fails with an internal error if the system provides no randomness.
    pub fn new(prefix: &str) -> Result<Self, ApiError> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        Ok(Self(format!("{prefix}{}", hex(bytes))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn digest(&self) -> Digest {
        Digest(hex(Sha256::digest(self.0.as_bytes())))
    }
}

/// The SHA-256 digest of a token. Tokens are random, so no slow hash function is needed.
#[derive(Clone, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of a token, or `None` if the text cannot be one.
    pub fn of(token: &str) -> Option<Self> {
        Self::of_kind(PREFIX, token)
    }

    /// Returns the digest of a secret with a prefix, or `None` if the text cannot be one.
    pub fn of_kind(prefix: &str, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(prefix)?;
        let is_hex = secret.bytes().all(|b| b.is_ascii_hexdigit());
        (secret.len() == 2 * SECRET_BYTES && is_hex).then(|| Secret(text.to_owned()).digest())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the prefix of the digest that is used for lookup.
    pub fn handle(&self) -> &str {
        handle(&self.0)
    }

    /// Compares in constant time.
    pub fn equals(&self, kept: &str) -> bool {
        self.0.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

/// Returns the prefix of a digest that is used for lookup.
pub fn handle(digest: &str) -> &str {
    digest.get(..HANDLE_DIGITS).unwrap_or_default()
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
struct Doc {
    /// `None` for all municipalities.
    municipality_ids: Option<BTreeSet<OrganizationId>>,
    organization_id: Option<OrganizationId>,
    created_by: String,
}

impl Doc {
    fn reach(&self) -> Reach {
        let some = self.municipality_ids.clone();
        some.map_or(Reach::All, Reach::Of)
    }
}

/// Returns the holder of a token, or `None` if it is unknown, expired or revoked.
pub fn caller(
    conn: &mut AnyConnection,
    digest: &Digest,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    // This runs for every request. It loads only the needed columns, and matches on the database to
    // avoid rebuilding the query text as `AnyConnection` does.
    let query = t::table.filter(t::handle.eq(digest.handle()));
    let row = match conn {
        AnyConnection::Sqlite(conn) => query.select(HolderRow::as_select()).first(conn),
        AnyConnection::Postgres(conn) => query.select(HolderRow::as_select()).first(conn),
    };
    let row = row.optional()?.filter(|row| digest.equals(&row.hash));
    row.map_or(Ok(None), |row| entitled(conn, row, now))
}

/// Returns the holder of the token with an id, or `None` if it is expired or revoked.
pub fn holder(
    conn: &mut AnyConnection,
    id: &str,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let row = t::table.find(id).select(HolderRow::as_select()).first(conn);
    row.optional()?
        .map_or(Ok(None), |row| entitled(conn, row, now))
}

fn entitled(
    conn: &mut AnyConnection,
    row: HolderRow,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    if row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    let Json(doc) = row.doc;
    let id = stored_id(&row.id)?;
    Ok(Some(Caller {
        id: Some(id),
        reach: doc.reach(),
        organization_id: partner(conn, doc.organization_id)?,
        role: Some(row.role.0),
        name: row.name,
        person: None,
        unnoted_use: should_note_use(row.last_used_at, now).then_some(Use::Token(id)),
    }))
}

/// Returns the organization of a partner, or the one that it was merged into.
fn partner(
    conn: &mut AnyConnection,
    id: Option<OrganizationId>,
) -> Result<Option<OrganizationId>, ApiError> {
    id.map(|id| Ok(names(conn, [id])?.survivor(id))).transpose()
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
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    let id = TokenId::from(Uuid::now_v7());
    let doc = Doc {
        municipality_ids: (!new.reaches_all())
            .then(|| new.municipality_ids.iter().copied().collect()),
        organization_id: new.organization_id,
        created_by: cx.caller.name.clone(),
    };
    diesel::insert_into(t::table)
        .values((
            t::id.eq(id.to_string()),
            t::version.eq(1),
            t::handle.eq(digest.handle()),
            t::hash.eq(&digest.0),
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
    rows.retain(|row| is_manageable_by(&cx.caller, &row.doc.0));
    let referred = rows.iter().flat_map(|Row { doc: Json(doc), .. }| {
        let municipalities = doc.municipality_ids.iter().flatten().copied();
        municipalities.chain(doc.organization_id)
    });
    let names = ledger::names_ever(conn, referred.collect())?;
    rows.into_iter()
        .map(|row| view(row, &names, cx.today))
        .collect()
}

/// Returns true if the caller may manage a token: an admin of some municipalities manages those
/// that reach no further.
fn is_manageable_by(caller: &Caller, doc: &Doc) -> bool {
    match (&caller.reach, doc.reach()) {
        (Reach::All, _) => true,
        (Reach::Of(_), Reach::All) => false,
        (Reach::Of(own), Reach::Of(some)) => some.is_subset(own),
    }
}

fn view(row: Row, names: &Names, today: NaiveDate) -> Result<Token, ApiError> {
    let Json(doc) = row.doc;
    let municipalities = doc.municipality_ids.iter().flatten();
    Ok(Token {
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
    let docs: Vec<Json<Doc>> = t::table
        .filter(is_valid(cx.now))
        .select(t::doc)
        .load(conn)?;
    let bound = docs.iter().filter(|Json(doc)| {
        let municipalities = doc.municipality_ids.iter().flatten();
        let mut all = municipalities.chain(&doc.organization_id);
        all.any(|id| *id == organization)
    });
    Ok(bound.count())
}

/// Returns the condition that a token is neither revoked nor expired.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_valid(now: NaiveDateTime) -> _ {
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
            t::hash.eq(&digest.0),
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
