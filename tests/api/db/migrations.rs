//! Both trees of migrations create the same tables, and can be reverted.

use diesel::prelude::*;
use diesel::sql_types::Text;
use mou_registry::db::migrations::{Migrations, state};
use mou_registry::db::{AnyConnection, dialect};

use crate::support::{Backend, database};

on_both!(sync: both_trees_go_down_and_up);

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

fn columns(conn: &mut AnyConnection) -> Vec<Column> {
    let sql = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT m.name || '.' || c.name AS name, CASE WHEN c.\"notnull\" OR c.pk > 0 THEN 'no' ELSE 'yes' END AS nullable \
             FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'search_terms%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'"
        }
        AnyConnection::Postgres(_) => {
            "SELECT table_name || '.' || column_name AS name, lower(is_nullable) AS nullable FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name <> 'participations' AND table_name NOT LIKE '\\_\\_%' AND NOT (table_name IN ('search_entries', 'search_passages') AND column_name = 'terms')"
        }
    };
    let mut columns: Vec<Column> = diesel::sql_query(sql).load(conn).unwrap();
    columns.sort();
    columns
}

fn both_trees_go_down_and_up(backend: Backend) {
    let columns = up_down_up(backend);
    assert!(columns.len() > 80);
    assert_eq!(columns, up_down_up(Backend::Sqlite));
}

fn up_down_up(backend: Backend) -> Vec<Column> {
    let mut conn = dialect::connect(&database(backend)).unwrap();
    let first = columns(&mut conn);
    dialect::revert(&mut conn).unwrap();
    assert_eq!(columns(&mut conn), []);
    assert_eq!(state(&mut conn).unwrap(), Migrations::Missing);
    dialect::migrate(&mut conn).unwrap();
    assert_eq!(columns(&mut conn), first);
    assert_eq!(state(&mut conn).unwrap(), Migrations::Complete);
    first
}
