//! Verification and repair of the full-text index.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use super::Entry;
use crate::db::AnyConnection;
use crate::db::schema::{search_entries as e, search_terms as t};
use crate::kernel::error::ApiError;
use crate::projections::search_index as store;

/// Number of entries compared at a time.
const CHUNK: i64 = 500;

/// Replaces the index of an empty SQLite database by a plain table, since terms cannot be read back
/// from the index.
///
/// # Errors
/// `internal_error` on PostgreSQL.
pub fn keep_terms(empty: &mut AnyConnection) -> Result<(), ApiError> {
    let plain = "DROP TABLE search_terms; \
                 CREATE TABLE search_terms (rowid INTEGER PRIMARY KEY, terms TEXT NOT NULL) STRICT";
    match empty {
        AnyConnection::Sqlite(conn) => Ok(conn.batch_execute(plain)?),
        AnyConnection::Postgres(_) => Err(ApiError::internal("terms are kept by SQLite alone")),
    }
}

/// A difference between the index and the expected terms.
pub enum Found {
    /// An entry with other terms than expected, by its record's type and id.
    Entry([String; 2]),
    /// Indexed terms without an entry, by their row number in the index.
    Stray(i64),
}

/// Compares the index of `conn` with the terms in `kept`, which holds the same entries, and calls
/// `each` for every difference.
///
/// # Errors
/// Returns the error of `each`.
pub fn compare<E: From<ApiError> + From<diesel::result::Error>>(
    conn: &mut AnyConnection,
    kept: &mut AnyConnection,
    mut each: impl FnMut(&mut AnyConnection, &mut AnyConnection, Found) -> Result<(), E>,
) -> Result<(), E> {
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
            AnyConnection::Postgres(conn) => other_vectors(conn, page)?,
        };
        for key in other {
            each(conn, kept, Found::Entry(key))?;
        }
    }
    // The remaining row numbers have terms in the index but no entry.
    let mut stray: Vec<i64> = indexed.into_keys().collect();
    stray.sort_unstable();
    for seq in stray {
        each(conn, kept, Found::Stray(seq))?;
    }
    Ok(())
}

/// Removes an entry, by its record's type and id.
pub fn remove(conn: &mut AnyConnection, key: &[String]) -> Result<(), ApiError> {
    match key {
        [record_type, id] => store::remove(conn, record_type, id),
        _ => Err(ApiError::internal("an entry has a type and an id")),
    }
}

/// Removes terms without an entry from SQLite's index.
pub fn remove_stray(conn: &mut AnyConnection, seq: i64) -> Result<(), ApiError> {
    if let AnyConnection::Sqlite(conn) = conn {
        diesel::delete(t::table.find(seq)).execute(conn)?;
    }
    Ok(())
}

/// Replaces an entry by the one in `kept`.
pub fn rewrite(
    conn: &mut AnyConnection,
    kept: &mut AnyConnection,
    key: &[String],
) -> Result<(), ApiError> {
    remove(conn, key)?;
    let [record_type, id] = key else {
        return Ok(());
    };
    let entry = e::table
        .inner_join(t::table.on(t::rowid.eq(e::seq)))
        .filter(e::record_type.eq(record_type).and(e::record_id.eq(id)))
        .select(Entry::as_select());
    store::insert(conn, entry.first(kept)?)
}

/// Keys of the checksums, which nobody can foresee: another index with the same sum cannot be made.
static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(Default::default);

/// An order-independent checksum of terms and their positions, for comparisons within the process.
#[derive(Clone, Copy, Default, PartialEq)]
struct Sum(u128);

impl Sum {
    fn add(&mut self, term: &str, place: i64) {
        let [high, low] = KEYS.each_ref().map(|key| key.hash_one((place, term)));
        let part = (u128::from(high) << 64) | u128::from(low);
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

/// Returns the checksum of each row in SQLite's index, by row number.
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
) -> Result<Vec<[String; 2]>, ApiError> {
    let types: BTreeSet<&String> = page.iter().map(|(record_type, ..)| record_type).collect();
    let ids = page.iter().map(|(_, id, _)| id);
    let rows: Vec<(String, String, i64)> = e::table
        .filter(e::record_type.eq_any(types).and(e::record_id.eq_any(ids)))
        .select((e::record_type, e::record_id, e::seq))
        .load(conn)?;
    let rows = rows.into_iter();
    let numbers: HashMap<[String; 2], i64> = rows
        .map(|(record_type, id, seq)| ([record_type, id], seq))
        .collect();
    let mut other = Vec::new();
    for (record_type, id, terms) in page {
        let entry = [record_type, id];
        let sum = numbers.get(&entry).and_then(|seq| indexed.remove(seq));
        if sum.unwrap_or_default() != Sum::of(&terms) {
            other.push(entry);
        }
    }
    Ok(other)
}

#[derive(QueryableByName)]
struct Other {
    #[diesel(sql_type = Text)]
    record_type: String,
    #[diesel(sql_type = Text)]
    record_id: String,
}

fn other_vectors(
    conn: &mut PgConnection,
    page: Vec<(String, String, String)>,
) -> Result<Vec<[String; 2]>, ApiError> {
    let (mut types, mut ids, mut terms) = (Vec::new(), Vec::new(), Vec::new());
    for (record_type, id, of_it) in page {
        types.push(record_type);
        ids.push(id);
        terms.push(of_it);
    }
    let sql = "SELECT e.record_type, e.record_id FROM unnest($1, $2, $3) AS k (record_type, record_id, terms) \
               JOIN search_entries AS e ON e.record_type = k.record_type AND e.record_id = k.record_id \
               WHERE e.terms <> to_tsvector('simple', k.terms) ORDER BY e.record_type, e.record_id";
    let other: Vec<Other> = diesel::sql_query(sql)
        .bind::<Array<Text>, _>(types)
        .bind::<Array<Text>, _>(ids)
        .bind::<Array<Text>, _>(terms)
        .load(conn)?;
    let other = other.into_iter();
    Ok(other.map(|o| [o.record_type, o.record_id]).collect())
}
