//! Facts about each milestone on a day, read in one pass.

use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::serving;
use super::serving::Groups;
use super::types::{MilestoneFigure, MilestoneGroup, Selection};
use crate::db::schema::{milestones as m, projects as p};
use crate::db::{AnyConnection, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, StatementId};
use crate::kernel::values::{
    DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef, stored, stored_id, to_db,
};
use crate::ledger::{RequestContext, Scope};
use crate::projections::freshness::Freshness;
use crate::projections::timeline_entry::Phase;
use crate::projects::milestones::derived::title;
use crate::projects::milestones::freshness::freshness;
use crate::projects::milestones::rules::{in_order, slip, state};
use crate::projects::milestones::store::{Doc, known_by};
use crate::projects::milestones::types::{Forecast, MilestoneKind, MilestoneStatus, ReasonCode};
use crate::statistics::group;
use crate::statistics::group::{GroupKey, by_term, by_year, or_unknown};
use crate::statistics::owners::{Owner, Owners};
use crate::statistics::rules::{Move, Place, measured, moved, on_time};

/// A statement that moved a target.
pub struct Moved {
    pub id: StatementId,
    pub direction: Move,
    pub stated_on: ImpreciseDate,
    pub from: ImpreciseDate,
    pub to: ImpreciseDate,
    pub days: DayRange,
    pub reason: Option<ReasonCode>,
}

