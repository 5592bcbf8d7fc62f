//! Who takes part in the records of a past: whoever takes part in them at present.
//!
//! A party, member or implementer that was removed sees no more of the past of a record than of its
//! present. The rows that name the organizations of a past stay as they were recorded; only the view
//! by which [`crate::ledger::Scope`] decides what a partner sees is replaced by a table of the present.

use std::fmt::Write as _;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::organizations::records::ORGANIZATION;

/// Number of rows that are copied at once.
const CHUNK: usize = 1000;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    context_id: String,
    #[diesel(sql_type = Text)]
    organization_id: String,
}

#[derive(QueryableByName)]
struct Merged {
    #[diesel(sql_type = Bool)]
    merged: bool,
}

/// Replaces the view of a past that was just rebuilt by a table of those who take part at present.
pub fn replace(conn: &mut AnyConnection, past: &mut AnyConnection) -> Result<(), ApiError> {
    // A rebuilt registry is an SQLite database.
    past.batch_execute(
        "DROP VIEW participations; \
         CREATE TABLE participations (context_id TEXT NOT NULL, organization_id TEXT NOT NULL); \
         CREATE INDEX participations_by_context ON participations (context_id); \
         CREATE INDEX participations_by_organization ON participations (organization_id, context_id)",
    )?;
    copy(conn, past, "TRUE")
}

/// Brings the table up to date with the entries of the log after `seen`, which concern the records
/// `changed`.
pub fn follow(
    conn: &mut AnyConnection,
    past: &mut AnyConnection,
    seen: i64,
    changed: &[&str],
) -> Result<(), ApiError> {
    // A merge moves the references of records that it does not log.
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM changes WHERE seq > {seen} AND record_type = '{}' \
           AND entry LIKE '%\"merged_into_id\":\"%') AS merged",
        ORGANIZATION.name
    );
    let Merged { merged } = diesel::sql_query(sql).get_result(conn)?;
    if merged {
        past.batch_execute("DELETE FROM participations")?;
        return copy(conn, past, "TRUE");
    }
    for some in changed.chunks(500) {
        let ids: Vec<String> = some.iter().map(|id| format!("'{id}'")).collect();
        let these = format!("context_id IN ({})", ids.join(", "));
        past.batch_execute(&format!("DELETE FROM participations WHERE {these}"))?;
        copy(conn, past, &these)?;
    }
    Ok(())
}

/// Copies the rows of the present that fit a condition. Their values are ids, which the program made.
fn copy(
    conn: &mut AnyConnection,
    past: &mut AnyConnection,
    condition: &str,
) -> Result<(), ApiError> {
    let mut after = (String::new(), String::new());
    loop {
        let sql = format!(
            "SELECT context_id, organization_id FROM participations \
             WHERE {condition} AND (context_id, organization_id) > ('{}', '{}') \
             ORDER BY context_id, organization_id LIMIT {CHUNK}",
            after.0, after.1
        );
        let rows: Vec<Row> = diesel::sql_query(sql).load(conn)?;
        let mut insert = String::new();
        for row in rows {
            let start = if insert.is_empty() {
                "INSERT INTO participations VALUES "
            } else {
                ", "
            };
            let _ = write!(
                insert,
                "{start}('{}', '{}')",
                row.context_id, row.organization_id
            );
            after = (row.context_id, row.organization_id);
        }
        if insert.is_empty() {
            return Ok(());
        }
        past.batch_execute(&insert)?;
    }
}
