//! Queries of calendars.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use uuid::Uuid;

use super::types::{Calendar, CalendarContent, TokenRef};
use crate::access::calendar_address;
use crate::access::calendar_address::Address;
use crate::access::keys::CALENDAR;
use crate::db::page::{Listed, Page};
use crate::db::schema::{calendars as c, tokens as t};
use crate::db::{AnyConnection, Json};
use crate::directory::names::{Names, names, unknown};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{CalendarId, OrganizationId, ProjectId};
use crate::kernel::values::{Meta, ProjectRef, stored_id};
use crate::ledger;
use crate::ledger::{Reach, RequestContext, Role};
use crate::projects::store as projects;

/// Maximum number of calendars per token, including those revoked within a day. Needed because
/// callers without any other write permission can create calendars.
const MAX_CALENDARS_PER_TOKEN: i64 = 50;

#[derive(Queryable, Selectable)]
#[diesel(table_name = c)]
struct Row {
    id: String,
    version: i64,
    token_id: String,
    doc: Json<CalendarContent>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    last_used_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// Name, expiry and revocation time of a calendar's token.
type OfToken = (String, Option<NaiveDateTime>, Option<NaiveDateTime>);

/// Returns the settings of the calendar at an address.
///
/// # Errors
/// `not_found`
pub fn content_at(
    conn: &mut AnyConnection,
    address: &Address,
) -> Result<CalendarContent, ApiError> {
    calendar_address::document_at(conn, address)
}

/// Creates a calendar for the caller's token. Returns it with the path of its address.
///
/// # Errors
/// `validation_failed` for each reference that the caller cannot see; `forbidden` for a caller
/// without a token of this registry; `conflict` if the token has too many calendars.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &CalendarContent,
) -> Result<(Calendar, String), ApiError> {
    let token_id = token_of(conn, cx)?;
    check(conn, cx, new)?;
    let lately = c::revoked_at.gt(cx.now - Duration::days(1));
    let counted = c::revoked_at.is_null().or(lately.assume_not_null());
    let count: i64 = c::table
        .filter(c::token_id.eq(&token_id).and(counted))
        .count()
        .get_result(conn)?;
    if count >= MAX_CALENDARS_PER_TOKEN {
        return Err(ApiError::with(
            Code::Conflict,
            format!(
                "한 토큰의 캘린더는 지난 하루에 취소한 것까지 합해 {MAX_CALENDARS_PER_TOKEN}개까지입니다."
            ),
            format!(
                "A token has at most {MAX_CALENDARS_PER_TOKEN} calendars, those revoked within a day included."
            ),
        ));
    }
    let (address, path) = Address::new()?;
    let id = CalendarId::from(Uuid::now_v7());
    diesel::insert_into(c::table)
        .values((
            c::id.eq(id.to_string()),
            c::version.eq(1),
            c::token_id.eq(token_id),
            c::handle.eq(address.digest().handle()),
            c::hash.eq(address.digest().as_str()),
            c::name.eq(&new.name),
            c::doc.eq(Json(new)),
            c::created_at.eq(cx.now),
            c::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &CALENDAR, &id.to_string(), None)?;
    Ok((get(conn, cx, id)?, path))
}

/// Returns the id of the caller's token.
///
/// Callers by single sign-on have none, so nothing would end their calendars.
///
/// # Errors
/// `forbidden` if the caller has no token of this registry.
fn token_of(conn: &mut AnyConnection, cx: &RequestContext) -> Result<String, ApiError> {
    let id = cx.caller.id.map(|id| id.to_string()).unwrap_or_default();
    let token = t::table.find(id).select(t::id).first(conn).optional()?;
    token.ok_or_else(|| {
        ApiError::with(
            Code::Forbidden,
            "캘린더 주소는 이 등록부의 토큰에 매입니다. 통합 인증으로는 만들 수 없습니다.",
            "A calendar's address is bound to a token of this registry: the single sign-on makes none.",
        )
    })
}

fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &CalendarContent,
) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    let organizations = [
        ("/municipality_id", new.municipality_id),
        ("/organization_id", new.organization_id),
    ];
    let known = names(conn, organizations.iter().filter_map(|(_, id)| *id))?;
    for (pointer, id) in organizations {
        if id.is_some_and(|id| !known.contains(id)) {
            errors.push(unknown(pointer));
        }
    }
    if let Some(id) = new.project_id
        && projects::references(conn, cx, &[id])?.is_empty()
    {
        errors.push(unknown("/project_id"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Reads a calendar's settings.
///
/// # Errors
/// `not_found`, also if the calendar belongs to another token.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: CalendarId,
) -> Result<Calendar, ApiError> {
    let found = load(conn, cx, Some(id))?.pop();
    found.ok_or_else(ApiError::not_found)
}

/// Reads one page of the caller's calendars.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    active: Option<bool>,
    page: &Page,
) -> Result<Listed<Calendar>, ApiError> {
    let mut all = load(conn, cx, None)?;
    all.retain(|calendar| active.is_none_or(|active| calendar.active == active));
    let id = |calendar: &Calendar| calendar.meta.id.to_string();
    Ok(page.of(all, id, id))
}

/// Loads all calendars of the caller's token, which are few. An admin of all municipalities gets
/// those of all tokens.
fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: Option<CalendarId>,
) -> Result<Vec<Calendar>, ApiError> {
    let mut query = c::table
        .inner_join(t::table.on(t::id.eq(c::token_id)))
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(c::id.eq(id.to_string()));
    }
    if cx.caller.role != Some(Role::Admin) || cx.caller.reach != Reach::All {
        let own = cx.caller.id.map(|id| id.to_string());
        query = query.filter(c::token_id.eq(own.unwrap_or_default()));
    }
    let rows: Vec<(Row, OfToken)> = query
        .select((Row::as_select(), (t::name, t::expires_at, t::revoked_at)))
        .order(c::id)
        .load(conn)?;
    let contents = || rows.iter().map(|(row, _)| &row.doc.0);
    let organizations = contents().flat_map(|c| [c.municipality_id, c.organization_id]);
    let names = names(conn, organizations.flatten())?;
    let projects: Vec<ProjectId> = contents().filter_map(|c| c.project_id).collect();
    let projects = projects::references(conn, cx, &projects)?;
    let related = Related { names, projects };
    let views = rows
        .into_iter()
        .map(|(row, token)| view(row, token, cx.now, &related));
    views.collect()
}

