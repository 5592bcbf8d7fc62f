//! Headers of every answer: restrictions for browsers, and rules for caches.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use super::Edge;
use crate::access::address;
use crate::kernel::{BASE, is_office};

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Pages of other origins read by CORS, which this does not affect; they must not load anything
    // from here as a script or an image.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Content security policy of answers that are not pages.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";

/// Content security policy of the documentation. Swagger UI loads everything from here, except for
/// pictures embedded in its style sheet and inline styles of its elements.
const DOCS_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                    frame-ancestors 'none'";

/// Content security policy of an answer that is a page of its own, set among the extensions of the
/// response. A `304` needs it, too, since browsers adopt its headers.
pub struct OwnPolicy(pub HeaderValue);

/// Adds the headers of every answer.
///
/// # Errors
/// Only passes on the errors of `next`.
pub async fn security_headers(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let edge = req.app_data::<web::Data<Edge>>().cloned();
    let page = req.path() == "/docs" || req.path().starts_with("/docs/");
    let records = req.path().starts_with(BASE);
    let authenticated =
        req.headers().contains_key(header::AUTHORIZATION) || address::is_address(req.path());
    // What is read there by a session goes on under the path of the API.
    let office = is_office(req.path());
    let mut response = next.call(req).await?.map_into_boxed_body();
    let own = response
        .response_mut()
        .extensions_mut()
        .remove::<OwnPolicy>();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let usual = HeaderValue::from_static(if page { DOCS_CSP } else { API_CSP });
    let policy = own.map_or(usual, |OwnPolicy(policy)| policy);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let hsts = edge.as_ref().and_then(|edge| edge.hsts.as_deref());
    if let Some(value) = hsts.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if office {
        // Pages of one person are kept nowhere, and their forms say from where they come.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let from_here = HeaderValue::from_static("same-origin");
        headers.insert(header::REFERRER_POLICY, from_here);
    }
    if records {
        // The answer depends on the caller, also without a token: a shared cache must not hand one
        // caller's answer to another.
        headers.append(header::VARY, HeaderValue::from_static("Authorization"));
        let stored = headers
            .get(header::CACHE_CONTROL)
            .is_none_or(|said| said != "no-store");
        if stored {
            let kept = match authenticated {
                true => "private, no-cache",
                false => "no-cache",
            };
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        }
    }
    Ok(response)
}
