//! How the threads of the database open their connections.

use super::file_identity::FileIdentity;
use super::postgres_url::PostgresUrl;
use super::{AnyConnection, DatabaseUrl, OpenError};
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

type Connect = fn(&DatabaseUrl) -> Result<AnyConnection, OpenError>;

/// Opens connections to one database, as long as it is the one that was opened first.
#[derive(Clone)]
pub(super) struct Opener {
    url: DatabaseUrl,
    file: FileIdentity,
    is_pooled: bool,
    connect: Connect,
}

impl Opener {
    pub(super) fn new(url: &DatabaseUrl, connect: Connect) -> Self {
        Self {
            url: url.clone(),
            file: FileIdentity::of(url),
            is_pooled: match url {
                DatabaseUrl::Sqlite(_) => false,
                DatabaseUrl::Postgres(url) => {
                    PostgresUrl::parse(url).is_ok_and(|url| url.is_pooled)
                }
            },
            connect,
        }
    }

    /// Returns an opener of the same database that connects in another way.
    pub(super) fn connecting_by(&self, connect: Connect) -> Self {
        Self {
            connect,
            ..self.clone()
        }
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Returns true if a call can wait for the database without end, as over a network.
    pub(super) fn may_fall_silent(&self) -> bool {
        matches!(self.url, DatabaseUrl::Postgres(_))
    }

    /// Returns true if the next transaction of a connection may run in another session.
    pub(super) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// Returns the path of SQLite's file.
    pub(super) fn file(&self) -> Option<&str> {
        match &self.url {
            DatabaseUrl::Sqlite(path) if !path.starts_with("file:") => Some(path),
            _ => None,
        }
    }

    /// Checks that open connections still lead to the database.
    ///
    /// # Errors
    /// `unavailable` (`file_moved`)
    pub(super) fn check(&self) -> Result<(), ApiError> {
        self.file.check()
    }

    /// Opens a connection. Call [`Self::check`] first: SQLite makes a file where there is none.
    ///
    /// # Errors
    /// `unavailable` (`cannot_connect`)
    pub(super) fn open(&self) -> Result<AnyConnection, ApiError> {
        (self.connect)(&self.url)
            .map_err(|error| ApiError::out_of_order(Outage::CannotConnect).because(error))
    }
}
