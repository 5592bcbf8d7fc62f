//! A connection whose work is given up when the database falls silent.
//!
//! A network that stops forwarding never returns from libpq's calls. On PostgreSQL, the work
//! therefore runs on a thread of the connection's own: the thread that waits for it looks at the
//! [`Health`] of the database meanwhile, and leaves the other one behind if nothing answers. What
//! was left behind commits nothing any more, and ends when the network returns or closes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::connection::PooledConnection;
use super::health::Health;
use super::opener::Opener;
use super::threads::STACK;
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

type Work = Box<dyn FnOnce(&mut PooledConnection) + Send>;

/// How often a thread that waits looks at the health of the database.
const LOOK: Duration = Duration::from_millis(250);

/// A connection that is opened on demand.
pub(super) struct Guarded {
    opener: Opener,
    health: Health,
    place: Place,
}

/// Where the work on the connection runs.
enum Place {
    /// On the thread that waits for it: a file answers or fails.
    Here(PooledConnection),
    /// On a thread of its own, started on demand.
    Apart(Option<SyncSender<Work>>),
}

impl Guarded {
    pub(super) fn new(opener: &Opener, health: &Health) -> Self {
        Self {
            opener: opener.clone(),
            health: health.clone(),
            place: if opener.may_fall_silent() {
                Place::Apart(None)
            } else {
                Place::Here(PooledConnection::new(opener))
            },
        }
    }

    /// Runs `work` on the connection.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` (`no_answer`) if the database is silent.
    pub(super) fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut PooledConnection) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        match &mut self.place {
            Place::Here(conn) => work(conn),
            Place::Apart(thread) => {
                self.health.refuse_if_silent()?;
                let jobs = match thread.take() {
                    Some(jobs) => jobs,
                    None => start(&self.opener, &self.health)?,
                };
                let (result, answers) = run_apart(&jobs, &self.health, work);
                *thread = answers.then_some(jobs);
                result
            }
        }
    }
}

/// Runs `work` on the thread behind `jobs`. Returns the result, and whether the thread can go on.
fn run_apart<T: Send + 'static>(
    jobs: &SyncSender<Work>,
    health: &Health,
    work: impl FnOnce(&mut PooledConnection) -> Result<T, ApiError> + Send + 'static,
) -> (Result<T, ApiError>, bool) {
    let given_up = Arc::new(AtomicBool::new(false));
    let (reply, answer) = sync_channel(1);
    let job: Work = Box::new({
        let given_up = given_up.clone();
        move |conn| {
            conn.given_up = given_up;
            let _ = reply.send(work(conn));
        }
    });
    let panicked = || {
        (
            Err(ApiError::internal("the connection's thread ended")),
            false,
        )
    };
    if jobs.send(job).is_err() {
        return panicked();
    }
    let begun = Instant::now();
    loop {
        match answer.recv_timeout(LOOK) {
            Ok(result) => return (result, true),
            Err(RecvTimeoutError::Disconnected) => return panicked(),
            Err(RecvTimeoutError::Timeout) if health.gives_up(begun) => {
                given_up.store(true, Ordering::Release);
                // It may have answered this very moment.
                return match answer.try_recv() {
                    Ok(result) => (result, true),
                    Err(_) => (Err(ApiError::out_of_order(Outage::NoAnswer)), false),
                };
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Starts the thread of a connection, which ends when its sender is dropped.
fn start(opener: &Opener, health: &Health) -> Result<SyncSender<Work>, ApiError> {
    let (jobs, queue) = sync_channel::<Work>(1);
    let mut conn = PooledConnection::new(opener);
    let counted = health.count_thread()?;
    std::thread::Builder::new()
        .name("connection".into())
        .stack_size(STACK)
        .spawn(move || {
            let _counted = counted;
            for job in queue {
                job(&mut conn);
            }
        })
        .map_err(ApiError::unavailable)?;
    Ok(jobs)
}
