//! Signings that lack what a policy demands: refused, told of where they are long done, and foretold
//! once an agreement is approved, since the council may be asked between the two.

use chrono::NaiveDate;

use super::rules::{policy_of, prior, step};
use super::types::{Derived, DutyKind};
use crate::agreements::doc::Doc;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::organizations::policies::{self, Policy, RequiredFact};
use crate::values::Warning;

/// What a signing lacks that the policy of its day demands.
#[derive(Default)]
struct Lacking {
    /// Where the facts are missing.
    facts: Vec<String>,
    /// What the council was to do before, unless it was urgent.
    council: Option<Derived>,
}

fn lacking(doc: &Doc, policies: &[Policy], signing: &Transition) -> Lacking {
    policy_of(policies, signing.on.as_ref()).map_or_else(Lacking::default, |policy| {
        lacking_of(doc, policy, Some(signing))
    })
}

/// What a signing lacks under a policy, or would lack that is yet to come.
fn lacking_of(doc: &Doc, policy: &Policy, signing: Option<&Transition>) -> Lacking {
    let facts = policy.required_at_signing.iter();
    let council = prior(doc, policy, signing);
    let urgent = signing.is_some_and(|step| step.urgent.is_some());
    Lacking {
        facts: facts.flat_map(|fact| places(doc, *fact)).collect(),
        council: council.filter(|duty| duty.done_by.is_none() && !urgent),
    }
}

fn warning(code: &str, pointer: String, message: Message) -> Warning {
    Warning {
        code: code.into(),
        pointer,
        message,
        organizations: Vec::new(),
    }
}

/// What an agreement lacks that a policy demands at its signing: of one that is approved as of the
/// day, what would have its signing refused on that day; of one that was signed, what was lacking.
pub fn warnings(doc: &Doc, policies: &[Policy], day: NaiveDate) -> Vec<Warning> {
    if doc.transitions.is_empty() || doc.status().is_void() {
        return Vec::new();
    }
    if doc.status() == Status::Approved {
        return policies::on(policies, Some(day)).map_or_else(Vec::new, |p| foretold(doc, p));
    }
    step(doc, Status::Signed).map_or_else(Vec::new, |signing| were_lacking(doc, policies, signing))
}

/// What stands in the way of the next step of an agreement that is approved.
fn foretold(doc: &Doc, policy: &Policy) -> Vec<Warning> {
    let Lacking { facts, council } = lacking_of(doc, policy, None);
    let code = "demanded_before_signing";
    let facts = facts.into_iter().map(|at| {
        let FieldError { message, .. } = required(at.clone());
        warning(code, at, message)
    });
    let council = council.map(|duty| {
        let at = "/council_actions".to_owned();
        warning(code, at, council_first(&duty))
    });
    facts.chain(council).collect()
}

/// What an agreement lacks that was recorded as signed, and for which it was too late to refuse it.
fn were_lacking(doc: &Doc, policies: &[Policy], signing: &Transition) -> Vec<Warning> {
    let Lacking { facts, council } = lacking(doc, policies, signing);
    let warning = |pointer, ko: &'static str, en: &'static str| {
        warning("demanded_at_signing", pointer, Message::fixed(ko, en))
    };
    let facts = facts.into_iter().map(|at| {
        warning(
            at,
            "이 지방자치단체의 정책에 따라 체결 전에 있어야 했습니다.",
            "The municipality's policy wanted this before the agreement was signed.",
        )
    });
    let council = council.map(|duty| {
        let (ko, en) = match duty.kind {
            DutyKind::Consent => (
                "체결 전에 의회의 동의가 있어야 했으나 등록된 것이 없습니다.",
                "The council was to consent before this was signed; no consent by then is recorded.",
            ),
            _ => (
                "체결 전에 의회에 보고해야 했으나 등록된 것이 없습니다.",
                "The council was to be told before this was signed; no report by then is recorded.",
            ),
        };
        warning("/council_actions".to_owned(), ko, en)
    });
    facts.chain(council).collect()
}

