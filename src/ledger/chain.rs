//! Writes the log. Each entry carries the hash of its text and of the previous entry's hash.

use std::sync::atomic::Ordering;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::RequestContext;
use super::records::{Record, State, Written};
use crate::db::schema::{changes as c, changes_head as h};
use crate::db::{AnyConnection, directly};
use crate::kernel::clock::rfc3339;
use crate::kernel::error::ApiError;
use crate::kernel::ids::TokenId;
use crate::kernel::values::{Localized, stored, to_stored};

/// The author of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// Id of the token or of the single sign-on subject. Null if the program made the change by
    /// itself.
    pub token_id: Option<TokenId>,
    /// Name of the token. For single sign-on, the value of the claim that grants access, such as a
    /// group: a person's name could not be erased from the log.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
}

/// A log entry in the form that is hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub seq: i64,
    pub recorded_at: String,
    pub actor: Actor,
    pub request_id: String,
    pub operation: String,
    pub record_type: String,
    pub record_id: String,
    /// Version of the record after the change. A removal has the version after the last one.
    pub version: i64,
    pub municipality_id: Option<String>,
    pub visibility: String,
    pub context_id: String,
    pub reason: Option<Localized>,
    /// State of the record before the change. Null if the record did not exist.
    pub before: Value,
    /// State of the record after the change. Null if the record was removed.
    pub after: Value,
}

/// Returns the hash of an entry: SHA-256 of the previous hash followed by the entry's text.
pub fn hash(previous: &str, entry: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(entry.as_bytes());
    crate::kernel::hex(hasher.finalize())
}

/// Formats an instant as the log writes it.
pub fn instant(at: NaiveDateTime) -> String {
    rfc3339(at.and_utc())
}

/// Parses an instant of the log.
///
/// # Errors
/// Fails with an internal error if the text is not an instant.
pub fn read_instant(text: &str) -> Result<DateTime<Utc>, ApiError> {
    text.parse().map_err(ApiError::internal)
}

/// Returns the number and the hash of the last entry.
pub fn head(conn: &mut AnyConnection) -> Result<(i64, String), ApiError> {
    let query = h::table.find(1).select((h::seq, h::hash));
    Ok(directly!(conn, query, first)?)
}

/// A state of the registry: the last entry, and the number of changes beside the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub seq: i64,
    pub hash: String,
    pub repairs: i64,
}

/// Returns the present state.
pub fn place(conn: &mut AnyConnection) -> Result<Place, ApiError> {
    let query = h::table.find(1).select((h::seq, h::hash, h::repairs));
    let (seq, hash, repairs) = directly!(conn, query, first)?;
    Ok(Place { seq, hash, repairs })
}

/// Ends the answers that are kept, after a change that the log does not tell of: derived tables were
/// repaired, or the text of a file was read.
///
/// # Errors
/// Fails if the database cannot be written.
pub fn end_answers(conn: &mut AnyConnection) -> Result<(), ApiError> {
    diesel::update(h::table)
        .set(h::repairs.eq(h::repairs + 1))
        .execute(conn)?;
    Ok(())
}

/// Like [`head`], but locks the head until the transaction ends. The next transaction to append
/// waits for it, so entries are numbered in commit order without gaps.
pub fn hold_head(conn: &mut AnyConnection) -> Result<(i64, String), ApiError> {
    match conn {
        AnyConnection::Sqlite(_) => head(conn),
        AnyConnection::Postgres(conn) => Ok(h::table
            .select((h::seq, h::hash))
            .for_update()
            .first(conn)?),
    }
}

/// Logs the current state of a record within this transaction.
pub fn append(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
    id: &str,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    let last = last_of(conn, record, id)?;
    let state = match record.state(conn, id)? {
        Some(state) => state,
        None => removed(record, id, last.as_ref())?,
    };
    let before = last.map_or(Value::Null, |last| last.after);
    write(conn, cx, record, before, state, reason)
}

