//! Everything in which the two databases differ: connecting, transactions, locks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, CacheSize, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::Text;
use url::Url;

pub use super::migrations::{migrate, revert};
use super::postgres_url::PostgresUrl;
use super::{AnyConnection, DatabaseUrl, OpenError, alone, wal};
use crate::kernel::error::ApiError;
use crate::kernel::files::create_private;
use crate::kernel::redact::without_passwords;

/// How long SQLite waits for another connection's lock.
pub(super) const SQLITE_PATIENCE: &str = "PRAGMA busy_timeout = 5000";

/// Bounds of a transaction on PostgreSQL. They are set in each transaction: a pooler gives the next
/// one another session.
const POSTGRES_BOUNDS: &str = "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '5s'";

/// Opens and configures a connection to the database at `url`.
///
/// # Errors
/// Fails if the file or the server cannot be reached.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            // SQLite gives the files beside it the same mode.
            if !path.starts_with("file:") {
                let _ = create_private(Path::new(path));
            }
            let mut conn = SqliteConnection::establish(path)?;
            // The time limit comes first: setting WAL needs the lock that other connections hold.
            conn.batch_execute(SQLITE_PATIENCE)?;
            use_wal(&mut conn)?;
            conn.batch_execute(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; \
                 PRAGMA cache_size = -4000;",
            )?;
            conn.batch_execute(&format!("PRAGMA journal_size_limit = {}", wal::BOUND))?;
            Ok(AnyConnection::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            let url = PostgresUrl::parse(url).map_err(|_| OpenError::Url)?;
            let mut conn = PgConnection::establish(&url.libpq).map_err(without_password)?;
            if url.is_pooled {
                conn.set_prepared_statement_cache_size(CacheSize::Disabled);
            }
            Ok(AnyConnection::Postgres(conn))
        }
    }
}

/// Number of attempts at WAL mode, 50 ms apart.
const WAL_ATTEMPTS: usize = 40;

/// Switches the file to WAL mode. Where several connections do so at once, SQLite refuses some of
/// them without waiting.
fn use_wal(conn: &mut SqliteConnection) -> Result<(), Error> {
    // A file that cannot be read fails here at once.
    conn.batch_execute("SELECT count(*) FROM sqlite_master")?;
    let set = "PRAGMA journal_mode = WAL";
    for _ in 1..WAL_ATTEMPTS {
        if conn.batch_execute(set).is_ok() {
            return Ok(());
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "connections are opened by threads of the database"
        )]
        std::thread::sleep(Duration::from_millis(50));
    }
    conn.batch_execute(set)
}

/// Keeps the password out of the message. Of a URL that it cannot read, libpq quotes pieces.
fn without_password(error: ConnectionError) -> OpenError {
    match error {
        ConnectionError::BadConnection(text) if text.contains("connection to server") => {
            ConnectionError::BadConnection(without_passwords(&text)).into()
        }
        ConnectionError::BadConnection(_) | ConnectionError::InvalidConnectionUrl(_) => {
            OpenError::Url
        }
        other => other.into(),
    }
}

/// Opens an empty database that disappears with its connection. It is kept in memory up to the
/// size of the cache and in a file beyond that.
///
/// # Errors
/// Fails if neither has room for it.
pub fn temporary() -> Result<AnyConnection, OpenError> {
    // SQLite opens a temporary database for the empty name.
    let mut conn = SqliteConnection::establish("")?;
    // Foreign keys are off: the rows copied into it were checked when they were recorded.
    conn.batch_execute(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY; \
         PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;",
    )?;
    Ok(AnyConnection::Sqlite(conn))
}

#[derive(QueryableByName)]
struct File {
    #[diesel(sql_type = Text)]
    file: String,
}

/// Returns the file of a connection's database; `None` for one without, or on PostgreSQL.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn file_of(conn: &mut AnyConnection) -> Result<Option<PathBuf>, Error> {
    let AnyConnection::Sqlite(conn) = conn else {
        return Ok(None);
    };
    let files = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let File { file } = diesel::sql_query(files).get_result(conn)?;
    Ok((!file.is_empty()).then(|| file.into()))
}

/// Attaches an SQLite database to read from it beside a [`temporary`] one, under a name.
///
/// # Errors
/// Fails if the file cannot be read.
pub fn attach(conn: &mut AnyConnection, file: &Path, name: &str) -> Result<(), ApiError> {
    let url = Url::from_file_path(file);
    let mut url = url.map_err(|()| ApiError::internal("the path of the database is relative"))?;
    url.set_query(Some("mode=ro"));
    conn.batch_execute(SQLITE_PATIENCE)?;
    diesel::sql_query(format!("ATTACH ? AS {name}"))
        .bind::<Text, _>(url.to_string())
        .execute(conn)?;
    Ok(())
}

