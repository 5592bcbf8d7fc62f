//! A past that is copied from the present, as far as nothing has changed since.
//!
//! Rebuilding a registry from the log takes as long as the log is. Most questions are about an instant
//! after which little was recorded: then the rows of all other records are those of the present, and only
//! what changed, and what is derived from it, is restored from the log. SQLite copies rows from one file
//! to another by itself; a past of PostgreSQL is rebuilt.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde_json::Value;

use super::derived::columns_of;
use super::rebuild::{Rebuilt, fill_in};
use crate::agreements::records::{AGREEMENT, COMMITMENT_REPORT};
use crate::announcements::records::ANNOUNCEMENT;
use crate::db::{AnyConnection, dialect};
use crate::kernel::error::ApiError;
use crate::kernel::values::{stored, to_stored};
use crate::ledger::RequestContext;
use crate::ledger::records::{Record, remove_personal};
use crate::organizations::records::ORGANIZATION;
use crate::projects::records::{MILESTONE, PROJECT};
use crate::records;
use crate::working_groups::records::{MEETING, WORKING_GROUP};

/// Kinds of records whose changes alter no rows of other records than those that [`FOLLOWING`] finds.
static LOCAL: [&Record; 7] = [
    &AGREEMENT,
    &COMMITMENT_REPORT,
    &PROJECT,
    &MILESTONE,
    &WORKING_GROUP,
    &MEETING,
    &ANNOUNCEMENT,
];

/// The records whose rows follow from others that have changed.
const FOLLOWING: [&str; 6] = [
    "SELECT project_id FROM present.milestones WHERE id IN changed",
    "SELECT id FROM present.milestones WHERE project_id IN changed",
    "SELECT id FROM present.working_groups WHERE project_id IN changed OR agreement_id IN changed",
    "SELECT id FROM present.meetings WHERE working_group_id IN changed",
    "SELECT agreement_id FROM present.agreement_anchors WHERE milestone_id IN changed",
    "SELECT milestone_id FROM present.milestone_anchors WHERE agreement_id IN changed",
];

/// Tables of SQLite's full-text index, which does not return the texts that it was given.
const INDEX: [&str; 4] = [
    "search_terms_config",
    "search_terms_data",
    "search_terms_docsize",
    "search_terms_idx",
];

