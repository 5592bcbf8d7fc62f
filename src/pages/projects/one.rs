//! A project: every date that was stated for it, its figures over time, and the agreements that serve
//! it.

use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::json;

use super::chart::{Chart, charts};
use super::facts::{Names, StatedRow, facts, stated};
use super::ladder::{Ladder, ladders};
use crate::agreements::list as agreements;
use crate::agreements::list::AgreementFilter;
use crate::db::{AnyConnection, ReadClass};
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::ledger::RequestContext;
use crate::pages::agreements::{DaysForm, Doing, Served, gaps, source};
use crate::pages::files::Files;
use crate::pages::groups::{Group, groups_of};
use crate::pages::layout::Layout;
use crate::pages::lists::first;
use crate::pages::markup::{Fact, Link, Text};
use crate::pages::reader::{Frame, Reader};
use crate::projects::store;
use crate::projects::types::Project;

/// Agreements that are shown; a link leads to the others.
const AGREEMENTS: usize = 25;

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage {
    l: Layout,
    title: Text,
    kind: String,
    municipality: Link,
    charts: Vec<Chart>,
    ladders: Vec<Ladder>,
    gaps: Vec<String>,
    facts: Vec<Fact>,
    stated: Vec<StatedRow>,
    agreements: Vec<Served>,
    /// URL of the list of all agreements, if there are more.
    agreements_more: Option<String>,
    groups: Vec<Group>,
    groups_more: Option<String>,
    sources: Vec<Link>,
    follow: String,
    days: DaysForm,
    doing: Doing,
}

#[get("/projects/{id}")]
pub async fn project(Path(id): Path<ProjectId>, reader: Reader) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        project_page(conn, cx, frame, id, |_| Doing::default())
    };
    reader.page(ReadClass::Cheap, work).await
}

/// Renders the page of a project, with what `doing` tells.
///
/// # Errors
/// `not_found` if the caller does not see it.
pub fn project_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: ProjectId,
    doing: impl FnOnce(&Project) -> Doing,
) -> Result<String, ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, frame.as_of)?;
    let (agreements, agreements_more) = served(conn, cx, frame, id)?;
    let (groups, groups_more) = groups_of(conn, cx, frame, "project_id", &id.to_string())?;
    let files = Files::of(conn, cx, frame, &[one.municipality_id], &id.to_string())?;
    let names = Names::of(&one);
    let city = &one.municipality;
    let municipality = frame.to(&format!("municipalities/{}", city.id));
    let title = Text::of(&one.content.title, w);
    let calendar = [("project_id", id.to_string()), ("lang", w.tag().to_owned())];
    let calendar = calendar
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let doing = doing(&one);
    let retracts = doing.may_retract.then_some(frame);
    let page = ProjectPage {
        l: layout(frame, &one, title.plain()),
        title,
        kind: w.label("ProjectKind", &one.content.kind),
        municipality: Link::to(municipality, Text::of(&city.name, w)),
        charts: charts(w, &one.milestones, frame.as_of.unwrap_or(cx.today)),
        ladders: ladders(w, &one.milestones, files, retracts),
        gaps: gaps(w, &one.gaps, "ProjectGap"),
        facts: facts(w, &one, &names),
        stated: stated(w, &one, &names, retracts),
        agreements,
        agreements_more,
        groups,
        groups_more,
        sources: one
            .content
            .sources
            .iter()
            .map(|one| source(w, one))
            .collect(),
        follow: frame.plain("api/v1/timeline.ics", &calendar),
        days: DaysForm::of(frame),
        doing,
    };
    page.render().map_err(ApiError::internal)
}

fn served(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: ProjectId,
) -> Result<(Vec<Served>, Option<String>), ApiError> {
    let filter = AgreementFilter {
        project_id: Some(id),
        as_of: frame.as_of,
        ..AgreementFilter::default()
    };
    let found = agreements::list(conn, cx, &filter, &first(&filter, AGREEMENTS))?;
    let rows = found.items.iter().map(|one| Served::of(frame, one));
    let more = found.next.as_ref();
    let more = more.map(|_| frame.with("agreements", &[("project_id", &id.to_string())]));
    Ok((rows.collect(), more))
}

fn layout(frame: &Frame, one: &Project, title: &str) -> Layout {
    let (w, content) = (frame.w, &one.content);
    let city = one.municipality.name.in_language(w.0);
    let description = match &content.description {
        Some(description) => description.in_language(w.0).to_owned(),
        None => format!("{city}: {title}"),
    };
    let places = content.locations.iter();
    let places = places.map(|place| json!({"@type": "Place", "name": place.name.in_language(w.0)}));
    let data = json!({
        "name": title,
        "description": description,
        "parentOrganization": {"@type": "GovernmentOrganization", "name": city},
        "location": places.collect::<Vec<_>>(),
    });
    Layout::new(frame, title, description)
        .with_api_on_days(frame, &format!("projects/{}", one.meta.id))
        .with_data("Project", data)
}
