//! What other policies would demand of the agreements that are recorded. Nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::projection::{DutyDoc, Written, next_chunk, own_rows, rows, stored_of, stored_own};
use super::signing::lacking;
use super::types::Duty;
use crate::db::{AnyConnection, Json};
use crate::directory::holidays::holidays;
use crate::directory::names::names;
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{stored, stored_id};
use crate::ledger::RequestContext;
use crate::projections::policies::{self, Policy, RequiredFact};

/// What becomes of a duty under other policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyChange {
    /// It would be demanded, and is not now.
    Added,
    /// It is demanded now, and would not be.
    Removed,
    /// It would be due on another date.
    Moved,
}

/// A duty that other policies would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreviewedDuty {
    /// What becomes of it.
    pub change: DutyChange,
    /// The duty: as it would be, or as it is if it would be removed.
    pub duty: Duty,
}

/// What other policies would change.
#[derive(Default)]
pub struct Differences {
    /// Agreements to which they would apply.
    pub agreements: usize,
    /// The duties that are not fulfilled and would differ, by due date.
    pub duties: Vec<PreviewedDuty>,
    /// Facts that agreements lack which are not signed yet, with the number of these agreements.
    pub lacking: Vec<(RequiredFact, usize)>,
}

/// A change with the duty as it would be, or as it is.
type Changed = BTreeMap<String, (DutyChange, Written)>;

/// Compares the duties on a day with those that would be there if a municipality had other policies.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn differences(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    proposed: (OrganizationId, &[Policy]),
    day: NaiveDate,
) -> Result<Differences, ApiError> {
    let holidays = holidays(conn)?;
    let successions = Successions::load(conn)?;
    let line = successions.line(proposed.0);
    let governed = line.iter().flat_map(|(id, _)| successions.governed_by(*id));
    let governed: BTreeSet<OrganizationId> = governed.collect();
    let (mut all, mut changed) = (Differences::default(), Changed::new());
    let mut known: HashMap<OrganizationId, Vec<Policy>> = HashMap::new();
    let of_if = |conn: &mut AnyConnection, owner| policies::of_if(conn, owner, proposed);
    for owner in governed {
        let own = of_if(conn, owner)?;
        let new = own_rows(conn, cx, owner, (&own, &holidays))?;
        compare(stored_own(conn, owner)?, new, day, &mut changed);
        known.insert(owner, own);
        let text = owner.to_string();
        for shared in [false, true] {
            let mut after = String::new();
            loop {
                let place = (text.as_str(), shared, &mut after);
                let agreements = next_chunk(conn, cx, place, &mut known, of_if)?;
                if agreements.is_empty() {
                    break;
                }
                let of = |owner| known.get(&owner).map(Vec::as_slice).unwrap_or_default();
                let mut new = Vec::new();
                for (id, Json(doc)) in &agreements {
                    let rules = (&holidays, &successions);
                    new.extend(rows(cx, stored_id(id)?, doc, of, rules)?);
                    if !shared {
                        all.agreements += 1;
                        let lacking = lacking(doc, of(owner), day);
                        lacking.into_iter().for_each(|fact| all.count(fact));
                    }
                }
                compare(stored_of(conn, &agreements)?, new, day, &mut changed);
            }
        }
    }
    all.duties = shown(conn, changed, day)?;
    Ok(all)
}

impl Differences {
    fn count(&mut self, fact: RequiredFact) {
        match self.lacking.iter_mut().find(|(known, _)| *known == fact) {
            Some((_, count)) => *count += 1,
            None => self.lacking.push((fact, 1)),
        }
    }
}

/// Notes the duties that are open on a day under one of the policies, or are due on another date.
fn compare(old: Vec<Written>, new: Vec<Written>, day: NaiveDate, changed: &mut Changed) {
    let open = |rows: Vec<Written>| {
        let open = rows.into_iter().filter(|row| row.is_open_on(day));
        open.map(|row| (row.duty_id.clone(), row))
            .collect::<BTreeMap<_, _>>()
    };
    let mut old = open(old);
    for (id, row) in open(new) {
        let change = match old.remove(&id) {
            None => DutyChange::Added,
            Some(before) if before.sort_due != row.sort_due => DutyChange::Moved,
            Some(_) => continue,
        };
        changed.insert(id, (change, row));
    }
    let removed = old.into_iter();
    changed.extend(removed.map(|(id, row)| (id, (DutyChange::Removed, row))));
}

fn shown(
    conn: &mut AnyConnection,
    changed: Changed,
    day: NaiveDate,
) -> Result<Vec<PreviewedDuty>, ApiError> {
    let mut changed: Vec<(DutyChange, Written)> = changed.into_values().collect();
    changed.sort_by(|(_, a), (_, b)| (&a.sort_due, &a.duty_id).cmp(&(&b.sort_due, &b.duty_id)));
    let cities = changed
        .iter()
        .map(|(_, row)| stored_id(&row.municipality_id));
    let names = names(conn, cities.collect::<Result<BTreeSet<_>, _>>()?)?;
    let shown = changed.into_iter().map(|(change, row)| {
        let doc: DutyDoc = stored(&row.doc)?;
        let municipality = names.owner(stored_id(&row.municipality_id)?, day)?;
        let about = (doc.agreement, municipality);
        let duty = Duty::of(row.duty_id, doc.duty, about, row.department, day);
        Ok(PreviewedDuty { change, duty })
    });
    shown.collect()
}
