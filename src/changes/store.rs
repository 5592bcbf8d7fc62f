//! Reads the log as a caller may see it, in words and as patches.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use serde_json::Value;
use uuid::Uuid;

use super::summary as told;
use super::types::{Change, ChangeList};
use crate::db::{AnyConnection, Json};
use crate::directory::names::Names;
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{from_db, stored_id};
use crate::ledger::chain::{Entry, head, instant, read_instant};
use crate::ledger::records::Record;
use crate::ledger::{Reach, RequestContext, Role, Scope};
use crate::ledger::{names_ever, visible};
use crate::records;

/// Criteria for changes.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only changes after this number.
    pub after: i64,
    pub limit: i64,
    /// Of more changes than the limit, the latest instead of the first.
    pub latest: bool,
    pub types: Vec<&'static Record>,
    pub municipality_id: Option<OrganizationId>,
    /// Only changes of this record.
    pub record: Option<(&'static Record, Uuid)>,
    /// Whether to include changes that withdrew a record from the caller.
    pub gone: bool,
    /// Only changes of the record with this id, whatever its type.
    pub id: Option<Uuid>,
    /// Only changes before this number.
    pub before: Option<i64>,
    /// Only changes by a token, or whoever goes by this name.
    pub actor: Option<String>,
    /// Only changes recorded from this instant on, and before that one.
    pub recorded: (Option<NaiveDateTime>, Option<NaiveDateTime>),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: Json<Entry>,
    /// Whether the caller sees the record after the change (`is_seen`) and before it (`was_seen`).
    #[diesel(sql_type = Bool)]
    is_seen: bool,
    #[diesel(sql_type = Bool)]
    was_seen: bool,
}

