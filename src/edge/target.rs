//! What a request is for: its path in one form, and its host.

use std::net::Ipv6Addr;

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::header::{HOST, HeaderMap};

use crate::kernel::error::{ApiError, Code};

/// Returns a URI with another path and the same query.
pub fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let whole = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(whole.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Sets the URI of a request that has not met its handler.
pub fn set_uri(req: &mut ServiceRequest, uri: &Uri) {
    req.match_info_mut().get_mut().update(uri);
    req.head_mut().uri = uri.clone();
}

/// Decodes what a path need not encode, so that each path is one (RFC 3986 6.2.2.2).
pub(super) fn normalize_path(req: &mut ServiceRequest) {
    let plain = plain_path(req.path()).and_then(|path| with_path(req.uri(), &path));
    if let Some(uri) = plain {
        set_uri(req, &uri);
    }
}

/// Returns a path without encoded unreserved characters; `None` if it has none.
fn plain_path(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let mut parts = path.split('%');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|_| !part.starts_with('+'));
        if let Some(c) = byte.map(char::from).filter(|c| is_unreserved(*c)) {
            plain.push(c);
            plain.push_str(&part[2..]);
        } else {
            plain.push('%');
            plain.push_str(part);
        }
    }
    (plain != path).then_some(plain)
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~".contains(c)
}

/// Checks that a request names one host, if any (RFC 9112 3.2).
///
/// # Errors
/// `malformed_request`
pub fn check_host(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut lines = headers.get_all(HOST);
    match (lines.next(), lines.next()) {
        (None, _) => Ok(()),
        (Some(line), None) if line.to_str().is_ok_and(is_host) => Ok(()),
        _ => Err(ApiError::with(
            Code::MalformedRequest,
            "Host 헤더가 올바르지 않습니다.",
            "The header Host names no host.",
        )),
    }
}

/// Returns true for a host with perhaps a port (RFC 3986 3.2.2); it can be empty.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rfind(':').filter(|at| !text[*at..].contains(']')) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, ""),
    };
    let is_name = |c: char| is_unreserved(c) || "!$&'()*+,;=%".contains(c);
    let is_named = match host.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => host.chars().all(is_name),
    };
    is_named && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_encoding_is_decoded() {
        for (path, plain) in [
            ("/a/b", None),
            ("/%61/b", Some("/a/b")),
            ("/working%2Dgroups", Some("/working-groups")),
            ("/agreements%2ecsv", Some("/agreements.csv")),
            ("/%7E%5F%30", Some("/~_0")),
            ("/a%2Fb%20%EA%B0%80", None),
            ("/%2561", None),
            ("/%6", None),
            ("/%+1", None),
            ("/%가", None),
            ("/%6가%61", Some("/%6가a")),
        ] {
            assert_eq!(plain_path(path).as_deref(), plain, "{path}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for host in [
            "",
            "x",
            "city.example:8080",
            "127.0.0.1:",
            "[::1]",
            "[::1]:8080",
            "xn--299a718b.example",
            "my_host",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "a b", "a/b", "a@b", "a:b", "a:1:2", "[::1", "::1", "[x]", "a?b", "\"a\"", "[::1]a",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
