//! Signing in by the city's single sign-on: the way to the issuer, and the way back.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::sign_in::{NEXT, next, relative, set_cookie};
use super::visit::go_to;
use crate::access::oidc::{Attempt, Client, Failure, Oidc, PATIENCE, Returned};
use crate::access::sealing::is_sealed;
use crate::access::sign_ins;
use crate::edge::{Edge, client, cookies};
use crate::http::State;
use crate::http::reader::{LANG, stated_language};
use crate::http::session_cookie::{cookie, cookie_of, sent_cookie};
use crate::kernel::OFFICE;
use crate::kernel::clock::NewIds;
use crate::kernel::error::{ApiError, chain};
use crate::kernel::values::to_stored;
use crate::ledger::RequestContext;
use crate::pages::lists::pick;
use crate::pages::reader::Frame;

/// Path of the link that leads to the issuer.
const PATH: &str = "office/sign-in/provider";

/// Path to which the issuer sends people back.
const BACK: &str = "/office/sign-in/callback";

/// Name of the parameter that tells why somebody is not signed in.
const FAILED: &str = "failed";

/// What an attempt is sealed for.
const SEALED_FOR: &str = "sign-in";

/// Longest path to go on to; a cookie holds no more.
const LONGEST_NEXT: usize = 1_000;

/// The single sign-on by which people sign in here.
struct Provider {
    oidc: Arc<Oidc>,
    client: Arc<Client>,
    /// Where the issuer sends people back.
    redirect: String,
}

impl Provider {
    fn of(state: &State) -> Option<Self> {
        let oidc = state.oidc.clone()?;
        let client = oidc.client()?.clone();
        let redirect = state.public_url.as_ref()?.join(BACK);
        Some(Self {
            oidc,
            client,
            redirect,
        })
    }
}

/// Returns the URL of the link that leads to the issuer; `None` if people sign in by tokens alone.
pub fn link(req: &HttpRequest, frame: &Frame, next: &str) -> Option<String> {
    Provider::of(req.app_data::<web::Data<State>>()?)?;
    Some(frame.with(PATH, &[(NEXT, next)]))
}

/// Runs what reads a file.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    #[expect(clippy::disallowed_methods, reason = "the database has no part in it")]
    let done = web::block(work).await;
    done.map_err(ApiError::unavailable)
}

fn context(state: &State) -> RequestContext {
    RequestContext::new(&state.clock, NewIds::Random)
}

/// Sends a person to the issuer.
#[get("/office/sign-in/provider")]
pub async fn leave(req: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    let provider = Provider::of(&state).ok_or_else(ApiError::not_found)?;
    let frame = Frame::without_days(&req);
    let to = match next(frame.get(NEXT).unwrap_or_default()) {
        to if to.len() > LONGEST_NEXT => OFFICE.to_owned(),
        to => to,
    };
    let lang = stated_language(&req).map(|lang| lang.tag().to_owned());
    let (now, sealing) = (context(&state).now, state.sealing.clone());
    let Provider {
        client, redirect, ..
    } = provider;
    let begun = client.begin(&redirect, (to.clone(), lang), now);
    match begun.await {
        Ok((url, attempt)) => {
            let attempt = to_stored(&attempt)?;
            let sealed = apart(move || sealing.seal(SEALED_FOR, &attempt)).await??;
            let mut response = go_to(&url);
            let kept = cookie_of(&req, &cookies::ATTEMPT, Some(&sealed), PATIENCE);
            set_cookie(&mut response, &kept);
            Ok(response)
        }
        Err(failure) => Ok(failed(&frame, failure, (&to, None))),
    }
}

