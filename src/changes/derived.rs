//! Compares the derived tables with the registry that is rebuilt from the log alone.

use std::cmp::Ordering;
use std::collections::VecDeque;

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use super::verify::{Broken, What};
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::values::stored;
use crate::ledger::chain::CHUNK;
use crate::ledger::records::Key;
use crate::records;

/// The columns of a record that are not compared here: each record is compared with its last log
/// entry as a whole.
const RECORD: &[&str] = &["doc", "version", "created_at", "updated_at"];

/// Every table whose rows follow from the log.
fn compared() -> impl Iterator<Item = Table> {
    let with_past = records::ALL.into_iter().filter(|record| !record.is_key());
    let own = with_past.map(|record| Table {
        name: record.table,
        key: &[Key::Text("id")],
        left_out: RECORD,
    });
    own.chain(records::derived().map(|table| Table {
        name: table.name,
        key: table.key,
        left_out: table.assigned,
    }))
}

/// A table whose rows follow from the log.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// The columns that identify a row and order the comparison.
    key: &'static [Key],
    /// The columns that are not compared.
    left_out: &'static [&'static str],
}

/// Every table that is not compared with the log.
#[cfg(test)]
const LEFT_OUT: [&str; 16] = [
    // The log itself, protected by the hash chain and the checkpoints.
    "changes",
    "changes_head",
    // Their records are checked against the log, and their derived columns by `keys`. The other
    // columns are not changes of a record: last use, secrets, state of the sending.
    "tokens",
    "addresses",
    "webhooks",
    // Pending deliveries and past attempts.
    "webhook_deliveries",
    "webhook_attempts",
    // Answers kept for a day, to be repeated for the same key.
    "idempotency_keys",
    // Sessions of people, which change nothing.
    "sign_ins",
    // What the folder of files is to hold: `audit verify --files` compares it with what is there.
    "files",
    // Requests that are under way.
    "file_claims",
    // Files and what they would become: what an import records is in the log.
    "imports",
    // Reads are not changes. They have a log of their own, from which nothing is derived.
    "personal_data_reads",
    // SQLite's full text index, which `search::held` compares with its entries.
    "search_terms",
    // Texts of files, which follow from the files and not from the log.
    "search_files",
    "search_passages",
];

/// A difference between a row and the rebuilt registry.
pub enum Other<'a> {
    /// The log yields no such row. Holds the key.
    Underived(&'a [String]),
    /// The log yields this row, and it is missing.
    Lost(&'a Row),
    /// The row exists, but differs from the log; holds the index of the first column that differs.
    Differs(&'a Row, usize),
}

impl Other<'_> {
    /// Converts the difference into an error.
    pub fn broken(&self, table: &Table, columns: &[String]) -> Broken {
        match self {
            Self::Underived(key) => Broken::Row(table.name, key.join(" "), What::Underived),
            Self::Lost(row) => Broken::Row(table.name, row.key.join(" "), What::Lost),
            Self::Differs(row, column) => {
                let column = columns.get(*column).cloned().unwrap_or_default();
                Broken::Column(table.name, row.key.join(" "), column)
            }
        }
    }
}

/// Compares every table with the rebuilt registry and calls `each` for every difference. Returns
/// the number of rows that the log yields, except those of records.
///
/// # Errors
/// Returns the first error of `each`.
pub fn compare(
    conn: &mut AnyConnection,
    rebuilt: &mut AnyConnection,
    mut each: impl FnMut(
        &mut AnyConnection,
        &mut AnyConnection,
        (&Table, &[String]),
        Other<'_>,
    ) -> Result<(), Broken>,
) -> Result<usize, Broken> {
    let mut count = 0;
    for table in compared() {
        let columns = table.columns(rebuilt)?;
        let mut real = Rows::new(conn, &table, &columns);
        let mut given = Rows::new(rebuilt, &table, &columns);
        let (mut here, mut there) = (real.next(conn)?, given.next(rebuilt)?);
        loop {
            let order = match (&here, &there) {
                (None, None) => break,
                (Some(a), Some(b)) => a.key.cmp(&b.key),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
            };
            let other = match (order, &here, &there) {
                (Ordering::Less, Some(row), _) => Some(Other::Underived(&row.key)),
                (Ordering::Greater, _, Some(row)) => Some(Other::Lost(row)),
                (_, Some(a), Some(b)) => {
                    let mut pairs = a.columns.iter().zip(&b.columns);
                    let place = pairs.position(|(a, b)| a != b);
                    place.map(|place| Other::Differs(b, place))
                }
                _ => None,
            };
            if let Some(other) = other {
                each(conn, rebuilt, (&table, &columns), other)?;
            }
            if order.is_le() {
                here = real.next(conn)?;
            }
            if order.is_ge() {
                count += usize::from(!table.is_of_records());
                there = given.next(rebuilt)?;
            }
        }
    }
    Ok(count)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Returns the names of the columns of a table of an SQLite database.
pub(super) fn columns_of(conn: &mut AnyConnection, table: &str) -> Result<Vec<String>, ApiError> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid");
    let all: Vec<Named> = diesel::sql_query(sql).load(conn)?;
    Ok(all.into_iter().map(|column| column.name).collect())
}

impl Table {
    /// Returns true if the rows are records, which exist for as long as the log knows them.
    pub fn is_of_records(&self) -> bool {
        self.left_out == RECORD
    }

    /// Returns the names of the key columns, separated by commas.
    fn key_names(&self) -> String {
        let names: Vec<&str> = self.key.iter().map(|key| key.name()).collect();
        names.join(", ")
    }

    /// Returns the placeholders for the values of the key, separated by commas, after `before`
    /// other bound values.
    fn key_bound(&self, conn: &AnyConnection, before: usize) -> String {
        let bound = self.key.iter().zip(before + 1..);
        let bound = bound.map(|(key, n)| match (conn, key) {
            (AnyConnection::Sqlite(_), _) => format!("?{n}"),
            (AnyConnection::Postgres(_), Key::Text(_)) => format!("${n}"),
            (AnyConnection::Postgres(_), Key::Day(_)) => format!("CAST(${n} AS date)"),
        });
        bound.collect::<Vec<_>>().join(", ")
    }

    /// Returns the SQL condition that selects one row by its key.
    pub fn is_row(&self, conn: &AnyConnection, before: usize) -> String {
        let names = self.key.iter();
        let names = names.map(|key| format!("{}.{}", self.name, key.name()));
        let names = names.collect::<Vec<_>>().join(", ");
        format!("({names}) = ({})", self.key_bound(conn, before))
    }

    /// Returns the columns to compare, as listed by the rebuilt registry, which is always SQLite.
    fn columns(&self, rebuilt: &mut AnyConnection) -> Result<Vec<String>, ApiError> {
        let mut names = columns_of(rebuilt, self.name)?;
        names.retain(|name| !self.left_out.contains(&name.as_str()));
        Ok(names)
    }
}

/// A row: its key and the compared columns.
pub struct Row {
    pub key: Vec<String>,
    pub columns: Vec<Value>,
}

/// Iterates over the rows of a table in key order, reading some at a time.
struct Rows<'a> {
    table: &'a Table,
    select: String,
    read: VecDeque<Row>,
    after: Option<Vec<String>>,
    at_end: bool,
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    columns: String,
}

