//! Requests of people who are signed in: their session, and what they do by forms.
//!
//! A form stands for an operation of the API: its fields become the body of that operation, which is
//! checked and done as if it had come from there, under the terms and the name of the operation.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::asked::{Asked, Credentials, signed_out};
use super::body::{Sent, SentPatch};
use super::conditional::record_tag;
use super::forms::{Form, LOST_FILE, SentForm, from_own_page, is_plain_form};
use super::openapi::Operation;
use super::permissions::Access;
use super::posted::{Keyed, Posted};
use super::received::Received;
use super::session_cookie::sent_cookie;
use super::upload::{self, File};
use super::{IfMatch, Patch, Session, State, spec};
use crate::access::sealing::Sealing;
use crate::access::sign_ins;
use crate::access::tokens::Digest;
use crate::db::{AnyConnection, ReadClass};
use crate::edge::{self, cookies};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::RequestContext;
use crate::outbound::Outbound;

/// Pages read records like an operation of whoever holds a token.
static PAGE: LazyLock<Operation> = LazyLock::new(|| operation(ReadClass::Cheap));
static PAGE_OF_FIGURES: LazyLock<Operation> = LazyLock::new(|| operation(ReadClass::Figures));

fn operation(class: ReadClass) -> Operation {
    Operation {
        path: String::new(),
        method: "GET".into(),
        id: super::openapi::OFFICE_PAGE.into(),
        access: Access::Own,
        class,
        handler: None,
        answers: vec!["text/html".into()],
        rows: None,
    }
}

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
    pub(super) fn of(req: &HttpRequest) -> Result<Self, ApiError> {
        let digest = sent_cookie(req, &cookies::SESSION).and_then(sign_ins::digest);
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
        let clock = &self.state()?.clock;
        Ok(clock.day_of(clock.now()))
    }

    /// Returns the time zone of the registry, which determines the day of an instant.
    ///
    /// # Errors
    /// Internal, if the application has no state.
    pub fn zone(&self) -> Result<Tz, ApiError> {
        Ok(self.state()?.clock.zone())
    }

    /// Returns what sends webhooks: the client for outgoing requests, and the encryption of secrets.
    ///
    /// # Errors
    /// Internal, if the application has no state.
    pub fn outbound(&self) -> Result<(Outbound, Sealing), ApiError> {
        let state = self.state()?;
        Ok((state.outbound.clone(), state.sealing.clone()))
    }

    fn state(&self) -> Result<&web::Data<State>, ApiError> {
        let state = self.req.app_data();
        state.ok_or_else(|| ApiError::internal("the application has no state"))
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

    /// Like [`Self::read`], in a class of reads, of the registry as it was recorded at an instant, if one
    /// is given.
    ///
    /// # Errors
    /// Like [`Self::read`].
    pub async fn read_at<T: Send + 'static>(
        &self,
        class: ReadClass,
        instant: Option<DateTime<Utc>>,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let operation = match class {
            ReadClass::Figures => &PAGE_OF_FIGURES,
            ReadClass::Cheap | ReadClass::Past => &PAGE,
        };
        self.session_at(operation, instant)?.read(work).await
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

    /// Returns the credentials of the session.
    pub(super) fn credentials(&self) -> Result<Credentials, ApiError> {
        let oidc = self.state()?.oidc.clone();
        Ok(Credentials::SignIn(self.digest.clone(), oidc))
    }

    fn session(&self, operation: &'static Operation) -> Result<Session, ApiError> {
        self.session_at(operation, None)
    }

    fn session_at(
        &self,
        operation: &'static Operation,
        instant: Option<DateTime<Utc>>,
    ) -> Result<Session, ApiError> {
        let (req, state) = (&self.req, self.state()?);
        let credentials = self.credentials()?;
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
        let own = from_own_page(req);
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            own?;
            if is_plain_form(&req) {
                let sent = Submission::from_request(&req, &mut payload).await?;
                let file = File::missing(&req, sent.form.has(LOST_FILE))?;
                return Ok(Self { sent, file });
            }
            // Only somebody who is signed in may have a file kept in memory.
            let by = match signed_in(&req).await {
                Ok(by) => by,
                Err(error) => {
                    upload::keep_fields(&req, &mut payload).await;
                    return Err(error);
                }
            };
            let (file, fields) = upload::receive(&req, &mut payload).await?;
            let form = Form::of(fields);
            Ok(Self {
                sent: Submission { by, form },
                file,
            })
        })
    }
}

