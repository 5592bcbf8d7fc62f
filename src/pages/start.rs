//! The first page: what falls due, what moved, what nobody has reported on, and figures with their
//! unknowns.

use std::cmp::Reverse;

use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::agreements::DaysForm;
use super::figures::{self, FigureRow, RateRow};
use super::items::{Item, falling_due, item, overdue};
use super::layout::Layout;
use super::lists::first;
use super::markup::{Dated, Link, Text};
use super::reader::{Frame, Reader};
use super::suggest;
use super::withheld::Withheld;
use super::words::Words;
use crate::agreements::list as agreements;
use crate::agreements::list::AgreementFilter;
use crate::db::page::Page;
use crate::db::{AnyConnection, ReadClass};
use crate::kernel::error::ApiError;
use crate::kernel::values::Move;
use crate::ledger::RequestContext;
use crate::projections::freshness::FreshnessState;
use crate::statistics::milestones::figures as milestone_figures;
use crate::statistics::milestones::types::{
    MilestoneFigure, MilestoneRecord, MilestoneRecordFilter,
};
use crate::timeline::handlers::TimelineFilter;
use crate::timeline::store as timeline;

/// Rows of each list.
const ROWS: usize = 8;

/// Moves of a year that are looked through, far beyond what a registry has.
const MOVES: usize = 5_000;

/// Moves that are shown where the quarter has none.
const LATEST: usize = 5;

/// Days ahead in which something falls due.
const AHEAD: u64 = 90;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    l: Layout,
    find: String,
    suggestions: String,
    q: &'static str,
    due: Vec<Item>,
    overdue: Vec<Item>,
    /// More items are overdue than the page shows.
    overdue_more: bool,
    quarter: String,
    moved: Vec<MovedRow>,
    /// The latest moves before the quarter, if it has none.
    moved_before: Vec<MovedRow>,
    stale: Vec<StaleRow>,
    stale_total: String,
    stale_href: String,
    figures: Vec<FigureRow>,
    rates: Vec<RateRow>,
    withheld: Option<Withheld>,
    days: DaysForm,
}

struct MovedRow {
    stated_on: Dated,
    milestone: Link,
    project: Text,
    from: Dated,
    to: Dated,
    slip: String,
    later: bool,
    reason: String,
}

struct StaleRow {
    agreement: Link,
    municipality: Text,
    /// Last sign of life and its day.
    last: Option<(String, Dated)>,
}

#[get("/")]
pub async fn start(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.scripted().page(ReadClass::Figures, start_page).await
}

fn start_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let day = frame.as_of.unwrap_or(cx.today);
    let overdue = items(conn, cx, frame, overdue())?;
    let (moved, moved_before) = moved(conn, cx, frame, day)?;
    let (stale, stale_total) = stale(conn, cx, frame)?;
    let (figures, rates) = figures::of(conn, cx, frame, None)?;
    let title = w.t(
        "지방자치단체가 체결한 협약과 약속",
        "Agreements of local governments, and what was promised",
    );
    let description = w.t(
        "누구와 무엇을 약속했고, 어떻게 되었으며, 기한이 어떻게 변경되었는지 출처와 함께 봅니다.",
        "Who promised what to whom, what came of it, and how dates moved, with sources.",
    );
    let data =
        json!({"name": w.t("협약 등록부", "Registry of agreements"), "description": description});
    let page = StartPage {
        l: Layout::new(frame, title, description)
            .with_api_on_days(frame, "statistics/agreements")
            .with_data("WebSite", data)
            .with_suggestions(),
        find: frame.plain("find", &[]),
        suggestions: frame.to(suggest::PATH),
        q: "",
        due: items(conn, cx, frame, falling_due(day, AHEAD))?,
        overdue_more: overdue.len() > ROWS,
        overdue: overdue.into_iter().take(ROWS).collect(),
        quarter: quarter(w, day),
        moved,
        moved_before,
        stale,
        stale_total,
        stale_href: frame.with("agreements", &[("freshness", "stale")]),
        figures,
        rates,
        withheld: Withheld::of(conn, cx, frame, None)?,
        days: DaysForm::of(frame),
    };
    page.render().map_err(ApiError::internal)
}

fn items(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    filter: TimelineFilter,
) -> Result<Vec<Item>, ApiError> {
    let filter = TimelineFilter {
        as_of: frame.as_of,
        ..filter
    };
    let page = first(&filter, ROWS + 1);
    let listed = timeline::list(conn, cx, &filter, &page)?;
    Ok(listed.items.iter().map(|one| item(frame, one)).collect())
}

