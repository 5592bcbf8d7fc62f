//! Copies files from one folder to another.

use std::io;

use super::table::Listed;
use super::{Damage, Folder};

/// Copies the files that are missing or damaged in `to`, and calls `each` after each file. A file that
/// is there is compared with its digest only if `compared`. Returns what is wrong with the files that
/// `from` cannot give.
///
/// # Errors
/// Fails if a folder cannot be read or written.
pub fn copy(
    files: &[Listed],
    (from, to): (&Folder, &Folder),
    compared: bool,
    mut each: impl FnMut(),
) -> io::Result<Vec<String>> {
    let mut missing = Vec::new();
    for file in files.iter().filter(|file| !file.is_erased) {
        let is_there = match compared {
            true => to.open(&file.digest).is_ok(),
            false => to.path_of(&file.digest).exists(),
        };
        if !is_there {
            match to.take(&file.digest, from) {
                Ok(()) => {}
                Err(Damage::Unreadable(error)) => return Err(error),
                Err(damage) => missing.push(format!("{} {damage}", file.digest)),
            }
        }
        each();
    }
    Ok(missing)
}
