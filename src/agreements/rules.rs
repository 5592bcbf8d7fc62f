//! Rules of agreements: allowed transitions, whether an agreement is in force, missing facts. Pure:
//! the day is an argument.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use validator::ValidationError;

use super::types::{AgreementContent, AgreementStatus as Status, Transition, TransitionCreate};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::{Language, Message};
use crate::kernel::rule::rule_error;
use crate::kernel::values::past_events::{in_future, not_passed};
use crate::kernel::values::{Bounds, ImpreciseDate, range_in_order};
use crate::kernel::words::Word as _;
use crate::projections::timeline_entry::NEVER_ENDS;

impl Status {
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::InReview,
        Self::Approved,
        Self::Signed,
        Self::Completed,
        Self::Terminated,
        Self::Superseded,
        Self::Withdrawn,
        Self::Voided,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Signed => "signed",
            Self::Completed => "completed",
            Self::Terminated => "terminated",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Voided => "voided",
        }
    }

    /// Returns the statuses that can follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::InReview, Self::Withdrawn, Self::Voided],
            Self::InReview => &[Self::Approved, Self::Withdrawn, Self::Voided],
            Self::Approved => &[Self::Signed, Self::Withdrawn, Self::Voided],
            Self::Signed => &[
                Self::Completed,
                Self::Terminated,
                Self::Superseded,
                Self::Voided,
            ],
            Self::Completed | Self::Terminated | Self::Superseded | Self::Withdrawn => {
                &[Self::Voided]
            }
            Self::Voided => &[],
        }
    }

    /// Returns `true` if the agreement was signed and has not been voided.
    pub fn is_signed(self) -> bool {
        matches!(
            self,
            Self::Signed | Self::Completed | Self::Terminated | Self::Superseded
        )
    }

    /// Returns `true` if the agreement has no effect: given up before signing, or entered in error.
    pub fn is_void(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Voided)
    }

    /// Returns `true` if at most voiding can follow.
    pub fn is_end(self) -> bool {
        !matches!(
            self,
            Self::Draft | Self::InReview | Self::Approved | Self::Signed
        )
    }
}

/// Returns the errors in the date, the reason and the urgency of a transition.
///
/// # Errors
/// `transition_not_allowed`, with the allowed transitions.
pub fn check_step(
    from: Status,
    steps: &[Transition],
    step: &TransitionCreate,
    today: NaiveDate,
) -> Result<Vec<FieldError>, ApiError> {
    if !from.next().contains(&step.to) {
        let allowed: Vec<&str> = from.next().iter().map(|s| s.as_str()).collect();
        let (now, to, allowed) = (from.as_str(), step.to.as_str(), allowed.join(", "));
        let ko = format!("{now} 상태에서 {to} 상태로 갈 수 없습니다. 갈 수 있는 상태: {allowed}");
        let en = format!("An agreement that is {now} cannot become {to}. Allowed: {allowed}.");
        // For clients that show errors beside the members that they concern.
        let message = Message::new(ko.clone(), en.clone());
        let wrong = FieldError::body("/to", Code::TransitionNotAllowed.as_str(), message);
        return Err(ApiError::with(Code::TransitionNotAllowed, ko, en).and(vec![wrong]));
    }
    let mut errors = Vec::new();
    if step.to.is_end() && step.reason.is_none() {
        let message = Message::fixed(
            "협약을 끝내는 단계에는 사유가 필요합니다.",
            "A step that ends an agreement needs a reason.",
        );
        errors.push(FieldError::body("/reason", "required", message));
    }
    errors.extend(urgent_elsewhere(step, ""));
    errors.extend(wrong_notice(step, "", today));
    if let Some(on) = &step.on {
        errors.extend(not_over(
            step.to,
            on,
            step.notified_on.is_some(),
            "/on",
            today,
        ));
        let day = |s: &Transition| Some((s.to, s.on.clone()?, s.on.as_ref()?.earliest()?));
        // An end that lies ahead is recorded already.
        let happened = |(_, day, _): &(Status, ImpreciseDate, NaiveDate)| !day.starts_after(today);
        let before = steps.iter().rev().filter_map(day).find(happened);
        if let Some((to, day, _)) = before.filter(|(.., first)| on.ends_before(*first)) {
            errors.push(FieldError::body("/on", "reversed", stands_before(to, &day)));
        }
    }
    Ok(errors)
}

/// Returns the error for a step on a date that is not over, unless it was `notified` ahead.
fn not_over(
    step: Status,
    on: &ImpreciseDate,
    notified: bool,
    at: &str,
    today: NaiveDate,
) -> Option<FieldError> {
    if notified {
        return None;
    }
    let wrong = not_passed(on, at, today)?;
    let has_end = on.latest().is_some();
    Some(match has_end && on.starts_after(today) {
        true => ahead(step, at),
        false => wrong,
    })
}

