//! Recording an agreement: load what it refers to, decide, write, and log.

use std::collections::BTreeSet;

use super::doc::{Before, Doc, Part};
use super::read::{Stored, view};
use super::reports::Reports;
use super::store::{check, put};
use super::types::{Agreement, AgreementCreate, AgreementStatus};
use super::{approval, contact, duties, renewal, reports, rules};
use crate::agreements::records::AGREEMENT;
use crate::db::AnyConnection;
use crate::directory::names::known_municipality;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::ledger::{self, RequestContext};
use crate::projections::policies::{self, Policy};

/// Records a whole agreement in its present status.
///
/// # Errors
/// `forbidden`; `validation_failed`, with every reference and transition that does not fit;
/// `conflict` if another agreement supersedes the same one; `duty_stands_in_the_way` if the
/// municipality's policy does not allow the signing.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &AgreementCreate,
) -> Result<Agreement, ApiError> {
    cx.caller.may_change(new.municipality_id)?;
    let (doc, mut errors) = draft(cx, new);
    let policies = policies::locked(conn, doc.municipality_id)?;
    let mut renewed = match doc.status().is_signed() {
        true => renewal::predecessor(conn, cx, &doc)?,
        false => None,
    };
    known_municipality(conn, "/municipality_id", doc.municipality_id, &mut errors)?;
    let refusal = decide(cx, new, &doc, &policies, renewed.as_ref(), &mut errors)?;
    let meta = cx.new_meta();
    let id = meta.id;
    let related = check(conn, cx, id, &doc, &Before::default(), errors)?;
    // The caller can only act on a duty once the agreement itself is right.
    refusal.map_or(Ok(()), Err)?;
    let reports = Reports::default();
    put(conn, cx, &meta, &doc, (&related.names, &reports, &policies))?;
    ledger::append(conn, cx, &AGREEMENT, &id.to_string(), None)?;
    let mut steps = new.transitions.iter();
    let signing = steps.find(|step| step.to == AgreementStatus::Signed);
    if let Some((old, signing)) = renewed.as_mut().zip(signing) {
        let on = reports::effective_day(doc.content.signed_on.as_ref(), cx);
        reports::close(conn, cx, old, Some(id), signing, &on)?;
    }
    renewal::settle(conn, cx, id, &doc, None)?;
    let stored = Stored::new(id, meta, doc, reports, policies);
    view(conn, cx, stored, related, None)
}

/// Returns the document of a new agreement, with the errors of its transitions.
fn draft(cx: &RequestContext, new: &AgreementCreate) -> (Doc, Vec<FieldError>) {
    let (status, given) = (new.status, &new.transitions);
    let steps = rules::first_steps(status, given, &new.content, cx.now.and_utc());
    let (transitions, mut errors) = match steps {
        Ok(steps) => (steps, Vec::new()),
        Err(errors) => (Vec::new(), errors),
    };
    errors.extend(rules::first_days(status, given, &new.content, cx.today));
    let mut content = new.content.clone();
    if content.signed_on.is_none() {
        let signing = transitions.iter().find(|s| s.to == AgreementStatus::Signed);
        content.signed_on = signing.and_then(|s| s.on.clone());
    }
    let doc = Doc {
        municipality_id: new.municipality_id,
        content,
        parties: parts(cx, &new.parties),
        commitments: parts(cx, &new.commitments),
        documents: parts(cx, &new.documents),
        reviews: parts(cx, &new.reviews),
        council_actions: parts(cx, &new.council_actions),
        transitions,
        corrections: Vec::new(),
        superseded_by: None,
        drafted_by: cx.caller.id,
        rewritten_by: BTreeSet::new(),
        contact_salt: None,
    };
    (contact::salted(doc, None), errors)
}

fn parts<C: Clone>(cx: &RequestContext, contents: &[C]) -> Vec<Part<C>> {
    let contents = contents.iter().cloned();
    contents.map(|content| Part::new(cx, content)).collect()
}

/// Applies the rules of a new agreement that need no more than its policies and its predecessor.
/// Collects what is wrong with it, and returns a duty that stands in its way.
///
/// # Errors
/// `forbidden` if the caller cannot approve an agreement that is recorded as approved.
fn decide(
    cx: &RequestContext,
    new: &AgreementCreate,
    doc: &Doc,
    policies: &[Policy],
    renewed: Option<&Stored>,
    errors: &mut Vec<FieldError>,
) -> Result<Option<ApiError>, ApiError> {
    errors.extend(duties::check_reviews_and_actions(doc));
    if doc.status() == AgreementStatus::Approved {
        approval::check(cx, doc, policies)?;
    }
    for (i, step) in new.transitions.iter().enumerate() {
        let at = format!("/transitions/{i}/commitments");
        match renewed {
            Some(old) if step.to == AgreementStatus::Signed => {
                let takes_on = !doc.commitments.is_empty();
                errors.extend(reports::invalid_outcomes(old, step, &at, takes_on, cx));
            }
            _ => errors.extend(reports::unexpected_outcomes(&at, step)),
        }
    }
    match duties::check_recorded_signing(doc, policies, cx.today) {
        Err(missing) if missing.code == Code::Invalid => {
            errors.extend(missing.errors);
            Ok(None)
        }
        result => Ok(result.err()),
    }
}
