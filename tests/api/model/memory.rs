//! The registry in memory.

use proptest::sample::Index;
use serde_json::{Value, json};

use super::dates::{Date, Range, read};
use super::milestones::{Milestone, Said};
use super::ops::{Day, Filter, Op, Target};
use super::reports::Report;

pub const TODAY: &str = "2026-11-23";
/// First day of the city's successor.
const SUCCEEDED_ON: &str = "2026-07-01";

#[derive(Clone, Debug)]
pub struct Agreement {
    pub steps: Vec<(&'static str, Option<Day>)>,
    pub signed: Option<Day>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub supersedes: Option<usize>,
    pub superseded_by: Option<usize>,
    /// The first and the last of the days on which a successor can have taken over.
    pub taken_over: Option<Range>,
    /// The agreements whose starts end it: its successor, and the successors of that one which may come
    /// first.
    pub chain: Vec<usize>,
    /// Day of an end by supersession that was recorded by hand, before a renewal dated it.
    pub superseded_by_hand: Option<Option<Day>>,
    pub version: i64,
    pub deleted: bool,
    /// Due date of the first commitment.
    pub due: Option<Date>,
    /// Whether the successor of the city recorded it.
    of_successor: bool,
    /// In the order of recording.
    pub reports: Vec<Report>,
}

impl Agreement {
    pub fn status(&self) -> &'static str {
        self.steps.last().unwrap().0
    }

    /// The status as of a day, or `None` before anything was known.
    pub fn status_on(&self, day: &str) -> Option<&'static str> {
        let known = |(to, on): &&(&str, Option<Day>)| match (*to, self.taken_over) {
            ("superseded", Some(_)) => self.is_taken_over(day),
            _ => on.as_deref().unwrap_or(TODAY) <= day,
        };
        let (last, _) = self.steps.iter().rev().find(known)?;
        // What was entered in error never happened.
        Some(if self.status() == "voided" {
            "voided"
        } else {
            last
        })
    }

    pub fn was_signed(&self) -> bool {
        self.steps.iter().any(|(to, _)| *to == "signed")
    }

    /// The day from which it ended otherwise than by its term or a successor.
    pub fn end(&self) -> Option<&Day> {
        let ends = ["completed", "terminated", "superseded"];
        let end = |(to, _): &&(&str, Option<Day>)| ends.contains(to);
        let (to, on) = self.steps.iter().find(end)?;
        let dated = *to != "superseded" || self.taken_over.is_none();
        on.as_ref().filter(|_| dated)
    }

    /// Dates the end by supersession.
    pub fn date_end(&mut self, day: Option<Day>) {
        let end = self.steps.iter_mut().find(|(to, _)| *to == "superseded");
        end.unwrap().1 = day;
    }

    fn listed(&self, filter: &Filter) -> bool {
        let status = self.status_on(TODAY).unwrap_or("draft");
        let (signed, over) = (status == "signed", self.is_over(TODAY));
        let in_force = match self.in_force(TODAY) {
            Some(true) => "true",
            Some(false) => "false",
            None => "unknown",
        };
        let from = filter.signed_from.as_ref();
        !self.deleted
            && filter.status.is_none_or(|s| s == status)
            && filter.in_force.is_none_or(|f| f == in_force)
            && filter.expired.is_none_or(|e| signed && e == over)
            && from.is_none_or(|from| self.signed.as_ref().is_some_and(|s| s >= from))
    }
}

fn allowed(from: &str) -> &'static [&'static str] {
    match from {
        "draft" => &["in_review", "withdrawn", "voided"],
        "in_review" => &["approved", "withdrawn", "voided"],
        "approved" => &["signed", "withdrawn", "voided"],
        "signed" => &["completed", "terminated", "superseded", "voided"],
        "voided" => &[],
        _ => &["voided"],
    }
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub agreements: Vec<Agreement>,
    pub milestones: [Milestone; 2],
    /// Whether the city's successor is recorded.
    succeeded: bool,
}

impl Model {
    pub fn pick(&self, index: Index) -> Option<usize> {
        (!self.agreements.is_empty()).then(|| index.index(self.agreements.len()))
    }

    pub fn advance(&self, which: Index, on: &Option<Day>, becomes: Option<&'static str>) -> Op {
        let from = self
            .pick(which)
            .map_or("draft", |i| self.agreements[i].status());
        let to = allowed(from).first().copied().unwrap_or("voided");
        Op::Step {
            which,
            to,
            on: on.clone(),
            reason: true,
            becomes,
        }
    }

    fn referred(&self, old: usize) -> bool {
        self.agreements
            .iter()
            .any(|a| !a.deleted && a.supersedes == Some(old))
    }

