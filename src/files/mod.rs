//! Files that the registry keeps: their bytes in a folder, each under its SHA-256, and a table of them.
//!
//! A file is written under a temporary name, synced, and named by its digest in the transaction that
//! records it, so that no record refers to bytes that are not on the disk. A file that several records
//! use is kept once. Bytes that were erased are removed at once, and what was not received as a whole
//! after a day. Bytes that no record ever had, since their transaction failed, stay until the operator
//! has them removed: to a registry that was restored to an earlier state, later files look the same.

mod check;
mod choice;
mod copy;
mod digest;
mod folder;
mod kept;
mod kinds;
pub mod sweep;
pub mod table;

use std::path::PathBuf;

use clap::Args;

pub use check::{Checked, check};
pub use choice::{Wanted, choose};
pub use copy::copy;
pub use digest::Digest;
pub use folder::{Content, Damage, Folder, Found, Incoming, Refused, Whole};
pub use kept::{Edition, Erasure, KeptFile, RecordFile, name_of, of_document};
pub use kinds::FileKind;

use crate::db::DatabaseUrl;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::files::beside;

/// Where files are kept.
#[derive(Clone, Debug, Default, Args)]
pub struct FolderSetting {
    /// Folder of the files that the registry keeps; beside SQLite's file by default. PostgreSQL has
    /// no default: without this setting, no files are accepted
    #[arg(long = "files", env = "MOU_FILES", value_name = "DIR")]
    pub files: Option<PathBuf>,
}

impl FolderSetting {
    /// Returns the folder; `None` for PostgreSQL without the setting.
    pub fn folder(&self, url: &DatabaseUrl) -> Option<Folder> {
        let beside = || url.file().map(|file| beside(file, ".files"));
        self.files.clone().or_else(beside).map(Folder::new)
    }
}

/// The files of a registry, as the server takes them.
#[derive(Clone, Debug)]
pub struct Files {
    /// `None` if no folder is set.
    folder: Option<Folder>,
    /// Maximum size of a file, in bytes.
    pub most: u64,
}

impl Files {
    pub fn new(folder: Option<Folder>, most: u64) -> Self {
        Self { folder, most }
    }

    /// Returns the folder.
    ///
    /// # Errors
    /// `unavailable` if none is set.
    pub fn folder(&self) -> Result<&Folder, ApiError> {
        self.folder.as_ref().ok_or_else(|| {
            let mut refused = ApiError::with(
                Code::Unavailable,
                "이 서버에는 파일을 보관할 폴더가 설정되어 있지 않습니다. 운영자가 --files(MOU_FILES)를 설정해야 합니다.",
                "This server has no folder for files: its operator has to set --files (MOU_FILES).",
            );
            // A retry does not help.
            refused.retry_after = None;
            refused
        })
    }

    /// Returns the folder, if one is set.
    pub fn set_folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }
}

/// Returns the folder of a command that needs one.
///
/// # Errors
/// Fails for PostgreSQL without the setting.
pub fn needed(setting: &FolderSetting, url: &DatabaseUrl) -> anyhow::Result<Folder> {
    let folder = setting.folder(url);
    folder.ok_or_else(|| anyhow::anyhow!("{url} has no folder of files: set --files DIR"))
}
