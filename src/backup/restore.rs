//! Restores a backup into an empty place, and verifies it there.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::checkpoint_of;
use super::copy;
use super::load::{Lines, refuse_newer};
use super::partial::Partial;
use super::progress::Progress;
use super::tables::tables;
use crate::changes::checkpoint::Checkpoint;
use crate::changes::derive::derive;
use crate::changes::verify::end_of;
use crate::db::committed::note_beside;
use crate::db::migrations::Migrations;
use crate::db::{AnyConnection, DatabaseUrl, dialect, engine, migrations};
use crate::files::Store;
use crate::kernel::files::{beside, remove_if_there};
use crate::ledger::chain;

/// How far a restored registry goes.
#[derive(Debug)]
pub struct Restored {
    /// Number of log entries.
    pub entries: i64,
    /// Hash of the last entry.
    pub hash: String,
    /// Instant of the last entry; `None` for an empty log.
    pub last: Option<DateTime<Utc>>,
    /// Number of rows that follow from the log and were written anew.
    pub derived: usize,
    /// Checkpoint that the log was compared with.
    pub checkpoint: Option<Checkpoint>,
    /// Number of files that were restored.
    pub files: usize,
    /// What is wrong with files that were not.
    pub missing: Vec<String>,
}

/// What a restored log is compared with.
#[derive(Debug, Default)]
pub struct Against<'a> {
    /// A checkpoint; that beside the backup if it is not given.
    pub checkpoint: Option<&'a Path>,
    /// Key that the checkpoint must be signed with.
    pub public_key: Option<&'a str>,
}

/// Where the files go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    pub folder: Option<&'a Store>,
    /// Whether to restore the records if files of theirs are missing.
    pub or_without: bool,
}

/// A place that is not empty.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Occupied(String);

/// Restores a backup of either form. The database gets its name, or its rows, only once the log,
/// the records and the checkpoint fit together, and the files are there. `zone` determines the days.
///
/// # Errors
/// Fails if the place is not empty, or the backup is cut, changed, or not the one of the
/// checkpoint, or lacks files.
pub fn restore(
    source: &Path,
    url: &DatabaseUrl,
    (against, files): (&Against<'_>, Files<'_>),
    zone: Tz,
    progress: &Progress,
) -> anyhow::Result<Restored> {
    if !source.is_file() {
        bail!("there is no backup at {}", source.display());
    }
    let beside = Some(checkpoint_of(source)).filter(|file| file.exists());
    let checkpoint = against.checkpoint.or(beside.as_deref());
    if checkpoint.is_none() && against.public_key.is_some() {
        bail!("there is no checkpoint that --public-key could have signed: name one by --against");
    }
    let checkpoint = checkpoint.map(|file| Checkpoint::read(file, against.public_key));
    let after = After {
        checkpoint: checkpoint.transpose()?,
        files: Some((source, files)),
        zone,
        progress,
    };
    match (url.file(), is_sqlite(source)?) {
        (Some(file), true) => copied(source, file, &after),
        (_, false) => filled(&Lines::open(source, progress)?, &after, url),
        (None, true) => bail!(
            "{} is a copy of SQLite's file; write it as JSON Lines first: \
             mou-registry backup NAME.jsonl --database-url sqlite:{0}",
            source.display()
        ),
    }
}

fn is_sqlite(source: &Path) -> anyhow::Result<bool> {
    let mut magic = Vec::new();
    File::open(source)?.take(16).read_to_end(&mut magic)?;
    Ok(magic == b"SQLite format 3\0")
}

/// Begins a SQLite file at a place where neither a database nor remains of one are.
fn begin(file: &Path) -> anyhow::Result<Partial> {
    if file.exists() {
        bail!(Occupied(format!(
            "{} holds a database already: records are brought into an empty place",
            file.display()
        )));
    }
    for suffix in ["-wal", "-shm", "-journal"] {
        let left = beside(file, suffix);
        if left.exists() {
            bail!(
                "{} is left of another database, and would be taken as part of the restored one: move it away",
                left.display()
            );
        }
    }
    Partial::begin(file)
}