/// Refuses to record an agreement as signed today where its signing would be refused as a step. What
/// was signed before is recorded as it was, with [`warnings`].
///
/// # Errors
/// As [`may_sign`].
pub fn may_record(doc: &Doc, policies: &[Policy], today: NaiveDate) -> Result<(), ApiError> {
    let signing = step(doc, Status::Signed).filter(|_| !doc.status().is_void());
    let is_today = |step: &&Transition| {
        let on = step.on.as_ref();
        on.is_some_and(|on| on.earliest() == Some(today) && on.latest() == Some(today))
    };
    match signing.filter(is_today) {
        Some(signing) => {
            may_sign(doc, policies, signing).map_err(|error| error.pointing("/to", "/status"))
        }
        None => Ok(()),
    }
}

/// Refuses a signing that the policy of its day does not allow.
///
/// # Errors
/// `validation_failed`, naming each fact that has to be there; `duty_stands_in_the_way` where the
/// council was not asked or told, unless it is urgent.
pub fn may_sign(doc: &Doc, policies: &[Policy], signing: &Transition) -> Result<(), ApiError> {
    let Lacking { facts, council } = lacking(doc, policies, signing);
    if !facts.is_empty() {
        return Err(ApiError::invalid(facts.into_iter().map(required).collect()));
    }
    let Some(duty) = council else {
        return Ok(());
    };
    let said = council_first(&duty);
    let wrong = FieldError::body("/to", duty.kind.as_str(), said.clone());
    Err(ApiError::with(Code::DutyInTheWay, said.ko, said.en).and(vec![wrong]))
}

/// Says what the council has to do before the signing, on which basis, and what helps.
fn council_first(duty: &Derived) -> Message {
    let (ko, en) = match duty.kind {
        DutyKind::Consent => (
            "체결 전에 의회의 동의가 필요합니다. kind가 consent, result가 accepted인 의회 조치를 등록하면 충족됩니다.",
            "The council has to consent before this is signed: record a council action of the kind consent with the result accepted",
        ),
        _ => (
            "체결 전에 의회에 보고해야 합니다. kind가 prior_report인 의회 조치를 등록하면 충족됩니다.",
            "The council has to be told before this is signed: record a council action of the kind prior_report",
        ),
    };
    let (no_basis_ko, no_basis_en) = ("근거 미상", "its legal basis is not stated");
    let basis = duty.legal_basis.as_deref();
    Message::new(
        format!(
            "{ko} ({}) 긴급하면 urgent에 사유를 밝히고 나중에 보고합니다.",
            basis.unwrap_or(no_basis_ko)
        ),
        format!(
            "{en} ({}). Where it is urgent, say why in urgent and report later.",
            basis.unwrap_or(no_basis_en)
        ),
    )
}

/// Where an agreement lacks a fact that is required.
fn places(doc: &Doc, fact: RequiredFact) -> Vec<String> {
    let content = &doc.content;
    let (missing, at) = match fact {
        RequiredFact::Signatories => {
            let parties = doc.parties.iter().enumerate();
            let lacking = parties.filter(|(_, p)| p.content.signatory.is_none());
            return lacking
                .map(|(i, _)| format!("/parties/{i}/signatory"))
                .collect();
        }
        RequiredFact::LeadDepartment => (content.lead_department.is_none(), "/lead_department"),
        RequiredFact::EffectiveUntil => (content.effective_until.is_none(), "/effective_until"),
        RequiredFact::LegallyBinding => (content.legally_binding.is_none(), "/legally_binding"),
        RequiredFact::FinancialObligation => (
            content.financial_obligation.is_none(),
            "/financial_obligation",
        ),
        RequiredFact::PublicProperty => (content.public_property.is_none(), "/public_property"),
        RequiredFact::Commitments => (doc.commitments.is_empty(), "/commitments"),
        RequiredFact::Documents => (doc.documents.is_empty(), "/documents"),
        RequiredFact::Sources => (content.sources.is_empty(), "/sources"),
    };
    missing.then(|| at.to_owned()).into_iter().collect()
}

fn required(at: String) -> FieldError {
    let message = Message::fixed(
        "이 지방자치단체의 정책에 따라 체결 전에 있어야 합니다.",
        "The municipality's policy wants this before an agreement is signed.",
    );
    FieldError::body(at, "required_at_signing", message)
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
