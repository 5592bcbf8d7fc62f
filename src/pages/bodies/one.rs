//! The page of an organization: everything that it is party to; of a municipality, everything that it
//! holds.

use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::json;

use super::facts::{Post, facts, posts};
use super::members::{MemberRow, members, rows};
use super::report::ReportForm;
use crate::agreements::duties::handlers::DutyFilter;
use crate::agreements::duties::store as duty_store;
use crate::agreements::duties::types::DutyStatus;
use crate::agreements::list as agreements;
use crate::agreements::list::AgreementFilter;
use crate::db::{AnyConnection, ReadClass};
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::municipalities::store::KIND;
use crate::municipalities::types::Municipality;
use crate::municipalities::view::view;
use crate::organizations::store::{self as organizations, Record};
use crate::organizations::types::{Member, OrganizationKind};
use crate::pages::agreements::{DaysForm, Doing, DutyRow, Served, duties, source};
use crate::pages::figures::{self, Body, FigureRow, RateRow};
use crate::pages::groups::{Group, groups_of};
use crate::pages::items::{Item, falling_due, item, overdue};
use crate::pages::layout::Layout;
use crate::pages::lists::first;
use crate::pages::markup::{Fact, Link, Text};
use crate::pages::reader::{Frame, Reader};
use crate::pages::withheld::Withheld;
use crate::projects::handlers::ProjectFilter;
use crate::projects::list as projects;
use crate::timeline::handlers::TimelineFilter;
use crate::timeline::store as timeline;

/// Rows of each list; links lead to the others.
const ROWS: usize = 10;

/// Days ahead in which something falls due.
const AHEAD: u64 = 365;

#[derive(Template)]
#[template(path = "body.html")]
struct BodyPage {
    l: Layout,
    doing: Doing,
    name: Text,
    kind: String,
    /// Those of an association.
    members: Vec<MemberRow>,
    /// Further members are not shown.
    more_members: bool,
    facts: Vec<Fact>,
    posts: Vec<Post>,
    figures: Vec<FigureRow>,
    rates: Vec<RateRow>,
    overdue: Vec<Item>,
    due: Vec<Item>,
    timeline: String,
    /// URL of what a municipality newly published.
    published: Option<String>,
    /// URL of what a municipality announced compared with what it recorded.
    compared: Option<String>,
    agreements: Vec<Served>,
    agreements_all: String,
    /// `None` also for an organization that is no municipality, whose agreements municipalities hold.
    withheld: Option<Withheld>,
    projects: Vec<Link>,
    projects_all: String,
    groups: Vec<Group>,
    groups_more: Option<String>,
    duties: Vec<DutyRow>,
    /// `None` for an organization that is no Korean municipality.
    report: Option<ReportForm>,
    sources: Vec<Link>,
    follow: String,
    days: DaysForm,
}

#[get("/municipalities/{id}")]
pub async fn municipality(
    Path(id): Path<OrganizationId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        let record = organizations::get(conn, id, KIND)?;
        body_page(conn, cx, frame, record, |_, _| Doing::default())
    };
    reader.page(ReadClass::Figures, work).await
}

#[get("/organizations/{id}")]
pub async fn organization(
    Path(id): Path<OrganizationId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        let record = organizations::get(conn, id, None)?;
        body_page(conn, cx, frame, record, |_, _| Doing::default())
    };
    reader.page(ReadClass::Figures, work).await
}

/// Renders the page of an organization, with what `doing` tells of it and its members.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn body_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    record: Record,
    doing: impl FnOnce(&Record, &[Member]) -> Doing,
) -> Result<String, ApiError> {
    let (w, id) = (frame.w, record.meta.id);
    let city = match &record.code {
        Some(_) => Some(view(conn, record.clone(), cx.today)?),
        None => None,
    };
    let body = match &city {
        Some(_) => Body::Municipality(id),
        None => Body::Organization(id),
    };
    let day = frame.as_of.unwrap_or(cx.today);
    let (figures, rates) = figures::of(conn, cx, frame, Some(body))?;
    let (parameter, value) = body.filter();
    let query = [(parameter, value.as_str())];
    let (groups, groups_more) = groups_of(conn, cx, frame, parameter, &value)?;
    let spoken = [query[0], ("lang", w.tag())];
    let content = &record.doc.content;
    let members = members(conn, &record)?;
    let page = BodyPage {
        doing: doing(&record, &members.items),
        members: rows(frame, &members.items),
        more_members: members.next.is_some(),
        l: layout(frame, &record, city.as_ref()),
        name: Text::of(&content.name, w),
        kind: w.label("OrganizationKind", &record.kind),
        facts: facts(frame, &record, city.as_ref()),
        posts: posts(w, &content.officers),
        figures,
        rates,
        overdue: items(conn, cx, frame, body, overdue())?,
        due: items(conn, cx, frame, body, falling_due(day, AHEAD))?,
        timeline: frame.with("timeline", &query),
        published: city.as_ref().map(|_| frame.with("publications", &query)),
        compared: city.as_ref().map(|_| frame.with("reconciliation", &query)),
        agreements: held(conn, cx, frame, body)?,
        withheld: match body {
            Body::Municipality(id) => Withheld::of(conn, cx, frame, Some(id))?,
            Body::Organization(_) => None,
        },
        agreements_all: frame.with("agreements", &query),
        projects: carried_out(conn, cx, frame, body)?,
        projects_all: frame.with("projects", &query),
        groups,
        groups_more,
        duties: open_duties(conn, cx, frame, body)?,
        report: city.map(|_| ReportForm::public(cx, frame, id)),
        sources: content.sources.iter().map(|one| source(w, one)).collect(),
        follow: frame.plain("api/v1/timeline.ics", &spoken),
        days: DaysForm::of(frame),
    };
    page.render().map_err(ApiError::internal)
}

