//! The URL at which clients reach the server, behind proxies and a path prefix.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use url::Url;

use super::State;

/// The configured URL of the server, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

impl PublicUrl {
    /// Returns the configured URL of the server that a request came to.
    pub fn of(req: &HttpRequest) -> Option<Self> {
        let state = req.app_data::<web::Data<State>>()?;
        state.public_url.clone()
    }

    /// Returns the URL of a path of the server.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        match url {
            Some(url) => Ok(Self(url.as_str().trim_end_matches('/').into())),
            None => Err("expected an http(s) URL, as https://city.example/mou".into()),
        }
    }
}

/// Returns the URL of a path if the server's is configured, otherwise the path.
pub fn link(req: &HttpRequest, path: &str) -> String {
    match PublicUrl::of(req) {
        Some(url) => url.join(path),
        None => path.to_owned(),
    }
}

/// Returns the URL of the server, without a slash at the end: the configured one, or else the one
/// that the request names.
pub fn base(req: &HttpRequest) -> String {
    if let Some(url) = PublicUrl::of(req) {
        return url.join("");
    }
    let connection = req.connection_info();
    format!("{}://{}", connection.scheme(), connection.host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_a_host_and_perhaps_a_path() {
        for (text, path) in [
            ("https://city.example/mou", "https://city.example/mou/docs"),
            ("https://city.example/mou/", "https://city.example/mou/docs"),
            ("http://10.0.0.5:8080", "http://10.0.0.5:8080/docs"),
            ("https://고양.example/", "https://xn--299a718b.example/docs"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!(url.join("/docs"), path);
        }
        for bad in [
            "",
            "/mou",
            "city.example/mou",
            "ftp://city.example",
            "https://city.example/?a=b",
            "https://city.example/#a",
            "https://user:word@city.example",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }
}
