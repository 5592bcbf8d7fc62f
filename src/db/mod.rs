//! The database: SQLite in a file or PostgreSQL, chosen by the URL's scheme.
//!
//! Every read goes through [`Db::read`], every write through [`Db::write`]. Each class of reads has
//! connections of its own, for which callers take turns. On SQLite one thread does all writes and
//! commits queued ones together; on PostgreSQL each write is its own transaction, on connections for
//! writes alone, and is retried when it collides with another, or to run alone ([`alone`]).

pub mod alone;
mod column;
mod commits;
pub mod committed;
mod connection;
pub mod dialect;
mod disk;
pub mod engine;
mod fair_pool;
mod fair_queue;
mod file_identity;
mod guarded;
mod health;
mod in_list;
pub mod migrations;
mod opener;
pub mod page;
mod period;
mod pools;
mod postgres_url;
mod raw_query;
mod readiness;
pub mod schema;
mod standbys;
pub mod steered;
mod threads;
mod wal;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use diesel::prelude::*;
use tokio::sync::watch;

use crate::kernel::erased::Erased;
use crate::kernel::error::{ApiError, chain};
pub use column::{Json, Name};
use commits::Commits;
pub use commits::FileState;
use connection::PooledConnection;
pub use disk::Disk;
use guarded::Guarded;
pub use health::Health;
pub use in_list::in_list;
use opener::Opener;
use pools::{Pool, ReadPools};
pub use pools::{PoolSettings, ReadClass, Turn};
use postgres_url::PostgresUrl;
pub use raw_query::RawQuery;
use standbys::Standbys;
use threads::Threads;
use writer::Writer;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs a query on the connection of the one database or the other. On [`AnyConnection`], diesel writes
/// the text of a query each time, to find the statement that is kept prepared; here its type is enough.
macro_rules! directly {
    ($conn:expr, $query:expr, $run:ident) => {
        match $conn {
            $crate::db::AnyConnection::Sqlite(conn) => $query.$run(conn),
            $crate::db::AnyConnection::Postgres(conn) => $query.$run(conn),
        }
    };
}
pub(crate) use directly;
pub(crate) use period::in_period;

/// Location of the data. Its texts for people leave out the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`
    Sqlite(String),
    /// `postgres://…` or `postgresql://…`
    Postgres(String),
}

impl DatabaseUrl {
    /// Returns the file of a SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(Path::new(path)),
            Self::Postgres(_) => None,
        }
    }
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

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
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
                path if path.starts_with("file:") => {
                    Err("name the file by its path, as in sqlite:mou-registry.db".into())
                }
                path => Ok(Self::Sqlite(path.into())),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            PostgresUrl::parse(text)?;
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
    #[error(
        "the database URL cannot be read; special characters of the user and the password are percent-encoded"
    )]
    Url,
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the file was moved away")]
    Moved,
    #[error("only a PostgreSQL database has standbys")]
    NoStandbys,
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

/// A read on its way to a connection.
type Reading = Box<dyn FnOnce(&mut AnyConnection) -> Result<Erased, ApiError> + Send>;

/// A write on its way to a connection, which may run more than once.
type Writing = Box<dyn FnMut(&mut AnyConnection) -> Result<Erased, ApiError> + Send>;

fn reading<T: Send + 'static>(
    work: impl FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
) -> Reading {
    Box::new(move |conn| work(conn).map(Erased::new))
}

/// A handle to the database, cheap to clone.
#[derive(Clone)]
pub struct Db {
    url: DatabaseUrl,
    threads: Arc<Threads>,
    reads: ReadPools,
    /// Where reads go that standbys can answer.
    standbys: Option<Standbys>,
    writer: Writers,
    commits: Arc<Commits>,
    health: Health,
    patience: Duration,
    opener: Opener,
    /// Bytes of free space below which the disk is low.
    low_disk: u64,
    /// Number of writes committed by this handle and its clones.
    written: Arc<watch::Sender<u64>>,
}

