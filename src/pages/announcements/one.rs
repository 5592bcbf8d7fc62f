//! An announcement: what was told, when, by whom, and which record it is about.

use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::json;

use super::about;
use crate::announcements::store;
use crate::announcements::types::Announcement;
use crate::db::{AnyConnection, ReadClass};
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;
use crate::kernel::values::{ImpreciseDate, Localized};
use crate::ledger::RequestContext;
use crate::pages::agreements::{Warned, gaps, source};
use crate::pages::layout::Layout;
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::{Frame, Reader};

#[derive(Template)]
#[template(path = "announcement.html")]
struct AnnouncementPage {
    l: Layout,
    title: Text,
    kind: String,
    municipality: Link,
    standing: String,
    facts: Vec<Fact>,
    /// The paragraphs of its text.
    text: Vec<Text>,
    gaps: Vec<String>,
    sources: Vec<Link>,
    doing: Doing,
}

/// What somebody who is signed in can do with an announcement; nothing for readers.
#[derive(Default)]
pub struct Doing {
    /// What was just done.
    pub done: Option<String>,
    pub acts: Vec<Link>,
    pub warnings: Vec<Warned>,
    /// The records that it is perhaps about; `None` if it is not to be compared.
    pub proposals: Option<Vec<Proposal>>,
}

/// A record that an announcement is perhaps about.
pub struct Proposal {
    pub about: Link,
    pub score: i32,
    pub is_proposed: bool,
    /// Reasons for and against it, each with its points.
    pub reasons: Vec<(String, i32)>,
    /// URLs of the forms that confirm and that reject it; `None` for whoever cannot.
    pub acts: Option<(String, String)>,
}

#[get("/announcements/{id}")]
pub async fn announcement(
    Path(id): Path<AnnouncementId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        announcement_page(conn, cx, frame, id, |_, _| Ok(Doing::default()))
    };
    reader.page(ReadClass::Cheap, work).await
}

/// Renders an announcement, with what can be done with it.
///
/// # Errors
/// `not_found` if the caller may not see it.
pub fn announcement_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: AnnouncementId,
    doing: impl FnOnce(&mut AnyConnection, &Announcement) -> Result<Doing, ApiError>,
) -> Result<String, ApiError> {
    let frame = &frame.clone().without_as_of();
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let content = &one.content;
    let title = Text::of(&content.title, w);
    let city = &one.municipality;
    let city_page = frame.to(&format!("municipalities/{}", city.id));
    let text = content.text.as_ref().map(|text| text.in_language(w.0));
    let paragraphs = text.into_iter().flat_map(str::lines);
    let paragraphs = paragraphs.filter(|line| !line.trim().is_empty());
    let sources = content.sources.iter();
    let page = AnnouncementPage {
        l: layout(frame, &one, title.plain()),
        title,
        kind: w.label("AnnouncementKind", &content.kind),
        municipality: Link::to(city_page, Text::of(&city.name, w)),
        standing: w.label("AnnouncementStanding", &one.standing),
        facts: facts(frame, &one),
        text: paragraphs.map(|line| Text::stated(line, w)).collect(),
        gaps: gaps(w, &one.gaps, "AnnouncementGap"),
        sources: sources.map(|one| source(w, one)).collect(),
        doing: doing(conn, &one)?,
    };
    page.render().map_err(ApiError::internal)
}

fn layout(frame: &Frame, one: &Announcement, title: &str) -> Layout {
    let w = frame.w;
    let content = &one.content;
    let publisher = content.publisher.as_deref();
    let parts = [
        publisher.map(str::to_owned),
        content.announced_on.as_ref().map(|on| w.date(Some(on))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut data = json!({"headline": title, "publisher": publisher, "citation": content.url});
    let on = content
        .announced_on
        .as_ref()
        .filter(|on| on.is_certain_day());
    if let Some(day) = on.and_then(ImpreciseDate::earliest) {
        data["datePublished"] = json!(day);
    }
    Layout::new(frame, title, format!("{title}. {}", parts.join(", ")))
        .with_api_on_days(frame, &format!("announcements/{}", one.meta.id))
        .with_data("NewsArticle", data)
}

/// Returns the facts of an announcement. Expected facts that are unknown are shown as such.
fn facts(frame: &Frame, one: &Announcement) -> Vec<Fact> {
    let (w, content) = (frame.w, &one.content);
    let text = |text: &str| Value::Text(Text::stated(text, w));
    let unknown = || text(w.unknown());
    let url = content.url.as_deref();
    let link = url.map(|url| Value::Link(Link::elsewhere(Some(url), Text::stated(url, w))));
    let publisher = content.publisher.as_deref().map(text);
    let mut facts = vec![
        dated(
            frame,
            w.t("발표일", "Announced on"),
            content.announced_on.as_ref(),
        ),
        fact(
            w.t("발표한 곳", "Publisher"),
            vec![publisher.unwrap_or_else(unknown)],
        ),
        fact(w.t("주소", "Address"), vec![link.unwrap_or_else(unknown)]),
    ];
    if let Some(on) = &content.happened_on {
        facts.push(dated(
            frame,
            w.t("발표한 일의 날짜", "Day of the event"),
            Some(on),
        ));
    }
    let parties = content.parties.iter().map(|party| text(&party.name));
    let amount = content.amount.as_ref().map(|money| text(&w.money(money)));
    let targets = content.targets.iter().map(|one| {
        let step = w.label("MilestoneKind", &one.kind);
        text(&format!("{step}: {}", w.date(Some(&one.target))))
    });
    let about = about(frame, one.agreement.as_ref(), one.milestone.as_ref()).map(Value::Link);
    let reason = one.rejection_reason.as_ref();
    let reason = reason.map(|reason: &Localized| Value::Text(Text::of(reason, w)));
    let department = content.lead_department.as_deref().map(text);
    let lists: [(&'static str, Vec<Value>); 6] = [
        (
            w.t("당사자(발표한 대로)", "Parties, as announced"),
            parties.collect(),
        ),
        (w.t("금액", "Amount"), amount.into_iter().collect()),
        (
            w.t("담당 부서", "Department"),
            department.into_iter().collect(),
        ),
        (
            w.t("발표한 목표 시점", "Targets, as announced"),
            targets.collect(),
        ),
        (w.t("다루는 기록", "Is about"), about.into_iter().collect()),
        (
            w.t("제외 사유", "Reason for the rejection"),
            reason.into_iter().collect(),
        ),
    ];
    let lists = lists.into_iter().filter(|(_, values)| !values.is_empty());
    facts.extend(lists.map(|(name, values)| fact(name, values)));
    facts
}

fn dated(frame: &Frame, name: &'static str, date: Option<&ImpreciseDate>) -> Fact {
    let w = frame.w;
    Fact {
        name,
        values: vec![Value::Date(Dated::of(date, w))],
        note: date
            .and_then(ImpreciseDate::as_stated)
            .map(|words| Text::stated(words, w)),
    }
}

fn fact(name: &'static str, values: Vec<Value>) -> Fact {
    Fact {
        name,
        values,
        note: None,
    }
}
