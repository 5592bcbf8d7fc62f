//! `mou-registry files`: clears, completes and moves the store of files, for operators with access to it.

use anyhow::{Context, bail};

use crate::app::config::FilesCommand;
use crate::backup::progress::Progress;
use crate::db::{DatabaseUrl, Db, PoolSettings, dialect};
use crate::files::table::{self, Listed};
use crate::files::{Place, Store, StoreSetting, copy, sweep};
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
        FilesCommand::Move {
            from,
            to,
            remove,
            keys,
            to_keys,
        } => {
            let to = to.store(&to_keys.or(&keys))?;
            move_all(url, (&from.store(&keys)?, &to), remove)
        }
    }
}

async fn clear(url: &DatabaseUrl, files: &StoreSetting) -> anyhow::Result<()> {
    let store = files.needed(url)?;
    let settings = PoolSettings::default();
    let db = Db::open(url, &settings).with_context(|| format!("cannot open {url}"))?;
    let now = Clock::system(chrono_tz::UTC).now();
    let count = sweep::sweep(&db, &store, now, true).await;
    db.close();
    println!("Removed from {store}: {} files.", count?);
    Ok(())
}

/// Copies the files that a registry lacks from another store.
///
/// # Errors
/// Fails if some are missing there, too, or damaged, and names them.
pub fn take(url: &DatabaseUrl, from: &Place, files: &StoreSetting) -> anyhow::Result<()> {
    let store = files.needed(url)?;
    let from = from.store(&files.keys)?;
    complete(&listed(url)?, (&from, &store), true)?;
    println!("{store} has all files.");
    Ok(())
}

fn listed(url: &DatabaseUrl) -> anyhow::Result<Vec<Listed>> {
    let mut conn = dialect::connect(url).with_context(|| format!("cannot open {url}"))?;
    Ok(table::all(&mut conn)?)
}

/// Copies the files that `to` lacks, and those that are damaged there if all are `compared`.
fn complete(listed: &[Listed], (from, to): (&Store, &Store), compared: bool) -> anyhow::Result<()> {
    let progress = Progress::shown()?;
    let doing = if compared { "comparing" } else { "copying" };
    progress.phase(format!("{doing} {} files", listed.len()));
    let missing = copy(listed, (from, to), compared, || progress.rows(1))?;
    drop(progress);
    match missing.is_empty() {
        true => Ok(()),
        false => bail!("these files are missing: {}", missing.join("; ")),
    }
}

/// Copies all files to another store, and compares them there.
///
/// # Errors
/// Fails if some are missing or damaged, and names them: nothing is removed then.
fn move_all(url: &DatabaseUrl, (from, to): (&Store, &Store), remove: bool) -> anyhow::Result<()> {
    // By another name it would be emptied of all its files.
    if to.is_same(from).with_context(|| to.to_string())? {
        bail!("{from} and {to} are the same place");
    }
    let listed = listed(url)?;
    // What was copied before is compared in a second pass alone.
    complete(&listed, (from, to), false)?;
    complete(&listed, (from, to), true)?;
    let kept = listed.iter().filter(|file| !file.is_erased).count();
    if !remove {
        println!(
            "{to} has all {kept} files. {from} still has them: --remove removes them when no server uses it."
        );
        return Ok(());
    }
    for file in &listed {
        from.remove(&file.digest)
            .with_context(|| from.to_string())?;
    }
    println!("{to} has all {kept} files, and {from} none of them.");
    Ok(())
}
