//! Secrets that are shown once, and their digests, which are all that is stored of them.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::kernel::error::ApiError;
use crate::kernel::hex;

/// Length of a token's secret part in random bytes.
const SECRET_BYTES: usize = 32;
/// Number of hexadecimal digits of the digest that are used for lookup.
const HANDLE_DIGITS: usize = 16;

/// A token or a similar secret, to be shown once.
pub struct Secret(String);

impl Secret {
    /// Generates a secret with the prefix of its kind.
    ///
    /// # Errors
    /// Fails with an internal error if the system provides no randomness.
    pub fn new(prefix: &str) -> Result<Self, ApiError> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        Ok(Self(format!("{prefix}{}", hex(bytes))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn digest(&self) -> Digest {
        Digest(hex(Sha256::digest(self.0.as_bytes())))
    }
}

/// The SHA-256 digest of a token. Tokens are random, so no slow hash function is needed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of a token, or `None` if the text cannot be one.
    pub fn of(token: &str) -> Option<Self> {
        Self::of_kind(super::tokens::PREFIX, token)
    }

    /// Returns the digest of a secret with a prefix, or `None` if the text cannot be one.
    pub fn of_kind(prefix: &str, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(prefix)?;
        let is_hex = secret.bytes().all(|b| b.is_ascii_hexdigit());
        (secret.len() == 2 * SECRET_BYTES && is_hex).then(|| Secret(text.to_owned()).digest())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the prefix of the digest that is used for lookup.
    pub fn handle(&self) -> &str {
        handle(&self.0)
    }

    /// Compares in constant time.
    pub fn equals(&self, kept: &str) -> bool {
        self.0.as_bytes().ct_eq(kept.as_bytes()).into()
    }
}

/// Returns the prefix of a digest that is used for lookup.
pub fn handle(digest: &str) -> &str {
    digest.get(..HANDLE_DIGITS).unwrap_or_default()
}
