//! Standbys of PostgreSQL, which take reads when they have all that the primary had as the read
//! began.
//!
//! So a caller never reads backwards, whichever server, standby or primary answers next. A standby
//! that lags, fails or is promoted takes no reads; the primary does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};

use super::connection::PooledConnection;
use super::guarded::Guarded;
use super::health::Health;
use super::opener::Opener;
use super::pools::{self, Pool, PoolSettings, ReadPools};
use super::threads::Threads;
use super::{AnyConnection, DatabaseUrl, OpenError, ReadClass, Reading, Turn, dialect};
use crate::kernel::erased::Erased;
use crate::kernel::error::{ApiError, chain};

/// How long a read waits for a standby to have what it needs.
const LAG: Duration = Duration::from_millis(100);
/// How often a standby is asked for its position.
const LOOK: Duration = Duration::from_millis(5);
/// How long a standby that failed takes no reads.
const REST: Duration = Duration::from_secs(2);
/// Connections on which the primary is asked for its position.
const POSITIONS: u32 = 2;

/// The standbys of a primary.
#[derive(Clone)]
pub(super) struct Standbys(Arc<Inner>);

struct Inner {
    positions: Pool,
    standbys: Vec<Standby>,
    next: AtomicUsize,
}

struct Standby {
    pools: ReadPools,
    rests_until: Mutex<Option<Instant>>,
}

/// The end of the primary's write-ahead log.
#[derive(Clone, QueryableByName)]
struct Position {
    #[diesel(sql_type = Integer)]
    timeline: i32,
    #[diesel(sql_type = Text)]
    lsn: String,
}

impl Standbys {
    /// Connects on demand: a standby that cannot be reached is no reason not to start.
    ///
    /// # Errors
    /// Fails if the system cannot start a thread.
    pub fn start(
        primary: impl Fn() -> Guarded,
        urls: &[DatabaseUrl],
        settings: &PoolSettings,
        threads: &Threads,
    ) -> Result<Self, OpenError> {
        let standbys = urls.iter().map(|url| {
            let opener = Opener::new(url, dialect::connect);
            let health = Health::new(&opener);
            let pools = ReadPools::start(|| Guarded::new(&opener, &health), settings, threads)?;
            Ok(Standby {
                pools,
                rests_until: Mutex::default(),
            })
        });
        Ok(Self(Arc::new(Inner {
            positions: pools::start(primary, settings, POSITIONS, 4096, threads)?,
            standbys: standbys.collect::<Result<_, OpenError>>()?,
            next: AtomicUsize::default(),
        })))
    }

    /// Runs `work` on a snapshot of a standby, or returns it if no standby can take it.
    pub async fn read(
        &self,
        class: ReadClass,
        turn: Turn,
        work: Reading,
    ) -> Result<Result<Erased, ApiError>, Reading> {
        let Some(standby) = self.standby() else {
            return Err(work);
        };
        let positions = &self.0.positions;
        let position = positions.run(Turn::PROGRAM, |conn| {
            conn.run(|conn| conn.transact(dialect::begin_snapshot, position))
        });
        let Ok(position) = position.await else {
            return Err(work);
        };
        let slot = Arc::new(Mutex::new(Some(work)));
        let waiting = slot.clone();
        let asked = standby.pools.of(class).run(turn, |conn| {
            conn.run(move |conn| {
                if !catches_up(conn, &position)? {
                    return Ok(None);
                }
                match take(&waiting) {
                    Some(work) => conn.transact(dialect::begin_snapshot, work).map(Some),
                    None => Ok(None),
                }
            })
        });
        match (asked.await, take(&slot)) {
            (Ok(Some(value)), _) => Ok(Ok(value)),
            (Ok(None), Some(work)) => {
                *standby.rests() = Some(Instant::now() + REST);
                Err(work)
            }
            (Ok(None), None) => Ok(Err(ApiError::internal("a read was lost"))),
            // The work began, and failed.
            (Err(error), None) => Ok(Err(error)),
            (Err(error), Some(work)) => {
                tracing::warn!(error = chain(&error), "a standby takes no reads");
                *standby.rests() = Some(Instant::now() + REST);
                Err(work)
            }
        }
    }

    /// Returns the next standby that takes reads.
    fn standby(&self) -> Option<&Standby> {
        let all = &self.0.standbys;
        let first = self.0.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..all.len()).map(|n| &all[(first.wrapping_add(n)) % all.len()]);
        let now = Instant::now();
        in_turn
            .into_iter()
            .find(|standby| standby.rests().is_none_or(|until| until <= now))
    }
}

impl Standby {
    fn rests(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(slot: &Mutex<Option<Reading>>) -> Option<Reading> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Returns the position up to which the primary's log is on disk. Everything that a transaction has
/// seen or acknowledged lies before it.
fn position(conn: &mut AnyConnection) -> Result<Position, ApiError> {
    let sql = "SELECT ('x' || left(pg_walfile_name(lsn), 8))::bit(32)::integer AS timeline, lsn::text \
               FROM pg_current_wal_flush_lsn() AS lsn";
    Ok(diesel::sql_query(sql).get_result(conn)?)
}

#[derive(QueryableByName)]
struct Reached {
    #[diesel(sql_type = Bool)]
    it: bool,
}

/// Waits for a standby to reach a position. Returns false if it takes too long.
fn catches_up(conn: &mut PooledConnection, position: &Position) -> Result<bool, ApiError> {
    let begun = Instant::now();
    loop {
        // A transaction of its own: the snapshot of the read must be younger than the answer.
        if conn.transact(dialect::begin_snapshot, |conn| reached(conn, position))? {
            return Ok(true);
        }
        if begun.elapsed() >= LAG {
            return Ok(false);
        }
        #[expect(clippy::disallowed_methods, reason = "on a thread of the database")]
        std::thread::sleep(LOOK);
    }
}

/// Returns true if a standby follows the primary's timeline and has replayed its log up to a
/// position. A standby that was promoted has not.
fn reached(conn: &mut AnyConnection, position: &Position) -> Result<bool, ApiError> {
    let sql = "SELECT pg_is_in_recovery() \
               AND (SELECT timeline_id FROM pg_control_checkpoint()) = $1 \
               AND pg_last_wal_replay_lsn() >= $2::pg_lsn AS it";
    let AnyConnection::Postgres(conn) = conn else {
        return Ok(false);
    };
    let query = diesel::sql_query(sql)
        .bind::<Integer, _>(position.timeline)
        .bind::<Text, _>(&position.lsn);
    Ok(query.get_result::<Reached>(conn)?.it)
}
