//! Signings that a policy does not allow yet.

use super::rules::{policy_of, prior};
use super::types::DutyKind;
use crate::agreements::doc::Doc;
use crate::agreements::types::Transition;
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::organizations::policies::{Policy, RequiredFact};

/// Refuses a signing that the policy of its day does not allow.
///
/// # Errors
/// `validation_failed`, naming each fact that has to be there; `duty_stands_in_the_way` where the
/// council was not asked or told, unless it is urgent.
pub fn may_sign(doc: &Doc, policies: &[Policy], signing: &Transition) -> Result<(), ApiError> {
    let Some(policy) = policy_of(policies, signing.on.as_ref()) else {
        return Ok(());
    };
    let facts = policy.required_at_signing.iter();
    let missing: Vec<FieldError> = facts.flat_map(|fact| lacking(doc, *fact)).collect();
    if !missing.is_empty() {
        return Err(ApiError::invalid(missing));
    }
    let Some(duty) = prior(doc, policy, Some(signing)) else {
        return Ok(());
    };
    if duty.done_by.is_some() || signing.urgent.is_some() {
        return Ok(());
    }
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
    let (ko, en) = (
        format!(
            "{ko} ({}) 긴급하면 urgent에 사유를 밝히고 나중에 보고합니다.",
            basis.unwrap_or(no_basis_ko)
        ),
        format!(
            "{en} ({}). Where it is urgent, say why in urgent and report later.",
            basis.unwrap_or(no_basis_en)
        ),
    );
    let wrong = FieldError::body(
        "/to",
        duty.kind.as_str(),
        Message::new(ko.clone(), en.clone()),
    );
    Err(ApiError::with(Code::DutyInTheWay, ko, en).and(vec![wrong]))
}

/// Where an agreement lacks a fact that is required.
fn lacking(doc: &Doc, fact: RequiredFact) -> Vec<FieldError> {
    let content = &doc.content;
    let (missing, at) = match fact {
        RequiredFact::Signatories => {
            let parties = doc.parties.iter().enumerate();
            let lacking = parties.filter(|(_, p)| p.content.signatory.is_none());
            return lacking
                .map(|(i, _)| required(format!("/parties/{i}/signatory")))
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
    missing
        .then(|| required(at.to_owned()))
        .into_iter()
        .collect()
}

fn required(at: String) -> FieldError {
    let message = Message::fixed(
        "이 지방자치단체의 정책에 따라 체결 전에 있어야 합니다.",
        "The municipality's policy wants this before an agreement is signed.",
    );
    FieldError::body(at, "required_at_signing", message)
}
