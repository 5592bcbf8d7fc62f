//! Verifies the log: its hash chain, the columns stored next to each entry, the records, and all
//! that is derived from them.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde_json::Value;

use super::checkpoint::Checkpoint;
use super::rebuild::rebuild;
use super::{derived, keys};
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, dialect};
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::ledger::chain::{CHUNK, Entry, hash, head, instant};
use crate::ledger::records::Record;
use crate::projections::search_index::verify as held;
use crate::projections::search_index::verify::Found;
use crate::records as kinds;

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    pub records: usize,
    /// Number of derived rows.
    pub rows: usize,
    /// Hash of the last entry.
    pub hash: String,
}

/// A mismatch between the registry and its log.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// An invalid entry, by its number.
    #[error("entry {0}: {1}")]
    Entry(i64, What),
    /// The log does not end at the expected entry.
    #[error("the log ends after entry {found}, and should end after entry {expected}")]
    Truncated { found: i64, expected: i64 },
    /// The log is not the one that the checkpoint was made from.
    #[error("the log is not the one of the checkpoint: entry {0} is another")]
    Rewritten(i64),
    /// A record that differs from its last entry.
    #[error("{0} {1}: {2}")]
    Record(&'static str, String, What),
    /// A row of a derived table, by its key.
    #[error("{0} {1}: {2}")]
    Row(&'static str, String, What),
    /// A column whose value differs from what the log yields.
    #[error("{0} {1}: {2} is not what follows from the log")]
    Column(&'static str, String, String),
    /// The database could not be read.
    #[error("cannot read the log")]
    Unreadable(#[from] ApiError),
}

impl From<diesel::result::Error> for Broken {
    fn from(error: diesel::result::Error) -> Self {
        Self::Unreadable(error.into())
    }
}

/// The kind of mismatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Missing,
    Misplaced,
    Changed,
    Beside,
    Illegible,
    Unlogged,
    Gone,
    Differs,
    Underived,
    Lost,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it is missing",
            Self::Misplaced => "it does not follow the entry before it",
            Self::Changed => "its text is not what its hash is of",
            Self::Beside => "the columns beside it say something else",
            Self::Illegible => "it cannot be read",
            Self::Unlogged => "it is recorded, and the log does not know it",
            Self::Gone => "the log knows it, and it is not recorded",
            Self::Differs => "it is not what its last entry in the log says",
            Self::Underived => "it does not follow from the log",
            Self::Lost => "it follows from the log, and is not there",
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = c)]
struct Row {
    seq: i64,
    recorded_at: chrono::NaiveDateTime,
    record_type: String,
    record_id: String,
    municipality_id: Option<String>,
    visibility: String,
    context_id: String,
    entry: String,
    previous_hash: String,
    hash: String,
}

/// Last logged version of each record and the digest of its state; no digest if it was removed.
type Known = HashMap<(String, String), (i64, Option<u64>)>;

/// Checks the whole log, every record and every derived row. `zone` determines the days.
///
/// # Errors
/// Returns the first entry, record or row that does not match.
pub fn verify(
    conn: &mut AnyConnection,
    zone: Tz,
    checkpoint: Option<&Checkpoint>,
) -> Result<Verified, Broken> {
    let (entries, hash, records) = self::records(conn, checkpoint)?;
    let mut rebuilt = rebuilt(conn, zone, entries)?;
    let rows = derived::compare(conn, &mut rebuilt, |_, _, (table, columns), other| {
        Err(other.broken(table, columns))
    })?;
    if let Some(other) = keys::compare(conn)?.into_iter().next() {
        return Err(other.broken());
    }
    held::compare(conn, &mut rebuilt, |_, _, found| {
        Err(match found {
            Found::Entry(key) => {
                Broken::Column("search_entries", key.join(" "), "terms".to_owned())
            }
            Found::Stray(seq) => Broken::Row("search_terms", seq.to_string(), What::Underived),
        })
    })?;
    Ok(Verified {
        entries,
        records,
        rows,
        hash,
    })
}

/// Returns the instant of the last entry; `None` for an empty log.
pub fn end_of(conn: &mut AnyConnection) -> Result<Option<DateTime<Utc>>, ApiError> {
    let last = c::table.order(c::seq.desc()).select(c::recorded_at);
    let last = last.first::<chrono::NaiveDateTime>(conn).optional()?;
    Ok(last.map(|at| at.and_utc()))
}

/// Checks the log and every record. Returns the number of entries, the hash of the last one, and
/// the number of records.
///
/// # Errors
/// Returns the first entry or record that does not match.
pub(super) fn records(
    conn: &mut AnyConnection,
    checkpoint: Option<&Checkpoint>,
) -> Result<(i64, String, usize), Broken> {
    let mut known = Known::new();
    let (entries, hash) = walk(conn, checkpoint, &mut known)?;
    let mut records = 0;
    for record in kinds::ALL {
        records += compare(conn, record, &mut known)?;
    }
    // The remaining records were logged and never removed.
    let mut gone = known.into_iter().filter(|(_, (_, state))| state.is_some());
    if let Some(((kind, id), _)) = gone.next() {
        let name = kinds::named(&kind).map_or("record", |record| record.name);
        return Err(Broken::Record(name, id, What::Gone));
    }
    Ok((entries, hash, records))
}

/// Rebuilds the registry from the first `entries` entries of the log, with its search terms in
/// plain text.
///
/// # Errors
/// Fails if the log cannot be read.
pub(super) fn rebuilt(
    conn: &mut AnyConnection,
    zone: Tz,
    entries: i64,
) -> Result<AnyConnection, ApiError> {
    let program = RequestContext::new(&Clock::system(zone), NewIds::Random);
    let mut empty = dialect::temporary().map_err(ApiError::internal)?;
    dialect::migrate(&mut empty).map_err(ApiError::internal)?;
    held::keep_terms(&mut empty)?;
    Ok(rebuild(conn, empty, &program, entries, &mut |_| Ok(()))?.conn)
}

fn walk(
    conn: &mut AnyConnection,
    checkpoint: Option<&Checkpoint>,
    known: &mut Known,
) -> Result<(i64, String), Broken> {
    let (expected, last_hash) = head(conn)?;
    let (seq, previous) = follow(conn, (1, i64::MAX), String::new(), |row, entry| {
        if checkpoint.is_some_and(|c| c.size == row.seq && c.hash != row.hash) {
            return Err(Broken::Rewritten(row.seq));
        }
        let state = (!entry.after.is_null()).then(|| digest(&entry.after));
        known.insert((entry.record_type, entry.record_id), (entry.version, state));
        Ok(())
    })?;
    let promised = checkpoint.map_or(0, |c| c.size).max(expected);
    if seq != promised {
        return Err(Broken::Truncated {
            found: seq,
            expected: promised,
        });
    }
    if previous != last_hash {
        return Err(Broken::Entry(seq, What::Changed));
    }
    Ok((seq, previous))
}

/// Checks the entries of a part of the log, each against the one before it; `previous` is the hash of the
/// entry before the part. Returns the hash of the last one.
///
/// # Errors
/// Returns the first entry that does not match.
pub fn stretch(
    conn: &mut AnyConnection,
    (from, to): (i64, i64),
    previous: String,
) -> Result<String, Broken> {
    let (seq, hash) = follow(conn, (from, to), previous, |_, _| Ok(()))?;
    if seq < to {
        return Err(Broken::Entry(seq + 1, What::Missing));
    }
    Ok(hash)
}

/// Checks the entries from one to another, or to the end of the log, and calls `each` for each of them.
/// `previous` is the hash of the entry before the first. Returns the number and the hash of the last one.
fn follow(
    conn: &mut AnyConnection,
    (from, to): (i64, i64),
    mut previous: String,
    mut each: impl FnMut(&Row, Entry) -> Result<(), Broken>,
) -> Result<(i64, String), Broken> {
    let mut seq = from - 1;
    while seq < to {
        let rows: Vec<Row> = c::table
            .filter(c::seq.gt(seq).and(c::seq.le(to)))
            .order(c::seq)
            .limit(CHUNK as i64)
            .select(Row::as_select())
            .load(conn)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            seq += 1;
            if row.seq != seq {
                return Err(Broken::Entry(seq, What::Missing));
            }
            let entry = check(&row, &previous)?;
            each(&row, entry)?;
            previous = row.hash;
        }
    }
    Ok((seq, previous))
}

