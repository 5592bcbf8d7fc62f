//! Every column of the schema is filled by something.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use mou_registry::db::AnyConnection;

use crate::support::Api;
use crate::support::full::full;
use crate::support::log::connect;

on_both!(with_demo: every_column_is_filled);

/// Columns that are empty in a registry at rest: a file is claimed while it goes to a bucket, and a webhook is
/// leased while it is sent to.
const EMPTY: [&str; 5] = [
    "file_claims.ends_at",
    "file_claims.id",
    "file_claims.is_removal",
    "file_claims.sha256",
    "webhooks.leased_by",
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// The default, as an expression.
    #[diesel(sql_type = Nullable<Text>)]
    default: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn columns(conn: &mut AnyConnection) -> Vec<Column> {
    let sql = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT m.name AS of, c.name AS name, c.dflt_value AS \"default\" \
             FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'search_terms%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT table_name::text AS of, column_name::text AS name, column_default::text AS \"default\" \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    diesel::sql_query(sql).load(conn).unwrap()
}

async fn every_column_is_filled(api: Api) {
    let api = full(api).await;
    let mut conn = connect(&api);
    let mut empty = Vec::new();
    for Column { of, name, default } in columns(&mut conn) {
        // A text without characters is no value either.
        let mut filled = format!("CAST({name} AS TEXT) <> ''");
        if let Some(default) = default.filter(|default| !default.starts_with("nextval")) {
            filled += &format!(" AND {name} <> {default}");
        }
        let sql = format!("SELECT COUNT(*) AS count FROM {of} WHERE {filled}");
        let Count { count } = diesel::sql_query(sql).get_result(&mut conn).unwrap();
        if count == 0 {
            empty.push(format!("{of}.{name}"));
        }
    }
    empty.sort_unstable();
    assert_eq!(empty, EMPTY);
}
