//! The records of this slice.

use super::{duties, reports, store};
use crate::kernel::values::stored_id;
use crate::ledger::records::{DerivedTable, Key, OWNED, Record, Reference, SHARED, Spread, Title};
use crate::projections;
use crate::projects::milestones::agreements::follow_agreement;

/// An agreement with its parts.
pub static AGREEMENT: Record = Record {
    name: "agreement",
    table: "agreements",
    path: Some("agreements"),
    title: Some(Title::Column("title")),
    references: &[Reference::new("agreement_parties", "organization_id")],
    derived: &[
        DerivedTable::new(
            "agreement_parties",
            &[Key::Text("agreement_id"), Key::Text("party_id")],
        ),
        DerivedTable::new(
            "agreement_projects",
            &[Key::Text("agreement_id"), Key::Text("project_id")],
        ),
        DerivedTable::new(
            "agreement_links",
            &[
                Key::Text("agreement_id"),
                Key::Text("link"),
                Key::Text("base_id"),
            ],
        ),
        DerivedTable::new(
            "agreement_anchors",
            &[Key::Text("agreement_id"), Key::Text("milestone_id")],
        ),
        DerivedTable::new(
            "agreement_owners",
            &[Key::Text("agreement_id"), Key::Text("municipality_id")],
        ),
        DerivedTable::new("agreement_figures", &[Key::Text("agreement_id")]),
        DerivedTable::new("publications", &[Key::Text("publication_id")])
            .written_with("agreement_id"),
        DerivedTable::new("duties", &[Key::Text("duty_id"), Key::Day("known_from")])
            .written_with("agreement_id"),
    ],
    restore: Some(store::restore),
    restrict: Some(|conn, cx, id, visibility| {
        projections::restrict(conn, ("agreements", "owner_id"), id, visibility)?;
        duties::set_visibility(conn, cx, id, visibility)?;
        follow_agreement(conn, cx, stored_id(id)?)
    }),
    ..OWNED
};

/// A report on a commitment of an agreement.
pub static COMMITMENT_REPORT: Record = Record {
    name: "commitment_report",
    table: "commitment_reports",
    columns: &["agreement_id", "commitment_id"],
    owner: "(SELECT a.municipality_id FROM agreements AS a WHERE a.id = r.agreement_id)",
    visibility: "(SELECT a.visibility FROM agreements AS a WHERE a.id = r.agreement_id)",
    context: "r.agreement_id",
    joins_history: true,
    stamped_by: Some("agreement_id"),
    references: &[Reference::new("commitment_reports", "organization_id")],
    restore: Some(reports::restore),
    spread: Spread::Named,
    ..SHARED
};
