//! API errors: one type, one table of codes, one response format (RFC 9457).

use std::error::Error;
use std::sync::{Arc, PoisonError};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::language::{Language, Message};
use super::outage::Outage;
use super::values::OrganizationCandidate;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:tt, $status:ident, $en:literal, $ko:literal;)*) => {
        /// Machine-readable code of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name),*];
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text,)* } }
            pub fn status(self) -> StatusCode { match self { $(Self::$name => StatusCode::$status,)* } }
            pub fn title(self) -> Message { match self { $(Self::$name => Message::fixed($ko, $en),)* } }
        }
    };
}

codes! {
    MalformedRequest = "malformed_request", BAD_REQUEST, "The request could not be read.", "요청을 읽을 수 없습니다.";
    InvalidParameters = "invalid_parameters", BAD_REQUEST, "Some query parameters are not accepted.", "받아들일 수 없는 질의 매개변수가 있습니다.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid token is needed.", "유효한 토큰이 필요합니다.";
    Forbidden = "forbidden", FORBIDDEN, "The token does not entitle to this.", "이 토큰으로는 할 수 없습니다.";
    NotFound = "not_found", NOT_FOUND, "There is no such record.", "해당하는 기록이 없습니다.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method is not offered here.", "이 경로에서 지원하지 않는 메서드입니다.";
    NotAcceptable = "not_acceptable", NOT_ACCEPTABLE, "No offered form is acceptable.", "제공 가능한 형식이 없습니다.";
    Conflict = "conflict", CONFLICT, "The request conflicts with what is recorded.", "기록된 내용과 충돌합니다.";
    TransitionNotAllowed = "transition_not_allowed", CONFLICT, "The agreement cannot take this step.", "협약의 현재 상태에서 할 수 없는 단계입니다.";
    DutyInTheWay = "duty_stands_in_the_way", CONFLICT, "The municipality's policy does not allow this step yet.", "지방자치단체의 정책에 따라 먼저 해야 할 일이 있습니다.";
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "The record has changed since it was read.", "읽은 뒤에 기록이 바뀌었습니다.";
    TooLarge = "content_too_large", PAYLOAD_TOO_LARGE, "The body is too large.", "본문이 너무 큽니다.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body's content type is not accepted.", "받아들일 수 없는 본문 형식입니다.";
    RangeNotSatisfiable = "range_not_satisfiable", RANGE_NOT_SATISFIABLE, "The file has no such part.", "파일에 그런 부분이 없습니다.";
    Invalid = "validation_failed", UNPROCESSABLE_ENTITY, "Some members of the body are not accepted.", "본문에 받아들일 수 없는 항목이 있습니다.";
    KeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The idempotency key was used for another request.", "멱등 키가 다른 요청에 이미 쓰였습니다.";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request came too slowly.", "요청이 제때 도착하지 않았습니다.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "There were too many requests.", "요청이 너무 많습니다.";
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "Say with If-Match which version is to be changed.", "If-Match로 바꾸려는 버전을 밝혀야 합니다.";
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "The server failed.", "서버에 오류가 있습니다.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The server cannot answer now.", "지금은 응답할 수 없습니다.";
}

/// The part of the request that an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A JSON Pointer (RFC 6901) into the body.
    Body(String),
    /// The name of a query parameter.
    Query(String),
    /// The name of a header.
    Header(&'static str),
}

/// One error in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub place: Place,
    pub code: String,
    pub message: Message,
    /// Organizations of which one is perhaps meant.
    pub candidates: Box<[OrganizationCandidate]>,
}

impl FieldError {
    pub fn body(pointer: impl Into<String>, code: impl Into<String>, message: Message) -> Self {
        Self {
            place: Place::Body(pointer.into()),
            code: code.into(),
            message,
            candidates: Box::default(),
        }
    }

    /// Returns the error in a member of the value at `at`.
    #[must_use]
    pub fn below(mut self, at: &str) -> Self {
        if let Place::Body(pointer) = &mut self.place {
            pointer.insert_str(0, at);
        }
        self
    }

    pub fn query(name: impl Into<String>, code: impl Into<String>, message: Message) -> Self {
        Self {
            place: Place::Query(name.into()),
            code: code.into(),
            message,
            candidates: Box::default(),
        }
    }

    /// Returns the error of a period whose last day, in this parameter, stands before its first.
    pub fn reversed_period(to: &str) -> Self {
        let message = Message::fixed(
            "기간의 끝이 시작보다 앞섭니다.",
            "The period ends before it begins.",
        );
        Self::query(to, "reversed", message)
    }
}

