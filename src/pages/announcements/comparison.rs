//! What was announced compared with what is recorded, of one municipality.

use actix_web::{HttpResponse, get};
use askama::Template;

use super::about;
use crate::announcements::list::announcing;
use crate::announcements::reconciliation::types::{
    AnnouncedDifference, AnnouncementRef, ReconciliationCounts, ReconciliationFinding,
    ReconciliationRow,
};
use crate::announcements::reconciliation::{ReconciliationFilter, store};
use crate::db::{AnyConnection, ReadClass};
use crate::http::List;
use crate::kernel::error::ApiError;
use crate::kernel::values::{ImpreciseDate, OrganizationRef};
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Choice, Pager};
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::{Frame, Reader};
use crate::pages::words::Words;

const PATH: &str = "reconciliation";

const MUNICIPALITY: &str = "municipality_id";

const FILTERS: [&str; 6] = [MUNICIPALITY, "finding", "department", "from", "to", "sort"];

#[derive(Template)]
#[template(path = "reconciliation.html")]
struct ComparisonPage {
    l: Layout,
    municipality: Link,
    id: String,
    path: String,
    choices: Vec<Choice>,
    department: String,
    from: String,
    to: String,
    filtered: bool,
    clear: String,
    columns: Vec<String>,
    years: Vec<Figures>,
    departments: Vec<Figures>,
    totals: Vec<String>,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    xlsx: String,
}

#[derive(Template)]
#[template(path = "reconciliation_of.html")]
struct ChoicePage {
    l: Layout,
    all: Vec<Link>,
}

/// The figures of a year or of a department.
struct Figures {
    of: Text,
    counts: Vec<String>,
}

struct Row {
    finding: String,
    on: Dated,
    announcement: Option<Link>,
    /// Other announcements of the same, each with how it stands to this one.
    others: Vec<(&'static str, Link)>,
    about: Option<Link>,
    department: Option<Text>,
    score: Option<i32>,
    differences: Vec<Difference>,
}

struct Difference {
    member: String,
    announced: Text,
    recorded: Text,
}

#[get("/reconciliation")]
pub async fn reconciliation(reader: Reader) -> Result<HttpResponse, ApiError> {
    reader.page(ReadClass::Figures, reconciliation_page).await
}

/// Renders the comparison of the municipality that the reader asks about, of the only one with
/// announcements, or else the choice among those with announcements.
///
/// # Errors
/// `invalid_parameters`
pub fn reconciliation_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let frame = &frame.clone().without_as_of();
    if frame.get(MUNICIPALITY).is_some() {
        return compared(conn, cx, frame);
    }
    let all = announcing(conn, cx)?;
    match &all[..] {
        [one] => compared(
            conn,
            cx,
            &frame.clone().asking(MUNICIPALITY, &one.id.to_string()),
        ),
        _ => choice(frame, &all),
    }
}

fn title(w: Words) -> &'static str {
    w.t("발표와 기록의 대조", "Announced and recorded")
}

fn description(w: Words) -> &'static str {
    w.t(
        "언론에 발표한 내용과 등록된 내용을 대조합니다. 발표했으나 등록되지 않은 것, 체결했으나 발표된 적이 없는 것, 서로 다른 것을 봅니다.",
        "What was told to the press beside what is recorded: announced and not recorded, signed and never announced, and where both differ.",
    )
}

fn choice(frame: &Frame, all: &[OrganizationRef]) -> Result<String, ApiError> {
    let w = frame.w;
    let links = all.iter().map(|one| {
        let href = frame.with(PATH, &[(MUNICIPALITY, &one.id.to_string())]);
        Link::to(href, Text::of(&one.name, w))
    });
    let page = ChoicePage {
        l: Layout::new(frame, title(w), description(w)),
        all: links.collect(),
    };
    page.render().map_err(ApiError::internal)
}

