//! The facts of a project on a day, from what was stated about it. Pure: the day is an argument.
//!
//! - A fact with statements is, as of a past day, what the latest of them by then states, and unknown
//!   before the first. A statement of an unknown day is the latest only without a dated one.
//! - A fact without statements was stated on an unknown day. It counts from the last day of what is
//!   dated and can have stated it, which are the sources of the project and its notices (고시:
//!   `zone_designation`, `development_plan`, `plan_approval` and `plan_amendment` that were met), but
//!   at the latest from the day on which it was recorded. Before that it is unknown.
//! - A project always has a title: where none was stated by the day, the present one.

use chrono::NaiveDate;

use super::types::{ProjectStatement, ProjectStatementContent, RecordedDays};
use crate::kernel::ids::StatementId;
use crate::kernel::values::Localized;
use crate::projects::funding::{LatestProgress, ProgressFigure};
use crate::projects::milestones::rules::in_order;
use crate::projects::types::ProjectContent;

/// Returns a fact unless it is empty, which means that it is unknown.
pub(super) fn known<T: Default + PartialEq>(fact: &T) -> Option<&T> {
    Some(fact).filter(|fact| **fact != T::default())
}

/// Whether the day of a statement has a beginning, so that the order in which others were made is known.
pub(super) fn has_beginning(statement: &ProjectStatement) -> bool {
    statement.content.stated_on.earliest().is_some()
}

