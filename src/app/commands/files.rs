//! `mou-registry files`: clears the folder of files, for operators with access to it.

use anyhow::Context;

use crate::app::config::FilesCommand;
use crate::db::{DatabaseUrl, Db, PoolSettings};
use crate::files::{needed, sweep};
use crate::kernel::clock::Clock;

/// Runs a command and prints its result.
///
/// # Errors
/// Returns the cause.
pub async fn run(url: &DatabaseUrl, command: &FilesCommand) -> anyhow::Result<()> {
    let FilesCommand::Sweep { files } = command;
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
