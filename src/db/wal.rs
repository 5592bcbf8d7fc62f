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
        let is_tried = self.size() > self.limit;
        if is_tried {
            match conn.alone(|conn| dialect::empty_wal(conn, WAIT)) {
                Ok(()) if self.size() > 0 => {
                    tracing::debug!("a long read keeps the write-ahead log from being emptied");
                }
                Ok(()) => {}
                Err(error) => tracing::warn!(?error, "the write-ahead log was not emptied"),
            }
        }
        self.limit = next_limit(self.limit, self.size(), is_tried);
    }
}

/// Returns the size at which a WAL that has a size now is emptied, after an attempt or without one.
fn next_limit(limit: u64, size: u64, is_tried: bool) -> u64 {
    let grown = size + BOUND;
    if is_tried { grown } else { limit.min(grown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wal_that_could_not_be_emptied_grows_before_the_next_attempt() {
        let kept = BOUND + 1;
        assert_eq!(next_limit(BOUND, kept, true), kept + BOUND);
        // Writes go on meanwhile, and readers do not hold it back for ever.
        assert_eq!(next_limit(kept + BOUND, kept + 1, false), kept + BOUND);
        assert_eq!(next_limit(kept + BOUND, 0, false), BOUND);
        assert_eq!(next_limit(kept + BOUND, 0, true), BOUND);
    }
}
