//! A partner's report, which the city confirms or declines.

use actix_web::{HttpResponse, get, post};
use serde_json::{Map, Value, json};

use super::fields::REVIEW;
use super::path;
use crate::agreements::read;
use crate::agreements::reports::types::{
    CommitmentReport, ConfirmationCreate, RefusalCreate, Standing,
};
use crate::agreements::reports::{acts, views};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId, ReportId};
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

type Ids = (AgreementId, PartId, ReportId);

#[get("/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/commitments/{commitment_id}/reports/{report_id}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let url = frame.with(&path(ids.0), &[("done", "1")]);
    let place = move |_: &CommitmentReport| url.clone();
    let language = frame.w.tag();
    let text = sent.form.get("text").to_owned();
    let is_declined = sent.form.get("decision") == "declined";
    let body = |member: &str| {
        let mut body = Map::new();
        if !text.is_empty() {
            body.insert(member.to_owned(), json!({ language: text }));
        }
        Value::Object(body)
    };
    let done = if is_declined {
        let work = move |conn: &mut _, cx: &_, why: &_| acts::decline(conn, cx, ids, why);
        sent.post::<RefusalCreate, _>("decline_commitment_report", body("reason"), place, work)
            .await
    } else {
        let work = move |conn: &mut _, cx: &_, with: &_| acts::confirm(conn, cx, ids, with);
        sent.post::<ConfirmationCreate, _>("confirm_commitment_report", body("note"), place, work)
            .await
    };
    let done = done.map_err(|error| {
        error
            .pointing("/reason", "/text")
            .pointing("/note", "/text")
    });
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

/// Returns what has become of a report, and why.
fn decision(w: Words, report: &CommitmentReport) -> Vec<String> {
    let standing = w.label("Standing", &report.standing);
    let confirmed = report.confirmation.as_ref();
    let confirmed = confirmed.and_then(|one| one.note.as_ref());
    let refused = report.refusal.as_ref().map(|one| &one.reason);
    let retracted = report.retraction.as_ref().map(|one| &one.reason);
    let why = retracted.or(refused).or(confirmed);
    let why = why.map(|why| why.in_language(w.0).to_owned());
    [format!("{}: {standing}", w.t("결정", "Decision"))]
        .into_iter()
        .chain(why)
        .collect()
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
    let by = report.reported_by.organization.as_ref();
    let by = by.map_or(report.reported_by.name.as_str(), |one| {
        one.name.in_language(w.0)
    });
    let share = content
        .percent
        .map(|percent| format!(", {percent}%"))
        .unwrap_or_default();
    let lead = [
        Some(report.agreement.title.in_language(w.0).to_owned()),
        Some(report.commitment.text.in_language(w.0).to_owned()),
        Some(format!(
            "{by}: {} ({}{share})",
            w.label("ReportedStatus", &content.status),
            w.date(Some(&content.on)),
        )),
        content
            .note
            .as_ref()
            .map(|note| note.in_language(w.0).to_owned()),
    ];
    let is_open = report.standing == Standing::AwaitingConfirmation;
    let decided = (!is_open).then(|| decision(w, &report));
    let entry = Entry {
        title: w
            .t("협력기관의 보고 확인", "Confirm a partner's report")
            .to_owned(),
        lead: lead.into_iter().flatten().collect(),
        list: decided.into_iter().flatten().collect(),
        groups: if is_open { REVIEW } else { &[] },
        send: if is_open {
            w.t("보내기", "Send")
        } else {
            ""
        },
        back: "office".to_owned(),
        owner: Some(read::get(conn, cx, ids.0, None)?.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
