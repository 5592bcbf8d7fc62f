//! Steps with a webhook, each after a question: pausing, resuming, testing, a new secret, deletion, and
//! sending a delivery again.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::secret::{self, Once};
use super::webhooks::{LIST, change, path, secret_said};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::WebhookId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::tables::DONE;
use crate::pages::office::visit::{Visit, go_to};
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::webhooks::{deliveries, store};

/// A step with a webhook, which a page asks to confirm.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Pause,
    Resume,
    Test,
    Rotate,
    Delete,
}

/// What is said of a step.
pub struct ActSaid {
    pub name: &'static str,
    lead: &'static str,
}

impl Act {
    pub fn path(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Test => "test",
            Self::Rotate => "rotate",
            Self::Delete => "delete",
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Pause | Self::Resume => "update_webhook",
            Self::Test => "test_webhook",
            Self::Rotate => "rotate_webhook_secret",
            Self::Delete => "delete_webhook",
        }
    }

    pub fn said(self, w: Words) -> ActSaid {
        let (name, lead) = match self {
            Self::Pause => (
                w.t("중지", "Pause"),
                w.t(
                    "재개할 때까지 보내지 않습니다. 그동안의 변경은 재개하면 보냅니다.",
                    "Nothing is sent until it is resumed; what was recorded meanwhile is sent then.",
                ),
            ),
            Self::Resume => (
                w.t("재개", "Resume"),
                w.t(
                    "중지한 동안의 변경부터 다시 보냅니다.",
                    "It continues where it stopped.",
                ),
            ),
            Self::Test => (
                w.t("시험 전송", "Send a test"),
                w.t(
                    "등록부의 자료가 없는 시험 이벤트를 보냅니다.",
                    "Sends an event without any data of the registry.",
                ),
            ),
            Self::Rotate => (
                w.t("서명 비밀 교체", "Rotate the secret"),
                w.t(
                    "새 서명 비밀을 한 번 보여 드립니다. 이전 서명 비밀로도 24시간 동안 서명합니다.",
                    "The new secret is shown once. The old one signs as well for 24 hours.",
                ),
            ),
            Self::Delete => (
                w.t("삭제", "Delete"),
                w.t(
                    "대기 중인 전송까지 삭제하며 되돌릴 수 없습니다.",
                    "Its deliveries go with it, also those that wait. It cannot be undone.",
                ),
            ),
        };
        ActSaid { name, lead }
    }
}

#[get("/office/admin/webhooks/{id}/{act}")]
pub async fn ask(
    Path((id, act)): Path<(WebhookId, Act)>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, (id, act));
    entry::open_as(act.operation(), &by, frame, Form::default(), make).await
}

#[post("/office/admin/webhooks/{id}/{act}")]
pub async fn take(
    Path((id, act)): Path<(WebhookId, Act)>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let once = Once::default();
    let done = step(&sent, id, act, &once).await;
    let Submission { by, form } = sent;
    let error = match done {
        Ok(()) if act == Act::Rotate => {
            let (said, on) = (secret_said(frame.w), frame.to(&path(id)));
            return secret::show(&by, frame, said, &once, on).await;
        }
        Ok(()) if act == Act::Delete => return Ok(go_to(&frame.with(LIST, &[(DONE, "1")]))),
        Ok(()) => return Ok(go_to(&frame.with(&path(id), &[(DONE, "1")]))),
        Err(error) => error,
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, (id, act));
    entry::settled_as(act.operation(), &by, frame, form, Err(error), make).await
}

async fn step(sent: &Submission, id: WebhookId, act: Act, once: &Once) -> Result<(), ApiError> {
    let operation = act.operation();
    match act {
        Act::Pause | Act::Resume => {
            let enabled = json!({ "enabled": act == Act::Resume });
            change(sent, id, enabled.into()).await
        }
        Act::Test => {
            let work = move |conn: &mut _, cx: &_| deliveries::test(conn, cx, id);
            sent.act(operation, work).await.map(drop)
        }
        Act::Rotate => {
            let (_, sealing) = sent.by.outbound()?;
            let work = move |conn: &mut _, cx: &_| store::rotate(conn, cx, &sealing, id);
            let rotated = sent.act(operation, work).await?;
            once.put(rotated.secret);
            Ok(())
        }
        Act::Delete => {
            let expected = sent.expected();
            let work = move |conn: &mut _, cx: &_| store::delete(conn, cx, id, &expected);
            sent.act(operation, work).await
        }
    }
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, act): (WebhookId, Act),
) -> Result<(Entry, Form), ApiError> {
    let one = store::get(conn, cx, id)?;
    let said = act.said(frame.w);
    let entry = Entry {
        title: said.name.to_owned(),
        lead: vec![said.lead.to_owned()],
        list: vec![one.content.name.clone()],
        send: said.name,
        back: path(id),
        tag: Some(tag(&one.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}

type Sent = (WebhookId, Uuid);

#[get("/office/admin/webhooks/{id}/deliveries/{delivery_id}")]
pub async fn ask_again(Path(ids): Path<Sent>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| again(conn, cx, frame, form, ids);
    entry::open_as(
        "redeliver_webhook_delivery",
        &by,
        frame,
        Form::default(),
        make,
    )
    .await
}

#[post("/office/admin/webhooks/{id}/deliveries/{delivery_id}")]
pub async fn send_again(Path(ids): Path<Sent>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let done = sent.act("redeliver_webhook_delivery", move |conn, cx| {
        deliveries::redeliver(conn, cx, ids.0, ids.1)
    });
    let done = done.await.map(|_| frame.with(&path(ids.0), &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| again(conn, cx, frame, form, ids);
    entry::settled_as("redeliver_webhook_delivery", &by, frame, form, done, make).await
}

fn again(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, _): Sent,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let entry = Entry {
        title: w.t("다시 보냅니까?", "Send it again?").to_owned(),
        lead: vec![
            w.t(
                "같은 번호로 곧바로 다시 보냅니다.",
                "It is sent again at once, under the same id.",
            )
            .to_owned(),
        ],
        list: vec![one.content.name],
        send: w.t("다시 보내기", "Send again"),
        back: path(id),
        ..Entry::default()
    };
    Ok((entry, form))
}
