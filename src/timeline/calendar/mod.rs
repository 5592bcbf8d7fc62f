//! `/timeline.ics`: the timeline in iCalendar format.

mod lines;
mod text;

pub use text::{LeftOut, Stamp};

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use text::event;

use super::handlers::TimelineFilter;
use super::store;
use crate::db::AnyConnection;
use crate::http::public_url::base;
use crate::http::{Answer, Answered, Read, Texts};
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;

/// Media type of calendars.
const KIND: &str = "text/calendar; charset=utf-8";

/// Filters of the timeline, without the sort order, and a language.
#[derive(Debug, Deserialize)]
pub struct CalendarFilter {
    #[serde(flatten)]
    filter: TimelineFilter,
    lang: Option<Language>,
}

/// Parameters that a calendar takes in addition to the timeline's filters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "used by the API spec only")]
struct Spoken {
    /// Language of the texts. Overrides `Accept-Language`, for clients that cannot send it. Korean
    /// if neither is given.
    #[param(example = "ko")]
    lang: Option<Language>,
}

impl IntoParams for CalendarFilter {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = TimelineFilter::into_params(&place);
        all.retain(|parameter| parameter.name != "sort");
        all.extend(Spoken::into_params(place));
        all
    }
}

/// A calendar response.
pub struct Ics {
    pub calendar: Answered<String>,
    /// `None` if the client already has the text, or the language is not available.
    pub language: Option<Language>,
}

impl Responder for Ics {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut response = self.calendar.response(req, KIND);
        let headers = response.headers_mut();
        if let Some(language) = self.language {
            let tag = HeaderValue::from_static(language.tag());
            headers.insert(header::CONTENT_LANGUAGE, tag);
        }
        response
    }
}

/// Number of entries that are read at once.
const AT_ONCE: usize = 1000;

/// Writes a calendar in a language, with its name and the URL of the server. The entries of the present are
/// kept while nothing that they show changes; there are too many other days.
pub fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    texts: &Texts,
    filter: &TimelineFilter,
    (language, name, base): (Language, Option<&str>, &str),
) -> Result<String, ApiError> {
    let (keys, left_out) = store::selection(conn, cx, filter)?;
    let view = format!("calendar {base}");
    let anew = filter.as_of.map(|_| texts.anew());
    let texts = anew.as_ref().unwrap_or(texts);
    let events = texts.of(conn, cx, (&view, language), &keys, |conn, cx, keys| {
        let mut shown = Vec::with_capacity(keys.len());
        for some in keys.chunks(AT_ONCE) {
            let entries = store::stamped(conn, cx, some, filter.as_of)?.into_iter();
            let event = |(item, stamp)| event(&item, stamp, language, base);
            shown.extend(entries.map(|entry| entry.map(event)));
        }
        Ok(shown)
    })?;
    let events = events.iter().map(|event| std::str::from_utf8(event));
    let events: Vec<&str> = events
        .collect::<Result<_, _>>()
        .map_err(ApiError::internal)?;
    Ok(text::calendar(language, name, left_out, events.into_iter()))
}

/// A shortened example of a calendar.
pub const EXAMPLE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nBEGIN:VEVENT\r\n\
    UID:milestone-0178d7fa-2c00-7000-8000-000000000028@mou-registry\r\nDTSTART;VALUE=DATE:20231026\r\n\
    DTEND;VALUE=DATE:20231027\r\nSUMMARY:고양 일산테크노밸리: 착공\r\n…\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Read the timeline as a calendar
///
/// Returns the timeline in iCalendar format (RFC 5545), in Korean or English, with the timeline's
/// filters. Entries cover whole days: an imprecise date covers all the days that it can mean, with
/// its wording in the text; an open-ended date covers its known day. Each entry has its
/// municipality as organizer and the URL of its record. Undated items are left out and
/// counted in the property `X-MOU-UNDATED`. If there are more than 5000 entries, the oldest are
/// left out and counted in `X-MOU-OLDER`. Both are properties of the iCalendar text, not headers.
/// Clients that cannot send headers read it at an address created by `/calendars`.
#[utoipa::path(tag = "timeline", operation_id = "get_timeline_calendar", params(CalendarFilter),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar", example = json!(EXAMPLE))))]
#[get("/timeline.ics")]
pub async fn get_timeline_calendar(
    req: HttpRequest,
    read: Read<CalendarFilter>,
) -> Result<Ics, ApiError> {
    let Read { session, query } = read;
    let CalendarFilter { filter, lang } = query;
    let language = lang.unwrap_or_else(|| Language::of(&req));
    let base = base(&req);
    let session = session.depending_on(&base);
    let read = session.read_shown_texts(move |conn, cx, texts| {
        let text = write(conn, cx, texts, &filter, (language, None, &base));
        Ok(Answer::text(text?))
    });
    Ok(Ics {
        calendar: read.await?,
        language: Some(language),
    })
}
