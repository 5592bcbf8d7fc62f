//! Logged state of each type of record: read from its row in the same way when a change is written
//! and when the log is verified.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use uuid::Uuid;

use super::chain::Entry;
use crate::db::{AnyConnection, RawQuery};
use crate::kernel::error::ApiError;
use crate::kernel::values::{Meta, stored, stored_id};

/// A type of record whose changes are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordType {
    pub name: &'static str,
    table: &'static str,
    /// Columns that hold more than the document does.
    columns: &'static [&'static str],
    /// SQL expressions for the owner, the visibility, and the record in which an organization takes
    /// part in order to see this one.
    owner: &'static str,
    audience: &'static str,
    context: &'static str,
}

const SHARED: RecordType = RecordType {
    name: "",
    table: "",
    columns: &[],
    owner: "NULL",
    audience: "'public'",
    context: "r.id",
};

const OWNED: RecordType = RecordType {
    owner: "r.municipality_id",
    audience: "r.audience",
    ..SHARED
};

pub const ORGANIZATION: RecordType = RecordType {
    name: "organization",
    table: "organizations",
    columns: &["kind", "code", "merged_into_id", "added_by"],
    owner: "CASE WHEN r.code IS NOT NULL THEN r.id END",
    ..SHARED
};
pub const ASSOCIATION_MEMBER: RecordType = RecordType {
    name: "association_member",
    table: "association_members",
    columns: &["association_id", "organization_id"],
    context: "r.association_id",
    ..SHARED
};
pub const PROJECT: RecordType = RecordType {
    name: "project",
    table: "projects",
    ..OWNED
};
pub const MILESTONE: RecordType = RecordType {
    name: "milestone",
    table: "milestones",
    columns: &["project_id"],
    owner: "(SELECT p.municipality_id FROM projects AS p WHERE p.id = r.project_id)",
    audience: "(SELECT p.audience FROM projects AS p WHERE p.id = r.project_id)",
    context: "r.project_id",
};
pub const AGREEMENT: RecordType = RecordType {
    name: "agreement",
    table: "agreements",
    ..OWNED
};
pub const COMMITMENT_REPORT: RecordType = RecordType {
    name: "commitment_report",
    table: "commitment_reports",
    columns: &["agreement_id", "commitment_id"],
    owner: "(SELECT a.municipality_id FROM agreements AS a WHERE a.id = r.agreement_id)",
    audience: "(SELECT a.audience FROM agreements AS a WHERE a.id = r.agreement_id)",
    context: "r.agreement_id",
};
pub const WORKING_GROUP: RecordType = RecordType {
    name: "working_group",
    table: "working_groups",
    ..OWNED
};
pub const MEETING: RecordType = RecordType {
    name: "meeting",
    table: "meetings",
    columns: &["working_group_id"],
    owner: "(SELECT w.municipality_id FROM working_groups AS w WHERE w.id = r.working_group_id)",
    audience: "(SELECT w.audience FROM working_groups AS w WHERE w.id = r.working_group_id)",
    context: "r.working_group_id",
};
pub const TOKEN: RecordType = RecordType {
    name: "token",
    table: "tokens",
    columns: &["name", "role", "hash", "expires_at", "revoked_at"],
    audience: "'internal'",
    ..SHARED
};

pub const CALENDAR: RecordType = RecordType {
    name: "calendar",
    table: "calendars",
    columns: &["token_id", "name", "hash", "revoked_at"],
    audience: "'internal'",
    ..SHARED
};
/// Its secrets and the state of the sending are not logged.
pub const WEBHOOK: RecordType = RecordType {
    name: "webhook",
    table: "webhooks",
    columns: &["token_id"],
    audience: "'internal'",
    ..SHARED
};

/// Records that control access and delivery. They are always read as of the present, and only
/// admins of all municipalities see their changes.
pub const KEYS: [RecordType; 3] = [TOKEN, CALENDAR, WEBHOOK];

/// Every type, in the order in which records are rebuilt: after the records that they are derived
/// from. A report comes before its agreement, whose progress depends on it; others come after the
/// records that they refer to.
pub const ALL: [RecordType; 11] = [
    ORGANIZATION,
    ASSOCIATION_MEMBER,
    PROJECT,
    MILESTONE,
    COMMITMENT_REPORT,
    AGREEMENT,
    WORKING_GROUP,
    MEETING,
    TOKEN,
    CALENDAR,
    WEBHOOK,
];

impl RecordType {
    /// Returns the type with a name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|record| record.name == name)
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
               {owner} AS municipality_id, {audience} AS audience, {context} AS context_id \
             FROM {table} AS r WHERE ",
            members = members.collect::<Vec<_>>().join(", "),
            owner = self.owner,
            audience = self.audience,
            context = self.context,
            table = self.table,
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
    audience: String,
    context_id: String,
}

/// The logged state of a record, without personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub id: String,
    pub version: i64,
    pub municipality_id: Option<String>,
    pub audience: String,
    pub context_id: String,
    /// The document and the columns next to it.
    pub content: Value,
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
            audience: self.audience,
            context_id: self.context_id,
            content: Value::Object(content),
        })
    }
}

/// A past state of a record, for its store to write again.
pub struct PastState {
    pub meta: Meta,
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
        // The log does not contain personal data.
        if let Some(contact) = doc.pointer_mut("/content/contact") {
            contact.take();
        }
        let instant = |name: &str| {
            let text = columns
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default();
            NaiveDateTime::parse_from_str(text, "%F %T%.f").map_err(ApiError::internal)
        };
        let (created, updated) = (instant("created_at")?, instant("updated_at")?);
        Ok(Some(Self {
            meta: Meta::read(&entry.record_id, entry.version, created, updated)?,
            columns,
            doc,
        }))
    }

    /// Returns the value of a column.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns.get(name).and_then(Value::as_str)
    }

    /// Returns the id in a column.
    ///
    /// # Errors
    /// Fails if the column holds no id.
    pub fn id_in(&self, name: &str) -> Result<Uuid, ApiError> {
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

/// Replaces personal data with a salted digest. The salt is stored next to the data and erased with
/// it; after that the digest reveals nothing.
fn hide_personal(doc: &mut Value) {
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

fn digest(salt: &str, value: &Value) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(value.to_string().as_bytes());
    crate::kernel::hex(&hasher.finalize())
}
