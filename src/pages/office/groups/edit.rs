//! The form that changes a working group.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::fields::EDIT;
use super::path;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::WorkingGroupId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::filled_with_items;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::working_groups::store;

#[get("/office/working-groups/{id}/edit")]
pub async fn open(Path(id): Path<WorkingGroupId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled_with_items(EDIT, &json(conn, cx, id)?, frame.w);
        entry_of(conn, cx, frame, form, id)
    })
    .await
}

#[post("/office/working-groups/{id}/edit")]
pub async fn send(
    Path(id): Path<WorkingGroupId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let json = move |conn: &mut _, cx: &_| json(conn, cx, id);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        store::update(conn, cx, id, expected, patch)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT,
        operation: "update_working_group",
        path: path(id),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the group as the API shows it.
fn json(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: WorkingGroupId,
) -> Result<Value, ApiError> {
    serde_json::to_value(store::get(conn, cx, id, None)?).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: WorkingGroupId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let entry = Entry {
        title: one.content.name.in_language(w.0).to_owned(),
        groups: EDIT,
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
