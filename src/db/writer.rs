//! SQLite's single writer: a thread that takes queued writes and commits several together.
//!
//! A commit waits for the disk, so sharing one commit among all waiting writes is what makes
//! durable writes fast. They run as one transaction without savepoints, because each savepoint
//! would flush the search index. If one of the writes fails, all are rolled back and run again,
//! each in its own savepoint, so a failing write undoes only itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use diesel::Connection;
use diesel::result::Error;
use tokio::sync::oneshot;

use super::committed::Note;
use super::connection::PooledConnection;
use super::fair_pool::busy;
use super::opener::Opener;
use super::threads::{STACK, Thread, Threads};
use super::wal::Wal;
use super::{AnyConnection, OpenError, Writing, dialect};
use crate::kernel::erased::Erased;
use crate::kernel::error::ApiError;

/// Maximum number of writes per commit: enough to spread the cost of the disk, few enough that the
/// first of them does not wait long.
const BATCH: usize = 64;

/// A write that waits for its turn, or has run.
struct Job {
    came: Instant,
    work: Writing,
    result: Option<Result<Erased, ApiError>>,
    reply: oneshot::Sender<Result<Erased, ApiError>>,
}

impl Job {
    /// Runs the write; returns true if it succeeds.
    fn run(&mut self, conn: &mut AnyConnection) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(conn)))
            .unwrap_or_else(|_| Err(ApiError::internal("a write panicked")));
        let succeeds = result.is_ok();
        self.result = Some(result);
        succeeds
    }

    /// Runs the write in a savepoint, so it leaves nothing behind if it fails.
    fn run_apart(&mut self, conn: &mut AnyConnection) {
        // In diesel, a transaction within a transaction is a savepoint.
        #[expect(clippy::disallowed_methods, reason = "this is how `db.write` writes")]
        let outcome = conn.transaction(|conn| {
            if self.run(conn) {
                Ok(())
            } else {
                Err(Error::RollbackTransaction)
            }
        });
        match outcome {
            Ok(()) | Err(Error::RollbackTransaction) => {}
            Err(error) => self.result = Some(Err(error.into())),
        }
    }

    /// Sends the result to the caller, or the failure of the commit.
    fn finish(self, failure: Option<&ApiError>) {
        let result = match (self.result, failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure.clone()),
            (Some(done), None) => done,
            (None, None) => Err(ApiError::internal("a write was not run")),
        };
        // The caller may have gone away; the write is committed all the same.
        let _ = self.reply.send(result);
    }
}

/// A handle to the writer thread, which ends when the last handle is dropped.
pub(super) struct Writer(Sender<Job>);

impl Writer {
    /// Starts the thread, which connects on demand. Writes that have waited for longer than
    /// `patience`, because another program holds the lock, are refused.
    ///
    /// # Errors
    /// Fails if the system cannot start a thread.
    pub(super) fn start(
        opener: &Opener,
        patience: Duration,
        threads: &Threads,
    ) -> Result<Self, OpenError> {
        let conn = PooledConnection::new(&opener.connecting_by(dialect::connect_writer));
        let (sender, receiver) = unbounded();
        let (note, wal) = (Note::of(opener.url()), Wal::of(opener.url()));
        let thread = threads.thread();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .stack_size(STACK)
            .spawn(move || write_until_closed(conn, &receiver, &thread, patience, note, wal))
            .map_err(OpenError::Thread)?;
        Ok(Self(sender))
    }

    pub(super) async fn run(&self, work: Writing) -> Result<Erased, ApiError> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            came: Instant::now(),
            work,
            result: None,
            reply,
        };
        self.0
            .send(job)
            .map_err(|_| ApiError::unavailable("the writer has stopped"))?;
        answer.await.map_err(ApiError::unavailable)?
    }
}

fn write_until_closed(
    mut conn: PooledConnection,
    queue: &Receiver<Job>,
    thread: &Thread,
    patience: Duration,
    mut note: Note,
    mut wal: Wal,
) {
    while let Some(first) = thread.next(queue) {
        if first.came.elapsed() > patience {
            first.finish(Some(&busy(patience)));
            continue;
        }
        let mut batch = vec![first];
        let failure = write(&mut conn, &mut batch, queue, &mut note).err();
        for job in batch {
            job.finish(failure.as_ref());
        }
        wal.bound(&mut conn);
    }
}

/// Runs a batch of writes, which grows by those that arrive meanwhile, and commits it.
fn write(
    conn: &mut PooledConnection,
    batch: &mut Vec<Job>,
    queue: &Receiver<Job>,
    note: &mut Note,
) -> Result<(), ApiError> {
    let mut refused = false;
    let together = conn.transact(dialect::begin, |conn| {
        let mut done = 0;
        while let Some(job) = batch.get_mut(done) {
            if !job.run(conn) {
                refused = true;
                return Err(ApiError::internal("one of the writes failed"));
            }
            done += 1;
            if done == batch.len() && done < BATCH {
                batch.extend(queue.try_recv());
            }
        }
        Note::head(conn)
    });
    let committed = match together {
        Err(_) if refused && batch.len() == 1 => return Ok(()),
        Err(_) if refused => conn.transact(dialect::begin, |conn| {
            batch.iter_mut().for_each(|job| job.run_apart(conn));
            Note::head(conn)
        }),
        outcome => outcome,
    };
    note.write(committed?);
    Ok(())
}
