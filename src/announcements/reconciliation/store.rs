//! Reading what is compared.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::differences::{Facts, differences};
use super::handlers::ReconciliationFilter;
use super::rules;
use super::rules::{Compared, Finding, Recorded, findings};
use super::types::{AnnouncementRef, ReconciliationFigures, ReconciliationRow};
use crate::agreements::read as agreements;
use crate::agreements::types::AgreementStatus;
use crate::announcements::candidates::{given_up, party_names, records};
use crate::announcements::matching::{PartyNames, Told, leading};
use crate::announcements::store::{AT_ONCE, Stored, Target, of_municipalities};
use crate::announcements::types::{AnnouncedMilestone, AnnouncementStanding};
use crate::announcements::views;
use crate::db::page::{Listed, Page};
use crate::db::schema::{agreements as a, milestones as m};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::names;
use crate::directory::succession::{self, Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, AnnouncementId, MilestoneId, OrganizationId, ProjectId};
use crate::kernel::values::{AgreementRef, Bounds, ImpreciseDate, stored_id};
use crate::ledger::{RequestContext, Scope};
use crate::organizations::matching::Own;
use crate::projects::milestones::figures::{MilestoneFacts, read_facts};
use crate::projects::milestones::rules::state;
use crate::projects::milestones::types::MilestoneKind;

/// What is compared, and what was found.
struct Comparison {
    announcements: Vec<Stored>,
    agreements: Vec<Recorded>,
    milestones: HashMap<MilestoneId, AnnouncedMilestone>,
    found: Vec<Finding>,
}

/// Reads one page of findings.
///
/// # Errors
/// Fails if the database does.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &ReconciliationFilter,
    page: &Page,
) -> Result<Listed<ReconciliationRow>, ApiError> {
    let compared = compare(conn, cx, filter.municipality_id)?;
    page_of(conn, cx, filter, page, compared)
}

/// Reads the figures and one page of findings, compared once.
///
/// # Errors
/// Fails if the database does.
pub fn both(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &ReconciliationFilter,
    page: &Page,
) -> Result<(ReconciliationFigures, Listed<ReconciliationRow>), ApiError> {
    let compared = compare(conn, cx, filter.municipality_id)?;
    let figures = figures_of(conn, filter.municipality_id, &compared)?;
    Ok((figures, page_of(conn, cx, filter, page, compared)?))
}

fn page_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &ReconciliationFilter,
    page: &Page,
    compared: Comparison,
) -> Result<Listed<ReconciliationRow>, ApiError> {
    let found = compared.found.into_iter().filter(|one| filter.takes(one));
    let listed = page.of(found.collect(), |one| one.sort_key.clone(), Finding::key);
    let about = listed.items.iter().filter_map(|one| one.about);
    let ids: Vec<AgreementId> = about.filter_map(Target::agreement).collect();
    let signed = signed(conn, cx, &ids)?;
    let by_id: HashMap<AnnouncementId, &Stored> = compared
        .announcements
        .iter()
        .map(|one| (one.meta.id, one))
        .collect();
    Ok(listed.map(|one| row(one, &by_id, &signed, &compared.milestones)))
}

fn row(
    one: Finding,
    announcements: &HashMap<AnnouncementId, &Stored>,
    signed: &HashMap<AgreementId, (AgreementRef, Option<ImpreciseDate>)>,
    milestones: &HashMap<MilestoneId, AnnouncedMilestone>,
) -> ReconciliationRow {
    let reference = |id: AnnouncementId| {
        let content = &announcements.get(&id)?.doc.content;
        Some(AnnouncementRef {
            id,
            title: content.title.clone(),
            announced_on: content.announced_on.clone(),
        })
    };
    let announced = one.announcement.and_then(|id| announcements.get(&id));
    let agreement = one
        .about
        .and_then(Target::agreement)
        .and_then(|id| signed.get(&id));
    let milestone = one
        .about
        .and_then(Target::milestone)
        .and_then(|id| milestones.get(&id));
    ReconciliationRow {
        finding: one.finding,
        day: match announced {
            Some(one) => one.doc.content.announced_on.clone(),
            None => agreement.and_then(|(_, signed_on)| signed_on.clone()),
        },
        announcement: one.announcement.and_then(reference),
        others: one.others.into_iter().filter_map(reference).collect(),
        agreement: agreement.map(|(agreement, _)| agreement.clone()),
        milestone: milestone.cloned(),
        department: one.department,
        score: one.score,
        differences: one.differences,
    }
}

