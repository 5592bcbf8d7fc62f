//! Policies in the database: a column of their municipality.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Policy;
use crate::db::{AnyConnection, in_list};
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{stored, stored_id, to_stored};

/// Serializes the policies for a column of their own: reads of agreements need nothing else of the
/// document. `None` if there are none.
///
/// # Errors
/// Fails if the policies cannot be written as JSON.
pub fn to_column(policies: &[Policy]) -> Result<Option<String>, ApiError> {
    let some = (!policies.is_empty()).then_some(&policies);
    some.map(to_stored).transpose()
}

/// Reads the output of [`to_column`].
///
/// # Errors
/// Fails if the text has another form.
fn from_column(text: Option<&str>) -> Result<Vec<Policy>, ApiError> {
    text.map_or_else(|| Ok(Vec::new()), stored)
}

/// Returns the policies on the records of a municipality, locked until the transaction ends, since
/// data derived from them is written in it. Includes those of the municipalities that it continues
/// and of those that continue it. Empty for an organization that is no municipality.
pub fn locked(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
) -> Result<Vec<Policy>, ApiError> {
    use crate::db::schema::organizations as o;
    let mut all = Vec::new();
    for (id, since) in Successions::load(conn)?.line(municipality) {
        let query = o::table.find(id.to_string()).select(o::policies);
        let stored: Option<Option<String>> = match conn {
            AnyConnection::Sqlite(conn) => query.first(conn),
            AnyConnection::Postgres(conn) => query.for_share().first(conn),
        }
        .optional()?;
        all = continued(all, from_column(stored.flatten().as_deref())?, since);
    }
    Ok(all)
}

/// Like [`locked`], but for reading.
pub fn of(conn: &mut AnyConnection, municipality: OrganizationId) -> Result<Vec<Policy>, ApiError> {
    let mut found = of_all(conn, [municipality])?;
    Ok(found.remove(&municipality).unwrap_or_default())
}

/// Like [`of`], as if one municipality had other policies than it has.
pub fn of_if(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    changed: (OrganizationId, &[Policy]),
) -> Result<Vec<Policy>, ApiError> {
    let mut found = all_if(conn, [municipality], Some(changed))?;
    Ok(found.remove(&municipality).unwrap_or_default())
}

/// Like [`of`], but for several municipalities at once. Leaves out those without policies.
pub fn of_all(
    conn: &mut AnyConnection,
    municipalities: impl IntoIterator<Item = OrganizationId>,
) -> Result<HashMap<OrganizationId, Vec<Policy>>, ApiError> {
    all_if(conn, municipalities, None)
}

fn all_if(
    conn: &mut AnyConnection,
    municipalities: impl IntoIterator<Item = OrganizationId>,
    changed: Option<(OrganizationId, &[Policy])>,
) -> Result<HashMap<OrganizationId, Vec<Policy>>, ApiError> {
    use crate::db::schema::organizations as o;
    let wanted: BTreeSet<OrganizationId> = municipalities.into_iter().collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let successions = Successions::load(conn)?;
    let lines: Vec<_> = wanted
        .into_iter()
        .map(|id| (id, successions.line(id)))
        .collect();
    let ids: BTreeSet<String> = lines
        .iter()
        .flat_map(|(_, line)| line.iter().map(|(id, _)| id.to_string()))
        .collect();
    let rows: Vec<(String, Option<String>)> = o::table
        .filter(in_list(o::id, ids))
        .filter(o::policies.is_not_null())
        .select((o::id, o::policies))
        .load(conn)?;
    let own = rows
        .into_iter()
        .map(|(id, text)| Ok((stored_id(&id)?, from_column(text.as_deref())?)));
    let mut own: HashMap<OrganizationId, Vec<Policy>> = own.collect::<Result<_, ApiError>>()?;
    own.extend(changed.map(|(id, policies)| (id, policies.to_vec())));
    let all = lines.into_iter().map(|(id, line)| {
        let line = line.into_iter().fold(Vec::new(), |all, (id, since)| {
            continued(all, own.get(&id).cloned().unwrap_or_default(), since)
        });
        (id, line)
    });
    Ok(all.filter(|(_, policies)| !policies.is_empty()).collect())
}

/// Like [`of_all`], for all municipalities.
pub fn all(conn: &mut AnyConnection) -> Result<HashMap<OrganizationId, Vec<Policy>>, ApiError> {
    use crate::db::schema::organizations as o;
    let rows: Vec<String> = o::table
        .filter(o::policies.is_not_null())
        .select(o::id)
        .load(conn)?;
    let successions = Successions::load(conn)?;
    let mut ids = BTreeSet::new();
    for id in rows {
        ids.extend(successions.governed_by(stored_id(&id)?));
    }
    of_all(conn, ids)
}

/// Like [`all`], but locked until the transaction ends, since data derived from them is written in it.
pub fn all_locked(
    conn: &mut AnyConnection,
) -> Result<HashMap<OrganizationId, Vec<Policy>>, ApiError> {
    use crate::db::schema::organizations as o;
    if let AnyConnection::Postgres(conn) = conn {
        let query = o::table.filter(o::policies.is_not_null()).order(o::id);
        let _: Vec<String> = query.select(o::id).for_no_key_update().load(conn)?;
    }
    all(conn)
}

/// Returns the policies of a municipality and of the one that continues it from a day: those of the
/// first remain in force until the other has its own (지방자치법 제31조).
fn continued(before: Vec<Policy>, after: Vec<Policy>, since: Option<NaiveDate>) -> Vec<Policy> {
    let Some(since) = since else {
        return after;
    };
    let mut after = after;
    after.retain(|policy| policy.valid_until.is_none_or(|until| until >= since));
    for policy in &mut after {
        policy.valid_from = policy.valid_from.max(Some(since));
    }
    let mut before = before;
    if let Some(first) = after.iter().filter_map(|policy| policy.valid_from).min() {
        before.retain(|policy| policy.valid_from.is_none_or(|from| from < first));
        let last = first.pred_opt();
        for policy in &mut before {
            policy.valid_until = match policy.valid_until {
                Some(until) => Some(until).min(last),
                None => last,
            };
        }
    }
    [before, after].concat()
}

#[cfg(test)]
mod tests {
    use super::super::check_no_overlap;
    use super::super::tests::policy;
    use super::*;

    #[test]
    fn ordinances_remain_until_the_successor_makes_its_own() {
        let day = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        let old = vec![policy(Some("2016-01-01"), None)];
        let since = day("2026-07-01");
        assert_eq!(continued(old.clone(), Vec::new(), since), old);
        let new = vec![policy(Some("2026-10-01"), None)];
        let both = continued(old.clone(), new.clone(), since);
        assert_eq!(both[0].valid_until, day("2026-09-30"));
        assert_eq!(both[1], new[0]);
        // A policy counts for the records of the predecessor from the first day of the successor.
        let both = continued(old.clone(), vec![policy(None, None)], since);
        assert_eq!(both[0].valid_until, day("2026-06-30"));
        assert_eq!(both[1].valid_from, since);
        assert!(check_no_overlap(&both).is_ok());
    }
}
