//! Succession of municipalities: who holds the records of one whose code was replaced.
//!
//! A record keeps the municipality that it was recorded for. Whoever reads it on a day follows the
//! recorded successions to the municipality that holds it on that day.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, directly, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{stored, stored_id, to_stored};

/// The succession of a municipality, as stored with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Succession {
    /// First day of the successors.
    pub on: NaiveDate,
    /// Its successors: several where its territory was split.
    pub successor_ids: Vec<OrganizationId>,
}

impl Succession {
    /// Serializes a succession for a column of its own.
    ///
    /// # Errors
    /// Fails if it cannot be written as JSON.
    pub fn to_column(succession: Option<&Self>) -> Result<Option<String>, ApiError> {
        succession.map(to_stored).transpose()
    }

    /// Returns the successor, if there is one alone.
    fn sole(&self) -> Option<OrganizationId> {
        match self.successor_ids.as_slice() {
            [sole] => Some(*sole),
            _ => None,
        }
    }
}

/// All recorded successions, by predecessor. They are few and form no cycles.
#[derive(Clone, Debug, Default)]
pub struct Successions(HashMap<OrganizationId, Succession>);

impl Successions {
    /// Loads the recorded successions, in one query.
    pub fn load(conn: &mut AnyConnection) -> Result<Self, ApiError> {
        let recorded = o::table.filter(o::succession.is_not_null());
        let recorded = recorded.select((o::id, o::succession));
        let rows: Vec<(String, Option<String>)> = directly!(conn, recorded, load)?;
        let rows = rows.into_iter().filter_map(|(id, text)| {
            let read = |text: String| Ok((stored_id(&id)?, stored(&text)?));
            text.map(read)
        });
        rows.collect::<Result<_, ApiError>>().map(Self)
    }

    /// Returns the succession of a municipality.
    pub fn of(&self, id: OrganizationId) -> Option<&Succession> {
        self.0.get(&id)
    }

    /// Returns the municipality that holds, on a day, what a municipality held before. What a
    /// municipality held whose territory was split stays with it: to whom a record passes follows
    /// from the territory that it concerns.
    pub fn owner(&self, id: OrganizationId, day: NaiveDate) -> OrganizationId {
        let mut owner = id;
        // A chain is no longer than the number of successions.
        for _ in 0..self.0.len() {
            let next = self.of(owner).filter(|next| next.on <= day);
            match next.and_then(Succession::sole) {
                Some(next) => owner = next,
                None => break,
            }
        }
        owner
    }

    /// Returns the day from which two municipalities are one by succession.
    pub fn one_from(&self, a: OrganizationId, b: OrganizationId) -> Option<NaiveDate> {
        let days: BTreeSet<NaiveDate> = self.0.values().map(|succession| succession.on).collect();
        let is_one = |day: &NaiveDate| self.owner(a, *day) == self.owner(b, *day);
        days.into_iter().find(is_one)
    }

    /// Returns the municipalities whose records one holds on a day: its own, and those of its
    /// predecessors. A municipality that was succeeded by one other answers as its successor.
    pub fn held_by(&self, id: OrganizationId, day: NaiveDate) -> BTreeSet<OrganizationId> {
        let mut held = BTreeSet::from([self.owner(id, day)]);
        loop {
            let known = held.len();
            let passed = self
                .0
                .iter()
                .filter(|(_, s)| s.on <= day && s.successor_ids.iter().any(|id| held.contains(id)));
            let passed: Vec<OrganizationId> = passed.map(|(id, _)| *id).collect();
            held.extend(passed);
            if held.len() == known {
                return held;
            }
        }
    }

    /// Returns the direct predecessors of a municipality, with its first day as their successor.
    pub fn predecessors(&self, id: OrganizationId) -> Vec<(OrganizationId, NaiveDate)> {
        let all = self.0.iter();
        let all = all.filter(|(_, succession)| succession.successor_ids.contains(&id));
        let mut all: Vec<_> = all.map(|(id, succession)| (*id, succession.on)).collect();
        all.sort();
        all
    }

    /// Returns the municipalities that continue each other, oldest first, each with its first day
    /// as a successor: the ordinances of one remain in force under the next until it makes its own.
    pub fn line(&self, id: OrganizationId) -> Vec<(OrganizationId, Option<NaiveDate>)> {
        let mut first = id;
        for _ in 0..self.0.len() {
            // Of several predecessors, each had ordinances for its own territory.
            let [(before, _)] = self.predecessors(first)[..] else {
                break;
            };
            if self.of(before).and_then(Succession::sole).is_none() {
                break;
            }
            first = before;
        }
        let mut line = vec![(first, None)];
        let mut last = first;
        for _ in 0..self.0.len() {
            let Some(succession) = self.of(last) else {
                break;
            };
            let Some(next) = succession.sole() else {
                break;
            };
            line.push((next, Some(succession.on)));
            last = next;
        }
        line
    }

    /// Returns the municipalities on whose records the policies of one bear: those in whose
    /// [`Self::line`] it is.
    pub fn governed_by(&self, id: OrganizationId) -> BTreeSet<OrganizationId> {
        let named = self.0.iter().flat_map(|(id, succession)| {
            let successors = succession.successor_ids.iter();
            successors.chain([id]).copied()
        });
        let all: BTreeSet<OrganizationId> = named.chain([id]).collect();
        let bears = |one: &OrganizationId| self.line(*one).iter().any(|(other, _)| *other == id);
        all.into_iter().filter(bears).collect()
    }

