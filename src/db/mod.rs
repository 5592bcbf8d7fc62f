//! The database: SQLite in a file or PostgreSQL, chosen by the URL's scheme.
//!
//! Every read goes through [`Db::read`], every write through [`Db::write`]. On SQLite one thread
//! does all writes and commits queued ones together; on PostgreSQL each write is its own
//! transaction, which is retried when it collides with another.

mod column;
pub mod dialect;
mod in_list;
pub mod page;
mod raw_query;
mod reader_pool;
pub mod schema;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use tokio::sync::watch;

use crate::kernel::error::ApiError;
pub use column::{Json, Name};
pub use in_list::in_list;
pub use raw_query::RawQuery;
use reader_pool::ReaderPool;
use writer::Writer;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Location of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(String),
    /// `postgres://…` or `postgresql://…`
    Postgres(String),
}

/// Names the database in messages: the file, or the server without the password.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "the database file {path}"),
            Self::Postgres(text) => match url::Url::parse(text) {
                Ok(url) => write!(
                    f,
                    "the database at {}{}",
                    url.host_str().unwrap_or_default(),
                    url.path()
                ),
                Err(_) => f.write_str("the database"),
            },
        }
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err("sqlite: needs a path, as in sqlite:mou-registry.db".into()),
                ":memory:" => {
                    Err("a database in memory has no second connection; name a file".into())
                }
                path => Ok(Self::Sqlite(path.into())),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.into()));
        }
        Err("expected sqlite:PATH or postgres://USER@HOST/DATABASE".into())
    }
}

/// The reason the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: ReaderPool,
    history_readers: ReaderPool,
    writer: Option<Arc<Writer>>,
    /// Number of writes committed by this handle and its clones.
    written: Arc<watch::Sender<u64>>,
}

/// Maximum number of attempts at a transaction that collides with others.
const ATTEMPTS: usize = 8;

impl Db {
    /// Opens the database and migrates its tables.
    ///
    /// # Errors
    /// Fails if the database cannot be reached or a migration fails.
    pub fn open(url: &DatabaseUrl, connections: u32) -> Result<Self, OpenError> {
        let mut conn = dialect::connect(url)?;
        dialect::migrate(&mut conn)?;
        let writer = match url {
            DatabaseUrl::Sqlite(_) => Some(Arc::new(Writer::start(url)?)),
            DatabaseUrl::Postgres(_) => None,
        };
        Ok(Self {
            readers: ReaderPool::start(url, connections, 4096)?,
            history_readers: ReaderPool::start(url, 2, 64)?,
            writer,
            written: Arc::default(),
        })
    }

    /// Runs `work` on a snapshot of the data, on a database thread.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` if no connection is available.
    pub async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        self.readers
            .run(move |conn| conn.transact(dialect::begin_snapshot, work))
            .await
    }

    /// Like [`Db::read`], but for long reads: uses two dedicated connections, so only other long
    /// reads wait for it.
    ///
    /// # Errors
    /// Fails like [`Db::read`].
    pub async fn read_history<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        self.history_readers
            .run(move |conn| conn.transact(dialect::begin_snapshot, work))
            .await
    }

    /// Returns true if the database answers and no migration is pending.
    ///
    /// # Errors
    /// `unavailable` if the database cannot be queried.
    pub async fn is_migrated(&self) -> Result<bool, ApiError> {
        self.readers
            .run(|conn| conn.alone(dialect::is_migrated))
            .await
    }

    /// Runs `work` in a transaction that is durable when this returns. `work` may run more than
    /// once, so it must have no effect outside the database.
    ///
    /// # Errors
    /// Returns the error of `work` after rolling back.
    pub async fn write<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        let done = self.commit(work).await?;
        self.written.send_modify(|count| *count += 1);
        Ok(done)
    }

    /// Returns a receiver that is notified of each write committed by this process.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    async fn commit<T, F>(&self, mut work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        if let Some(writer) = &self.writer {
            return writer.run(work).await;
        }
        self.readers
            .run(move |conn| {
                for attempt in 1..ATTEMPTS {
                    match conn.transact(dialect::begin, &mut work) {
                        Err(error) if error.is_collision() => {
                            #[expect(
                                clippy::disallowed_methods,
                                reason = "on a thread of the database"
                            )]
                            std::thread::sleep(Duration::from_millis(5 << attempt));
                        }
                        result => return result,
                    }
                }
                conn.transact(dialect::begin, &mut work)
            })
            .await
    }
}
