//! Whether the store of the files can be reached, for whoever watches the server.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::Store;
use super::bucket::Bucket;

/// Time for which an answer holds: however often it is asked for, the store is not asked.
const FRESH: Duration = Duration::from_secs(5);

/// What is known of the store, shared by all threads.
#[derive(Clone, Debug, Default)]
pub struct Probe(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    is_away: bool,
    /// When the store was asked, which has ended after [`FRESH`]: an answer takes 3 seconds at most.
    asked: Option<Instant>,
}

impl Probe {
    /// Returns true unless the store did not answer when it was asked last; a folder always does. Never
    /// waits: the store is asked again for those who come later.
    pub fn reaches(&self, store: &Store) -> bool {
        let Store::Bucket(bucket) = store else {
            return true;
        };
        let mut known = self.known();
        if known.asked.is_none_or(|at| at.elapsed() >= FRESH) {
            known.asked = Some(Instant::now());
            self.ask(bucket.clone());
        }
        !known.is_away
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, bucket: Bucket) {
        let probe = self.clone();
        let asking = move || {
            let answered = bucket.probe();
            if let Err(error) = &answered {
                tracing::warn!(%error, "the store of the files cannot be reached");
            }
            probe.known().is_away = answered.is_err();
        };
        let thread = std::thread::Builder::new().name("files".into());
        if let Err(error) = thread.spawn(asking) {
            tracing::warn!(%error, "the store of the files is not asked");
        }
    }
}

/// Runs work that blocks on a thread of its own, off the async workers.
///
/// # Errors
/// Fails if no thread can be started, or with the error of `work`.
pub(super) async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let (reply, answer) = oneshot::channel();
    std::thread::Builder::new()
        .name("files".into())
        .spawn(move || {
            // The receiver may be gone.
            let _ = reply.send(work());
        })?;
    answer.await.map_err(io::Error::other)?
}
