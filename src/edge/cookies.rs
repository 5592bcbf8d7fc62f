//! The cookies of somebody who is signed in, or is about to be.

use actix_web::http::header::{COOKIE, HeaderMap};

/// Names of a cookie.
pub struct Names {
    /// Browsers take it only from a server that they reach securely, for this host and the whole of
    /// it (RFC 6265bis 4.1.3.2).
    pub secure: &'static str,
    /// The name where the server is reached by `http` on purpose.
    pub plain: &'static str,
}

/// The cookie of a session.
pub const SESSION: Names = Names {
    secure: "__Host-mou_session",
    plain: "mou_session",
};

/// The cookie of an attempt to sign in by the single sign-on.
pub const ATTEMPT: Names = Names {
    secure: "__Host-mou_sign_in",
    plain: "mou_sign_in",
};

impl Names {
    /// Returns the one name under which a server takes the cookie. Reached securely, it takes none that
    /// somebody between or a neighbouring host can set.
    pub fn at(&self, is_plain: bool) -> &'static str {
        match is_plain {
            true => self.plain,
            false => self.secure,
        }
    }
}

/// Returns the value of a cookie, as it was sent.
pub fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
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
        let of = |is_plain, lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(COOKIE, HeaderValue::from_static(line));
            }
            value(&headers, SESSION.at(is_plain)).map(str::to_owned)
        };
        let both = ["mou_session=x; __Host-mou_session=y"];
        for (is_plain, lines, found) in [
            (true, &["a=b; mou_session=x; c=d"][..], Some("x")),
            (true, &both, Some("x")),
            (false, &both, Some("y")),
            (false, &["a=b", "__Host-mou_session=y"], Some("y")),
            (false, &["mou_session=x"], None),
            (true, &["__Host-mou_session=y"], None),
            (true, &["xmou_session=x", "mou_sessions=y"], None),
            (false, &[], None),
        ] {
            assert_eq!(of(is_plain, lines).as_deref(), found, "{lines:?}");
        }
    }
}
