//! What a handler works with: the application's state, and who asks by which request.
//!
//! The token is looked up in the transaction that does the work, so that one that was revoked a
//! moment ago opens nothing, and a read costs one query more and not a second trip to the database.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use chrono::{DateTime, NaiveDateTime, Utc};

use super::caller::{Caller, Use};
use super::matrix::{Access, Operation};
use super::{oidc, tokens};
use crate::app::{Clock, Cx, NewIds, State};
use crate::audit::{self, Pasts, personal};
use crate::calendars::{Address, store as calendars};
use crate::db::AnyConnection;
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::{Language, Message};
use crate::http::logged::{Condition, Logged};

/// What a request shows of who sends it.
#[derive(Clone)]
pub enum Credentials {
    /// Nothing.
    None,
    /// A token of this registry, by its digest.
    Token(tokens::Digest),
    /// A JWT of the single sign-on, by whom it is of.
    Oidc(oidc::Identity),
    /// The address of a calendar, by which the caller is the token that made it; none of what is no
    /// such address.
    Calendar(Option<Address>),
}

impl Credentials {
    /// # Errors
    /// `unauthenticated` when the header is not `Bearer` and a token; `forbidden` for a JWT that
    /// entitles to nothing.
    fn of(headers: &HeaderMap, state: &State) -> Result<Self, ApiError> {
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
        let token = token.trim();
        if let Some(oidc) = state.oidc.as_deref()
            && !token.starts_with(tokens::PREFIX)
        {
            let now = Cx::new(&state.clock, NewIds::Random).now;
            return Ok(Self::Oidc(oidc.identify(token, now)?));
        }
        let digest = tokens::Digest::of(token).ok_or_else(refused)?;
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
    /// The address that it is asked from.
    origin: IpAddr,
    clock: Clock,
    anonymous_served: bool,
    /// The instant as of which is asked what was recorded, none for now; or what is wrong with it,
    /// which is named with whatever else is wrong with the query.
    recorded_as_of: Result<Option<DateTime<Utc>>, FieldError>,
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
            Credentials::Oidc(identity) => identity.caller(conn)?,
            Credentials::Calendar(None) => return Err(ApiError::not_found()),
            Credentials::Calendar(Some(address)) => calendars::caller(conn, address, cx.now)?,
        };
        self.operation
            .access
            .check(&caller, self.anonymous_served)?;
        Ok(cx.by(caller, self.operation.id, self.request_id.clone()))
    }
}

/// Whether the present is asked about or a past.
struct When {
    pasts: Pasts,
    recorded_as_of: Option<DateTime<Utc>>,
}

impl When {
    fn ask<T>(
        &self,
        conn: &mut AnyConnection,
        cx: &Cx,
        work: impl FnOnce(&mut AnyConnection, &Cx) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        match self.recorded_as_of {
            Some(instant) => self.pasts.read(conn, cx, instant, work),
            None => work(conn, cx),
        }
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
        self.on_snapshot(move |conn, cx, when| when.ask(conn, cx, work))
            .await
    }

