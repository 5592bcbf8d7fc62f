//! Notices commits to a SQLite file without reading from it.
//!
//! SQLite numbers the states of a file that a connection sees (`PRAGMA data_version`): the number
//! changes once anything was committed, by whatever process. To ask for it takes two microseconds and
//! waits for nobody, so that a thread of HTTP can do so.

use std::sync::{Mutex, PoisonError, TryLockError};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;

use super::AnyConnection;
use super::opener::Opener;

/// The number of a state of the file. Equal numbers mean the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState(i64);

/// A connection that only asks for the state of the file.
pub(super) struct Commits {
    opener: Opener,
    conn: Mutex<Option<SqliteConnection>>,
}

impl Commits {
    /// Takes a connection of its own, to which the numbers belong. PostgreSQL has none.
    pub fn new(opener: &Opener, conn: AnyConnection) -> Self {
        let conn = match conn {
            AnyConnection::Sqlite(conn) => Some(conn),
            AnyConnection::Postgres(_) => None,
        };
        // Whoever asks waits for no lock.
        let conn = conn.and_then(|mut conn| {
            let set = conn.batch_execute("PRAGMA busy_timeout = 0");
            set.is_ok().then_some(conn)
        });
        Self {
            opener: opener.clone(),
            conn: Mutex::new(conn),
        }
    }

    /// Returns the state of the file; `None` if that is unknown, or would have to be waited for.
    pub fn state(&self) -> Option<FileState> {
        let mut conn = match self.conn.try_lock() {
            Ok(conn) => conn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let conn = conn.as_mut()?;
        self.opener.check().ok()?;
        DataVersion.get_result(conn).ok().map(FileState)
    }

    /// Closes the connection.
    pub fn close(&self) {
        let mut conn = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        *conn = None;
    }
}

/// The question, which stays prepared.
#[derive(QueryId)]
struct DataVersion;

impl Query for DataVersion {
    type SqlType = BigInt;
}

impl RunQueryDsl<SqliteConnection> for DataVersion {}

impl<DB: Backend> QueryFragment<DB> for DataVersion {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("PRAGMA data_version");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DatabaseUrl, dialect};
    use super::*;

    #[test]
    fn the_state_changes_with_each_commit_and_with_nothing_else() {
        let directory = std::env::temp_dir().join(format!("commits-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir(&directory).unwrap();
        let url = DatabaseUrl::Sqlite(directory.join("a.db").display().to_string());
        let connect = || dialect::connect(&url).unwrap();
        let commits = Commits::new(&Opener::new(&url, dialect::connect), connect());
        let mut other = connect();
        let mut run = |sql: &str| {
            diesel::sql_query(sql).execute(&mut other).unwrap();
            commits.state().unwrap()
        };
        let made = run("CREATE TABLE a (b INTEGER) STRICT");
        assert_eq!(run("BEGIN IMMEDIATE"), made);
        assert_eq!(run("INSERT INTO a VALUES (1)"), made);
        let committed = run("COMMIT");
        assert_ne!(committed, made);
        assert_eq!(run("SELECT b FROM a"), committed);
        std::fs::rename(directory.join("a.db"), directory.join("b.db")).unwrap();
        assert_eq!(commits.state(), None);
        commits.close();
        drop(other);
        std::fs::remove_dir_all(directory).unwrap();
    }
}
