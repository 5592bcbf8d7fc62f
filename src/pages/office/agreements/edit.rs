//! The form that changes the content of an agreement. After signing, the change is a correction.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::fields::{CORRECTION, EDIT, PARTY_PLACE, PROJECTS};
use super::parts::reason;
use super::{path, projects};
use crate::agreements::types::Agreement;
use crate::agreements::{may_change, read, store};
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
use crate::pages::office::form::{Choices, filled_with_items};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

#[get("/office/agreements/{id}/edit")]
pub async fn open(Path(id): Path<AgreementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let record = json(conn, cx, id)?;
        let form = filled_with_items(EDIT, &record, frame.w);
        entry_of(conn, cx, frame, form, id)
    })
    .await
}

#[post("/office/agreements/{id}/edit")]
pub async fn send(Path(id): Path<AgreementId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let reason = reason(&sent.form);
    let json = move |conn: &mut _, cx: &_| json(conn, cx, id);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        store::update(conn, cx, id, expected, patch, reason.as_ref())
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT,
        operation: "update_agreement",
        path: path(id),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the agreement as the API shows it.
fn json(conn: &mut AnyConnection, cx: &RequestContext, id: AgreementId) -> Result<Value, ApiError> {
    serde_json::to_value(read::get(conn, cx, id, None)?).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AgreementId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, id, None)?;
    let signed = one.status.is_signed();
    let lead = signed.then(|| {
        w.t(
            "체결된 협약입니다. 수정하면 정정으로 남으니 사유를 적어 주십시오. 내용을 바꾸는 새 합의는 협약 화면의 ‘갱신·변경 협약 기록’이나 ‘일부 변경 협약 기록’으로 적으십시오.",
            "The agreement is signed: a change is recorded as a correction and needs a reason. Record a renewal or an amendment as a new agreement, by the links on the page of this one.",
        )
        .to_owned()
    });
    let entry = Entry {
        title: one.content.title.in_language(w.0).to_owned(),
        lead: lead.into_iter().collect(),
        groups: if signed { CORRECTION } else { EDIT },
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        offers: vec![
            (
                PROJECTS,
                projects::choices(conn, cx, one.municipality_id, &one.projects, w)?,
            ),
            (PARTY_PLACE, parties(&one, w)),
        ],
        owner: Some(one.municipality_id),
        barred: may_change(conn, cx, id).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the parties by their places.
fn parties(one: &Agreement, w: Words) -> Choices {
    let all = one.parties.iter().enumerate();
    let all = all.map(|(place, party)| {
        let name = party.organization.name.in_language(w.0);
        (place.to_string(), name.to_owned())
    });
    all.collect()
}
