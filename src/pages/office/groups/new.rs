//! The form that records a working group.

use actix_web::{HttpResponse, get, post};
use serde_json::json;

use super::done;
use super::fields::NEW;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::municipalities::{MUNICIPALITY, chosen};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::working_groups::store;
use crate::working_groups::types::WorkingGroup;

/// Parameters with the record that the group serves, and their members in the body.
const SERVES: [(&str, &str); 2] = [("project", "project_id"), ("agreement", "agreement_id")];

#[get("/office/working-groups/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    match chosen(&by, frame, "office/working-groups/new").await? {
        Ok((frame, own)) => {
            let mut form = Form::default().with(MUNICIPALITY, own.id.to_string());
            for (parameter, _) in SERVES {
                form = form.with(parameter, frame.get(parameter).unwrap_or_default());
            }
            entry::open(&by, frame, form, entry_of).await
        }
        Err(choice) => Ok(choice),
    }
}

#[post("/office/working-groups/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let complete = |typed: &mut Typed, form: &Form| {
        typed.body["municipality_id"] = json!(form.get(MUNICIPALITY));
        for (parameter, member) in SERVES {
            if !form.get(parameter).is_empty() {
                typed.body[member] = json!(form.get(parameter));
            }
        }
    };
    let place = |frame: &Frame, one: &WorkingGroup| done(frame, one.meta.id);
    let ends = (complete, place);
    entry::record(
        sent,
        NEW,
        "create_working_group",
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
    let passed = SERVES.iter().map(|(parameter, _)| *parameter);
    let passed = passed
        .chain([MUNICIPALITY])
        .map(|name| (name, form.get(name).to_owned()));
    let entry = Entry {
        title: w.t("실무협의체 기록", "Record a working group").to_owned(),
        lead: vec![
            w.t(
                "구성원은 기관이거나, 그 기관의 직위나 사람입니다.",
                "A member is an organization, or a post or a person of it.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office".to_owned(),
        passed: passed.collect(),
        owner: form.get(MUNICIPALITY).parse().ok(),
        ..Entry::default()
    };
    Ok((entry, form))
}
