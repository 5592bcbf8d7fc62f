//! Requests of people who are signed in: their session, the forms that they send, and the guard
//! against forms of other sites.
//!
//! A form stands for an operation of the API: its fields become the body of that operation, which is
//! checked and done as if it had come from there, under the terms and the name of the operation.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use utoipa::ToSchema;
use validator::Validate;

use super::asked::{Asked, Credentials, signed_out};
use super::body::{Sent, SentPatch};
use super::conditional::record_tag;
use super::openapi::Operation;
use super::permissions::Access;
use super::posted::{Keyed, Posted};
use super::received::{Received, unreadable};
use super::upload::{self, File};
use super::{IfMatch, Patch, Session, State, spec};
use crate::access::sign_ins;
use crate::access::tokens::Digest;
use crate::db::{AnyConnection, ReadClass};
use crate::edge::{self, Edge, cookies};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::RequestContext;

/// Media type of forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// Pages read records like an operation of whoever holds a token.
static PAGE: LazyLock<Operation> = LazyLock::new(|| Operation {
    path: String::new(),
    method: "GET".into(),
    id: super::openapi::OFFICE_PAGE.into(),
    access: Access::Own,
    class: ReadClass::Cheap,
    slice: "",
    answers: vec!["text/html".into()],
});

/// The id of a request, as its answer and the log show it.
pub(super) struct RequestId(pub Arc<str>);

/// A request of somebody who is signed in.
#[derive(Clone)]
pub struct SignedIn {
    req: HttpRequest,
    digest: Digest,
}

impl SignedIn {
    /// # Errors
    /// `unauthenticated` without the cookie of a session.
    fn of(req: &HttpRequest) -> Result<Self, ApiError> {
        let digest = cookies::session_secret(req.headers()).and_then(sign_ins::digest);
        Ok(Self {
            req: req.clone(),
            digest: digest.ok_or_else(signed_out)?,
        })
    }

    pub fn request(&self) -> &HttpRequest {
        &self.req
    }

    /// Returns the digest of the session's secret.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Returns the present day of the registry.
    ///
    /// # Errors
    /// Internal, if the application has no state.
    pub fn today(&self) -> Result<NaiveDate, ApiError> {
        let clock = &self.session(&PAGE)?.clock;
        Ok(clock.day_of(clock.now()))
    }

    /// Runs a read on a consistent snapshot, as whoever is signed in.
    ///
    /// # Errors
    /// `unauthenticated` if the session has ended; `unavailable`; the error of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.session(&PAGE)?.read(work).await
    }

    /// Like [`Self::read`], of the registry as it was recorded at an instant, if one is given.
    ///
    /// # Errors
    /// Like [`Self::read`].
    pub async fn read_at<T: Send + 'static>(
        &self,
        instant: Option<DateTime<Utc>>,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.session_at(&PAGE, instant)?.read(work).await
    }

    /// Like [`Self::read`], under the terms of an operation of the API.
    ///
    /// # Errors
    /// Like [`Self::read`]; `forbidden` if the operation is not for the role.
    pub async fn read_as<T: Send + 'static>(
        &self,
        operation: &str,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.session(named(operation)?)?.read(work).await
    }

    fn session(&self, operation: &'static Operation) -> Result<Session, ApiError> {
        self.session_at(operation, None)
    }

    fn session_at(
        &self,
        operation: &'static Operation,
        instant: Option<DateTime<Utc>>,
    ) -> Result<Session, ApiError> {
        let req = &self.req;
        let state = req.app_data::<web::Data<State>>();
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        let credentials = Credentials::SignIn(self.digest.clone());
        let origin = edge::client(req);
        let known = Arc::default();
        let request_id = req.extensions().get::<RequestId>().map(|id| id.0.clone());
        let asked = Asked {
            turn: credentials.turn(origin),
            credentials,
            operation,
            request_id: request_id.unwrap_or_default(),
            origin,
            clock: state.clock.clone(),
            anonymous_served: state.anonymous_served,
            known: Arc::clone(&known),
            recorded_as_of: Ok(instant),
        };
        // By this the limits tell a session from a guess.
        req.extensions_mut().insert(asked.clone());
        Session::new(req, asked)
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

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
    req: HttpRequest,
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
            // Kept for the page that asks to sign in again, so that nothing typed is lost.
            req.extensions_mut().insert(form.clone());
            Ok(Self { req, form })
        })
    }
}

