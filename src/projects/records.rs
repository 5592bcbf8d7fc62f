//! The records of this slice.

use super::{milestones, store};
use crate::kernel::values::stored_id;
use crate::ledger::records::{DerivedTable, Key, OWNED, Record, Reference, SHARED, Spread, Title};
use crate::projections;

/// A project.
pub static PROJECT: Record = Record {
    name: "project",
    table: "projects",
    path: Some("projects"),
    title: Some(Title::Column("title")),
    references: &[
        Reference::once("project_implementers", "organization_id", "project_id"),
        Reference::once("project_organizations", "organization_id", "project_id"),
    ],
    derived: &[
        DerivedTable::new(
            "project_implementers",
            &[Key::Text("project_id"), Key::Text("organization_id")],
        ),
        DerivedTable::new(
            "project_organizations",
            &[Key::Text("project_id"), Key::Text("organization_id")],
        ),
    ],
    restore: Some(|conn, _, past| store::restore(conn, past)),
    restrict: Some(|conn, cx, id, visibility| {
        // Meetings have the project of their group, and the visibility of the group.
        let milestones = "type = 'milestone' AND project_id";
        projections::restrict(conn, ("projects", milestones), id, visibility)?;
        milestones::derived::rewrite_relative(conn, stored_id(id)?)?;
        milestones::dependents::follow(conn, cx, stored_id(id)?)
    }),
    ..OWNED
};

/// A milestone of a project.
pub static MILESTONE: Record = Record {
    name: "milestone",
    table: "milestones",
    columns: &["project_id"],
    owner: "(SELECT p.municipality_id FROM projects AS p WHERE p.id = r.project_id)",
    visibility: "(SELECT p.visibility FROM projects AS p WHERE p.id = r.project_id)",
    context: "r.project_id",
    path: Some("milestones"),
    title: Some(Title::Computed(milestones::derived::titles)),
    derived: &[DerivedTable::new(
        "milestone_anchors",
        &[
            Key::Text("milestone_id"),
            Key::Text("agreement_id"),
            Key::Text("anchor"),
        ],
    )],
    restore: Some(milestones::store::restore),
    spread: Spread::Named,
    ..SHARED
};
