//! Suggestions for the search while a reader types: titles with the addresses of their pages.

use actix_web::{HttpResponse, get};
use serde::Serialize;

use super::find::{TYPES, path_of};
use super::lists::first;
use super::reader::{Frame, Reader};
use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::records::FoundType;
use crate::search::handlers::{SearchFilter, search};

/// Suggestions at most.
const MOST: usize = 8;

/// Path below the root, and media type.
pub const PATH: &str = "find/suggestions";
const JSON: &str = "application/json; charset=utf-8";

/// A suggestion.
#[derive(Serialize)]
struct Suggestion {
    kind: String,
    title: String,
    /// Language of the title.
    lang: &'static str,
    /// URL of the page, relative to the root.
    page: String,
}

#[get("/find/suggestions")]
pub async fn suggestions(reader: Reader) -> Result<HttpResponse, ApiError> {
    let answer = |conn: &mut _, cx: &_, frame: &_, _: &_| suggested(conn, cx, frame);
    reader.answer(ReadClass::Cheap, JSON, answer).await
}

fn suggested(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let mut found = Vec::new();
    if let Some(q) = frame.get("q") {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", q);
        let mut filter = List::<SearchFilter>::of_query(&query.finish())?.filter;
        filter.types = Some(TYPES.into_iter().filter_map(FoundType::named).collect());
        found = search(conn, cx, &filter, &first(&filter, MOST))?.items;
    }
    let rows = found.iter().map(|one| {
        let page = frame.to(&path_of(one));
        let own = match w.tag() {
            "ko" => one.title.ko.is_some(),
            _ => one.title.en.is_some(),
        };
        Suggestion {
            kind: w.label("FoundType", &one.type_),
            title: one.title.in_language(w.0).to_owned(),
            lang: match (own, w.tag()) {
                (true, tag) => tag,
                (false, "ko") => "en",
                (false, _) => "ko",
            },
            page: page.strip_prefix(frame.root).unwrap_or(&page).to_owned(),
        }
    });
    serde_json::to_string(&rows.collect::<Vec<_>>()).map_err(ApiError::internal)
}
