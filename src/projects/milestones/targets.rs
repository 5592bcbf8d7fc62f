//! Targets relative to other milestones of the project ("착공 후 36개월 준공") or to an agreement
//! ("체결일로부터 2년").
//!
//! The stored document holds the relation alone. The dates are derived when the milestone is read,
//! and in its timeline entries, which are written anew when another milestone of the project or the
//! agreement changes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::agreements;
use super::agreements::AgreementAnchor;
use super::anchors::History;
use super::derived::title;
use super::rules::in_order;
use super::store::Doc;
use super::types::{Forecast, ForecastContent, Origin};
use crate::db::schema::{milestones as m, projects as p};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MilestoneId, OrganizationId, ProjectId};
use crate::kernel::values::{Anchor, AnchorDate, ImpreciseDate, Localized, stored_id};
use crate::ledger::Visibility;

/// A date to which a target is relative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AnchorId {
    Milestone(MilestoneId),
    Agreement(AgreementId, Anchor),
}

impl AnchorId {
    pub fn milestone(self) -> Option<MilestoneId> {
        match self {
            Self::Milestone(id) => Some(id),
            Self::Agreement(..) => None,
        }
    }

    pub fn agreement(self) -> Option<AgreementId> {
        match self {
            Self::Milestone(_) => None,
            Self::Agreement(id, _) => Some(id),
        }
    }
}

/// What follows for a milestone from the dates to which its targets are relative.
#[derive(Clone, Debug, Default)]
pub struct Derived {
    /// The targets in the course of time; `None` if none is relative.
    targets: Option<Vec<Forecast>>,
    anchors: BTreeMap<AnchorId, History>,
    /// The milestones and agreements on whose dates a target depends or depended, directly or not.
    follows: BTreeSet<Uuid>,
}

/// Returns the date to which a target is relative.
fn anchor(target: &ImpreciseDate) -> Option<AnchorId> {
    let to = target.relative_to()?;
    let agreement = || Some(AnchorId::Agreement(to.agreement_id?, to.anchor));
    to.milestone_id.map(AnchorId::Milestone).or_else(agreement)
}

impl Doc {
    /// Returns the targets as known in the course of time, without retracted ones if any is relative
    /// to another date. Such a target is stated once, and follows its anchor from then on.
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

    /// Returns the milestones and agreements on whose dates a target depends or depended.
    pub fn follows(&self) -> impl Iterator<Item = Uuid> {
        self.derived.follows.iter().copied()
    }

    /// Returns the dates to which a target is relative, with those of retracted forecasts.
    pub(super) fn anchors(&self) -> impl Iterator<Item = AnchorId> {
        let targets = self.forecasts.iter().map(|f| &f.content.target);
        targets.filter_map(anchor)
    }

    /// Returns the dates on which that of this milestone depends.
    pub(super) fn counted_from(&self) -> impl Iterator<Item = AnchorId> {
        let stated = self.forecasts.iter().filter(|f| f.retraction.is_none());
        stated.filter_map(|f| anchor(&f.content.target))
    }
}

/// The milestones of a project, and the agreements to which targets of them are relative, without those
/// that are hidden from somebody who sees the project.
#[derive(Default)]
struct OfProject {
    owner: Option<(OrganizationId, Visibility)>,
    docs: BTreeMap<MilestoneId, Doc>,
    agreements: BTreeMap<AgreementId, AgreementAnchor>,
}

/// The milestones of a project, with the date of each in the course of time.
struct Siblings<'a> {
    docs: &'a BTreeMap<MilestoneId, Doc>,
    agreements: &'a BTreeMap<AgreementId, AgreementAnchor>,
    histories: BTreeMap<MilestoneId, History>,
    underway: BTreeSet<MilestoneId>,
}

impl<'a> Siblings<'a> {
    fn new(of: &'a OfProject) -> Self {
        Self {
            docs: &of.docs,
            agreements: &of.agreements,
            histories: BTreeMap::new(),
            underway: BTreeSet::new(),
        }
    }

    fn history(&mut self, id: AnchorId) -> History {
        match id {
            AnchorId::Milestone(id) => self.history_of(id),
            AnchorId::Agreement(id, anchor) => {
                let agreement = self.agreements.get(&id);
                agreement.map_or_else(History::default, |one| one.history(anchor))
            }
        }
    }

    fn history_of(&mut self, id: MilestoneId) -> History {
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
        let anchors: BTreeMap<AnchorId, History> = anchors.collect();
        let title_of = |id| match id {
            AnchorId::Milestone(id) => self.docs.get(&id).map(|doc| title(&doc.content)),
            AnchorId::Agreement(id, _) => self.agreements.get(&id).map(|one| one.title.clone()),
        };
        let targets = (!anchors.is_empty()).then(|| expanded(&doc.forecasts, &anchors, title_of));
        Derived {
            targets,
            anchors,
            follows: self.follows(doc),
        }
    }

