//! Facts about each milestone on a day, read in one pass.

use std::collections::HashMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::agreement_groups;
use super::agreement_groups::Groups;
use super::types::{MilestoneFigure, MilestoneGroup, MilestoneStatisticsFilter};
use crate::db::schema::{milestones as m, projects as p};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, StatementId};
use crate::kernel::values::{
    Bounds, DayRange, ImpreciseDate, Localized, Move, OrganizationRef, ProjectRef,
    deadline_slip_days, stored, stored_id, to_db,
};
use crate::ledger::{RequestContext, Scope};
use crate::projections::freshness::Freshness;
use crate::projections::timeline_entry::Phase;
use crate::projects::milestones::derived::title;
use crate::projects::milestones::figures::{MilestoneFacts, read_facts};
use crate::projects::milestones::freshness::freshness;
use crate::projects::milestones::rules::{is_promise, slip, state, targets_by, told_moves};
use crate::projects::milestones::store::{Doc, known_by};
use crate::projects::milestones::types::{Forecast, MilestoneKind, MilestoneStatus, ReasonCode};
use crate::statistics::counts::place_freshness;
use crate::statistics::group::{GroupKey, by_term, by_year, year};
use crate::statistics::municipalities::{MunicipalityCache, MunicipalityFacts};
use crate::statistics::page::{ChunkStart, for_each_chunk};
use crate::statistics::rules::{Placement, place_milestone, place_slip};

/// A statement that moved a target.
pub struct Moved {
    pub id: StatementId,
    pub direction: Move,
    pub stated_on: ImpreciseDate,
    pub from: ImpreciseDate,
    pub to: ImpreciseDate,
    pub days: DayRange,
    pub deadline_days: Option<i64>,
    pub reason: Option<ReasonCode>,
}

impl Moved {
    /// Returns the year of the statement, or `unknown`.
    pub fn year(&self) -> String {
        let year = year(Bounds::of(Some(&self.stated_on)));
        year.map_or_else(|| "unknown".into(), |year| format!("{year:04}"))
    }

    /// Returns the code of the reason, or `unknown` if none is stated.
    pub fn reason(&self) -> String {
        self.reason.as_ref().map_or_else(|| "unknown".into(), to_db)
    }
}

/// Facts about a milestone on a day.
pub struct Facts {
    pub id: MilestoneId,
    pub kind: MilestoneKind,
    pub title: Localized,
    pub project: ProjectRef,
    pub municipality: OrganizationRef,
    pub status: MilestoneStatus,
    pub phase: Phase,
    pub overdue_days: Option<i64>,
    /// Date on which the first target was stated; one stated after it was met was none.
    first_stated_on: Option<ImpreciseDate>,
    pub baseline: Option<ImpreciseDate>,
    pub target: Option<ImpreciseDate>,
    pub actual: Option<ImpreciseDate>,
    pub slip: Option<DayRange>,
    pub deadline_slip_days: Option<i64>,
    pub moves: Vec<Moved>,
    pub freshness: Option<Freshness>,
    /// The groups in which the milestone counts.
    pub keys: Vec<GroupKey>,
}

impl Facts {
    /// Returns the moves that count in a group. Grouping by reason restricts them to those with the
    /// group's reason.
    pub fn moves_of<'a>(
        &'a self,
        by: Option<MilestoneGroup>,
        key: Option<&'a GroupKey>,
    ) -> impl Iterator<Item = &'a Moved> {
        let key = key.filter(|_| by == Some(MilestoneGroup::Reason));
        self.moves
            .iter()
            .filter(move |one| key.is_none_or(|key| *key == reason_key(one.reason)))
    }

    /// Returns the placement of the milestone in a figure other than `moves`.
    pub fn placement(&self, figure: MilestoneFigure, day: NaiveDate) -> Placement {
        match figure {
            MilestoneFigure::Milestones | MilestoneFigure::Moves => Placement::Numerator,
            MilestoneFigure::OnTimeRate => {
                let (baseline, actual) = (self.baseline.as_ref(), self.actual.as_ref());
                place_milestone(self.phase, baseline, actual, day)
            }
            MilestoneFigure::Slip => place_slip(self.slip, self.deadline_slip_days),
            MilestoneFigure::Freshness => place_freshness(self.freshness),
        }
    }
}

fn reason_key(reason: Option<ReasonCode>) -> GroupKey {
    GroupKey::of(reason.as_ref().map(to_db))
}

/// Number of projects whose milestones are read per query.
const CHUNK: i64 = 100;

/// Calls `visit` with the facts of each selected milestone, ordered by project id and milestone id,
/// starting at the project `from`. Holds the milestones of one chunk of projects in memory at a
/// time.
pub fn for_each_facts(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneStatisticsFilter,
    from: Option<&str>,
    mut visit: impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    let load =
        |conn: &mut AnyConnection, start: &ChunkStart| load_projects(conn, cx, filter, start);
    let mut municipalities = MunicipalityCache::default();
    for_each_chunk(
        conn,
        from,
        CHUNK,
        load,
        |(id, _)| id,
        |conn, projects| visit_chunk(conn, cx, filter, &projects, &mut municipalities, &mut visit),
    )
}

/// Loads the ids and titles of a chunk of projects.
fn load_projects(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneStatisticsFilter,
    start: &ChunkStart,
) -> Result<Vec<(String, String)>, ApiError> {
    let owners = succession::owners(
        conn,
        filter.municipality_id,
        filter.as_of.unwrap_or(cx.today),
    )?;
    let mut query = p::table
        .filter(Scope::of(&cx.caller, "projects"))
        .select((p::id, p::title))
        .order(p::id)
        .limit(CHUNK)
        .into_boxed();
    query = match start {
        ChunkStart::At(id) => query.filter(p::id.ge(id)),
        ChunkStart::After(id) => query.filter(p::id.gt(id)),
    };
    if let Some(owners) = owners {
        query = query.filter(in_list(p::municipality_id, owners));
    }
    if let Some(id) = filter.project_id {
        query = query.filter(p::id.eq(id.to_string()));
    }
    Ok(query.load(conn)?)
}

