//! Correction of the day of a recorded transition.
//!
//! A transition is often recorded later than it was made, with the day of recording. Its true day can
//! be earlier than that, and then no earlier day is accepted for the transitions that follow.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::doc::Doc;
use super::read::{self, Stored, load_own};
use super::types::{Agreement, AgreementStatus, Transition};
use super::{approval, duties, renewal, reports, rules, store};
use crate::db::AnyConnection;
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::kernel::values::past_events::open_ended;
use crate::kernel::values::{ImpreciseDate, Localized};
use crate::ledger::RequestContext;

/// What can be corrected in a recorded transition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct TransitionContent {
    /// Date of the transition, not before the transition before it and not after the next one; null
    /// if unknown. That of a signing is also the agreement's `signed_on`.
    #[schema(example = "2026-11-21")]
    pub on: Option<ImpreciseDate>,
}

/// Corrects the day of the transition at a place, and derives everything anew that follows from it.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality, or the caller cannot
/// approve it where the transition or a change of the agreement takes an approver;
/// `precondition_failed`; `invalid_parameters` without a reason; `conflict` if the day is that of a
/// renewal; `validation_failed` if the day does not fit.
pub fn correct(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, place): (AgreementId, usize),
    expected: &IfMatch,
    patch: &Patch<TransitionContent>,
    reason: Option<&Localized>,
) -> Result<Agreement, ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    let step = stored.doc.transitions.get(place);
    let step = step.ok_or_else(ApiError::not_found)?;
    expected.check(&stored.meta.revision())?;
    let old = TransitionContent {
        on: step.on.clone(),
    };
    let Some(TransitionContent { on }) = patch.apply(&old)? else {
        return read::get(conn, cx, id, None);
    };
    may_correct(cx, &stored, step)?;
    let reason = reason.ok_or_else(no_reason)?;
    let mut errors = wrong_day(&mut stored, place, on, cx);
    if stored.doc.transitions[place].to == AgreementStatus::Signed {
        let successor = renewal::successor(conn, cx, id)?;
        let on = stored.doc.content.signed_on.as_ref();
        errors.extend(
            on.zip(successor)
                .and_then(|(on, new)| renewal::signed_after(on, &new.doc)),
        );
        duties::check_recorded_signing(&stored.doc, &stored.policies, cx.today)?;
    } else {
        if let Some(new) = renewal::successor(conn, cx, id)? {
            renewal::limit(cx, &mut stored.doc, &new);
        }
        let on = stored.doc.transitions[place].on.clone();
        reports::redate_outcomes(conn, cx, &mut stored, None, on.as_ref(), reason)?;
    }
    store::add_correction(cx, &mut stored, reason.clone());
    store::save(conn, cx, stored, errors).map_err(|error| error.pointing("/signed_on", "/on"))
}

/// Checks that the caller may correct the day of a transition: as it may make the transition, and
/// change the agreement.
///
/// # Errors
/// `forbidden`; `conflict` if the transition follows from the signing of a renewal.
fn may_correct(cx: &RequestContext, stored: &Stored, step: &Transition) -> Result<(), ApiError> {
    let Stored { doc, policies, .. } = stored;
    if step.to == AgreementStatus::Superseded && doc.superseded_by.is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "이 날은 이 협약을 잇는 협약의 체결에서 정해집니다. 그 협약의 체결일이나 효력 발생일을 정정하십시오.",
            "This day follows from the agreement that supersedes this one: correct when that one was signed \
             or takes effect.",
        ));
    }
    match step.to {
        AgreementStatus::Approved => approval::check(cx, doc, policies),
        _ => approval::check_change(cx, doc, policies),
    }
}

fn no_reason() -> ApiError {
    let message = Message::fixed(
        "단계의 날을 정정하려면 사유를 적으십시오. 예: 서명일 오기",
        "State the reason for the correction of the day, such as a slip of the pen.",
    );
    let error = FieldError::query("correction_reason", "required", message);
    ApiError::new(Code::InvalidParameters).and(vec![error])
}

/// Sets the day of a transition and returns what is wrong with it.
fn wrong_day(
    stored: &mut Stored,
    place: usize,
    on: Option<ImpreciseDate>,
    cx: &RequestContext,
) -> Vec<FieldError> {
    let Stored { doc, reports, .. } = stored;
    doc.transitions[place].on.clone_from(&on);
    let endless = on
        .as_ref()
        .filter(|on| on.is_dated() && on.latest().is_none());
    let mut errors: Vec<FieldError> = endless.map(|_| open_ended("/on")).into_iter().collect();
    errors.extend(rules::corrected_day(
        &doc.transitions,
        place,
        cx.today,
        "/on",
    ));
    errors.extend(before_notice(&doc.transitions[place]));
    if doc.transitions[place].to == AgreementStatus::Signed {
        errors.extend(wrong_signing(doc, reports, on));
    }
    errors
}

/// Sets the day of signing of an agreement and returns what is wrong with it.
fn wrong_signing(
    doc: &mut Doc,
    reports: &reports::Reports,
    on: Option<ImpreciseDate>,
) -> Vec<FieldError> {
    doc.content.signed_on = on;
    let ended = rules::signed_after_end(&doc.content);
    let followed = duties::signed_too_late(doc, reports);
    ended.into_iter().chain(followed).collect()
}

/// Returns an error if a termination would take effect before it was notified.
fn before_notice(step: &Transition) -> Option<FieldError> {
    let effect = step.on.as_ref()?.latest()?;
    let notice = step.notified_on.as_ref()?;
    notice.starts_after(effect).then(|| {
        let message = Message::fixed(
            "해지를 통보한 날보다 앞섭니다.",
            "This lies before the termination was notified.",
        );
        FieldError::body("/on", "reversed", message)
    })
}