    fn follows(&self, doc: &Doc) -> BTreeSet<Uuid> {
        let milestones = reached(self.docs, doc.anchors(), |doc| doc.anchors().collect());
        let docs = milestones.iter().filter_map(|id| self.docs.get(id));
        let anchors = docs.chain([doc]).flat_map(Doc::anchors);
        let agreements = anchors.filter_map(AnchorId::agreement);
        let shown = agreements.filter(|id| self.agreements.contains_key(id));
        let all = shown.map(Uuid::from);
        all.chain(milestones.iter().copied().map(Uuid::from))
            .collect()
    }
}

/// Returns the milestones that are reached from some, by the relations of each.
pub(super) fn reached(
    docs: &BTreeMap<MilestoneId, Doc>,
    from: impl Iterator<Item = AnchorId>,
    next: impl Fn(&Doc) -> Vec<AnchorId>,
) -> BTreeSet<MilestoneId> {
    let mut found = BTreeSet::new();
    let mut left: Vec<AnchorId> = from.collect();
    while let Some(anchor) = left.pop() {
        let Some(id) = anchor.milestone() else {
            continue;
        };
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
    anchors: &BTreeMap<AnchorId, History>,
    title_of: impl Fn(AnchorId) -> Option<Localized>,
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
                all.push(moved(forecast, (day, target, origin), (id, title_of(id))));
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
    (day, target, origin): (NaiveDate, ImpreciseDate, Origin),
    (id, anchor): (AnchorId, Option<Localized>),
) -> Forecast {
    let (korean, english) = match id {
        AnchorId::Milestone(_) => (
            "기준이 되는 추진 단계가 움직임: ",
            "The milestone from which it is counted moved: ",
        ),
        AnchorId::Agreement(..) => (
            "기준이 되는 협약의 날짜가 알려짐: ",
            "A date of the agreement from which it is counted became known: ",
        ),
    };
    let follows = |anchor: Localized| {
        let ko = anchor.ko.clone().or_else(|| anchor.en.clone());
        let en = anchor.en.or(anchor.ko);
        Localized {
            ko: ko.map(|name| format!("{korean}{name}")),
            en: en.map(|name| format!("{english}{name}")),
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
    Ok(whole(conn, project)?.docs)
}

/// Like [`of_project`], with the agreements.
fn whole(conn: &mut AnyConnection, project: ProjectId) -> Result<OfProject, ApiError> {
    let found = of_projects(conn, [project.to_string()])?;
    Ok(found.into_values().next().unwrap_or_default())
}

/// Reads the milestones of projects, by project.
fn of_projects(
    conn: &mut AnyConnection,
    ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, OfProject>, ApiError> {
    let rows: Vec<(String, Name<Visibility>, String, Json<Doc>)> = m::table
        .inner_join(p::table.on(p::id.eq(m::project_id)))
        .filter(in_list(m::project_id, ids))
        .select((m::project_id, p::visibility, m::id, m::doc))
        .load(conn)?;
    let mut found: BTreeMap<String, OfProject> = BTreeMap::new();
    for (project, Name(visibility), id, Json(doc)) in rows {
        let of = found.entry(project).or_default();
        of.owner = Some((doc.municipality_id, visibility));
        of.docs.insert(stored_id(&id)?, doc);
    }
    let docs = found.values().flat_map(|of| of.docs.values());
    let ids = docs.flat_map(Doc::anchors).filter_map(AnchorId::agreement);
    let agreements = agreements::load(conn, ids.collect())?;
    for of in found.values_mut() {
        let Some(owner) = of.owner else { continue };
        let ids = of.docs.values().flat_map(Doc::anchors);
        let named = ids.filter_map(|id| {
            let id = id.agreement()?;
            let one = agreements.get(&id).filter(|one| one.is_shown_with(owner))?;
            Some((id, one.clone()))
        });
        of.agreements = named.collect();
    }
    Ok(found)
}

/// Derives the targets of milestones, each given with the id of its project. Reads the other
/// milestones of those projects in which a target is relative to another date.
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
    let siblings = found.iter().map(|(id, of)| (id, Siblings::new(of)));
    let mut siblings: BTreeMap<&String, Siblings<'_>> = siblings.collect();
    for (project, doc) in docs {
        if let Some(siblings) = siblings.get_mut(&project) {
            doc.derived = siblings.derive(doc);
        }
    }
    Ok(())
}

/// Returns the milestones of a project that are relative to another date, with their derived targets.
pub(super) fn relative(
    conn: &mut AnyConnection,
    project: ProjectId,
) -> Result<Vec<(MilestoneId, Doc)>, ApiError> {
    let of = whole(conn, project)?;
    let mut siblings = Siblings::new(&of);
    let relative = of
        .docs
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
