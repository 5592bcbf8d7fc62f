//! Errors, languages, values and their wording, legal days and the clock: what every other module may
//! use.

pub mod clock;
pub mod duration;
pub mod erased;
pub mod error;
pub mod files;
pub mod hanja;
pub mod ids;
pub mod language;
pub mod legal_days;
pub mod member_names;
pub mod network;
pub mod outage;
pub mod personal;
pub mod redact;
pub mod rule;
pub mod text;
pub mod values;
pub mod wording;
pub mod words;

/// Path prefix of the API.
pub const BASE: &str = "/api/v1";

/// Base path of the pages for people who are signed in.
pub const OFFICE: &str = "/office";

/// Returns true for the path of a page for people who are signed in.
pub fn is_office(path: &str) -> bool {
    let below = path.strip_prefix(OFFICE);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns bytes as lower-case hexadecimal digits.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    data_encoding::HEXLOWER.encode(bytes.as_ref())
}
