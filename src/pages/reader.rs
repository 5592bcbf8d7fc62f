//! The request of a reader: its language, the days that it asks about, and its filters.

mod links;

use std::future::{Ready, ready};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, web};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

use super::words::Words;
use super::{POLICY, SCRIPTED};
use crate::db::{AnyConnection, ReadClass};
use crate::edge::OwnPolicy;
use crate::http::reader::{HTML, LANG, language, stated_language};
use crate::http::{Answer, Answered, PublicUrl, RECORDED_AS_OF, Session, State, Texts, words};
use crate::kernel::clock::begin_of;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::is_office;
use crate::kernel::language::Language;
use crate::kernel::values::in_calendar;
use crate::ledger::RequestContext;
use crate::ledger::caller::Role;

/// Name of the parameter for the valid time.
pub const AS_OF: &str = "as_of";

/// Steps from the deepest page to the root.
const UP: &str = "../../../../../../../../";

/// Media type of feeds.
const ATOM: &str = "application/atom+xml; charset=utf-8";

/// A request for a page.
pub struct Reader {
    req: HttpRequest,
    policy: HeaderValue,
    pub frame: Frame,
}

/// What a page depends on besides the records.
#[derive(Clone, Debug)]
pub struct Frame {
    pub w: Words,
    /// The language in links: the one that the URL names.
    lang: Option<&'static str>,
    /// Relative URL of the root, so that a prefix of a proxy stays.
    pub root: &'static str,
    /// Path of the page.
    pub path: String,
    /// The parameters with a value, but for the language.
    query: Vec<(String, String)>,
    own: Option<PublicUrl>,
    pub as_of: Option<NaiveDate>,
    /// The day has not come yet.
    pub is_ahead: bool,
    /// Instant of the system time.
    pub recorded_as_of: Option<DateTime<Utc>>,
    /// The same as the API takes it.
    recorded: Option<String>,
    /// What is wrong with the days that the reader asks about.
    wrong: Vec<FieldError>,
    /// The reader asks a page that has no valid time about a day.
    pub is_asked_in_vain: bool,
    /// Who is signed in, on a page for those who are.
    pub who: Option<Who>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub role: Role,
}

impl FromRequest for Reader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self {
            req: req.clone(),
            policy: POLICY,
            frame: Frame::asked(req),
        }))
    }
}

impl Reader {
    /// Lets the page run the script of the search.
    #[must_use]
    pub fn scripted(self) -> Self {
        self.under(SCRIPTED)
    }

    /// Gives the page a content security policy of its own.
    #[must_use]
    pub fn under(mut self, policy: HeaderValue) -> Self {
        self.policy = policy;
        self
    }

    /// Answers with a page that depends only on the log, the day and the request.
    ///
    /// # Errors
    /// `unauthenticated` if the registry serves nobody without a token; otherwise the error of `work`.
    pub async fn page(
        self,
        class: ReadClass,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        self.answer(class, HTML, |conn, cx, frame, _| work(conn, cx, frame))
            .await
    }

    /// Like [`Self::page`], with texts that are kept while nothing that they show changes.
    ///
    /// # Errors
    /// Like [`Self::page`].
    pub async fn page_of_rows(
        self,
        work: impl FnOnce(
            &mut AnyConnection,
            &RequestContext,
            &Frame,
            &Texts,
        ) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        self.answer(ReadClass::Cheap, HTML, work).await
    }

    /// Answers with a feed, which ends with the present.
    ///
    /// # Errors
    /// Like [`Self::page`].
    pub async fn feed(
        mut self,
        work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        self.frame = self.frame.in_the_present();
        self.answer(ReadClass::Cheap, ATOM, |conn, cx, frame, _| {
            work(conn, cx, frame)
        })
        .await
    }

    /// Like [`Self::page_of_rows`], with another media type.
    ///
    /// # Errors
    /// Like [`Self::page`].
    pub async fn answer(
        self,
        class: ReadClass,
        kind: &'static str,
        work: impl FnOnce(
            &mut AnyConnection,
            &RequestContext,
            &Frame,
            &Texts,
        ) -> Result<String, ApiError>
        + Send
        + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let Self {
            req,
            policy,
            mut frame,
        } = self;
        let session = Session::of_page(&req, class, frame.recorded_as_of)?;
        let tag = frame.w.tag();
        let read = session.read_shown_texts(move |conn, cx, texts| {
            frame.note_day(cx);
            let done = work(conn, cx, &frame, texts);
            Ok(Answer::text(frame.checked(done)?))
        });
        let answered: Answered<String> = read.await?;
        let mut response = answered.response(&req, kind);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(tag));
        response.extensions_mut().insert(OwnPolicy(policy));
        Ok(response)
    }
}

