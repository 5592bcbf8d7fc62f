//! What forms show while somebody types: how a text is read, and which organizations are perhaps meant.
//! Without a script, the form itself says the same once it is sent.

use actix_web::{HttpResponse, get};
use chrono::Datelike;
use serde::Serialize;

use super::form::{Kind, readings as ways, understood};
use super::visit::Visit;
use crate::db::page::{Order, Page};
use crate::http::signed_in::SignedIn;
use crate::kernel::error::ApiError;
use crate::organizations::list::{self, Filters};
use crate::pages::words::Words;

/// Organizations that are suggested at most.
const MOST: usize = 8;

/// Texts that are read at most, in characters; the fields take no more.
const LONGEST: usize = 500;

/// How a text is read.
#[derive(Serialize)]
struct Read {
    /// What it is understood to mean, where that differs from the text.
    understood: Vec<String>,
}

#[get("/office/readings")]
pub async fn readings(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let read = by.read(move |_, cx| {
        let text = frame.get("text").unwrap_or_default().trim();
        let kind = frame.get("as").and_then(Kind::read_as);
        let kind = kind.filter(|_| text.chars().count() <= LONGEST);
        let (w, year) = (frame.w, cx.today.year());
        let understood = kind.map_or_else(Vec::new, |kind| {
            let several = ways(kind, text, year);
            match several.is_empty() {
                true => understood(kind, text, w, year),
                false => several.iter().map(|way| w.message(way)).collect(),
            }
        });
        Ok(Read { understood })
    });
    answer(read.await?)
}

/// An organization that is perhaps meant.
#[derive(Serialize)]
struct Suggestion {
    name: String,
    kind: String,
}

#[get("/office/suggestions")]
pub async fn suggestions(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let q = frame.get("q").unwrap_or_default().trim().to_owned();
    answer(suggested(&by, q, frame.w).await?)
}

async fn suggested(by: &SignedIn, q: String, w: Words) -> Result<Vec<Suggestion>, ApiError> {
    by.read(move |conn, _| {
        if q.is_empty() {
            return Ok(Vec::new());
        }
        let filters = Filters {
            q: Some(q),
            ..Filters::default()
        };
        let page = Page {
            order: Order::ascending("organizations.sort_name", "organizations.id"),
            limit: MOST,
            after: None,
            with_total: false,
        };
        let found = list::list(conn, &filters, &page)?.items.into_iter();
        let found = found.map(|one| Suggestion {
            kind: w.label("OrganizationKind", &one.kind),
            name: one
                .into_organization()
                .content
                .name
                .in_language(w.0)
                .to_owned(),
        });
        Ok(found.collect())
    })
    .await
}

fn answer(value: impl Serialize) -> Result<HttpResponse, ApiError> {
    let text = serde_json::to_string(&value).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json; charset=utf-8")
        .body(text))
}
