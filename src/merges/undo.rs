//! Undoing a merge: what it moved goes back, unless it was changed since.

use diesel::prelude::*;

use super::facts::give_back;
use super::references::Apart;
use super::store::{duplicates_of, facts, with_facts};
use super::{UnmergeCreate, memberships};
use crate::agreements::read as agreements;
use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, alone, in_list};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Warning, stored_id};
use crate::ledger::{self, RequestContext};
use crate::organizations::merged::Merge;
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store::{Doc, Record, Row, own_row, row, save};

/// Undoes the merge of a duplicate, and returns it. What was changed since is named in the warnings
/// and stays with the survivor.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if the organization was not merged, its survivor was merged
/// since, or another organization has one of its identifiers.
pub fn undo(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    new: &UnmergeCreate,
) -> Result<Record, ApiError> {
    alone::demand(conn)?;
    let duplicate = own_row(conn, &id.to_string())?;
    duplicate.may_be_changed(cx)?;
    let Some(merge) = duplicate.doc.0.merged.clone() else {
        return Err(ApiError::with(
            Code::Conflict,
            "다른 기관에 합쳐진 기록이 아닙니다.",
            "This organization was not merged into another.",
        ));
    };
    let survivor = row(conn, merge.into, None)?;
    survivor.may_be_changed(cx)?;
    if survivor.id != merge.into.to_string() {
        return Err(ApiError::with(
            Code::Conflict,
            "합쳐진 기관이 그 뒤에 또 합쳐졌습니다. 그것을 먼저 되돌리십시오.",
            "The survivor was merged into another organization since: undo that first.",
        ));
    }
    separate(conn, cx, &duplicate.id, &merge)?;
    let warnings = give_all_back(conn, cx, (&duplicate, &survivor), &merge, new)?;
    let doc = Doc {
        merged: None,
        ..duplicate.doc.0.clone()
    };
    let mut undone = save(conn, cx, &duplicate, &doc, new.reason.as_ref())?;
    for id in &merge.duplicates {
        ledger::append(conn, cx, &ORGANIZATION, id, new.reason.as_ref())?;
    }
    undone.warnings.extend(warnings);
    Ok(undone)
}

/// Gives the facts, memberships and references that a merge moved back to the duplicate, and returns
/// a warning for each that was changed since.
fn give_all_back(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (duplicate, survivor): (&Row, &Row),
    merge: &Merge,
    new: &UnmergeCreate,
) -> Result<Vec<Warning>, ApiError> {
    // The survivor first, so that its identifiers are free.
    let mut own = facts(&survivor.doc.0)?;
    let kept = give_back(&mut own, &merge.facts);
    let doc = with_facts(&survivor.doc.0, own)?;
    save(conn, cx, survivor, &doc, new.reason.as_ref())?;
    let mut warnings: Vec<Warning> = kept.iter().map(|member| stays(member)).collect();
    let ends = (duplicate.id.as_str(), survivor.id.as_str());
    for id in memberships::move_back(conn, cx, &merge.members, ends)? {
        warnings.push(changed("/members", &format!("association_member {id}")));
    }
    let apart = Apart {
        back: merge
            .duplicates
            .iter()
            .cloned()
            .chain([duplicate.id.clone()])
            .collect(),
        back_to: duplicate.id.clone(),
        rest: duplicates_of(conn, &survivor.id)?
            .into_iter()
            .chain([survivor.id.clone()])
            .collect(),
        survivor: survivor.id.clone(),
    };
    apart.divide(conn, cx)?;
    for (name, id) in apart.changed_since(conn, cx, &merge.records)? {
        let mut warning = changed("", &format!("{name} {id}"));
        if name == "agreement" {
            warning.agreements = agreements::references(conn, cx, &[stored_id(&id)?])?;
        }
        warnings.push(warning);
    }
    Ok(warnings)
}

/// Makes the organization and the duplicates that it brought along stand for themselves again.
fn separate(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: &str,
    merge: &Merge,
) -> Result<(), ApiError> {
    diesel::update(o::table.find(id))
        .set((
            o::merged_into_id.eq(None::<String>),
            o::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    diesel::update(o::table.filter(in_list(o::id, &merge.duplicates)))
        .set((o::merged_into_id.eq(id), o::updated_at.eq(cx.now)))
        .execute(conn)?;
    Ok(())
}

/// Names a fact that the survivor keeps.
fn stays(member: &str) -> Warning {
    Warning::new(
        CHANGED,
        format!("/{member}"),
        Message::fixed(
            "합친 뒤에 바뀌어서 남은 기관에 그대로 두었습니다.",
            "It was changed since the merge, and stays with the survivor.",
        ),
    )
}

/// Names a record that stays as it is.
fn changed(pointer: &str, record: &str) -> Warning {
    Warning::new(
        CHANGED,
        pointer,
        Message::new(
            format!("합친 뒤에 바뀌어서 되돌리지 않았습니다: {record}"),
            format!("It was changed since the merge, and stays as it is: {record}"),
        ),
    )
}

const CHANGED: &str = "changed_since_merge";
