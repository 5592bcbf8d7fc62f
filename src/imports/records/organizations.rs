//! Organizations.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{AT_ONCE, Recorded, Records, adds, is_missing, recorded_ids, union};
use crate::db::AnyConnection;
use crate::http::checked::{broken_rules, decode};
use crate::http::contract::Members;
use crate::http::{IfMatch, Patch, input_name};
use crate::imports::difference::{differs, patch};
use crate::imports::existing::{Existing, Known};
use crate::imports::plan::title_of;
use crate::imports::rows::Row;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Identifier, Localized};
use crate::ledger::RequestContext;
use crate::ledger::records::Record;
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store;
use crate::organizations::store::Doc;
use crate::organizations::types::{OrganizationChange, OrganizationCreate, OrganizationKind};

/// Name of the schema of the body that records an organization.
pub const SCHEMA: &str = "OrganizationCreate";

pub struct Organizations;

/// Members that are lists: an import adds to them and takes nothing away.
const LISTS: &[&str] = &["other_names", "identifiers", "officers", "activities"];

impl Records for Organizations {
    fn record(&self) -> &'static Record {
        &ORGANIZATION
    }

    fn schema(&self) -> &'static str {
        SCHEMA
    }

    fn broken_rules(&self, body: Value, _: NaiveDate) -> serde_json::Result<Vec<FieldError>> {
        serde_json::from_value::<OrganizationCreate>(body).map(|new| broken_rules(&new))
    }

    fn compared(&self) -> &'static [&'static str] {
        &[
            "kind",
            "name",
            "short_name",
            "country",
            "founded",
            "website",
            "other_names",
            "identifiers",
            "officers",
            "activities",
        ]
    }

    fn clearable(&self) -> &'static [&'static str] {
        &["short_name", "country", "founded", "website"]
    }

    fn members(&self, field: &str) -> &'static [&'static str] {
        match field {
            "name" | "name_en" | "name_ko" => &["name"],
            "kind" => &["kind"],
            "short_name" => &["short_name"],
            "other_names" => &["other_names"],
            "business_number" | "corporate_number" | "identifiers" | "identifier_schemes" => {
                &["identifiers"]
            }
            "country" => &["country"],
            "officers" | "officer_titles" => &["officers"],
            "founded" => &["founded"],
            "website" => &["website"],
            "activities" => &["activities"],
            _ => &[],
        }
    }

    fn differs(&self, member: &str, stated: &Value, recorded: &Value) -> bool {
        match member {
            "identifiers" => adds(&keyed(stated), &keyed(recorded)),
            _ if LISTS.contains(&member) => adds(stated, recorded),
            _ => differs(stated, recorded),
        }
    }

    fn merged(&self, member: &str, stated: &Value, recorded: &Value) -> Value {
        match member {
            "identifiers" => {
                let known = keyed(recorded);
                let items = stated.as_array().into_iter().flatten();
                let new = items.filter(|item| is_missing(&key_of(item), &known));
                let all = recorded.as_array().into_iter().flatten().chain(new);
                Value::Array(all.cloned().collect())
            }
            _ if LISTS.contains(&member) => union(stated, recorded),
            _ => stated.clone(),
        }
    }

    fn key(&self, _body: &Map<String, Value>) -> Option<String> {
        // Its name was matched before.
        None
    }

    fn repeated(&self, body: &Map<String, Value>) -> Vec<String> {
        let name = body.get("name").map(title_of);
        let name = name.map(|name| format!("name {}", squeeze(&name)));
        // Two names with one number are one organization, or one of the numbers is wrong.
        let numbers = keyed(body.get("identifiers").unwrap_or(&Value::Null));
        let numbers = numbers
            .as_array()
            .into_iter()
            .flatten()
            .map(Value::to_string);
        name.into_iter().chain(numbers).collect()
    }

    fn existing(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _municipality: OrganizationId,
        rows: &[&Row],
        shows: bool,
    ) -> Result<Existing, ApiError> {
        let mut existing = Existing::default();
        let ids = recorded_ids(rows);
        for ids in ids.chunks(AT_ONCE) {
            let rows = store::rows_of(conn, ids)?;
            let own: Vec<bool> = rows
                .iter()
                .map(|row| row.may_be_changed(cx).is_ok())
                .collect();
            let records = store::records(conn, rows)?.into_iter();
            for (record, is_own) in records.zip(own) {
                let change = OrganizationChange {
                    kind: record.kind,
                    content: record.doc.content.clone(),
                };
                let known = Known {
                    id: record.meta.id.into(),
                    version: record.meta.version,
                    content: serde_json::to_value(change).map_err(ApiError::internal)?,
                    shown: match shows {
                        // An association has everything that an organization has.
                        true if record.kind == OrganizationKind::Association => {
                            json!(record.into_association())
                        }
                        true => json!(record.into_organization()),
                        false => Value::Null,
                    },
                    is_own,
                    is_fixed: false,
                };
                existing.add(known, None);
            }
        }
        Ok(existing)
    }

    fn create(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _owner: OrganizationId,
        body: Value,
    ) -> Result<Recorded, ApiError> {
        let new: OrganizationCreate = decode(&input_name(SCHEMA), Members::Closed, body)?;
        let made = store::create(conn, cx, new.kind, &Doc::of(new.content))?;
        Ok(Recorded::new(made.meta.id.into(), made.meta.version))
    }

    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        _reason: &Localized,
    ) -> Result<Recorded, ApiError> {
        let content = |record: store::Record| {
            json!(OrganizationChange {
                kind: record.kind,
                content: record.doc.content,
            })
        };
        let before = content(store::get(conn, id.into(), None)?);
        let wanted: Patch<OrganizationChange> = Patch::of(changes.clone());
        let after = store::revise(conn, cx, id.into(), &IfMatch::any(), &wanted)?;
        wanted.check_rules()?;
        let version = after.meta.version;
        let undo = patch(&content(after), &before);
        Ok(Recorded::new(id, version).restored_by(changes, undo))
    }

    fn take_back(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        recorded: &Recorded,
        _gone: &[OrganizationId],
    ) -> Result<(), ApiError> {
        delete(conn, cx, recorded.id.into())
    }
}

/// Returns an identifier in the form in which identifiers are compared.
fn key_of(identifier: &Value) -> Value {
    let read = serde_json::from_value::<Identifier>(identifier.clone());
    read.map_or_else(
        |_| identifier.clone(),
        |read| json!({ "scheme": read.scheme, "id": read.key() }),
    )
}

fn keyed(identifiers: &Value) -> Value {
    let all = identifiers.as_array().into_iter().flatten();
    Value::Array(all.map(key_of).collect())
}

/// Deletes an organization to which nothing refers.
///
/// # Errors
/// `conflict` if something refers to it; `forbidden`, `not_found`
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
) -> Result<(), ApiError> {
    store::delete(conn, cx, id, None, &IfMatch::any())
}
