//! Bounds the size of SQLite's write-ahead log (WAL).
//!
//! SQLite itself starts the WAL anew only at a moment without readers. Where one reader follows
//! another there is no such moment, and the WAL grows without end. Beyond a bound the writer
//! therefore waits for the readers of old content.

use std::path::PathBuf;

use super::connection::PooledConnection;
use super::{DatabaseUrl, dialect};
use crate::kernel::files::beside;

/// Growth after which the WAL is emptied, in bytes. A checkpoint without readers keeps the whole
/// WAL at a quarter of this.
pub(super) const BOUND: u64 = 16 << 20;

/// Time for which readers are waited for, in milliseconds. Writes wait as well.
const WAIT: u32 = 200;

/// Watches the size of a WAL.
pub(super) struct Wal {
    /// `None` on PostgreSQL, which bounds its own.
    file: Option<PathBuf>,
    /// Size at which the WAL is emptied, in bytes.
    limit: u64,
}

impl Wal {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        Self {
            file: url.file().map(|path| beside(path, "-wal")),
            limit: BOUND,
        }
    }

    fn size(&self) -> u64 {
        let size = self.file.as_ref().and_then(|file| file.metadata().ok());
        size.map_or(0, |size| size.len())
    }

    /// Empties the WAL if it has become too long. A read that takes long delays this until the WAL
    /// has grown as much again, so that waiting costs writes little for each byte written.
    pub(super) fn bound(&mut self, conn: &mut PooledConnection) {
        if self.size() > self.limit {
            match conn.alone(|conn| dialect::empty_wal(conn, WAIT)) {
                Ok(()) if self.size() > 0 => {
                    tracing::debug!("a long read keeps the write-ahead log from being emptied");
                }
                Ok(()) => {}
                Err(error) => tracing::warn!(?error, "the write-ahead log was not emptied"),
            }
        }
        self.limit = self.limit.min(self.size() + BOUND);
    }
}
