//! Holding what is derived from the records, table by table, against the registry that the log alone
//! gives.

use std::collections::VecDeque;

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use super::chain::CHUNK;
use super::verify::{Broken, What};
use crate::access::tokens;
use crate::db::AnyConnection;
use crate::error::ApiError;
use crate::values::stored;
use crate::webhooks;

/// A column of a table's key.
#[derive(Clone, Copy, Debug)]
enum Key {
    Text(&'static str),
    Day(&'static str),
}

use Key::{Day, Text as Id};

impl Key {
    fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Day(name) => name,
        }
    }
}

/// A table whose rows follow from the log.
#[derive(Debug)]
struct Table {
    name: &'static str,
    /// What tells its rows apart, and in which order they are compared.
    key: &'static [Key],
    /// The columns that are not compared.
    left_out: &'static [&'static str],
}

/// Of a record: each is held against the record's last entry before, the document with the contact,
/// of which the log has only a digest.
const RECORD: &[&str] = &["doc", "version", "created_at", "updated_at"];

/// Every table whose rows follow from the log.
const HELD: [Table; 18] = [
    table("organizations", &[Id("id")], RECORD),
    table(
        "organization_identifiers",
        &[Id("scheme"), Id("value")],
        &[],
    ),
    table(
        "organization_names",
        &[Id("name_key"), Id("organization_id")],
        &[],
    ),
    table("association_members", &[Id("id")], RECORD),
    table("projects", &[Id("id")], RECORD),
    table(
        "project_implementers",
        &[Id("project_id"), Id("organization_id")],
        &[],
    ),
    table("milestones", &[Id("id")], RECORD),
    table("agreements", &[Id("id")], RECORD),
    table(
        "agreement_parties",
        &[Id("agreement_id"), Id("organization_id")],
        &[],
    ),
    table(
        "agreement_projects",
        &[Id("agreement_id"), Id("project_id")],
        &[],
    ),
    table("commitment_reports", &[Id("id")], RECORD),
    table("working_groups", &[Id("id")], RECORD),
    table(
        "working_group_members",
        &[Id("working_group_id"), Id("organization_id")],
        &[],
    ),
    table("meetings", &[Id("id")], RECORD),
    table(
        "meeting_organizations",
        &[Id("meeting_id"), Id("organization_id")],
        &[],
    ),
    table(
        "timeline_entries",
        &[Id("entry_id"), Day("known_from")],
        &[],
    ),
    table("duties", &[Id("duty_id"), Day("known_from")], &[]),
    table(
        "search_entries",
        &[Id("record_type"), Id("record_id")],
        // The database numbers them.
        &["seq"],
    ),
];

/// Every table that is not held against what the log gives.
#[cfg(test)]
const LEFT_OUT: [&str; 10] = [
    // The log itself, which the chain and the checkpoints hold.
    "changes",
    "changes_head",
    // Their records are held against the log, and `compare_keys` holds what follows from them. What
    // else stands beside them is no change: when they were last used, secrets, how the sending stands.
    "tokens",
    "calendars",
    "webhooks",
    // What is still to be sent, and was tried.
    "webhook_deliveries",
    "webhook_attempts",
    // Answers that are given again for a day.
    "idempotency_keys",
    // Reads are no changes: a log of its own, that nothing is derived from.
    "personal_data_reads",
    // SQLite's full text index, which `search::held` holds with its entries.
    "search_terms",
];

const fn table(
    name: &'static str,
    key: &'static [Key],
    left_out: &'static [&'static str],
) -> Table {
    Table {
        name,
        key,
        left_out,
    }
}

/// Holds every table against that of the rebuilt registry; the answer is how many rows there are
/// beside those of the records themselves.
///
/// # Errors
/// The first row that is another.
pub fn compare(conn: &mut AnyConnection, rebuilt: &mut AnyConnection) -> Result<usize, Broken> {
    let mut count = 0;
    for table in &HELD {
        let columns = table.columns(rebuilt)?;
        let mut real = Rows::new(conn, table, &columns);
        let mut given = Rows::new(rebuilt, table, &columns);
        let (mut here, mut there) = (real.next()?, given.next()?);
        loop {
            let broken = |key: &[String], what| Broken::Row(table.name, key.join(" "), what);
            match (&here, &there) {
                (None, None) => break,
                (Some(a), Some(b)) if a.key == b.key => {
                    let pairs = a.columns.iter().zip(&b.columns);
                    let mut other = columns.iter().zip(pairs).filter(|(_, (a, b))| a != b);
                    if let Some((column, _)) = other.next() {
                        let key = a.key.join(" ");
                        return Err(Broken::Column(table.name, key, column.clone()));
                    }
                    count += usize::from(table.left_out != RECORD);
                    (here, there) = (real.next()?, given.next()?);
                }
                (Some(a), Some(b)) if a.key > b.key => return Err(broken(&b.key, What::Lost)),
                (Some(a), _) => return Err(broken(&a.key, What::Underived)),
                (None, Some(b)) => return Err(broken(&b.key, What::Lost)),
            }
        }
    }
    Ok(count)
}

