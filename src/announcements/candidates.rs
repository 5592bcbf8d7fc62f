//! What announcements are compared with, read from the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use super::matching::{Known, PartyNames, Records, Told};
use super::store;
use super::store::{AT_ONCE, Doc, Target};
use super::types::{AnnouncementKind, AnnouncementMatch};
use super::views;
use crate::agreements::read as agreements;
use crate::agreements::types::AgreementStatus;
use crate::db::schema::{
    agreement_parties as p, agreement_projects as j, agreements as a, milestones as m,
    organization_names as o, project_implementers as i, projects,
};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::names;
use crate::directory::succession::{self, Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, AnnouncementId, MilestoneId, OrganizationId};
use crate::kernel::values::{Bounds, ImpreciseDate, Localized, stored_id};
use crate::ledger::{RequestContext, Scope};
use crate::projects::milestones::figures::{MilestoneFacts, read_facts};
use crate::projects::milestones::rules::state;
use crate::projects::milestones::types::MilestoneKind;

/// Days before and after an announcement within which its event is looked for.
const REACH: (u64, u64) = (400, 150);

/// A first and a last day.
type Span = (NaiveDate, NaiveDate);

/// Returns the days within which the event of an announcement is looked for; `None` for any day.
fn span(doc: &Doc) -> Option<Span> {
    let content = &doc.content;
    let day = content
        .happened_on
        .as_ref()
        .filter(|day| day.latest().is_some());
    let day = day.or(content.announced_on.as_ref());
    let (first, last) = day
        .and_then(ImpreciseDate::earliest)
        .zip(day.and_then(ImpreciseDate::latest))?;
    let from = first.checked_sub_days(Days::new(REACH.0))?;
    Some((from, last.checked_add_days(Days::new(REACH.1))?))
}

/// Returns the records that an announcement is perhaps about, the likeliest first, as far as the caller
/// sees them; none for whoever does not work for its municipality, since a proposal is no fact.
///
/// # Errors
/// `not_found`
pub fn matches(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Vec<AnnouncementMatch>, ApiError> {
    let doc = store::load(conn, cx, id)?.doc;
    if !cx.caller.works_for(doc.municipality_id) {
        return Ok(Vec::new());
    }
    let held = succession::held_of(conn, doc.municipality_id, cx.today)?;
    let records = records(conn, cx, &held, span(&doc))?;
    let found = records.candidates(&Told::of(&doc.content), &doc.verdict.ruled_out);
    let of = |target: Target| target.agreement();
    let ids: Vec<AgreementId> = found.iter().filter_map(|one| of(one.target)).collect();
    let agreements = agreements::references(conn, cx, &ids)?;
    let milestones = found.iter().filter_map(|one| one.target.milestone());
    let milestones = views::projects_of(conn, milestones)?;
    let milestones = views::milestones(conn, cx, &milestones)?;
    let rows = found.into_iter().map(|one| AnnouncementMatch {
        agreement: agreements
            .iter()
            .find(|a| Some(a.id) == of(one.target))
            .cloned(),
        milestone: one
            .target
            .milestone()
            .and_then(|id| milestones.get(&id).cloned()),
        score: one.score,
        is_proposed: one.is_proposed,
        reasons: one.reasons,
    });
    Ok(rows.collect())
}

/// Reads and indexes what is recorded of municipalities and visible to the caller: agreements, and
/// milestones that are announced. A day outside the span is left out.
///
/// # Errors
/// Fails if the database does.
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    span: Option<Span>,
) -> Result<Records, ApiError> {
    let mut known = known_agreements(conn, cx, held, span)?;
    known.extend(known_milestones(conn, cx, held)?);
    let ids: BTreeSet<OrganizationId> = known.iter().flat_map(|one| one.parties.clone()).collect();
    let own = held.ids.iter().map(|id| stored_id(id));
    let own: BTreeSet<OrganizationId> = own.collect::<Result<_, _>>()?;
    let names = party_names(conn, &ids.union(&own).copied().collect())?;
    let own = own.iter().filter_map(|id| names.get(id));
    let own: Vec<String> = own.flat_map(|names| names.keys.clone()).collect();
    Ok(Records::of(known, &names, &own))
}

