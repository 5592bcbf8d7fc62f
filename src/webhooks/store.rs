//! Storage of webhooks.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::rules::{check_content, url_error};
use super::secret::{EarlierSecret, Secret};
use super::types::{Reason, RotatedSecret, Webhook, WebhookContent, WebhookState};
use crate::access::keys::WEBHOOK;
use crate::access::sealing::Sealing;
use crate::access::tokens;
use crate::db::page::{Listed, Page};
use crate::db::schema::{tokens as t, webhook_deliveries as d, webhooks as w};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{Names, known_municipality, names};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::WebhookId;
use crate::kernel::values::{Meta, Revision, stored_id};
use crate::ledger;
use crate::ledger::{Caller, Reach, RequestContext, Role};
use crate::outbound::Outbound;

/// Maximum number of webhooks per token.
const MAX_WEBHOOKS: i64 = 20;

/// Maximum number of earlier secrets that sign: each one makes the header of a delivery longer.
const MAX_EARLIER_SECRETS: usize = 20;
/// Time for which an earlier secret signs as well.
fn kept_for() -> Duration {
    Duration::hours(24)
}

/// The recorded document of a webhook.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Doc {
    pub content: WebhookContent,
    /// When and why it was switched off; `None` while it is on.
    pub off: Option<Off>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Off {
    pub since: NaiveDateTime,
    pub reason: Reason,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = w)]
struct Row {
    id: String,
    version: i64,
    token_id: String,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    failing_since: Option<NaiveDateTime>,
    last_success_at: Option<NaiveDateTime>,
    digested_until: Option<NaiveDate>,
}

/// A webhook's token: its name, expiry and revocation.
type OfToken = (String, Option<NaiveDateTime>, Option<NaiveDateTime>);

fn of_token() -> (t::name, t::expires_at, t::revoked_at) {
    (t::name, t::expires_at, t::revoked_at)
}

/// Returns true for admins of all municipalities, who see the webhooks of all tokens.
fn sees_all(caller: &Caller) -> bool {
    caller.role == Some(Role::Admin) && caller.reach == Reach::All
}

/// Returns the token id of a caller's own webhooks.
fn own(caller: &Caller) -> String {
    caller.id.map(|id| id.to_string()).unwrap_or_default()
}

fn row(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WebhookId,
) -> Result<(Row, OfToken), ApiError> {
    let mut query = w::table
        .inner_join(t::table.on(t::id.eq(w::token_id)))
        .filter(w::id.eq(id.to_string()))
        .select((Row::as_select(), of_token()))
        .into_boxed();
    if !sees_all(&cx.caller) {
        query = query.filter(w::token_id.eq(own(&cx.caller)));
    }
    Ok(query.first(conn)?)
}

/// Reads a webhook.
///
/// # Errors
/// Fails with `not_found` if the caller has no such webhook.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WebhookId,
) -> Result<Webhook, ApiError> {
    let row = row(conn, cx, id)?;
    let beside = Beside::load(conn, std::slice::from_ref(&row))?;
    view(row, cx.now, &beside)
}

/// Reads one page of the webhooks that the caller may see. They are few, so all are loaded.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    state: Option<WebhookState>,
    page: &Page,
) -> Result<Listed<Webhook>, ApiError> {
    let mut query = w::table
        .inner_join(t::table.on(t::id.eq(w::token_id)))
        .select((Row::as_select(), of_token()))
        .into_boxed();
    if !sees_all(&cx.caller) {
        query = query.filter(w::token_id.eq(own(&cx.caller)));
    }
    let rows: Vec<(Row, OfToken)> = query.load(conn)?;
    let beside = Beside::load(conn, &rows)?;
    let webhooks = rows.into_iter().map(|row| view(row, cx.now, &beside));
    let mut webhooks = webhooks.collect::<Result<Vec<_>, _>>()?;
    webhooks.retain(|webhook| state.is_none_or(|state| webhook.state == state));
    let id = |webhook: &Webhook| webhook.meta.id.to_string();
    Ok(page.of(webhooks, id, id))
}

/// What webhooks show beside their own rows.
struct Beside {
    /// Number of pending deliveries, by webhook id.
    waiting: HashMap<String, i64>,
    /// Names of the municipalities.
    names: Names,
}

impl Beside {
    fn load(conn: &mut AnyConnection, rows: &[(Row, OfToken)]) -> Result<Self, ApiError> {
        let ids = rows.iter().map(|(row, _)| row.id.clone()).collect();
        let contents = rows.iter().map(|(row, _)| &row.doc.0.content);
        Ok(Self {
            waiting: waiting(conn, ids)?,
            names: names(conn, contents.filter_map(|content| content.municipality_id))?,
        })
    }
}

