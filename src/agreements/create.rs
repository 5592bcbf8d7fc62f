//! Recording an agreement: load what it refers to, decide, write, and log.

use std::collections::BTreeSet;

use super::anchors::Anchors;
use super::doc::{Ahead, Before, Doc, Part};
use super::parts::PartContent;
use super::read::Stored;
use super::renewal::Succession;
use super::reports::Reports;
use super::store::{Accepted, accept};
use super::types::{Agreement, AgreementCreate, AgreementStatus};
use super::{approval, contact, duties, reports, rules, sharing, signatures};
use crate::db::AnyConnection;
use crate::directory::names::known_municipality;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::values::Meta;
use crate::ledger::RequestContext;
use crate::projections::policies;

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
    accepted(conn, cx, new)?.view(conn, cx)
}

/// Records a whole agreement like [`create`], without the answer that shows it: one of many.
///
/// # Errors
/// Those of [`create`].
pub fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &AgreementCreate,
) -> Result<Meta<AgreementId>, ApiError> {
    Ok(accepted(conn, cx, new)?.stored.meta)
}

fn accepted(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &AgreementCreate,
) -> Result<Accepted, ApiError> {
    cx.caller.may_change(new.municipality_id)?;
    let (mut doc, mut errors) = draft(cx, new);
    sharing::settle_all(conn, cx, &mut doc)?;
    let meta = cx.new_meta();
    let before = Before::default();
    let succession = Succession::load(conn, cx, meta.id, &doc, &before)?;
    let new_agreement = Stored {
        id: meta.id,
        meta,
        before,
        reports: Reports::default(),
        policies: policies::locked(conn, doc.municipality_id)?,
        doc,
    };
    known_municipality(conn, "/municipality_id", new.municipality_id, &mut errors)?;
    let duty = decide(cx, new, &new_agreement, &succession, &mut errors)?;
    let mut accepted = accept(conn, cx, new_agreement, succession, errors)?;
    // The caller can only act on a duty once the agreement itself is right.
    duty.map_or(Ok(()), Err)?;
    accepted.insert(conn, cx)?;
    let Stored { id, doc, .. } = &accepted.stored;
    let mut steps = new.transitions.iter();
    let signing = steps.find(|step| step.to == AgreementStatus::Signed);
    let renewed = accepted.succession.signed_predecessor_mut();
    let renewed = renewed.filter(|_| doc.status().is_signed());
    if let Some((old, signing)) = renewed.zip(signing) {
        let on = reports::effective_day(doc.content.signed_on.as_ref(), cx);
        reports::close(conn, cx, old, Some(*id), signing, &on)?;
    }
    accepted.write_predecessors(conn, cx)?;
    Ok(accepted)
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
        files: Vec::new(),
        reviews: parts(cx, &new.reviews),
        council_actions: parts(cx, &new.council_actions),
        publications: parts(cx, &new.publications),
        transitions,
        corrections: Vec::new(),
        superseded_by: None,
        superseded_as_stated: None,
        successor_starts: Vec::new(),
        drafted_by: cx.caller.id,
        rewritten_by: BTreeSet::new(),
        contact_salt: None,
        names_salt: None,
        anchors: Anchors::default(),
        ahead: Ahead::default(),
    };
    (contact::salted(doc, None), errors)
}

fn parts<C: PartContent>(cx: &RequestContext, contents: &[C]) -> Vec<Part<C>> {
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
    Stored { doc, policies, .. }: &Stored,
    succession: &Succession,
    errors: &mut Vec<FieldError>,
) -> Result<Option<ApiError>, ApiError> {
    let renewed = succession.signed_predecessor();
    let renewed = renewed.filter(|_| doc.status().is_signed());
    errors.extend(duties::check_reviews_and_actions(doc));
    if doc.status() == AgreementStatus::Approved {
        approval::check(cx, doc, policies)?;
    }
    for (i, step) in new.transitions.iter().enumerate() {
        errors.extend(signatures::beside_parties(
            step,
            &format!("/transitions/{i}"),
        ));
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
