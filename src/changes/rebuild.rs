//! Rebuilds the registry from the log alone, up to a given entry.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::agreements::doc::Doc;
use crate::agreements::duties;
use crate::agreements::records::{AGREEMENT, COMMITMENT_REPORT};
use crate::agreements::sharing;
use crate::db::schema::{changes as c, organizations as o};
use crate::db::{AnyConnection, Json, dialect};
use crate::directory::succession::Successions;
use crate::holidays::records::HOLIDAY;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::ledger::chain::{CHUNK, Entry, read_instant};
use crate::ledger::records::{PastState, Record};
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store as organizations;
use crate::projects::milestones;
use crate::projects::records::{MILESTONE, PROJECT};
use crate::records;

/// A rebuilt registry.
pub struct Rebuilt {
    pub conn: AnyConnection,
    pub days: Days,
}

/// The day on which the duties of each agreement were last written.
///
/// Duties take a fact with an imprecise date to have happened by that day. Agreements without
/// duties have no entry.
#[derive(Default)]
pub struct Days(HashMap<String, NaiveDate>);

impl Days {
    /// Returns the program's context on the day on which it last wrote the duties of an agreement.
    pub fn of(&self, program: &RequestContext, agreement: &str) -> RequestContext {
        program.on(self.0.get(agreement).copied().unwrap_or(program.today))
    }
}

/// Number and instant of the last entry, by record id.
type Last = HashMap<String, (i64, String)>;

/// Called between chunks of the log, to let go of the snapshot that is read, or to show how far it is.
pub type Between<'a> = &'a mut dyn FnMut(&mut AnyConnection) -> Result<(), ApiError>;

/// Replays the log up to an entry into an empty database whose tables already exist. Entries never
/// change, so `between` can take another snapshot after each chunk.
///
/// # Errors
/// Fails with an internal error if the log cannot be read.
pub fn rebuild(
    conn: &mut AnyConnection,
    mut empty: AnyConnection,
    program: &RequestContext,
    until: i64,
    between: Between<'_>,
) -> Result<Rebuilt, ApiError> {
    let days = dialect::write(&mut empty, |into| fill(conn, into, program, until, between))?;
    Ok(Rebuilt { conn: empty, days })
}

/// Like [`rebuild`], into an empty database that the caller has opened a transaction on.
///
/// # Errors
/// Fails with an internal error if the log cannot be read.
pub fn fill(
    conn: &mut AnyConnection,
    into: &mut AnyConnection,
    program: &RequestContext,
    until: i64,
    between: Between<'_>,
) -> Result<Days, ApiError> {
    let (mut days, mut reported, mut ruled) = (Days::default(), Last::new(), Last::new());
    let (mut moved, mut projects) = (Last::new(), HashMap::new());
    for record in records::ALL {
        let Some(restore) = record.restore else {
            continue;
        };
        let mut after = 0;
        loop {
            between(conn)?;
            let rows = last_entries(conn, record, after, until)?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            for row in rows {
                let Json(entry) = row.entry;
                if *record == MILESTONE {
                    let project = entry.context_id.clone();
                    projects.insert(entry.record_id.clone(), project);
                }
                if *record == PROJECT || *record == MILESTONE {
                    let last = moved.entry(entry.context_id.clone()).or_default();
                    *last = (entry.seq, entry.recorded_at.clone()).max(std::mem::take(last));
                }
                let Some(was) = PastState::of(&entry)? else {
                    continue;
                };
                if *record == AGREEMENT {
                    let co_owners = sharing::co_owners_in(&entry.after);
                    let owners = entry.municipality_id.iter().chain(&co_owners);
                    if let Some(ruled) = owners.filter_map(|owner| ruled.get(owner)).max() {
                        let reported = reported.get(&entry.record_id);
                        let others = [Some(ruled), reported, anchored(&was, &projects, &moved)?];
                        let day = last_day(program, &entry, others)?;
                        days.0.insert(entry.record_id.clone(), day);
                    }
                }
                let program = days.of(program, &entry.record_id);
                restore(into, &program, &was)?;
                if *record == COMMITMENT_REPORT {
                    reported.insert(entry.context_id, (entry.seq, entry.recorded_at));
                }
            }
        }
        if *record == ORGANIZATION {
            ruled = last_rulings(conn, into, until)?;
            duties::restore_own(into, program)?;
        }
        if *record == MILESTONE {
            milestones::derived::write_all_relative(into)?;
        }
    }
    Ok(days)
}

