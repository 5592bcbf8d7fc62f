//! `mou-registry audit`: the log verified and stated by whoever has the database at hand.

use std::path::Path;

use chrono::Utc;

use super::chain;
use super::checkpoint::{Checkpoint, signing_key};
use super::derive::derive;
use super::verify::verify;
use crate::config::AuditCommand;
use crate::db::{DatabaseUrl, dialect};

/// Does what the command says and prints the result.
///
/// # Errors
/// In words: what stands in the way, or the first entry or record that does not fit.
pub fn run(url: &DatabaseUrl, command: AuditCommand) -> Result<(), String> {
    if let DatabaseUrl::Sqlite(path) = url
        && !Path::new(path).exists()
    {
        // To connect would make an empty one.
        return Err(format!("there is no database at {path}"));
    }
    let mut conn = dialect::connect(url).map_err(|e| format!("cannot open the database: {e}"))?;
    match command {
        AuditCommand::Verify {
            checkpoint,
            public_key,
            days,
        } => {
            let checkpoint = checkpoint
                .map(|file| Checkpoint::read(&file, public_key.as_deref()))
                .transpose()?;
            // What is written meanwhile is not part of it.
            let verified = dialect::read(&mut conn, |conn| {
                verify(conn, days.time_zone, checkpoint.as_ref())
            });
            let verified = verified.map_err(|broken| broken.to_string())?;
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
            match count.map_err(|broken| broken.to_string())? {
                0 => println!("All that follows from the log was what it is to be."),
                count => println!("Written anew as it follows from the log: {count} rows."),
            }
            Ok(())
        }
        AuditCommand::Checkpoint { out, key } => {
            let key = signing_key(&key)?;
            let (size, hash) = chain::head(&mut conn).map_err(|e| e.to_string())?;
            let checkpoint = Checkpoint::sign(&key, size, &hash, Utc::now());
            let text = serde_json::to_string_pretty(&checkpoint).map_err(|e| e.to_string())?;
            std::fs::write(&out, text + "\n").map_err(|e| format!("{}: {e}", out.display()))?;
            println!(
                "{} states the log up to entry {size}; the public key is {}.",
                out.display(),
                checkpoint.public_key
            );
            Ok(())
        }
    }
}