/// Counts the pending deliveries of each webhook.
fn waiting(conn: &mut AnyConnection, ids: Vec<String>) -> Result<HashMap<String, i64>, ApiError> {
    let counts: Vec<(String, i64)> = d::table
        .filter(in_list(d::webhook_id, ids))
        .filter(d::state.eq("pending"))
        .group_by(d::webhook_id)
        .select((d::webhook_id, diesel::dsl::count_star()))
        .load(conn)?;
    Ok(counts.into_iter().collect())
}

fn view(
    (row, (token_name, expires, revoked)): (Row, OfToken),
    now: NaiveDateTime,
    Beside { waiting, names }: &Beside,
) -> Result<Webhook, ApiError> {
    let Json(doc) = row.doc;
    let municipality = doc.content.municipality_id;
    let of_token = || {
        let off = |since, reason| Off { since, reason };
        let expired = expires.filter(|end| *end <= now);
        revoked
            .map(|at| off(at, Reason::TokenRevoked))
            .or(expired.map(|at| off(at, Reason::TokenExpired)))
    };
    let off = doc.off.or_else(of_token);
    Ok(Webhook {
        token_id: stored_id(&row.token_id)?,
        token_name,
        state: match off {
            None => WebhookState::Active,
            Some(_) => WebhookState::Off,
        },
        off_since: off.as_ref().map(|off| off.since.and_utc()),
        off_reason: off.map(|off| off.reason.words()),
        last_success_at: row.last_success_at.map(|at| at.and_utc()),
        failing_since: row.failing_since.map(|at| at.and_utc()),
        digested_until: row.digested_until,
        pending_count: waiting.get(&row.id).copied().unwrap_or(0),
        meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
        municipality: municipality.and_then(|id| names.find(id)),
        content: doc.content,
    })
}

/// Creates a webhook for the caller's token. It receives what is recorded from now on.
///
/// # Errors
/// Fails with `forbidden` without a token of the registry, with `conflict` if the token has too
/// many webhooks, or with `validation_failed`.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (outbound, sealing): (&Outbound, &Sealing),
    new: &WebhookContent,
) -> Result<(Webhook, Secret), ApiError> {
    let holder = match cx.caller.id {
        Some(id) => tokens::holder(conn, &id.to_string(), cx.now)?.and(Some(id)),
        None => None,
    };
    // Nobody could tell whether a subject of single sign-on may still see what is sent.
    let token_id = holder.ok_or_else(|| {
        ApiError::with(
            Code::Forbidden,
            "웹훅에는 이 등록부의 토큰이 필요합니다. 통합 로그인으로는 만들 수 없습니다.",
            "A webhook takes a token of this registry; the single sign-on cannot make one.",
        )
    })?;
    let of_token = w::table.filter(w::token_id.eq(token_id.to_string()));
    if of_token.count().get_result::<i64>(conn)? >= MAX_WEBHOOKS {
        return Err(ApiError::with(
            Code::Conflict,
            format!("토큰 하나에 웹훅은 {MAX_WEBHOOKS}개까지입니다."),
            format!("A token has at most {MAX_WEBHOOKS} webhooks."),
        ));
    }
    check(conn, outbound, new)?;
    let secret = Secret::new()?;
    let id = WebhookId::from(Uuid::now_v7());
    let doc = Doc {
        off: (!new.enabled).then(|| asked(cx)),
        content: new.clone(),
    };
    diesel::insert_into(w::table)
        .values((
            w::id.eq(id.to_string()),
            w::version.eq(1),
            w::token_id.eq(token_id.to_string()),
            w::enabled.eq(new.enabled),
            w::doc.eq(Json(&doc)),
            w::created_at.eq(cx.now),
            w::updated_at.eq(cx.now),
            w::secret.eq(sealing.seal(&id.to_string(), secret.as_str())?),
            w::planned_to.eq(0),
            w::digested_until.eq(new.daily_digest.then_some(cx.today)),
            w::leased_until.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &WEBHOOK, &id.to_string(), None)?;
    // The head of the log is locked, so nothing lies between what is listed now and what is sent.
    let (head, _) = ledger::head(conn)?;
    diesel::update(w::table.find(id.to_string()))
        .set(w::planned_to.eq(head))
        .execute(conn)?;
    Ok((get(conn, cx, id)?, secret))
}

fn asked(cx: &RequestContext) -> Off {
    Off {
        since: cx.now,
        reason: Reason::Asked {
            by: cx.caller.name.clone(),
        },
    }
}

fn check(
    conn: &mut AnyConnection,
    outbound: &Outbound,
    content: &WebhookContent,
) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    // The schema has checked that it is a URL.
    let url = Url::parse(&content.url).map_err(ApiError::internal)?;
    if let Err(refused) = outbound.check(&url) {
        errors.push(url_error(refused));
    }
    if let Some(id) = content.municipality_id {
        known_municipality(conn, "/municipality_id", id, &mut errors)?;
    }
    errors.extend(check_content(content));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Changes a webhook. When it is switched on or gets another URL, pending deliveries are due at
/// once.
///
/// # Errors
/// Fails with `not_found`, `precondition_failed` or `validation_failed`.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    outbound: &Outbound,
    id: WebhookId,
    expected: &IfMatch,
    change: impl FnOnce(&WebhookContent) -> Result<Option<WebhookContent>, ApiError>,
) -> Result<Webhook, ApiError> {
    let (row, _) = row(conn, cx, id)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    let Json(before) = row.doc;
    let Some(content) = change(&before.content)? else {
        return get(conn, cx, id);
    };
    check(conn, outbound, &content)?;
    let starts_anew =
        content.enabled && (!before.content.enabled || content.url != before.content.url);
    let off = match before.off {
        _ if content.enabled => None,
        Some(off) => Some(off),
        None => Some(asked(cx)),
    };
    let digests = content.daily_digest;
    write(conn, cx, &row.id, row.version, &Doc { content, off })?;
    if digests != before.content.daily_digest {
        diesel::update(w::table.find(&row.id))
            .set(w::digested_until.eq(digests.then_some(cx.today)))
            .execute(conn)?;
    }
    if starts_anew {
        reset_failures(conn, cx.now, &row.id)?;
    }
    get(conn, cx, id)
}

