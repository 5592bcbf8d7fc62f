//! Connections that are opened on demand. A lost connection is reopened before the next work begins
//! on it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::connection::{CacheSize, Connection};
use diesel::result::Error;

use super::{AnyConnection, DatabaseUrl, OpenError, dialect};
use crate::kernel::error::ApiError;

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