fn copied(source: &Path, file: &Path, after: &After<'_>) -> anyhow::Result<Restored> {
    let partial = begin(file)?;
    let wal = beside(source, "-wal");
    let mut conn = if wal.exists() {
        // A copy of the files of a server: the rest of it is in the write-ahead log.
        let url = DatabaseUrl::Sqlite(source.to_string_lossy().into_owned());
        copy::copy(&url, source, partial.path(), after.progress)?
    } else {
        after
            .progress
            .phase(format!("copying {}", source.display()));
        let mut from = File::open(source)?;
        std::io::copy(&mut from, &mut partial.file())
            .with_context(|| format!("cannot copy {}", source.display()))?;
        let mut conn = copy::open(partial.path())?;
        after.progress.phase("checking the copy");
        engine::check_pages(&mut conn)?;
        conn
    };
    if migrations::state(&mut conn)? == Migrations::Unknown {
        bail!("the backup was made by a newer version of the program");
    }
    dialect::migrate(&mut conn)?;
    let restored = dialect::write(&mut conn, |conn| after.settle(conn))?;
    done(conn, partial, file)?;
    Ok(restored)
}

fn filled(lines: &Lines, after: &After<'_>, url: &DatabaseUrl) -> anyhow::Result<Restored> {
    let make_tables = |conn: &mut AnyConnection| {
        refuse_newer(&lines.header, conn)?;
        anyhow::Ok(migrations::migrate_to(conn, &lines.header.migrations)?)
    };
    let fill = |conn: &mut AnyConnection| after.fill(conn, lines);
    match url.file() {
        Some(file) => new_file(file, make_tables, fill),
        None => empty_database(url, make_tables, fill),
    }
}

/// Fills a database by `fill` in one transaction, after `make_tables`: a new SQLite file, or an empty
/// database. If anything fails, nothing is left behind.
///
/// # Errors
/// Fails with [`Occupied`] if the database is not empty, and with the errors of the two functions.
pub(super) fn into_empty<T>(
    url: &DatabaseUrl,
    make_tables: impl FnOnce(&mut AnyConnection) -> anyhow::Result<()>,
    fill: impl FnOnce(&mut AnyConnection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    match url.file() {
        Some(file) if !file.exists() => new_file(file, make_tables, fill),
        Some(_) => empty_database(url, refuse_other, fill),
        None => empty_database(url, make_tables, fill),
    }
}

/// Refuses a SQLite file without the tables of this version: it could be that of another program.
fn refuse_other(conn: &mut AnyConnection) -> anyhow::Result<()> {
    match migrations::state(conn) {
        Ok(Migrations::Complete) => Ok(()),
        _ => bail!(Occupied(
            "the file exists, and has not the tables of this version of the program".to_owned()
        )),
    }
}

fn new_file<T>(
    file: &Path,
    make_tables: impl FnOnce(&mut AnyConnection) -> anyhow::Result<()>,
    fill: impl FnOnce(&mut AnyConnection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let partial = begin(file)?;
    let mut conn = copy::open(partial.path())?;
    make_tables(&mut conn)?;
    let filled = dialect::write(&mut conn, fill)?;
    engine::check(&mut conn)?;
    done(conn, partial, file)?;
    Ok(filled)
}

fn done(conn: AnyConnection, partial: Partial, file: &Path) -> anyhow::Result<()> {
    // Its journal was in memory: the file is complete once it is closed.
    drop(conn);
    remove_if_there(&note_beside(file))?;
    let name = || format!("cannot write {}", file.display());
    partial.finish().with_context(name)
}

fn empty_database<T>(
    url: &DatabaseUrl,
    make_tables: impl FnOnce(&mut AnyConnection) -> anyhow::Result<()>,
    fill: impl FnOnce(&mut AnyConnection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    dialect::write(&mut conn, |conn| {
        dialect::wait_for_statements(conn)?;
        make_tables(conn)?;
        if matches!(conn, AnyConnection::Sqlite(_)) {
            refuse_filled(conn, url)?;
            run(conn, "PRAGMA defer_foreign_keys = ON")?;
            return fill(conn);
        }
        run(conn, "LOCK TABLE changes_head IN ACCESS EXCLUSIVE MODE")?;
        refuse_filled(conn, url)?;
        run(conn, &foreign_keys("DEFERRABLE INITIALLY DEFERRED"))?;
        let filled = fill(conn)?;
        run(conn, "SET CONSTRAINTS ALL IMMEDIATE")?;
        run(conn, &foreign_keys("NOT DEFERRABLE"))?;
        Ok(filled)
    })
}

fn run(conn: &mut AnyConnection, sql: &str) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.batch_execute(sql),
        AnyConnection::Postgres(conn) => conn.batch_execute(sql),
    }
}

/// Returns a statement that changes when PostgreSQL checks foreign keys. Rows that refer to each
/// other are in one table.
fn foreign_keys(when: &str) -> String {
    format!(
        "DO $$DECLARE f record; BEGIN \
           FOR f IN SELECT conrelid::regclass AS t, conname AS c FROM pg_constraint \
             WHERE contype = 'f' AND connamespace = current_schema()::regnamespace LOOP \
             EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I {when}', f.t, f.c); \
           END LOOP; END$$"
    )
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows: i64,
}

fn refuse_filled(conn: &mut AnyConnection, url: &DatabaseUrl) -> anyhow::Result<()> {
    let entries = chain::head(conn)?.0;
    if entries > 0 {
        bail!(Occupied(format!(
            "{url} holds a registry with {entries} log entries: records are brought into an empty one"
        )));
    }
    for table in tables()?
        .iter()
        .filter(|table| table.name != "changes_head")
    {
        let count = format!(
            "SELECT count(*) AS rows FROM (SELECT 1 FROM {} LIMIT 1) AS r",
            table.name
        );
        if diesel::sql_query(count).get_result::<Found>(conn)?.rows > 0 {
            bail!(Occupied(format!(
                "the table {} of {url} has rows: records are brought into an empty one",
                table.name
            )));
        }
    }
    Ok(())
}

/// The steps after the rows are there.
pub(super) struct After<'a> {
    pub checkpoint: Option<Checkpoint>,
    /// The backup whose files are restored, and where they go; `None` for an export.
    pub files: Option<(&'a Path, Files<'a>)>,
    pub zone: Tz,
    pub progress: &'a Progress,
}

