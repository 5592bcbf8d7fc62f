//! The tables whose rows make up the registry.

use anyhow::Context;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};

use crate::db::{AnyConnection, dialect};

/// A table and its columns, in the order in which the migrations make them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// Columns of the primary key.
    pub key: Vec<String>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

fn names(conn: &mut AnyConnection, sql: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<Named> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Returns the tables of this version. The search index is left out: its form differs between the
/// databases, and it follows from the records.
///
/// # Errors
/// Fails if the tables cannot be made in a temporary database.
pub fn tables() -> anyhow::Result<Vec<Table>> {
    let mut conn = dialect::temporary()?;
    dialect::migrate(&mut conn)?;
    let own = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' \
               AND name NOT GLOB '__*' AND name NOT GLOB 'search_*' ORDER BY rowid";
    let tables = names(&mut conn, own)?.into_iter().map(|name| {
        let info = |rest: &str| format!("SELECT name FROM pragma_table_info('{name}') {rest}");
        let columns = names(&mut conn, &info("ORDER BY cid"))?;
        let key = names(&mut conn, &info("WHERE pk > 0 ORDER BY pk"))?;
        Ok(Table { name, columns, key })
    });
    tables.collect()
}

impl Table {
    /// Returns a query for all rows as JSON objects, in the order of their keys. Instants are
    /// written as SQLite keeps them.
    ///
    /// # Errors
    /// Fails if the types of the columns cannot be read.
    pub fn rows(&self, conn: &mut AnyConnection) -> anyhow::Result<String> {
        let (table, key) = (&self.name, self.key.join(", "));
        if matches!(conn, AnyConnection::Sqlite(_)) {
            let members = self.columns.iter().map(|name| format!("'{name}', {name}"));
            let members = members.collect::<Vec<_>>().join(", ");
            return Ok(format!(
                "SELECT json_object({members}) AS line FROM {table} ORDER BY {key}"
            ));
        }
        let instants = names(
            conn,
            &format!(
                "SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = '{table}' \
                   AND data_type = 'timestamp without time zone'"
            ),
        )
        .with_context(|| format!("the columns of {table}"))?;
        let values = self.columns.iter().map(|name| {
            if instants.contains(name) {
                instant(name)
            } else {
                name.clone()
            }
        });
        let values = values.collect::<Vec<_>>().join(", ");
        Ok(format!(
            "SELECT CAST(row_to_json(r) AS TEXT) AS line FROM (SELECT {values} FROM {table} ORDER BY {key}) AS r"
        ))
    }

    /// Returns a statement that inserts the rows of the JSON array that is bound.
    pub fn insertion(&self, conn: &AnyConnection) -> String {
        let (table, columns) = (&self.name, self.columns.join(", "));
        match conn {
            AnyConnection::Sqlite(_) => {
                let values = self.columns.iter();
                let values = values.map(|name| format!("json_extract(value, '$.{name}')"));
                let values = values.collect::<Vec<_>>().join(", ");
                format!("INSERT INTO {table} ({columns}) SELECT {values} FROM json_each(?1)")
            }
            AnyConnection::Postgres(_) => format!(
                "INSERT INTO {table} ({columns}) SELECT {columns} \
                 FROM json_populate_recordset(CAST(NULL AS {table}), CAST($1 AS json))"
            ),
        }
    }
}

/// Formats a timestamp with as many digits of the second as it needs: none, three or six.
fn instant(name: &str) -> String {
    let rest = |n: u32| format!("CAST(extract(microseconds FROM {name}) AS bigint) % {n} = 0");
    format!(
        "to_char({name}, CASE WHEN {} THEN 'YYYY-MM-DD HH24:MI:SS' WHEN {} THEN 'YYYY-MM-DD HH24:MI:SS.MS' \
         ELSE 'YYYY-MM-DD HH24:MI:SS.US' END) AS {name}",
        rest(1_000_000),
        rest(1_000)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_but_the_search_index_is_there() {
        let tables = tables().unwrap();
        let name = |n: &str| tables.iter().position(|table| table.name == n);
        assert!(name("organizations") < name("agreements"));
        assert!(name("changes").is_some() && name("changes_head").is_some());
        assert!(name("search_entries").is_none() && name("__diesel_schema_migrations").is_none());
        assert!(tables.iter().all(|table| !table.key.is_empty()));
        assert_eq!(
            tables[name("agreement_parties").unwrap()].key,
            ["agreement_id", "party_id"]
        );
    }
}
