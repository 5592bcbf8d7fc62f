//! The records of this slice.

use super::store;
use crate::ledger::records::{OWNED, Record, Title};
use crate::projections;

/// An announcement.
pub static ANNOUNCEMENT: Record = Record {
    name: "announcement",
    table: "announcements",
    path: Some("announcements"),
    title: Some(Title::Column("title")),
    stamped_by: None,
    restore: Some(|conn, _, past| store::restore(conn, past)),
    restrict: Some(|conn, _, id, visibility| {
        projections::restrict(conn, ("announcements", "owner_id"), id, visibility)
    }),
    ..OWNED
};
