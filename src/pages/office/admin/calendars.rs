//! Calendars at secret addresses, which are shown once.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::organizations::resolve;
use super::secret::{self, Said};
use crate::calendars::store;
use crate::calendars::types::{Calendar, CalendarContent};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::public_url::base;
use crate::http::signed_in::Submission;
use crate::http::{AddressFilter, List, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AddressId;
use crate::ledger::RequestContext;
use crate::pages::lists;
use crate::pages::markup::{Link, Text};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Field, Group, Kind, body};
use crate::pages::office::municipalities::choices;
use crate::pages::office::tables::{Cell, DONE, Sheet, Table, day_of, pager};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

const PATH: &str = "office/admin/calendars";

const NEW: &[Group] = &[Group::of_body(
    ("캘린더", "Calendar"),
    &[
        Field {
            at: "name",
            kind: Kind::Line,
            label: ("이름", "Name"),
            hint: ("예: 일산테크노밸리 일정", "Such as: Ilsan Technovalley"),
        },
        Field::plain(
            "municipality_id",
            Kind::ChoiceOrNone,
            ("이 지방자치단체의 것만", "Only of this municipality"),
        ),
        Field {
            at: "organization",
            kind: Kind::Recorded,
            label: ("이 기관의 것만", "Only of this organization"),
            hint: ("이름 또는 사업자등록번호", "Name or business number"),
        },
        Field::plain("from", Kind::Day, ("이날부터", "From")),
        Field::plain("to", Kind::Day, ("이날까지", "Until")),
    ],
)];

#[get("/office/admin/calendars")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    let List { filter, page } = List::<AddressFilter>::of_query(&lists::query(&visit.frame, &[]))?;
    visit
        .page_as("list_calendars", move |conn, cx, frame| {
            let w = frame.w;
            let listed = store::list(conn, cx, filter.active, &page)?;
            let rows = listed.items.iter().map(|one| row(frame, cx, one));
            let sheet = Sheet {
                title: w.t("캘린더", "Calendars").to_owned(),
                lead: vec![
                    w.t(
                        "달력 프로그램이 읽는 비밀 주소입니다. 발급한 토큰이 볼 수 있는 일정을 보여 줍니다.",
                        "Secret addresses for calendar programs. Each shows what the token that made it can see.",
                    )
                    .to_owned(),
                ],
                acts: vec![Link::to(
                    frame.to(&format!("{PATH}/new")),
                    Text::stated(w.t("캘린더 만들기", "Create a calendar"), w),
                )],
                tables: vec![Table {
                    caption: w.t("캘린더", "Calendars").to_owned(),
                    none: w.t("캘린더가 없습니다.", "There is no calendar."),
                    heads: vec![
                        w.t("이름", "Name"),
                        w.t("발급한 토큰", "Token"),
                        w.t("마지막 사용", "Last used"),
                        w.t("상태", "State"),
                        w.t("할 일", "Actions"),
                    ],
                    rows: rows.collect(),
                }],
                pager: pager(frame, &[], listed.next.as_ref()),
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

fn row(frame: &Frame, cx: &RequestContext, one: &Calendar) -> Vec<Cell> {
    let w = frame.w;
    let act = one.state.active.then(|| {
        let href = frame.to(&format!("{PATH}/{}/revocation", one.meta.id));
        Link::to(href, Text::stated(w.t("취소", "Revoke"), w))
    });
    let state = match one.state.active {
        true => w.t("유효", "Valid"),
        false => w.t("취소됨", "Revoked"),
    };
    vec![
        Text::stated(one.content.name.clone(), w).into(),
        Text::stated(one.state.token.name.clone(), w).into(),
        day_of(w, cx.zone, one.state.last_used_at, w.t("없음", "Never")),
        Text::stated(state, w).into(),
        act.into_iter().collect::<Vec<_>>().into(),
    ]
}

#[get("/office/admin/calendars/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open_as("create_calendar", &by, frame, Form::default(), entry_of).await
}

#[post("/office/admin/calendars/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let mut typed = body(NEW, &sent.form, frame.w, sent.by.today()?.year());
    typed.body["lang"] = json!(frame.w.tag());
    resolve(&sent.by, &mut typed, "organization", None).await?;
    let w = frame.w;
    let said = Said {
        title: w.t("캘린더를 만들었습니다", "The calendar is created"),
        label: w.t("캘린더 주소", "Address of the calendar"),
        warning: w.t(
            "이 주소를 가진 사람은 누구나 일정을 읽을 수 있습니다. 달력 프로그램에만 넣으십시오.",
            "Whoever has the address can read the calendar. Give it to your calendar program alone.",
        ),
    };
    let on = frame.to(PATH);
    let place = move |_: &Calendar| on.clone();
    let base = base(sent.by.request());
    let work = move |conn: &mut _, cx: &_, new: &CalendarContent| {
        let (calendar, path) = store::create(conn, cx, new)?;
        Ok((calendar, format!("{base}{path}")))
    };
    let asked = ("create_calendar", typed);
    secret::record(sent, frame, asked, said, place, work, entry_of).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("캘린더 만들기", "Create a calendar").to_owned(),
        lead: vec![
            w.t(
                "주소는 다음 화면에서 한 번만 보여 드립니다.",
                "The next page shows the address, once.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("만들기", "Create"),
        back: PATH.to_owned(),
        offers: vec![("municipality_id", choices(conn, cx, w)?)],
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/admin/calendars/{id}/revocation")]
pub async fn ask(Path(id): Path<AddressId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id);
    entry::open_as("revoke_calendar", &by, frame, Form::default(), make).await
}

#[post("/office/admin/calendars/{id}/revocation")]
pub async fn revoke(Path(id): Path<AddressId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let done = sent.act("revoke_calendar", move |conn, cx| {
        store::revoke(conn, cx, id)
    });
    let done = done.await.map(|_| frame.with(PATH, &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id);
    entry::settled_as("revoke_calendar", &by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AddressId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let entry = Entry {
        title: w
            .t("캘린더를 취소합니까?", "Revoke the calendar?")
            .to_owned(),
        lead: vec![
            w.t(
                "주소가 곧바로 효력을 잃고 되돌릴 수 없습니다.",
                "Its address ends at once and for good.",
            )
            .to_owned(),
        ],
        list: vec![one.content.name],
        send: w.t("취소하기", "Revoke"),
        back: PATH.to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}
