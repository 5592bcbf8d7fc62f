//! Writing the log: each entry carries the hash of its text and of the hash before it.

use std::sync::atomic::Ordering;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::records::{ALL, RecordType, State};
use crate::agreements::contact;
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::{changes as c, changes_head as h};
use crate::error::ApiError;
use crate::values::{Localized, stored, to_stored};

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The token's id, or that of the single sign-on's subject; null where the program did it by
    /// itself.
    pub token_id: Option<Uuid>,
    /// The token's name; of the single sign-on the value of the claim that entitles, as a group's, and
    /// not a person's name, which could not be erased.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
}

/// An entry of the log, as it is hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub seq: i64,
    pub recorded_at: String,
    pub actor: Actor,
    pub request_id: String,
    pub operation: String,
    pub record_type: String,
    pub record_id: String,
    /// The version that the change made; of a removal, the one after the last.
    pub version: i64,
    pub municipality_id: Option<String>,
    pub audience: String,
    pub context_id: String,
    pub reason: Option<Localized>,
    /// What was recorded before the change; null where the record was not there.
    pub before: Value,
    /// What was recorded after the change; null where the record was removed.
    pub after: Value,
}

/// The hash of an entry: of the hash before it and of its text.
pub fn hash(previous: &str, entry: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(entry.as_bytes());
    super::hex(&hasher.finalize())
}

/// An instant as the log writes it.
pub fn instant(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The instant that the log wrote.
///
/// # Errors
/// When it is none.
pub fn read_instant(text: &str) -> Result<DateTime<Utc>, ApiError> {
    text.parse().map_err(ApiError::internal)
}

/// Where the log ends.
///
/// # Errors
/// What the database says.
pub fn head(conn: &mut AnyConnection) -> Result<(i64, String), ApiError> {
    Ok(h::table.find(1).select((h::seq, h::hash)).first(conn)?)
}

/// The same, held until the transaction ends: the next one to append waits for it, so that entries
/// stand in the order in which they are committed, without a gap.
pub(super) fn hold_head(conn: &mut AnyConnection) -> Result<(i64, String), ApiError> {
    match conn {
        AnyConnection::Sqlite(_) => head(conn),
        AnyConnection::Postgres(conn) => Ok(h::table
            .select((h::seq, h::hash))
            .for_update()
            .first(conn)?),
    }
}

/// Logs what has become of a record in this transaction.
///
/// # Errors
/// What the database says.
pub fn append(
    conn: &mut AnyConnection,
    cx: &Cx,
    record: RecordType,
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

/// What is left of a record that was removed: whose it was.
fn removed(record: RecordType, id: &str, last: Option<&Entry>) -> Result<State, ApiError> {
    let last =
        last.ok_or_else(|| ApiError::internal(format!("{} {id} was never logged", record.name)))?;
    Ok(State {
        id: id.to_owned(),
        version: last.version + 1,
        municipality_id: last.municipality_id.clone(),
        audience: last.audience.clone(),
        context_id: last.context_id.clone(),
        content: Value::Null,
    })
}

/// The last entry of a record.
///
/// # Errors
/// What the database says.
pub fn last_of(
    conn: &mut AnyConnection,
    record: RecordType,
    id: &str,
) -> Result<Option<Entry>, ApiError> {
    let last = c::table
        .filter(c::record_id.eq(id).and(c::record_type.eq(record.name)))
        .order(c::seq.desc())
        .select(c::entry)
        .first::<String>(conn)
        .optional()?;
    last.as_deref().map(stored).transpose()
}

fn write(
    conn: &mut AnyConnection,
    cx: &Cx,
    record: RecordType,
    before: Value,
    state: State,
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
        audience: state.audience,
        context_id: state.context_id,
        reason: reason.cloned(),
        before,
        after: state.content,
    };
    let text = to_stored(&entry)?;
    let hash = hash(&previous, &text);
    diesel::insert_into(c::table)
        .values((
            c::seq.eq(entry.seq),
            c::recorded_at.eq(cx.now),
            c::record_type.eq(&entry.record_type),
            c::record_id.eq(&entry.record_id),
            c::municipality_id.eq(&entry.municipality_id),
            c::audience.eq(&entry.audience),
            c::context_id.eq(&entry.context_id),
            c::entry.eq(text),
            c::previous_hash.eq(previous),
            c::hash.eq(&hash),
        ))
        .execute(conn)?;
    diesel::update(h::table)
        .set((h::seq.eq(entry.seq), h::hash.eq(hash)))
        .execute(conn)?;
    cx.logged.store(entry.seq, Ordering::Relaxed);
    Ok(())
}

/// How many records are read at once where all of them are.
pub(super) const CHUNK: usize = 500;

/// Begins the log of a registry that is older than its log: with an entry for each record as it is.
///
/// # Errors
/// What the database says.
pub fn begin(conn: &mut AnyConnection, cx: &Cx) -> Result<(), ApiError> {
    if hold_head(conn)?.0 > 0 {
        return Ok(());
    }
    contact::salt_all(conn)?;
    for record in ALL {
        let mut after = String::new();
        loop {
            let states = record.states_after(conn, &after, CHUNK)?;
            let Some((last, _)) = states.last() else {
                break;
            };
            after.clone_from(&last.id);
            for (state, _) in states {
                write(conn, cx, record, Value::Null, state, None)?;
            }
        }
    }
    Ok(())
}