/// The reason a request was refused or failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .code.as_str())]
pub struct ApiError {
    pub code: Code,
    pub detail: Option<Box<Message>>,
    pub errors: Vec<FieldError>,
    /// The header that names what is accepted instead, such as `Allow`, and its value.
    pub accepts: Option<Box<(&'static str, String)>>,
    /// Seconds until a retry may succeed.
    pub retry_after: Option<u64>,
    /// The reason the server cannot answer, where it is known.
    pub outage: Option<Outage>,
    /// For the server's log only.
    pub(super) source: Option<Cause>,
    pub(super) again: Again,
}

/// Whether the same work may succeed when it is repeated at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Again {
    #[default]
    No,
    /// The database rolled the work back for a reason that it does not name; a deadlock is one.
    Perhaps,
    /// Another transaction was faster.
    Collision,
    /// Only without other transactions.
    Alone,
}

/// The cause of an error; shared, because one failed commit fails several writes.
pub(super) type Cause = Arc<dyn Error + Send + Sync>;

/// Returns the texts of an error and of its causes, for the server's log.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

impl ApiError {
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: None,
            errors: Vec::new(),
            accepts: None,
            retry_after: (code == Code::Unavailable).then_some(1),
            outage: None,
            source: None,
            again: Again::No,
        }
    }

    pub fn with(code: Code, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            detail: Some(Box::new(Message::new(ko, en))),
            ..Self::new(code)
        }
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// Returns a `validation_failed` error with all invalid members of the body.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self {
            errors,
            ..Self::new(Code::Invalid)
        }
    }

    /// Returns the error with these field errors.
    #[must_use]
    pub fn and(self, errors: Vec<FieldError>) -> Self {
        Self { errors, ..self }
    }

    /// Strips the prefix `part` from the pointers, for a request that sent only this part of the
    /// record.
    #[must_use]
    pub fn seen_from(mut self, part: &str) -> Self {
        for error in &mut self.errors {
            if let Place::Body(pointer) = &mut error.place
                && let Some(rest) = pointer.strip_prefix(part)
                && (rest.is_empty() || rest.starts_with('/'))
            {
                *pointer = rest.to_owned();
            }
        }
        self
    }

    /// Replaces the pointer `from` by `to`, for a request that sent the member under another name.
    #[must_use]
    pub fn pointing(mut self, from: &str, to: &str) -> Self {
        for error in &mut self.errors {
            if let Place::Body(pointer) = &mut error.place
                && pointer == from
            {
                to.clone_into(pointer);
            }
        }
        self
    }

    /// Leaves out the place `above` at the beginning of pointers, for a request that sent what is below
    /// it alone.
    #[must_use]
    pub fn below(mut self, above: &str) -> Self {
        for error in &mut self.errors {
            if let Place::Body(pointer) = &mut error.place
                && let Some(rest) = pointer.strip_prefix(above)
            {
                *pointer = rest.to_owned();
            }
        }
        self
    }

    /// Returns the error with the header that names what is accepted instead.
    #[must_use]
    pub fn accepting(self, header: &'static str, value: impl Into<String>) -> Self {
        Self {
            accepts: Some(Box::new((header, value.into()))),
            ..self
        }
    }

    /// Returns the error with the seconds until a retry may succeed.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// Returns a `validation_failed` error with one invalid member of the body.
    pub fn invalid_at(pointer: impl Into<String>, code: &str, message: Message) -> Self {
        Self::invalid(vec![FieldError::body(pointer, code, message)])
    }

    /// Turns `validation_failed` into `conflict`, for a rule about recorded data rather than the
    /// body.
    #[must_use]
    pub fn as_conflict(self) -> Self {
        match self.code {
            Code::Invalid => Self {
                code: Code::Conflict,
                ..self
            },
            _ => self,
        }
    }

    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).because(source)
    }

    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Code::Unavailable).because(source)
    }

    /// Returns an `unavailable` error for a known reason.
    pub fn out_of_order(outage: Outage) -> Self {
        Self {
            detail: Some(Box::new(outage.message())),
            outage: Some(outage),
            ..Self::new(Code::Unavailable)
        }
    }

    /// Returns the error with its cause, for the server's log.
    #[must_use]
    pub fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into().into()),
            ..self
        }
    }

    /// Another transaction was faster; the same work may succeed when it is retried.
    pub fn collision() -> Self {
        Self {
            again: Again::Collision,
            ..Self::new(Code::Unavailable)
        }
    }

    /// The work must run without other writes; it may succeed when it is retried alone.
    pub fn not_alone() -> Self {
        Self {
            again: Again::Alone,
            ..Self::new(Code::Unavailable)
        }
    }

    pub fn is_not_alone(&self) -> bool {
        self.again == Again::Alone
    }

    /// Returns true if the work is run again, and this error tells nothing of the request.
    pub fn is_repeated(&self) -> bool {
        self.is_collision() || self.is_not_alone()
    }

    pub fn is_collision(&self) -> bool {
        self.again == Again::Collision
    }

    /// Returns true if the same work may succeed when it is repeated at once.
    pub fn may_pass(&self) -> bool {
        self.again != Again::No
    }
}

