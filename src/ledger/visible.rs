//! The part of the log that a caller sees, as SQL conditions.

use std::fmt::Display;

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::RequestContext;
use super::caller::{Reach, Role};
use super::scope::{Scope, Visibility};
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::kernel::error::ApiError;

/// The condition that the caller sees the record as an entry left it; `table` is the alias of
/// `changes`.
pub fn seen(cx: &RequestContext, table: &str) -> String {
    Scope::with(&cx.caller, table, &[format!("{table}.context_id")]).to_sql()
}

/// The condition that no later entry took the record of entry `c`, or the record that it belongs
/// to, from the caller.
pub fn still_seen(cx: &RequestContext) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM changes AS l WHERE l.record_id IN (c.record_id, c.context_id) \
           AND l.seq > c.seq AND NOT {})",
        seen(cx, "l")
    )
}

/// The condition that entry `c` took an agreement from one of the municipalities that shared it.
/// Who shares an agreement now tells nothing of that, so the states in the entry are compared.
pub fn left<'a>(
    conn: &AnyConnection,
    municipalities: impl IntoIterator<Item = impl Display + 'a>,
) -> String {
    let shared = |state: &str, id: &str| match conn {
        AnyConnection::Sqlite(_) => format!(
            "EXISTS (SELECT 1 FROM json_each(c.entry, '$.{state}.doc.content.co_owner_ids') AS o \
               WHERE o.value = '{id}')"
        ),
        AnyConnection::Postgres(_) => format!(
            "COALESCE((CAST(c.entry AS JSONB) #> '{{{state},doc,content,co_owner_ids}}') \
               @> '\"{id}\"', FALSE)"
        ),
    };
    let mut any = String::from("(FALSE");
    for id in municipalities {
        let id = id.to_string();
        // Few entries name the municipality: only these are read as JSON.
        any += &format!(
            " OR CASE WHEN c.record_type = 'agreement' AND c.entry LIKE '%{id}%' \
               THEN {} AND NOT {} ELSE FALSE END",
            shared("before", &id),
            shared("after", &id),
        );
    }
    any + ")"
}

/// Like [`left`], for the municipalities for whose staff the caller works.
pub fn left_caller(conn: &AnyConnection, cx: &RequestContext) -> String {
    let staff = cx.caller.role.is_some_and(Role::is_staff);
    match &cx.caller.reach {
        Reach::Of(municipalities) if staff => left(conn, municipalities),
        _ => "FALSE".to_owned(),
    }
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Bool)]
    seen: bool,
}

/// Whether the caller, who made a change, may still see it.
///
/// # Errors
/// `not_found` when the log has no such entry.
pub fn sees(conn: &mut AnyConnection, cx: &RequestContext, seq: i64) -> Result<bool, ApiError> {
    let (owner, visibility): (Option<String>, String) = c::table
        .find(seq)
        .select((c::municipality_id, c::visibility))
        .first(conn)?;
    // A key is internal and nobody's. Whoever manages keys need not see their log, which is for
    // admins of all municipalities.
    if owner.is_none() && visibility == Visibility::Internal.as_str() {
        return Ok(true);
    }
    let sql = format!(
        "SELECT ({} AND {}) AS seen FROM changes AS c WHERE c.seq = {seq}",
        seen(cx, "c"),
        still_seen(cx)
    );
    Ok(diesel::sql_query(sql).get_result::<Seen>(conn)?.seen)
}
