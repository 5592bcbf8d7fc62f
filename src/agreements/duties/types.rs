//! Types of duties: as derived, as stored and as sent.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agreements::council::Occasion;
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::language::Message;
use crate::kernel::values::{AgreementRef, ImpreciseDate, OrganizationRef};
use crate::projections::policies::DutyKind;

/// Status of a duty on a day. `open`: not done, and not certainly past due; `overdue`: not done and
/// past due; `done_late`: done after the due date; `waived`: not required after all, for a stated
/// reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyStatus {
    /// Not done; the due date has not certainly passed.
    Open,
    /// Not done; the due date has passed.
    Overdue,
    Done,
    /// Done after the due date.
    DoneLate,
    /// Not required after all, for the reason in `waived_because`.
    Waived,
}

/// Kind of record that fulfilled a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoneByKind {
    Review,
    CouncilAction,
    /// A disclosed document.
    Document,
    /// A transition that ended the agreement, which leaves nothing to decide.
    Transition,
}

/// The record that fulfilled a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoneBy {
    /// Kind of the record.
    pub kind: DoneByKind,
    /// Id of the record within the agreement; null for a transition, which has none.
    pub id: Option<PartId>,
    /// Date on which the duty was fulfilled; null if unknown.
    pub on: Option<ImpreciseDate>,
}

/// Recurrence of a duty until it is fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// Interval in months.
    pub months: u32,
    /// Last day on which the duty recurs; `None` if open-ended.
    pub until: Option<NaiveDate>,
    /// Recurrence under the policies that follow.
    pub then: Vec<LaterRecurrence>,
}

/// Recurrence of a duty under a later policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterRecurrence {
    /// First due date under that policy.
    pub first: NaiveDate,
    pub months: u32,
    pub until: Option<NaiveDate>,
}

/// A duty independent of the day and without a reference to its agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    pub kind: DutyKind,
    pub occasion: Occasion,
    /// Ordinal among the duties of the same kind and occasion, from 1.
    pub place: usize,
    pub legal_basis: Option<String>,
    pub due: Option<ImpreciseDate>,
    pub due_as_stated: Option<Message>,
    pub done_by: Option<DoneBy>,
    pub waived_because: Option<Message>,
    // Rows keep the name under which they were written.
    #[serde(rename = "again")]
    pub recurrence: Option<Recurrence>,
}

impl Derived {
    /// Returns the duty's id: agreement, kind, occasion and ordinal. Stable for as long as the duty
    /// exists.
    pub fn id(&self, agreement: AgreementId) -> String {
        let (kind, occasion) = (self.kind.as_str(), self.occasion.as_str());
        format!("{agreement}:{kind}:{occasion}:{}", self.place)
    }

    /// Returns the last day on which the duty is not overdue.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.due.as_ref().and_then(ImpreciseDate::latest)
    }

    /// Returns the status independent of the day: `open` includes overdue duties.
    pub fn phase(&self) -> DutyStatus {
        let late = |done: &DoneBy| {
            let on = done.on.as_ref();
            self.last_day()
                .is_some_and(|last| on.is_some_and(|on| on.starts_after(last)))
        };
        match &self.done_by {
            _ if self.waived_because.is_some() => DutyStatus::Waived,
            Some(done) if late(done) => DutyStatus::DoneLate,
            Some(_) => DutyStatus::Done,
            None => DutyStatus::Open,
        }
    }

    /// Returns the status on a day.
    pub fn status(&self, day: NaiveDate) -> DutyStatus {
        match self.phase() {
            DutyStatus::Open if self.last_day().is_some_and(|last| last < day) => {
                DutyStatus::Overdue
            }
            phase => phase,
        }
    }

    /// Counts the due dates missed until the duty was fulfilled, or by `day`. `None` if the duty
    /// does not recur or the count is unknown.
    pub fn missed(&self, day: NaiveDate) -> Option<u32> {
        self.missed_before(day, NaiveDate::MAX)
    }

    /// Counts the due dates missed from `from` to `to`, as known on `day`. A miss falls on the day
    /// after the due date, so consecutive periods count each miss once.
    pub fn missed_within(&self, from: NaiveDate, to: NaiveDate, day: NaiveDate) -> Option<u32> {
        let before = from.pred_opt().unwrap_or(from);
        Some(self.missed_before(day, to)? - self.missed_before(day, before)?)
    }

    fn missed_before(&self, day: NaiveDate, limit: NaiveDate) -> Option<u32> {
        let recurrence = self.recurrence.as_ref()?;
        let done = self.done_by.as_ref().and_then(|done| done.on.as_ref());
        let by = done.map_or(Some(day), ImpreciseDate::earliest)?.min(limit);
        let count = |first, months, until: Option<NaiveDate>| {
            let after = until.and_then(|last| last.succ_opt());
            count_dates_before(first, months, after.map_or(by, |after| by.min(after)))
        };
        let first = count(self.last_day()?, recurrence.months, recurrence.until);
        let later = recurrence.then.iter();
        let later = later.map(|later| count(later.first, later.months, later.until));
        Some(first + later.sum::<u32>())
    }
}

