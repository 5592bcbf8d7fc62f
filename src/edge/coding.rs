//! Content codings of answers (RFC 9110 8.4, 12.5.3): which one is sent, and its entity tags.
//!
//! Each coding of a representation has a strong tag of its own (RFC 9110 8.8.3.3): the tag of the
//! handlers, with the name of the coding at its end. Handlers know only their own tags, so those that
//! a client sends are stripped.

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    self, AcceptEncoding, Encoding, Header, HeaderMap, HeaderName, HeaderValue, Preference, Quality,
};
use actix_web::http::{ConnectionType, StatusCode, Version};
use actix_web::middleware::Next;

use super::target;

/// Codings that answers can have, besides none.
const CODINGS: [&str; 2] = ["gzip", "deflate"];

/// Set among the extensions of a request that accepts none of the codings.
pub struct NoneAcceptable;

/// Coding of an answer that is sent as it is, with the tag that it has: a part of a file has its place
/// in the file, and not in a compressed one. The header itself is not sent.
pub const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");

/// The `If-None-Match` of a request as it was sent, among its extensions, for answers without codings.
pub struct KnownTags(pub String);

/// Brings the path into one form, negotiates the coding of the answer, which the compression inside of this
/// applies, and converts entity tags. An answer to HTTP/1.0 has neither a coding nor chunks.
///
/// # Errors
/// Only passes on the errors of `next`.
pub async fn content_coding<B: MessageBody>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    target::normalize_path(&mut req);
    let is_old = req.version() < Version::HTTP_11;
    let accepted = match is_old {
        true => Some(None),
        false => negotiated(&req),
    };
    req.headers_mut().remove(header::ACCEPT_ENCODING);
    if let Some(Some(coding)) = accepted {
        let chosen = HeaderValue::from_static(coding);
        req.headers_mut().insert(header::ACCEPT_ENCODING, chosen);
    }
    if accepted.is_none() {
        req.extensions_mut().insert(NoneAcceptable);
    }
    let coding = accepted.flatten();
    convert(req.headers_mut(), header::IF_MATCH, |tag| {
        Some(without_coding(tag))
    });
    let lines = req.headers().get_all(header::IF_NONE_MATCH);
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let known_tags = KnownTags(lines.join(", "));
    req.extensions_mut().insert(known_tags);
    convert(req.headers_mut(), header::IF_NONE_MATCH, |tag| {
        known(tag, coding)
    });
    let mut response = next.call(req).await?;
    let is_unchanged = response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING) == Some(&AS_IT_IS) {
        headers.remove(header::CONTENT_ENCODING);
    } else {
        tag_by_coding(headers, coding.filter(|_| is_unchanged));
    }
    if is_old && response.response().body().size() == BodySize::Stream {
        // The end of the connection ends the body.
        let head = response.response_mut().head_mut();
        head.no_chunking(true);
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Returns the coding for the answer to a request, where `Some(None)` is none; `None` if no coding is
/// acceptable.
pub fn negotiated(req: &impl HttpMessage) -> Option<Option<&'static str>> {
    if !req.headers().contains_key(header::ACCEPT_ENCODING) {
        return Some(None);
    }
    let Ok(accepted) = AcceptEncoding::parse(req) else {
        return Some(None);
    };
    let offered = [Encoding::identity(), Encoding::gzip(), Encoding::deflate()];
    let is_refused = |coding: &Encoding| quality(&accepted, coding) == Some(Quality::ZERO);
    // The framework lets `*` stand for a coding that has a weight of its own.
    let chosen = match accepted.negotiate(offered.iter())? {
        coding if is_refused(&coding) => offered.into_iter().find(|other| !is_refused(other))?,
        coding => coding,
    };
    let chosen = chosen.to_string();
    Some(CODINGS.into_iter().find(|coding| *coding == chosen))
}

/// Returns the weight of a coding: its own, or else that of `*`.
fn quality(accepted: &AcceptEncoding, coding: &Encoding) -> Option<Quality> {
    let of = |wanted: &Preference<Encoding>| {
        let found = accepted.iter().find(|one| one.item == *wanted);
        found.map(|one| one.quality)
    };
    of(&Preference::Specific(coding.clone())).or_else(|| of(&Preference::Any))
}

