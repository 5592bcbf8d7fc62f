//! Transitions of an agreement, from draft to its end.

use super::read::{Stored, load_own};
use super::store::save;
use super::types::{Agreement, AgreementStatus, Transition, TransitionCreate};
use super::{approval, duties, renewal, reports, rules};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::AgreementId;
use crate::kernel::values::ImpreciseDate;
use crate::ledger::RequestContext;

/// Makes a transition.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality or the caller cannot
/// approve it; `transition_not_allowed`; `validation_failed`.
pub fn transition(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    step: &TransitionCreate,
) -> Result<Agreement, ApiError> {
    let stored = load_own(conn, cx, id)?;
    let mut step = step.clone();
    let signing = step.to == AgreementStatus::Signed;
    let from_content = signing && step.on.is_none() && stored.doc.content.signed_on.is_some();
    if from_content {
        step.on.clone_from(&stored.doc.content.signed_on);
    }
    // The day of signing is stored in two places; an error points to the place where it was given.
    step_on(conn, cx, stored, step).map_err(|error| {
        if from_content {
            error.pointing("/on", "/signed_on")
        } else if signing {
            error.pointing("/signed_on", "/on")
        } else {
            error
        }
    })
}

fn step_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut stored: Stored,
    mut step: TransitionCreate,
) -> Result<Agreement, ApiError> {
    let taken = rules::check_step(
        stored.doc.status(),
        &stored.doc.transitions,
        &step,
        stored.doc.parties.len(),
        cx.today,
    );
    let signing = step.to == AgreementStatus::Signed;
    let mut renewed = match signing {
        true => renewal::predecessor(conn, cx, &stored.doc)?,
        false => None,
    };
    let undecided = match &renewed {
        Some(old) => reports::check_renewal_outcomes(old, &stored.doc, &step, cx),
        None => reports::check_outcomes(&stored, &step, cx),
    };
    match taken {
        Err(error) if error.code != Code::Invalid => return Err(error),
        Ok(()) if undecided.is_empty() => {}
        taken => {
            let wrong = taken.err().map(|error| error.errors).unwrap_or_default();
            return Err(ApiError::invalid([wrong, undecided].concat()));
        }
    }
    if step.to == AgreementStatus::Approved {
        approval::check(cx, &stored.doc, &stored.policies)?;
    }
    let on = step
        .on
        .get_or_insert_with(|| ImpreciseDate::from_day(cx.today));
    if signing {
        let content = &mut stored.doc.content;
        content.signed_on = Some(on.clone());
        rules::check_signing(content)?;
    }
    let on = on.clone();
    match &mut renewed {
        Some(old) => reports::close(conn, cx, old, Some(stored.id), &step, &on)?,
        None => reports::close(conn, cx, &mut stored, None, &step, &on)?,
    }
    take(cx, &mut stored, step);
    if let Some(signing) = stored.doc.transitions.last().filter(|_| signing) {
        duties::check_signing(&stored.doc, &stored.policies, signing)?;
        renewal::overtake(conn, cx, &mut stored)?;
    }
    save(conn, cx, stored, Vec::new())
}

pub(super) fn take(cx: &RequestContext, stored: &mut Stored, step: TransitionCreate) {
    let TransitionCreate {
        to,
        on,
        reason,
        urgent,
        ..
    } = step;
    stored.doc.transitions.push(Transition {
        to,
        on,
        reason,
        urgent,
        recorded_at: cx.now.and_utc(),
    });
}
