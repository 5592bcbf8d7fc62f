//! A working group with what can be done with it.

use actix_web::{HttpResponse, get};

use super::path;
use crate::http::Path;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::kernel::ids::WorkingGroupId;
use crate::ledger::caller::Caller;
use crate::pages::agreements::Doing;
use crate::pages::groups::group_page;
use crate::pages::markup::{Link, Text};
use crate::pages::office::deletions::Kind as Deleted;
use crate::pages::office::members::Of;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::working_groups::types::{Meeting, WorkingGroup};

#[get("/office/working-groups/{id}")]
pub async fn show(Path(id): Path<WorkingGroupId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(move |conn, cx, frame| {
            group_page(conn, cx, frame, id, |one, meetings| {
                doing(frame, &cx.caller, one, meetings)
            })
        })
        .await
}

/// Returns what the caller can do with a working group.
fn doing(frame: &Frame, caller: &Caller, one: &WorkingGroup, meetings: &[Meeting]) -> Doing {
    let w = frame.w;
    let may_write = Access::Write.is_for(caller.role) && caller.reach.holds(one.municipality_id);
    let own = path(one.meta.id);
    let link = |to: String, text: String| Link::to(frame.to(&to), Text::stated(text, w));
    let [add, change, remove] = Of::WorkingGroups.acts(w);
    let mut acts = Vec::new();
    if may_write {
        for (rest, text) in [
            ("meetings/new", w.t("회의 기록", "Record a meeting")),
            ("members/new", add),
            ("edit", w.t("내용 수정", "Change the content")),
        ] {
            acts.push(link(format!("{own}/{rest}"), text.to_owned()));
        }
        acts.extend(one.members.iter().flat_map(|member| {
            let name = member.organization.name.in_language(w.0);
            let at = format!("{own}/members/{}", member.id);
            [("", change), ("/removal", remove)]
                .map(|(rest, text)| link(format!("{at}{rest}"), format!("{name}: {text}")))
        }));
        acts.extend(meetings.iter().flat_map(|meeting| {
            let title = meeting.content.title.in_language(w.0);
            let own = format!("office/meetings/{}", meeting.meta.id);
            let has_files = meeting.files.iter().any(|of| of.file.erased.is_none());
            [
                ("", w.t("회의 수정", "change the meeting")),
                ("/files/new", w.t("파일 추가", "add a file")),
                ("/files/erasure", w.t("파일 내용 삭제", "erase a file")),
                ("/deletion", w.t("회의 삭제", "delete the meeting")),
            ]
            .into_iter()
            .filter(move |(rest, _)| has_files || *rest != "/files/erasure")
            .map(move |(rest, text)| link(format!("{own}{rest}"), format!("{title}: {text}")))
        }));
    }
    if may_write && meetings.is_empty() {
        let text = w.t("삭제", "Delete").to_owned();
        acts.push(link(Deleted::WorkingGroups.path(one.meta.id), text));
    }
    Doing::of(frame, acts, &one.warnings)
}
