//! Conditional requests (RFC 9110): a strong `ETag` on every response to a read, `If-None-Match` to
//! avoid sending it again, `If-Match` to change only the state that was read.
//!
//! The tag of a list is a digest of the response, see [`super::answer`]. The tag of a record is its
//! version, the digest of the response, and a seal of the record's state with that digest,
//! `"3-9f2c…-07d1…"`. The digest changes the tag also when a related name or the local day changes
//! the response. A change recomputes the seal, so it takes only tags that were sent for the very
//! state: not those of another record, of another version, or of a version that a restore of the
//! database has undone.
//!
//! Tags are those of the responses without a content coding; [`crate::edge`] gives each coding its
//! own.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::header::{self, EntityTag, Header, HeaderValue, IfNoneMatch};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fields::Rows;
use super::office_data::asked_path;
use super::public_url::PublicUrl;
use super::query::encode_cursor;
use crate::db::page::{Listed, PageBody};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::language::Language;
use crate::kernel::values::Revision;

impl<T: Serialize + ToSchema> Rows for PageBody<T> {
    type Row = T;

    fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    fn rows(response: &mut Value) -> Vec<&mut Value> {
        let items = response["items"].as_array_mut();
        items.into_iter().flatten().collect()
    }
}

/// The response to a deletion.
pub struct Deleted;

/// Returns the digest of a representation, for its entity tag.
pub fn digest(body: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(body)
}

/// Returns the entity tag of a record.
pub(super) fn record_tag(revision: &Revision, body: &[u8]) -> String {
    format!("\"{}\"", opaque_tag(revision, digest(body)))
}

/// Returns the tag that was sent for a state of a record with the digest of the response.
fn opaque_tag(revision: &Revision, response: u64) -> String {
    let (version, seal) = (revision.version, seal(revision, response));
    format!("{version}-{response:016x}-{seal:016x}")
}

fn seal(revision: &Revision, response: u64) -> u64 {
    let Revision {
        id,
        version,
        updated_at,
    } = revision;
    let changed = updated_at.timestamp_micros();
    digest(format!("{id} {version} {changed} {response}").as_bytes())
}

/// Returns true if a tag was sent for a state of a record.
fn is_tag_of(tag: &EntityTag, revision: &Revision) -> bool {
    let digest = tag.tag().split('-').nth(1);
    let digest = digest.and_then(|digest| u64::from_str_radix(digest, 16).ok());
    digest.is_some_and(|digest| tag.tag() == opaque_tag(revision, digest))
}

pub(super) const JSON: &str = "application/json";

pub(super) fn json(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(JSON)
        .insert_header((header::VARY, "Accept-Language"))
        .body(body)
}

