//! Status of commitments, derived from reports. Pure: the day is an argument.

use chrono::NaiveDate;

use super::store::Recorded;
use super::types::{
    CommitmentCounts, CommitmentStatus as Status, Fulfilment, FulfilmentStatus, Progress,
    ReportedStatus, Standing,
};
use crate::agreements::types::AgreementStatus;
use crate::kernel::values::{Gap, ImpreciseDate};
use crate::projections::timeline_entry::Phase;

impl Status {
    /// Returns `true` unless the commitment is known to be settled.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::NotStarted | Self::InProgress)
    }
}

impl Recorded {
    /// Returns the standing. The city's report counts, a partner's once the city has confirmed it.
    pub fn standing(&self) -> Standing {
        let doc = &self.doc;
        if doc.retraction.is_some() {
            Standing::Retracted
        } else if doc.refusal.is_some() {
            Standing::Declined
        } else if doc.organization_id.is_some() && doc.confirmation.is_none() {
            Standing::AwaitingConfirmation
        } else {
            Standing::Counted
        }
    }

    /// Returns the day from which the report is known: the last possible day of its date. A report
    /// recorded by a transition of the agreement has the date of the transition, whose range can
    /// end later; like the transition it is known at the latest when it was recorded.
    pub fn known_from(&self) -> NaiveDate {
        let latest = self.doc.content.on.latest();
        latest.map_or(self.recorded_on, |day| day.min(self.recorded_on))
    }

    fn counts_on(&self, day: NaiveDate) -> bool {
        self.standing() == Standing::Counted && self.known_from() <= day
    }
}

/// Returns the report that determines the status of a commitment on a day: the latest that counts,
/// by its date and then by the time of recording, which is the order of `reports`. An outcome
/// decided at the end of the agreement outranks what was recorded before.
pub fn decisive_report<'a>(
    reports: impl DoubleEndedIterator<Item = &'a Recorded>,
    day: NaiveDate,
) -> Option<&'a Recorded> {
    let place = |r: &Recorded| (r.known_from(), r.doc.content.on.earliest());
    let counted = reports.filter(|report| report.counts_on(day));
    decisive(counted, |report| (place(report), report.doc.at_end))
}

/// The last day of a report's date, and the first.
pub type Place = (NaiveDate, Option<NaiveDate>);

/// Returns the decisive among reports that count, by the place of each and whether it was decided at
/// the end of the agreement.
pub fn decisive<R>(
    reports: impl Iterator<Item = R>,
    place: impl Fn(&R) -> (Place, bool),
) -> Option<R> {
    let mut last: Option<(Place, R)> = None;
    for report in reports {
        let (own, at_end) = place(&report);
        if at_end || last.as_ref().is_none_or(|(last, _)| own >= *last) {
            last = Some((own, report));
        }
    }
    last.map(|(_, report)| report)
}

/// Returns the status of a commitment on a day.
pub fn status_on<'a>(
    reports: impl DoubleEndedIterator<Item = &'a Recorded>,
    day: NaiveDate,
) -> Status {
    decisive_report(reports, day).map_or(Status::Unknown, |report| report.doc.content.status.into())
}

/// Returns the progress of a commitment on a day; `agreement` is the status of its agreement.
pub fn progress<'a>(
    reports: impl DoubleEndedIterator<Item = &'a Recorded> + Clone,
    due: Option<&ImpreciseDate>,
    agreement: AgreementStatus,
    day: NaiveDate,
) -> Progress {
    let told = decisive_report(reports.clone(), day).map(|report| &report.doc.content);
    let status = told.map_or(Status::Unknown, |content| content.status.into());
    let late = |due: &ImpreciseDate| match (status.is_open(), agreement) {
        (false, _) => Some(false),
        // A date in words alone may have passed or not.
        (true, AgreementStatus::Signed) => due.is_dated().then(|| due.ends_before(day)),
        (true, _) => None,
    };
    let numbered = reports.clone().filter(|r| r.doc.content.value.is_some());
    let numbered = decisive_report(numbered, day);
    let known = reports.filter(|report| report.known_from() <= day);
    let (mut counted, mut pending) = (0, 0);
    for report in known {
        counted += usize::from(report.standing() == Standing::Counted);
        pending += usize::from(report.standing() == Standing::AwaitingConfirmation);
    }
    Progress {
        status,
        percent: told.and_then(|content| content.percent),
        value: numbered.and_then(|report| report.doc.content.value),
        overdue: due.and_then(late),
        reported_on: told.map(|content| content.on.clone()),
        report_count: counted,
        pending_reports: pending,
    }
}

