//! The address of a calendar, which is its key: what of it is kept, and what is shown in its place.

use std::borrow::Cow;

use crate::access::tokens::{Digest, Secret};
use crate::error::ApiError;

/// How every key begins, so that one that was lost is known for what it is.
const PREFIX: &str = "cal_";
/// By its end clients know what they get.
const SUFFIX: &str = ".ics";
/// Where the addresses are.
const FEEDS: &str = "/api/v1/calendar-feeds/";

/// An address as it is looked up: by the digest of its key.
#[derive(Clone)]
pub struct Address(Digest);

impl Address {
    /// The address of a path; none where it cannot be one.
    pub fn in_path(path: &str) -> Option<Self> {
        let key = path.strip_prefix(FEEDS)?.strip_suffix(SUFFIX)?;
        Digest::of_kind(PREFIX, key).map(Self)
    }

    /// A new one, with the path that is shown this once.
    ///
    /// # Errors
    /// Internal, when the system gives no chance.
    pub fn new() -> Result<(Self, String), ApiError> {
        let secret = Secret::new(PREFIX)?;
        let path = format!("{FEEDS}{}{SUFFIX}", secret.as_str());
        Ok((Self(secret.digest()), path))
    }

    pub fn digest(&self) -> &Digest {
        &self.0
    }
}

/// Whether a path is where addresses are, so that what follows is a key, valid or not.
pub fn is_address(path: &str) -> bool {
    path.starts_with(FEEDS)
}

/// A path as it may stand in a log: without the key, however the rest of it is written.
pub fn shown(path: &str) -> Cow<'_, str> {
    let key = path
        .strip_prefix(FEEDS)
        .map(|_| FEEDS.len())
        .or_else(|| path.find(PREFIX));
    match key {
        Some(at) => Cow::Owned(format!("{}…", &path[..at])),
        None => Cow::Borrowed(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_whole_path() {
        let (address, path) = Address::new().unwrap();
        let found = Address::in_path(&path).unwrap();
        assert!(found.digest().equals(address.digest().as_str()));
        for wrong in [
            path.replace(".ics", ""),
            path.replace("cal_", "mou_"),
            path.replace("calendar-feeds", "calendars"),
            path.replace(".ics", "0.ics"),
            format!("{path}/"),
            "/api/v1/calendar-feeds/".into(),
        ] {
            assert!(Address::in_path(&wrong).is_none(), "{wrong}");
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
            assert!(!shown(&path).contains("000"), "{path}");
        }
        assert_eq!(shown("/api/v1/agreements"), "/api/v1/agreements");
    }
}
