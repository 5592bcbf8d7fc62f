//! Extractors for the requests of handlers: each holds the caller's [`Session`] and everything else
//! that its kind of request consists of, and runs the work.
//!
//! Query parameters are those of `Q`; by default every parameter is refused.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, dev};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::answer::{Answer, Answered, Single};
use super::body::{Sent, SentPatch};
use super::conditional::{Deleted, IfMatch};
use super::posted::{Keyed, Posted};
use super::preconditions::Preconditions;
use super::query::{NoParams, params};
use super::{Patch, Session};
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;

/// A read of one record or result.
pub struct Read<Q = NoParams> {
    pub session: Session,
    pub query: Q,
}

/// A POST with a JSON body: creates a record, or takes a step with an existing one.
pub struct Post<T, Q = NoParams> {
    pub session: Session,
    pub query: Q,
    pub(super) keyed: Keyed,
    pub(super) sent: Sent<T>,
}

/// A POST with a JSON body that asks and records nothing.
pub struct Ask<T, Q = NoParams> {
    pub session: Session,
    pub query: Q,
    conditions: Preconditions,
    sent: Sent<T>,
}

/// A POST without a body: takes a step with an existing record.
pub struct Step<Q = NoParams> {
    pub session: Session,
    pub query: Q,
    keyed: Keyed,
}

/// A change of the version that the caller has read, by a merge patch for content of type `T`.
pub struct Change<T, Q = NoParams> {
    pub session: Session,
    pub query: Q,
    expected: IfMatch,
    sent: SentPatch<T>,
}

/// A deletion of the version that the caller has read.
pub struct Remove<Q = NoParams> {
    pub session: Session,
    pub query: Q,
    expected: IfMatch,
}

impl<Q> Read<Q> {
    /// Answers with one record that depends only on the log, the day and the caller.
    ///
    /// # Errors
    /// Fails like [`Session::read`].
    pub async fn record<R: Serialize + Versioned>(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<Single<R>, ApiError> {
        self.session.read_record(work).await
    }

    /// Answers with one record that changes without an entry in the log, too.
    ///
    /// # Errors
    /// Fails like [`Session::read`].
    pub async fn unlogged<R: Serialize + Versioned + Send + 'static>(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<Single<R>, ApiError> {
        let record = self.session.read(work).await?;
        let answer = Answer::record(&record, self.session.language())?;
        Ok(Answered::new(answer))
    }

    /// Answers with a result that depends only on the log, the day and the caller.
    ///
    /// # Errors
    /// Fails like [`Session::read`].
    pub async fn value<R: Serialize>(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<Answered<R>, ApiError> {
        self.session.read_value(work).await
    }
}

impl<T: Validate + DeserializeOwned + Send + 'static, Q> Ask<T, Q> {
    /// Answers with a result.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member; otherwise the error of `work`.
    pub async fn value<R: Serialize + Send + 'static>(
        self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Answered<R>, ApiError> {
        let Self {
            session,
            conditions,
            sent,
            ..
        } = self;
        let result = session.read(move |conn, cx| {
            // The caller is known first.
            let value = sent.accepted()?;
            conditions.hold(conn, |conn| work(conn, cx, &value))
        });
        let answer = Answer::value(&result.await?, session.language())?;
        Ok(Answered::new(answer))
    }
}

impl<T: Validate + DeserializeOwned + Send + 'static, Q> Post<T, Q> {
    /// Makes the idempotency key have no effect, for an answer that must not be kept.
    #[must_use]
    pub fn unkept(mut self) -> Self {
        self.keyed = self.keyed.unkept();
        self
    }

    /// Creates a record, once per key; `location` returns its URL.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member; `idempotency_key_reused`;
    /// `precondition_failed`; otherwise the error of `work`.
    pub async fn created<R: Serialize + Versioned + Send + 'static>(
        self,
        location: impl Fn(&R) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Posted<R>, ApiError> {
        self.answer(StatusCode::CREATED, location, work).await
    }

    /// Takes a step with an existing record, once per key.
    ///
    /// # Errors
    /// Fails like [`Self::created`].
    pub async fn changed<R: Serialize + Versioned + Send + 'static>(
        self,
        work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Posted<R>, ApiError> {
        self.answer(StatusCode::OK, |_| String::new(), work).await
    }

    async fn answer<R: Serialize + Versioned + Send + 'static>(
        self,
        status: StatusCode,
        location: impl Fn(&R) -> String + Send + 'static,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Posted<R>, ApiError> {
        let Self {
            session,
            keyed,
            sent,
            ..
        } = self;
        let digest = sent.digest;
        let organizations = session.organizations.clone();
        // A refused body is named before a key that was used with another one.
        let keyed = match sent.is_accepted {
            true => keyed,
            false => keyed.unkept(),
        };
        Posted::answer(
            &session,
            keyed,
            digest,
            status,
            location,
            move |conn, cx| {
                let organizations = organizations.as_ref();
                sent.settle(conn, cx, organizations, |conn, value| work(conn, cx, value))
            },
        )
        .await
    }
}

