//! The milestones of a project in memory: a target can be a number of months after the other one.

use super::dates::{bounds, months_after};
use super::ops::{Day, Target};

/// First and last possible day; the ends of time for open ends.
pub type Bounds = (Day, Day);

const OPEN: (&str, &str) = ("0000", "9999");

fn unknown() -> Bounds {
    (OPEN.0.to_owned(), OPEN.1.to_owned())
}

fn is_unknown(date: &Bounds) -> bool {
    (date.0.as_str(), date.1.as_str()) == OPEN
}

/// A statement: the day it was known, its value, and whether it was retracted.
pub type Said<T> = (Day, T, bool);

#[derive(Clone, Debug, Default)]
pub struct Milestone {
    pub forecasts: Vec<Said<Target>>,
    pub outcomes: Vec<Said<String>>,
}

/// The outcome that stands after all: what takes back a cancellation or a suspension removes it.
fn standing_outcome(outcomes: &[Said<String>]) -> Option<&Said<String>> {
    let mut stack: Vec<&Said<String>> = Vec::new();
    for outcome in outcomes {
        let top = stack.last().map_or("", |o| o.1.as_str());
        match outcome.1.as_str() {
            "cancelled" | "suspended" if top == outcome.1 => {}
            "cancelled" | "suspended" => stack.push(outcome),
            "reopened" if top == "cancelled" => {
                stack.pop();
            }
            "resumed" => {
                stack.pop_if(|o| o.1 == "cancelled");
                stack.pop_if(|o| o.1 == "suspended");
            }
            "met" | "partially_met" => stack = vec![outcome],
            "reopened" => stack.clear(),
            _ => {}
        }
    }
    stack.pop()
}

/// The statements that count, by day.
fn standing<T: Clone>(said: &[Said<T>]) -> Vec<Said<T>> {
    let mut said: Vec<Said<T>> = said.iter().filter(|s| !s.2).cloned().collect();
    said.sort_by(|a, b| a.0.cmp(&b.0));
    said
}

fn known_by<T: Clone>(said: &[Said<T>], day: &str) -> Vec<Said<T>> {
    let mut said = standing(said);
    said.retain(|s| s.0.as_str() <= day);
    said
}

impl Milestone {
    /// Whether its date is counted from the other milestone.
    pub fn is_relative(&self) -> bool {
        let mut counting = self.forecasts.iter().filter(|s| !s.2);
        counting.any(|s| matches!(s.1, Target::AfterOther(_)))
    }

    /// The days on which something is stated of it.
    fn days(&self) -> Vec<Day> {
        let forecasts = standing(&self.forecasts).into_iter().map(|s| s.0);
        forecasts
            .chain(standing(&self.outcomes).into_iter().map(|s| s.0))
            .collect()
    }

    /// The date from which the other one is counted, as known on a day.
    fn anchor(&self, day: &str) -> Bounds {
        let outcomes = known_by(&self.outcomes, day);
        let forecasts = known_by(&self.forecasts, day);
        match standing_outcome(&outcomes) {
            Some((on, what, _)) if what == "met" => (on.clone(), on.clone()),
            Some((_, what, _)) if what == "cancelled" || what == "suspended" => unknown(),
            _ => match forecasts.last() {
                None => unknown(),
                Some((_, Target::AfterOther(_), _)) => unreachable!("both are relative"),
                Some((_, Target::Edtf(edtf), _)) => {
                    let (first, last) = bounds(edtf);
                    if last.as_str() >= day {
                        return (first, last);
                    }
                    // It passed: on the day after, or before the latest statement.
                    let stated = self.days().into_iter().filter(|d| d.as_str() <= day).max();
                    let next = last
                        .parse::<chrono::NaiveDate>()
                        .unwrap()
                        .succ_opt()
                        .unwrap();
                    (next.to_string().max(stated.unwrap()), OPEN.1.to_owned())
                }
            },
        }
    }

    fn target(&self, target: &Target, other: &Self, day: &str) -> Bounds {
        match target {
            Target::Edtf(edtf) => bounds(edtf),
            Target::AfterOther(months) => {
                let (first, last) = other.anchor(day);
                let after = |day: Day, open: &str| {
                    if day == open {
                        return day;
                    }
                    months_after(day.parse().unwrap(), *months).to_string()
                };
                (after(first, OPEN.0), after(last, OPEN.1))
            }
        }
    }

    /// The first target, or the first date that is known for it by a day.
    fn baseline(&self, other: &Self, day: &str) -> Option<Bounds> {
        let forecasts = known_by(&self.forecasts, day);
        let (stated_on, target, _) = forecasts.first()?;
        let until = forecasts.get(1).map_or(OPEN.1, |next| next.0.as_str());
        let mut days = other.days();
        days.sort();
        days.retain(|d| stated_on < d && d.as_str() < until && d.as_str() <= day);
        days.insert(0, stated_on.clone());
        let all: Vec<Bounds> = days.iter().map(|d| self.target(target, other, d)).collect();
        let dated = all.iter().find(|date| !is_unknown(date));
        Some(dated.unwrap_or(&all[0]).clone())
    }

    /// The status and the target, or `None` before anything was stated.
    pub fn on(&self, other: &Self, day: &str) -> Option<(&'static str, Option<Bounds>)> {
        let (forecasts, outcomes) = (
            known_by(&self.forecasts, day),
            known_by(&self.outcomes, day),
        );
        if forecasts.is_empty() && outcomes.is_empty() && !self.days().is_empty() {
            return None;
        }
        let target = forecasts.last().map(|f| self.target(&f.1, other, day));
        let last = standing_outcome(&outcomes);
        let status = match (last.map(|o| o.1.as_str()), &target) {
            (Some("met"), _) => {
                let on = &last.unwrap().0;
                match self.baseline(other, day) {
                    Some(baseline) if *on > baseline.1 => "met_late",
                    _ => "met",
                }
            }
            (Some("partially_met"), _) => "partially_met",
            (Some("cancelled"), _) => "cancelled",
            (Some("suspended"), _) => "suspended",
            (_, None) => "unknown",
            (_, Some(target)) if is_unknown(target) => "unknown",
            (_, Some(target)) if target.0.as_str() > day => "planned",
            (_, Some(target)) if target.1.as_str() < day => "overdue",
            _ => "due",
        };
        Some((status, target))
    }
}
