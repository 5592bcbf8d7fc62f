//! Contacts in imports: they are personal data, so an import keeps each only until its row is in a record,
//! where it can be erased.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Map, Value};

use super::book::{Cell, address};
use super::kind::ImportKind;
use super::layout::DataRow;
use super::plan::Table;
use super::planned::{self, Rows};
use super::rows::Row;
use super::store::{self, Stored};
use super::types::ImportOutcome;
use crate::db::schema::imports as i;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::ledger::personal::Subject;

/// Fields of columns that become the contact.
const FIELDS: [&str; 3] = ["contact", "contact_phone", "contact_email"];

/// Number of old imports that are cleared at once.
const AT_ONCE: i64 = 20;

/// A cell to clear, with the text that stays.
pub struct Cleared {
    row: usize,
    column: usize,
    text: String,
}

/// Returns how long an import keeps the contacts of rows that nobody records, after its last change.
fn kept_for() -> Duration {
    Duration::days(30)
}

/// Notes that the contacts in rows of known agreements are shown.
pub fn note(cx: &RequestContext, stored: &Stored, planned: &Rows) {
    let rows = planned.rows.iter().filter(|row| row.has_contact());
    let compared = rows.filter_map(|row| planned.compared.get(&row.position()));
    for known in compared.filter(|_| stored.doc.kind == ImportKind::Agreements) {
        let Some(id) = known.record_id else { continue };
        cx.shown.note(Subject {
            agreement: id.into(),
            version: known.version.unwrap_or_default(),
            municipality: stored.municipality_id,
        });
    }
}

/// Returns the cells with the contacts of rows that became a record or say the same as one.
pub fn of_recorded(
    table: &Table<'_>,
    planned: &Rows,
    is_new: impl Fn(&Row) -> bool,
) -> Vec<Cleared> {
    let is_same = |row: &Row| {
        let compared = planned.compared.get(&row.position());
        compared.is_some_and(|compared| compared.outcome == ImportOutcome::Same)
    };
    cells(table, planned, |row| is_new(row) || is_same(row))
}

/// Returns the cells with the contacts of some rows. An officer beside a department leaves it alone.
fn cells(table: &Table<'_>, planned: &Rows, some: impl Fn(&Row) -> bool) -> Vec<Cleared> {
    let mut all = Vec::new();
    for row in planned
        .rows
        .iter()
        .filter(|row| row.has_contact() && some(row))
    {
        let department = row.body.get("lead_department").and_then(Value::as_str);
        let is_of_row = |data: &&DataRow| {
            let number = data.row + 1;
            number == row.row || row.also_rows.contains(&number)
        };
        for data in table.layout.rows.iter().filter(is_of_row) {
            for (column, found) in table.mapping.iter().enumerate() {
                let text = match found.field.as_deref() {
                    Some(field) if FIELDS.contains(&field) => "",
                    Some("lead_department") if row.tells_officer_apart() => {
                        department.unwrap_or_default()
                    }
                    _ => continue,
                };
                let shared = data.shared.get(column).copied().flatten();
                all.push(Cleared {
                    row: shared.unwrap_or(data.row),
                    column,
                    text: text.to_owned(),
                });
            }
        }
    }
    all
}

/// Clears cells of a sheet for good, and returns whether there are any.
///
/// # Errors
/// Those of the database.
pub fn forget(
    conn: &mut AnyConnection,
    stored: &mut Stored,
    sheet: usize,
    cells: Vec<Cleared>,
) -> Result<bool, ApiError> {
    if cells.is_empty() {
        return Ok(false);
    }
    clear(stored, sheet, cells);
    diesel::update(i::table.find(stored.meta.id.to_string()))
        .set(i::book.eq(Json(&stored.book)))
        .execute(conn)?;
    Ok(true)
}

/// Clears cells of a sheet, and the caller's corrections of them.
fn clear(stored: &mut Stored, sheet: usize, cells: Vec<Cleared>) {
    for Cleared { row, column, text } in cells {
        stored.doc.content.cells.remove(&address(row, column));
        let rows = stored
            .book
            .sheets
            .get_mut(sheet)
            .map(|sheet| &mut sheet.rows);
        let cell = rows.and_then(|rows| rows.get_mut(row)?.get_mut(column));
        if let Some(cell) = cell {
            *cell = Cell::text(&text);
        }
    }
}

/// Takes personal data out of the patch that restores a record: an undo leaves what was erased or replaced.
pub fn without(undo: &mut Map<String, Value>) {
    for member in ["contact", "individual_parties"] {
        undo.retain(|name, value| name != member || value.is_null());
    }
}

/// Clears the contacts in imports that nobody changed for long.
///
/// # Errors
/// Those of the database.
pub fn clear_old(conn: &mut AnyConnection, cx: &RequestContext) -> Result<(), ApiError> {
    let old = i::table
        .filter(i::updated_at.lt(cx.now - kept_for()))
        .filter(i::doc.not_like("%\"cleared\":true%"))
        .select(i::id);
    let old: Vec<String> = old.order(i::id).limit(AT_ONCE).load(conn)?;
    for id in old {
        let mut stored = store::read(conn, stored_id(&id)?)?;
        let table = planned::table(conn, &stored)?;
        let planned = planned::rows(conn, cx, &stored, &table)?;
        let (sheet, found) = (table.layout.sheet, cells(&table, &planned, |_| true));
        drop(table);
        clear(&mut stored, sheet, found);
        stored.doc.cleared = true;
        // One that another transaction changes now is not old any more.
        let same = i::table
            .find(&id)
            .filter(i::version.eq(stored.meta.version));
        diesel::update(same)
            .set((
                i::version.eq(stored.meta.version + 1),
                i::doc.eq(Json(&stored.doc)),
                i::book.eq(Json(&stored.book)),
            ))
            .execute(conn)?;
    }
    Ok(())
}
