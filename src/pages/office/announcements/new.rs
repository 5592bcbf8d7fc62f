//! The form that records an announcement by hand.

use actix_web::{HttpResponse, get, post};
use serde_json::json;

use super::about::placed;
use super::fields::NEW;
use crate::announcements::store;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::municipalities::{MUNICIPALITY, chosen};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[get("/office/announcements/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    match chosen(&by, frame, "office/announcements/new").await? {
        Ok((frame, own)) => {
            let form = Form::default().with(MUNICIPALITY, own.id.to_string());
            entry::open(&by, frame, form, entry_of).await
        }
        Err(choice) => Ok(choice),
    }
}

#[post("/office/announcements/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let complete = |typed: &mut Typed, form: &Form| {
        typed.body["municipality_id"] = json!(form.get(MUNICIPALITY));
    };
    let ends = (complete, placed);
    entry::record(
        sent,
        NEW,
        "create_announcement",
        ends,
        store::create,
        entry_of,
    )
    .await
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
        owner: form.get(MUNICIPALITY).parse().ok(),
        ..Entry::default()
    };
    Ok((entry, form))
}
