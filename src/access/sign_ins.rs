//! Sessions of people who signed in with a token, or by the single sign-on. The browser keeps a secret
//! of which the registry stores the digest. What a session may do is what its token may do at that
//! moment, or what the mapping of the single sign-on grants to its subject.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::oidc::{Identity, Oidc, Remembered};
use super::secret::{Digest, Secret};
use super::tokens;
use crate::db::schema::sign_ins as s;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{SignInId, TokenId};
use crate::kernel::values::{stored_id, to_stored};
use crate::ledger::{Caller, RequestContext, Use};

/// Prefix of the secret, so that a leaked one can be recognized.
const PREFIX: &str = "mous_";

/// Time after which a session ends without use.
pub const IDLE: Duration = Duration::hours(2);

/// Time after which a session ends in any case.
pub const LONGEST: Duration = Duration::hours(12);

/// Open sessions of one holder. A further sign-in ends the one that was not used for longest.
pub const MOST: i64 = 20;

/// Time between two notes of a use. A note for each request would add a write to each page.
const NOTED_EVERY: Duration = Duration::minutes(5);

#[derive(Queryable, Selectable)]
#[diesel(table_name = s)]
struct Row {
    id: String,
    token_id: Option<String>,
    subject_id: Option<String>,
    subject: Option<Json<Remembered>>,
    hash: String,
    created_at: NaiveDateTime,
    last_used_at: NaiveDateTime,
}

impl Row {
    /// Returns whether the same right grants both sessions what they may do.
    fn is_of_same(&self, other: &Self) -> bool {
        let kept = |row: &Self| row.subject.as_ref().map(|kept| kept.0.clone());
        self.token_id == other.token_id
            && self.subject_id == other.subject_id
            && kept(self) == kept(other)
    }

    fn open(&self) -> Result<Open, ApiError> {
        Ok(Open {
            id: stored_id(&self.id)?,
            began_at: self.created_at,
            last_used_at: self.last_used_at,
            ends_at: (self.created_at + LONGEST).min(self.last_used_at + IDLE),
        })
    }

    fn lasts(&self, now: NaiveDateTime) -> bool {
        now < self.created_at + LONGEST && now < self.last_used_at + IDLE
    }
}

/// Returns the digest of a session's secret, or `None` if the text cannot be one.
pub fn digest(text: &str) -> Option<Digest> {
    Digest::of_kind(PREFIX, text)
}

/// Begins a session of the holder of a token.
///
/// # Errors
/// `internal_error` if the system provides no random numbers.
pub fn begin(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    token: TokenId,
) -> Result<Secret, ApiError> {
    record(conn, cx, Some(token), None)
}

/// Begins a session of a subject of the single sign-on.
///
/// # Errors
/// Like [`begin`].
pub fn begin_of_subject(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    identity: &Identity,
    kept: &Remembered,
) -> Result<Secret, ApiError> {
    record(conn, cx, None, Some((identity.id(), to_stored(kept)?)))
}

