//! Facts about each agreement on a day, read in one pass.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::types::{AgreementFigure, AgreementGroup, AgreementStatisticsFilter};
use crate::agreements::figures::{self as stored, FigureFacts, Promise};
use crate::agreements::force::EndedBy;
use crate::agreements::list::AgreementFilter;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{AgreementKind, AgreementStatus};
use crate::agreements::{list, read};
use crate::db::AnyConnection;
use crate::db::schema::{agreement_parties as p, agreements as a};
use crate::directory::names::survivor;
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, ProjectId};
use crate::kernel::values::{Bounds, OrganizationRef, ProjectRef, stored_id, to_db};
use crate::ledger::RequestContext;
use crate::projections::freshness::Freshness;
use crate::projections::timeline_entry::{ALWAYS, NEVER_ENDS};
use crate::projects::store as projects;
use crate::statistics::counts::place_freshness;
use crate::statistics::group::{GroupKey, by_parties, by_term, by_topics, by_year, or_unknown};
use crate::statistics::municipalities::{MunicipalityCache, MunicipalityFacts};
use crate::statistics::page::{ChunkStart, for_each_chunk};
use crate::statistics::rules as figures;
use crate::statistics::rules::{Placement, place_amount, place_commitment, place_due};

/// Facts about an agreement on a day.
pub struct Facts {
    pub id: AgreementId,
    pub municipality: OrganizationRef,
    pub kind: AgreementKind,
    pub status: AgreementStatus,
    pub in_force: Option<bool>,
    pub ended_by: Option<EndedBy>,
    pub freshness: Option<Freshness>,
    /// Placement in the completion rate.
    pub completion: Option<Placement>,
    /// The commitments of a signed agreement, by id.
    promises: Vec<Promise>,
    /// The groups in which the agreement counts.
    pub keys: Vec<GroupKey>,
}

impl Facts {
    /// Returns the facts that the list of records shows.
    pub fn without_promises(&self) -> Self {
        Self {
            municipality: self.municipality.clone(),
            promises: Vec::new(),
            keys: Vec::new(),
            ..*self
        }
    }

    /// Returns the placements of the agreement, or of each of its commitments by id, in a figure.
    /// Empty if the agreement does not take part in it.
    pub fn placements(
        &self,
        figure: AgreementFigure,
        day: NaiveDate,
    ) -> Vec<(Option<&Promise>, Placement)> {
        let whole = |placement| vec![(None, placement)];
        match figure {
            AgreementFigure::Agreements => whole(Placement::Numerator),
            AgreementFigure::Freshness => whole(place_freshness(self.freshness)),
            AgreementFigure::ExecutionRateAgreements => {
                self.completion.map_or_else(Vec::new, whole)
            }
            AgreementFigure::ExecutionRateCommitments => self.promised(place_commitment, day),
            AgreementFigure::ExecutionRateCommitmentsDue => self.promised(place_due, day),
            AgreementFigure::Amounts => self.amounts(),
        }
    }

    fn promised(
        &self,
        place: impl Fn(CommitmentStatus, Bounds, NaiveDate) -> Placement,
        day: NaiveDate,
    ) -> Vec<(Option<&Promise>, Placement)> {
        let promises = self.promises.iter();
        promises
            .map(|p| (Some(p), place(p.status, p.due, day)))
            .collect()
    }

    /// Returns the placements of the commitments with a target in numbers.
    fn amounts(&self) -> Vec<(Option<&Promise>, Placement)> {
        let numbered = self.promises.iter().filter(|p| p.target.is_some());
        numbered
            .map(|p| (Some(p), place_amount(p.status, p.value)))
            .collect()
    }
}

/// Data looked up once per chunk of agreements.
#[derive(Default)]
struct Related {
    parties: HashMap<String, Vec<OrganizationRef>>,
    projects: HashMap<ProjectId, ProjectRef>,
}

/// Number of agreements read per query.
const CHUNK: i64 = 500;

/// Calls `visit` with the facts of each selected agreement, in the order of ids, starting at the id
/// `from`. Holds one chunk of agreements in memory at a time.
pub fn for_each_facts(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    from: Option<&str>,
    mut visit: impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    let agreements = AgreementFilter {
        municipality_id: filter.municipality_id,
        project_id: filter.project_id,
        kind: filter.kind.clone(),
        signed_from: filter.signed_from,
        signed_to: filter.signed_to,
        ..AgreementFilter::default()
    };
    let day = filter.as_of.unwrap_or(cx.today).clamp(ALWAYS, NEVER_ENDS);
    let held = succession::held(conn, filter.municipality_id, day)?;
    let load = |conn: &mut AnyConnection, start: &ChunkStart| {
        let mut query = list::filtered(
            cx,
            &agreements,
            held.as_ref().map(|held| (held, Share::Any)),
            None,
            None,
        );
        if let Some(id) = filter.organization_id {
            let party = p::table
                .filter(p::organization_id.eq_any(survivor(id)))
                .filter(p::since.le(day).and(p::until.ge(day)))
                .select(p::agreement_id);
            query = query.filter(a::id.eq_any(party));
        }
        let query = match start {
            ChunkStart::At(id) => query.filter(a::id.ge(id.clone())),
            ChunkStart::After(id) => query.filter(a::id.gt(id.clone())),
        };
        let ids = query.order(a::id).limit(CHUNK).select(a::id);
        Ok(ids.load::<String>(conn)?)
    };
    let mut municipalities = MunicipalityCache::default();
    for_each_chunk(conn, from, CHUNK, load, String::as_str, |conn, ids| {
        let wanted = (filter, held.as_ref());
        visit_chunk(conn, cx, wanted, &ids, &mut municipalities, &mut visit)
    })
}

