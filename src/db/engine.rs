//! Checks what lies below the registry's own log: the files of the engine, and the tables, indexes
//! and triggers that the migrations make.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::{AnyConnection, OpenError, dialect, migrations};

/// A fault below the log.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("migration {0} is missing: run `mou-registry migrate`")]
    Unmigrated(String),
    #[error("migration {0} is not one of this program, which is older than the database")]
    Newer(String),
    #[error("the {0} is missing")]
    Missing(String),
    #[error("the {0} is not what the migrations make")]
    Changed(String),
    #[error("the {0} is not of the registry")]
    Added(String),
    #[error("this role may not create a schema in the database, or the server is a standby")]
    Forbidden,
    #[error("the database cannot be read")]
    Unreadable(#[from] diesel::result::Error),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Things that a schema consists of: their definitions by their kinds and names.
type Schema = BTreeMap<String, String>;

#[derive(QueryableByName)]
struct Thing {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

fn things(conn: &mut AnyConnection, sql: &str) -> QueryResult<Schema> {
    let things: Vec<Thing> = diesel::sql_query(sql).load(conn)?;
    let things = things.into_iter();
    Ok(things.map(|thing| (thing.name, thing.definition)).collect())
}

/// Lets the engine check itself. SQLite checks every page, index and foreign key. PostgreSQL names
/// the indexes and constraints that it does not rely on, left behind by a build that failed; its
/// pages are for its own tools (`pg_amcheck`, `pg_checksums`).
///
/// # Errors
/// Returns the first fault.
pub fn check(conn: &mut AnyConnection) -> Result<(), Fault> {
    check_pages(conn)?;
    let faults = match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT 'a row of ' || \"table\" || ' refers to a missing row of ' || parent AS name, '' AS definition \
             FROM pragma_foreign_key_check"
        }
        AnyConnection::Postgres(_) => {
            "SELECT 'the index ' || CAST(indexrelid::regclass AS TEXT) || ' is not valid' AS name, '' AS definition \
             FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
             WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready) \
             UNION ALL SELECT 'the constraint ' || conname || ' was not validated', '' FROM pg_constraint \
             WHERE connamespace = current_schema()::regnamespace AND NOT convalidated"
        }
    };
    first(things(conn, faults)?)
}

/// Lets SQLite check every page and index of the file.
///
/// # Errors
/// Returns the first fault.
pub fn check_pages(conn: &mut AnyConnection) -> Result<(), Fault> {
    if matches!(conn, AnyConnection::Postgres(_)) {
        return Ok(());
    }
    let faults = things(
        conn,
        "SELECT integrity_check AS name, '' AS definition FROM pragma_integrity_check \
         WHERE integrity_check <> 'ok'",
    );
    // A damaged file can be too damaged to be checked.
    first(faults.map_err(|error| Fault::Damaged(error.to_string()))?)
}

fn first(faults: Schema) -> Result<(), Fault> {
    match faults.into_keys().next() {
        Some(fault) => Err(Fault::Damaged(fault)),
        None => Ok(()),
    }
}

/// Compares the schema with what the migrations make. Tables, views and indexes that somebody added
/// are accepted, but nothing that acts on what is recorded: triggers, constraints, unique indexes.
///
/// # Errors
/// Returns the first difference, or that tables to compare with cannot be made.
pub fn check_schema(conn: &mut AnyConnection) -> Result<(), Fault> {
    let own = migrations::own(conn)?;
    let applied = migrations::applied(conn)?;
    if let Some(missing) = own.iter().find(|version| !applied.contains(version)) {
        return Err(Fault::Unmigrated(missing.clone()));
    }
    if let Some(newer) = applied.iter().find(|version| !own.contains(version)) {
        return Err(Fault::Newer(newer.clone()));
    }
    let made = match conn {
        AnyConnection::Sqlite(_) => {
            let mut empty = dialect::temporary()?;
            dialect::migrate(&mut empty)?;
            schema(&mut empty)?
        }
        AnyConnection::Postgres(_) => {
            if !may_make(conn)? {
                return Err(Fault::Forbidden);
            }
            made_aside(conn)?
        }
    };
    let found = schema(conn)?;
    // Without its table, all that belongs to it is missing, too.
    let missing = made.keys().filter(|name| !found.contains_key(*name));
    if let Some(name) = missing.min_by_key(|name| !name.starts_with("table ")) {
        return Err(Fault::Missing(name.clone()));
    }
    let mut made_so = made.iter();
    if let Some((name, _)) = made_so.find(|(name, made)| found.get(*name) != Some(*made)) {
        return Err(Fault::Changed(name.clone()));
    }
    let added = found.iter().filter(|(name, _)| !made.contains_key(*name));
    match added.into_iter().find(|thing| is_of_table(thing, &made)) {
        Some((name, _)) => Err(Fault::Added(name.clone())),
        None => Ok(()),
    }
}

/// Returns true for a trigger, constraint, column or unique index that somebody added to a table of
/// the registry.
fn is_of_table((name, definition): &(&String, &String), made: &Schema) -> bool {
    let mut tables = made.keys().filter_map(|name| name.strip_prefix("table "));
    let (kind, of) = name.split_once(' ').unwrap_or_default();
    match kind {
        // SQLite's definition names the table.
        "trigger" if !of.contains('.') => true,
        "trigger" | "constraint" | "column" => {
            let table = of.split('.').next().unwrap_or_default();
            tables.any(|own| own == table)
        }
        "index" => {
            let of = |own: &str| definition.contains(&format!(" ON {own} "));
            definition.contains(" UNIQUE ") && tables.any(of)
        }
        _ => false,
    }
}

