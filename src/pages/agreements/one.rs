//! An agreement: who promised what to whom, what came of it, and what is not known.

use actix_web::{HttpResponse, get};
use askama::Template;
use serde_json::{Value as Json, json};

use super::chain::{Member, chain};
use super::commitments::{Promise, promises};
use super::compare::{Comparison, comparison};
use super::facts::{PartyRow, facts, in_force, linked, others, parties};
use super::follow_up::{DutyRow, Event, acts, duties, history, steps};
use super::list::commitments;
use super::publications::publications;
use crate::agreements::read;
use crate::agreements::records::AGREEMENT;
use crate::agreements::types::{Agreement, Document};
use crate::changes::store::{self as changes, Wanted};
use crate::changes::types::ChangeList;
use crate::db::{AnyConnection, ReadClass};
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{Gap, ImpreciseDate, Localized, Source, Warning};
use crate::ledger::RequestContext;
use crate::pages::files::Files;
use crate::pages::groups::{Group, groups_of};
use crate::pages::layout::Layout;
use crate::pages::markup::{Dated, Fact, Link, Text};
use crate::pages::office::warned;
use crate::pages::reader::{AS_OF, Frame, Reader};
use crate::pages::words::Words;

/// Changes of a history that are shown.
const CHANGES: i64 = 100;

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage {
    l: Layout,
    title: Text,
    kind: String,
    municipalities: Vec<Link>,
    status: String,
    force: String,
    gaps: Vec<String>,
    facts: Vec<Fact>,
    parties: Vec<PartyRow>,
    others: Vec<Text>,
    commitments: String,
    promises: Vec<Promise>,
    chain: Vec<Member>,
    linked: Vec<Fact>,
    duties: Vec<DutyRow>,
    steps: Vec<Event>,
    acts: Vec<Event>,
    publications: Vec<Event>,
    corrections: Vec<Event>,
    statements: Vec<Statement>,
    groups: Vec<Group>,
    groups_more: Option<String>,
    sources: Vec<Link>,
    documents: Vec<DocumentRow>,
    /// `None` in a view of the past.
    history: Option<Vec<Event>>,
    follow: Vec<Link>,
    days: DaysForm,
    doing: Doing,
    comparison: Comparison,
}

/// What somebody who is signed in can do with an agreement; nothing for readers.
#[derive(Default)]
pub struct Doing {
    /// What was just done.
    pub done: Option<String>,
    /// What is to be done next.
    pub next: Option<Link>,
    pub acts: Vec<Link>,
    pub warnings: Vec<Warned>,
    /// Whether what was stated by mistake can be retracted.
    pub may_retract: bool,
}

/// A warning, with the other agreements that it is about.
pub struct Warned {
    pub text: String,
    pub agreements: Vec<Link>,
    /// The form where what it misses is filled in, for who can do so.
    pub form: Option<Link>,
}

impl Warned {
    pub fn of(frame: &Frame, warning: &Warning) -> Self {
        let links = warning.agreements.iter().map(|one| {
            let href = frame.to(&format!("agreements/{}", one.id));
            Link::to(href, Text::of(&one.title, frame.w))
        });
        Self {
            text: warned(warning, frame.w),
            agreements: links.collect(),
            form: None,
        }
    }
}

impl Doing {
    /// Returns what can be done on the page of a record: nothing on one that shows a past.
    pub fn of(frame: &Frame, acts: Vec<Link>, warnings: &[Warning]) -> Self {
        let w = frame.w;
        let done = frame.get("done").map(|_| w.t("기록했습니다.", "Recorded."));
        Self {
            done: done.map(str::to_owned),
            next: None,
            acts: match frame.asks_about_a_day() {
                true => Vec::new(),
                false => acts,
            },
            warnings: warnings
                .iter()
                .map(|warning| Warned::of(frame, warning))
                .collect(),
            may_retract: false,
        }
    }
}

struct Statement {
    text: Text,
    speaker: Text,
    said_on: Option<Dated>,
}

struct DocumentRow {
    title: Link,
    /// The newest file that whoever reads the page may read.
    file: Option<Link>,
    /// Number and place at which it is kept.
    kept: Vec<Text>,
}

/// The form by which a reader asks about another day.
pub struct DaysForm {
    pub path: String,
    pub as_of: String,
    pub recorded_as_of: String,
    pub open: bool,
}

impl DaysForm {
    pub fn of(frame: &Frame) -> Self {
        let value = |name| frame.get(name).unwrap_or_default().to_owned();
        let (as_of, recorded_as_of) = (value(AS_OF), value(crate::http::RECORDED_AS_OF));
        Self {
            path: frame.own(),
            open: !as_of.is_empty() || !recorded_as_of.is_empty(),
            as_of,
            recorded_as_of,
        }
    }
}

