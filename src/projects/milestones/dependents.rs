//! Dates of other records that are counted from milestones. The modules of these records lie above
//! this one, so the program installs what derives them anew.

use std::sync::OnceLock;

use diesel::prelude::*;

use crate::db::AnyConnection;
use crate::db::schema::projects as p;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::ledger::RequestContext;

/// Derives the dates anew that are counted from the milestones of a project.
type Follow = fn(&mut AnyConnection, &RequestContext, ProjectId) -> Result<(), ApiError>;

static FOLLOW: OnceLock<Follow> = OnceLock::new();

/// Installs what follows a changed project, unless that was done before.
pub fn install(follow: Follow) {
    FOLLOW.get_or_init(|| follow);
}

/// Derives what depends on a project that was just written, or on one of its milestones.
///
/// # Errors
/// `internal_error` if nothing was installed: the dates would be left behind.
pub(in crate::projects) fn follow(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project: ProjectId,
) -> Result<(), ApiError> {
    let follow = FOLLOW.get();
    let follow = follow.ok_or_else(|| ApiError::internal("nothing follows changed projects"))?;
    follow(conn, cx, project)
}

/// Keeps others on PostgreSQL from recording a date relative to a milestone of the project until the
/// transaction ends.
pub(in crate::projects) fn lock(
    conn: &mut AnyConnection,
    project: ProjectId,
) -> Result<(), ApiError> {
    if let AnyConnection::Postgres(conn) = conn {
        let row = p::table.find(project.to_string()).select(p::id);
        let _: Option<String> = row.for_no_key_update().first(conn).optional()?;
    }
    Ok(())
}
