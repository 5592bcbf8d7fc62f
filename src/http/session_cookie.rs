//! The cookies of people who are signed in, or are about to be, as this server sets and takes them.

use actix_web::HttpRequest;
use chrono::Duration;
use url::Url;

use super::public_url::{PublicUrl, base};
use crate::access::sign_ins;
use crate::edge::cookies;

/// Returns the cookie of a session, or one that removes it.
pub fn cookie(req: &HttpRequest, secret: Option<&str>) -> String {
    cookie_of(req, &cookies::SESSION, secret, sign_ins::LONGEST)
}

/// Returns a cookie with a value for a time, or one that removes it.
///
/// It is limited to secure connections, unless the server is reached by `http` on purpose: on this
/// machine, or as the configured URL says.
pub fn cookie_of(
    req: &HttpRequest,
    names: &cookies::Names,
    value: Option<&str>,
    lasts: Duration,
) -> String {
    let is_plain = is_plain(req);
    let name = names.at(is_plain);
    let secure = if is_plain { "" } else { "; Secure" };
    let (value, age) = match value {
        Some(value) => (value, lasts.num_seconds()),
        None => ("", 0),
    };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// Returns the value of a cookie that a browser sent, by the name that this server gives it.
pub fn sent_cookie<'a>(req: &'a HttpRequest, names: &cookies::Names) -> Option<&'a str> {
    cookies::value(req.headers(), names.at(is_plain(req)))
}

/// Returns whether the server is reached by `http` on purpose.
fn is_plain(req: &HttpRequest) -> bool {
    let base = Url::parse(&base(req)).ok();
    let configured = PublicUrl::of(req).is_some();
    base.is_some_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let is_near = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        url.scheme() == "http" && (configured || is_near)
    })
}