/// Reads the schema of the tables that a connection finds.
fn schema(conn: &mut AnyConnection) -> QueryResult<Schema> {
    match conn {
        AnyConnection::Sqlite(_) => things(
            conn,
            "SELECT type || ' ' || name AS name, coalesce(sql, '') AS definition FROM sqlite_master \
             WHERE name NOT GLOB 'sqlite_*'",
        ),
        AnyConnection::Postgres(_) => {
            let all = POSTGRES_THINGS.join(" UNION ALL ");
            let things = things(conn, &all)?;
            let name = things.get("schema").cloned().unwrap_or_default() + ".";
            // Some definitions name the schema, which is another one for the tables to compare with.
            let things = things.into_iter().filter(|(kind, _)| kind != "schema");
            Ok(things
                .map(|(kind, definition)| (kind, definition.replace(&name, "")))
                .collect())
        }
    }
}

/// Queries for what PostgreSQL's catalogues say of the current schema.
const POSTGRES_THINGS: [&str; 7] = [
    "SELECT 'schema' AS name, CAST(current_schema() AS TEXT) AS definition",
    "SELECT CASE relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || relname, \
       CAST(relkind AS TEXT) || CAST(relpersistence AS TEXT) || CAST(relrowsecurity AS TEXT) \
         || CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END \
     FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')",
    "SELECT 'column ' || relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod), \
       attnotnull, attidentity, attgenerated, CAST(attcollation AS bigint), pg_get_expr(adbin, adrelid)) \
     FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid \
     LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped",
    "SELECT 'index ' || relname, pg_get_indexdef(pg_class.oid) FROM pg_class \
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('i', 'I')",
    "SELECT 'constraint ' || CAST(conrelid::regclass AS TEXT) || '.' || conname, \
       pg_get_constraintdef(oid) FROM pg_constraint \
     WHERE connamespace = current_schema()::regnamespace AND conrelid <> 0 AND contype <> 'n'",
    "SELECT 'trigger ' || relname || '.' || tgname, CAST(tgenabled AS TEXT) || pg_get_triggerdef(pg_trigger.oid) \
     FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid \
     WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal",
    "SELECT 'function ' || proname, prosrc FROM pg_proc \
     WHERE pronamespace = current_schema()::regnamespace",
];

/// Name of the schema in which PostgreSQL makes the tables to compare with.
const ASIDE: &str = "mou_registry_as_migrated";

#[derive(QueryableByName)]
struct May {
    #[diesel(sql_type = Bool)]
    it: bool,
}

/// Returns true if the role can create a schema in the database, and the server takes writes.
fn may_make(conn: &mut AnyConnection) -> QueryResult<bool> {
    let may = "SELECT has_database_privilege(current_database(), 'CREATE') AND NOT pg_is_in_recovery() AS it";
    Ok(diesel::sql_query(may).get_result::<May>(conn)?.it)
}

/// Runs the migrations in a schema of their own, reads it, and rolls all of it back.
fn made_aside(conn: &mut AnyConnection) -> Result<Schema, Fault> {
    dialect::begin(conn)?;
    let made = make_aside(conn);
    dialect::rollback(conn)?;
    made
}

fn make_aside(conn: &mut AnyConnection) -> Result<Schema, Fault> {
    let own = migrations::own(conn)?;
    if let AnyConnection::Postgres(conn) = conn {
        conn.batch_execute(&format!(
            "CREATE SCHEMA {ASIDE}; SET LOCAL search_path = {ASIDE}"
        ))?;
    }
    migrations::migrate_to(conn, &own)?;
    Ok(schema(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fault that a statement brings about in a new SQLite database.
    fn fault(sql: &str) -> Option<String> {
        let mut conn = dialect::temporary().unwrap();
        dialect::migrate(&mut conn).unwrap();
        let AnyConnection::Sqlite(sqlite) = &mut conn else {
            panic!("a temporary database is SQLite's");
        };
        sqlite.batch_execute(sql).unwrap();
        let checked = check(&mut conn).and_then(|()| check_schema(&mut conn));
        checked.err().map(|fault| fault.to_string())
    }

    #[test]
    fn a_changed_schema_is_found() {
        let trigger = "DROP TRIGGER changes_are_not_changed";
        for (sql, found) in [
            (
                "DROP INDEX agreements_kind",
                "the index agreements_kind is missing",
            ),
            (trigger, "the trigger changes_are_not_changed is missing"),
            (
                &format!(
                    "{trigger}; CREATE TRIGGER changes_are_not_changed BEFORE UPDATE ON changes BEGIN SELECT 1; END"
                ),
                "the trigger changes_are_not_changed is not what the migrations make",
            ),
            (
                "CREATE TRIGGER more AFTER INSERT ON changes BEGIN SELECT 1; END",
                "the trigger more is not of the registry",
            ),
            (
                "CREATE UNIQUE INDEX more ON holidays (name)",
                "the index more is not of the registry",
            ),
            (
                "ALTER TABLE tokens ADD COLUMN more TEXT",
                "the table tokens is not what the migrations make",
            ),
            ("DROP TABLE holidays", "the table holidays is missing"),
            (
                "DELETE FROM __diesel_schema_migrations",
                "migration 20261128000001 is missing: run `mou-registry migrate`",
            ),
            (
                "INSERT INTO webhook_attempts (id, delivery_id, at, duration_ms) VALUES ('1', '2', '', 1)",
                "the database is damaged: a row of webhook_attempts refers to a missing row of webhook_deliveries",
            ),
        ] {
            assert_eq!(fault(sql).as_deref(), Some(found));
        }
        assert_eq!(fault("CREATE INDEX more ON holidays (name)"), None);
        assert_eq!(fault("CREATE TABLE more (name TEXT)"), None);
    }
}
