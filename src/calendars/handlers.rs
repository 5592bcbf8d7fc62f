//! `/calendars` and `/calendar-feeds`

use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::address::Address;
use super::store;
use super::types::{Calendar, CalendarContent, NewCalendar};
use crate::access::Session;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Filter, Id, Keyed, List, Logged, NoParams, Paged, Paging, Params, Posted, Single,
};
use crate::timeline::calendar::{self, EXAMPLE, Ics};
use crate::timeline::store as timeline;

/// The orders of a list of calendars; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum CalendarSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Which calendars are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct KeptFilter {
    /// Only those whose addresses answer, or only those whose do not.
    #[param(example = true)]
    active: Option<bool>,
    /// The order of the list; the newest first unless it says otherwise.
    #[param(example = "-id")]
    sort: Option<CalendarSort>,
}

impl Filter for KeptFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(CalendarSort::IdDown) {
            CalendarSort::Id => Order::ascending("calendars.id", "calendars.id"),
            CalendarSort::IdDown => Order::descending("calendars.id", "calendars.id"),
        }
    }
}

/// List calendars
///
/// The entries of those that were made with the caller's token, revoked ones too; never their
/// addresses, which the registry does not keep.
#[utoipa::path(tag = "calendars", operation_id = "list_calendars", params(KeptFilter, Paging),
    responses((status = 200, description = "One page of calendars", body = PageBody<Calendar>)))]
#[get("/calendars")]
async fn list_calendars(
    session: Session,
    list: List<KeptFilter>,
) -> Result<Paged<Calendar>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| store::list(conn, cx, filter.active, &page));
    // When one was last read is not logged.
    Ok(Paged(Logged::New(listed.await?)))
}

/// Make a calendar with an address
///
/// For clients that can send no header: the answer shows, this once, the address at which the
/// calendar is read; an idempotency key has no effect here. It shows what the token that makes it
/// sees on the day it is read, and ends with the token. Who comes by the single sign-on makes none.
#[utoipa::path(tag = "calendars", operation_id = "create_calendar", request_body = CalendarContent,
    responses((status = 201, description = "The calendar's entry, and its address", body = NewCalendar)))]
#[post("/calendars")]
async fn create_calendar(
    session: Session,
    _: Params<NoParams>,
    body: Body<CalendarContent>,
) -> Result<Posted<NewCalendar>, ApiError> {
    let Body { value, digest } = body;
    let location = |new: &NewCalendar| format!("/api/v1/calendars/{}", new.entry.meta.id);
    // An answer that is kept for its key would keep the address.
    Posted::created(
        &session,
        Keyed::never(),
        digest,
        location,
        move |conn, cx| {
            let (entry, address) = store::create(conn, cx, &value)?;
            Ok(NewCalendar { entry, address })
        },
    )
    .await
}

/// Read a calendar's entry
///
/// What it shows, whose it is, and whether its address still answers.
#[utoipa::path(tag = "calendars", operation_id = "get_calendar",
    params(("id" = Uuid, Path, description = "The calendar's id")),
    responses((status = 200, description = "The calendar's entry", body = Calendar)))]
#[get("/calendars/{id}")]
async fn get_calendar(
    session: Session,
    id: Id,
    _: Params<NoParams>,
) -> Result<Single<Calendar>, ApiError> {
    let [id] = id.0;
    let calendar = session.read(move |conn, cx| store::get(conn, cx, id));
    Ok(Single(calendar.await?))
}

/// Revoke a calendar
///
/// At once and for good: its address is not found any more. Its entry stays; revoking it again
/// changes nothing.
#[utoipa::path(tag = "calendars", operation_id = "revoke_calendar",
    params(("id" = Uuid, Path, description = "The calendar's id")),
    responses((status = 200, description = "The calendar's entry", body = Calendar)))]
#[post("/calendars/{id}/revocation")]
async fn revoke_calendar(
    session: Session,
    id: Id,
    keyed: Keyed,
    _: Params<NoParams>,
) -> Result<Posted<Calendar>, ApiError> {
    let [id] = id.0;
    Posted::changed(&session, keyed, 0, move |conn, cx| {
        store::revoke(conn, cx, id)
    })
    .await
}

/// Read a calendar at its address
///
/// As iCalendar, like `/timeline.ics`: what the token that made it sees at this moment.
#[utoipa::path(tag = "calendars", operation_id = "get_calendar_feed",
    params(("feed" = String, Path, description = "The last part of the address, as `/calendars` answered it",
        max_length = 200, example = "cal_0000000000000000000000000000000000000000000000000000000000000000.ics")),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar", example = json!(EXAMPLE))))]
#[get("/calendar-feeds/{feed}")]
async fn get_calendar_feed(
    session: Session,
    req: HttpRequest,
    _: Params<NoParams>,
) -> Result<Ics, ApiError> {
    let address = Address::in_path(req.path()).ok_or_else(ApiError::not_found)?;
    let read = session.read_logged(move |conn, cx| {
        let content = store::content_at(conn, &address)?;
        let selection = timeline::selection(conn, cx, &content.wanted())?;
        let text = calendar::write(&selection, content.lang, Some(&content.name));
        Ok((content.lang, text))
    });
    let read = read.await?;
    let language = match &read {
        Logged::Again(_, _, (language, _)) | Logged::New((language, _)) => Some(*language),
        Logged::Known(_) => None,
    };
    Ok(Ics {
        text: read.map(|(_, text)| text),
        language,
    })
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_calendars)
        .service(create_calendar)
        .service(get_calendar)
        .service(revoke_calendar)
        .service(get_calendar_feed);
}
