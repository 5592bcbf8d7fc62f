//! Presents a change to a caller: as a patch of the record in the API's form, and in words.

use std::collections::{BTreeSet, HashSet};
use std::str::FromStr;

use chrono::NaiveDateTime;
use json_patch::PatchOperation;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::types::{PatchOp, PatchStep};
use crate::agreements::read as agreements;
use crate::agreements::types::AgreementStatus;
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MilestoneId, ProjectId};
use crate::kernel::language::Message;
use crate::kernel::member_names::member_name as member;
use crate::kernel::values::Localized;
use crate::kernel::words::Word;
use crate::ledger::RequestContext;
use crate::ledger::chain;
use crate::ledger::chain::Entry;
use crate::projects::milestones::anchors;
use crate::projects::store as projects;

/// Members that refer to projects and agreements, which the caller may not be allowed to see.
const PROJECTS: [&str; 2] = ["project_id", "project_ids"];
const AGREEMENTS: [&str; 8] = [
    "agreement_id",
    "amends_id",
    "annex_to_id",
    "continues_ids",
    "implements_id",
    "supersedes_id",
    "superseded_by",
    "successor_id",
];

/// Member that names the milestone to which a date is relative.
const MILESTONE: &str = "milestone_id";

/// Returns the ids of projects, their milestones and agreements that the entries refer to and the caller
/// may not see.
pub fn hidden<'a>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    entries: impl Iterator<Item = &'a Entry>,
) -> Result<HashSet<Uuid>, ApiError> {
    let mut of_projects: HashSet<ProjectId> = HashSet::new();
    let mut of_agreements: HashSet<AgreementId> = HashSet::new();
    let mut of_milestones: HashSet<MilestoneId> = HashSet::new();
    for entry in entries {
        for mut state in [&entry.before, &entry.after].map(unwrapped) {
            each_anchor(&mut state, &mut |name, id| match name {
                MILESTONE => of_milestones.extend(ids::<MilestoneId>(id)),
                _ => of_agreements.extend(ids::<AgreementId>(id)),
            });
            of_projects.extend(
                PROJECTS
                    .iter()
                    .flat_map(|name| ids::<ProjectId>(&state[name])),
            );
            of_agreements.extend(
                AGREEMENTS
                    .iter()
                    .flat_map(|name| ids::<AgreementId>(&state[name])),
            );
        }
    }
    let named: Vec<ProjectId> = of_projects.iter().copied().collect();
    for project in projects::references(conn, cx, &named)? {
        of_projects.remove(&project.id);
    }
    let named: Vec<AgreementId> = of_agreements.iter().copied().collect();
    for agreement in agreements::references(conn, cx, &named)? {
        of_agreements.remove(&agreement.id);
    }
    let named: Vec<MilestoneId> = of_milestones.iter().copied().collect();
    for milestone in anchors::visible(conn, cx, &named)? {
        of_milestones.remove(&milestone);
    }
    let of_projects = of_projects.into_iter().map(Uuid::from);
    Ok(of_projects
        .chain(of_agreements.into_iter().map(Uuid::from))
        .chain(of_milestones.into_iter().map(Uuid::from))
        .collect())
}

