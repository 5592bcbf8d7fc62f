//! `mou-registry audit`: verifies the log and signs checkpoints, for operators with access to the
//! database.

use std::path::Path;

use anyhow::{Context, bail};

use crate::app::config::AuditCommand;
use crate::changes::checkpoint::{Checkpoint, signing_key};
use crate::changes::derive::derive;
use crate::changes::verify::verify;
use crate::db::{DatabaseUrl, dialect};
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
            checkpoint,
            public_key,
            days,
        } => {
            let checkpoint = checkpoint
                .map(|file| Checkpoint::read(&file, public_key.as_deref()))
                .transpose()?;
            // One transaction, so that concurrent writes are not part of the check.
            let verified = dialect::read(&mut conn, |conn| {
                verify(conn, days.time_zone, checkpoint.as_ref())
            })?;
            println!(
                "The log of {} entries fits, and {} records with {} rows that follow from them are what it says. Its last hash is {}.",
                verified.entries, verified.records, verified.rows, verified.hash
            );
            Ok(())
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
            let key = signing_key(&key)?;
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