/// Returns the year and the quarter of a day.
fn quarter_of(day: NaiveDate) -> (i32, u32) {
    (day.year(), day.month0() / 3 + 1)
}

fn quarter(w: Words, day: NaiveDate) -> String {
    let (year, quarter) = quarter_of(day);
    match w.tag() {
        "ko" => format!("{year}년 {quarter}분기"),
        _ => format!("Quarter {quarter} of {year}"),
    }
}

/// Returns the targets moved in the quarter of a day, the latest first; if there are none, the latest
/// ones of this year and the last.
fn moved(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    day: NaiveDate,
) -> Result<(Vec<MovedRow>, Vec<MovedRow>), ApiError> {
    let year = day.year();
    let mut all = moves_of(conn, cx, frame, year)?;
    let stated = |record: &MilestoneRecord| {
        let moved = record.moved.as_ref();
        moved.and_then(|moved| moved.stated_on.latest())
    };
    all.sort_by_key(|record| Reverse(stated(record)));
    let in_quarter = |record: &&MilestoneRecord| {
        let day_stated = record.moved.as_ref().map(|moved| &moved.stated_on);
        let ends = day_stated.map(|on| (on.earliest(), on.latest()));
        matches!(ends, Some((Some(from), Some(to)))
            if quarter_of(from) == quarter_of(day) && quarter_of(to) == quarter_of(day))
    };
    let rows = |records: Vec<&MilestoneRecord>| {
        let rows = records.into_iter().filter_map(|one| moved_row(frame, one));
        rows.collect::<Vec<_>>()
    };
    let now = rows(all.iter().filter(in_quarter).collect());
    if !now.is_empty() {
        return Ok((now, Vec::new()));
    }
    all.extend(moves_of(conn, cx, frame, year - 1)?);
    all.sort_by_key(|record| Reverse(stated(record)));
    let before = rows(all.iter().take(LATEST).collect());
    Ok((now, before))
}

/// Returns the moves stated in a year.
fn moves_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    year: i32,
) -> Result<Vec<MilestoneRecord>, ApiError> {
    let filter = MilestoneRecordFilter {
        figure: Some(MilestoneFigure::Moves),
        stated_year: Some(year.to_string()),
        as_of: frame.as_of,
        ..MilestoneRecordFilter::default()
    };
    Ok(milestone_figures::records(conn, cx, &filter, &first(&filter, MOVES))?.items)
}

fn moved_row(frame: &Frame, record: &MilestoneRecord) -> Option<MovedRow> {
    let w = frame.w;
    let moved = record.moved.as_ref()?;
    let href = format!("projects/{}#m-{}", record.project.id, record.milestone_id);
    Some(MovedRow {
        stated_on: Dated::of(Some(&moved.stated_on), w),
        milestone: Link::to(frame.to(&href), Text::of(&record.title, w)),
        project: Text::of(&record.project.title, w),
        from: Dated::of(Some(&moved.from), w),
        to: Dated::of(Some(&moved.to), w),
        slip: w.slip(Some(&moved.days), moved.deadline_slip_days, false),
        later: moved.direction == Move::Later,
        reason: moved.reason_code.map_or_else(
            || w.unknown().to_owned(),
            |code| w.label("ReasonCode", &code),
        ),
    })
}

/// Returns agreements of which nothing was heard for long, and their number.
fn stale(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<(Vec<StaleRow>, String), ApiError> {
    let w = frame.w;
    let filter = AgreementFilter {
        freshness: Some(FreshnessState::Stale),
        as_of: frame.as_of,
        ..AgreementFilter::default()
    };
    let page = Page {
        with_total: true,
        ..first(&filter, ROWS)
    };
    let listed = agreements::list(conn, cx, &filter, &page)?;
    let total = usize::try_from(listed.total.unwrap_or(0)).unwrap_or(0);
    let rows = listed.items.iter().map(|one| StaleRow {
        agreement: Link::to(
            frame.to(&format!("agreements/{}", one.meta.id)),
            Text::of(&one.title, w),
        ),
        municipality: Text::of(&one.municipality.name, w),
        last: one.freshness.and_then(|fresh| {
            let by = fresh.by.map(|by| w.label("SignOfLife", &by))?;
            Some((by, Dated::day(fresh.last?, w)))
        }),
    });
    Ok((rows.collect(), w.number(total)))
}
