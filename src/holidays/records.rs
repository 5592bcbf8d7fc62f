//! The records of this slice.

use super::store;
use crate::ledger::records::{Record, SHARED};

/// A public holiday declared by an admin.
pub static HOLIDAY: Record = Record {
    name: "holiday",
    table: "holidays",
    path: Some("holidays"),
    stamped_by: None,
    restore: Some(|conn, _, past| store::restore(conn, past)),
    ..SHARED
};
