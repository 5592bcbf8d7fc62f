//! A bucket of an S3-like store: `PREFIX/ab/ab12…` holds the file with the SHA-256 `ab12…`.
//!
//! An object is there as a whole or not at all, so nothing has a temporary name there. A file is
//! received in the directory for temporary files, and read from there as well, in both cases without a name.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use data_encoding::{BASE64, HEXLOWER};
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Credentials, S3Action};
use ureq::http::Method;

use super::Digest;
use super::store::{Content, Damage, Found, hashed};
use crate::kernel::error::ApiError;
use crate::kernel::files::create_nameless;
use crate::kernel::outage::Outage;
use crate::outbound::{Exchange, Reply, Transfer};

/// Time without progress after which a store that sends or receives a file counts as silent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time limit of requests without a file.
const SHORT: Duration = Duration::from_secs(3);
/// Time for which a signature is valid, with room for clocks that differ.
pub(super) const SIGNED_FOR: Duration = Duration::from_secs(300);
/// Maximum size of a list of objects, in bytes: it has a thousand at most.
const MOST_LIST: u64 = 8 << 20;

/// A bucket, cheap to clone.
#[derive(Clone)]
pub struct Bucket(Arc<Inner>);

struct Inner {
    bucket: rusty_s3::Bucket,
    keys: Credentials,
    /// What comes before `ab/ab12…`: empty, or ending with a slash.
    prefix: String,
    client: Transfer,
}

/// A store that does not answer, or refuses what the registry asks for.
#[derive(Debug, thiserror::Error)]
#[error("the store {store} {reason}")]
pub struct Away {
    store: String,
    reason: String,
}

/// Returns the error of a request for which a store failed: of one that is not reached as such.
pub fn unavailable(error: io::Error) -> ApiError {
    match is_away(&error) {
        true => ApiError::out_of_order(Outage::FilesUnreachable).because(error),
        false => ApiError::unavailable(error),
    }
}

/// Returns true if an error is that of a store that is not reached.
pub fn is_away(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(error) if error.is::<Away>())
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { bucket, prefix, .. } = &*self.0;
        let endpoint = bucket.base_url().origin().ascii_serialization();
        write!(f, "s3://{}/{prefix} at {endpoint}", bucket.name())
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({self})")
    }
}

/// What a request is about.
#[derive(Default)]
struct Ask<'a> {
    /// Headers, which are signed as well.
    headers: Vec<(&'static str, String)>,
    file: Option<&'a File>,
    is_short: bool,
}

impl Bucket {
    pub(super) fn new(bucket: rusty_s3::Bucket, keys: Credentials, prefix: String) -> Self {
        Self(Arc::new(Inner {
            bucket,
            keys,
            prefix,
            client: Transfer::default(),
        }))
    }

    fn key(&self, digest: &Digest) -> String {
        let digest = digest.as_str();
        format!("{}{}/{digest}", self.0.prefix, &digest[..2])
    }

    fn away(&self, reason: impl fmt::Display) -> io::Error {
        io::Error::other(Away {
            store: self.to_string(),
            reason: reason.to_string(),
        })
    }

    /// Sends a request, and returns the answer with any status.
    fn ask<'a, A: S3Action<'a>>(&self, mut action: A, ask: &Ask<'_>) -> io::Result<Reply> {
        for (name, value) in &ask.headers {
            action.headers_mut().insert(*name, value.clone());
        }
        let method = Method::from_bytes(A::METHOD.to_str().as_bytes()).map_err(io::Error::other)?;
        let url = action.sign(SIGNED_FOR);
        let exchange = Exchange {
            method,
            url: url.as_str(),
            headers: &ask.headers,
            file: ask.file,
            patience: if ask.is_short { SHORT } else { PATIENCE },
            is_short: ask.is_short,
        };
        let answer = self.0.client.send(&exchange);
        answer.map_err(|failure| self.away(format_args!("cannot be reached ({failure:?})")))
    }

