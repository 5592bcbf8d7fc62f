//! The issuer's public keys, as its JWKS says them now: a file, or a URL that is asked now and then.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use url::{Host, Url};

use super::jwks::{Key, key_set};
use crate::outbound::Trusted;

/// How soon the keys are read again for one that they did not hold: whoever names keys that do not
/// exist must not keep the server reading.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How often a URL is asked anyway: a key that the issuer has taken back opens nothing for longer.
const ASKED_EVERY: Duration = Duration::from_secs(300);

/// The keys as they were read last.
pub struct Keys {
    source: Source,
    state: Arc<Mutex<State>>,
}

enum Source {
    File(PathBuf),
    /// Who asks the URL, woken for a key that is not known.
    Url(SyncSender<()>),
}

#[derive(Default)]
struct State {
    keys: Vec<Arc<Key>>,
    stamp: Option<Stamp>,
    read_for_unknown: Option<Instant>,
}

/// What tells that a file was changed.
type Stamp = (SystemTime, u64);

impl Keys {
    /// # Errors
    /// In words, when a file cannot be read or holds no key that can be used, or when a URL is none
    /// that keys can be trusted from. An issuer that does not answer yet is none: it is asked again.
    pub fn open(place: &str) -> Result<Self, String> {
        if place.contains("://") {
            return Self::of_url(place);
        }
        let path = Path::new(place);
        // First the stamp: a change in between is then read once more, and not missed.
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

    fn of_url(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|e| e.to_string())?;
        // Who stands between could put keys of its own in the place of the issuer's.
        let here = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err("expected a file or an https URL".into());
        }
        let state = Arc::new(Mutex::new(State::default()));
        let (wake, woken) = sync_channel(1);
        let asker = Asker {
            trusted: Trusted::default(),
            url: url.into(),
            state: state.clone(),
        };
        asker.ask();
        std::thread::Builder::new()
            .name("jwks".into())
            .spawn(move || asker.ask_until_dropped(&woken))
            .map_err(|e| e.to_string())?;
        let source = Source::Url(wake);
        Ok(Self { source, state })
    }

    /// The key of an id; without one, the only key that there is. One that a URL has new is known a
    /// moment after it is first asked for.
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
            // Some file systems tell the time of a change only roughly.
            Source::File(path) => state.take(&path.display(), of_file(path)),
            // It is awake already where there is no place.
            Source::Url(wake) => drop(wake.try_send(())),
        }
        state.find(id)
    }
}

fn held(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// What cannot be read leaves the keys as they were: a file may be half written.
    fn take(&mut self, place: &dyn std::fmt::Display, read: Result<Vec<Arc<Key>>, String>) {
        match read {
            Ok(keys) => self.keys = keys,
            Err(error) => {
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

fn of_file(path: &Path) -> Result<Vec<Arc<Key>>, String> {
    key_set(&std::fs::read_to_string(path).map_err(|e| e.to_string())?)
}

/// Asks a URL for the keys, off the async workers.
struct Asker {
    trusted: Trusted,
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
