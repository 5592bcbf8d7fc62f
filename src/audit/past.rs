//! The registry as it was recorded at an instant: rebuilt in memory from the log, so that every
//! read asks the past with the very queries that it asks the present with.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::chain::{CHUNK, Entry, head};
use super::records::{
    AGREEMENT, ALL, ASSOCIATION_MEMBER, MEETING, MILESTONE, ORGANIZATION, PROJECT, RecordType,
    TOKEN, WORKING_GROUP, Was,
};
use crate::access::{Caller, Visibility};
use crate::agreements::store as agreements;
use crate::app::Cx;
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, dialect};
use crate::error::ApiError;
use crate::organizations::{members, store as organizations};
use crate::projects::{milestones::store as milestones, store as projects};
use crate::values::{stored, stored_word};
use crate::working_groups::{meetings, store as working_groups};

/// How many pasts are kept for the next to ask of the same instant.
const KEPT: usize = 4;

/// Which past it is: up to which entry, and seen from which present, which may have taken something
/// back from the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    until: i64,
    head: i64,
}

/// The pasts that were asked for lately.
#[derive(Clone, Default)]
pub struct Pasts(Arc<Mutex<Vec<(Key, Past)>>>);

type Past = Arc<Mutex<AnyConnection>>;

impl Pasts {
    /// Reads what was recorded by an instant.
    ///
    /// # Errors
    /// What `work` returns, or internal when the log cannot be read.
    pub fn read<T>(
        &self,
        conn: &mut AnyConnection,
        cx: &Cx,
        instant: DateTime<Utc>,
        work: impl FnOnce(&mut AnyConnection, &Cx) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let until = c::table
            .filter(c::recorded_at.le(instant.naive_utc()))
            .order((c::recorded_at.desc(), c::seq.desc()))
            .select(c::seq)
            .first::<i64>(conn)
            .optional()?;
        let key = Key {
            until: until.unwrap_or(0),
            head: head(conn)?.0,
        };
        let past = self.find(key, || rebuild(conn, cx, key.until))?;
        let mut past = past.lock().map_err(ApiError::internal)?;
        work(&mut past, cx)
    }

    /// One past is rebuilt at a time: it takes as long as the log is, and whoever asks for the same
    /// one meanwhile shall not rebuild it too.
    fn find(
        &self,
        key: Key,
        rebuild: impl FnOnce() -> Result<AnyConnection, ApiError>,
    ) -> Result<Past, ApiError> {
        let mut kept = self.0.lock().map_err(ApiError::internal)?;
        if let Some(place) = kept.iter().position(|(k, _)| *k == key) {
            let found = kept.remove(place);
            let past = found.1.clone();
            kept.push(found);
            return Ok(past);
        }
        let past = Arc::new(Mutex::new(rebuild()?));
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((key, past.clone()));
        Ok(past)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: String,
    /// Who sees the record at present, or saw it last.
    #[diesel(sql_type = Text)]
    present: String,
}

fn rebuild(conn: &mut AnyConnection, cx: &Cx, until: i64) -> Result<AnyConnection, ApiError> {
    // What was recorded is written again by the program, whoever asks.
    let program = cx
        .clone()
        .by(Caller::program(), cx.operation, cx.request_id.clone());
    let mut past = dialect::in_memory().map_err(ApiError::internal)?;
    dialect::migrate(&mut past).map_err(ApiError::internal)?;
    dialect::write(&mut past, |past| {
        let mut hidden = Vec::new();
        for record in ALL.into_iter().filter(|record| *record != TOKEN) {
            let mut after = 0;
            loop {
                let rows = last_entries(conn, record, after, until)?;
                let Some(last) = rows.last() else { break };
                after = last.seq;
                for row in rows {
                    let entry: Entry = stored(&row.entry)?;
                    let Some(was) = Was::of(&entry)? else {
                        continue;
                    };
                    restore(past, &program, record, &was)?;
                    let present: Visibility = stored_word(&row.present)?;
                    if present > stored_word(&entry.audience)? {
                        hidden.push((record, entry.record_id, present));
                    }
                }
            }
        }
        for (record, id, audience) in hidden {
            hide(past, record, &id, audience)?;
        }
        Ok(())
    })?;
    Ok(past)
}

/// The last entry up to `until` of each record of a type, in their order.
fn last_entries(
    conn: &mut AnyConnection,
    record: RecordType,
    after: i64,
    until: i64,
) -> Result<Vec<Row>, ApiError> {
    let of_record = "l.record_id = c.record_id AND l.record_type = c.record_type";
    let sql = format!(
        "SELECT c.seq, c.entry, \
           (SELECT l.audience FROM changes AS l WHERE {of_record} ORDER BY l.seq DESC LIMIT 1) AS present \
         FROM changes AS c WHERE c.record_type = '{name}' AND c.seq > {after} AND c.seq <= {until} \
           AND NOT EXISTS (SELECT 1 FROM changes AS l WHERE {of_record} AND l.seq > c.seq AND l.seq <= {until}) \
         ORDER BY c.seq LIMIT {CHUNK}",
        name = record.name,
    );
    Ok(diesel::sql_query(sql).load(conn)?)
}

fn restore(
    past: &mut AnyConnection,
    cx: &Cx,
    record: RecordType,
    was: &Was,
) -> Result<(), ApiError> {
    match record {
        ORGANIZATION => organizations::restore(past, was),
        ASSOCIATION_MEMBER => members::restore(past, was),
        PROJECT => projects::restore(past, was),
        MILESTONE => milestones::restore(past, cx, was),
        AGREEMENT => agreements::restore(past, cx, was),
        WORKING_GROUP => working_groups::restore(past, was),
        MEETING => meetings::restore(past, cx, was),
        _ => Ok(()),
    }
}

/// Takes from a past what the present has taken back: a record that was public and is internal now
/// is internal in the past, too.
fn hide(
    past: &mut AnyConnection,
    record: RecordType,
    id: &str,
    audience: Visibility,
) -> Result<(), ApiError> {
    // The record itself, and what is derived from it and from the records that belong to it.
    let (table, column) = match record {
        PROJECT => ("projects", "project_id"),
        WORKING_GROUP => ("working_groups", "working_group_id"),
        AGREEMENT => ("agreements", "owner_id"),
        _ => return Ok(()),
    };
    let mut derived = vec![
        (table, "id"),
        ("timeline_entries", column),
        ("search_entries", "context_id"),
    ];
    derived.extend((record == AGREEMENT).then_some(("duties", "agreement_id")));
    for (table, column) in derived {
        // What was internal, as duties before signing, stays so.
        let sql = format!(
            "UPDATE {table} SET audience = ?1 WHERE {column} = ?2 AND audience <> 'internal'"
        );
        diesel::sql_query(sql)
            .bind::<Text, _>(audience.as_str())
            .bind::<Text, _>(id)
            .execute(past)?;
    }
    Ok(())
}