impl<Guard> From<PoisonError<Guard>> for ApiError {
    fn from(error: PoisonError<Guard>) -> Self {
        // The guard cannot leave the function that holds the lock; the text can.
        Self::internal(error.to_string())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Returns an empty response: the middleware, which knows the language and the request id,
    /// writes the body.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// An error in one member, parameter or header of the request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemError)]
pub struct ProblemError {
    /// JSON Pointer (RFC 6901) to the member of the body; null for a parameter or a header.
    #[schema(example = "/signed_on/edtf")]
    pub pointer: Option<String>,
    /// Name of the query parameter; null otherwise.
    pub parameter: Option<String>,
    /// Name of the header; null otherwise.
    pub header: Option<String>,
    /// Machine-readable error code.
    #[schema(example = "format_edtf")]
    pub code: String,
    /// The error and the accepted values, in the requested language.
    pub message: String,
    /// Recorded organizations of which one is perhaps meant, where a request names an organization
    /// and it is unclear which one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<OrganizationCandidate>,
}

/// A problem document (RFC 9457): the reason a request was refused, in Korean or English.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// URI reference that identifies the problem type.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/docs/problems#validation_failed")]
    pub type_: String,
    /// Short description of the problem type.
    pub title: String,
    /// HTTP status code.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub status: u16,
    /// Explanation specific to this request; null if the title is sufficient.
    pub detail: Option<String>,
    /// Machine-readable code of the problem type.
    pub code: Code,
    /// Id of this request in the server's log.
    pub request_id: String,
    /// All invalid members, parameters and headers: the first 100 of them, or fewer if their texts
    /// are long.
    pub errors: Vec<ProblemError>,
    /// Number of errors that are not listed, counted up to 1,000 in all; absent if all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, nullable = false)]
    pub more_errors: Option<usize>,
    /// What keeps the server from answering, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outage: Option<Outage>,
}

/// Maximum number of errors in a problem document.
const LISTED: usize = 100;

/// Maximum length of the listed errors, in bytes of their pointers and messages.
const LISTED_BYTES: usize = 32_768;

/// Maximum number of characters of a pointer, which can contain names that the client made up.
const POINTER: usize = 300;

fn shortened(mut text: String, limit: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(limit) {
        text.truncate(end);
        text.push('…');
    }
    text
}

impl Problem {
    pub fn new(error: &ApiError, language: Language, request_id: String) -> Self {
        let listed = error.errors.iter().take(LISTED).map(|e| {
            let (pointer, parameter, header) = match &e.place {
                Place::Body(pointer) => (Some(shortened(pointer.clone(), POINTER)), None, None),
                Place::Query(name) => (None, Some(shortened(name.clone(), POINTER)), None),
                Place::Header(name) => (None, None, Some((*name).into())),
            };
            let message = shortened(e.message.in_language(language).into(), 10 * POINTER);
            ProblemError {
                pointer,
                parameter,
                header,
                code: e.code.clone(),
                message,
                candidates: e.candidates.to_vec(),
            }
        });
        let mut bytes = 0;
        let fits = |e: &ProblemError| {
            let place = e.pointer.as_ref().or(e.parameter.as_ref());
            bytes += place.map_or(0, String::len) + e.message.len();
            bytes <= LISTED_BYTES
        };
        let errors: Vec<ProblemError> = listed.take_while(fits).collect();
        let more = error.errors.len() - errors.len();
        Self {
            type_: format!("/docs/problems#{}", error.code.as_str()),
            title: error.code.title().in_language(language).into(),
            status: error.code.status().as_u16(),
            detail: error
                .detail
                .as_ref()
                .map(|d| d.in_language(language).into()),
            code: error.code,
            request_id,
            errors,
            more_errors: (more > 0).then_some(more),
            outage: error.outage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_not_the_beginning_of_another() {
        let at = |pointer: &str| FieldError::body(pointer, "some", Message::fixed("", ""));
        let places = [
            "/parties/1",
            "/parties/1/role",
            "/parties/10/role",
            "/title",
        ];
        let error = ApiError::invalid(places.map(at).into()).seen_from("/parties/1");
        let seen = error.errors.iter().map(|error| &error.place);
        let expected = ["", "/role", "/parties/10/role", "/title"];
        assert!(seen.eq(&expected.map(|pointer| Place::Body(pointer.into()))));
    }

    #[derive(Debug, thiserror::Error)]
    #[error("it cannot be read")]
    struct Unreadable(#[source] serde_json::Error);

    #[test]
    fn an_error_keeps_the_chain_of_its_causes() {
        let cause = serde_json::from_str::<u8>("{").unwrap_err();
        let text = format!("internal_error: it cannot be read: {cause}");
        assert_eq!(chain(&ApiError::internal(Unreadable(cause))), text);
        assert_eq!(chain(&ApiError::not_found()), "not_found");
    }
}
