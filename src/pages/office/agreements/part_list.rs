//! The parts of an agreement with the forms that correct them.

use actix_web::{HttpResponse, get};

use crate::agreements::read;
use crate::agreements::reports::types::{CommitmentReport, Standing};
use crate::agreements::reports::views;
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::ledger::RequestContext;
use crate::organizations::store as organizations;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::office::tables::{Cell, Sheet, Table};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

#[get("/office/agreements/{id}/parts")]
pub async fn show(Path(id): Path<AgreementId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, frame: &Frame| {
        let one = read::get(conn, cx, id, None)?;
        let reports = retractable(conn, cx, id)?;
        let w = frame.w;
        let sheet = Sheet {
            title: w
                .t(
                    "당사자·협약 사항·문서·단계 수정",
                    "Change parties, commitments, documents and steps",
                )
                .to_owned(),
            lead: vec![
                one.content.title.in_language(w.0).to_owned(),
                w.t(
                    "체결된 협약에서 수정하는 것은 정정으로 남고 사유가 필요합니다. 출처와 발언은 ‘내용 수정’에서 수정합니다.",
                    "In a signed agreement, each change is a correction and needs a reason. Sources and statements are changed with the content.",
                )
                .to_owned(),
            ],
            acts: vec![Link::to(
                frame.to(&super::path(id)),
                Text::stated(w.t("협약으로 돌아가기", "Back to the agreement"), w),
            )],
            tables: vec![
                parties(frame, &one, &changeable(conn, cx, &one)?),
                commitments(frame, &one),
                reported(frame, id, &reports),
                documents(frame, &one),
                steps(frame, &one),
            ],
            ..Sheet::default()
        };
        sheet.page(frame)
    };
    visit.page_as("update_agreement", work).await
}

