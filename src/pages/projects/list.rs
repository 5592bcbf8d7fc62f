//! The list of projects.

use actix_web::{HttpResponse, get};
use askama::Template;

use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Choice, DayField, Pager};
use crate::pages::markup::{Link, Text};
use crate::pages::municipalities;
use crate::pages::reader::{AS_OF, Frame, Reader};
use crate::projects::handlers::ProjectFilter;
use crate::projects::list as store;
use crate::projects::types::ProjectSummary;

const FILTERS: [&str; 9] = [
    "q",
    "municipality_id",
    "organization_id",
    "agreement_id",
    "kind",
    "status",
    "gap",
    AS_OF,
    "sort",
];

#[derive(Template)]
#[template(path = "projects.html")]
struct ListPage {
    l: Layout,
    path: String,
    q: String,
    choices: Vec<Choice>,
    days: Vec<DayField>,
    /// Filters that a link set and the form passes on.
    hidden: Vec<(String, String)>,
    filtered: bool,
    clear: String,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    xlsx: String,
}

struct Row {
    title: Link,
    kind: String,
    municipality: Text,
    status: String,
    implementers: Vec<Text>,
    budget: Option<Text>,
}

#[get("/projects")]
pub async fn projects(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Cheap, list_page).await
}

/// Renders the list of projects that the caller sees.
///
/// # Errors
/// `invalid_parameters`
pub fn list_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let List { filter, page } = List::<ProjectFilter>::of_query(&lists::query(frame, &FILTERS))?;
    let found = store::find(conn, cx, &filter, &lists::sized(frame, page))?;
    let shown = store::shown(conn, cx, &found.items, filter.as_of)?;
    let mut rows: Vec<(usize, Row)> = shown
        .iter()
        .filter_map(|shown| {
            let place = found.items.iter().position(|id| *id == shown.key)?;
            Some((place, row(frame, &shown.row)))
        })
        .collect();
    rows.sort_by_key(|(place, _)| *place);
    let description = w.t(
        "협약과 관련된 사업의 목록입니다. 사업마다 목표 시점이 어떻게 바뀌었는지 봅니다.",
        "Projects that agreements serve, each with every date that was once stated for it.",
    );
    let title = w.t("사업", "Projects");
    let query = frame.for_api(&FILTERS);
    let passed = ["organization_id", "agreement_id", "gap"];
    let municipality = municipalities::choice(conn, cx, (frame, None), filter.municipality_id)?;
    let hidden = frame.only(&passed).into_iter();
    let page = ListPage {
        l: Layout::new(frame, title, description).with_api(frame, "projects", &query),
        path: frame.own(),
        q: frame.get("q").unwrap_or_default().to_owned(),
        choices: municipality.into_iter().chain(choices(frame)).collect(),
        days: lists::days(frame),
        hidden: hidden
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        filtered: query.iter().any(|(name, _)| *name != "sort"),
        clear: frame.now("projects"),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        csv: frame.file("projects.csv", &query),
        xlsx: frame.file("projects.xlsx", &query),
    };
    page.render().map_err(ApiError::internal)
}

fn choices(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let sorts = [
        ("title", "이름 순", "By title"),
        ("-id", "최근 기록 순", "Latest recorded first"),
    ];
    vec![
        Choice::of(frame, "kind", ("종류", "Kind"), w.choices("ProjectKind")),
        Choice::of(
            frame,
            "status",
            ("단계", "Stage"),
            w.choices("ProjectStatus"),
        ),
        Choice::order(frame, &sorts),
    ]
}

fn row(frame: &Frame, one: &ProjectSummary) -> Row {
    let (w, content) = (frame.w, &one.content);
    let names = one.implementing_organizations.iter();
    let href = frame.to(&format!("projects/{}", one.meta.id));
    Row {
        title: Link::to(href, Text::of(&content.title, w)),
        kind: w.label("ProjectKind", &content.kind),
        municipality: Text::of(&one.municipality.name, w),
        status: w.label("ProjectStatus", &content.status),
        implementers: names.map(|one| Text::of(&one.name, w)).collect(),
        budget: content
            .budget
            .as_ref()
            .map(|money| Text::stated(w.money(money), w)),
    }
}
