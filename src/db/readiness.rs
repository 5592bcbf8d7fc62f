//! Finds faults of the database without changing any record.

use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::opener::Opener;
use super::{AnyConnection, dialect, migrations};
use crate::kernel::error::ApiError;
use crate::kernel::outage::Outage;

/// How long the question for SQLite's write lock waits for those who hold it.
const WAIT_FOR_WRITER: Duration = Duration::from_millis(200);

/// Opens the connection on which [`examine`] asks.
pub(super) fn open(opener: &Opener) -> Result<AnyConnection, ApiError> {
    let mut conn = opener.open()?;
    if let AnyConnection::Sqlite(conn) = &mut conn {
        let milliseconds = WAIT_FOR_WRITER.as_millis();
        conn.batch_execute(&format!("PRAGMA busy_timeout = {milliseconds}"))?;
    }
    Ok(conn)
}

/// Checks that the database can be read, has the program's migrations, and takes writes.
///
/// # Errors
/// `unavailable`, with the outage
pub(super) fn examine(conn: &mut AnyConnection) -> Result<(), ApiError> {
    dialect::read(conn, migrations::check).map_err(|error| match error.outage {
        Some(_) => error,
        None => ApiError::out_of_order(Outage::CannotRead).because(error),
    })?;
    takes_writes(conn)
}

#[derive(QueryableByName)]
struct Refuses {
    #[diesel(sql_type = Bool)]
    it: bool,
}

fn read_only(error: diesel::result::Error) -> ApiError {
    ApiError::out_of_order(Outage::ReadOnly).because(error)
}

fn takes_writes(conn: &mut AnyConnection) -> Result<(), ApiError> {
    if let AnyConnection::Sqlite(_) = conn {
        let begun = Instant::now();
        return match dialect::begin(conn) {
            Ok(()) => {
                // SQLite refuses a read-only file only to a statement that writes; this one finds
                // nothing to change.
                let nothing = "DELETE FROM __diesel_schema_migrations WHERE false";
                let tried = diesel::sql_query(nothing).execute(conn);
                dialect::rollback(conn)?;
                tried.map(drop).map_err(read_only)
            }
            // Others hold the lock, as writers do; a refusal does not wait.
            Err(_) if begun.elapsed() >= WAIT_FOR_WRITER / 2 => Ok(()),
            Err(error) => Err(read_only(error)),
        };
    }
    let refuses = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS it";
    let refuses = dialect::read(conn, |conn| {
        diesel::sql_query(refuses).get_result::<Refuses>(conn)
    });
    match refuses? {
        Refuses { it: true } => Err(ApiError::out_of_order(Outage::ReadOnly)),
        Refuses { it: false } => Ok(()),
    }
}

/// Looks for the reason that a write failed, by writing what is taken away again: a file beside
/// SQLite's, a temporary table on PostgreSQL. Only for use after a failed write.
///
/// # Errors
/// `unavailable` (`disk_full`, `read_only` or `cannot_write`)
pub(super) fn try_room(conn: &mut AnyConnection, opener: &Opener) -> Result<(), ApiError> {
    match (conn, opener.file()) {
        (AnyConnection::Sqlite(_), None) => Ok(()),
        (AnyConnection::Sqlite(_), Some(path)) => try_file(&format!("{path}-room")),
        (conn @ AnyConnection::Postgres(_), _) => try_table(conn),
    }
}

/// Size of what is written, in bytes.
const ROOM: usize = 256 * 1024;

fn try_file(path: &str) -> Result<(), ApiError> {
    let written = std::fs::File::create(path).and_then(|mut file| {
        file.write_all(&vec![1; ROOM])?;
        file.sync_all()
    });
    // If it was not created, there is nothing to remove.
    let _ = std::fs::remove_file(path);
    written.map_err(|error| {
        let outage = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Outage::DiskFull,
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Outage::ReadOnly,
            _ => Outage::CannotWrite,
        };
        ApiError::out_of_order(outage).because(error)
    })
}

#[derive(QueryableByName)]
struct State {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Asks PostgreSQL for the SQLSTATE itself, which diesel does not pass on.
fn try_table(conn: &mut AnyConnection) -> Result<(), ApiError> {
    let block = format!(
        "DO $$BEGIN \
           CREATE TEMPORARY TABLE mou_room ON COMMIT DROP AS \
             SELECT md5(n::text) AS room FROM generate_series(1, {}) AS n; \
           PERFORM set_config('mou.room', '00000', true); \
         EXCEPTION WHEN OTHERS THEN PERFORM set_config('mou.room', SQLSTATE, true); END$$",
        ROOM / 32
    );
    dialect::begin(conn)?;
    let tried = diesel::sql_query(block).execute(conn).and_then(|_| {
        let code = diesel::sql_query("SELECT current_setting('mou.room') AS code");
        code.get_result::<State>(conn)
    });
    dialect::rollback(conn)?;
    let outage = match tried?.code.as_str() {
        // A role without the right to temporary tables shows nothing.
        "00000" | "42501" => return Ok(()),
        "53100" => Outage::DiskFull,
        "25006" => Outage::ReadOnly,
        _ => Outage::CannotWrite,
    };
    Err(ApiError::out_of_order(outage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_leaves_no_file_behind() {
        let path = std::env::temp_dir().join(format!("mou-room-{}", std::process::id()));
        let path = path.display().to_string();
        try_file(&path).unwrap();
        assert!(!std::path::Path::new(&path).exists());
        let nowhere = try_file("/nowhere/at/all").unwrap_err();
        assert_eq!(nowhere.outage, Some(Outage::CannotWrite));
    }

    /// Linux answers every write to this device with "no space left".
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_by_the_code_of_the_system() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let error = full.and_then(|mut file| file.write_all(&[1])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
