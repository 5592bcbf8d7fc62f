//! Notifies streams that the log has grown.
//!
//! A write in this process wakes them at once. Other processes write too, on PostgreSQL and on the
//! command line, so the end of the log is also polled every second: once for all streams together,
//! and not while there are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::rt::time::{sleep, timeout};
use tokio::sync::{Semaphore, watch};

use super::chain::head;
use crate::db::Db;
use crate::kernel::error::chain;

/// Intervals and time limits of streams.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Interval at which an idle stream sends a sign of life and checks that its token is still
    /// valid.
    pub heartbeat: Duration,
    /// Interval at which the end of the log is polled.
    pub poll: Duration,
    /// How long a client may leave sent data unread.
    pub patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            patience: Duration::from_secs(30),
        }
    }
}

/// Minimum interval between two polls, so that heavy writing does not cause one poll per write.
const PAUSE: Duration = Duration::from_millis(20);
/// Number of streams that read at once. A change that wakes hundreds of streams must not take all
/// connections from other requests.
const READERS: usize = 2;

/// A notification to the streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Number of the last entry of the log.
    Head(i64),
    /// The server stops.
    Stop,
}

/// A handle to the notifications, cheap to clone.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    db: Db,
    pace: Pace,
    told: watch::Sender<Told>,
    polled: AtomicBool,
    readers: Semaphore,
}

impl Feed {
    pub fn new(db: &Db, pace: Pace) -> Self {
        Self(Arc::new(Inner {
            db: db.clone(),
            pace,
            told: watch::Sender::new(Told::Head(0)),
            polled: AtomicBool::new(false),
            readers: Semaphore::new(READERS),
        }))
    }

    pub fn pace(&self) -> Pace {
        self.0.pace
    }

    /// Returns the semaphore that limits concurrent reads.
    pub fn readers(&self) -> &Semaphore {
        &self.0.readers
    }

    /// Ends every stream, now and in the future.
    pub fn stop(&self) {
        self.0.told.send_replace(Told::Stop);
    }

    /// Subscribes to the notifications.
    pub fn follow(&self) -> watch::Receiver<Told> {
        // Subscribe before checking for a poller: see `poll`.
        let listener = self.0.told.subscribe();
        self.keep_polling();
        listener
    }

    /// Starts the poller if none runs, also after the worker that it ran on broke down.
    pub fn keep_polling(&self) {
        if !self.0.polled.swap(true, Ordering::SeqCst) {
            actix_web::rt::spawn(poll(self.0.clone()));
        }
    }
}

/// Allows another poller to start when this one ends, for whatever reason.
struct Polling {
    inner: Arc<Inner>,
    over: bool,
}

impl Drop for Polling {
    fn drop(&mut self) {
        if !self.over {
            self.inner.polled.store(false, Ordering::SeqCst);
        }
    }
}

async fn poll(inner: Arc<Inner>) {
    let mut polling = Polling {
        inner: inner.clone(),
        over: false,
    };
    let mut written = inner.db.written();
    loop {
        match inner.db.read(head).await {
            Ok((seq, _)) => {
                inner.told.send_if_modified(|told| {
                    let new = !matches!(*told, Told::Stop) && *told != Told::Head(seq);
                    if new {
                        *told = Told::Head(seq);
                    }
                    new
                });
            }
            Err(error) => tracing::warn!(
                error = chain(&error),
                "where the log ends could not be looked up"
            ),
        }
        sleep(PAUSE).await;
        // Wait for a write in this process, or for long enough that another one may have written.
        let _ = timeout(inner.pace.poll, written.changed()).await;
        if inner.told.receiver_count() == 0 {
            inner.polled.store(false, Ordering::SeqCst);
            // A subscriber that came meanwhile either saw this poller or started another.
            let alone = inner.told.receiver_count() == 0;
            if alone || inner.polled.swap(true, Ordering::SeqCst) {
                polling.over = true;
                return;
            }
        }
    }
}
