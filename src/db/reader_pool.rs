//! Database worker threads, each with its own connection.
//!
//! Work waits in one queue, so connections are not contended and there are no more threads than
//! connections. A lost connection is reopened before the next work item begins on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::{CacheSize, Connection};
use diesel::result::Error;
use tokio::sync::oneshot;

use super::{AnyConnection, DatabaseUrl, OpenError, dialect};
use crate::kernel::error::ApiError;

type Work = Box<dyn FnOnce(&mut PooledConnection) + Send>;

/// Number of transactions after which the prepared statements are dropped. Combinations of filters
/// make more statements than fit in memory; the usual ones are soon prepared again.
const STATEMENTS_KEPT_FOR: u32 = 1_000;

/// A connection that is opened on demand.
pub(super) struct PooledConnection {
    url: DatabaseUrl,
    connect: Connect,
    conn: Option<AnyConnection>,
    begun: u32,
}

type Connect = fn(&DatabaseUrl) -> Result<AnyConnection, OpenError>;

impl PooledConnection {
    /// Creates the holder without connecting; the first work item connects.
    pub(super) fn new(url: &DatabaseUrl, connect: Connect) -> Self {
        Self {
            url: url.clone(),
            connect,
            conn: None,
            begun: 0,
        }
    }

    /// Runs `work` in a transaction and commits when `work` succeeds.
    ///
    /// # Errors
    /// Returns the error of `work` after rolling back, or `unavailable` without a connection.
    pub(super) fn transact<T>(
        &mut self,
        begin: fn(&mut AnyConnection) -> Result<(), Error>,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut conn = self.begin(begin)?;
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut conn)))
            .map_err(|_| ApiError::internal("work on the database panicked"))?;
        match result {
            Ok(value) => {
                dialect::commit(&mut conn)?;
                self.conn = Some(conn);
                Ok(value)
            }
            Err(error) => {
                if dialect::rollback(&mut conn).is_ok() {
                    self.conn = Some(conn);
                }
                Err(error)
            }
        }
    }

    /// Begins a transaction and returns the connection. The caller puts it back on success.
    fn begin(
        &mut self,
        begin: fn(&mut AnyConnection) -> Result<(), Error>,
    ) -> Result<AnyConnection, ApiError> {
        self.begun = (self.begun + 1) % STATEMENTS_KEPT_FOR;
        if let Some(mut conn) = self.conn.take() {
            if self.begun == 0 {
                conn.set_prepared_statement_cache_size(CacheSize::Disabled);
                conn.set_prepared_statement_cache_size(CacheSize::Unbounded);
            }
            if begin(&mut conn).is_ok() {
                return Ok(conn);
            }
        }
        let mut conn = (self.connect)(&self.url).map_err(ApiError::unavailable)?;
        begin(&mut conn)?;
        Ok(conn)
    }

    /// Runs `work` outside a transaction.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` without a connection.
    pub(super) fn alone<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => (self.connect)(&self.url).map_err(ApiError::unavailable)?,
        };
        let value = work(&mut conn)?;
        self.conn = Some(conn);
        Ok(value)
    }
}

/// A handle to the worker threads, which end when the last handle is dropped.
#[derive(Clone)]
pub(super) struct ReaderPool(Sender<Work>);

impl ReaderPool {
    /// Starts `size` threads, which connect on demand. At most `waiting` work items queue; more are
    /// refused at once, rather than answered too late.
    ///
    /// # Errors
    /// Fails if the system cannot start a thread.
    pub(super) fn start(url: &DatabaseUrl, size: u32, waiting: usize) -> Result<Self, OpenError> {
        let (sender, queue) = bounded(waiting);
        for _ in 0..size {
            let conn = PooledConnection::new(url, dialect::connect);
            let queue = queue.clone();
            std::thread::Builder::new()
                .name("database".into())
                .spawn(move || work_until_closed(conn, &queue))
                .map_err(OpenError::Thread)?;
        }
        Ok(Self(sender))
    }

    /// Runs `work` on one of the threads.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` if the queue is full.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut PooledConnection) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Work = Box::new(move |conn| {
            // Skip requests that were given up: nobody waits for the answer.
            if !reply.is_closed() {
                let _ = reply.send(work(conn));
            }
        });
        let sent = self.0.try_send(job);
        sent.map_err(|error| ApiError::unavailable(error.to_string()))?;
        answer.await.map_err(ApiError::internal)?
    }
}

fn work_until_closed(mut conn: PooledConnection, queue: &Receiver<Work>) {
    for job in queue {
        job(&mut conn);
    }
}
