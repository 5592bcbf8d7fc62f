//! The records that an export holds: those of the municipality, those that they refer to, and what
//! belongs to these.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{AnyConnection, Json};
use crate::directory::succession::{self, Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::chain::{CHUNK, Entry};
use crate::ledger::records::{Record, Spread};
use crate::ledger::{Reach, RequestContext, Scope, visible};
use crate::records;

/// Number of ids that are looked up at once, and number of those that are remembered to be of no
/// record.
const AT_ONCE: usize = 500;
const REMEMBERED: usize = 50_000;
/// Number of records whose history is in memory at once.
const IN_MEMORY: usize = 100;

/// The kinds of records that an export holds: all but keys.
pub fn kinds() -> impl Iterator<Item = &'static Record> {
    records::ALL.into_iter().filter(|record| !record.is_key())
}

/// Returns names of kinds for a condition.
fn listed<'a>(kinds: impl Iterator<Item = &'a Record>) -> String {
    let names: Vec<String> = kinds.map(|kind| format!("'{}'", kind.name)).collect();
    names.join(", ")
}

/// The records of an export.
pub struct Selection {
    /// The condition that entry `c` is of a record of the municipality, or of one that concerns
    /// every record.
    own: String,
    /// The condition that the caller sees entry `c`, which is of another record.
    seen: String,
    /// The other records, by kind.
    others: BTreeMap<&'static str, BTreeSet<Uuid>>,
    /// Records that are referred to, and that the caller does not see.
    hidden: HashSet<Uuid>,
    /// Whether what a merge moved is exported, which names records of all municipalities.
    with_merges: bool,
}

impl Selection {
    /// Returns the whole registry.
    pub fn everything() -> Self {
        Self {
            own: "TRUE".to_owned(),
            seen: "FALSE".to_owned(),
            others: BTreeMap::new(),
            hidden: HashSet::new(),
            with_merges: true,
        }
    }

