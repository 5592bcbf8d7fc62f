//! `mou-registry files`: clears and completes the folder of files, for operators with access to it.

use std::path::Path;

use anyhow::{Context, bail};

use crate::app::config::FilesCommand;
use crate::backup::progress::Progress;
use crate::db::{DatabaseUrl, Db, PoolSettings, dialect};
use crate::files::{Folder, FolderSetting, copy, needed, sweep, table};
use crate::kernel::clock::Clock;

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause.
pub async fn run(url: &DatabaseUrl, command: FilesCommand) -> anyhow::Result<()> {
    if let Some(path) = url.file().filter(|path| !path.exists()) {
        // Connecting would create an empty database.
        bail!("there is no database at {}", path.display());
    }
    match command {
        FilesCommand::Sweep { files } => clear(url, &files).await,
        FilesCommand::Take { from, files } => take(url, &from, &files),
    }
}

async fn clear(url: &DatabaseUrl, files: &FolderSetting) -> anyhow::Result<()> {
    let folder = needed(files, url)?;
    let settings = PoolSettings::default();
    let db = Db::open(url, &settings).with_context(|| format!("cannot open {url}"))?;
    let now = Clock::system(chrono_tz::UTC).now();
    let count = sweep::sweep(&db, &folder, now, true).await;
    db.close();
    println!(
        "Removed from {}: {} files.",
        folder.path().display(),
        count?
    );
    Ok(())
}

/// Copies the files that a registry lacks from another folder.
///
/// # Errors
/// Fails if some are missing there, too, or damaged, and names them.
pub fn take(url: &DatabaseUrl, from: &Path, files: &FolderSetting) -> anyhow::Result<()> {
    let folder = needed(files, url)?;
    let progress = Progress::shown()?;
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    let listed = table::all(&mut conn)?;
    progress.phase(format!("comparing {} files", listed.len()));
    let from = Folder::new(from.to_owned());
    let missing = copy(&listed, (&from, &folder), true, || progress.rows(1))?;
    drop(progress);
    if missing.is_empty() {
        println!("{} has all files.", folder.path().display());
        return Ok(());
    }
    bail!("these files are missing: {}", missing.join("; "))
}
