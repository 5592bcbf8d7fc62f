//! The end of the database threads. A clean stop waits until each thread has closed its
//! connection, since SQLite merges its write-ahead log into the file when the last one closes.

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// Stack of a thread of the database, in bytes: a change with all that follows from it goes deep, and
/// a build without optimization has large frames. Only what is used takes memory.
pub(super) const STACK: usize = 16 << 20;

/// A channel on which nothing is sent. It is disconnected when its senders are dropped.
type Signal = (Option<Sender<Infallible>>, Receiver<Infallible>);

/// All threads of a database. They end when this is dropped.
pub(super) struct Threads {
    /// Disconnected to end the threads.
    running: Mutex<Signal>,
    /// Disconnected when the last thread has ended.
    alive: Mutex<Signal>,
    /// Called to end threads that wait for something else.
    pools: Mutex<Vec<Box<dyn Fn() + Send>>>,
}

/// What a thread holds until it ends.
pub(super) struct Thread {
    stop: Receiver<Infallible>,
    _alive: Option<Sender<Infallible>>,
}

impl Threads {
    pub(super) fn new() -> Self {
        let signal = || {
            let (sender, receiver) = bounded(0);
            Mutex::new((Some(sender), receiver))
        };
        Self {
            running: signal(),
            alive: signal(),
            pools: Mutex::default(),
        }
    }

    /// Has `end` called when the threads must end.
    pub(super) fn on_end(&self, end: impl Fn() + Send + 'static) {
        let pools = self.pools.lock();
        pools
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(end));
    }

    /// Returns the handle of a further thread.
    pub(super) fn thread(&self) -> Thread {
        let lock = |signal: &Mutex<Signal>| {
            let held = signal.lock().unwrap_or_else(PoisonError::into_inner);
            (held.0.clone(), held.1.clone())
        };
        Thread {
            stop: lock(&self.running).1,
            _alive: lock(&self.alive).0,
        }
    }

    /// Ends the threads after the work that is queued. Returns false if they take longer than
    /// `patience`.
    pub(super) fn end(&self, patience: Duration) -> bool {
        let close = |signal: &Mutex<Signal>| {
            let mut held = signal.lock().unwrap_or_else(PoisonError::into_inner);
            held.0 = None;
            held.1.clone()
        };
        close(&self.running);
        let pools = self.pools.lock();
        for end in pools.unwrap_or_else(PoisonError::into_inner).iter() {
            end();
        }
        let ended = close(&self.alive).recv_timeout(patience);
        matches!(ended, Err(RecvTimeoutError::Disconnected))
    }
}

impl Thread {
    /// Waits for the next work item. Returns `None` once the thread must end and nothing is queued.
    pub(super) fn next<T>(&self, queue: &Receiver<T>) -> Option<T> {
        crossbeam_channel::select! {
            recv(queue) -> work => work.ok(),
            recv(self.stop) -> _ => queue.try_recv().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_work_is_done_before_the_threads_end() {
        let threads = Threads::new();
        let (sender, queue) = bounded(10);
        let thread = threads.thread();
        for n in 0..10 {
            sender.send(n).unwrap();
        }
        let worker = std::thread::Builder::new();
        let worker = worker.spawn(move || std::iter::from_fn(|| thread.next(&queue)).sum::<i32>());
        assert!(threads.end(Duration::from_secs(10)));
        assert_eq!(worker.unwrap().join().unwrap(), 45);
        assert!(threads.end(Duration::ZERO), "it may be told twice");
    }
}