/// Returns the statuses of agreements that announcements are not compared with.
pub(super) fn given_up() -> impl Iterator<Item = &'static str> {
    let all = AgreementStatus::ALL.into_iter();
    all.filter(|status| status.is_void())
        .map(AgreementStatus::as_str)
}

type AgreementRow = (
    String,
    Json<Localized>,
    Option<NaiveDate>,
    Option<NaiveDate>,
);

fn known_agreements(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    span: Option<Span>,
) -> Result<Vec<Known>, ApiError> {
    let mut query = a::table
        .filter(Scope::of(&cx.caller, "agreements"))
        .filter(Scope::held(held, Share::Any, "agreements", "agreements.id"))
        .filter(diesel::dsl::not(in_list(a::status, given_up())))
        .into_boxed();
    if let Some((from, to)) = span {
        let undated = a::signed_earliest.is_null().or(a::signed_latest.is_null());
        let within = a::signed_latest.ge(from).and(a::signed_earliest.le(to));
        query = query.filter(undated.or(within.assume_not_null()));
    }
    let rows: Vec<AgreementRow> = query
        .select((a::id, a::title, a::signed_earliest, a::signed_latest))
        .load(conn)?;
    let ids: Vec<&String> = rows.iter().map(|(id, ..)| id).collect();
    let mut parties: BTreeMap<String, Vec<OrganizationId>> = BTreeMap::new();
    let mut served: BTreeMap<String, Vec<Localized>> = BTreeMap::new();
    for some in ids.chunks(AT_ONCE) {
        let some = || some.iter().map(|id| id.as_str());
        let rows: Vec<(String, String)> = p::table
            .filter(in_list(p::agreement_id, some()))
            .select((p::agreement_id, p::organization_id))
            .load(conn)?;
        for (id, party) in rows
            .into_iter()
            .filter(|(_, party)| !held.ids.contains(party))
        {
            parties.entry(id).or_default().push(stored_id(&party)?);
        }
        let rows: Vec<(String, Json<Localized>)> = j::table
            .inner_join(projects::table.on(projects::id.eq(j::project_id)))
            .filter(in_list(j::agreement_id, some()))
            .filter(Scope::of(&cx.caller, "projects"))
            .select((j::agreement_id, projects::title))
            .load(conn)?;
        for (id, Json(title)) in rows {
            served.entry(id).or_default().push(title);
        }
    }
    let known = rows.into_iter().map(|(id, Json(title), earliest, latest)| {
        Ok(Known {
            target: Target::Agreement(stored_id(&id)?),
            kind: AnnouncementKind::Signing,
            title,
            day: Bounds { earliest, latest },
            parties: parties.remove(&id).unwrap_or_default(),
            projects: served.remove(&id).unwrap_or_default(),
        })
    });
    known.collect()
}

/// Returns the event that announcements tell of when a milestone of a kind is met.
fn event(kind: MilestoneKind) -> Option<AnnouncementKind> {
    match kind {
        MilestoneKind::Groundbreaking => Some(AnnouncementKind::Groundbreaking),
        MilestoneKind::Completion => Some(AnnouncementKind::Completion),
        _ => None,
    }
}

type MilestoneRow = (String, String, Json<Localized>, Json<MilestoneFacts>);

