//! The context of a handler: the application's state, the caller and the request.
//!
//! The token is looked up in the transaction that does the work. A token that was revoked a moment
//! ago grants nothing, and a read costs one more query but no second trip to the database.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use chrono::{DateTime, NaiveDateTime, Utc};

use super::asked::{Asked, Credentials};
use super::office_data::BySession;
use super::permissions::Access;
use super::question::Target;
use super::signed_in::RequestId;
use super::tables::FileAsked;
use super::{State, spec};
use crate::access::address::{self, Address};
use crate::access::{sign_ins, tokens};
use crate::db::{AnyConnection, FileState, ReadClass, Turn};
use crate::kernel::erased::Erased;
use crate::kernel::error::{ApiError, Code, FieldError, chain};
use crate::kernel::language::{Language, Message};
use crate::ledger::chain::{Place, place};
use crate::ledger::{RequestContext, Use, personal};

/// Reads the registry as it was recorded at an instant.
pub trait History: Send + Sync {
    /// Calls `work` once, with the registry as the log had it at the instant.
    ///
    /// # Errors
    /// Internal, when the log cannot be read; then `work` is not called.
    fn read(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        instant: DateTime<Utc>,
        work: &mut dyn FnMut(&mut AnyConnection, &RequestContext),
    ) -> Result<(), ApiError>;
}

/// Whether a read asks about the present or a past.
pub(super) struct When {
    history: Arc<dyn History>,
    recorded_as_of: Option<DateTime<Utc>>,
    /// The place in the log of the snapshot, also of one that a past is read from.
    pub(super) place: Place,
    /// Whether what is kept of the log can be used at the place.
    follows: bool,
}

impl When {
    /// Returns the number of the last entry if rows can be kept: the read asks about the present, and
    /// by a caller whose rights to other records no entry about other records changes, as for an
    /// organization that sees what it takes part in.
    pub(super) fn keeps_at(&self, cx: &RequestContext) -> Option<i64> {
        let keeps = self.follows && self.recorded_as_of.is_none();
        (keeps && cx.caller.organization_id.is_none()).then_some(self.place.seq)
    }

    pub(super) fn ask<T>(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        match self.recorded_as_of {
            Some(instant) => {
                let (mut work, mut done) = (Some(work), None);
                self.history.read(conn, cx, instant, &mut |conn, cx| {
                    done = work.take().map(|work| work(conn, cx));
                })?;
                done.ok_or_else(|| ApiError::internal("the past was not read"))?
            }
            None => work(conn, cx),
        }
    }
}

/// A read of a handler on its way to a snapshot.
type Reading =
    Box<dyn FnOnce(&mut AnyConnection, &RequestContext, &When) -> Result<Erased, ApiError> + Send>;

/// A write of a handler on its way to a transaction.
type Writing =
    Box<dyn FnMut(&mut AnyConnection, &RequestContext) -> Result<Erased, ApiError> + Send>;

/// The application's state with the caller, as a handler takes it.
#[derive(Clone)]
pub struct Session {
    state: web::Data<State>,
    asked: Asked,
    pub(super) target: Target,
    language: Language,
    /// The file that the request asks for; `None` for JSON.
    pub(super) file: Option<FileAsked>,
}

impl std::ops::Deref for Session {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl Session {
    /// Runs a read on a consistent snapshot.
    ///
    /// # Errors
    /// Fails with `unauthenticated`, `forbidden`, `unavailable`, or the error of `work`.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let class = self.class();
        self.on_snapshot(class, move |conn, cx, when| when.ask(conn, cx, work))
            .await
    }

    /// Returns the class of the request's reads.
    pub(super) fn class(&self) -> ReadClass {
        match self.asked.recorded_as_of {
            Ok(Some(_)) => ReadClass::Past,
            _ => self.asked.operation.class,
        }
    }

