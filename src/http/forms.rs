//! Forms of pages: their fields, and the guard against forms of other sites.

use std::future::Future;
use std::pin::Pin;

use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use url::Url;

use super::State;
use super::public_url::base;
use super::received::receive_bytes;
use crate::kernel::error::{ApiError, Code};

/// Media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// Field of a form with a file that was kept while its sender signed in again: the file was not kept.
pub(super) const LOST_FILE: &str = "file/lost";

/// The fields of a form, in their order. Line breaks are `\n`.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    fn parse(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        Self(pairs.collect())
    }

    /// Returns a form with these fields.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Returns the first value of a field, without white space around it; an empty text if there is
    /// none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Returns all values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(known, _)| known == name);
        values.map(|(_, value)| value.trim())
    }

    /// Returns whether the form has a field, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form that was sent from a page of this server.
pub struct SentForm {
    pub(super) req: HttpRequest,
    pub form: Form,
}

impl SentForm {
    pub fn request(&self) -> &HttpRequest {
        &self.req
    }
}

impl FromRequest for SentForm {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let req = req.clone();
        let own = from_own_page(&req);
        let body = received(&req, payload);
        Box::pin(async move {
            own?;
            let form = Form::parse(&body.await?);
            keep(&req, &form);
            Ok(Self { req, form })
        })
    }
}

/// Returns the form that a request sent, if it was read.
pub fn form_of(req: &HttpRequest) -> Option<Form> {
    req.extensions().get::<Form>().cloned()
}

/// Checks that a form was sent from a page of this server, as the browser tells it: a page of another
/// site must not act for somebody who is signed in here.
///
/// # Errors
/// `forbidden`
pub(super) fn from_own_page(req: &HttpRequest) -> Result<(), ApiError> {
    let text = |name| {
        req.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let is_own = match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Older browsers send the origin alone.
        None => text("origin").is_some_and(|origin| {
            let base = Url::parse(&base(req));
            base.is_ok_and(|base| base.origin().ascii_serialization() == origin)
        }),
    };
    match is_own {
        true => Ok(()),
        false => Err(ApiError::with(
            Code::Forbidden,
            "이 서버의 화면에서 보낸 양식이 아니어서 받지 않았습니다. 화면을 다시 열어 보내 주십시오.",
            "The form was not sent from a page of this server. Open the page anew, and send it from there.",
        )),
    }
}

/// Returns whether a request sends the fields of a form alone. A form with a file comes so if its sender
/// had to sign in again.
pub(super) fn is_plain_form(req: &HttpRequest) -> bool {
    let kind = req.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next();
    essence.is_some_and(|kind| kind.trim() == FORM)
}

/// Keeps a form for the page that asks to sign in again, so that nothing typed is lost.
pub(super) fn keep(req: &HttpRequest, form: &Form) {
    req.extensions_mut().insert(form.clone());
}

/// Receives the bytes of a form.
fn received(
    req: &HttpRequest,
    payload: &mut dev::Payload,
) -> impl Future<Output = Result<web::Bytes, ApiError>> + use<> {
    let state = req.app_data::<web::Data<State>>();
    let limit = state.map_or(usize::MAX, |state| state.max_body);
    let is_form = is_plain_form(req);
    let bytes = receive_bytes(req, payload, limit);
    async move {
        if !is_form {
            return Err(ApiError::new(Code::UnsupportedMediaType).accepting("Accept", FORM));
        }
        bytes.await
    }
}
