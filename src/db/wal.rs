//! Bounds the size of SQLite's write-ahead log (WAL).
//!
//! SQLite itself starts the WAL anew only at a moment without readers. Where one reader follows
//! another there is no such moment, and the WAL grows without end. Beyond a bound the writer
//! therefore waits for the readers of old content.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::connection::PooledConnection;
use super::{DatabaseUrl, dialect};
use crate::kernel::files::beside;

/// Size beyond which the WAL is emptied, in bytes. A checkpoint without readers keeps it at a
/// quarter of this.
pub(super) const BOUND: u64 = 16 << 20;

/// Time for which readers are waited for, in milliseconds. Writes wait as well.
const WAIT: u32 = 200;
/// Shortest and longest pause after an attempt.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// Watches the size of a WAL.
pub(super) struct Wal {
    /// `None` on PostgreSQL, which bounds its own.
    file: Option<PathBuf>,
    tried: Option<Instant>,
    pause: Duration,
}

impl Wal {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        Self {
            file: url.file().map(|path| beside(path, "-wal")),
            tried: None,
            pause: PAUSES[0],
        }
    }

    fn is_long(&self) -> bool {
        let size = self.file.as_ref().and_then(|file| file.metadata().ok());
        size.is_some_and(|size| size.len() > BOUND)
    }

    /// Empties the WAL if it has become too long. A reader that takes long delays it further.
    pub(super) fn bound(&mut self, conn: &mut PooledConnection) {
        if self.tried.is_some_and(|at| at.elapsed() < self.pause) || !self.is_long() {
            return;
        }
        let done = conn.alone(|conn| dialect::empty_wal(conn, WAIT));
        self.tried = Some(Instant::now());
        self.pause = if done.is_ok() && !self.is_long() {
            PAUSES[0]
        } else {
            tracing::debug!("a long read keeps the write-ahead log from being emptied");
            PAUSES[1].min(2 * self.pause)
        };
    }
}
