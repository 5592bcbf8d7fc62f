//! The page to sign in, signing in by a token that is pasted once, and signing out.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use askama::Template;

use super::provider;
use super::visit::{answer, go_to};
use crate::access::{sign_ins, tokens};
use crate::edge::{Edge, client};
use crate::http::State;
use crate::http::forms::{Form, SentForm, form_of};
use crate::http::reader::ErrorPage;
use crate::http::session_cookie::cookie;
use crate::http::signed_in::Submission;
use crate::kernel::OFFICE;
use crate::kernel::clock::NewIds;
use crate::kernel::error::{ApiError, Problem};
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::reader::Frame;

/// Name of the field with the token.
const TOKEN: &str = "token";

/// Name of the field with the path to go on to.
pub(super) const NEXT: &str = "next";

/// Prefix of the fields of a form that was refused because the session had ended.
const KEPT: &str = "kept:";

#[derive(Template)]
#[template(path = "office_sign_in.html")]
struct SignInPage {
    l: Layout,
    action: String,
    notice: Option<String>,
    /// URL that leads to the single sign-on, if people sign in by it.
    provider: Option<String>,
    next: String,
    /// URL to which a form that was refused is sent once more.
    again: String,
    kept: Vec<Kept>,
}

/// A field of a form that was refused.
struct Kept {
    /// Name of the field in the form by which a token is sent, and its own name.
    names: [String; 2],
    value: String,
}

#[derive(Template)]
#[template(path = "office_go_on.html")]
struct GoOnPage {
    l: Layout,
    action: String,
    kept: Vec<(String, String)>,
}

fn page(
    req: &HttpRequest,
    frame: &Frame,
    notice: Option<String>,
    next: String,
    kept: Vec<(String, String)>,
) -> Result<String, ApiError> {
    let title = frame.w.t("로그인", "Sign in");
    // Whoever has a form to send signs in beside it, in another window.
    let to = if kept.is_empty() { &next } else { OFFICE };
    let kept = kept.into_iter().map(|(name, value)| Kept {
        names: [format!("{KEPT}{name}"), name],
        value,
    });
    let page = SignInPage {
        action: frame.to("office/sign-in"),
        notice,
        provider: provider::link(req, frame, to),
        again: relative(frame, &next),
        next,
        kept: kept.collect(),
        l: Layout::new(frame, title, title),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns a path if it is that of a page for people who are signed in, and else that of the first.
pub(super) fn next(path: &str) -> String {
    let (plain, _) = path.split_once('?').unwrap_or((path, ""));
    let is_own = crate::kernel::is_office(plain)
        && plain
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b))
        && !plain.contains("//");
    match is_own {
        true => path.to_owned(),
        false => OFFICE.to_owned(),
    }
}

/// Returns the URL of a path with a query, relative to the page.
pub(super) fn relative(frame: &Frame, path: &str) -> String {
    format!("{}{}", frame.root, path.trim_start_matches('/'))
}

#[get("/office/sign-in")]
pub async fn show(req: HttpRequest) -> Result<HttpResponse, ApiError> {
    let frame = Frame::without_days(&req);
    let (notice, status) = provider::notice(&frame);
    let signed_out = frame.get(SIGNED_OUT).map(|_| {
        let said = frame.w.t(
            "모든 곳에서 로그아웃했습니다.",
            "You are signed out everywhere.",
        );
        said.to_owned()
    });
    let notice = notice.or(signed_out);
    let to = next(frame.get(NEXT).unwrap_or_default());
    let text = page(&req, &frame, notice, to, Vec::new())?;
    Ok(answer(
        &mut HttpResponse::build(status),
        frame.w.tag(),
        text,
    ))
}

/// Shows a refusal for want of a session as the page to sign in, with what was typed.
pub fn ended(req: &HttpRequest, problem: &Problem) -> Option<ErrorPage> {
    let frame = Frame::without_days(req);
    let kept = form_of(req).map(|form| {
        let fields = form.fields();
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        fields.collect()
    });
    let next = match req.query_string() {
        "" => req.path().to_owned(),
        query => format!("{}?{query}", req.path()),
    };
    let text = page(
        req,
        &frame,
        problem.detail.clone(),
        self::next(&next),
        kept.unwrap_or_default(),
    );
    Some(ErrorPage {
        text: text.ok()?,
        policy: super::POLICY,
    })
}

