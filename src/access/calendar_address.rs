//! Secret address of a calendar: its path contains a key, of which only the digest is stored.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::tokens::{self, Digest, Secret};
use crate::db::schema::calendars as c;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::kernel::ids::CalendarId;
use crate::kernel::values::stored_id;
use crate::ledger::{Caller, Use};

/// Prefix of every key, by which a leaked key can be recognized.
const PREFIX: &str = "cal_";
/// Extension by which clients recognize the format.
const SUFFIX: &str = ".ics";
/// Base path of the addresses.
const FEEDS: &str = "/api/v1/calendar-feeds/";

/// An address, as looked up: the digest of its key.
#[derive(Clone, Hash)]
pub struct Address(Digest);

impl Address {
    /// Parses an address from a path, or returns `None` if the path cannot be one.
    pub fn from_path(path: &str) -> Option<Self> {
        let key = path.strip_prefix(FEEDS)?.strip_suffix(SUFFIX)?;
        Digest::of_kind(PREFIX, key).map(Self)
    }

    /// Generates an address, with its path. The path is shown only once.
    ///
    /// # Errors
    /// `internal_error` if the system provides no random numbers.
    pub fn new() -> Result<(Self, String), ApiError> {
        let secret = Secret::new(PREFIX)?;
        let path = format!("{FEEDS}{}{SUFFIX}", secret.as_str());
        Ok((Self(secret.digest()), path))
    }

    pub fn digest(&self) -> &Digest {
        &self.0
    }
}

/// Returns whether a path lies below the base path of addresses, so that a key follows, valid or
/// not.
pub fn is_address(path: &str) -> bool {
    path.starts_with(FEEDS)
}

/// Returns a path for logs, with the key cut off, however the rest of the path is written.
pub fn redacted_path(path: &str) -> Cow<'_, str> {
    let key = path
        .strip_prefix(FEEDS)
        .map(|_| FEEDS.len())
        .or_else(|| path.find(PREFIX));
    match key {
        Some(at) => Cow::Owned(format!("{}…", &path[..at])),
        None => Cow::Borrowed(path),
    }
}

/// A calendar as it is looked up by its address.
#[derive(Queryable, Selectable)]
#[diesel(table_name = c)]
struct Key {
    id: String,
    token_id: String,
    hash: String,
    last_used_at: Option<NaiveDateTime>,
}

/// Returns the caller at an address: the token that made it.
///
/// # Errors
/// `not_found` if the address or its token is unknown, revoked or expired.
pub fn caller(
    conn: &mut AnyConnection,
    address: &Address,
    now: NaiveDateTime,
) -> Result<Caller, ApiError> {
    let row = c::table
        .filter(c::handle.eq(address.digest().handle()))
        .filter(c::revoked_at.is_null())
        .select(Key::as_select())
        .first::<Key>(conn)
        .optional()?
        .filter(|row| address.digest().equals(&row.hash))
        .ok_or_else(ApiError::not_found)?;
    let holder = tokens::holder(conn, &row.token_id, now)?.ok_or_else(ApiError::not_found)?;
    let id = stored_id(&row.id)?;
    // The use is noted on the calendar alone, since the token itself is not presented.
    let unnoted_use = tokens::should_note_use(row.last_used_at, now).then_some(Use::Calendar(id));
    Ok(Caller {
        unnoted_use,
        ..holder
    })
}

/// Records the use of an address.
pub fn note_use(
    conn: &mut AnyConnection,
    id: CalendarId,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    diesel::update(c::table.find(id.to_string()))
        .set(c::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Returns the stored document of the calendar at an address.
///
/// # Errors
/// `not_found`
pub fn document_at<T: DeserializeOwned + 'static>(
    conn: &mut AnyConnection,
    address: &Address,
) -> Result<T, ApiError> {
    let row: Option<(String, Json<T>)> = c::table
        .filter(c::handle.eq(address.digest().handle()))
        .filter(c::revoked_at.is_null())
        .select((c::hash, c::doc))
        .first(conn)
        .optional()?;
    row.filter(|(hash, _)| address.digest().equals(hash))
        .map(|(_, Json(document))| document)
        .ok_or_else(ApiError::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_whole_path() {
        let (address, path) = Address::new().unwrap();
        let found = Address::from_path(&path).unwrap();
        assert!(found.digest().equals(address.digest().as_str()));
        for wrong in [
            path.replace(".ics", ""),
            path.replace("cal_", "mou_"),
            path.replace("calendar-feeds", "calendars"),
            path.replace(".ics", "0.ics"),
            format!("{path}/"),
            "/api/v1/calendar-feeds/".into(),
        ] {
            assert!(Address::from_path(&wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn no_key_is_shown() {
        let key = format!("cal_{}", "0".repeat(64));
        for path in [
            format!("/api/v1/calendar-feeds/{key}.ics"),
            format!("/api/v1/%63alendar-feeds/{key}.ics"),
            format!("/api/v1/calendar-feeds/{}", "0".repeat(64)),
        ] {
            assert!(!redacted_path(&path).contains("000"), "{path}");
        }
        assert_eq!(redacted_path("/api/v1/agreements"), "/api/v1/agreements");
    }
}