/// Returns the figures of a municipality.
///
/// # Errors
/// Fails if the database does.
pub fn figures(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<ReconciliationFigures, ApiError> {
    let compared = compare(conn, cx, municipality)?;
    figures_of(conn, municipality, &compared)
}

fn figures_of(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    compared: &Comparison,
) -> Result<ReconciliationFigures, ApiError> {
    let (totals, years, departments) = rules::figures(
        &compared.announcements,
        &compared.agreements,
        &compared.found,
    );
    Ok(ReconciliationFigures {
        municipality: names(conn, [municipality])?.find(municipality),
        totals,
        years,
        departments,
    })
}

fn compare(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<Comparison, ApiError> {
    let held = succession::held_of(conn, municipality, cx.today)?;
    let announcements = of_municipalities(conn, cx, &held.ids, &[])?;
    let agreements = recorded(conn, cx, &held)?;
    let likely = likely(conn, cx, &held, &announcements)?;
    let about = announcements.iter().filter_map(|one| one.doc.verdict.about);
    let about: Vec<Target> = about
        .chain(likely.values().flatten().map(|(about, _)| *about))
        .collect();
    let milestones = about.iter().filter_map(|about| about.milestone());
    let projects = views::projects_of(conn, milestones)?;
    let milestones = views::milestones(conn, cx, &projects)?;
    let seen: HashSet<Target> = milestones.keys().copied().map(Target::Milestone).collect();
    let found = findings(Compared {
        announcements: &announcements,
        agreements: &agreements,
        milestones: &seen,
        likely: &likely,
        shows_proposals: cx.caller.works_for(municipality),
        differences: all_differences(conn, cx, &held, &announcements, &projects)?,
    });
    Ok(Comparison {
        announcements,
        agreements,
        milestones,
        found,
    })
}

type AgreementRow = (
    String,
    String,
    Option<String>,
    String,
    Option<chrono::NaiveDate>,
    Option<chrono::NaiveDate>,
);

fn recorded(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
) -> Result<Vec<Recorded>, ApiError> {
    let rows: Vec<AgreementRow> = a::table
        .filter(Scope::of(&cx.caller, "agreements"))
        .filter(Scope::held(held, Share::Any, "agreements", "agreements.id"))
        .filter(diesel::dsl::not(in_list(a::status, given_up())))
        .order(a::id)
        .select((
            a::id,
            a::status,
            a::lead_department,
            a::sort_signed,
            a::signed_earliest,
            a::signed_latest,
        ))
        .load(conn)?;
    let signed: Vec<&str> = AgreementStatus::ALL
        .into_iter()
        .filter(|status| status.is_signed())
        .map(AgreementStatus::as_str)
        .collect();
    let rows = rows.into_iter();
    rows.map(|(id, status, department, sort_key, earliest, latest)| {
        Ok(Recorded {
            id: stored_id(&id)?,
            is_signed: signed.contains(&status.as_str()),
            department,
            sort_key,
            day: Bounds { earliest, latest },
        })
    })
    .collect()
}

/// Returns what open announcements are probably about, with its score: one, or several of which a person
/// must choose.
fn likely(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    all: &[Stored],
) -> Result<HashMap<AnnouncementId, Vec<(Target, i32)>>, ApiError> {
    let open = |one: &&Stored| one.doc.verdict.standing == AnnouncementStanding::Open;
    if !all.iter().any(|one| open(&one)) {
        return Ok(HashMap::new());
    }
    let records = records(conn, cx, held, None)?;
    let found = all.iter().filter(open).map(|one| {
        let told = Told::of(&one.doc.content);
        let found = records.candidates(&told, &one.doc.verdict.ruled_out);
        let found = leading(&found).iter().map(|one| (one.target, one.score));
        (one.meta.id, found.collect())
    });
    Ok(found.collect())
}

/// Returns agreements with their days of signing, as far as the caller sees them.
fn signed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[AgreementId],
) -> Result<HashMap<AgreementId, (AgreementRef, Option<ImpreciseDate>)>, ApiError> {
    let docs = agreement_docs(conn, cx, ids)?.into_iter();
    let signed = docs.map(|(id, doc)| {
        let content = doc.content;
        let reference = AgreementRef {
            id,
            title: content.title,
        };
        (id, (reference, content.signed_on))
    });
    Ok(signed.collect())
}

fn agreement_docs(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[AgreementId],
) -> Result<Vec<(AgreementId, crate::agreements::doc::Doc)>, ApiError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut docs = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<agreements::Row> = a::table
            .filter(in_list(a::id, some))
            .filter(Scope::of(&cx.caller, "agreements"))
            .select(agreements::Row::as_select())
            .load(conn)?;
        for row in rows {
            docs.push((stored_id(&row.id)?, row.doc.0));
        }
    }
    Ok(docs)
}

