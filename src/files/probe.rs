//! Whether the store of the files can be reached, for whoever watches the server.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, oneshot};

use super::Store;

/// Time for which an answer holds: however often it is asked, the store is not.
const FRESH: Duration = Duration::from_secs(5);

/// The last answer, shared by all threads.
#[derive(Clone, Debug, Default)]
pub struct Probe(Arc<Mutex<Option<(Instant, bool)>>>);

impl Probe {
    /// Returns true if a store answers within a short time; a folder always does.
    pub async fn reaches(&self, store: &Store) -> bool {
        let Store::Bucket(bucket) = store else {
            return true;
        };
        let mut last = self.0.lock().await;
        if let Some((at, answers)) = *last
            && at.elapsed() < FRESH
        {
            return answers;
        }
        let asked = bucket.clone();
        let answered = on_a_thread(move || asked.probe()).await;
        if let Err(error) = &answered {
            tracing::warn!(%error, "the store of the files cannot be reached");
        }
        *last = Some((Instant::now(), answered.is_ok()));
        answered.is_ok()
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
