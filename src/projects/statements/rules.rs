//! The facts of a project on a day, from what was stated about it. Pure: the day is an argument.
//!
//! - A fact with statements is, as of a past day, what the latest of them by then states, and unknown
//!   before the first.
//! - A fact without statements was stated on an unknown day. It counts from the last day of what is
//!   dated and can have stated it, which are the sources of the project and its notices (고시:
//!   `zone_designation`, `development_plan`, `plan_approval` and `plan_amendment` that were met), but
//!   at the latest from the day on which it was recorded. Before that it is unknown.
//! - A project always has a title: where none was stated by the day, the present one.

use chrono::NaiveDate;

use super::types::{ProjectStatement, ProjectStatementContent, RecordedDays};
use crate::kernel::ids::StatementId;
use crate::projects::milestones::rules::in_order;
use crate::projects::types::ProjectContent;

/// What counted statements say of a fact by a day.
enum Stated<'a, T> {
    /// No statement concerns it.
    Never,
    /// The first statement of it is later.
    Later,
    By(&'a T),
}

/// Returns the statements that count and concern a fact, by day, with what they state.
pub(super) fn of_fact<'a, T: 'a>(
    statements: &'a [ProjectStatement],
    fact: impl Fn(&'a ProjectStatementContent) -> Option<&'a T>,
) -> impl Iterator<Item = (&'a ProjectStatement, &'a T)> {
    in_order(statements, |s| &s.content.stated_on)
        .filter(|s| s.retraction.is_none())
        .filter_map(move |s| Some((s, fact(&s.content)?)))
}

fn stated<'a, T: 'a>(
    statements: &'a [ProjectStatement],
    fact: impl Fn(&'a ProjectStatementContent) -> Option<&'a T>,
    day: NaiveDate,
) -> Stated<'a, T> {
    let mut found = Stated::Never;
    for (statement, value) in of_fact(statements, fact) {
        if statement.content.stated_on.known_by(day) {
            found = Stated::By(value);
        } else if matches!(found, Stated::Never) {
            found = Stated::Later;
        }
    }
    found
}

/// Returns the day from which undated facts count as stated: the last of the dated sources and
/// notices. `None` if nothing of these is dated.
pub fn dated_since(content: &ProjectContent, notices: &[NaiveDate]) -> Option<NaiveDate> {
    let published = content.sources.iter();
    let published = published.filter_map(|source| source.published_on.as_ref()?.latest());
    published.chain(notices.iter().copied()).max()
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
    let known = |recorded: Option<NaiveDate>| {
        let since = since.into_iter().chain(recorded).min();
        since.is_some_and(|since| since <= day)
    };
    if let Stated::By(title) = stated(statements, |s| s.title.as_ref(), day) {
        content.title = title.clone();
    }
    content.area = match stated(statements, |s| s.area.as_ref(), day) {
        Stated::By(area) => Some(area.clone()),
        Stated::Later => None,
        Stated::Never => content.area.take().filter(|_| known(recorded.area)),
    };
    content.budget = match stated(statements, |s| s.budget.as_ref(), day) {
        Stated::By(budget) => Some(budget.clone()),
        Stated::Later => None,
        Stated::Never => content.budget.take().filter(|_| known(recorded.budget)),
    };
    match stated(statements, |s| s.stated_implementers(), day) {
        Stated::By(implementers) => content.implementers.clone_from(implementers),
        Stated::Never if known(recorded.implementers) => {}
        Stated::Never | Stated::Later => content.implementers.clear(),
    }
    if !known(recorded.phases) {
        for phase in &mut content.phases {
            (phase.area, phase.budget) = (None, None);
            phase.implementers.clear();
        }
    }
}

/// Fills in the present facts that are not given from the latest statements.
pub fn fill(content: &mut ProjectContent, statements: &[ProjectStatement]) {
    if content.area.is_none() {
        content.area = latest(statements, |s| s.area.as_ref()).map(|(_, area)| area);
    }
    if content.budget.is_none() {
        content.budget = latest(statements, |s| s.budget.as_ref()).map(|(_, budget)| budget);
    }
    if content.implementers.is_empty() {
        let latest = latest(statements, |s| s.stated_implementers());
        content.implementers = latest.map(|(_, all)| all).unwrap_or_default();
    }
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
    if let Some((id, title)) = latest(statements, |s| s.title.as_ref())
        && id == new
    {
        content.title = title;
    }
    if let Some((id, area)) = latest(statements, |s| s.area.as_ref())
        && id == new
    {
        content.area = Some(area);
    }
    if let Some((id, budget)) = latest(statements, |s| s.budget.as_ref())
        && id == new
    {
        content.budget = Some(budget);
    }
    if let Some((id, implementers)) = latest(statements, |s| s.stated_implementers())
        && id == new
    {
        content.implementers = implementers;
    }
}

/// Removes what a retracted statement states from the present view: the latest statement that is
/// left applies, or none. A title stays if no other was stated.
pub fn abandon(
    content: &mut ProjectContent,
    statements: &[ProjectStatement],
    retracted: &ProjectStatementContent,
) {
    if retracted.title.as_ref() == Some(&content.title)
        && let Some((_, title)) = latest(statements, |s| s.title.as_ref())
    {
        content.title = title;
    }
    if retracted.area.is_some() && retracted.area == content.area {
        content.area = latest(statements, |s| s.area.as_ref()).map(|(_, area)| area);
    }
    if retracted.budget.is_some() && retracted.budget == content.budget {
        content.budget = latest(statements, |s| s.budget.as_ref()).map(|(_, budget)| budget);
    }
    if retracted.stated_implementers() == Some(&content.implementers) {
        let latest = latest(statements, |s| s.stated_implementers());
        content.implementers = latest.map(|(_, all)| all).unwrap_or_default();
    }
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
