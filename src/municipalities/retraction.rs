//! Taking back a succession that was recorded by mistake.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDateTime, NaiveTime};
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::store;
use super::succession::{id_of, write_duties};
use crate::access::bound_tokens;
use crate::agreements::records::AGREEMENT;
use crate::db::schema::{agreement_owners as s, agreements as a, changes as c};
use crate::db::{AnyConnection, Json, alone, in_list};
use crate::directory::municipalities::municipality as official;
use crate::directory::succession::{Succession, Successions};
use crate::kernel::clock::begin_of;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::RequestContext;
use crate::ledger::chain::Entry;
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store as organizations;
use crate::projections::policies;
use crate::reference::labels::labels;

/// Maximum number of dependants that a refusal names.
const NAMED: usize = 10;

/// Takes back the succession of a municipality: its successors hold nothing of it any more. With
/// `apply` false, only checks that this is possible.
///
/// # Errors
/// `not_found` if the municipality is not recorded; `conflict` if no succession of it is, or if
/// something depends on it: a further succession, a change of its records, or of agreements that it
/// shares with others, by the right of its successors, or a successor's agreement that supersedes one of
/// its agreements.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    code: &str,
    (reason, apply): (&Localized, bool),
) -> Result<(), ApiError> {
    alone::demand(conn)?;
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
    let (first, recorded) = (first_instant(cx, succession), recorded_at(conn, id)?);
    all.extend(changes_by_others(conn, id, (first, recorded))?);
    all.extend(changes_of_shared(conn, id, (first, recorded))?);
    all.extend(superseded_by_successors(conn, id, succession)?);
    Ok(all)
}

/// Returns the records of a municipality that were changed, from the first day of its successors on,
/// by others than its own staff. Callers by single sign-on count as others, since their groups of that
/// day are not known.
fn changes_by_others(
    conn: &mut AnyConnection,
    id: OrganizationId,
    (first, recorded): (NaiveDateTime, i64),
) -> Result<Vec<Message>, ApiError> {
    let entries: Vec<Json<Entry>> = c::table
        .filter(c::municipality_id.eq(id.to_string()))
        .filter(c::seq.gt(recorded).and(c::recorded_at.ge(first)))
        .order(c::seq)
        .select(c::entry)
        .load(conn)?;
    let own = bound_tokens::of_staff(conn, &tokens(entries.iter()), id)?;
    Ok(changed_by_others(entries.iter(), &own))
}

/// Returns the agreements of other municipalities, with their reports, that the municipality shares as a
/// co-owner and that were changed since by others than the staff of their municipalities: only the
/// succession gave these a right to it.
fn changes_of_shared(
    conn: &mut AnyConnection,
    id: OrganizationId,
    (first, recorded): (NaiveDateTime, i64),
) -> Result<Vec<Message>, ApiError> {
    let shared = s::table.filter(s::municipality_id.eq(id.to_string()));
    let shared: Vec<String> = a::table
        .filter(a::id.eq_any(shared.select(s::agreement_id)))
        .filter(a::municipality_id.ne(id.to_string()))
        .select(a::id)
        .load(conn)?;
    let owners: Vec<(String, String)> = s::table
        .filter(in_list(s::agreement_id, &shared))
        .select((s::agreement_id, s::municipality_id))
        .load(conn)?;
    let rows: Vec<(String, Json<Entry>)> = c::table
        .filter(in_list(c::context_id, &shared))
        .filter(c::seq.gt(recorded).and(c::recorded_at.ge(first)))
        .order(c::seq)
        .select((c::context_id, c::entry))
        .load(conn)?;
    let mut changes: BTreeMap<String, Vec<Json<Entry>>> = BTreeMap::new();
    for (agreement, entry) in rows {
        changes.entry(agreement).or_default().push(entry);
    }
    let mut all = Vec::new();
    for (agreement, entries) in changes {
        let tokens = tokens(entries.iter());
        let mut own = BTreeSet::new();
        for (_, owner) in owners.iter().filter(|(of, _)| *of == agreement) {
            own.extend(bound_tokens::of_staff(conn, &tokens, stored_id(owner)?)?);
        }
        all.extend(changed_by_others(entries.iter(), &own));
    }
    Ok(all)
}

fn tokens<'a>(entries: impl Iterator<Item = &'a Json<Entry>>) -> BTreeSet<TokenId> {
    entries
        .filter_map(|Json(entry)| entry.actor.token_id)
        .collect()
}

/// Returns the records that were changed by others than the holders of these tokens, each once.
fn changed_by_others<'a>(
    entries: impl Iterator<Item = &'a Json<Entry>>,
    own: &BTreeSet<TokenId>,
) -> Vec<Message> {
    let mut seen = BTreeSet::new();
    let by_others = entries.filter(|Json(entry)| {
        let token = entry.actor.token_id;
        let by_others = token.is_some_and(|token| !own.contains(&token));
        by_others && seen.insert((entry.record_type.clone(), entry.record_id.clone()))
    });
    by_others
        .map(|Json(entry)| named(&entry.record_type, &entry.record_id))
        .collect()
}

/// Returns the name of a record in a refusal: its kind, and its id.
fn named(kind: &str, id: &str) -> Message {
    let kinds = labels().iter().find(|one| one.enumeration == "LoggedType");
    let mut labels = kinds.into_iter().flat_map(|one| &one.labels);
    let label = labels.find(|one| one.code == kind).map(|one| &one.label);
    let text = |language| label.map_or(kind, |label| label.in_language(language));
    Message::new(
        format!("{} {id}", text(Language::Korean)),
        format!("{} {id}", text(Language::English)),
    )
}

/// Returns the first instant of the successors.
fn first_instant(cx: &RequestContext, succession: &Succession) -> NaiveDateTime {
    let first = begin_of(succession.on, cx.zone);
    first.map_or(succession.on.and_time(NaiveTime::MIN), |first| {
        first.naive_utc()
    })
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
    let found = found.iter();
    Ok(found.map(|one| named(AGREEMENT.name, &one.id)).collect())
}
