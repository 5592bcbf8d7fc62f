//! The current public keys of the issuer: read from a JWKS file, or fetched regularly from a URL.
//!
//! A token with an unknown key waits for one fetch that starts after it came, so the first one after
//! the issuer changed its keys is not refused.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use actix_web::rt::time::sleep;
use actix_web::web;
use anyhow::Context;
use tokio::sync::Mutex as Turn;

use super::jwks::{Key, key_set};
use super::trusted;
use crate::kernel::error::{ApiError, Code};
use crate::outbound::OperatorClient;

/// Minimum interval between fetches for unknown key ids. Callers who send arbitrary ids must not
/// keep the issuer busy.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Number of seconds after which a caller should try again while the issuer is out of reach.
const RETRY_AFTER: u64 = 10;
/// Interval at which a URL is fetched anyway. It limits how long a withdrawn key stays valid.
const ASKED_EVERY: Duration = Duration::from_secs(300);

/// The keys as last read.
pub struct Keys {
    source: Source,
    state: Arc<Mutex<State>>,
}

enum Source {
    File(PathBuf),
    Url {
        asker: Arc<Asker>,
        /// Held while an unknown key is looked for.
        turn: Turn<()>,
        /// Ends the thread that fetches the URL regularly.
        _running: Sender<()>,
    },
}

#[derive(Default)]
struct State {
    keys: Vec<Arc<Key>>,
    stamp: Option<Stamp>,
    /// When the URL was last fetched for an unknown key.
    asked: Option<Instant>,
    /// Whether the last fetch of the URL failed.
    failed: bool,
}

/// Modification time and size of a file, to detect changes.
type Stamp = (SystemTime, u64);

impl Keys {
    /// # Errors
    /// Fails if a file cannot be read or holds no usable key, or if a URL cannot be
    /// trusted for keys. An issuer that does not answer yet is no error: it is asked again.
    pub fn open(place: &str) -> anyhow::Result<Self> {
        if place.contains("://") {
            return Self::of_url(place);
        }
        let path = Path::new(place);
        // Take the stamp first: a change in between causes another read instead of being missed.
        let stamp = stamp(path);
        let state = State {
            keys: of_file(path)?,
            stamp,
            ..State::default()
        };
        Ok(Self {
            source: Source::File(path.to_owned()),
            state: Arc::new(Mutex::new(state)),
        })
    }

    fn of_url(text: &str) -> anyhow::Result<Self> {
        // A man in the middle could replace the keys of the issuer.
        let url = trusted(text).context("expected a file or an https URL")?;
        let state = Arc::new(Mutex::new(State::default()));
        let asker = Arc::new(Asker {
            trusted: OperatorClient::default(),
            url: url.into(),
            state: state.clone(),
        });
        asker.ask();
        let (running, stopped) = channel();
        let regular = asker.clone();
        std::thread::Builder::new()
            .name("jwks".into())
            .spawn(move || regular.ask_until_dropped(&stopped))?;
        let source = Source::Url {
            asker,
            turn: Turn::default(),
            _running: running,
        };
        Ok(Self { source, state })
    }

    /// Returns the key with an id; without an id, the only key of the set. A key that is unknown at
    /// a URL is looked for there first.
    ///
    /// # Errors
    /// Fails with `unavailable` if the key is unknown and the issuer is out of reach.
    pub async fn of(&self, id: Option<&str>) -> Result<Option<Arc<Key>>, ApiError> {
        match &self.source {
            Source::File(path) => Ok(self.of_file(path, id)),
            Source::Url { asker, turn, .. } => {
                let found = held(&self.state).find(id);
                match found {
                    Some(key) => Ok(Some(key)),
                    None => self.fetched(asker, turn, id).await,
                }
            }
        }
    }

    fn of_file(&self, path: &Path, id: Option<&str>) -> Option<Arc<Key>> {
        let mut state = held(&self.state);
        let now = stamp(path);
        let found = state.find(id);
        // Some file systems only store rough modification times.
        let is_rough = found.is_none() && state.asked.is_none_or(|at| at.elapsed() >= AGAIN_AFTER);
        if (now.is_some() && now != state.stamp) || is_rough {
            state.stamp = now;
            state.asked = Some(Instant::now());
            state.take(&path.display(), of_file(path));
            return state.find(id);
        }
        found
    }

    /// Waits for a fetch that starts after this call, and returns the key then. All who wait share
    /// one fetch.
    async fn fetched(
        &self,
        asker: &Arc<Asker>,
        turn: &Turn<()>,
        id: Option<&str>,
    ) -> Result<Option<Arc<Key>>, ApiError> {
        let came = Instant::now();
        let _turn = turn.lock().await;
        let last = held(&self.state).asked;
        if last.is_none_or(|asked| asked < came) {
            if let Some(rest) = last.and_then(|asked| AGAIN_AFTER.checked_sub(asked.elapsed())) {
                sleep(rest).await;
            }
            held(&self.state).asked = Some(Instant::now());
            let asker = asker.clone();
            #[expect(clippy::disallowed_methods, reason = "the database has no part in it")]
            let asked = web::block(move || asker.ask()).await;
            asked.map_err(ApiError::unavailable)?;
        }
        let state = held(&self.state);
        match state.find(id) {
            None if state.failed => Err(out_of_reach()),
            found => Ok(found),
        }
    }
}

/// Returns the error for a token that cannot be checked now.
fn out_of_reach() -> ApiError {
    ApiError::with(
        Code::Unavailable,
        "통합 로그인 서버의 공개 키를 지금은 가져올 수 없습니다. 잠시 뒤에 다시 시도하십시오.",
        "The keys of the single sign-on cannot be fetched now. Try again in a moment.",
    )
    .retry_after(RETRY_AFTER)
}

fn held(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// On failure keeps the previous keys, since a file may be half written.
    fn take(&mut self, place: &dyn std::fmt::Display, read: anyhow::Result<Vec<Arc<Key>>>) {
        self.failed = read.is_err();
        match read {
            Ok(keys) => self.keys = keys,
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(%place, error, "the keys of the single sign-on were not read");
            }
        }
    }

    fn find(&self, id: Option<&str>) -> Option<Arc<Key>> {
        let found = match (id, self.keys.as_slice()) {
            (Some(id), keys) => keys.iter().find(|key| key.id.as_deref() == Some(id)),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        found.cloned()
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn of_file(path: &Path) -> anyhow::Result<Vec<Arc<Key>>> {
    key_set(&std::fs::read_to_string(path)?)
}

/// Fetches the keys from a URL, off the async workers.
struct Asker {
    trusted: OperatorClient,
    url: String,
    state: Arc<Mutex<State>>,
}

impl Asker {
    fn ask(&self) {
        let read = self.trusted.get(&self.url).and_then(|text| key_set(&text));
        held(&self.state).take(&self.url, read);
    }

    fn ask_until_dropped(&self, stopped: &Receiver<()>) {
        while stopped.recv_timeout(ASKED_EVERY) == Err(RecvTimeoutError::Timeout) {
            self.ask();
        }
    }
}