/// Returns how records differ from the announcements that are confirmed to be about them.
fn all_differences(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    announcements: &[Stored],
    projects: &HashMap<MilestoneId, ProjectId>,
) -> Result<HashMap<AnnouncementId, Vec<super::types::AnnouncedDifference>>, ApiError> {
    let about = || announcements.iter().filter_map(|one| one.doc.verdict.about);
    let ids: Vec<AgreementId> = about().filter_map(Target::agreement).collect();
    let docs = agreement_docs(conn, cx, &ids)?;
    let own = held.ids.iter().map(|id| stored_id(id));
    let own: BTreeSet<OrganizationId> = own.collect::<Result<_, _>>()?;
    let parties = docs.iter().flat_map(|(_, doc)| &doc.parties);
    let parties = parties.map(|party| party.content.organization_id);
    let named = party_names(conn, &parties.chain(own.iter().copied()).collect())?;
    let itself = own.iter().filter(|_| !docs.is_empty());
    let itself = itself.map(|id| Own::load(conn, *id));
    let itself: Vec<Own> = itself.collect::<Result<_, _>>()?;
    let of_agreements = docs
        .iter()
        .flat_map(|(_, doc)| doc.content.project_ids.clone());
    let of_milestones = about().filter_map(|about| projects.get(&about.milestone()?).copied());
    let milestones = milestones_of(conn, cx, of_agreements.chain(of_milestones).collect())?;
    let mut facts: HashMap<Target, Facts> = HashMap::new();
    for (id, doc) in &docs {
        let parties = doc
            .parties
            .iter()
            .map(|party| party.content.organization_id);
        let parties: BTreeSet<OrganizationId> = parties.chain(own.iter().copied()).collect();
        let parties: Vec<PartyNames> = parties
            .iter()
            .filter_map(|id| named.get(id).cloned())
            .collect();
        let served = doc.content.project_ids.iter();
        let facts_of = Facts {
            day: doc.content.signed_on.clone(),
            cost: doc.content.cost.clone(),
            parties: Some(parties),
            others: doc.content.other_parties.clone(),
            milestones: served.flat_map(|id| milestones.of_project(*id)).collect(),
        };
        facts.insert(Target::Agreement(*id), facts_of);
    }
    for id in about().filter_map(Target::milestone) {
        let project = projects.get(&id).copied();
        let facts_of = Facts {
            day: milestones.met.get(&id).cloned(),
            milestones: project
                .map(|id| milestones.of_project(id))
                .unwrap_or_default(),
            ..Facts::default()
        };
        facts.insert(Target::Milestone(id), facts_of);
    }
    let differ = announcements.iter().filter_map(|one| {
        let facts = facts.get(&one.doc.verdict.about?)?;
        Some((one.meta.id, differences(&one.doc.content, facts, &itself)))
    });
    Ok(differ.collect())
}

/// The milestones of projects that the caller sees.
#[derive(Default)]
struct Milestones {
    all: HashMap<ProjectId, Vec<(MilestoneKind, Vec<ImpreciseDate>)>>,
    met: HashMap<MilestoneId, ImpreciseDate>,
}

impl Milestones {
    fn of_project(&self, id: ProjectId) -> Vec<(MilestoneKind, Vec<ImpreciseDate>)> {
        self.all.get(&id).cloned().unwrap_or_default()
    }
}

fn milestones_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: BTreeSet<ProjectId>,
) -> Result<Milestones, ApiError> {
    let ids: Vec<ProjectId> = ids.into_iter().collect();
    let seen = crate::projects::store::references(conn, cx, &ids)?;
    let seen: Vec<String> = seen.into_iter().map(|one| one.id.to_string()).collect();
    let mut out = Milestones::default();
    for some in seen.chunks(AT_ONCE) {
        let rows: Vec<(String, String, Json<MilestoneFacts>)> = m::table
            .filter(in_list(m::project_id, some))
            .order(m::id)
            .select((m::id, m::project_id, m::facts))
            .load(conn)?;
        for (id, project, doc) in read_facts(conn, rows)? {
            let state = state(doc.targets(), &doc.outcomes, cx.today);
            if let Some(on) = state.actual {
                out.met.insert(stored_id(&id)?, on.clone());
            }
            let stated = doc.targets().iter().filter(|one| one.retraction.is_none());
            let stated = stated.map(|one| one.content.target.clone()).collect();
            let of_project = out.all.entry(stored_id(&project)?).or_default();
            of_project.push((doc.content.kind, stated));
        }
    }
    Ok(out)
}
