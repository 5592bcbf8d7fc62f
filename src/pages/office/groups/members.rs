//! The forms that add a member to a working group, and change one.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::fields::{MEMBER, NEW_MEMBER};
use super::{done, path};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MembershipId, WorkingGroupId};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::filled;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::working_groups::types::{GroupMember, GroupMemberContent, WorkingGroup};
use crate::working_groups::{members, store};

type Ids = (WorkingGroupId, MembershipId);

#[get("/office/working-groups/{id}/members/new")]
pub async fn open(Path(id): Path<WorkingGroupId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/working-groups/{id}/members/new")]
pub async fn send(
    Path(id): Path<WorkingGroupId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work =
        move |conn: &mut _, cx: &_, new: &GroupMemberContent| members::add(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, id);
    let place = |frame: &Frame, one: &WorkingGroup| done(frame, one.meta.id);
    let ends = (|_: &mut Typed, _: &Form| {}, place);
    entry::record(
        sent,
        NEW_MEMBER,
        "create_working_group_member",
        ends,
        work,
        make,
    )
    .await
}

fn new_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: WorkingGroupId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id, None)?;
    let entry = Entry {
        title: w.t("구성원 추가", "Add a member").to_owned(),
        lead: vec![one.content.name.in_language(w.0).to_owned()],
        groups: NEW_MEMBER,
        send: w.t("기록", "Record"),
        back: path(id),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/working-groups/{id}/members/{member_id}")]
pub async fn open_one(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let form = filled(MEMBER, &json(conn, cx, ids)?, frame.w);
        entry_of(conn, cx, frame, form, ids)
    })
    .await
}

#[post("/office/working-groups/{id}/members/{member_id}")]
pub async fn send_one(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let json = move |conn: &mut _, cx: &_| json(conn, cx, ids);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        members::update(conn, cx, ids, expected, patch)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    let change = Change {
        groups: MEMBER,
        operation: "update_working_group_member",
        path: path(ids.0),
        read: json,
    };
    change::change(sent, change, |_| (), work, make).await
}

fn found(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (group, id): Ids,
) -> Result<(WorkingGroup, GroupMember), ApiError> {
    let group = store::get(conn, cx, group, None)?;
    let found = group.members.iter().find(|known| known.id == id).cloned();
    Ok((group, found.ok_or_else(ApiError::not_found)?))
}

/// Returns the member as the API shows it.
fn json(conn: &mut AnyConnection, cx: &RequestContext, ids: Ids) -> Result<Value, ApiError> {
    serde_json::to_value(found(conn, cx, ids)?.1).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let (group, member) = found(conn, cx, ids)?;
    let entry = Entry {
        title: member.organization.name.in_language(w.0).to_owned(),
        lead: vec![
            group.content.name.in_language(w.0).to_owned(),
            w.t(
                "탈퇴한 구성원은 삭제하지 말고 탈퇴일을 적으십시오.",
                "Give the day on which a member left: it stays in the history of the group.",
            )
            .to_owned(),
        ],
        groups: MEMBER,
        send: w.t("저장", "Save"),
        back: path(ids.0),
        tag: Some(tag(&group.revision())),
        owner: Some(group.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
