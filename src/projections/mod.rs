//! Tables and values that are derived from records when these are written.

pub mod agreement_dates;
pub mod agreement_kind;
pub mod duty_term;
pub mod freshness;
pub mod gap_codes;
pub mod policies;
pub mod search_index;
pub mod timeline_entry;

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::ledger::Visibility;
use crate::ledger::records::{DerivedTable, Key};

/// The tables here that are derived from records of several kinds.
pub const TABLES: [DerivedTable; 3] = [
    DerivedTable::new("file_uses", &[Key::Text("file_id")]).written_with("record_id"),
    DerivedTable::new(
        "timeline_entries",
        &[Key::Text("entry_id"), Key::Day("known_from")],
    )
    .written_with("owner_id"),
    DerivedTable {
        assigned: &["seq"],
        ..DerivedTable::new(
            "search_entries",
            &[Key::Text("record_type"), Key::Text("record_id")],
        )
        .written_with("record_id")
    },
];

/// Limits who sees a record of a rebuilt registry, with its entries in the timeline and the search.
///
/// The record has a row in `table`. `entries` is a condition on the timeline that ends with the column
/// of the record's id, such as `type = 'milestone' AND project_id`.
pub fn restrict(
    past: &mut AnyConnection,
    (table, entries): (&str, &str),
    id: &str,
    visibility: Visibility,
) -> Result<(), ApiError> {
    for (table, column) in [
        (table, "id"),
        ("timeline_entries", entries),
        ("search_entries", "context_id"),
    ] {
        // A rebuilt registry is an SQLite database.
        let sql = format!("UPDATE {table} SET visibility = ?1 WHERE {column} = ?2");
        diesel::sql_query(sql)
            .bind::<Text, _>(visibility.as_str())
            .bind::<Text, _>(id)
            .execute(past)?;
    }
    Ok(())
}
