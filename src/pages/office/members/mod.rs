//! The forms that add a member to a working group or an association, change one, and remove one that was
//! recorded by mistake.

pub mod fields;

use actix_web::{HttpResponse, get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::change::{self, Change};
use super::entry::{self, Entry};
use super::form::{Group, filled_with_items};
use super::tables::DONE;
use super::visit::Visit;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::http::{IfMatch, Patch, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{MembershipId, OrganizationId};
use crate::kernel::values::{Localized, OrganizationRef, Versioned};
use crate::ledger::RequestContext;
use crate::organizations::types::{Member, MemberContent, MemberCreate, OrganizationKind};
use crate::organizations::{members as of_associations, store as organizations};
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::working_groups::types::{GroupMemberContent, WorkingGroup};
use crate::working_groups::{members as of_groups, store as groups};

/// A kind of bodies that have members.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    WorkingGroups,
    Organizations,
}

type Body = (Of, Uuid);
type Ids = (Of, Uuid, MembershipId);

impl Of {
    /// Returns the path of the page of a body.
    pub fn page(self, id: impl Into<Uuid>) -> String {
        let part = match self {
            Self::WorkingGroups => "working-groups",
            Self::Organizations => "organizations",
        };
        format!("office/{part}/{}", id.into())
    }

    /// The fields of the forms that add and change a member.
    fn groups(self) -> [&'static [Group]; 2] {
        match self {
            Self::WorkingGroups => [fields::NEW_OF_GROUP, fields::OF_GROUP],
            Self::Organizations => [fields::NEW_OF_ASSOCIATION, fields::OF_ASSOCIATION],
        }
    }

    /// The operations that add, change and remove a member.
    fn operations(self) -> [&'static str; 3] {
        match self {
            Self::WorkingGroups => [
                "create_working_group_member",
                "update_working_group_member",
                "delete_working_group_member",
            ],
            Self::Organizations => [
                "create_association_member",
                "update_association_member",
                "delete_association_member",
            ],
        }
    }

    /// Returns the names of the links that add, change and remove a member.
    pub fn acts(self, w: Words) -> [&'static str; 3] {
        match self {
            Self::WorkingGroups => [
                w.t("구성원 추가", "Add a member"),
                w.t("구성원 수정", "change the member"),
                w.t("구성원 삭제", "remove the member"),
            ],
            Self::Organizations => [
                w.t("회원 추가", "Add a member"),
                w.t("회원 수정", "change the member"),
                w.t("회원 삭제", "remove the member"),
            ],
        }
    }
}

/// Returns the form of a body, which only whoever may change the body can send.
fn of_body(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    w: Words,
    (of, id): Body,
) -> Result<Entry, ApiError> {
    let named = |name: &Localized| vec![name.in_language(w.0).to_owned()];
    let entry = Entry {
        back: of.page(id),
        ..Entry::default()
    };
    Ok(match of {
        Of::WorkingGroups => {
            let group = groups::get(conn, cx, id.into(), None)?;
            Entry {
                lead: named(&group.content.name),
                tag: Some(tag(&group.revision())),
                owner: Some(group.municipality_id),
                ..entry
            }
        }
        Of::Organizations => {
            let id = OrganizationId::from(id);
            let row = organizations::row(conn, id, Some(OrganizationKind::Association))?;
            Entry {
                lead: named(&row.doc.0.content.name),
                barred: row.may_be_changed(cx).err(),
                ..entry
            }
        }
    })
}

/// Returns a member as the API shows it, the organization that it is, and the tag of the state that holds
/// it: that of the group, or its own.
fn found(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (of, id, member): Ids,
) -> Result<(Value, OrganizationRef, Option<String>), ApiError> {
    let (json, organization, tagged) = match of {
        Of::WorkingGroups => {
            let group = groups::get(conn, cx, id.into(), None)?;
            let mut members = group.members.iter();
            let one = members.find(|known| known.id == member);
            let one = one.ok_or_else(ApiError::not_found)?;
            let tagged = tag(&group.revision());
            (serde_json::to_value(one), one.organization.clone(), tagged)
        }
        Of::Organizations => {
            let one = of_associations::get(conn, id.into(), member)?;
            let tagged = tag(&one.revision());
            (serde_json::to_value(&one), one.organization, tagged)
        }
    };
    let json = json.map_err(ApiError::internal)?;
    Ok((json, organization, Some(tagged)))
}

#[get("/office/{of:working-groups|organizations}/{id}/members/new")]
pub async fn open(Path(body): Path<Body>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, body);
    entry::open_as(body.0.operations()[0], &by, frame, Form::default(), make).await
}

#[post("/office/{of:working-groups|organizations}/{id}/members/new")]
pub async fn send(Path(body): Path<Body>, sent: Submission) -> Result<HttpResponse, ApiError> {
    match body.0 {
        Of::WorkingGroups => {
            let work = move |conn: &mut _, cx: &_, new: &GroupMemberContent| {
                of_groups::add(conn, cx, body.1.into(), new)
            };
            added(sent, body, work).await
        }
        Of::Organizations => {
            let work = move |conn: &mut _, cx: &_, new: &MemberCreate| {
                of_associations::create(conn, cx, body.1.into(), new)
            };
            added(sent, body, work).await
        }
    }
}

