//! Claims to files in a bucket. A request that sends or removes bytes takes as long as the network takes,
//! and no transaction waits for it: it has a claim meanwhile, which other requests find.
//!
//! Who records a file claims it before its bytes are sent, and uses the claim up in the transaction that
//! records it. Who removes a file claims it if no record has it and nobody is about to record it; nobody
//! begins to record it until the claim ends. A claim ends by itself when its request cannot have an effect
//! any more, however its server ended.

use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::bucket::SIGNED_FOR;
use super::{Digest, Whole, table};
use crate::db::AnyConnection;
use crate::db::schema::file_claims as c;
use crate::kernel::error::{ApiError, Code};

/// Time for which a file is claimed that is to be recorded: longer than comparing and sending take.
const TO_RECORD: Duration = Duration::from_secs(60 * 60);
/// Time for which a file is claimed that is to be removed: no store does it after that.
const TO_REMOVE: Duration = SIGNED_FOR;

/// A claim of a request that is about to record a file.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub id: String,
    /// Whether the bucket has the file since it was sent for this request.
    pub is_new: bool,
}

/// Claims a file that is to be recorded.
///
/// # Errors
/// `unavailable` if the file is being removed; fails if the database cannot be written.
pub(super) fn to_record(
    conn: &mut AnyConnection,
    (id, digest): (&str, &Digest),
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    table::hold(conn, digest)?;
    match live(conn, digest, true, now)? {
        0 => insert(conn, (id, digest), false, now + TO_RECORD),
        _ => Err(being_removed()),
    }
}

/// Uses up the claim to a file in the transaction that records it. In a folder, a file needs none.
///
/// # Errors
/// `unavailable` if the claim has ended: the bytes may be gone.
pub(super) fn use_up(conn: &mut AnyConnection, file: &Whole) -> Result<(), ApiError> {
    let Some(claim) = file.claim()? else {
        return Ok(());
    };
    match end(conn, &claim.id)? {
        1 => Ok(()),
        _ => Err(ApiError::unavailable("the claim to a file has ended")),
    }
}

/// Claims a file that is to be removed, if no record has it and nobody is about to record it. `own` is the
/// claim of a request that does not record the file after all: it ends. Returns true if the file is claimed.
///
/// # Errors
/// Fails if the database cannot be written.
pub(super) fn to_remove(
    conn: &mut AnyConnection,
    (id, digest): (&str, &Digest),
    own: Option<&Claim>,
    now: NaiveDateTime,
) -> Result<bool, ApiError> {
    let found = table::find_held(conn, digest)?;
    if let Some(own) = own {
        end(conn, &own.id)?;
    }
    let is_waste = match found {
        Some(file) => file.is_erased,
        // A bucket that had the file before keeps it: it may be that of a later state.
        None => own.is_none_or(|own| own.is_new),
    };
    if !is_waste || live(conn, digest, false, now)? > 0 {
        return Ok(false);
    }
    insert(conn, (id, digest), true, now + TO_REMOVE)?;
    Ok(true)
}

/// Ends a claim, and returns the number of claims that it ended.
///
/// # Errors
/// Fails if the database cannot be written.
pub(super) fn end(conn: &mut AnyConnection, id: &str) -> Result<usize, ApiError> {
    Ok(diesel::delete(c::table.find(id)).execute(conn)?)
}

/// Returns a new id of a claim.
pub(super) fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Returns the number of live claims to a file, and removes all that have ended: a request that comes after that
/// finds its own gone.
fn live(
    conn: &mut AnyConnection,
    digest: &Digest,
    is_removal: bool,
    now: NaiveDateTime,
) -> Result<i64, ApiError> {
    diesel::delete(c::table.filter(c::ends_at.lt(now))).execute(conn)?;
    let claims = c::table
        .filter(c::sha256.eq(digest.as_str()))
        .filter(c::is_removal.eq(i32::from(is_removal)));
    Ok(claims.count().get_result(conn)?)
}

fn insert(
    conn: &mut AnyConnection,
    (id, digest): (&str, &Digest),
    is_removal: bool,
    ends_at: NaiveDateTime,
) -> Result<(), ApiError> {
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id),
            c::sha256.eq(digest.as_str()),
            c::is_removal.eq(i32::from(is_removal)),
            c::ends_at.eq(ends_at),
        ))
        .execute(conn)?;
    Ok(())
}

fn being_removed() -> ApiError {
    let refused = ApiError::with(
        Code::Unavailable,
        "내용이 같은 파일을 지우고 있습니다. 잠시 뒤에 다시 보내 주십시오.",
        "A file with the same content is being erased. Send it again in a while.",
    );
    refused.retry_after(TO_REMOVE.as_secs())
}