/// Lists the changes of records that the caller sees now and saw at the time, and, if requested,
/// the changes that withdrew a record from the caller.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &Wanted,
) -> Result<ChangeList, ApiError> {
    let held = succession::held(conn, wanted.municipality_id, cx.today)?;
    let query = sql(conn, cx, wanted, held.as_ref());
    let mut query = diesel::sql_query(query).into_boxed();
    if let Some(name) = &wanted.actor {
        query = query.bind::<Text, _>(name.replace('\0', ""));
    }
    let mut rows: Vec<Row> = query.load(conn)?;
    if wanted.latest {
        rows.reverse();
    }
    let last_seq = rows.last().map_or(wanted.after, |row| row.seq);
    let entries = || rows.iter().map(|row| &row.entry.0);
    let owners: BTreeSet<OrganizationId> = entries()
        .flat_map(|entry| &entry.municipality_id)
        .map(|id| stored_id(id))
        .collect::<Result<_, _>>()?;
    let names = names_ever(conn, owners)?;
    let hidden = told::hidden(conn, cx, entries())?;
    let items = rows.into_iter().map(|row| change(row, &names, &hidden));
    Ok(ChangeList {
        items: items.collect::<Result<_, _>>()?,
        last_seq,
    })
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// Returns the last change that the caller sees, or 0. For the caller, the log ends with it: the number
/// of the last one of all would tell how many are hidden.
pub fn end(conn: &mut AnyConnection, cx: &RequestContext) -> Result<i64, ApiError> {
    seen_from(conn, cx, 0, "DESC").map(|seq| seq.unwrap_or(0))
}

/// Returns the number, the hash and the instant of the last change that the caller sees; nothing of an
/// empty log.
///
/// # Errors
/// Fails if the log cannot be read.
pub fn last_seen(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<(i64, String, Option<String>), ApiError> {
    use crate::db::schema::changes as c;
    let seq = end(conn, cx)?;
    let row = c::table.find(seq).select((c::hash, c::recorded_at));
    let row: Option<(String, chrono::NaiveDateTime)> = row.first(conn).optional()?;
    Ok(match row {
        Some((hash, at)) => (seq, hash, Some(instant(at))),
        None => (0, String::new(), None),
    })
}

/// Finds the first or the last change that the caller sees from a number on.
fn seen_from(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    from: i64,
    order: &str,
) -> Result<Option<i64>, ApiError> {
    if from > head(conn)?.0 {
        return Ok(None);
    }
    let sql = format!(
        "SELECT c.seq FROM changes AS c WHERE c.seq >= {from} AND {} ORDER BY c.seq {order} LIMIT 1",
        Seen::by(conn, cx, true).conditions().join(" AND ")
    );
    let found: Option<Number> = diesel::sql_query(sql).get_result(conn).optional()?;
    Ok(found.map(|number| number.seq))
}

/// Refuses to go on after a change that the log does not hold yet, as far as the caller sees it: what
/// follows it would be missed.
///
/// # Errors
/// Fails with `invalid_parameters` if the caller sees no change of this number or a later one.
pub fn reached(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    after: i64,
    place: Place,
) -> Result<(), ApiError> {
    if after == 0 || seen_from(conn, cx, after, "ASC")?.is_some() {
        return Ok(());
    }
    let message = Message::fixed(
        "볼 수 있는 변경이 이 번호까지 이르지 않습니다. 처음부터 다시 읽으십시오.",
        "The changes that you can see do not reach this number: read them from the beginning.",
    );
    let at = FieldError {
        place,
        code: "beyond_the_end".into(),
        message,
        candidates: Box::default(),
    };
    Err(ApiError::new(Code::InvalidParameters).and(vec![at]))
}

/// Like [`list`], but for the history of one record.
///
/// # Errors
/// Fails with `not_found` if the log has no change of it that the caller may see.
pub fn history(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &Wanted,
) -> Result<ChangeList, ApiError> {
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

/// The conditions by which a caller sees an entry `c` of the log.
struct Seen {
    /// The caller sees the record after the change, and before it.
    is_seen: String,
    was_seen: String,
    /// The caller still sees it.
    still_seen: String,
    /// Entries that withdrew a record are shown, to callers who may have kept a copy.
    gone: bool,
    /// The caller reads the log of keys.
    admin: bool,
}

impl Seen {
    fn by(conn: &AnyConnection, cx: &RequestContext, gone: bool) -> Self {
        let before = |column: &str| {
            format!(
                "(SELECT {column} FROM changes AS b WHERE b.record_id = c.record_id AND b.record_type = c.record_type \
                   AND b.seq < c.seq ORDER BY b.seq DESC LIMIT 1)"
            )
        };
        // Who began to take part with this change did not see the record before it.
        let was_seen = format!(
            "COALESCE({}, FALSE)",
            before(&format!(
                "{} AND ({} OR NOT {})",
                visible::seen(cx, "b"),
                visible::seen_by_all(cx, "b"),
                visible::joined_caller(conn, cx)
            ))
        );
        Self {
            is_seen: visible::seen(cx, "c"),
            // One who shared a record, or took part in it, saw it until the change that ended this.
            was_seen: match gone {
                true => {
                    let left = visible::left_caller(conn, cx, &before("b.visibility"));
                    format!("({was_seen} OR {left})")
                }
                false => was_seen,
            },
            // Later changes of the record, and of the one that it belongs to, count as well: a
            // withdrawn record stays withdrawn.
            still_seen: visible::still_seen(cx),
            gone,
            admin: cx.caller.role == Some(Role::Admin) && cx.caller.reach == Reach::All,
        }
    }

    /// Returns the conditions of the entries that are shown.
    fn conditions(&self) -> Vec<String> {
        let Self {
            is_seen,
            was_seen,
            still_seen,
            gone,
            admin,
        } = self;
        let mut all = vec![match gone {
            true => format!("CASE WHEN {is_seen} THEN {still_seen} ELSE {was_seen} END"),
            false => format!("({is_seen} AND {still_seen})"),
        }];
        if !admin {
            let keys = records::ALL.into_iter().filter(|record| record.is_key());
            all.extend(keys.map(|record| format!("c.record_type <> '{}'", record.name)));
        }
        all
    }
}

/// The condition that whoever made a change has the bound name.
fn by_actor(conn: &AnyConnection) -> &'static str {
    match conn {
        AnyConnection::Sqlite(_) => "json_extract(c.entry, '$.actor.name') = ?1",
        AnyConnection::Postgres(_) => "(c.entry::json -> 'actor' ->> 'name') = $1",
    }
}

/// Builds the query. All values are numbers, ids, instants or constants of the program, so nothing needs
/// escaping; the name of an actor is bound.
fn sql(conn: &AnyConnection, cx: &RequestContext, wanted: &Wanted, held: Option<&Held>) -> String {
    let seen = Seen::by(conn, cx, wanted.gone);
    let mut conditions = vec![format!("c.seq > {}", wanted.after)];
    conditions.extend(seen.conditions());
    if !wanted.types.is_empty() {
        let types = wanted.types.iter().map(|t| format!("'{}'", t.name));
        conditions.push(format!(
            "c.record_type IN ({})",
            types.collect::<Vec<_>>().join(", ")
        ));
    }
    conditions.extend(held.map(|held| {
        let theirs = Scope::held(held, Share::Any, "c", "c.context_id").to_sql();
        match wanted.gone {
            true => format!("({theirs} OR {})", visible::left(conn, &held.ids)),
            false => theirs,
        }
    }));
    if let Some((record, id)) = wanted.record {
        conditions.push(history_of(record, id));
    }
    conditions.extend(wanted.id.map(|id| format!("c.record_id = '{id}'")));
    conditions.extend(wanted.before.map(|before| format!("c.seq < {before}")));
    if wanted.actor.is_some() {
        conditions.push(by_actor(conn).to_owned());
    }
    let (from, until) = wanted.recorded;
    let at = |instant: NaiveDateTime| instant.format("%Y-%m-%d %H:%M:%S");
    conditions.extend(from.map(|from| format!("c.recorded_at >= '{}'", at(from))));
    conditions.extend(until.map(|until| format!("c.recorded_at < '{}'", at(until))));
    format!(
        "SELECT c.seq, c.entry, {} AS is_seen, {} AS was_seen \
         FROM changes AS c WHERE {} ORDER BY c.seq {} LIMIT {}",
        seen.is_seen,
        seen.was_seen,
        conditions.join(" AND "),
        if wanted.latest { "DESC" } else { "ASC" },
        wanted.limit
    )
}

/// The condition that an entry belongs to the history of a record.
fn history_of(record: &Record, id: Uuid) -> String {
    let own = format!("c.record_id = '{id}' AND c.record_type = '{}'", record.name);
    let context = format!("r.{}_id", record.name);
    let joined = records::ALL
        .into_iter()
        .filter(|other| other.joins_history && other.context == context);
    let joined = joined.map(|other| {
        let Record { name, table, .. } = other;
        format!(
            "c.record_id IN (SELECT r.id FROM {table} AS r WHERE {context} = '{id}') AND c.record_type = '{name}'"
        )
    });
    let all: Vec<String> = std::iter::once(own).chain(joined).collect();
    format!("({})", all.join(" OR "))
}

fn change(row: Row, names: &Names, hidden: &HashSet<Uuid>) -> Result<Change, ApiError> {
    let Json(mut entry) = row.entry;
    if !row.was_seen {
        // For a caller who did not see the record before, it is new, and a patch would not apply.
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
        record_type: from_db(&entry.record_type)?,
        record_id: stored_id(&entry.record_id)?,
        context_id: stored_id(&entry.context_id)?,
        version: entry.version,
        municipality: municipality.map(|id| names.get(id)).transpose()?,
        visibility: from_db(&entry.visibility)?,
        reason: entry.reason,
        patch,
    })
}
