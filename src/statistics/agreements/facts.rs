//! Facts about each agreement on a day, read in one pass.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::types::{AgreementFigure, AgreementGroup, AgreementStatisticsFilter};
use crate::agreements::anchors;
use crate::agreements::doc::{Doc, Part};
use crate::agreements::force::EndedBy;
use crate::agreements::list::AgreementFilter;
use crate::agreements::read::{Row, State};
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::reports::{Reports, rules as reported};
use crate::agreements::types::{AgreementKind, AgreementStatus, CommitmentContent};
use crate::agreements::{freshness, list, read, reports, sharing};
use crate::db::schema::{agreement_parties as p, agreements as a};
use crate::db::{AnyConnection, Json};
use crate::directory::names::survivor;
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, ProjectId};
use crate::kernel::values::{
    Amount, ImpreciseDate, Localized, OrganizationRef, ProjectRef, stored_id, to_db,
};
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

/// A commitment, with its status on the day.
pub struct Promise {
    pub id: PartId,
    pub text: Localized,
    pub due: Option<ImpreciseDate>,
    pub status: CommitmentStatus,
    /// Promised amount.
    pub target: Option<Amount>,
    /// Reached number, in the unit of the target.
    pub value: Option<f64>,
}

/// Facts about an agreement on a day.
pub struct Facts {
    pub id: AgreementId,
    pub title: Localized,
    pub municipality: OrganizationRef,
    pub kind: AgreementKind,
    pub status: AgreementStatus,
    pub signed_on: Option<ImpreciseDate>,
    pub in_force: Option<bool>,
    pub ended_by: Option<EndedBy>,
    pub freshness: Option<Freshness>,
    /// Placement in the completion rate.
    pub completion: Option<Placement>,
    pub promises: Vec<Promise>,
    /// The groups in which the agreement counts.
    pub keys: Vec<GroupKey>,
}

impl Facts {
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

    /// Returns the placements of the commitments of a signed agreement, by id.
    fn promised(
        &self,
        place: impl Fn(CommitmentStatus, Option<&ImpreciseDate>, NaiveDate) -> Placement,
        day: NaiveDate,
    ) -> Vec<(Option<&Promise>, Placement)> {
        let place = |p: &Promise| place(p.status, p.due.as_ref(), day);
        let promises = self.owed().into_iter();
        promises.map(|p| (Some(p), place(p))).collect()
    }

    /// Returns the placements of the commitments with a target in numbers, by id.
    fn amounts(&self) -> Vec<(Option<&Promise>, Placement)> {
        let promises = self.owed().into_iter();
        let placed = promises.filter_map(|p| {
            p.target.as_ref()?;
            Some((Some(p), place_amount(p.status, p.value)))
        });
        placed.collect()
    }

    /// Returns the commitments of a signed agreement, by id.
    fn owed(&self) -> Vec<&Promise> {
        let promises = self.promises.iter().filter(|_| self.status.is_signed());
        let mut promises: Vec<&Promise> = promises.collect();
        promises.sort_by_key(|promise| promise.id);
        promises
    }
}

/// Data looked up once per chunk of agreements.
#[derive(Default)]
struct Related {
    reports: HashMap<AgreementId, Vec<reports::Recorded>>,
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
        let rows = query.order(a::id).limit(CHUNK).select(Row::as_select());
        Ok(rows.load(conn)?)
    };
    let mut municipalities = MunicipalityCache::default();
    for_each_chunk(
        conn,
        from,
        CHUNK,
        load,
        |row| &row.id,
        |conn, rows| {
            let wanted = (filter, held.as_ref());
            visit_chunk(conn, cx, wanted, rows, &mut municipalities, &mut visit)
        },
    )
}

