//! Requests of people for pages. Pages are no operations of the API: everyone reads them without a
//! token, and a refusal is a page, too, where the client prefers one.

use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chrono::{DateTime, Utc};

use super::asked::{Asked, Credentials};
use super::openapi::Operation;
use super::permissions::Access;
use super::{Accepted, BASE, Session, State};
use crate::db::ReadClass;
use crate::edge::{self, OwnPolicy};
use crate::kernel::error::{ApiError, Problem};
use crate::kernel::language::Language;

/// Media type of pages.
pub const HTML: &str = "text/html; charset=utf-8";

/// Query parameter that selects the language of a page.
pub const LANG: &str = "lang";

/// Prefixes of paths whose errors are problem documents, whoever asks.
const FOR_PROGRAMS: [&str; 5] = [BASE, "/docs", "/healthz", "/readyz", "/metrics"];

/// Pages read records like an operation that is open to everyone who is served.
static PAGE: LazyLock<Operation> = LazyLock::new(|| operation(ReadClass::Cheap));
static PAGE_OF_FIGURES: LazyLock<Operation> = LazyLock::new(|| operation(ReadClass::Figures));

fn operation(class: ReadClass) -> Operation {
    Operation {
        path: String::new(),
        method: "GET".into(),
        id: "read_page".into(),
        handler: None,
        access: Access::Read,
        class,
        answers: vec!["text/html".into()],
        rows: None,
    }
}

impl Session {
    /// Returns the session of a request for a page: that of a caller without a token, whatever the
    /// request sends. With an instant, it reads the registry as recorded then.
    ///
    /// # Errors
    /// `internal_error` if the application has no state.
    pub fn of_page(
        req: &HttpRequest,
        class: ReadClass,
        recorded_as_of: Option<DateTime<Utc>>,
    ) -> Result<Self, ApiError> {
        let state = req.app_data::<web::Data<State>>();
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        let (credentials, origin) = (Credentials::None, edge::client(req));
        let asked = Asked {
            turn: credentials.turn(origin),
            credentials,
            operation: match class {
                ReadClass::Figures => &PAGE_OF_FIGURES,
                ReadClass::Cheap | ReadClass::Past => &PAGE,
            },
            request_id: "".into(),
            origin,
            clock: state.clock.clone(),
            anonymous_served: state.anonymous_served,
            known: Arc::default(),
            recorded_as_of: Ok(recorded_as_of),
        };
        Self::new(req, asked)
    }
}

/// Returns the language of a page: that of `lang`, or else of `Accept-Language`.
pub fn language(req: &HttpRequest) -> Language {
    stated_language(req).unwrap_or_else(|| Language::of(req))
}

/// Returns the language that the query names, if it names one.
pub fn stated_language(req: &HttpRequest) -> Option<Language> {
    let mut pairs = url::form_urlencoded::parse(req.query_string().as_bytes());
    let (_, value) = pairs.find(|(name, _)| name == LANG)?;
    match value.as_ref() {
        "ko" => Some(Language::Korean),
        "en" => Some(Language::English),
        _ => None,
    }
}

/// Returns true if a client that asks for this prefers a page to a problem document.
fn prefers_page(req: &HttpRequest) -> bool {
    if FOR_PROGRAMS.iter().any(|path| req.path().starts_with(path)) {
        return false;
    }
    let accepted = Accepted::of(req.headers());
    accepted.quality("text/html") > accepted.quality("application/json")
}

/// Returns the language in which a refusal is shown as a page; `None` if it is not.
pub(super) fn language_of_page(req: &HttpRequest) -> Option<Language> {
    prefers_page(req).then(|| language(req))
}

/// A refusal as a page, with its content security policy.
pub struct ErrorPage {
    pub text: String,
    pub policy: HeaderValue,
}

impl ErrorPage {
    pub(super) fn response(self, builder: &mut HttpResponseBuilder) -> HttpResponse {
        let mut response = builder
            .content_type(HTML)
            .append_header((header::VARY, "Accept"))
            .body(self.text);
        response.extensions_mut().insert(OwnPolicy(self.policy));
        response
    }
}

type Render = fn(&HttpRequest, &Problem) -> Option<ErrorPage>;

static RENDER: OnceLock<Render> = OnceLock::new();

/// Installs what shows a refusal as a page.
pub fn install_error_page(render: Render) {
    RENDER.get_or_init(|| render);
}

/// Returns a refusal as a page, if the client prefers one.
pub(super) fn error_page(req: &HttpRequest, problem: &Problem) -> Option<ErrorPage> {
    let render = RENDER.get().filter(|_| prefers_page(req))?;
    render(req, problem)
}
