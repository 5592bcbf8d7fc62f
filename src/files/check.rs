//! Compares the store of files with their table.

use std::fmt;

use anyhow::Context;

use super::table::{self, Listed};
use super::{Content, Damage, Digest, Store, is_away};
use crate::db::AnyConnection;

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Number of files that are what they should be.
    pub sound: usize,
    /// Files that are gone, changed or unreadable, and why.
    pub damaged: Vec<(Digest, Damage)>,
    /// Files that records use and the table lacks.
    pub unlisted: Vec<(String, String)>,
    /// Files whose content was erased and is still there.
    pub unerased: Vec<Digest>,
    /// Files that no record ever had.
    pub unreferenced: Vec<String>,
}

/// Reads every file, and compares it with its digest.
///
/// # Errors
/// Fails if the database or the store cannot be read.
pub fn check(conn: &mut AnyConnection, store: &Store) -> anyhow::Result<Checked> {
    let files = table::all(conn)?;
    let mut checked = Checked {
        unlisted: table::unlisted(conn)?,
        ..Checked::default()
    };
    for file in files.iter().filter(|file| !file.is_erased) {
        match store.check(&file.digest) {
            Ok(()) => checked.sound += 1,
            // It says nothing of the file, and the next one would wait as long.
            Err(Damage::Unreadable(error)) if is_away(&error) => return Err(error.into()),
            Err(damage) => checked.damaged.push((file.digest.clone(), damage)),
        }
    }
    for found in store.found().with_context(|| store.to_string())? {
        match found.what {
            Content::File(digest) => match listed(&files, &digest) {
                Some(file) if file.is_erased => checked.unerased.push(digest),
                Some(_) => {}
                None => checked.unreferenced.push(digest.to_string()),
            },
            // It is being received.
            Content::Incoming(_) => {}
            Content::Foreign => checked.unreferenced.push(found.name),
        }
    }
    Ok(checked)
}

fn listed<'a>(files: &'a [Listed], digest: &Digest) -> Option<&'a Listed> {
    let place = files.binary_search_by(|file| file.digest.cmp(digest));
    place.ok().map(|place| &files[place])
}

impl Checked {
    /// Returns true if every file that a record has is what it should be, and nothing is there that
    /// was erased.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty() && self.unlisted.is_empty() && self.unerased.is_empty()
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files have their content.", self.sound)?;
        for (digest, damage) in &self.damaged {
            write!(f, " The file {digest} {damage}.")?;
        }
        for (digest, record) in &self.unlisted {
            write!(
                f,
                " The file {digest} of the record {record} is not listed."
            )?;
        }
        for digest in &self.unerased {
            write!(
                f,
                " The file {digest} was erased, and its content is still there."
            )?;
        }
        for name in &self.unreferenced {
            write!(f, " No record has {name}.")?;
        }
        Ok(())
    }
}
