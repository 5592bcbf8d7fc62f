//! Selection of the members of rows: `fields=title,status`.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;

/// A response with one page of rows.
pub trait Rows: Serialize {
    /// The type of a row, or of the part of it that can be selected from.
    type Row: ToSchema;

    /// Returns the cursor of the next page; `None` on the last page.
    fn next_cursor(&self) -> Option<&str>;

    /// Returns the rows in the serialized response.
    fn rows(response: &mut Value) -> Vec<&mut Value>;
}

/// The members of rows that a request selects.
#[derive(Debug)]
pub(super) struct Fields(BTreeSet<String>);

impl Fields {
    /// Reads the parameter `fields` of a query; `None` if the request selects nothing.
    ///
    /// # Errors
    /// `invalid_parameters` if `R` has no member of a selected name.
    pub(super) fn of<R: ToSchema>(query: &str) -> Result<Option<Self>, ApiError> {
        let Some(names) = selected(query) else {
            return Ok(None);
        };
        check(&names, &members(R::name().as_ref()))?;
        Ok(Some(Self(names)))
    }

    /// Returns true if a member is selected, as `id` always is.
    pub(super) fn has(&self, member: &str) -> bool {
        member == "id" || self.0.contains(member)
    }

    /// Returns the response with the selected members of its rows, and their `id`.
    ///
    /// # Errors
    /// `internal_error` if the response cannot be serialized.
    pub(super) fn select<T: Rows>(&self, response: &T) -> Result<Value, ApiError> {
        let mut response = serde_json::to_value(response).map_err(ApiError::internal)?;
        T::rows(&mut response)
            .into_iter()
            .for_each(|row| self.keep(row));
        Ok(response)
    }

    /// Like [`Self::select`], for one row.
    ///
    /// # Errors
    /// Like [`Self::select`].
    pub(super) fn select_of_row(&self, row: &impl Serialize) -> Result<Value, ApiError> {
        let mut row = serde_json::to_value(row).map_err(ApiError::internal)?;
        self.keep(&mut row);
        Ok(row)
    }

    fn keep(&self, row: &mut Value) {
        if let Some(row) = row.as_object_mut() {
            row.retain(|name, _| self.has(name));
        }
    }
}

/// Returns the names in the parameter `fields` of a query; `None` if the request selects nothing.
pub(super) fn selected(query: &str) -> Option<BTreeSet<String>> {
    let query = url::form_urlencoded::parse(query.as_bytes());
    let lists = query.filter(|(name, _)| name == "fields");
    let names = lists.flat_map(|(_, list)| {
        let names = list.split(',').map(|name| name.trim().to_owned());
        names.collect::<Vec<_>>()
    });
    let names: BTreeSet<String> = names.filter(|name| !name.is_empty()).collect();
    (!names.is_empty()).then_some(names)
}

/// Returns what is wrong with the names that a query selects of rows with a schema.
pub(super) fn unknown_of(query: &str, schema: &str) -> Option<FieldError> {
    unknown(&selected(query)?, &members(schema))
}

/// Refuses selected names that are not among the known ones.
///
/// # Errors
/// `invalid_parameters`
pub(super) fn check(names: &BTreeSet<String>, known: &BTreeSet<String>) -> Result<(), ApiError> {
    match unknown(names, known) {
        None => Ok(()),
        Some(error) => Err(ApiError::new(Code::InvalidParameters).and(vec![error])),
    }
}

fn unknown(names: &BTreeSet<String>, known: &BTreeSet<String>) -> Option<FieldError> {
    let unknown: Vec<&String> = names.difference(known).collect();
    if unknown.is_empty() {
        return None;
    }
    let comma_separated = |names: Vec<&String>| {
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        names.join(", ")
    };
    let known = comma_separated(known.iter().collect());
    let unknown = comma_separated(unknown);
    let message = Message::new(
        format!("없는 항목입니다: {unknown}. 고를 수 있는 항목: {known}."),
        format!("The rows have no member {unknown}. They have {known}."),
    );
    Some(FieldError::query("fields", "unknown_field", message))
}

/// Returns the members of the objects with a schema of the spec.
fn members(schema: &str) -> BTreeSet<String> {
    let schemas = &super::spec().schemas;
    let mut members = BTreeSet::new();
    collect_members(schemas, &schemas[schema], &mut members);
    members
}

/// Collects the members of the objects that a schema describes.
fn collect_members(schemas: &Value, schema: &Value, members: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        collect_members(schemas, &schemas[name], members);
    }
    let properties = schema["properties"].as_object().into_iter().flatten();
    members.extend(properties.map(|(name, _)| name.clone()));
    for part in ["allOf", "oneOf", "anyOf"] {
        for schema in schema[part].as_array().into_iter().flatten() {
            collect_members(schemas, schema, members);
        }
    }
}
