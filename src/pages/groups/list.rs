//! The list of working groups, and the groups of another record.

use actix_web::{HttpResponse, get};
use askama::Template;

use super::members::chairs;
use crate::db::page::Listed;
use crate::db::{AnyConnection, ReadClass};
use crate::http::{List, Shown};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Choice, DayField, Pager};
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::municipalities;
use crate::pages::reader::{AS_OF, Frame, Reader};
use crate::working_groups::handlers::WorkingGroupFilter;
use crate::working_groups::list as store;
use crate::working_groups::types::WorkingGroup;

const FILTERS: [&str; 8] = [
    "q",
    "municipality_id",
    "organization_id",
    "project_id",
    "agreement_id",
    "gap",
    AS_OF,
    "sort",
];

/// Filters that a link sets and the form passes on.
const PASSED: [&str; 4] = ["organization_id", "project_id", "agreement_id", "gap"];

/// Groups of another record that are shown on its page.
const ROWS: usize = 10;

#[derive(Template)]
#[template(path = "groups.html")]
struct ListPage {
    l: Layout,
    path: String,
    q: String,
    choices: Vec<Choice>,
    days: Vec<DayField>,
    hidden: Vec<(String, String)>,
    filtered: bool,
    clear: String,
    groups: Vec<Group>,
    pager: Pager,
    files: [(&'static str, String); 2],
}

/// A working group as a row.
pub struct Group {
    pub name: Link,
    pub municipality: Text,
    /// Number of members on the day of the page.
    pub members: String,
    pub chairs: Vec<Text>,
    /// How often it is to meet; `None` if nothing is stated.
    pub interval: Option<String>,
    pub next: Option<Dated>,
    pub is_late: bool,
    pub is_over: bool,
}

#[get("/working-groups")]
pub async fn groups(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Cheap, list_page).await
}

/// Renders the list of working groups that the caller sees.
///
/// # Errors
/// `invalid_parameters`
pub fn list_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let query = lists::query(frame, &FILTERS);
    let List { filter, page } = List::<WorkingGroupFilter>::of_query(&query)?;
    let found = store::find(conn, cx, &filter, &lists::sized(frame, page))?;
    let title = w.t("실무협의체", "Working groups");
    let description = w.t(
        "협약과 사업을 추진하는 실무협의체의 목록입니다. 구성원, 위원장과 회의를 봅니다.",
        "Working groups that carry agreements and projects: their members, chairs and meetings.",
    );
    let query = frame.for_api(&FILTERS);
    let hidden = frame.only(&PASSED).into_iter();
    let municipality = municipalities::choice(conn, cx, (frame, None), filter.municipality_id)?;
    let sorts = [
        ("name", "이름 순", "By name"),
        ("-id", "최근 기록 순", "Latest recorded first"),
    ];
    let page = ListPage {
        l: Layout::new(frame, title, description).with_api(frame, "working-groups", &query),
        path: frame.own(),
        q: frame.get("q").unwrap_or_default().to_owned(),
        choices: (municipality.into_iter())
            .chain([Choice::order(frame, &sorts)])
            .collect(),
        days: lists::days(frame),
        hidden: hidden
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        filtered: query.iter().any(|(name, _)| *name != "sort"),
        clear: frame.now("working-groups"),
        groups: rows(conn, cx, frame, &found)?,
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        files: [
            ("CSV", frame.file("working-groups.csv", &query)),
            ("XLSX", frame.file("working-groups.xlsx", &query)),
        ],
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the first groups that a filter selects, and the URL of the list of all, if there are more.
pub fn groups_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    parameter: &'static str,
    id: &str,
) -> Result<(Vec<Group>, Option<String>), ApiError> {
    let mut query = vec![(parameter, id)];
    query.extend(frame.only(&[AS_OF]));
    let all = frame.with("working-groups", &query);
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(&query);
    let filter = List::<WorkingGroupFilter>::of_query(&text.finish())?.filter;
    let found = store::find(conn, cx, &filter, &lists::first(&filter, ROWS))?;
    let more = found.next.is_some().then_some(all);
    Ok((rows(conn, cx, frame, &found)?, more))
}

fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    found: &Listed<String>,
) -> Result<Vec<Group>, ApiError> {
    // Members of the day: without one, a group has its former members as well.
    let day = frame.as_of.unwrap_or(cx.today);
    let shown = store::shown(conn, cx, &found.items, Some(day))?;
    let of = |id: &String| shown.iter().find(|shown| shown.key == *id);
    let shown = found.items.iter().filter_map(of);
    let rows = shown.map(|Shown { row: group, .. }| {
        let next = group.next_meeting_due.as_ref();
        row(frame, group, next.is_some_and(|next| next.ends_before(day)))
    });
    Ok(rows.collect())
}

fn row(frame: &Frame, one: &WorkingGroup, is_late: bool) -> Group {
    let (w, content) = (frame.w, &one.content);
    let href = frame.to(&format!("working-groups/{}", one.meta.id));
    let members = one.members.len();
    Group {
        name: Link::to(href, Text::of(&content.name, w)),
        municipality: Text::of(&one.municipality.name, w),
        members: match members {
            0 => w.unknown().to_owned(),
            _ => w.number(members),
        },
        chairs: chairs(w, one),
        interval: content
            .meets_every_months
            .map(|months| interval(frame, months)),
        next: one
            .next_meeting_due
            .as_ref()
            .map(|on| Dated::of(Some(on), w)),
        is_late,
        is_over: content.dissolved.is_some(),
    }
}

/// Returns how often a group is to meet, in words.
pub fn interval(frame: &Frame, months: u32) -> String {
    match (frame.w.tag(), months) {
        ("ko", 1) => "매달".to_owned(),
        ("ko", 12) => "1년마다".to_owned(),
        ("ko", months) => format!("{months}개월마다"),
        (_, 1) => "every month".to_owned(),
        (_, 12) => "every year".to_owned(),
        (_, months) => format!("every {months} months"),
    }
}
