//! The form that retracts a report which was recorded by mistake. It stays visible, with the reason.

use actix_web::{HttpResponse, get, post};

use super::part_edits::path as parts_path;
use super::part_fields::RETRACTION;
use crate::agreements::reports::types::CommitmentReport;
use crate::agreements::reports::{acts, views};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::kernel::values::RetractionCreate;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, PartId, ReportId);

const OPERATION: &str = "retract_commitment_report";

#[get("/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/retraction")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open_as(OPERATION, &by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}/retraction")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let place = move |frame: &Frame, _: &CommitmentReport| {
        frame.with(&super::path(ids.0), &[("done", "1")])
    };
    let ends = (|_: &mut Typed, _: &Form| (), place);
    let work =
        move |conn: &mut _, cx: &_, why: &RetractionCreate| acts::retract(conn, cx, ids, why);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::record(sent, RETRACTION, OPERATION, ends, work, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let report = views::get(conn, cx, ids)?;
    let content = &report.content;
    let entry = Entry {
        title: w.t("보고를 철회합니까?", "Retract the report?").to_owned(),
        lead: vec![
            w.t(
                "잘못 기록한 보고만 철회하십시오. 철회한 보고는 사유와 함께 남고 집계에서 제외됩니다. 바른 보고는 새로 기록합니다.",
                "Retract only what was recorded by mistake. It stays visible with the reason, and no longer counts. Record the right report anew.",
            )
            .to_owned(),
        ],
        list: vec![
            report.commitment.text.in_language(w.0).to_owned(),
            format!(
                "{}: {}",
                w.date(Some(&content.on)),
                w.label("ReportedStatus", &content.status)
            ),
        ],
        groups: RETRACTION,
        send: w.t("철회", "Retract"),
        back: parts_path(ids.0),
        barred: acts::may_retract(conn, cx, ids).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
