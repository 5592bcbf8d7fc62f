//! The form that records a project.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::NEW;
use super::path;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Hanging, hang, milestone_names};
use crate::pages::office::municipalities::{MUNICIPALITY, chosen};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::projects::milestones::types::MilestoneKind;
use crate::projects::store;
use crate::projects::types::Project;

#[get("/office/projects/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    match chosen(&by, frame, "office/projects/new").await? {
        Ok((frame, own)) => {
            let form = Form::default().with(MUNICIPALITY, own.id.to_string());
            entry::open(&by, frame, form, entry_of).await
        }
        Err(choice) => Ok(choice),
    }
}

#[post("/office/projects/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let complete = |typed: &mut Typed, form: &Form| {
        typed.body["municipality_id"] = json!(form.get(MUNICIPALITY));
        hang_targets(&mut typed.body);
    };
    let place = |frame: &Frame, one: &Project| frame.with(&path(one.meta.id), &[("done", "1")]);
    let ends = (complete, place);
    entry::record(sent, NEW, "create_project", ends, store::create, entry_of).await
}

/// Makes the first targets of milestones hang on the other milestones that they name.
fn hang_targets(body: &mut Value) {
    let Some(milestones) = body.get_mut("milestones").and_then(Value::as_array_mut) else {
        return;
    };
    let known: Vec<Hanging> = (0..)
        .zip(&*milestones)
        .map(|(place, one)| named(place, one))
        .collect();
    for (place, milestone) in (0..).zip(milestones) {
        let others = known.iter().filter(|one| one.place != Some(place));
        let others: Vec<Hanging> = others.cloned().collect();
        if let Some(target) = milestone.pointer_mut("/forecasts/0/target") {
            hang(target, &others);
        }
    }
}

fn named(place: u32, milestone: &Value) -> Hanging {
    let title = Localized::deserialize(&milestone["title"]).ok();
    let kind = MilestoneKind::deserialize(&milestone["kind"]).ok();
    Hanging {
        id: None,
        place: Some(place),
        names: milestone_names(title, kind),
    }
}

fn entry_of(
    _: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("사업 기록", "Record a project").to_owned(),
        lead: vec![
            w.t(
                "문서에 적힌 대로 적고, 모르는 것은 비워 두십시오. 목표 시점이 바뀔 때마다 새로 적으면 앞의 것도 남습니다.",
                "Write what the document says, and leave empty what it does not. Each time a target moves, record the new one: the former ones stay.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office".to_owned(),
        passed: vec![(MUNICIPALITY, form.get(MUNICIPALITY).to_owned())],
        owner: form.get(MUNICIPALITY).parse().ok(),
        ..Entry::default()
    };
    Ok((entry, form))
}
