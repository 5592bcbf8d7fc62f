//! The middleware around every request: request id, limits, access log, metrics, and a problem
//! document for every refusal.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use uuid::Uuid;

use super::public_url::link;
use super::session_cookie::sent_cookie;
use super::{accept, codes, office_data, reader, session, spec, tables};
use crate::access::address;
use crate::edge;
use crate::edge::connections::Connection;
use crate::edge::{CountedRequest, OwnPolicy};
use crate::kernel::error::{ApiError, Code, Problem, chain};
use crate::kernel::is_office;
use crate::kernel::language::Language;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves HEAD as GET, assigns a request id, admits or refuses the request, measures and logs it,
/// and writes the problem document if it was refused.
///
/// # Errors
/// Fails if the client closed the connection. Otherwise every error becomes a response.
pub async fn around(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let language = Language::of(&req);
    let method = req.method().clone();
    // The encoder omits the body of a response to HEAD, which is that of the whole (RFC 9110 14.2).
    if method == Method::HEAD {
        req.head_mut().method = Method::GET;
        req.headers_mut().remove(header::RANGE);
    }
    let id = Uuid::now_v7().to_string();
    // A refusal by a handler or an extractor is already a response that holds the error.
    let origin = edge::client(req.request());
    let connection = req.request().conn_data::<Arc<Connection>>().cloned();
    if let Some(connection) = &connection {
        connection.begins();
    }
    let mut counted = CountedRequest::of(&req, origin, session_of(&req));
    let entered = match counted.refused() {
        Some(refused) => Err(refused),
        None => office_data::enter(&mut req).await,
    };
    tables::take_suffix(&mut req);
    let route = route_of(&req);
    let admitted = match entered {
        Ok(()) => admit(&mut req, route.as_deref(), &id, origin).await,
        refused => refused,
    };
    let mut response = match admitted {
        Ok(()) => {
            // What a write has begun is brought to its end.
            let watched = connection.as_deref().filter(|_| method.is_safe());
            let answer = while_open(watched, next.call(req)).await;
            answer?.map_into_boxed_body()
        }
        Err(refused) => req.error_response(refused),
    };
    // The body of a stream would be awaited even for HEAD. Its length is unknown, so none is sent.
    if method == Method::HEAD && response.response().body().size() == BodySize::Stream {
        response = response.map_body(|_, _| BoxBody::new(body::None::new()));
    }
    if is_to_be_refused(&response) {
        response = refuse(response, language, &id);
    }
    let is_valid = session::has_valid_credentials(response.request());
    counted.end(&mut response, is_valid);
    if let Some(connection) = connection {
        sends(&connection, response.response().body().size());
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let labels = [
        ("method", counted_as(&method)),
        ("route", route.unwrap_or_else(|| "unmatched".into())),
        ("status", status.to_string()),
    ];
    metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    let path = address::redacted_path(response.request().path());
    tracing::debug!(request_id = %id, %method, %path, status, ?elapsed, "answered");
    Ok(response)
}

/// Tells a connection how much it has to send before it waits for the next request.
fn sends(connection: &Connection, size: BodySize) {
    match size {
        BodySize::Sized(bytes) => connection.waits(bytes),
        BodySize::None => connection.waits(0),
        // A stream keeps the connection busy until it ends.
        BodySize::Stream => {}
    }
}

/// Returns the secret of the session that a request for a page of people who are signed in sends.
fn session_of(req: &ServiceRequest) -> Option<&str> {
    let is_office = is_office(req.path());
    is_office.then(|| sent_cookie(req.request(), &edge::cookies::SESSION))?
}

/// Returns the path pattern of a request: of an operation, or of a page.
fn route_of(req: &ServiceRequest) -> Option<String> {
    let operation = spec().route(req.path()).map(str::to_owned);
    operation.or_else(|| req.match_pattern())
}

/// Checks a request before its handler sees it, and replaces the codes in its URL.
async fn admit(
    req: &mut ServiceRequest,
    route: Option<&str>,
    id: &str,
    origin: IpAddr,
) -> Result<(), ApiError> {
    edge::check_host(req.headers())?;
    if let Some(refused) = too_long(req).or_else(|| no_coding(req)) {
        return Err(refused);
    }
    accept::check_address(req, route)?;
    codes::replace_in_url(req, origin).await?;
    session::admit(req.request(), route, id, origin).await
}

/// Awaits the answer to a request, unless the client closes the connection before: a read that still
/// waits for the database is not run then.
async fn while_open<T>(
    connection: Option<&Connection>,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(connection) = connection else {
        return answer.await;
    };
    let (mut answer, mut closed) = (pin!(answer), pin!(connection.closed()));
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(answer),
        // Nobody receives this.
        Poll::Pending => closed
            .as_mut()
            .poll(cx)
            .map(|()| Err(ApiError::new(Code::Unavailable).into())),
    })
    .await
}

