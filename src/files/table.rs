//! The table of the files that were ever recorded, and of the records that use them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::choice::is_open;
use super::{Digest, RecordFile, Whole, claims, of_document};
use crate::db::schema::{
    file_uses as u, files as f, search_files, search_passages as p, search_terms_of_files,
};
use crate::db::{AnyConnection, alone};
use crate::kernel::error::ApiError;

/// A file that the store is to hold.
#[derive(Clone, Debug)]
pub struct Listed {
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
    pub is_erased: bool,
}

/// Keeps other transactions from recording and from removing a file until this one ends.
///
/// # Errors
/// Fails if another does so for too long.
pub(super) fn hold(conn: &mut AnyConnection, digest: &Digest) -> Result<(), ApiError> {
    alone::hold_file(conn, digest.part())
}

/// Notes a file that a record is about to use, again if it was erased before. Nobody removes it until the
/// transaction ends.
///
/// # Errors
/// Fails if the database cannot be written; `unavailable` if the file took too long to come to its bucket.
pub fn note(conn: &mut AnyConnection, file: &Whole, now: NaiveDateTime) -> Result<(), ApiError> {
    hold(conn, &file.digest)?;
    claims::use_up(conn, file)?;
    let digest = file.digest.as_str();
    let known = diesel::update(f::table.find(digest))
        .set(f::erased_at.eq(None::<NaiveDateTime>))
        .execute(conn)?;
    if known == 0 {
        diesel::insert_into(f::table)
            .values((
                f::sha256.eq(digest),
                f::media_type.eq(file.kind.media_type()),
                f::bytes.eq(i64::try_from(file.bytes).map_err(ApiError::internal)?),
                f::stored_at.eq(now),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Lists the files of a record that is restored from the log.
///
/// # Errors
/// Fails if the database cannot be written.
pub fn restore(conn: &mut AnyConnection, files: &[RecordFile]) -> Result<(), ApiError> {
    for file in files
        .iter()
        .map(|of| &of.file)
        .filter(|file| file.erased.is_none())
    {
        let digest = file.sha256.as_str();
        let known = f::table.find(digest).select(f::sha256);
        if known.first::<String>(conn).optional()?.is_none() {
            diesel::insert_into(f::table)
                .values((
                    f::sha256.eq(digest),
                    f::media_type.eq(&file.media_type),
                    f::bytes.eq(i64::try_from(file.bytes).map_err(ApiError::internal)?),
                    f::stored_at.eq(file.added_at.naive_utc()),
                ))
                .execute(conn)?;
        }
    }
    Ok(())
}

/// Writes which files a record uses. The search finds them as the record `found_as`.
///
/// # Errors
/// Fails if the database cannot be written.
pub fn write_uses(
    conn: &mut AnyConnection,
    (record, found_as): (&str, &str),
    files: &[RecordFile],
) -> Result<(), ApiError> {
    for RecordFile { document_id, file } in files.iter().filter(|of| of.file.erased.is_none()) {
        diesel::insert_into(u::table)
            .values((
                u::file_id.eq(file.id.to_string()),
                u::sha256.eq(file.sha256.as_str()),
                u::record_id.eq(record),
                u::found_as.eq(found_as),
                u::name.eq(&file.name),
                u::is_open.eq(i32::from(is_open(of_document(files, *document_id), file))),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes the rows of [`write_uses`].
///
/// # Errors
/// Fails if the database cannot be written.
pub fn remove_uses(conn: &mut AnyConnection, record: &str) -> Result<(), ApiError> {
    diesel::delete(u::table.filter(u::record_id.eq(record))).execute(conn)?;
    Ok(())
}

/// Notes that a file was erased, unless another record uses it.
///
/// # Errors
/// Fails if the database cannot be written.
pub fn note_erasure(
    conn: &mut AnyConnection,
    digest: &Digest,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    // Another record may be about to use it.
    hold(conn, digest)?;
    if !is_used(conn, digest)? {
        diesel::update(f::table.find(digest.as_str()))
            .set(f::erased_at.eq(Some(now)))
            .execute(conn)?;
        remove_text(conn, digest)?;
    }
    Ok(())
}

/// Removes the text of a file, as it was read for the search.
fn remove_text(conn: &mut AnyConnection, digest: &Digest) -> Result<(), ApiError> {
    let passages = p::table.filter(p::sha256.eq(digest.as_str()));
    if matches!(conn, AnyConnection::Sqlite(_)) {
        for seq in passages.select(p::seq).load::<i64>(conn)? {
            diesel::delete(search_terms_of_files::table.find(seq)).execute(conn)?;
        }
    }
    diesel::delete(passages).execute(conn)?;
    diesel::delete(search_files::table.find(digest.as_str())).execute(conn)?;
    Ok(())
}

fn is_used(conn: &mut AnyConnection, digest: &Digest) -> Result<bool, ApiError> {
    let uses = u::table.filter(u::sha256.eq(digest.as_str()));
    let first = uses.select(u::file_id).first::<String>(conn).optional()?;
    Ok(first.is_some())
}

/// Replaces the rows of [`write_uses`].
///
/// # Errors
/// Fails if the database cannot be written.
pub fn rewrite_uses(
    conn: &mut AnyConnection,
    (record, found_as): (&str, &str),
    files: &[RecordFile],
) -> Result<(), ApiError> {
    remove_uses(conn, record)?;
    write_uses(conn, (record, found_as), files)
}

/// Returns the file with a digest, as the table has it, and keeps others from recording it in a write.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn find_held(conn: &mut AnyConnection, digest: &Digest) -> Result<Option<Listed>, ApiError> {
    hold(conn, digest)?;
    let found: Option<(String, i64, Option<NaiveDateTime>)> = f::table
        .find(digest.as_str())
        .select((f::sha256, f::bytes, f::erased_at))
        .first(conn)
        .optional()?;
    found.map(listed).transpose()
}

/// Returns all files, in the order of their digests.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn all(conn: &mut AnyConnection) -> Result<Vec<Listed>, ApiError> {
    let rows: Vec<(String, i64, Option<NaiveDateTime>)> = f::table
        .select((f::sha256, f::bytes, f::erased_at))
        .order(f::sha256)
        .load(conn)?;
    rows.into_iter().map(listed).collect()
}

/// Returns the digests that records use and the table of files lacks, with one of their records.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn unlisted(conn: &mut AnyConnection) -> Result<Vec<(String, String)>, ApiError> {
    let rows = u::table
        .left_join(f::table.on(f::sha256.eq(u::sha256)))
        .filter(f::sha256.is_null())
        .select((u::sha256, u::record_id))
        .order(u::sha256)
        .load(conn)?;
    Ok(rows)
}

fn listed(
    (digest, bytes, erased_at): (String, i64, Option<NaiveDateTime>),
) -> Result<Listed, ApiError> {
    Ok(Listed {
        digest: digest.parse().map_err(ApiError::internal)?,
        bytes: u64::try_from(bytes).map_err(ApiError::internal)?,
        is_erased: erased_at.is_some(),
    })
}