/// Copies the past up to an entry from the database of `conn`; `None` if it has to be rebuilt: on
/// PostgreSQL, or if something has changed since that alters records of all kinds.
///
/// # Errors
/// Fails with an internal error if the log or the database cannot be read.
pub fn copied(
    conn: &mut AnyConnection,
    program: &RequestContext,
    until: i64,
) -> Result<Option<Rebuilt>, ApiError> {
    let (Some(present), Some(last)) = (dialect::file_of(conn)?, hash_of(conn, "changes", until)?)
    else {
        return Ok(None);
    };
    let mut empty = dialect::temporary().map_err(ApiError::internal)?;
    dialect::migrate(&mut empty).map_err(ApiError::internal)?;
    dialect::attach(&mut empty, &present, "present")?;
    let days = dialect::write(&mut empty, |into| -> Result<_, ApiError> {
        // The file of the connection can have been replaced by another.
        if hash_of(into, "present.changes", until)?.as_ref() != Some(&last)
            || !note_changed(into, until)?
        {
            return Ok(None);
        }
        copy(into)?;
        let ids = changed(into)?;
        fill_in(conn, into, program, until, &ids).map(Some)
    })?;
    let Some(days) = days else { return Ok(None) };
    empty.batch_execute("DETACH present; DROP TABLE temp.changed")?;
    Ok(Some(Rebuilt { conn: empty, days }))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct Hash {
    #[diesel(sql_type = Text)]
    hash: String,
}

/// Returns the hash of an entry of a log.
fn hash_of(conn: &mut AnyConnection, log: &str, seq: i64) -> Result<Option<String>, ApiError> {
    let sql = format!("SELECT hash FROM {log} WHERE seq = {seq}");
    let row: Option<Hash> = diesel::sql_query(sql).get_result(conn).optional()?;
    Ok(row.map(|Hash { hash }| hash))
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    it: bool,
}

fn names(kinds: impl Iterator<Item = &'static Record>) -> String {
    let names = kinds.map(|kind| format!("'{}'", kind.name));
    names.collect::<Vec<_>>().join(", ")
}

/// Lists the records that have changed after an entry, and those whose rows follow from them. Returns
/// false if other rows may follow from a change as well.
fn note_changed(into: &mut AnyConnection, until: i64) -> Result<bool, ApiError> {
    let keys = names(records::ALL.into_iter().filter(|record| record.is_key()));
    let local = names(LOCAL.into_iter());
    // Of a new organization nothing was known. A municipality can continue another.
    let is_new = format!(
        "c.record_type = '{}' AND c.municipality_id IS NULL AND NOT EXISTS \
           (SELECT 1 FROM present.changes AS e WHERE e.record_id = c.record_id AND e.seq <= {until})",
        ORGANIZATION.name
    );
    let sql = format!(
        "SELECT NOT EXISTS (SELECT 1 FROM present.changes AS c WHERE c.seq > {until} \
           AND c.record_type NOT IN ({keys}, {local}) AND NOT ({is_new})) AS it"
    );
    let Answer { it } = diesel::sql_query(sql).get_result(into)?;
    if !it {
        return Ok(false);
    }
    into.batch_execute(&format!(
        "CREATE TEMP TABLE changed (id TEXT PRIMARY KEY) WITHOUT ROWID; \
         INSERT OR IGNORE INTO changed SELECT record_id FROM present.changes WHERE seq > {until}; \
         INSERT OR IGNORE INTO changed SELECT context_id FROM present.changes \
           WHERE seq > {until} AND record_type IN ({local})"
    ))?;
    loop {
        let mut found = 0;
        for following in FOLLOWING {
            let sql = format!("INSERT OR IGNORE INTO changed {following}");
            found += diesel::sql_query(sql).execute(into)?;
        }
        if found == 0 {
            return Ok(true);
        }
    }
}

fn changed(into: &mut AnyConnection) -> Result<Vec<String>, ApiError> {
    let ids: Vec<Id> = diesel::sql_query("SELECT id FROM changed ORDER BY id").load(into)?;
    Ok(ids.into_iter().map(|Id { id }| id).collect())
}

/// Copies the rows that are written with a record that has not changed.
fn copy(into: &mut AnyConnection) -> Result<(), ApiError> {
    let kinds = records::ALL.into_iter().filter(|record| !record.is_key());
    let own = kinds.map(|record| (record.table, "id"));
    let derived = records::derived().map(|table| (table.name, table.written_with));
    for (table, record) in own.chain(derived) {
        let rows = format!("{record} IS NULL OR {record} NOT IN changed");
        copy_table(into, table, &rows)?;
    }
    copy_table(
        into,
        "files",
        "sha256 IN (SELECT sha256 FROM main.file_uses)",
    )?;
    for table in INDEX {
        into.batch_execute(&format!("DELETE FROM main.{table}"))?;
        copy_table(into, table, "TRUE")?;
    }
    into.batch_execute(
        "DELETE FROM main.search_terms WHERE rowid IN \
           (SELECT seq FROM present.search_entries WHERE record_id IN changed)",
    )?;
    forget_personal(into)
}

fn copy_table(into: &mut AnyConnection, table: &str, rows: &str) -> Result<(), ApiError> {
    let columns = columns_of(into, table)?.join(", ");
    into.batch_execute(&format!(
        "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table} WHERE {rows}"
    ))?;
    Ok(())
}

#[derive(QueryableByName)]
struct Personal {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    doc: String,
}

/// Removes the personal data, which the log does not have. It is stored with a salt.
fn forget_personal(into: &mut AnyConnection) -> Result<(), ApiError> {
    let sql = "SELECT id, doc FROM main.agreements \
                WHERE instr(doc, '\"contact_salt\":null') = 0 OR instr(doc, '\"names_salt\":') > 0";
    let rows: Vec<Personal> = diesel::sql_query(sql).load(into)?;
    for Personal { id, doc } in rows {
        let mut doc: Value = stored(&doc)?;
        remove_personal(&mut doc);
        if let Some(doc) = doc.as_object_mut() {
            doc.insert("contact_salt".into(), Value::Null);
            doc.remove("names_salt");
        }
        diesel::sql_query("UPDATE main.agreements SET doc = ? WHERE id = ?")
            .bind::<Text, _>(to_stored(&doc)?)
            .bind::<Text, _>(id)
            .execute(into)?;
    }
    Ok(())
}
