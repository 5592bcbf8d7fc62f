//! Names of organizations that may be gone.

use std::collections::BTreeSet;

use diesel::prelude::*;
use serde::Deserialize;

use super::chain::Entry;
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::directory::names::{Names, ORGANIZATION, names};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, OrganizationRef, stored};

/// Looks up the names of organizations. For deleted ones, uses their last state in the log.
pub fn names_ever(
    conn: &mut AnyConnection,
    ids: BTreeSet<OrganizationId>,
) -> Result<Names, ApiError> {
    let mut names = names(conn, ids.iter().copied())?;
    for id in ids {
        if names.contains(id) {
            continue;
        }
        let last = c::table
            .filter(c::record_id.eq(id.to_string()))
            .filter(c::record_type.eq(ORGANIZATION))
            .order(c::seq.desc())
            .select(c::entry)
            .first::<String>(conn)
            .optional()?;
        let last: Option<Entry> = last.as_deref().map(stored).transpose()?;
        if let Some(entry) = last {
            let name = &entry.before["doc"]["content"]["name"];
            let name = Localized::deserialize(name).map_err(ApiError::internal)?;
            let code = entry.before["code"].as_str().map(str::to_owned);
            names.remember(OrganizationRef { id, name, code });
        }
    }
    Ok(names)
}
