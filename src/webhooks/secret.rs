//! Secrets and signatures per Standard Webhooks.

use std::fmt;

use chrono::NaiveDateTime;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::kernel::error::ApiError;

const PREFIX: &str = "whsec_";
/// Length of a secret in random bytes.
const LENGTH: usize = 32;

/// A signing secret; never logged.
#[derive(Clone)]
pub struct Secret(String);

/// A secret that was replaced, and the instant until which it signs as well.
#[derive(Serialize, Deserialize)]
pub struct EarlierSecret {
    pub secret: String,
    pub until: NaiveDateTime,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Generates a secret.
    ///
    /// # Errors
    /// Fails with an internal error if the system provides no randomness.
    pub fn new() -> Result<Self, ApiError> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(ApiError::internal)?;
        Ok(Self(format!("{PREFIX}{}", BASE64.encode(&bytes))))
    }

    /// Wraps a secret from the database.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Signs a message.
    ///
    /// # Errors
    /// Fails with an internal error if the secret is malformed.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> Result<String, ApiError> {
        let secret = self.0.strip_prefix(PREFIX).unwrap_or_default();
        let key = BASE64
            .decode(secret.as_bytes())
            .map_err(ApiError::internal)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(ApiError::internal)?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Ok(format!(
            "v1,{}",
            BASE64.encode(&mac.finalize().into_bytes())
        ))
    }
}

/// Signs a message with several secrets, and returns the signatures in the form of the header.
///
/// # Errors
/// Fails with an internal error if a secret is malformed.
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> Result<String, ApiError> {
    let all = secrets.iter().map(|s| s.sign(id, timestamp, body));
    Ok(all.collect::<Result<Vec<_>, _>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_the_specification_does() {
        let secret = Secret::stored("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
        let (id, at, body) = (
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        let signed = sign(std::slice::from_ref(&secret), id, at, body).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        // The reference library signs in the same way.
        let new = Secret::new().unwrap();
        let library = standardwebhooks::Webhook::new(new.as_str()).unwrap();
        let both = sign(&[secret, new], id, at, body).unwrap();
        let expected = library.sign(id, at, body.as_bytes()).unwrap();
        assert_eq!(both, format!("{signed} {expected}"));
        assert_eq!(format!("{:?}", Secret::new().unwrap()), "Secret");
    }
}
