//! The headers that every answer carries: what browsers must not do with it, and who may keep it.

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::api;
use crate::app::State;
use crate::calendars;

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Pages of other origins read by CORS, which this does not concern; as a script or an image
    // nothing here is theirs.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// An answer is no page.
const ANSWER: &str = "default-src 'none'; frame-ancestors 'none'";

/// Swagger UI is all from here but for its pictures, which stand in its style sheet, and the styles
/// that it writes into its elements.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                    frame-ancestors 'none'";

/// What an answer that is a page of its own lets browsers do, put among the extensions of the response:
/// also of one that says that nothing has changed, whose headers browsers take over.
pub struct OwnPolicy(pub HeaderValue);

/// Adds the headers that every answer carries.
///
/// # Errors
/// None of its own.
pub async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = req.app_data::<web::Data<State>>().cloned();
    let page = req.path() == "/docs" || req.path().starts_with("/docs/");
    let records = req.path().starts_with(api::BASE);
    let authenticated =
        req.headers().contains_key(header::AUTHORIZATION) || calendars::is_address(req.path());
    let mut response = next.call(req).await?.map_into_boxed_body();
    let own = response
        .response_mut()
        .extensions_mut()
        .remove::<OwnPolicy>();
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let usual = HeaderValue::from_static(if page { PAGE } else { ANSWER });
    let policy = own.map_or(usual, |OwnPolicy(policy)| policy);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let hsts = state.as_ref().and_then(|s| s.edge.hsts.as_deref());
    if let Some(value) = hsts.and_then(|text| HeaderValue::from_str(text).ok()) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if records {
        // What is answered depends on who asks, also where nobody is named: a cache between them
        // must not hand one caller's answer to another.
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