    /// Returns the municipalities that any of these lead to.
    pub fn reachable(
        &self,
        from: impl IntoIterator<Item = OrganizationId>,
    ) -> BTreeSet<OrganizationId> {
        let mut todo: Vec<OrganizationId> = from.into_iter().collect();
        let mut all = BTreeSet::new();
        while let Some(id) = todo.pop() {
            let next = self.of(id).into_iter();
            for next in next.flat_map(|succession| &succession.successor_ids) {
                if all.insert(*next) {
                    todo.push(*next);
                }
            }
        }
        all
    }
}

/// Returns the municipalities whose records the one in a list filter holds on a day. `None` without
/// a filter.
pub fn owners(
    conn: &mut AnyConnection,
    municipality: Option<OrganizationId>,
    day: NaiveDate,
) -> Result<Option<Vec<String>>, ApiError> {
    municipality
        .map(|id| {
            let held = Successions::load(conn)?.held_by(id, day);
            Ok(held.iter().map(OrganizationId::to_string).collect())
        })
        .transpose()
}

/// The municipalities whose records the one in a list filter holds on a day.
#[derive(Clone, Debug)]
pub struct Held {
    pub ids: Vec<String>,
    /// Whether they share agreements. Most municipalities share none, and their lists need no more
    /// than the owner's column.
    pub shares: bool,
}

/// The records in a list of municipalities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Those of which they are an owner.
    Any,
    /// Those that they own.
    Own,
    /// Those of other owners that they share.
    OfOthers,
}

impl Share {
    /// Returns the parts of a list, each of which is served by an index of its own.
    pub fn parts(held: Option<&Held>) -> &'static [Self] {
        match held {
            Some(held) if held.shares => &[Self::Own, Self::OfOthers],
            _ => &[Self::Any],
        }
    }
}

/// Returns the municipalities whose records one holds on a day, for lists of agreements and of what
/// belongs to them, which can have several municipalities.
pub fn held_of(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    day: NaiveDate,
) -> Result<Held, ApiError> {
    use crate::db::schema::agreement_owners as s;
    let ids = Successions::load(conn)?.held_by(municipality, day);
    let ids: Vec<String> = ids.iter().map(OrganizationId::to_string).collect();
    let shared = s::table.filter(in_list(s::municipality_id, &ids));
    let shared = shared.select(s::agreement_id).limit(1);
    let shares = shared.first::<String>(conn).optional()?.is_some();
    Ok(Held { ids, shares })
}

/// Like [`held_of`], for the municipality in a list filter. `None` without a filter.
pub fn held(
    conn: &mut AnyConnection,
    municipality: Option<OrganizationId>,
    day: NaiveDate,
) -> Result<Option<Held>, ApiError> {
    municipality.map(|id| held_of(conn, id, day)).transpose()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> OrganizationId {
        Uuid::from_u128(n).into()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn all(given: &[(u128, &str, &[u128])]) -> Successions {
        let of = given.iter().map(|(from, on, into)| {
            let successor_ids = into.iter().copied().map(id).collect();
            let on = day(on);
            (id(*from), Succession { on, successor_ids })
        });
        Successions(of.collect())
    }

    #[test]
    fn a_successor_holds_what_its_predecessor_held_from_its_first_day() {
        let known = all(&[(1, "2012-01-01", &[2]), (2, "2026-07-01", &[3])]);
        let (before, after) = (day("2026-06-30"), day("2026-07-01"));
        assert_eq!(known.owner(id(1), before), id(2));
        assert_eq!(known.owner(id(1), after), id(3));
        assert_eq!(known.held_by(id(3), after), [1, 2, 3].map(id).into());
        // The old id answers as the successor, and as itself on an earlier day.
        assert_eq!(known.held_by(id(1), after), [1, 2, 3].map(id).into());
        assert_eq!(known.held_by(id(2), before), [1, 2].map(id).into());
        assert_eq!(known.held_by(id(3), before), [3].map(id).into());
        let line: Vec<_> = known.line(id(2)).into_iter().map(|(id, _)| id).collect();
        assert_eq!(line, [1, 2, 3].map(id));
    }

    #[test]
    fn merged_and_split_territory() {
        let on = "2014-07-01";
        let merged = all(&[(1, on, &[3]), (2, on, &[3])]);
        assert_eq!(merged.held_by(id(3), day(on)), [1, 2, 3].map(id).into());
        assert_eq!(merged.one_from(id(1), id(2)), Some(day(on)));
        assert_eq!(merged.one_from(id(1), id(4)), None);
        assert_eq!(merged.line(id(3)), [(id(3), None)]);
        assert_eq!(merged.governed_by(id(3)), [1, 2, 3].map(id).into());
        assert_eq!(merged.line(id(1)), [(id(1), None), (id(3), Some(day(on)))]);
        let split = all(&[(1, on, &[2, 3])]);
        assert_eq!(split.owner(id(1), day(on)), id(1));
        assert_eq!(split.held_by(id(2), day(on)), [1, 2].map(id).into());
        assert_eq!(split.held_by(id(1), day(on)), [id(1)].into());
    }
}