impl Moved {
    /// Returns the year of the statement, or `unknown`.
    pub fn year(&self) -> String {
        let year = group::year(Some(&self.stated_on));
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
    pub baseline: Option<ImpreciseDate>,
    pub target: Option<ImpreciseDate>,
    pub actual: Option<ImpreciseDate>,
    pub slip: Option<DayRange>,
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

    /// Returns the place of the milestone in a figure other than `moves`.
    pub fn place(&self, figure: MilestoneFigure, day: NaiveDate) -> Place {
        match figure {
            MilestoneFigure::Milestones | MilestoneFigure::Moves => Place::Counted,
            MilestoneFigure::OnTimeRate => {
                let (baseline, actual) = (self.baseline.as_ref(), self.actual.as_ref());
                on_time(self.phase, baseline, actual, day)
            }
            MilestoneFigure::Slip => measured(self.slip),
            MilestoneFigure::Freshness => group::awaited(self.freshness),
        }
    }
}

fn reason_key(reason: Option<ReasonCode>) -> GroupKey {
    GroupKey::of(reason.as_ref().map(to_db))
}

/// Number of projects whose milestones are read per query.
const CHUNK: i64 = 100;

/// Calls `see` with the facts of each selected milestone, ordered by project id and milestone id,
/// starting at the project `from`. Holds the milestones of one chunk of projects in memory at a
/// time.
pub fn each(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &Selection,
    from: Option<&str>,
    mut see: impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    let mut owners = Owners::default();
    let mut after = String::new();
    loop {
        let mut query = p::table
            .filter(Scope::of(&cx.caller, "projects"))
            .select((p::id, p::title))
            .order(p::id)
            .limit(CHUNK)
            .into_boxed();
        query = match from.filter(|_| after.is_empty()) {
            Some(from) => query.filter(p::id.ge(from)),
            None => query.filter(p::id.gt(after.clone())),
        };
        if let Some(id) = wanted.municipality_id {
            query = query.filter(p::municipality_id.eq(id.to_string()));
        }
        if let Some(id) = wanted.project_id {
            query = query.filter(p::id.eq(id.to_string()));
        }
        let projects: Vec<(String, String)> = query.load(conn)?;
        let Some((last, _)) = projects.last() else {
            return Ok(());
        };
        after.clone_from(last);
        let mut query = m::table
            .filter(in_list(m::project_id, projects.iter().map(|(id, _)| id)))
            .order((m::project_id, m::id))
            .select((m::id, m::project_id, m::doc))
            .into_boxed();
        if let Some(kinds) = &wanted.kind {
            query = query.filter(in_list(m::kind, kinds.iter().map(|kind| kind.as_str())));
        }
        let rows: Vec<(String, String, String)> = query.load(conn)?;
        let mut docs = Vec::with_capacity(rows.len());
        for (_, _, doc) in &rows {
            docs.push(stored::<Doc>(doc)?);
        }
        owners.load(conn, docs.iter().map(|doc| doc.municipality_id))?;
        let ids: Vec<String> = projects.iter().map(|(id, _)| id.clone()).collect();
        let groups = serving::groups(conn, cx, wanted.group_by, wanted.day, &ids)?;
        let mut titles = projects.iter().peekable();
        for ((id, project, _), doc) in rows.iter().zip(docs) {
            // Both lists are ordered by project id.
            while titles.next_if(|(id, _)| id < project).is_some() {}
            let Some((_, name)) = titles.peek() else {
                return Err(ApiError::internal(format!("project {project} is gone")));
            };
            if wanted.as_of && !known_by(&doc, wanted.day) {
                continue;
            }
            let project = ProjectRef {
                id: stored_id(project)?,
                title: stored(name)?,
            };
            let owner = owners.get(doc.municipality_id)?;
            if see(facts(
                wanted,
                stored_id(id)?,
                &doc,
                project,
                (owner, &groups),
            ))
            .is_break()
            {
                return Ok(());
            }
        }
        if (projects.len() as i64) < CHUNK {
            return Ok(());
        }
    }
}

fn facts(
    wanted: &Selection,
    id: MilestoneId,
    doc: &Doc,
    project: ProjectRef,
    (owner, groups): (&Owner, &Groups),
) -> Facts {
    let day = wanted.day;
    let state = state(&doc.forecasts, &doc.outcomes, day);
    let stated: Vec<&Forecast> = in_order(&doc.forecasts, |f| &f.content.stated_on)
        .filter(|f| f.retraction.is_none() && f.content.stated_on.known_by(day))
        .collect();
    let moves: Vec<Moved> = stated
        .windows(2)
        .filter_map(|pair| {
            let (from, to) = (&pair[0].content.target, &pair[1].content.target);
            Some(Moved {
                id: pair[1].id,
                direction: moved(from, to)?,
                stated_on: pair[1].content.stated_on.clone(),
                from: from.clone(),
                to: to.clone(),
                days: slip(from, to, false),
                reason: pair[1].content.reason_code,
            })
        })
        .collect();
    let first = stated.first().map(|f| &f.content.stated_on);
    let keys = wanted.group_by.map(|by| match by {
        MilestoneGroup::Kind => {
            let kind = doc.content.kind;
            vec![GroupKey::named(kind.as_str(), kind.title())]
        }
        MilestoneGroup::Reason => {
            let mut keys: Vec<GroupKey> = Vec::new();
            for key in moves.iter().map(|one| reason_key(one.reason)) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            keys
        }
        MilestoneGroup::Year => vec![by_year(state.baseline)],
        MilestoneGroup::Municipality => vec![GroupKey::organization(&owner.organization)],
        MilestoneGroup::Department | MilestoneGroup::Party | MilestoneGroup::Topic => {
            serving::of(groups, &project.id.to_string())
        }
        MilestoneGroup::Project => or_unknown(vec![GroupKey::named(
            project.id.to_string(),
            project.title.clone(),
        )]),
        MilestoneGroup::Term => vec![by_term(owner.organization.id, &owner.officers, first)],
    });
    Facts {
        id,
        kind: doc.content.kind,
        title: title(&doc.content),
        project,
        municipality: owner.organization.clone(),
        status: state.phase.status(state.target, day).into(),
        phase: state.phase,
        baseline: state.baseline.cloned(),
        target: state.target.cloned(),
        actual: state.actual.cloned(),
        slip: state.slip,
        freshness: freshness(
            &doc.forecasts,
            &doc.outcomes,
            state.phase,
            &owner.policies,
            day,
        ),
        moves,
        keys: keys.unwrap_or_default(),
    }
}
