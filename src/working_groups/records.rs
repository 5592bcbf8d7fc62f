//! The records of this slice.

use super::{meetings, store};
use crate::ledger::records::{DerivedTable, Key, OWNED, Record, Reference, SHARED, Spread, Title};
use crate::projections;

/// A working group with its members.
pub static WORKING_GROUP: Record = Record {
    name: "working_group",
    table: "working_groups",
    path: Some("working-groups"),
    title: Some(Title::Column("name")),
    references: &[Reference::once(
        "working_group_members",
        "organization_id",
        "working_group_id",
    )],
    derived: &[DerivedTable::new(
        "working_group_members",
        &[Key::Text("working_group_id"), Key::Text("organization_id")],
    )],
    restore: Some(|conn, _, past| store::restore(conn, past)),
    restrict: Some(|conn, _, id, visibility| {
        projections::restrict(conn, ("working_groups", "working_group_id"), id, visibility)
    }),
    ..OWNED
};

/// A meeting of a working group.
pub static MEETING: Record = Record {
    name: "meeting",
    table: "meetings",
    columns: &["working_group_id"],
    owner: "(SELECT w.municipality_id FROM working_groups AS w WHERE w.id = r.working_group_id)",
    visibility: "(SELECT w.visibility FROM working_groups AS w WHERE w.id = r.working_group_id)",
    context: "r.working_group_id",
    path: Some("meetings"),
    title: Some(Title::Column("title")),
    references: &[Reference::once(
        "meeting_organizations",
        "organization_id",
        "meeting_id",
    )],
    derived: &[DerivedTable::new(
        "meeting_organizations",
        &[Key::Text("meeting_id"), Key::Text("organization_id")],
    )],
    restore: Some(meetings::restore),
    spread: Spread::Named,
    ..SHARED
};
