//! The cookie of somebody who is signed in.

use actix_web::http::header::{COOKIE, HeaderMap};

/// Name of the cookie. Browsers take it only from a server that they reach securely, for this host
/// and the whole of it (RFC 6265bis 4.1.3.2).
pub const SECURE: &str = "__Host-mou_session";

/// Name of the cookie where the server is reached by `http` on purpose.
pub const PLAIN: &str = "mou_session";

/// Returns the secret of the session that a request belongs to, as it was sent.
pub fn session_secret(headers: &HeaderMap) -> Option<&str> {
    value(headers, SECURE).or_else(|| value(headers, PLAIN))
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_cookie_is_found_among_others() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            session_secret(&headers).map(str::to_owned)
        };
        assert_eq!(of(&["a=b; mou_session=x; c=d"]).as_deref(), Some("x"));
        assert_eq!(
            of(&["mou_session=x; __Host-mou_session=y"]).as_deref(),
            Some("y")
        );
        assert_eq!(of(&["a=b", "__Host-mou_session=y"]).as_deref(), Some("y"));
        assert_eq!(of(&["xmou_session=x", "mou_sessions=y"]), None);
        assert_eq!(of(&[]), None);
    }
}