impl<Q> Step<Q> {
    /// Makes the idempotency key have no effect, for an answer that must not be kept.
    #[must_use]
    pub fn unkept(mut self) -> Self {
        self.keyed = self.keyed.unkept();
        self
    }

    /// Takes the step, once per key.
    ///
    /// # Errors
    /// `idempotency_key_reused`; otherwise the error of `work`.
    pub async fn changed<R: Serialize + Versioned + Send + 'static>(
        self,
        work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<Posted<R>, ApiError> {
        let Self { session, keyed, .. } = self;
        Posted::answer(&session, keyed, 0, StatusCode::OK, |_| String::new(), work).await
    }
}

impl<T: ToSchema + Send + 'static, Q> Change<T, Q> {
    /// Changes the record. `work` must check the expected version and apply the patch before it
    /// writes anything.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member; otherwise the error of `work`.
    pub async fn changed<R: Serialize + Versioned + Send + 'static>(
        self,
        mut work: impl FnMut(
            &mut AnyConnection,
            &RequestContext,
            &IfMatch,
            &Patch<T>,
        ) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Single<R>, ApiError> {
        let Self {
            session,
            expected,
            sent,
            ..
        } = self;
        let organizations = session.organizations.clone();
        let language = session.language();
        let changed = session.write(move |conn, cx| {
            let record = sent.settle(conn, cx, organizations.as_ref(), |conn, patch| {
                work(conn, cx, &expected, patch)
            })?;
            Answer::record(&record, language)
        });
        Ok(Answered::new(changed.await?))
    }
}

impl<Q> Remove<Q> {
    /// Deletes the record. `work` must check the expected version.
    ///
    /// # Errors
    /// Returns the error of `work`.
    pub async fn deleted(
        self,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext, &IfMatch) -> Result<(), ApiError>
        + Send
        + 'static,
    ) -> Result<Deleted, ApiError> {
        self.done(move |conn, cx, expected| work(conn, cx, expected))
            .await?;
        Ok(Deleted)
    }

    /// Like [`Self::deleted`], and returns the result of `work`.
    ///
    /// # Errors
    /// Returns the error of `work`.
    pub async fn done<R: Send + 'static>(
        self,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext, &IfMatch) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<R, ApiError> {
        let Self {
            session, expected, ..
        } = self;
        session
            .write(move |conn, cx| work(conn, cx, &expected))
            .await
    }
}

/// Extracts everything but the body, in the order in which errors are named: the session, the header
/// that `header` reads, the query.
pub(super) fn head<H, Q: IntoParams + DeserializeOwned + 'static>(
    req: &HttpRequest,
    header: impl FnOnce(&HttpRequest) -> Result<H, ApiError>,
) -> Result<(Session, H, Q), ApiError> {
    Ok((
        Session::extract(req).into_inner()?,
        header(req)?,
        params(req)?,
    ))
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<Q: IntoParams + DeserializeOwned + 'static> FromRequest for Read<Q> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let head = head(req, |_| Ok(()));
        ready(head.map(|(session, (), query)| Self { session, query }))
    }
}

impl<Q: IntoParams + DeserializeOwned + 'static> FromRequest for Step<Q> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let head = head(req, Keyed::read);
        ready(head.map(|(session, keyed, query)| Self {
            session,
            query,
            keyed,
        }))
    }
}

impl<Q: IntoParams + DeserializeOwned + 'static> FromRequest for Remove<Q> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let head = head(req, IfMatch::read);
        ready(head.map(|(session, expected, query)| Self {
            session,
            query,
            expected,
        }))
    }
}

impl<T, Q> FromRequest for Post<T, Q>
where
    T: ToSchema + DeserializeOwned + Validate + Send + 'static,
    Q: IntoParams + DeserializeOwned + 'static,
{
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = head(req, Keyed::read);
        let body = Sent::read(req, payload);
        Box::pin(async move {
            let (session, keyed, query) = head?;
            Ok(Self {
                session,
                query,
                keyed,
                sent: body.await?,
            })
        })
    }
}

impl<T, Q> FromRequest for Ask<T, Q>
where
    T: ToSchema + DeserializeOwned + Validate + Send + 'static,
    Q: IntoParams + DeserializeOwned + 'static,
{
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = head(req, |req| Ok(Preconditions::read(req)));
        let body = Sent::read(req, payload);
        Box::pin(async move {
            let (session, conditions, query) = head?;
            Ok(Self {
                session,
                query,
                conditions,
                sent: body.await?,
            })
        })
    }
}

impl<T, Q> FromRequest for Change<T, Q>
where
    T: ToSchema + Send + 'static,
    Q: IntoParams + DeserializeOwned + 'static,
{
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = head(req, IfMatch::read);
        let body = SentPatch::read(req, payload);
        Box::pin(async move {
            let (session, expected, query) = head?;
            Ok(Self {
                session,
                query,
                expected,
                sent: body.await?,
            })
        })
    }
}