    fn superseding(&self, old: usize) -> bool {
        let void = ["withdrawn", "voided"];
        self.agreements
            .iter()
            .any(|a| !a.deleted && a.supersedes == Some(old) && !void.contains(&a.status()))
    }

    /// A renewal cannot be signed before its predecessor.
    fn too_early(&self, old: Option<usize>, signed: &Day) -> bool {
        let before = old.and_then(|old| self.agreements[old].signed.as_ref());
        before.is_some_and(|before| signed < before)
    }

    /// The expected status and the expected part of the body.
    pub fn apply(&mut self, op: &Op) -> (u16, Option<Value>) {
        self.settle();
        match op {
            Op::Record {
                signed,
                from,
                until,
                supersedes,
                due,
            } => {
                let old = supersedes.and_then(|old| self.pick(old));
                let status = if signed.is_some() { "signed" } else { "draft" };
                let new = Agreement {
                    steps: vec![(status, signed.clone())],
                    signed: signed.clone(),
                    from: from.clone(),
                    until: until.clone(),
                    supersedes: old,
                    superseded_by: None,
                    superseded_by_hand: None,
                    taken_over: None,
                    chain: Vec::new(),
                    version: 1,
                    deleted: false,
                    due: due.clone(),
                    of_successor: self.succeeded,
                    reports: Vec::new(),
                };
                if new.is_reversed(signed.as_ref())
                    || old.is_some_and(|old| self.agreements[old].deleted)
                {
                    return (422, None);
                }
                if old.is_some_and(|old| self.superseding(old)) {
                    return (409, None);
                }
                let wrong = |day: &Day| day.as_str() > TODAY || self.too_early(old, day);
                if signed.as_ref().is_some_and(wrong) {
                    return (422, None);
                }
                self.agreements.push(new);
                let new = self.agreements.len() - 1;
                if signed.is_some() {
                    self.supersede(new);
                }
                (201, Some(self.shown(new)))
            }
            Op::Step {
                which,
                to,
                on,
                reason,
                becomes,
            } => self.step(*which, to, on, *reason, *becomes),
            Op::Advance { which, on, becomes } => {
                let step = self.advance(*which, on, *becomes);
                self.apply(&step)
            }
            Op::Extend {
                which,
                until,
                reason,
                fresh,
            } => {
                let Some(i) = self.pick(*which) else {
                    return (200, None);
                };
                let a = &mut self.agreements[i];
                if a.deleted {
                    return (404, None);
                }
                if !fresh {
                    return (412, None);
                }
                let mut changed = a.clone();
                changed.until.clone_from(until);
                let reversed = changed.is_reversed(a.signed.as_ref());
                // A relative term is derived after the change is found to be allowed.
                if reversed && !changed.is_relative() {
                    return (422, None);
                }
                if *until != a.until {
                    let held = ["signed", "completed", "terminated", "superseded"];
                    if held.contains(&a.status()) && !reason {
                        return (400, None);
                    }
                    if reversed {
                        return (422, None);
                    }
                    a.until.clone_from(until);
                    a.version += 1;
                }
                (200, Some(self.shown(i)))
            }
            Op::Delete { which, fresh } => {
                let Some(i) = self.pick(*which) else {
                    return (200, None);
                };
                if self.agreements[i].deleted {
                    return (404, None);
                }
                if !fresh {
                    return (412, None);
                }
                if self.agreements[i].was_signed() || self.referred(i) {
                    return (409, None);
                }
                self.agreements[i].deleted = true;
                (204, None)
            }
            Op::List { filter, .. } => {
                let mut found: Vec<usize> = (0..self.agreements.len())
                    .filter(|i| self.agreements[*i].listed(filter))
                    .collect();
                found.sort_by_key(|i| (self.agreements[*i].signed.clone(), *i));
                found.reverse();
                let row = |i: &usize| {
                    let fulfilment = self.agreements[*i].fulfilment(TODAY);
                    json!([format!("협약 {i}"), fulfilment])
                };
                let rows: Vec<Value> = found.iter().map(row).collect();
                (200, Some(json!({"total": found.len(), "rows": rows})))
            }
            Op::Forecast {
                which,
                target,
                stated_on,
            } => {
                if stated_on.as_str() > TODAY {
                    return (422, None);
                }
                let i = which.index(2);
                let relative = matches!(target, Target::AfterOther(_));
                // The dates of two milestones cannot depend on each other.
                if relative && self.milestones[1 - i].is_relative() {
                    return (422, None);
                }
                let said = (stated_on.clone(), target.clone(), false);
                self.milestones[i].forecasts.push(said);
                (200, Some(self.reached(which.index(2))))
            }
            Op::Outcome { which, kind, on } => {
                if on.as_str() > TODAY {
                    return (422, None);
                }
                let said = (on.clone(), (*kind).to_owned(), false);
                self.milestones[which.index(2)].outcomes.push(said);
                (200, Some(self.reached(which.index(2))))
            }
            Op::Retract { which, nth } => {
                let forecasts = &mut self.milestones[which.index(2)].forecasts;
                if forecasts.is_empty() {
                    return (200, None);
                }
                let mut shown: Vec<&mut Said<Target>> = forecasts.iter_mut().collect();
                shown.sort_by(|a, b| a.0.cmp(&b.0));
                let nth = nth.index(shown.len());
                if std::mem::replace(&mut shown[nth].2, true) {
                    return (409, None);
                }
                (200, Some(self.reached(which.index(2))))
            }
            Op::Succeed => match std::mem::replace(&mut self.succeeded, true) {
                false => (201, None),
                true => (409, None),
            },
            Op::Timeline { as_of } => {
                let [a, b] = &self.milestones;
                let items = [a.on(b, as_of), b.on(a, as_of)].into_iter().flatten();
                let items = items.map(|(status, target)| json!([status, target]));
                let mut items: Vec<Value> = items.collect();
                items.sort_by_key(Value::to_string);
                (200, Some(json!(items)))
            }
            Op::Report {
                which,
                place,
                partner,
                status,
                on,
            } => self.report(*which, *place, *partner, status, on),
            Op::Decide { which, confirm } => self.decide(*which, *confirm),
            Op::TakeBack { which, partner } => self.take_back(*which, *partner),
            Op::Show { which, as_of } => {
                let Some(i) = self.reportable(*which) else {
                    return (200, None);
                };
                if self.agreements[i].deleted || self.agreements[i].status_on(as_of).is_none() {
                    return (404, None);
                }
                (200, Some(self.shown_on(i, as_of)))
            }
        }
    }

