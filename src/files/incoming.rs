//! Files that are being received: on this machine, under temporary names.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest as _, Sha256};

use super::{Digest, FileKind, Store};
use crate::kernel::files::{create_private, remove_if_there};

/// A temporary name, removed on drop unless the file got another.
#[derive(Debug)]
pub(super) struct Temporary(pub PathBuf);

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

/// A file that is being received.
#[derive(Debug)]
pub struct Incoming {
    store: Store,
    temporary: Temporary,
    file: File,
    hasher: Sha256,
    bytes: u64,
    most: u64,
}

impl Incoming {
    /// Begins a file of at most `most` bytes for a store.
    pub(super) fn begin(store: &Store, temporary: PathBuf, most: u64) -> io::Result<Self> {
        let file = create_private(&temporary)?;
        Ok(Self {
            store: store.clone(),
            temporary: Temporary(temporary),
            file,
            hasher: Sha256::new(),
            bytes: 0,
            most,
        })
    }

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
            store: self.store,
            temporary: self.temporary,
            is_new: AtomicBool::new(false),
            is_kept: AtomicBool::new(false),
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
    store: Store,
    temporary: Temporary,
    /// Whether the store has the file since it was offered.
    is_new: AtomicBool,
    /// Whether a transaction has kept the file, which may have failed afterwards.
    is_kept: AtomicBool,
}

impl Whole {
    /// Opens the file, before it is kept.
    ///
    /// # Errors
    /// Fails if the file cannot be opened.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.temporary.0)
    }

    /// Sends the file to the store, where that takes longer than a transaction may. Call it before the
    /// transaction that records the file.
    ///
    /// # Errors
    /// Fails if the store does not take the file.
    pub fn offer(&self) -> io::Result<()> {
        if let Store::Bucket(bucket) = &self.store {
            let is_new = bucket.put(&self.digest, &self.open()?)?;
            self.is_new.store(is_new, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Returns the store if it has the file only because it was [offered](Self::offer), and no transaction
    /// that was committed has kept it. A request that was answered before keeps nothing.
    pub fn left_in(&self, is_committed: bool) -> Option<&Store> {
        let is_recorded = is_committed && self.is_kept.load(Ordering::Relaxed);
        let is_left = self.is_new.load(Ordering::Relaxed) && !is_recorded;
        is_left.then_some(&self.store)
    }

    /// Makes the store hold the file under its digest. Call it in the transaction that records the file,
    /// as its last step; it can be repeated.
    ///
    /// # Errors
    /// Fails if the file cannot be named, or is not there though it was [offered](Self::offer): it was
    /// erased meanwhile.
    pub fn keep(&self) -> io::Result<()> {
        self.is_kept.store(true, Ordering::Relaxed);
        match &self.store {
            Store::Folder(folder) => folder.name(&self.temporary.0, &self.digest),
            Store::Bucket(bucket) => bucket.hold(&self.digest),
        }
    }
}
