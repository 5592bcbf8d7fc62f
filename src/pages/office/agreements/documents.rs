//! The form that adds a document to an agreement, with its file.

use actix_web::{HttpResponse, get, post, web};
use chrono::Datelike;

use super::council::acting;
use super::part_fields::NEW_DOCUMENT;
use super::parts::part_entry;
use super::path;
use crate::agreements::parts::{self, AgreementWithPart};
use crate::agreements::types::DocumentContent;
use crate::agreements::{files, read};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{FileSubmission, Submission};
use crate::http::{Path, State};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::files::{field, file};
use crate::pages::office::form::body;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

const OPERATION: &str = "create_agreement_document";

#[get("/office/agreements/{id}/documents/new")]
pub async fn open(Path(id): Path<AgreementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/documents/new")]
pub async fn send(
    Path(id): Path<AgreementId>,
    sent: FileSubmission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.sent.by.request())?;
    let done = added(id, &sent, &state, &frame).await;
    let Submission { by, form } = sent.sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::settled(&by, frame, form, done, make).await
}

/// Adds the document, and returns the URL to go on to.
async fn added(
    id: AgreementId,
    sent: &FileSubmission,
    state: &State,
    frame: &Frame,
) -> Result<String, ApiError> {
    let Submission { by, form } = &sent.sent;
    // Nobody has a file kept who may not add the document.
    by.read_as(OPERATION, move |conn, cx| {
        files::check_addition(conn, cx, id)
    })
    .await?;
    let mut typed = body(NEW_DOCUMENT, form, frame.w, by.today()?.year());
    let file = match file(sent, state).await? {
        Ok(file) => file,
        Err(wrong) => {
            // What is wrong beside the file is named as well, and nothing is recorded.
            typed.unclear.push(wrong);
            None
        }
    };
    let url = frame.with(&path(id), &[("done", "1")]);
    let place = move |_: &AgreementWithPart| url.clone();
    let new = file.clone();
    let work = move |conn: &mut _, cx: &_, content: &DocumentContent| match &new {
        Some(file) => files::add_document(conn, cx, id, content, file),
        None => parts::add(conn, cx, id, content, None),
    };
    let recorded = sent.record(OPERATION, typed, place, work);
    match &file {
        Some(file) => file.kept_by(state, recorded).await,
        None => recorded.await,
    }
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AgreementId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let title = ("문서 추가", "Add a document");
    let mut entry = part_entry(conn, cx, frame, &one, title, NEW_DOCUMENT);
    entry.owner = Some(acting(cx, &one));
    entry.file = Some(field(w, w.t(
        "서명한 협약서 등. PDF, HWP, HWPX, DOCX, XLSX와 이미지를 받습니다. 없으면 비워 두십시오.",
        "Such as the signed paper: PDF, HWP, HWPX, DOCX, XLSX or a picture. Leave it empty if there is none.",
    )));
    Ok((entry, form))
}
