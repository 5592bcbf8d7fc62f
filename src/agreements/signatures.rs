//! Signatures that are recorded with the signing of an agreement.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::approval;
use super::doc::Doc;
use super::types::{AgreementStatus, Signatory, TransitionCreate};
use crate::directory::names::unknown;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::PartId;
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;
use crate::ledger::RequestContext;
use crate::projections::policies::Policy;

/// Signature of a party, recorded with the signing of the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PartySignature {
    /// Id of the party within the agreement.
    pub party_id: PartId,
    /// Person who signed for the party.
    #[validate(nested)]
    pub signatory: Signatory,
    /// Date on which the party itself signed, if it is not that of the signing; not after it.
    pub signed_on: Option<ImpreciseDate>,
}

/// Returns an error if a transition other than a signing has signatures; `at` points to the
/// transition.
pub(super) fn elsewhere(step: &TransitionCreate, at: &str) -> Option<FieldError> {
    let elsewhere = step.to != AgreementStatus::Signed && !step.signatures.is_empty();
    elsewhere.then(|| {
        let message = Message::fixed(
            "서명은 체결 단계에만 적습니다.",
            "Signatures are a matter of the signing alone.",
        );
        FieldError::body(format!("{at}/signatures"), "not_a_signing", message)
    })
}

/// Returns an error if signatures are given beside the parties of a new agreement, which have them.
pub(super) fn beside_parties(step: &TransitionCreate, at: &str) -> Option<FieldError> {
    (!step.signatures.is_empty()).then(|| {
        let message = Message::fixed(
            "새로 등록하는 협약의 서명은 parties에 적으십시오.",
            "State the signatures of a new agreement in its parties.",
        );
        FieldError::body(format!("{at}/signatures"), "signed_in_parties", message)
    })
}

/// Records the signatures of a signing in the parties, and returns what is wrong with them.
///
/// # Errors
/// `forbidden` if another signatory was approved and the caller cannot approve the agreement.
pub(super) fn sign(
    cx: &RequestContext,
    doc: &mut Doc,
    policies: &[Policy],
    step: &TransitionCreate,
) -> Result<Vec<FieldError>, ApiError> {
    let mut errors: Vec<FieldError> = elsewhere(step, "").into_iter().collect();
    if !errors.is_empty() {
        return Ok(errors);
    }
    if step.signatures.iter().any(|new| is_other(doc, new)) {
        approval::check_change(cx, doc, policies)?;
    }
    for (i, new) in step.signatures.iter().enumerate() {
        let at = format!("/signatures/{i}/party_id");
        let earlier = &step.signatures[..i];
        if earlier.iter().any(|other| other.party_id == new.party_id) {
            let message = Message::fixed("두 번 적힌 당사자입니다.", "This party stands twice.");
            errors.push(FieldError::body(at, "party_twice", message));
            continue;
        }
        let Some(party) = doc.parties.iter_mut().find(|p| p.id == new.party_id) else {
            errors.push(unknown(&at));
            continue;
        };
        party.content.signatory = Some(new.signatory.clone());
        party.content.signatory_not_stated = false;
        if new.signed_on.is_some() {
            party.content.signed_on.clone_from(&new.signed_on);
        }
    }
    Ok(errors)
}

/// Returns whether a signature replaces a signatory or a day that the agreement states.
fn is_other(doc: &Doc, new: &PartySignature) -> bool {
    let party = doc.parties.iter().find(|party| party.id == new.party_id);
    party.is_some_and(|party| {
        let content = &party.content;
        let signatory = content.signatory.as_ref();
        let days = content.signed_on.as_ref().zip(new.signed_on.as_ref());
        signatory.is_some_and(|stated| *stated != new.signatory)
            || days.is_some_and(|(stated, new)| !stated.same_days(new))
    })
}

/// Points the errors in the parties to the signatures that caused them.
pub(super) fn pointing(mut error: ApiError, places: &[(usize, usize)]) -> ApiError {
    for (party, signature) in places {
        for member in ["signed_on", "signatory"] {
            let from = format!("/parties/{party}/{member}");
            error = error.pointing(&from, &format!("/signatures/{signature}/{member}"));
        }
    }
    error
}

/// Returns the places of parties with those of their signatures.
pub(super) fn places(doc: &Doc, step: &TransitionCreate) -> Vec<(usize, usize)> {
    let signatures = step.signatures.iter().enumerate();
    let place = |(i, new): (usize, &PartySignature)| {
        let party = doc.parties.iter().position(|p| p.id == new.party_id);
        party.map(|party| (party, i))
    };
    signatures.filter_map(place).collect()
}
