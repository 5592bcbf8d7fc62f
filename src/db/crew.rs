//! The threads that ask the database, each with a connection of its own.
//!
//! Work waits in one queue, so that no connection is fought over and no more threads run than
//! there are connections. A connection that was lost is opened anew before work begins on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::connection::{CacheSize, Connection};
use diesel::result::Error;
use tokio::sync::oneshot;

use super::{AnyConnection, ConnectError, DatabaseUrl, dialect};
use crate::error::ApiError;

type Work = Box<dyn FnOnce(&mut Held) + Send>;

/// After how many transactions the prepared statements are dropped. Filters combine to more of them
/// than there is memory for; the usual ones are soon prepared again.
const STATEMENTS_KEPT_FOR: u32 = 1_000;

/// A connection, while there is one.
pub(super) struct Held {
    url: DatabaseUrl,
    connect: Connect,
    conn: Option<AnyConnection>,
    begun: u32,
}

type Connect = fn(&DatabaseUrl) -> Result<AnyConnection, ConnectError>;

impl Held {
    /// Connects when there is work.
    pub(super) fn new(url: &DatabaseUrl, connect: Connect) -> Self {
        Self {
            url: url.clone(),
            connect,
            conn: None,
            begun: 0,
        }
    }

    /// Runs `work` in a transaction, which it commits when `work` succeeds.
    ///
    /// # Errors
    /// What `work` returns, after which nothing is changed, or `unavailable`.
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

    /// The connection, to be given back when all went well.
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
    /// What `work` returns, or `unavailable`.
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

/// The handle to the threads, which end when the last handle is dropped.
#[derive(Clone)]
pub(super) struct Crew(Sender<Work>);

impl Crew {
    /// Starts `size` threads, which connect when there is work. So much of it may wait; more is refused
    /// at once, rather than answered too late.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub(super) fn start(url: &DatabaseUrl, size: u32, waiting: usize) -> Result<Self, String> {
        let (sender, queue) = bounded(waiting);
        for _ in 0..size {
            let held = Held::new(url, dialect::connect);
            let queue = queue.clone();
            std::thread::Builder::new()
                .name("database".into())
                .spawn(move || work_until_closed(held, &queue))
                .map_err(|e| e.to_string())?;
        }
        Ok(Self(sender))
    }

    /// Has one of the threads do the work.
    ///
    /// # Errors
    /// What `work` returns, or `unavailable` when too much waits already.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Held) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Work = Box::new(move |held| {
            // Nobody waits for the answer to a request that was given up.
            if !reply.is_closed() {
                let _ = reply.send(work(held));
            }
        });
        self.0.try_send(job).map_err(ApiError::unavailable)?;
        answer.await.map_err(ApiError::internal)?
    }
}

fn work_until_closed(mut held: Held, queue: &Receiver<Work>) {
    for job in queue {
        job(&mut held);
    }
}