/// Names of the records to which calendars refer.
struct Related {
    names: Names,
    projects: Vec<ProjectRef>,
}

fn view(
    row: Row,
    (name, expires_at, ended): OfToken,
    now: NaiveDateTime,
    related: &Related,
) -> Result<Calendar, ApiError> {
    let Json(content) = row.doc;
    let named = |id: Option<OrganizationId>| related.names.find(id?);
    let project = |wanted: &&ProjectRef| Some(wanted.id) == content.project_id;
    let valid = ended.is_none() && expires_at.is_none_or(|end| now < end);
    Ok(Calendar {
        meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
        municipality: named(content.municipality_id),
        organization: named(content.organization_id),
        project: related.projects.iter().find(project).cloned(),
        content,
        token: TokenRef {
            id: stored_id(&row.token_id)?,
            name,
        },
        active: valid && row.revoked_at.is_none(),
        last_used_at: row.last_used_at.map(|at| at.and_utc()),
        revoked_at: row.revoked_at.map(|at| at.and_utc()),
    })
}

/// Revokes a calendar permanently. Revoking it again changes nothing.
///
/// # Errors
/// `not_found`
pub fn revoke(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: CalendarId,
) -> Result<Calendar, ApiError> {
    let calendar = get(conn, cx, id)?;
    if calendar.revoked_at.is_some() {
        return Ok(calendar);
    }
    diesel::update(c::table.find(id.to_string()))
        .set((
            c::revoked_at.eq(cx.now),
            c::version.eq(calendar.meta.version + 1),
            c::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    ledger::append(conn, cx, &CALENDAR, &id.to_string(), None)?;
    get(conn, cx, id)
}