    /// Returns the error of an answer that is not the expected one, with the store's own code for it.
    fn refusal(&self, answer: Reply) -> io::Error {
        let status = answer.status();
        let mut text = String::new();
        // What cannot be read says nothing more.
        let _ = answer.into_reader().take(4096).read_to_string(&mut text);
        let code = text.split_once("<Code>").and_then(|(_, rest)| {
            let (code, _) = rest.split_once("</Code>")?;
            let is_code = code.bytes().all(|b| b.is_ascii_alphanumeric());
            is_code.then_some(code)
        });
        match code {
            Some(code) => self.away(format_args!("answers {status} ({code})")),
            None => self.away(format_args!("answers {status}")),
        }
    }

    /// Puts a file into the bucket, in place of a damaged one. Returns false if the bucket had it.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or the store does not take it.
    pub fn put(&self, digest: &Digest, file: &File) -> io::Result<bool> {
        if self.has(digest)? {
            match self.check(digest) {
                Ok(()) => return Ok(false),
                Err(Damage::Unreadable(error)) => return Err(error),
                Err(Damage::Gone | Damage::Changed(_) | Damage::Longer) => {}
            }
            return self.send(digest, file, false);
        }
        self.send(digest, file, true)
    }

    /// Sends a file. With `only_new`, an object that came meanwhile stays: it has the same content. Returns
    /// false in that case.
    fn send(&self, digest: &Digest, file: &File, mut only_new: bool) -> io::Result<bool> {
        let (mut has_sum, mut is_repeated) = (true, false);
        loop {
            let answer = self.send_once(digest, file, only_new, has_sum)?;
            match answer.status() {
                200 | 201 if has_sum => return Ok(true),
                200 | 201 => return self.compared(digest),
                412 if only_new => return Ok(false),
                // The same file is being sent by another request.
                409 if only_new && !is_repeated => {
                    is_repeated = true;
                    if self.has(digest)? {
                        return Ok(false);
                    }
                }
                // A store without conditions: what it replaces is the same.
                501 if only_new => only_new = false,
                // A store that compares nothing itself.
                501 if has_sum => has_sum = false,
                _ => return Err(self.refusal(answer)),
            }
        }
    }

    fn send_once(
        &self,
        digest: &Digest,
        mut file: &File,
        only_new: bool,
        has_sum: bool,
    ) -> io::Result<Reply> {
        file.rewind()?;
        let mut headers = Vec::new();
        if has_sum {
            let sum = HEXLOWER.decode(digest.as_str().as_bytes());
            let sum = BASE64.encode(&sum.map_err(io::Error::other)?);
            // The store compares what it receives.
            headers.push(("x-amz-checksum-sha256", sum));
        }
        if only_new {
            headers.push(("if-none-match", "*".to_owned()));
        }
        let key = self.key(digest);
        let action = self.0.bucket.put_object(Some(&self.0.keys), &key);
        let ask = Ask {
            headers,
            file: Some(file),
            is_short: false,
        };
        self.ask(action, &ask)
    }

    /// Compares a file that the store took without its SHA-256.
    fn compared(&self, digest: &Digest) -> io::Result<bool> {
        match self.check(digest) {
            Ok(()) => Ok(true),
            Err(Damage::Unreadable(error)) => Err(error),
            Err(damage) => Err(self.away(format_args!("has a file that {damage}"))),
        }
    }

    /// Returns true if there is an object for a file.
    ///
    /// # Errors
    /// Fails if the store does not answer.
    pub fn has(&self, digest: &Digest) -> io::Result<bool> {
        let key = self.key(digest);
        let action = self.0.bucket.head_object(Some(&self.0.keys), &key);
        let answer = self.ask(action, &Ask::short())?;
        match answer.status() {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(self.refusal(answer)),
        }
    }

    /// Reads a file of `bytes` bytes, without its name, and compares it with its digest.
    ///
    /// # Errors
    /// Fails if it is gone, was changed, or cannot be read.
    pub fn open(&self, digest: &Digest, bytes: u64) -> Result<File, Damage> {
        let (mut file, reading) = create_nameless()?;
        let mut body = self.get(digest)?.take(bytes + 1);
        let found = hashed(&mut body, &mut file)?;
        match () {
            () if found == *digest => Ok(reading),
            // All that was allowed is read.
            () if body.limit() == 0 => Err(Damage::Longer),
            () => Err(Damage::Changed(found)),
        }
    }

    /// Compares a file with its digest.
    ///
    /// # Errors
    /// Fails like [`Self::open`].
    pub fn check(&self, digest: &Digest) -> Result<(), Damage> {
        let found = hashed(&mut self.get(digest)?, &mut io::sink())?;
        match found == *digest {
            true => Ok(()),
            false => Err(Damage::Changed(found)),
        }
    }

