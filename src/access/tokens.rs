//! Tokens: opaque secrets of 256 bits, of which the registry keeps only a digest.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::caller::{Caller, Reach, Role, Use};
use super::types::{Token, TokenContent};
use crate::app::Cx;
use crate::audit::{self, hex, records};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::db::schema::tokens as t;
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::organizations::names::{Names, known_municipality, names, unknown};
use crate::values::{stored, stored_id, stored_word, to_stored};

/// How every token begins, so that one that was lost is known for what it is.
pub(super) const PREFIX: &str = "mou_";
/// How many bits of chance a token holds, as bytes.
const SECRET: usize = 32;
/// How many hexadecimal digits of the digest a token is looked up by.
const HANDLE: usize = 16;

/// Whether a use is to be noted, once an hour at most: a note for each request would be a write for each
/// read.
pub fn is_used_anew(last: Option<NaiveDateTime>, now: NaiveDateTime) -> bool {
    last.is_none_or(|last| now - last >= Duration::hours(1))
}

/// A token or another secret of its kind, to be shown once.
pub struct Secret(String);

impl Secret {
    /// A new one, which begins with the prefix of its kind.
    ///
    /// # Errors
    /// Internal, when the system gives no chance.
    pub fn new(prefix: &str) -> Result<Self, ApiError> {
        let mut bytes = [0; SECRET];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        Ok(Self(format!("{prefix}{}", hex(&bytes))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn digest(&self) -> Digest {
        Digest(hex(&Sha256::digest(self.0.as_bytes())))
    }
}

/// The SHA-256 of a token. A token is chance alone, so no slow digest is needed to hide it.
#[derive(Clone)]
pub struct Digest(String);

impl Digest {
    /// The digest of a token; none of what cannot be one.
    pub fn of(token: &str) -> Option<Self> {
        Self::of_kind(PREFIX, token)
    }

    /// The digest of a secret that begins with this prefix; none of what cannot be one.
    pub fn of_kind(prefix: &str, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(prefix)?;
        let is_hex = secret.bytes().all(|b| b.is_ascii_hexdigit());
        (secret.len() == 2 * SECRET && is_hex).then(|| Secret(text.to_owned()).digest())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// By what its row is found.
    pub fn handle(&self) -> &str {
        handle(&self.0)
    }

    /// In a time that does not tell where they differ.
    pub fn equals(&self, kept: &str) -> bool {
        self.0.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

/// By what the row of a digest is found.
pub fn handle(digest: &str) -> &str {
    digest.get(..HANDLE).unwrap_or_default()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct Row {
    id: String,
    version: i64,
    name: String,
    role: String,
    doc: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// What tells who holds a token.
#[derive(Queryable, Selectable)]
#[diesel(table_name = t)]
struct Held {
    id: String,
    hash: String,
    name: String,
    role: String,
    doc: String,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// What no query asks about.
#[derive(Serialize, Deserialize)]
struct Doc {
    /// None for all of them.
    municipality_ids: Option<BTreeSet<Uuid>>,
    organization_id: Option<Uuid>,
    created_by: String,
}

impl Doc {
    fn reach(&self) -> Reach {
        match &self.municipality_ids {
            // Older tokens of partners are bound by their organization alone.
            Some(ids) if ids.is_empty() && self.organization_id.is_some() => Reach::All,
            Some(ids) => Reach::Of(ids.clone()),
            None => Reach::All,
        }
    }
}

/// Who holds a token; none where it is unknown, expired or revoked.
///
/// # Errors
/// What the database says.
pub fn caller(
    conn: &mut AnyConnection,
    digest: &Digest,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    // Asked with every request: of the columns that it takes, and of the database itself, which
    // spares the text of the query that `AnyConnection` writes each time.
    let query = t::table.filter(t::handle.eq(digest.handle()));
    let row = match conn {
        AnyConnection::Sqlite(conn) => query.select(Held::as_select()).first(conn),
        AnyConnection::Postgres(conn) => query.select(Held::as_select()).first(conn),
    };
    let row = row.optional()?.filter(|row| digest.equals(&row.hash));
    row.map_or(Ok(None), |row| entitled(conn, row, now))
}

/// Who holds the token of an id; none where it is expired or revoked.
///
/// # Errors
/// What the database says.
pub fn holder(
    conn: &mut AnyConnection,
    id: &str,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let row = t::table.find(id).select(Held::as_select()).first(conn);
    row.optional()?
        .map_or(Ok(None), |row| entitled(conn, row, now))
}

fn entitled(
    conn: &mut AnyConnection,
    row: Held,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    if row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    let doc: Doc = stored(&row.doc)?;
    let id = stored_id(&row.id)?;
    Ok(Some(Caller {
        id: Some(id),
        reach: doc.reach(),
        organization_id: partner(conn, doc.organization_id)?,
        role: Some(stored_word(&row.role)?),
        name: row.name,
        person: None,
        unnoted_use: is_used_anew(row.last_used_at, now).then_some(Use::Token(id)),
    }))
}

/// The organization for which a partner asks: the one that it was merged into, if it was.
fn partner(conn: &mut AnyConnection, id: Option<Uuid>) -> Result<Option<Uuid>, ApiError> {
    id.map(|id| Ok(names(conn, [id])?.survivor(id))).transpose()
}

/// Notes that a token is used.
///
/// # Errors
/// What the database says.
pub fn note_use(conn: &mut AnyConnection, id: Uuid, now: NaiveDateTime) -> Result<(), ApiError> {
    diesel::update(t::table.find(id.to_string()))
        .set(t::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Makes a token.
///
/// # Errors
/// `validation_failed`, naming what it refers to and is not recorded; `forbidden` when it would
/// reach further than the caller does.
pub fn create(
    conn: &mut AnyConnection,
    cx: &Cx,
    new: &TokenContent,
) -> Result<(Token, Secret), ApiError> {
    check(conn, cx, new)?;
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    let id = Uuid::now_v7();
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
            t::doc.eq(to_stored(&doc)?),
            t::created_at.eq(cx.now),
            t::updated_at.eq(cx.now),
            t::expires_at.eq(new.expires_at.map(|end| end.naive_utc())),
        ))
        .execute(conn)?;
    audit::append(conn, cx, records::TOKEN, &id.to_string(), None)?;
    Ok((get(conn, cx, id)?, secret))
}

fn check(conn: &mut AnyConnection, cx: &Cx, new: &TokenContent) -> Result<(), ApiError> {
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

/// Reads a token's entry, which does not hold the token.
///
/// # Errors
/// `not_found`, also when it reaches further than the caller does.
pub fn get(conn: &mut AnyConnection, cx: &Cx, id: Uuid) -> Result<Token, ApiError> {
    let row: Row = t::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    let tokens = views(conn, cx, vec![row])?;
    tokens.into_iter().next().ok_or_else(ApiError::not_found)
}

/// Reads the tokens that the caller may keep, the oldest first. They are few: as many as there are
/// people and programs that work with the registry.
///
/// # Errors
/// What the database says.
pub fn all(conn: &mut AnyConnection, cx: &Cx) -> Result<Vec<Token>, ApiError> {
    let rows = t::table.order(t::id).select(Row::as_select()).load(conn)?;
    views(conn, cx, rows)
}

/// Reads one page of the tokens that the caller may keep.
///
/// # Errors
/// What the database says.
pub fn list(
    conn: &mut AnyConnection,
    cx: &Cx,
    role: Option<Role>,
    page: &Page,
) -> Result<Listed<Token>, ApiError> {
    let mut tokens = all(conn, cx)?;
    tokens.retain(|token| role.is_none_or(|role| token.role == role));
    let id = |token: &Token| token.meta.id.to_string();
    Ok(page.of(tokens, id, id))
}

fn views(conn: &mut AnyConnection, cx: &Cx, rows: Vec<Row>) -> Result<Vec<Token>, ApiError> {
    let mut read = Vec::new();
    for row in rows {
        let doc: Doc = stored(&row.doc)?;
        if is_kept_by(&cx.caller, &doc) {
            read.push((row, doc));
        }
    }
    let referred = read.iter().flat_map(|(_, doc)| {
        let municipalities = doc.municipality_ids.iter().flatten().copied();
        municipalities.chain(doc.organization_id)
    });
    let names = audit::names_ever(conn, referred.collect())?;
    read.into_iter()
        .map(|(row, doc)| view(row, doc, &names))
        .collect()
}

/// An admin of some municipalities keeps the tokens that reach no further.
fn is_kept_by(caller: &Caller, doc: &Doc) -> bool {
    match (&caller.reach, doc.reach()) {
        (Reach::All, _) => true,
        (Reach::Of(_), Reach::All) => false,
        (Reach::Of(own), Reach::Of(some)) => some.is_subset(own),
    }
}

fn view(row: Row, doc: Doc, names: &Names) -> Result<Token, ApiError> {
    let municipalities = doc.municipality_ids.iter().flatten();
    Ok(Token {
        meta: crate::values::Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
        name: row.name,
        role: stored_word(&row.role)?,
        all_municipalities: doc.reach() == Reach::All,
        municipalities: municipalities
            .map(|id| names.get(*id))
            .collect::<Result<_, _>>()?,
        organization: doc.organization_id.map(|id| names.get(id)).transpose()?,
        created_by: doc.created_by,
        expires_at: row.expires_at.map(|at| at.and_utc()),
        last_used_at: row.last_used_at.map(|at| at.and_utc()),
        revoked_at: row.revoked_at.map(|at| at.and_utc()),
    })
}

/// Revokes a token at once and for good; once more changes nothing.
///
/// # Errors
/// `not_found`
pub fn revoke(conn: &mut AnyConnection, cx: &Cx, id: Uuid) -> Result<Token, ApiError> {
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
    audit::append(conn, cx, records::TOKEN, &id.to_string(), None)?;
    get(conn, cx, id)
}

/// Refuses to do without an organization to which a token is bound that may still be used.
///
/// # Errors
/// `conflict`
pub fn release(conn: &mut AnyConnection, cx: &Cx, organization: Uuid) -> Result<(), ApiError> {
    let docs: Vec<String> = t::table
        .filter(is_valid(cx.now))
        .select(t::doc)
        .load(conn)?;
    for doc in docs {
        let doc: Doc = stored(&doc)?;
        let bound = doc.municipality_ids.iter().flatten();
        if bound
            .chain(&doc.organization_id)
            .any(|id| *id == organization)
        {
            return Err(ApiError::with(
                Code::Conflict,
                "이 기관에 매인 토큰이 있습니다. 먼저 토큰을 취소해야 합니다.",
                "A token is bound to it, which is to be revoked first.",
            ));
        }
    }
    Ok(())
}

/// Whether a token is neither revoked nor expired.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_valid(now: NaiveDateTime) -> _ {
    let lasts = t::expires_at.is_null().or(t::expires_at.gt(now));
    t::revoked_at.is_null().and(lasts).assume_not_null()
}

/// Revokes every valid token of a name.
///
/// # Errors
/// What the database says.
pub fn revoke_named(conn: &mut AnyConnection, cx: &Cx, name: &str) -> Result<(), ApiError> {
    let ids: Vec<String> = t::table
        .filter(t::name.eq(name).and(t::revoked_at.is_null()))
        .select(t::id)
        .load(conn)?;
    for id in ids {
        revoke(conn, cx, stored_id(&id)?)?;
    }
    Ok(())
}

/// True when somebody holds a valid token of an admin of all municipalities.
///
/// # Errors
/// What the database says.
pub fn has_admin(conn: &mut AnyConnection, now: NaiveDateTime) -> Result<bool, ApiError> {
    let rows: Vec<Row> = t::table
        .filter(t::role.eq(Role::Admin.as_str()))
        .filter(is_valid(now))
        .select(Row::as_select())
        .load(conn)?;
    let mut docs = rows.iter().map(|row| stored::<Doc>(&row.doc));
    docs.try_fold(false, |found, doc| Ok(found || doc?.reach() == Reach::All))
}
