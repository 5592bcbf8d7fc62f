//! The list of agreements, with the filters of the API.

use std::collections::HashMap;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use askama::Template;
use chrono::NaiveDate;

use crate::agreements::list as store;
use crate::agreements::list::AgreementFilter;
use crate::agreements::reports::types::{CommitmentCounts, CommitmentStatus};
use crate::agreements::summary::{self, AgreementSummary};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::http::{List, RECORDED_AS_OF, Shown, Texts};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::{self, Choice, Field, Pager};
use crate::pages::markup::{Dated, Link, Markup, Text};
use crate::pages::municipalities;
use crate::pages::reader::{AS_OF, Frame, Reader};
use crate::pages::withheld::Withheld;
use crate::pages::words::Words;
use crate::projects::store as projects;

/// The filters, in the order of the form.
const FILTERS: [&str; 18] = [
    "q",
    "municipality_id",
    "organization_id",
    "project_id",
    "kind",
    "status",
    "in_force",
    "freshness",
    "gap",
    "signed_from",
    "signed_to",
    "expiring_within_days",
    "expired",
    "department",
    "topic",
    "reference_number",
    AS_OF,
    "sort",
];

/// Filters by another record, which the form passes on.
const CONTEXTS: [&str; 2] = ["organization_id", "project_id"];

/// Filters in the part of the form that is closed at first.
const MORE: [&str; 11] = [
    "freshness",
    "gap",
    "signed_from",
    "signed_to",
    "expiring_within_days",
    "expired",
    "department",
    "topic",
    "reference_number",
    AS_OF,
    RECORDED_AS_OF,
];

/// Types of timeline items that concern agreements.
const DATES: &str = "signing,expiry,renewal_notice,commitment";

#[derive(Template)]
#[template(path = "agreements.html")]
struct ListPage {
    l: Layout,
    /// URL of the page without filters.
    path: String,
    q: String,
    choices: Vec<Choice>,
    more: Vec<Choice>,
    fields: Vec<Field>,
    is_more_open: bool,
    contexts: Vec<Context>,
    filtered: bool,
    rows: Vec<Markup>,
    withheld: Option<Withheld>,
    pager: Pager,
    downloads: Vec<Download>,
}

/// Another record whose agreements are shown.
struct Context {
    parameter: &'static str,
    id: String,
    label: &'static str,
    name: Text,
    /// URL of the list without it.
    without: String,
}

struct Download {
    name: &'static str,
    href: String,
}

#[derive(Template)]
#[template(path = "agreement_row.html")]
struct Row {
    w: Words,
    title: Link,
    kind: String,
    municipality: Link,
    parties: Vec<Link>,
    others: Option<String>,
    signed_on: Dated,
    status: String,
    is_over: bool,
    force: String,
    /// Last day in force, as far as it is stated.
    until: Option<Dated>,
    commitments: String,
}

/// An agreement on the page of another record.
pub struct Served {
    pub title: Link,
    pub signed_on: Dated,
    pub parties: Vec<Text>,
    pub status: String,
}

impl Served {
    pub fn of(frame: &Frame, one: &AgreementSummary) -> Self {
        let w = frame.w;
        let names = one.parties.iter();
        let href = frame.to(&format!("agreements/{}", one.meta.id));
        Self {
            title: Link::to(href, Text::of(&one.title, w)),
            signed_on: Dated::of(one.signed_on.as_ref(), w),
            parties: names
                .map(|party| Text::of(&party.organization.name, w))
                .collect(),
            status: w.label("AgreementStatus", &one.status),
        }
    }
}

#[get("/agreements")]
pub async fn agreements(reader: Reader) -> Result<HttpResponse, ApiError> {
    let page = |conn: &mut _, cx: &_, frame: &_, texts: &_| list_page(conn, cx, frame, Some(texts));
    reader.page_of_rows(page).await
}

/// Renders the list of agreements that the caller sees. Rows are kept, if there is a place for `texts`.
///
/// # Errors
/// `invalid_parameters`
pub fn list_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    texts: Option<&Texts>,
) -> Result<String, ApiError> {
    let w = frame.w;
    let List { filter, page } = List::<AgreementFilter>::of_query(&lists::query(frame, &FILTERS))?;
    let found = store::find(conn, cx, &filter, &lists::sized(frame, page))?;
    let contexts = contexts(conn, cx, frame, &filter)?;
    let municipality = municipalities::choice(conn, cx, (frame, texts), filter.municipality_id)?;
    let about = match filter.municipality_id {
        Some(id) => municipalities::name(conn, w, id)?,
        None => None,
    };
    let about = about
        .into_iter()
        .chain(contexts.iter().map(|context| context.name.plain()));
    let title = match about.collect::<Vec<_>>().join(" · ") {
        none if none.is_empty() => w.t("협약", "Agreements").to_owned(),
        about => format!("{}: {about}", w.t("협약", "Agreements")),
    };
    let description = w.t(
        "체결된 협약의 목록입니다. 당사자, 체결일, 효력과 이행 현황을 봅니다.",
        "Agreements with their parties, days of signing, terms and progress.",
    );
    let query = frame.for_api(&FILTERS);
    let set = frame.only(&[&FILTERS[..], &[RECORDED_AS_OF]].concat());
    let page = ListPage {
        l: Layout::new(frame, title, description).with_api(frame, "agreements", &query),
        path: frame.own(),
        q: frame.get("q").unwrap_or_default().to_owned(),
        choices: municipality.into_iter().chain(choices(frame)).collect(),
        more: more(frame),
        fields: fields(frame),
        is_more_open: set.iter().any(|(name, _)| MORE.contains(name)),
        filtered: set.iter().any(|(name, _)| *name != "sort"),
        contexts,
        rows: rows(conn, cx, frame, &found.items, (filter.as_of, texts))?,
        withheld: Withheld::of(conn, cx, frame, filter.municipality_id)?,
        pager: Pager::of(frame, &FILTERS, found.next.as_ref(), found.total),
        downloads: downloads(frame, &query),
    };
    page.render().map_err(ApiError::internal)
}

