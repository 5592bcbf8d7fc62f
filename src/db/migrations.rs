//! Migrations of both databases, which servers that start together run once.

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{AnyConnection, OpenError, dialect};
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Key of the advisory lock that lets one server migrate at a time: "mou" and a number.
const MIGRATION_LOCK: i64 = 0x6d6f_7501;

/// The migrations of the database, compared with those of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrations {
    Complete,
    /// The program has migrations that the database lacks.
    Missing,
    /// The database has migrations that the program does not know.
    Unknown,
}

/// Runs the missing migrations. Servers that start together take turns: all of it is one
/// transaction, which holds a lock from its start.
///
/// # Errors
/// Fails if a migration fails.
pub fn migrate(conn: &mut AnyConnection) -> Result<(), OpenError> {
    // A database that needs none is not locked, and may be read-only.
    if state(conn)? != Migrations::Missing {
        return Ok(());
    }
    wait_for_turn(conn)?;
    let done = match conn {
        AnyConnection::Sqlite(conn) => conn.run_pending_migrations(SQLITE_MIGRATIONS).map(drop),
        AnyConnection::Postgres(conn) => conn.run_pending_migrations(POSTGRES_MIGRATIONS).map(drop),
    };
    match done {
        Ok(()) => dialect::commit(conn)?,
        Err(error) => {
            dialect::rollback(conn)?;
            return Err(OpenError::Migration(error));
        }
    }
    if let AnyConnection::Sqlite(conn) = conn {
        conn.batch_execute(dialect::SQLITE_PATIENCE)?;
    }
    Ok(())
}

/// Begins a transaction that holds the lock for migrations, however long others hold it.
fn wait_for_turn(conn: &mut AnyConnection) -> QueryResult<()> {
    if let AnyConnection::Sqlite(conn) = conn {
        conn.batch_execute("PRAGMA busy_timeout = 600000")?;
    }
    dialect::begin(conn)?;
    if let AnyConnection::Postgres(conn) = conn {
        conn.batch_execute(&format!(
            "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
             SET LOCAL idle_in_transaction_session_timeout = 0; \
             SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
        ))?;
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

/// Compares the migrations of the database with those of the program. Writes nothing.
pub fn state(conn: &mut AnyConnection) -> QueryResult<Migrations> {
    let own = own(conn)?;
    let applied = applied(conn)?;
    Ok(if own.iter().any(|version| !applied.contains(version)) {
        Migrations::Missing
    } else if applied.len() > own.len() {
        Migrations::Unknown
    } else {
        Migrations::Complete
    })
}

/// Fails unless the migrations of the database are those of the program.
///
/// # Errors
/// `unavailable` (`migrations_missing` or `migrations_unknown`)
pub(super) fn check(conn: &mut AnyConnection) -> Result<(), ApiError> {
    match state(conn)? {
        Migrations::Complete => Ok(()),
        Migrations::Missing => Err(ApiError::out_of_order(Outage::MigrationsMissing)),
        Migrations::Unknown => Err(ApiError::out_of_order(Outage::MigrationsUnknown)),
    }
}

/// Returns the versions of the program's migrations for a database, in order.
///
/// # Errors
/// Fails if the embedded migrations cannot be read.
pub fn own(conn: &AnyConnection) -> QueryResult<Vec<String>> {
    match conn {
        AnyConnection::Sqlite(_) => versions::<Sqlite>(&SQLITE_MIGRATIONS),
        AnyConnection::Postgres(_) => versions::<Pg>(&POSTGRES_MIGRATIONS),
    }
}

/// Runs the migrations with these versions, as far as they are missing, in the present transaction.
///
/// # Errors
/// Fails if a migration fails.
pub fn migrate_to(conn: &mut AnyConnection, versions: &[String]) -> Result<(), OpenError> {
    fn run<DB: diesel::backend::Backend>(
        conn: &mut impl MigrationHarness<DB>,
        source: EmbeddedMigrations,
        versions: &[String],
    ) -> diesel::migration::Result<()>
    where
        EmbeddedMigrations: MigrationSource<DB>,
    {
        for migration in conn.pending_migrations(source)? {
            if versions.contains(&migration.name().version().to_string()) {
                conn.run_migration(&*migration)?;
            }
        }
        Ok(())
    }
    match conn {
        AnyConnection::Sqlite(conn) => run(conn, SQLITE_MIGRATIONS, versions),
        AnyConnection::Postgres(conn) => run(conn, POSTGRES_MIGRATIONS, versions),
    }
    .map_err(OpenError::Migration)
}

fn versions<DB: diesel::backend::Backend>(
    migrations: &EmbeddedMigrations,
) -> QueryResult<Vec<String>>
where
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all = MigrationSource::<DB>::migrations(migrations);
    let all = all.map_err(diesel::result::Error::QueryBuilderError)?;
    let mut all: Vec<_> = all.iter().map(|m| m.name().version().to_string()).collect();
    all.sort();
    Ok(all)
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    it: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Returns the versions of the migrations that the database has, in order; none if it lacks the table
/// of them.
pub fn applied(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let exists = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT count(*) > 0 AS it FROM sqlite_master WHERE name = '__diesel_schema_migrations'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS it"
        }
    };
    if !diesel::sql_query(exists).get_result::<Exists>(conn)?.it {
        return Ok(Vec::new());
    }
    let all = diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY 1");
    let all: Vec<Version> = all.load(conn)?;
    Ok(all.into_iter().map(|row| row.version).collect())
}
