//! All in which the two databases differ: connecting, migrating, transactions, locks.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, ConnectError, DatabaseUrl};
use crate::error::ApiError;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The key of the advisory lock that lets one server migrate at a time: "mou" and a number.
const MIGRATION_LOCK: i64 = 0x6d6f_7501;

/// Opens a connection of the kind that the URL names and sets it up.
///
/// # Errors
/// When the file or the server cannot be reached.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, ConnectError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(path)?;
            // busy_timeout comes first: setting WAL needs the lock that others may hold.
            conn.batch_execute(
                "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000;",
            )?;
            Ok(AnyConnection::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(url)?;
            conn.batch_execute(
                "SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET TIME ZONE 'UTC'; \
                 SET client_min_messages = 'warning';",
            )?;
            Ok(AnyConnection::Postgres(conn))
        }
    }
}

/// Opens an empty database that is gone with its connection, in memory up to what a cache holds and
/// in a file beyond that.
///
/// # Errors
/// When neither has room for it.
pub fn temporary() -> Result<AnyConnection, ConnectError> {
    // The empty name means this to SQLite.
    let mut conn = SqliteConnection::establish("")?;
    // What is written into it was checked when it was recorded.
    conn.batch_execute(
        "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY; \
         PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;",
    )?;
    Ok(AnyConnection::Sqlite(conn))
}

/// Opens SQLite's writing connection, which keeps in memory what a savepoint may have to undo.
///
/// # Errors
/// As [`connect`].
pub(super) fn connect_writer(url: &DatabaseUrl) -> Result<AnyConnection, ConnectError> {
    let mut conn = connect(url)?;
    if let AnyConnection::Sqlite(conn) = &mut conn {
        conn.batch_execute("PRAGMA temp_store = MEMORY")?;
    }
    Ok(conn)
}

/// Runs the migrations that are missing; servers that start together take turns.
///
/// # Errors
/// What the database says of the migration that failed.
pub fn migrate(conn: &mut AnyConnection) -> Result<(), String> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            conn.run_pending_migrations(SQLITE_MIGRATIONS)
                .map_err(|e| e.to_string())?;
        }
        AnyConnection::Postgres(conn) => {
            let lock = |call: &str| format!("SELECT {call}({MIGRATION_LOCK})");
            // A second server waits for the first one's migrations, however long they take.
            conn.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")
                .and_then(|()| conn.batch_execute(&lock("pg_advisory_lock")))
                .map_err(|e| e.to_string())?;
            let done = conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(drop);
            conn.batch_execute(&lock("pg_advisory_unlock"))
                .map_err(|e| e.to_string())?;
            done.map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

/// Undoes every migration.
///
/// # Errors
/// What the database says of the migration that failed.
pub fn revert(conn: &mut AnyConnection) -> Result<(), String> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.revert_all_migrations(SQLITE_MIGRATIONS).map(drop),
        AnyConnection::Postgres(conn) => conn.revert_all_migrations(POSTGRES_MIGRATIONS).map(drop),
    }
    .map_err(|e| e.to_string())
}

/// True when no migration is missing.
///
/// # Errors
/// When the database cannot be asked.
pub fn is_migrated(conn: &mut AnyConnection) -> Result<bool, ApiError> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.has_pending_migration(SQLITE_MIGRATIONS),
        AnyConnection::Postgres(conn) => conn.has_pending_migration(POSTGRES_MIGRATIONS),
    }
    .map(|pending| !pending)
    .map_err(ApiError::unavailable)
}

/// Begins a read that sees one state of the data, though it asks several times.
pub(super) fn begin_snapshot(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    }
}

/// Begins a write, taking SQLite's write lock at once.
pub(super) fn begin(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn),
    }
}

/// Commits, or rolls back when that fails.
pub(super) fn commit(conn: &mut AnyConnection) -> Result<(), Error> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::commit_transaction(conn).inspect_err(|_| {
        let _ = Manager::rollback_transaction(conn);
    })
}

/// Writes in one transaction on a connection of one's own, as commands do.
///
/// # Errors
/// What `work` returns, after which nothing is changed.
pub fn write<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin(conn)?;
    match work(conn) {
        Ok(value) => {
            commit(conn)?;
            Ok(value)
        }
        Err(error) => {
            rollback(conn)?;
            Err(error)
        }
    }
}

/// Reads one state of the data on a connection of one's own.
///
/// # Errors
/// What `work` returns.
pub fn read<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin_snapshot(conn)?;
    let result = work(conn);
    rollback(conn)?;
    result
}

/// Undoes what the transaction has done.
pub(super) fn rollback(conn: &mut AnyConnection) -> Result<(), Error> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::rollback_transaction(conn)
}
