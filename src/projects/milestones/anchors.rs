//! Milestones as dates from which others are counted: "36 months after groundbreaking".

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::rules::{state, statement_days};
use super::store::Doc;
use super::targets;
use super::types::{Forecast, Origin, Outcome};
use crate::db::schema::{milestones, projects};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, OrganizationId, ProjectId};
use crate::kernel::values::{AnchorDate, Bounds, stored_id};
use crate::ledger::{RequestContext, Scope, Visibility};
use crate::projections::timeline_entry::Phase;

/// The day on which a milestone is met, as known in the course of time.
#[derive(Clone, Debug)]
pub struct MilestoneAnchor {
    pub project_id: ProjectId,
    pub municipality_id: OrganizationId,
    pub visibility: Visibility,
    history: History,
    follows: Vec<Uuid>,
}

impl MilestoneAnchor {
    /// Returns the day as known on `day`.
    pub fn on(&self, day: NaiveDate) -> AnchorDate {
        self.history.on(day)
    }

    /// Returns the day as far as it is known for good: that on which the milestone was met. A target
    /// alone tells no last day, so what depends on it never passes before the milestone is met.
    pub fn lasting(&self) -> AnchorDate {
        self.history.lasting
    }

    /// Returns the days from which something else is known.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> {
        self.history.steps.iter().map(|step| step.from)
    }

    /// Returns the records from which the date of this milestone is counted itself.
    pub fn follows(&self) -> &[Uuid] {
        &self.follows
    }
}

/// The date of a milestone from each day on which it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    steps: Vec<Step>,
    lasting: AnchorDate,
}

/// The date of a milestone from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    from: NaiveDate,
    date: AnchorDate,
    /// Whether it follows from a target that passed, and not from a statement.
    passed: bool,
}

impl Step {
    fn new(from: NaiveDate, date: AnchorDate) -> Self {
        Self {
            from,
            date,
            passed: false,
        }
    }
}

impl History {
    /// Derives the history from what was stated and what happened. A target is an approximate date
    /// until it has passed: then the milestone can only be met later. Nothing is known of one that
    /// is suspended or cancelled.
    pub fn of(forecasts: &[Forecast], outcomes: &[Outcome]) -> Self {
        let mut found = Self::default();
        let days = statement_days(forecasts, outcomes);
        let ends = days.iter().skip(1).copied().map(Some).chain([None]);
        for (from, until) in days.iter().copied().zip(ends) {
            let state = state(forecasts, outcomes, from);
            let (date, lasting) = match (state.phase, state.actual, state.target) {
                (Phase::Met | Phase::MetLate, Some(actual), _) => {
                    let met = AnchorDate::event(Some(actual));
                    (met, met)
                }
                (Phase::Open | Phase::PartiallyMet, _, Some(target)) if target.is_dated() => {
                    let expected = expected(Bounds::of(Some(target)));
                    (expected, open(expected.bounds.earliest))
                }
                _ => (AnchorDate::default(), AnchorDate::default()),
            };
            found.lasting = lasting;
            // A target that had passed when it was stated, or passes before anything else is known.
            let passed = date.bounds.latest.filter(|_| date != lasting);
            let passed = passed.and_then(|last| last.succ_opt());
            match passed {
                Some(next) if next <= from => {
                    found.steps.push(Step::new(from, open(Some(from))));
                }
                Some(next) if until.is_none_or(|until| next < until) => {
                    found.steps.push(Step::new(from, date));
                    found.steps.push(Step {
                        passed: true,
                        ..Step::new(next, open(Some(next)))
                    });
                }
                _ => found.steps.push(Step::new(from, date)),
            }
        }
        found
    }

    /// Returns the history of a date that was known from days on, in their order.
    pub fn of_dates(dates: impl Iterator<Item = (NaiveDate, AnchorDate)>) -> Self {
        let steps: Vec<Step> = dates.map(|(from, date)| Step::new(from, date)).collect();
        let lasting = steps
            .last()
            .map_or_else(AnchorDate::default, |step| step.date);
        Self { steps, lasting }
    }

    pub fn on(&self, day: NaiveDate) -> AnchorDate {
        let last = self.steps.iter().rfind(|step| step.from <= day);
        last.map_or_else(AnchorDate::default, |step| step.date)
    }

    /// Returns the dates that became known after a day, and before another if one is given.
    pub fn moves(
        &self,
        after: NaiveDate,
        until: Option<NaiveDate>,
    ) -> impl Iterator<Item = (NaiveDate, AnchorDate, Origin)> {
        let within = move |day: NaiveDate| after < day && until.is_none_or(|until| day < until);
        let steps = self.steps.iter().filter(move |step| within(step.from));
        steps.map(|step| {
            let origin = match step.passed {
                true => Origin::Passed,
                false => Origin::Followed,
            };
            (step.from, step.date, origin)
        })
    }
}

fn expected(bounds: Bounds) -> AnchorDate {
    AnchorDate {
        bounds,
        approximate: bounds != Bounds::UNKNOWN,
        ..AnchorDate::default()
    }
}

