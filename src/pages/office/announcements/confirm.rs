//! The form that confirms which record an announcement is about, with the targets that it states.

use actix_web::{HttpResponse, get, post};
use uuid::Uuid;

use super::about::{add_record, form_about, milestone, named, passed, placed, title_of};
use super::fields::{OF_AGREEMENT, OF_MILESTONE};
use super::path;
use crate::agreements::read as agreements;
use crate::announcements::types::{AnnouncedTarget, Announcement, AnnouncementConfirmation};
use crate::announcements::{steps, store};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, AnnouncementId};
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Context, read_date};
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::Group;
use crate::pages::office::visit::{Visit, go_to};
use crate::pages::reader::Frame;
use crate::projects::milestones::store as milestones;
use crate::projects::milestones::types::Milestone;

/// Milestones for which a form offers a target at most.
const MOST: usize = 50;

#[get("/office/announcements/{id}/confirm")]
pub async fn open(Path(id): Path<AnnouncementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let form = form_about(&frame);
    // The announcement has the records among which one is chosen.
    if passed(&form).is_empty() {
        return Ok(go_to(&frame.to(&path(id))));
    }
    entry::open(&by, frame, form, move |conn, cx, frame, form| {
        confirmation(conn, cx, frame, form, id, true)
    })
    .await
}

#[post("/office/announcements/{id}/confirm")]
pub async fn send(
    Path(id): Path<AnnouncementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let (groups, ends) = (groups(&sent.form), (add_record, placed));
    let work = move |conn: &mut _, cx: &_, new: &AnnouncementConfirmation| {
        steps::confirm(conn, cx, id, new)
    };
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| confirmation(conn, cx, frame, form, id, false);
    entry::record(sent, groups, "confirm_announcement", ends, work, make).await
}

fn groups(form: &Form) -> &'static [Group] {
    match form.get("milestone_id") {
        "" => OF_AGREEMENT,
        _ => OF_MILESTONE,
    }
}

fn confirmation(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AnnouncementId,
    is_first: bool,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let all = served(conn, cx, &form)?;
    let (form, titles) = with_targets(frame, form, &one, &all, is_first);
    let said = w.t(
        "발표가 이 기록의 출처가 됩니다. 아래에 적은 목표 시점은 발표일에 밝힌 것으로 기록하며, 비워 둔 것은 기록하지 않습니다.",
        "The announcement becomes a source of the record. Targets typed below are recorded as stated on the day of the announcement; what is left empty is not.",
    );
    let about = named(conn, cx, frame, &form)?.ok_or_else(ApiError::not_found)?;
    let entry = Entry {
        title: w.t("다루는 기록 확인", "Confirm the record").to_owned(),
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            said.to_owned(),
        ],
        list: vec![about],
        groups: groups(&form),
        send: w.t("확인", "Confirm"),
        back: path(id),
        passed: passed(&form),
        titles,
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the milestones of the projects that the record of a form serves or is of.
fn served(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    form: &Form,
) -> Result<Vec<Milestone>, ApiError> {
    let projects: Vec<_> = if let Ok(id) = form.get("agreement_id").parse::<Uuid>() {
        let one = agreements::get(conn, cx, AgreementId::from(id), None)?;
        one.projects.iter().map(|project| project.id).collect()
    } else {
        let one = milestone(conn, cx, form)?;
        one.iter().map(|one| one.project_id).collect()
    };
    let mut all = Vec::new();
    for project in projects {
        all.extend(milestones::of_project(conn, cx, project, None)?);
    }
    all.truncate(MOST);
    Ok(all)
}

/// Adds an item for each milestone that the form has not yet; a form that is opened has the targets
/// that the announcement states. Returns the form, and the headings of its items.
fn with_targets(
    frame: &Frame,
    mut form: Form,
    one: &Announcement,
    all: &[Milestone],
    is_first: bool,
) -> (Form, Vec<(String, String)>) {
    let at = |place: usize, member: &str| format!("forecasts/{place}/{member}");
    let mut place = (0..)
        .take_while(|place| form.has(&at(*place, "milestone_id")))
        .count();
    for milestone in all {
        let id = milestone.meta.id.to_string();
        if (0..place).any(|known| form.get(&at(known, "milestone_id")) == id) {
            continue;
        }
        form = form.with(at(place, "milestone_id"), id);
        let of_kind = |target: &&_| is_first && is_new(milestone, target);
        if let Some(told) = one.content.targets.iter().find(of_kind) {
            form = form.with(at(place, "target"), typed(&told.target));
        }
        place += 1;
    }
    let titles = (0..place).filter_map(|place| {
        let id = form.get(&at(place, "milestone_id"));
        let found = all.iter().find(|one| one.meta.id.to_string() == id)?;
        Some((format!("forecasts/{place}"), title_of(frame, found)))
    });
    let titles = titles.collect();
    (form, titles)
}

/// Returns whether a target is one of a milestone's kind that nobody has stated of it.
fn is_new(milestone: &Milestone, told: &AnnouncedTarget) -> bool {
    let mut known = milestone.forecasts.iter();
    told.kind == milestone.content.kind
        && !known.any(|known| known.content.target.same_days(&told.target))
}

/// Returns a date as it is typed: as stated, unless that means nothing without the announcement, such as
/// "this year".
fn typed(date: &ImpreciseDate) -> String {
    let stated = date.as_stated().filter(|words| {
        let read = read_date(words, &Context::default()).value;
        read.is_some_and(|read| read.same_days(date))
    });
    let stated = stated.map(str::to_owned);
    stated.or_else(|| date.edtf()).unwrap_or_default()
}
