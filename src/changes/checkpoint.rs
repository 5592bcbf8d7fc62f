//! Checkpoints: signed statements about the end of the log, to be kept outside of the registry.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER_PERMISSIVE;
use diesel::prelude::*;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::verify::Broken;
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::kernel::files::create_private;
use crate::ledger::chain;

/// A signed statement that the log had `size` entries at `time`, the last with this hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub size: i64,
    pub hash: String,
    pub time: DateTime<Utc>,
    /// Public key of the signature, in hexadecimal digits.
    pub public_key: String,
    /// Ed25519 signature, in hexadecimal digits.
    pub signature: String,
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}

/// Returns the signed text: a line that identifies the format, followed by the statement.
fn statement(size: i64, hash: &str, time: DateTime<Utc>) -> Vec<u8> {
    format!(
        "mou-registry checkpoint v1\n{size}\n{hash}\n{}\n",
        time.to_rfc3339()
    )
    .into_bytes()
}

impl Checkpoint {
    /// Signs the end of the log.
    pub fn sign(key: &SigningKey, size: i64, hash: &str, time: DateTime<Utc>) -> Self {
        let signature = key.sign(&statement(size, hash, time));
        Self {
            size,
            hash: hash.into(),
            time,
            public_key: crate::kernel::hex(key.verifying_key().as_bytes()),
            signature: crate::kernel::hex(signature.to_bytes()),
        }
    }

    /// Reads a checkpoint and checks its signature. With `trusted`, the signature must be by that
    /// key.
    ///
    /// # Errors
    /// Fails if the checkpoint or its signature is not valid.
    pub fn read(file: &Path, trusted: Option<&str>) -> anyhow::Result<Self> {
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| name.to_string())?;
        let found: Self =
            serde_json::from_str(&text).with_context(|| format!("{name} is no checkpoint"))?;
        if trusted.is_some_and(|key| key != found.public_key) {
            bail!("{name} is signed with another key");
        }
        let key = unhex(&found.public_key).and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let signature = unhex(&found.signature).map(|bytes| Signature::from_bytes(&bytes));
        let stated = statement(found.size, &found.hash, found.time);
        key.zip(signature)
            .and_then(|(key, signature)| key.verify_strict(&stated, &signature).ok())
            .with_context(|| format!("the signature of {name} is not valid"))?;
        Ok(found)
    }

    /// Compares the log with the checkpoint. The log may have grown since.
    ///
    /// # Errors
    /// Fails if the log is shorter, or another.
    pub fn hold(&self, conn: &mut AnyConnection) -> Result<(), Broken> {
        let (found, _) = chain::head(conn)?;
        if found < self.size {
            return Err(Broken::Truncated {
                found,
                expected: self.size,
            });
        }
        let hash = c::table.find(self.size).select(c::hash);
        let hash = hash.first::<String>(conn).optional()?;
        // The checkpoint of an empty log has no hash.
        if hash.unwrap_or_default() == self.hash {
            Ok(())
        } else {
            Err(Broken::Rewritten(self.size))
        }
    }
}

/// Reads the key that signs checkpoints, or creates it if the file does not exist.
///
/// # Errors
/// Fails if the file cannot be read or written, or holds no key.
pub fn signing_key(file: &Path) -> anyhow::Result<SigningKey> {
    let name = || file.display().to_string();
    if file.exists() {
        let text = std::fs::read_to_string(file).with_context(name)?;
        let bytes = unhex(text.trim());
        return bytes
            .map(|bytes| SigningKey::from_bytes(&bytes))
            .with_context(|| format!("{} holds no key", name()));
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let text = crate::kernel::hex(secret) + "\n";
    create_private(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(name)?;
    Ok(SigningKey::from_bytes(&secret))
}
