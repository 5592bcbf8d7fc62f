//! Writes that run without any other write on PostgreSQL. On SQLite every write does.
//!
//! A merge moves all references to an organization: one that another transaction adds meanwhile would
//! be left behind. A succession changes which policies bear on the agreements of other municipalities:
//! one that is written meanwhile would follow the former ones. A rule over a chain of records holds only
//! if nobody else adds to the chain. They read more than they write, so no row is there to be locked.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::AnyConnection;
use crate::kernel::error::ApiError;

/// Keys of advisory locks: "mou" and a number.
const WRITES: i64 = 0x6d6f_7502;
const LINKS: i64 = 0x6d6f_7503;
/// First of the two keys of a file's lock.
const FILES: i32 = 0x6d6f_7504;

/// Returns the statement with which a write waits for those that run alone.
pub(super) fn beside_others() -> String {
    format!("; SELECT pg_advisory_xact_lock_shared({WRITES})")
}

/// Returns the statements with which a write waits for all others, and that others then wait for.
pub(super) fn without_others() -> String {
    format!("; SET LOCAL mou.alone = 'on'; SELECT pg_advisory_xact_lock({WRITES})")
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    alone: bool,
}

/// Makes sure that no other write runs until the transaction ends.
///
/// # Errors
/// Fails if another could: the work is then run again, alone.
pub fn demand(conn: &mut AnyConnection) -> Result<(), ApiError> {
    let AnyConnection::Postgres(conn) = conn else {
        return Ok(());
    };
    let sql = "SELECT coalesce(current_setting('mou.alone', true), '') = 'on' AS alone";
    match diesel::sql_query(sql).get_result::<Answer>(conn)?.alone {
        true => Ok(()),
        false => Err(ApiError::not_alone()),
    }
}

/// Keeps other transactions from linking agreements until this one ends. Call it before the links of
/// others are read.
///
/// # Errors
/// Fails if another holds it for too long.
pub fn hold_links(conn: &mut AnyConnection) -> Result<(), ApiError> {
    if let AnyConnection::Postgres(conn) = conn {
        conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({LINKS})"))?;
    }
    Ok(())
}

/// Keeps other transactions from recording and from removing a file until this one ends. `part` is a part of
/// its digest: another file with the same one waits as well, in vain.
///
/// # Errors
/// Fails if another holds it for too long.
pub fn hold_file(conn: &mut AnyConnection, part: i32) -> Result<(), ApiError> {
    if let AnyConnection::Postgres(conn) = conn {
        conn.batch_execute(&format!("SELECT pg_advisory_xact_lock({FILES}, {part})"))?;
    }
    Ok(())
}
