//! Copies of SQLite's file.

use std::path::Path;

use anyhow::{Context, bail};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::progress::Progress;
use crate::db::{AnyConnection, DatabaseUrl, dialect, engine};

/// Lets SQLite write a consistent copy of a database that is in use, and opens the copy. `to` is
/// an empty file. Writers do not wait.
///
/// # Errors
/// Fails if the database cannot be read, the copy cannot be written, or the copy is damaged.
pub fn copy(
    url: &DatabaseUrl,
    file: &Path,
    to: &Path,
    progress: &Progress,
) -> anyhow::Result<AnyConnection> {
    let size = file.metadata().map_or(0, |file| file.len());
    progress.phase(format!("copying {} ({} MB)", file.display(), size >> 20));
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    let Some(path) = to.to_str() else {
        bail!("{} is not valid Unicode", to.display());
    };
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(path)
        .execute(&mut conn)
        .with_context(|| format!("cannot copy {url}"))?;
    drop(conn);
    progress.phase("checking the copy");
    let mut copied = open(to)?;
    engine::check_pages(&mut copied)?;
    Ok(copied)
}

/// Opens a file that nobody else uses. Its journal is kept in memory, and it is not synced: a
/// process that is killed meanwhile leaves a file that is not used.
///
/// # Errors
/// Fails if the file is no database.
pub fn open(file: &Path) -> anyhow::Result<AnyConnection> {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy())?;
    diesel::connection::SimpleConnection::batch_execute(
        &mut conn,
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; \
         PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; \
         PRAGMA cache_size = -64000;",
    )
    .with_context(|| format!("cannot open {}", file.display()))?;
    Ok(AnyConnection::Sqlite(conn))
}
