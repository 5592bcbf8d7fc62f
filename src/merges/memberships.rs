//! Memberships in associations when organizations are merged, and when that is undone.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde_json::{Map, Value};

use super::facts::{Filled, fill, give_back};
use crate::db::schema::association_members as m;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::ledger::{self, RequestContext};
use crate::organizations::merged::{MovedMember, RemovedMember};
use crate::organizations::records::ASSOCIATION_MEMBER;
use crate::organizations::types::MemberContent;

#[derive(Queryable, Selectable)]
#[diesel(table_name = m)]
struct Row {
    id: String,
    version: i64,
    association_id: String,
    organization_id: String,
    doc: Json<MemberContent>,
    created_at: NaiveDateTime,
}

/// Facts of memberships that were not taken over, each by its association.
pub(super) type Lost = Vec<(String, String, Value)>;

/// What moving memberships would do.
pub(super) struct Outlook {
    pub count: usize,
    /// How many of them would become one with another, or end because an association is never a member of
    /// itself.
    pub joined: usize,
    pub lost: Lost,
}

/// Returns what moving the memberships of an organization to another would do.
pub(super) fn outlook(conn: &mut AnyConnection, from: &str, to: &str) -> Result<Outlook, ApiError> {
    let rows = rows_of(conn, from)?;
    let (mut joined, mut lost) = (0, Lost::new());
    let count = rows.len();
    for row in rows {
        let pair = moved(&row, from, to);
        let twin = twin(conn, &row, &pair)?;
        joined += usize::from(pair.0 == pair.1 || twin.is_some());
        if let Some(twin) = twin.filter(|_| pair.0 != pair.1) {
            let filled = fill(&mut facts(&twin.doc.0)?, &facts(&row.doc.0)?);
            let rest = filled.lost.into_iter();
            lost.extend(rest.map(|(name, value)| (pair.0.clone(), name, value)));
        }
    }
    Ok(Outlook {
        count,
        joined,
        lost,
    })
}

fn rows_of(conn: &mut AnyConnection, id: &str) -> Result<Vec<Row>, ApiError> {
    let either = m::association_id.eq(id).or(m::organization_id.eq(id));
    let rows = m::table.filter(either).select(Row::as_select());
    Ok(rows.order(m::id).load(conn)?)
}

/// Returns the association and the member of a membership after the move.
fn moved(row: &Row, from: &str, to: &str) -> (String, String) {
    let after = |id: &String| if id == from { to } else { id }.to_owned();
    (after(&row.association_id), after(&row.organization_id))
}

/// Moves the memberships in which one organization is the association or the member to another.
/// Two memberships of one organization in one association that both last, or that ended alike,
/// become one.
pub(super) fn move_all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    from: &str,
    to: &str,
) -> Result<(Vec<MovedMember>, Lost), ApiError> {
    let rows = rows_of(conn, from)?;
    let (mut all, mut lost) = (Vec::with_capacity(rows.len()), Lost::new());
    for row in rows {
        let pair = moved(&row, from, to);
        let other = match twin(conn, &row, &pair)? {
            // An association is never a member of itself.
            _ if pair.0 == pair.1 => Some(None),
            Some(other) => Some(Some(other)),
            None => None,
        };
        let removed = match other {
            None => {
                set_pair(conn, cx, (&row.id, row.version), &pair)?;
                None
            }
            Some(other) => {
                let (into, facts) = match other {
                    Some(other) => {
                        let Filled { taken, lost: rest } = fold(conn, cx, &other, &row.doc.0)?;
                        let rest = rest.into_iter();
                        lost.extend(rest.map(|(name, value)| (pair.0.clone(), name, value)));
                        (Some(other.id), taken)
                    }
                    None => (None, Map::new()),
                };
                diesel::delete(m::table.find(&row.id)).execute(conn)?;
                ledger::append(conn, cx, &ASSOCIATION_MEMBER, &row.id, None)?;
                Some(RemovedMember {
                    content: row.doc.0,
                    created_at: row.created_at,
                    into,
                    facts,
                })
            }
        };
        all.push(MovedMember {
            id: row.id,
            association_id: row.association_id,
            organization_id: row.organization_id,
            removed,
        });
    }
    Ok((all, lost))
}

