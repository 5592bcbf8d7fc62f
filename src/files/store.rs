//! Where files are kept: a folder, or a bucket of an S3-like store.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::bucket::Bucket;
use super::{Digest, Folder, Incoming};

/// A place for files, each under its digest. Its methods block.
#[derive(Clone, Debug)]
pub enum Store {
    Folder(Folder),
    Bucket(Bucket),
}

/// What is wrong with a kept file.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("is gone")]
    Gone,
    #[error("was changed: its SHA-256 is {0} now")]
    Changed(Digest),
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Something in the store.
#[derive(Debug)]
pub struct Found {
    /// Its path or URL.
    pub name: String,
    pub what: Content,
    pub modified: SystemTime,
}

/// What is found in the store.
#[derive(Debug)]
pub enum Content {
    File(Digest),
    /// A file that is being received, or was when a server was killed.
    Incoming(PathBuf),
    /// Something that the registry has not put there.
    Foreign,
}

/// An opened part of a file.
#[derive(Debug)]
pub struct Part {
    pub file: File,
    /// Where the part is in `file`.
    pub at: Range<u64>,
}

impl From<Folder> for Store {
    fn from(folder: Folder) -> Self {
        Self::Folder(folder)
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.path().display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl Store {
    /// Begins a file of at most `most` bytes, under a temporary name.
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn begin(&self, most: u64) -> io::Result<Incoming> {
        let temporary = match self {
            Self::Folder(folder) => folder.temporary()?,
            Self::Bucket(_) => super::bucket::temporary(),
        };
        Incoming::begin(self, temporary, most)
    }

    /// Opens a file and compares it with its digest.
    ///
    /// # Errors
    /// Fails if it is gone, was changed, or cannot be read.
    pub fn open(&self, digest: &Digest) -> Result<File, Damage> {
        match self {
            Self::Folder(folder) => folder.open(digest),
            Self::Bucket(bucket) => bucket.open(digest),
        }
    }

    /// Opens a part of a file of `bytes` bytes. A folder compares the whole file with its digest; a
    /// bucket sends the part alone.
    ///
    /// # Errors
    /// Fails like [`Self::open`].
    pub fn open_part(&self, digest: &Digest, part: Range<u64>, bytes: u64) -> Result<Part, Damage> {
        if let Self::Bucket(bucket) = self
            && part != (0..bytes)
            && let Some(file) = bucket.open_part(digest, &part, bytes)?
        {
            let at = 0..part.end - part.start;
            return Ok(Part { file, at });
        }
        let file = self.open(digest)?;
        Ok(Part { file, at: part })
    }

    /// Compares a file with its digest.
    ///
    /// # Errors
    /// Fails like [`Self::open`].
    pub fn check(&self, digest: &Digest) -> Result<(), Damage> {
        match self {
            Self::Folder(folder) => folder.open(digest).map(drop),
            Self::Bucket(bucket) => bucket.check(digest),
        }
    }

    /// Returns true if there is a file under a digest, whatever its content.
    ///
    /// # Errors
    /// Fails if the store cannot be asked.
    pub fn has(&self, digest: &Digest) -> io::Result<bool> {
        match self {
            Self::Folder(folder) => folder.path_of(digest).try_exists(),
            Self::Bucket(bucket) => bucket.has(digest),
        }
    }

    /// Takes a file over from another store, in place of a damaged one that is here.
    ///
    /// # Errors
    /// Fails if the file is damaged there, or cannot be written here.
    pub fn take(&self, digest: &Digest, from: &Self) -> Result<(), Damage> {
        let mut file = from.open(digest)?;
        match self {
            Self::Folder(folder) => folder.put(digest, &mut file),
            Self::Bucket(bucket) => Ok(bucket.put(digest, &file).map(drop)?),
        }
    }

    /// Removes the bytes of a file.
    ///
    /// # Errors
    /// Fails if the file cannot be removed.
    pub fn remove(&self, digest: &Digest) -> io::Result<()> {
        match self {
            Self::Folder(folder) => folder.remove(digest),
            Self::Bucket(bucket) => bucket.remove(digest),
        }
    }

    /// Returns everything in the store. A folder that does not exist is empty.
    ///
    /// # Errors
    /// Fails if the store cannot be read.
    pub fn found(&self) -> io::Result<Vec<Found>> {
        match self {
            Self::Folder(folder) => {
                let mut all = Vec::new();
                let each = |found| -> io::Result<()> {
                    all.push(found);
                    Ok(())
                };
                folder.each(each)?;
                Ok(all)
            }
            Self::Bucket(bucket) => bucket.found(),
        }
    }
}

/// Copies what is left of a file, and returns the SHA-256 of it.
pub(super) fn hashed(from: &mut impl Read, to: &mut impl Write) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut part = vec![0; 1 << 18];
    loop {
        match from.read(&mut part)? {
            0 => return Ok(Digest::of(hasher.finalize())),
            count => {
                hasher.update(&part[..count]);
                to.write_all(&part[..count])?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use uuid::Uuid;

    use super::*;
    use crate::files::{Refused, Whole};

    fn folder() -> (Store, PathBuf) {
        let path = std::env::temp_dir().join(format!("mou-folder-{}", Uuid::new_v4()));
        (Folder::new(path.clone()).into(), path)
    }

    fn received(folder: &Store, bytes: &[u8]) -> Whole {
        let mut incoming = folder.begin(1000).unwrap();
        incoming.write(bytes).unwrap();
        incoming.finish().unwrap()
    }

    fn names(folder: &Store) -> usize {
        folder.found().unwrap().len()
    }

    #[test]
    fn a_file_is_kept_once_under_its_digest() {
        let (folder, path) = folder();
        let (one, two) = (received(&folder, b"%PDF-1"), received(&folder, b"%PDF-1"));
        assert_eq!(one.digest, two.digest);
        assert!(matches!(folder.open(&one.digest), Err(Damage::Gone)));
        one.keep().unwrap();
        one.keep().unwrap();
        two.keep().unwrap();
        let digest = one.digest.clone();
        drop((one, two));
        assert_eq!(names(&folder), 1);
        let mut text = String::new();
        let mut file = folder.open(&digest).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "%PDF-1");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_damaged_file_is_not_opened_and_heals() {
        let (folder, path) = folder();
        let whole = received(&folder, b"%PDF-1");
        whole.keep().unwrap();
        fs::write(Folder::new(path.clone()).path_of(&whole.digest), b"%PDF-2").unwrap();
        let opened = folder.open(&whole.digest);
        assert!(matches!(opened, Err(Damage::Changed(_))), "{opened:?}");
        received(&folder, b"%PDF-1").keep().unwrap();
        assert!(folder.open(&whole.digest).is_ok());
        let (backup, copy) = self::folder();
        backup.take(&whole.digest, &folder).unwrap();
        backup.take(&whole.digest, &folder).unwrap();
        assert!(backup.open(&whole.digest).is_ok());
        folder.remove(&whole.digest).unwrap();
        assert!(matches!(folder.open(&whole.digest), Err(Damage::Gone)));
        fs::remove_dir_all(path).unwrap();
        fs::remove_dir_all(copy).unwrap();
    }

    #[test]
    fn what_is_not_kept_leaves_nothing() {
        let (folder, path) = folder();
        drop(received(&folder, b"%PDF-1"));
        let mut large = folder.begin(3).unwrap();
        assert!(matches!(large.write(b"%PDF"), Err(Refused::TooLarge)));
        drop(large);
        let empty = folder.begin(3).unwrap().finish();
        assert!(matches!(empty, Err(Refused::Empty)));
        let mut other = folder.begin(9).unwrap();
        other.write(b"MZ").unwrap();
        assert!(matches!(other.finish(), Err(Refused::UnknownKind)));
        assert_eq!(names(&folder), 0);
        fs::remove_dir_all(path).unwrap();
    }
}
