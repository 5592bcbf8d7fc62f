//! The form that undoes the merge of two organizations.

use actix_web::{HttpResponse, get, post};

use super::entry::{self, Entry};
use super::form::{Field, Group, Kind};
use super::members::Of;
use super::tables::DONE;
use super::visit::Visit;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::merges::UnmergeCreate;
use crate::merges::undo::undo;
use crate::organizations::store;
use crate::organizations::types::Organization;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

const OPERATION: &str = "unmerge_organization";

const WHY: &[Group] = &[Group::of_body(
    ("통합을 되돌리는 사유", "Why the merge is undone"),
    &[Field {
        at: "reason/*",
        kind: Kind::Lines,
        label: ("사유", "Reason"),
        hint: (
            "이력에 남습니다. 예: 다른 기관으로 확인됨",
            "For the history, such as: they are two bodies",
        ),
    }],
)];

/// Returns the link to the form for a duplicate.
pub fn link(frame: &Frame, duplicate: &OrganizationRef) -> Link {
    let w = frame.w;
    let name = duplicate.name.in_language(w.0);
    let text = match w.tag() {
        "ko" => format!("{name}: 통합 되돌리기"),
        _ => format!("{name}: undo the merge"),
    };
    let path = format!("office/organizations/{}/unmerge", duplicate.id);
    Link::to(frame.to(&path), Text::stated(text, w))
}

#[get("/office/organizations/{id}/unmerge")]
pub async fn ask(Path(id): Path<OrganizationId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id);
    entry::open_as(OPERATION, &by, frame, Form::default(), make).await
}

#[post("/office/organizations/{id}/unmerge")]
pub async fn send(
    Path(id): Path<OrganizationId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let place = |frame: &Frame, one: &Organization| {
        frame.with(&Of::Organizations.page(one.meta.id), &[(DONE, "1")])
    };
    let ends = (|_: &mut Typed, _: &Form| (), place);
    let work = move |conn: &mut _, cx: &_, new: &UnmergeCreate| {
        Ok(undo(conn, cx, id, new)?.into_organization())
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id);
    entry::record(sent, WHY, OPERATION, ends, work, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: OrganizationId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let duplicate = store::own_row(conn, &id.to_string())?;
    let merge = duplicate.doc.0.merged.as_ref();
    let into = merge.ok_or_else(ApiError::not_found)?.into;
    let survivor = store::row(conn, into, None)?;
    let names = [&duplicate, &survivor].map(|row| row.doc.0.content.name.in_language(w.0));
    let barred = duplicate
        .may_be_changed(cx)
        .and(survivor.may_be_changed(cx));
    let entry = Entry {
        title: w
            .t("통합을 되돌립니까?", "Undo the merge?")
            .to_owned(),
        lead: vec![
            w.t(
                "통합된 기록이 다시 따로 있는 기관이 되고, 통합할 때 옮긴 협약, 사업, 회원 관계와 사실도 돌아갑니다. 그 뒤에 바뀐 것은 남은 기록에 그대로 둡니다.",
                "The duplicate is an organization of its own again, and gets back the agreements, projects, memberships and facts that the merge moved. What was changed since stays where it is.",
            )
            .to_owned(),
        ],
        list: vec![format!("{} → {}", names[0], names[1])],
        groups: WHY,
        send: w.t("되돌리기", "Take it back"),
        back: Of::Organizations.page(into),
        barred: barred.err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
