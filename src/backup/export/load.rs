//! Builds a registry from an export, in an empty database.

use std::path::Path;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::format::{End, Header};
use super::read::read;
use super::select::kinds;
use super::write::summary;
use crate::backup::progress::Progress;
use crate::backup::restore::{After, into_empty};
use crate::changes::rebuild::fill;
use crate::changes::verify::digest;
use crate::db::{AnyConnection, DatabaseUrl, Json, dialect, migrations};
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::ApiError;
use crate::kernel::values::to_stored;
use crate::ledger::RequestContext;
use crate::ledger::chain::{self, CHUNK, Entry, read_instant};

/// A registry that was built from an export.
#[derive(Debug)]
pub struct Loaded {
    pub header: Header,
    pub end: End,
    /// Number of log entries.
    pub entries: i64,
    /// Hash of the last entry.
    pub hash: String,
}

impl Loaded {
    /// Returns the last log entry that the exported registry had: its number and its hash.
    #[must_use]
    pub fn checkpoint(&self) -> (i64, &str) {
        (self.header.checkpoint.seq, &self.header.checkpoint.hash)
    }

    /// Returns the number of records of each kind.
    pub fn records(&self) -> impl Iterator<Item = (&str, u64)> {
        let records = self.end.records.iter();
        records.map(|(kind, count)| (kind.as_str(), *count))
    }

    /// Returns the digest over the digests of all records.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.end.digest
    }
}

/// Builds the registry of an export. The database gets its name, or its rows, only once the log and the
/// records fit together and have the digest of the file. `zone` determines the days.
///
/// # Errors
/// Fails with [`Occupied`] if the database is not empty; with a [`Flaw`] if the file is no export, of
/// another version, cut or changed.
///
/// [`Occupied`]: crate::backup::restore::Occupied
/// [`Flaw`]: super::Flaw
pub fn load(
    source: &Path,
    url: &DatabaseUrl,
    zone: Tz,
    progress: &Progress,
) -> anyhow::Result<Loaded> {
    let make_tables = |conn: &mut AnyConnection| {
        let own = migrations::own(conn)?;
        anyhow::Ok(migrations::migrate_to(conn, &own)?)
    };
    into_empty(url, make_tables, |conn| {
        let mut log = Log::new()?;
        let (header, end) = dialect::write(&mut log.conn, |log| {
            read(source, progress, &mut |entry| keep(log, entry))
        })?;
        let (entries, hash) = dialect::write(&mut log.conn, |log| chained(log, conn, progress))?;
        progress.phase_of("recording", end.versions);
        let program = RequestContext::new(&Clock::system(zone), NewIds::Random);
        let mut told = |_: &mut AnyConnection| {
            progress.rows(CHUNK as u64);
            Ok(())
        };
        fill(&mut log.conn, conn, &program, entries, &mut told)
            .context("a record cannot be restored")?;
        settle_documents(&mut log.conn, conn)?;
        let after = After {
            checkpoint: None,
            files: None,
            zone,
            progress,
        };
        after.settle(conn)?;
        progress.phase("comparing the digests");
        if summary(conn)?.digest != end.digest {
            bail!("the records that were built are not those of the file");
        }
        Ok(Loaded {
            header,
            end,
            entries,
            hash,
        })
    })
}

/// The log of an export, in a temporary database: as it is read, and chained anew.
struct Log {
    conn: AnyConnection,
}

impl Log {
    fn new() -> anyhow::Result<Self> {
        let mut conn = dialect::temporary()?;
        dialect::migrate(&mut conn)?;
        diesel::sql_query(
            "CREATE TABLE read (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT",
        )
        .execute(&mut conn)?;
        Ok(Self { conn })
    }
}

/// Keeps an entry by the number that it had; returns false if another has the number.
fn keep(log: &mut AnyConnection, entry: &Entry) -> anyhow::Result<bool> {
    let insertion = diesel::sql_query("INSERT INTO read VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind::<BigInt, _>(entry.seq)
        .bind::<Text, _>(to_stored(entry)?);
    Ok(insertion.execute(log)? == 1)
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: Json<Entry>,
}

/// Writes the entries in the order of their numbers, numbered without gaps and chained by their
/// hashes, to the log and to the new registry. Returns the number and the hash of the last one.
fn chained(
    log: &mut AnyConnection,
    conn: &mut AnyConnection,
    progress: &Progress,
) -> anyhow::Result<(i64, String)> {
    progress.phase("writing the log");
    let (mut after, mut seq, mut hash) = (0, 0, String::new());
    loop {
        let some =
            format!("SELECT seq, entry FROM read WHERE seq > {after} ORDER BY seq LIMIT {CHUNK}");
        let some: Vec<Kept> = diesel::sql_query(some).load(log)?;
        let Some(last) = some.last() else { break };
        after = last.seq;
        for Kept {
            entry: Json(mut entry),
            ..
        } in some
        {
            seq += 1;
            entry.seq = seq;
            let at = read_instant(&entry.recorded_at)?.naive_utc();
            chain::insert(log, &entry, at, &hash)?;
            hash = chain::insert(conn, &entry, at, &hash)?;
            progress.rows(1);
        }
    }
    chain::set_head(log, seq, &hash)?;
    chain::set_head(conn, seq, &hash)?;
    Ok((seq, hash))
}

/// Writes the documents as they were logged where this version of the program writes them otherwise,
/// such as with members that an older version did not have.
fn settle_documents(log: &mut AnyConnection, conn: &mut AnyConnection) -> Result<(), ApiError> {
    for kind in kinds() {
        let mut after = String::new();
        loop {
            let states = kind.states_after(conn, &after, CHUNK)?;
            let Some((last, _)) = states.last() else {
                break;
            };
            after.clone_from(&last.id);
            for (state, as_written) in states {
                let logged = chain::last_of(log, kind, &state.id)?;
                let logged = logged.map(|entry| entry.after).unwrap_or_default();
                if as_written && digest(&state.content) == digest(&logged) {
                    continue;
                }
                let table = kind.table;
                let sql = match conn {
                    AnyConnection::Sqlite(_) => format!("UPDATE {table} SET doc = ? WHERE id = ?"),
                    AnyConnection::Postgres(_) => {
                        format!("UPDATE {table} SET doc = $1 WHERE id = $2")
                    }
                };
                diesel::sql_query(sql)
                    .bind::<Text, _>(logged["doc"].to_string())
                    .bind::<Text, _>(&state.id)
                    .execute(conn)?;
            }
        }
    }
    Ok(())
}
