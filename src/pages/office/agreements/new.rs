//! The form that records an agreement.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::fields::NEW;
use super::path;
use crate::agreements;
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry, with_one_more};
use crate::pages::office::form::{body, compact};
use crate::pages::office::municipalities;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

/// Name of the parameter with the municipality that owns the agreement.
const MUNICIPALITY: &str = "municipality";

#[get("/office/agreements/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let own = by.read(municipalities::own).await?;
    let said = frame.get(MUNICIPALITY);
    let chosen = own
        .iter()
        .find(|one| said.is_some_and(|said| one.id.to_string() == said));
    let form = match (chosen, &own[..]) {
        (Some(one), _) | (None, [one]) => first(one, &frame),
        _ => {
            return municipalities::choose(&by, frame, own, "office/agreements/new", MUNICIPALITY)
                .await;
        }
    };
    entry::open(&by, frame, form, entry_of).await
}

#[post("/office/agreements/new")]
pub async fn send(mut sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    if let Some(form) = with_one_more(&sent.form, NEW) {
        return entry::open(&sent.by, frame, form, entry_of).await;
    }
    let year = sent.by.today()?.year();
    sent.form = compact(NEW, &sent.form, frame.w);
    let mut typed = body(NEW, &sent.form, frame.w, year);
    typed.body["municipality_id"] = json!(sent.form.get(MUNICIPALITY));
    let links = frame.clone();
    let place = move |one: &Agreement| links.with(&path(one.meta.id), &[("done", "1")]);
    let done = sent.post("create_agreement", typed, place, agreements::create);
    let done = done.await;
    let Submission { by, form } = sent;
    entry::settled(&by, frame, form, done, entry_of).await
}

fn entry_of(
    _: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("협약 기록", "Record an agreement").to_owned(),
        lead: vec![
            w.t(
                "문서에 적힌 대로 적고, 모르는 것은 비워 두십시오. 빈 곳은 ‘미상’으로 남습니다.",
                "Write what the document says, and leave empty what it does not: that stays unknown.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office".to_owned(),
        passed: vec![(MUNICIPALITY, form.get(MUNICIPALITY).to_owned())],
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the form as it is opened: the municipality itself leads.
fn first(own: &OrganizationRef, frame: &Frame) -> Form {
    Form::default()
        .with(MUNICIPALITY, own.id.to_string())
        .with("parties/0/organization", own.name.in_language(frame.w.0))
        .with("parties/0/role", "lead")
}