/// Returns the error for a step on a day that has not come. Two kinds of steps can be recorded ahead
/// in another way, which the message names.
fn ahead(step: Status, at: &str) -> FieldError {
    let (ko, en) = match step {
        Status::Superseded => (
            "아직 오지 않은 날입니다. 이 협약을 잇는 협약을 등록하며 supersedes_id에 이 협약을 적고 체결하면, 그 협약의 효력이 생기는 날까지 이 협약이 유효합니다.",
            "This day has not come yet. Record and sign the agreement that supersedes this one, with supersedes_id: \
             this one is in force until that one takes effect.",
        ),
        Status::Terminated => (
            "아직 오지 않은 날입니다. 미리 통보한 해지라면 통보한 날을 notified_on에 적으십시오.",
            "This day has not come yet. Of a termination that was notified ahead, give the day of the notice in notified_on.",
        ),
        _ => return in_future(at),
    };
    FieldError::body(at, "in_future", Message::fixed(ko, en))
}

/// Returns the message that a transition lies before the previous one.
fn stands_before(step: Status, on: &ImpreciseDate) -> Message {
    let Message {
        ko: step,
        en: step_en,
    } = step.word();
    let (ko, en) = (on.words(Language::Korean), on.words(Language::English));
    Message::new(
        format!(
            "앞 단계인 ‘{step}’의 날({ko})보다 앞섭니다. 그 날이 틀렸으면 먼저 그 날을 정정하십시오."
        ),
        format!(
            "This lies before the day of the step before, {step_en}: {en}. Correct that day first if it is wrong."
        ),
    )
}

/// Returns an error if a transition other than a signing gives a reason for urgency.
fn urgent_elsewhere(step: &TransitionCreate, at: &str) -> Option<FieldError> {
    let elsewhere = step.urgent.is_some() && step.to != Status::Signed;
    elsewhere.then(|| {
        let message = Message::fixed(
            "긴급 사유는 체결 단계에만 쓸 수 있습니다.",
            "Urgency is a matter of the signing alone.",
        );
        FieldError::body(format!("{at}/urgent"), "not_a_signing", message)
    })
}

/// Returns an error if a transition cannot have been notified on the given day: it is no
/// termination, the day has not come, or it lies after the termination.
fn wrong_notice(step: &TransitionCreate, at: &str, today: NaiveDate) -> Option<FieldError> {
    let on = step.notified_on.as_ref()?;
    let at = format!("{at}/notified_on");
    if step.to != Status::Terminated {
        let message = Message::fixed(
            "해지 단계에만 쓸 수 있습니다.",
            "Only a termination is notified.",
        );
        return Some(FieldError::body(at, "not_a_termination", message));
    }
    let effect = step.on.as_ref().and_then(ImpreciseDate::latest);
    not_passed(on, at.clone(), today).or_else(|| {
        effect.is_some_and(|day| on.starts_after(day)).then(|| {
            let message = Message::fixed(
                "해지의 효력이 생기는 날보다 뒤입니다.",
                "This lies after the day on which the termination takes effect.",
            );
            FieldError::body(at, "reversed", message)
        })
    })
}

/// Returns the errors in the dates of an agreement that is recorded with its transitions: none can
/// lie in the future, and the signing has a single date.
pub fn first_days(
    status: Status,
    given: &[TransitionCreate],
    content: &AgreementContent,
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let signed_on = content.signed_on.as_ref();
    let signing = |step: &TransitionCreate| step.to == Status::Signed;
    let was_signed = status.is_signed() || given.iter().any(signing);
    if was_signed {
        errors.extend(signed_on.and_then(|on| not_passed(on, "/signed_on", today)));
    }
    for (i, step) in given.iter().enumerate() {
        errors.extend(urgent_elsewhere(step, &format!("/transitions/{i}")));
        errors.extend(wrong_notice(step, &format!("/transitions/{i}"), today));
        let Some(on) = &step.on else { continue };
        let at = format!("/transitions/{i}/on");
        let notified = step.notified_on.is_some();
        errors.extend(not_over(step.to, on, notified, &at, today));
        if signing(step) && signed_on.is_some_and(|other| !other.same_days(on)) {
            let message = Message::fixed(
                "signed_on과 다른 날입니다.",
                "This is another day than signed_on.",
            );
            errors.push(FieldError::body(at, "contradicts_signed_on", message));
        }
    }
    errors
}

/// Returns an error if a corrected day of signing, already set in the transitions, does not fit.
pub fn corrected_signing(steps: &[Transition], today: NaiveDate) -> Option<FieldError> {
    let place = steps.iter().position(|s| s.to == Status::Signed)?;
    corrected_day(steps, place, today, "/signed_on")
}

