//! The forms that change and remove a party, a commitment or a document of an agreement. After signing, that
//! is a correction and has a reason.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use serde_json::Value;

use super::council::acting;
use super::part_fields::{EDIT_COMMITMENT, EDIT_DOCUMENT, EDIT_PARTY, REMOVAL};
use super::parts::{part_entry, reason};
use super::projects;
use crate::agreements::parts::{self, PartContent};
use crate::agreements::types::{Agreement, CommitmentContent, DocumentContent, PartyContent};
use crate::agreements::{may_change, read};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::ledger::RequestContext;
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Group, filled_as_held, remembered};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// A kind of parts that can be changed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Parties,
    Commitments,
    Documents,
}

type Ids = (AgreementId, Part, PartId);

/// Returns the path of the page with the parts of an agreement.
pub fn path(id: AgreementId) -> String {
    format!("{}/parts", super::path(id))
}

impl Part {
    /// The fields; the first group holds the reason for a correction.
    fn groups(self) -> &'static [Group] {
        match self {
            Self::Parties => EDIT_PARTY,
            Self::Commitments => EDIT_COMMITMENT,
            Self::Documents => EDIT_DOCUMENT,
        }
    }

    /// The operations that change and remove a part.
    fn operations(self) -> [&'static str; 2] {
        match self {
            Self::Parties => ["update_agreement_party", "delete_agreement_party"],
            Self::Commitments => ["update_agreement_commitment", "delete_agreement_commitment"],
            Self::Documents => ["update_agreement_document", "delete_agreement_document"],
        }
    }

    fn titles(self, w: Words) -> [&'static str; 2] {
        match self {
            Self::Parties => [
                w.t("당사자 수정", "Change a party"),
                w.t("당사자를 삭제합니까?", "Remove the party?"),
            ],
            Self::Commitments => [
                w.t("협약 사항 수정", "Change a commitment"),
                w.t("협약 사항을 삭제합니까?", "Remove the commitment?"),
            ],
            Self::Documents => [
                w.t("문서 수정", "Change a document"),
                w.t("문서를 삭제합니까?", "Remove the document?"),
            ],
        }
    }

    /// Returns the municipality whose staff change the part: of a document one that shares the agreement.
    fn owner(self, cx: &RequestContext, one: &Agreement) -> OrganizationId {
        match self {
            Self::Documents => acting(cx, one),
            Self::Parties | Self::Commitments => one.municipality_id,
        }
    }

    /// Returns a part as the API shows it.
    fn json(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: (AgreementId, PartId),
    ) -> Result<Value, ApiError> {
        let json = match self {
            Self::Parties => serde_json::to_value(parts::get::<PartyContent>(conn, cx, ids, None)?),
            Self::Commitments => {
                serde_json::to_value(parts::get::<CommitmentContent>(conn, cx, ids, None)?)
            }
            Self::Documents => {
                serde_json::to_value(parts::get::<DocumentContent>(conn, cx, ids, None)?)
            }
        };
        json.map_err(ApiError::internal)
    }
}

#[get("/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}")]
pub async fn open(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), move |conn, cx, frame, _| {
        let (id, part, one) = ids;
        let record = part.json(conn, cx, (id, one))?;
        let (groups, w) = (part.groups(), frame.w);
        let form = remembered(filled_as_held(groups, &record, w), groups, &record, w);
        entry_of(conn, cx, frame, form, ids)
    })
    .await
}

#[post("/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}")]
pub async fn send(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    match ids.1 {
        Part::Parties => changed::<PartyContent>(ids, sent).await,
        Part::Commitments => changed::<CommitmentContent>(ids, sent).await,
        Part::Documents => changed::<DocumentContent>(ids, sent).await,
    }
}

async fn changed<P: PartContent>(ids: Ids, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (id, part, one) = ids;
    let known = sent.by.read(move |conn, cx| {
        let served = read::get(conn, cx, id, None)?.content.project_ids;
        projects::milestones(conn, cx, &served)
    });
    let milestones = known.await?;
    let complete = |typed: &mut Typed| projects::hang_due(&mut typed.body, &milestones);
    let reason = reason(&sent.form);
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        parts::update::<P>(conn, cx, (id, one), expected, patch, reason.as_ref())
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, ids);
    let change = Change {
        groups: &part.groups()[1..],
        operation: part.operations()[0],
        path: super::path(id),
        read: move |conn: &mut _, cx: &_| part.json(conn, cx, (id, one)),
    };
    change::change(sent, change, complete, work, make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, part, _): Ids,
) -> Result<(Entry, Form), ApiError> {
    let one = read::get(conn, cx, id, None)?;
    let groups = match one.status.is_signed() {
        true => part.groups(),
        false => &part.groups()[1..],
    };
    let [title, _] = part.titles(frame.w);
    let entry = Entry {
        title: title.to_owned(),
        send: frame.w.t("저장", "Save"),
        back: path(id),
        owner: Some(part.owner(cx, &one)),
        ..part_entry(conn, cx, frame, &one, ("", ""), groups)
    };
    Ok((entry, form))
}

#[get("/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}/removal")]
pub async fn ask(Path(ids): Path<Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/agreements/{id}/{part:parties|commitments|documents}/{part_id}/removal")]
pub async fn remove(Path(ids): Path<Ids>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let (id, part, one) = ids;
    let frame = Frame::of(sent.by.request())?;
    let (expected, reason) = (sent.expected(), reason(&sent.form));
    let work = move |conn: &mut _, cx: &_| {
        let remove = match part {
            Part::Parties => parts::remove::<PartyContent>,
            Part::Commitments => parts::remove::<CommitmentContent>,
            Part::Documents => parts::remove::<DocumentContent>,
        };
        remove(conn, cx, (id, one), &expected, reason.as_ref())
    };
    let done = sent.act(part.operations()[1], work).await;
    let done = done.map(|()| frame.with(&super::path(id), &[("done", "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (id, part, one): Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let record = part.json(conn, cx, (id, one))?;
    let agreement = read::get(conn, cx, id, None)?;
    // What names the part is the first of its fields.
    let shown = filled_as_held(&part.groups()[1..], &record, w);
    let said = shown.fields().next().map(|(_, said)| said.to_owned());
    let lead = w.t(
        "잘못 기록한 것만 삭제합니다. 이력에는 남습니다. 탈퇴한 당사자는 삭제하지 말고 탈퇴일을 적으십시오.",
        "Remove only what was recorded by mistake; it stays in the history. Of a party that left, give the day instead.",
    );
    let [_, title] = part.titles(w);
    let entry = Entry {
        title: title.to_owned(),
        lead: vec![
            agreement.content.title.in_language(w.0).to_owned(),
            lead.to_owned(),
        ],
        list: said.into_iter().collect(),
        groups: match agreement.status.is_signed() {
            true => REMOVAL,
            false => &[],
        },
        send: w.t("삭제", "Remove"),
        back: path(id),
        tag: Some(tag(&agreement.meta.revision())),
        owner: Some(part.owner(cx, &agreement)),
        barred: may_change(conn, cx, id).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
