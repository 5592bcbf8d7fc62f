//! An announcement with the records that it is perhaps about, and what can be done with it.

use actix_web::{HttpResponse, get};

use super::path;
use crate::announcements::candidates;
use crate::announcements::types::{Announcement, AnnouncementMatch, AnnouncementStanding};
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;
use crate::ledger::RequestContext;
use crate::pages::agreements::Warned;
use crate::pages::announcements::{Doing, Proposal, about, announcement_page};
use crate::pages::markup::{Link, Text};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[get("/office/announcements/{id}")]
pub async fn show(Path(id): Path<AnnouncementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(move |conn, cx, frame| {
            announcement_page(conn, cx, frame, id, |conn, one| doing(conn, cx, frame, one))
        })
        .await
}

/// Returns what the caller can do with an announcement.
fn doing(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    one: &Announcement,
) -> Result<Doing, ApiError> {
    let w = frame.w;
    let is_editor = Access::Write.is_for(cx.caller.role);
    let may = is_editor && cx.caller.may_change(one.municipality_id).is_ok();
    let is_open = one.standing == AnnouncementStanding::Open;
    let mut acts = Vec::new();
    let mut act = |rest: &str, ko: &'static str, en: &'static str| {
        let href = frame.to(&format!("{}/{rest}", path(one.meta.id)));
        acts.push(Link::to(href, Text::stated(w.t(ko, en), w)));
    };
    if may {
        act("edit", "내용 수정", "Change the content");
        match is_open {
            true => {
                act("draft", "협약 초안 만들기", "Make a draft agreement");
                act("reject", "대조에서 제외", "Leave it out of the comparison");
            }
            false => act("reopen", "되돌리기", "Take the decision back"),
        }
        if one.agreement.is_none() && one.milestone.is_none() {
            act("deletion", "삭제", "Delete");
        }
    }
    let proposals = match is_open && cx.caller.works_for(one.municipality_id) {
        true => {
            let found = candidates::matches(conn, cx, one.meta.id)?;
            let rows = found.iter();
            Some(
                rows.filter_map(|found| proposal(frame, one.meta.id, found, may))
                    .collect(),
            )
        }
        false => None,
    };
    Ok(Doing {
        done: frame
            .get("done")
            .map(|_| w.t("기록했습니다.", "Recorded.").to_owned()),
        acts,
        warnings: one
            .warnings
            .iter()
            .map(|warning| Warned::of(frame, warning))
            .collect(),
        proposals,
    })
}

/// Returns a record that an announcement is perhaps about, with the forms that decide it.
fn proposal(
    frame: &Frame,
    id: AnnouncementId,
    found: &AnnouncementMatch,
    may: bool,
) -> Option<Proposal> {
    let w = frame.w;
    let agreement = found
        .agreement
        .as_ref()
        .map(|one| ("agreement_id", one.id.to_string()));
    let milestone = || {
        found
            .milestone
            .as_ref()
            .map(|one| ("milestone_id", one.id.to_string()))
    };
    let (member, of) = agreement.or_else(milestone)?;
    let act = |act: &str| frame.with(&format!("{}/{act}", path(id)), &[(member, &of)]);
    let reasons = found.reasons.iter();
    Some(Proposal {
        about: about(frame, found.agreement.as_ref(), found.milestone.as_ref())?,
        score: found.score,
        is_proposed: found.is_proposed,
        reasons: reasons
            .map(|reason| (w.message(&reason.message), reason.points))
            .collect(),
        acts: may.then(|| (act("confirm"), act("reject"))),
    })
}
