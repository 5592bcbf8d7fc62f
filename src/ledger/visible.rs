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

/// Lists of a state by which municipalities share a record, by its type.
const SHARED_BY: [(&str, &[&str]); 1] = [("agreement", &["doc,content,co_owner_ids"])];

/// Lists of a state by which organizations take part in a record, by its type.
const TAKEN_PART_BY: [(&str, &[&str]); 3] = [
    ("agreement", &["doc,parties"]),
    (
        "project",
        &["doc,content,implementers", "doc,content,phases"],
    ),
    ("working_group", &["doc,members"]),
];

/// A list of ids by which others see a record, and which an entry of the log changes.
struct Sharing<'a> {
    lists: &'a [(&'static str, &'static [&'static str])],
    ids: Vec<String>,
}

impl Sharing<'_> {
    /// The condition that one of the ids is in a list of one state of an entry, and in none of the other
    /// one. Who takes part now tells nothing of that, so the states in the entry are compared.
    fn only(&self, conn: &AnyConnection, entry: &str, [state, other]: [&str; 2]) -> String {
        let mut any = String::from("(FALSE");
        for id in &self.ids {
            for (record, lists) in self.lists {
                let named = |state: &str| {
                    let lists = lists
                        .iter()
                        .map(|list| names(conn, entry, (state, list), id));
                    format!("({})", lists.collect::<Vec<_>>().join(" OR "))
                };
                // Few entries name the id: only these are read as JSON.
                any += &format!(
                    " OR CASE WHEN {entry}.record_type = '{record}' AND {entry}.entry LIKE '%{id}%' \
                       THEN {} AND NOT {} ELSE FALSE END",
                    named(state),
                    named(other),
                );
            }
        }
        any + ")"
    }
}

/// States of an entry, in the order in which something began or ended.
const ENDED: [&str; 2] = ["before", "after"];
const BEGAN: [&str; 2] = ["after", "before"];

/// The condition that a list of a state of an entry names an id.
fn names(conn: &AnyConnection, entry: &str, (state, list): (&str, &str), id: &str) -> String {
    match conn {
        AnyConnection::Sqlite(_) => {
            let path = list.replace(',', ".");
            format!(
                "COALESCE(instr(json_extract({entry}.entry, '$.{state}.{path}'), '{id}'), 0) > 0"
            )
        }
        AnyConnection::Postgres(_) => format!(
            "COALESCE(strpos(CAST({entry}.entry AS JSON) #>> '{{{state},{list}}}', '{id}'), 0) > 0"
        ),
    }
}

/// The condition that entry `c` took an agreement from one of the municipalities that shared it.
pub fn left<'a>(
    conn: &AnyConnection,
    municipalities: impl IntoIterator<Item = impl Display + 'a>,
) -> String {
    shared_by(municipalities).only(conn, "c", ENDED)
}

fn shared_by<'a>(ids: impl IntoIterator<Item = impl Display + 'a>) -> Sharing<'static> {
    Sharing {
        lists: &SHARED_BY,
        ids: ids.into_iter().map(|id| id.to_string()).collect(),
    }
}

/// Returns the municipalities for whose staff the caller works, and the organization that it acts for, as
/// far as records can be shared with them.
fn shared_with(cx: &RequestContext) -> [Sharing<'static>; 2] {
    let staff = cx.caller.role.is_some_and(Role::is_staff);
    let municipalities = match &cx.caller.reach {
        Reach::Of(municipalities) if staff => shared_by(municipalities),
        _ => shared_by(<[String; 0]>::default()),
    };
    let organization = cx.caller.organization_id;
    let organization = Sharing {
        lists: &TAKEN_PART_BY,
        ids: organization.iter().map(ToString::to_string).collect(),
    };
    [municipalities, organization]
}

/// The condition that entry `c` ended that the caller shared a record or took part in it. `before` is the
/// visibility before the entry.
pub fn left_caller(conn: &AnyConnection, cx: &RequestContext, before: &str) -> String {
    let [municipalities, organization] = shared_with(cx);
    let in_reach = match &cx.caller.reach {
        Reach::All => "TRUE".to_owned(),
        Reach::Of(municipalities) => {
            let ids = municipalities.iter().map(|id| format!("'{id}'"));
            let ids: Vec<String> = ids.chain(["''".to_owned()]).collect();
            format!("c.municipality_id IN ({})", ids.join(", "))
        }
    };
    format!(
        "({} OR {in_reach} AND {} AND {before} = 'partners')",
        municipalities.only(conn, "c", ENDED),
        organization.only(conn, "c", ENDED)
    )
}

/// The condition that entry `c`, or an entry of the record that it belongs to since entry `b`, began that the
/// caller shares a record or takes part in it.
pub fn joined_caller(conn: &AnyConnection, cx: &RequestContext) -> String {
    let sharing = shared_with(cx);
    if sharing.iter().all(|sharing| sharing.ids.is_empty()) {
        return "FALSE".to_owned();
    }
    let [own, above] = ["c", "k"].map(|entry| {
        let began = sharing
            .iter()
            .map(|sharing| sharing.only(conn, entry, BEGAN));
        began.collect::<Vec<_>>().join(" OR ")
    });
    format!(
        "({own} OR c.context_id <> c.record_id AND EXISTS (SELECT 1 FROM changes AS k \
           WHERE k.record_id = c.context_id AND k.seq > b.seq AND k.seq < c.seq AND ({above})))"
    )
}

/// The condition that the caller sees the record as an entry left it, whoever shares it or takes part in it.
pub fn seen_by_all(cx: &RequestContext, table: &str) -> String {
    let nobody: [&str; 0] = [];
    Scope::with(&cx.caller, table, &nobody).to_sql()
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