impl After<'_> {
    /// Inserts the rows of a backup in JSON Lines, and verifies them.
    fn fill(&self, conn: &mut AnyConnection, lines: &Lines) -> anyhow::Result<Restored> {
        // The migrations record an empty log.
        run(conn, "DELETE FROM changes_head")?;
        lines.fill(conn, self.progress)?;
        let own = migrations::own(conn)?;
        migrations::migrate_to(conn, &own)?;
        let restored = self.settle(conn)?;
        let stated = &lines.header.checkpoint;
        if (stated.size, &stated.hash) != (restored.entries, &restored.hash) {
            bail!("the log is not the one that the backup names");
        }
        Ok(restored)
    }

    /// Restores the files. Returns their number, and what is wrong with others.
    fn bring_files(&self, conn: &mut AnyConnection) -> anyhow::Result<(usize, Vec<String>)> {
        let Some((backup, to)) = self.files else {
            return Ok((0, Vec::new()));
        };
        let kept = super::files::listed(conn)?;
        let missing = super::files::bring_back(&kept, backup, to.folder, self.progress)?;
        if let (Some(first), false) = (missing.first(), to.or_without) {
            bail!(
                "the backup lacks {} of {} files; the first {first}. \
                 --without-missing-files restores the others",
                missing.len(),
                kept.len()
            );
        }
        Ok((kept.len() - missing.len(), missing))
    }

    /// Verifies the log and the records, writes what follows from them, and compares the log with
    /// the checkpoint.
    pub fn settle(&self, conn: &mut AnyConnection) -> anyhow::Result<Restored> {
        self.progress
            .phase("verifying the log, and what follows from it");
        let derived = derive(conn, self.zone)?;
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.hold(conn)?;
        }
        let (entries, hash) = chain::head(conn)?;
        let (files, missing) = self.bring_files(conn)?;
        Ok(Restored {
            files,
            missing,
            entries,
            hash,
            last: end_of(conn)?,
            derived,
            checkpoint: self.checkpoint.clone(),
        })
    }
}
