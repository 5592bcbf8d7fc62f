//! Targets relative to other milestones of the project ("착공 후 36개월 준공").
//!
//! The stored document holds the relation alone. The dates are derived when the milestone is read,
//! and in its timeline entries, which are written anew when another milestone of the project changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::anchors::History;
use super::derived::title;
use super::rules::in_order;
use super::store::Doc;
use super::types::{Forecast, ForecastContent, Origin};
use crate::db::schema::milestones as m;
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, ProjectId};
use crate::kernel::values::{AnchorDate, ImpreciseDate, Localized, stored_id};

/// What follows for a milestone from those to which its targets are relative.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    /// The targets in the course of time; `None` if none is relative.
    targets: Option<Vec<Forecast>>,
    anchors: BTreeMap<MilestoneId, History>,
    /// The milestones on whose dates a target depends or depended, directly or not.
    follows: BTreeSet<MilestoneId>,
}

/// Returns the milestone to which a target is relative.
fn anchor(target: &ImpreciseDate) -> Option<MilestoneId> {
    target.relative_to()?.milestone_id
}

impl Doc {
    /// Returns the targets as known in the course of time, without retracted ones if any is relative
    /// to another milestone. Such a target is stated once, and follows its anchor from then on.
    pub fn targets(&self) -> &[Forecast] {
        self.derived.targets.as_deref().unwrap_or(&self.forecasts)
    }

    /// Returns the forecasts with their targets as known on a day.
    pub fn forecasts_on(&self, day: NaiveDate) -> Vec<Forecast> {
        let mut forecasts = self.forecasts.clone();
        for forecast in &mut forecasts {
            let target = &mut forecast.content.target;
            let history = anchor(target).and_then(|id| self.derived.anchors.get(&id));
            target.derive_from(&history.map(|history| history.on(day)).unwrap_or_default());
        }
        forecasts
    }

    /// Returns the milestones on whose dates a target depends or depended.
    pub fn follows(&self) -> impl Iterator<Item = MilestoneId> {
        self.derived.follows.iter().copied()
    }

    /// Returns the milestones to which a target is relative, with those of retracted forecasts.
    pub(super) fn anchors(&self) -> impl Iterator<Item = MilestoneId> {
        let targets = self.forecasts.iter().map(|f| &f.content.target);
        targets.filter_map(anchor)
    }

    /// Returns the milestones on which the date of this one depends.
    pub(super) fn counted_from(&self) -> impl Iterator<Item = MilestoneId> {
        let stated = self.forecasts.iter().filter(|f| f.retraction.is_none());
        stated.filter_map(|f| anchor(&f.content.target))
    }
}

/// The milestones of a project, with the date of each in the course of time.
struct Siblings<'a> {
    docs: &'a BTreeMap<MilestoneId, Doc>,
    histories: BTreeMap<MilestoneId, History>,
    underway: BTreeSet<MilestoneId>,
}

impl<'a> Siblings<'a> {
    fn new(docs: &'a BTreeMap<MilestoneId, Doc>) -> Self {
        Self {
            docs,
            histories: BTreeMap::new(),
            underway: BTreeSet::new(),
        }
    }

    fn history(&mut self, id: MilestoneId) -> History {
        if let Some(found) = self.histories.get(&id) {
            return found.clone();
        }
        let Some(doc) = self.docs.get(&id) else {
            return History::default();
        };
        // Nothing follows from a date that depends on itself, which the rules refuse.
        if !self.underway.insert(id) {
            return History::default();
        }
        // Retracted targets are left out: those that count are free of circles.
        let anchors = doc.counted_from().map(|id| (id, self.history(id)));
        let targets = expanded(&doc.forecasts, &anchors.collect(), |_| None);
        let history = History::of(&targets, &doc.outcomes);
        self.underway.remove(&id);
        self.histories.insert(id, history.clone());
        history
    }

    fn derive(&mut self, doc: &Doc) -> Derived {
        let anchors = doc.anchors().map(|id| (id, self.history(id)));
        let anchors: BTreeMap<MilestoneId, History> = anchors.collect();
        let title_of = |id| self.docs.get(&id).map(|doc| title(&doc.content));
        let targets = (!anchors.is_empty()).then(|| expanded(&doc.forecasts, &anchors, title_of));
        Derived {
            targets,
            anchors,
            follows: reached(self.docs, doc.anchors(), |doc| doc.anchors().collect()),
        }
    }
}

/// Returns the milestones that are reached from some, by the relations of each.
pub(super) fn reached(
    docs: &BTreeMap<MilestoneId, Doc>,
    from: impl Iterator<Item = MilestoneId>,
    next: impl Fn(&Doc) -> Vec<MilestoneId>,
) -> BTreeSet<MilestoneId> {
    let mut found = BTreeSet::new();
    let mut left: Vec<MilestoneId> = from.collect();
    while let Some(id) = left.pop() {
        if found.insert(id) {
            left.extend(docs.get(&id).map(&next).unwrap_or_default());
        }
    }
    found
}

