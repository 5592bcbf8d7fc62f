//! The tables of texts: how much of each file was read, and its passages with their search terms.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use crate::db::AnyConnection;
use crate::db::schema::{files as f, search_files as s, search_passages as p};
use crate::extract::{Extracted, Passage};
use crate::files::{Digest, FileKind, table};
use crate::kernel::error::ApiError;
use crate::kernel::values::to_db;
use crate::ledger::chain;
use crate::projections::search_index::{last_insert_rowid, terms};

/// Number of files that are looked up at once.
const AT_ONCE: i64 = 50;

/// A file whose text was not read yet.
#[derive(Clone, Debug)]
pub struct Unread {
    pub digest: Digest,
    /// Size in bytes.
    pub bytes: u64,
    pub kind: FileKind,
}

/// Returns files whose text was not read yet, those after `after` in the order of their digests.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn unread(conn: &mut AnyConnection, after: &str) -> Result<Vec<Unread>, ApiError> {
    let rows: Vec<(String, i64, String)> = f::table
        .left_join(s::table.on(s::sha256.eq(f::sha256)))
        .filter(s::sha256.is_null())
        .filter(f::erased_at.is_null())
        .filter(f::sha256.gt(after))
        .order(f::sha256)
        .limit(AT_ONCE)
        .select((f::sha256, f::bytes, f::media_type))
        .load(conn)?;
    let file = |(digest, bytes, media_type): (String, i64, String)| {
        let kind = FileKind::all().find(|kind| kind.media_type() == media_type);
        let kind = kind.ok_or_else(|| ApiError::internal(format!("a file is {media_type}")))?;
        Ok(Unread {
            digest: digest.parse().map_err(ApiError::internal)?,
            bytes: u64::try_from(bytes).map_err(ApiError::internal)?,
            kind,
        })
    };
    rows.into_iter().map(file).collect()
}

/// Writes the text of a file, unless it was erased or another server wrote it.
///
/// # Errors
/// Fails if the database cannot be written.
pub fn write(
    conn: &mut AnyConnection,
    digest: &Digest,
    text: &Extracted,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    let listed = table::find_held(conn, digest)?;
    let is_read = s::table.find(digest.as_str()).select(s::sha256);
    let is_read = is_read.first::<String>(conn).optional()?.is_some();
    if is_read || listed.is_none_or(|file| file.is_erased) {
        return Ok(());
    }
    diesel::insert_into(s::table)
        .values((
            s::sha256.eq(digest.as_str()),
            s::status.eq(to_db(&text.status)),
            s::read_at.eq(now),
        ))
        .execute(conn)?;
    for passage in &text.passages {
        insert(conn, digest.as_str(), passage)?;
    }
    chain::end_answers(conn)
}

fn insert(conn: &mut AnyConnection, digest: &str, passage: &Passage) -> Result<(), ApiError> {
    let number = |n: Option<u32>| n.map(i32::try_from).transpose().map_err(ApiError::internal);
    let (page, paragraph) = (number(passage.page)?, number(passage.paragraph)?);
    let terms = terms::index(&[], [passage.text.as_str()]);
    match conn {
        AnyConnection::Sqlite(conn) => {
            use crate::db::schema::search_terms_of_files as t;
            diesel::insert_into(p::table)
                .values((
                    p::sha256.eq(digest),
                    p::page.eq(page),
                    p::paragraph.eq(paragraph),
                    p::text.eq(&passage.text),
                ))
                .execute(conn)?;
            diesel::insert_into(t::table)
                .values((t::rowid.eq(last_insert_rowid()), t::terms.eq(terms)))
                .execute(conn)?;
        }
        AnyConnection::Postgres(conn) => {
            let sql = "INSERT INTO search_passages (sha256, page, paragraph, text, terms) \
                       VALUES ($1, $2, $3, $4, to_tsvector('simple', $5))";
            diesel::sql_query(sql)
                .bind::<Text, _>(digest)
                .bind::<Nullable<Integer>, _>(page)
                .bind::<Nullable<Integer>, _>(paragraph)
                .bind::<Text, _>(&passage.text)
                .bind::<Text, _>(terms)
                .execute(conn)?;
        }
    }
    Ok(())
}

/// Returns how much of a file was read; `None` if it was not read yet.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn status(conn: &mut AnyConnection, digest: &str) -> Result<Option<String>, ApiError> {
    let status = s::table.find(digest).select(s::status);
    Ok(status.first(conn).optional()?)
}

/// Returns the passages of a file.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn passages(conn: &mut AnyConnection, digest: &str) -> Result<Vec<Passage>, ApiError> {
    let rows: Vec<(Option<i32>, Option<i32>, String)> = p::table
        .filter(p::sha256.eq(digest))
        .order(p::seq)
        .select((p::page, p::paragraph, p::text))
        .load(conn)?;
    let number = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
    let passage = |(page, paragraph, text)| Passage {
        page: number(page),
        paragraph: number(paragraph),
        text,
    };
    Ok(rows.into_iter().map(passage).collect())
}
