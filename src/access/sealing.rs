//! Encryption of secrets that the registry has to show or use again, such as those that sign
//! webhooks. The key is in a file apart from the database, so that a copy of the database or of a
//! backup does not give them away.
//!
//! The key file has one key a line, 32 bytes in hexadecimal digits. The first one encrypts; the
//! others were replaced and still decrypt. The file is read at each use, so that several processes
//! agree on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::db::DatabaseUrl;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::files::{beside, create_private_with, replace_private};

/// Beginning of an encrypted text, before the id of its key.
const PREFIX: &str = "sealed:";
/// Length of a key in bytes.
const KEY: usize = 32;

/// The setting of the key file.
#[derive(Clone, Debug, Default, Args)]
pub struct SecretKeyFile {
    /// File of the key that encrypts the secrets of webhooks and attempts to sign in by the single
    /// sign-on; created when it is first needed.
    /// With SQLite it is the database file's name with .secret-key by default
    #[arg(long, env = "MOU_SECRET_KEY_FILE", value_name = "FILE")]
    pub secret_key_file: Option<PathBuf>,
}

/// The file of the keys.
#[derive(Clone, Debug)]
pub struct Sealing(Option<Arc<Path>>);

/// Reason why a secret cannot be encrypted or decrypted.
#[derive(Debug, thiserror::Error)]
pub enum Unsealable {
    #[error("no key file is set: PostgreSQL needs --secret-key-file")]
    NoFile,
    #[error(
        "the key {id} of a secret is not in {file}: put the lost key file back, \
         or give the webhook another secret (POST /webhooks/{{id}}/secret)"
    )]
    Lost { id: String, file: String },
    #[error("{0} holds no key: expected 64 hexadecimal digits a line")]
    NoKey(String),
    #[error("a secret does not belong to its record, or was changed")]
    Changed,
    #[error("cannot use the key file {0}")]
    File(String, #[source] std::io::Error),
    #[error("no randomness")]
    Random(#[source] getrandom::Error),
}

impl From<Unsealable> for ApiError {
    fn from(error: Unsealable) -> Self {
        match error {
            Unsealable::NoFile => Self::with(
                Code::Conflict,
                "이 등록부에는 비밀 값을 암호화할 키 파일이 없습니다. 운영자가 --secret-key-file을 지정해야 합니다.",
                "This registry has no key file to encrypt secrets with; its operator has to set --secret-key-file.",
            ),
            other => Self::internal(other),
        }
    }
}

/// A key and its id: the beginning of its digest.
struct Key {
    id: String,
    key: LessSafeKey,
}

impl Key {
    fn new(bytes: [u8; KEY]) -> Result<Self, Unsealable> {
        let id = crate::kernel::hex(Sha256::digest(bytes));
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| Unsealable::Changed)?;
        Ok(Self {
            id: id.chars().take(8).collect(),
            key: LessSafeKey::new(key),
        })
    }
}

/// Returns whether a text is encrypted.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(PREFIX)
}

fn random<const N: usize>() -> Result<[u8; N], Unsealable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Unsealable::Random)?;
    Ok(bytes)
}

/// Returns a new key as a line of the file.
fn new_line() -> Result<String, Unsealable> {
    Ok(crate::kernel::hex(random::<KEY>()?) + "\n")
}

impl Sealing {
    /// Uses the file of the setting; without one, the file beside a SQLite database, which is
    /// created when it is first needed.
    #[must_use]
    pub fn new(setting: Option<&Path>, url: &DatabaseUrl) -> Self {
        let own = || url.file().map(|file| beside(file, ".secret-key"));
        let file = setting.map(Path::to_owned).or_else(own);
        Self(file.map(PathBuf::into))
    }