/// Returns the targets in the course of time: each relative one as known when it was stated, and
/// again from each day on which its anchor moved, until another target is stated.
fn expanded(
    forecasts: &[Forecast],
    anchors: &BTreeMap<MilestoneId, History>,
    title_of: impl Fn(MilestoneId) -> Option<Localized>,
) -> Vec<Forecast> {
    let stated = in_order(forecasts, |f| &f.content.stated_on);
    let stated: Vec<&Forecast> = stated.filter(|f| f.retraction.is_none()).collect();
    let days = stated.iter().map(|f| f.content.stated_on.latest());
    let ends = days.clone().skip(1).chain([None]);
    let mut all = Vec::new();
    for ((forecast, from), until) in stated.iter().zip(days).zip(ends) {
        let target = &forecast.content.target;
        let Some((id, history)) = anchor(target).and_then(|id| Some((id, anchors.get(&id)?)))
        else {
            all.push(Forecast::clone(forecast));
            continue;
        };
        let derived = |date: AnchorDate| {
            let mut target = target.clone();
            target.derive_from(&date);
            target.plain()
        };
        let Some(from) = from else { continue };
        let mut last = derived(history.on(from));
        all.push(with_target(forecast, last.clone()));
        for (day, date, origin) in history.moves(from, until) {
            let target = derived(date);
            if target != last {
                last = target.clone();
                all.push(moved(forecast, day, target, origin, title_of(id)));
            }
        }
    }
    all
}

fn with_target(forecast: &Forecast, target: ImpreciseDate) -> Forecast {
    Forecast {
        content: ForecastContent {
            target,
            ..forecast.content.clone()
        },
        ..forecast.clone()
    }
}

/// Returns a relative target as known from the day on which its anchor moved.
fn moved(
    forecast: &Forecast,
    day: NaiveDate,
    target: ImpreciseDate,
    origin: Origin,
    anchor: Option<Localized>,
) -> Forecast {
    let follows = |anchor: Localized| {
        let text = |name: String, before: &str, after: &str| format!("{before}{name}{after}");
        let ko = anchor.ko.clone().or_else(|| anchor.en.clone());
        let en = anchor.en.or(anchor.ko);
        Localized {
            ko: ko.map(|name| text(name, "기준이 되는 추진 단계가 움직임: ", "")),
            en: en.map(|name| text(name, "The milestone from which it is counted moved: ", "")),
        }
    };
    Forecast {
        id: forecast.id,
        content: ForecastContent {
            target,
            stated_on: ImpreciseDate::from_day(day),
            stated_by: None,
            reason_code: None,
            reason: anchor.map(follows),
            note: None,
            source: None,
        },
        retraction: None,
        origin,
    }
}

/// Reads the milestones of a project.
pub(super) fn of_project(
    conn: &mut AnyConnection,
    project: ProjectId,
) -> Result<BTreeMap<MilestoneId, Doc>, ApiError> {
    let found = of_projects(conn, [project.to_string()])?;
    Ok(found.into_values().next().unwrap_or_default())
}

/// Reads the milestones of projects, by project.
fn of_projects(
    conn: &mut AnyConnection,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, BTreeMap<MilestoneId, Doc>>, ApiError> {
    let rows: Vec<(String, String, Json<Doc>)> = m::table
        .filter(in_list(m::project_id, ids))
        .select((m::project_id, m::id, m::doc))
        .load(conn)?;
    let mut found: BTreeMap<String, BTreeMap<MilestoneId, Doc>> = BTreeMap::new();
    for (project, id, Json(doc)) in rows {
        let docs = found.entry(project).or_default();
        docs.insert(stored_id(&id)?, doc);
    }
    Ok(found)
}

/// Derives the targets of milestones, each given with the id of its project. Reads the other
/// milestones of those projects in which a target is relative to one.
pub fn attach<'a>(
    conn: &mut AnyConnection,
    docs: impl IntoIterator<Item = (String, &'a mut Doc)>,
) -> Result<(), ApiError> {
    let relative = |(_, doc): &(String, &mut Doc)| doc.anchors().next().is_some();
    let docs: Vec<(String, &mut Doc)> = docs.into_iter().filter(relative).collect();
    if docs.is_empty() {
        return Ok(());
    }
    let projects: BTreeSet<String> = docs.iter().map(|(project, _)| project.clone()).collect();
    let found = of_projects(conn, projects)?;
    let siblings = found.iter().map(|(id, docs)| (id, Siblings::new(docs)));
    let mut siblings: BTreeMap<&String, Siblings<'_>> = siblings.collect();
    for (project, doc) in docs {
        if let Some(siblings) = siblings.get_mut(&project) {
            doc.derived = siblings.derive(doc);
        }
    }
    Ok(())
}

/// Returns the milestones of a project that are relative to another, with their derived targets.
pub(super) fn relative(
    conn: &mut AnyConnection,
    project: ProjectId,
) -> Result<Vec<(MilestoneId, Doc)>, ApiError> {
    let docs = of_project(conn, project)?;
    let mut siblings = Siblings::new(&docs);
    let relative = docs
        .iter()
        .filter(|(_, doc)| doc.anchors().next().is_some());
    let derived = relative.map(|(id, doc)| {
        let derived = siblings.derive(doc);
        (
            *id,
            Doc {
                derived,
                ..doc.clone()
            },
        )
    });
    Ok(derived.collect())
}
