//! The forms that record milestones, their targets as they were stated, and what happened to them.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::fields::{EDIT_MILESTONE, MILESTONE, OUTCOME, TARGETS};
use super::{path, phases};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::http::{Patch, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, ProjectId};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, Hanging, filled, hang};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::projects::milestones::types::{
    ForecastContent, Milestone, MilestoneContent, MilestoneCreate, OutcomeContent,
};
use crate::projects::milestones::{statements, store};
use crate::projects::store as projects;

/// Returns the URL of the project's page at a milestone.
fn place(frame: &Frame, one: &Milestone) -> String {
    let to = format!("{}#m-{}", path(one.project_id), one.meta.id);
    frame.with(&to, &[("done", "1")])
}

/// Returns the milestones of a project, on which targets can hang.
fn hanging(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project: ProjectId,
) -> Result<Vec<Hanging>, ApiError> {
    let one = projects::get(conn, cx, project, None)?;
    Ok(one.milestones.iter().map(Hanging::on).collect())
}

/// Makes a target hang on the milestone that it names.
fn hang_target(forecast: &mut Value, milestones: &[Hanging]) {
    if let Some(target) = forecast
        .get_mut("target")
        .filter(|target| target.is_object())
    {
        hang(target, milestones);
    }
}

fn nothing(_: &mut Typed, _: &Form) {}

#[get("/office/projects/{id}/milestones/new")]
pub async fn open(Path(id): Path<ProjectId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/projects/{id}/milestones/new")]
pub async fn send(Path(id): Path<ProjectId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, new: &MilestoneCreate| store::create(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    let milestones = sent.by.read(move |conn, cx| hanging(conn, cx, id)).await?;
    let complete = move |typed: &mut Typed, _: &Form| {
        let forecasts = typed
            .body
            .get_mut("forecasts")
            .and_then(Value::as_array_mut);
        for forecast in forecasts.into_iter().flatten() {
            hang_target(forecast, &milestones);
        }
    };
    let ends = (complete, place);
    entry::record(
        sent,
        MILESTONE,
        "create_project_milestone",
        ends,
        work,
        make,
    )
    .await
}

fn new_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: ProjectId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = projects::get(conn, cx, id, None)?;
    let entry = Entry {
        title: w.t("추진 단계 추가", "Add a milestone").to_owned(),
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: MILESTONE,
        send: w.t("기록", "Record"),
        back: path(id),
        offers: vec![("phase", phases(w, &one))],
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/milestones/{id}/edit")]
pub async fn open_edit(
    Path(id): Path<MilestoneId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled(EDIT_MILESTONE, &json(conn, cx, id)?, frame.w);
        edit_of(conn, cx, frame, form, id)
    };
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/milestones/{id}/edit")]
pub async fn send_edit(
    Path(id): Path<MilestoneId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let known = sent.by.read(move |conn, cx| store::get(conn, cx, id, None));
    let project = known.await?.project_id;
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &Patch<MilestoneContent>| {
        store::update(conn, cx, id, expected, |content| patch.apply(content))
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| edit_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT_MILESTONE,
        operation: "update_milestone",
        path: format!("{}#m-{id}", path(project)),
        read: move |conn: &mut _, cx: &_| json(conn, cx, id),
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the milestone as the API shows it.
fn json(conn: &mut AnyConnection, cx: &RequestContext, id: MilestoneId) -> Result<Value, ApiError> {
    serde_json::to_value(store::get(conn, cx, id, None)?).map_err(ApiError::internal)
}

fn edit_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: MilestoneId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let project = projects::get(conn, cx, one.project_id, None)?;
    let (entry, form) = entry_of(conn, cx, frame, form, id, EDIT_MILESTONE)?;
    let said = w.t(
        "잘못 기록한 종류나 이름을 바로잡습니다. 밝힌 목표와 일어난 일은 그대로 있습니다.",
        "This corrects a kind or title that was recorded by mistake. Targets and what happened stay.",
    );
    let entry = Entry {
        lead: vec![said.to_owned()],
        send: w.t("저장", "Save"),
        tag: Some(tag(&one.revision())),
        offers: vec![("phase", phases(w, &project))],
        ..entry
    };
    Ok((entry, form))
}

#[get("/office/milestones/{id}/target")]
pub async fn open_target(
    Path(id): Path<MilestoneId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, TARGETS);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/milestones/{id}/target")]
pub async fn send_target(
    Path(id): Path<MilestoneId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, new: &ForecastContent| {
        statements::add_forecast(conn, cx, id, new)
    };
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, TARGETS);
    let known = sent.by.read(move |conn, cx| {
        let project = store::get(conn, cx, id, None)?.project_id;
        let mut all = hanging(conn, cx, project)?;
        // None hangs on itself.
        all.retain(|one| one.id != Some(id));
        Ok(all)
    });
    let milestones = known.await?;
    let complete = move |typed: &mut Typed, _: &Form| hang_target(&mut typed.body, &milestones);
    let ends = (complete, place);
    entry::record(sent, TARGETS, "create_milestone_forecast", ends, work, make).await
}

#[get("/office/milestones/{id}/outcome")]
pub async fn open_outcome(
    Path(id): Path<MilestoneId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, OUTCOME);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/milestones/{id}/outcome")]
pub async fn send_outcome(
    Path(id): Path<MilestoneId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, new: &OutcomeContent| {
        statements::add_outcome(conn, cx, id, new)
    };
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, OUTCOME);
    let ends = (nothing, place);
    entry::record(sent, OUTCOME, "create_milestone_outcome", ends, work, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: MilestoneId,
    groups: &'static [Group],
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let title = one.content.title.clone();
    let title = title.unwrap_or_else(|| one.content.kind.title());
    let said = |ko, en, date| format!("{}: {}", w.t(ko, en), w.date(date));
    let target = one.target.as_ref();
    let target = target.map(|_| said("지금 목표", "Target now", target));
    let project = one.project.title.in_language(w.0);
    let entry = Entry {
        title: format!("{project}: {}", title.in_language(w.0)),
        lead: target.into_iter().collect(),
        groups,
        send: w.t("기록", "Record"),
        back: path(one.project_id),
        owner: Some(projects::get(conn, cx, one.project_id, None)?.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
