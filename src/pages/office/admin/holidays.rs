//! Public holidays, which move due dates: those of the table, and those that an admin declares.

use actix_web::{HttpResponse, get, post};
use chrono::{Datelike, NaiveDate};

use crate::db::AnyConnection;
use crate::holidays::store;
use crate::holidays::types::{DeclaredHoliday, Holiday, HolidayContent};
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::HolidayId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::ledger::caller::Reach;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Field, Group, Kind, body};
use crate::pages::office::tables::{Cell, DONE, Sheet, Table, TypedFilter};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

const PATH: &str = "office/admin/holidays";

/// Name of the parameter with the year that is shown.
const YEAR: &str = "year";

const NEW: &[Group] = &[Group::of_body(
    ("공휴일", "Holiday"),
    &[
        Field::plain("day", Kind::Day, ("날짜", "Day")),
        Field::plain("name/*", Kind::Line, ("이름", "Name")),
        Field::plain(
            "kind",
            Kind::Needed("HolidayKind", "temporary"),
            ("종류", "Kind"),
        ),
        Field {
            hint: (
                "어디에 공고되었습니까? 예: 관보 제20917호",
                "Where was it published? Such as: Official Gazette 20917",
            ),
            ..Field::plain("source", Kind::Line, ("출처", "Source"))
        },
        Field::plain("basis", Kind::Line, ("법적 근거", "Legal basis")),
    ],
)];

#[get("/office/admin/holidays")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page_as("create_reference_holiday", |conn, cx, frame| {
            let w = frame.w;
            let year = frame.get(YEAR).and_then(|year| year.parse().ok());
            let year: i32 = year.unwrap_or_else(|| cx.today.year());
            let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
            let range = day(1, 1).zip(day(12, 31)).ok_or_else(ApiError::not_found)?;
            let may_declare = cx.caller.reach == Reach::All;
            let rows = store::list(conn, range)?.into_iter();
            let rows = rows.map(|one| row(frame, &one, may_declare));
            let declare = may_declare.then(|| {
                let text = w.t("공휴일 추가", "Declare a holiday");
                Link::to(frame.to(&format!("{PATH}/new")), Text::stated(text, w))
            });
            let sheet = Sheet {
                title: w.t("공휴일", "Holidays").to_owned(),
                lead: vec![
                    w.t(
                        "기한이 공휴일이면 다음 근무일로 늦추어집니다. 표에 없는 임시공휴일과 선거일을 더할 수 있습니다.",
                        "A due date on a holiday moves to the next working day. Temporary holidays and election days that the table lacks can be declared.",
                    )
                    .to_owned(),
                ],
                acts: declare.into_iter().collect(),
                typed: vec![TypedFilter::of(frame, YEAR, w.t("연도", "Year"), "number")],
                tables: vec![Table {
                    caption: year.to_string(),
                    none: w.t("공휴일이 없습니다.", "There is no holiday."),
                    heads: vec![
                        w.t("이름", "Name"),
                        w.t("날짜", "Day"),
                        w.t("종류", "Kind"),
                        w.t("근거", "Basis"),
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

fn row(frame: &Frame, one: &Holiday, may_withdraw: bool) -> Vec<Cell> {
    let w = frame.w;
    let act = one.id.filter(|_| may_withdraw).map(|id| {
        let href = frame.to(&format!("{PATH}/{id}/withdrawal"));
        Link::to(href, Text::stated(w.t("지정 취소", "Withdraw"), w))
    });
    let basis = one.basis.as_ref().unwrap_or(&one.source);
    vec![
        Text::of(&one.name, w).into(),
        Dated::day(one.day, w).into(),
        Text::stated(w.label("HolidayKind", &one.kind), w).into(),
        Text::stated(basis.clone(), w).into(),
        act.into_iter().collect::<Vec<_>>().into(),
    ]
}

#[get("/office/admin/holidays/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open_as(
        "create_reference_holiday",
        &by,
        frame,
        Form::default(),
        entry_of,
    )
    .await
}

#[post("/office/admin/holidays/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let typed = body(NEW, &sent.form, frame.w, sent.by.today()?.year());
    let links = frame.clone();
    let place = move |one: &DeclaredHoliday| {
        let year = one.content.day.year().to_string();
        links.with(PATH, &[(YEAR, &year), (DONE, "1")])
    };
    let work = |conn: &mut _, cx: &_, new: &HolidayContent| store::declare(conn, cx, new);
    let done = sent.post("create_reference_holiday", typed, place, work);
    let done = done.await;
    let Submission { by, form } = sent;
    entry::settled_as("create_reference_holiday", &by, frame, form, done, entry_of).await
}

fn entry_of(
    _: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("공휴일 추가", "Declare a holiday").to_owned(),
        groups: NEW,
        send: w.t("기록", "Record"),
        back: PATH.to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/admin/holidays/{id}/withdrawal")]
pub async fn ask(Path(id): Path<HolidayId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, _: &_, frame: &_, form| asked(conn, frame, form, id);
    entry::open_as(
        "delete_reference_holiday",
        &by,
        frame,
        Form::default(),
        make,
    )
    .await
}

#[post("/office/admin/holidays/{id}/withdrawal")]
pub async fn withdraw(
    Path(id): Path<HolidayId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let done = sent.act("delete_reference_holiday", move |conn, cx| {
        store::withdraw(conn, cx, id, &expected)
    });
    let done = done.await.map(|()| frame.with(PATH, &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, _: &_, frame: &_, form| asked(conn, frame, form, id);
    entry::settled_as("delete_reference_holiday", &by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    frame: &Frame,
    form: Form,
    id: HolidayId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, id)?;
    let name = one.content.name.in_language(w.0);
    let entry = Entry {
        title: w
            .t("공휴일 지정을 취소합니까?", "Withdraw the holiday?")
            .to_owned(),
        lead: vec![
            w.t(
                "이 공휴일 때문에 늦추어진 기한이 원래 날짜로 돌아갑니다.",
                "The due dates that it moved move back.",
            )
            .to_owned(),
        ],
        list: vec![format!("{} ({})", name, w.day(one.content.day))],
        send: w.t("지정 취소", "Withdraw"),
        back: PATH.to_owned(),
        tag: Some(tag(&one.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}
