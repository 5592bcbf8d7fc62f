//! The forms that change the facts of a project with its places and phases, and add a phase.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::{Value, json};

use super::fields::{EDIT, NEW_PHASE};
use super::path;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::http::{Patch, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::kernel::values::{Versioned, remove_derived};
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, body, filled_with_items};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::projects::store;
use crate::projects::types::ProjectContent;

#[get("/office/projects/{id}/edit")]
pub async fn open(Path(id): Path<ProjectId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled_with_items(EDIT, &json(conn, cx, id)?, frame.w);
        entry_of(conn, cx, frame, form, id, EDIT)
    })
    .await
}

#[post("/office/projects/{id}/edit")]
pub async fn send(Path(id): Path<ProjectId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, EDIT);
    let json = move |conn: &mut _, cx: &_| json(conn, cx, id);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &Patch<ProjectContent>| {
        store::update(conn, cx, id, expected, |content| patch.apply(content))
    };
    let change = Change {
        groups: EDIT,
        operation: "update_project",
        path: path(id),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

#[get("/office/projects/{id}/phases/new")]
pub async fn open_phase(Path(id): Path<ProjectId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, form| {
        entry_of(conn, cx, frame, form, id, NEW_PHASE)
    })
    .await
}

#[post("/office/projects/{id}/phases/new")]
pub async fn send_phase(
    Path(id): Path<ProjectId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let record = sent.by.read(move |conn, cx| json(conn, cx, id)).await?;
    let mut typed = body(NEW_PHASE, &sent.form, frame.w, sent.by.today()?.year());
    let mut phases = record["phases"].clone();
    remove_derived(&mut phases);
    let mut phases = phases.as_array().cloned().unwrap_or_default();
    let place = format!("/phases/{}", phases.len());
    phases.push(typed.body);
    typed.body = json!({ "phases": phases });
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &Patch<ProjectContent>| {
        store::update(conn, cx, id, expected, |content| patch.apply(content))
    };
    let changed = sent.change("update_project", typed, work).await;
    // The form shows the new phase alone.
    let done = changed
        .map(|_| frame.with(&path(id), &[("done", "1")]))
        .map_err(|error| error.below(&place));
    let Submission { by, form } = sent;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id, NEW_PHASE);
    entry::settled(&by, frame, form, done, make).await
}

/// Returns the project as the API shows it.
fn json(conn: &mut AnyConnection, cx: &RequestContext, id: ProjectId) -> Result<Value, ApiError> {
    serde_json::to_value(store::get(conn, cx, id, None)?).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: ProjectId,
    groups: &'static [Group],
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let entry = Entry {
        title: one.content.title.in_language(w.0).to_owned(),
        lead: vec![
            w.t(
                "수정하는 것은 지금의 내용입니다. 그때그때 밝힌 사업비, 면적과 진행률은 ‘밝힌 수치’로 출처와 함께 기록하십시오.",
                "This changes the present content. Record cost, area and progress as they were stated, with their source, as stated figures.",
            )
            .to_owned(),
        ],
        groups,
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
