//! An agreement with what can be done with it.

use actix_web::{HttpResponse, get};

use super::path;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::Agreement;
use crate::http::Path;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::to_db;
use crate::ledger::caller::{Caller, Role};
use crate::pages::agreements::{Doing, agreement_page};
use crate::pages::markup::{Link, Text};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;

#[get("/office/agreements/{id}")]
pub async fn show(Path(id): Path<AgreementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(move |conn, cx, frame| {
            agreement_page(conn, cx, frame, id, |one| doing(frame, &cx.caller, one))
        })
        .await
}

/// Returns what the caller can do with an agreement.
fn doing(frame: &Frame, caller: &Caller, one: &Agreement) -> Doing {
    let w = frame.w;
    let link = |rest: String, text: String| {
        Link::to(
            frame.to(&format!("{}/{rest}", path(one.meta.id))),
            Text::stated(text, w),
        )
    };
    let role = caller.role;
    let is_editor = matches!(role, Some(Role::Admin | Role::Approver | Role::Editor))
        && caller.reach.holds(one.municipality_id);
    let mut acts = Vec::new();
    if is_editor {
        acts.push(link(
            "edit".into(),
            w.t("내용 고치기", "Change the content").to_owned(),
        ));
        for (rest, text) in [
            ("parties/new", w.t("당사자 더하기", "Add a party")),
            (
                "commitments/new",
                w.t("협약 사항 더하기", "Add a commitment"),
            ),
            ("documents/new", w.t("문서 더하기", "Add a document")),
            ("sources/new", w.t("출처 더하기", "Add a source")),
        ] {
            acts.push(link(rest.into(), text.to_owned()));
        }
        for to in &one.allowed_transitions {
            let status = w.label("AgreementStatus", to);
            let text = match w.tag() {
                "ko" => format!("단계: {status}"),
                _ => format!("Step: {status}"),
            };
            acts.push(link(format!("steps/{}", to_db(to)), text));
        }
    }
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
            acts.push(link(format!("commitments/{}/report", commitment.id), text));
        }
    }
    let warnings = one
        .warnings
        .iter()
        .map(|warning| w.message(&warning.message));
    Doing {
        done: frame
            .get("done")
            .map(|_| w.t("기록했습니다.", "Recorded.").to_owned()),
        acts,
        warnings: warnings.collect(),
    }
}
