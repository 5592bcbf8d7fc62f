//! When entries of a calendar became what they are.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp};

use super::calendar::Stamp;
use super::handlers::TimelineItem;
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::error::ApiError;

/// An entry: the record that it is of, and the day from which what it shows is known.
pub struct Entry {
    pub owner_id: String,
    pub known_from: NaiveDate,
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamp)]
    at: NaiveDateTime,
}

/// How many are looked up by one statement.
const AT_ONCE: usize = 5_000;

/// What entries are of, and what they name: its table, its id, and what counts its changes.
const SOURCES: [(&str, &str, &str); 7] = [
    ("milestones", "id", "version"),
    ("meetings", "id", "version"),
    ("agreements", "id", "version"),
    ("projects", "id", "version"),
    ("working_groups", "id", "version"),
    ("organizations", "id", "version"),
    // How far a commitment has come.
    ("commitment_reports", "agreement_id", "version"),
];

/// When each entry was last changed: by the record that it is of, by one that it names, by a report, or
/// by the day on which what it shows became known.
///
/// # Errors
/// What the database says.
pub fn stamps(
    conn: &mut AnyConnection,
    cx: &Cx,
    entries: &[Entry],
    items: &[TimelineItem],
) -> Result<Vec<Stamp>, ApiError> {
    let ids: Vec<BTreeSet<String>> = entries.iter().zip(items).map(named).collect();
    let all: BTreeSet<&str> = ids.iter().flatten().map(String::as_str).collect();
    let mut changed: HashMap<String, (i64, NaiveDateTime)> = HashMap::new();
    for source in SOURCES {
        for found in last_changes(conn, source, &all)? {
            let (count, last) = changed.entry(found.id).or_default();
            *count += found.version;
            *last = found.at.max(*last);
        }
    }
    let stamps = entries.iter().zip(&ids).map(|(entry, ids)| {
        let own = changed.get(&entry.owner_id);
        let (version, _) = own.ok_or_else(|| ApiError::internal("an entry is of no record"))?;
        let last = ids
            .iter()
            .filter_map(|id| changed.get(id))
            .map(|(_, at)| *at);
        let midnight = entry.known_from.and_time(NaiveTime::MIN);
        // Where a day has no midnight, what is nearest to it in UTC does.
        let known = midnight.and_local_timezone(cx.zone).earliest();
        let known = known.map_or(midnight, |known| known.naive_utc());
        Ok(Stamp {
            version: *version,
            changed_at: last.fold(known, NaiveDateTime::max).and_utc(),
        })
    });
    stamps.collect()
}

/// The ids of all that an entry shows something of.
fn named((entry, item): (&Entry, &TimelineItem)) -> BTreeSet<String> {
    let others = [
        item.project.as_ref().map(|project| project.id),
        item.agreement.as_ref().map(|agreement| agreement.id),
        item.working_group.as_ref().map(|group| group.id),
        Some(item.municipality.id),
    ];
    let organizations = item
        .organizations
        .iter()
        .map(|organization| organization.id);
    let others = others.into_iter().flatten().chain(organizations);
    let owner = std::iter::once(entry.owner_id.clone());
    owner.chain(others.map(|id| id.to_string())).collect()
}

fn last_changes(
    conn: &mut AnyConnection,
    (table, id, version): (&str, &str, &str),
    ids: &BTreeSet<&str>,
) -> Result<Vec<Changed>, ApiError> {
    let mut found = Vec::new();
    let ids: Vec<&str> = ids.iter().copied().collect();
    for some in ids.chunks(AT_ONCE) {
        // Ids are written by the program: there is nothing in them to escape.
        let sql = format!(
            "SELECT {id} AS id, CAST(SUM({version}) AS BIGINT) AS version, MAX(updated_at) AS at \
             FROM {table} WHERE {id} IN ('{}') GROUP BY {id}",
            some.join("', '")
        );
        found.extend(diesel::sql_query(sql).load::<Changed>(conn)?);
    }
    Ok(found)
}
