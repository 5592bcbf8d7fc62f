//! Taking back what an import recorded, after a look at what that takes back.

use actix_web::{HttpResponse, get, post};

use super::{DONE, path};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::imports::kind::ImportKind;
use crate::imports::store;
use crate::imports::types::ImportStatus;
use crate::imports::undo::{Outlook, outlook, undo};
use crate::kernel::error::ApiError;
use crate::kernel::ids::ImportId;
use crate::ledger::RequestContext;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

#[get("/office/imports/{id}/undo")]
pub async fn open(Path(id): Path<ImportId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::open_as("get_import", &by, frame, Form::default(), make).await
}

#[post("/office/imports/{id}/undo")]
pub async fn send(Path(id): Path<ImportId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let expected = sent.expected();
    let done = sent.act("undo_import", move |conn, cx| {
        let shown = store::load(conn, cx, id)?;
        // Sent a second time, the form does nothing.
        if shown.doc.status == ImportStatus::Applied {
            expected.check(&shown.meta.revision())?;
        }
        undo(conn, cx, id)
    });
    let done = done.await;
    let url = frame.with(&path(id), &[(DONE, "undone")]);
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    entry::settled(&by, frame, form, done.map(|_| url), make).await
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: ImportId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let stored = store::load(conn, cx, id)?;
    let is_applied = stored.doc.status == ImportStatus::Applied;
    let entry = Entry {
        title: match is_applied {
            true => w.t("기록한 것을 되돌립니까?", "Take back what was recorded?"),
            false => w.t("되돌릴 것이 없습니다", "Nothing is to be taken back"),
        }
        .to_owned(),
        lead: match is_applied {
            true => lead(&outlook(conn, &stored)?, stored.doc.kind, w),
            false => Vec::new(),
        },
        groups: &[],
        send: match is_applied {
            true => w.t("되돌리기", "Take back"),
            false => "",
        },
        back: path(id),
        tag: Some(tag(&stored.meta.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}

fn lead(outlook: &Outlook, kind: ImportKind, w: Words) -> Vec<String> {
    let count = |ko, en, number: usize| format!("{}: {}", w.t(ko, en), w.number(number));
    let taken = outlook.taken_back;
    let mut lead = vec![match kind {
        ImportKind::Agreements => count("무효로 하는 협약", "Agreements that are voided", taken),
        ImportKind::Organizations
        | ImportKind::Meetings
        | ImportKind::Milestones
        | ImportKind::Announcements => count("삭제하는 기록", "Records that are deleted", taken),
    }];
    for (ko, en, number) in [
        (
            "수정 전으로 되돌리는 기록",
            "Corrected records that are restored",
            outlook.restored,
        ),
        (
            "삭제하는 기관: 이 가져오기로 처음 기록했고 다른 기록이 쓰지 않음",
            "Organizations that are deleted, since nothing else uses them",
            outlook.organizations,
        ),
        (
            "그 뒤에 누가 수정해서 남는 기록",
            "Records that stay, since somebody changed them",
            outlook.kept,
        ),
    ] {
        if number > 0 {
            lead.push(count(ko, en, number));
        }
    }
    lead.push(
        w.t(
            "되돌린 뒤에 다시 기록할 수 있습니다.",
            "You can record the rows again afterwards.",
        )
        .to_owned(),
    );
    lead
}
