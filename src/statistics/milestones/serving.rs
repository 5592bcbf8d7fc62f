//! What the agreements that serve a project say of its milestones: whose they are, with whom, on what.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::types::MilestoneGroup;
use crate::access::{Scope, scope};
use crate::agreements::doc::Doc;
use crate::agreements::read;
use crate::app::Cx;
use crate::db::schema::{agreement_projects as j, agreements as a};
use crate::db::{AnyConnection, among};
use crate::error::{ApiError, Code};
use crate::statistics::group::{GroupKey, by_topics, or_unknown};
use crate::values::stored;

/// The groups of each project, by its id.
pub type Groups = HashMap<String, Vec<GroupKey>>;

/// The groups of projects by the agreements that serve them and were signed by a day; none where they
/// are grouped otherwise.
///
/// # Errors
/// What the database says.
pub fn groups(
    conn: &mut AnyConnection,
    cx: &Cx,
    by: Option<MilestoneGroup>,
    day: chrono::NaiveDate,
    projects: &[String],
) -> Result<Groups, ApiError> {
    use MilestoneGroup::{Department, Party, Topic};
    let Some(by) = by.filter(|by| matches!(by, Department | Party | Topic)) else {
        return Ok(Groups::new());
    };
    let rows: Vec<(String, String, String)> = j::table
        .inner_join(a::table.on(a::id.eq(j::agreement_id)))
        .filter(among(j::project_id, projects))
        .filter(Scope::of(&cx.caller, &scope::AGREEMENTS))
        .order((j::project_id, j::agreement_id))
        .select((j::project_id, a::id, a::doc))
        .load(conn)?;
    let mut parties = HashMap::new();
    if by == Party {
        let ids: BTreeSet<String> = rows.iter().map(|(_, id, _)| id.clone()).collect();
        parties = read::parties_of(conn, &ids)?;
    }
    let mut groups = Groups::new();
    for (project, id, doc) in rows {
        let Some(doc) = signed_by(cx, stored(&doc)?, day)? else {
            continue;
        };
        let keys = match by {
            Party => {
                let parties = parties.get(&id).into_iter().flatten();
                parties.map(GroupKey::organization).collect()
            }
            Topic => by_topics(&doc.content.topics),
            _ => {
                let department = doc.content.lead_department;
                department
                    .map(|d| GroupKey::of(Some(d)))
                    .into_iter()
                    .collect()
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

/// The groups of one project.
pub fn of(groups: &Groups, project: &str) -> Vec<GroupKey> {
    or_unknown(groups.get(project).cloned().unwrap_or_default())
}

/// An agreement as it was known on a day, where it was signed by then.
fn signed_by(cx: &Cx, mut doc: Doc, day: chrono::NaiveDate) -> Result<Option<Doc>, ApiError> {
    let status = if day < cx.today {
        match read::back_to(&mut doc, cx, day) {
            Err(error) if error.code == Code::NotFound => return Ok(None),
            known => known?,
        }
    } else {
        doc.status()
    };
    Ok(status.is_signed().then_some(doc))
}