fn ids<Id: FromStr>(value: &Value) -> Vec<Id> {
    let several = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    let ids = several.iter().filter_map(Value::as_str);
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// Returns the change of an entry as a patch, without hidden references.
pub fn patch(entry: &Entry, hidden: &HashSet<Uuid>) -> Vec<PatchStep> {
    let [before, after] = [&entry.before, &entry.after].map(|state| shown(state, hidden));
    let steps = json_patch::diff(&before, &after).0;
    steps.into_iter().filter_map(step).collect()
}

fn step(step: PatchOperation) -> Option<PatchStep> {
    let (op, path, value) = match step {
        PatchOperation::Add(step) => (PatchOp::Add, step.path, step.value),
        PatchOperation::Replace(step) => (PatchOp::Replace, step.path, step.value),
        PatchOperation::Remove(step) => (PatchOp::Remove, step.path, Value::Null),
        // `json_patch::diff` yields no other operations.
        PatchOperation::Move(_) | PatchOperation::Copy(_) | PatchOperation::Test(_) => return None,
    };
    let path = path.to_string();
    Some(PatchStep { op, path, value })
}

/// Returns a state as the API shows the record: without hidden references, and without what is kept to
/// undo a merge and a token's digest, which are never shown.
fn shown(state: &Value, hidden: &HashSet<Uuid>) -> Value {
    let mut shown = unwrapped(state);
    let Some(members) = shown.as_object_mut() else {
        return shown;
    };
    members.remove("hash");
    // What a merge moved names records that the caller may not see.
    members.remove("merged");
    let is_hidden = |value: &Value| ids(value).iter().any(|id| hidden.contains(id));
    for name in PROJECTS.iter().chain(&AGREEMENTS) {
        match members.get_mut(*name) {
            Some(Value::Array(several)) => several.retain(|one| !is_hidden(one)),
            Some(one) if is_hidden(one) => *one = Value::Null,
            _ => {}
        }
    }
    each_anchor(&mut shown, &mut |_, id| {
        if is_hidden(id) {
            id.take();
        }
    });
    shown
}

/// Calls `work` with each milestone and agreement to which a date of a record is relative, and the
/// name of the member.
fn each_anchor(state: &mut Value, work: &mut dyn FnMut(&str, &mut Value)) {
    match state {
        Value::Object(members) => {
            for (name, value) in members {
                match name.as_str() {
                    MILESTONE | "agreement_id" => work(name, value),
                    _ => each_anchor(value, work),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_anchor(item, work)),
        _ => {}
    }
}

/// Flattens a stored state into the form of the API: the members of `doc` and `content` move to the
/// top level, and instants take the form of RFC 3339.
fn unwrapped(stored: &Value) -> Value {
    match stored {
        Value::Object(members) => {
            let mut all = Map::new();
            for (name, value) in members {
                match (name.as_str(), unwrapped(value)) {
                    ("doc" | "content", Value::Object(inner)) => all.extend(inner),
                    (name, Value::String(text)) if name.ends_with("_at") => {
                        all.insert(name.to_owned(), instant(text));
                    }
                    (name, value) => {
                        all.insert(name.to_owned(), value);
                    }
                }
            }
            Value::Object(all)
        }
        Value::Array(items) => items.iter().map(unwrapped).collect(),
        _ => stored.clone(),
    }
}

fn instant(text: String) -> Value {
    match NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f") {
        Ok(at) => Value::String(chain::instant(at)),
        Err(_) => Value::String(text),
    }
}

/// Summarizes a change in words: its author and what was done.
pub fn summary(entry: &Entry, patch: &[PatchStep]) -> Localized {
    let did = match (entry.before.is_null(), entry.after.is_null()) {
        (true, _) => Message::fixed("등록", "recorded"),
        (_, true) => Message::fixed("삭제", "removed"),
        _ => changed(patch),
    };
    by(entry, &did)
}

/// Like [`summary`], but for a change that hid the record from the caller.
pub fn taken_back(entry: &Entry) -> Localized {
    by(
        entry,
        &Message::fixed("공개 범위에서 제외", "no longer shown"),
    )
}

fn by(entry: &Entry, did: &Message) -> Localized {
    let name = &entry.actor.name;
    Localized {
        ko: Some(format!("{name}: {}", did.ko)),
        en: Some(format!("{name}: {}", did.en)),
    }
}

fn changed(patch: &[PatchStep]) -> Message {
    let mut seen = BTreeSet::new();
    let mut words = Vec::new();
    for step in patch {
        // An instant says that something changed, and not what.
        if step.path.ends_with("/updated_at") || step.path.ends_with("/changed_at") {
            continue;
        }
        let name = step.path.split('/').nth(1).unwrap_or_default();
        if let Some(status) = reached(step) {
            let (of, to) = (member("status"), status.word());
            words.push(Message::new(
                format!("{} → {}", of.ko, to.ko),
                format!("{} → {}", of.en, to.en),
            ));
        } else if seen.insert(name) {
            words.push(member(name));
        }
    }
    let listed = |of: fn(&Message) -> &str| words.iter().map(of).collect::<Vec<_>>().join(", ");
    match words.as_slice() {
        [] => Message::fixed("변경", "changed"),
        _ => Message::new(
            format!("변경 ({})", listed(|word| &word.ko)),
            format!("changed {}", listed(|word| &word.en)),
        ),
    }
}

/// Returns the status that a patch step moves an agreement to.
fn reached(step: &PatchStep) -> Option<AgreementStatus> {
    let place = step.path.strip_prefix("/transitions/")?;
    let whole = step.op == PatchOp::Add && !place.contains('/');
    let to = step.value.get("to").filter(|_| whole)?;
    serde_json::from_value(to.clone()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_have_the_form_of_the_api() {
        let state = json!({"hash": "ab", "created_at": "2026-11-25 01:02:03.000004", "doc": {
            "content": {"title": {"ko": "협약"}, "note": "2026-11-25 01:02:03"},
            "parties": [{"id": "p", "content": {"role": "lead"}}]}});
        let expected = json!({"created_at": "2026-11-25T01:02:03.000004Z", "title": {"ko": "협약"},
            "note": "2026-11-25 01:02:03", "parties": [{"id": "p", "role": "lead"}]});
        assert_eq!(shown(&state, &HashSet::new()), expected);
    }

    #[test]
    fn a_change_is_told_in_words() {
        let step = |op, path: &str, value| PatchStep {
            op,
            path: path.to_owned(),
            value,
        };
        let said = changed(&[
            step(
                PatchOp::Replace,
                "/updated_at",
                json!("2026-11-25T01:02:03Z"),
            ),
            step(PatchOp::Replace, "/venue/ko", json!("고양시청")),
            step(PatchOp::Remove, "/venue/en", Value::Null),
            step(PatchOp::Add, "/transitions/1", json!({"to": "completed"})),
        ]);
        assert_eq!(said.ko, "변경 (장소, 상태 → 완료)");
        assert_eq!(said.en, "changed venue, status → Completed");
    }
}
