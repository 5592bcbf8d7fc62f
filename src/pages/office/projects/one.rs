//! A project with what can be done with it.

use actix_web::{HttpResponse, get};

use super::path;
use crate::http::Path;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::ledger::caller::Caller;
use crate::pages::agreements::Doing;
use crate::pages::markup::{Link, Text};
use crate::pages::office::deletions::Kind as Deleted;
use crate::pages::office::groups::recording;
use crate::pages::office::visit::Visit;
use crate::pages::projects::project_page;
use crate::pages::reader::Frame;
use crate::projects::milestones::types::Milestone;
use crate::projects::types::Project;

#[get("/office/projects/{id}")]
pub async fn show(Path(id): Path<ProjectId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(move |conn, cx, frame| {
            project_page(conn, cx, frame, id, |one| doing(frame, &cx.caller, one))
        })
        .await
}

/// Returns what the caller can do with a project.
fn doing(frame: &Frame, caller: &Caller, one: &Project) -> Doing {
    let w = frame.w;
    let may_write = Access::Write.is_for(caller.role) && caller.reach.holds(one.municipality_id);
    let mut acts = Vec::new();
    let own = path(one.meta.id);
    // What was once stated stays.
    let is_bare = |one: &Milestone| one.forecasts.is_empty() && one.outcomes.is_empty();
    if may_write {
        for (rest, text) in [
            ("milestones/new", w.t("추진 단계 추가", "Add a milestone")),
            (
                "statements/new",
                w.t("밝힌 수치 기록", "Record stated figures"),
            ),
            ("phases/new", w.t("구간·단계 추가", "Add a phase")),
            ("edit", w.t("내용 수정", "Change the content")),
        ] {
            let url = frame.to(&format!("{own}/{rest}"));
            acts.push(Link::to(url, Text::stated(text, w)));
        }
        let id = one.meta.id.to_string();
        acts.push(recording(frame, one.municipality_id, ("project", &id)));
        acts.extend(one.milestones.iter().flat_map(|milestone| {
            let own = milestone.content.title.clone();
            let title = own.unwrap_or_else(|| milestone.content.kind.title());
            let title = title.in_language(w.0);
            let link = |rest: &str, text: &str| {
                let url = frame.to(&format!("office/milestones/{}/{rest}", milestone.meta.id));
                Link::to(url, Text::stated(format!("{title}: {text}"), w))
            };
            let has_files = milestone.files.iter().any(|of| of.file.erased.is_none());
            let erase =
                has_files.then(|| link("files/erasure", w.t("파일 내용 삭제", "erase a file")));
            let delete = is_bare(milestone).then(|| link("deletion", w.t("삭제", "delete")));
            [
                link("target", w.t("목표 시점", "target")),
                link("outcome", w.t("일어난 일", "what happened")),
                link("files/new", w.t("파일 추가", "add a file")),
                link("edit", w.t("종류·이름 수정", "change its kind or title")),
            ]
            .into_iter()
            .chain(erase)
            .chain(delete)
        }));
    }
    if may_write && one.statements.is_empty() && one.milestones.iter().all(is_bare) {
        let url = frame.to(&Deleted::Projects.path(one.meta.id));
        acts.push(Link::to(url, Text::stated(w.t("삭제", "Delete"), w)));
    }
    Doing {
        may_retract: may_write && !frame.asks_about_a_day(),
        ..Doing::of(frame, acts, &one.warnings)
    }
}