/// Returns the last change of the projects to whose milestones dates of an agreement are relative, with
/// which its derived tables were written anew.
fn anchored<'a>(
    was: &PastState,
    projects: &HashMap<String, String>,
    moved: &'a Last,
) -> Result<Option<&'a (i64, String)>, ApiError> {
    let doc: Doc = was.doc()?;
    let projects = doc
        .milestones()
        .filter_map(|id| projects.get(&id.to_string()));
    Ok(projects.filter_map(|id| moved.get(id)).max())
}

/// Returns the day of the latest among an entry and others.
fn last_day(
    program: &RequestContext,
    entry: &Entry,
    others: [Option<&(i64, String)>; 3],
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
    entry: Json<Entry>,
}

/// Reads the last entry up to `until` of each record of a type, in log order.
fn last_entries(
    conn: &mut AnyConnection,
    record: &Record,
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

/// Finds when the policies on the records of each municipality were last changed: its own, those of
/// the municipalities that it continues or that continue it, and their succession; or when a holiday
/// was declared or withdrawn. Such a change rewrites the duties of all its agreements.
fn last_rulings(
    conn: &mut AnyConnection,
    into: &mut AnyConnection,
    until: i64,
) -> Result<Last, ApiError> {
    let ruling: Vec<String> = o::table
        .filter(o::policies.is_not_null().or(o::succession.is_not_null()))
        .select(o::id)
        .load(into)?;
    let holiday: Option<Json<Entry>> = c::table
        .filter(c::record_type.eq(HOLIDAY.name).and(c::seq.le(until)))
        .order(c::seq.desc())
        .select(c::entry)
        .first(conn)
        .optional()?;
    let holiday = holiday.map(|Json(entry)| (entry.seq, entry.recorded_at));
    let successions = Successions::load(into)?;
    let mut lines = BTreeMap::new();
    for id in ruling {
        for governed in successions.governed_by(stored_id(&id)?) {
            let line = successions.line(governed).into_iter();
            let line: Vec<OrganizationId> = line.map(|(id, _)| id).collect();
            lines.insert(governed, line);
        }
    }
    let mut own = BTreeMap::new();
    for id in lines.values().flatten() {
        if !own.contains_key(id) {
            own.insert(*id, last_ruling(conn, *id, until)?);
        }
    }
    let last = lines.into_iter().filter_map(|(id, line)| {
        let of_line = line.iter().filter_map(|id| own.get(id)?.clone());
        Some((id.to_string(), of_line.chain(holiday.clone()).max()?))
    });
    Ok(last.collect())
}

/// Finds the last entry that changed the policies or the succession of a municipality.
fn last_ruling(
    conn: &mut AnyConnection,
    id: OrganizationId,
    until: i64,
) -> Result<Option<(i64, String)>, ApiError> {
    let entries: Vec<Json<Entry>> = c::table
        .filter(c::record_id.eq(id.to_string()))
        .filter(c::record_type.eq(ORGANIZATION.name))
        .filter(c::seq.le(until))
        .order(c::seq.desc())
        .select(c::entry)
        .load(conn)?;
    for Json(entry) in entries {
        if organizations::rulings_in(&entry.before)? != organizations::rulings_in(&entry.after)? {
            return Ok(Some((entry.seq, entry.recorded_at)));
        }
    }
    Ok(None)
}