/// Returns the form that a request sent, if it was read.
pub fn form_of(req: &HttpRequest) -> Option<Form> {
    req.extensions().get::<Form>().cloned()
}

/// A form that somebody sent who is signed in.
pub struct Submission {
    pub by: SignedIn,
    pub form: Form,
}

impl FromRequest for Submission {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let sent = SentForm::from_request(req, payload);
        Box::pin(async move {
            let SentForm { req, form } = sent.await?;
            let by = SignedIn::of(&req)?;
            Ok(Self { by, form })
        })
    }
}

/// A form with a file that somebody sent who is signed in.
pub struct FileSubmission {
    pub sent: Submission,
    pub file: File,
}

impl FromRequest for FileSubmission {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = from_own_page(req).and_then(|()| SignedIn::of(req));
        let body = upload::receive(req, payload);
        Box::pin(async move {
            let by = head?;
            let (file, fields) = body.await?;
            let form = Form(fields);
            Ok(Self {
                sent: Submission { by, form },
                file,
            })
        })
    }
}

impl FileSubmission {
    /// Does an operation of the API that takes a file, once per key of the form. Returns what `place`
    /// returns for the record, also when the form is sent a second time.
    ///
    /// # Errors
    /// Like the operation.
    pub async fn post<R: Serialize + Versioned + Send + 'static>(
        &self,
        operation: &str,
        place: impl Fn(&R) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<String, ApiError> {
        let Submission { by, form } = &self.sent;
        let session = by.session(named(operation)?)?;
        let keyed = Keyed::of(by.req.path(), form.get(KEY));
        let fields = form.fields().filter(|(name, _)| *name != KEY);
        let fields: Vec<_> = fields.flat_map(|(name, value)| [name, value]).collect();
        let digest = self.file.digest ^ xxhash_rust::xxh3::xxh3_128(fields.join("\n").as_bytes());
        let posted = Posted::answer(&session, keyed, digest, StatusCode::OK, place, work).await?;
        Ok(posted.location().to_owned())
    }
}

/// Name of the field that has the idempotency key of a form.
pub const KEY: &str = "key";

/// Name of the field that has the tag of the state that a form shows.
pub const TAG: &str = "tag";

/// Returns the tag of the state that a form shows.
pub fn tag(revision: &Revision) -> String {
    record_tag(revision, b"")
}

impl Submission {
    /// Does an operation of the API that takes a body, once per key of the form. Returns what
    /// `place` returns for the record, also when the form is sent a second time.
    ///
    /// # Errors
    /// Like the operation.
    pub async fn post<T, R>(
        &self,
        operation: &str,
        body: Value,
        place: impl Fn(&R) -> String + Send + 'static,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<String, ApiError>
    where
        T: ToSchema + DeserializeOwned + Validate + Send + 'static,
        R: Serialize + Versioned + Send + 'static,
    {
        let session = self.by.session(named(operation)?)?;
        let sent = Sent::<T>::of(Received::made(body))?;
        let (digest, organizations) = (sent.digest, session.organizations.clone());
        let keyed = match sent.is_accepted {
            true => Keyed::of(self.by.req.path(), self.form.get(KEY)),
            false => Keyed::never(),
        };
        let status = StatusCode::OK;
        let posted: Posted<R> =
            Posted::answer(&session, keyed, digest, status, place, move |conn, cx| {
                let organizations = organizations.as_ref();
                sent.settle(conn, cx, organizations, |conn, value| work(conn, cx, value))
            })
            .await?;
        Ok(posted.location().to_owned())
    }

    /// Does an operation of the API that takes no body.
    ///
    /// # Errors
    /// Like the operation.
    pub async fn act<R: Send + 'static>(
        &self,
        operation: &str,
        work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        self.by.session(named(operation)?)?.write(work).await
    }

