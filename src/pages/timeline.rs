//! The timeline: everything that has a date, as spans of the days that it can mean.

use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::NaiveDate;

use super::items::{Item, item, status_choices};
use super::layout::Layout;
use super::lists::{self, Choice, DayField, Pager};
use super::reader::{AS_OF, Frame, Reader};
use super::scale::{Scale, Span, Tick, place};
use super::zoom::{Level, Window};
use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::timeline::handlers::TimelineFilter;
use crate::timeline::store;

const FILTERS: [&str; 11] = [
    "municipality_id",
    "organization_id",
    "project_id",
    "phase",
    "type",
    "kind",
    "status",
    "from",
    "to",
    AS_OF,
    "sort",
];

/// Filters that a link sets and the form passes on.
const PASSED: [&str; 3] = ["organization_id", "project_id", "phase"];

/// Width of the picture of a row.
const WIDTH: f64 = 480.0;

#[derive(Template)]
#[template(path = "timeline.html")]
struct TimelinePage {
    l: Layout,
    path: String,
    choices: Vec<Choice>,
    days: Vec<DayField>,
    hidden: Vec<(String, String)>,
    filtered: bool,
    clear: String,
    years: Vec<Tick>,
    /// Place of the day of the page.
    today: Option<String>,
    zoom: Zoom,
    rows: Vec<Row>,
    pager: Pager,
    files: Vec<(&'static str, String)>,
}

/// Links to windows of the timeline. The present one has no URL.
struct Zoom {
    levels: Vec<Step>,
    /// Name of the window, if it is one of the calendar.
    window: Option<String>,
    before: Option<Step>,
    after: Option<Step>,
    parts: Vec<Step>,
}

struct Step {
    name: String,
    href: String,
    current: bool,
}

struct Row {
    item: Item,
    span: Option<Span>,
}

#[get("/timeline")]
pub async fn timeline(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Cheap, timeline_page).await
}

fn timeline_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let List { filter, page } = List::<TimelineFilter>::of_query(&lists::query(frame, &FILTERS))?;
    let found = store::list(conn, cx, &filter, &lists::sized(frame, page))?;
    let days = found.items.iter().filter_map(|item| item.when.as_ref());
    let days = days
        .flat_map(|when| [when.named_from(), when.latest()])
        .flatten();
    let scale = match (filter.from, filter.to) {
        (Some(first), Some(last)) => Scale::window(first, last, 0.0, WIDTH),
        _ => Scale::of(days, 0.0, WIDTH),
    };
    let day = frame.as_of.unwrap_or(cx.today);
    let rows = found.items.iter().map(|one| Row {
        item: item(frame, one),
        span: scale
            .zip(one.when.as_ref())
            .and_then(|(scale, when)| scale.span(when)),
    });
    let title = w.t("연표", "Timeline");
    let description = w.t(
        "추진 단계, 협약 체결과 만료, 협약 사항의 기한, 회의를 날짜 순으로 봅니다.",
        "Milestones, signings, expiries, due commitments and meetings by date.",
    );
    let query = frame.for_api(&FILTERS);
    let hidden = frame.only(&PASSED).into_iter();
    let municipality = lists::municipalities(conn, frame, filter.municipality_id)?;
    let page = TimelinePage {
        l: Layout::new(frame, title, description).with_api(frame, "timeline", &query),
        path: frame.own(),
        choices: municipality.into_iter().chain(choices(frame)).collect(),
        days: fields(frame),
        hidden: hidden
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        filtered: query.iter().any(|(name, _)| *name != "sort"),
        clear: frame.now("timeline"),
        years: scale.map_or_else(Vec::new, |scale| scale.ticks(w)),
        today: scale
            .filter(|scale| scale.holds(day))
            .map(|scale| place(scale.at(day))),
        zoom: zoom(frame, &filter, day),
        rows: rows.collect(),
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        files: files(frame, &query),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the links that zoom in and out, and move on, with the other filters as they are.
fn zoom(frame: &Frame, filter: &TimelineFilter, day: NaiveDate) -> Zoom {
    let w = frame.w;
    let others = frame.only(&FILTERS).into_iter();
    let others: Vec<_> = others
        .filter(|(name, _)| *name != "from" && *name != "to")
        .collect();
    let ends = filter.from.zip(filter.to);
    let shown = ends.and_then(|(first, last)| Window::of(first, last));
    let link = |window: Window, name: String| {
        let (first, last) = (window.first.to_string(), window.last.to_string());
        let mut query = others.clone();
        query.extend([("from", first.as_str()), ("to", last.as_str())]);
        Step {
            name,
            href: frame.with("timeline", &query),
            current: shown == Some(window),
        }
    };
    let named = |window: Window| link(window, window.name(w));
    // Zooming stays at the day of the page where it is in sight.
    let middle = match ends {
        Some((first, last)) if !(first..=last).contains(&day) => first + (last - first) / 2,
        _ => day,
    };
    let levels = Level::ALL.into_iter().filter_map(|level| {
        let window = Window::around(level, middle)?;
        Some(link(window, level.name(w).to_owned()))
    });
    let all = Step {
        name: w.t("전체", "All").to_owned(),
        href: frame.with("timeline", &others),
        current: filter.from.is_none() && filter.to.is_none(),
    };
    let parts = shown.map_or_else(Vec::new, Window::parts);
    Zoom {
        levels: std::iter::once(all).chain(levels).collect(),
        window: shown.map(|window| window.name(w)),
        before: shown.and_then(Window::before).map(named),
        after: shown.and_then(Window::after).map(named),
        parts: parts.into_iter().map(named).collect(),
    }
}

fn choices(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let sorts = [
        ("when", "이른 날부터", "Earliest first"),
        ("-when", "늦은 날부터", "Latest first"),
    ];
    vec![
        Choice::of(frame, "type", ("종류", "Type"), w.choices("EntryType")),
        Choice::of(frame, "kind", ("세부 종류", "Kind"), w.choices("EntryKind")),
        Choice::of(
            frame,
            "status",
            ("상태", "Status"),
            status_choices(frame.get("type"), w),
        ),
        Choice::order(frame, &sorts),
    ]
}

fn fields(frame: &Frame) -> Vec<DayField> {
    let own = [
        ("from", ("이날부터", "From")),
        ("to", ("이날까지", "Until")),
    ];
    let own = own.map(|field| lists::day_field(frame, field));
    own.into_iter().chain(lists::days(frame)).collect()
}

/// Returns the files of exactly what is seen.
fn files(frame: &Frame, query: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    // A calendar has an order of its own.
    let calendar = query.iter().copied().filter(|(name, _)| *name != "sort");
    let calendar: Vec<_> = calendar.chain([("lang", frame.w.tag())]).collect();
    let mut files = vec![
        ("CSV", frame.file("timeline.csv", query)),
        ("XLSX", frame.file("timeline.xlsx", query)),
    ];
    // Nobody subscribes to an earlier state of the registry.
    if frame.recorded_as_of.is_none() {
        files.push(("ICS", frame.plain("api/v1/timeline.ics", &calendar)));
    }
    files
}
