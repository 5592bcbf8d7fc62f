//! The forms of backups, and their names.

use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::tables::Table;
use crate::changes::checkpoint::Checkpoint;
use crate::db::DatabaseUrl;

/// Name of the form in JSON Lines, in its first line.
pub const NAME: &str = "mou-registry backup";
/// Version of that form.
pub const VERSION: u32 = 1;

/// The form of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A copy of SQLite's file.
    File,
    Lines,
    /// JSON Lines, compressed by gzip.
    CompressedLines,
}

impl Form {
    /// Determines the form from the name of the target.
    pub fn of(target: &Path) -> Self {
        let name = target.to_string_lossy();
        if name.ends_with(".jsonl.gz") {
            Self::CompressedLines
        } else if name.ends_with(".jsonl") {
            Self::Lines
        } else {
            Self::File
        }
    }
}

/// The first line of a backup in JSON Lines.
#[derive(Debug, Serialize, Deserialize)]
pub struct Header {
    pub format: String,
    pub version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Versions of the migrations that had made the tables.
    pub migrations: Vec<String>,
    pub checkpoint: Checkpoint,
    pub tables: Vec<Table>,
}

/// The last line of a backup in JSON Lines. A file without it was cut.
#[derive(Debug, Serialize, Deserialize)]
pub struct End {
    /// Number of rows.
    pub rows: u64,
    /// SHA-256 of all lines before this one.
    pub sha256: String,
}

const PREFIX: &str = "mou-registry-";
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// Returns the name of a backup that is written at an instant without a name of its own.
pub fn name(now: DateTime<Utc>, url: &DatabaseUrl) -> String {
    let ending = match url {
        DatabaseUrl::Sqlite(_) => "db",
        DatabaseUrl::Postgres(_) => "jsonl.gz",
    };
    format!("{PREFIX}{}.{ending}", now.format(STAMP))
}

/// Returns the instant in such a name; `None` for any other name.
pub fn instant_in(name: &str) -> Option<DateTime<Utc>> {
    let (stamp, ending) = name.strip_prefix(PREFIX)?.split_once('.')?;
    let instant = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?;
    matches!(ending, "db" | "jsonl.gz").then(|| instant.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_form_and_instant() {
        let now = "2026-11-28T15:04:05Z".parse().unwrap();
        let sqlite = name(now, &DatabaseUrl::Sqlite("a.db".into()));
        assert_eq!(sqlite, "mou-registry-20261128T150405Z.db");
        assert_eq!(instant_in(&sqlite), Some(now));
        let postgres = name(now, &DatabaseUrl::Postgres("postgres://h/d".into()));
        assert_eq!(Form::of(Path::new(&postgres)), Form::CompressedLines);
        assert_eq!(instant_in(&postgres), Some(now));
        for other in [
            "mou-registry.db",
            "mou-registry-20261128T150405Z.db.checkpoint.json",
            "a",
        ] {
            assert_eq!(instant_in(other), None);
        }
        assert_eq!(Form::of(Path::new("x.jsonl")), Form::Lines);
        assert_eq!(Form::of(Path::new("x.db")), Form::File);
    }
}