/// Replaces the tags of a header, and removes the header if none is left.
fn convert(headers: &mut HeaderMap, name: HeaderName, tag: impl Fn(&str) -> Option<String>) {
    let lines = headers.get_all(&name);
    let tags = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
    let tags: Vec<String> = tags.filter_map(|text| tag(text.trim())).collect();
    let was_given = headers.remove(&name).next().is_some();
    if was_given && let Ok(value) = HeaderValue::from_str(&tags.join(", ")) {
        headers.insert(name, value);
    }
}

/// Splits a tag into that of the handlers and the coding.
fn split(tag: &str) -> (String, Option<&'static str>) {
    for coding in CODINGS {
        let own = tag
            .strip_suffix('"')
            .and_then(|tag| tag.strip_suffix(coding));
        if let Some(own) = own.and_then(|tag| tag.strip_suffix('-')) {
            return (format!("{own}\""), Some(coding));
        }
    }
    (tag.to_owned(), None)
}

fn without_coding(tag: &str) -> String {
    split(tag).0
}

/// Returns the tag of the handlers for one in `If-None-Match`; `None` if it is the tag of another
/// coding than the answer's. A weak tag means the content, whatever its coding.
fn known(tag: &str, coding: Option<&str>) -> Option<String> {
    let (own, of) = split(tag);
    (tag == "*" || tag.starts_with("W/") || of == coding).then_some(own)
}

/// Adds the coding to the tag of an answer. `unchanged` is the coding of the representation that a
/// `304` stands for.
fn tag_by_coding(headers: &mut HeaderMap, unchanged: Option<&'static str>) {
    let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()) else {
        return;
    };
    let applied = headers.get(header::CONTENT_ENCODING);
    let applied = CODINGS
        .into_iter()
        .find(|coding| applied.is_some_and(|name| name == coding));
    let coding = applied.or(unchanged);
    let tag = match (coding, tag.strip_suffix('"')) {
        (Some(coding), Some(own)) => HeaderValue::from_str(&format!("{own}-{coding}\"")).ok(),
        _ => None,
    };
    if let Some(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    if applied.is_none() {
        // As the compression says of the answers that it packs.
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_coding_that_is_refused_is_not_chosen() {
        for (accepted, coding) in [
            ("", Some(None)),
            ("*", Some(None)),
            ("br, *", Some(None)),
            ("gzip", Some(Some("gzip"))),
            ("deflate, gzip", Some(Some("gzip"))),
            ("gzip;q=0.5, identity", Some(None)),
            ("*, identity;q=0", Some(Some("gzip"))),
            ("identity;q=0, *;q=0.1", Some(Some("gzip"))),
            ("*, identity;q=0, gzip;q=0", Some(Some("deflate"))),
            ("identity;q=0, gzip;q=0, deflate;q=0", None),
            ("*, identity;q=0, gzip;q=0, deflate;q=0", None),
            ("*;q=0", None),
            ("br, identity;q=0", None),
        ] {
            let request = TestRequest::get().insert_header((header::ACCEPT_ENCODING, accepted));
            assert_eq!(negotiated(&request.to_http_request()), coding, "{accepted}");
        }
    }

    #[test]
    fn a_tag_is_known_in_the_coding_of_the_answer() {
        let gzip = Some("gzip");
        for (tag, coding, own) in [
            ("\"1-a\"", None, Some("\"1-a\"")),
            ("\"1-a-gzip\"", gzip, Some("\"1-a\"")),
            ("\"1-a-gzip\"", None, None),
            ("\"1-a\"", gzip, None),
            ("\"1-a-deflate\"", gzip, None),
            ("\"1-a-deflate\"", Some("deflate"), Some("\"1-a\"")),
            ("W/\"1-a-gzip\"", None, Some("W/\"1-a\"")),
            ("W/\"1-a\"", gzip, Some("W/\"1-a\"")),
            ("*", gzip, Some("*")),
        ] {
            assert_eq!(known(tag, coding).as_deref(), own, "{tag} {coding:?}");
        }
        for (tag, own) in [
            ("*", "*"),
            ("\"a-gzip\"", "\"a\""),
            ("W/\"a-gzip\"", "W/\"a\""),
            ("\"gzip\"", "\"gzip\""),
        ] {
            assert_eq!(without_coding(tag), own);
        }
    }
}