fn check(row: &Row, previous: &str) -> Result<Entry, Broken> {
    let broken = |what| Broken::Entry(row.seq, what);
    if row.previous_hash != previous {
        return Err(broken(What::Misplaced));
    }
    if hash(previous, &row.entry) != row.hash {
        return Err(broken(What::Changed));
    }
    let entry: Entry = serde_json::from_str(&row.entry).map_err(|_| broken(What::Illegible))?;
    let same = entry.seq == row.seq
        && entry.recorded_at == instant(row.recorded_at)
        && entry.record_type == row.record_type
        && entry.record_id == row.record_id
        && entry.municipality_id == row.municipality_id
        && entry.visibility == row.visibility
        && entry.context_id == row.context_id;
    if same {
        Ok(entry)
    } else {
        Err(broken(What::Beside))
    }
}

/// Key of the digests, which nobody can foresee: another state with the same digest cannot be made.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Returns the digest of a state, for comparisons within the process. The databases write the
/// fractions of instants with different numbers of digits, and a backup moves a log from one to the
/// other.
pub fn digest(state: &Value) -> u64 {
    let mut hasher = KEY.build_hasher();
    for (name, value) in state.as_object().into_iter().flatten() {
        name.hash(&mut hasher);
        match value {
            Value::String(text) if name.ends_with("_at") && text.contains('.') => {
                let whole = text.trim_end_matches('0').trim_end_matches('.');
                whole.hash(&mut hasher);
            }
            Value::String(text) => text.hash(&mut hasher),
            value => value.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// Compares the records of a type with their last logged states.
fn compare(conn: &mut AnyConnection, record: &Record, known: &mut Known) -> Result<usize, Broken> {
    let (mut count, mut after) = (0, String::new());
    loop {
        let states = record.states_after(conn, &after, CHUNK)?;
        let Some((last, _)) = states.last() else {
            break;
        };
        after.clone_from(&last.id);
        for (state, as_written) in states {
            count += 1;
            let broken = |what| Broken::Record(record.name, state.id.clone(), what);
            let logged = known.remove(&(record.name.to_owned(), state.id.clone()));
            let (version, content) = logged.ok_or_else(|| broken(What::Unlogged))?;
            match content {
                None => return Err(broken(What::Unlogged)),
                Some(content)
                    if as_written
                        && version == state.version
                        && content == digest(&state.content) => {}
                Some(_) => return Err(broken(What::Differs)),
            }
        }
    }
    Ok(count)
}
