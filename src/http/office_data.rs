//! What the API answers, for people who are signed in: `/office/data/agreements.csv` is
//! `/api/v1/agreements.csv`, read by their session in place of a token.
//!
//! A browser sends the cookie of a session by itself, whoever made it ask. So only records are read here,
//! nothing is changed, and the paths of the API take no cookie.

use std::borrow::Cow;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest};

use super::asked::Credentials;
use super::openapi::Operation;
use super::permissions::Access;
use super::signed_in::SignedIn;
use super::{BASE, spec, tables};
use crate::edge;
use crate::kernel::error::ApiError;

/// Path below which the API answers to sessions.
pub const DATA: &str = "/office/data";

/// The session by which a request for data is answered, among its extensions.
#[derive(Clone)]
pub(super) struct BySession(pub Credentials);

/// Leads a request for data to the operation that answers it. Other requests stay as they are.
///
/// # Errors
/// `unauthenticated` if nobody is signed in; `unavailable`. Both concern the path that was asked for, so
/// that a browser shows the page to sign in.
pub(super) async fn enter(req: &mut ServiceRequest) -> Result<(), ApiError> {
    let uri = req.head().uri.clone();
    let path = uri
        .path()
        .strip_prefix(DATA)
        .map(|rest| format!("{BASE}{rest}"));
    let Some(path) = path.filter(|path| req.method() == Method::GET && is_read(path)) else {
        return Ok(());
    };
    let Some(read) = edge::with_path(&uri, &path) else {
        return Ok(());
    };
    let by = SignedIn::of(req.request())?;
    by.read(|_, _| Ok(())).await?;
    let credentials = by.credentials()?;
    // The URI of a request changes only while nobody else holds the request.
    drop(by);
    edge::set_uri(req, &read);
    req.extensions_mut().insert(BySession(credentials));
    Ok(())
}

/// Returns the path by which the same caller asks again: a session counts for nothing in the API.
pub(super) fn asked_path(req: &HttpRequest) -> Cow<'_, str> {
    let path = req.path();
    let by_session = req.extensions().contains::<BySession>();
    match path.strip_prefix(BASE).filter(|_| by_session) {
        Some(rest) => Cow::Owned(format!("{DATA}{rest}")),
        None => Cow::Borrowed(path),
    }
}

/// Returns true for the path of an operation that reads records at once.
fn is_read(path: &str) -> bool {
    let path = tables::list_of(path).unwrap_or(path);
    let route = spec().route(path);
    let operation = route.and_then(|route| spec().operation("GET", route));
    operation.is_some_and(reads_records)
}

fn reads_records(operation: &Operation) -> bool {
    let is_stream = operation.answers.iter().any(|kind| kind == EVENTS);
    matches!(operation.access, Access::Read | Access::Timeless) && !is_stream
}

/// Media type of an answer that does not end.
const EVENTS: &str = "text/event-stream";
