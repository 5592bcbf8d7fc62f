//! Types of duties: as derived, as stored and as sent.

use std::fmt::Display;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agreements::council::Occasion;
use crate::kernel::ids::{OrganizationId, PartId};
use crate::kernel::language::Message;
use crate::kernel::legal_days::months_after;
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
    Publication,
    /// A transition that ended the agreement, which leaves nothing to decide.
    Transition,
    /// A report of the municipality on all its agreements.
    AnnualReport,
}

/// The record that fulfilled a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoneBy {
    /// Kind of the record.
    pub kind: DoneByKind,
    /// Id of the record within the agreement; null for a transition and an annual report, which have
    /// none.
    pub id: Option<PartId>,
    /// Date on which the duty was fulfilled; null if unknown.
    pub on: Option<ImpreciseDate>,
}

/// Recurrence of a duty until it is fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// Interval in months.
    pub months: u32,
    /// Day from which the due dates are counted; `None` if from the first of them.
    #[serde(default)]
    pub start: Option<NaiveDate>,
    /// Last day on which the duty recurs; `None` if open-ended.
    pub until: Option<NaiveDate>,
    /// Days of the recurrence that fall on a day off, each with the day on which the duty is due
    /// instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<(NaiveDate, NaiveDate)>,
    /// Recurrence under the policies that follow.
    pub then: Vec<LaterRecurrence>,
    /// The whole recurrence from the first possible days, if it is counted from an imprecise day:
    /// beside it, this one counts from the last possible ones. Empty if nobody knows the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soonest: Option<Vec<LaterRecurrence>>,
}

/// Recurrence of a duty under a later policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterRecurrence {
    /// First due date under that policy.
    pub first: NaiveDate,
    pub months: u32,
    #[serde(default)]
    pub start: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<(NaiveDate, NaiveDate)>,
}

/// Due date by the calendar alone, and the reason for which it moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub from: ImpreciseDate,
    pub because: Message,
}

/// A duty independent of the day and without a reference to its agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// Co-owner of the agreement whose policy requires it; `None` for the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub co_owner: Option<OrganizationId>,
    pub kind: DutyKind,
    pub occasion: Occasion,
    /// Ordinal among the duties of the same kind and occasion, from 1.
    pub place: usize,
    pub legal_basis: Option<String>,
    pub due: Option<ImpreciseDate>,
    pub due_as_stated: Option<Message>,
    /// Due date by the calendar alone, and the days off that moved it.
    pub moved: Option<Moved>,
    /// Last working day before a due date that falls on a day off and does not move.
    pub last_working_day: Option<NaiveDate>,
    pub done_by: Option<DoneBy>,
    pub waived_because: Option<Message>,
    // Rows keep the name under which they were written.
    #[serde(rename = "again")]
    pub recurrence: Option<Recurrence>,
}

impl Derived {
    /// Returns the duty's id: agreement, or municipality if it is its own duty, kind, occasion and
    /// ordinal, and the co-owner if it is one's. Stable for as long as the duty exists.
    pub fn id(&self, of: impl Display) -> String {
        let (kind, occasion) = (self.kind.as_str(), self.occasion.as_str());
        let id = format!("{of}:{kind}:{occasion}:{}", self.place);
        self.co_owner
            .map_or(id.clone(), |other| format!("{id}:{other}"))
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
    /// does not recur, or if imprecise days leave the count open.
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
        let by = |end: fn(&ImpreciseDate) -> Option<NaiveDate>| {
            Some(done.map_or(Some(day), end)?.min(limit))
        };
        let calendar = self.moved.as_ref().map(|moved| &moved.from);
        let first = LaterRecurrence {
            first: calendar.or(self.due.as_ref())?.latest()?,
            months: recurrence.months,
            start: recurrence.start,
            until: recurrence.until,
            moved: recurrence.moved.clone(),
        };
        let by_first = by(ImpreciseDate::earliest)?;
        let later = recurrence.then.iter();
        let later: u32 = later.map(|later| later.missed_by(by_first)).sum();
        let fewest = first.missed_by(by_first) + later;
        let by_last = by(ImpreciseDate::latest)?;
        let most = match recurrence.soonest.as_deref() {
            None if by_last == by_first => fewest,
            None => {
                let all = std::iter::once(&first).chain(&recurrence.then);
                all.map(|one| one.missed_by(by_last)).sum()
            }
            Some([]) => return None,
            Some(soonest) => soonest.iter().map(|one| one.missed_by(by_last)).sum(),
        };
        (fewest == most).then_some(fewest)
    }
}

impl LaterRecurrence {
    /// Counts the due dates that were missed by a day.
    fn missed_by(&self, by: NaiveDate) -> u32 {
        let after = self.until.and_then(|last| last.succ_opt());
        let end = after.map_or(by, |after| by.min(after));
        // A day that moved is not missed before the day to which it moved has passed.
        let waits = |(from, to): &&(NaiveDate, NaiveDate)| *from < end && *to >= by;
        let waiting = self.moved.iter().filter(waits).map(|_| 1).sum();
        self.dates().count_before(end).saturating_sub(waiting)
    }

