//! Secret addresses, for clients that cannot send headers: the path contains a key, of which only the
//! digest is stored. What is read at an address is what the token that made it can see.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::keys::{CALENDAR, CHANGE_STREAM};
use super::tokens::{self, Digest, Secret};
use crate::db::schema::addresses as a;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AddressId;
use crate::kernel::values::stored_id;
use crate::ledger::records::Record;
use crate::ledger::{Caller, Use};

/// What is read at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Calendar,
    ChangeStream,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Calendar, Self::ChangeStream];

    /// Returns the kind of record that is kept of such an address.
    pub fn record(self) -> &'static Record {
        match self {
            Self::Calendar => &CALENDAR,
            Self::ChangeStream => &CHANGE_STREAM,
        }
    }

    /// Returns the name in the database.
    pub fn as_str(self) -> &'static str {
        self.record().name
    }

    /// Returns the prefix of every key, by which a leaked key can be recognized.
    fn prefix(self) -> &'static str {
        match self {
            Self::Calendar => "cal_",
            Self::ChangeStream => "chg_",
        }
    }

    /// Returns the base path of the addresses.
    fn base(self) -> &'static str {
        match self {
            Self::Calendar => "/api/v1/calendar-feeds/",
            Self::ChangeStream => "/api/v1/change-feeds/",
        }
    }

    /// Returns the extension by which clients recognize the format.
    fn suffix(self) -> &'static str {
        match self {
            Self::Calendar => ".ics",
            Self::ChangeStream => "",
        }
    }
}

/// An address, as looked up: the digest of its key.
#[derive(Clone, Hash)]
pub struct Address {
    kind: Kind,
    digest: Digest,
}

impl Address {
    /// Parses an address from a path, or returns `None` if the path cannot be one.
    pub fn from_path(path: &str) -> Option<Self> {
        Kind::ALL.into_iter().find_map(|kind| {
            let key = path
                .strip_prefix(kind.base())?
                .strip_suffix(kind.suffix())?;
            let digest = Digest::of_kind(kind.prefix(), key)?;
            Some(Self { kind, digest })
        })
    }

    /// Generates an address, with its path. The path is shown only once.
    ///
    /// # Errors
    /// `internal_error` if the system provides no random numbers.
    pub fn new(kind: Kind) -> Result<(Self, String), ApiError> {
        let secret = Secret::new(kind.prefix())?;
        let path = format!("{}{}{}", kind.base(), secret.as_str(), kind.suffix());
        let digest = secret.digest();
        Ok((Self { kind, digest }, path))
    }

    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// Returns true if a path lies below the base path of addresses, so that a key follows, valid or
/// not.
pub fn is_address(path: &str) -> bool {
    Kind::ALL.iter().any(|kind| path.starts_with(kind.base()))
}

/// Returns a path for logs, with the key cut off, however the rest of the path is written.
pub fn redacted_path(path: &str) -> Cow<'_, str> {
    let key = Kind::ALL.iter().find_map(|kind| {
        let below = path.starts_with(kind.base()).then(|| kind.base().len());
        below.or_else(|| path.find(kind.prefix()))
    });
    match key {
        Some(at) => Cow::Owned(format!("{}…", &path[..at])),
        None => Cow::Borrowed(path),
    }
}

/// An address as it is looked up.
#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
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
    let row = a::table
        .filter(a::handle.eq(address.digest().handle()))
        .filter(a::kind.eq(address.kind.as_str()))
        .filter(a::revoked_at.is_null())
        .select(Key::as_select())
        .first::<Key>(conn)
        .optional()?
        .filter(|row| address.digest().equals(&row.hash))
        .ok_or_else(ApiError::not_found)?;
    let holder = tokens::holder(conn, &row.token_id, now)?.ok_or_else(ApiError::not_found)?;
    let id = stored_id(&row.id)?;
    // The use is noted on the address alone, since the token itself is not presented.
    let unnoted_use = tokens::should_note_use(row.last_used_at, now).then_some(Use::Address(id));
    Ok(Caller {
        unnoted_use,
        ..holder
    })
}

/// Records the use of an address.
pub fn note_use(
    conn: &mut AnyConnection,
    id: AddressId,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    diesel::update(a::table.find(id.to_string()))
        .set(a::last_used_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Returns the stored settings of an address.
///
/// # Errors
/// `not_found`
pub fn document_at<T: DeserializeOwned + 'static>(
    conn: &mut AnyConnection,
    address: &Address,
) -> Result<T, ApiError> {
    let row: Option<(String, Json<T>)> = a::table
        .filter(a::handle.eq(address.digest().handle()))
        .filter(a::kind.eq(address.kind.as_str()))
        .filter(a::revoked_at.is_null())
        .select((a::hash, a::doc))
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
        let (address, path) = Address::new(Kind::Calendar).unwrap();
        let found = Address::from_path(&path).unwrap();
        assert!(found.digest().equals(address.digest().as_str()));
        for wrong in [
            path.replace(".ics", ""),
            path.replace("cal_", "mou_"),
            path.replace("cal_", "chg_"),
            path.replace("calendar-feeds", "calendars"),
            path.replace("calendar-feeds", "change-feeds"),
            path.replace(".ics", "0.ics"),
            format!("{path}/"),
            "/api/v1/calendar-feeds/".into(),
        ] {
            assert!(Address::from_path(&wrong).is_none(), "{wrong}");
        }
        let (_, path) = Address::new(Kind::ChangeStream).unwrap();
        assert!(Address::from_path(&path).is_some());
        assert!(Address::from_path(&format!("{path}.ics")).is_none());
    }

    #[test]
    fn no_key_is_shown() {
        let key = format!("cal_{}", "0".repeat(64));
        for path in [
            format!("/api/v1/calendar-feeds/{key}.ics"),
            format!("/api/v1/%63alendar-feeds/{key}.ics"),
            format!("/api/v1/calendar-feeds/{}", "0".repeat(64)),
            format!("/api/v1/change-feeds/chg_{}", "0".repeat(64)),
            format!("/api/v1/%63hange-feeds/chg_{}", "0".repeat(64)),
        ] {
            assert!(!redacted_path(&path).contains("000"), "{path}");
        }
        assert_eq!(redacted_path("/api/v1/agreements"), "/api/v1/agreements");
    }
}
