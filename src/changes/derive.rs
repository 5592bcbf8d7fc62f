//! Repairs the derived tables: rows that an older version of the program derived differently, and
//! rows that were changed by hand.

use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::{Map, Value};

use super::derived::{Other, Row, Table};
use super::verify::{Broken, rebuilt, records};
use super::{derived, keys};
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::values::to_stored;
use crate::ledger::chain;
use crate::projections::search_index::verify as held;
use crate::projections::search_index::verify::Found;

/// Rewrites all derived rows that differ from the log, and returns their number.
///
/// # Errors
/// Returns the first entry or record that does not match, since nothing can be derived from such a
/// log.
pub fn derive(conn: &mut AnyConnection, zone: Tz) -> Result<usize, Broken> {
    let (entries, ..) = records(conn, None)?;
    let mut rebuilt = rebuilt(conn, zone, entries)?;
    let mut count = keys::settle(conn)?;
    derived::compare(
        conn,
        &mut rebuilt,
        |conn, rebuilt, (table, columns), other| {
            count += 1;
            match (table.name, &other) {
                ("search_entries", Other::Underived(key)) => held::remove(conn, key)?,
                ("search_entries", Other::Lost(row) | Other::Differs(row, _)) => {
                    held::rewrite(conn, rebuilt, &row.key)?;
                }
                (_, Other::Underived(key)) => remove(conn, table, key)?,
                (_, Other::Lost(row)) => insert(conn, table, columns, row)?,
                (_, Other::Differs(row, _)) => update(conn, table, columns, row)?,
            }
            Ok(())
        },
    )?;
    held::compare(conn, &mut rebuilt, |conn, rebuilt, found| {
        count += 1;
        let done = match found {
            Found::Entry(key) => held::rewrite(conn, rebuilt, &key),
            Found::Stray(seq) => held::remove_stray(conn, seq),
        };
        done.map_err(Broken::from)
    })?;
    if count > 0 {
        chain::end_answers(conn)?;
    }
    Ok(count)
}

fn remove(conn: &mut AnyConnection, table: &Table, key: &[String]) -> Result<(), ApiError> {
    let sql = format!("DELETE FROM {} WHERE {}", table.name, table.is_row(conn, 0));
    run(conn, sql, key.iter())
}

fn insert(
    conn: &mut AnyConnection,
    table: &Table,
    columns: &[String],
    row: &Row,
) -> Result<(), ApiError> {
    let sql = format!(
        "INSERT INTO {table} ({names}) SELECT {names} FROM {given} AS v",
        table = table.name,
        names = columns.join(", "),
        given = given(conn, table, columns),
    );
    run(conn, sql, [&object(columns, row)?].into_iter())
}

fn update(
    conn: &mut AnyConnection,
    table: &Table,
    columns: &[String],
    row: &Row,
) -> Result<(), ApiError> {
    let set = columns.iter().map(|name| format!("{name} = v.{name}"));
    let of = format!("(SELECT * FROM {}) AS v", given(conn, table, columns));
    let key = table.is_row(conn, 1);
    let sql = format!(
        "UPDATE {table} SET {set} FROM {of} WHERE {key}",
        table = table.name,
        set = set.collect::<Vec<_>>().join(", "),
    );
    let object = object(columns, row)?;
    run(conn, sql, std::iter::once(&object).chain(&row.key))
}

/// Returns the columns of a row as a JSON object, by name.
fn object(columns: &[String], row: &Row) -> Result<String, ApiError> {
    let members = columns.iter().cloned().zip(row.columns.iter().cloned());
    to_stored(&Value::Object(Map::from_iter(members)))
}

/// Returns a subquery that yields the row of such an object, which is bound first.
fn given(conn: &AnyConnection, table: &Table, columns: &[String]) -> String {
    match conn {
        AnyConnection::Sqlite(_) => {
            let columns = columns.iter();
            let columns = columns.map(|name| format!("json_extract(?1, '$.{name}') AS {name}"));
            format!("(SELECT {})", columns.collect::<Vec<_>>().join(", "))
        }
        AnyConnection::Postgres(_) => format!(
            "json_populate_record(CAST(NULL AS {}), CAST($1 AS json))",
            table.name
        ),
    }
}

fn run<'a>(
    conn: &mut AnyConnection,
    sql: String,
    bound: impl Iterator<Item = &'a String>,
) -> Result<(), ApiError> {
    let mut query = diesel::sql_query(sql).into_boxed();
    for text in bound {
        query = query.bind::<Text, _>(text.clone());
    }
    query.execute(conn)?;
    Ok(())
}