async fn added<T, R>(
    sent: Submission,
    body: Body,
    work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError> + Send + 'static,
) -> Result<HttpResponse, ApiError>
where
    T: ToSchema + DeserializeOwned + Validate + Send + 'static,
    R: Serialize + Versioned + Send + 'static,
{
    let (of, id) = body;
    let place = move |frame: &Frame, _: &R| frame.with(&of.page(id), &[(DONE, "1")]);
    let ends = (|_: &mut Typed, _: &Form| {}, place);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| new_entry(conn, cx, frame, form, body);
    let (groups, operation) = (of.groups()[0], of.operations()[0]);
    entry::record(sent, groups, operation, ends, work, make).await
}

fn new_entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    body: Body,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: body.0.acts(w)[0].to_owned(),
        groups: body.0.groups()[0],
        send: w.t("기록", "Record"),
        tag: None,
        ..of_body(conn, cx, w, body)?
    };
    Ok((entry, form))
}

#[get("/office/{of:working-groups|organizations}/{id}/members/{member_id}")]
pub async fn open_one(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled_with_items(ids.0.groups()[1], &found(conn, cx, ids)?.0, frame.w);
        entry_of(conn, cx, frame, form, ids)
    };
    entry::open_as(ids.0.operations()[1], &by, frame, Form::default(), make).await
}

#[post("/office/{of:working-groups|organizations}/{id}/members/{member_id}")]
pub async fn send_one(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (of, id, member) = ids;
    match of {
        Of::WorkingGroups => {
            let work = move |conn: &mut _,
                             cx: &_,
                             expected: &_,
                             patch: &Patch<GroupMemberContent>|
                  -> Result<WorkingGroup, ApiError> {
                of_groups::update(conn, cx, (id.into(), member), expected, patch)
            };
            changed(sent, ids, work).await
        }
        Of::Organizations => {
            let work = move |conn: &mut _,
                             cx: &_,
                             expected: &_,
                             patch: &Patch<MemberContent>|
                  -> Result<Member, ApiError> {
                of_associations::update(conn, cx, (id.into(), member), expected, patch)
            };
            changed(sent, ids, work).await
        }
    }
}

async fn changed<T, R>(
    sent: Submission,
    ids: Ids,
    work: impl FnMut(&mut AnyConnection, &RequestContext, &IfMatch, &Patch<T>) -> Result<R, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError>
where
    T: ToSchema + Send + 'static,
    R: Versioned + Send + 'static,
{
    let change = Change {
        groups: ids.0.groups()[1],
        operation: ids.0.operations()[1],
        path: ids.0.page(ids.1),
        read: move |conn: &mut _, cx: &_| Ok(found(conn, cx, ids)?.0),
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    change::change(sent, change, |_| (), work, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let said = (
        "탈퇴하였으면 삭제하지 말고 탈퇴일을 적으십시오.",
        "Give the day on which a member left: it stays in the history.",
    );
    Ok((of_member(conn, cx, frame.w, ids, said)?, form))
}

/// Returns the form of a member with what is said above it.
fn of_member(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    w: Words,
    ids: Ids,
    (ko, en): (&'static str, &'static str),
) -> Result<Entry, ApiError> {
    let (_, organization, tag) = found(conn, cx, ids)?;
    let mut entry = Entry {
        title: organization.name.in_language(w.0).to_owned(),
        groups: ids.0.groups()[1],
        send: w.t("저장", "Save"),
        tag,
        ..of_body(conn, cx, w, (ids.0, ids.1))?
    };
    entry.lead.push(w.t(ko, en).to_owned());
    Ok(entry)
}

#[get("/office/{of:working-groups|organizations}/{id}/members/{member_id}/removal")]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::open_as(ids.0.operations()[2], &by, frame, Form::default(), make).await
}

#[post("/office/{of:working-groups|organizations}/{id}/members/{member_id}/removal")]
pub async fn remove(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (of, id, member) = ids;
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let done = sent.act(of.operations()[2], move |conn, cx| match of {
        Of::WorkingGroups => of_groups::remove(conn, cx, (id.into(), member), &expected),
        Of::Organizations => of_associations::delete(conn, cx, (id.into(), member), &expected),
    });
    let done = done
        .await
        .map(|()| frame.with(&of.page(id), &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let said = (
        "잘못 기록한 것만 삭제합니다. 이력에는 남습니다. 탈퇴하였으면 삭제하지 말고 탈퇴일을 적으십시오.",
        "Remove only what was recorded by mistake; it stays in the history. Of a member that left, give the day instead.",
    );
    let entry = of_member(conn, cx, w, ids, said)?;
    let entry = Entry {
        list: vec![entry.title],
        title: match ids.0 {
            Of::WorkingGroups => w.t("구성원을 삭제합니까?", "Remove the member?"),
            Of::Organizations => w.t("회원을 삭제합니까?", "Remove the member?"),
        }
        .to_owned(),
        groups: &[],
        send: w.t("삭제", "Remove"),
        ..entry
    };
    Ok((entry, form))
}