/// Returns an error at `at` if the corrected day of a transition, already set, lies in the future or
/// does not fit between those of its neighbours.
pub fn corrected_day(
    steps: &[Transition],
    place: usize,
    today: NaiveDate,
    at: &str,
) -> Option<FieldError> {
    let on = steps[place].on.as_ref()?;
    let Transition {
        to, notified_on, ..
    } = &steps[place];
    let wrong = not_over(*to, on, notified_on.is_some(), at, today);
    if wrong.is_some() {
        return wrong;
    }
    let earliest = |step: &Transition| step.on.as_ref().and_then(ImpreciseDate::earliest);
    let before = steps[..place].iter().filter_map(earliest);
    let after = steps[place + 1..].iter().filter_map(|s| s.on.as_ref());
    let reversed = before.into_iter().any(|day| on.ends_before(day))
        || on
            .earliest()
            .is_some_and(|day| after.into_iter().any(|later| later.ends_before(day)));
    reversed.then(|| {
        let message = Message::fixed(
            "다른 단계의 날과 순서가 맞지 않습니다.",
            "This does not fit between the days of the other steps.",
        );
        FieldError::body(at, "reversed", message)
    })
}

/// Returns an error if a renewal was signed before its predecessor.
pub fn signed_too_early(
    signed: Option<&ImpreciseDate>,
    predecessor: Option<&ImpreciseDate>,
) -> Option<FieldError> {
    let first = predecessor.and_then(ImpreciseDate::earliest)?;
    signed.filter(|on| on.ends_before(first)).map(|_| {
        let message = Message::fixed(
            "잇는 협약의 체결일보다 앞섭니다.",
            "This lies before the agreement that it supersedes was signed.",
        );
        FieldError::body("/signed_on", "before_superseded", message)
    })
}

/// Returns an error if an agreement would have ended before its signing.
pub fn signed_after_end(content: &AgreementContent) -> Option<FieldError> {
    let (start, end) = term(content);
    let reversed = range_in_order(start, end, "").is_err();
    reversed.then(|| {
        let message = Message::fixed(
            "협약의 유효기간이 끝난 뒤입니다.",
            "This lies after the last day on which the agreement is in force.",
        );
        FieldError::body("/on", "after_end", message)
    })
}

/// Returns an error if a signed agreement has fewer than two parties.
pub fn few_parties(status: Status, parties: usize) -> Option<FieldError> {
    (status.is_signed() && parties < 2).then(|| {
        let message = Message::fixed(
            "체결된 협약에는 당사자가 둘 이상 있어야 합니다.",
            "A signed agreement needs two parties at least.",
        );
        FieldError::body("/parties", "min_items", message)
    })
}

/// Returns the transitions of an agreement that is recorded in its present status: the given ones
/// and the signing, dated by `signed_on`.
///
/// # Errors
/// Names the transition that is out of order.
pub fn first_steps(
    status: Status,
    given: &[TransitionCreate],
    content: &AgreementContent,
    now: DateTime<Utc>,
) -> Result<Vec<Transition>, Vec<FieldError>> {
    let step = |to, on| Transition {
        to,
        on,
        notified_on: None,
        reason: None,
        urgent: None,
        recorded_at: now,
    };
    let mut steps: Vec<Transition> = given
        .iter()
        .map(|given| Transition {
            notified_on: given.notified_on.clone(),
            reason: given.reason.clone(),
            urgent: given.urgent.clone(),
            ..step(given.to, given.on.clone())
        })
        .collect();
    match steps.iter_mut().find(|step| step.to == Status::Signed) {
        Some(signing) if signing.on.is_none() => signing.on.clone_from(&content.signed_on),
        None if status.is_signed() => {
            let end = steps.iter().position(|step| step.to.is_end());
            let signing = step(Status::Signed, content.signed_on.clone());
            steps.insert(end.unwrap_or(steps.len()), signing);
        }
        _ => {}
    }
    if steps.last().is_none_or(|last| last.to != status) {
        if given.last().is_some_and(|last| last.to.is_end()) {
            let message = Message::fixed(
                "마지막 단계가 현재 상태와 다릅니다.",
                "The last step is not the present status.",
            );
            let error = FieldError::body("/transitions", "not_the_status", message);
            return Err(vec![error]);
        }
        steps.push(step(status, None));
    }
    let Some(i) = steps
        .windows(2)
        .position(|pair| is_reversed(&pair[0], &pair[1]))
    else {
        return Ok(steps);
    };
    let message = Message::fixed(
        "단계의 순서가 맞지 않습니다.",
        "The steps do not follow one another.",
    );
    let i = (i + 1).min(given.len().saturating_sub(1));
    let at = format!("/transitions/{i}");
    Err(vec![FieldError::body(at, "out_of_order", message)])
}

