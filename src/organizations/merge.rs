//! Merges a duplicate into the organization that it duplicates.

use diesel::prelude::*;
use diesel::sql_types::Text;

use uuid::Uuid;

use super::store::{Doc, Record, row, save};
use crate::db::schema::{association_members as m, organizations};
use crate::db::{AnyConnection, in_list};
use crate::directory::names;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::language::Message;
use crate::kernel::values::stored;
use crate::ledger;
use crate::ledger::{RequestContext, records};
use crate::projections::search_index as search;

/// Table and column of a reference to an organization, and the column with which it is unique.
const REFERENCES: &[(&str, &str, Option<&str>)] = &[
    ("association_members", "association_id", None),
    ("association_members", "organization_id", None),
    (
        "project_implementers",
        "organization_id",
        Some("project_id"),
    ),
    ("agreement_parties", "organization_id", Some("agreement_id")),
    (
        "working_group_members",
        "organization_id",
        Some("working_group_id"),
    ),
    (
        "meeting_organizations",
        "organization_id",
        Some("meeting_id"),
    ),
    ("organization_identifiers", "organization_id", None),
    ("commitment_reports", "organization_id", None),
];

/// Merges a duplicate into another organization: references to the duplicate then point to the
/// survivor.
///
/// # Errors
/// `not_found`, `forbidden`; `validation_failed` if the survivor does not exist, is the duplicate
/// itself, or is of a kind that cannot be the same body.
pub fn merge(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: Uuid,
    into: Uuid,
) -> Result<Record, ApiError> {
    use organizations as o;
    let duplicate = row(conn, id, None)?;
    let survivor = row(conn, into, None).map_err(|error| match error.code {
        Code::NotFound => ApiError::invalid(vec![names::unknown("/into_id")]),
        _ => error,
    })?;
    // Both are changed, and callers who act for one of them then act for the other as well.
    duplicate.may_be_changed(cx)?;
    survivor.may_be_changed(cx)?;
    if duplicate.id == survivor.id {
        let message = Message::fixed(
            "이미 같은 기관입니다.",
            "They are one organization already.",
        );
        return Err(ApiError::invalid_at("/into_id", "same_record", message));
    }
    // An organization with facts that the other kind cannot have is not the same body.
    let either = |kind| duplicate.kind == kind || survivor.kind == kind;
    let message = if either("municipality") {
        Some(Message::fixed(
            "지방자치단체는 법으로 하나뿐이어서 다른 기관과 합칠 수 없습니다.",
            "A municipality is one by law: nothing is merged with it.",
        ))
    } else if either("association") && duplicate.kind != survivor.kind {
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
    // References to the duplicate, and its own earlier duplicates, change with it.
    let memberships: Vec<String> = m::table
        .filter(
            m::association_id
                .eq(&duplicate.id)
                .or(m::organization_id.eq(&duplicate.id)),
        )
        .select(m::id)
        .order(m::id)
        .load(conn)?;
    let merged: Vec<String> = o::table
        .filter(
            o::id
                .eq(&duplicate.id)
                .or(o::merged_into_id.eq(&duplicate.id).assume_not_null()),
        )
        .select(o::id)
        .order(o::id)
        .load(conn)?;
    move_references(conn, &duplicate.id, &survivor.id)?;
    let gone: Doc = stored(&duplicate.doc)?;
    let mut doc: Doc = stored(&survivor.doc)?;
    // The survivor is also known by the duplicate's names and identifiers.
    for name in std::iter::once(gone.content.name).chain(gone.content.other_names) {
        if name != doc.content.name && !doc.content.other_names.contains(&name) {
            doc.content.other_names.push(name);
        }
    }
    for identifier in gone.content.identifiers {
        if !doc.content.identifiers.contains(&identifier) {
            doc.content.identifiers.push(identifier);
        }
    }
    diesel::update(o::table.filter(in_list(o::id, &merged)))
        .set((o::merged_into_id.eq(&survivor.id), o::updated_at.eq(cx.now)))
        .execute(conn)?;
    search::remove(conn, "organization", &duplicate.id)?;
    for id in &merged {
        ledger::append(conn, cx, records::ORGANIZATION, id, None)?;
    }
    for id in &memberships {
        ledger::append(conn, cx, records::ASSOCIATION_MEMBER, id, None)?;
    }
    save(conn, cx, &survivor, &doc)
}

/// Points references to one organization at another.
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
    for (table, column, unique) in REFERENCES {
        if let Some(with) = unique {
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