/// Returns the date of something that is still expected, at some time from a day on.
fn open(earliest: Option<NaiveDate>) -> AnchorDate {
    expected(Bounds {
        earliest,
        latest: None,
    })
}

/// Loads milestones as anchors, whoever sees them. On PostgreSQL, `lock` keeps their projects from
/// changing until the transaction ends, since data derived from them is written in it.
pub fn load(
    conn: &mut AnyConnection,
    ids: impl IntoIterator<Item = MilestoneId>,
    lock: bool,
) -> Result<BTreeMap<MilestoneId, MilestoneAnchor>, ApiError> {
    use {milestones as m, projects as p};
    let mut ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    if lock && let AnyConnection::Postgres(conn) = conn {
        let of = m::table.filter(m::id.eq_any(&ids)).select(m::project_id);
        let query = p::table.filter(p::id.eq_any(of)).order(p::id);
        let _: Vec<String> = query.select(p::id).for_share().load(conn)?;
    }
    type Row = (String, String, String, Name<Visibility>, Json<Doc>);
    let mut rows: Vec<Row> = m::table
        .inner_join(p::table.on(p::id.eq(m::project_id)))
        .filter(in_list(m::id, ids))
        .select((
            m::id,
            m::project_id,
            p::municipality_id,
            p::visibility,
            m::doc,
        ))
        .load(conn)?;
    let docs = rows.iter_mut().map(|row| (row.1.clone(), &mut row.4.0));
    targets::attach(conn, docs)?;
    let anchors = rows
        .into_iter()
        .map(|(id, project, owner, visibility, Json(doc))| {
            let anchor = MilestoneAnchor {
                project_id: stored_id(&project)?,
                municipality_id: stored_id(&owner)?,
                visibility: visibility.0,
                history: History::of(doc.targets(), &doc.outcomes),
                follows: doc.follows().collect(),
            };
            Ok((stored_id(&id)?, anchor))
        });
    anchors.collect()
}

/// Returns those of the milestones whose projects the caller sees.
pub fn visible(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[MilestoneId],
) -> Result<Vec<MilestoneId>, ApiError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().map(MilestoneId::to_string);
    let found: Vec<String> = milestones::table
        .inner_join(projects::table.on(projects::id.eq(milestones::project_id)))
        .filter(in_list(milestones::id, ids))
        .filter(Scope::of(&cx.caller, "projects"))
        .select(milestones::id)
        .load(conn)?;
    found.iter().map(|id| stored_id(id)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(forecasts: &[(&str, &str)], outcomes: &[(&str, &str)]) -> Vec<String> {
        let id = "0178d7fa-2c00-7000-8000-000000000001";
        let read = |value: Value| serde_json::from_value(value).unwrap();
        let forecasts: Vec<Forecast> = forecasts
            .iter()
            .map(|(on, target)| {
                read(json!({"id": id, "target": target, "stated_on": on, "retraction": null}))
            })
            .collect();
        let outcomes: Vec<Outcome> = outcomes
            .iter()
            .map(|(on, kind)| json!({"id": id, "kind": kind, "on": on, "retraction": null}))
            .map(|value| serde_json::from_value(value).unwrap())
            .collect();
        let history = History::of(&forecasts, &outcomes);
        let bound = |day: Option<NaiveDate>| day.map_or("..".into(), |day| day.to_string());
        let words = |date: &AnchorDate| {
            let sign = if date.approximate { "~" } else { "" };
            let Bounds { earliest, latest } = date.bounds;
            format!("{}/{}{sign}", bound(earliest), bound(latest))
        };
        let steps = history.steps.iter();
        let steps = steps.map(|step| format!("{} {}", step.from, words(&step.date)));
        steps.chain([words(&history.lasting)]).collect()
    }

    #[test]
    fn a_target_is_expected_until_it_has_passed_or_is_met() {
        assert_eq!(
            told(&[("2021-04-16", "2021"), ("2022-06-01", "2023-09")], &[]),
            [
                "2021-04-16 2021-01-01/2021-12-31~",
                "2022-01-01 2022-01-01/..~",
                "2022-06-01 2023-09-01/2023-09-30~",
                "2023-10-01 2023-10-01/..~",
                "2023-09-01/..~",
            ]
        );
        assert_eq!(
            told(&[("2021-04-16", "2021")], &[("2021-10-26", "met")]),
            [
                "2021-04-16 2021-01-01/2021-12-31~",
                "2021-10-26 2021-10-26/2021-10-26",
                "2021-10-26/2021-10-26",
            ]
        );
        // A target of which nothing was told before it passed, and a milestone that was given up.
        assert_eq!(
            told(&[("2023-04-16", "2021")], &[("2024-01-01", "cancelled")]),
            ["2023-04-16 2023-04-16/..~", "2024-01-01 ../..", "../.."]
        );
        assert_eq!(told(&[], &[]), ["../.."]);
    }
}
