//! Files that are being received, on this machine: for a folder under temporary names, and for a bucket
//! without a name, until the store has them.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::bucket::Bucket;
use super::claims::{self, Claim};
use super::kinds::is_protected;
use super::probe::on_a_thread;
use super::{Digest, FileKind, Folder, sweep, unavailable};
use crate::db::Db;
use crate::kernel::error::ApiError;
use crate::kernel::files::{create_nameless, create_private, remove_if_there};

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
    #[error("the file is protected by a password")]
    Protected,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The store that a received file is for.
#[derive(Debug)]
enum Way {
    /// The file has a temporary name in the folder.
    Folder(Folder, Temporary),
    Bucket(Bucket),
}

/// A file that is being received.
#[derive(Debug)]
pub struct Incoming {
    way: Way,
    file: File,
    reading: File,
    hasher: Sha256,
    bytes: u64,
    most: u64,
}

impl Incoming {
    /// Begins a file of at most `most` bytes in a folder.
    pub(super) fn in_folder(folder: &Folder, most: u64) -> io::Result<Self> {
        let temporary = folder.temporary()?;
        let file = create_private(&temporary)?;
        let temporary = Temporary(temporary);
        let reading = File::open(&temporary.0)?;
        let way = Way::Folder(folder.clone(), temporary);
        Ok(Self::begin(way, (file, reading), most))
    }

    /// Begins a file of at most `most` bytes for a bucket.
    pub(super) fn for_bucket(bucket: &Bucket, most: u64) -> io::Result<Self> {
        let way = Way::Bucket(bucket.clone());
        Ok(Self::begin(way, create_nameless()?, most))
    }

    fn begin(way: Way, (file, reading): (File, File), most: u64) -> Self {
        Self {
            way,
            file,
            reading,
            hasher: Sha256::new(),
            bytes: 0,
            most,
        }
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
    /// Fails if it is empty, of no accepted kind, protected by a password, or cannot be synced.
    pub fn finish(mut self) -> Result<Whole, Refused> {
        if self.bytes == 0 {
            return Err(Refused::Empty);
        }
        let Some(kind) = FileKind::of(&mut self.reading)? else {
            return Err(match is_protected(&mut self.reading)? {
                true => Refused::Protected,
                false => Refused::UnknownKind,
            });
        };
        self.file.sync_all()?;
        Ok(Whole {
            digest: self.digest(),
            bytes: self.bytes,
            kind,
            way: self.way,
            reading: self.reading,
            claim: OnceLock::new(),
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
    way: Way,
    reading: File,
    /// The claim to a file that a bucket has.
    claim: OnceLock<Claim>,
    /// Whether a transaction has kept the file, which may have failed afterwards.
    is_kept: AtomicBool,
}

impl Whole {
    /// Opens the file for reading from its beginning, by one reader at a time, before it is kept.
    ///
    /// # Errors
    /// Fails if the file cannot be opened.
    pub fn open(&self) -> io::Result<File> {
        let mut file = self.reading.try_clone()?;
        file.rewind()?;
        Ok(file)
    }

    /// Sends the file to a bucket, which takes longer than a transaction may. Call it once, before the
    /// transaction that records the file, and [`Self::settle`] after it.
    ///
    /// # Errors
    /// `unavailable` if the bucket does not take the file, or it is being removed there.
    pub async fn offer(self: &Arc<Self>, db: &Db, now: DateTime<Utc>) -> Result<(), ApiError> {
        let Way::Bucket(bucket) = &self.way else {
            return Ok(());
        };
        let (bucket, whole, id) = (bucket.clone(), self.clone(), claims::new_id());
        let (claimed, digest) = (id.clone(), self.digest.clone());
        let claim =
            move |conn: &mut _| claims::to_record(conn, (&claimed, &digest), now.naive_utc());
        db.write(claim).await?;
        let sent = on_a_thread(move || bucket.put(&whole.digest, &whole.open()?)).await;
        let is_new = *sent.as_ref().unwrap_or(&false);
        // It is set once, since a file is offered once.
        let _ = self.claim.set(Claim { id, is_new });
        match sent {
            Ok(_) => Ok(()),
            Err(error) => {
                self.settle(db, now, false).await?;
                Err(unavailable(error))
            }
        }
    }

    /// Removes the file from its bucket again if no transaction that was committed has kept it, and it is
    /// there only because it was [offered](Self::offer). A request that was answered before keeps nothing.
    ///
    /// # Errors
    /// Fails if the database cannot be written, or the store does not remove the file.
    pub async fn settle(
        &self,
        db: &Db,
        now: DateTime<Utc>,
        is_committed: bool,
    ) -> Result<(), ApiError> {
        let is_recorded = is_committed && self.is_kept.load(Ordering::Relaxed);
        match (&self.way, self.claim.get()) {
            (Way::Bucket(bucket), Some(claim)) if !is_recorded => {
                sweep::empty(db, bucket, (&self.digest, Some(claim)), now).await
            }
            _ => Ok(()),
        }
    }

    /// Returns the claim to a file in a bucket; `None` in a folder.
    ///
    /// # Errors
    /// Internal, if the file was not [offered](Self::offer).
    pub(super) fn claim(&self) -> Result<Option<&Claim>, ApiError> {
        match (&self.way, self.claim.get()) {
            (Way::Folder(..), _) => Ok(None),
            (Way::Bucket(_), Some(claim)) => Ok(Some(claim)),
            (Way::Bucket(_), None) => Err(ApiError::internal("the file was not offered")),
        }
    }

    /// Makes a folder hold the file under its digest. Call it in the transaction that records the file,
    /// as its last step; it can be repeated.
    ///
    /// # Errors
    /// Fails if the file cannot be named.
    pub fn keep(&self) -> io::Result<()> {
        self.is_kept.store(true, Ordering::Relaxed);
        match &self.way {
            Way::Folder(folder, temporary) => folder.name(&temporary.0, &self.digest),
            Way::Bucket(_) => Ok(()),
        }
    }
}