fn known_milestones(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
) -> Result<Vec<Known>, ApiError> {
    let kinds = [MilestoneKind::Groundbreaking, MilestoneKind::Completion];
    let rows: Vec<MilestoneRow> = m::table
        .inner_join(projects::table.on(projects::id.eq(m::project_id)))
        .filter(in_list(
            projects::municipality_id,
            held.ids.iter().map(String::as_str),
        ))
        .filter(Scope::of(&cx.caller, "projects"))
        .filter(in_list(m::kind, kinds.map(MilestoneKind::as_str)))
        .select((m::id, m::project_id, projects::title, m::facts))
        .load(conn)?;
    let rows = rows.into_iter();
    let rows = rows.map(|(id, project, Json(title), facts)| ((id, title), project, facts));
    let rows = read_facts(conn, rows)?;
    let ids: BTreeSet<String> = rows.iter().map(|(_, project, _)| project.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut implementers: HashMap<String, Vec<OrganizationId>> = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let rows: Vec<(String, String)> = i::table
            .filter(in_list(i::project_id, some))
            .select((i::project_id, i::organization_id))
            .load(conn)?;
        for (project, one) in rows.into_iter().filter(|(_, one)| !held.ids.contains(one)) {
            implementers
                .entry(project)
                .or_default()
                .push(stored_id(&one)?);
        }
    }
    let known = rows.into_iter().filter_map(|((id, title), project, doc)| {
        let kind = event(doc.content.kind)?;
        let state = state(doc.targets(), &doc.outcomes, cx.today);
        let id = stored_id::<MilestoneId>(&id);
        Some(id.map(|id| Known {
            target: Target::Milestone(id),
            kind,
            title,
            day: Bounds::of(state.actual.or(state.target)),
            parties: implementers.get(&project).cloned().unwrap_or_default(),
            projects: Vec::new(),
        }))
    });
    known.collect()
}

/// Returns the names of organizations, as far as they are recorded.
pub(super) fn party_names(
    conn: &mut AnyConnection,
    ids: &BTreeSet<OrganizationId>,
) -> Result<HashMap<OrganizationId, PartyNames>, ApiError> {
    let shown = names(conn, ids.iter().copied())?;
    let mut all: HashMap<OrganizationId, PartyNames> = HashMap::with_capacity(ids.len());
    for id in ids {
        let Some(known) = shown.find(*id) else {
            continue;
        };
        let name = known.name.texts().next().unwrap_or_default().to_owned();
        all.insert(
            *id,
            PartyNames {
                name,
                keys: Vec::new(),
            },
        );
    }
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    for some in texts.chunks(AT_ONCE) {
        let rows: Vec<(String, String)> = o::table
            .filter(in_list(o::organization_id, some))
            .select((o::organization_id, o::name_key))
            .load(conn)?;
        for (id, key) in rows {
            if let Some(names) = all.get_mut(&stored_id(&id)?) {
                names.keys.push(key);
            }
        }
    }
    Ok(all)
}

/// Returns whether a municipality holds an agreement or the project of a milestone that the caller
/// sees; `None` if the caller sees no such record.
///
/// # Errors
/// Fails if the database does.
pub(super) fn is_held(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
    target: Target,
) -> Result<Option<bool>, ApiError> {
    match target {
        Target::Agreement(id) => {
            let seen = a::table
                .find(id.to_string())
                .filter(Scope::of(&cx.caller, "agreements"));
            if seen
                .select(a::id)
                .first::<String>(conn)
                .optional()?
                .is_none()
            {
                return Ok(None);
            }
            let own = a::table.find(id.to_string()).filter(Scope::held(
                held,
                Share::Any,
                "agreements",
                "agreements.id",
            ));
            let own = own.select(a::id).first::<String>(conn).optional()?;
            Ok(Some(own.is_some()))
        }
        Target::Milestone(id) => {
            let owner: Option<String> = m::table
                .inner_join(projects::table.on(projects::id.eq(m::project_id)))
                .filter(m::id.eq(id.to_string()))
                .filter(Scope::of(&cx.caller, "projects"))
                .select(projects::municipality_id)
                .first(conn)
                .optional()?;
            Ok(owner.map(|owner| held.ids.contains(&owner)))
        }
    }
}
