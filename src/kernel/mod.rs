//! Errors, languages, values and their wording, legal days and the clock: what every other module may
//! use.

pub mod clock;
pub mod error;
pub mod files;
pub mod hanja;
pub mod ids;
pub mod language;
pub mod legal_days;
pub mod member_names;
pub mod network;
pub mod outage;
pub mod redact;
pub mod rule;
pub mod text;
pub mod values;
pub mod wording;
pub mod words;

/// Path prefix of the API.
pub const BASE: &str = "/api/v1";

/// Returns bytes as lower-case hexadecimal digits.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    data_encoding::HEXLOWER.encode(bytes.as_ref())
}
