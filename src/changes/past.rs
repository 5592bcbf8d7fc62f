//! The registry as recorded at an instant. It is rebuilt from the log, so the past is read with the
//! same queries as the present.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use serde_json::Value;

use super::copied::copied;
use super::participants;
use super::rebuild::{Rebuilt, rebuild};
use crate::agreements::records::AGREEMENT;
use crate::agreements::sharing;
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, Name, dialect};
use crate::http::session::History;
use crate::kernel::error::ApiError;
use crate::ledger::chain::{head, last_of};
use crate::ledger::{Caller, RequestContext, Visibility};
use crate::projections::timeline_entry::NEVER_ENDS;
use crate::records;

/// Number of pasts that are kept for later requests with the same instant.
const KEPT: usize = 4;

/// The recently requested pasts.
#[derive(Clone, Default)]
pub struct Pasts(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Pasts by the number of their last entry, the most recently used one last.
    kept: Mutex<Vec<(i64, Arc<Mutex<Past>>)>>,
    /// Held while a past is rebuilt.
    turn: Mutex<()>,
}

struct Past {
    rebuilt: Rebuilt,
    /// The entry up to which visibility that was withdrawn since has been taken into account.
    seen: i64,
}

impl History for Pasts {
    fn read(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        instant: DateTime<Utc>,
        work: &mut dyn FnMut(&mut AnyConnection, &RequestContext),
    ) -> Result<(), ApiError> {
        let until = until(conn, instant)?;
        // The program rebuilds the records, whoever the caller is.
        let program = cx
            .clone()
            .by(Caller::program(), cx.operation, cx.request_id.clone());
        let past = self.find(until, || {
            let mut rebuilt = made(conn, &program, until)?;
            dialect::write(&mut rebuilt.conn, |past| participants::replace(conn, past))?;
            Ok(rebuilt)
        })?;
        let mut past = past.lock()?;
        let head = head(conn)?.0;
        if past.seen < head {
            take_back(conn, &program, &mut past, until)?;
            past.seen = head;
        }
        work(&mut past.rebuilt.conn, cx);
        Ok(())
    }
}

/// Makes the registry up to an entry: copies what has not changed since where it can, and else rebuilds
/// all of it from the log.
///
/// # Errors
/// Fails with an internal error if the log or the database cannot be read.
pub fn made(
    conn: &mut AnyConnection,
    program: &RequestContext,
    until: i64,
) -> Result<Rebuilt, ApiError> {
    if let Some(copied) = copied(conn, program, until)? {
        return Ok(copied);
    }
    let mut empty = dialect::temporary().map_err(ApiError::internal)?;
    dialect::migrate(&mut empty).map_err(ApiError::internal)?;
    rebuild(conn, empty, program, until, &mut dialect::renew_snapshot)
}

impl Pasts {
    /// Returns the past up to an entry. One past is rebuilt at a time: the cost grows with the log,
    /// and requests for the same past must not rebuild it twice.
    fn find(
        &self,
        until: i64,
        rebuild: impl FnOnce() -> Result<Rebuilt, ApiError>,
    ) -> Result<Arc<Mutex<Past>>, ApiError> {
        if let Some(past) = self.kept(until)? {
            return Ok(past);
        }
        // A panic of the previous holder leaves nothing behind, so a poisoned lock is fine.
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(past) = self.kept(until)? {
            return Ok(past);
        }
        let past = Arc::new(Mutex::new(Past {
            rebuilt: rebuild()?,
            seen: until,
        }));
        let mut kept = self.0.kept.lock()?;
        if kept.len() == KEPT {
            kept.remove(0);
        }
        kept.push((until, past.clone()));
        Ok(past)
    }

    fn kept(&self, until: i64) -> Result<Option<Arc<Mutex<Past>>>, ApiError> {
        let mut kept = self.0.kept.lock()?;
        let place = kept.iter().position(|(of, _)| *of == until);
        Ok(place.map(|place| {
            let found = kept.remove(place);
            let past = found.1.clone();
            kept.push(found);
            past
        }))
    }
}

/// Returns the number of the last entry recorded by an instant.
///
/// The past is told by the order of the log; the instants of entries are only labels. Those of
/// several servers can be out of order, and so can those of one server whose clock was set back.
/// Everything before an entry is known with it, so a later instant never knows less.
fn until(conn: &mut AnyConnection, instant: DateTime<Utc>) -> Result<i64, ApiError> {
    // SQLite compares instants as texts, in which a later year sorts before every other.
    let last = NEVER_ENDS.and_time(NaiveTime::MIN);
    let by = c::table.filter(c::recorded_at.le(instant.naive_utc().min(last)));
    let last = by.select(max(c::seq)).first::<Option<i64>>(conn)?;
    Ok(last.unwrap_or(0))
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Text)]
    record_type: String,
    #[diesel(sql_type = Text)]
    record_id: String,
    /// Visibility of the record in the past; `None` if it did not exist.
    #[diesel(sql_type = Nullable<Text>)]
    past: Option<Name<Visibility>>,
    /// Visibility of the record now, or when it was last logged.
    #[diesel(sql_type = Text)]
    present: Name<Visibility>,
}

/// Withdraws from a past what is no longer visible at present: a record that was public and is
/// internal now is internal in the past, too, and who no longer shares an agreement or takes part in
/// a record did not then. Only records that changed since the last check are examined.
fn take_back(
    conn: &mut AnyConnection,
    program: &RequestContext,
    past: &mut Past,
    until: i64,
) -> Result<(), ApiError> {
    let visibility = "SELECT l.visibility FROM changes AS l \
                    WHERE l.record_id = c.record_id AND l.record_type = c.record_type";
    let sql = format!(
        "SELECT c.record_type, c.record_id, \
           ({visibility} AND l.seq <= {until} ORDER BY l.seq DESC LIMIT 1) AS past, \
           ({visibility} ORDER BY l.seq DESC LIMIT 1) AS present \
         FROM (SELECT DISTINCT record_type, record_id FROM changes WHERE seq > {seen}) AS c",
        seen = past.seen,
    );
    let changed: Vec<Seen> = diesel::sql_query(sql).load(conn)?;
    let since = past.seen;
    let Rebuilt { conn: past, days } = &mut past.rebuilt;
    dialect::write(past, |past| {
        let ids: Vec<&str> = changed.iter().map(|seen| &*seen.record_id).collect();
        participants::follow(conn, past, since, &ids)?;
        for seen in changed {
            let (Some(record), Some(Name(then))) = (records::named(&seen.record_type), seen.past)
            else {
                continue;
            };
            if let Some(restrict) = record.restrict {
                let program = days.of(conn, past, program, &seen.record_id)?;
                restrict(past, &program, &seen.record_id, then.max(seen.present.0))?;
            }
            if *record == AGREEMENT {
                let last = last_of(conn, record, &seen.record_id)?;
                // The last entry of a removed agreement has the last state before it.
                let last = last.map(|last| match last.after {
                    Value::Null => last.before,
                    after => after,
                });
                let owners = sharing::co_owners_in(&last.unwrap_or_default());
                sharing::restrict(past, program, &seen.record_id, &owners)?;
            }
        }
        Ok(())
    })
}
