//! Logged state of each type of record: read from its row in the same way when a change is written
//! and when the log is verified, or made from the values that were written.

use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::chain::Entry;
use super::{RequestContext, Visibility};
use crate::db::{AnyConnection, RawQuery};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, Meta, stored, stored_id};

/// A kind of record whose changes are logged.
///
/// Each slice describes its own records; [`crate::records`] lists all of them.
#[derive(Debug)]
pub struct Record {
    /// Its name in the log and in the API.
    pub name: &'static str,
    /// The table with one row for each record.
    pub table: &'static str,
    /// Condition on the rows of the table, as `r`, that are its records.
    pub rows: &'static str,
    /// Columns that hold more than the document does.
    pub columns: &'static [&'static str],
    /// SQL for the municipality that owns the record of row `r`; null for a shared one.
    pub owner: &'static str,
    /// SQL for its visibility.
    pub visibility: &'static str,
    /// SQL for the id of the record in which an organization takes part in order to see it.
    pub context: &'static str,
    /// The path of its collection in the API; `None` if it is only reached through another record.
    pub path: Option<&'static str>,
    /// Other collections that show records of this kind.
    pub other_paths: &'static [&'static str],
    /// Whether the history of its context includes its own.
    pub joins_history: bool,
    /// The title by which the search shows it; `None` if it cannot be found.
    pub title: Option<Title>,
    /// The column with the id of the record that calendars show; `None` if they show none.
    pub stamped_by: Option<&'static str>,
    /// Columns that refer to organizations, in any of its tables.
    pub references: &'static [Reference],
    /// Tables that are derived from the records when these are written.
    pub derived: &'static [DerivedTable],
    /// Writes the record as it was at a past state, with everything derived from it. `None` for
    /// keys, which have no past: they are read as they are now, and only admins of all
    /// municipalities see their changes.
    pub restore: Option<Restore>,
    /// What a change of a record of this kind changes beside the record itself.
    pub spread: Spread,
    /// Limits who sees a restored record and everything derived from it; `None` for a record
    /// without a visibility of its own.
    pub restrict: Option<Restrict>,
}

/// Which records show something else after a change of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Those that the entry names, and those that show the record.
    Named,
    /// Any record, but none if the record is new.
    AllButByNew,
    /// Any record.
    All,
    /// None, but the rights of callers.
    Callers,
}

/// Writes a past state of a record.
pub type Restore = fn(&mut AnyConnection, &RequestContext, &PastState) -> Result<(), ApiError>;

/// Sets the visibility of the record with an id.
pub type Restrict =
    fn(&mut AnyConnection, &RequestContext, &str, Visibility) -> Result<(), ApiError>;

/// Returns the titles of the records with these ids.
pub type Titles = fn(&mut AnyConnection, &[String]) -> Result<Vec<(String, Localized)>, ApiError>;

/// Where the title of a record comes from.
#[derive(Clone, Copy, Debug)]
pub enum Title {
    /// A column with a localized text.
    Column(&'static str),
    /// A computation from ids.
    Computed(Titles),
}

/// A column that holds the id of an organization.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    pub table: &'static str,
    pub column: &'static str,
    /// The column together with which it is unique, if any.
    pub unique_with: Option<&'static str>,
}

impl Reference {
    pub const fn new(table: &'static str, column: &'static str) -> Self {
        Self {
            table,
            column,
            unique_with: None,
        }
    }

    /// A reference that occurs once for each value of another column.
    pub const fn once(table: &'static str, column: &'static str, with: &'static str) -> Self {
        Self {
            table,
            column,
            unique_with: Some(with),
        }
    }
}

/// A table whose rows follow from records.
#[derive(Clone, Copy, Debug)]
pub struct DerivedTable {
    pub name: &'static str,
    /// The columns that identify a row.
    pub key: &'static [Key],
    /// The columns that the database assigns, which say nothing.
    pub assigned: &'static [&'static str],
    /// The column with the id of the record with which a row is written; null in a row of a
    /// municipality alone.
    pub written_with: &'static str,
}

/// A column of a key.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Text(&'static str),
    Day(&'static str),
}

impl Key {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Day(name) => name,
        }
    }
}

impl DerivedTable {
    /// A table whose rows are written with the record of the first column of their key.
    pub const fn new(name: &'static str, key: &'static [Key]) -> Self {
        Self {
            name,
            key,
            assigned: &[],
            written_with: key[0].name(),
        }
    }

    /// States that the rows are written with the record in another column.
    #[must_use]
    pub const fn written_with(self, column: &'static str) -> Self {
        Self {
            written_with: column,
            ..self
        }
    }
}

/// A record that every municipality shares: the base of descriptions.
pub const SHARED: Record = Record {
    name: "",
    table: "",
    rows: "TRUE",
    columns: &[],
    owner: "NULL",
    visibility: "'public'",
    context: "r.id",
    path: None,
    other_paths: &[],
    joins_history: false,
    title: None,
    stamped_by: Some("id"),
    references: &[],
    derived: &[],
    restore: None,
    spread: Spread::All,
    restrict: None,
};