fn layout(frame: &Frame, record: &Record, city: Option<&Municipality>) -> Layout {
    let (w, content) = (frame.w, &record.doc.content);
    let name = content.name.in_language(w.0);
    let description = match w.tag() {
        "ko" => format!("{name}의 협약과 사업"),
        _ => format!("Agreements and projects of {name}"),
    };
    let (path, kind) = match (city, record.kind) {
        (Some(_), _) => ("municipalities", "GovernmentOrganization"),
        (None, OrganizationKind::GovernmentAgency) => ("organizations", "GovernmentOrganization"),
        (None, _) => ("organizations", "Organization"),
    };
    let names = content.other_names.iter().flat_map(Localized::texts);
    let mut data = json!({"name": name, "alternateName": names.collect::<Vec<_>>()});
    if let Some(website) = &content.website {
        data["sameAs"] = json!(website);
    }
    let path = format!("{path}/{}", record.meta.id);
    let layout = Layout::new(frame, name, description).with_api_on_days(frame, &path);
    let layout = match city {
        Some(_) => layout.with_feed(frame, &path),
        None => layout,
    };
    layout.with_data(kind, data)
}

fn items(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    body: Body,
    filter: TimelineFilter,
) -> Result<Vec<Item>, ApiError> {
    let filter = TimelineFilter {
        municipality_id: body.municipality(),
        organization_id: body.organization(),
        as_of: frame.as_of,
        ..filter
    };
    let listed = timeline::list(conn, cx, &filter, &first(&filter, ROWS))?;
    Ok(listed.items.iter().map(|one| item(frame, one)).collect())
}

/// Returns the latest agreements.
fn held(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    body: Body,
) -> Result<Vec<Served>, ApiError> {
    let filter = AgreementFilter {
        municipality_id: body.municipality(),
        organization_id: body.organization(),
        as_of: frame.as_of,
        ..AgreementFilter::default()
    };
    let found = agreements::list(conn, cx, &filter, &first(&filter, ROWS))?;
    Ok(found
        .items
        .iter()
        .map(|one| Served::of(frame, one))
        .collect())
}

/// Returns the projects of a municipality, or those that an organization carries out.
fn carried_out(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    body: Body,
) -> Result<Vec<Link>, ApiError> {
    let filter = ProjectFilter {
        municipality_id: body.municipality(),
        organization_id: body.organization(),
        agreement_id: None,
        kind: None,
        status: None,
        gap: None,
        q: None,
        as_of: frame.as_of,
        sort: None,
    };
    let found = projects::find(conn, cx, &filter, &first(&filter, ROWS))?;
    let shown = projects::shown(conn, cx, &found.items, frame.as_of)?;
    let links = found.items.iter().filter_map(|id| {
        let row = &shown.iter().find(|shown| shown.key == *id)?.row;
        let text = Text::of(&row.content.title, frame.w);
        Some(Link::to(frame.to(&format!("projects/{id}")), text))
    });
    Ok(links.collect())
}

/// Returns the duties of a municipality that are not fulfilled.
fn open_duties(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    body: Body,
) -> Result<Vec<DutyRow>, ApiError> {
    let Body::Municipality(id) = body else {
        return Ok(Vec::new());
    };
    // Duties have no valid time.
    if frame.as_of.is_some() {
        return Ok(Vec::new());
    }
    let filter = DutyFilter {
        municipality_id: Some(id),
        status: Some(vec![DutyStatus::Open, DutyStatus::Overdue]),
        ..DutyFilter::default()
    };
    let found = duty_store::list(conn, cx, &filter, &first(&filter, ROWS))?;
    Ok(duties(frame, &found.items))
}
