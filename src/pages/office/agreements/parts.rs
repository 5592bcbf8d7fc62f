//! The forms that add a party, a commitment or a source to an agreement. After signing, a change of the
//! signed content is a correction and has a reason.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::json;

use super::fields::REASON;
use super::part_fields::{NEW_COMMITMENT, NEW_PARTY, NEW_SOURCE};
use super::path;
use crate::agreements::parts::{self, AgreementWithPart, PartContent};
use crate::agreements::types::{Agreement, CommitmentContent, PartyContent};
use crate::agreements::{may_change, read, store};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{Localized, Versioned, remove_derived};
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, body};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

/// A part that a form adds.
#[derive(Clone, Copy)]
struct New {
    operation: &'static str,
    title: (&'static str, &'static str),
    /// The fields; the first group holds the reason for a correction, which a signed agreement alone
    /// needs.
    groups: &'static [Group],
}

const PARTY: New = New {
    operation: "create_agreement_party",
    title: ("당사자 추가", "Add a party"),
    groups: NEW_PARTY,
};

const COMMITMENT: New = New {
    operation: "create_agreement_commitment",
    title: ("협약 사항 추가", "Add a commitment"),
    groups: NEW_COMMITMENT,
};

const SOURCE: New = New {
    operation: "update_agreement",
    title: ("출처 추가", "Add a source"),
    groups: NEW_SOURCE,
};

#[get("/office/agreements/{id}/parties/new")]
pub async fn open_party(
    Path(id): Path<AgreementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    opened(id, visit, PARTY).await
}

#[post("/office/agreements/{id}/parties/new")]
pub async fn send_party(
    Path(id): Path<AgreementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    added::<PartyContent>(id, sent, PARTY).await
}

#[get("/office/agreements/{id}/commitments/new")]
pub async fn open_commitment(
    Path(id): Path<AgreementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    opened(id, visit, COMMITMENT).await
}

#[post("/office/agreements/{id}/commitments/new")]
pub async fn send_commitment(
    Path(id): Path<AgreementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    added::<CommitmentContent>(id, sent, COMMITMENT).await
}

#[get("/office/agreements/{id}/sources/new")]
pub async fn open_source(
    Path(id): Path<AgreementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    opened(id, visit, SOURCE).await
}

#[post("/office/agreements/{id}/sources/new")]
pub async fn send_source(
    Path(id): Path<AgreementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let before = sent.by.read(move |conn, cx| read::get(conn, cx, id, None));
    let before = before.await?.content.sources;
    let year = sent.by.today()?.year();
    let mut typed = body(&NEW_SOURCE[1..], &sent.form, frame.w, year);
    let place = format!("/sources/{}", before.len());
    let mut sources = json!(before);
    remove_derived(&mut sources);
    if let Some(sources) = sources.as_array_mut() {
        sources.push(typed.body);
    }
    typed.body = json!({ "sources": sources });
    let reason = reason(&sent.form);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        store::update(conn, cx, id, expected, patch, reason.as_ref())
    };
    let changed = sent.change(SOURCE.operation, typed, work).await;
    // The form shows the new source alone.
    let changed = changed.map_err(|error| error.below(&place));
    let url = done(&frame, id);
    let Submission { by, form } = sent;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, (id, SOURCE));
    entry::settled(&by, frame, form, changed.map(|_| url), make).await
}

fn done(frame: &Frame, id: AgreementId) -> String {
    frame.with(&path(id), &[("done", "1")])
}

/// Returns the reason for a correction, if the form has one.
pub fn reason(form: &Form) -> Option<Localized> {
    match form.get(REASON) {
        "" => None,
        text => Some(Localized::in_its_language(text)),
    }
}

async fn opened(id: AgreementId, visit: Visit, new: New) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, (id, new));
    entry::open(&by, frame, Form::default(), make).await
}

async fn added<P: PartContent>(
    id: AgreementId,
    sent: Submission,
    new: New,
) -> Result<HttpResponse, ApiError> {
    let reason = reason(&sent.form);
    let complete = |typed: &mut Typed, _: &Form| {
        if let Some(body) = typed.body.as_object_mut() {
            body.remove(REASON);
        }
    };
    let place = move |frame: &Frame, _: &AgreementWithPart| done(frame, id);
    let work =
        move |conn: &mut _, cx: &_, content: &P| parts::add(conn, cx, id, content, reason.as_ref());
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, (id, new));
    entry::record(
        sent,
        new.groups,
        new.operation,
        (complete, place),
        work,
        make,
    )
    .await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, new): (AgreementId, New),
) -> Result<(Entry, Form), ApiError> {
    let one = read::get(conn, cx, id, None)?;
    let groups = match one.status.is_signed() {
        true => new.groups,
        false => &new.groups[1..],
    };
    Ok((part_entry(conn, cx, frame, &one, new.title, groups), form))
}

/// Returns the form that adds a part to an agreement.
pub fn part_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    one: &Agreement,
    (ko, en): (&'static str, &'static str),
    groups: &'static [Group],
) -> Entry {
    let w = frame.w;
    let parties = one.parties.iter().map(|party| {
        let name = party.organization.name.in_language(w.0);
        (party.organization.id.to_string(), name.to_owned())
    });
    let parties: Vec<_> = parties.collect();
    Entry {
        title: w.t(ko, en).to_owned(),
        lead: vec![one.content.title.in_language(w.0).to_owned()],
        groups,
        send: w.t("기록", "Record"),
        back: path(one.meta.id),
        tag: Some(tag(&one.revision())),
        offers: vec![("owed_by", parties.clone()), ("owed_to", parties)],
        owner: Some(one.municipality_id),
        barred: may_change(conn, cx, one.meta.id).err(),
        ..Entry::default()
    }
}