/// A record that a municipality owns: the base of descriptions.
pub const OWNED: Record = Record {
    owner: "r.municipality_id",
    visibility: "r.visibility",
    spread: Spread::Named,
    ..SHARED
};

/// A record that says who may do what or who is notified: the base of descriptions.
pub const KEY: Record = Record {
    visibility: "'internal'",
    stamped_by: None,
    spread: Spread::Callers,
    ..SHARED
};

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Record {}

impl Record {
    /// Whether it is a key: what says who may do what, of which there is no past.
    pub fn is_key(&self) -> bool {
        self.restore.is_none()
    }

    /// Returns the statement that reads the states of its rows, up to the condition.
    fn sql(&self, conn: &AnyConnection) -> String {
        let object = match conn {
            AnyConnection::Sqlite(_) => "json_object",
            AnyConnection::Postgres(_) => "json_build_object",
        };
        let instants = ["created_at", "updated_at"];
        let columns = self.columns.iter().chain(&instants);
        let members = columns.map(|c| match (conn, *c) {
            // Instants are stored as text on SQLite only.
            (AnyConnection::Postgres(_), c) if c.ends_with("_at") => {
                format!("'{c}', to_char(r.{c}, 'YYYY-MM-DD HH24:MI:SS.US')")
            }
            (_, c) => format!("'{c}', r.{c}"),
        });
        format!(
            "SELECT r.id, r.version, r.doc, CAST({object}({members}) AS TEXT) AS columns, \
               {owner} AS municipality_id, {visibility} AS visibility, {context} AS context_id \
             FROM {table} AS r WHERE {rows} AND ",
            members = members.collect::<Vec<_>>().join(", "),
            owner = self.owner,
            visibility = self.visibility,
            context = self.context,
            table = self.table,
            rows = self.rows,
        )
    }

    /// Returns the current state of a record, or `None` if it does not exist.
    pub fn state(&self, conn: &mut AnyConnection, id: &str) -> Result<Option<State>, ApiError> {
        let sql = self.sql(conn) + "r.id = ";
        let query = RawQuery::<Columns>::new(sql, id, String::new());
        query
            .get_result::<Row>(conn)
            .optional()?
            .map(Row::read)
            .transpose()
    }

    /// Returns the current states of up to `limit` records after an id. Each comes with a flag:
    /// whether its document is exactly as the program writes it.
    pub fn states_after(
        &self,
        conn: &mut AnyConnection,
        id: &str,
        limit: usize,
    ) -> Result<Vec<(State, bool)>, ApiError> {
        let sql = self.sql(conn) + "r.id > ";
        let rest = format!(" ORDER BY r.id LIMIT {limit}");
        let rows: Vec<Row> = RawQuery::<Columns>::new(sql, id, rest).load(conn)?;
        let read = |row: Row| {
            let as_written = row.is_as_written()?;
            Ok((row.read()?, as_written))
        };
        rows.into_iter().map(read).collect()
    }
}

type Columns = (Text, BigInt, Text, Text, Nullable<Text>, Text, Text);

#[derive(Queryable)]
struct Row {
    id: String,
    version: i64,
    doc: String,
    columns: String,
    municipality_id: Option<String>,
    visibility: String,
    context_id: String,
}

/// The logged state of a record, without personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub id: String,
    pub version: i64,
    pub municipality_id: Option<String>,
    pub visibility: String,
    pub context_id: String,
    /// The document and the columns next to it.
    pub content: Value,
}

/// The state of a record whose row was just written.
pub struct Written {
    /// The state, without its content if that is at hand as text.
    pub state: State,
    pub content: Option<String>,
}

/// Returns a document as the log has it, without its closing brace; `None` if it has personal data or
/// a salt, and has to be read to hide them.
fn without_personal(doc: &str) -> Option<&str> {
    // Within a text, the quotes would be escaped.
    let nothing = ["\"contact\":null", "\"individual_parties\":[]"];
    let public = nothing.iter().all(|member| doc.contains(member));
    doc.strip_suffix(",\"contact_salt\":null}")
        .filter(|_| public)
}

impl Written {
    /// Returns the state of a record with a document as it was written. Only for kinds of records
    /// without columns beside the document.
    ///
    /// # Errors
    /// Fails if the document is no JSON.
    pub fn of<Id: ToString>(
        conn: &AnyConnection,
        meta: &Meta<Id>,
        municipality: OrganizationId,
        visibility: Visibility,
        doc: &str,
    ) -> Result<Self, ApiError> {
        // As `Record::sql` reads them from the row.
        let format = match conn {
            AnyConnection::Sqlite(_) => "%F %T%.f",
            AnyConnection::Postgres(_) => "%F %T%.6f",
        };
        let instant = |at: DateTime<Utc>| at.format(format).to_string();
        let (created, updated) = (instant(meta.created_at), instant(meta.updated_at));
        let content = without_personal(doc).map(|doc| {
            format!("{{\"created_at\":\"{created}\",\"doc\":{doc}}},\"updated_at\":\"{updated}\"}}")
        });
        let value = if content.is_some() {
            Value::Null
        } else {
            let mut doc: Value = stored(doc)?;
            hide_personal(&mut doc);
            json!({ "created_at": created, "updated_at": updated, "doc": doc })
        };
        let id = meta.id.to_string();
        let state = State {
            version: meta.version,
            municipality_id: Some(municipality.to_string()),
            visibility: visibility.as_str().to_owned(),
            context_id: id.clone(),
            id,
            content: value,
        };
        Ok(Self { state, content })
    }
}

