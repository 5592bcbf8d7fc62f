//! The parts of a timeline that an index serves each: a type, a kind or a phase that few entries have
//! is found without passing all the others.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::handlers::TimelineFilter;
use super::store::Query;
use crate::db::schema::timeline_entries as t;
use crate::kernel::values::to_db;
use crate::projections::timeline_entry::{EntryKind, EntryType, LAST_DAY, Phase, TimelineStatus};

/// The column by which the entries of a part are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// The date, or the municipality, project or organization of the filter.
    Rest,
    Type(EntryType),
    Kind(EntryKind),
    Phase(Phase),
}

/// Maximum number of parts: each is a query.
const MAX_PARTS: usize = 4;

/// Returns the phase that entries of a status have.
pub(super) fn phase_of(status: TimelineStatus) -> Phase {
    match status {
        TimelineStatus::Planned | TimelineStatus::Due | TimelineStatus::Overdue => Phase::Open,
        TimelineStatus::PartiallyMet => Phase::PartiallyMet,
        TimelineStatus::Met => Phase::Met,
        TimelineStatus::MetLate => Phase::MetLate,
        TimelineStatus::Failed => Phase::Failed,
        TimelineStatus::Suspended => Phase::Suspended,
        TimelineStatus::Cancelled => Phase::Cancelled,
        TimelineStatus::Unknown => Phase::Unknown,
    }
}

/// Returns the parts of a timeline, which have no entry in common. What a filter by municipality,
/// project or organization leaves is few as it is.
pub(super) fn parts(filter: &TimelineFilter) -> Vec<By> {
    let few = filter.municipality_id.is_some()
        || filter.project_id.is_some()
        || filter.organization_id.is_some()
        || filter.only.is_some();
    let kinds = distinct(filter.kinds.as_deref().unwrap_or_default().iter().copied());
    let types = distinct(filter.types.as_deref().unwrap_or_default().iter().copied());
    let statuses = filter.status.as_deref().unwrap_or_default().iter();
    let phases = distinct(statuses.map(|status| phase_of(*status)));
    let choices: [Vec<By>; 3] = [
        kinds.into_iter().map(By::Kind).collect(),
        types.into_iter().map(By::Type).collect(),
        phases.into_iter().map(By::Phase).collect(),
    ];
    let mut usable = choices
        .into_iter()
        .filter(|all| (1..=MAX_PARTS).contains(&all.len()));
    usable
        .next()
        .filter(|_| !few)
        .unwrap_or_else(|| vec![By::Rest])
}

fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut all, value| {
        if !all.contains(&value) {
            all.push(value);
        }
        all
    })
}

/// Restricts a query to one part.
pub(super) fn by_index<'a>(
    query: Query<'a>,
    filter: &TimelineFilter,
    by: By,
    day: NaiveDate,
) -> Query<'a> {
    match by {
        By::Rest => query,
        By::Type(type_) => query.filter(t::type_.eq(type_.as_str())),
        By::Kind(kind) => query.filter(t::kind.eq(to_db(&kind))),
        By::Phase(phase) => {
            let query = query.filter(t::phase.eq(phase.as_str()));
            match filter.status.as_deref() {
                Some([status]) if day <= LAST_DAY => within(query, *status, day),
                _ => query,
            }
        }
    }
}

/// Adds the bound of the sort key that follows from a status: the date of an open entry is its target,
/// and the key begins with the last day of it.
fn within(query: Query<'_>, status: TimelineStatus, day: NaiveDate) -> Query<'_> {
    let day = day.to_string();
    match status {
        TimelineStatus::Overdue => query.filter(t::sort_when.lt(day)),
        TimelineStatus::Planned | TimelineStatus::Due => query.filter(t::sort_when.ge(day)),
        _ => query,
    }
}
