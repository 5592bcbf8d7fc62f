//! Groups of milestones derived from the agreements that serve their project: departments, parties
//! and topics.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::types::MilestoneGroup;
use crate::agreements::{figures, read};
use crate::db::schema::{agreement_projects as j, agreements as a};
use crate::db::{AnyConnection, in_list};
use crate::kernel::error::ApiError;
use crate::ledger::{RequestContext, Scope};
use crate::statistics::group::{GroupKey, by_parties, by_topics, or_unknown};

/// Groups by project id.
pub type Groups = HashMap<String, Vec<GroupKey>>;

/// Returns the groups of projects, from the agreements that serve them and were signed by `day`.
/// Empty for groupings that do not depend on agreements.
pub fn groups(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    by: Option<MilestoneGroup>,
    day: chrono::NaiveDate,
    projects: &[&String],
) -> Result<Groups, ApiError> {
    use MilestoneGroup::{Department, Party, Topic};
    let Some(by) = by.filter(|by| matches!(by, Department | Party | Topic)) else {
        return Ok(Groups::new());
    };
    let rows: Vec<(String, String)> = j::table
        .inner_join(a::table.on(a::id.eq(j::agreement_id)))
        .filter(in_list(j::project_id, projects.iter().copied()))
        .filter(Scope::of(&cx.caller, "agreements"))
        .order((j::project_id, j::agreement_id))
        .select((j::project_id, a::id))
        .load(conn)?;
    let ids: BTreeSet<String> = rows.iter().map(|(_, id)| id.clone()).collect();
    let mut parties = HashMap::new();
    if by == Party {
        parties = read::parties_of(conn, &ids, day)?;
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let facts: HashMap<String, _> = figures::load(conn, cx, &ids, day)?.into_iter().collect();
    let mut groups = Groups::new();
    for (project, id) in rows {
        let Some(facts) = facts.get(&id) else {
            continue;
        };
        let state = facts.state_on(cx, day);
        if !state.is_some_and(|state| state.status.is_signed()) {
            continue;
        }
        let keys = match by {
            Party => by_parties(parties.get(&id)),
            Topic => by_topics(&facts.topics),
            _ => {
                let department = facts.department.clone().into_iter();
                department.map(|d| GroupKey::of(Some(d))).collect()
            }
        };
        let all: &mut Vec<GroupKey> = groups.entry(project).or_default();
        for key in keys {
            if !all.contains(&key) {
                all.push(key);
            }
        }
    }
    Ok(groups)
}

/// Returns the groups of one project.
pub fn of(groups: &Groups, project: &str) -> Vec<GroupKey> {
    or_unknown(groups.get(project).cloned().unwrap_or_default())
}
