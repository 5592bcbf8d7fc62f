//! Webhooks: where changes are sent, and what became of each delivery.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::secret::{self, Said};
use super::webhook_steps::Act;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::http::{List, Patch, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::WebhookId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::lists::{self, Choice};
use crate::pages::markup::{Fact, Link, Text, Value as Shown};
use crate::pages::office::change;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Field, Group, Kind, body, changes, filled};
use crate::pages::office::municipalities::choices;
use crate::pages::office::tables::{Cell, DONE, Sheet, Table, day_of, instant, pager};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::webhooks::handlers::{DeliveryFilter, WebhookFilter};
use crate::webhooks::types::{Attempt, Delivery, Webhook, WebhookContent};
use crate::webhooks::{deliveries, store};

pub const LIST: &str = "office/admin/webhooks";

pub fn path(id: WebhookId) -> String {
    format!("{LIST}/{id}")
}

const FIELDS: &[Group] = &[Group::of_body(
    ("웹훅", "Webhook"),
    &[
        Field {
            at: "name",
            kind: Kind::Line,
            label: ("이름", "Name"),
            hint: ("예: 협약 현황판", "Such as: dashboard"),
        },
        Field {
            at: "url",
            kind: Kind::Line,
            label: ("보낼 주소(URL)", "URL"),
            hint: (
                "https로 시작하는 인터넷 주소",
                "A public address that begins with https",
            ),
        },
        Field::plain(
            "municipality_id",
            Kind::ChoiceOrNone,
            ("이 지방자치단체의 것만", "Only of this municipality"),
        ),
        Field {
            at: "daily_digest",
            kind: Kind::Yes,
            label: ("일일 요약도 보냄", "Daily digest as well"),
            hint: ("지방자치단체를 골라야 합니다.", "Needs a municipality."),
        },
    ],
)];