    /// Selects the records of a municipality, or without one of all that the caller works for.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    pub fn of(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        municipality: Option<OrganizationId>,
    ) -> Result<Self, ApiError> {
        let held = match (municipality, &cx.caller.reach) {
            (Some(id), _) => succession::held_of(conn, id, cx.today)?,
            (None, Reach::All) => return Ok(Self::everything()),
            (None, Reach::Of(some)) => Held {
                ids: some.iter().map(OrganizationId::to_string).collect(),
                shares: true,
            },
        };
        if held.ids.is_empty() {
            return Err(ApiError::not_found());
        }
        let theirs = Scope::held(&held, Share::Any, "c", "c.context_id").to_sql();
        let of_all = listed(kinds().filter(|kind| kind.spread == Spread::All));
        let sees_all = cx.caller.reach == Reach::All;
        let seen = match sees_all {
            true => "TRUE".to_owned(),
            false => format!(
                "({} AND {})",
                visible::seen(cx, "c"),
                visible::still_seen(cx)
            ),
        };
        let mut selection = Self {
            own: format!("({theirs} OR c.record_type IN ({of_all}))"),
            seen,
            others: BTreeMap::new(),
            hidden: HashSet::new(),
            with_merges: sees_all,
        };
        selection.follow(conn)?;
        Ok(selection)
    }

    /// Adds what the records of the municipality refer to, what these refer to in turn, and what
    /// belongs to them.
    fn follow(&mut self, conn: &mut AnyConnection) -> Result<(), ApiError> {
        let (mut after, mut looked) = (0, HashSet::new());
        let mut pending = Vec::new();
        loop {
            let sql = format!(
                "SELECT c.seq, c.entry FROM changes AS c WHERE c.seq > {after} AND {} \
                 ORDER BY c.seq LIMIT {CHUNK}",
                self.own
            );
            let rows: Vec<Numbered> = diesel::sql_query(sql).load(conn)?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let texts = rows.iter().map(|row| row.entry.as_str());
            self.look_up(conn, texts, &mut looked, &mut pending)?;
        }
        loop {
            while !pending.is_empty() {
                let some = pending.split_off(pending.len().saturating_sub(IN_MEMORY));
                let sql = format!(
                    "SELECT c.seq, c.entry FROM changes AS c WHERE c.record_id IN ({}) AND {}",
                    quoted(&some),
                    self.seen
                );
                let rows: Vec<Numbered> = diesel::sql_query(sql).load(conn)?;
                let texts = rows.iter().map(|row| row.entry.as_str());
                self.look_up(conn, texts, &mut looked, &mut pending)?;
            }
            self.add_parts(conn, &mut pending)?;
            if pending.is_empty() {
                return Ok(());
            }
        }
    }

    /// Adds the records that entries name.
    fn look_up<'a>(
        &mut self,
        conn: &mut AnyConnection,
        texts: impl Iterator<Item = &'a str>,
        looked: &mut HashSet<Uuid>,
        pending: &mut Vec<Uuid>,
    ) -> Result<(), ApiError> {
        if looked.len() > REMEMBERED {
            looked.clear();
        }
        let mut new = Vec::new();
        for text in texts {
            each_id(text, &mut |id| {
                if looked.insert(id) {
                    new.push(id);
                }
            })?;
        }
        for some in new.chunks(AT_ONCE) {
            let sql = format!(
                "SELECT c.record_type AS kind, c.record_id AS id, \
                   CAST(MAX(CASE WHEN {} THEN 1 ELSE 0 END) AS BIGINT) AS own, \
                   CAST(MAX(CASE WHEN {} THEN 1 ELSE 0 END) AS BIGINT) AS seen \
                 FROM changes AS c WHERE c.record_id IN ({}) AND c.record_type IN ({}) \
                 GROUP BY c.record_type, c.record_id",
                self.own,
                self.seen,
                quoted(some),
                listed(kinds())
            );
            let found: Vec<Found> = diesel::sql_query(sql).load(conn)?;
            for Found {
                kind,
                id,
                own,
                seen,
            } in found
            {
                let id: Uuid = id.parse().map_err(ApiError::internal)?;
                match (own, seen) {
                    (0, 0) => drop(self.hidden.insert(id)),
                    (0, _) => self.add(&kind, id, pending),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, kind: &str, id: Uuid, pending: &mut Vec<Uuid>) {
        let Some(kind) = records::named(kind) else {
            return;
        };
        if self.others.entry(kind.name).or_default().insert(id) {
            pending.push(id);
        }
    }

    /// Adds the records that belong to others that were added: the members of an association, the
    /// milestones of a project.
    fn add_parts(
        &mut self,
        conn: &mut AnyConnection,
        pending: &mut Vec<Uuid>,
    ) -> Result<(), ApiError> {
        let all: HashSet<Uuid> = self.others.values().flatten().copied().collect();
        let parts = listed(kinds().filter(|kind| kind.context != "r.id"));
        let mut after = 0;
        loop {
            let sql = format!(
                "SELECT c.seq, c.record_type AS kind, c.record_id AS id, c.context_id AS whole, \
                   CASE WHEN {} THEN TRUE ELSE FALSE END AS own FROM changes AS c \
                 WHERE c.seq > {after} AND c.record_type IN ({parts}) AND {} \
                 ORDER BY c.seq LIMIT {}",
                self.own,
                self.seen,
                10 * CHUNK
            );
            let rows: Vec<Part> = diesel::sql_query(sql).load(conn)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.seq;
            for part in rows.into_iter().filter(|part| !part.own) {
                let whole: Uuid = part.whole.parse().map_err(ApiError::internal)?;
                if all.contains(&whole) {
                    let id = part.id.parse().map_err(ApiError::internal)?;
                    self.add(&part.kind, id, pending);
                }
            }
        }
    }

    /// Returns the ids of some records of a kind after an id, in order; none at the end.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    pub fn ids(
        &self,
        conn: &mut AnyConnection,
        kind: &Record,
        after: Option<Uuid>,
    ) -> Result<Vec<Uuid>, ApiError> {
        let from = after.map(|id| id.to_string()).unwrap_or_default();
        let sql = format!(
            "SELECT DISTINCT c.record_id AS id FROM changes AS c \
             WHERE c.record_type = '{}' AND c.record_id > '{from}' AND {} \
             ORDER BY c.record_id LIMIT {IN_MEMORY}",
            kind.name, self.own
        );
        let own: Vec<Id> = diesel::sql_query(sql).load(conn)?;
        let own = own.iter().map(|row| row.id.parse::<Uuid>());
        let mut ids: BTreeSet<Uuid> = own.collect::<Result<_, _>>().map_err(ApiError::internal)?;
        if let Some(others) = self.others.get(kind.name) {
            let rest = others
                .iter()
                .filter(|id| after.is_none_or(|after| **id > after));
            ids.extend(rest.take(IN_MEMORY));
        }
        // What follows the last of the first some could be missing in between.
        Ok(ids.into_iter().take(IN_MEMORY).collect())
    }

    /// Returns the logged versions of some records of a kind that are exported, by record and in the
    /// order of the log.
    ///
    /// # Errors
    /// Fails if the log cannot be read.
    pub fn entries(
        &self,
        conn: &mut AnyConnection,
        kind: &Record,
        ids: &[Uuid],
    ) -> Result<Vec<Entry>, ApiError> {
        let sql = format!(
            "SELECT c.entry FROM changes AS c WHERE c.record_id IN ({}) AND c.record_type = '{}' \
               AND ({} OR {}) ORDER BY c.record_id, c.seq",
            quoted(ids),
            kind.name,
            self.own,
            self.seen
        );
        let rows: Vec<Whole> = diesel::sql_query(sql).load(conn)?;
        let entries = rows.into_iter().map(
            |Whole {
                 entry: Json(mut entry),
             }| {
                self.clean(&mut entry.after);
                entry
            },
        );
        Ok(entries.collect())
    }

    /// Removes from a state what does not leave the registry: personal data, and references that the
    /// caller does not see.
    fn clean(&self, state: &mut Value) {
        let Some(doc) = state.get_mut("doc") else {
            return;
        };
        crate::ledger::records::remove_personal(doc);
        if !self.with_merges
            && let Some(merged) = doc.get_mut("merged")
        {
            merged.take();
        }
        if !self.hidden.is_empty() {
            self.hide(state);
        }
    }

    fn hide(&self, value: &mut Value) {
        let is_hidden = |value: &Value| {
            let id = value.as_str().filter(|text| text.len() == 36);
            let id = id.and_then(|text| Uuid::try_parse(text).ok());
            id.is_some_and(|id| self.hidden.contains(&id))
        };
        match value {
            Value::Array(items) => {
                items.retain(|item| !is_hidden(item));
                items.iter_mut().for_each(|item| self.hide(item));
            }
            Value::Object(members) => {
                for value in members.values_mut() {
                    match is_hidden(value) {
                        true => drop(value.take()),
                        false => self.hide(value),
                    }
                }
            }
            _ => {}
        }
    }
}

/// Calls `work` with each id in the text of an entry. What a merge moved is left out: it names records
/// of all municipalities.
fn each_id(text: &str, work: &mut dyn FnMut(Uuid)) -> Result<(), ApiError> {
    let mut all = |text: &str| {
        // An id is a whole text, and has no character that JSON escapes.
        let mut within = false;
        for part in text.split('"') {
            let id = Some(part).filter(|part| !within && part.len() == 36);
            if let Some(id) = id.and_then(|part| Uuid::try_parse(part).ok()) {
                work(id);
            }
            within = part.ends_with('\\');
        }
    };
    if !text.contains("\"merged\":{") {
        all(text);
        return Ok(());
    }
    let mut entry: Value = serde_json::from_str(text).map_err(ApiError::internal)?;
    for state in ["before", "after"] {
        if let Some(merged) = entry[state]["doc"].get_mut("merged") {
            merged.take();
        }
    }
    all(&entry.to_string());
    Ok(())
}

fn quoted(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
    ids.join(", ")
}

#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    entry: String,
}

#[derive(QueryableByName)]
struct Whole {
    #[diesel(sql_type = Text)]
    entry: Json<Entry>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    own: i64,
    #[diesel(sql_type = BigInt)]
    seen: i64,
}

#[derive(QueryableByName)]
struct Part {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    whole: String,
    #[diesel(sql_type = Bool)]
    own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_entries() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let found = |text: &str| {
            let mut ids = Vec::new();
            each_id(text, &mut |id| ids.push(id)).unwrap();
            ids
        };
        let text = format!(r#"{{"a":["{one}"],"text":"no \"{two}","b":"{two}"}}"#);
        assert_eq!(found(&text), [one, two]);
        let text = format!(
            r#"{{"after":{{"doc":{{"merged":{{"id":"{one}"}},"to":"{two}"}}}},"before":null}}"#
        );
        assert_eq!(found(&text), [two]);
    }
}
