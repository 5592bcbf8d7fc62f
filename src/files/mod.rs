//! Files that the registry keeps: their bytes in a folder or in a bucket of an S3-like store, each under
//! its SHA-256, and a table of them.
//!
//! In a folder, a file is written under a temporary name, synced, and named by its digest in the
//! transaction that records it, so that no record refers to bytes that are not on the disk. To a bucket
//! it is sent before the transaction, and claimed from then on, so that nobody removes it. A file that several
//! records use is kept once. Bytes that were erased are removed at once, and what was not received as a
//! whole after a day. Bytes that no record ever had, since their transaction failed, stay until the
//! operator has them removed: to a registry that was restored to an earlier state, later files look the
//! same.

mod bucket;
mod check;
mod choice;
mod claims;
mod copy;
mod digest;
mod folder;
mod incoming;
mod kept;
mod kinds;
mod place;
mod probe;
mod store;
pub mod sweep;
pub mod table;

pub use bucket::{is_away, unavailable};
pub use check::{Checked, check};
pub use choice::{Wanted, choose};
pub use copy::copy;
pub use digest::Digest;
pub use folder::Folder;
pub use incoming::{Incoming, Refused, Whole};
pub use kept::{Edition, Erasure, KeptFile, RecordFile, name_of, of_document};
pub use kinds::{FileKind, protected};
pub use place::{OtherKeys, Place, StoreKeys, StoreSetting};
pub use store::{Content, Damage, Found, Store};

use probe::Probe;

use crate::kernel::error::{ApiError, Code};

/// The files of a registry, as the server takes them.
#[derive(Clone, Debug)]
pub struct Files {
    /// `None` if no store is set.
    store: Option<Store>,
    probe: Probe,
    /// Maximum size of a file, in bytes.
    pub most: u64,
}

impl Files {
    pub fn new(store: Option<Store>, most: u64) -> Self {
        Self {
            store,
            probe: Probe::default(),
            most,
        }
    }

    /// Returns the store.
    ///
    /// # Errors
    /// `unavailable` if none is set.
    pub fn store(&self) -> Result<&Store, ApiError> {
        self.store.as_ref().ok_or_else(|| {
            let mut refused = ApiError::with(
                Code::Unavailable,
                "이 서버에는 파일을 보관할 폴더나 버킷이 설정되어 있지 않습니다. 운영자가 --files(MOU_FILES)를 설정해야 합니다.",
                "This server has no folder or bucket for files: its operator has to set --files (MOU_FILES).",
            );
            // A retry does not help.
            refused.retry_after = None;
            refused
        })
    }

    /// Returns the store, if one is set.
    pub fn set_store(&self) -> Option<&Store> {
        self.store.as_ref()
    }

    /// Returns true unless the store did not answer when it was asked last. Never waits.
    pub fn are_reached(&self) -> bool {
        self.store
            .as_ref()
            .is_none_or(|store| self.probe.reaches(store))
    }
}
