//! The registry as it was recorded at an instant: rebuilt from the log, so that every read asks the
//! past with the very queries that it asks the present with.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::chain::head;
use super::rebuild::{Rebuilt, rebuild};
use super::records::{AGREEMENT, PROJECT, RecordType, WORKING_GROUP};
use crate::access::{Caller, Visibility};
use crate::agreements::duties;
use crate::app::Cx;
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, dialect};
use crate::error::ApiError;
use crate::values::stored_word;

/// How many pasts are kept for the next to ask of the same instant.
const KEPT: usize = 4;

/// The pasts that were asked for lately.
#[derive(Clone, Default)]
pub struct Pasts(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// By the entry up to which each goes, the one asked for last at the end.
    kept: Mutex<Vec<(i64, Arc<Mutex<Past>>)>>,
    /// Whose turn it is to rebuild one.
    turn: Mutex<()>,
}

struct Past {
    rebuilt: Rebuilt,
    /// The entry up to which it was looked at what the present has taken back from the public.
    seen: i64,
}

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
        let until = until(conn, instant)?;
        // What was recorded is written again by the program, whoever asks.
        let program = cx
            .clone()
            .by(Caller::program(), cx.operation, cx.request_id.clone());
        let past = self.find(until, || {
            let mut empty = dialect::temporary().map_err(ApiError::internal)?;
            dialect::migrate(&mut empty).map_err(ApiError::internal)?;
            rebuild(conn, empty, &program, until)
        })?;
        let mut past = past.lock().map_err(ApiError::internal)?;
        let head = head(conn)?.0;
        if past.seen < head {
            take_back(conn, &program, &mut past, until)?;
            past.seen = head;
        }
        work(&mut past.rebuilt.conn, cx)
    }

    /// One past is rebuilt at a time: it takes as long as the log is, and whoever asks for the same
    /// one meanwhile shall not rebuild it too.
    fn find(
        &self,
        until: i64,
        rebuild: impl FnOnce() -> Result<Rebuilt, ApiError>,
    ) -> Result<Arc<Mutex<Past>>, ApiError> {
        if let Some(past) = self.kept(until)? {
            return Ok(past);
        }
        // Of one whose turn ended in a panic nothing is left.
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(past) = self.kept(until)? {
            return Ok(past);
        }
        let past = Arc::new(Mutex::new(Past {
            rebuilt: rebuild()?,
            seen: until,
        }));
        let mut kept = self.0.kept.lock().map_err(ApiError::internal)?;
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((until, past.clone()));
        Ok(past)
    }

    fn kept(&self, until: i64) -> Result<Option<Arc<Mutex<Past>>>, ApiError> {
        let mut kept = self.0.kept.lock().map_err(ApiError::internal)?;
        let place = kept.iter().position(|(of, _)| *of == until);
        Ok(place.map(|place| {
            let found = kept.remove(place);
            let past = found.1.clone();
            kept.push(found);
            past
        }))
    }
}

/// How far the clocks of servers that share a database may lie apart, and how long a write may wait for
/// its turn: within it entries need not stand in the order of their instants.
const SKEW: Duration = Duration::minutes(1);

/// The last entry that was recorded by an instant, with all before it: for a later instant never an
/// earlier one.
fn until(conn: &mut AnyConnection, instant: DateTime<Utc>) -> Result<i64, ApiError> {
    let by = c::table.filter(c::recorded_at.le(instant.naive_utc()));
    let latest = by.order(c::recorded_at.desc()).select(c::recorded_at);
    let Some(latest) = latest.first::<NaiveDateTime>(conn).optional()? else {
        return Ok(0);
    };
    let last = by
        .filter(c::recorded_at.ge(latest - SKEW))
        .select(max(c::seq))
        .first::<Option<i64>>(conn)?;
    Ok(last.unwrap_or(0))
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Text)]
    record_type: String,
    #[diesel(sql_type = Text)]
    record_id: String,
    /// Who saw the record then; none where there was none.
    #[diesel(sql_type = Nullable<Text>)]
    past: Option<String>,
    /// Who sees it at present, or saw it last.
    #[diesel(sql_type = Text)]
    present: String,
}

/// Takes from a past what the present has taken back: a record that was public and is internal now
/// is internal in the past, too. Only what changed since it was looked at can have been.
fn take_back(
    conn: &mut AnyConnection,
    program: &Cx,
    past: &mut Past,
    until: i64,
) -> Result<(), ApiError> {
    let audience = "SELECT l.audience FROM changes AS l \
                    WHERE l.record_id = c.record_id AND l.record_type = c.record_type";
    let sql = format!(
        "SELECT c.record_type, c.record_id, \
           ({audience} AND l.seq <= {until} ORDER BY l.seq DESC LIMIT 1) AS past, \
           ({audience} ORDER BY l.seq DESC LIMIT 1) AS present \
         FROM (SELECT DISTINCT record_type, record_id FROM changes WHERE seq > {seen}) AS c",
        seen = past.seen,
    );
    let changed: Vec<Seen> = diesel::sql_query(sql).load(conn)?;
    let Rebuilt { conn: past, days } = &mut past.rebuilt;
    dialect::write(past, |past| {
        for seen in changed {
            let (Some(record), Some(then)) = (RecordType::named(&seen.record_type), seen.past)
            else {
                continue;
            };
            let (then, present): (Visibility, _) =
                (stored_word(&then)?, stored_word(&seen.present)?);
            hide(past, record, &seen.record_id, then.max(present))?;
            if record == AGREEMENT {
                let program = days.of(program, &seen.record_id);
                duties::show_to(past, &program, &seen.record_id, then.max(present))?;
            }
        }
        Ok(())
    })
}

/// Has a record of a past, what is derived from it, and what belongs to it, seen by these alone.
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
    for (table, column) in [
        (table, "id"),
        ("timeline_entries", column),
        ("search_entries", "context_id"),
    ] {
        let sql = format!("UPDATE {table} SET audience = ?1 WHERE {column} = ?2");
        diesel::sql_query(sql)
            .bind::<Text, _>(audience.as_str())
            .bind::<Text, _>(id)
            .execute(past)?;
    }
    Ok(())
}
