//! The folder of the files.
//!
//! `ab/ab12…` holds the file with the SHA-256 `ab12…`, and `incoming/` what is being received.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Digest;
use super::incoming::Temporary;
use super::store::{Content, Damage, Found, hashed};
use crate::kernel::files::{
    create_private, create_private_dir, remove_if_there, sync_directory_of,
};

/// Name of the folder for files that are being received.
const INCOMING: &str = "incoming";

/// A folder of files, named by their digests.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the path of a file.
    pub fn path_of(&self, digest: &Digest) -> PathBuf {
        self.0.join(&digest.as_str()[..2]).join(digest.as_str())
    }

    /// Returns a temporary name for a file that is being received.
    ///
    /// # Errors
    /// Fails if the folder cannot be created.
    pub(super) fn temporary(&self) -> io::Result<PathBuf> {
        let dir = self.0.join(INCOMING);
        create_private_dir(&dir)?;
        Ok(dir.join(Uuid::now_v7().to_string()))
    }

    /// Opens a file and compares it with its digest.
    ///
    /// # Errors
    /// Fails if it is gone, was changed, or cannot be read.
    pub fn open(&self, digest: &Digest) -> Result<File, Damage> {
        let mut file = File::open(self.path_of(digest)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Damage::Gone,
            _ => error.into(),
        })?;
        let found = hashed(&mut file, &mut io::sink())?;
        if found != *digest {
            return Err(Damage::Changed(found));
        }
        file.rewind()?;
        Ok(file)
    }

    /// Copies a file into the folder, in place of one that is here.
    ///
    /// # Errors
    /// Fails if it does not have the digest, or cannot be read or written.
    pub fn put(&self, digest: &Digest, file: &mut File) -> Result<(), Damage> {
        let temporary = Temporary(self.temporary()?);
        let mut copy = create_private(&temporary.0)?;
        let found = hashed(file, &mut copy)?;
        if found != *digest {
            return Err(Damage::Changed(found));
        }
        copy.sync_all()?;
        Ok(self.name(&temporary.0, digest)?)
    }

    /// Gives a synced file the name of its digest. A file of that name is replaced: it has the same
    /// content, or is damaged.
    pub(super) fn name(&self, temporary: &Path, digest: &Digest) -> io::Result<()> {
        let path = self.path_of(digest);
        let dir = crate::kernel::files::directory_of(&path);
        if !dir.exists() {
            create_private_dir(dir)?;
            sync_directory_of(dir)?;
        }
        match fs::rename(temporary, &path) {
            // An earlier attempt of the same transaction did it.
            Err(error) if error.kind() == ErrorKind::NotFound && path.exists() => Ok(()),
            renamed => renamed.and_then(|()| sync_directory_of(&path)),
        }
    }

    /// Removes the bytes of a file.
    ///
    /// # Errors
    /// Fails if the file cannot be removed.
    pub fn remove(&self, digest: &Digest) -> io::Result<()> {
        let path = self.path_of(digest);
        remove_if_there(&path)?;
        if path.parent().is_some_and(Path::exists) {
            sync_directory_of(&path)?;
        }
        Ok(())
    }

    /// Calls `each` for everything in the folder.
    ///
    /// # Errors
    /// Fails if a directory cannot be read, or with the error of `each`. A folder that does not exist
    /// is empty.
    pub fn each<E: From<io::Error>>(
        &self,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<(), E> {
        for dir in listed(&self.0)? {
            if !dir.file_type()?.is_dir() {
                each(found(&dir)?)?;
                continue;
            }
            for file in listed(&dir.path())? {
                each(found(&file)?)?;
            }
        }
        Ok(())
    }
}

fn listed(dir: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        found => found?.collect(),
    }
}

fn found(entry: &fs::DirEntry) -> io::Result<Found> {
    let path = entry.path();
    let name = entry.file_name().into_string().unwrap_or_default();
    let dir = path.parent().and_then(Path::file_name).unwrap_or_default();
    let digest = name.parse::<Digest>().ok();
    let what = match digest.filter(|digest| dir == &digest.as_str()[..2]) {
        Some(digest) => Content::File(digest),
        None if dir == INCOMING && Uuid::try_parse(&name).is_ok() => {
            Content::Incoming(path.clone())
        }
        None => Content::Foreign,
    };
    let modified = entry.metadata()?.modified()?;
    Ok(Found {
        name: path.display().to_string(),
        what,
        modified,
    })
}
