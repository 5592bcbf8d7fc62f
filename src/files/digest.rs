//! SHA-256 of a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// SHA-256 of a file, as 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    pub(super) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(crate::kernel::hex(bytes))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the first half as a number.
    pub fn half(&self) -> u128 {
        u128::from_str_radix(&self.0[..32], 16).unwrap_or_default()
    }

    /// Returns the first bytes as a number.
    pub(super) fn part(&self) -> i32 {
        let [a, b, c, d, ..] = self.half().to_be_bytes();
        i32::from_be_bytes([a, b, c, d])
    }
}

/// A text that is no digest.
#[derive(Debug, thiserror::Error)]
#[error("expected 64 hexadecimal digits in lower case")]
pub struct NoDigest;

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        match text.len() == 64 && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoDigest),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_names_a_file() {
        assert!("0a".repeat(32).parse::<Digest>().is_ok());
        for text in [
            String::new(),
            "0A".repeat(32),
            "../".repeat(21) + "x",
            "0a".repeat(33),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
