//! What a handler works with: the application's state, and who asks by which request.
//!
//! The token is looked up in the transaction that does the work, so that one that was revoked a
//! moment ago opens nothing, and a read costs one query more and not a second trip to the database.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use chrono::NaiveDateTime;
use uuid::Uuid;

use super::caller::Caller;
use super::matrix::{Access, Operation};
use super::tokens;
use crate::app::{Clock, Cx, NewIds, State};
use crate::audit;
use crate::db::AnyConnection;
use crate::error::{ApiError, Code};
use crate::http::logged::{Condition, Logged};

/// What a request shows of who sends it.
#[derive(Clone)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A token of this registry, by its digest.
    Token(tokens::Digest),
}

impl Credentials {
    /// # Errors
    /// `unauthenticated` when the header is not `Bearer` and a token.
    fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut values = headers.get_all(AUTHORIZATION);
        let (Some(value), None) = (values.next(), values.next()) else {
            return if headers.contains_key(AUTHORIZATION) {
                Err(refused())
            } else {
                Ok(Self::None)
            };
        };
        let text = value.to_str().map_err(|_| refused())?;
        let (scheme, token) = text.split_once(' ').ok_or_else(refused)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refused());
        }
        let digest = tokens::Digest::of(token.trim()).ok_or_else(refused)?;
        Ok(Self::Token(digest))
    }
}

/// The refusal of a token, whatever is wrong with it.
fn refused() -> ApiError {
    ApiError::with(
        Code::Unauthenticated,
        "토큰이 없거나, 만료되었거나, 취소되었습니다.",
        "The token is unknown, expired or revoked.",
    )
}

/// Who asks for what, before the database is asked about it.
#[derive(Clone)]
struct Asked {
    credentials: Credentials,
    operation: Operation,
    request_id: Arc<str>,
    clock: Clock,
    anonymous_served: bool,
}

impl Asked {
    /// Finds out who asks, refuses whom the operation is not for, and starts the clock.
    fn enter(&self, conn: &mut AnyConnection) -> Result<Cx, ApiError> {
        let cx = Cx::new(&self.clock, NewIds::Random);
        let caller = match &self.credentials {
            Credentials::None => Caller::anonymous(),
            Credentials::Token(digest) => {
                tokens::caller(conn, digest, cx.now)?.ok_or_else(refused)?
            }
        };
        self.operation
            .access
            .check(&caller, self.anonymous_served)?;
        Ok(cx.by(caller, self.operation.id, self.request_id.clone()))
    }
}

/// The application's state as a handler takes it, with who asks.
pub struct Session {
    state: web::Data<State>,
    asked: Asked,
    condition: Condition,
}

impl std::ops::Deref for Session {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl Session {
    /// Reads on one state of the data.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden`, what `work` returns, or `unavailable`.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let asked = self.asked.clone();
        let read = self.db.read(move |conn| {
            let cx = asked.enter(conn)?;
            let used = cx.caller.id.filter(|_| cx.caller.unnoted_use);
            Ok((work(conn, &cx), used.map(|token| (token, cx.now))))
        });
        let (result, used) = read.await?;
        if let Some((token, now)) = used {
            self.note_use(token, now);
        }
        result
    }

    /// Reads what follows from the log, the day and who asks: not at all where the client has it.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub async fn read_logged<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Logged<T>, ApiError> {
        let condition = self.condition.clone();
        self.read(move |conn, cx| {
            // In the snapshot that the work sees, so that the tag is of what is sent.
            let tag = condition.tag(&audit::head(conn)?.1, cx);
            if condition.knows(&tag) {
                return Ok(Logged::Known(tag));
            }
            Ok(Logged::New(tag, work(conn, cx)?))
        })
        .await
    }

    /// Notes that a token is used. Nobody waits for it, and a note that is lost is made the next
    /// time.
    fn note_use(&self, token: Uuid, now: NaiveDateTime) {
        let db = self.db.clone();
        actix_web::rt::spawn(async move {
            let noted = db.write(move |conn| tokens::note_use(conn, token, now));
            if let Err(error) = noted.await {
                tracing::warn!(%error, %token, "the use of a token was not noted");
            }
        });
    }

    /// Writes in one transaction.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden`, what `work` returns, after which nothing is changed, or
    /// `unavailable`.
    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let asked = self.asked.clone();
        self.db
            .write(move |conn| {
                let cx = asked.enter(conn)?;
                work(conn, &cx)
            })
            .await
    }

    fn new(req: &HttpRequest, asked: Asked) -> Result<Self, ApiError> {
        let state = req.app_data::<web::Data<State>>();
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        Ok(Self {
            state: state.clone(),
            asked,
            condition: Condition::of(req),
        })
    }
}

/// Lets a request in: finds out which operation it asks for and with which credentials. Whom an
/// operation is not for is refused before anything else of the request is looked at; what everyone
/// may read finds out in its own transaction who asks.
///
/// # Errors
/// `unauthenticated`, `forbidden`
pub async fn admit(req: &HttpRequest, request_id: &str) -> Result<(), ApiError> {
    let pattern = req.match_pattern().unwrap_or_default();
    let operation = Operation::of(req.method().as_str(), &pattern);
    // What is no operation is the documentation, or is not there.
    let Some((operation, state)) = operation.zip(req.app_data::<web::Data<State>>()) else {
        return Ok(());
    };
    let credentials = match operation.access {
        Access::Open if operation.id != ME => Credentials::None,
        _ => Credentials::of(req.headers())?,
    };
    let asked = Asked {
        credentials,
        operation,
        request_id: request_id.into(),
        clock: state.clock.clone(),
        anonymous_served: state.anonymous_served,
    };
    if req.method() != Method::GET || !operation.access.roles().is_empty() {
        Session::new(req, asked.clone())?
            .read(|_, _| Ok(()))
            .await?;
    }
    req.extensions_mut().insert(asked);
    Ok(())
}

/// The one operation that is open to everyone and yet says who asks.
const ME: &str = "get_me";

impl FromRequest for Session {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let asked = req.extensions().get::<Asked>().cloned();
        // An operation that the table of roles does not have is for nobody.
        let asked = asked.ok_or_else(|| ApiError::internal("nothing says for whom this is"));
        ready(asked.and_then(|asked| Self::new(req, asked)))
    }
}