    /// Changes the state of a record that the form shows, by a merge patch.
    ///
    /// # Errors
    /// Like the operation; `precondition_failed` if the record has changed since.
    pub async fn change<T, R>(
        &self,
        operation: &str,
        patch: Value,
        mut work: impl FnMut(
            &mut AnyConnection,
            &RequestContext,
            &IfMatch,
            &Patch<T>,
        ) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<R, ApiError>
    where
        T: ToSchema + Send + 'static,
        R: Versioned + Send + 'static,
    {
        let session = self.by.session(named(operation)?)?;
        let sent = SentPatch::<T>::of(Received::made(patch))?;
        let organizations = session.organizations.clone();
        let expected = IfMatch::of_tag(self.form.get(TAG));
        session
            .write(move |conn, cx| {
                sent.settle(conn, cx, organizations.as_ref(), |conn, patch| {
                    work(conn, cx, &expected, patch)
                })
            })
            .await
    }

    /// Returns the condition that the record is in the state that the form shows.
    pub fn expected(&self) -> IfMatch {
        IfMatch::of_tag(self.form.get(TAG))
    }
}

fn named(operation: &str) -> Result<&'static Operation, ApiError> {
    let mut all = spec().operations.iter();
    let found = all.find(|known| known.id == operation);
    found.ok_or_else(|| ApiError::internal(format!("there is no operation {operation}")))
}

/// Returns the cookie of a session, or one that removes it.
///
/// It is limited to secure connections, unless the server is reached by `http` on purpose: on this
/// machine, or as the configured URL says.
pub fn cookie(req: &HttpRequest, secret: Option<&str>) -> String {
    let base = Url::parse(&super::public_url::base(req)).ok();
    let configured = super::PublicUrl::of(req).is_some();
    let is_plain = base.is_some_and(|url| {
        let host = url.host_str().unwrap_or_default();
        let is_near = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        url.scheme() == "http" && (configured || is_near)
    });
    let (name, secure) = match is_plain {
        true => (cookies::PLAIN, ""),
        false => (cookies::SECURE, "; Secure"),
    };
    let (value, age) = match secret {
        Some(secret) => (secret, sign_ins::LONGEST.num_seconds()),
        None => ("", 0),
    };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// Checks that a form was sent from a page of this server, as the browser tells it: a page of another
/// site must not act for somebody who is signed in here.
///
/// # Errors
/// `forbidden`
fn from_own_page(req: &HttpRequest) -> Result<(), ApiError> {
    let text = |name| {
        req.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let is_own = match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Older browsers send the origin alone.
        None => text("origin").is_some_and(|origin| {
            let base = Url::parse(&super::public_url::base(req));
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

/// Receives the bytes of a form.
fn received(
    req: &HttpRequest,
    payload: &mut dev::Payload,
) -> impl Future<Output = Result<web::Bytes, ApiError>> + use<> {
    let state = req.app_data::<web::Data<State>>();
    let limit = state.map_or(usize::MAX, |state| state.max_body);
    let edge = req.app_data::<web::Data<Edge>>();
    let patience = edge.map(|edge| edge.body_timeout).unwrap_or_default();
    let kind = req.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim() == FORM);
    let payload = web::Payload::from_request(req, payload);
    async move {
        if !is_form {
            return Err(ApiError::new(Code::UnsupportedMediaType).accepting("Accept", FORM));
        }
        let payload = payload.await.map_err(|error| unreadable(&error))?;
        let bytes = timeout(patience, payload.to_bytes_limited(limit)).await;
        let bytes = bytes.map_err(|_| ApiError::new(Code::RequestTimeout))?;
        let bytes = bytes.map_err(|_| ApiError::new(Code::TooLarge))?;
        bytes.map_err(|error| unreadable(&error))
    }
}
