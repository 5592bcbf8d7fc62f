//! Files in backups. All backups in a directory share one folder of files beside them, since a file
//! never changes: each adds those that are missing, and names those that it needs in a list beside it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};

use super::progress::Progress;
use crate::db::AnyConnection;
use crate::files::table::{self, Listed};
use crate::files::{self, Content, Folder, Store};
use crate::kernel::files::{beside, directory_of, remove_if_there, replace_private};

/// Name of the folder of files beside backups.
const NAME: &str = "mou-registry-files";

/// What follows the name of a backup in the name of its list of files.
const LIST: &str = ".files.txt";

/// Age from which a file that no backup needs is removed.
const AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the folder of the files of a backup.
pub fn folder_of(backup: &Path) -> Folder {
    Folder::new(directory_of(backup).join(NAME))
}

/// Returns the files that a database has the content of.
pub fn listed(conn: &mut AnyConnection) -> anyhow::Result<Vec<Listed>> {
    let mut files = table::all(conn)?;
    files.retain(|file| !file.is_erased);
    Ok(files)
}

/// Copies files to the folder of a backup.
///
/// # Errors
/// Fails if a file is missing, as one that was erased meanwhile, or damaged, or cannot be written: the
/// backup would not be whole.
pub fn back_up(
    files: &[Listed],
    from: Option<&Store>,
    backup: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let list = list_of(backup);
    let digests: String = files.iter().map(|f| format!("{}\n", f.digest)).collect();
    // The list comes first, so that none of these files is removed meanwhile.
    replace_private(&list, &digests).with_context(|| list.display().to_string())?;
    let copied = match from {
        _ if files.is_empty() => Ok(()),
        Some(from) => copy_all(files, from, backup, progress),
        None => Err(anyhow!(
            "the registry has files: name their folder or bucket by --files"
        )),
    };
    if copied.is_err() {
        remove_if_there(&list)?;
    }
    copied
}

fn copy_all(
    files: &[Listed],
    from: &Store,
    backup: &Path,
    progress: &Progress,
) -> anyhow::Result<()> {
    let missing = copy(files, from, &folder_of(backup).into(), progress)?;
    match missing.first() {
        None => Ok(()),
        Some(first) => bail!(
            "{} of {} files cannot be backed up; the first {first}. `audit verify --files` names all",
            missing.len(),
            files.len()
        ),
    }
}

/// Returns the path of the list of the files of a backup.
pub fn list_of(backup: &Path) -> PathBuf {
    beside(backup, LIST)
}

/// Removes the files that no list in a directory of backups names and that are older than a day.
/// Does nothing if one of the `backups` has no list.
///
/// # Errors
/// Fails if the directory cannot be read or written.
pub fn prune(dir: &Path, backups: &[PathBuf], now: DateTime<Utc>) -> io::Result<()> {
    if backups.iter().any(|backup| !list_of(backup).exists()) {
        return Ok(());
    }
    let mut needed = BTreeSet::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(LIST) {
            let list = std::fs::read_to_string(path)?;
            needed.extend(list.lines().map(str::to_owned));
        }
    }
    let folder = Folder::new(dir.join(NAME));
    folder.each(|found| {
        let age = SystemTime::from(now).duration_since(found.modified);
        let is_old = age.is_ok_and(|age| age > AGE);
        match found.what {
            Content::File(digest) if is_old && !needed.contains(digest.as_str()) => {
                folder.remove(&digest)
            }
            Content::File(_) | Content::Incoming(_) | Content::Foreign => Ok(()),
        }
    })
}

/// Copies the files of a restored database from the folder of its backup. Returns what is wrong with
/// those that cannot be copied.
///
/// # Errors
/// Fails if the folder cannot be written, or is not set.
pub fn bring_back(
    files: &[Listed],
    backup: &Path,
    to: Option<&Store>,
    progress: &Progress,
) -> anyhow::Result<Vec<String>> {
    match to {
        _ if files.is_empty() => Ok(Vec::new()),
        Some(to) => copy(files, &folder_of(backup).into(), to, progress),
        None => bail!("the backup has files: name a folder or bucket for them by --files"),
    }
}

fn copy(
    files: &[Listed],
    from: &Store,
    to: &Store,
    progress: &Progress,
) -> anyhow::Result<Vec<String>> {
    progress.phase(format!("copying {} files", files.len()));
    let copied = files::copy(files, (from, to), false, || progress.rows(1));
    copied.with_context(|| format!("cannot copy files to {to}"))
}
