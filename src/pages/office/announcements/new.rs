//! The form that records an announcement by hand.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::fields::NEW;
use super::path;
use crate::announcements::store;
use crate::announcements::types::Announcement;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::Submission;
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry, with_one_more};
use crate::pages::office::form::{body, compact};
use crate::pages::office::municipalities;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

/// Name of the parameter with the municipality that announced.
const MUNICIPALITY: &str = "municipality";

#[get("/office/announcements/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let own = by
        .read_as("create_announcement", municipalities::own)
        .await?;
    let said = frame.get(MUNICIPALITY);
    let chosen = own
        .iter()
        .find(|one| said.is_some_and(|said| one.id.to_string() == said));
    let form = match (chosen, &own[..]) {
        (Some(one), _) | (None, [one]) => Form::default().with(MUNICIPALITY, one.id.to_string()),
        _ => {
            let path = "office/announcements/new";
            return municipalities::choose(&by, frame, own, path, MUNICIPALITY).await;
        }
    };
    entry::open(&by, frame, form, entry_of).await
}

#[post("/office/announcements/new")]
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
    let place = move |one: &Announcement| links.with(&path(one.meta.id), &[("done", "1")]);
    let done = sent.post("create_announcement", typed, place, store::create);
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
        title: w.t("발표 기록", "Record an announcement").to_owned(),
        lead: vec![
            w.t(
                "발표에 적힌 대로 적고, 적혀 있지 않은 것은 비워 두십시오. 기록하면 맞는 협약이나 추진 단계를 찾아 보여 줍니다.",
                "Write what the announcement says, and leave empty what it does not. Agreements and milestones that fit are then proposed.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office/announcements".to_owned(),
        passed: vec![(MUNICIPALITY, form.get(MUNICIPALITY).to_owned())],
        ..Entry::default()
    };
    Ok((entry, form))
}
