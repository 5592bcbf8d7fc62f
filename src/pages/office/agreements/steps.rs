//! The forms by which an agreement goes on: review, approval, signing with its signatories, and its end
//! with the outcome of each open commitment.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::fields::{ENDING, SIGNING, STEP};
use super::path;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{Agreement, AgreementStatus, TransitionCreate};
use crate::agreements::{read, transition};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, body, compact};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, AgreementStatus);

fn groups(to: AgreementStatus) -> &'static [Group] {
    match to {
        AgreementStatus::Signed => SIGNING,
        AgreementStatus::Completed | AgreementStatus::Terminated | AgreementStatus::Superseded => {
            ENDING
        }
        AgreementStatus::Draft
        | AgreementStatus::InReview
        | AgreementStatus::Approved
        | AgreementStatus::Withdrawn
        | AgreementStatus::Voided => STEP,
    }
}

#[get("/office/agreements/{id}/steps/{to}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/steps/{to}")]
pub async fn send(Path(ids): Path<Ids>, mut sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let (id, to) = ids;
    let groups = groups(to);
    sent.form = compact(groups, &sent.form, frame.w);
    let mut typed = body(groups, &sent.form, frame.w, sent.by.today()?.year());
    typed.body["to"] = json!(to);
    let url = frame.with(&path(id), &[("done", "1")]);
    let place = move |_: &Agreement| url.clone();
    let work = move |conn: &mut _, cx: &_, step: &TransitionCreate| transition(conn, cx, id, step);
    let done = sent.post("create_agreement_transition", typed, place, work);
    let done = done.await;
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, to): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let status = w.label("AgreementStatus", &to);
    let (form, titles) = with_items(frame, form, &one, to);
    let entry = Entry {
        title: match w.tag() {
            "ko" => format!("단계: {status}"),
            _ => format!("Step: {status}"),
        },
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups: groups(to),
        send: w.t("기록", "Record"),
        back: path(id),
        titles,
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Adds an item for each party that can sign, or each open commitment, that the form has not yet.
/// Returns the form, and the headings of its items.
fn with_items(
    frame: &Frame,
    mut form: Form,
    one: &Agreement,
    to: AgreementStatus,
) -> (Form, Vec<(String, String)>) {
    let w = frame.w;
    let (list, member, all): (_, _, Vec<(String, String)>) =
        match groups(to).get(1).map(|group| group.list) {
            Some("signatures") => {
                let parties = one.parties.iter();
                let parties = parties.map(|party| {
                    (
                        party.id.to_string(),
                        party.organization.name.in_language(w.0).to_owned(),
                    )
                });
                ("signatures", "party_id", parties.collect())
            }
            Some("commitments") => {
                let is_open = |status| {
                    matches!(
                        status,
                        CommitmentStatus::Unknown
                            | CommitmentStatus::NotStarted
                            | CommitmentStatus::InProgress
                    )
                };
                let left = one
                    .commitments
                    .iter()
                    .filter(|known| is_open(known.progress.status));
                let left = left.map(|known| {
                    (
                        known.id.to_string(),
                        known.content.text.in_language(w.0).to_owned(),
                    )
                });
                ("commitments", "commitment_id", left.collect())
            }
            _ => return (form, Vec::new()),
        };
    let mut place = (0..)
        .take_while(|place| form.has(&format!("{list}/{place}/{member}")))
        .count();
    for (id, _) in &all {
        let is_known = (0..place).any(|known| form.get(&format!("{list}/{known}/{member}")) == id);
        if !is_known {
            form = form.with(format!("{list}/{place}/{member}"), id);
            place += 1;
        }
    }
    let titles = (0..place).filter_map(|place| {
        let id = form.get(&format!("{list}/{place}/{member}"));
        let (_, name) = all.iter().find(|(known, _)| known == id)?;
        Some((format!("{list}/{place}"), name.clone()))
    });
    let titles = titles.collect();
    (form, titles)
}