struct Milestone {
    id: MilestoneId,
    project_id: String,
    /// The document as far as its facts tell it.
    doc: Doc,
}

fn load_milestones(
    conn: &mut AnyConnection,
    filter: &MilestoneStatisticsFilter,
    projects: &[(String, String)],
) -> Result<Vec<Milestone>, ApiError> {
    let mut query = m::table
        .filter(in_list(m::project_id, projects.iter().map(|(id, _)| id)))
        .order((m::project_id, m::id))
        .select((m::id, m::project_id, m::facts))
        .into_boxed();
    if let Some(kinds) = &filter.kind {
        query = query.filter(in_list(m::kind, kinds.iter().map(|kind| kind.as_str())));
    }
    let rows: Vec<(String, String, Json<MilestoneFacts>)> = query.load(conn)?;
    let milestones = read_facts(conn, rows)?.into_iter();
    let milestones = milestones.map(|(id, project_id, doc)| {
        Ok(Milestone {
            id: stored_id(&id)?,
            project_id,
            doc,
        })
    });
    milestones.collect()
}

fn visit_chunk(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &MilestoneStatisticsFilter,
    projects: &[(String, String)],
    municipalities: &mut MunicipalityCache,
    visit: &mut impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, ApiError> {
    let day = filter.as_of.unwrap_or(cx.today);
    let milestones = load_milestones(conn, filter, projects)?;
    municipalities.load(
        conn,
        milestones.iter().map(|one| one.doc.municipality_id),
        day,
    )?;
    let ids: Vec<&String> = projects.iter().map(|(id, _)| id).collect();
    let groups = agreement_groups::groups(conn, cx, filter.group_by, day, &ids)?;
    let titles: HashMap<&String, &String> =
        projects.iter().map(|(id, title)| (id, title)).collect();
    for milestone in milestones {
        if filter.as_of.is_some() && !known_by(&milestone.doc, day) {
            continue;
        }
        let id = &milestone.project_id;
        let title = titles.get(id);
        let title = title.ok_or_else(|| ApiError::internal(format!("project {id} is gone")))?;
        let project = ProjectRef {
            id: stored_id(id)?,
            title: stored(title)?,
        };
        let municipality = municipalities.get(milestone.doc.municipality_id)?;
        let mut facts = facts(&milestone, project, municipality, day);
        if let Some(by) = filter.group_by {
            facts.keys = keys(by, &facts, municipality, &groups);
        }
        if visit(facts).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Returns the facts about a milestone, without its groups.
fn facts(
    milestone: &Milestone,
    project: ProjectRef,
    municipality: &MunicipalityFacts,
    day: NaiveDate,
) -> Facts {
    let doc = &milestone.doc;
    let state = state(doc.targets(), &doc.outcomes, day);
    let mut promised = targets_by(doc.targets(), day);
    promised.retain(|f| is_promise(f, state.actual));
    let policies = &municipality.policies;
    Facts {
        id: milestone.id,
        kind: doc.content.kind,
        title: title(&doc.content),
        project,
        municipality: municipality.organization.clone(),
        status: state.phase.status(state.target, day).into(),
        phase: state.phase,
        overdue_days: state.phase.overdue_days(state.target, day),
        first_stated_on: promised.first().map(|f| f.content.stated_on.clone()),
        baseline: state.baseline.cloned(),
        target: state.target.cloned(),
        actual: state.actual.cloned(),
        slip: state.slip,
        deadline_slip_days: state.deadline_slip_days,
        freshness: freshness(&doc.forecasts, &doc.outcomes, state.phase, policies, day),
        moves: told_moves(&promised).filter_map(stated_move).collect(),
        keys: Vec::new(),
    }
}

/// Returns a statement as a move, if it moved the target that stood before.
fn stated_move((forecast, moved): (&Forecast, Option<(Move, &ImpreciseDate)>)) -> Option<Moved> {
    let (direction, from) = moved?;
    let content = &forecast.content;
    Some(Moved {
        id: forecast.id,
        direction,
        stated_on: content.stated_on.clone(),
        from: from.clone(),
        to: content.target.clone(),
        days: slip(from, &content.target, false),
        deadline_days: deadline_slip_days(from, &content.target, false),
        reason: content.reason_code,
    })
}

fn keys(
    by: MilestoneGroup,
    facts: &Facts,
    municipality: &MunicipalityFacts,
    groups: &Groups,
) -> Vec<GroupKey> {
    match by {
        MilestoneGroup::Kind => vec![GroupKey::named(facts.kind.as_str(), facts.kind.title())],
        MilestoneGroup::Reason => {
            let mut keys: Vec<GroupKey> = Vec::new();
            for key in facts.moves.iter().map(|one| reason_key(one.reason)) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            keys
        }
        MilestoneGroup::Year => vec![by_year(Bounds::of(facts.baseline.as_ref()))],
        MilestoneGroup::Municipality => vec![GroupKey::organization(&facts.municipality)],
        MilestoneGroup::Department | MilestoneGroup::Party | MilestoneGroup::Topic => {
            agreement_groups::of(groups, &facts.project.id.to_string())
        }
        MilestoneGroup::Project => vec![GroupKey::project(&facts.project)],
        MilestoneGroup::Term => {
            let stated_on = Bounds::of(facts.first_stated_on.as_ref());
            vec![by_term(
                facts.municipality.id,
                &municipality.officers,
                stated_on,
            )]
        }
    }
}
