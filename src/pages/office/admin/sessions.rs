//! Who is signed in, and the end of their sessions.

use actix_web::{HttpResponse, get, post, web};

use crate::access::oidc::Oidc;
use crate::access::open_sessions;
use crate::access::types::{OpenSession, SignedInHolder};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::http::{Path, State};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::TokenId;
use crate::ledger::RequestContext;
use crate::pages::markup::{Link, Text};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::tables::{Cell, DONE, Sheet, Table, instant};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

const PATH: &str = "office/admin/sessions";

/// The operation of the form.
const END: &str = "end_sign_ins";

#[get("/office/admin/sessions")]
pub async fn list(visit: Visit, state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    let oidc = state.oidc.clone();
    visit
        .page_as("list_sign_ins", move |conn, cx, frame| {
            let w = frame.w;
            let holders = open_sessions::all(conn, cx, oidc.as_deref())?;
            let rows = holders.iter().map(|one| row(frame, cx, one));
            let sheet = Sheet {
                title: w.t("로그인한 사람", "Who is signed in").to_owned(),
                lead: vec![
                    w.t(
                        "로그인은 두 시간 동안 사용하지 않거나 열두 시간이 지나면 저절로 끝납니다. 기기를 잃었거나 자리를 옮긴 사람의 로그인은 여기에서 바로 끝내십시오.",
                        "A session ends by itself after two hours without use, and after twelve hours in any case. End those of somebody who lost a device or changed posts here, at once.",
                    )
                    .to_owned(),
                ],
                tables: vec![Table {
                    caption: w.t("로그인한 사람", "Who is signed in").to_owned(),
                    none: w.t("로그인한 사람이 없습니다.", "Nobody is signed in."),
                    heads: vec![
                        w.t("누구", "Who"),
                        w.t("역할", "Role"),
                        w.t("로그인 일시", "Signed in at"),
                        w.t("마지막 사용", "Last used"),
                        w.t("할 일", "Actions"),
                    ],
                    rows: rows.collect(),
                }],
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

fn row(frame: &Frame, cx: &RequestContext, one: &SignedInHolder) -> Vec<Cell> {
    let w = frame.w;
    let times = |at: fn(&OpenSession) -> _| {
        let all = one.sessions.iter();
        all.map(|session| instant(w, cx.zone, at(session)))
            .collect::<Vec<Text>>()
    };
    let href = frame.to(&format!("{PATH}/{}/end", one.id));
    let label = w.t("로그인 끝내기", "End the sessions");
    vec![
        Text::stated(name(one), w).into(),
        Text::stated(w.label("Role", &one.role), w).into(),
        times(|session| session.began_at).into(),
        times(|session| session.last_used_at).into(),
        Link::to(href, Text::stated(label, w)).into(),
    ]
}

/// Returns the name of a person with what grants the role, or that of the holder of a token.
fn name(one: &SignedInHolder) -> String {
    match &one.person {
        Some(person) => format!("{person} ({})", one.name),
        None => one.name.clone(),
    }
}

#[get("/office/admin/sessions/{id}/end")]
pub async fn ask(
    Path(id): Path<TokenId>,
    visit: Visit,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let oidc = state.oidc.clone();
    let make = move |conn: &mut _, cx: &_, frame: &_, form| {
        asked(conn, cx, frame, form, (oidc.as_deref(), id))
    };
    entry::open_as(END, &by, frame, Form::default(), make).await
}

#[post("/office/admin/sessions/{id}/end")]
pub async fn end(
    Path(id): Path<TokenId>,
    sent: Submission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let oidc = state.oidc.clone();
    let ended = sent.act(END, move |conn, cx| {
        open_sessions::end(conn, cx, oidc.as_deref(), id)
    });
    let done = match ended.await {
        // The list shows it, as after a second click.
        Err(error) if error.code == Code::NotFound => Ok(frame.to(PATH)),
        done => done.map(|_| frame.with(PATH, &[(DONE, "1")])),
    };
    let Submission { by, form } = sent;
    let oidc = state.oidc.clone();
    let make = move |conn: &mut _, cx: &_, frame: &_, form| {
        asked(conn, cx, frame, form, (oidc.as_deref(), id))
    };
    entry::settled_as(END, &by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (oidc, id): (Option<&Oidc>, TokenId),
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = open_sessions::get(conn, cx, oidc, id)?;
    let entry = Entry {
        title: w.t("로그인을 끝냅니까?", "End the sessions?").to_owned(),
        lead: vec![
            w.t(
                "이 사람은 모든 기기에서 곧바로 로그아웃됩니다. 토큰이나 통합 로그인으로 다시 로그인할 수는 있습니다. 더는 들어오지 못하게 하려면 토큰을 취소하거나 통합 로그인의 역할을 회수하십시오.",
                "This person is signed out on every device at once, and can sign in again. To keep the person out, revoke the token, or withdraw the role at the single sign-on.",
            )
            .to_owned(),
        ],
        list: vec![said(w, &one)],
        send: w.t("로그인 끝내기", "End the sessions"),
        back: PATH.to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}

fn said(w: Words, one: &SignedInHolder) -> String {
    let (name, role) = (name(one), w.label("Role", &one.role));
    let count = one.sessions.len();
    match (count, w.tag()) {
        (_, "ko") => format!("{name}, {role}, 로그인 {count}개"),
        (1, _) => format!("{name}, {role}, 1 session"),
        _ => format!("{name}, {role}, {count} sessions"),
    }
}
