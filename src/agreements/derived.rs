//! Derived tables of agreements and their reports, for the timeline, the search and the lists of
//! other modules.

use diesel::prelude::*;

use super::doc::Doc;
use super::read::Stored;
use super::reports::Reports;
use super::store::columns;
use super::{anchors, duties, figures, links, publications, sharing, timeline};
use crate::db::schema::{agreement_parties, agreement_projects, agreements};
use crate::db::{AnyConnection, directly};
use crate::directory::names::{Names, names};
use crate::files::table;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::projections::policies::{self, Policy};
use crate::projections::search_index::Owned;
use crate::projections::{search_index as search, timeline_entry as entry};

/// Writes the derived rows of an agreement.
pub(super) fn write_derived(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    (names, reports, policies): (&Names, &Reports, &[Policy]),
) -> Result<(), ApiError> {
    use agreement_parties as p;
    use agreement_projects as j;
    let text = id.to_string();
    for party in &doc.parties {
        let organization = names.get(party.content.organization_id)?.id;
        let inserted = diesel::insert_into(p::table).values((
            p::agreement_id.eq(&text),
            p::party_id.eq(party.id.to_string()),
            p::organization_id.eq(organization.to_string()),
            p::since.eq(party.content.joined_by().unwrap_or(entry::ALWAYS)),
            p::until.eq(party.content.left_by().unwrap_or(entry::NEVER_ENDS)),
        ));
        directly!(conn, inserted, execute)?;
    }
    links::write(conn, id, &doc.content)?;
    anchors::write(conn, id, doc)?;
    sharing::write(conn, id, doc)?;
    publications::write(conn, id, doc)?;
    figures::write(conn, id, doc, reports, cx.zone)?;
    table::write_uses(conn, (&text, &text), &doc.files)?;
    let mut projects = doc.content.project_ids.clone();
    projects.sort();
    projects.dedup();
    for project in projects {
        diesel::insert_into(j::table)
            .values((
                j::agreement_id.eq(&text),
                j::project_id.eq(project.to_string()),
            ))
            .execute(conn)?;
    }
    entry::insert(conn, timeline::entries(doc, id, reports, cx.zone))?;
    duties::write_projection(conn, cx, id, doc, policies)?;
    let parts = (&doc.commitments, &doc.parties, &doc.documents);
    let acts = (&doc.reviews, &doc.council_actions, &doc.publications);
    let events = (acts, reports.texts());
    let content = serde_json::to_value((&doc.content, parts, events));
    let mut content = content.map_err(ApiError::internal)?;
    // Personal data must not be searchable by everyone.
    content[0]["contact"].take();
    let individuals = content[0]["individual_parties"].as_array_mut();
    for individual in individuals.into_iter().flatten() {
        individual["name"].take();
    }
    search::index(
        conn,
        "agreement",
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            visibility: doc.visibility(),
            context_id: id.into(),
        },
        &[&doc.content.title],
        &content,
    )
}

/// Removes the rows written by [`write_derived`].
pub(super) fn remove_derived(conn: &mut AnyConnection, id: AgreementId) -> Result<(), ApiError> {
    use agreement_parties as p;
    use agreement_projects as j;
    let text = id.to_string();
    diesel::delete(p::table.filter(p::agreement_id.eq(&text))).execute(conn)?;
    diesel::delete(j::table.filter(j::agreement_id.eq(&text))).execute(conn)?;
    links::remove(conn, &text)?;
    anchors::remove(conn, &text)?;
    sharing::remove(conn, &text)?;
    publications::remove(conn, &text)?;
    figures::remove(conn, &text)?;
    table::remove_uses(conn, &text)?;
    entry::remove(conn, &text)?;
    duties::remove(conn, &text)?;
    search::remove(conn, "agreement", &text)
}

/// Rewrites the derived columns and rows of an agreement whose reports or milestones have changed.
pub(super) fn rewrite_derived(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
) -> Result<(), ApiError> {
    let parties = stored.doc.parties.iter();
    let names = names(conn, parties.map(|p| p.content.organization_id))?;
    let kept = stored.doc.stored();
    diesel::update(agreements::table.find(stored.id.to_string()))
        .set(columns(&stored.doc, &kept, &stored.reports, cx.zone)?)
        .execute(conn)?;
    remove_derived(conn, stored.id)?;
    let policies = policies::locked(conn, stored.doc.municipality_id)?;
    let with = (&names, &stored.reports, policies.as_slice());
    write_derived(conn, cx, stored.id, &stored.doc, with)
}