/// Like [`append`], but for a state that was just written and need not be read again.
pub fn append_written(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
    written: Written,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    let Written { state, content } = written;
    let last = last_of(conn, record, &state.id)?;
    let before = last.map_or(Value::Null, |last| last.after);
    write_with(
        conn,
        cx,
        record,
        (before, state, content.as_deref()),
        reason,
    )
}

/// Returns the state of a removed record: no content, and the owner and visibility of its last
/// entry.
fn removed(record: &Record, id: &str, last: Option<&Entry>) -> Result<State, ApiError> {
    let last =
        last.ok_or_else(|| ApiError::internal(format!("{} {id} was never logged", record.name)))?;
    Ok(State {
        id: id.to_owned(),
        version: last.version + 1,
        municipality_id: last.municipality_id.clone(),
        visibility: last.visibility.clone(),
        context_id: last.context_id.clone(),
        content: Value::Null,
    })
}

/// Returns the last entry of a record.
pub fn last_of(
    conn: &mut AnyConnection,
    record: &Record,
    id: &str,
) -> Result<Option<Entry>, ApiError> {
    let entries = c::table
        .filter(c::record_id.eq(id).and(c::record_type.eq(record.name)))
        .order(c::seq.desc())
        .select(c::entry);
    let last: Option<String> = directly!(conn, entries, first).optional()?;
    last.as_deref().map(stored).transpose()
}

fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
    before: Value,
    state: State,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    write_with(conn, cx, record, (before, state, None), reason)
}

/// Like [`write()`], with the content of the state as text if it has been written already.
fn write_with(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
    (before, state, content): (Value, State, Option<&str>),
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    let (last, previous) = hold_head(conn)?;
    let entry = Entry {
        seq: last + 1,
        recorded_at: instant(cx.now),
        actor: Actor {
            token_id: cx.caller.id,
            name: cx.caller.name.clone(),
        },
        request_id: cx.request_id.to_string(),
        operation: cx.operation.into(),
        record_type: record.name.into(),
        record_id: state.id,
        version: state.version,
        municipality_id: state.municipality_id,
        visibility: state.visibility,
        context_id: state.context_id,
        reason: reason.cloned(),
        before,
        after: state.content,
    };
    let mut text = to_stored(&entry)?;
    if let Some(content) = content
        && let Some(start) = text.strip_suffix("null}")
    {
        // The state after the change is the last member.
        text = [start, content, "}"].concat();
    }
    let hash = insert_text(conn, (&entry, text), cx.now, &previous)?;
    set_head(conn, entry.seq, &hash)?;
    cx.logged.store(entry.seq, Ordering::Relaxed);
    Ok(())
}

/// Inserts an entry, recorded `at` an instant, after the one with the hash `previous`, and returns its
/// hash.
pub fn insert(
    conn: &mut AnyConnection,
    entry: &Entry,
    at: NaiveDateTime,
    previous: &str,
) -> Result<String, ApiError> {
    insert_text(conn, (entry, to_stored(entry)?), at, previous)
}

fn insert_text(
    conn: &mut AnyConnection,
    (entry, text): (&Entry, String),
    at: NaiveDateTime,
    previous: &str,
) -> Result<String, ApiError> {
    let hash = hash(previous, &text);
    let inserted = diesel::insert_into(c::table).values((
        c::seq.eq(entry.seq),
        c::recorded_at.eq(at),
        c::record_type.eq(&entry.record_type),
        c::record_id.eq(&entry.record_id),
        c::municipality_id.eq(&entry.municipality_id),
        c::visibility.eq(&entry.visibility),
        c::context_id.eq(&entry.context_id),
        c::entry.eq(text),
        c::previous_hash.eq(previous),
        c::hash.eq(&hash),
    ));
    directly!(conn, inserted, execute)?;
    Ok(hash)
}

/// Makes an entry the last one.
pub fn set_head(conn: &mut AnyConnection, seq: i64, hash: &str) -> Result<(), ApiError> {
    let moved = diesel::update(h::table).set((h::seq.eq(seq), h::hash.eq(hash)));
    directly!(conn, moved, execute)?;
    Ok(())
}

/// Number of records that are read at once when all are read.
pub const CHUNK: usize = 500;
