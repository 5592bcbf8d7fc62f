//! Conditional requests (RFC 9110): a strong `ETag` on every response to a read, `If-None-Match` to
//! avoid sending it again, `If-Match` to change only the version that was read.
//!
//! The tag of a list is a digest of the response, see [`super::logged`]. The tag of a record has
//! the record's version in front, `"3-9f2c…"`: `If-Match` compares the version; the digest changes
//! the tag also when a related name or the local day changes the response.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::logged::Logged;
use super::query::encode_cursor;
use crate::db::page::{Listed, PageBody};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::values::Versioned;

/// One record, sent with its `ETag`.
pub struct Single<T>(pub T);

/// One page of a list, sent with its `ETag` and the `Link` to the next page.
pub struct Paged<T>(pub Logged<Listed<T>>);

/// The response to a deletion.
pub struct Deleted;

pub(super) fn digest(body: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(body)
}

/// Returns the entity tag of a record.
pub fn record_tag(version: i64, body: &[u8]) -> String {
    format!("\"{version}-{:016x}\"", digest(body))
}

pub(super) const JSON: &str = "application/json";

pub(super) fn json(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).content_type(JSON).body(body)
}

/// Serializes a response. A failure is the server's fault.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// Returns the entity tags that the client has; none if the header cannot be read.
pub(super) fn known_tags(req: &HttpRequest) -> IfNoneMatch {
    IfNoneMatch::parse(req).unwrap_or(IfNoneMatch::Items(Vec::new()))
}

/// Returns true if an entity tag is among those that the client has, by weak comparison. Ignores
/// `*`, which asks whether there is any response.
pub(super) fn is_known(known: &IfNoneMatch, tag: &str) -> bool {
    match known {
        IfNoneMatch::Any => false,
        IfNoneMatch::Items(tags) => tags.iter().any(|t| t.tag() == tag.trim_matches('"')),
    }
}

pub(super) fn conditional(
    req: &HttpRequest,
    tag: String,
    kind: &'static str,
    body: String,
) -> HttpResponse {
    let known = known_tags(req);
    let is_fresh = known == IfNoneMatch::Any || is_known(&known, &tag);
    let mut response = if is_fresh {
        HttpResponse::NotModified().finish()
    } else {
        HttpResponse::Ok().content_type(kind).body(body)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

impl<T: Serialize + Versioned> Responder for Single<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        match to_json(&self.0) {
            Ok(body) => {
                let tag = record_tag(self.0.version(), body.as_bytes());
                conditional(req, tag, JSON, body)
            }
            Err(error) => HttpResponse::from_error(error),
        }
    }
}

impl<T: Serialize + utoipa::ToSchema> Responder for Paged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let mut link = None;
        let body = self.0.map(|list| {
            let next_cursor = list.next.as_ref().map(encode_cursor);
            link = next_cursor.as_ref().map(|cursor| link_to(req, cursor));
            PageBody {
                items: list.items,
                next_cursor,
                total: list.total,
            }
        });
        let mut response = match body.response(req) {
            Ok(response) => response,
            Err(error) => return HttpResponse::from_error(error),
        };
        if let Some(link) = link.and_then(|l| HeaderValue::from_str(&l).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

/// Returns the `Link` to the page that begins at a cursor.
fn link_to(req: &HttpRequest, cursor: &str) -> String {
    let pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
    let mut pairs: Vec<(String, String)> = pairs.into_owned().collect();
    pairs.retain(|(name, _)| name != "cursor");
    pairs.push(("cursor".into(), cursor.into()));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("<{}?{query}>; rel=\"next\"", req.path())
}

impl Responder for Deleted {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// The versions accepted by the `If-Match` of a change.
#[derive(Clone, Debug)]
pub enum IfMatch {
    /// `*`: any version.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Reads the header.
    ///
    /// # Errors
    /// `precondition_required` without the header.
    pub(super) fn read(req: &HttpRequest) -> Result<Self, ApiError> {
        if !req.headers().contains_key(header::IF_MATCH) {
            return Err(ApiError::new(Code::PreconditionRequired));
        }
        // A weak or foreign tag matches nothing.
        let version = |tag: EntityTag| {
            let version = tag.tag().split('-').next().filter(|_| !tag.weak)?;
            version.parse().ok()
        };
        Ok(match header::IfMatch::parse(req) {
            Ok(header::IfMatch::Any) => Self::Any,
            Ok(header::IfMatch::Items(tags)) => {
                Self::Versions(tags.into_iter().filter_map(version).collect())
            }
            Err(_) => Self::Versions(Vec::new()),
        })
    }

    /// Checks the version of the record that is about to change.
    ///
    /// # Errors
    /// `precondition_failed` if the caller has not seen this version.
    pub fn check(&self, version: i64) -> Result<(), ApiError> {
        match self {
            Self::Versions(versions) if !versions.contains(&version) => {
                Err(ApiError::new(Code::PreconditionFailed))
            }
            _ => Ok(()),
        }
    }
}
