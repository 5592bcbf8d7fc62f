//! The list of announcements.

use actix_web::{HttpResponse, get};
use askama::Template;

use super::about;
use crate::announcements::list as store;
use crate::announcements::list::AnnouncementFilter;
use crate::announcements::types::AnnouncementSummary;
use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Choice, Pager};
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::municipalities;
use crate::pages::reader::{Frame, Reader};

const FILTERS: [&str; 11] = [
    "q",
    "municipality_id",
    "agreement_id",
    "milestone_id",
    "kind",
    "standing",
    "publisher",
    "from",
    "to",
    "gap",
    "sort",
];

/// Filters that a link sets and the form passes on.
const PASSED: [&str; 4] = ["agreement_id", "milestone_id", "publisher", "gap"];

#[derive(Template)]
#[template(path = "announcements.html")]
struct ListPage {
    l: Layout,
    path: String,
    q: String,
    from: String,
    to: String,
    choices: Vec<Choice>,
    hidden: Vec<(String, String)>,
    filtered: bool,
    clear: String,
    /// URL of the comparison with the record.
    compared: String,
    /// URL of the form that records one; `None` for whoever cannot.
    record: Option<String>,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    xlsx: String,
}

struct Row {
    title: Link,
    kind: String,
    municipality: Text,
    on: Dated,
    publisher: Option<Text>,
    department: Option<Text>,
    standing: String,
    about: Option<Link>,
}

#[get("/announcements")]
pub async fn announcements(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Cheap, list_page).await
}

/// Renders the list of announcements that the caller sees.
///
/// # Errors
/// `invalid_parameters`
pub fn list_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    // An announcement has one day, which no other changes.
    let frame = &frame.clone().without_as_of();
    let w = frame.w;
    let query = lists::query(frame, &FILTERS);
    let List { filter, page } = List::<AnnouncementFilter>::of_query(&query)?;
    let found = store::find(conn, cx, &filter, &lists::sized(frame, page))?;
    let shown = store::shown(conn, cx, &found.items)?;
    let of = |id: &String| shown.iter().find(|shown| shown.key == *id);
    let rows = found.items.iter().filter_map(of);
    let rows = rows.map(|shown| row(frame, &shown.row)).collect();
    let title = w.t("발표", "Announcements");
    let description = w.t(
        "협약 체결, 착공과 준공을 언론에 알린 발표의 목록입니다. 발표마다 어느 기록을 다루는지 봅니다.",
        "What was told to the press of signings, groundbreakings and completions, and which record it is about.",
    );
    let query = frame.only(&FILTERS);
    let hidden = frame.only(&PASSED).into_iter();
    let municipality = municipalities::choice(conn, cx, (frame, None), filter.municipality_id)?;
    let may_record = Access::Write.is_for(cx.caller.role);
    let page = ListPage {
        l: Layout::new(frame, title, description).with_api(frame, "announcements", &query),
        path: frame.own(),
        q: frame.get("q").unwrap_or_default().to_owned(),
        from: frame.get("from").unwrap_or_default().to_owned(),
        to: frame.get("to").unwrap_or_default().to_owned(),
        choices: municipality.into_iter().chain(choices(frame)).collect(),
        hidden: hidden
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        filtered: query.iter().any(|(name, _)| *name != "sort"),
        clear: frame.to("announcements"),
        compared: frame.with("reconciliation", &frame.only(&["municipality_id"])),
        record: (frame.is_office() && may_record).then(|| frame.to("announcements/new")),
        rows,
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        csv: frame.file("announcements.csv", &query),
        xlsx: frame.file("announcements.xlsx", &query),
    };
    page.render().map_err(ApiError::internal)
}

fn choices(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let sorts = [
        ("-announced_on", "최근 발표 순", "Newest first"),
        ("announced_on", "오래된 발표 순", "Oldest first"),
        ("title", "제목 순", "By title"),
    ];
    let standings = w.choices("AnnouncementStanding");
    vec![
        Choice::of(
            frame,
            "kind",
            ("발표한 일", "Event"),
            w.choices("AnnouncementKind"),
        ),
        Choice::of(frame, "standing", ("기록과의 대조", "Compared"), standings),
        Choice::order(frame, &sorts),
    ]
}

fn row(frame: &Frame, one: &AnnouncementSummary) -> Row {
    let w = frame.w;
    let href = frame.with(
        &format!("announcements/{}", one.meta.id),
        &frame.only(&[crate::http::RECORDED_AS_OF]),
    );
    let text = |stated: Option<&String>| stated.map(|stated| Text::stated(stated, w));
    Row {
        title: Link::to(href, Text::of(&one.title, w)),
        kind: w.label("AnnouncementKind", &one.kind),
        municipality: Text::of(&one.municipality.name, w),
        on: Dated::of(one.announced_on.as_ref(), w),
        publisher: text(one.publisher.as_ref()),
        department: text(one.lead_department.as_ref()),
        standing: w.label("AnnouncementStanding", &one.standing),
        about: about(frame, one.agreement.as_ref(), one.milestone.as_ref()),
    }
}
