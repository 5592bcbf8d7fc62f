//! Rebuilds the registry from the log alone, up to a given entry.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::agreements::doc::Doc;
use crate::agreements::duties;
use crate::agreements::records::{AGREEMENT, COMMITMENT_REPORT};
use crate::agreements::sharing;
use crate::db::schema::{
    agreement_anchors as n, changes as c, commitment_reports as r, milestones as m,
    organizations as o, projects as p,
};
use crate::db::{AnyConnection, Json, dialect};
use crate::directory::succession::Successions;
use crate::holidays::records::HOLIDAY;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::ledger::chain::{CHUNK, Entry, read_instant};
use crate::ledger::records::{PastState, Record, Restore};
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
pub struct Days {
    /// Those of the agreements that were restored.
    known: HashMap<String, NaiveDate>,
    /// From which those of others are found, which were copied.
    copied: Option<Copied>,
}

/// What tells the days of agreements that were copied.
struct Copied {
    until: i64,
    ruled: Last,
}

impl Days {
    fn of_restored(&self, program: &RequestContext, agreement: &str) -> RequestContext {
        let known = self.known.get(agreement).copied();
        program.on(known.unwrap_or(program.today))
    }

    /// Returns the program's context on the day on which it last wrote the duties of an agreement of a
    /// past.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    pub fn of(
        &self,
        conn: &mut AnyConnection,
        past: &mut AnyConnection,
        program: &RequestContext,
        agreement: &str,
    ) -> Result<RequestContext, ApiError> {
        let copied = self.copied.as_ref();
        let Some(copied) = copied.filter(|_| !self.known.contains_key(agreement)) else {
            return Ok(self.of_restored(program, agreement));
        };
        let until = copied.until;
        let own = format!("c.record_id = '{agreement}'");
        let Some(entry) = last_among(conn, &own, &[&AGREEMENT], until)? else {
            return Ok(program.clone());
        };
        let Some(ruled) = ruling(&copied.ruled, &entry) else {
            return Ok(program.clone());
        };
        let place = |entry: Option<Entry>| entry.map(|entry| (entry.seq, entry.recorded_at));
        let reports = r::table.filter(r::agreement_id.eq(agreement));
        let reports: Vec<String> = reports.select(r::id).load(past)?;
        let reports = format!(
            "c.record_id IN ({})",
            quoted(reports.iter().map(String::as_str))
        );
        let reported = place(last_among(conn, &reports, &[&COMMITMENT_REPORT], until)?);
        let projects: Vec<(String, String)> = n::table
            .inner_join(m::table.on(m::id.eq(n::milestone_id)))
            .inner_join(p::table.on(p::id.eq(m::project_id)))
            .filter(n::agreement_id.eq(agreement))
            .select((p::id, p::municipality_id))
            .load(past)?;
        let mut moved = None;
        for (project, owner) in projects {
            // A milestone that was removed is no longer there. Owners are indexed.
            let of = format!("c.municipality_id = '{owner}' AND c.context_id = '{project}'");
            let last = place(last_among(conn, &of, &[&PROJECT, &MILESTONE], until)?);
            moved = moved.max(last);
        }
        let others = [Some(ruled), reported.as_ref(), moved.as_ref()];
        Ok(program.on(last_day(program, &entry, others)?))
    }
}

/// Number and instant of the last entry, by record id.
type Last = HashMap<String, (i64, String)>;

/// Returns the last ruling on an agreement with an entry, if there is any.
fn ruling<'a>(ruled: &'a Last, entry: &Entry) -> Option<&'a (i64, String)> {
    let co_owners = sharing::co_owners_in(&entry.after);
    let owners = entry.municipality_id.iter().chain(&co_owners);
    owners.filter_map(|owner| ruled.get(owner)).max()
}

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
    let mut filling = Filling::default();
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
            filling.restore((record, restore), into, program, rows)?;
        }
        if *record == ORGANIZATION {
            filling.ruled = last_rulings(conn, into, until)?;
            duties::restore_own(into, program)?;
        }
        if *record == MILESTONE {
            milestones::derived::write_all_relative(into)?;
        }
    }
    Ok(filling.days)
}

