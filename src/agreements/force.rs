//! The period in which an agreement is in force, as far as it is known. Pure: the day is an
//! argument.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{Counting, counts_from, takes_effect, term};
use super::types::{AgreementContent, AgreementStatus as Status, Transition};
use crate::kernel::values::{Bounds, DayRange, both};
use crate::projections::timeline_entry::NEVER_ENDS;

/// How an agreement ended: its term ran out, it was completed or terminated, or another agreement
/// superseded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Expiry,
    Completion,
    Termination,
    Supersession,
}

impl EndedBy {
    pub const ALL: [Self; 4] = [
        Self::Expiry,
        Self::Completion,
        Self::Termination,
        Self::Supersession,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Completion => "completion",
            Self::Termination => "termination",
            Self::Supersession => "supersession",
        }
    }

    fn of(end: Status) -> Option<Self> {
        match end {
            Status::Completed => Some(Self::Completion),
            Status::Terminated => Some(Self::Termination),
            Status::Superseded => Some(Self::Supersession),
            _ => None,
        }
    }
}

/// A transition that ended an agreement, with the day from which it has effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub by: EndedBy,
    pub from: Bounds,
}

/// The period in which a signed agreement is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Force {
    /// First day in force: not before the signing.
    pub from: Bounds,
    /// Last day in force, by the term or by an earlier end.
    pub until: Bounds,
    /// Last day of the term.
    term: Bounds,
    /// The end other than by the term, which may lie ahead.
    pub end: Option<End>,
    /// The first day on which a successor is in force, if it is superseded or ended later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken_over: Option<Bounds>,
}

impl Force {
    /// Returns the period of an agreement; `None` if it was never signed. Whether it was voided since
    /// makes no difference. It is in force until a successor is, also if it was completed or terminated
    /// later: on no day are both in force.
    pub fn of(
        steps: &[Transition],
        content: &AgreementContent,
        counting: &Counting,
    ) -> Option<Self> {
        let signing = steps.iter().find(|step| step.to == Status::Signed)?;
        let (start, last) = term(content);
        // An event on an unknown day had happened when it was recorded, but not before its notice.
        let bounds = |step: &Transition| Bounds {
            earliest: (Bounds::of(step.on.as_ref()).earliest)
                .max(Bounds::of(step.notified_on.as_ref()).earliest),
            latest: Some(counts_from(step, counting)),
        };
        let taken_over = counting.taken_over;
        let signed = bounds(signing);
        let end = steps.iter().find_map(|step| {
            let by = EndedBy::of(step.to)?;
            let from = match taken_over.filter(|_| by == EndedBy::Supersession) {
                Some(start) => start,
                None => takes_effect(step).unwrap_or_else(|| bounds(step)),
            };
            let earliest = from.earliest.max(signed.earliest);
            let from = Bounds { earliest, ..from };
            Some(End { by, from })
        });
        let counted = content
            .renewal
            .is_some_and(|renewal| renewal.times.is_some());
        let term = match content.auto_renews {
            Some(true) if !counted => Bounds::day(NEVER_ENDS),
            Some(true) => last_term(content),
            _ => Bounds::of(last),
        };
        let ends = end.map(|end| end.from).into_iter().chain(taken_over);
        Some(Self {
            from: Bounds::of(start).max(signed),
            until: ends.fold(term, |until, end| until.min(end.day_before())),
            term,
            end,
            taken_over,
        })
    }

    /// Returns whether the agreement is in force on a day; `None` if its dates leave it open.
    pub fn on(&self, day: NaiveDate) -> Option<bool> {
        both(self.from.is_by(day), self.until.is_from(day))
    }

    /// Returns how the agreement ended, if it has certainly ended by a day.
    pub fn ended_by(&self, day: NaiveDate) -> Option<EndedBy> {
        let came = |from: &Bounds| from.is_by(day) == Some(true);
        let end = self.end.filter(|end| came(&end.from)).map(|end| end.by);
        let taken_over = self.taken_over.filter(came);
        let expired = || (self.term.is_from(day) == Some(false)).then_some(EndedBy::Expiry);
        end.or(taken_over.map(|_| EndedBy::Supersession))
            .or_else(expired)
    }

    /// Returns true if the agreement was certainly terminated after its term had run out, when nothing
    /// was left to terminate.
    pub fn is_terminated_after_term(&self) -> bool {
        let end = self.end.filter(|end| end.by == EndedBy::Termination);
        let from = end.and_then(|end| end.from.earliest);
        from.is_some_and(|from| self.term.is_by(from.pred_opt().unwrap_or(from)) == Some(true))
    }

    /// Returns whether the term alone ends the agreement, as far as it is recorded.
    pub fn goes_on(&self) -> bool {
        self.end.is_none() && self.taken_over.is_none()
    }

    /// Returns the number of days until the last day in force; `None` unless the agreement is
    /// certainly in force and that day is known.
    pub fn expires_in_days(&self, day: NaiveDate) -> Option<i64> {
        let last = self.until.known().filter(|last| *last < NEVER_ENDS)?;
        (self.on(day) == Some(true)).then(|| (last - day).num_days())
    }

    /// Returns the number of days until the last day in force as a range; `None` if the agreement is
    /// certainly not in force, or nothing is known of its end.
    pub fn expires_in(&self, day: NaiveDate) -> Option<DayRange> {
        let open = |end: &NaiveDate| *end < NEVER_ENDS;
        let until = Bounds {
            earliest: self.until.earliest.filter(open),
            latest: self.until.latest.filter(open),
        };
        (self.on(day) != Some(false) && until != Bounds::UNKNOWN).then(|| until.days_after(day))
    }
}

/// Returns the last day of the last term of an agreement that renews a limited number of times; unknown
/// for any other.
pub fn last_term(content: &AgreementContent) -> Bounds {
    let first = Bounds::of(content.effective_until.as_ref());
    let last = |first: NaiveDate| {
        let renewal = content.renewal?;
        renewal.last_day(first, renewal.times?)
    };
    Bounds {
        earliest: first.earliest.and_then(last),
        latest: first.latest.and_then(last),
    }
}

/// Returns whether an agreement with a status is in force on a day; `None` if its dates leave it
/// open.
pub fn in_force(force: Option<&Force>, status: Status, day: NaiveDate) -> Option<bool> {
    match force.filter(|_| !status.is_void()) {
        Some(force) => force.on(day),
        None => Some(false),
    }
}

#[cfg(test)]
#[path = "force_tests.rs"]
mod tests;
