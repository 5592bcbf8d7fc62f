//! The current public keys of the issuer: read from a JWKS file, or fetched regularly from a URL.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::bail;
use url::{Host, Url};

use super::jwks::{Key, key_set};
use crate::outbound::OperatorClient;

/// Minimum interval between reloads for unknown key ids. Callers who send arbitrary ids must not
/// keep the server reloading.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Interval at which a URL is fetched anyway. It limits how long a withdrawn key stays valid.
const ASKED_EVERY: Duration = Duration::from_secs(300);

/// The keys as last read.
pub struct Keys {
    source: Source,
    state: Arc<Mutex<State>>,
}

enum Source {
    File(PathBuf),
    /// Wakes the thread that fetches the URL, for an unknown key.
    Url(SyncSender<()>),
}

#[derive(Default)]
struct State {
    keys: Vec<Arc<Key>>,
    stamp: Option<Stamp>,
    read_for_unknown: Option<Instant>,
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
            read_for_unknown: None,
        };
        Ok(Self {
            source: Source::File(path.to_owned()),
            state: Arc::new(Mutex::new(state)),
        })
    }

    fn of_url(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text)?;
        // A man in the middle could replace the keys of the issuer.
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            bail!("expected a file or an https URL");
        }
        let state = Arc::new(Mutex::new(State::default()));
        let (wake, woken) = sync_channel(1);
        let asker = Asker {
            trusted: OperatorClient::default(),
            url: url.into(),
            state: state.clone(),
        };
        asker.ask();
        std::thread::Builder::new()
            .name("jwks".into())
            .spawn(move || asker.ask_until_dropped(&woken))?;
        let source = Source::Url(wake);
        Ok(Self { source, state })
    }

    /// Returns the key with an id; without an id, the only key of the set. A key that is new at a
    /// URL is known shortly after it is first requested.
    pub fn of(&self, id: Option<&str>) -> Option<Arc<Key>> {
        let mut state = held(&self.state);
        if let Source::File(path) = &self.source {
            let now = stamp(path);
            if now.is_some() && now != state.stamp {
                state.stamp = now;
                state.take(&path.display(), of_file(path));
            }
        }
        let found = state.find(id);
        let lately = state
            .read_for_unknown
            .is_some_and(|at| at.elapsed() < AGAIN_AFTER);
        if found.is_some() || lately {
            return found;
        }
        state.read_for_unknown = Some(Instant::now());
        match &self.source {
            // Some file systems only store rough modification times.
            Source::File(path) => state.take(&path.display(), of_file(path)),
            // If the channel is full, the thread is already awake.
            Source::Url(wake) => drop(wake.try_send(())),
        }
        state.find(id)
    }
}

fn held(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// On failure keeps the previous keys, since a file may be half written.
    fn take(&mut self, place: &dyn std::fmt::Display, read: anyhow::Result<Vec<Arc<Key>>>) {
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

    fn ask_until_dropped(&self, woken: &Receiver<()>) {
        while woken.recv_timeout(ASKED_EVERY) != Err(RecvTimeoutError::Disconnected) {
            self.ask();
        }
    }
}