/// Holds the columns that keys are looked up by against the records of the keys.
///
/// # Errors
/// The first that says something else.
pub fn compare_keys(conn: &mut AnyConnection) -> Result<(), Broken> {
    use crate::db::schema::{calendars as c, tokens as t, webhooks as w};
    let other = |table, id, column: &str| Err(Broken::Column(table, id, column.to_owned()));
    let tokens = t::table.order(t::id).select((t::id, t::handle, t::hash));
    let calendars = c::table.order(c::id).select((c::id, c::handle, c::hash));
    let kept: [(_, Vec<(String, String, String)>); 2] = [
        ("tokens", tokens.load(conn)?),
        ("calendars", calendars.load(conn)?),
    ];
    for (table, rows) in kept {
        let mut rows = rows.into_iter();
        if let Some((id, ..)) = rows.find(|(_, handle, hash)| handle != tokens::handle(hash)) {
            return other(table, id, "handle");
        }
    }
    let webhooks = w::table.order(w::id).select((w::id, w::enabled, w::doc));
    for (id, enabled, doc) in webhooks.load::<(String, bool, String)>(conn)? {
        if enabled != webhooks::is_on(&doc)? {
            return other("webhooks", id, "enabled");
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

impl Table {
    /// The columns that are compared, as the rebuilt registry, which is an SQLite one, has them.
    fn columns(&self, rebuilt: &mut AnyConnection) -> Result<Vec<String>, ApiError> {
        let sql = format!(
            "SELECT name FROM pragma_table_info('{}') ORDER BY cid",
            self.name
        );
        let all: Vec<Named> = diesel::sql_query(sql).load(rebuilt)?;
        let names = all.into_iter().map(|column| column.name);
        Ok(names
            .filter(|name| !self.left_out.contains(&name.as_str()))
            .collect())
    }
}

struct Row {
    key: Vec<String>,
    columns: Vec<Value>,
}

/// The rows of a table in the order of their keys, some at a time.
struct Rows<'a> {
    conn: &'a mut AnyConnection,
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
    fn new(conn: &'a mut AnyConnection, table: &'a Table, columns: &[String]) -> Self {
        let array = match conn {
            AnyConnection::Sqlite(_) => "json_array",
            AnyConnection::Postgres(_) => "json_build_array",
        };
        let quoted = |names: &mut dyn Iterator<Item = &str>| {
            let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
            format!("CAST({array}({}) AS TEXT)", names.join(", "))
        };
        let select = format!(
            "SELECT {key} AS key, {columns} AS columns FROM {table}",
            key = quoted(&mut table.key.iter().map(|key| key.name())),
            columns = quoted(&mut columns.iter().map(String::as_str)),
            table = table.name,
        );
        Self {
            conn,
            table,
            select,
            read: VecDeque::new(),
            after: None,
            at_end: false,
        }
    }

    fn next(&mut self) -> Result<Option<Row>, ApiError> {
        if self.read.is_empty() && !self.at_end {
            self.read = self.more()?;
            self.at_end = self.read.len() < CHUNK;
            self.after = self.read.back().map(|row| row.key.clone());
        }
        Ok(self.read.pop_front())
    }

    fn more(&mut self) -> Result<VecDeque<Row>, ApiError> {
        let names: Vec<&str> = self.table.key.iter().map(|key| key.name()).collect();
        let names = names.join(", ");
        let bound = self.table.key.iter().enumerate();
        let bound = bound.map(|(i, key)| match (&self.conn, key) {
            (AnyConnection::Sqlite(_), _) => format!("?{}", i + 1),
            (AnyConnection::Postgres(_), Key::Text(_)) => format!("${}", i + 1),
            (AnyConnection::Postgres(_), Key::Day(_)) => format!("CAST(${} AS date)", i + 1),
        });
        let bound: Vec<String> = bound.collect();
        let rest = match &self.after {
            Some(_) => format!(" WHERE ({names}) > ({})", bound.join(", ")),
            None => String::new(),
        };
        let sql = format!("{}{rest} ORDER BY {names} LIMIT {CHUNK}", self.select);
        let mut query = diesel::sql_query(sql).into_boxed();
        for part in self.after.iter().flatten() {
            query = query.bind::<Text, _>(part.clone());
        }
        let rows: Vec<Read> = query.load(self.conn)?;
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
        let mut conn = dialect::in_memory().unwrap();
        dialect::migrate(&mut conn).unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_terms\\_%' ESCAPE '\\' \
                      AND name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let tables: BTreeSet<String> = names(&mut conn, tables).into_iter().collect();
        let stated = HELD.iter().map(|table| table.name).chain(LEFT_OUT);
        let stated: Vec<String> = stated.map(str::to_owned).collect();
        assert_eq!(stated.len(), tables.len());
        assert_eq!(stated.into_iter().collect::<BTreeSet<_>>(), tables);
    }

    #[test]
    fn keys_and_columns_that_are_left_out_are_there() {
        let mut conn = dialect::in_memory().unwrap();
        dialect::migrate(&mut conn).unwrap();
        for table in &HELD {
            let all = format!("SELECT name FROM pragma_table_info('{}')", table.name);
            let all = names(&mut conn, &all);
            assert!(table.left_out.iter().all(|n| all.iter().any(|c| c == n)));
            // Rows that one key tells of would be taken for one.
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