    fn step(
        &mut self,
        which: Index,
        to: &'static str,
        on: &Option<Day>,
        reason: bool,
        becomes: Option<&'static str>,
    ) -> (u16, Option<Value>) {
        let Some(i) = self.pick(which) else {
            return (200, None);
        };
        let before = self.last_day(i);
        let a = &mut self.agreements[i];
        if a.deleted {
            return (404, None);
        }
        if !allowed(a.status()).contains(&to) {
            return (409, None);
        }
        let ends = [
            "completed",
            "terminated",
            "superseded",
            "withdrawn",
            "voided",
        ]
        .contains(&to);
        let day = on.clone().unwrap_or(TODAY.into());
        let early = on
            .as_ref()
            .is_some_and(|on| before.is_some_and(|before| read(on) < before));
        let late = to == "signed" && a.is_reversed(Some(&day));
        let undecided = !a.may_become(to, becomes);
        let undated = to == "signed" && on.is_none() && a.signed.is_none();
        if (ends && !reason) || undated || day.as_str() > TODAY || early || late || undecided {
            return (422, None);
        }
        let old = a.supersedes;
        let new = self.signed_renewal(i);
        let renewed = new.and_then(|new| self.agreements[new].signed.clone());
        let overtaken = renewed.as_ref().is_some_and(|renewed| *renewed < day);
        if to == "signed" && (self.too_early(old, &day) || overtaken) {
            return (422, None);
        }
        let a = &mut self.agreements[i];
        a.become_at(to, becomes, &day);
        a.steps.push((to, Some(day.clone())));
        a.version += 1;
        if to == "signed" {
            a.signed = Some(day);
            if let (Some(new), Some(renewed)) = (new, renewed) {
                a.take_over(new, &renewed);
                a.steps.push(("superseded", Some(renewed)));
                a.superseded_by = Some(new);
                self.agreements[i].chain = self.chain(new);
            }
            self.supersede(i);
        } else if to == "voided" {
            self.release(i);
        }
        (200, Some(self.shown(i)))
    }

    fn shown(&mut self, i: usize) -> Value {
        self.settle();
        self.shown_on(i, TODAY)
    }

    fn shown_on(&self, i: usize, day: &str) -> Value {
        let a = &self.agreements[i];
        let status = a.status_on(day).unwrap();
        // The successor holds what the city recorded from its first day.
        // An end that lies ahead is recorded already.
        let last = if day < TODAY { status } else { a.status() };
        let passed_over = self.succeeded && day >= SUCCEEDED_ON;
        json!({"status": status, "in_force": a.in_force(day), "version": a.version, "allowed_transitions": allowed(last),
            "expires_in": a.expires_in(day), "ended_by": a.ended_by(day),
            "owner": usize::from(a.of_successor || passed_over),
            "fulfilment": a.fulfilment(day), "commitments": a.commitments(day)})
    }

    fn reached(&self, i: usize) -> Value {
        let (own, other) = (&self.milestones[i], &self.milestones[1 - i]);
        let (status, target) = own.on(other, TODAY).unwrap();
        json!([status, target])
    }
}
