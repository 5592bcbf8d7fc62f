//! The form that records an agreement, perhaps one that follows another.

use actix_web::{HttpResponse, get, post};
use serde_json::json;

use super::fields::{NEW, PROJECTS};
use super::following::{self, Following};
use super::{paper, path, projects};
use crate::agreements;
use crate::agreements::types::{Agreement, AgreementStatus};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::ProjectId;
use crate::kernel::language::Message;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::localized;
use crate::pages::office::municipalities::{MUNICIPALITY, chosen};
use crate::pages::office::tables::DONE;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

#[get("/office/agreements/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let (frame, own) = match chosen(&by, frame, "office/agreements/new").await? {
        Ok(found) => found,
        Err(choice) => return Ok(choice),
    };
    let Some((how, old)) = Following::of(|name| frame.get(name).unwrap_or_default()) else {
        let form = first(&own, frame.w);
        return entry::open(&by, frame, form, entry_of).await;
    };
    let form = Form::default().with(MUNICIPALITY, own.id.to_string());
    let make = move |conn: &mut _, cx: &_, frame: &Frame, form| {
        let form = following::filled(conn, cx, frame.w, form, (how, old))?;
        entry_of(conn, cx, frame, form)
    };
    entry::open(&by, frame, form, make).await
}

#[post("/office/agreements/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let link = Following::of(|name| sent.form.get(name));
    let served = sent.form.all(PROJECTS);
    let served: Vec<ProjectId> = served.filter_map(|id| id.parse().ok()).collect();
    let known = sent.by.read(move |conn, cx| {
        let topics = match link {
            Some((_, old)) => following::topics(conn, cx, old)?,
            None => json!([]),
        };
        Ok((topics, projects::milestones(conn, cx, &served)?))
    });
    let (topics, milestones) = known.await?;
    let w = Frame::of(sent.by.request())?.w;
    let complete = |typed: &mut Typed, form: &Form| {
        typed.body["municipality_id"] = json!(form.get(MUNICIPALITY));
        if let Some((how, old)) = link {
            typed.body[how.member()] = json!(old);
            typed.body["topics"] = localized(form.get("topics"), &topics, w);
        }
        urgently(typed);
        projects::hang_commitments(&mut typed.body, &milestones);
    };
    let done = paper::done(&sent.form);
    let place =
        move |frame: &Frame, one: &Agreement| frame.with(&path(one.meta.id), &[(DONE, done)]);
    let ends = (complete, place);
    let work = agreements::create;
    entry::record(sent, NEW, "create_agreement", ends, work, entry_of).await
}

/// Makes the reason for an urgent signing one of the step that signed the agreement.
fn urgently(typed: &mut Typed) {
    let body = typed.body.as_object_mut();
    let Some(urgent) = body.and_then(|body| body.remove("urgent")) else {
        return;
    };
    if typed.body["status"] == json!(AgreementStatus::Signed) {
        typed.body["transitions"] = json!([{"to": AgreementStatus::Signed, "urgent": urgent}]);
        return;
    }
    let message = Message::fixed(
        "체결하였을 때만 적습니다.",
        "Only of an agreement that was signed.",
    );
    let wrong = FieldError::body("/urgent/reason", "not_a_signing", message);
    typed.unclear.push(wrong);
}

pub fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
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
        owner: form.get(MUNICIPALITY).parse().ok(),
        ..Entry::default()
    };
    let mut entry = entry;
    if let Ok(own) = form.get(MUNICIPALITY).parse() {
        entry.offers = vec![(PROJECTS, projects::choices(conn, cx, own, &[], w)?)];
    }
    let link = Following::of(|name| form.get(name));
    if let Some((how, old)) = link {
        let link = (how, old, paper::is_source(&form));
        entry = following::entry(conn, cx, frame, entry, link)?;
    }
    Ok((paper::entry(frame, entry, &form, link), form))
}

/// Returns the form as it is opened: the municipality itself leads.
pub fn first(own: &OrganizationRef, w: Words) -> Form {
    Form::default()
        .with(MUNICIPALITY, own.id.to_string())
        .with("parties/0/organization", own.name.in_language(w.0))
        .with("parties/0/role", "lead")
}
