//! Groups of milestones derived from the agreements that serve their project: departments, parties
//! and topics.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::types::MilestoneGroup;
use crate::agreements::doc::Doc;
use crate::agreements::read;
use crate::db::schema::{agreement_projects as j, agreements as a};
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::ApiError;
use crate::ledger::{RequestContext, Scope};
use crate::statistics::agreements::known_on;
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
    let rows: Vec<(String, String, Json<Doc>)> = j::table
        .inner_join(a::table.on(a::id.eq(j::agreement_id)))
        .filter(in_list(j::project_id, projects.iter().copied()))
        .filter(Scope::of(&cx.caller, "agreements"))
        .order((j::project_id, j::agreement_id))
        .select((j::project_id, a::id, a::doc))
        .load(conn)?;
    let mut parties = HashMap::new();
    if by == Party {
        let ids: BTreeSet<String> = rows.iter().map(|(_, id, _)| id.clone()).collect();
        parties = read::parties_of(conn, &ids, day)?;
    }
    let mut groups = Groups::new();
    for (project, id, Json(mut doc)) in rows {
        let state = known_on(&mut doc, cx, day)?;
        if !state.is_some_and(|state| state.status.is_signed()) {
            continue;
        }
        let content = doc.content;
        let keys = match by {
            Party => by_parties(parties.get(&id)),
            Topic => by_topics(&content.topics),
            _ => {
                let department = content.lead_department.into_iter();
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
