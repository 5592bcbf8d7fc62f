//! An agreement with what can be done with it.

use actix_web::{HttpResponse, get};

use super::council::{Act, recorded};
use super::{demands, following, paper, path};
use crate::agreements::may_approve;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{Agreement, AgreementStatus, Transition};
use crate::http::Path;
use crate::http::permissions::Access;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::to_db;
use crate::ledger::caller::Caller;
use crate::pages::agreements::{Doing, agreement_page};
use crate::pages::markup::{Link, Text};
use crate::pages::office::deletions::Kind as Deleted;
use crate::pages::office::groups::recording;
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

#[get("/office/agreements/{id}")]
pub async fn show(Path(id): Path<AgreementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(move |conn, cx, frame| {
            let approves = may_approve(conn, cx, id).is_ok();
            agreement_page(conn, cx, frame, id, |one| {
                doing(frame, &cx.caller, one, approves)
            })
        })
        .await
}

/// Returns what the caller can do with an agreement.
fn doing(frame: &Frame, caller: &Caller, one: &Agreement, approves: bool) -> Doing {
    let w = frame.w;
    let is_editor = Access::Write.is_for(caller.role) && caller.reach.holds(one.municipality_id);
    let mut acts = match is_editor {
        true => editing(frame, one, approves),
        false => Vec::new(),
    };
    acts.extend(duty_acts(frame, caller, one));
    for (place, commitment) in one.commitments.iter().enumerate() {
        let owes = caller.organization_id.is_some_and(|own| {
            commitment
                .owed_by_organizations
                .iter()
                .any(|organization| organization.id == own)
        });
        let is_open = commitment.progress.status != CommitmentStatus::CarriedOver;
        if one.status.is_signed() && is_open && (is_editor || owes) {
            let text = match w.tag() {
                "ko" => format!("협약 사항 {} 이행 보고", place + 1),
                _ => format!("Report on commitment {}", place + 1),
            };
            let rest = format!("commitments/{}/report", commitment.id);
            acts.push(link(frame, one, &rest, text));
        }
    }
    let mut doing = Doing::of(frame, acts, &one.warnings);
    if is_editor {
        let may_change = approves || one.status != AgreementStatus::Approved;
        demands::lead_on(&mut doing, frame, one, may_change);
    }
    paper::lead_on(&mut doing, frame, one);
    doing
}

fn link(frame: &Frame, one: &Agreement, rest: &str, text: String) -> Link {
    Link::to(
        frame.to(&format!("{}/{rest}", path(one.meta.id))),
        Text::stated(text, frame.w),
    )
}

/// Returns what an editor can do: change the content, add parts, record a working group, and take the
/// next steps. Only whoever may approve changes what is approved.
fn editing(frame: &Frame, one: &Agreement, approves: bool) -> Vec<Link> {
    let w = frame.w;
    let mut acts = Vec::new();
    if approves || one.status != AgreementStatus::Approved {
        for (rest, text) in [
            ("edit", w.t("내용 수정", "Change the content")),
            (
                "parts",
                w.t(
                    "당사자·협약 사항·문서·단계 수정",
                    "Change parties, commitments, documents and steps",
                ),
            ),
            ("parties/new", w.t("당사자 추가", "Add a party")),
            ("commitments/new", w.t("협약 사항 추가", "Add a commitment")),
            ("documents/new", w.t("문서 추가", "Add a document")),
            ("sources/new", w.t("출처 추가", "Add a source")),
        ] {
            acts.push(link(frame, one, rest, text.to_owned()));
        }
    }
    // What was signed is voided.
    let signed = |step: &Transition| step.to == AgreementStatus::Signed;
    if (approves || one.status != AgreementStatus::Approved) && !one.transitions.iter().any(signed)
    {
        let delete = frame.to(&Deleted::Agreements.path(one.meta.id));
        acts.push(Link::to(delete, Text::stated(w.t("삭제", "Delete"), w)));
    }
    acts.extend(following::links(frame, one));
    if !one.status.is_void() {
        let id = one.meta.id.to_string();
        acts.push(recording(frame, one.municipality_id, ("agreement", &id)));
    }
    let steps = one.allowed_transitions.iter();
    for to in steps.filter(|to| approves || **to != AgreementStatus::Approved) {
        let status = w.label("AgreementStatus", to);
        let text = match w.tag() {
            "ko" => format!("단계: {status}"),
            _ => format!("Step: {status}"),
        };
        acts.push(link(frame, one, &format!("steps/{}", to_db(to)), text));
    }
    acts
}

/// Returns the acts on which duties wait, for the staff of a municipality whose agreement it is.
fn duty_acts(frame: &Frame, caller: &Caller, one: &Agreement) -> Vec<Link> {
    let is_staff = Access::Write.is_for(caller.role);
    let owners = one.co_owners.iter().map(|owner| owner.id);
    let mut owners = owners.chain([one.municipality_id]);
    if !is_staff || one.status.is_void() || !owners.any(|id| caller.reach.holds(id)) {
        return Vec::new();
    }
    let review = one.status.is_signed().then_some(Act::Reviews);
    let all = [Act::CouncilActions, Act::Publications].into_iter();
    let all = all.chain(review).map(|act| {
        let href = frame.to(&act.path(one.meta.id));
        Link::to(href, Text::stated(act.name(frame.w), frame.w))
    });
    let recorded_acts = Act::ALL.into_iter().flat_map(move |act| {
        let own = recorded(frame.w, one, act).into_iter();
        let own = own.filter(move |known| caller.reach.holds(known.by));
        own.flat_map(move |known| {
            let at = format!("{}/{}", act.part(), known.id);
            let links = corrections(frame.w, one, act, known.id).into_iter();
            links.map(move |(rest, name)| {
                let text = format!("{name}: {}", known.words);
                link(frame, one, &format!("{at}{rest}"), text)
            })
        })
    });
    all.chain(recorded_acts).collect()
}

/// Returns the forms for an act that was recorded, by the ends of their paths, with their names.
fn corrections(
    w: Words,
    one: &Agreement,
    act: Act,
    id: PartId,
) -> Vec<(&'static str, &'static str)> {
    let [correct, remove] = act.corrections(w);
    let mut all = vec![("", correct), ("/removal", remove)];
    if act == Act::CouncilActions {
        let add = w.t(
            "의회 조치에 파일 추가",
            "Add a file to the action of the council",
        );
        all.push(("/files/new", add));
        let mut own = one.council_actions.iter().filter(|known| known.id == id);
        if own.any(|known| known.files.iter().any(|file| file.erased.is_none())) {
            let erase = w.t(
                "의회 조치의 파일 내용 삭제",
                "Erase a file of the action of the council",
            );
            all.push(("/files/erasure", erase));
        }
    }
    all
}
