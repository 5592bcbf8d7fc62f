//! The expected facts that an agreement lacks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::doc::Doc;
use super::publications::{PublicationContent, PublicationExtent};
use super::reports::{Reports, rules as reported};
use super::types::{
    AgreementContent, AgreementStatus, CommitmentContent, DocumentContent, PartyContent, Transition,
};
use crate::kernel::values::{Gap, no_source};

/// A fact that is expected of every agreement: whether it is missing, and how its gap is named.
type Expected = (
    fn(&AgreementContent) -> bool,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const EXPECTED: [Expected; 4] = [
    (
        |content| content.effective_until.is_none(),
        "/effective_until",
        "effective_until_unknown",
        "유효기간을 모릅니다.",
        "How long it lasts is unknown.",
    ),
    (
        |content| content.lead_department.is_none(),
        "/lead_department",
        "lead_department_unknown",
        "담당 부서를 모릅니다.",
        "The department in charge is unknown.",
    ),
    (
        |content| content.legally_binding.is_none(),
        "/legally_binding",
        "legally_binding_unknown",
        "법적 구속력이 있는지 모릅니다.",
        "Whether it binds by law is unknown.",
    ),
    (
        |content| content.financial_obligation.is_none(),
        "/financial_obligation",
        "financial_obligation_unknown",
        "재정 부담이 있는지 모릅니다.",
        "Whether it costs money is unknown.",
    ),
];

/// A gap of an agreement by which lists are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgreementGap {
    SignedOnUnknown,
    EffectiveUntilUnknown,
    SignatoryUnknown,
    LeadDepartmentUnknown,
    LegallyBindingUnknown,
    FinancialObligationUnknown,
    CommitmentsUnknown,
    CommitmentOutcomeUnknown,
    OwnerUnknown,
    DueUnknown,
    DayUnknown,
    ReasonUnknown,
    PlaceUnknown,
    WithheldUnknown,
    SourceUnknown,
}

/// Returns the expected facts that an agreement lacks, as known on a day, on which it has a status.
pub fn of(doc: &Doc, reports: &Reports, status: AgreementStatus, day: NaiveDate) -> Vec<Gap> {
    let stand = doc.commitments.iter();
    let stand = stand.map(|part| reported::status_on(reports.on(part.id), day));
    let of_reports = reported::gaps(status, stand);
    let own = gaps(
        status,
        &doc.content,
        &doc.transitions,
        doc.parties.iter().map(|part| &part.content),
        doc.commitments.iter().map(|part| &part.content),
        doc.documents.iter().map(|part| {
            let has_file = doc.files.iter().any(|of| of.document_id == part.id);
            (&part.content, has_file)
        }),
        doc.publications.iter().map(|part| &part.content),
    );
    [own, of_reports].concat()
}

/// Returns the expected facts that an agreement lacks, but for those of reports. Beside each document stands
/// whether it has a file.
pub fn gaps<'a>(
    status: AgreementStatus,
    content: &AgreementContent,
    steps: &[Transition],
    parties: impl Iterator<Item = &'a PartyContent>,
    commitments: impl Iterator<Item = &'a CommitmentContent>,
    documents: impl Iterator<Item = (&'a DocumentContent, bool)>,
    publications: impl Iterator<Item = &'a PublicationContent>,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if status.is_signed() {
        gaps.extend(of_signing(content, parties));
    }
    gaps.extend(of_end(steps));
    let missing = EXPECTED
        .into_iter()
        .filter(|(is_missing, ..)| is_missing(content));
    gaps.extend(missing.map(|(_, pointer, code, ko, en)| Gap::new(pointer, code, ko, en)));
    gaps.extend(of_commitments(commitments));
    gaps.extend(of_documents(documents));
    gaps.extend(of_publications(publications));
    gaps.extend(content.sources.is_empty().then(no_source));
    gaps
}

fn of_signing<'a>(
    content: &AgreementContent,
    parties: impl Iterator<Item = &'a PartyContent>,
) -> Vec<Gap> {
    let day = content.signed_on.is_none().then(|| {
        Gap::new(
            "/signed_on",
            "signed_on_unknown",
            "체결일을 모릅니다.",
            "The day of signing is unknown.",
        )
    });
    let unsigned = parties
        .enumerate()
        .filter(|(_, party)| !party.has_known_signatory());
    let signatories = unsigned.map(|(i, _)| {
        Gap::new(
            format!("/parties/{i}/signatory"),
            "signatory_unknown",
            "서명자를 모릅니다.",
            "Who signed is unknown.",
        )
    });
    day.into_iter().chain(signatories).collect()
}

/// Old ledgers record that an agreement ended, but not when or why.
fn of_end(steps: &[Transition]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (i, step) in steps.iter().enumerate().filter(|(_, s)| s.to.is_end()) {
        gaps.extend(step.on.is_none().then(|| {
            Gap::new(
                format!("/transitions/{i}/on"),
                "day_unknown",
                "언제 끝났는지 모릅니다.",
                "When it ended is unknown.",
            )
        }));
        gaps.extend(step.reason.is_none().then(|| {
            Gap::new(
                format!("/transitions/{i}/reason"),
                "reason_unknown",
                "끝난 사유를 모릅니다.",
                "Why it ended is unknown.",
            )
        }));
    }
    gaps
}

fn of_commitments<'a>(commitments: impl Iterator<Item = &'a CommitmentContent>) -> Vec<Gap> {
    let (mut gaps, mut count) = (Vec::new(), 0);
    for (i, commitment) in commitments.enumerate() {
        count += 1;
        gaps.extend(commitment.owed_by.is_empty().then(|| {
            Gap::new(
                format!("/commitments/{i}/owed_by"),
                "owner_unknown",
                "누가 이행하는지 모릅니다.",
                "Who owes it is unknown.",
            )
        }));
        gaps.extend(commitment.due.is_none().then(|| {
            Gap::new(
                format!("/commitments/{i}/due"),
                "due_unknown",
                "언제까지인지 모릅니다.",
                "By when is unknown.",
            )
        }));
    }
    if count == 0 {
        gaps.push(Gap::new(
            "/commitments",
            "commitments_unknown",
            "협약 사항이 없습니다.",
            "Nothing is recorded as promised.",
        ));
    }
    gaps
}

/// Ledgers name documents without saying where they are.
fn of_documents<'a>(
    documents: impl Iterator<Item = (&'a DocumentContent, bool)>,
) -> impl Iterator<Item = Gap> {
    let found = |(document, has_file): (&DocumentContent, bool)| {
        let content = &document.content;
        has_file
            || content.url.is_some()
            || content.place_kept.is_some()
            || content.file_number.is_some()
    };
    let lost = documents.enumerate().filter(move |(_, d)| !found(*d));
    lost.map(|(i, _)| {
        Gap::new(
            format!("/documents/{i}/url"),
            "place_unknown",
            "어디에 있는지 모릅니다.",
            "Where it is kept is unknown.",
        )
    })
}

/// A text without some parts names them.
fn of_publications<'a>(
    publications: impl Iterator<Item = &'a PublicationContent>,
) -> impl Iterator<Item = Gap> {
    let unnamed = |one: &PublicationContent| {
        one.extent == PublicationExtent::PartialText && one.withheld.is_empty()
    };
    let unnamed = publications
        .enumerate()
        .filter(move |(_, one)| unnamed(one));
    unnamed.map(|(i, _)| {
        Gap::new(
            format!("/publications/{i}/withheld"),
            "withheld_unknown",
            "무엇을 비공개했는지 모릅니다.",
            "What is withheld is unknown.",
        )
    })
}
