//! A note beside a SQLite file of the last log entry that was committed to it.
//!
//! Commits are in the write-ahead log (`-wal`) at first. If that file is lost or cut, the rest is
//! a consistent database without them, and nothing in it tells. The note is written after each
//! commit, so it never names more than was committed; it is not synced, so after a power failure
//! it can name less.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use diesel::prelude::*;

use super::schema::{changes as c, changes_head as h};
use super::{AnyConnection, DatabaseUrl};
use crate::kernel::error::ApiError;
use crate::kernel::files::{beside, open_private};

/// The end of the log: number and hash of the last entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub seq: i64,
    pub hash: String,
}

/// Committed entries that the database lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub found: i64,
    pub committed: i64,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { found, committed } = self;
        if found < committed {
            write!(
                f,
                "the log ends after entry {found}, and entry {committed} was committed to this file: its -wal file was \
                 lost or cut, or an older file was put in its place"
            )
        } else {
            write!(
                f,
                "entry {committed} is not the one that was committed to this file: another file was put in its place, \
                 or the log was rewritten"
            )
        }
    }
}

/// Returns the path of the note beside a SQLite file.
pub fn note_beside(file: &Path) -> PathBuf {
    beside(file, "-head")
}

/// Reads the note. Returns `None` if there is none, or nothing legible in it.
fn read(file: &Path) -> Option<Committed> {
    let text = std::fs::read_to_string(note_beside(file)).ok()?;
    let (seq, hash) = text.trim_end().split_once(' ')?;
    Some(Committed {
        seq: seq.parse().ok()?,
        hash: hash.to_owned(),
    })
}

/// Compares a SQLite database with the note beside it. Returns what is lost; `None` as well if
/// nothing was noted.
pub fn lost(conn: &mut AnyConnection, url: &DatabaseUrl) -> Result<Option<Lost>, ApiError> {
    let Some(noted) = url.file().and_then(read) else {
        return Ok(None);
    };
    let found = h::table.select(h::seq).first::<i64>(conn)?;
    let hash = c::table.find(noted.seq).select(c::hash);
    let hash = hash.first::<String>(conn).optional()?;
    let is_there = noted.seq == 0 || hash.is_some_and(|hash| hash == noted.hash);
    Ok((!is_there).then_some(Lost {
        found,
        committed: noted.seq,
    }))
}

/// Writes the note.
pub(super) struct Note {
    path: Option<PathBuf>,
    file: Option<File>,
    last: Option<Committed>,
}

impl Note {
    pub(super) fn of(url: &DatabaseUrl) -> Self {
        Self {
            path: url.file().map(note_beside),
            file: None,
            last: None,
        }
    }

    /// Reads the end of the log, within the transaction to commit.
    pub(super) fn head(conn: &mut AnyConnection) -> Result<Committed, ApiError> {
        let (seq, hash) = h::table.select((h::seq, h::hash)).first(conn)?;
        Ok(Committed { seq, hash })
    }

    /// Notes what was committed. The note is a help, so a failure stops nothing.
    pub(super) fn write(&mut self, committed: Committed) {
        if self.last.as_ref() == Some(&committed) {
            return;
        }
        if let Err(error) = self.put(&committed) {
            self.file = None;
            tracing::debug!(%error, "the note of the last commit could not be written");
        }
        self.last = Some(committed);
    }

    fn put(&mut self, committed: &Committed) -> std::io::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(open_private(path)?),
        };
        // Always of the same length, so that the text is replaced by one write.
        let text = format!("{:020} {:64}\n", committed.seq, committed.hash);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())
    }
}
