//! Cross-origin access of pages (CORS).
//!
//! Browsers do not send credentials by themselves here, since callers use tokens. Pages of any
//! origin can therefore read, unless the operator restricts it; only pages of listed origins can
//! write.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use url::{Origin, Url};

use super::CorsReads;
use super::Edge;

const READ: &str = "GET, HEAD";
const WRITE: &str = "GET, HEAD, POST, PATCH, DELETE";
const READ_HEADERS: &str = "accept, accept-language, authorization, content-type, if-none-match, if-range, \
     last-event-id, range";
const WRITE_HEADERS: &str = "accept, accept-language, authorization, content-type, if-match, \
                             if-none-match, if-range, idempotency-key, range";
const EXPOSED: &str = "content-disposition, content-range, etag, idempotent-replayed, link, location, ratelimit, \
                       ratelimit-policy, retry-after, x-request-id";

/// Parses an origin in the form used by browsers.
pub fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    let said = Url::parse(text).ok().map(|url| url.origin());
    match said {
        Some(origin @ Origin::Tuple(..)) if origin.ascii_serialization() == text => Ok(text.into()),
        _ => Err("expected an origin without a path, as https://city.example".into()),
    }
}

/// The allowed origins.
#[derive(Debug)]
pub struct Origins {
    pub listed: Vec<String>,
    pub reads: CorsReads,
}

impl Origins {
    fn lists(&self, origin: &HeaderValue) -> bool {
        self.listed
            .iter()
            .any(|o| o.as_bytes() == origin.as_bytes())
    }

    /// Returns the allowed origin of an answer: all, the origin of the request, or none.
    fn allowed(&self, origin: Option<&HeaderValue>, reads: bool) -> Option<HeaderValue> {
        if reads && self.reads == CorsReads::All {
            return Some(HeaderValue::from_static("*"));
        }
        origin.filter(|o| self.lists(o)).cloned()
    }

    /// Answers a preflight request. If it is not allowed, the answer lacks the headers that would
    /// allow it.
    fn preflight(&self, asked: &HeaderMap) -> HttpResponse {
        let method = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD);
        let reads = method.is_some_and(|m| m == "GET" || m == "HEAD");
        let origin = asked.get(header::ORIGIN);
        let mut answer = HttpResponse::NoContent();
        answer.insert_header((header::VARY, "Origin, Access-Control-Request-Method"));
        if let Some(allowed) = self.allowed(origin, reads) {
            // Browsers remember this list, so origins that may only read get no more than that.
            let writes = origin.is_some_and(|o| self.lists(o));
            let (methods, headers) = match writes {
                true => (WRITE, WRITE_HEADERS),
                false => (READ, READ_HEADERS),
            };
            answer
                .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed))
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, "3600"));
        }
        answer.finish()
    }

    fn open(&self, headers: &mut HeaderMap, origin: Option<&HeaderValue>, reads: bool) {
        if let Some(allowed) = self.allowed(origin, reads) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            let exposed = HeaderValue::from_static(EXPOSED);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        if !reads || self.reads == CorsReads::Listed {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
    }
}

/// Answers preflight requests, and adds the CORS headers to every other answer.
///
/// # Errors
/// Only passes on the errors of `next`.
pub async fn cross_origin(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(edge) = req.app_data::<web::Data<Edge>>().cloned() else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let origins = &edge.origins;
    let headers = req.headers();
    let asks = [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD];
    if req.method() == Method::OPTIONS && asks.iter().all(|name| headers.contains_key(name)) {
        let answer = origins.preflight(headers);
        return Ok(req.into_response(answer));
    }
    let origin = headers.get(header::ORIGIN).cloned();
    let reads = matches!(*req.method(), Method::GET | Method::HEAD);
    let mut response = next.call(req).await?.map_into_boxed_body();
    origins.open(response.headers_mut(), origin.as_ref(), reads);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for good in ["https://city.example", "http://localhost:5173"] {
            assert_eq!(origin(good), Ok(good.to_owned()));
        }
        for bad in [
            "*",
            "none",
            "null",
            "city.example",
            "https://city.example/",
            "https://City.example",
            "https://city.example:443",
            "file:///a",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
