//! Free space on the disk of SQLite's file.

use super::Db;

/// Space on the disk of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that the program can still write.
    pub free: u64,
    /// Whether less is free than the operator wants.
    pub is_low: bool,
}

impl Db {
    /// Returns the space on the disk of SQLite's file; `None` on PostgreSQL, which may be on another
    /// machine, and where the system does not tell it.
    #[must_use]
    pub fn disk(&self) -> Option<Disk> {
        let free = free_beside(self.opener.file()?)?;
        let is_low = free < self.low_disk;
        Some(Disk { free, is_low })
    }
}

#[cfg(unix)]
fn free_beside(path: &str) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(not(unix))]
fn free_beside(_: &str) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_what_is_free() {
        let path = std::env::temp_dir().display().to_string();
        assert!(free_beside(&path).is_some_and(|free| free > 0));
        assert_eq!(free_beside("/nowhere/at/all"), None);
    }
}
