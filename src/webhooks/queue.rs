//! The queue of deliveries: planned from the log, and kept until they have arrived.
//!
//! One server at a time serves a webhook, which it leases for a while. Of each record only the
//! earliest pending delivery is due, so changes arrive in order.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{Date, Text, Timestamp};
use uuid::Uuid;

use super::secret::{EarlierSecret, Secret};
use super::store::Doc;
use super::{digest, event};
use crate::access::sealing::Sealing;
use crate::access::tokens;
use crate::changes::store as log;
use crate::changes::store::Wanted;
use crate::db::schema::{webhook_deliveries as d, webhooks as w};
use crate::db::{AnyConnection, Json, directly};
use crate::kernel::error::ApiError;
use crate::kernel::values::{stored, stored_id, to_db};
use crate::ledger;
use crate::ledger::RequestContext;
use crate::records;

/// Duration of a lease: longer than an attempt takes.
pub(super) const LEASE: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
/// Number of changes that are planned at once.
const PAGE: i64 = 100;
/// Maximum number of pending deliveries per webhook. The remaining changes stay in the log.
const MAX_PENDING: i64 = 1_000;

/// A webhook leased by a server.
#[derive(Clone, Debug)]
pub struct Lease {
    pub webhook: String,
    /// Name of the server.
    pub by: String,
}

/// SQL condition: delivery `d` of webhook `w` is due at the instant `now`.
fn due_sql(now: &str) -> String {
    format!(
        "d.webhook_id = w.id AND d.state = 'pending' AND d.next_attempt_at <= {now} AND NOT EXISTS (\
           SELECT 1 FROM webhook_deliveries AS e WHERE e.webhook_id = d.webhook_id AND e.state = 'pending' \
             AND e.record_id = d.record_id AND e.seq < d.seq)"
    )
}

/// SQL condition: changes remain to be planned for webhook `w`, and there is room for them.
fn unplanned_sql() -> String {
    format!(
        "w.planned_to < (SELECT seq FROM changes_head WHERE id = 1) AND (\
           SELECT COUNT(*) FROM webhook_deliveries AS c WHERE c.webhook_id = w.id AND c.state = 'pending') < {MAX_PENDING}"
    )
}

