//! Holding the full text index against the terms that it was to be made of.

use std::collections::HashMap;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};
use sha2::{Digest, Sha256};

use crate::db::AnyConnection;
use crate::db::schema::{search_entries as e, search_terms as t};
use crate::error::ApiError;

/// How many entries are compared at once.
const CHUNK: i64 = 500;

/// Keeps the terms of an empty SQLite database as they are given: its index would not give them
/// back.
///
/// # Errors
/// What the database says.
pub fn keep_terms(empty: &mut AnyConnection) -> Result<(), ApiError> {
    let plain = "DROP TABLE search_terms; \
                 CREATE TABLE search_terms (rowid INTEGER PRIMARY KEY, terms TEXT NOT NULL) STRICT";
    match empty {
        AnyConnection::Sqlite(conn) => Ok(conn.batch_execute(plain)?),
        AnyConnection::Postgres(_) => Err(ApiError::internal("terms are kept by SQLite alone")),
    }
}

/// The record type and id of an entry.
type Found = (String, String);

/// The first entry of the search that is found by other terms than those that `kept` has of it. Both
/// hold the same entries.
///
/// # Errors
/// What the databases say.
pub fn differing(
    conn: &mut AnyConnection,
    kept: &mut AnyConnection,
) -> Result<Option<Found>, ApiError> {
    let mut indexed = match conn {
        AnyConnection::Sqlite(conn) => indexed(conn)?,
        AnyConnection::Postgres(_) => HashMap::new(),
    };
    let mut after = (String::new(), String::new());
    loop {
        let page = e::table
            .inner_join(t::table.on(t::rowid.eq(e::seq)))
            .filter(
                e::record_type
                    .gt(&after.0)
                    .or(e::record_type.eq(&after.0).and(e::record_id.gt(&after.1))),
            )
            .order((e::record_type, e::record_id))
            .limit(CHUNK)
            .select((e::record_type, e::record_id, t::terms));
        let page: Vec<(String, String, String)> = page.load(kept)?;
        let Some((record_type, id, _)) = page.last() else {
            break;
        };
        after = (record_type.clone(), id.clone());
        let other = match conn {
            AnyConnection::Sqlite(conn) => other_indexed(conn, &mut indexed, page)?,
            AnyConnection::Postgres(conn) => other_vector(conn, page)?,
        };
        if other.is_some() {
            return Ok(other);
        }
    }
    // What is left is found by terms, and is no entry.
    let stray = indexed.into_keys().min();
    Ok(stray.map(|seq| ("search_terms".into(), seq.to_string())))
}

/// The sum of what each term is and where it stands, in whatever order they come.
#[derive(Clone, Copy, Default, PartialEq)]
struct Sum(u128);

impl Sum {
    fn add(&mut self, term: &str, place: i64) {
        let mut hasher = Sha256::new();
        hasher.update(place.to_be_bytes());
        hasher.update(term.as_bytes());
        let hash = hasher.finalize();
        let hash = hash.iter().take(16);
        let part = hash.fold(0, |sum: u128, byte| (sum << 8) | u128::from(*byte));
        self.0 = self.0.wrapping_add(part);
    }

    fn of(terms: &str) -> Self {
        let mut sum = Self::default();
        for (place, term) in (0..).zip(terms.split_ascii_whitespace()) {
            sum.add(term, place);
        }
        sum
    }
}

#[derive(QueryableByName)]
struct Instance {
    #[diesel(sql_type = BigInt)]
    doc: i64,
    #[diesel(sql_type = Text)]
    term: String,
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// What is in SQLite's index, by its entries' numbers.
fn indexed(conn: &mut SqliteConnection) -> Result<HashMap<i64, Sum>, ApiError> {
    conn.batch_execute(
        "CREATE VIRTUAL TABLE temp.term_instances USING fts5vocab('main', 'search_terms', 'instance')",
    )?;
    let all = "SELECT doc, term, \"offset\" AS place FROM temp.term_instances";
    let mut indexed: HashMap<i64, Sum> = HashMap::new();
    let instances = diesel::sql_query(all).load_iter::<Instance, DefaultLoadingMode>(conn)?;
    for instance in instances {
        let Instance { doc, term, place } = instance?;
        indexed.entry(doc).or_default().add(&term, place);
    }
    conn.batch_execute("DROP TABLE temp.term_instances")?;
    Ok(indexed)
}

fn other_indexed(
    conn: &mut SqliteConnection,
    indexed: &mut HashMap<i64, Sum>,
    page: Vec<(String, String, String)>,
) -> Result<Option<Found>, ApiError> {
    for (record_type, id, terms) in page {
        let entry = e::table.filter(e::record_type.eq(&record_type).and(e::record_id.eq(&id)));
        let seq: i64 = entry.select(e::seq).first(conn)?;
        if indexed.remove(&seq).unwrap_or_default() != Sum::of(&terms) {
            return Ok(Some((record_type, id)));
        }
    }
    Ok(None)
}

#[derive(QueryableByName)]
struct Other {
    #[diesel(sql_type = Text)]
    record_type: String,
    #[diesel(sql_type = Text)]
    record_id: String,
}

fn other_vector(
    conn: &mut PgConnection,
    page: Vec<(String, String, String)>,
) -> Result<Option<Found>, ApiError> {
    let (mut types, mut ids, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (record_type, id, of_it) in page {
        types.push(record_type);
        ids.push(id);
        terms.push(of_it);
    }
    let sql = "SELECT e.record_type, e.record_id FROM unnest($1, $2, $3) AS k (record_type, record_id, terms) \
               JOIN search_entries AS e ON e.record_type = k.record_type AND e.record_id = k.record_id \
               WHERE e.terms <> to_tsvector('simple', k.terms) ORDER BY e.record_type, e.record_id LIMIT 1";
    let other: Option<Other> = diesel::sql_query(sql)
        .bind::<Array<Text>, _>(types)
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<Text>, _>(terms)
        .get_result(conn)
        .optional()?;
    Ok(other.map(|other| (other.record_type, other.record_id)))
}