fn compared(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
) -> Result<String, ApiError> {
    let w = frame.w;
    let query = lists::query(frame, &FILTERS);
    let List { filter, page } = List::<ReconciliationFilter>::of_query(&query)?;
    let (figures, found) = store::both(conn, cx, &filter, &lists::sized(frame, page))?;
    let city = figures
        .municipality
        .as_ref()
        .ok_or_else(ApiError::not_found)?;
    let query = frame.only(&FILTERS);
    let narrowed = ["finding", "department", "from", "to"];
    let id = filter.municipality_id.to_string();
    let years = figures.years.iter().rev().map(|one| Figures {
        of: Text::stated(
            one.year
                .map_or_else(|| w.unknown().to_owned(), |year| year.to_string()),
            w,
        ),
        counts: counts(w, &one.counts),
    });
    let departments = figures.departments.iter().map(|one| Figures {
        of: Text::stated(one.department.as_deref().unwrap_or(w.unknown()), w),
        counts: counts(w, &one.counts),
    });
    let page = ComparisonPage {
        l: Layout::new(
            frame,
            format!("{}: {}", title(w), city.name.in_language(w.0)),
            description(w),
        )
        .with_api(frame, PATH, &query),
        municipality: Link::to(
            frame.to(&format!("municipalities/{id}")),
            Text::of(&city.name, w),
        ),
        path: frame.own(),
        choices: choices(frame),
        department: frame.get("department").unwrap_or_default().to_owned(),
        from: frame.get("from").unwrap_or_default().to_owned(),
        to: frame.get("to").unwrap_or_default().to_owned(),
        filtered: query.iter().any(|(name, _)| narrowed.contains(name)),
        clear: frame.with(PATH, &[(MUNICIPALITY, &id)]),
        columns: columns(w),
        years: years.collect(),
        departments: departments.collect(),
        totals: counts(w, &figures.totals),
        rows: found.items.iter().map(|one| row(frame, one)).collect(),
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        csv: frame.file("reconciliation.csv", &query),
        xlsx: frame.file("reconciliation.xlsx", &query),
        id,
    };
    page.render().map_err(ApiError::internal)
}

fn choices(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let sorts = [
        ("-day", "최근 순", "Newest first"),
        ("day", "오래된 순", "Oldest first"),
    ];
    let findings = w.choices("ReconciliationFinding");
    vec![
        Choice::of(frame, "finding", ("대조 결과", "Finding"), findings),
        Choice::order(frame, &sorts),
    ]
}

/// Returns the headers of the figures.
fn columns(w: Words) -> Vec<String> {
    let finding = |finding: ReconciliationFinding| w.label("ReconciliationFinding", &finding);
    vec![
        w.t("발표", "Announcements").to_owned(),
        w.t("체결", "Signed").to_owned(),
        w.t("체결하고 발표", "Signed and announced").to_owned(),
        finding(ReconciliationFinding::Unconfirmed),
        finding(ReconciliationFinding::NotRecorded),
        finding(ReconciliationFinding::NotAnnounced),
        finding(ReconciliationFinding::AnnouncedTwice),
        finding(ReconciliationFinding::Differs),
    ]
}

/// Returns the figures in the order of [`columns`].
fn counts(w: Words, counts: &ReconciliationCounts) -> Vec<String> {
    let all = [
        counts.announcements,
        counts.agreements,
        counts.announced,
        counts.unconfirmed,
        counts.not_recorded,
        counts.not_announced,
        counts.announced_twice,
        counts.differs,
    ];
    let all = all.map(|count| w.number(usize::try_from(count).unwrap_or_default()));
    all.into()
}

fn row(frame: &Frame, one: &ReconciliationRow) -> Row {
    let w = frame.w;
    let link = |one: &AnnouncementRef| {
        let href = frame.to(&format!("announcements/{}", one.id));
        Link::to(href, Text::of(&one.title, w))
    };
    Row {
        finding: w.label("ReconciliationFinding", &one.finding),
        on: Dated::of(one.day.as_ref(), w),
        announcement: one.announcement.as_ref().map(link),
        others: one
            .others
            .iter()
            .map(|other| (order(w, other, one), link(other)))
            .collect(),
        about: about(frame, one.agreement.as_ref(), one.milestone.as_ref()),
        department: one.department.as_ref().map(|name| Text::stated(name, w)),
        score: one.score,
        differences: one
            .differences
            .iter()
            .map(|one| difference(w, one))
            .collect(),
    }
}

/// Returns how another announcement of the same stands to that of a finding. Without both days there is no
/// order.
fn order(w: Words, other: &AnnouncementRef, one: &ReconciliationRow) -> &'static str {
    let before = other.announced_on.as_ref().and_then(ImpreciseDate::latest);
    let after = one.day.as_ref().and_then(ImpreciseDate::earliest);
    match before.zip(after) {
        Some((before, after)) if before < after => w.t("먼저", "Earlier"),
        _ => w.t("같은 일의 다른 발표", "Also"),
    }
}

fn difference(w: Words, one: &AnnouncedDifference) -> Difference {
    Difference {
        member: w.label("DifferenceMember", &one.member),
        announced: Text::stated(w.message(&one.announced), w),
        recorded: Text::stated(w.message(&one.recorded), w),
    }
}
