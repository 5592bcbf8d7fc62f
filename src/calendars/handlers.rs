//! Handlers of `/calendars` and `/calendar-feeds`.

use actix_web::{HttpRequest, get, post};

use super::store;
use super::types::{Calendar, CalendarContent, CreatedCalendar};
use crate::access::address::Address;
use crate::db::page::PageBody;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::public_url::base;
use crate::http::{
    AddressFilter, AddressSort, Answer, List, Paged, Paging, Path, Post, Posted, Read, Session,
    Single, Step, link,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AddressId;
use crate::kernel::language::Language;
use crate::timeline::calendar;
use crate::timeline::calendar::{EXAMPLE, Ics};

/// List calendars
///
/// Returns the calendars made with the caller's token, including revoked ones. The list never
/// contains addresses, since the registry does not store them.
#[utoipa::path(tag = "calendars", operation_id = "list_calendars", params(AddressFilter, Paging),
    responses((status = 200, description = "One page of calendars", body = PageBody<Calendar>)))]
#[get("/calendars")]
async fn list_calendars(
    session: Session,
    list: List<AddressFilter>,
) -> Result<Paged<Calendar>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| store::list(conn, cx, filter.active, &page));
    // The time of the last use is not logged.
    session.page(listed.await?)
}

/// Create a calendar with an address
///
/// Creates a calendar for clients that cannot send headers. The response contains the address of
/// the calendar, which is shown only once; an idempotency key has no effect. The calendar shows
/// what its token can see when it is read, and becomes invalid with the token. Callers by single
/// sign-on cannot create calendars.
#[utoipa::path(tag = "calendars", operation_id = "create_calendar", request_body = CalendarContent,
    responses((status = 201, description = "The calendar, with its address", body = CreatedCalendar)))]
#[post("/calendars")]
async fn create_calendar(
    req: HttpRequest,
    post: Post<CalendarContent>,
) -> Result<Posted<CreatedCalendar>, ApiError> {
    let base = link(&req, "");
    let location = |new: &CreatedCalendar| format!("/api/v1/calendars/{}", new.entry.meta.id);
    // A response stored under an idempotency key would contain the address.
    post.unkept()
        .created(location, move |conn, cx, new| {
            let (entry, path) = store::create(conn, cx, new)?;
            let address = format!("{base}{path}");
            Ok(CreatedCalendar { entry, address })
        })
        .await
}

/// Read a calendar's settings
///
/// Returns the filters of the calendar, its token, and whether its address is still valid.
#[utoipa::path(tag = "calendars", operation_id = "get_calendar",
    params(("id" = Uuid, Path, description = "The calendar's id")),
    responses((status = 200, description = "The calendar, without its address", body = Calendar)))]
#[get("/calendars/{id}")]
async fn get_calendar(Path(id): Path<AddressId>, read: Read) -> Result<Single<Calendar>, ApiError> {
    read.unlogged(move |conn, cx| store::get(conn, cx, id))
        .await
}

/// Revoke a calendar
///
/// Invalidates the address immediately and permanently: it answers `not_found`. The calendar stays
/// listed. Revoking it again changes nothing.
#[utoipa::path(tag = "calendars", operation_id = "revoke_calendar",
    params(("id" = Uuid, Path, description = "The calendar's id")),
    responses((status = 200, description = "The calendar, without its address", body = Calendar)))]
#[post("/calendars/{id}/revocation")]
async fn revoke_calendar(
    Path(id): Path<AddressId>,
    step: Step,
) -> Result<Posted<Calendar>, ApiError> {
    step.changed(move |conn, cx| store::revoke(conn, cx, id))
        .await
}

/// Read a calendar at its address
///
/// Returns an iCalendar text like `/timeline.ics`, with the entries that the calendar's token can
/// see at this moment.
#[utoipa::path(tag = "calendars", operation_id = "get_calendar_feed",
    params(("feed" = String, Path, description = "Last segment of the address that `POST /calendars` returned",
        max_length = 200, example = "cal_0000000000000000000000000000000000000000000000000000000000000000.ics")),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar", example = json!(EXAMPLE))))]
#[get("/calendar-feeds/{feed}")]
async fn get_calendar_feed(req: HttpRequest, read: Read) -> Result<Ics, ApiError> {
    let address = Address::from_path(req.path()).ok_or_else(ApiError::not_found)?;
    let base = base(&req);
    let session = read.session.depending_on(&base);
    let read = session.read_shown_texts(move |conn, cx, texts| {
        let content = store::content_at(conn, &address)?;
        let written = (content.lang, Some(content.name.as_str()), base.as_str());
        let text = calendar::write(conn, cx, texts, &content.timeline_filter(), written)?;
        Ok(Answer::text(text).speaking(content.lang))
    });
    let calendar = read.await?;
    Ok(Ics {
        language: calendar.language(),
        calendar,
    })
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "calendars",
            "Parts of the timeline at secret URLs, for calendar clients that cannot send headers",
        )
        .schema::<AddressSort>()
        .schema::<Language>();
    config
        .route(list_calendars, Access::Own)
        .route(create_calendar, Access::Own)
        .route(get_calendar, Access::Own)
        .route(revoke_calendar, Access::Own)
        .route(get_calendar_feed, Access::Address.to_figures());
}