/// Returns the membership of the same pair that lasts or ended like another one.
fn twin(
    conn: &mut AnyConnection,
    row: &Row,
    (association, organization): &(String, String),
) -> Result<Option<Row>, ApiError> {
    let others = m::table
        .filter(m::association_id.eq(association))
        .filter(m::organization_id.eq(organization))
        .filter(m::id.ne(&row.id))
        .select(Row::as_select());
    let others: Vec<Row> = others.order(m::id).load(conn)?;
    let mut others = others.into_iter();
    Ok(others.find(|other| other.doc.0.left == row.doc.0.left))
}

/// Fills a membership from another one.
fn fold(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    into: &Row,
    from: &MemberContent,
) -> Result<Filled, ApiError> {
    let mut own = facts(&into.doc.0)?;
    let filled = fill(&mut own, &facts(from)?);
    if !filled.taken.is_empty() {
        write(conn, cx, into, own)?;
    }
    Ok(filled)
}

fn facts(content: &MemberContent) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(content).map_err(ApiError::internal)? {
        Value::Object(facts) => Ok(facts),
        _ => Err(ApiError::internal("a membership is an object")),
    }
}

fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    row: &Row,
    facts: Map<String, Value>,
) -> Result<(), ApiError> {
    let content = serde_json::from_value::<MemberContent>(facts.into());
    let content = content.map_err(ApiError::internal)?;
    diesel::update(m::table.find(&row.id))
        .set((
            m::doc.eq(Json(&content)),
            m::version.eq(row.version + 1),
            m::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &ASSOCIATION_MEMBER, &row.id, None)
}

fn set_pair(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, version): (&str, i64),
    (association, organization): &(String, String),
) -> Result<(), ApiError> {
    diesel::update(m::table.find(id))
        .set((
            m::association_id.eq(association),
            m::organization_id.eq(organization),
            m::version.eq(version + 1),
            m::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &ASSOCIATION_MEMBER, id, None)
}

/// Moves memberships back, and returns the ids of those that were changed since.
pub(super) fn move_back(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    moved: &[MovedMember],
    (from, to): (&str, &str),
) -> Result<Vec<String>, ApiError> {
    let mut changed = Vec::new();
    // The other way round: a later one can have become one with an earlier one.
    for was in moved.iter().rev() {
        let pair = (was.association_id.clone(), was.organization_id.clone());
        let Some(removed) = &was.removed else {
            let after = |id: &String| {
                if id == from {
                    to.to_owned()
                } else {
                    id.clone()
                }
            };
            match row(conn, &was.id)? {
                Some(now)
                    if now.association_id == after(&pair.0)
                        && now.organization_id == after(&pair.1) =>
                {
                    set_pair(conn, cx, (&now.id, now.version), &pair)?;
                }
                _ => changed.push(was.id.clone()),
            }
            continue;
        };
        if let Some(into) = &removed.into {
            match row(conn, into)? {
                Some(now) => {
                    let mut own = facts(&now.doc.0)?;
                    let kept = give_back(&mut own, &removed.facts);
                    if !kept.is_empty() {
                        changed.push(into.clone());
                    }
                    if !removed.facts.is_empty() {
                        write(conn, cx, &now, own)?;
                    }
                }
                None => changed.push(into.clone()),
            }
        }
        insert(conn, cx, &was.id, &pair, removed)?;
    }
    Ok(changed)
}

fn row(conn: &mut AnyConnection, id: &str) -> Result<Option<Row>, ApiError> {
    let row = m::table.find(id).select(Row::as_select());
    Ok(row.first(conn).optional()?)
}

/// Writes a removed membership again, as the version after its removal.
fn insert(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: &str,
    (association, organization): &(String, String),
    removed: &RemovedMember,
) -> Result<(), ApiError> {
    let last = ledger::chain::last_of(conn, &ASSOCIATION_MEMBER, id)?;
    let last = last.ok_or_else(|| ApiError::internal("a removed membership was logged"))?;
    diesel::insert_into(m::table)
        .values((
            m::id.eq(id),
            m::version.eq(last.version + 1),
            m::association_id.eq(association),
            m::organization_id.eq(organization),
            m::doc.eq(Json(&removed.content)),
            m::created_at.eq(removed.created_at),
            m::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &ASSOCIATION_MEMBER, id, None)
}
