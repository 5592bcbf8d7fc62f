//! Files and directories that only their owner can read.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Returns options that create files with mode 0600.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a file with mode 0600.
///
/// # Errors
/// Fails if the file exists or cannot be created.
pub fn create_private(path: &Path) -> Result<File> {
    private().create_new(true).open(path)
}

/// Creates a file with mode 0600 and a text. Of several processes that do so at once, one creates
/// it, and the others leave it as it is.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn create_private_with(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let new = beside(path, &format!(".{}.new", uuid::Uuid::now_v7()));
    let written = create_private(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&new, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    });
    remove_if_there(&new)?;
    written?;
    sync_directory_of(path)
}

/// Creates a file without a name in the directory for temporary files, which ends with its last user however
/// the process ends. Returns it opened for writing, and for reading alone.
///
/// # Errors
/// Fails if the file cannot be created.
pub fn create_nameless() -> Result<(File, File)> {
    let path = std::env::temp_dir().join(format!("mou-registry-{}", uuid::Uuid::now_v7()));
    let file = create_private(&path)?;
    let reading = File::open(&path);
    // Both ends are open, and nobody else needs its name.
    std::fs::remove_file(&path)?;
    Ok((file, reading?))
}

/// Opens a file for reading and writing, and creates it with mode 0600 if it does not exist.
///
/// # Errors
/// Fails if the file cannot be opened or created.
pub fn open_private(path: &Path) -> Result<File> {
    private().create(true).truncate(false).open(path)
}

/// Creates a directory with mode 0700, and its missing parents; does nothing if it exists.
///
/// # Errors
/// Fails if a directory cannot be created.
pub fn create_private_dir(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Returns the directory of a file: `.` for a bare name.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes created, renamed and removed names in the directory of a file durable.
///
/// # Errors
/// Fails if the directory cannot be opened or synced.
pub fn sync_directory_of(path: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(directory_of(path))?.sync_all()?;
    Ok(())
}

/// Returns the path of a file with something appended to its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Removes a file; does nothing if there is none.
///
/// # Errors
/// Fails if the file cannot be removed.
pub fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Replaces the content of a file with mode 0600, so that a reader finds the old or the new text.
///
/// # Errors
/// Fails if the file cannot be written. The old content stays.
pub fn replace_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let new = beside(path, ".new");
    remove_if_there(&new)?;
    let written = create_private(&new).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    });
    if written.is_err() {
        let _ = remove_if_there(&new);
    }
    written?;
    sync_directory_of(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together() {
        assert_eq!(directory_of(Path::new("a.db")), Path::new("."));
        assert_eq!(directory_of(Path::new("x/a.db")), Path::new("x"));
        assert_eq!(
            beside(Path::new("x/a.db"), "-wal"),
            PathBuf::from("x/a.db-wal")
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_what_is_made() {
        use std::os::unix::fs::PermissionsExt;
        let dir = std::env::temp_dir().join(format!("mou-files-{}", std::process::id()));
        create_private_dir(&dir.join("a/b")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&dir.join("a/b"))), (0o700, 0o700));
        let file = dir.join("key");
        replace_private(&file, "1").unwrap();
        replace_private(&file, "2").unwrap();
        assert_eq!(
            (mode(&file), std::fs::read_to_string(&file).unwrap()),
            (0o600, "2".into())
        );
        assert!(create_private(&file).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