    /// Returns whether there is a file for the keys.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.0.is_some()
    }

    fn file(&self) -> Result<&Path, Unsealable> {
        self.0.as_deref().ok_or(Unsealable::NoFile)
    }

    /// Reads the keys; none if there is no file.
    fn keys(&self) -> Result<Vec<Key>, Unsealable> {
        let file = self.file()?;
        let name = || file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Unsealable::File(name(), error)),
        };
        let lines = text.split_whitespace().map(|line| {
            let bytes = HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok();
            let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
            Key::new(bytes.ok_or_else(|| Unsealable::NoKey(name()))?)
        });
        let keys = lines.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(Unsealable::NoKey(name()));
        }
        Ok(keys)
    }

    /// Returns the key that encrypts, and creates it if there is no file.
    fn current(&self) -> Result<Key, Unsealable> {
        if let Some(first) = self.keys()?.into_iter().next() {
            return Ok(first);
        }
        let file = self.file()?;
        let line = new_line()?;
        create_private_with(file, &line)
            .map_err(|error| Unsealable::File(file.display().to_string(), error))?;
        let keys = self.keys()?;
        let made = keys.into_iter().next();
        made.ok_or_else(|| Unsealable::NoKey(file.display().to_string()))
    }

    /// Puts a new key before the others.
    ///
    /// # Errors
    /// Fails if no file is set, or it cannot be written.
    pub fn rotate(&self) -> Result<(), Unsealable> {
        let file = self.file()?;
        let failed = |error| Unsealable::File(file.display().to_string(), error);
        self.current()?;
        let others = std::fs::read_to_string(file).map_err(failed)?;
        replace_private(file, &(new_line()? + &others)).map_err(failed)
    }

    /// Encrypts a secret of a record.
    ///
    /// # Errors
    /// Fails if there is no key file and none may be created.
    pub fn seal(&self, record: &str, secret: &str) -> Result<String, Unsealable> {
        let Key { id, key } = self.current()?;
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = secret.as_bytes().to_vec();
        let about = Aad::from(record.as_bytes());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), about, &mut sealed)
            .map_err(|_| Unsealable::Changed)?;
        let sealed = [&nonce[..], &sealed].concat();
        Ok(format!("{PREFIX}{id}:{}", BASE64.encode(&sealed)))
    }

    /// Decrypts a secret of a record. A text that was stored before secrets were encrypted is
    /// returned as it is.
    ///
    /// # Errors
    /// Fails if its key is not in the file, or the text was changed.
    pub fn open(&self, record: &str, text: &str) -> Result<String, Unsealable> {
        let Some((id, sealed)) = text.strip_prefix(PREFIX).and_then(|t| t.split_once(':')) else {
            return Ok(text.to_owned());
        };
        let key = self.keys()?.into_iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| Unsealable::Lost {
            id: id.to_owned(),
            file: self
                .0
                .as_ref()
                .map(|f| f.display().to_string())
                .unwrap_or_default(),
        })?;
        let sealed = BASE64
            .decode(sealed.as_bytes())
            .map_err(|_| Unsealable::Changed)?;
        let (nonce, secret) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(Unsealable::Changed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable::Changed)?;
        let mut secret = secret.to_vec();
        let about = Aad::from(record.as_bytes());
        let secret = key.key.open_in_place(nonce, about, &mut secret);
        let secret = secret.map_err(|_| Unsealable::Changed)?.to_vec();
        String::from_utf8(secret).map_err(|_| Unsealable::Changed)
    }

    /// Returns true if a text is encrypted with the key that encrypts now.
    ///
    /// # Errors
    /// Fails if the key file cannot be used.
    pub fn is_current(&self, text: &str) -> Result<bool, Unsealable> {
        let id = text
            .strip_prefix(PREFIX)
            .and_then(|text| text.split_once(':'));
        Ok(match id {
            Some((id, _)) => self.current()?.id == id,
            None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_opened_with_their_key_alone() {
        let dir = std::env::temp_dir().join(format!("mou-sealing-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let url = DatabaseUrl::Sqlite(dir.join("a.db").display().to_string());
        let sealing = Sealing::new(None, &url);
        let first = sealing.seal("webhook", "whsec_1").unwrap();
        assert!(!first.contains("whsec") && sealing.is_current(&first).unwrap());
        assert_eq!(sealing.open("webhook", &first).unwrap(), "whsec_1");
        // Neither for another record, nor changed.
        assert!(matches!(
            sealing.open("other", &first),
            Err(Unsealable::Changed)
        ));
        assert!(matches!(
            sealing.open("webhook", &first[..40]),
            Err(Unsealable::Changed)
        ));
        assert_eq!(sealing.open("webhook", "whsec_old").unwrap(), "whsec_old");
        sealing.rotate().unwrap();
        let second = sealing.seal("webhook", "whsec_2").unwrap();
        assert!(!sealing.is_current(&first).unwrap());
        assert_eq!(sealing.open("webhook", &first).unwrap(), "whsec_1");
        assert_eq!(sealing.open("webhook", &second).unwrap(), "whsec_2");
        // Another key file does not have the key, and says what to do.
        let other = Sealing::new(Some(&dir.join("other")), &url);
        let lost = other.open("webhook", &second).unwrap_err().to_string();
        assert!(
            lost.contains("is not in") && lost.contains("another secret"),
            "{lost}"
        );
        std::fs::write(dir.join("other"), "no key").unwrap();
        assert!(matches!(
            other.seal("webhook", "s"),
            Err(Unsealable::NoKey(_))
        ));
        let postgres = Sealing::new(None, &DatabaseUrl::Postgres("postgres://h/d".into()));
        assert!(matches!(
            postgres.seal("webhook", "s"),
            Err(Unsealable::NoFile)
        ));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
