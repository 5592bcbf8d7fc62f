//! The forms that record a meeting of a working group, and change one.

use actix_web::{HttpResponse, get, post};
use chrono::Datelike;
use serde_json::{Value, json};

use super::fields::{ATTENDED, ATTENDEES, MEETINGS, NEW_MEETING};
use super::{done, path};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MeetingId, WorkingGroupId};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change;
use crate::pages::office::entry::{self, Entry, with_one_more};
use crate::pages::office::form::{body, changes, compact, filled};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::working_groups::types::{Meeting, MeetingContent, WorkingGroup};
use crate::working_groups::{meetings, store};

#[get("/office/working-groups/{id}/meetings/new")]
pub async fn open(Path(id): Path<WorkingGroupId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/working-groups/{id}/meetings/new")]
pub async fn send(
    Path(id): Path<WorkingGroupId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work =
        move |conn: &mut _, cx: &_, new: &MeetingContent| meetings::create(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    let place = move |frame: &Frame, _: &Meeting| done(frame, id);
    let ends = (|typed: &mut Typed, _: &Form| with_members(typed), place);
    entry::record(sent, NEW_MEETING, "create_meeting", ends, work, make).await
}

/// Adds the members that took part to the guests whom the form names.
fn with_members(typed: &mut Typed) {
    let Some(body) = typed.body.as_object_mut() else {
        return;
    };
    let members = body.remove(ATTENDED).unwrap_or_default();
    let all = body.entry(ATTENDEES).or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        for guest in all.iter_mut() {
            // A chosen organization is named by its id.
            if let Some(id) = guest.get("organization_id").cloned() {
                *guest = id;
            }
        }
        all.extend(members.as_array().into_iter().flatten().cloned());
    }
}

/// Returns whether two lists hold the same organizations, in any order.
fn are_same(one: &Value, other: &Value) -> bool {
    let [one, other] = [one, other].map(|list| {
        let mut ids: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(Value::to_string)
            .collect();
        ids.sort_unstable();
        ids
    });
    one == other
}

fn new_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: WorkingGroupId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let group = store::get(conn, cx, id, None)?;
    let entry = Entry {
        title: w.t("회의 기록", "Record a meeting").to_owned(),
        lead: vec![group.content.name.in_language(w.0).to_owned()],
        groups: NEW_MEETING,
        send: w.t("기록", "Record"),
        back: path(id),
        offers: vec![(ATTENDED, organizations(w, &group, None))],
        owner: Some(group.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the organizations of a group, and those that took part in a meeting, for a choice.
fn organizations(
    w: Words,
    group: &WorkingGroup,
    meeting: Option<&Meeting>,
) -> Vec<(String, String)> {
    let members = group.members.iter().map(|member| &member.organization);
    let came = meeting.into_iter().flat_map(|meeting| &meeting.attendees);
    let mut all: Vec<(String, String)> = Vec::new();
    for one in members.chain(came) {
        let id = one.id.to_string();
        // One organization can have several seats.
        if all.iter().all(|(known, _)| *known != id) {
            all.push((id, one.name.in_language(w.0).to_owned()));
        }
    }
    all
}

#[get("/office/meetings/{id}")]
pub async fn open_one(Path(id): Path<MeetingId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled(MEETINGS, &json(conn, cx, id)?.0, frame.w);
        entry_of(conn, cx, frame, form, id)
    })
    .await
}

#[post("/office/meetings/{id}")]
pub async fn send_one(
    Path(id): Path<MeetingId>,
    mut sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    if let Some(form) = with_one_more(&sent.form, MEETINGS) {
        return entry::open(&sent.by, frame, form, make).await;
    }
    sent.form = compact(MEETINGS, &sent.form, frame.w);
    let read = sent
        .by
        .read(move |conn, cx| Ok((json(conn, cx, id)?, cx.today)));
    let ((before, group), today) = read.await?;
    let mut typed = changes(&MEETINGS[..1], &sent.form, &before, frame.w, today);
    if let Some(patch) = typed.body.as_object_mut() {
        patch.remove(ATTENDED);
    }
    let mut came = body(MEETINGS, &sent.form, frame.w, today.year());
    with_members(&mut came);
    if !are_same(&came.body[ATTENDEES], &before[ATTENDEES]) {
        typed.body[ATTENDEES] = came.body[ATTENDEES].take();
    }
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        meetings::update(conn, cx, id, expected, patch)
    };
    let changed = sent.change("update_meeting", typed, work).await;
    let url = done(&frame, group);
    let Submission { by, form } = sent;
    let read = move |conn: &mut _, cx: &_| Ok(json(conn, cx, id)?.0);
    let done = changed.map(|_| url);
    change::settle(&by, frame, form, done, (&MEETINGS[..1], read), make).await
}

/// Returns the meeting as the API shows it, with those who came as the form chooses them, and its group.
fn json(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MeetingId,
) -> Result<(Value, WorkingGroupId), ApiError> {
    let one = meetings::get(conn, cx, id)?;
    let mut record = serde_json::to_value(&one).map_err(ApiError::internal)?;
    record[ATTENDED] = record[ATTENDEES].clone();
    Ok((record, one.working_group_id))
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: MeetingId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = meetings::get(conn, cx, id)?;
    let group = store::get(conn, cx, one.working_group_id, None)?;
    let entry = Entry {
        title: one.content.title.in_language(w.0).to_owned(),
        lead: vec![group.content.name.in_language(w.0).to_owned()],
        groups: MEETINGS,
        send: w.t("저장", "Save"),
        back: path(one.working_group_id),
        tag: Some(tag(&one.revision())),
        offers: vec![(ATTENDED, organizations(w, &group, Some(&one)))],
        owner: Some(group.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
