//! CPU times, as reported by Linux.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Integer;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};

use crate::Error;

/// Returns the CPU time of this program so far, in hundredths of a second.
pub fn own_cpu() -> Result<Duration, Error> {
    let fields = stat("self").ok_or("the times")?;
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// The processes of a database; none for SQLite, which works in the program.
pub struct Database {
    /// The process that starts the others.
    main: Option<String>,
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

impl Database {
    pub fn of(url: &DatabaseUrl) -> Result<Self, Error> {
        let mut main = None;
        if let AnyConnection::Postgres(conn) = &mut dialect::connect(url)? {
            let own = diesel::sql_query("SELECT pg_backend_pid() AS pid");
            let own: Backend = own.get_result(conn)?;
            main = stat(&own.pid.to_string()).map(|fields| fields[1].clone());
        }
        Ok(Self { main })
    }

    /// Returns the CPU time of all its processes so far, also of those that ended.
    pub fn cpu(&self) -> Result<Duration, Error> {
        let Some(main) = &self.main else {
            return Ok(Duration::ZERO);
        };
        let mut ticks = 0;
        for entry in std::fs::read_dir("/proc")? {
            let pid = entry?.file_name().to_string_lossy().into_owned();
            let Some(fields) = stat(&pid).filter(|f| f[1] == *main || pid == *main) else {
                continue;
            };
            let used = if pid == *main { 11..15 } else { 11..13 };
            for time in &fields[used] {
                ticks += time.parse::<u64>()?;
            }
        }
        Ok(Duration::from_millis(ticks * 10))
    }
}

/// Returns the fields of a process after its name: its state, its parent, and so on.
fn stat(pid: &str) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name can contain blanks.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<String> = fields.split(' ').map(str::to_owned).collect();
    (fields.len() > 15).then_some(fields)
}
