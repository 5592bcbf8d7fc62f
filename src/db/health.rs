//! Watches the database on a connection that nothing else uses.
//!
//! A probe runs on a thread of its own and writes nothing. A probe that returns nothing in time is
//! how the program notices that the database, or the network to it, is silent. While it is, requests
//! are refused at once, and each of them sees to it that the next probe runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use tokio::sync::watch;

use super::opener::Opener;
use super::{AnyConnection, dialect, readiness};
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

/// How long a probe can take before the database counts as silent.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long work runs before a probe is made because of it, and how old the last one must be.
const DOUBT: Duration = Duration::from_secs(1);
/// How long work can run in all. A single statement ends after 30 seconds.
const LONGEST: Duration = Duration::from_secs(45);
/// Probes that can be stuck at the same time.
const MOST_PROBES: usize = 8;
/// Threads of connections, at work or left behind.
const MOST_THREADS: usize = 1_024;
/// Writes that must fail in a row before the database counts as not writable though it seems to be.
const FAILURES: u32 = 3;
/// How long failed writes count.
const REMEMBERED: Duration = Duration::from_secs(10);

/// The state of the database, shared by all its connections.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    opener: Opener,
    conn: Mutex<Option<AnyConnection>>,
    probes: Mutex<Probes>,
    reports: watch::Sender<Report>,
    failed_writes: Mutex<FailedWrites>,
    threads: Arc<()>,
}

#[derive(Default)]
struct Probes {
    /// When the current probe began, if one runs.
    since: Option<Instant>,
    /// Number of probes that run or are stuck.
    running: usize,
    is_silent: bool,
}

struct Report {
    at: Instant,
    outcome: Result<(), ApiError>,
}

#[derive(Default)]
struct FailedWrites {
    in_a_row: u32,
    last: Option<Instant>,
}

/// Counts a thread for as long as it exists.
pub(super) struct CountedThread(#[expect(dead_code, reason = "held to be counted")] Arc<()>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_answer() -> ApiError {
    ApiError::out_of_order(Outage::NoAnswer)
}

impl Health {
    pub(super) fn new(opener: &Opener) -> Self {
        Self(Arc::new(Inner {
            opener: opener.connecting_by(dialect::connect),
            conn: Mutex::default(),
            probes: Mutex::default(),
            reports: watch::Sender::new(Report {
                at: Instant::now(),
                outcome: Ok(()),
            }),
            failed_writes: Mutex::default(),
            threads: Arc::default(),
        }))
    }

    /// Checks that the database can be read and written and has the program's migrations. Waits for
    /// no other request.
    ///
    /// # Errors
    /// `unavailable`, with the outage
    pub async fn check(&self) -> Result<(), ApiError> {
        let asked = Instant::now();
        let mut reports = self.0.reports.subscribe();
        self.probe();
        let report = reports.wait_for(|report| report.at >= asked);
        match timeout(PATIENCE + PATIENCE / 4, report).await {
            Ok(Ok(report)) => report.outcome.clone(),
            _ => Err(no_answer()),
        }
    }

    /// # Errors
    /// `unavailable` (`no_answer`) while the database is silent
    pub(super) fn refuse_if_silent(&self) -> Result<(), ApiError> {
        if self.is_silent() {
            self.probe();
            return Err(no_answer());
        }
        Ok(())
    }

    /// Returns true if work that began at an instant is to be given up. Makes a probe if it has run
    /// for long.
    pub(super) fn gives_up(&self, begun: Instant) -> bool {
        if begun.elapsed() > DOUBT && self.0.reports.borrow().at.elapsed() > DOUBT {
            self.probe();
        }
        self.is_silent() || begun.elapsed() > LONGEST
    }

    /// Counts a thread of a connection.
    ///
    /// # Errors
    /// `unavailable` (`no_answer`) if too many were left behind
    pub(super) fn count_thread(&self) -> Result<CountedThread, ApiError> {
        match Arc::strong_count(&self.0.threads) <= MOST_THREADS {
            true => Ok(CountedThread(self.0.threads.clone())),
            false => Err(no_answer()),
        }
    }

    /// Notes how a write ended.
    pub(super) fn note_write<T>(&self, outcome: &Result<T, ApiError>) {
        match outcome {
            Ok(_) => *lock(&self.0.failed_writes) = FailedWrites::default(),
            // The database gave no reason that is known.
            Err(error) if error.may_pass() && !error.is_collision() => {
                let mut failed = lock(&self.0.failed_writes);
                failed.in_a_row = failed.in_a_row.saturating_add(1);
                failed.last = Some(Instant::now());
            }
            Err(_) => {}
        }
    }

    fn is_silent(&self) -> bool {
        let mut probes = lock(&self.0.probes);
        if probes.since.is_some_and(|since| since.elapsed() > PATIENCE) {
            probes.is_silent = true;
        }
        probes.is_silent
    }

    /// Starts a probe, unless one has just begun. A probe that is stuck is left behind.
    fn probe(&self) {
        let mut probes = lock(&self.0.probes);
        if probes
            .since
            .is_some_and(|since| since.elapsed() <= PATIENCE)
        {
            return;
        }
        probes.is_silent |= probes.since.is_some();
        if probes.running >= MOST_PROBES {
            return;
        }
        let begun = Instant::now();
        let inner = self.0.clone();
        let thread = std::thread::Builder::new().name("health".into());
        match thread.spawn(move || inner.report(begun)) {
            Ok(_) => {
                probes.running += 1;
                probes.since = Some(begun);
            }
            Err(error) => tracing::warn!(%error, "the database cannot be probed"),
        }
    }
}

impl Inner {
    fn report(&self, begun: Instant) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.examine()))
            .unwrap_or_else(|_| Err(ApiError::internal("a probe panicked")));
        let is_late = begun.elapsed() > PATIENCE * 4 / 5;
        let outcome = match outcome {
            Err(error) if is_late => Err(no_answer().because(error)),
            outcome => outcome,
        };
        let mut probes = lock(&self.probes);
        probes.running -= 1;
        let is_current = probes.since == Some(begun);
        if is_current {
            probes.since = None;
        }
        // The failure of a probe that was left behind says nothing of the present.
        if is_current || outcome.is_ok() {
            probes.is_silent = outcome.is_err() && is_late;
            drop(probes);
            self.reports.send_replace(Report {
                at: Instant::now(),
                outcome,
            });
        }
    }

    /// Asks on the connection of the last probe, or on a new one if that is lost.
    fn examine(&self) -> Result<(), ApiError> {
        self.opener.check()?;
        let kept = lock(&self.conn).take();
        let kept = kept.and_then(|mut conn| self.ask(&mut conn).ok().map(|()| conn));
        let conn = if let Some(conn) = kept {
            conn
        } else {
            let mut conn = readiness::open(&self.opener)?;
            self.ask(&mut conn)?;
            conn
        };
        *lock(&self.conn) = Some(conn);
        Ok(())
    }

    fn ask(&self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        readiness::examine(conn)?;
        let (in_a_row, last) = {
            let failed = lock(&self.failed_writes);
            (failed.in_a_row, failed.last)
        };
        if let Some(last) = last {
            readiness::try_room(conn, &self.opener)?;
            if in_a_row >= FAILURES && last.elapsed() < REMEMBERED {
                return Err(ApiError::out_of_order(Outage::CannotWrite));
            }
            if last.elapsed() >= REMEMBERED {
                *lock(&self.failed_writes) = FailedWrites::default();
            }
        }
        Ok(())
    }
}