#[get("/office/admin/webhooks")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    let query = lists::query(&visit.frame, &["state"]);
    let List { filter, page } = List::<WebhookFilter>::of_query(&query)?;
    visit
        .page_as("list_webhooks", move |conn, cx, frame| {
            let w = frame.w;
            let listed = store::list(conn, cx, filter.state, &page)?;
            let rows = listed.items.iter().map(|one| {
                let name = Text::stated(one.content.name.clone(), w);
                vec![
                    Link::to(frame.to(&path(one.meta.id)), name).into(),
                    Text::stated(one.token_name.clone(), w).into(),
                    Text::stated(w.label("WebhookState", &one.state), w).into(),
                    day_of(w, cx.zone, one.last_success_at, w.t("없음", "Never")),
                    Text::stated(one.pending_count.to_string(), w).into(),
                ]
            });
            let sheet = Sheet {
                title: w.t("웹훅", "Webhooks").to_owned(),
                acts: vec![Link::to(
                    frame.to(&format!("{LIST}/new")),
                    Text::stated(w.t("웹훅 만들기", "Create a webhook"), w),
                )],
                choices: vec![Choice::of(
                    frame,
                    "state",
                    ("상태", "State"),
                    w.choices("WebhookState"),
                )],
                tables: vec![Table {
                    caption: w.t("웹훅", "Webhooks").to_owned(),
                    none: w.t("웹훅이 없습니다.", "There is no webhook."),
                    heads: vec![
                        w.t("이름", "Name"),
                        w.t("발급한 토큰", "Token"),
                        w.t("상태", "State"),
                        w.t("마지막 전송", "Last delivery"),
                        w.t("전송 대기", "Pending"),
                    ],
                    rows: rows.collect(),
                }],
                pager: pager(frame, &["state"], listed.next.as_ref()),
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

#[get("/office/admin/webhooks/{id}")]
pub async fn show(Path(id): Path<WebhookId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let query = lists::query(&visit.frame, &["state"]);
    let List { filter, page } = List::<DeliveryFilter>::of_query(&query)?;
    visit
        .page_as("list_webhook_deliveries", move |conn, cx, frame| {
            let w = frame.w;
            let one = store::get(conn, cx, id)?;
            let listed = deliveries::list(conn, cx, id, filter.state, &page)?;
            let rows = listed
                .items
                .iter()
                .map(|sent| delivery(frame, cx, id, sent));
            let sheet = Sheet {
                title: one.content.name.clone(),
                acts: acts(frame, &one),
                choices: vec![Choice::of(
                    frame,
                    "state",
                    ("상태", "State"),
                    w.choices("DeliveryState"),
                )],
                facts: facts(w, &one),
                tables: vec![Table {
                    caption: w.t("전송", "Deliveries").to_owned(),
                    none: w.t("전송한 것이 없습니다.", "Nothing was delivered."),
                    heads: vec![
                        w.t("이벤트", "Event"),
                        w.t("일시", "Planned at"),
                        w.t("상태", "State"),
                        w.t("마지막 시도", "Last attempt"),
                        w.t("할 일", "Actions"),
                    ],
                    rows: rows.collect(),
                }],
                pager: pager(frame, &["state"], listed.next.as_ref()),
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

fn acts(frame: &Frame, one: &Webhook) -> Vec<Link> {
    let w = frame.w;
    let to = |rest: &str, text: &str| {
        let href = frame.to(&format!("{}/{rest}", path(one.meta.id)));
        Link::to(href, Text::stated(text, w))
    };
    let turn = match one.content.enabled {
        true => Act::Pause,
        false => Act::Resume,
    };
    let steps = [Act::Test, turn, Act::Rotate, Act::Delete];
    let steps = steps.map(|act| to(act.path(), act.said(w).name));
    let change = to("edit", w.t("수정", "Change"));
    [change].into_iter().chain(steps).collect()
}

fn facts(w: Words, one: &Webhook) -> Vec<Fact> {
    let text = |text: String| Shown::Text(Text::stated(text, w));
    let fact = |name, value| Fact {
        name,
        values: vec![value],
        note: None,
    };
    let state = w.label("WebhookState", &one.state);
    let mut all = vec![
        fact(w.t("주소", "URL"), text(one.content.url.clone())),
        fact(w.t("발급한 토큰", "Token"), text(one.token_name.clone())),
        fact(w.t("상태", "State"), text(state)),
    ];
    if let Some(reason) = &one.off_reason {
        all.push(fact(
            w.t("중지 사유", "Why it is off"),
            Shown::Text(Text::of(reason, w)),
        ));
    }
    if let Some(city) = &one.municipality {
        let name = Shown::Text(Text::of(&city.name, w));
        all.push(fact(w.t("지방자치단체", "Municipality"), name));
    }
    let digest = w.yes_no(Some(one.content.daily_digest));
    all.push(fact(
        w.t("일일 요약", "Daily digest"),
        text(digest.to_owned()),
    ));
    all
}

fn delivery(frame: &Frame, cx: &RequestContext, id: WebhookId, sent: &Delivery) -> Vec<Cell> {
    let w = frame.w;
    let href = frame.to(&format!("{}/deliveries/{}", path(id), sent.id));
    let last = sent.attempts.last();
    vec![
        Text::stated(sent.type_.clone(), w).into(),
        instant(w, cx.zone, sent.created_at).into(),
        Text::stated(w.label("DeliveryState", &sent.state), w).into(),
        last.map(|attempt| attempted(w, cx, attempt))
            .unwrap_or_default(),
        Link::to(href, Text::stated(w.t("다시 보내기", "Send again"), w)).into(),
    ]
}

fn attempted(w: Words, cx: &RequestContext, attempt: &Attempt) -> Cell {
    let answer = match (attempt.status, &attempt.error) {
        (Some(status), _) => format!("HTTP {status}"),
        (None, Some(error)) => w.label("Failure", error),
        (None, None) => w.unknown().to_owned(),
    };
    vec![instant(w, cx.zone, attempt.at), Text::stated(answer, w)].into()
}

#[get("/office/admin/webhooks/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open_as("create_webhook", &by, frame, Form::default(), new_entry).await
}

#[post("/office/admin/webhooks/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let typed = body(FIELDS, &sent.form, frame.w, 0);
    let (outbound, sealing) = sent.by.outbound()?;
    let links = frame.clone();
    let place = move |one: &Webhook| links.to(&path(one.meta.id));
    let work = move |conn: &mut _, cx: &_, new: &WebhookContent| {
        let (webhook, secret) = store::create(conn, cx, (&outbound, &sealing), new)?;
        Ok((webhook, secret.as_str().to_owned()))
    };
    let asked = ("create_webhook", typed);
    let said = secret_said(frame.w);
    secret::record(sent, frame, asked, said, place, work, new_entry).await
}

pub fn secret_said(w: Words) -> Said {
    Said {
        title: w.t("웹훅의 비밀", "Secret of the webhook"),
        label: w.t("서명 비밀", "Signing secret"),
        warning: w.t(
            "받는 쪽은 이 비밀로 보낸 이를 확인합니다. 받는 프로그램에만 넣으십시오. 잃어버리면 비밀을 바꾸십시오.",
            "The receiver checks by it who sent a delivery. Give it to the receiving program alone. If it is lost, rotate it.",
        ),
    }
}

fn new_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("웹훅 만들기", "Create a webhook").to_owned(),
        lead: vec![
            w.t(
                "지금부터 이 토큰이 보는 모든 변경을 주소로 보냅니다. 서명 비밀은 다음 화면에서 한 번만 보여 드립니다.",
                "Sends every change that your token sees from now on. The next page shows the signing secret, once.",
            )
            .to_owned(),
        ],
        groups: FIELDS,
        send: w.t("만들기", "Create"),
        back: LIST.to_owned(),
        offers: vec![("municipality_id", choices(conn, cx, w)?)],
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/admin/webhooks/{id}/edit")]
pub async fn open_edit(Path(id): Path<WebhookId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled(FIELDS, &content(&store::get(conn, cx, id)?)?, frame.w);
        edit_entry(conn, cx, frame, form, id)
    };
    entry::open_as("update_webhook", &by, frame, Form::default(), make).await
}

#[post("/office/admin/webhooks/{id}/edit")]
pub async fn edit(Path(id): Path<WebhookId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let (w, form) = (frame.w, sent.form.clone());
    let read = sent.by.read_as("update_webhook", move |conn, cx| {
        let content = content(&store::get(conn, cx, id)?)?;
        Ok(changes(FIELDS, &form, &content, w, cx.today))
    });
    let typed = read.await?;
    let done = change(&sent, id, typed).await;
    let done = done.map(|()| frame.with(&path(id), &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| edit_entry(conn, cx, frame, form, id);
    let read = move |conn: &mut _, cx: &_| content(&store::get(conn, cx, id)?);
    change::settle(&by, frame, form, done, (FIELDS, read), make).await
}

fn content(one: &Webhook) -> Result<Value, ApiError> {
    serde_json::to_value(&one.content).map_err(ApiError::internal)
}

pub async fn change(sent: &Submission, id: WebhookId, typed: Typed) -> Result<(), ApiError> {
    let (outbound, _) = sent.by.outbound()?;
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &Patch<WebhookContent>| {
        store::update(conn, cx, &outbound, id, expected, |content| {
            patch.apply(content)
        })
    };
    let changed: Webhook = sent.change("update_webhook", typed, work).await?;
    drop(changed);
    Ok(())
}

fn edit_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: WebhookId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let entry = Entry {
        title: one.content.name.clone(),
        groups: FIELDS,
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        offers: vec![("municipality_id", choices(conn, cx, w)?)],
        ..Entry::default()
    };
    Ok((entry, form))
}