/// Counts the dates `first`, `first` plus `months`, and so on that lie before `by`.
pub(super) fn count_dates_before(first: NaiveDate, months: u32, by: NaiveDate) -> u32 {
    let lies_before = |n: u32| {
        let day = n
            .checked_mul(months)
            .and_then(|m| first.checked_add_months(Months::new(m)));
        day.is_some_and(|day| day < by)
    };
    let between = (by.year() - first.year()) * 12 + by.month0() as i32 - first.month0() as i32;
    // The last date can lie in the same month as `by`, before or after it.
    let last = u32::try_from(between).unwrap_or(0) / months.max(1);
    if lies_before(last) { last + 1 } else { last }
}

/// An action that a municipality's policy requires for an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Duty {
    /// Id of the duty: agreement, kind, occasion and ordinal. Stable as long as the agreement and
    /// its policy do not change.
    #[schema(example = "0178d7fa-2c00-7000-8000-00000000003d:review:review:1")]
    pub id: String,
    /// Kind of the duty.
    #[schema(example = "review")]
    pub kind: DutyKind,
    /// Event that gives rise to the duty.
    #[schema(example = "review")]
    pub occasion: Occasion,
    /// Agreement to which the duty applies.
    pub agreement: AgreementRef,
    /// Municipality whose policy requires it.
    pub municipality: OrganizationRef,
    /// Department in charge of the agreement.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// Ordinance that requires it; null if not recorded.
    #[schema(example = "부산광역시 업무협약 관리 조례 제7조")]
    pub legal_basis: Option<String>,
    /// Due date: a range if it counts from an imprecise date; null if unknown.
    pub due: Option<ImpreciseDate>,
    /// Due date in words, where no date expresses it or where it depends on a council session.
    pub due_as_stated: Option<Message>,
    /// Status on the day of `as_of`, by default today.
    #[schema(example = "overdue")]
    pub status: DutyStatus,
    /// Record that fulfilled it; null while none has.
    pub done_by: Option<DoneBy>,
    /// Reason why it is not required after all; null if it is required.
    pub waived_because: Option<Message>,
    /// Number of reviews that fell due and were not made, by the day of `as_of` or until the review
    /// that was finally made, under all policies that required them. Null for duties that do not
    /// recur. If the agreement ended on an unknown day, no review is open and the number of missed
    /// ones is unknown.
    #[schema(minimum = 0, example = 5)]
    pub missed: Option<u32>,
}

impl Duty {
    pub fn of(
        derived: Derived,
        agreement: AgreementRef,
        municipality: OrganizationRef,
        department: Option<String>,
        day: NaiveDate,
    ) -> Self {
        Self {
            id: derived.id(agreement.id),
            status: derived.status(day),
            missed: derived.missed(day),
            kind: derived.kind,
            occasion: derived.occasion,
            agreement,
            municipality,
            department,
            legal_basis: derived.legal_basis,
            due: derived.due,
            due_as_stated: derived.due_as_stated,
            done_by: derived.done_by,
            waived_because: derived.waived_because,
        }
    }
}
