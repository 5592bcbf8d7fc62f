//! The form that retracts a target, an outcome or figures of a project that were recorded by mistake.
//! They stay visible, with the reason.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;

use super::fields::RETRACTION;
use super::path;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MilestoneId, ProjectId, StatementId};
use crate::kernel::values::RetractionCreate;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::projects::milestones::statements::{self, Statement};
use crate::projects::milestones::store;
use crate::projects::milestones::types::Milestone;
use crate::projects::statements::store as figures;
use crate::projects::store as projects;
use crate::projects::types::Project;

/// What is retracted of a milestone.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Targets,
    Outcomes,
}

type Ids = (MilestoneId, Kind, StatementId);

#[get("/office/milestones/{id}/{kind}/{statement_id}/retraction")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/milestones/{id}/{kind}/{statement_id}/retraction")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (id, kind, statement) = ids;
    let (operation, statement) = match kind {
        Kind::Targets => ("retract_milestone_forecast", Statement::Forecast(statement)),
        Kind::Outcomes => ("retract_milestone_outcome", Statement::Outcome(statement)),
    };
    let place = |frame: &Frame, one: &Milestone| {
        let to = format!("{}#m-{}", path(one.project_id), one.meta.id);
        frame.with(&to, &[("done", "1")])
    };
    let work = move |conn: &mut _, cx: &_, why: &RetractionCreate| {
        statements::retract(conn, cx, id, statement, why)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::record(sent, RETRACTION, operation, (nothing, place), work, make).await
}

fn nothing(_: &mut Typed, _: &Form) {}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, kind, statement): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let title = one.content.title.clone();
    let title = title.unwrap_or_else(|| one.content.kind.title());
    let said = match kind {
        Kind::Targets => one
            .forecasts
            .iter()
            .find(|known| known.id == statement)
            .map(|known| {
                let stated = w.date(Some(&known.content.stated_on));
                let target = w.date(Some(&known.content.target));
                format!("{}: {target} ({stated})", w.t("목표 시점", "Target"))
            }),
        Kind::Outcomes => one
            .outcomes
            .iter()
            .find(|known| known.id == statement)
            .map(|known| {
                let on = w.date(Some(&known.content.on));
                format!("{}: {on}", w.label("OutcomeKind", &known.content.kind))
            }),
    };
    let said = said.ok_or_else(ApiError::not_found)?;
    let list = vec![
        one.project.title.in_language(w.0).to_owned(),
        title.in_language(w.0).to_owned(),
        said,
    ];
    let project = projects::get(conn, cx, one.project_id, None)?;
    Ok((entry_about(w, list, &project), form))
}

fn entry_about(w: Words, list: Vec<String>, project: &Project) -> Entry {
    Entry {
        title: w.t("철회합니까?", "Retract it?").to_owned(),
        lead: vec![
            w.t(
                "잘못 기록한 것만 철회하십시오. 그 뒤에 목표가 바뀌었으면 새 목표를 더하십시오. 철회한 것은 사유와 함께 남고, 집계에서 제외됩니다.",
                "Retract only what was recorded by mistake; where a target moved since, add the new one. What is retracted stays visible with the reason, and no longer counts.",
            )
            .to_owned(),
        ],
        list,
        groups: RETRACTION,
        send: w.t("철회하기", "Retract"),
        back: path(project.meta.id),
        owner: Some(project.municipality_id),
        ..Entry::default()
    }
}

type OfProject = (ProjectId, StatementId);

#[get("/office/projects/{id}/statements/{statement_id}/retraction")]
pub async fn open_figures(
    Path(ids): Path<OfProject>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| figures_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/projects/{id}/statements/{statement_id}/retraction")]
pub async fn send_figures(
    Path(ids): Path<OfProject>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let place = |frame: &Frame, one: &Project| frame.with(&path(one.meta.id), &[("done", "1")]);
    let work = move |conn: &mut _, cx: &_, why: &RetractionCreate| {
        figures::retract(conn, cx, ids.0, ids.1, why)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| figures_of(conn, cx, frame, form, ids);
    let operation = "retract_project_statement";
    entry::record(sent, RETRACTION, operation, (nothing, place), work, make).await
}

fn figures_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, statement): OfProject,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = projects::get(conn, cx, id, None)?;
    let said = one.statements.iter().find(|known| known.id == statement);
    let said = said.ok_or_else(ApiError::not_found)?;
    let stated = w.date(Some(&said.content.stated_on));
    let list = vec![
        one.content.title.in_language(w.0).to_owned(),
        format!("{}: {stated}", w.t("밝힌 수치", "Stated figures")),
    ];
    Ok((entry_about(w, list, &one), form))
}