/// Returns the reports that can be retracted.
fn retractable(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Vec<CommitmentReport>, ApiError> {
    let mut all = views::all(conn, cx, id, None)?;
    all.retain(|report| {
        matches!(
            report.standing,
            Standing::Counted | Standing::AwaitingConfirmation
        )
    });
    Ok(all)
}

/// Returns the parties that the caller may change themselves.
fn changeable(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    one: &Agreement,
) -> Result<Vec<OrganizationId>, ApiError> {
    let mut ids = Vec::new();
    for party in &one.parties {
        let id = party.organization.id;
        match organizations::row(conn, id, None)?.may_be_changed(cx) {
            Ok(()) => ids.push(id),
            Err(error) if error.code == Code::Forbidden => {}
            Err(error) => return Err(error),
        }
    }
    Ok(ids)
}

/// Returns the links that change and remove a part.
fn links(frame: &Frame, id: AgreementId, list: &str, part: PartId) -> Vec<Link> {
    let w = frame.w;
    let at = format!("{}/{list}/{part}", super::path(id));
    let link = |path: &str, text| Link::to(frame.to(path), Text::stated(text, w));
    vec![
        link(&at, w.t("수정", "Change")),
        link(&format!("{at}/removal"), w.t("삭제", "Remove")),
    ]
}

/// Returns the links to the forms that add a file to the record at a path, and erase the content of one.
fn filing(frame: &Frame, at: &str, has_files: bool) -> Vec<Link> {
    let w = frame.w;
    let link = |rest: &str, said| {
        let to = frame.to(&format!("{at}/files/{rest}"));
        Link::to(to, Text::stated(said, w))
    };
    let add = link("new", w.t("파일 추가", "Add a file"));
    let erase = || link("erasure", w.t("파일 내용 삭제", "Erase a file"));
    [add].into_iter().chain(has_files.then(erase)).collect()
}

/// Returns a table whose rows end with what can be done with them.
fn table<const N: usize>(
    w: Words,
    caption: &str,
    heads: [&'static str; N],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Table {
    let mut heads = heads.to_vec();
    heads.push(w.t("할 일", "Do"));
    Table {
        caption: caption.to_owned(),
        none: w.t("없습니다.", "None."),
        heads,
        rows: rows.collect(),
    }
}

fn parties(frame: &Frame, one: &Agreement, changeable: &[OrganizationId]) -> Table {
    let w = frame.w;
    let rows = one.parties.iter().map(|party| {
        let mut acts = links(frame, one.meta.id, "parties", party.id);
        if changeable.contains(&party.organization.id) {
            let organization = format!("office/organizations/{}/edit", party.organization.id);
            let said = w.t("기관 정보 수정", "Change the organization itself");
            acts.push(Link::to(frame.to(&organization), Text::stated(said, w)));
        }
        vec![
            Text::of(&party.organization.name, w).into(),
            Text::stated(w.label("PartyRole", &party.content.role), w).into(),
            acts.into(),
        ]
    });
    let heads = [w.t("기관", "Organization"), w.t("역할", "Role")];
    table(w, w.t("당사자", "Parties"), heads, rows)
}

fn commitments(frame: &Frame, one: &Agreement) -> Table {
    let w = frame.w;
    let rows = one.commitments.iter().map(|known| {
        vec![
            Text::of(&known.content.text, w).into(),
            Dated::of(known.content.due.as_ref(), w).into(),
            links(frame, one.meta.id, "commitments", known.id).into(),
        ]
    });
    let heads = [w.t("내용", "Content"), w.t("기한", "Due")];
    table(w, w.t("협약 사항", "Commitments"), heads, rows)
}

fn reported(frame: &Frame, id: AgreementId, reports: &[CommitmentReport]) -> Table {
    let w = frame.w;
    let rows = reports.iter().map(|report| {
        let at = format!(
            "{}/commitments/{}/reports/{}",
            super::path(id),
            report.commitment_id,
            report.meta.id
        );
        let has_files = report.files.iter().any(|of| of.file.erased.is_none());
        let retract = frame.to(&format!("{at}/retraction"));
        let retract = Link::to(retract, Text::stated(w.t("철회", "Retract"), w));
        vec![
            Text::of(&report.commitment.text, w).into(),
            Dated::of(Some(&report.content.on), w).into(),
            Text::stated(w.label("ReportedStatus", &report.content.status), w).into(),
            [retract]
                .into_iter()
                .chain(filing(frame, &at, has_files))
                .collect::<Vec<_>>()
                .into(),
        ]
    });
    let heads = [
        w.t("협약 사항", "Commitment"),
        w.t("기준일", "State as of"),
        w.t("상태", "Status"),
    ];
    table(w, w.t("이행 보고", "Reports"), heads, rows)
}

fn documents(frame: &Frame, one: &Agreement) -> Table {
    let w = frame.w;
    let rows = one.documents.iter().map(|known| {
        let mut acts = links(frame, one.meta.id, "documents", known.id);
        let at = format!("{}/documents/{}", super::path(one.meta.id), known.id);
        let files = known.files.iter().filter(|file| file.erased.is_none());
        let files: Vec<Text> = files
            .map(|file| Text::stated(file.name.clone(), w))
            .collect();
        acts.extend(filing(frame, &at, !files.is_empty()));
        vec![
            Text::of(&known.content.content.title, w).into(),
            files.into(),
            acts.into(),
        ]
    });
    let heads = [w.t("문서", "Document"), w.t("파일", "Files")];
    table(w, w.t("문서", "Documents"), heads, rows)
}

fn steps(frame: &Frame, one: &Agreement) -> Table {
    let w = frame.w;
    let rows = one.transitions.iter().enumerate().map(|(place, step)| {
        let at = format!("{}/transitions/{place}", super::path(one.meta.id));
        let said = w.t("날짜 정정", "Correct the day");
        vec![
            Text::stated(w.label("AgreementStatus", &step.to), w).into(),
            Dated::of(step.on.as_ref(), w).into(),
            Link::to(frame.to(&at), Text::stated(said, w)).into(),
        ]
    });
    let heads = [w.t("단계", "Step"), w.t("날", "Day")];
    table(w, w.t("단계", "Steps"), heads, rows)
}