/// Opens SQLite's writing connection, which keeps savepoint journals in memory, and more pages than those
/// that read: their pages are also kept by the system.
///
/// # Errors
/// Fails like [`connect`].
pub(super) fn connect_writer(url: &DatabaseUrl) -> Result<AnyConnection, OpenError> {
    let mut conn = connect(url)?;
    if let AnyConnection::Sqlite(conn) = &mut conn {
        conn.batch_execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000")?;
    }
    Ok(conn)
}

/// Moves SQLite's write-ahead log into the file and empties it, after waiting at most `wait`
/// milliseconds for readers of older content.
///
/// # Errors
/// Fails if the checkpoint fails, but not if a reader prevents it.
pub(super) fn empty_wal(conn: &mut AnyConnection, wait: u32) -> Result<(), ApiError> {
    if let AnyConnection::Sqlite(conn) = conn {
        conn.batch_execute(&format!("PRAGMA busy_timeout = {wait}"))?;
        let emptied = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
        conn.batch_execute(SQLITE_PATIENCE)?;
        emptied?;
    }
    Ok(())
}

/// Moves SQLite's write-ahead log into the file once the other connections are closed, and removes
/// it.
///
/// # Errors
/// Fails if the file cannot be opened, or the log cannot be moved.
pub fn merge_wal(url: &DatabaseUrl) -> Result<(), ApiError> {
    if url.file().is_some_and(Path::exists) {
        let mut conn = connect(url).map_err(ApiError::unavailable)?;
        empty_wal(&mut conn, 1000)?;
    }
    Ok(())
}

/// Ends a read transaction and begins another, so that a long read does not hold on to old content,
/// which SQLite keeps in its write-ahead log until nobody reads it.
///
/// # Errors
/// Fails if the database cannot be queried.
pub fn renew_snapshot(conn: &mut AnyConnection) -> Result<(), ApiError> {
    if matches!(conn, AnyConnection::Sqlite(_)) {
        rollback(conn)?;
        begin_snapshot(conn)?;
    }
    Ok(())
}

/// Lifts the bounds on PostgreSQL's statements for the rest of the transaction, for commands that
/// take long.
///
/// # Errors
/// Fails if the connection is lost.
pub fn wait_for_statements(conn: &mut AnyConnection) -> QueryResult<()> {
    if let AnyConnection::Postgres(conn) = conn {
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")?;
    }
    Ok(())
}

/// Begins a read transaction in which all queries see the same snapshot of the data.
pub(super) fn begin_snapshot(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            &format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {POSTGRES_BOUNDS}"),
        ),
    }
}

/// Begins a write transaction, taking SQLite's write lock at once.
pub(super) fn begin(conn: &mut AnyConnection) -> Result<(), Error> {
    begin_with(conn, "")
}

/// Like [`begin`], after the transactions that run alone.
pub(super) fn begin_beside_others(conn: &mut AnyConnection) -> Result<(), Error> {
    begin_with(conn, &alone::beside_others())
}

/// Like [`begin`], with no other write until it ends.
pub(super) fn begin_alone(conn: &mut AnyConnection) -> Result<(), Error> {
    begin_with(conn, &alone::without_others())
}

fn begin_with(conn: &mut AnyConnection, lock: &str) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            // Locks of a client that fell silent are released after a while.
            &format!(
                "BEGIN; {POSTGRES_BOUNDS}; SET LOCAL idle_in_transaction_session_timeout = '10min'{lock}"
            ),
        ),
    }
}

/// Commits; rolls back if the commit fails.
pub(super) fn commit(conn: &mut AnyConnection) -> Result<(), Error> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::commit_transaction(conn).inspect_err(|_| {
        let _ = Manager::rollback_transaction(conn);
    })
}

/// Runs `work` in one write transaction on the caller's own connection, as command-line commands
/// do. Rolls back if `work` fails.
pub fn write<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin_beside_others(conn)?;
    finish(conn, work)
}

/// Like [`write()`], with no other write until it ends.
pub fn write_alone<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin_alone(conn)?;
    finish(conn, work)
}

fn finish<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    match work(conn) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        // The first failure tells more than that of the rollback.
        Err(error) => {
            let _ = rollback(conn);
            Err(error)
        }
    }
}

/// Runs `work` on one snapshot of the data, on the caller's own connection.
pub fn read<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin_snapshot(conn)?;
    let result = work(conn);
    let ended = rollback(conn);
    let value = result?;
    ended?;
    Ok(value)
}

/// Rolls back the transaction.
pub(super) fn rollback(conn: &mut AnyConnection) -> Result<(), Error> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::rollback_transaction(conn)
}
