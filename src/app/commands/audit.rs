//! `mou-registry audit`: verifies the log and signs checkpoints, for operators with access to the
//! database.

use std::path::Path;

use anyhow::{Context, bail};
use chrono_tz::Tz;

use crate::app::config::{Against, AuditCommand};
use crate::backup::Snapshot;
use crate::backup::progress::Progress;
use crate::changes::checkpoint::{Checkpoint, signing_key};
use crate::changes::derive::derive;
use crate::changes::verify::verify;
use crate::db::{AnyConnection, DatabaseUrl, committed, dialect, engine};
use crate::files::{StoreSetting, check};
use crate::kernel::clock::Clock;
use crate::ledger::chain;

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause, or the first entry or record that does not match.
pub fn run(url: &DatabaseUrl, command: AuditCommand) -> anyhow::Result<()> {
    if let DatabaseUrl::Sqlite(path) = url
        && !Path::new(path).exists()
    {
        // Connecting would create an empty database.
        bail!("there is no database at {path}");
    }
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    match command {
        AuditCommand::Verify {
            files,
            files_dir,
            keys,
            against,
            days,
        } => {
            println!("{}", verified(url, &mut conn, &against, days.time_zone)?);
            match files {
                true => {
                    let files = files_dir;
                    verify_files(url, &mut conn, &StoreSetting { files, keys })
                }
                false => Ok(()),
            }
        }
        AuditCommand::Derive { days } => {
            let count = dialect::write(&mut conn, |conn| {
                chain::hold_head(conn)?;
                derive(conn, days.time_zone)
            });
            match count? {
                0 => println!("All that follows from the log was what it is to be."),
                count => println!("Written anew as it follows from the log: {count} rows."),
            }
            Ok(())
        }
        AuditCommand::Checkpoint { out, key } => {
            let key = signing_key(&key.file)?;
            let (size, hash) = chain::head(&mut conn)?;
            let checkpoint =
                Checkpoint::sign(&key, size, &hash, Clock::system(chrono_tz::UTC).now());
            let text = serde_json::to_string_pretty(&checkpoint)?;
            std::fs::write(&out, text + "\n").with_context(|| out.display().to_string())?;
            println!(
                "{} states the log up to entry {size}; the public key is {}.",
                out.display(),
                checkpoint.public_key
            );
            Ok(())
        }
    }
}

/// Verifies the files, and prints what is wrong with them.
fn verify_files(
    url: &DatabaseUrl,
    conn: &mut AnyConnection,
    files: &StoreSetting,
) -> anyhow::Result<()> {
    let store = files.needed(url)?;
    let progress = Progress::shown()?;
    progress.phase("reading the files");
    let checked = check(conn, &store)?;
    drop(progress);
    match checked.is_sound() {
        true => {
            println!("{checked}");
            Ok(())
        }
        false => bail!("{checked}"),
    }
}

/// Verifies the engine, the log with all that follows from it, and the tables.
fn verified(
    url: &DatabaseUrl,
    conn: &mut AnyConnection,
    against: &Against,
    zone: Tz,
) -> anyhow::Result<String> {
    let progress = Progress::shown()?;
    if against.against.is_none() && against.public_key.is_some() {
        bail!("--public-key needs a checkpoint: --against FILE");
    }
    let checkpoint = against.against.as_deref();
    let checkpoint = checkpoint.map(|file| Checkpoint::read(file, against.public_key.as_deref()));
    let checkpoint = checkpoint.transpose()?;
    progress.phase("checking the engine");
    engine::check(conn)?;
    progress.phase("verifying the log, and what follows from it");
    let work = |conn: &mut AnyConnection| verify(conn, zone, checkpoint.as_ref());
    let verified = match Snapshot::of(url) {
        Some(mut copy) => dialect::read(copy.conn(), work)?,
        // One transaction, so that concurrent writes are not part of the check.
        None => dialect::read(conn, |conn| {
            dialect::wait_for_statements(conn)?;
            work(conn)
        })?,
    };
    if let Some(lost) = committed::lost(conn, url)? {
        bail!(lost.to_string());
    }
    progress.phase("checking the tables");
    let schema = match engine::check_schema(conn) {
        Ok(()) => "The tables are those of this version.",
        Err(engine::Fault::Forbidden) => {
            "The tables were not compared: this role may not create a schema, or the server is a standby."
        }
        Err(fault) => return Err(fault.into()),
    };
    Ok(format!(
        "The log of {} entries fits, and {} records with {} rows that follow from them are what it says. Its last hash is {}. {schema}",
        verified.entries, verified.records, verified.rows, verified.hash
    ))
}