/// Takes a person who comes back from the issuer.
#[get("/office/sign-in/callback")]
pub async fn come_back(
    req: HttpRequest,
    state: web::Data<State>,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, ApiError> {
    let provider = Provider::of(&state).ok_or_else(ApiError::not_found)?;
    let frame = Frame::without_days(&req);
    let origin = client(&req);
    // An exchange of codes that somebody makes up would keep the issuer busy.
    edge.admit_typed_token(origin)?;
    let attempt = attempt(&req, &state).await?;
    let going = attempt
        .as_ref()
        .map(|one| (one.next.clone(), one.lang.clone()));
    let (to, lang) = going.unwrap_or_else(|| (OFFICE.to_owned(), None));
    let secret = match attempt {
        Some(attempt) => signed_in(&req, &state, provider, attempt).await?,
        None => Err(Failure::Stale),
    };
    let mut response = match secret {
        Ok(secret) => {
            let mut response = go_to(&relative(&frame, &next(&to)));
            set_cookie(&mut response, &cookie(&req, Some(&secret)));
            response
        }
        Err(failure) => {
            tracing::info!(%failure, "nobody is signed in by the single sign-on");
            // Whom the issuer refuses, or does not answer, can still use a token.
            if matches!(failure, Failure::Stale | Failure::Unverified) {
                edge.note_invalid_token(origin);
            }
            failed(&frame, failure, (&to, lang.as_deref()))
        }
    };
    let over = cookie_of(&req, &cookies::ATTEMPT, None, PATIENCE);
    set_cookie(&mut response, &over);
    Ok(response)
}

/// Returns the attempt that the browser keeps, unless it is none of this server's.
async fn attempt(req: &HttpRequest, state: &State) -> Result<Option<Attempt>, ApiError> {
    let Some(sealed) = sent_cookie(req, &cookies::ATTEMPT) else {
        return Ok(None);
    };
    // What is not sealed would be opened as it is.
    if !is_sealed(sealed) {
        return Ok(None);
    }
    let (sealing, sealed) = (state.sealing.clone(), sealed.to_owned());
    let opened = apart(move || sealing.open(SEALED_FOR, &sealed)).await?;
    Ok(match opened {
        Ok(text) => serde_json::from_str(&text).ok(),
        Err(error) => {
            tracing::info!(error = chain(&error), "an attempt to sign in is not opened");
            None
        }
    })
}

/// Signs a person in. Returns the secret of the session.
async fn signed_in(
    req: &HttpRequest,
    state: &State,
    provider: Provider,
    attempt: Attempt,
) -> Result<Result<String, Failure>, ApiError> {
    let now = context(state).now;
    let returned = Returned::of(req.query_string());
    let Provider {
        oidc,
        client,
        redirect,
    } = provider;
    let code = match client.code(&attempt, returned, now) {
        Ok(code) => code,
        Err(failure) => return Ok(Err(failure)),
    };
    let asked = attempt.clone();
    let token = client.ask(move |client| client.exchange(&asked, &code, &redirect));
    let token = match token.await {
        Ok(token) => token,
        Err(failure) => return Ok(Err(failure)),
    };
    let identified = oidc.identify_person(&client, &token, &attempt, now);
    let identity = match identified.await {
        Ok(identity) => identity,
        Err(error) => return Ok(Err(error.into())),
    };
    let kept = oidc.remember(&identity);
    let clock = state.clock.clone();
    let begun = state.db.write(move |conn| {
        let cx = RequestContext::new(&clock, NewIds::Random);
        sign_ins::begin_of_subject(conn, &cx, &identity, &kept)
    });
    Ok(Ok(begun.await?.as_str().to_owned()))
}

/// Sends a person to the page to sign in, with the reason why that is still to be done.
fn failed(frame: &Frame, failure: Failure, (to, lang): (&str, Option<&str>)) -> HttpResponse {
    let reason = REASONS.iter().find(|reason| reason.failure == failure);
    let mut query = vec![
        (FAILED, reason.map_or("", |reason| reason.code)),
        (NEXT, to),
    ];
    // The issuer does not send the language back.
    query.extend(lang.map(|lang| (LANG, lang)));
    go_to(&frame.with("office/sign-in", &query))
}

/// A reason why somebody is not signed in, as it is told.
struct Reason {
    failure: Failure,
    code: &'static str,
    status: StatusCode,
    text: (&'static str, &'static str),
}

const REASONS: &[Reason] = &[
    Reason {
        failure: Failure::Stale,
        code: "stale",
        status: StatusCode::BAD_REQUEST,
        text: (
            "로그인을 시작한 지 10분이 지났거나, 다른 창에서 다시 시작했습니다. 다시 로그인해 주십시오.",
            "It is more than ten minutes since you began to sign in, or you began again in another window. Sign in once more.",
        ),
    },
    Reason {
        failure: Failure::Denied,
        code: "denied",
        status: StatusCode::FORBIDDEN,
        text: (
            "통합 로그인에서 로그인을 취소했거나 거절했습니다. 다시 로그인하거나 토큰을 쓰십시오.",
            "Signing in was cancelled or declined by the single sign-on. Sign in once more, or use a token.",
        ),
    },
    Reason {
        failure: Failure::Unavailable,
        code: "unavailable",
        status: StatusCode::SERVICE_UNAVAILABLE,
        text: (
            "통합 로그인 서버에 지금 연결할 수 없습니다. 잠시 뒤에 다시 로그인하거나 토큰을 쓰십시오.",
            "The single sign-on is out of reach. Sign in again in a moment, or use a token.",
        ),
    },
    Reason {
        failure: Failure::Rejected,
        code: "rejected",
        status: StatusCode::BAD_GATEWAY,
        text: (
            "통합 로그인 서버가 이 등록부를 받아들이지 않습니다. 관리자에게 설정을 확인해 달라고 하십시오.",
            "The single sign-on does not take this registry as its client. Ask your administrator to check the settings.",
        ),
    },
    Reason {
        failure: Failure::Unverified,
        code: "unverified",
        status: StatusCode::FORBIDDEN,
        text: (
            "통합 로그인 서버의 답이 이 로그인에 대한 것인지 확인되지 않아 로그인하지 않았습니다. 다시 로그인하고, 계속되면 관리자에게 알려 주십시오.",
            "You are not signed in: the answer of the single sign-on could not be verified. Sign in once more, and tell your administrator if it happens again.",
        ),
    },
    Reason {
        failure: Failure::NotEntitled,
        code: "not_entitled",
        status: StatusCode::FORBIDDEN,
        text: (
            "이 계정에 주어진 역할이 없습니다. 관리자에게 역할을 달라고 하십시오.",
            "Nothing entitles your account to a role here. Ask your administrator for one.",
        ),
    },
];

/// Returns why somebody who is sent to the page to sign in is not signed in yet, and the status of
/// that page.
pub fn notice(frame: &Frame) -> (Option<String>, StatusCode) {
    let said = frame.get(FAILED).unwrap_or_default();
    let reason = REASONS.iter().find(|reason| reason.code == said);
    reason.map_or((None, StatusCode::OK), |reason| {
        (Some(pick(frame.w, reason.text).to_owned()), reason.status)
    })
}
