//! Merging a duplicate into the organization that it duplicates.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::db::schema::{association_members as m, organizations as o};
use crate::db::{AnyConnection, in_list};
use crate::directory::names;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::ledger::records::Reference;
use crate::ledger::{self, RequestContext};
use crate::organizations::records::{ASSOCIATION_MEMBER, ORGANIZATION};
use crate::organizations::store::{Doc, Record, Row, row, save};
use crate::organizations::types::OrganizationKind;
use crate::projections::search_index as search;
use crate::records;

/// Merges a duplicate into another organization: references to the duplicate then point to the
/// survivor.
///
/// # Errors
/// `not_found`, `forbidden`; `validation_failed` if the survivor does not exist, is the duplicate
/// itself, or is of a kind that cannot be the same body.
pub fn merge(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    into: OrganizationId,
) -> Result<Record, ApiError> {
    let duplicate = row(conn, id, None)?;
    let survivor = row(conn, into, None).map_err(|error| match error.code {
        Code::NotFound => ApiError::invalid(vec![names::unknown("/into_id")]),
        _ => error,
    })?;
    // Both are changed, and callers who act for one of them then act for the other as well.
    duplicate.may_be_changed(cx)?;
    survivor.may_be_changed(cx)?;
    check_same_body(&duplicate, &survivor)?;
    // References to the duplicate, and its own earlier duplicates, change with it.
    let memberships = memberships_of(conn, &duplicate.id)?;
    let merged = duplicates_of(conn, &duplicate.id)?;
    move_references(conn, &duplicate.id, &survivor.id)?;
    diesel::update(o::table.filter(in_list(o::id, &merged)))
        .set((o::merged_into_id.eq(&survivor.id), o::updated_at.eq(cx.now)))
        .execute(conn)?;
    search::remove(conn, ORGANIZATION.name, &duplicate.id)?;
    for id in &merged {
        ledger::append(conn, cx, &ORGANIZATION, id, None)?;
    }
    for id in &memberships {
        ledger::append(conn, cx, &ASSOCIATION_MEMBER, id, None)?;
    }
    let doc = combined(survivor.doc.0.clone(), duplicate.doc.0);
    save(conn, cx, &survivor, &doc)
}

/// Checks that two records can describe one body.
///
/// # Errors
/// `validation_failed`
fn check_same_body(duplicate: &Row, survivor: &Row) -> Result<(), ApiError> {
    if duplicate.id == survivor.id {
        let message = Message::fixed(
            "이미 같은 기관입니다.",
            "They are one organization already.",
        );
        return Err(ApiError::invalid_at("/into_id", "same_record", message));
    }
    // An organization with facts that the other kind cannot have is not the same body.
    let kinds = [duplicate.kind.0, survivor.kind.0];
    let message = if duplicate.is_korean_municipality() || survivor.is_korean_municipality() {
        Some(Message::fixed(
            "지방자치단체는 법으로 하나뿐이어서 다른 기관과 합칠 수 없습니다.",
            "A municipality is one by law: nothing is merged with it.",
        ))
    } else if kinds.contains(&OrganizationKind::Association) && kinds[0] != kinds[1] {
        Some(Message::fixed(
            "협회는 협회와만 합칠 수 있습니다.",
            "An association can be merged only with an association.",
        ))
    } else {
        None
    };
    if let Some(message) = message {
        return Err(ApiError::invalid_at("/into_id", "other_kind", message));
    }
    Ok(())
}

/// Returns the ids of the memberships in which an organization is the association or the member.
fn memberships_of(conn: &mut AnyConnection, id: &str) -> Result<Vec<String>, ApiError> {
    let either = m::association_id.eq(id).or(m::organization_id.eq(id));
    Ok(m::table
        .filter(either)
        .select(m::id)
        .order(m::id)
        .load(conn)?)
}

/// Returns the ids of an organization and of the duplicates merged into it.
fn duplicates_of(conn: &mut AnyConnection, id: &str) -> Result<Vec<String>, ApiError> {
    let either = o::id.eq(id).or(o::merged_into_id.eq(id).assume_not_null());
    Ok(o::table
        .filter(either)
        .select(o::id)
        .order(o::id)
        .load(conn)?)
}

/// Returns the survivor with the duplicate's names and identifiers, and its country if unknown.
fn combined(mut survivor: Doc, duplicate: Doc) -> Doc {
    let content = &mut survivor.content;
    let names = std::iter::once(duplicate.content.name).chain(duplicate.content.other_names);
    for name in names {
        if name != content.name && !content.other_names.contains(&name) {
            content.other_names.push(name);
        }
    }
    content.country = content.country.take().or(duplicate.content.country);
    let local = duplicate.content.local_name;
    content.local_name = content.local_name.take().or(local);
    for identifier in duplicate.content.identifiers {
        if !content.identifiers.contains(&identifier) {
            content.identifiers.push(identifier);
        }
    }
    survivor
}

/// Makes references to one organization point to another.
fn move_references(conn: &mut AnyConnection, from: &str, to: &str) -> Result<(), ApiError> {
    let (first, second) = match conn {
        AnyConnection::Sqlite(_) => ("?1", "?2"),
        AnyConnection::Postgres(_) => ("$1", "$2"),
    };
    let mut run = |sql: String| -> Result<(), ApiError> {
        diesel::sql_query(sql)
            .bind::<Text, _>(from)
            .bind::<Text, _>(to)
            .execute(conn)?;
        Ok(())
    };
    let references = records::ALL
        .into_iter()
        .flat_map(|record| record.references);
    for Reference {
        table,
        column,
        unique_with,
    } in references
    {
        if let Some(with) = unique_with {
            // If both references exist, keep one.
            run(format!(
                "DELETE FROM {table} WHERE {column} = {first} AND {with} IN \
                 (SELECT {with} FROM {table} WHERE {column} = {second})"
            ))?;
        }
        run(format!(
            "UPDATE {table} SET {column} = {second} WHERE {column} = {first}"
        ))?;
    }
    // An association is never a member of itself.
    run(format!(
        "DELETE FROM association_members WHERE association_id = organization_id \
         AND organization_id = {second} AND {first} = {first}"
    ))?;
    run(format!(
        "DELETE FROM organization_names WHERE organization_id = {first} AND {second} = {second}"
    ))
}