/// Returns the statements that count and concern a fact, by day, with what they state. Those that can
/// have been made on any day until one come first: they put no dated one out of date.
pub(super) fn of_fact<'a, T: 'a>(
    statements: &'a [ProjectStatement],
    fact: impl Fn(&'a ProjectStatementContent) -> Option<&'a T>,
) -> impl Iterator<Item = (&'a ProjectStatement, &'a T)> {
    let counting = in_order(statements, |s| &s.content.stated_on);
    let counting = counting.filter(|s| s.retraction.is_none());
    let (dated, others): (Vec<_>, Vec<_>) = counting.partition(|s| has_beginning(s));
    let all = others.into_iter().chain(dated);
    all.filter_map(move |s| Some((s, fact(&s.content)?)))
}

/// Returns the latest figure of each measure of progress, of the project and of each phase.
pub fn progress(statements: &[ProjectStatement], past: Option<NaiveDate>) -> Vec<LatestProgress> {
    let mut latest: Vec<LatestProgress> = Vec::new();
    for (statement, all) in of_fact(statements, |s| known(&s.progress)) {
        let stated_on = &statement.content.stated_on;
        if !past.is_none_or(|day| stated_on.known_by(day)) {
            continue;
        }
        for progress in all {
            let of = |one: &ProgressFigure| (one.measure, one.name.clone(), one.phase.clone());
            latest.retain(|before| of(&before.progress) != of(progress));
            latest.push(LatestProgress {
                progress: progress.clone(),
                stated_on: stated_on.clone(),
                statement_id: statement.id,
            });
        }
    }
    latest
}

/// Returns the day from which undated facts count as stated: the last of the dated sources and
/// notices. `None` if nothing of these is dated.
pub fn dated_since(content: &ProjectContent, notices: &[NaiveDate]) -> Option<NaiveDate> {
    let published = content.sources.iter();
    let published = published.filter_map(|source| source.published_on.as_ref()?.latest());
    published.chain(notices.iter().copied()).max()
}

/// Returns the title that was stated last by a day.
pub fn title_on(statements: &[ProjectStatement], day: NaiveDate) -> Option<&Localized> {
    let titles = of_fact(statements, |s| s.title.as_ref());
    let known = titles.filter(|(s, _)| s.content.stated_on.known_by(day));
    known.last().map(|(_, title)| title)
}

/// Replaces the present facts by those of a past day.
pub fn as_of(
    content: &mut ProjectContent,
    statements: &[ProjectStatement],
    recorded: RecordedDays,
    notices: &[NaiveDate],
    day: NaiveDate,
) {
    let since = dated_since(content, notices);
    let counts = |recorded: Option<NaiveDate>| {
        let since = since.into_iter().chain(recorded).min();
        since.is_some_and(|since| since <= day)
    };
    if let Some(title) = title_on(statements, day) {
        content.title = title.clone();
    }
    then(
        &mut content.area,
        statements,
        |s| &s.area,
        counts(recorded.area),
        day,
    );
    then(
        &mut content.budget,
        statements,
        |s| &s.budget,
        counts(recorded.budget),
        day,
    );
    then(
        &mut content.funding,
        statements,
        |s| &s.funding,
        counts(recorded.funding),
        day,
    );
    let recorded_by = counts(recorded.implementers);
    then(
        &mut content.implementers,
        statements,
        |s| &s.implementers,
        recorded_by,
        day,
    );
    if !counts(recorded.phases) {
        for phase in &mut content.phases {
            (phase.area, phase.budget) = (None, None);
            phase.implementers.clear();
        }
    }
}

/// Replaces a present fact by that of a past day. `counts` tells whether a fact without statements
/// counts as stated by then.
fn then<T: Clone + Default + PartialEq>(
    present: &mut T,
    statements: &[ProjectStatement],
    fact: impl Fn(&ProjectStatementContent) -> &T,
    counts: bool,
    day: NaiveDate,
) {
    let mut stated = of_fact(statements, |s| known(fact(s))).peekable();
    if stated.peek().is_none() && counts {
        return;
    }
    let by_then = stated.filter(|(statement, _)| statement.content.stated_on.known_by(day));
    *present = by_then
        .last()
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
}

/// Fills in the present facts that are not given from the latest statements.
pub fn fill(content: &mut ProjectContent, statements: &[ProjectStatement]) {
    fn fill<T: Clone + Default + PartialEq>(
        present: &mut T,
        statements: &[ProjectStatement],
        fact: impl Fn(&ProjectStatementContent) -> &T,
    ) {
        if known(present).is_none() {
            *present = latest(statements, |s| known(fact(s))).map_or_else(T::default, |(_, is)| is);
        }
    }
    fill(&mut content.area, statements, |s| &s.area);
    fill(&mut content.budget, statements, |s| &s.budget);
    fill(&mut content.funding, statements, |s| &s.funding);
    fill(&mut content.implementers, statements, |s| &s.implementers);
}

fn latest<'a, T: Clone + 'a>(
    statements: &'a [ProjectStatement],
    fact: impl Fn(&'a ProjectStatementContent) -> Option<&'a T>,
) -> Option<(StatementId, T)> {
    let last = of_fact(statements, fact).last();
    last.map(|(statement, value)| (statement.id, value.clone()))
}

/// Makes a new statement the present view, for each fact of which it is the latest.
pub fn adopt(content: &mut ProjectContent, statements: &[ProjectStatement], new: StatementId) {
    fn adopt<T>(present: &mut T, latest: Option<(StatementId, T)>, new: StatementId) {
        if let Some((_, value)) = latest.filter(|(id, _)| *id == new) {
            *present = value;
        }
    }
    adopt(
        &mut content.title,
        latest(statements, |s| s.title.as_ref()),
        new,
    );
    adopt(
        &mut content.area,
        latest(statements, |s| known(&s.area)),
        new,
    );
    adopt(
        &mut content.budget,
        latest(statements, |s| known(&s.budget)),
        new,
    );
    adopt(
        &mut content.funding,
        latest(statements, |s| known(&s.funding)),
        new,
    );
    let implementers = latest(statements, |s| known(&s.implementers));
    adopt(&mut content.implementers, implementers, new);
}

/// Removes what a retracted statement states from the present view: the latest statement that is
/// left applies, or none. A title stays if no other was stated.
pub fn abandon(
    content: &mut ProjectContent,
    statements: &[ProjectStatement],
    retracted: &ProjectStatementContent,
) {
    fn abandon<T: Clone + Default + PartialEq>(
        present: &mut T,
        retracted: &T,
        statements: &[ProjectStatement],
        fact: impl Fn(&ProjectStatementContent) -> &T,
    ) {
        if known(retracted) == Some(present) {
            *present = latest(statements, |s| known(fact(s))).map_or_else(T::default, |(_, is)| is);
        }
    }
    if retracted.title.as_ref() == Some(&content.title)
        && let Some((_, title)) = latest(statements, |s| s.title.as_ref())
    {
        content.title = title;
    }
    abandon(&mut content.area, &retracted.area, statements, |s| &s.area);
    abandon(&mut content.budget, &retracted.budget, statements, |s| {
        &s.budget
    });
    abandon(&mut content.funding, &retracted.funding, statements, |s| {
        &s.funding
    });
    let was = &retracted.implementers;
    abandon(&mut content.implementers, was, statements, |s| {
        &s.implementers
    });
}

impl RecordedDays {
    /// Notes `day` for each fact that changed.
    pub fn note(&mut self, before: Option<&ProjectContent>, now: &ProjectContent, day: NaiveDate) {
        if before.is_none_or(|before| before.area != now.area) {
            self.area = now.area.as_ref().map(|_| day);
        }
        if before.is_none_or(|before| before.budget != now.budget) {
            self.budget = now.budget.as_ref().map(|_| day);
        }
        if before.is_none_or(|before| before.funding != now.funding) {
            self.funding = (!now.funding.is_empty()).then_some(day);
        }
        if before.is_none_or(|before| before.implementers != now.implementers) {
            self.implementers = (!now.implementers.is_empty()).then_some(day);
        }
        if before.is_none_or(|before| before.phases != now.phases) {
            self.phases = (!now.phases.is_empty()).then_some(day);
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
