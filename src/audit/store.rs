//! Reading the log: what of it a caller may see, in words and as patches.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use uuid::Uuid;

use super::chain::{Entry, read_instant};
use super::records::{AGREEMENT, COMMITMENT_REPORT, KEYS, RecordType};
use super::told;
use super::types::{Change, ChangeList};
use crate::access::{Reach, Role, Scope, scope};
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::error::ApiError;
use crate::organizations::names::{Names, names};
use crate::values::{stored, stored_id, stored_word};

/// Which changes are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only those after this one.
    pub after: i64,
    pub limit: i64,
    pub types: Vec<RecordType>,
    pub municipality_id: Option<Uuid>,
    /// Only those of this record.
    pub record: Option<(RecordType, Uuid)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: String,
}

/// Whether the caller, who made a change, may still see it.
///
/// # Errors
/// What the database says.
pub fn sees(conn: &mut AnyConnection, cx: &Cx, seq: i64) -> Result<bool, ApiError> {
    let kind: String = c::table.find(seq).select(c::record_type).first(conn)?;
    // Whoever keeps tokens need not see their log, which is for admins of all municipalities.
    if KEYS.iter().any(|record| record.name == kind) {
        return Ok(true);
    }
    let wanted = Wanted {
        after: seq - 1,
        limit: 1,
        ..Wanted::default()
    };
    let found = list(conn, cx, &wanted)?.items;
    Ok(found.first().is_some_and(|change| change.seq == seq))
}

/// The changes that the caller may see: those of records that it sees now and saw then.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut AnyConnection, cx: &Cx, wanted: &Wanted) -> Result<ChangeList, ApiError> {
    let rows: Vec<Row> = diesel::sql_query(sql(cx, wanted)).load(conn)?;
    let last_seq = rows.last().map_or(wanted.after, |row| row.seq);
    let entries = rows.iter().map(|row| stored(&row.entry));
    let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
    let owners: BTreeSet<Uuid> = entries
        .iter()
        .flat_map(|entry| &entry.municipality_id)
        .map(|id| stored_id(id))
        .collect::<Result<_, _>>()?;
    let names = names(conn, owners)?;
    let items = entries.into_iter().map(|entry| change(entry, &names));
    Ok(ChangeList {
        items: items.collect::<Result<_, _>>()?,
        last_seq,
    })
}

/// The same of one record.
///
/// # Errors
/// `not_found` when the log has nothing of it that the caller may see.
pub fn history(conn: &mut AnyConnection, cx: &Cx, wanted: &Wanted) -> Result<ChangeList, ApiError> {
    let listed = list(conn, cx, wanted)?;
    let first = Wanted {
        after: 0,
        limit: 1,
        record: wanted.record,
        ..Wanted::default()
    };
    if listed.items.is_empty() && list(conn, cx, &first)?.items.is_empty() {
        return Err(ApiError::not_found());
    }
    Ok(listed)
}

/// Everything in it is a number, an id, or a word of the program, so there is nothing to escape.
fn sql(cx: &Cx, wanted: &Wanted) -> String {
    let seen = |table: &str| {
        let scope = Scope::of(&cx.caller, &scope::CHANGES).to_sql();
        scope.replace("changes.", &format!("{table}."))
    };
    let mut conditions = vec![format!("c.seq > {}", wanted.after), seen("c")];
    // What became of the record since decides, too, and of the one to which it belongs: what was
    // taken back from the public stays so.
    conditions.push(format!(
        "NOT EXISTS (SELECT 1 FROM changes AS l WHERE l.record_id IN (c.record_id, c.context_id) AND l.seq > c.seq AND NOT {})",
        seen("l")
    ));
    let admin = cx.caller.role == Some(Role::Admin) && cx.caller.reach == Reach::All;
    if !admin {
        let keys = KEYS.map(|record| format!("c.record_type <> '{}'", record.name));
        conditions.extend(keys);
    }
    if !wanted.types.is_empty() {
        let types = wanted.types.iter().map(|t| format!("'{}'", t.name));
        conditions.push(format!(
            "c.record_type IN ({})",
            types.collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(id) = wanted.municipality_id {
        conditions.push(format!("c.municipality_id = '{id}'"));
    }
    if let Some((record, id)) = wanted.record {
        let own = format!("c.record_id = '{id}' AND c.record_type = '{}'", record.name);
        conditions.push(if record == AGREEMENT {
            let of = "SELECT r.id FROM commitment_reports AS r WHERE r.agreement_id =";
            let reports = COMMITMENT_REPORT.name;
            format!("({own} OR c.record_id IN ({of} '{id}') AND c.record_type = '{reports}')")
        } else {
            own
        });
    }
    format!(
        "SELECT c.seq, c.entry FROM changes AS c WHERE {} ORDER BY c.seq LIMIT {}",
        conditions.join(" AND "),
        wanted.limit
    )
}

fn change(entry: Entry, names: &Names) -> Result<Change, ApiError> {
    let municipality = entry
        .municipality_id
        .as_deref()
        .map(stored_id)
        .transpose()?;
    let patch = told::patch(&entry);
    Ok(Change {
        summary: told::summary(&entry, &patch),
        seq: entry.seq,
        recorded_at: read_instant(&entry.recorded_at)?,
        actor: entry.actor,
        request_id: entry.request_id,
        operation: entry.operation,
        record_type: stored_word(&entry.record_type)?,
        record_id: stored_id(&entry.record_id)?,
        version: entry.version,
        municipality: municipality.map(|id| names.get(id)).transpose()?,
        audience: stored_word(&entry.audience)?,
        reason: entry.reason,
        patch,
    })
}