impl Row {
    /// Returns true if the document is as long as the program would write it. A document with a
    /// duplicate member reads like one without, but is longer.
    fn is_as_written(&self) -> Result<bool, ApiError> {
        let doc: Value = stored(&self.doc)?;
        Ok(self.doc.len() == doc.to_string().len())
    }

    fn read(self) -> Result<State, ApiError> {
        let mut content: Map<String, Value> = stored(&self.columns)?;
        let mut doc: Value = stored(&self.doc)?;
        hide_personal(&mut doc);
        content.insert("doc".into(), doc);
        Ok(State {
            id: self.id,
            version: self.version,
            municipality_id: self.municipality_id,
            visibility: self.visibility,
            context_id: self.context_id,
            content: Value::Object(content),
        })
    }
}

/// A past state of a record, for its store to write again.
pub struct PastState {
    record_id: String,
    version: i64,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    columns: Map<String, Value>,
    doc: Value,
}

impl PastState {
    /// Reads the state after an entry, or `None` if the entry removed the record.
    ///
    /// # Errors
    /// Fails if the entry cannot be read.
    pub fn of(entry: &Entry) -> Result<Option<Self>, ApiError> {
        let Some(mut columns) = entry.after.as_object().cloned() else {
            return Ok(None);
        };
        let mut doc = columns.remove("doc").unwrap_or_default();
        remove_personal(&mut doc);
        let instant = |name: &str| {
            let text = columns
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default();
            NaiveDateTime::parse_from_str(text, "%F %T%.f").map_err(ApiError::internal)
        };
        Ok(Some(Self {
            record_id: entry.record_id.clone(),
            version: entry.version,
            created_at: instant("created_at")?,
            updated_at: instant("updated_at")?,
            columns,
            doc,
        }))
    }

    /// Returns the record's metadata.
    ///
    /// # Errors
    /// Fails if the record's id is malformed.
    pub fn meta<Id: FromStr<Err = uuid::Error>>(&self) -> Result<Meta<Id>, ApiError> {
        Meta::read(
            &self.record_id,
            self.version,
            self.created_at,
            self.updated_at,
        )
    }

    /// Returns the value of a column.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns.get(name).and_then(Value::as_str)
    }

    /// Returns the id in a column.
    ///
    /// # Errors
    /// Fails if the column holds no id.
    pub fn id_in<Id: FromStr<Err = uuid::Error>>(&self, name: &str) -> Result<Id, ApiError> {
        stored_id(self.column(name).unwrap_or_default())
    }

    /// Deserializes the document.
    ///
    /// # Errors
    /// Fails if the document does not match the type.
    pub fn doc<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        T::deserialize(&self.doc).map_err(ApiError::internal)
    }
}

/// Removes personal data from a document, or the digests of it, which are all that the log has.
pub fn remove_personal(doc: &mut Value) {
    if let Some(contact) = doc.pointer_mut("/content/contact") {
        contact.take();
    }
    for name in individuals(doc) {
        name.take();
    }
}

/// Replaces personal data with a salted digest. The salt is stored next to the data and erased with
/// it; after that the digest reveals nothing.
fn hide_personal(doc: &mut Value) {
    let salt = doc.as_object_mut().and_then(|doc| doc.remove("names_salt"));
    let salt = salt.as_ref().and_then(Value::as_str).unwrap_or_default();
    for name in individuals(doc).filter(|name| !name.is_null()) {
        *name = json!({"digest": digest(salt, name)});
    }
    let Some(doc) = doc.as_object_mut() else {
        return;
    };
    let salt = doc.remove("contact_salt");
    let contact = doc.get_mut("content").and_then(|c| c.get_mut("contact"));
    if let Some(contact) = contact.filter(|contact| !contact.is_null()) {
        let salt = salt.as_ref().and_then(Value::as_str).unwrap_or_default();
        *contact = json!({"digest": digest(salt, contact)});
    }
}

/// Returns the names of the individuals who are parties to an agreement.
fn individuals(doc: &mut Value) -> impl Iterator<Item = &mut Value> {
    let all = doc.pointer_mut("/content/individual_parties");
    let all = all.and_then(Value::as_array_mut).into_iter().flatten();
    all.filter_map(|individual| individual.get_mut("name"))
}

fn digest(salt: &str, value: &Value) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(value.to_string().as_bytes());
    crate::kernel::hex(hasher.finalize())
}
