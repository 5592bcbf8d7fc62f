//! Copies files from one store to another.

use std::io;

use super::table::Listed;
use super::{Damage, Digest, Store, is_away};

/// Copies the files that are missing or damaged in `to`, and calls `each` after each file. A file that
/// is there is compared with its digest only if `compared`. Returns what is wrong with the files that
/// `from` cannot give.
///
/// # Errors
/// Fails if a store cannot be read or written.
pub fn copy(
    files: &[Listed],
    (from, to): (&Store, &Store),
    compared: bool,
    mut each: impl FnMut(),
) -> io::Result<Vec<String>> {
    let mut missing = Vec::new();
    for file in files.iter().filter(|file| !file.is_erased) {
        let is_there = match compared {
            true => is_sound(to, &file.digest)?,
            false => to.has(&file.digest)?,
        };
        if !is_there {
            match to.take(&file.digest, file.bytes, from) {
                Ok(()) => {}
                Err(Damage::Unreadable(error)) => return Err(error),
                Err(damage) => missing.push(format!("{} {damage}", file.digest)),
            }
        }
        each();
    }
    Ok(missing)
}

fn is_sound(store: &Store, digest: &Digest) -> io::Result<bool> {
    match store.check(digest) {
        Ok(()) => Ok(true),
        Err(Damage::Unreadable(error)) if is_away(&error) => Err(error),
        Err(_) => Ok(false),
    }
}
