//! Reading the log: what of it a caller may see, in words and as patches.

use std::collections::{BTreeSet, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::chain::{Entry, head, read_instant};
use super::records::{AGREEMENT, COMMITMENT_REPORT, KEYS, ORGANIZATION, RecordType};
use super::told;
use super::types::{Change, ChangeList};
use crate::access::{Reach, Role, Scope, scope};
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::error::{ApiError, Code, FieldError, Place};
use crate::http::language::Message;
use crate::organizations::names::{Names, names};
use crate::values::{Localized, OrganizationRef, stored, stored_id, stored_word};

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
    /// Also those that took a record from the caller.
    pub gone: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: String,
    /// Whether the caller sees the record as the change left it, and as it was before.
    #[diesel(sql_type = Bool)]
    is_seen: bool,
    #[diesel(sql_type = Bool)]
    was_seen: bool,
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

/// The changes that the caller may see: those of records that it sees now and saw then, and where it is
/// asked for those that took a record from it.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut AnyConnection, cx: &Cx, wanted: &Wanted) -> Result<ChangeList, ApiError> {
    let rows: Vec<Row> = diesel::sql_query(sql(cx, wanted)).load(conn)?;
    let last_seq = rows.last().map_or(wanted.after, |row| row.seq);
    let entries = rows.iter().map(|row| Ok((stored(&row.entry)?, row)));
    let entries: Vec<(Entry, &Row)> = entries.collect::<Result<_, ApiError>>()?;
    let owners: BTreeSet<Uuid> = entries
        .iter()
        .flat_map(|(entry, _)| &entry.municipality_id)
        .map(|id| stored_id(id))
        .collect::<Result<_, _>>()?;
    let names = names_ever(conn, owners)?;
    let hidden = told::hidden(conn, cx, entries.iter().map(|(entry, _)| entry))?;
    let items = entries
        .into_iter()
        .map(|(entry, row)| change(entry, row, &names, &hidden));
    Ok(ChangeList {
        items: items.collect::<Result<_, _>>()?,
        last_seq,
    })
}

/// Looks up organizations, also those that were deleted since: what the log said of them last.
///
/// # Errors
/// What the database says.
pub fn names_ever(conn: &mut AnyConnection, ids: BTreeSet<Uuid>) -> Result<Names, ApiError> {
    let mut names = names(conn, ids.iter().copied())?;
    for id in ids {
        if names.contains(id) {
            continue;
        }
        let last = c::table
            .filter(c::record_id.eq(id.to_string()))
            .filter(c::record_type.eq(ORGANIZATION.name))
            .order(c::seq.desc())
            .select(c::entry)
            .first::<String>(conn)
            .optional()?;
        let last: Option<Entry> = last.as_deref().map(stored).transpose()?;
        if let Some(entry) = last {
            let name = &entry.before["doc"]["content"]["name"];
            let name = Localized::deserialize(name).map_err(ApiError::internal)?;
            names.remember(OrganizationRef { id, name });
        }
    }
    Ok(names)
}

/// Refuses to go on after a change that the log does not hold yet: what follows it would be missed.
///
/// # Errors
/// `invalid_parameters`
pub fn reached(conn: &mut AnyConnection, after: i64, place: Place) -> Result<i64, ApiError> {
    let (end, _) = head(conn)?;
    if after <= end {
        return Ok(end);
    }
    let message = Message::new(
        format!("기록은 {end}번까지 있습니다."),
        format!("The log ends with change {end}."),
    );
    let at = FieldError {
        place,
        code: "beyond_the_end".into(),
        message,
    };
    Err(ApiError::new(Code::InvalidParameters).and(vec![at]))
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
    let is_seen = seen("c");
    let was_seen = format!(
        "COALESCE((SELECT {} FROM changes AS b WHERE b.record_id = c.record_id AND b.record_type = c.record_type \
           AND b.seq < c.seq ORDER BY b.seq DESC LIMIT 1), FALSE)",
        seen("b")
    );
    // What became of the record since decides, too, and of the one to which it belongs: what was
    // taken back stays so. That it was is told to whoever may have kept it.
    let still_seen = format!(
        "NOT EXISTS (SELECT 1 FROM changes AS l WHERE l.record_id IN (c.record_id, c.context_id) AND l.seq > c.seq AND NOT {})",
        seen("l")
    );
    let mut conditions = vec![
        format!("c.seq > {}", wanted.after),
        if wanted.gone {
            format!("CASE WHEN {is_seen} THEN {still_seen} ELSE {was_seen} END")
        } else {
            format!("({is_seen} AND {still_seen})")
        },
    ];
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
        "SELECT c.seq, c.entry, {is_seen} AS is_seen, {was_seen} AS was_seen \
         FROM changes AS c WHERE {} ORDER BY c.seq LIMIT {}",
        conditions.join(" AND "),
        wanted.limit
    )
}

fn change(
    mut entry: Entry,
    row: &Row,
    names: &Names,
    hidden: &HashSet<Uuid>,
) -> Result<Change, ApiError> {
    if !row.was_seen {
        // To whom it was not shown it is new, and a patch of it would fit nothing.
        entry.before = Value::Null;
    }
    if !row.is_seen {
        entry.after = Value::Null;
        entry.reason = None;
    }
    let municipality = entry
        .municipality_id
        .as_deref()
        .map(stored_id)
        .transpose()?;
    let patch = told::patch(&entry, hidden);
    let summary = if row.is_seen {
        told::summary(&entry, &patch)
    } else {
        told::taken_back(&entry)
    };
    Ok(Change {
        summary,
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