/// Where writes are done.
#[derive(Clone)]
enum Writers {
    /// SQLite's only writer.
    One(Arc<Writer>),
    /// The connections to PostgreSQL that only write.
    Several(Pool),
}

/// Maximum number of attempts at a transaction that collides with others.
const ATTEMPTS: usize = 8;

/// A transaction that fails sooner than this for an unknown reason is repeated. It is longer than
/// PostgreSQL takes to find a deadlock, and shorter than the bound on waiting for a lock.
const SOON: Duration = Duration::from_secs(3);

/// Longest wait for running work when the database is closed.
const CLOSING: Duration = Duration::from_secs(10);

impl Db {
    /// Opens the database and migrates its tables.
    ///
    /// # Errors
    /// Fails if the database cannot be reached or a migration fails.
    pub fn open(url: &DatabaseUrl, settings: &PoolSettings) -> Result<Self, OpenError> {
        Self::open_with(url, &[], settings)
    }

    /// Like [`Db::open`], with standbys that take reads.
    ///
    /// # Errors
    /// Fails like [`Db::open`], and if SQLite has standbys.
    pub fn open_with(
        url: &DatabaseUrl,
        standbys: &[DatabaseUrl],
        settings: &PoolSettings,
    ) -> Result<Self, OpenError> {
        let mut conn = dialect::connect(url)?;
        dialect::migrate(&mut conn)?;
        let opener = Opener::new(url, dialect::connect);
        // From now on, the file at the path is the database.
        opener.check().map_err(|_| OpenError::Moved)?;
        let health = Health::new(&opener);
        let connection = || Guarded::new(&opener, &health);
        match committed::lost(&mut conn, url) {
            Ok(None) => {}
            Ok(Some(lost)) => tracing::error!("{url}: {lost}"),
            Err(error) => tracing::warn!(error = chain(&error), "{url} was not compared"),
        }
        let threads = Arc::new(Threads::new());
        let writer = match url {
            DatabaseUrl::Sqlite(_) => {
                let writer = Writer::start(&opener, settings.patience(), &threads)?;
                Writers::One(Arc::new(writer))
            }
            DatabaseUrl::Postgres(_) => Writers::Several(pools::start(
                connection,
                settings,
                settings.write_connections,
                1024,
                &threads,
            )?),
        };
        Ok(Self {
            url: url.clone(),
            reads: ReadPools::start(connection, settings, &threads)?,
            standbys: match (standbys, url) {
                ([], _) => None,
                (_, DatabaseUrl::Sqlite(_)) => return Err(OpenError::NoStandbys),
                _ => Some(Standbys::start(connection, standbys, settings, &threads)?),
            },
            threads,
            writer,
            commits: Arc::new(Commits::new(&opener, conn)),
            health,
            patience: settings.patience(),
            low_disk: u64::from(settings.low_disk) * 1_000_000,
            opener,
            written: Arc::default(),
        })
    }

