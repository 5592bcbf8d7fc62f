//! Changes of a project's facts from statement to statement. Pure.

use chrono::NaiveDate;

use super::rules::{has_beginning, known, of_fact};
use super::types::{
    FactDirection, ProjectFact, ProjectStatement, ProjectStatementContent, StatedChange,
};
use crate::kernel::values::{Area, Localized, Money};
use crate::projects::funding::Funding;
use crate::projects::types::Implementer;

/// A change of one fact: its direction, and its figures where they are single.
type Change = (FactDirection, Option<(f64, f64)>);

/// Returns the changes that statements made by a day, in the order of the statements. Statements
/// that repeat, narrow or widen the one before changed nothing for certain.
pub fn changes(statements: &[ProjectStatement], day: Option<NaiveDate>) -> Vec<StatedChange> {
    let mut all = Vec::new();
    all.extend(of(
        statements,
        ProjectFact::Title,
        |s| s.title.as_ref(),
        title,
    ));
    all.extend(of(statements, ProjectFact::Area, |s| s.area.as_ref(), area));
    all.extend(of(
        statements,
        ProjectFact::Budget,
        |s| s.budget.as_ref(),
        budget,
    ));
    all.extend(of(
        statements,
        ProjectFact::Funding,
        |s| known(&s.funding),
        |was, became| funding(was, became),
    ));
    all.extend(of(
        statements,
        ProjectFact::Implementers,
        |s| known(&s.implementers),
        |was, became| implementers(was, became),
    ));
    all.retain(|change| day.is_none_or(|day| change.stated_on.known_by(day)));
    all.sort_by_cached_key(|change| change.stated_on.sort_key());
    all
}

fn of<'a, T: 'a>(
    statements: &'a [ProjectStatement],
    fact: ProjectFact,
    value: impl Fn(&'a ProjectStatementContent) -> Option<&'a T>,
    changed: impl Fn(&T, &T) -> Option<Change>,
) -> Vec<StatedChange> {
    let stated: Vec<(&ProjectStatement, &T)> = of_fact(statements, value).collect();
    let changes = stated.windows(2).filter_map(|pair| {
        let [(previous, was), (statement, became)] = pair else {
            return None;
        };
        // Nobody knows which of them was made first.
        if !has_beginning(previous) {
            return None;
        }
        let (direction, figures) = changed(was, became)?;
        let percent = |(was, became): (f64, f64)| {
            (was > 0.0).then(|| ((became - was) / was * 10_000.0).round() / 100.0)
        };
        Some(StatedChange {
            fact,
            statement_id: statement.id,
            previous_statement_id: previous.id,
            stated_on: statement.content.stated_on.clone(),
            direction,
            was: figures.map(|(was, _)| was),
            became: figures.map(|(_, became)| became),
            percent: figures.and_then(percent),
        })
    });
    changes.collect()
}

/// Titles are compared in the languages that both have.
fn title(was: &Localized, became: &Localized) -> Option<Change> {
    let differs =
        |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
    let changed = differs(&was.ko, &became.ko) || differs(&was.en, &became.en);
    changed.then_some((FactDirection::Changed, None))
}

fn area(was: &Area, became: &Area) -> Option<Change> {
    let range = |a: &Area| [a.square_metres, a.min_square_metres, a.max_square_metres];
    amount(range(was), range(became))
}

fn budget(was: &Money, became: &Money) -> Option<Change> {
    let range = |m: &Money| {
        let all = [m.amount, m.min_amount, m.max_amount];
        all.map(|amount| amount.map(|amount| amount as f64))
    };
    match (&was.currency, &became.currency) {
        (Some(a), Some(b)) if a != b => Some((FactDirection::Changed, None)),
        _ => amount(range(was), range(became)),
    }
}

/// Compares two quantities, each as one figure and the ends of a range. Ranges that share a value
/// have not certainly changed, and of words alone nothing is known.
fn amount(was: [Option<f64>; 3], became: [Option<f64>; 3]) -> Option<Change> {
    let ends = |[one, min, max]: [Option<f64>; 3]| {
        [one, min, max].iter().any(Option::is_some).then(|| {
            (
                one.or(min).unwrap_or(f64::NEG_INFINITY),
                one.or(max).unwrap_or(f64::INFINITY),
            )
        })
    };
    let ((was_min, was_max), (min, max)) = (ends(was)?, ends(became)?);
    let direction = if min > was_max {
        FactDirection::Increased
    } else if max < was_min {
        FactDirection::Decreased
    } else {
        return None;
    };
    Some((direction, was[0].zip(became[0])))
}

/// Funding changed if other parts are named, or if the amount of one certainly differs.
fn funding(was: &[Funding], became: &[Funding]) -> Option<Change> {
    let repeated = |one: &Funding| {
        let before = was
            .iter()
            .find(|part| part.origin == one.origin && part.note == one.note);
        before.is_some_and(|before| budget(&before.amount, &one.amount).is_none())
    };
    let unchanged = was.len() == became.len() && became.iter().all(repeated);
    (!unchanged).then_some((FactDirection::Changed, None))
}

/// Implementers changed if others are named, or if a known share differs.
fn implementers(was: &[Implementer], became: &[Implementer]) -> Option<Change> {
    let same = |a: &Implementer, b: &Implementer| a.organization_id == b.organization_id;
    let shared = |one: &Implementer| {
        let before = was.iter().find(|before| same(before, one));
        before.is_some_and(|before| match (before.share_percent, one.share_percent) {
            (Some(before), Some(now)) => (before - now).abs() < 1e-9,
            _ => true,
        })
    };
    let unchanged = was.len() == became.len() && became.iter().all(shared);
    (!unchanged).then_some((FactDirection::Changed, None))
}
