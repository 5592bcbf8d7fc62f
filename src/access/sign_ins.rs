//! Sessions of people who signed in with a token. The browser keeps a secret of which the registry
//! stores the digest; what a session may do is what its token may do at that moment.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::secret::{Digest, Secret};
use super::tokens;
use crate::db::AnyConnection;
use crate::db::schema::sign_ins as s;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{SignInId, TokenId};
use crate::kernel::values::stored_id;
use crate::ledger::{Caller, RequestContext, Use};

/// Prefix of the secret, so that a leaked one can be recognized.
const PREFIX: &str = "mous_";

/// Time after which a session ends without use.
pub const IDLE: Duration = Duration::hours(2);

/// Time after which a session ends in any case.
pub const LONGEST: Duration = Duration::hours(12);

/// Time between two notes of a use. A note for each request would add a write to each page.
const NOTED_EVERY: Duration = Duration::minutes(5);

#[derive(Queryable, Selectable)]
#[diesel(table_name = s)]
struct Row {
    id: String,
    token_id: String,
    hash: String,
    created_at: NaiveDateTime,
    last_used_at: NaiveDateTime,
}

impl Row {
    fn lasts(&self, now: NaiveDateTime) -> bool {
        now < self.created_at + LONGEST && now < self.last_used_at + IDLE
    }
}

/// Returns the digest of a session's secret, or `None` if the text cannot be one.
pub fn digest(text: &str) -> Option<Digest> {
    Digest::of_kind(PREFIX, text)
}

/// Begins a session of the holder of a token, and removes the sessions that have ended.
///
/// # Errors
/// `internal_error` if the system provides no random numbers.
pub fn begin(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    token: TokenId,
) -> Result<Secret, ApiError> {
    diesel::delete(s::table.filter(s::created_at.le(cx.now - LONGEST))).execute(conn)?;
    let secret = Secret::new(PREFIX)?;
    let digest = secret.digest();
    diesel::insert_into(s::table)
        .values((
            s::id.eq(cx.id::<SignInId>().to_string()),
            s::token_id.eq(token.to_string()),
            s::handle.eq(digest.handle()),
            s::hash.eq(digest.as_str()),
            s::created_at.eq(cx.now),
            s::last_used_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(secret)
}

/// Returns who is signed in, or `None` if the session has ended or its token is no longer valid.
pub fn caller(
    conn: &mut AnyConnection,
    digest: &Digest,
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
    let Some(mut caller) = tokens::holder(conn, &row.token_id, now)? else {
        return Ok(None);
    };
    let id: SignInId = stored_id(&row.id)?;
    caller.unnoted_use = (now >= row.last_used_at + NOTED_EVERY).then_some(Use::SignIn(id));
    Ok(Some(caller))
}

/// Notes the use of a session, and of its token.
pub fn note_use(
    conn: &mut AnyConnection,
    id: SignInId,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    let token: Option<String> = s::table
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
    tokens::note_use(conn, stored_id(&token)?, now)
}

/// Ends a session.
pub fn end(conn: &mut AnyConnection, digest: &Digest) -> Result<(), ApiError> {
    let this = s::table.filter(s::handle.eq(digest.handle()));
    diesel::delete(this).execute(conn)?;
    Ok(())
}

/// Ends every session of a token.
pub fn end_all(conn: &mut AnyConnection, token: TokenId) -> Result<(), ApiError> {
    diesel::delete(s::table.filter(s::token_id.eq(token.to_string()))).execute(conn)?;
    Ok(())
}