impl Frame {
    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_parameters` for days that are none.
    pub fn of(req: &HttpRequest) -> Result<Self, ApiError> {
        let frame = Self::asked(req);
        frame.checked(Ok(()))?;
        Ok(frame)
    }

    /// Like [`Self::of`], for a page with further parameters: what is wrong with the days is told together
    /// with what is wrong with those, by [`Self::checked`].
    pub fn asked(req: &HttpRequest) -> Self {
        let mut frame = Self::without_days(req);
        let mut wrong = Vec::new();
        if let Some(text) = frame.get(AS_OF) {
            match day(text) {
                Some(day) => frame.as_of = Some(day),
                None => wrong.push(not_a_day(AS_OF, text)),
            }
        }
        let state = req.app_data::<web::Data<State>>();
        if let Some((text, state)) = frame.get(RECORDED_AS_OF).zip(state) {
            match instant(text, state) {
                Some(instant) => {
                    frame.recorded = Some(instant.to_rfc3339_opts(SecondsFormat::Secs, true));
                    frame.recorded_as_of = Some(instant);
                }
                None => wrong.push(not_a_day(RECORDED_AS_OF, text)),
            }
        }
        Self { wrong, ..frame }
    }

    /// Adds what is wrong with the days of the request to what is wrong with the rest of it.
    ///
    /// # Errors
    /// `invalid_parameters` for days that are none; otherwise the error of `done`.
    pub fn checked<T>(&self, done: Result<T, ApiError>) -> Result<T, ApiError> {
        if self.wrong.is_empty() {
            return done;
        }
        let others = match done {
            Err(error) if error.code == Code::InvalidParameters => error.errors,
            _ => Vec::new(),
        };
        let mut all = self.wrong.clone();
        let is_new = |other: &FieldError| self.wrong.iter().all(|one| one.place != other.place);
        all.extend(others.into_iter().filter(is_new));
        Err(ApiError::new(Code::InvalidParameters).and(all))
    }

    /// Reads a request without the days that it asks about, as for a refusal.
    pub fn without_days(req: &HttpRequest) -> Self {
        let pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
        // A form sends every field, also those that were left empty.
        let pairs = pairs.map(|(name, value)| (name.into_owned(), value.trim().to_owned()));
        let query = pairs.filter(|(name, value)| name != LANG && !value.is_empty());
        Self {
            w: Words(language(req)),
            lang: stated_language(req).map(Language::tag),
            root: match req.path().matches('/').count() {
                0 | 1 => "./",
                deep => UP.get(..(deep - 1) * "../".len()).unwrap_or(UP),
            },
            path: req.path().to_owned(),
            query: query.collect(),
            own: PublicUrl::of(req),
            as_of: None,
            is_ahead: false,
            recorded_as_of: None,
            recorded: None,
            wrong: Vec::new(),
            is_asked_in_vain: false,
            who: None,
        }
    }

    /// Notes whether the day that the reader asks about has come.
    fn note_day(&mut self, cx: &RequestContext) {
        self.is_ahead = self.as_of.is_some_and(|day| day > cx.today);
    }

    /// Notes who is signed in.
    pub fn enter(&mut self, cx: &RequestContext) {
        self.note_day(cx);
        let caller = &cx.caller;
        self.who = caller.role.map(|role| Who {
            name: caller.person.clone().unwrap_or_else(|| caller.name.clone()),
            role,
        });
    }

    /// Returns whether the page is one for people who are signed in.
    pub fn is_office(&self) -> bool {
        is_office(&self.path)
    }

    /// Returns the frame of a page that has no valid time.
    #[must_use]
    pub fn without_as_of(mut self) -> Self {
        self.is_asked_in_vain = self.as_of.take().is_some();
        self.query.retain(|(name, _)| name != AS_OF);
        self
    }

    fn in_the_present(mut self) -> Self {
        self.as_of = None;
        self.recorded_as_of = None;
        self.recorded = None;
        self.query
            .retain(|(name, _)| name != AS_OF && name != RECORDED_AS_OF);
        self
    }

    /// Returns the frame of a page that is asked about something that the reader left open.
    #[must_use]
    pub fn asking(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns all parameters with a value.
    pub fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the parameters with one of these names, in their order.
    pub fn only(&self, names: &[&str]) -> Vec<(&str, &str)> {
        let known = self.query.iter();
        let known = known.filter(|(name, _)| names.contains(&name.as_str()));
        known
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// Returns the day that a parameter states, in the calendar.
pub fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().and_then(in_calendar)
}

/// Code of the error of a parameter that is no day.
pub const NOT_A_DAY: &str = "format_date";

/// Returns the error of a parameter whose text is no day.
pub fn not_a_day(name: &str, text: &str) -> FieldError {
    FieldError::query(name, NOT_A_DAY, words::not_a_day(text))
}

/// Returns the instant that a reader means: an instant, or the last second of a day.
fn instant(text: &str, state: &State) -> Option<DateTime<Utc>> {
    if let Ok(instant) = text.parse::<DateTime<Utc>>() {
        return in_calendar(instant.date_naive()).map(|_| instant);
    }
    let next = begin_of(day(text)?.succ_opt()?, state.clock.zone())?;
    next.to_utc().checked_sub_signed(TimeDelta::seconds(1))
}
