//! What tells streams that the log has grown.
//!
//! A write in this process wakes them at once. Others write too, on PostgreSQL and on the command
//! line, so where the log ends is also looked up every second: once for all streams together, and
//! not at all while there are none.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::rt::time::{sleep, timeout};
use tokio::sync::{Semaphore, watch};

use super::chain::head;
use crate::db::Db;

/// How long streams wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often a stream on which nothing happens shows that it is alive, and looks whether it may
    /// still be.
    pub heartbeat: Duration,
    /// How often the end of the log is looked up.
    pub poll: Duration,
    /// How long a client may leave unread what it was sent.
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

/// Under heavy writing the end of the log is looked up once in this time, not once a write.
const PAUSE: Duration = Duration::from_millis(20);
/// How many streams read at once, so that a change which wakes hundreds does not keep all
/// connections from the other requests.
const READERS: usize = 2;

/// What streams are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Where the log ends.
    Head(i64),
    /// The server stops.
    Stop,
}

/// The handle to it, cheap to clone.
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

    /// Whose turn it is to read.
    pub(super) fn readers(&self) -> &Semaphore {
        &self.0.readers
    }

    /// Ends every stream, now and from now on.
    pub fn stop(&self) {
        self.0.told.send_replace(Told::Stop);
    }

    /// Says from now on where the log ends.
    pub(super) fn follow(&self) -> watch::Receiver<Told> {
        // Counted as a listener before it is asked whether there is a poller: see `poll`.
        let listener = self.0.told.subscribe();
        self.keep_polling();
        listener
    }

    /// Starts the poller where there is none, also after the worker it ran on broke down.
    pub(super) fn keep_polling(&self) {
        if !self.0.polled.swap(true, Ordering::SeqCst) {
            actix_web::rt::spawn(poll(self.0.clone()));
        }
    }
}

/// Lets another poller start when this one ends, however it does.
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
            Err(error) => tracing::warn!(%error, "where the log ends could not be looked up"),
        }
        sleep(PAUSE).await;
        // Either a write of this process, or the time in which another may have written.
        let _ = timeout(inner.pace.poll, written.changed()).await;
        if inner.told.receiver_count() == 0 {
            inner.polled.store(false, Ordering::SeqCst);
            // Who came meanwhile saw that there was a poller, or has started another.
            let alone = inner.told.receiver_count() == 0;
            if alone || inner.polled.swap(true, Ordering::SeqCst) {
                polling.over = true;
                return;
            }
        }
    }
}
