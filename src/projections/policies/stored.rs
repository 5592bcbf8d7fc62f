//! Policies in the database: a column of their municipality.

use diesel::prelude::*;

use super::Policy;
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{stored, stored_id, to_stored};

/// Serializes the policies for a column of their own: reads of agreements need nothing else of the
/// document. `None` if there are none.
///
/// # Errors
/// Fails if the policies cannot be written as JSON.
pub fn to_column(policies: &[Policy]) -> Result<Option<String>, ApiError> {
    let some = (!policies.is_empty()).then_some(&policies);
    some.map(to_stored).transpose()
}

/// Reads the output of [`to_column`].
///
/// # Errors
/// Fails if the text has another form.
pub fn from_column(text: Option<&str>) -> Result<Vec<Policy>, ApiError> {
    text.map_or_else(|| Ok(Vec::new()), stored)
}

/// Returns the policies of a municipality, locked until the transaction ends, since data derived
/// from them is written in it. Empty for an organization that is no municipality.
pub fn locked(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
) -> Result<Vec<Policy>, ApiError> {
    use crate::db::schema::organizations as o;
    let query = o::table.find(municipality.to_string()).select(o::policies);
    let stored: Option<Option<String>> = match conn {
        AnyConnection::Sqlite(conn) => query.first(conn),
        AnyConnection::Postgres(conn) => query.for_share().first(conn),
    }
    .optional()?;
    from_column(stored.flatten().as_deref())
}

/// Returns the policies of all municipalities that have some, locked until the transaction ends,
/// since data derived from them is written in it.
pub fn all_locked(
    conn: &mut AnyConnection,
) -> Result<Vec<(OrganizationId, Vec<Policy>)>, ApiError> {
    use crate::db::schema::organizations as o;
    let query = o::table
        .filter(o::policies.is_not_null())
        .order(o::id)
        .select((o::id, o::policies));
    let rows: Vec<(String, Option<String>)> = match conn {
        AnyConnection::Sqlite(conn) => query.load(conn),
        AnyConnection::Postgres(conn) => query.for_no_key_update().load(conn),
    }?;
    let read = |(id, policies): (String, Option<String>)| {
        Ok((stored_id(&id)?, from_column(policies.as_deref())?))
    };
    rows.into_iter().map(read).collect()
}

/// Returns the policies of a municipality, for reading. Empty for an organization that is no
/// municipality.
pub fn of(conn: &mut AnyConnection, municipality: OrganizationId) -> Result<Vec<Policy>, ApiError> {
    use crate::db::schema::organizations as o;
    let query = o::table.find(municipality.to_string()).select(o::policies);
    let stored: Option<Option<String>> = query.first(conn).optional()?;
    from_column(stored.flatten().as_deref())
}