    /// Like [`Self::read`], but runs `work` on the present and lets it read the requested past.
    pub(super) async fn on_snapshot<T: Send + 'static>(
        &self,
        class: ReadClass,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &When) -> Result<T, ApiError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let work: Reading = Box::new(move |conn, cx, when| work(conn, cx, when).map(Erased::new));
        self.done_on_snapshot(class, work).await?.take()
    }

    async fn done_on_snapshot(&self, class: ReadClass, work: Reading) -> Result<Erased, ApiError> {
        let asked = self.asked.clone();
        let file = self.db.file_state();
        let wrong = |error| ApiError::new(Code::InvalidParameters).and(vec![error]);
        let (history, fragments) = (self.history.clone(), self.fragments.clone());
        let recorded_as_of = asked.recorded_as_of.clone().map_err(wrong)?;
        let turn = asked.turn;
        let read = move |conn: &mut AnyConnection| {
            let place = place(conn)?;
            let follows = fragments.follow(conn, &place)?;
            let cx = match follows {
                true => asked.enter_at(conn, place.seq, &fragments)?,
                false => asked.enter(conn)?,
            };
            let when = When {
                history,
                recorded_as_of,
                place,
                follows,
            };
            let used = cx.caller.unnoted_use;
            let result = work(conn, &cx, &when);
            Ok((result, used.map(|used| (used, cx.now)), cx, when.place))
        };
        let (result, used, cx, place) = if self.asked.operation.may_read_elsewhere() {
            self.db.read_anywhere(class, turn, read).await?
        } else {
            self.db.read_in(class, turn, read).await?
        };
        self.note_end(file, place);
        if let Some((used, now)) = used {
            self.note_use(used, now);
        }
        let (result, subjects) = (result?, cx.shown.take());
        if !subjects.is_empty() {
            let origin = self.asked.origin;
            let noted = self.db.write_in_turn(turn, move |conn| {
                personal::record(conn, &cx, origin, &subjects)
            });
            noted.await?;
        }
        Ok(result)
    }

    /// Returns the caller and the present without a snapshot, where nothing was committed since they were
    /// last read: what is kept can be answered with at once. `None` if that is not known.
    pub(super) fn at_once(&self) -> Option<(RequestContext, When)> {
        let recorded_as_of = self.asked.recorded_as_of.clone().ok()?;
        let place = self.fragments.place_in(self.db.file_state()?)?;
        let cx = self.asked.enter_known(place.seq, &self.fragments)?;
        if let Some(used) = cx.caller.unnoted_use {
            self.note_use(used, cx.now);
        }
        let when = When {
            history: self.history.clone(),
            recorded_as_of,
            place,
            follows: true,
        };
        Some((cx, when))
    }

    /// Notes the end of the log in a state of the file, if the snapshot was of that state.
    fn note_end(&self, file: Option<FileState>, place: Place) {
        if let Some(file) = file
            && self.fragments.place_in(file).is_none()
            && self.db.file_state() == Some(file)
        {
            self.fragments.note(file, place);
        }
    }

    /// Notes the use of a token or an address in the background. A lost note is made up for by the
    /// next use.
    fn note_use(&self, used: Use, now: NaiveDateTime) {
        let db = self.db.clone();
        actix_web::rt::spawn(async move {
            let noted = db.write(move |conn| match used {
                Use::Token(id) => tokens::note_use(conn, id, now),
                Use::Address(id) => address::note_use(conn, id, now),
                Use::SignIn(id) => sign_ins::note_use(conn, id, now),
            });
            if let Err(error) = noted.await {
                tracing::warn!(error = chain(&error), ?used, "the use was not noted");
            }
        });
    }

    /// Runs a write in one transaction.
    ///
    /// # Errors
    /// Fails with `unauthenticated`, `forbidden`, `unavailable`, or the error of `work`; nothing is
    /// changed then.
    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<T, ApiError>
        + Send
        + 'static,
    ) -> Result<T, ApiError> {
        let work: Writing = Box::new(move |conn, cx| work(conn, cx).map(Erased::new));
        self.written(work).await?.take()
    }

    async fn written(&self, mut work: Writing) -> Result<Erased, ApiError> {
        let asked = self.asked.clone();
        self.db
            .write_in_turn(asked.turn, move |conn| {
                let cx = asked.enter(conn)?;
                let result = work(conn, &cx)?;
                personal::record(conn, &cx, asked.origin, &cx.shown.take())?;
                Ok(result)
            })
            .await
    }

    /// Returns the language that the request prefers.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// Names what the answer depends on besides the URL and the language of the request, such as a
    /// format or the URL of the server.
    #[must_use]
    pub fn depending_on(mut self, more: &str) -> Self {
        self.target.depends_on(more);
        self
    }

    pub(super) fn new(req: &HttpRequest, asked: Asked) -> Result<Self, ApiError> {
        let state = req.app_data::<web::Data<State>>();
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        let file = FileAsked::of(req, asked.operation);
        let mut target = Target::of(req);
        if let Some(file) = &file {
            target.depends_on(file.content_type());
        }
        Ok(Self {
            state: state.clone(),
            asked,
            target,
            language: file
                .as_ref()
                .and_then(|file| file.language)
                .unwrap_or_else(|| Language::of(req)),
            file,
        })
    }
}