#[get("/agreements/{id}")]
pub async fn agreement(
    Path(id): Path<AgreementId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &_| {
        agreement_page(conn, cx, frame, id, |_| Doing::default())
    };
    reader.page(ReadClass::Cheap, work).await
}

/// Renders an agreement, with what can be done with it.
///
/// # Errors
/// `not_found` if the caller may not see it.
pub fn agreement_page(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: AgreementId,
    doing: impl FnOnce(&Agreement) -> Doing,
) -> Result<String, ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, frame.as_of)?;
    let owners = [&one.municipality].into_iter().chain(&one.co_owners);
    let owners: Vec<_> = owners.map(|owner| owner.id).collect();
    let files = Files::of(conn, cx, frame, &owners, &id.to_string())?;
    let promises = promises(conn, cx, frame, &one, files)?;
    let chain = chain(conn, cx, frame, &one)?;
    let (groups, groups_more) = groups_of(conn, cx, frame, "agreement_id", &id.to_string())?;
    let is_present = frame.as_of.is_none() && frame.recorded_as_of.is_none();
    let history = match is_present {
        true => Some(history(frame, cx, &changes_of(conn, cx, id)?)),
        false => None,
    };
    let title = Text::of(&one.content.title, w);
    let page = AgreementPage {
        l: layout(frame, &one, title.plain()),
        title,
        kind: w.label("AgreementKind", &one.content.kind),
        municipalities: municipalities(frame, &one),
        status: w.label("AgreementStatus", &one.status),
        force: in_force(w, &one),
        gaps: gaps(w, &one.gaps, "AgreementGap"),
        facts: facts(frame, &one),
        parties: parties(frame, &one),
        others: others(w, &one),
        commitments: commitments(w, one.commitments.len(), one.fulfilment.counts),
        promises,
        chain,
        linked: linked(frame, &one),
        duties: duties(frame, &one.duties),
        steps: steps(w, &one),
        acts: acts(w, &one, files),
        publications: publications(w, &one),
        corrections: corrections(frame, cx, &one),
        statements: statements(w, &one),
        groups,
        groups_more,
        sources: one
            .content
            .sources
            .iter()
            .map(|one| source(w, one))
            .collect(),
        documents: documents(frame, &one, files),
        history,
        follow: follow(frame, &one),
        days: DaysForm::of(frame),
        doing: doing(&one),
        comparison: comparison(conn, cx, frame, id)?,
    };
    page.render().map_err(ApiError::internal)
}

fn statements(w: Words, one: &Agreement) -> Vec<Statement> {
    let statements = one.content.statements.iter().map(|said| Statement {
        text: Text::of(&said.text, w),
        speaker: Text::stated(speaker(w, &said.speaker, said.title.as_ref()), w),
        said_on: said.said_on.as_ref().map(|on| Dated::of(Some(on), w)),
    });
    statements.collect()
}

fn changes_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<ChangeList, ApiError> {
    let wanted = Wanted {
        limit: CHANGES,
        latest: true,
        record: Some((&AGREEMENT, id.into())),
        ..Wanted::default()
    };
    changes::list(conn, cx, &wanted)
}

fn layout(frame: &Frame, one: &Agreement, title: &str) -> Layout {
    let w = frame.w;
    let purpose = one.content.purpose.as_ref();
    let names = one.parties.iter();
    let names = names.map(|party| party.organization.name.in_language(w.0).to_owned());
    let names = names.collect::<Vec<_>>().join(", ");
    let description = match purpose {
        Some(purpose) => format!("{names}. {}", purpose.in_language(w.0)),
        None => names,
    };
    let signed = one.content.signed_on.as_ref();
    let signed = signed.filter(|date| date.is_certain_day());
    let creators = one.parties.iter().map(
        |party| json!({"@type": "Organization", "name": party.organization.name.in_language(w.0)}),
    );
    let citations = one
        .content
        .sources
        .iter()
        .filter_map(|source| source.url.clone());
    let mut data = json!({
        "name": title,
        "creator": creators.collect::<Vec<Json>>(),
        "citation": citations.collect::<Vec<String>>(),
        "dateModified": one.meta.updated_at.with_timezone(&chrono::Utc).date_naive(),
    });
    if let Some(purpose) = purpose {
        data["description"] = json!(purpose.in_language(w.0));
    }
    if let Some(day) = signed.and_then(ImpreciseDate::earliest) {
        data["dateCreated"] = json!(day);
    }
    Layout::new(frame, title, description)
        .with_api_on_days(frame, &format!("agreements/{}", one.meta.id))
        .with_feed(frame, &format!("agreements/{}", one.meta.id))
        .with_data("CreativeWork", data)
}

