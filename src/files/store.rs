//! Where files are kept: a folder, or a bucket of an S3-like store.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::bucket::Bucket;
use super::{Digest, Folder, Incoming};
use crate::kernel::files::create_nameless;

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
    #[error("was changed: it is longer than it was")]
    Longer,
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
    /// Begins a file of at most `most` bytes.
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn begin(&self, most: u64) -> io::Result<Incoming> {
        match self {
            Self::Folder(folder) => Incoming::in_folder(folder, most),
            Self::Bucket(bucket) => Incoming::for_bucket(bucket, most),
        }
    }

    /// Opens a file of `bytes` bytes and compares it with its digest.
    ///
    /// # Errors
    /// Fails if it is gone, was changed, or cannot be read.
    pub fn open(&self, digest: &Digest, bytes: u64) -> Result<File, Damage> {
        match self {
            Self::Folder(folder) => folder.open(digest),
            Self::Bucket(bucket) => bucket.open(digest, bytes),
        }
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

    /// Takes a file of `bytes` bytes over from another store, in place of a damaged one that is here.
    ///
    /// # Errors
    /// Fails if the file is damaged there, or cannot be written here.
    pub fn take(&self, digest: &Digest, bytes: u64, from: &Self) -> Result<(), Damage> {
        self.put(digest, &mut from.open(digest, bytes)?)
    }

    fn put(&self, digest: &Digest, file: &mut File) -> Result<(), Damage> {
        match self {
            Self::Folder(folder) => folder.put(digest, file),
            Self::Bucket(bucket) => Ok(bucket.put(digest, file).map(drop)?),
        }
    }

    /// Returns true if another store is this place under whatever name: a file that is put here is there.
    ///
    /// # Errors
    /// Fails if this store cannot be written, or the other one cannot be asked.
    pub fn is_same(&self, other: &Self) -> Result<bool, Damage> {
        let (mut file, mut reading) = create_nameless()?;
        file.write_all(Uuid::new_v4().as_bytes())?;
        let digest = hashed(&mut reading, &mut io::sink())?;
        reading.rewind()?;
        self.put(&digest, &mut reading)?;
        let is_there = other.has(&digest);
        self.remove(&digest)?;
        Ok(is_there?)
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
        assert!(matches!(folder.open(&one.digest, 6), Err(Damage::Gone)));
        one.keep().unwrap();
        one.keep().unwrap();
        two.keep().unwrap();
        let digest = one.digest.clone();
        drop((one, two));
        assert_eq!(names(&folder), 1);
        let mut text = String::new();
        let mut file = folder.open(&digest, 6).unwrap();
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
        let opened = folder.open(&whole.digest, 6);
        assert!(matches!(opened, Err(Damage::Changed(_))), "{opened:?}");
        received(&folder, b"%PDF-1").keep().unwrap();
        assert!(folder.open(&whole.digest, 6).is_ok());
        let (backup, copy) = self::folder();
        backup.take(&whole.digest, 6, &folder).unwrap();
        backup.take(&whole.digest, 6, &folder).unwrap();
        assert!(backup.open(&whole.digest, 6).is_ok());
        folder.remove(&whole.digest).unwrap();
        assert!(matches!(folder.open(&whole.digest, 6), Err(Damage::Gone)));
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

    #[cfg(unix)]
    #[test]
    fn a_folder_is_the_same_by_any_name() {
        let ((one, path), (other, other_path)) = (folder(), folder());
        assert!(!one.is_same(&other).unwrap());
        let named = |path: PathBuf| Store::from(Folder::new(path));
        assert!(one.is_same(&named(path.join(""))).unwrap());
        let link = path.with_extension("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(one.is_same(&named(link.clone())).unwrap());
        assert!(named(link.clone()).is_same(&one).unwrap());
        assert_eq!((names(&one), names(&other)), (0, 0));
        fs::remove_file(link).unwrap();
        fs::remove_dir_all(path).unwrap();
        // Whoever is only asked is not made.
        assert!(!other_path.exists());
    }
}
