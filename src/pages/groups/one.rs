//! A working group: its members over time, its chairs, its meetings and who came.

use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::json;

use super::list::interval;
use super::meetings::{MeetingRow, known, rows};
use super::members::{MemberRow, chairs, members, scale};
use crate::db::page::{Order, Page};
use crate::db::{AnyConnection, ReadClass};
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::WorkingGroupId;
use crate::ledger::RequestContext;
use crate::pages::agreements::{DaysForm, Doing, gaps, source};
use crate::pages::files::Files;
use crate::pages::layout::Layout;
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::{Frame, Reader};
use crate::pages::scale::{Tick, place};
use crate::working_groups::meetings as meeting_store;
use crate::working_groups::store;
use crate::working_groups::types::{Meeting, WorkingGroup};

/// Meetings that are shown, from the latest.
const MEETINGS: usize = 200;

/// Width of the picture of a row.
const WIDTH: f64 = 480.0;

#[derive(Template)]
#[template(path = "group.html")]
struct GroupPage {
    l: Layout,
    name: Text,
    municipality: Link,
    facts: Vec<Fact>,
    gaps: Vec<String>,
    years: Vec<Tick>,
    /// Place of the day of the page.
    today: Option<String>,
    members: Vec<MemberRow>,
    meetings: Vec<MeetingRow>,
    /// Earlier meetings are not shown.
    more: bool,
    sources: Vec<Link>,
    days: DaysForm,
    doing: Doing,
}

#[get("/working-groups/{id}")]
pub async fn group(
    Path(id): Path<WorkingGroupId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        group_page(conn, cx, frame, id, |_, _| Doing::default())
    };
    reader.page(ReadClass::Cheap, work).await
}

/// Renders the page of a working group, with what `doing` tells of it and its meetings.
///
/// # Errors
/// `not_found` if the caller does not see it.
pub fn group_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: WorkingGroupId,
    doing: impl FnOnce(&WorkingGroup, &[Meeting]) -> Doing,
) -> Result<String, ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, frame.as_of)?;
    let latest = Page {
        order: Order::descending("meetings.sort_held", "meetings.id"),
        limit: MEETINGS,
        after: None,
        with_total: false,
    };
    let listed = meeting_store::list(conn, cx, id, &latest)?;
    let past = frame.as_of.filter(|day| *day < cx.today);
    let meetings = known(listed.items, past);
    let day = frame.as_of.unwrap_or(cx.today);
    let scale = scale(&one, day, WIDTH);
    let files = Files::of(conn, cx, frame, &[one.municipality_id], &id.to_string())?;
    let name = Text::of(&one.content.name, w);
    let city = &one.municipality;
    let city_page = frame.to(&format!("municipalities/{}", city.id));
    let sources = one.content.sources.iter();
    let page = GroupPage {
        l: layout(frame, &one, name.plain()),
        name,
        municipality: Link::to(city_page, Text::of(&city.name, w)),
        facts: facts(frame, cx, &one),
        gaps: gaps(w, &one.gaps, "WorkingGroupGap"),
        years: scale.map_or_else(Vec::new, |scale| scale.years()),
        today: scale.map(|scale| place(scale.at(day))),
        members: members(frame, &one, &meetings, scale, day),
        meetings: rows(frame, &one, &meetings, files),
        more: listed.next.is_some(),
        sources: sources.map(|one| source(w, one)).collect(),
        days: DaysForm::of(frame),
        doing: doing(&one, &meetings),
    };
    page.render().map_err(ApiError::internal)
}

fn layout(frame: &Frame, one: &WorkingGroup, name: &str) -> Layout {
    let w = frame.w;
    let purpose = one.content.purpose.as_ref();
    let description = match (purpose, w.tag()) {
        (Some(purpose), _) => purpose.in_language(w.0).to_owned(),
        (None, "ko") => format!("{name}의 구성원과 회의"),
        _ => format!("Members and meetings of {name}"),
    };
    let members = one.members.iter().map(|member| {
        json!({"@type": "Organization", "name": member.organization.name.in_language(w.0)})
    });
    let data = json!({"name": name, "member": members.collect::<Vec<_>>()});
    Layout::new(frame, name, description)
        .with_api_on_days(frame, &format!("working-groups/{}", one.meta.id))
        .with_data("Organization", data)
}

/// Returns the facts of a group. Expected facts that are unknown are shown as such.
fn facts(frame: &Frame, cx: &RequestContext, one: &WorkingGroup) -> Vec<Fact> {
    let (w, content) = (frame.w, &one.content);
    let text = |text: Text| vec![Value::Text(text)];
    let mut facts = Vec::new();
    if let Some(purpose) = &content.purpose {
        facts.push(fact(w.t("목적", "Purpose"), text(Text::of(purpose, w))));
    }
    let established = Value::Date(Dated::of(content.established.as_ref(), w));
    facts.push(fact(w.t("구성일", "Established"), vec![established]));
    if let Some(dissolved) = &content.dissolved {
        let on = Value::Date(Dated::of(Some(dissolved), w));
        facts.push(fact(w.t("해산일", "Dissolved"), vec![on]));
    }
    if let Some(project) = &one.project {
        let href = frame.to(&format!("projects/{}", project.id));
        let link = Value::Link(Link::to(href, Text::of(&project.title, w)));
        facts.push(fact(w.t("사업", "Project"), vec![link]));
    }
    if let Some(agreement) = &one.agreement {
        let href = frame.to(&format!("agreements/{}", agreement.id));
        let link = Value::Link(Link::to(href, Text::of(&agreement.title, w)));
        facts.push(fact(w.t("협약", "Agreement"), vec![link]));
    }
    let mut chairs: Vec<_> = chairs(w, one).into_iter().map(Value::Text).collect();
    if chairs.is_empty() {
        chairs = text(Text::stated(w.unknown(), w));
    }
    facts.push(fact(w.t("위원장", "Chair"), chairs));
    facts.push(fact(w.t("회의 주기", "Is to meet"), meets(frame, cx, one)));
    facts
}

/// Returns how often a group is to meet, and by when next.
fn meets(frame: &Frame, cx: &RequestContext, one: &WorkingGroup) -> Vec<Value> {
    let w = frame.w;
    let Some(months) = one.content.meets_every_months else {
        return vec![Value::Text(Text::stated(
            w.t(
                "정해진 주기가 기록되어 있지 않음",
                "No interval is recorded",
            ),
            w,
        ))];
    };
    let mut values = vec![interval(frame, months)];
    if let Some(due) = &one.next_meeting_due {
        let day = frame.as_of.unwrap_or(cx.today);
        let on = w.date(Some(due));
        values.push(match (due.ends_before(day), w.tag()) {
            (true, "ko") => format!("다음 회의 기한: {on} (지남)"),
            (false, "ko") => format!("다음 회의 기한: {on}"),
            (true, _) => format!("next by {on} (overdue)"),
            (false, _) => format!("next by {on}"),
        });
    }
    let values = values.into_iter().map(|value| Text::stated(value, w));
    values.map(Value::Text).collect()
}

fn fact(name: &'static str, values: Vec<Value>) -> Fact {
    Fact {
        name,
        values,
        note: None,
    }
}
