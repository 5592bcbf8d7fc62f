//! Everything in which the two databases differ: connecting, migrations, transactions, locks.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::Error;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, DatabaseUrl, OpenError};
use crate::kernel::error::ApiError;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock that lets one server migrate at a time: "mou" and a number.
const MIGRATION_LOCK: i64 = 0x6d6f_7501;

/// Opens and configures a connection to the database at `url`.
///
/// # Errors
/// Fails if the file or the server cannot be reached.
pub fn connect(url: &DatabaseUrl) -> Result<AnyConnection, OpenError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(path)?;
            // busy_timeout comes first: setting WAL needs the lock that other connections may hold.
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

/// Opens SQLite's writing connection, which keeps savepoint journals in memory.
///
/// # Errors
/// Fails like [`connect`].
pub(super) fn connect_writer(url: &DatabaseUrl) -> Result<AnyConnection, OpenError> {
    let mut conn = connect(url)?;
    if let AnyConnection::Sqlite(conn) = &mut conn {
        conn.batch_execute("PRAGMA temp_store = MEMORY")?;
    }
    Ok(conn)
}

/// Runs the pending migrations. Servers that start together take turns.
///
/// # Errors
/// Fails if a migration fails.
pub fn migrate(conn: &mut AnyConnection) -> Result<(), OpenError> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            conn.run_pending_migrations(SQLITE_MIGRATIONS)
                .map_err(OpenError::Migration)?;
        }
        AnyConnection::Postgres(conn) => {
            let lock = |call: &str| format!("SELECT {call}({MIGRATION_LOCK})");
            // A second server waits for the first one's migrations, however long they take.
            conn.batch_execute("SET lock_timeout = 0; SET statement_timeout = 0")
                .and_then(|()| conn.batch_execute(&lock("pg_advisory_lock")))?;
            let done = conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(drop);
            conn.batch_execute(&lock("pg_advisory_unlock"))?;
            done.map_err(OpenError::Migration)?;
        }
    }
    Ok(())
}

/// Reverts every migration.
///
/// # Errors
/// Fails if a migration fails.
pub fn revert(conn: &mut AnyConnection) -> Result<(), OpenError> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.revert_all_migrations(SQLITE_MIGRATIONS).map(drop),
        AnyConnection::Postgres(conn) => conn.revert_all_migrations(POSTGRES_MIGRATIONS).map(drop),
    }
    .map_err(OpenError::Migration)
}

/// Returns true if no migration is pending.
///
/// # Errors
/// `unavailable` if the database cannot be queried.
pub fn is_migrated(conn: &mut AnyConnection) -> Result<bool, ApiError> {
    match conn {
        AnyConnection::Sqlite(conn) => conn.has_pending_migration(SQLITE_MIGRATIONS),
        AnyConnection::Postgres(conn) => conn.has_pending_migration(POSTGRES_MIGRATIONS),
    }
    .map(|pending| !pending)
    .map_err(ApiError::unavailable)
}

/// Begins a read transaction in which all queries see the same snapshot of the data.
pub(super) fn begin_snapshot(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN"),
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
            conn,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    }
}

/// Begins a write transaction, taking SQLite's write lock at once.
pub(super) fn begin(conn: &mut AnyConnection) -> Result<(), Error> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
        }
        AnyConnection::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn),
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

/// Runs `work` on one snapshot of the data, on the caller's own connection.
pub fn read<T, E: From<Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    begin_snapshot(conn)?;
    let result = work(conn);
    rollback(conn)?;
    result
}

/// Rolls back the transaction.
pub(super) fn rollback(conn: &mut AnyConnection) -> Result<(), Error> {
    type Manager = <AnyConnection as Connection>::TransactionManager;
    Manager::rollback_transaction(conn)
}
