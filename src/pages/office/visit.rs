//! A request for a page by somebody who is signed in.

use std::future::{Ready, ready};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev};

use super::POLICY;
use super::form::in_labels;
use crate::db::{AnyConnection, ReadClass};
use crate::edge::OwnPolicy;
use crate::http::reader::HTML;
use crate::http::signed_in::SignedIn;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;

/// A request for a page by somebody who is signed in.
pub struct Visit {
    pub by: SignedIn,
    pub frame: Frame,
}

impl FromRequest for Visit {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let by = SignedIn::from_request(req, payload).into_inner();
        let frame = Frame::asked(req);
        ready(by.map(|by| Self { by, frame }))
    }
}

impl Visit {
    /// Answers with a page of what whoever is signed in may see.
    ///
    /// # Errors
    /// `unauthenticated` if the session has ended; otherwise the error of `work`.
    pub async fn page(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let Self { by, frame } = self;
        shown(&by, frame, StatusCode::OK, work).await
    }

    /// Like [`Self::page`], of what is computed over many records.
    ///
    /// # Errors
    /// Like [`Self::page`].
    pub async fn page_of_figures(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let Self { by, frame } = self;
        read(ReadClass::Figures, &by, frame, StatusCode::OK, work).await
    }

    /// Like [`Self::page`], of what an operation shows, for those who may do it.
    ///
    /// # Errors
    /// Like [`Self::page`]; `forbidden` for other roles.
    pub async fn page_as(
        self,
        operation: &str,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let Self { by, frame } = self;
        shown_as(operation, &by, frame, StatusCode::OK, work).await
    }
}

/// Answers with a page of what whoever is signed in may see, with a status.
///
/// # Errors
/// `unauthenticated` if the session has ended; otherwise the error of `work`.
pub async fn shown(
    by: &SignedIn,
    frame: Frame,
    status: StatusCode,
    work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    read(ReadClass::Cheap, by, frame, status, work).await
}

async fn read(
    class: ReadClass,
    by: &SignedIn,
    mut frame: Frame,
    status: StatusCode,
    work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let tag = frame.w.tag();
    let read = by.read_at(class, frame.recorded_as_of, move |conn, cx| {
        frame.enter(cx);
        let done = work(conn, cx, &frame);
        frame.checked(done)
    });
    let text = read.await?;
    Ok(answer(&mut HttpResponse::build(status), tag, text))
}

/// Answers with a page of the present, for those who may do an operation.
///
/// # Errors
/// `unauthenticated` if the session has ended; `forbidden` for other roles; otherwise the error of
/// `work`.
pub async fn shown_as(
    operation: &str,
    by: &SignedIn,
    frame: Frame,
    status: StatusCode,
    work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let mut frame = frame.without_as_of();
    frame.recorded_as_of = None;
    let tag = frame.w.tag();
    let read = by.read_as(operation, move |conn, cx| {
        frame.enter(cx);
        let done = work(conn, cx, &frame);
        frame.checked(done)
    });
    let text = read.await?;
    Ok(answer(&mut HttpResponse::build(status), tag, text))
}

/// Returns a page as an answer.
pub fn answer(builder: &mut HttpResponseBuilder, tag: &'static str, text: String) -> HttpResponse {
    let mut response = builder.content_type(HTML).body(text);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    response.extensions_mut().insert(OwnPolicy(POLICY));
    response
}

/// Sends the browser on to another page.
pub fn go_to(url: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, url))
        .finish()
}

/// Why a form is shown again.
pub struct Refusal {
    pub status: StatusCode,
    /// What is wrong beside the fields.
    pub notice: Option<String>,
    pub errors: Vec<FieldError>,
}

impl Refusal {
    /// Returns why a form is to be shown again.
    ///
    /// # Errors
    /// Returns the error itself if the form cannot help: the session has ended, the record is gone, or
    /// the server failed.
    pub fn of(error: ApiError, frame: &Frame) -> Result<Self, ApiError> {
        let w = frame.w;
        let is_helpful = matches!(
            error.code,
            Code::Invalid
                | Code::Conflict
                | Code::TransitionNotAllowed
                | Code::DutyInTheWay
                | Code::Forbidden
                | Code::PreconditionFailed
                | Code::InvalidParameters
                | Code::KeyReused
        );
        if !is_helpful {
            return Err(error);
        }
        let said = match error.code {
            Code::Invalid | Code::InvalidParameters => None,
            Code::PreconditionFailed => Some(
                w.t(
                    "화면을 연 뒤에 다른 사람이 이 기록을 바꾸었습니다. 적은 내용은 그대로 있습니다. 바뀐 \
                     내용을 확인한 뒤 다시 보내 주십시오.",
                    "Somebody has changed this record since you opened the page. What you typed is still \
                     here: look at the change, and send the form again.",
                )
                .to_owned(),
            ),
            Code::KeyReused => Some(
                w.t(
                    "이 양식은 이미 보냈습니다. 다른 내용을 또 기록하려면 다시 보내 주십시오.",
                    "This form was sent already. To record something else, send it again.",
                )
                .to_owned(),
            ),
            code => {
                let detail = error.detail.as_deref();
                let title = code.title();
                Some(in_labels(&w.message(detail.unwrap_or(&title)), &[], w))
            }
        };
        // An error at its place says it already.
        let detail = error.detail.as_deref();
        let mut errors = error.errors.iter();
        let is_said = errors.any(|wrong| Some(&wrong.message) == detail);
        Ok(Self {
            status: error.code.status(),
            notice: said.filter(|_| !is_said),
            errors: error.errors,
        })
    }
}
