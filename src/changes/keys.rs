//! Lookup columns of tokens, addresses and webhooks, which are derived from their records.

use diesel::prelude::*;
use serde_json::Value;

use super::verify::Broken;
use crate::access::tokens;
use crate::db::AnyConnection;
use crate::db::schema::{addresses as a, tokens as t, webhooks as w};
use crate::kernel::error::ApiError;
use crate::kernel::values::stored;

/// A column that differs from the record.
pub enum Other {
    /// The handle of a token or an address: the beginning of its digest, used for lookup.
    Handle {
        table: &'static str,
        id: String,
        handle: String,
    },
    /// Whether a webhook is enabled.
    Enabled { id: String, enabled: bool },
}

impl Other {
    /// Converts the difference into an error.
    pub fn broken(self) -> Broken {
        match self {
            Self::Handle { table, id, .. } => Broken::Column(table, id, "handle".to_owned()),
            Self::Enabled { id, .. } => Broken::Column("webhooks", id, "enabled".to_owned()),
        }
    }
}

/// Id, handle and digest of a key.
type Kept = (String, String, String);

/// Returns all columns that differ from their records.
pub fn compare(conn: &mut AnyConnection) -> Result<Vec<Other>, ApiError> {
    let mut others = Vec::new();
    let tokens = t::table.order(t::id).select((t::id, t::handle, t::hash));
    let addresses = a::table.order(a::id).select((a::id, a::handle, a::hash));
    let kept: [(_, Vec<Kept>); 2] = [
        ("tokens", tokens.load(conn)?),
        ("addresses", addresses.load(conn)?),
    ];
    for (table, rows) in kept {
        let rows = rows.into_iter();
        let wrong = rows.filter(|(_, handle, hash)| handle != tokens::handle(hash));
        others.extend(wrong.map(|(id, _, hash)| Other::Handle {
            table,
            id,
            handle: tokens::handle(&hash).to_owned(),
        }));
    }
    let webhooks = w::table.order(w::id).select((w::id, w::enabled, w::doc));
    for (id, is, doc) in webhooks.load::<(String, bool, String)>(conn)? {
        let enabled = is_enabled(&doc)?;
        if is != enabled {
            others.push(Other::Enabled { id, enabled });
        }
    }
    Ok(others)
}

/// Corrects the columns that differ from their records, and returns their number.
pub fn settle(conn: &mut AnyConnection) -> Result<usize, ApiError> {
    let others = compare(conn)?;
    // Handles are unique at any time, so set placeholders first in case two were swapped.
    for other in &others {
        if let Other::Handle { table, id, .. } = other {
            set_handle(conn, table, id, id)?;
        }
    }
    for other in &others {
        match other {
            Other::Handle { table, id, handle } => set_handle(conn, table, id, handle)?,
            Other::Enabled { id, enabled } => {
                diesel::update(w::table.find(id))
                    .set(w::enabled.eq(enabled))
                    .execute(conn)?;
            }
        }
    }
    Ok(others.len())
}

fn set_handle(
    conn: &mut AnyConnection,
    table: &str,
    id: &str,
    handle: &str,
) -> Result<(), ApiError> {
    if table == "tokens" {
        diesel::update(t::table.find(id))
            .set(t::handle.eq(handle))
            .execute(conn)?;
    } else {
        diesel::update(a::table.find(id))
            .set(a::handle.eq(handle))
            .execute(conn)?;
    }
    Ok(())
}

/// Whether the document of a webhook says that it is switched on.
fn is_enabled(doc: &str) -> Result<bool, ApiError> {
    let doc: Value = stored(doc)?;
    let enabled = doc.pointer("/content/enabled").and_then(Value::as_bool);
    enabled.ok_or_else(|| ApiError::internal("a webhook is neither on nor off"))
}