/// Admits a request to a route: resolves its operation and credentials. Callers without access are
/// refused before anything else of the request is examined, but the codes in its URL. Open reads look the caller up in their
/// own transaction.
///
/// # Errors
/// Fails with `unauthenticated`, `forbidden` or `unavailable`.
pub async fn admit(
    req: &HttpRequest,
    route: Option<&str>,
    request_id: &str,
    origin: IpAddr,
) -> Result<(), ApiError> {
    let operation = route.and_then(|route| spec().operation(req.method().as_str(), route));
    // Anything else is the documentation, or does not exist.
    let Some((operation, state)) = operation.zip(req.app_data::<web::Data<State>>()) else {
        req.extensions_mut().insert(RequestId(request_id.into()));
        return Ok(());
    };
    let credentials = match operation.access {
        Access::Open if operation.id != ME => Credentials::None,
        Access::Address => Credentials::Address(Address::from_path(req.path())),
        _ => match by_session(req) {
            Some(session) => session,
            None => Credentials::of(req.headers(), state).await?,
        },
    };
    let asked = Asked {
        turn: credentials.turn(origin),
        credentials,
        operation,
        request_id: request_id.into(),
        origin,
        clock: state.clock.clone(),
        anonymous_served: state.anonymous_served,
        known: Arc::default(),
        recorded_as_of: if operation.has_past() {
            recorded_as_of(req.query_string())
        } else {
            Ok(None)
        },
    };
    if req.method() != Method::GET || !operation.access.roles().is_empty() {
        let session = Session::new(req, asked.clone())?;
        if session.at_once().is_none() {
            session.read(|_, _| Ok(())).await?;
        }
    }
    req.extensions_mut().insert(asked);
    Ok(())
}

fn by_session(req: &HttpRequest) -> Option<Credentials> {
    let extensions = req.extensions();
    extensions.get::<BySession>().map(|by| by.0.clone())
}

/// Returns true if the answer to a request can also be had as a file.
pub(super) fn offers_files(req: &HttpRequest) -> bool {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.is_some_and(|asked| asked.operation.has_files())
}

/// Returns the name of the schema of the rows with which a list answers.
pub(super) fn rows_of(req: &HttpRequest) -> Option<String> {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.and_then(|asked| asked.operation.rows.clone())
}

/// Returns true if the credentials of a request were looked up and are valid.
pub fn has_valid_credentials(req: &HttpRequest) -> bool {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.is_some_and(|asked| asked.known.load(Ordering::Relaxed))
}

/// Name of the parameter that lets a read ask about the past.
pub const RECORDED_AS_OF: &str = "recorded_as_of";

/// Parses `recorded_as_of` from a query.
///
/// # Errors
/// Fails if the value is not an instant, or if the parameter is repeated.
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

/// Returns true if the request's operation accepts `recorded_as_of`, so the handler must ignore the
/// parameter.
pub fn may_ask_the_past(req: &HttpRequest) -> bool {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.is_some_and(|asked| asked.operation.has_past())
}

/// Returns the turn in which the request is served.
pub(super) fn turn_of(req: &HttpRequest) -> Turn {
    let extensions = req.extensions();
    let asked = extensions.get::<Asked>();
    asked.map_or(Turn::PROGRAM, |asked| asked.turn)
}

/// Returns the error in `recorded_as_of`, if any.
pub fn wrong_past(req: &HttpRequest) -> Option<FieldError> {
    let extensions = req.extensions();
    extensions.get::<Asked>()?.recorded_as_of.clone().err()
}

/// The one open operation that reports the caller.
const ME: &str = "get_me";

impl FromRequest for Session {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let asked = req.extensions().get::<Asked>().cloned();
        // A handler of the API is only found by the operation of the request.
        let asked = asked.ok_or_else(ApiError::not_found);
        ready(asked.and_then(|asked| Self::new(req, asked)))
    }
}
