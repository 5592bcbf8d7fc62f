//! SQLite's one writer: a thread that takes queued writes and commits several together.
//!
//! A commit waits for the disk, so sharing one among all writes that are waiting is what makes
//! durable writes fast. Each write has its own savepoint: one that fails undoes only itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::Connection;
use tokio::sync::oneshot;

use super::{AnyConnection, dialect};
use crate::error::ApiError;

/// How many writes share one commit at most: enough to spread the disk's cost, few enough that
/// the first of them does not wait long.
const BATCH: usize = 64;

trait Job: Send {
    fn run(&mut self, conn: &mut AnyConnection);
    fn finish(self: Box<Self>, failure: Option<ApiError>);
}

struct Write<T, F> {
    work: F,
    result: Option<Result<T, ApiError>>,
    reply: oneshot::Sender<Result<T, ApiError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnMut(&mut AnyConnection) -> Result<T, ApiError> + Send,
{
    fn run(&mut self, conn: &mut AnyConnection) {
        // diesel's transaction inside a transaction is a savepoint.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            conn.transaction(|conn| {
                catch_unwind(AssertUnwindSafe(|| (self.work)(conn)))
                    .unwrap_or_else(|_| Err(ApiError::internal("a write panicked")))
            })
        }));
        self.result = Some(outcome.unwrap_or_else(|_| Err(ApiError::internal("a write panicked"))));
    }

    fn finish(self: Box<Self>, failure: Option<ApiError>) {
        let result = match (self.result, failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure),
            (Some(done), None) => done,
            (None, None) => Err(ApiError::internal("a write was not run")),
        };
        // The caller may have gone away; the write stands all the same.
        let _ = self.reply.send(result);
    }
}

/// The handle to the writer thread, which ends when the last handle is dropped.
pub(super) struct Writer(Sender<Box<dyn Job>>);

impl Writer {
    pub(super) fn start(mut conn: AnyConnection) -> Result<Self, String> {
        dialect::prepare_writer(&mut conn)?;
        let (sender, receiver) = channel();
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_until_closed(conn, &receiver))
            .map_err(|e| e.to_string())?;
        Ok(Self(sender))
    }

    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Write {
            work,
            result: None,
            reply,
        };
        self.0
            .send(Box::new(job))
            .map_err(|_| ApiError::unavailable("the writer has stopped"))?;
        answer.await.map_err(ApiError::unavailable)?
    }
}

fn write_until_closed(mut conn: AnyConnection, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        if let Err(error) = dialect::begin(&mut conn) {
            first.finish(Some(error.into()));
            continue;
        }
        let mut batch = Vec::with_capacity(BATCH);
        let mut next = Some(first);
        while let Some(mut job) = next {
            job.run(&mut conn);
            batch.push(job);
            next = if batch.len() < BATCH {
                queue.try_recv().ok()
            } else {
                None
            };
        }
        let committed = dialect::commit(&mut conn);
        for job in batch {
            let failure = committed
                .as_ref()
                .err()
                .map(|e| ApiError::unavailable(e.to_string()));
            job.finish(failure);
        }
    }
}