    /// Returns the location of the data.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs a cheap read of the program itself on a snapshot of the data, on a database thread.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` if no connection is available in time.
    pub async fn read<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        self.read_in(ReadClass::Cheap, Turn::PROGRAM, work).await
    }

    /// Like [`Db::read`], but for a read of a class, when the turn of its caller comes. If its
    /// future is dropped before that, it is not run.
    ///
    /// # Errors
    /// Fails like [`Db::read`].
    pub async fn read_in<T, F>(&self, class: ReadClass, turn: Turn, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        self.on_primary(class, turn, reading(work)).await?.take()
    }

    async fn on_primary(
        &self,
        class: ReadClass,
        turn: Turn,
        work: Reading,
    ) -> Result<Erased, ApiError> {
        let pool = self.reads.of(class);
        pool.run(turn, |conn| {
            conn.run(move |conn| conn.transact(dialect::begin_snapshot, work))
        })
        .await
    }

    /// Like [`Db::read_in`], but on a standby if one has all that the primary has now.
    ///
    /// # Errors
    /// Fails like [`Db::read`].
    pub async fn read_anywhere<T, F>(
        &self,
        class: ReadClass,
        turn: Turn,
        work: F,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        let mut work = reading(work);
        if let Some(standbys) = &self.standbys {
            work = match standbys.read(class, turn, work).await {
                Ok(result) => return result?.take(),
                Err(work) => work,
            };
        }
        self.on_primary(class, turn, work).await?.take()
    }

    /// Waits for something else than a connection, for as long as for one at most.
    ///
    /// # Errors
    /// `unavailable` if it comes too late.
    pub async fn wait<T>(&self, awaited: impl Future<Output = T>) -> Result<T, ApiError> {
        let waited = timeout(self.patience, awaited).await;
        waited.map_err(|_| fair_pool::busy(self.patience))
    }

    /// Returns the state of SQLite's file, without waiting: as long as it stays the same, nothing is
    /// committed. `None` if that is unknown, as on PostgreSQL.
    #[must_use]
    pub fn file_state(&self) -> Option<FileState> {
        self.commits.state()
    }

    /// Returns the health of the database.
    pub fn health(&self) -> &Health {
        &self.health
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
        self.write_in_turn(Turn::PROGRAM, work).await
    }

    /// Like [`Db::write`], when the turn of the caller comes; on SQLite, in the order in which writes
    /// come.
    ///
    /// # Errors
    /// Fails like [`Db::write`], and with `unavailable` if the turn does not come in time.
    pub async fn write_in_turn<T, F>(&self, turn: Turn, mut work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut AnyConnection) -> Result<T, ApiError> + Send + 'static,
    {
        let work: Writing = Box::new(move |conn| work(conn).map(Erased::new));
        self.commit_noted(turn, work).await?.take()
    }

    /// Commits a write, and tells of it.
    async fn commit_noted(&self, turn: Turn, work: Writing) -> Result<Erased, ApiError> {
        let done = self.commit(turn, work).await;
        self.health.note_write(&done);
        let done = done?;
        self.written.send_modify(|count| *count += 1);
        Ok(done)
    }

    /// Ends the database threads after the work that is queued, and merges SQLite's write-ahead log
    /// into the file, which is whole by itself then. Blocks for a while at most.
    pub fn close(&self) {
        if !self.threads.end(CLOSING) {
            tracing::warn!("work on the database goes on while the server stops");
        }
        self.commits.close();
        if let Err(error) = dialect::merge_wal(&self.url) {
            tracing::warn!(
                error = chain(&error),
                "the write-ahead log stays beside the database"
            );
        }
    }

    /// Returns a receiver that is notified of each write committed by this process.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    async fn commit(&self, turn: Turn, work: Writing) -> Result<Erased, ApiError> {
        let pool = match &self.writer {
            Writers::One(writer) => return writer.run(work).await,
            Writers::Several(pool) => pool,
        };
        pool.run(turn, |conn| conn.run(move |conn| repeated(conn, work)))
            .await
    }
}

/// Runs a write on PostgreSQL, again if it collides with another.
fn repeated(conn: &mut PooledConnection, mut work: Writing) -> Result<Erased, ApiError> {
    let mut begin: fn(&mut AnyConnection) -> _ = dialect::begin_beside_others;
    for attempt in 1..ATTEMPTS {
        let begun = Instant::now();
        match conn.transact(begin, &mut work) {
            Err(error) if error.is_not_alone() => begin = dialect::begin_alone,
            Err(error) if error.is_collision() || error.may_pass() && begun.elapsed() < SOON => {
                #[expect(clippy::disallowed_methods, reason = "on a thread of the database")]
                std::thread::sleep(Duration::from_millis(5 << attempt));
            }
            result => return result,
        }
    }
    conn.transact(begin, &mut work)
}