/// Returns the other records whose agreements are shown, with their names.
fn contexts(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    filter: &AgreementFilter,
) -> Result<Vec<Context>, ApiError> {
    let w = frame.w;
    let known = names(conn, filter.organization_id)?;
    let named = |id: Option<OrganizationId>| {
        let found = known.find(id?)?;
        Some(Text::of(&found.name, w))
    };
    let project = projects::references(conn, cx, filter.project_id.as_slice())?.pop();
    let project = project.map(|project| Text::of(&project.title, w));
    let all = [
        (named(filter.organization_id), ("당사자", "Party")),
        (project, ("사업", "Project")),
    ];
    let all = CONTEXTS.into_iter().zip(all);
    let shown = all.filter_map(|(parameter, (name, label))| {
        let others: Vec<_> = FILTERS
            .into_iter()
            .filter(|other| *other != parameter)
            .collect();
        Some(Context {
            parameter,
            id: frame.get(parameter)?.to_owned(),
            label: lists::pick(w, label),
            name: name.unwrap_or_else(|| Text::stated(w.unknown(), w)),
            without: frame.with("agreements", &frame.only(&others)),
        })
    });
    Ok(shown.collect())
}

fn choices(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let mut statuses = w.choices("AgreementStatus");
    // Nobody without a token sees agreements that were never signed.
    let unsigned = ["draft", "in_review", "approved", "withdrawn"];
    statuses.retain(|(code, _)| frame.is_office() || !unsigned.contains(&code.as_str()));
    let sorts = [
        ("-signed_on", "최근 체결 순", "Newest first"),
        ("signed_on", "오래된 체결 순", "Oldest first"),
        ("effective_until", "종료일 빠른 순", "Ending first"),
        ("title", "이름 순", "By title"),
    ];
    vec![
        Choice::of(frame, "kind", ("종류", "Kind"), w.choices("AgreementKind")),
        Choice::of(frame, "status", ("상태", "Status"), statuses),
        Choice::of(
            frame,
            "in_force",
            ("효력", "In force"),
            w.choices("InForce"),
        ),
        Choice::order(frame, &sorts),
    ]
}

fn more(frame: &Frame) -> Vec<Choice> {
    let w = frame.w;
    let expired = [
        ("true", "지남", "Over"),
        ("false", "지나지 않음", "Not over"),
    ];
    let expired = expired.map(|(code, ko, en)| (code.to_owned(), w.t(ko, en).to_owned()));
    vec![
        Choice::of(
            frame,
            "freshness",
            ("최신성", "Freshness"),
            w.choices("FreshnessState"),
        ),
        Choice::of(
            frame,
            "gap",
            ("미상 항목", "Missing fact"),
            w.choices("AgreementGap"),
        ),
        Choice::of(frame, "expired", ("유효기간", "Term"), expired.into()),
    ]
}

fn fields(frame: &Frame) -> Vec<Field> {
    let names = [
        "signed_from",
        "signed_to",
        "expiring_within_days",
        "department",
        "topic",
        "reference_number",
        AS_OF,
        RECORDED_AS_OF,
    ];
    let fields = names.into_iter();
    fields
        .filter_map(|name| lists::field(frame, name))
        .collect()
}

/// Returns the files of exactly what is seen: a calendar only if its filters can select that.
fn downloads(frame: &Frame, query: &[(&str, &str)]) -> Vec<Download> {
    let mut files = vec![
        Download {
            name: "CSV",
            href: frame.file("agreements.csv", query),
        },
        Download {
            name: "XLSX",
            href: frame.file("agreements.xlsx", query),
        },
    ];
    let days = [lists::MUNICIPALITY, AS_OF, "sort"];
    let known = |name: &str| CONTEXTS.contains(&name) || days.contains(&name);
    if query.iter().all(|(name, _)| known(name)) {
        let shared = query.iter().copied().filter(|(name, _)| *name != "sort");
        let query: Vec<_> = shared
            .chain([("type", DATES), ("lang", frame.w.tag())])
            .collect();
        files.push(Download {
            name: frame.w.t("달력(ICS)", "Calendar (ICS)"),
            href: frame.data("timeline.ics", &query),
        });
    }
    files
}

