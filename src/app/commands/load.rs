//! `mou-registry load`: builds a registry from an export, for operators with access to the database.

use std::path::Path;
use std::process::ExitCode;

use super::files::take;
use crate::app::config::Days;
use crate::backup::export::Flaw;
use crate::backup::export::load::load;
use crate::backup::progress::Progress;
use crate::backup::restore::Occupied;
use crate::db::DatabaseUrl;
use crate::files::{Place, StoreSetting};

/// Exit codes: the file was cut or changed, its version is not known, the database is not empty.
const BROKEN: u8 = 3;
const UNKNOWN_VERSION: u8 = 4;
const OCCUPIED: u8 = 5;

/// Builds a registry from an export and prints what it holds. `files` has the place from which its files
/// are copied, and the setting of the store for them.
///
/// # Errors
/// Returns the cause. The database is as it was before, unless files are missing: these are named, and
/// `files take` copies them once they are there.
pub fn run(
    source: &Path,
    url: &DatabaseUrl,
    days: &Days,
    files: Option<(&Place, &StoreSetting)>,
) -> anyhow::Result<ExitCode> {
    if let Some((_, to)) = files {
        to.needed(url)?;
    }
    crate::app::spec();
    let progress = Progress::bar()?;
    let loaded = load(source, url, days.time_zone, &progress)?;
    drop(progress);
    let records: Vec<String> = loaded
        .records()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let (seq, hash) = loaded.checkpoint();
    println!(
        "Loaded into {url}: {}; {} log entries, the last with the hash {}. The records have the digest of the file, {}. \
         The log that was exported ended with entry {seq}, hash {hash}.",
        records.join(", "),
        loaded.entries,
        loaded.hash,
        loaded.digest()
    );
    if let Some((from, to)) = files {
        take(url, from, to)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the exit code for an error of [`run`].
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let flaw = error.chain().find_map(|cause| cause.downcast_ref::<Flaw>());
    let occupied = error.downcast_ref::<Occupied>().is_some();
    match flaw {
        Some(Flaw::Broken(..)) => ExitCode::from(BROKEN),
        Some(Flaw::UnknownVersion(_)) => ExitCode::from(UNKNOWN_VERSION),
        None if occupied => ExitCode::from(OCCUPIED),
        None => ExitCode::FAILURE,
    }
}
