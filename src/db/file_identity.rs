//! Notices that SQLite's file was moved away or replaced.
//!
//! Open connections stay with a file that is moved, and a new connection would make an empty file in
//! its place. So every transaction first compares the file at the path with the one that was opened.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::DatabaseUrl;
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

/// The file that the server opened.
#[derive(Clone, Default)]
pub(super) struct FileIdentity(Option<Arc<Opened>>);

struct Opened {
    path: PathBuf,
    id: OnceLock<FileId>,
}

/// Device and inode; empty where the system has no such numbers.
type FileId = (u64, u64);

impl FileIdentity {
    /// Creates the identity of the file, which is fixed by the first [`Self::check`]. On PostgreSQL,
    /// and for a `file:` URI of SQLite, every check succeeds.
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) if !path.starts_with("file:") => {
                Self(Some(Arc::new(Opened {
                    path: path.into(),
                    id: OnceLock::new(),
                })))
            }
            _ => Self(None),
        }
    }

    /// # Errors
    /// `unavailable` (`file_moved`) if another file, or none, is at the path.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let Some(opened) = &self.0 else {
            return Ok(());
        };
        let moved = || ApiError::out_of_order(Outage::FileMoved);
        let found = std::fs::metadata(&opened.path).map_err(|_| moved())?;
        let found = file_id(&found);
        match opened.id.get_or_init(|| found) == &found {
            true => Ok(()),
            false => Err(moved()),
        }
    }
}

#[cfg(unix)]
fn file_id(found: &std::fs::Metadata) -> FileId {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
fn file_id(_: &std::fs::Metadata) -> FileId {
    (0, 0)
}
