//! The forms that reject an announcement or a candidate, make a draft of it, and take a decision back.

use actix_web::{HttpResponse, get, post};

use super::about::{add_record, form_about, named, passed, placed};
use super::fields::{DRAFT, REJECTION};
use super::path;
use crate::announcements::types::{Announcement, AnnouncementDraft, AnnouncementRejection};
use crate::announcements::{steps, store};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[get("/office/announcements/{id}/reject")]
pub async fn open_rejection(
    Path(id): Path<AnnouncementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let form = form_about(&frame);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| rejection(conn, cx, frame, form, id);
    entry::open(&by, frame, form, make).await
}

#[post("/office/announcements/{id}/reject")]
pub async fn reject(
    Path(id): Path<AnnouncementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let ends = (add_record, placed);
    let work =
        move |conn: &mut _, cx: &_, new: &AnnouncementRejection| steps::reject(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| rejection(conn, cx, frame, form, id);
    entry::record(sent, REJECTION, "reject_announcement", ends, work, make).await
}

fn rejection(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AnnouncementId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let about = named(conn, cx, frame, &form)?;
    let (title, said) = match about {
        Some(_) => (
            w.t("이 기록이 아님", "Not this record"),
            w.t(
                "이 발표가 다루는 기록이 아니라고 적고, 더는 제안하지 않습니다.",
                "The announcement is not about this record, which is then no longer proposed.",
            ),
        ),
        None => (
            w.t("대조에서 제외", "Leave it out of the comparison"),
            w.t(
                "이 발표는 등록할 것을 다루지 않습니다. 더는 기록과 대조하지 않습니다.",
                "The announcement is about nothing that is to be recorded, and is no longer compared.",
            ),
        ),
    };
    let entry = Entry {
        title: title.to_owned(),
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            said.to_owned(),
        ],
        list: about.into_iter().collect(),
        groups: REJECTION,
        send: title,
        back: path(id),
        passed: passed(&form),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/announcements/{id}/draft")]
pub async fn open_draft(
    Path(id): Path<AnnouncementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| drafting(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/announcements/{id}/draft")]
pub async fn draft(
    Path(id): Path<AnnouncementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    // The draft is what is to be completed next.
    let place = |frame: &Frame, one: &Announcement| match &one.agreement {
        Some(agreement) => frame.with(&format!("agreements/{}", agreement.id), &[("done", "1")]),
        None => frame.to(&path(one.meta.id)),
    };
    let ends = (|_: &mut Typed, _: &Form| {}, place);
    let work = move |conn: &mut _, cx: &_, new: &AnnouncementDraft| steps::draft(conn, cx, id, new);
    let make = move |conn: &mut _, cx: &_, frame: &_, form| drafting(conn, cx, frame, form, id);
    entry::record(sent, DRAFT, "draft_announced_agreement", ends, work, make).await
}

fn drafting(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AnnouncementId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let said = w.t(
        "발표에 적힌 것만으로 협약 초안을 만듭니다. 당사자의 이름이 등록된 기관 하나를 뜻하면 그 기관이 되고, 나머지는 적힌 그대로 남습니다.",
        "The draft has what the announcement states. A party whose name means one recorded organization becomes that organization; the others stay in words.",
    );
    let entry = Entry {
        title: w.t("협약 초안 만들기", "Make a draft agreement").to_owned(),
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            said.to_owned(),
        ],
        groups: DRAFT,
        send: w.t("초안 만들기", "Make the draft"),
        back: path(id),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}

#[get("/office/announcements/{id}/reopen")]
pub async fn open_reopening(
    Path(id): Path<AnnouncementId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| reopening(conn, cx, frame, form, id);
    entry::open(&by, frame, Form::default(), make).await
}

#[post("/office/announcements/{id}/reopen")]
pub async fn reopen(
    Path(id): Path<AnnouncementId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let work = move |conn: &mut _, cx: &_| steps::reopen(conn, cx, id);
    let done = sent.act("reopen_announcement", work).await;
    let url = frame.with(&path(id), &[("done", "1")]);
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| reopening(conn, cx, frame, form, id);
    entry::settled(&by, frame, form, done.map(|_| url), make).await
}

fn reopening(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: AnnouncementId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, cx, id)?;
    let said = w.t(
        "확인과 제외를 모두 되돌리고, 협약에 더한 출처를 뺍니다. 함께 기록한 목표 시점과 추진 결과는 남으며, 따로 취소합니다.",
        "Confirmation and rejections are taken back, and the source is removed from the agreement. Targets and outcomes that were recorded with it stay: retract them one by one.",
    );
    let entry = Entry {
        title: w.t("되돌리기", "Take the decision back").to_owned(),
        lead: vec![
            one.content.title.in_language(w.0).to_owned(),
            said.to_owned(),
        ],
        send: w.t("되돌리기", "Take it back"),
        back: path(id),
        owner: Some(one.municipality_id),
        ..Entry::default()
    };
    Ok((entry, form))
}
