//! The form that deletes a record that was recorded by mistake, as long as nothing rests on it.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use uuid::Uuid;

use super::entry::{self, Entry};
use super::tables::DONE;
use super::visit::Visit;
use crate::agreements::{may_change, read as agreements, store as agreement_store};
use crate::announcements::store as announcements;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, Revision, Versioned};
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;
use crate::projects::milestones::store as milestones;
use crate::projects::store as projects;
use crate::working_groups::{meetings, store as groups};

/// A kind of records that are deleted.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Agreements,
    Projects,
    Milestones,
    WorkingGroups,
    Meetings,
    Announcements,
}

type Ids = (Kind, Uuid);

impl Kind {
    /// Returns the name of the kind in paths.
    fn part(self) -> &'static str {
        match self {
            Self::Agreements => "agreements",
            Self::Projects => "projects",
            Self::Milestones => "milestones",
            Self::WorkingGroups => "working-groups",
            Self::Meetings => "meetings",
            Self::Announcements => "announcements",
        }
    }

    /// Returns the path of the form.
    pub fn path(self, id: impl Into<Uuid>) -> String {
        format!("office/{}/{}/deletion", self.part(), id.into())
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Agreements => "delete_agreement",
            Self::Projects => "delete_project",
            Self::Milestones => "delete_milestone",
            Self::WorkingGroups => "delete_working_group",
            Self::Meetings => "delete_meeting",
            Self::Announcements => "delete_announcement",
        }
    }
}

/// A record as the form shows it.
struct Shown {
    name: Localized,
    revision: Revision,
    owner: OrganizationId,
    /// Path of the page with the record.
    page: String,
    /// Path of the page to which the form goes on.
    after: String,
}

impl Shown {
    /// Returns a record that has a page and stands in a list.
    fn listed(
        (kind, id): Ids,
        name: &Localized,
        revision: Revision,
        owner: OrganizationId,
    ) -> Self {
        let list = format!("office/{}", kind.part());
        Self {
            name: name.clone(),
            revision,
            owner,
            page: format!("{list}/{id}"),
            after: list,
        }
    }
}

fn shown(conn: &mut AnyConnection, cx: &RequestContext, ids: Ids) -> Result<Shown, ApiError> {
    let (kind, id) = ids;
    Ok(match kind {
        Kind::Agreements => {
            let one = agreements::get(conn, cx, id.into(), None)?;
            Shown::listed(ids, &one.content.title, one.revision(), one.municipality_id)
        }
        Kind::Projects => {
            let one = projects::get(conn, cx, id.into(), None)?;
            Shown::listed(ids, &one.content.title, one.revision(), one.municipality_id)
        }
        Kind::WorkingGroups => {
            let one = groups::get(conn, cx, id.into(), None)?;
            Shown::listed(ids, &one.content.name, one.revision(), one.municipality_id)
        }
        Kind::Announcements => {
            let one = announcements::get(conn, cx, id.into())?;
            Shown::listed(ids, &one.content.title, one.revision(), one.municipality_id)
        }
        Kind::Milestones => {
            let one = milestones::get(conn, cx, id.into(), None)?;
            let title = one.content.title.clone();
            let page = format!("office/projects/{}", one.project_id);
            Shown {
                name: title.unwrap_or_else(|| one.content.kind.title()),
                revision: one.revision(),
                owner: projects::get(conn, cx, one.project_id, None)?.municipality_id,
                after: page.clone(),
                page,
            }
        }
        Kind::Meetings => {
            let one = meetings::get(conn, cx, id.into())?;
            let page = format!("office/working-groups/{}", one.working_group_id);
            Shown {
                revision: one.revision(),
                owner: groups::get(conn, cx, one.working_group_id, None)?.municipality_id,
                name: one.content.title,
                after: page.clone(),
                page,
            }
        }
    })
}

#[get(
    "/office/{kind:agreements|projects|milestones|working-groups|meetings|announcements}/{id}/deletion"
)]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post(
    "/office/{kind:agreements|projects|milestones|working-groups|meetings|announcements}/{id}/deletion"
)]
pub async fn delete(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (kind, id) = ids;
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let work = move |conn: &mut AnyConnection, cx: &RequestContext| {
        let after = shown(conn, cx, ids)?.after;
        let deleted = match kind {
            Kind::Agreements => agreement_store::delete(conn, cx, id.into(), &expected),
            Kind::Projects => projects::delete(conn, cx, id.into(), &expected),
            Kind::Milestones => milestones::delete(conn, cx, id.into(), &expected),
            Kind::WorkingGroups => groups::delete(conn, cx, id.into(), &expected),
            Kind::Meetings => meetings::remove(conn, cx, id.into(), &expected),
            Kind::Announcements => announcements::delete(conn, cx, id.into(), &expected),
        };
        deleted.map(|()| after)
    };
    let done = sent.act(kind.operation(), work).await;
    let done = done.map(|after| frame.with(&after, &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = shown(conn, cx, ids)?;
    let barred = match ids {
        (Kind::Agreements, id) => may_change(conn, cx, id.into()).err(),
        _ => None,
    };
    let entry = Entry {
        title: w.t("기록을 지웁니까?", "Delete the record?").to_owned(),
        lead: vec![
            w.t(
                "잘못 기록한 것만 지웁니다. 이력에는 남습니다.",
                "Delete only what was recorded by mistake. It stays in the history.",
            )
            .to_owned(),
        ],
        list: vec![one.name.in_language(w.0).to_owned()],
        send: w.t("삭제", "Delete"),
        back: one.page,
        tag: Some(tag(&one.revision)),
        owner: Some(one.owner),
        barred,
        ..Entry::default()
    };
    Ok((entry, form))
}
