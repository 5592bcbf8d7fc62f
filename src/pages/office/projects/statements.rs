//! The form that records figures of a project as they were stated.

use actix_web::{HttpResponse, get, post};

use super::fields::STATEMENT;
use super::{path, phases};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::projects::statements::store;
use crate::projects::statements::types::ProjectStatementContent;
use crate::projects::store as projects;
use crate::projects::types::Project;

#[get("/office/projects/{id}/statements/new")]
pub async fn open(Path(id): Path<ProjectId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/projects/{id}/statements/new")]
pub async fn send(Path(id): Path<ProjectId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let place = |frame: &Frame, one: &Project| frame.with(&path(one.meta.id), &[("done", "1")]);
    let ends = (|_: &mut Typed, _: &Form| {}, place);
    let work =
        move |conn: &mut _, cx: &_, new: &ProjectStatementContent| store::add(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::record(
        sent,
        STATEMENT,
        "create_project_statement",
        ends,
        work,
        make,
    )
    .await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: ProjectId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = projects::get(conn, cx, id, None)?;
    let entry = Entry {
        title: w.t("밝힌 수치 기록", "Record stated figures").to_owned(),
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            w.t(
                "그날 밝힌 것만 적으십시오. 앞서 밝힌 수치는 그대로 남습니다.",
                "Write what was stated on that day alone. What was stated before stays.",
            )
            .to_owned(),
        ],
        groups: STATEMENT,
        send: w.t("기록", "Record"),
        back: path(id),
        offers: vec![("phase", phases(w, &one))],
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
