//! The records of this slice.

use super::{members, store};
use crate::directory::names;
use crate::ledger::records::{DerivedTable, Key, Record, Reference, SHARED, Spread, Title};

/// An organization of any kind.
pub static ORGANIZATION: Record = Record {
    name: names::ORGANIZATION,
    table: "organizations",
    columns: &["kind", "code", "merged_into_id", "added_by"],
    owner: "CASE WHEN r.code IS NOT NULL THEN r.id END",
    path: Some("organizations"),
    other_paths: &["municipalities", "associations"],
    title: Some(Title::Column("name")),
    references: &[Reference::new(
        "organization_identifiers",
        "organization_id",
    )],
    derived: &[
        DerivedTable::new(
            "organization_identifiers",
            &[Key::Text("scheme"), Key::Text("value")],
        )
        .written_with("organization_id"),
        DerivedTable::new(
            "organization_names",
            &[Key::Text("name_key"), Key::Text("organization_id")],
        )
        .written_with("organization_id"),
    ],
    restore: Some(|conn, _, past| store::restore(conn, past)),
    spread: Spread::AllButByNew,
    ..SHARED
};

/// The membership of an organization in an association.
pub static ASSOCIATION_MEMBER: Record = Record {
    name: "association_member",
    table: "association_members",
    columns: &["association_id", "organization_id"],
    context: "r.association_id",
    stamped_by: None,
    references: &[
        Reference::new("association_members", "association_id"),
        Reference::new("association_members", "organization_id"),
    ],
    restore: Some(|conn, _, past| members::restore(conn, past)),
    spread: Spread::Named,
    ..SHARED
};