    /// The same on the present, of which the work may ask the past that is asked about.
    async fn on_snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Cx, &When) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let asked = self.asked.clone();
        let wrong = |error| ApiError::new(Code::InvalidParameters).and(vec![error]);
        let when = When {
            pasts: self.pasts.clone(),
            recorded_as_of: asked.recorded_as_of.clone().map_err(wrong)?,
        };
        let of_past = when.recorded_as_of.is_some();
        let read = move |conn: &mut AnyConnection| {
            let cx = asked.enter(conn)?;
            let used = cx.caller.unnoted_use;
            let result = work(conn, &cx, &when);
            Ok((result, used.map(|used| (used, cx.now)), cx))
        };
        let (result, used, cx) = if of_past {
            self.db.read_apart(read).await?
        } else {
            self.db.read(read).await?
        };
        if let Some((used, now)) = used {
            self.note_use(used, now);
        }
        let (result, subjects) = (result?, cx.shown.take());
        if !subjects.is_empty() {
            let origin = self.asked.origin;
            let noted = self
                .db
                .write(move |conn| personal::record(conn, &cx, origin, &subjects));
            noted.await?;
        }
        Ok(result)
    }

    /// Reads what follows from the log, the day and who asks: not at all where the client has it.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub async fn read_logged<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Logged<T>, ApiError> {
        let (condition, tags) = (self.condition.clone(), self.tags.clone());
        self.on_snapshot(move |conn, cx, when| {
            // In the snapshot that the work sees; also of the past, from which the present may have
            // taken something back.
            let question = condition.question(&audit::head(conn)?.1, cx);
            match tags.of(question).filter(|tag| condition.knows(tag)) {
                Some(tag) => Ok(Logged::Known(tag)),
                None => Ok(Logged::Again(tags, question, when.ask(conn, cx, work)?)),
            }
        })
        .await
    }

    /// Notes that a token or an address is used. Nobody waits for it, and a note that is lost is
    /// made the next time.
    fn note_use(&self, used: Use, now: NaiveDateTime) {
        let db = self.db.clone();
        actix_web::rt::spawn(async move {
            let noted = db.write(move |conn| match used {
                Use::Token(id) => tokens::note_use(conn, id, now),
                Use::Calendar(id) => calendars::note_use(conn, id, now),
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, ?used, "the use was not noted");
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
                let result = work(conn, &cx)?;
                personal::record(conn, &cx, asked.origin, &cx.shown.take())?;
                Ok(result)
            })
            .await
    }

    /// The same for an answer in a language, which another tag stands for.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.condition.speaks(language);
        self
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

/// Lets a request to a route in: finds out which operation it asks for and with which credentials. Whom an
/// operation is not for is refused before anything else of the request is looked at; what everyone
/// may read finds out in its own transaction who asks.
///
/// # Errors
/// `unauthenticated`, `forbidden`
pub async fn admit(
    req: &HttpRequest,
    route: Option<&str>,
    request_id: &str,
    origin: IpAddr,
) -> Result<(), ApiError> {
    let operation = route.and_then(|route| Operation::of(req.method().as_str(), route));
    // What is no operation is the documentation, or is not there.
    let Some((operation, state)) = operation.zip(req.app_data::<web::Data<State>>()) else {
        return Ok(());
    };
    let credentials = match operation.access {
        Access::Open if operation.id != ME => Credentials::None,
        Access::Address => Credentials::Calendar(Address::in_path(req.path())),
        _ => Credentials::of(req.headers(), state)?,
    };
    let asked = Asked {
        credentials,
        operation,
        request_id: request_id.into(),
        origin,
        clock: state.clock.clone(),
        anonymous_served: state.anonymous_served,
        recorded_as_of: if operation.has_past {
            recorded_as_of(req.query_string())
        } else {
            Ok(None)
        },
    };
    if req.method() != Method::GET || !operation.access.roles().is_empty() {
        Session::new(req, asked.clone())?
            .read(|_, _| Ok(()))
            .await?;
    }
    req.extensions_mut().insert(asked);
    Ok(())
}

/// The name of the parameter by which every read can be asked about the past.
pub const RECORDED_AS_OF: &str = "recorded_as_of";

/// The instant as of which a request asks what was recorded.
///
/// # Errors
/// When it is none, or stands twice.
fn recorded_as_of(query: &str) -> Result<Option<DateTime<Utc>>, FieldError> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let mut values = pairs.filter(|(name, _)| name == RECORDED_AS_OF);
    let refuse =
        |code: &str, ko, en| FieldError::query(RECORDED_AS_OF, code, Message::fixed(ko, en));
    let Some((_, text)) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(refuse(
            "repeated_parameter",
            "매개변수가 두 번 있습니다.",
            "This parameter stands twice.",
        ));
    }
    text.parse().map(Some).map_err(|_| {
        refuse(
            "format_date-time",
            "RFC 3339 시각이어야 합니다. 예: 2026-11-24T00:00:00Z",
            "Expected an instant as in RFC 3339: 2026-11-24T00:00:00Z.",
        )
    })
}

/// Whether a request may ask about the past, so that its parameter is none of the handler's.
pub fn may_ask_the_past(req: &HttpRequest) -> bool {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.is_some_and(|asked| asked.operation.has_past)
}

/// What is wrong with that parameter.
pub fn wrong_past(req: &HttpRequest) -> Option<FieldError> {
    let extensions = req.extensions();
    extensions.get::<Asked>()?.recorded_as_of.clone().err()
}

/// The one operation that is open to everyone and yet says who asks.
const ME: &str = "get_me";

impl FromRequest for Session {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let asked = req.extensions().get::<Asked>().cloned();
        // An operation that the table of roles does not have is for nobody. So is one by an address
        // whose fixed parts are percent-encoded, which the table does not know by it.
        let asked = asked.ok_or_else(ApiError::not_found);
        ready(asked.and_then(|asked| Self::new(req, asked)))
    }
}
