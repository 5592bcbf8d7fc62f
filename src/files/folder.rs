//! The folder of the files.
//!
//! `ab/ab12…` holds the file with the SHA-256 `ab12…`, and `incoming/` what is being received.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Digest, FileKind};
use crate::kernel::files::{
    create_private, create_private_dir, remove_if_there, sync_directory_of,
};

/// Name of the folder for files that are being received.
const INCOMING: &str = "incoming";

/// A folder of files, named by their digests.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

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

/// Something in the folder.
#[derive(Debug)]
pub struct Found {
    pub path: PathBuf,
    pub what: Content,
    pub modified: SystemTime,
}

/// What is found in the folder.
#[derive(Debug)]
pub enum Content {
    File(Digest),
    /// A file that is being received, or was when a server was killed.
    Incoming,
    /// Something that the registry has not put there.
    Foreign,
}

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

    /// Begins a file of at most `most` bytes, under a temporary name.
    ///
    /// # Errors
    /// Fails if the folder or the file cannot be created.
    pub fn begin(&self, most: u64) -> io::Result<Incoming> {
        let dir = self.0.join(INCOMING);
        create_private_dir(&dir)?;
        let path = dir.join(Uuid::now_v7().to_string());
        let file = create_private(&path)?;
        Ok(Incoming {
            folder: self.clone(),
            temporary: Temporary(path),
            file,
            hasher: Sha256::new(),
            bytes: 0,
            most,
        })
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
        let found = digest_of(&mut file)?;
        if found != *digest {
            return Err(Damage::Changed(found));
        }
        file.rewind()?;
        Ok(file)
    }

    /// Takes a file over from another folder, in place of one that is here.
    ///
    /// # Errors
    /// Fails if the file is damaged there, or cannot be written here.
    pub fn take(&self, digest: &Digest, from: &Self) -> Result<(), Damage> {
        let mut file = from.open(digest)?;
        let mut incoming = self.begin(u64::MAX)?;
        let mut part = vec![0; 1 << 18];
        loop {
            match file.read(&mut part)? {
                0 => break,
                count => incoming.write(&part[..count]).map_err(Refused::into_io)?,
            }
        }
        let found = incoming.digest();
        if found != *digest {
            return Err(Damage::Changed(found));
        }
        incoming.file.sync_all()?;
        Ok(self.name(&incoming.temporary.0, digest)?)
    }

    /// Gives a synced file the name of its digest. A file of that name is replaced: it has the same
    /// content, or is damaged.
    fn name(&self, temporary: &Path, digest: &Digest) -> io::Result<()> {
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
        None if dir == INCOMING && Uuid::try_parse(&name).is_ok() => Content::Incoming,
        None => Content::Foreign,
    };
    let modified = entry.metadata()?.modified()?;
    Ok(Found {
        path,
        what,
        modified,
    })
}

fn digest_of(file: &mut File) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut part = vec![0; 1 << 18];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(Digest::of(hasher.finalize())),
            count => hasher.update(&part[..count]),
        }
    }
}

/// A temporary name, removed on drop unless the file got another.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = remove_if_there(&self.0) {
            tracing::warn!(%error, "a temporary file stays");
        }
    }
}

/// The reason a file is not received.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("the file is too large")]
    TooLarge,
    #[error("the file is empty")]
    Empty,
    #[error("the file is of no accepted type")]
    UnknownKind,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Refused {
    fn into_io(self) -> io::Error {
        match self {
            Self::Io(error) => error,
            other => io::Error::other(other),
        }
    }
}

/// A file that is being received.
#[derive(Debug)]
pub struct Incoming {
    folder: Folder,
    temporary: Temporary,
    file: File,
    hasher: Sha256,
    bytes: u64,
    most: u64,
}

impl Incoming {
    /// Writes the next part.
    ///
    /// # Errors
    /// Fails if the file becomes too large, or cannot be written.
    pub fn write(&mut self, part: &[u8]) -> Result<(), Refused> {
        self.bytes += part.len() as u64;
        if self.bytes > self.most {
            return Err(Refused::TooLarge);
        }
        self.hasher.update(part);
        Ok(self.file.write_all(part)?)
    }

    fn digest(&self) -> Digest {
        Digest::of(self.hasher.clone().finalize())
    }

    /// Syncs the file and determines its kind by its content.
    ///
    /// # Errors
    /// Fails if it is empty, of no accepted kind, or cannot be synced.
    pub fn finish(mut self) -> Result<Whole, Refused> {
        if self.bytes == 0 {
            return Err(Refused::Empty);
        }
        let kind = FileKind::of(&mut self.file)?.ok_or(Refused::UnknownKind)?;
        self.file.sync_all()?;
        Ok(Whole {
            digest: self.digest(),
            bytes: self.bytes,
            kind,
            folder: self.folder,
            temporary: self.temporary,
        })
    }
}

/// A file that was received as a whole. It is removed on drop unless it was [kept](Self::keep).
#[derive(Debug)]
pub struct Whole {
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
    pub kind: FileKind,
    folder: Folder,
    temporary: Temporary,
}

impl Whole {
    /// Opens the file, before it is kept.
    ///
    /// # Errors
    /// Fails if the file cannot be opened.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.temporary.0)
    }

    /// Gives the file the name of its digest. Call it in the transaction that records the file, as its
    /// last step; it can be repeated.
    ///
    /// # Errors
    /// Fails if the file cannot be named.
    pub fn keep(&self) -> io::Result<()> {
        self.folder.name(&self.temporary.0, &self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (Folder, PathBuf) {
        let path = std::env::temp_dir().join(format!("mou-folder-{}", Uuid::new_v4()));
        (Folder::new(path.clone()), path)
    }

    fn received(folder: &Folder, bytes: &[u8]) -> Whole {
        let mut incoming = folder.begin(1000).unwrap();
        incoming.write(bytes).unwrap();
        incoming.finish().unwrap()
    }

    fn names(folder: &Folder) -> usize {
        let mut count = 0;
        let each = |_| -> io::Result<()> {
            count += 1;
            Ok(())
        };
        folder.each(each).unwrap();
        count
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
        fs::write(folder.path_of(&whole.digest), b"%PDF-2").unwrap();
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