/// Records a session, and removes those that have ended, and those beyond the number that a holder may
/// have.
fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    token: Option<TokenId>,
    subject: Option<(TokenId, String)>,
) -> Result<Secret, ApiError> {
    diesel::delete(s::table.filter(s::created_at.le(cx.now - LONGEST))).execute(conn)?;
    if let Some(holder) = token.or(subject.as_ref().map(|(id, _)| *id)) {
        make_room(conn, holder)?;
    }
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    if let Some(id) = token {
        tokens::note_use(conn, id, cx.now)?;
    }
    let (subject_id, subject) = subject.unzip();
    diesel::insert_into(s::table)
        .values((
            s::id.eq(cx.id::<SignInId>().to_string()),
            s::token_id.eq(token.map(|id| id.to_string())),
            s::subject_id.eq(subject_id.map(|id| id.to_string())),
            s::subject.eq(subject),
            s::handle.eq(digest.handle()),
            s::hash.eq(digest.as_str()),
            s::created_at.eq(cx.now),
            s::last_used_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(secret)
}

/// Ends the sessions of a holder that leave no room for a further one.
fn make_room(conn: &mut AnyConnection, holder: TokenId) -> Result<(), ApiError> {
    let id = holder.to_string();
    let own = s::table.filter(s::token_id.eq(&id).or(s::subject_id.eq(&id)));
    let latest_first = own.order((s::last_used_at.desc(), s::id.desc()));
    let beyond: Vec<String> = latest_first
        .offset(MOST - 1)
        .limit(1_000)
        .select(s::id)
        .load(conn)?;
    diesel::delete(s::table.filter(s::id.eq_any(beyond))).execute(conn)?;
    Ok(())
}

/// Returns who is signed in, or `None` if the session has ended, its token is no longer valid, or the
/// single sign-on no longer knows its subject by the same mapping.
pub fn caller(
    conn: &mut AnyConnection,
    digest: &Digest,
    oidc: Option<&Oidc>,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    let row = s::table
        .filter(s::handle.eq(digest.handle()))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row.filter(|row| digest.equals(&row.hash) && row.lasts(now)) else {
        return Ok(None);
    };
    let id: SignInId = stored_id(&row.id)?;
    let noted = now < row.last_used_at + NOTED_EVERY;
    let caller = holder(conn, &row, oidc, now)?;
    Ok(caller.map(|caller| Caller {
        unnoted_use: (!noted).then_some(Use::SignIn(id)),
        ..caller
    }))
}

/// A session that has not ended.
pub(super) struct Open {
    pub id: SignInId,
    pub began_at: NaiveDateTime,
    pub last_used_at: NaiveDateTime,
    pub ends_at: NaiveDateTime,
}

/// Returns the sessions that have not ended, of one holder or of all, each with who is signed in: holder by
/// holder, the oldest first of each.
pub(super) fn open(
    conn: &mut AnyConnection,
    oidc: Option<&Oidc>,
    now: NaiveDateTime,
    of: Option<TokenId>,
) -> Result<Vec<(Open, Caller)>, ApiError> {
    let lasting = s::created_at
        .gt(now - LONGEST)
        .and(s::last_used_at.gt(now - IDLE));
    let by_holder = (s::token_id, s::subject_id, s::id);
    let mut query = s::table.filter(lasting).order(by_holder).into_boxed();
    if let Some(id) = of.map(|id| id.to_string()) {
        query = query.filter(s::token_id.eq(id.clone()).or(s::subject_id.eq(id)));
    }
    let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
    let mut all = Vec::new();
    // Sessions that somebody began by the same right are looked up once.
    for same in rows.chunk_by(Row::is_of_same) {
        let Some(first) = same.first() else { continue };
        if let Some(caller) = holder(conn, first, oidc, now)? {
            for row in same {
                all.push((row.open()?, caller.clone()));
            }
        }
    }
    Ok(all)
}

/// Returns who is signed in by a session, or `None` if its token is no longer valid, or the single
/// sign-on no longer knows its subject by the same mapping.
fn holder(
    conn: &mut AnyConnection,
    row: &Row,
    oidc: Option<&Oidc>,
    now: NaiveDateTime,
) -> Result<Option<Caller>, ApiError> {
    match &row.token_id {
        Some(token) => tokens::holder(conn, token, now),
        None => subject(conn, row, oidc),
    }
}

fn subject(
    conn: &mut AnyConnection,
    row: &Row,
    oidc: Option<&Oidc>,
) -> Result<Option<Caller>, ApiError> {
    let (Some(oidc), Some(id), Some(Json(kept))) = (oidc, &row.subject_id, &row.subject) else {
        return Ok(None);
    };
    let identity = oidc.recall(stored_id(id)?, kept.clone());
    identity.map(|identity| identity.caller(conn)).transpose()
}

/// Notes the use of a session, and of its token if it has one.
pub fn note_use(
    conn: &mut AnyConnection,
    id: SignInId,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    let token: Option<Option<String>> = s::table
        .find(id.to_string())
        .select(s::token_id)
        .first(conn)
        .optional()?;
    let Some(token) = token else {
        return Ok(());
    };
    diesel::update(s::table.find(id.to_string()))
        .set(s::last_used_at.eq(now))
        .execute(conn)?;
    match token {
        Some(token) => tokens::note_use(conn, stored_id(&token)?, now),
        None => Ok(()),
    }
}

/// Ends a session.
pub fn end(conn: &mut AnyConnection, digest: &Digest) -> Result<(), ApiError> {
    let this = s::table.filter(s::handle.eq(digest.handle()));
    diesel::delete(this).execute(conn)?;
    Ok(())
}

/// Ends every session of the holder of a token, or of a subject of the single sign-on.
pub fn end_all(conn: &mut AnyConnection, holder: TokenId) -> Result<(), ApiError> {
    let id = holder.to_string();
    let own = s::token_id.eq(&id).or(s::subject_id.eq(&id));
    diesel::delete(s::table.filter(own)).execute(conn)?;
    Ok(())
}
