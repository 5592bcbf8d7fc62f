//! The form that changes an announcement.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::fields::EDIT;
use super::path;
use crate::announcements::store;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::filled_with_items;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[get("/office/announcements/{id}/edit")]
pub async fn open(Path(id): Path<AnnouncementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled_with_items(EDIT, &json(conn, cx, id)?, frame.w);
        entry_of(conn, cx, frame, form, id)
    })
    .await
}

#[post("/office/announcements/{id}/edit")]
pub async fn send(
    Path(id): Path<AnnouncementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let json = move |conn: &mut _, cx: &_| json(conn, cx, id);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        store::update(conn, cx, id, expected, patch)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT,
        operation: "update_announcement",
        path: path(id),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the announcement as the API shows it.
fn json(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Value, ApiError> {
    serde_json::to_value(store::get(conn, cx, id)?).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AnnouncementId,
) -> Result<(Entry, Form), ApiError> {
    let one = store::get(conn, cx, id)?;
    let entry = Entry {
        title: one.content.title.in_language(frame.w.0).to_owned(),
        groups: EDIT,
        send: frame.w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
