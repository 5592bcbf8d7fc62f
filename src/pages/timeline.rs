//! The timeline: everything that has a date, as spans of the days that it can mean.

use std::collections::HashMap;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::NaiveDate;

use super::items::{Item, item, status_choices};
use super::layout::Layout;
use super::lists::{self, Choice, DayField, Pager};
use super::markup::Markup;
use super::municipalities;
use super::reader::{AS_OF, Frame, Reader};
use super::scale::{Scale, Span, Tick, place};
use super::words::Words;
use super::zoom::{Level, Window};
use crate::db::AnyConnection;
use crate::http::{List, Texts};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::timeline::handlers::{TimelineFilter, TimelineItem};
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
    zoom: Zoom,
    rows: Vec<Markup>,
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

#[derive(Template)]
#[template(path = "timeline_row.html")]
struct Row<'a> {
    w: Words,
    item: Item,
    span: Option<Span>,
    /// Places of the lines of the scale.
    lines: &'a [Tick],
    /// Place of the day of the page.
    today: Option<&'a str>,
}

/// What the pictures of all rows have in common.
struct Picture {
    scale: Option<Scale>,
    lines: Vec<Tick>,
    today: Option<String>,
}

impl Picture {
    fn new(scale: Option<Scale>, day: NaiveDate, w: Words) -> Self {
        let today = scale.filter(|scale| scale.holds(day));
        Self {
            scale,
            lines: scale.map_or_else(Vec::new, |scale| scale.ticks(w)),
            today: today.map(|scale| place(scale.at(day))),
        }
    }

    fn row(&self, frame: &Frame, one: &TimelineItem) -> Result<String, ApiError> {
        let span = self.scale.zip(one.when.as_ref());
        let row = Row {
            w: frame.w,
            item: item(frame, one),
            span: span.and_then(|(scale, when)| scale.span(when)),
            lines: &self.lines,
            today: self.today.as_deref(),
        };
        row.render().map_err(ApiError::internal)
    }
}

#[get("/timeline")]
pub async fn timeline(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page_of_rows(timeline_page).await
}

fn timeline_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    texts: &Texts,
) -> Result<String, ApiError> {
    let w = frame.w;
    let List { filter, page } = List::<TimelineFilter>::of_query(&lists::query(frame, &FILTERS))?;
    let found = store::find(conn, cx, &filter, &lists::sized(frame, page))?;
    let day = frame.as_of.unwrap_or(cx.today);
    let (picture, rows) = rows(conn, cx, frame, &found.items, (&filter, day, texts))?;
    let title = w.t("연표", "Timeline");
    let description = w.t(
        "추진 단계, 협약 체결과 만료, 협약 사항의 기한, 회의를 날짜 순으로 봅니다.",
        "Milestones, signings, expiries, due commitments and meetings by date.",
    );
    let query = frame.for_api(&FILTERS);
    let hidden = frame.only(&PASSED).into_iter();
    let municipality =
        municipalities::choice(conn, cx, (frame, Some(texts)), filter.municipality_id)?;
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
        years: picture.lines,
        zoom: zoom(frame, &filter, day),
        rows: rows.into_iter().map(Markup::of).collect(),
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        files: files(frame, &query),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the rows of entries with these keys. In a window that the reader chose, rows are kept: without
/// one, the scale of their pictures depends on all of them.
fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    keys: &[String],
    (filter, day, texts): (&TimelineFilter, NaiveDate, &Texts),
) -> Result<(Picture, Vec<Bytes>), ApiError> {
    let w = frame.w;
    if let Some((first, last)) = filter.from.zip(filter.to) {
        let picture = Picture::new(Scale::window(first, last, 0.0, WIDTH), day, w);
        let view = format!(
            "page of the timeline {first} {last} {day} {}",
            frame.links()
        );
        let show = |conn: &mut _, cx: &_, keys: &[String]| {
            let shown = store::shown_items(conn, cx, keys, filter.as_of)?.into_iter();
            let shown = shown.map(|shown| {
                let text = picture.row(frame, &shown.row)?;
                Ok(shown.map(|_| text))
            });
            shown.collect()
        };
        let rows = texts.of(conn, cx, (&view, w.0), keys, show)?;
        return Ok((picture, rows));
    }
    let shown = store::shown_items(conn, cx, keys, filter.as_of)?.into_iter();
    let mut by_key: HashMap<_, _> = shown.map(|shown| (shown.key, shown.row)).collect();
    let items = keys.iter().filter_map(|key| by_key.remove(key));
    let items: Vec<TimelineItem> = items.collect();
    let days = items.iter().filter_map(|item| item.when.as_ref());
    let days = days.flat_map(|when| [when.named_from(), when.latest()]);
    let picture = Picture::new(Scale::of(days.flatten(), 0.0, WIDTH), day, w);
    let rows = items.iter();
    let rows = rows.map(|item| Ok(picture.row(frame, item)?.into()));
    let rows = rows.collect::<Result<_, ApiError>>()?;
    Ok((picture, rows))
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
