//! The form that corrects the day of a step.

use actix_web::{HttpResponse, get, post};
use serde_json::{Value, json};

use super::part_edits::path as parts_path;
use super::parts::reason;
use super::step_fields::STEP_DAY;
use crate::agreements::types::{Agreement, Transition};
use crate::agreements::{may_change, read, step_days};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::filled;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

type Ids = (AgreementId, usize);

#[get("/office/agreements/{id}/transitions/{place}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled(STEP_DAY, &json(conn, cx, ids)?, frame.w);
        entry_of(conn, cx, frame, form, ids)
    })
    .await
}

#[post("/office/agreements/{id}/transitions/{place}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let reason = reason(&sent.form);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        step_days::correct(conn, cx, ids, expected, patch, reason.as_ref())
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    let change = Change {
        groups: &STEP_DAY[1..],
        operation: "update_agreement_transition",
        path: super::path(ids.0),
        read: move |conn: &mut _, cx: &_| json(conn, cx, ids),
    };
    change::change(sent, change, |_| (), work, make).await
}

fn found(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, place): Ids,
) -> Result<(Agreement, Transition), ApiError> {
    let one = read::get(conn, cx, id, None)?;
    let step = one.transitions.get(place).cloned();
    Ok((one, step.ok_or_else(ApiError::not_found)?))
}

fn json(conn: &mut AnyConnection, cx: &RequestContext, ids: Ids) -> Result<Value, ApiError> {
    Ok(json!({ "on": found(conn, cx, ids)?.1.on }))
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let (one, step) = found(conn, cx, ids)?;
    let status = w.label("AgreementStatus", &step.to);
    let entry = Entry {
        title: match w.tag() {
            "ko" => format!("단계 날짜 정정: {status}"),
            _ => format!("Correct the day of a step: {status}"),
        },
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            w.t(
                "앞 단계 날짜와 뒤 단계 날짜 사이여야 합니다. 의무와 기한, 효력은 새 날로 다시 계산됩니다.",
                "It lies between the days of the steps before and after. Duties, due dates and force follow from the new day.",
            )
            .to_owned(),
        ],
        groups: STEP_DAY,
        send: w.t("저장", "Save"),
        back: parts_path(ids.0),
        tag: Some(tag(&one.revision())),
        owner: Some(one.municipality_id),
        barred: may_change(conn, cx, ids.0).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