fn municipalities(frame: &Frame, one: &Agreement) -> Vec<Link> {
    let all = std::iter::once(&one.municipality).chain(&one.co_owners);
    let links = all.map(|municipality| {
        let href = frame.to(&format!("municipalities/{}", municipality.id));
        Link::to(href, Text::of(&municipality.name, frame.w))
    });
    links.collect()
}

/// Returns the kinds of missing facts, each with how often it is missing.
pub fn gaps(w: Words, gaps: &[Gap], enumeration: &str) -> Vec<String> {
    let mut counted: Vec<(&Gap, usize)> = Vec::new();
    for gap in gaps {
        match counted.iter_mut().find(|(first, _)| first.code == gap.code) {
            Some((_, count)) => *count += 1,
            None => counted.push((gap, 1)),
        }
    }
    let rows = counted.into_iter().map(|(gap, count)| {
        let label = match w.label(enumeration, &gap.code) {
            // A gap by which no list is filtered has no label.
            label if label == gap.code => w.message(&gap.message).trim_end_matches('.').to_owned(),
            label => label,
        };
        match (count, w.tag()) {
            (1, _) => label,
            (_, "ko") => format!("{label} ({count}곳)"),
            _ => format!("{label} ({count} places)"),
        }
    });
    rows.collect()
}

/// Returns the corrections, each on the day on which it was recorded.
pub fn corrections(frame: &Frame, cx: &RequestContext, one: &Agreement) -> Vec<Event> {
    let w = frame.w;
    let rows = one.corrections.iter().map(|correction| {
        let day = correction.recorded_at.with_timezone(&cx.zone).date_naive();
        Event {
            on: Dated::day(day, w),
            name: w.t("정정", "Correction").to_owned(),
            texts: vec![Text::of(&correction.reason, w)],
            sources: Vec::new(),
        }
    });
    rows.collect()
}

fn speaker(w: Words, name: &str, title: Option<&Localized>) -> String {
    match title {
        Some(title) if w.tag() == "ko" => format!("{} {name}", title.in_language(w.0)),
        Some(title) => format!("{name}, {}", title.in_language(w.0)),
        None => name.to_owned(),
    }
}

/// Returns a source in words, as a link where it has a URL.
pub fn source(w: Words, source: &Source) -> Link {
    let published = source.published_on.as_ref().map(|on| w.date(Some(on)));
    let parts = [
        source.publisher.clone(),
        source.title.clone(),
        source.author.clone(),
        published,
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let words = match (words.is_empty(), &source.url) {
        (false, _) => words,
        (true, Some(url)) => url.clone(),
        (true, None) => w.unknown().to_owned(),
    };
    Link::elsewhere(source.url.as_deref(), Text::stated(words, w))
}

fn documents(frame: &Frame, one: &Agreement, files: Files<'_>) -> Vec<DocumentRow> {
    let id = one.meta.id;
    let rows = one.documents.iter();
    rows.map(|one| document(frame, id, one, files)).collect()
}

fn document(frame: &Frame, id: AgreementId, one: &Document, files: Files<'_>) -> DocumentRow {
    let w = frame.w;
    let file = files.newest(one.files.iter());
    let path = format!("agreements/{id}/documents/{}/file", one.id);
    let content = &one.content.content;
    let number = content
        .file_number
        .iter()
        .map(|number| Text::stated(number.clone(), w));
    let place = content.place_kept.iter().map(|place| Text::of(place, w));
    DocumentRow {
        file: file.map(|file| {
            let name = Text::stated(file.name.clone(), w);
            Link::to(frame.data(&path, &[]), name)
        }),
        title: Link::elsewhere(content.url.as_deref(), Text::of(&content.title, w)),
        kept: number.chain(place).collect(),
    }
}

/// Returns the calendars by which a reader follows an agreement: of its projects and its
/// municipality.
fn follow(frame: &Frame, one: &Agreement) -> Vec<Link> {
    let w = frame.w;
    let calendar = |parameter: &str, id: String, name: Text| {
        let query = [(parameter, id.as_str()), ("lang", w.tag())];
        Link::to(frame.plain("api/v1/timeline.ics", &query), name)
    };
    let projects = one.projects.iter();
    let projects = projects.map(|project| {
        calendar(
            "project_id",
            project.id.to_string(),
            Text::of(&project.title, w),
        )
    });
    let city = &one.municipality;
    let city = calendar(
        "municipality_id",
        city.id.to_string(),
        Text::of(&city.name, w),
    );
    projects.chain([city]).collect()
}
