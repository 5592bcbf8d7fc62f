//! Backups of the registry, written while it is served, and their restoration.
//!
//! There are two forms. A copy of SQLite's file is made by SQLite itself. JSON Lines hold the rows
//! of every table and can be restored into either database; PostgreSQL has this form alone. With
//! each backup goes a signed checkpoint of the log, in a file of its own beside it.

mod copy;
mod dump;
pub mod export;
pub mod files;
mod format;
mod load;
mod partial;
pub mod progress;
pub mod restore;
pub mod schedule;
mod tables;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use ed25519_dalek::SigningKey;

use self::format::Form;
use self::partial::Partial;
use self::progress::Progress;
use crate::changes::checkpoint::Checkpoint;
use crate::db::{AnyConnection, DatabaseUrl, dialect};
use crate::files::Store;
use crate::kernel::clock::Clock;
use crate::kernel::files::{beside, replace_private};
use crate::ledger::chain;

/// A backup that was written.
#[derive(Debug)]
pub struct Written {
    pub path: PathBuf,
    /// Size in bytes.
    pub size: u64,
    pub checkpoint: Checkpoint,
}

/// Returns the path of the checkpoint of a backup.
pub fn checkpoint_of(backup: &Path) -> PathBuf {
    beside(backup, ".checkpoint.json")
}

/// A copy of a SQLite database at one moment, removed on drop. A long read of the database itself
/// would keep its write-ahead log from being emptied.
pub struct Snapshot {
    conn: AnyConnection,
    _file: Partial,
}

impl Snapshot {
    /// Copies a database; `None` on PostgreSQL, and where its directory has no room for a copy or
    /// another one is being read.
    #[must_use]
    pub fn of(url: &DatabaseUrl) -> Option<Self> {
        let file = url.file()?;
        let copied = Partial::begin(&beside(file, ".snapshot")).and_then(|partial| {
            let conn = copy::copy(url, file, partial.path(), &Progress::silent())?;
            Ok(Self {
                conn,
                _file: partial,
            })
        });
        copied
            .inspect_err(|error| tracing::debug!("no copy to read: {error:#}"))
            .ok()
    }

    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.conn
    }
}

/// Writes a backup to `target`: a file that does not exist yet, or a directory. A name that ends in
/// `.jsonl` or `.jsonl.gz` gives JSON Lines. The file has its name only once it is whole and on the
/// disk, and the files of the records from `folder` are beside it.
///
/// # Errors
/// Fails if the target exists, or the database, the files or the target cannot be read or written.
pub fn write(
    url: &DatabaseUrl,
    folder: Option<&Store>,
    target: &Path,
    key: &SigningKey,
    progress: &Progress,
) -> anyhow::Result<Written> {
    let clock = Clock::system(chrono_tz::UTC);
    let path = if target.is_dir() {
        target.join(format::name(clock.now(), url))
    } else {
        target.to_owned()
    };
    if url.file().is_some_and(|file| !file.exists()) {
        bail!("there is no {url}");
    }
    let partial = Partial::begin(&path)?;
    let mut kept = Vec::new();
    let mut sign = |conn: &mut AnyConnection| {
        kept = files::listed(conn)?;
        let (size, hash) = chain::head(conn)?;
        anyhow::Ok(Checkpoint::sign(key, size, &hash, clock.now()))
    };
    let checkpoint = match (Form::of(&path), url.file()) {
        (Form::File, Some(file)) => {
            let mut conn = copy::copy(url, file, partial.path(), progress)?;
            sign(&mut conn)?
        }
        (form, Some(file)) => {
            // A dump takes long, and would keep SQLite's write-ahead log from being emptied.
            let snapshot = Partial::begin(&beside(&path, ".snapshot"))?;
            let mut conn = copy::copy(url, file, snapshot.path(), progress)?;
            dump::dump(&mut conn, form, partial.file(), sign, progress)?
        }
        (form, None) => {
            let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
            dialect::read(&mut conn, |conn| {
                dialect::wait_for_statements(conn)?;
                dump::dump(conn, form, partial.file(), sign, progress)
            })?
        }
    };
    files::back_up(&kept, folder, &path, progress)?;
    let size = partial.file().metadata()?.len();
    let text = serde_json::to_string_pretty(&checkpoint)? + "\n";
    replace_private(&checkpoint_of(&path), &text)
        .and_then(|()| partial.finish())
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Written {
        path,
        size,
        checkpoint,
    })
}