/// Writes a new version of a webhook.
pub(super) fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: &str,
    version: i64,
    doc: &Doc,
) -> Result<(), ApiError> {
    let changed = diesel::update(w::table.find(id).filter(w::version.eq(version)))
        .set((
            w::version.eq(version + 1),
            w::enabled.eq(doc.content.enabled),
            w::doc.eq(Json(doc)),
            w::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    ledger::append(conn, cx, &WEBHOOK, id, None)
}

/// Resets the failures of a webhook and makes its pending deliveries due.
fn reset_failures(conn: &mut AnyConnection, now: NaiveDateTime, id: &str) -> Result<(), ApiError> {
    diesel::update(d::table.filter(d::webhook_id.eq(id).and(d::state.eq("pending"))))
        .set((
            d::tries.eq(0),
            d::first_attempt_at.eq(None::<NaiveDateTime>),
            d::next_attempt_at.eq(now),
        ))
        .execute(conn)?;
    diesel::update(w::table.find(id))
        .set((
            w::failures.eq(0),
            w::failing_since.eq(None::<NaiveDateTime>),
            w::rests_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)?;
    Ok(())
}

/// Deletes a webhook with its deliveries.
///
/// # Errors
/// Fails with `not_found` or `precondition_failed`.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WebhookId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let (row, _) = row(conn, cx, id)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    let same = w::table.find(&row.id).filter(w::version.eq(row.version));
    if diesel::delete(same).execute(conn)? == 0 {
        return Err(ApiError::collision());
    }
    ledger::append(conn, cx, &WEBHOOK, &row.id, None)
}

/// Gives a webhook a new secret. Each earlier one signs as well until a day after it was replaced.
///
/// # Errors
/// Fails with `not_found` if the caller has no such webhook, or with `conflict` if too many earlier
/// secrets still sign.
pub fn rotate(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    sealing: &Sealing,
    id: WebhookId,
) -> Result<RotatedSecret, ApiError> {
    let (row, _) = row(conn, cx, id)?;
    let secret = Secret::new()?;
    let until = cx.now + kept_for();
    let (before, Json(mut earlier)): (String, Json<Vec<EarlierSecret>>) = w::table
        .find(&row.id)
        .select((w::secret, w::earlier_secrets))
        .first(conn)?;
    earlier.retain(|secret| cx.now < secret.until);
    if earlier.len() >= MAX_EARLIER_SECRETS {
        return Err(ApiError::with(
            Code::Conflict,
            format!("하루에 비밀 값을 바꿀 수 있는 횟수는 {MAX_EARLIER_SECRETS}번입니다."),
            format!("A secret can be replaced at most {MAX_EARLIER_SECRETS} times a day."),
        ));
    }
    earlier.push(EarlierSecret {
        secret: before,
        until,
    });
    diesel::update(w::table.find(&row.id))
        .set((
            w::secret.eq(sealing.seal(&row.id, secret.as_str())?),
            w::earlier_secrets.eq(Json(&earlier)),
        ))
        .execute(conn)?;
    // The fact and the author of the change are recorded; the secrets are not.
    write(conn, cx, &row.id, row.version, &row.doc.0)?;
    Ok(RotatedSecret {
        secret: secret.as_str().to_owned(),
        previous_until: until.and_utc(),
    })
}