#[post("/office/sign-in")]
pub async fn sign_in(
    sent: SentForm,
    state: web::Data<State>,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, ApiError> {
    let req = sent.request().clone();
    let frame = Frame::without_days(&req);
    let origin = client(&req);
    edge.admit_typed_token(origin)?;
    let form = sent.form;
    let to = next(form.get(NEXT));
    let kept = kept(&form);
    let digest = tokens::Digest::of(form.get(TOKEN));
    let secret = match digest {
        Some(digest) => {
            let clock = state.clock.clone();
            let begun = state.db.write(move |conn| {
                let cx = RequestContext::new(&clock, NewIds::Random);
                let Some(caller) = tokens::caller(conn, &digest, cx.now)? else {
                    return Ok(None);
                };
                match caller.id {
                    Some(token) => sign_ins::begin(conn, &cx, token).map(Some),
                    None => Ok(None),
                }
            });
            begun.await?
        }
        None => None,
    };
    let Some(secret) = secret else {
        edge.note_invalid_token(origin);
        let notice = frame.w.t(
            "토큰이 없거나, 만료되었거나, 취소되었거나, 정지되었습니다. 붙여 넣은 토큰이 온전한지 확인해 주십시오.",
            "The token is unknown, expired, revoked or suspended. Check that you pasted the whole of it.",
        );
        let text = page(&req, &frame, Some(notice.to_owned()), to, kept)?;
        let mut refused = HttpResponse::build(StatusCode::UNAUTHORIZED);
        return Ok(answer(&mut refused, frame.w.tag(), text));
    };
    let cookie = cookie(&req, Some(secret.as_str()));
    let to = relative(&frame, &to);
    if kept.is_empty() {
        let mut response = go_to(&to);
        set_cookie(&mut response, &cookie);
        return Ok(response);
    }
    let title = frame.w.t("로그인했습니다", "You are signed in");
    let page = GoOnPage {
        l: Layout::new(&frame, title, title),
        action: to,
        kept,
    };
    let text = page.render().map_err(ApiError::internal)?;
    let mut response = answer(&mut HttpResponse::Ok(), frame.w.tag(), text);
    set_cookie(&mut response, &cookie);
    Ok(response)
}

/// Returns the fields of a form that was refused, by their own names.
fn kept(form: &Form) -> Vec<(String, String)> {
    let kept = form
        .fields()
        .filter_map(|(name, value)| Some((name.strip_prefix(KEPT)?, value)));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

pub(super) fn set_cookie(response: &mut HttpResponse, cookie: &str) {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// Name of the parameter that tells that all sessions were ended.
const SIGNED_OUT: &str = "signed-out";

/// Ends this session, or with `everywhere` all sessions of the same token or person.
#[post("/office/sign-out")]
pub async fn sign_out(sent: Submission, state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    let everywhere = !sent.form.get("everywhere").is_empty();
    let digest = sent.by.digest().clone();
    let (clock, oidc) = (state.clock.clone(), state.oidc.clone());
    let ended = state.db.write(move |conn| {
        let now = RequestContext::new(&clock, NewIds::Random).now;
        match sign_ins::caller(conn, &digest, oidc.as_deref(), now)?.and_then(|caller| caller.id) {
            Some(token) if everywhere => sign_ins::end_all(conn, token),
            _ => sign_ins::end(conn, &digest),
        }
    });
    ended.await?;
    let frame = Frame::without_days(sent.by.request());
    let mut response = go_to(&match everywhere {
        true => frame.with("office/sign-in", &[(SIGNED_OUT, "1")]),
        false => frame.to(""),
    });
    set_cookie(&mut response, &cookie(sent.by.request(), None));
    Ok(response)
}
