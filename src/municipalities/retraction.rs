//! Taking back a succession that was recorded by mistake.

use std::collections::BTreeSet;

use chrono::{NaiveTime, TimeZone};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::store;
use super::succession::{id_of, write_duties};
use crate::access::bound_tokens;
use crate::db::schema::changes as c;
use crate::db::{AnyConnection, Json};
use crate::directory::municipalities::municipality as official;
use crate::directory::succession::{Succession, Successions};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::ledger::chain::Entry;
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store as organizations;
use crate::projections::policies;

/// Maximum number of dependants that a refusal names.
const NAMED: usize = 10;

/// Takes back the succession of a municipality: its successors hold nothing of it any more. With
/// `apply` false, only checks that this is possible.
///
/// # Errors
/// `not_found` if the municipality is not recorded; `conflict` if no succession of it is, or if
/// something depends on it: a further succession, a change of its records that others than its own staff
/// made, or a successor's agreement that supersedes one of its agreements.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    code: &str,
    (reason, apply): (&Localized, bool),
) -> Result<(), ApiError> {
    let id = id_of(conn, code)?.ok_or_else(ApiError::not_found)?;
    let known = Successions::load(conn)?;
    let succession = known.of(id).cloned().ok_or_else(|| {
        ApiError::with(
            Code::Conflict,
            "등록된 승계가 없습니다.",
            "No succession of this municipality is recorded.",
        )
    })?;
    let dependants = dependants(conn, cx, id, (&succession, &known))?;
    if !dependants.is_empty() {
        return Err(in_use(&dependants));
    }
    if !apply {
        return Ok(());
    }
    policies::locked(conn, id)?;
    let row = organizations::row(conn, id, store::KIND)?;
    let mut doc = row.doc.0.clone();
    doc.succession = None;
    organizations::save(conn, cx, &row, &doc, Some(reason))?;
    write_duties(conn, cx, id)?;
    for successor in succession.successor_ids {
        write_duties(conn, cx, successor)?;
    }
    Ok(())
}

/// Returns the refusal that names what depends on a succession.
fn in_use(dependants: &[Message]) -> ApiError {
    let list = |language| {
        let texts = dependants.iter().take(NAMED);
        let texts: Vec<&str> = texts.map(|text| text.in_language(language)).collect();
        let more = if dependants.len() > NAMED {
            ", …"
        } else {
            ""
        };
        format!("{}{more}", texts.join(", "))
    };
    ApiError::with(
        Code::Conflict,
        format!(
            "승계를 되돌릴 수 없습니다. 승계에 기대는 기록이 있습니다: {}",
            list(Language::Korean)
        ),
        format!(
            "The succession cannot be taken back, since records depend on it: {}",
            list(Language::English)
        ),
    )
}

/// Returns what depends on the succession of a municipality.
fn dependants(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    (succession, known): (&Succession, &Successions),
) -> Result<Vec<Message>, ApiError> {
    let mut all = Vec::new();
    for successor in &succession.successor_ids {
        if known.of(*successor).is_some() {
            let row = organizations::row(conn, *successor, store::KIND)?;
            let code = row.code.unwrap_or_default();
            let name = official(&code).and_then(|one| one.full_name.ko.clone());
            let named = format!("{code} {}", name.unwrap_or_default());
            all.push(Message::new(
                format!("{}의 승계", named.trim()),
                format!("the succession of {}", named.trim()),
            ));
        }
    }
    all.extend(changes_by_others(conn, cx, id, succession)?);
    all.extend(superseded_by_successors(conn, id, succession)?);
    Ok(all)
}

/// Returns the records of a municipality that were changed, from the first day of its successors on,
/// by others than its own staff. Callers by single sign-on count as others, since their groups of that
/// day are not known.
fn changes_by_others(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    succession: &Succession,
) -> Result<Vec<Message>, ApiError> {
    let midnight = succession.on.and_time(NaiveTime::MIN);
    let first = cx.zone.from_local_datetime(&midnight).earliest();
    let first = first.map_or(midnight, |first| first.naive_utc());
    let recorded = recorded_at(conn, id)?;
    let entries: Vec<Json<Entry>> = c::table
        .filter(c::municipality_id.eq(id.to_string()))
        .filter(c::seq.gt(recorded).and(c::recorded_at.ge(first)))
        .order(c::seq)
        .select(c::entry)
        .load(conn)?;
    let tokens = entries
        .iter()
        .filter_map(|Json(entry)| entry.actor.token_id);
    let own = bound_tokens::of_staff(conn, &tokens.collect(), id)?;
    let (mut seen, mut all) = (BTreeSet::new(), Vec::new());
    for Json(entry) in entries {
        let by_others = entry
            .actor
            .token_id
            .is_some_and(|token| !own.contains(&token));
        if by_others && seen.insert((entry.record_type.clone(), entry.record_id.clone())) {
            let named = format!("{} {}", entry.record_type, entry.record_id);
            all.push(Message::new(named.clone(), named));
        }
    }
    Ok(all)
}

/// Returns the number of the log entry that recorded the succession.
fn recorded_at(conn: &mut AnyConnection, id: OrganizationId) -> Result<i64, ApiError> {
    let entries: Vec<(i64, Json<Entry>)> = c::table
        .filter(c::record_id.eq(id.to_string()))
        .filter(c::record_type.eq(ORGANIZATION.name))
        .order(c::seq.desc())
        .select((c::seq, c::entry))
        .load(conn)?;
    for (seq, Json(entry)) in entries {
        let (before, after) = (&entry.before, &entry.after);
        let at = "/doc/succession";
        if before.pointer(at) != after.pointer(at) {
            return Ok(seq);
        }
    }
    Ok(0)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Returns the agreements of the successors that supersede one of the municipality.
fn superseded_by_successors(
    conn: &mut AnyConnection,
    id: OrganizationId,
    succession: &Succession,
) -> Result<Vec<Message>, ApiError> {
    // The ids are generated by the server and need no escaping.
    let successors = succession.successor_ids.iter();
    let successors: Vec<String> = successors.map(|id| format!("'{id}'")).collect();
    let sql = format!(
        "SELECT n.id AS id FROM agreements AS n JOIN agreements AS o ON o.id = n.supersedes_id \
         WHERE o.municipality_id = '{id}' AND n.municipality_id IN ({}) ORDER BY n.id",
        successors.join(", ")
    );
    let found: Vec<Id> = diesel::sql_query(sql).load(conn)?;
    let named = |one: Id| {
        let named = format!("agreement {}", one.id);
        Message::new(named.clone(), named)
    };
    Ok(found.into_iter().map(named).collect())
}