    fn dates(&self) -> DueDates {
        DueDates {
            first: self.first,
            start: self.start,
            months: self.months,
        }
    }
}

/// The due dates of a recurring duty by the calendar alone.
#[derive(Clone, Copy)]
pub(super) struct DueDates {
    pub first: NaiveDate,
    /// Day from which all dates are counted, one interval before the first; `None` if the later ones
    /// are counted from the first. Counting each date from the one before would lose the end of a
    /// month to the first short month.
    pub start: Option<NaiveDate>,
    pub months: u32,
}

impl DueDates {
    /// Returns the date with a number, from 0.
    pub fn nth(self, n: u32) -> Option<NaiveDate> {
        match (n, self.start) {
            (0, _) => Some(self.first),
            (_, Some(start)) => months_after(start, n.checked_add(1)?.checked_mul(self.months)?),
            (_, None) => months_after(self.first, n.checked_mul(self.months)?),
        }
    }

    /// Counts the dates that lie before `by`.
    pub fn count_before(self, by: NaiveDate) -> u32 {
        let lies_before = |n| self.nth(n).is_some_and(|day| day < by);
        let first = self.first;
        let between = (by.year() - first.year()) * 12 + by.month0() as i32 - first.month0() as i32;
        // The last date can lie in the same month as `by`, before or after it.
        let last = u32::try_from(between).unwrap_or(0) / self.months.max(1);
        if lies_before(last) { last + 1 } else { last }
    }
}

/// An action that a municipality's policy requires for an agreement, or of the municipality itself.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Duty {
    /// Id of the duty: agreement, or municipality if the duty is its own, kind, occasion and ordinal,
    /// followed by the municipality if it shares the agreement without owning it. Stable as long as the
    /// agreement and its policy do not change.
    #[schema(example = "0178d7fa-2c00-7000-8000-00000000003f:review:review:1")]
    pub id: String,
    /// Kind of the duty.
    #[schema(example = "review")]
    pub kind: DutyKind,
    /// Event that gives rise to the duty.
    #[schema(example = "review")]
    pub occasion: Occasion,
    /// Agreement to which the duty applies; null for a duty of the municipality itself, the annual
    /// report.
    pub agreement: Option<AgreementRef>,
    /// Municipality whose policy requires it.
    pub municipality: OrganizationRef,
    /// Department in charge of the agreement; null for a duty of the municipality.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// Ordinance that requires it; null if not recorded.
    #[schema(example = "부산광역시 업무협약 관리 조례 제7조")]
    pub legal_basis: Option<String>,
    /// Due date: a range if it counts from an imprecise date; null if unknown.
    pub due: Option<ImpreciseDate>,
    /// Due date in words, where no date expresses it or where it depends on a council session.
    pub due_as_stated: Option<Message>,
    /// Due date by the calendar alone, if it fell on a Saturday or public holiday and moved to the
    /// next working day (민법 161); null if it did not move.
    pub due_moved_from: Option<ImpreciseDate>,
    /// Holidays and days of the weekend that moved the due date; null if it did not move.
    #[schema(example = json!({"ko": "토요일, 일요일", "en": "Saturday, Sunday"}))]
    pub due_moved_because: Option<Message>,
    /// Last working day on or before the due date of a duty that is counted backwards from an event;
    /// null if the due date is a working day, or is not counted backwards. Such a due date does not
    /// move, since a later day would leave less time before the event. Also given for a day that the
    /// ordinance names, which does not move either.
    #[schema(example = json!(null))]
    pub last_working_day: Option<NaiveDate>,
    /// Status on the day of `as_of`, by default today.
    #[schema(example = "overdue")]
    pub status: DutyStatus,
    /// Record that fulfilled it; null while none has.
    pub done_by: Option<DoneBy>,
    /// Reason why it is not required after all; null if it is required.
    pub waived_because: Option<Message>,
    /// Number of reviews or annual reports that fell due and were not made, by the day of `as_of` or
    /// until the one that was finally made, under all policies that required them. Null for duties
    /// that do not recur, and where imprecise days leave the number open. If the agreement ended on an
    /// unknown day, no review is open and the number of missed ones is unknown.
    #[schema(minimum = 0, example = 5)]
    pub missed: Option<u32>,
}

impl Duty {
    /// Returns a duty on a day, for its id.
    pub fn of(
        id: String,
        derived: Derived,
        (agreement, municipality): (Option<AgreementRef>, OrganizationRef),
        department: Option<String>,
        day: NaiveDate,
    ) -> Self {
        let (status, missed) = (derived.status(day), derived.missed(day));
        let moved = derived.moved.map(|moved| (moved.from, moved.because));
        let (due_moved_from, due_moved_because) = moved.unzip();
        Self {
            id,
            status,
            missed,
            kind: derived.kind,
            occasion: derived.occasion,
            agreement,
            municipality,
            department,
            legal_basis: derived.legal_basis,
            due: derived.due,
            due_as_stated: derived.due_as_stated,
            due_moved_from,
            due_moved_because,
            last_working_day: derived.last_working_day,
            done_by: derived.done_by,
            waived_because: derived.waived_because,
        }
    }
}