    fn get(&self, digest: &Digest) -> Result<impl Read, Damage> {
        let key = self.key(digest);
        let action = self.0.bucket.get_object(Some(&self.0.keys), &key);
        let answer = self.ask(action, &Ask::default())?;
        match answer.status() {
            200 => Ok(Received(self, answer.into_reader())),
            _ => Err(self.missing(answer)),
        }
    }

    /// Returns what is wrong with a file that the store does not send.
    fn missing(&self, answer: Reply) -> Damage {
        let status = answer.status();
        let refusal = self.refusal(answer);
        // A bucket that is not there has lost no file.
        match status == 404 && !refusal.to_string().contains("NoSuchBucket") {
            true => Damage::Gone,
            false => Damage::Unreadable(refusal),
        }
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Fails if the store does not remove it.
    pub fn remove(&self, digest: &Digest) -> io::Result<()> {
        let key = self.key(digest);
        let action = self.0.bucket.delete_object(Some(&self.0.keys), &key);
        let answer = self.ask(action, &Ask::short())?;
        match answer.status() {
            200 | 204 | 404 => Ok(()),
            _ => Err(self.refusal(answer)),
        }
    }

    /// Returns everything under the prefix.
    ///
    /// # Errors
    /// Fails if the store does not list it.
    pub fn found(&self) -> io::Result<Vec<Found>> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut action = self.0.bucket.list_objects_v2(Some(&self.0.keys));
            action.with_prefix(self.0.prefix.as_str());
            if let Some(token) = token.take() {
                action.with_continuation_token(token);
            }
            let listed = self.list(action, &Ask::default())?;
            let listed = ListObjectsV2::parse_response(&listed)
                .map_err(|error| self.away(format_args!("sends no list of objects: {error}")))?;
            for object in &listed.contents {
                let modified = object.last_modified.as_deref().unwrap_or_default();
                all.push(self.found_at(&object.key, modified)?);
            }
            token = listed.next_continuation_token;
            if token.is_none() {
                return Ok(all);
            }
        }
    }

    fn list(&self, action: ListObjectsV2<'_>, ask: &Ask<'_>) -> io::Result<String> {
        let answer = self.ask(action, ask)?;
        if answer.status() != 200 {
            return Err(self.refusal(answer));
        }
        let mut text = String::new();
        let body = Received(self, answer.into_reader());
        body.take(MOST_LIST).read_to_string(&mut text)?;
        Ok(text)
    }

    fn found_at(&self, key: &str, modified: &str) -> io::Result<Found> {
        let digest = key.strip_prefix(&self.0.prefix);
        let digest = digest.and_then(|rest| rest.split_once('/'));
        let digest = digest.and_then(|(_, name)| name.parse::<Digest>().ok());
        let what = match digest.filter(|digest| self.key(digest) == key) {
            Some(digest) => Content::File(digest),
            None => Content::Foreign,
        };
        let modified = DateTime::parse_from_rfc3339(modified)
            .map_err(|_| self.away(format_args!("does not say when {key} was written")))?;
        Ok(Found {
            name: format!("s3://{}/{key}", self.0.bucket.name()),
            what,
            modified: SystemTime::from(modified),
        })
    }

    /// Asks for one name, which takes a bucket that is there and keys that are valid.
    ///
    /// # Errors
    /// Fails if the store does not answer in a short time, or refuses.
    pub fn probe(&self) -> io::Result<()> {
        let mut action = self.0.bucket.list_objects_v2(Some(&self.0.keys));
        action.with_prefix(self.0.prefix.as_str());
        action.with_max_keys(1);
        self.list(action, &Ask::short()).map(drop)
    }
}

impl Ask<'_> {
    fn short() -> Self {
        Self {
            is_short: true,
            ..Self::default()
        }
    }
}

/// A body whose errors are those of its store.
struct Received<'a, R>(&'a Bucket, R);

impl<R: Read> Read for Received<'_, R> {
    fn read(&mut self, part: &mut [u8]) -> io::Result<usize> {
        let read = self.1.read(part);
        read.map_err(|error| self.0.away(format_args!("breaks off: {error}")))
    }
}