/// Maximum length of a query, in bytes: any parameter fits whose text is as long as its schema allows, which
/// a test of the description holds.
pub const LONGEST_QUERY: usize = 16_384;

/// Returns the refusal of a request with a query that is too long.
fn too_long(req: &ServiceRequest) -> Option<ApiError> {
    (req.query_string().len() > LONGEST_QUERY).then(|| {
        ApiError::with(
            Code::MalformedRequest,
            format!("질의는 {LONGEST_QUERY}바이트까지 쓸 수 있습니다."),
            format!("A query has at most {LONGEST_QUERY} bytes."),
        )
    })
}

/// Returns the refusal of a request that accepts none of the content codings.
fn no_coding(req: &ServiceRequest) -> Option<ApiError> {
    let accepts_none = req.extensions().contains::<edge::NoneAcceptable>();
    accepts_none.then(|| {
        ApiError::with(
            Code::NotAcceptable,
            "응답은 gzip, deflate 또는 압축 없이(identity) 보낼 수 있습니다.",
            "Answers are sent as gzip, deflate or identity.",
        )
    })
}

/// Returns the metrics label of a method. Clients can send any word as a method, and the number of
/// labels must not grow with them.
fn counted_as(method: &Method) -> String {
    let known = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"];
    if known.contains(&method.as_str()) {
        method.to_string()
    } else {
        "other".into()
    }
}

/// Returns whether an answer is a refusal that still lacks its problem document. A form that is shown
/// again with what is wrong is a page of its own.
fn is_to_be_refused(response: &ServiceResponse) -> bool {
    let status = response.status();
    let is_page = response.response().extensions().contains::<OwnPolicy>();
    (status.is_client_error() || status.is_server_error()) && !is_page
}

fn refuse(response: ServiceResponse, language: Language, id: &str) -> ServiceResponse {
    let (request, response) = response.into_parts();
    let status = response.status();
    let own = response.error().and_then(|e| e.as_error::<ApiError>());
    let other;
    let error = if let Some(error) = own {
        error
    } else {
        other = translate(status, response.error());
        &other
    };
    if status.is_server_error() {
        let path = address::redacted_path(request.path());
        let source = std::error::Error::source(error).map(chain);
        let outage = error.outage;
        if error.code == Code::Unavailable && source.is_none() && outage.is_none() {
            // No failure: others are served. It would fill the log, and the metrics count it.
            tracing::debug!(request_id = %id, %path, "too many requests wait");
        } else {
            tracing::error!(request_id = %id, %path, ?outage, source, "failed");
        }
    }
    let language = reader::language_of_page(&request).unwrap_or(language);
    let mut problem = Problem::new(error, language, id.to_owned());
    problem.type_ = link(&request, &problem.type_);
    let page = reader::error_page(&request, &problem);
    let mut refusal = HttpResponse::build(error.code.status());
    refusal
        .insert_header((header::CONTENT_TYPE, "application/problem+json"))
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::VARY, "Accept-Language"));
    if let Some((header, value)) = error.accepts.as_deref() {
        refusal.insert_header((*header, value.as_str()));
    }
    if error.code == Code::Unauthenticated {
        refusal.insert_header((header::WWW_AUTHENTICATE, challenge(request.headers())));
    }
    if let Some(seconds) = error.retry_after {
        refusal.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    if error.code == Code::RequestTimeout {
        // Close the connection: the rest of the body may still arrive, but nobody reads it.
        refusal.force_close();
    }
    let response = match page {
        Some(page) => page.response(&mut refusal),
        None => refusal.json(problem),
    };
    ServiceResponse::new(request, response)
}

/// Returns the challenge to a caller without valid credentials (RFC 6750 3): the error only if the
/// caller sent a token.
fn challenge(headers: &HeaderMap) -> &'static str {
    let is_token = |value: &HeaderValue| {
        let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
        parts.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()
        })
    };
    match headers.get_all(header::AUTHORIZATION).any(is_token) {
        true => "Bearer error=\"invalid_token\"",
        false => "Bearer",
    }
}

/// Returns the API error for an error of the framework.
fn translate(status: StatusCode, error: Option<&Error>) -> ApiError {
    let code = match status.as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::Forbidden,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        406 => Code::NotAcceptable,
        408 => Code::RequestTimeout,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMediaType,
        429 => Code::RateLimited,
        400..=499 => Code::MalformedRequest,
        503 => Code::Unavailable,
        _ => return ApiError::internal(error.map(ToString::to_string).unwrap_or_default()),
    };
    ApiError::new(code)
}
