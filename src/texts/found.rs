//! Files by their ids, for those who may read them.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::PartId;
use crate::ledger::{RequestContext, Scope};

/// A file that a record uses.
#[derive(Clone, Debug, QueryableByName)]
pub struct UsedFile {
    #[diesel(sql_type = Text)]
    pub sha256: String,
    /// Name under which it is saved.
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// Finds a file that the caller may read, of a record that it sees.
///
/// # Errors
/// `not_found`, also if the content was erased.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: PartId,
) -> Result<UsedFile, ApiError> {
    let contexts = ["search_entries.context_id"];
    let (seen, inside) = (
        Scope::with(&cx.caller, "search_entries", &contexts).to_sql(),
        Scope::inside(&cx.caller, "search_entries", &contexts).to_sql(),
    );
    let sql = format!(
        "SELECT u.sha256, u.name FROM file_uses AS u \
         JOIN search_entries ON search_entries.record_id = u.found_as \
         WHERE u.file_id = '{id}' AND {seen} AND (u.is_open = 1 OR {inside})"
    );
    let found = diesel::sql_query(sql).get_result(conn).optional()?;
    found.ok_or_else(ApiError::not_found)
}
