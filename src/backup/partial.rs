//! Files that have their name only once they are whole and on the disk.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::kernel::files::{open_private, remove_if_there, sync_directory_of};

/// A file under a temporary name, which is removed unless it is finished. A killed process leaves it
/// behind, and the next one for the same target starts it anew.
pub struct Partial {
    target: PathBuf,
    path: PathBuf,
    file: File,
}

impl Partial {
    /// Creates the temporary file beside the target.
    ///
    /// # Errors
    /// Fails if the target exists, or another process is writing it.
    pub fn begin(target: &Path) -> anyhow::Result<Self> {
        refuse_existing(target)?;
        let name = target.file_name().context("a file needs a name")?;
        let path = target.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        let name = || path.display().to_string();
        let file = open_private(&path).with_context(name)?;
        if file.try_lock().is_err() {
            bail!("another process is writing {}", target.display());
        }
        // Another process may have finished in the meantime: the file that it named is this one.
        refuse_existing(target)?;
        file.set_len(0).with_context(name)?;
        Ok(Self {
            target: target.to_owned(),
            path,
            file,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Waits for the disk and gives the file its name.
    ///
    /// # Errors
    /// Fails if the disk does, or the target exists by now.
    pub fn finish(self) -> std::io::Result<()> {
        self.file.sync_all()?;
        if self.target.exists() {
            return Err(std::io::ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(&self.path, &self.target)?;
        sync_directory_of(&self.target)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(error) = remove_if_there(&self.path) {
            tracing::warn!(%error, file = %self.path.display(), "a temporary file stays");
        }
    }
}

fn refuse_existing(target: &Path) -> anyhow::Result<()> {
    if target.exists() {
        bail!(
            "{} exists already, and is not overwritten",
            target.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_is_there_whole_or_not_at_all() {
        let dir = std::env::temp_dir().join(format!("mou-partial-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let target = dir.join("a.db");
        let names = || std::fs::read_dir(&dir).unwrap().count();
        let begun = Partial::begin(&target).unwrap();
        begun.file().write_all(b"half").unwrap();
        let again = Partial::begin(&target).err().unwrap();
        assert!(again.to_string().contains("another process"), "{again}");
        assert!(!target.exists());
        drop(begun);
        assert_eq!(names(), 0);
        // What a killed process leaves behind is started anew.
        std::fs::write(dir.join(".a.db.partial"), "left").unwrap();
        let mut begun = Partial::begin(&target).unwrap();
        begun.file.write_all(b"whole").unwrap();
        begun.finish().unwrap();
        assert_eq!(
            (names(), std::fs::read(&target).unwrap()),
            (1, b"whole".to_vec())
        );
        assert!(
            Partial::begin(&target)
                .err()
                .unwrap()
                .to_string()
                .contains("exists already")
        );
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