fn visit_chunk(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (filter, held): (&AgreementStatisticsFilter, Option<&Held>),
    mut rows: Vec<Row>,
    municipalities: &mut MunicipalityCache,
    visit: &mut impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let owners = rows.iter().flat_map(|row| sharing::owners(&row.doc.0));
    municipalities.load(conn, owners, day)?;
    let mut related = related(conn, cx, filter, &rows)?;
    anchors::attach(conn, rows.iter_mut().map(|row| &mut row.doc.0), day)?;
    for row in rows {
        let Json(doc) = row.doc;
        let municipality = municipalities.get(doc.municipality_id)?;
        // A filter by municipality asks for the groups of this one alone.
        let counted =
            |id: &OrganizationId| held.is_none_or(|held| held.ids.contains(&id.to_string()));
        let owners = sharing::owners(&doc).filter(counted);
        let owners = owners.map(|id| municipalities.get(id));
        let owners = (municipality, owners.collect::<Result<Vec<_>, _>>()?);
        let agreement = (stored_id(&row.id)?, doc);
        if let Some(facts) = facts(cx, filter, agreement, &owners, &mut related)?
            && visit(facts).is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn related(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    rows: &[Row],
) -> Result<Related, ApiError> {
    let mut related = Related::default();
    // Most agreements have no reports; skip the query for them.
    let reported = rows.iter().filter(|row| row.report_changes > 0);
    let reported: Vec<&str> = reported.map(|row| row.id.as_str()).collect();
    if !reported.is_empty() {
        related.reports = reports::store::of_agreements(conn, cx, &reported)?;
    }
    let group_by = filter.group_by;
    if group_by == Some(AgreementGroup::Party) {
        let day = filter.as_of.unwrap_or(cx.today);
        let ids: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
        related.parties = read::parties_of(conn, &ids, day)?;
    }
    if group_by == Some(AgreementGroup::Project) {
        let ids = rows.iter().flat_map(|row| &row.doc.0.content.project_ids);
        let ids: BTreeSet<ProjectId> = ids.copied().collect();
        let ids: Vec<ProjectId> = ids.into_iter().collect();
        let found = projects::references(conn, cx, &ids)?;
        related.projects = found.into_iter().map(|p| (p.id, p)).collect();
    }
    Ok(related)
}

/// Restores an agreement as known on `day` and returns its state, or `None` if it was not known.
pub fn known_on(
    doc: &mut Doc,
    cx: &RequestContext,
    day: NaiveDate,
) -> Result<Option<State>, ApiError> {
    match read::rewind_to(doc, cx, day) {
        Ok(state) => Ok(Some(state)),
        Err(error) if error.code == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the facts about an agreement, or `None` if it is not selected.
fn facts(
    cx: &RequestContext,
    filter: &AgreementStatisticsFilter,
    (id, mut doc): (AgreementId, Doc),
    (municipality, owners): &(&MunicipalityFacts, Vec<&MunicipalityFacts>),
    related: &mut Related,
) -> Result<Option<Facts>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let Some(state) = known_on(&mut doc, cx, day)? else {
        return Ok(None);
    };
    let signed_on = doc.content.signed_on.as_ref();
    let windowed = filter.signed_from.is_some() || filter.signed_to.is_some();
    if windowed && !signed_on.is_some_and(|on| on.overlaps(filter.signed_from, filter.signed_to)) {
        return Ok(None);
    }
    let all = related.reports.remove(&id).unwrap_or_default();
    let reports = Reports { changes: 0, all };
    let ended_by = state.ended_by(day);
    let keys = filter
        .group_by
        .map(|by| keys(by, id, &doc, owners, related));
    Ok(Some(Facts {
        id,
        municipality: municipality.organization.clone(),
        kind: doc.content.kind,
        in_force: state.in_force(day),
        ended_by,
        freshness: freshness::freshness(&doc, &reports, &state, &municipality.policies, day),
        completion: figures::place_agreement(state.status, ended_by),
        promises: promises(doc.commitments, &reports, state.status, day),
        keys: keys.unwrap_or_default(),
        status: state.status,
        title: doc.content.title,
        signed_on: doc.content.signed_on,
    }))
}

fn promises(
    commitments: Vec<Part<CommitmentContent>>,
    reports: &Reports,
    status: AgreementStatus,
    day: NaiveDate,
) -> Vec<Promise> {
    let promises = commitments.into_iter().map(|Part { id, content }| {
        let progress = reported::progress(reports.on(id), content.due.as_ref(), status, day);
        Promise {
            id,
            status: progress.status,
            text: content.text,
            due: content.due.map(|due| due.plain()),
            target: content.target,
            value: progress.value,
        }
    });
    promises.collect()
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
    id: AgreementId,
    doc: &Doc,
    owners: &[&MunicipalityFacts],
    related: &Related,
) -> Vec<GroupKey> {
    let content = &doc.content;
    let signed_on = content.signed_on.as_ref();
    match by {
        AgreementGroup::Year => vec![by_year(signed_on)],
        AgreementGroup::Municipality => {
            let owners = owners.iter().map(|one| &one.organization);
            once_each(owners.map(GroupKey::organization))
        }
        AgreementGroup::Term => once_each(owners.iter().map(|one| {
            let (id, officers) = (one.organization.id, &one.officers);
            by_term(id, officers, signed_on)
        })),
        AgreementGroup::Department => vec![GroupKey::of(content.lead_department.clone())],
        AgreementGroup::Kind => vec![GroupKey::of(Some(to_db(&content.kind)))],
        AgreementGroup::Party => or_unknown(by_parties(related.parties.get(&id.to_string()))),
        AgreementGroup::Topic => or_unknown(by_topics(&content.topics)),
        AgreementGroup::Project => {
            let ids: BTreeSet<ProjectId> = content.project_ids.iter().copied().collect();
            let projects = ids.iter().filter_map(|id| related.projects.get(id));
            or_unknown(projects.map(GroupKey::project).collect())
        }
    }
}