/// Returns who sent a request, if the session has not ended.
async fn signed_in(req: &HttpRequest) -> Result<SignedIn, ApiError> {
    let by = SignedIn::of(req)?;
    by.read(|_, _| Ok(())).await?;
    Ok(by)
}

impl FileSubmission {
    /// Does an operation of the API that takes a body and a file, like [`Submission::post`].
    ///
    /// # Errors
    /// Like the operation.
    pub async fn record<T, R>(
        &self,
        operation: &str,
        typed: Typed,
        place: impl Fn(&R) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<String, ApiError>
    where
        T: ToSchema + DeserializeOwned + Validate + Send + 'static,
        R: Serialize + Versioned + Send + 'static,
    {
        let beside = self.file.digest;
        self.sent
            .post_beside(beside, operation, typed, place, work)
            .await
    }

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

/// What a form says: the body of an operation, and what of the form cannot be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed {
    pub body: Value,
    pub unclear: Vec<FieldError>,
}

impl From<Value> for Typed {
    fn from(body: Value) -> Self {
        Self {
            body,
            unclear: Vec::new(),
        }
    }
}

/// Refuses an operation of which something cannot be read, once it was tried: everything that is wrong
/// is named at once, and nothing is recorded.
fn refused<R>(unclear: &[FieldError], done: Result<R, ApiError>) -> Result<R, ApiError> {
    if unclear.is_empty() {
        return done;
    }
    let mut errors = match done {
        Ok(_) => Vec::new(),
        Err(error) if error.code == Code::Invalid => error.errors,
        Err(error) => return Err(error),
    };
    // The body lacks what cannot be read.
    errors.retain(|error| unclear.iter().all(|known| known.place != error.place));
    errors.extend_from_slice(unclear);
    Err(ApiError::invalid(errors))
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
        typed: impl Into<Typed>,
        place: impl Fn(&R) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<String, ApiError>
    where
        T: ToSchema + DeserializeOwned + Validate + Send + 'static,
        R: Serialize + Versioned + Send + 'static,
    {
        self.post_beside(0, operation, typed.into(), place, work)
            .await
    }

    /// Like [`Self::post`], with the digest of what was sent beside the body.
    async fn post_beside<T, R>(
        &self,
        beside: u128,
        operation: &str,
        typed: Typed,
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
        let Typed { body, unclear } = typed;
        let sent = Sent::<T>::of(Received::made(body))?;
        let (digest, organizations) = (sent.digest ^ beside, session.organizations.clone());
        let keyed = match sent.is_accepted {
            true => Keyed::of(self.by.req.path(), self.form.get(KEY)),
            false => Keyed::never(),
        };
        let status = StatusCode::OK;
        let posted: Posted<R> =
            Posted::answer(&session, keyed, digest, status, place, move |conn, cx| {
                let organizations = organizations.as_ref();
                let done =
                    sent.settle(conn, cx, organizations, |conn, value| work(conn, cx, value));
                refused(&unclear, done)
            })
            .await?;
        Ok(posted.location().to_owned())
    }

    /// Does an operation of the API that asks by a body and records nothing.
    ///
    /// # Errors
    /// Like the operation.
    pub async fn ask<T, R>(
        &self,
        operation: &str,
        typed: Typed,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<R, ApiError>
    where
        T: ToSchema + DeserializeOwned + Validate + Send + 'static,
        R: Send + 'static,
    {
        let session = self.by.session(named(operation)?)?;
        let Typed { body, unclear } = typed;
        let sent = Sent::<T>::of(Received::made(body))?;
        session
            .read(move |conn, cx| {
                let done = sent.accepted().and_then(|value| work(conn, cx, &value));
                refused(&unclear, done)
            })
            .await
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
        typed: Typed,
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
        let Typed { body, unclear } = typed;
        let sent = SentPatch::<T>::of(Received::made(body))?;
        let organizations = session.organizations.clone();
        let expected = self.expected();
        session
            .write(move |conn, cx| {
                let done = sent.settle(conn, cx, organizations.as_ref(), |conn, patch| {
                    work(conn, cx, &expected, patch)
                });
                refused(&unclear, done)
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
