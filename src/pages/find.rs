//! The search for agreements, projects and organizations.

use actix_web::{HttpResponse, get};
use askama::Template;

use super::layout::Layout;
use super::lists::{self, Pager};
use super::markup::{Link, Text};
use super::reader::{Frame, Reader};
use super::suggest;
use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::records::FoundType;
use crate::search::handlers::{Found, FoundFile, SearchFilter, search};

/// Types of records that have a page.
pub const TYPES: [&str; 5] = [
    "agreement",
    "project",
    "working_group",
    "organization",
    "announcement",
];

#[derive(Template)]
#[template(path = "find.html")]
struct FindPage {
    l: Layout,
    find: String,
    suggestions: String,
    q: String,
    /// `None` before anything is asked.
    rows: Option<Vec<Row>>,
    pager: Pager,
    agreements: String,
}

struct Row {
    kind: String,
    title: Link,
    municipality: Option<Text>,
    /// The file that was found, with the words around the place.
    file: Option<String>,
}

#[get("/find")]
pub async fn find(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.scripted().page(ReadClass::Cheap, find_page).await
}

fn find_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    // What is found has no days.
    let frame = &frame.clone().without_as_of();
    let w = frame.w;
    let q = frame.get("q").unwrap_or_default().to_owned();
    let (rows, pager) = if q.is_empty() {
        (None, Pager::default())
    } else {
        let query = lists::query(frame, &["q"]);
        let List { mut filter, page } = List::<SearchFilter>::of_query(&query)?;
        filter.types = Some(TYPES.into_iter().filter_map(FoundType::named).collect());
        let found = search(conn, cx, &filter, &lists::sized(frame, page))?;
        let pager = Pager::of(frame, &["q"], found.next.as_ref(), found.total);
        let rows = found.items.iter().map(|one| row(frame, one));
        (Some(rows.collect()), pager)
    };
    let title = match q.is_empty() {
        true => w.t("검색", "Search").to_owned(),
        false => format!("{}: {q}", w.t("검색", "Search")),
    };
    let description = w.t(
        "협약, 사업, 기관을 이름과 내용으로 검색합니다.",
        "Search agreements, projects and organizations by name and text.",
    );
    let layout = Layout::new(frame, title, description).with_suggestions();
    let page = FindPage {
        l: match q.is_empty() {
            true => layout,
            false => layout.with_api(frame, "search", &[("q", &q)]),
        },
        find: frame.plain("find", &[]),
        suggestions: frame.to(suggest::PATH),
        agreements: frame.with("agreements", &[("q", &q)]),
        q,
        rows,
        pager,
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the path of the page of a found record.
pub fn path_of(found: &Found) -> String {
    let part = match found.type_.name {
        "agreement" => "agreements",
        "project" => "projects",
        "working_group" => "working-groups",
        "announcement" => "announcements",
        _ => "organizations",
    };
    format!("{part}/{}", found.id)
}

fn place(frame: &Frame, file: &FoundFile) -> String {
    let FoundFile { name, snippet, .. } = file;
    let place = frame.w.place(file.page, file.paragraph);
    format!("{name} ({place}): {snippet}")
}

fn row(frame: &Frame, found: &Found) -> Row {
    let w = frame.w;
    let href = frame.to(&path_of(found));
    let municipality = found.municipality.as_ref();
    Row {
        kind: w.label("FoundType", &found.type_),
        title: Link::to(href, Text::of(&found.title, w)),
        municipality: municipality.map(|one| Text::of(&one.name, w)),
        file: found.file.as_ref().map(|file| place(frame, file)),
    }
}