impl<'a> Rows<'a> {
    fn new(conn: &AnyConnection, table: &'a Table, columns: &[String]) -> Self {
        let array = match conn {
            AnyConnection::Sqlite(_) => "json_array",
            AnyConnection::Postgres(_) => "json_build_array",
        };
        let array = |names: &str| format!("CAST({array}({names}) AS TEXT)");
        let select = format!(
            "SELECT {key} AS key, {columns} AS columns FROM {table}",
            key = array(&table.key_names()),
            columns = array(&columns.join(", ")),
            table = table.name,
        );
        Self {
            table,
            select,
            read: VecDeque::new(),
            after: None,
            at_end: false,
        }
    }

    /// Returns the next row. Rows written meanwhile before the last returned one are not read.
    fn next(&mut self, conn: &mut AnyConnection) -> Result<Option<Row>, ApiError> {
        if self.read.is_empty() && !self.at_end {
            self.read = self.more(conn)?;
            self.at_end = self.read.len() < CHUNK;
            self.after = self.read.back().map(|row| row.key.clone());
        }
        Ok(self.read.pop_front())
    }

    fn more(&self, conn: &mut AnyConnection) -> Result<VecDeque<Row>, ApiError> {
        let names = self.table.key_names();
        let rest = match &self.after {
            Some(_) => format!(" WHERE ({names}) > ({})", self.table.key_bound(conn, 0)),
            None => String::new(),
        };
        let sql = format!("{}{rest} ORDER BY {names} LIMIT {CHUNK}", self.select);
        let mut query = diesel::sql_query(sql).into_boxed();
        for part in self.after.iter().flatten() {
            query = query.bind::<Text, _>(part.clone());
        }
        let rows: Vec<Read> = query.load(conn)?;
        let rows = rows.into_iter().map(|row| {
            Ok(Row {
                key: stored(&row.key)?,
                columns: stored(&row.columns)?,
            })
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::db::dialect;

    fn names(conn: &mut AnyConnection, sql: &str) -> Vec<String> {
        let named: Vec<Named> = diesel::sql_query(sql).load(conn).unwrap();
        named.into_iter().map(|named| named.name).collect()
    }

    #[test]
    fn every_table_is_held_or_left_out_for_a_reason() {
        let mut conn = dialect::temporary().unwrap();
        dialect::migrate(&mut conn).unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_terms\\_%' ESCAPE '\\' \
                      AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let tables: BTreeSet<String> = names(&mut conn, tables).into_iter().collect();
        let stated = compared().map(|table| table.name).chain(LEFT_OUT);
        let stated: Vec<String> = stated.map(str::to_owned).collect();
        assert_eq!(stated.len(), tables.len());
        assert_eq!(stated.into_iter().collect::<BTreeSet<_>>(), tables);
    }

    #[test]
    fn keys_and_columns_that_are_left_out_are_there() {
        let mut conn = dialect::temporary().unwrap();
        dialect::migrate(&mut conn).unwrap();
        for table in compared() {
            let all = format!("SELECT name FROM pragma_table_info('{}')", table.name);
            let all = names(&mut conn, &all);
            assert!(table.left_out.iter().all(|n| all.iter().any(|c| c == n)));
            // Rows that share a key would be taken for one.
            let mut keys: Vec<&str> = table.key.iter().map(|key| key.name()).collect();
            keys.sort_unstable();
            let unique = format!(
                "SELECT i.name AS name FROM pragma_index_list('{0}') AS l, pragma_index_info(l.name) AS i \
                 WHERE l.\"unique\" AND NOT l.partial AND (SELECT group_concat(name) FROM \
                   (SELECT name FROM pragma_index_info(l.name) ORDER BY name)) = '{1}'",
                table.name,
                keys.join(",")
            );
            assert!(!names(&mut conn, &unique).is_empty(), "{table:?}");
        }
    }
}