/// Restores the records with these ids up to an entry, into a database with a copy of all others.
///
/// # Errors
/// Fails with an internal error if the log cannot be read.
pub(super) fn fill_in(
    conn: &mut AnyConnection,
    into: &mut AnyConnection,
    program: &RequestContext,
    until: i64,
    ids: &[String],
) -> Result<Days, ApiError> {
    let ruled = last_rulings(conn, into, until)?;
    let mut filling = Filling {
        ruled: ruled.clone(),
        ..Filling::default()
    };
    for record in records::ALL {
        let Some(restore) = record.restore else {
            continue;
        };
        for some in ids.chunks(CHUNK) {
            let rows = last_entries_of(conn, record, some, until)?;
            filling.restore((record, restore), into, program, rows)?;
        }
        if *record == MILESTONE && !ids.is_empty() {
            milestones::derived::write_all_relative(into)?;
        }
    }
    Ok(Days {
        copied: Some(Copied { until, ruled }),
        ..filling.days
    })
}

/// A registry while it is filled.
#[derive(Default)]
struct Filling {
    days: Days,
    /// Last reports, by agreement.
    reported: Last,
    /// Last rulings, by municipality.
    ruled: Last,
    /// Last changes of projects or their milestones, by project.
    moved: Last,
    /// Projects of milestones.
    projects: HashMap<String, String>,
}

impl Filling {
    fn restore(
        &mut self,
        (record, restore): (&Record, Restore),
        into: &mut AnyConnection,
        program: &RequestContext,
        rows: Vec<Row>,
    ) -> Result<(), ApiError> {
        for row in rows {
            let Json(entry) = row.entry;
            if *record == MILESTONE {
                let project = entry.context_id.clone();
                self.projects.insert(entry.record_id.clone(), project);
            }
            if *record == PROJECT || *record == MILESTONE {
                let last = self.moved.entry(entry.context_id.clone()).or_default();
                *last = (entry.seq, entry.recorded_at.clone()).max(std::mem::take(last));
            }
            let Some(was) = PastState::of(&entry)? else {
                continue;
            };
            if *record == AGREEMENT
                && let Some(ruled) = ruling(&self.ruled, &entry)
            {
                let reported = self.reported.get(&entry.record_id);
                let anchored = anchored(&was, &self.projects, &self.moved)?;
                let day = last_day(program, &entry, [Some(ruled), reported, anchored])?;
                self.days.known.insert(entry.record_id.clone(), day);
            }
            let program = self.days.of_restored(program, &entry.record_id);
            restore(into, &program, &was)?;
            if *record == COMMITMENT_REPORT {
                let at = (entry.seq, entry.recorded_at);
                self.reported.insert(entry.context_id, at);
            }
        }
        Ok(())
    }
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
    let rows = format!("c.seq > {after}");
    let sql = format!("{} LIMIT {CHUNK}", last_entries_sql(record, &rows, until));
    Ok(diesel::sql_query(sql).load(conn)?)
}

/// Like [`last_entries`], of the records with these ids.
fn last_entries_of(
    conn: &mut AnyConnection,
    record: &Record,
    ids: &[String],
    until: i64,
) -> Result<Vec<Row>, ApiError> {
    let rows = format!(
        "c.record_id IN ({})",
        quoted(ids.iter().map(String::as_str))
    );
    Ok(diesel::sql_query(last_entries_sql(record, &rows, until)).load(conn)?)
}

fn last_entries_sql(record: &Record, rows: &str, until: i64) -> String {
    let of_record = "l.record_id = c.record_id AND l.record_type = c.record_type";
    format!(
        "SELECT c.seq, c.entry FROM changes AS c WHERE c.record_type = '{name}' AND {rows} AND c.seq <= {until} \
           AND NOT EXISTS (SELECT 1 FROM changes AS l WHERE {of_record} AND l.seq > c.seq AND l.seq <= {until}) \
         ORDER BY c.seq",
        name = record.name,
    )
}

/// Reads the last entry up to `until` of the records of some kinds that a condition selects.
fn last_among(
    conn: &mut AnyConnection,
    condition: &str,
    kinds: &[&Record],
    until: i64,
) -> Result<Option<Entry>, ApiError> {
    let kinds = quoted(kinds.iter().map(|kind| kind.name));
    let sql = format!(
        "SELECT c.seq, c.entry FROM changes AS c WHERE {condition} AND c.record_type IN ({kinds}) \
           AND c.seq <= {until} ORDER BY c.seq DESC LIMIT 1"
    );
    let rows: Vec<Row> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().next().map(|row| row.entry.0))
}

/// Returns texts that the program wrote, of which nothing needs escaping, as SQL.
fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(|text| format!("'{text}'")).collect();
    texts.join(", ")
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