/// Serializes a response in the language of its request. A failure is the server's fault.
pub(super) fn to_json(value: &impl Serialize, language: Language) -> Result<String, ApiError> {
    language
        .speaking(|| serde_json::to_string(value))
        .map_err(ApiError::internal)
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

/// Refuses a read with an `If-Match` that does not name the representation.
///
/// # Errors
/// `precondition_failed`
pub(super) fn expect_tag(req: &HttpRequest, tag: &str) -> Result<(), ApiError> {
    // A change was held to the header before it was made.
    if req.method() != Method::GET || !req.headers().contains_key(header::IF_MATCH) {
        return Ok(());
    }
    let is_this = |known: &EntityTag| !known.weak && known.tag() == tag.trim_matches('"');
    match header::IfMatch::parse(req) {
        Ok(header::IfMatch::Any) => Ok(()),
        Ok(header::IfMatch::Items(tags)) if tags.iter().any(is_this) => Ok(()),
        _ => Err(ApiError::new(Code::PreconditionFailed)),
    }
}

pub(super) fn conditional(
    req: &HttpRequest,
    tag: &str,
    kind: &'static str,
    body: impl MessageBody + 'static,
) -> HttpResponse {
    tagged(req, tag, |response| response.content_type(kind).body(body))
}

/// Returns the response with its entity tag; `304` if the client has it, and `412` if it wants another one.
pub fn tagged(
    req: &HttpRequest,
    tag: &str,
    whole: impl FnOnce(&mut HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    if let Err(refused) = expect_tag(req, tag) {
        return HttpResponse::from_error(refused);
    }
    let known = known_tags(req);
    // A change was held to the header before it was made.
    let is_fresh =
        req.method() == Method::GET && (known == IfNoneMatch::Any || is_known(&known, tag));
    let mut response = if is_fresh {
        HttpResponse::NotModified().finish()
    } else {
        whole(&mut HttpResponse::Ok())
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// Declares that the response depends on `Accept`.
pub(super) fn vary_by_accept(response: &mut HttpResponse) {
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Accept"));
}

/// Returns the body of a page.
pub(super) fn page_body<T: Serialize + ToSchema>(list: Listed<T>) -> PageBody<T> {
    PageBody {
        next_cursor: list.next.as_ref().map(encode_cursor),
        items: list.items,
        total: list.total,
    }
}

/// Returns the response with the `Link` to the next page, if there is one.
pub(super) fn linked(
    req: &HttpRequest,
    mut response: HttpResponse,
    next: Option<&str>,
) -> HttpResponse {
    let link = next.map(|cursor| link_to(req, cursor));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
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
    // A reference to the query alone is right below any prefix of a proxy.
    let path = PublicUrl::of(req).map_or(String::new(), |url| url.join(&asked_path(req)));
    format!("<{path}?{query}>; rel=\"next\"")
}

impl Responder for Deleted {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// The conditions of a change: `If-Match`, which `PATCH` and `DELETE` need, and `If-None-Match`.
#[derive(Clone, Debug)]
pub struct IfMatch {
    /// The expected states; `None` for `*`, any state.
    expected: Option<Vec<EntityTag>>,
    /// The states in which nothing may be changed.
    known: IfNoneMatch,
}

impl IfMatch {
    /// Returns the conditions that any state meets.
    pub fn any() -> Self {
        Self {
            expected: None,
            known: IfNoneMatch::Items(Vec::new()),
        }
    }

    /// Returns the condition that a record is in the state with a tag; that of no state if the text is
    /// no tag.
    pub(super) fn of_tag(text: &str) -> Self {
        Self {
            expected: Some(text.parse().into_iter().collect()),
            known: IfNoneMatch::Items(Vec::new()),
        }
    }

    /// Reads the headers.
    ///
    /// # Errors
    /// `precondition_required` without `If-Match`.
    pub(super) fn read(req: &HttpRequest) -> Result<Self, ApiError> {
        match req.headers().contains_key(header::IF_MATCH) {
            true => Ok(Self::given(req)),
            false => Err(ApiError::new(Code::PreconditionRequired)),
        }
    }

    /// Reads the headers, of which none is required.
    pub(super) fn given(req: &HttpRequest) -> Self {
        let is_given = req.headers().contains_key(header::IF_MATCH);
        Self {
            expected: match header::IfMatch::parse(req) {
                _ if !is_given => None,
                Ok(header::IfMatch::Any) => None,
                Ok(header::IfMatch::Items(tags)) => Some(tags),
                Err(_) => Some(Vec::new()),
            },
            known: known_tags(req),
        }
    }

    /// Returns true if a tag stands in the conditions, which has to be compared with a state.
    pub(super) fn names_a_state(&self) -> bool {
        let is_known = matches!(&self.known, IfNoneMatch::Items(tags) if !tags.is_empty());
        self.expected.is_some() || is_known
    }

    /// Checks the state of the record that is about to change.
    ///
    /// # Errors
    /// `precondition_failed` if the caller has not seen this state, or wants no change in it.
    pub fn check(&self, state: &Revision) -> Result<(), ApiError> {
        self.check_by(|tag| is_tag_of(tag, state))
    }

    /// Like [`Self::check`], for content of a record that has a tag of its own.
    ///
    /// # Errors
    /// Like [`Self::check`].
    pub(super) fn check_content(&self, state: &Revision, own: &str) -> Result<(), ApiError> {
        self.check_by(|tag| is_tag_of(tag, state) || tag.tag() == own.trim_matches('"'))
    }

    /// Like [`Self::check`], for the states of records of which any is meant.
    ///
    /// # Errors
    /// Like [`Self::check`].
    pub(super) fn check_any(&self, states: &[Revision]) -> Result<(), ApiError> {
        self.check_by(|tag| states.iter().any(|state| is_tag_of(tag, state)))
    }

    fn check_by(&self, is_present: impl Fn(&EntityTag) -> bool) -> Result<(), ApiError> {
        if let Some(tags) = &self.expected {
            // A weak tag matches nothing (RFC 9110 8.8.3.2).
            if !tags.iter().any(|tag| !tag.weak && is_present(tag)) {
                let is_weak = tags.iter().any(|tag| tag.weak);
                return Err(if is_weak {
                    weak_tag()
                } else {
                    ApiError::new(Code::PreconditionFailed)
                });
            }
        }
        match &self.known {
            IfNoneMatch::Items(tags) if !tags.iter().any(&is_present) => Ok(()),
            _ => Err(ApiError::with(
                Code::PreconditionFailed,
                "If-None-Match가 가리키는 상태이므로 바꾸지 않았습니다.",
                "If-None-Match names the present state of the record, so nothing was changed.",
            )),
        }
    }
}

fn weak_tag() -> ApiError {
    ApiError::with(
        Code::PreconditionFailed,
        "If-Match에 약한 태그(W/\"…\")가 있습니다. 약한 태그는 어떤 상태와도 일치하지 않습니다. 응답을 압축하는 \
         프록시가 태그를 약하게 바꿉니다. 서버가 보낸 태그를 그대로 전달하도록 프록시를 설정하십시오.",
        "If-Match holds a weak tag (W/\"…\"), which matches no state. Proxies that compress responses make \
         tags weak: set the proxy up to pass the server's tags on.",
    )
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn state(id: u128, version: i64, second: i64) -> Revision {
        Revision {
            id: Uuid::from_u128(id),
            version,
            updated_at: chrono::DateTime::from_timestamp(second, 0).unwrap(),
        }
    }

    fn check(headers: &[(&str, &str)]) -> Result<(), Code> {
        let request = headers
            .iter()
            .fold(TestRequest::patch(), |r, header| r.append_header(*header));
        let read = IfMatch::read(&request.to_http_request());
        let checked = read.and_then(|expected| expected.check(&state(1, 2, 3)));
        checked.map_err(|error| error.code)
    }

    #[rstest]
    #[case(state(1, 2, 3), true)]
    #[case(state(2, 2, 3), false)] // another record
    #[case(state(1, 1, 3), false)] // another version
    #[case(state(1, 2, 4), false)] // the same version, written again after a restore
    fn only_the_tag_of_the_state_matches(#[case] of: Revision, #[case] matches: bool) {
        let tag = record_tag(&of, b"{}");
        let failed = Err(Code::PreconditionFailed);
        assert_eq!(
            check(&[("if-match", &tag)]),
            if matches { Ok(()) } else { failed }
        );
        let others = [("if-match", "\"1\", \"x\""), ("if-match", &tag)];
        assert_eq!(check(&others), if matches { Ok(()) } else { failed });
        let unless = [("if-match", "*"), ("if-none-match", &tag)];
        assert_eq!(check(&unless), if matches { failed } else { Ok(()) });
        let weak = format!("W/{tag}");
        assert_eq!(check(&[("if-match", &weak)]), failed);
        let unless = [("if-match", "*"), ("if-none-match", &weak)];
        assert_eq!(check(&unless), if matches { failed } else { Ok(()) });
    }

    #[test]
    fn a_tag_matches_as_a_whole() {
        let tag = record_tag(&state(1, 2, 3), b"{}");
        let part = tag.replace('"', "");
        let parts: Vec<&str> = part.split('-').collect();
        let [version, digest, seal] = parts[..] else {
            panic!("{tag}")
        };
        for other in [
            "\"2\"".to_owned(),
            "\"*\"".into(),
            format!("\"{version}-{digest}\""),
            format!("\"{version}-{seal}-{digest}\""),
            format!("\"{version}-0{seal}\""),
            format!("\"3-{digest}-{seal}\""),
            tag.replace("2-", "02-"),
            tag.replace("2-", "+2-"),
            format!("\"{version}-+{digest}-{seal}\""),
            format!("\"{version}-{digest}-0{seal}\""),
            tag.to_uppercase(),
            format!("\"{version}-{digest}-{seal}-0\""),
        ] {
            assert_eq!(
                check(&[("if-match", &other)]),
                Err(Code::PreconditionFailed),
                "{other}"
            );
        }
        assert_eq!(check(&[("if-match", "*")]), Ok(()));
        assert_eq!(
            check(&[("if-none-match", "*")]),
            Err(Code::PreconditionRequired)
        );
        let neither = [("if-match", "*"), ("if-none-match", "*")];
        assert_eq!(check(&neither), Err(Code::PreconditionFailed));
    }
}