/// Whether a transition cannot follow another, by their statuses or their days.
fn is_reversed(first: &Transition, second: &Transition) -> bool {
    let order = |status: Status| match status {
        Status::Draft => 0,
        Status::InReview => 1,
        Status::Approved => 2,
        Status::Signed => 3,
        Status::Voided => 5,
        _ => 4,
    };
    let before = first.on.as_ref().and_then(ImpreciseDate::earliest);
    order(first.to) >= order(second.to)
        || matches!((before, &second.on), (Some(day), Some(on)) if on.ends_before(day))
}

/// Returns an error if the partner reviewed the draft certainly after the signing.
pub fn reviewed_too_late(content: &AgreementContent) -> Option<ValidationError> {
    let signed = content.signed_on.as_ref()?.latest()?;
    let reviewed = content.partner_reviewed_on.as_ref()?;
    reviewed.starts_after(signed).then(|| {
        rule_error(
            "reversed",
            "/partner_reviewed_on",
            "체결한 뒤입니다.",
            "This lies after the agreement was signed.",
        )
    })
}

/// What the days from which transitions count depend on, beside the transitions.
#[derive(Clone, Copy)]
pub struct Counting {
    /// Time zone of the registry.
    pub zone: Tz,
    /// The first day on which a successor is in force; `None` without a signed successor.
    pub taken_over: Option<Bounds>,
}

impl From<Tz> for Counting {
    fn from(zone: Tz) -> Self {
        Self {
            zone,
            taken_over: None,
        }
    }
}

/// Returns the day from which a transition counts: the last day on which it can have happened. An end
/// by supersession counts once the successor is certainly in force.
pub fn counts_from(step: &Transition, counting: &Counting) -> NaiveDate {
    match counting
        .taken_over
        .filter(|_| step.to == Status::Superseded)
        .or_else(|| takes_effect(step))
    {
        Some(start) => start.latest.unwrap_or(NEVER_ENDS),
        None => happened_by(step.on.as_ref(), step.recorded_at, counting.zone),
    }
}

/// Returns the day on which a step takes effect that was notified: not before the notice. That it is
/// recorded tells nothing of that day.
pub(super) fn takes_effect(step: &Transition) -> Option<Bounds> {
    let (notified, on) = (step.notified_on.as_ref()?, step.on.as_ref()?);
    Some(Bounds {
        earliest: on.earliest().max(notified.earliest()),
        latest: on.latest(),
    })
}

/// Returns the last day on which a recorded step can have happened: the last possible day of its date,
/// but not after the day of recording in the registry's time zone, since it had happened by then. A step
/// that was announced ahead counts from its date alone.
pub(super) fn happened_by(
    on: Option<&ImpreciseDate>,
    recorded_at: DateTime<Utc>,
    zone: Tz,
) -> NaiveDate {
    let recorded = recorded_at.with_timezone(&zone).date_naive();
    let Some(last) = on.and_then(ImpreciseDate::latest) else {
        return recorded;
    };
    match on.is_some_and(|on| on.starts_after(recorded)) {
        true => last,
        false => last.min(recorded),
    }
}

/// Returns the day from which the end of a signed agreement counts, if one is recorded.
pub fn ended_from(steps: &[Transition], counting: &Counting) -> Option<NaiveDate> {
    let last = steps.last()?;
    let is_end = last.to.is_signed() && last.to.is_end();
    is_end.then(|| counts_from(last, counting))
}

/// Returns the first day on which [`status_on`] knows a status.
pub fn known_from(steps: &[Transition], counting: &Counting) -> Option<NaiveDate> {
    let days = steps.iter().map(|step| counts_from(step, counting));
    days.min()
}

/// Returns whether a transition counts on a day. What was entered in error never happened: voiding counts
/// on every day.
pub fn counts_on(step: &Transition, day: NaiveDate, counting: &Counting) -> bool {
    step.to == Status::Voided || counts_from(step, counting) <= day
}

/// Returns the status on a day; `None` before the first transition.
pub fn status_on(steps: &[Transition], day: NaiveDate, counting: &Counting) -> Option<Status> {
    known_from(steps, counting).filter(|first| *first <= day)?;
    let mut steps = steps.iter().rev();
    let last = steps.find(|step| counts_on(step, day, counting));
    last.map(|step| step.to)
}

/// Returns the first and the last day in force. An agreement that renews automatically has no end,
/// even if its last day is given.
pub fn term(content: &AgreementContent) -> (Option<&ImpreciseDate>, Option<&ImpreciseDate>) {
    let start = content
        .effective_from
        .as_ref()
        .or(content.signed_on.as_ref());
    (start, content.effective_until.as_ref())
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