/// Returns the placeholders of a statement's first and second values, which can appear repeatedly.
fn placeholders(conn: &AnyConnection) -> (&'static str, &'static str) {
    match conn {
        AnyConnection::Sqlite(_) => ("?1", "?2"),
        AnyConnection::Postgres(_) => ("$1", "$2"),
    }
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// Returns the enabled webhooks with due work that no other server leases, longest waiting first.
pub fn to_do(conn: &mut AnyConnection, cx: &RequestContext) -> Result<Vec<String>, ApiError> {
    // Many registries have none, and this is asked after every write.
    let enabled = w::table.filter(w::enabled).select(w::id);
    let any: Option<String> = directly!(conn, enabled, first).optional()?;
    if any.is_none() {
        return Ok(Vec::new());
    }
    let (at, today) = placeholders(conn);
    let sql = format!(
        "SELECT w.id FROM webhooks AS w JOIN tokens AS t ON t.id = w.token_id \
         WHERE w.enabled AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > {at}) \
           AND (w.rests_until IS NULL OR w.rests_until <= {at}) AND w.leased_until <= {at} \
           AND (w.digested_until < {today} OR EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE {due}) OR {behind}) \
         ORDER BY w.leased_until, w.id",
        due = due_sql(at),
        behind = unplanned_sql(),
    );
    let rows: Vec<Id> = diesel::sql_query(sql)
        .bind::<Timestamp, _>(cx.now)
        .bind::<Date, _>(cx.today)
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Leases a webhook. Returns false if another server has leased it.
pub fn acquire(
    conn: &mut AnyConnection,
    lease: &Lease,
    now: NaiveDateTime,
) -> Result<bool, ApiError> {
    let free = w::table
        .find(&lease.webhook)
        .filter(w::leased_until.le(now));
    let taken = diesel::update(free)
        .set((w::leased_by.eq(&lease.by), w::leased_until.eq(now + LEASE)))
        .execute(conn)?;
    Ok(taken == 1)
}

/// Extends a lease. Returns false if it was lost.
pub(super) fn renew(
    conn: &mut AnyConnection,
    lease: &Lease,
    now: NaiveDateTime,
) -> Result<bool, ApiError> {
    let own = w::table
        .find(&lease.webhook)
        .filter(w::leased_by.eq(&lease.by));
    let kept = diesel::update(own)
        .set(w::leased_until.eq(now + LEASE))
        .execute(conn)?;
    Ok(kept == 1)
}

/// Releases a webhook.
pub fn release(
    conn: &mut AnyConnection,
    lease: &Lease,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    let own = w::table
        .find(&lease.webhook)
        .filter(w::leased_by.eq(&lease.by));
    diesel::update(own)
        .set((w::leased_by.eq(None::<String>), w::leased_until.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Changes to be delivered.
#[derive(Clone, Debug)]
pub struct Plan {
    from: i64,
    to: i64,
    changes: Vec<Planned>,
}

#[derive(Clone, Debug)]
struct Planned {
    seq: i64,
    record_type: String,
    record_id: String,
    type_: String,
}

/// A due delivery.
#[derive(Clone, Debug)]
pub struct Due {
    pub id: String,
    pub url: String,
    pub body: String,
    /// Secrets that sign it.
    pub secrets: Vec<Secret>,
}

/// The next step for a webhook.
#[derive(Clone, Debug)]
pub enum Next {
    Digest(digest::plan::Planned),
    Plan(Plan),
    Send(Due),
    /// Removes a delivery that the token may no longer see.
    Drop(String),
    Nothing,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = w)]
struct Row {
    token_id: String,
    doc: Json<Doc>,
    secret: String,
    earlier_secrets: Json<Vec<EarlierSecret>>,
    planned_to: i64,
    digested_until: Option<NaiveDate>,
}

impl Row {
    /// Decrypts the secrets that sign at an instant. An earlier one whose key is lost is left out.
    fn secrets(
        &self,
        id: &str,
        sealing: &Sealing,
        now: NaiveDateTime,
    ) -> Result<Vec<Secret>, ApiError> {
        let mut secrets = vec![Secret::stored(sealing.open(id, &self.secret)?)];
        for earlier in self.earlier_secrets.0.iter().filter(|s| now < s.until) {
            match sealing.open(id, &earlier.secret) {
                Ok(secret) => secrets.push(Secret::stored(secret)),
                Err(error) => {
                    tracing::warn!(%error, webhook = id, "an earlier secret does not sign");
                }
            }
        }
        Ok(secrets)
    }
}

#[derive(QueryableByName, Queryable, Selectable)]
#[diesel(table_name = d)]
struct DueRow {
    id: String,
    seq: Option<i64>,
    record_type: Option<String>,
    record_id: Option<String>,
    type_: String,
    body: Option<String>,
    created_at: NaiveDateTime,
}

/// Determines the next step, within the visibility of the webhook's token. `base` is the URL of the
/// server, if it is known.
pub fn next(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    sealing: &Sealing,
    webhook: &str,
    base: &str,
) -> Result<Next, ApiError> {
    let row: Option<Row> = w::table
        .find(webhook)
        .filter(w::enabled.eq(true))
        .filter(
            w::rests_until
                .is_null()
                .or(w::rests_until.le(cx.now))
                .assume_not_null(),
        )
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row else {
        return Ok(Next::Nothing);
    };
    let Some(cx) = as_token_holder(conn, cx, &row.token_id)? else {
        return Ok(Next::Nothing);
    };
    let doc = &row.doc.0;
    if let Some(planned) = digest::plan::next_digest(&cx, &doc.content, row.digested_until) {
        return Ok(Next::Digest(planned));
    }
    if has_unplanned(conn, webhook)? {
        return plan_of(conn, &cx, doc, row.planned_to).map(Next::Plan);
    }
    let Some(due) = due(conn, webhook, cx.now)? else {
        return Ok(Next::Nothing);
    };
    let Some(body) = body_of(conn, &cx, &due, base)? else {
        return Ok(Next::Drop(due.id));
    };
    Ok(Next::Send(Due {
        id: due.id,
        body,
        secrets: row.secrets(webhook, sealing, cx.now)?,
        url: doc.content.url.clone(),
    }))
}

fn has_unplanned(conn: &mut AnyConnection, webhook: &str) -> Result<bool, ApiError> {
    let sql = format!(
        "SELECT w.id FROM webhooks AS w WHERE w.id = {} AND {}",
        placeholders(conn).0,
        unplanned_sql()
    );
    let found = diesel::sql_query(sql).bind::<Text, _>(webhook);
    Ok(found.get_result::<Id>(conn).optional()?.is_some())
}

fn plan_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Doc,
    from: i64,
) -> Result<Plan, ApiError> {
    let types = doc.content.record_types.as_deref();
    if types.is_some_and(<[_]>::is_empty) {
        return Ok(Plan {
            from,
            to: ledger::head(conn)?.0,
            changes: Vec::new(),
        });
    }
    let wanted = Wanted {
        after: from,
        limit: PAGE,
        types: types.into_iter().flatten().map(|t| t.record).collect(),
        municipality_id: doc.content.municipality_id,
        gone: true,
        ..Wanted::default()
    };
    let found = log::list(conn, cx, &wanted)?;
    // Entries after a list that is not full are not visible to the token.
    let all = (found.items.len() as i64) < PAGE;
    let to = if all { ledger::head(conn)?.0 } else { 0 };
    let changes = found.items.iter().map(|change| Planned {
        seq: change.seq,
        record_type: to_db(&change.record_type),
        record_id: change.record_id.to_string(),
        type_: event::type_of(change),
    });
    Ok(Plan {
        from,
        to: to.max(found.last_seq),
        changes: changes.collect(),
    })
}

fn due(
    conn: &mut AnyConnection,
    webhook: &str,
    now: NaiveDateTime,
) -> Result<Option<DueRow>, ApiError> {
    let (at, id) = placeholders(conn);
    let sql = format!(
        "SELECT d.id, d.seq, d.record_type, d.record_id, d.type AS type_, d.body, d.created_at \
         FROM webhooks AS w JOIN webhook_deliveries AS d ON {due} WHERE w.id = {id} \
         ORDER BY d.next_attempt_at, d.seq, d.id LIMIT 1",
        due = due_sql(at),
    );
    let found = diesel::sql_query(sql)
        .bind::<Timestamp, _>(now)
        .bind::<Text, _>(webhook);
    Ok(found.get_result(conn).optional()?)
}

/// Returns true if a delivery still has content that the token of its webhook may see.
pub fn has_visible_content(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    delivery: &str,
) -> Result<bool, ApiError> {
    let (row, token_id): (DueRow, String) = d::table
        .inner_join(w::table.on(w::id.eq(d::webhook_id)))
        .filter(d::id.eq(delivery))
        .select((DueRow::as_select(), w::token_id))
        .first(conn)?;
    let Some(cx) = as_token_holder(conn, cx, &token_id)? else {
        return Ok(false);
    };
    // Tests and digests are for any holder of the token; a digest is built when it is sent.
    if row.body.is_some() {
        return Ok(true);
    }
    Ok(body_of(conn, &cx, &row, "")?.is_some())
}

/// Returns the context with the token's holder as the caller, or `None` if the token is expired or
/// revoked.
fn as_token_holder(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    token: &str,
) -> Result<Option<RequestContext>, ApiError> {
    let Some(mut caller) = tokens::holder(conn, token, cx.now)? else {
        return Ok(None);
    };
    caller.reach.widen(conn, cx.today)?;
    let holder = cx.clone();
    Ok(Some(holder.by(caller, cx.operation, cx.request_id.clone())))
}

/// Builds the body of a delivery from what its token sees now. Returns `None` if the token no
/// longer sees the change.
fn body_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    due: &DueRow,
    base: &str,
) -> Result<Option<String>, ApiError> {
    if let Some(body) = &due.body {
        if due.type_ != digest::types::EVENT {
            return Ok(Some(body.clone()));
        }
        let digest = digest::read::digest(conn, cx, &stored(body)?)?;
        return event::digest(&digest.reached_at(base), due.created_at.and_utc()).map(Some);
    }
    let (Some(seq), Some(kind), Some(id)) = (due.seq, &due.record_type, &due.record_id) else {
        return Err(ApiError::internal("a delivery of nothing"));
    };
    let record = records::named(kind).ok_or_else(|| ApiError::internal(kind.clone()))?;
    let wanted = Wanted {
        after: seq - 1,
        limit: 1,
        record: Some((record, stored_id(id)?)),
        gone: true,
        ..Wanted::default()
    };
    let found = log::list(conn, cx, &wanted)?.items;
    let seen = found.first().filter(|change| change.seq == seq);
    seen.map(event::of).transpose()
}

/// Stores planned deliveries and how far the log is planned. Returns false if the webhook is no
/// longer leased.
pub fn plan(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    lease: &Lease,
    plan: &Plan,
) -> Result<bool, ApiError> {
    let own = w::table
        .find(&lease.webhook)
        .filter(w::leased_by.eq(&lease.by).and(w::planned_to.eq(plan.from)));
    let moved = diesel::update(own)
        .set((
            w::planned_to.eq(plan.to),
            w::leased_until.eq(cx.now + LEASE),
        ))
        .execute(conn)?;
    if moved == 0 {
        return Ok(false);
    }
    for change in &plan.changes {
        diesel::insert_into(d::table)
            .values((
                d::id.eq(Uuid::now_v7().to_string()),
                d::webhook_id.eq(&lease.webhook),
                d::seq.eq(change.seq),
                d::record_type.eq(&change.record_type),
                d::record_id.eq(&change.record_id),
                d::type_.eq(&change.type_),
                d::state.eq("pending"),
                d::next_attempt_at.eq(cx.now),
                d::created_at.eq(cx.now),
            ))
            .execute(conn)?;
    }
    Ok(true)
}

/// Removes a delivery without sending it. Returns false if the webhook is no longer leased.
pub fn forget(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    lease: &Lease,
    delivery: &str,
) -> Result<bool, ApiError> {
    diesel::delete(d::table.find(delivery)).execute(conn)?;
    renew(conn, lease, cx.now)
}
