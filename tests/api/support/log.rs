//! Verification of the log by the program, and tampering with the database.

use std::process::{Child, Command, Output, Stdio};

use mou_registry::changes::verify::verify;
use mou_registry::db::{AnyConnection, dialect};

use super::databases::text;
use super::{Api, run};

pub fn connect(api: &Api) -> AnyConnection {
    dialect::connect(&api.url).unwrap()
}

/// The finding of the verification, if there is one.
pub fn wrong(api: &Api) -> Option<String> {
    dialect::read(&mut connect(api), |conn| {
        verify(conn, chrono_tz::Asia::Seoul, None)
    })
    .err()
    .map(|broken| broken.to_string())
}

/// Changes the database by hand, with the triggers off.
pub fn meddle(api: &Api, sql: &str) {
    run(&mut unguarded(api), sql);
}

/// A connection with the triggers off.
pub fn unguarded(api: &Api) -> AnyConnection {
    let mut conn = connect(api);
    let off = match conn {
        AnyConnection::Sqlite(_) => {
            "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS changes_are_not_changed; DROP TRIGGER IF EXISTS changes_are_not_removed"
        }
        AnyConnection::Postgres(_) => {
            "SET session_replication_role = replica; ALTER TABLE changes DISABLE TRIGGER ALL"
        }
    };
    run(&mut conn, off);
    conn
}

pub fn program(api: &Api, arguments: &[&str]) -> Output {
    started(api, arguments).wait_with_output().unwrap()
}

/// Starts the program, which runs beside the requests of the test.
pub fn started(api: &Api, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mou-registry"));
    command
        .args(arguments)
        .args(["--database-url", &text(&api.url)])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}
