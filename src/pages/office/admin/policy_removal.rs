//! The form that takes back a policy that was recorded by mistake, with what would differ without it.

use actix_web::{HttpResponse, get, post};
use serde_json::json;

use super::municipalities::{load, named, path, validity};
use super::policies::{Ids, keys, tables};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::kernel::error::ApiError;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::municipalities::preview::preview;
use crate::municipalities::store::{self, KIND};
use crate::municipalities::view;
use crate::organizations::store as organizations;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::tables::DONE;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::projections::policies::Policy;

const OPERATION: &str = "update_municipality";

#[get("/office/admin/municipalities/{id}/policies/{key}/removal")]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, &ids);
    entry::open_as(OPERATION, &by, frame, Form::default(), make).await
}

#[post("/office/admin/municipalities/{id}/policies/{key}/removal")]
pub async fn remove(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let (id, known) = (ids.0, ids.clone());
    let read = sent.by.read_as(OPERATION, move |conn, cx| {
        let (_, others) = apart(conn, cx, &known)?;
        Ok(Typed::from(json!({ "policies": others })))
    });
    let typed = read.await?;
    let work = move |conn: &mut _, cx: &RequestContext, expected: &_, patch: &_| {
        let changed = store::update(conn, cx, id, expected, patch)?;
        view::view(conn, changed, cx.today)
    };
    let done = sent.change(OPERATION, typed, work).await;
    let done = done.map(|_| frame.with(&path(id), &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, &ids);
    entry::settled_as(OPERATION, &by, frame, form, done, make).await
}

/// Returns a recorded policy, and the others of its municipality.
///
/// # Errors
/// `not_found` if there is no such policy; `forbidden` if the caller may not change it.
fn apart(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, key): &Ids,
) -> Result<(Policy, Vec<Policy>), ApiError> {
    let row = organizations::row(conn, *id, KIND)?;
    row.may_be_changed(cx)?;
    let mut others = row.doc.0.policies.clone();
    let place = keys(&others).iter().position(|known| known == key);
    let one = others.remove(place.ok_or_else(ApiError::not_found)?);
    Ok((one, others))
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: &Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let (policy, others) = apart(conn, cx, ids)?;
    let preview = preview(conn, cx, ids.0, &others)?;
    let municipality = load(conn, cx, ids.0)?;
    let entry = Entry {
        title: w.t("정책을 지웁니까?", "Delete the policy?").to_owned(),
        lead: vec![
            w.t(
                "잘못 기록한 정책만 지웁니다. 이력에는 남습니다. 더는 시행하지 않는 정책은 지우지 말고 끝나는 날을 적으십시오.",
                "Delete only what was recorded by mistake; it stays in the history. Of a policy that is no longer in force, give the last day instead.",
            )
            .to_owned(),
        ],
        list: vec![
            municipality.content.content.name.in_language(w.0).to_owned(),
            format!("{}: {}", named(w, &policy), validity(w, &policy)),
        ],
        tables: tables(frame, &preview),
        send: w.t("삭제", "Delete"),
        back: path(ids.0),
        tag: Some(tag(&municipality.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}
