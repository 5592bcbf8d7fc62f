//! Connections that are opened on demand. A lost connection is reopened before the next work begins
//! on it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{CacheSize, Connection};
use diesel::result::Error;

use super::opener::Opener;
use super::{AnyConnection, dialect};
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

/// Number of transactions after which the prepared statements are dropped. Combinations of filters
/// make more statements than fit in memory; the usual ones are soon prepared again.
const STATEMENTS_KEPT_FOR: u32 = 1_000;

/// A connection that is opened on demand.
pub(super) struct PooledConnection {
    opener: Opener,
    conn: Option<AnyConnection>,
    begun: u32,
    /// Set when nobody waits for the present work any more because the database is silent.
    pub(super) given_up: Arc<AtomicBool>,
}

impl PooledConnection {
    /// Creates the holder without connecting; the first work item connects.
    pub(super) fn new(opener: &Opener) -> Self {
        Self {
            opener: opener.clone(),
            conn: None,
            begun: 0,
            given_up: Arc::default(),
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
        // Its caller was told that nothing is known of it: better that nothing comes of it.
        let result = match self.given_up.load(Ordering::Acquire) {
            true => Err(ApiError::out_of_order(Outage::NoAnswer)),
            false => result,
        };
        match result {
            Ok(value) => {
                dialect::commit(&mut conn)?;
                self.conn = Some(conn);
                Ok(value)
            }
            Err(error) => {
                // A server that was demoted keeps its connections; a new one finds the primary.
                let is_demoted = error.outage == Some(Outage::ReadOnly);
                if dialect::rollback(&mut conn).is_ok() && !is_demoted {
                    self.conn = Some(conn);
                }
                Err(error)
            }
        }
    }

    /// Runs `work` outside of a transaction.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` without a connection.
    pub(super) fn alone<T>(
        &mut self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.opener.check()?;
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.opener.open()?,
        };
        let result = work(&mut conn);
        if result.is_ok() {
            self.conn = Some(conn);
        }
        result
    }

    /// Begins a transaction and returns the connection. The caller puts it back on success.
    fn begin(
        &mut self,
        begin: fn(&mut AnyConnection) -> Result<(), Error>,
    ) -> Result<AnyConnection, ApiError> {
        let kept = self.conn.take();
        self.opener.check()?;
        self.begun = (self.begun + 1) % STATEMENTS_KEPT_FOR;
        if let Some(mut conn) = kept {
            if self.begun == 0 && !self.opener.is_pooled() {
                conn.set_prepared_statement_cache_size(CacheSize::Disabled);
                conn.set_prepared_statement_cache_size(CacheSize::Unbounded);
            }
            if begin(&mut conn).is_ok() {
                return Ok(conn);
            }
        }
        let mut conn = self.opener.open()?;
        begin(&mut conn)?;
        Ok(conn)
    }
}
