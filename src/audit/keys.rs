//! What keys are looked up by, beside their records: it follows from what is recorded of each.

use diesel::prelude::*;

use super::verify::Broken;
use crate::access::tokens;
use crate::db::AnyConnection;
use crate::db::schema::{calendars as c, tokens as t, webhooks as w};
use crate::error::ApiError;
use crate::webhooks;

/// A column that says something else than the record does.
pub enum Other {
    /// By what a token or the address of a calendar is found: what its digest begins with.
    Handle {
        table: &'static str,
        id: String,
        handle: String,
    },
    /// Whether a webhook is switched on.
    Enabled { id: String, enabled: bool },
}

impl Other {
    /// The same as what is wrong with the registry.
    pub fn broken(self) -> Broken {
        match self {
            Self::Handle { table, id, .. } => Broken::Column(table, id, "handle".to_owned()),
            Self::Enabled { id, .. } => Broken::Column("webhooks", id, "enabled".to_owned()),
        }
    }
}

/// The id, the handle and the digest of a key.
type Kept = (String, String, String);

/// All that say something else.
///
/// # Errors
/// What the database says.
pub fn compare(conn: &mut AnyConnection) -> Result<Vec<Other>, ApiError> {
    let mut others = Vec::new();
    let tokens = t::table.order(t::id).select((t::id, t::handle, t::hash));
    let calendars = c::table.order(c::id).select((c::id, c::handle, c::hash));
    let kept: [(_, Vec<Kept>); 2] = [
        ("tokens", tokens.load(conn)?),
        ("calendars", calendars.load(conn)?),
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
        let enabled = webhooks::is_on(&doc)?;
        if is != enabled {
            others.push(Other::Enabled { id, enabled });
        }
    }
    Ok(others)
}

/// Makes them say what the records do; the answer is how many there were.
///
/// # Errors
/// What the database says.
pub fn settle(conn: &mut AnyConnection) -> Result<usize, ApiError> {
    let others = compare(conn)?;
    // No two have the same handle at any time, also where they were swapped.
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
        diesel::update(c::table.find(id))
            .set(c::handle.eq(handle))
            .execute(conn)?;
    }
    Ok(())
}