impl CommitmentCounts {
    /// Counts commitments by status.
    pub fn of(commitments: impl Iterator<Item = Status>) -> Self {
        let mut c = Self::default();
        for status in commitments {
            *match status {
                Status::Unknown => &mut c.unknown,
                Status::NotStarted => &mut c.not_started,
                Status::InProgress => &mut c.in_progress,
                Status::Fulfilled => &mut c.fulfilled,
                Status::Unfulfilled => &mut c.unfulfilled,
                Status::Dropped => &mut c.dropped,
                Status::CarriedOver => &mut c.carried_over,
            } += 1;
        }
        c
    }
}

/// Returns the fulfilment of an agreement with commitments of these statuses.
pub fn fulfilment(
    commitments: impl Iterator<Item = Status>,
    agreement: AgreementStatus,
) -> Fulfilment {
    fulfilment_of(CommitmentCounts::of(commitments), agreement)
}

/// Returns the fulfilment of an agreement with these counts of commitments.
pub fn fulfilment_of(c: CommitmentCounts, agreement: AgreementStatus) -> Fulfilment {
    let open = c.unknown + c.not_started + c.in_progress;
    // Dropped and carried-over commitments are no longer owed under this agreement.
    let owed = open + c.fulfilled + c.unfulfilled;
    let status = if owed == 0 {
        FulfilmentStatus::None
    } else if c.unknown == owed {
        FulfilmentStatus::Unknown
    } else if c.fulfilled == owed {
        FulfilmentStatus::Fulfilled
    } else if c.unfulfilled == owed {
        FulfilmentStatus::Unfulfilled
    } else if open > 0 && !agreement.is_end() {
        FulfilmentStatus::InProgress
    } else if c.fulfilled > 0 {
        FulfilmentStatus::PartlyFulfilled
    } else {
        // The agreement has ended, and the outcome of some commitments is unknown.
        FulfilmentStatus::Unknown
    };
    Fulfilment { status, counts: c }
}

/// Returns the missing facts: the unknown outcomes of commitments once the agreement has ended.
pub fn gaps(agreement: AgreementStatus, commitments: impl Iterator<Item = Status>) -> Vec<Gap> {
    let ended = agreement.is_signed() && agreement.is_end();
    let open = commitments
        .enumerate()
        .filter(|(_, s)| ended && s.is_open());
    open.map(|(i, _)| {
        Gap::new(
            format!("/commitments/{i}/status"),
            "commitment_outcome_unknown",
            "협약이 끝났는데 이행 결과를 모릅니다.",
            "The agreement has ended, and what became of this is unknown.",
        )
    })
    .collect()
}

/// State of a commitment on the timeline from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineState<'a> {
    pub from: NaiveDate,
    pub phase: Phase,
    /// Date of fulfilment.
    pub actual: Option<&'a ImpreciseDate>,
}

/// Returns the states of a commitment on the timeline, from the day `known` on which its agreement
/// is known to be signed. A commitment is open until it is settled, which includes a broken
/// promise. One that is still open at the end of the agreement takes the phase in `end`.
pub fn timeline_states<'a>(
    reports: impl DoubleEndedIterator<Item = &'a Recorded> + Clone,
    due: Option<&ImpreciseDate>,
    known: NaiveDate,
    end: Option<(NaiveDate, Phase)>,
) -> Vec<TimelineState<'a>> {
    let counted = reports
        .clone()
        .filter(|report| report.standing() == Standing::Counted);
    let mut days: Vec<NaiveDate> = counted.map(Recorded::known_from).collect();
    days.extend(end.map(|(day, _)| day));
    days.retain(|day| *day > known);
    days.push(known);
    days.sort();
    days.dedup();
    let mut states: Vec<TimelineState> = Vec::new();
    for from in days {
        let told = decisive_report(reports.clone(), from).map(|report| &report.doc.content);
        let ended = end.filter(|(day, _)| *day <= from);
        let (phase, actual) = match (told.map(|content| content.status), ended) {
            (Some(ReportedStatus::Fulfilled), _) => {
                let actual = told.map(|content| &content.on);
                let last = due.and_then(ImpreciseDate::latest);
                let late = actual
                    .zip(last)
                    .is_some_and(|(on, last)| on.starts_after(last));
                (if late { Phase::MetLate } else { Phase::Met }, actual)
            }
            (Some(ReportedStatus::Unfulfilled), _) => (Phase::Failed, None),
            (Some(ReportedStatus::Dropped | ReportedStatus::CarriedOver), _) => {
                (Phase::Cancelled, None)
            }
            (_, Some((_, after))) => (after, None),
            (_, None) => (Phase::Open, None),
        };
        let same = |last: &TimelineState| last.phase == phase && last.actual == actual;
        if !states.last().is_some_and(same) {
            states.push(TimelineState {
                from,
                phase,
                actual,
            });
        }
    }
    states
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
