//! The form that reports on a commitment, for the city and for the partner that owes it.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;

use super::fields::REPORT;
use super::path;
use crate::agreements::read;
use crate::agreements::reports::acts;
use crate::agreements::reports::types::{CommitmentReport, CommitmentReportCreate};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};
use crate::ledger::RequestContext;
use crate::ledger::caller::Role;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::body;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, PartId);

const OPERATION: &str = "create_commitment_report";

#[get("/office/agreements/{id}/commitments/{commitment_id}/report")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open_as(OPERATION, &by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/commitments/{commitment_id}/report")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let typed = body(REPORT, &sent.form, frame.w, sent.by.today()?.year());
    let url = frame.with(&path(ids.0), &[("done", "1")]);
    let place = move |_: &CommitmentReport| url.clone();
    let work =
        move |conn: &mut _, cx: &_, new: &CommitmentReportCreate| acts::create(conn, cx, ids, new);
    let done = sent.post(OPERATION, typed, place, work).await;
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, commitment): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let found = one.commitments.iter().find(|known| known.id == commitment);
    let found = found.ok_or_else(ApiError::not_found)?;
    let mut lead = vec![
        one.content.title.in_language(w.0).to_owned(),
        found.content.text.in_language(w.0).to_owned(),
    ];
    if cx.caller.role == Some(Role::Partner) {
        let said = w.t(
            "지방자치단체가 확인하면 반영됩니다.",
            "Your report counts once the municipality has confirmed it.",
        );
        lead.push(said.to_owned());
    }
    let entry = Entry {
        title: w.t("이행 보고", "Report on a commitment").to_owned(),
        lead,
        groups: REPORT,
        send: w.t("보고", "Report"),
        back: path(id),
        barred: acts::may_report(conn, cx, (id, commitment)).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