/// Returns the rows of agreements with these ids.
fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    ids: &[String],
    (as_of, texts): (Option<NaiveDate>, Option<&Texts>),
) -> Result<Vec<Markup>, ApiError> {
    let show = |conn: &mut _, cx: &_, ids: &[String]| {
        let shown = summary::shown_rows(conn, cx, ids, as_of)?.into_iter();
        let shown = shown.map(|shown| {
            let text = row(frame, &shown.row)
                .render()
                .map_err(ApiError::internal)?;
            Ok(shown.map(|_| text))
        });
        shown.collect::<Result<Vec<Shown<String>>, ApiError>>()
    };
    let rows: Vec<Bytes> = if let Some(texts) = texts {
        let view = format!("page of agreements {}", frame.links());
        texts.of(conn, cx, (&view, frame.w.0), ids, show)?
    } else {
        let shown = show(conn, cx, ids)?.into_iter();
        let mut by_id: HashMap<_, _> = shown.map(|shown| (shown.key, shown.row)).collect();
        let rows = ids.iter().filter_map(|id| by_id.remove(id));
        rows.map(Bytes::from).collect()
    };
    Ok(rows.into_iter().map(Markup::of).collect())
}

fn row(frame: &Frame, one: &AgreementSummary) -> Row {
    let w = frame.w;
    let of = |path: &str, id: OrganizationId, name: Text| {
        Link::to(frame.to(&format!("{path}/{id}")), name)
    };
    let parties = one.parties.iter().map(|party| {
        let organization = &party.organization;
        of(
            "organizations",
            organization.id,
            Text::of(&organization.name, w),
        )
    });
    let others = one.other_parties.as_ref().map(|others| others.count);
    let others = match (others, one.individual_party_count) {
        (None, 0) => None,
        (Some(None), _) => Some(w.t("외 여럿", "and others").to_owned()),
        (count, individuals) => {
            let count = count.flatten().unwrap_or(0) as usize + individuals;
            Some(match w.tag() {
                "ko" => format!("외 {count}"),
                _ => format!("and {count} more"),
            })
        }
    };
    let href = frame.to(&format!("agreements/{}", one.meta.id));
    let municipality = &one.municipality;
    Row {
        w,
        title: Link::to(href, Text::of(&one.title, w)),
        kind: w.label("AgreementKind", &one.kind),
        municipality: of(
            "municipalities",
            municipality.id,
            Text::of(&municipality.name, w),
        ),
        parties: parties.collect(),
        others,
        signed_on: Dated::of(one.signed_on.as_ref(), w),
        status: w.label("AgreementStatus", &one.status),
        is_over: one.ended_by.is_some(),
        force: match (one.ended_by, one.in_force) {
            (Some(by), _) => format!("{}: {}", w.t("종료", "Ended"), w.label("EndedBy", &by)),
            (None, Some(true)) => in_force_for(w, one.expires_in_days),
            (None, Some(false)) => w.t("효력 없음", "Not in force").to_owned(),
            (None, None) => w.t("효력 여부 미상", "In force: unknown").to_owned(),
        },
        until: one
            .effective_until
            .as_ref()
            .map(|until| Dated::of(Some(until), w)),
        commitments: commitments(w, one.commitment_count, one.fulfilment.counts),
    }
}

/// Says that an agreement is in force, and for how many days, if that is known.
fn in_force_for(w: Words, days: Option<i64>) -> String {
    match (days, w.tag()) {
        (None, _) => w.t("효력 있음", "In force").to_owned(),
        (Some(days), "ko") => format!("효력 있음, 만료까지 {days}일"),
        (Some(1), _) => "In force, 1 day left".to_owned(),
        (Some(days), _) => format!("In force, {days} days left"),
    }
}

/// Returns the number of commitments and what came of them.
pub fn commitments(w: Words, all: usize, counts: CommitmentCounts) -> String {
    use CommitmentStatus as S;
    if all == 0 {
        return w.unknown().to_owned();
    }
    let parts = [
        (S::Fulfilled, counts.fulfilled),
        (S::InProgress, counts.in_progress),
        (S::NotStarted, counts.not_started),
        (S::Unfulfilled, counts.unfulfilled),
        (S::Dropped, counts.dropped),
        (S::CarriedOver, counts.carried_over),
        (S::Unknown, counts.unknown),
    ];
    let parts = parts.into_iter().filter(|(_, count)| *count > 0);
    let parts =
        parts.map(|(status, count)| format!("{} {count}", w.label("CommitmentStatus", &status)));
    let parts = parts.collect::<Vec<_>>().join(", ");
    match w.tag() {
        "ko" => format!("{all}건 ({parts})"),
        _ => format!("{all} ({parts})"),
    }
}
