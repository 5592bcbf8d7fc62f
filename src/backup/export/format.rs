//! The lines of an export.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::kernel::clock::rfc3339;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Localized;
use crate::ledger::chain::{Actor, Entry};

/// Name of the form, in the first line.
pub const NAME: &str = "mou-registry export";
/// Version of the form.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    pub format: String,
    pub version: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// The municipality whose records follow; null for all that the caller administers.
    pub municipality: Option<Municipality>,
    /// Instant of the last log entry that is exported.
    pub recorded_until: Option<String>,
    /// The last log entry that the caller sees.
    pub checkpoint: Position,
    /// Time zone whose days count in the registry.
    pub time_zone: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Municipality {
    pub id: OrganizationId,
    pub code: Option<String>,
    pub name: Localized,
}

/// A place in the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Position {
    pub seq: i64,
    pub hash: String,
}

/// A state of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    /// What is kept beside the document, such as the project of a milestone.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub columns: Map<String, Value>,
    /// Null if the record was removed.
    pub document: Value,
}

/// A version of a record, as it was logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// Number of the entry in the log that was exported.
    pub seq: i64,
    pub version: i64,
    pub recorded_at: String,
    pub actor: Actor,
    pub request_id: String,
    pub operation: String,
    pub reason: Option<Localized>,
    pub municipality_id: Option<String>,
    pub visibility: String,
    pub context_id: String,
    #[serde(flatten)]
    pub state: Stated,
}

/// The line of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub kind: String,
    pub id: String,
    pub version: i64,
    #[serde(flatten)]
    pub state: Stated,
    /// The logged versions, oldest first.
    pub history: Vec<Logged>,
}

/// The last line. A file without it was cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Number of records of each kind.
    pub records: BTreeMap<String, u64>,
    /// Number of logged versions.
    pub versions: u64,
    /// SHA-256 of the digests of all records, each with a line feed.
    pub digest: String,
    /// SHA-256 of all lines before this one.
    pub sha256: String,
}

const STORED: &str = "%F %T%.f";

impl Stated {
    /// Reads a logged state.
    ///
    /// # Errors
    /// Fails with an internal error if the state has no instants.
    pub fn of(logged: Value) -> Result<Self, ApiError> {
        let Value::Object(mut columns) = logged else {
            return Ok(Self {
                created_at: None,
                updated_at: None,
                columns: Map::new(),
                document: Value::Null,
            });
        };
        let mut instant = |name: &str| {
            let text = columns.remove(name);
            let text = text.as_ref().and_then(Value::as_str).unwrap_or_default();
            let at = NaiveDateTime::parse_from_str(text, STORED).map_err(ApiError::internal)?;
            Ok::<_, ApiError>(Some(rfc3339(at.and_utc())))
        };
        Ok(Self {
            created_at: instant("created_at")?,
            updated_at: instant("updated_at")?,
            document: columns.remove("doc").unwrap_or_default(),
            columns,
        })
    }

    /// Returns the state as the log holds it; `None` if it has no instants.
    pub fn logged(&self) -> Option<Value> {
        if self.document.is_null() {
            return Some(Value::Null);
        }
        let stored = |at: &Option<String>| {
            let at: DateTime<Utc> = at.as_deref()?.parse().ok()?;
            Some(Value::String(at.format("%F %T%.6f").to_string()))
        };
        let mut state = self.columns.clone();
        state.insert("created_at".into(), stored(&self.created_at)?);
        state.insert("updated_at".into(), stored(&self.updated_at)?);
        state.insert("doc".into(), self.document.clone());
        Some(Value::Object(state))
    }
}

impl Logged {
    /// Returns a version of a record as an entry of the log, after the state `before`; `None` if its
    /// state has no instants.
    pub fn entry(self, kind: &str, id: &str, before: Value) -> Option<Entry> {
        Some(Entry {
            after: self.state.logged()?,
            seq: self.seq,
            recorded_at: self.recorded_at,
            actor: self.actor,
            request_id: self.request_id,
            operation: self.operation,
            record_type: kind.to_owned(),
            record_id: id.to_owned(),
            version: self.version,
            municipality_id: self.municipality_id,
            visibility: self.visibility,
            context_id: self.context_id,
            reason: self.reason,
            before,
        })
    }
}

/// Returns the digest of a record: SHA-256 of its line as JSON with sorted members and without blanks,
/// without `digest` and without the numbers of log entries, which are others in another registry.
pub fn digest(line: &Value) -> String {
    let mut line = line.clone();
    if let Some(members) = line.as_object_mut() {
        members.remove("digest");
    }
    let history = line.get_mut("history").and_then(Value::as_array_mut);
    for version in history.into_iter().flatten() {
        if let Some(members) = version.as_object_mut() {
            members.remove("seq");
        }
    }
    let mut hasher = Sha256::new();
    hasher.update(line.to_string());
    crate::kernel::hex(hasher.finalize())
}

/// Counts records, and makes the digest over theirs.
#[derive(Default)]
pub struct Tally {
    pub records: BTreeMap<String, u64>,
    pub versions: u64,
    digest: Sha256,
}

impl Tally {
    /// Counts a record.
    pub fn add(&mut self, line: &Line, digest: &str) {
        *self.records.entry(line.kind.clone()).or_default() += 1;
        self.versions += line.history.len() as u64;
        self.digest.update(digest);
        self.digest.update("\n");
    }

    /// Returns the last line, after lines with the digest `sha256`.
    pub fn end(self, sha256: String) -> End {
        End {
            records: self.records,
            versions: self.versions,
            digest: crate::kernel::hex(self.digest.finalize()),
            sha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_go_to_the_file_and_back() {
        let state = json!({"created_at": "2026-11-28 01:02:03", "updated_at": "2026-11-28 01:02:03.5",
            "project_id": "p", "doc": {"content": {"kind": "other"}}});
        let stated = Stated::of(state).unwrap();
        assert_eq!(
            serde_json::to_value(&stated).unwrap(),
            json!({"created_at": "2026-11-28T01:02:03.000000Z", "updated_at": "2026-11-28T01:02:03.500000Z",
                "columns": {"project_id": "p"}, "document": {"content": {"kind": "other"}}})
        );
        assert_eq!(
            stated.logged().unwrap(),
            json!({"created_at": "2026-11-28 01:02:03.000000", "updated_at": "2026-11-28 01:02:03.500000",
                "project_id": "p", "doc": {"content": {"kind": "other"}}})
        );
        assert_eq!(Stated::of(Value::Null).unwrap().logged(), Some(Value::Null));
    }

    #[test]
    fn a_digest_is_of_the_content() {
        let line = json!({"id": "a", "history": [{"seq": 1, "version": 1}], "digest": "x"});
        let other = json!({"history": [{"version": 1, "seq": 7}], "id": "a"});
        assert_eq!(digest(&line), digest(&other));
        assert_eq!(
            digest(&json!({})),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
        assert_ne!(digest(&line), digest(&json!({"id": "b"})));
    }
}
