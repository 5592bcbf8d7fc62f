//! The registry written again from the log alone, up to an entry of it.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::chain::{CHUNK, Entry, read_instant};
use super::records::{
    AGREEMENT, ALL, ASSOCIATION_MEMBER, COMMITMENT_REPORT, KEYS, MEETING, MILESTONE, ORGANIZATION,
    PROJECT, RecordType, WORKING_GROUP, Was,
};
use crate::agreements::{reports, store as agreements};
use crate::app::Cx;
use crate::db::schema::{changes as c, organizations as o};
use crate::db::{AnyConnection, dialect};
use crate::error::ApiError;
use crate::organizations::{members, store as organizations};
use crate::projects::{milestones::store as milestones, store as projects};
use crate::values::stored;
use crate::working_groups::{meetings, store as working_groups};

/// A registry that was rebuilt.
pub struct Rebuilt {
    pub conn: AnyConnection,
    pub days: Days,
}

/// The days on which the duties of agreements were written last: of what is dated imprecisely they
/// hold that it had happened by then. Those of agreements without any are not kept.
#[derive(Default)]
pub struct Days(HashMap<String, NaiveDate>);

impl Days {
    /// The program on the day on which it wrote an agreement's duties.
    pub fn of(&self, program: &Cx, agreement: &str) -> Cx {
        program.on(self.0.get(agreement).copied().unwrap_or(program.today))
    }
}

/// By entries: their numbers, and when they were recorded.
type Last = HashMap<String, (i64, String)>;

/// Writes what the log says up to an entry into an empty database, whose tables are there.
///
/// # Errors
/// What the databases say, or internal when the log cannot be read.
pub fn rebuild(
    conn: &mut AnyConnection,
    mut empty: AnyConnection,
    program: &Cx,
    until: i64,
) -> Result<Rebuilt, ApiError> {
    let days = dialect::write(&mut empty, |into| fill(conn, into, program, until))?;
    Ok(Rebuilt { conn: empty, days })
}

fn fill(
    conn: &mut AnyConnection,
    into: &mut AnyConnection,
    program: &Cx,
    until: i64,
) -> Result<Days, ApiError> {
    let (mut days, mut reported, mut ruled) = (Days::default(), Last::new(), Last::new());
    for record in ALL.into_iter().filter(|record| !KEYS.contains(record)) {
        let mut after = 0;
        loop {
            let rows = last_entries(conn, record, after, until)?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            for row in rows {
                let entry: Entry = stored(&row.entry)?;
                let Some(was) = Was::of(&entry)? else {
                    continue;
                };
                if record == AGREEMENT {
                    let owner = entry.municipality_id.as_deref().unwrap_or_default();
                    let others = [ruled.get(owner), reported.get(&entry.record_id)];
                    if let [Some(_), _] = others {
                        let day = last_day(program, &entry, others)?;
                        days.0.insert(entry.record_id.clone(), day);
                    }
                }
                let program = days.of(program, &entry.record_id);
                restore(into, &program, record, &was)?;
                if record == COMMITMENT_REPORT {
                    reported.insert(entry.context_id, (entry.seq, entry.recorded_at));
                }
            }
        }
        if record == ORGANIZATION {
            ruled = last_rulings(conn, into, until)?;
        }
    }
    Ok(days)
}

/// The day of the last of an entry and others.
fn last_day(
    program: &Cx,
    entry: &Entry,
    others: [Option<&(i64, String)>; 2],
) -> Result<NaiveDate, ApiError> {
    let mut last = (entry.seq, &entry.recorded_at);
    for (seq, at) in others.into_iter().flatten() {
        last = last.max((*seq, at));
    }
    let instant = read_instant(last.1)?;
    Ok(instant.with_timezone(&program.zone).date_naive())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: String,
}

/// The last entry up to `until` of each record of a type, in their order.
fn last_entries(
    conn: &mut AnyConnection,
    record: RecordType,
    after: i64,
    until: i64,
) -> Result<Vec<Row>, ApiError> {
    let of_record = "l.record_id = c.record_id AND l.record_type = c.record_type";
    let sql = format!(
        "SELECT c.seq, c.entry FROM changes AS c WHERE c.record_type = '{name}' AND c.seq > {after} AND c.seq <= {until} \
           AND NOT EXISTS (SELECT 1 FROM changes AS l WHERE {of_record} AND l.seq > c.seq AND l.seq <= {until}) \
         ORDER BY c.seq LIMIT {CHUNK}",
        name = record.name,
    );
    Ok(diesel::sql_query(sql).load(conn)?)
}

/// When the policies of each municipality that has some were changed last: then the duties of all its
/// agreements were written anew.
fn last_rulings(
    conn: &mut AnyConnection,
    into: &mut AnyConnection,
    until: i64,
) -> Result<Last, ApiError> {
    let ruling: Vec<String> = o::table
        .filter(o::policies.is_not_null())
        .select(o::id)
        .load(into)?;
    let mut last = Last::new();
    for id in ruling {
        let entries: Vec<String> = c::table
            .filter(
                c::record_id
                    .eq(&id)
                    .and(c::record_type.eq(ORGANIZATION.name)),
            )
            .filter(c::seq.le(until))
            .order(c::seq.desc())
            .select(c::entry)
            .load(conn)?;
        for entry in entries {
            let entry: Entry = stored(&entry)?;
            if organizations::policies_in(&entry.before)?
                != organizations::policies_in(&entry.after)?
            {
                last.insert(id, (entry.seq, entry.recorded_at));
                break;
            }
        }
    }
    Ok(last)
}

fn restore(
    into: &mut AnyConnection,
    cx: &Cx,
    record: RecordType,
    was: &Was,
) -> Result<(), ApiError> {
    match record {
        ORGANIZATION => organizations::restore(into, was),
        ASSOCIATION_MEMBER => members::restore(into, was),
        PROJECT => projects::restore(into, was),
        MILESTONE => milestones::restore(into, cx, was),
        COMMITMENT_REPORT => reports::restore(into, cx, was),
        AGREEMENT => agreements::restore(into, cx, was),
        WORKING_GROUP => working_groups::restore(into, was),
        MEETING => meetings::restore(into, cx, was),
        _ => Ok(()),
    }
}
