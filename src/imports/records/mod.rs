//! The kinds of records in which rows differ: how a record is found, checked, recorded, corrected
//! and taken back.

mod agreements;
mod announcements;
mod meetings;
mod milestones;
pub mod organizations;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::difference;
use super::existing::{Existing, Known};
use super::kind::ImportKind;
use super::rows::Row;
use super::store::Recorded;
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::RequestContext;
use crate::ledger::records::Record;

/// Number of values in one statement.
pub const AT_ONCE: usize = 500;

/// A kind of records.
pub trait Records: Sync {
    /// The kind as the log names it.
    fn record(&self) -> &'static Record;

    /// Name of the schema of the body that records one.
    fn schema(&self) -> &'static str;

    /// Returns the rules that a body breaks on a day: those of the type, and those of days that have not
    /// come.
    ///
    /// # Errors
    /// Fails if the body has another form.
    fn broken_rules(&self, body: Value, today: NaiveDate) -> serde_json::Result<Vec<FieldError>>;

    /// Members that are compared with those of a record. Members that the import itself adds, such as
    /// sources, are not.
    fn compared(&self) -> &'static [&'static str];

    /// Returns the members that a column of a field states.
    fn members(&self, field: &str) -> &'static [&'static str];

    /// Members that a cell of the field of the same name clears if it was emptied: single values that a
    /// record can lack.
    fn clearable(&self) -> &'static [&'static str];

    /// Returns why a member of a record is not corrected by an import; `None` if it is.
    fn not_corrected(&self, _member: &str) -> Option<(&'static str, Message)> {
        None
    }

    /// Returns whether a recorded member says something else than a stated one.
    fn differs(&self, _member: &str, stated: &Value, recorded: &Value) -> bool {
        difference::differs(stated, recorded)
    }

    /// Returns a member with which a record says what is stated.
    fn merged(&self, _member: &str, stated: &Value, _recorded: &Value) -> Value {
        stated.clone()
    }

    /// Returns the body of the POST without the members that its path takes.
    fn posted(&self, body: Value) -> Value {
        body
    }

    /// Returns the key by which the record of a body is found, where no id tells it.
    fn key(&self, body: &Map<String, Value>) -> Option<String>;

    /// Returns whether a record with the key of a body is the one that is meant.
    fn is_meant(&self, _body: &Map<String, Value>, _known: &Known) -> bool {
        true
    }

    /// Returns the key by which rows repeat each other.
    fn repeated(&self, body: &Map<String, Value>) -> Vec<String>;

    /// Reads the records that rows perhaps repeat; `shows` also as their list shows them.
    ///
    /// # Errors
    /// Fails if the database does.
    fn existing(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        municipality: OrganizationId,
        rows: &[&Row],
        shows: bool,
    ) -> Result<Existing, ApiError>;

    /// Records a body, by the rules of the POST that records one.
    ///
    /// # Errors
    /// Those of the POST.
    fn create(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        owner: OrganizationId,
        body: Value,
    ) -> Result<Recorded, ApiError>;

    /// Corrects a record by a merge patch, by the rules of its PATCH.
    ///
    /// # Errors
    /// Those of the PATCH.
    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        reason: &Localized,
    ) -> Result<Recorded, ApiError>;

    /// Takes back a record that an import made, and makes it name organizations that are taken back in
    /// words alone.
    ///
    /// # Errors
    /// Fails if the rules refuse it.
    fn take_back(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        recorded: &Recorded,
        gone: &[OrganizationId],
    ) -> Result<(), ApiError>;
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

/// Reads the versions of records of a kind, without those that no longer exist.
///
/// # Errors
/// Fails if the database does.
pub fn versions(
    conn: &mut AnyConnection,
    kind: &Record,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, i64)>, ApiError> {
    let mut versions = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let ids: Vec<String> = ids.iter().map(|id| format!("'{id}'")).collect();
        let sql = format!(
            "SELECT id, version FROM {} WHERE id IN ({})",
            kind.table,
            ids.join(", ")
        );
        for found in diesel::sql_query(sql).load::<Version>(conn)? {
            versions.push((stored_id(&found.id)?, found.version));
        }
    }
    Ok(versions)
}

/// Returns the ids that rows state, as an export has them.
fn recorded_ids(rows: &[&Row]) -> Vec<String> {
    let ids = rows.iter().filter_map(|row| row.record);
    ids.map(|id| id.to_string()).collect()
}

/// Returns the reason of what an undone import takes back.
pub fn undone() -> Localized {
    Localized {
        ko: Some("가져오기를 취소함".into()),
        en: Some("The import was undone".into()),
    }
}

/// Returns whether a list states an item that a recorded list lacks.
fn adds(stated: &Value, recorded: &Value) -> bool {
    let mut items = stated.as_array().into_iter().flatten();
    items.any(|item| is_missing(item, recorded))
}

fn is_missing(item: &Value, recorded: &Value) -> bool {
    let mut all = recorded.as_array().into_iter().flatten();
    all.all(|other| difference::differs(item, other))
}

/// Returns a recorded list with the stated items that it lacks.
fn union(stated: &Value, recorded: &Value) -> Value {
    let items = stated.as_array().into_iter().flatten();
    let new = items.filter(|item| is_missing(item, recorded));
    let all = recorded.as_array().into_iter().flatten().chain(new);
    Value::Array(all.cloned().collect())
}

/// Returns what is particular to a kind.
pub fn of(kind: ImportKind) -> &'static dyn Records {
    match kind {
        ImportKind::Agreements => &agreements::Agreements,
        ImportKind::Organizations => &organizations::Organizations,
        ImportKind::Meetings => &meetings::Meetings,
        ImportKind::Announcements => &announcements::Announcements,
        ImportKind::Milestones => &milestones::Milestones,
    }
}
