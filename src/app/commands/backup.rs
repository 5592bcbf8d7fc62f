//! `mou-registry backup` and `restore`, for operators with access to the database.

use std::path::Path;

use crate::app::config::{Against, Days};
use crate::backup::progress::Progress;
use crate::backup::restore::{self, restore};
use crate::backup::schedule::AuditKey;
use crate::backup::{checkpoint_of, write};
use crate::changes::checkpoint::signing_key;
use crate::db::DatabaseUrl;
use crate::files::StoreSetting;

/// Writes a backup and prints how far it goes.
///
/// # Errors
/// Returns the cause.
pub fn back_up(
    url: &DatabaseUrl,
    files: &StoreSetting,
    target: &Path,
    key: &AuditKey,
) -> anyhow::Result<()> {
    let progress = Progress::shown()?;
    let store = files.store(url)?;
    let written = write(
        url,
        store.as_ref(),
        target,
        &signing_key(&key.file)?,
        &progress,
    )?;
    let checkpoint = &written.checkpoint;
    println!(
        "{} holds the registry up to log entry {} at {} ({} bytes). {} states its end, signed with the public key {}.",
        written.path.display(),
        checkpoint.size,
        checkpoint.time.format("%FT%TZ"),
        written.size,
        checkpoint_of(&written.path).display(),
        checkpoint.public_key
    );
    Ok(())
}

/// Restores a backup and prints how far it goes.
///
/// # Errors
/// Returns the cause; the place is as empty as before then.
pub fn bring_back(
    source: &Path,
    (url, files, or_without): (&DatabaseUrl, &StoreSetting, bool),
    against: &Against,
    days: &Days,
) -> anyhow::Result<()> {
    let progress = Progress::shown()?;
    let checked = restore::Against {
        checkpoint: against.against.as_deref(),
        public_key: against.public_key.as_deref(),
    };
    let store = files.store(url)?;
    let files = restore::Files {
        folder: store.as_ref(),
        or_without,
    };
    let zone = days.time_zone;
    let restored = restore(source, url, (&checked, files), zone, &progress)?;
    let last = restored.last.map_or_else(
        || "nothing was recorded".to_owned(),
        |last| format!("the last recorded at {}", last.format("%FT%T%.fZ")),
    );
    let checkpoint = restored.checkpoint.map_or_else(
        || "There was no checkpoint to compare it with.".to_owned(),
        |checkpoint| {
            format!(
                "It fits the checkpoint of {} on entry {}.",
                checkpoint.time.format("%FT%TZ"),
                checkpoint.size
            )
        },
    );
    println!(
        "Restored to {url}: {} log entries, {last}; its last hash is {}. {checkpoint} Rows written anew as they follow from the log: {}. Files: {}.",
        restored.entries, restored.hash, restored.derived, restored.files
    );
    for missing in &restored.missing {
        println!("Missing: the file {missing}.");
    }
    Ok(())
}