fn visit_chunk(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (filter, held): (&AgreementStatisticsFilter, Option<&Held>),
    ids: &[String],
    municipalities: &mut MunicipalityCache,
    visit: &mut impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let rows = stored::load(conn, cx, ids, day)?;
    let owners = rows.iter().flat_map(|(_, row)| row.owners());
    municipalities.load(conn, owners, day)?;
    let related = related(conn, cx, filter, &rows)?;
    for (id, mut row) in rows {
        let municipality = municipalities.get(row.municipality_id)?;
        // A filter by municipality asks for the groups of this one alone.
        let counted =
            |id: &OrganizationId| held.is_none_or(|held| held.ids.contains(&id.to_string()));
        let owners = row.owners().filter(counted);
        let owners = owners.map(|id| municipalities.get(id));
        let owners = owners.collect::<Result<Vec<_>, _>>()?;
        let Some((mut facts, signed)) = facts(cx, filter, (stored_id(&id)?, &row), municipality)
        else {
            continue;
        };
        if let Some(by) = filter.group_by {
            facts.keys = keys(by, (&id, &row), signed, &owners, &related);
        }
        if facts.status.is_signed() {
            facts.promises = row.promises(cx, day);
        }
        if visit(facts).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn related(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    rows: &[(String, FigureFacts)],
) -> Result<Related, ApiError> {
    let mut related = Related::default();
    let group_by = filter.group_by;
    if group_by == Some(AgreementGroup::Party) {
        let day = filter.as_of.unwrap_or(cx.today);
        let ids: BTreeSet<String> = rows.iter().map(|(id, _)| id.clone()).collect();
        related.parties = read::parties_of(conn, &ids, day)?;
    }
    if group_by == Some(AgreementGroup::Project) {
        let ids = rows.iter().flat_map(|(_, row)| &row.project_ids);
        let ids: BTreeSet<ProjectId> = ids.copied().collect();
        let ids: Vec<ProjectId> = ids.into_iter().collect();
        let found = projects::references(conn, cx, &ids)?;
        related.projects = found.into_iter().map(|p| (p.id, p)).collect();
    }
    Ok(related)
}

/// Returns the facts about an agreement, without its groups and commitments, and the date of its
/// signing; `None` if it is not selected.
fn facts(
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    (id, row): (AgreementId, &FigureFacts),
    municipality: &MunicipalityFacts,
) -> Option<(Facts, Bounds)> {
    let day = filter.as_of.unwrap_or(cx.today);
    let state = row.state_on(cx, day)?;
    let signed = row.signed_on(cx, day);
    let windowed = filter.signed_from.is_some() || filter.signed_to.is_some();
    // The query has left out other dates of signing; this one may not have been known by the day.
    if windowed && signed == Bounds::UNKNOWN {
        return None;
    }
    let ended_by = state.ended_by(day);
    let facts = Facts {
        id,
        municipality: municipality.organization.clone(),
        kind: row.kind,
        in_force: state.in_force(day),
        ended_by,
        freshness: row.freshness(&state, &municipality.policies, cx, day),
        completion: figures::place_agreement(state.status, ended_by, state.may_have_ended(day)),
        promises: Vec::new(),
        keys: Vec::new(),
        status: state.status,
    };
    Some((facts, signed))
}

/// Returns the keys of the owners of an agreement, each once.
fn once_each(keys: impl Iterator<Item = GroupKey>) -> Vec<GroupKey> {
    let mut all: Vec<GroupKey> = Vec::new();
    for key in keys {
        if !all.contains(&key) {
            all.push(key);
        }
    }
    all
}

fn keys(
    by: AgreementGroup,
    (id, row): (&String, &FigureFacts),
    signed: Bounds,
    owners: &[&MunicipalityFacts],
    related: &Related,
) -> Vec<GroupKey> {
    match by {
        AgreementGroup::Year => vec![by_year(signed)],
        AgreementGroup::Municipality => {
            let owners = owners.iter().map(|one| &one.organization);
            once_each(owners.map(GroupKey::organization))
        }
        AgreementGroup::Term => once_each(owners.iter().map(|one| {
            let (id, officers) = (one.organization.id, &one.officers);
            by_term(id, officers, signed)
        })),
        AgreementGroup::Department => vec![GroupKey::of(row.department.clone())],
        AgreementGroup::Kind => vec![GroupKey::of(Some(to_db(&row.kind)))],
        AgreementGroup::Party => or_unknown(by_parties(related.parties.get(id))),
        AgreementGroup::Topic => or_unknown(by_topics(&row.topics)),
        AgreementGroup::Project => {
            let ids: BTreeSet<ProjectId> = row.project_ids.iter().copied().collect();
            let projects = ids.iter().filter_map(|id| related.projects.get(id));
            or_unknown(projects.map(GroupKey::project).collect())
        }
    }
}
