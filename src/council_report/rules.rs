//! Selection of a municipality's agreements and milestones by period. Pure: the days are arguments.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::types::{
    AgreementTotals, EndedAgreement, MadeReview, MetMilestone, MilestoneRef, MissedReview,
    MovedMilestone, NotCounted, OverdueMilestone, Rate, ReportedAction, ReportedAgreement,
    ReportedCommitment,
};
use crate::agreements::duties::duties_of;
use crate::agreements::duties::types::Derived;
use crate::agreements::force::EndedBy;
use crate::agreements::reports::rules as reported;
use crate::agreements::rules::counts_from;
use crate::agreements::snapshot::AgreementSnapshot;
use crate::agreements::types::AgreementStatus as Status;
use crate::directory::names::Names;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::legal_days::{Holidays, months_after};
use crate::kernel::values::{Bounds, ImpreciseDate, ProjectRef, both, deadline_slip_days};
use crate::organizations::annual_reports::AnnualReport;
use crate::organizations::types::Officer;
use crate::projections::policies::{DutyKind, Policy, PolicyReference};
use crate::projects::milestones::rules::slip;
use crate::projects::milestones::slips::{MilestoneSlips, SlipEvent};
use crate::statistics::formulas::{COMPLETION_RATE, DUE_RATE, EXECUTION_RATE};
use crate::statistics::rules::{
    LeftOutReason, Link, Placement, Tally, place_agreement, place_commitment, place_due,
};

/// Maximum length of a period, in years.
const YEARS: u32 = 10;

/// The period of a report, and the day as of which it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub as_of: NaiveDate,
}

impl Period {
    /// Checks the order and the length of a period.
    ///
    /// # Errors
    /// `reversed` on `to` if the period ends before it begins, `period_too_long` if it exceeds ten years.
    pub fn check(from: NaiveDate, to: NaiveDate) -> Result<(), ApiError> {
        let before = from.pred_opt();
        let last = before.and_then(|before| months_after(before, 12 * YEARS));
        let wrong = match () {
            () if to < from => FieldError::reversed_period("to"),
            () if last.is_some_and(|last| last < to) => {
                let message = Message::fixed(
                    "기간은 10년을 넘을 수 없습니다.",
                    "A period is of ten years at most.",
                );
                FieldError::query("to", "period_too_long", message)
            }
            () => return Ok(()),
        };
        Err(ApiError::new(Code::InvalidParameters).and(vec![wrong]))
    }

    /// Returns the last day of the period that is known as of the report's day.
    pub fn end(&self) -> NaiveDate {
        self.to.min(self.as_of)
    }

    /// Returns true if an event certainly lies in the period, as known on the report's day.
    pub fn contains(&self, on: &ImpreciseDate) -> bool {
        self.holds(Bounds::of(Some(on))) == Some(true)
    }

    /// Returns whether a day lies in the period; `None` if it may lie in it or not.
    fn holds(&self, day: Bounds) -> Option<bool> {
        both(day.is_from(self.from), day.is_by(self.end()))
    }
}

/// Returns true if an event on no known day may have been in the period, or not: it is in none of the
/// lists of the period.
pub fn may_have_been_in(on: Option<&ImpreciseDate>, period: &Period) -> bool {
    period.holds(Bounds::of(on)).is_none()
}

/// Returns the ordinances behind the policies in force on any day of the period.
pub fn ordinances(policies: &[Policy], period: &Period) -> Vec<PolicyReference> {
    let mut found: Vec<PolicyReference> = Vec::new();
    for policy in policies {
        let begun = policy.valid_from.is_none_or(|from| from <= period.to);
        let over = policy.valid_until.is_some_and(|until| until < period.from);
        let reference = policy.reference.as_ref().filter(|_| begun && !over);
        if let Some(reference) = reference.filter(|reference| !found.contains(reference)) {
            found.push(reference.clone());
        }
    }
    found
}

/// Returns the officers who held, or may have held, a post on any day of the period.
pub fn officers(officers: Vec<Officer>, period: &Period) -> Vec<Officer> {
    let may_have = |officer: &Officer| {
        let (from, until) = (officer.from.as_ref(), officer.until.as_ref());
        !from.is_some_and(|from| from.starts_after(period.to))
            && !until.is_some_and(|until| until.ends_before(period.from))
    };
    officers.into_iter().filter(may_have).collect()
}

/// Returns whether an agreement was under way in the period: signed by its end, and not ended
/// before its start.
pub fn was_under_way(agreement: &AgreementSnapshot, period: &Period, zone: Tz) -> bool {
    let signed = agreement.step(Status::Signed);
    let end = agreement.doc.transitions.iter().find(|s| s.to.is_end());
    let counting = agreement.doc.counting(zone);
    signed.is_some_and(|step| counts_from(step, &counting) <= period.to)
        && end.is_none_or(|step| counts_from(step, &counting) >= period.from)
}

/// Counts agreements by status.
pub fn totals(all: &[AgreementSnapshot], day: NaiveDate) -> AgreementTotals {
    let mut totals = AgreementTotals::default();
    for agreement in all {
        match agreement.state.status {
            Status::Completed => totals.completed += 1,
            Status::Terminated => totals.terminated += 1,
            Status::Superseded => totals.superseded += 1,
            _ => {
                totals.signed += 1;
                if agreement.state.ended_by(day) == Some(EndedBy::Expiry) {
                    totals.expired += 1;
                }
                *match agreement.state.in_force(day) {
                    Some(true) => &mut totals.in_force,
                    Some(false) => &mut totals.not_in_force,
                    None => &mut totals.in_force_unknown,
                } += 1;
            }
        }
    }
    totals
}

/// Returns an agreement as shown in a report.
///
/// # Errors
/// `internal_error` if a party is missing: referenced organizations are never deleted.
pub fn reported_agreement(
    agreement: &AgreementSnapshot,
    names: &Names,
    day: NaiveDate,
) -> Result<ReportedAgreement, ApiError> {
    let doc = &agreement.doc;
    let content = &doc.content;
    let parties = doc
        .parties
        .iter()
        .filter(|party| party.content.takes_part_on(day))
        .map(|party| party.content.organization_id);
    let parties: Vec<OrganizationId> = parties.collect();
    let status = agreement.state.status;
    let statuses = doc.commitments.iter().map(|part| {
        let reports = agreement.reports.on(part.id);
        reported::progress(reports, part.content.due.as_ref(), status, day).status
    });
    Ok(ReportedAgreement {
        id: agreement.id,
        title: content.title.clone(),
        kind: content.kind,
        parties: names.all(&parties)?,
        other_parties: content.other_parties.clone(),
        individual_party_count: content.individual_parties.len(),
        signed_on: content.signed_on.clone(),
        effective_from: content.effective_from.as_ref().map(ImpreciseDate::plain),
        effective_until: content.effective_until.as_ref().map(ImpreciseDate::plain),
        auto_renews: content.auto_renews,
        lead_department: content.lead_department.clone(),
        visibility: content.visibility,
        status,
        in_force: agreement.state.in_force(day),
        ended_by: agreement.state.ended_by(day),
        fulfilment: reported::fulfilment(statuses, status),
    })
}

/// Returns whether an agreement was signed in the period.
pub fn signed(agreement: &AgreementSnapshot, period: &Period) -> bool {
    let signing = agreement.step(Status::Signed);
    let on = signing.and_then(|step| step.on.as_ref());
    on.is_some_and(|on| period.contains(on))
}

/// Returns the agreements that reached the status `to` in the period, by day, with reason and
/// successor.
///
/// # Errors
/// Like [`reported_agreement`].
pub fn ended(
    all: &[AgreementSnapshot],
    to: Status,
    names: &Names,
    period: &Period,
) -> Result<Vec<EndedAgreement>, ApiError> {
    let mut ended = Vec::new();
    for agreement in all {
        let step = agreement.step(to).filter(|_| agreement.state.status == to);
        let on = step.and_then(|step| step.on.as_ref());
        let Some((step, on)) = step.zip(on.filter(|on| period.contains(on))) else {
            continue;
        };
        let successor = all.iter().find(|other| {
            to == Status::Superseded && other.doc.content.supersedes_id == Some(agreement.id)
        });
        ended.push(EndedAgreement {
            agreement: reported_agreement(agreement, names, period.as_of)?,
            ended_on: on.clone(),
            reason: step.reason.clone(),
            superseded_by: successor.map(AgreementSnapshot::reference),
        });
    }
    ended.sort_by_cached_key(|ended| ended.ended_on.sort_key());
    Ok(ended)
}

/// Returns whether an agreement has lapsed at the start of `day`, with no other end recorded. It is
/// in force on its last day and lapses on the day after.
fn has_lapsed(agreement: &AgreementSnapshot, day: NaiveDate) -> bool {
    let is_signed = agreement.state.status == Status::Signed;
    is_signed && agreement.state.ended_by(day) == Some(EndedBy::Expiry)
}

/// Returns whether an agreement lapsed in the period, with no other end recorded.
pub fn lapsed(agreement: &AgreementSnapshot, period: &Period) -> bool {
    let before = period.from.pred_opt();
    has_lapsed(agreement, period.end()) && !before.is_some_and(|day| has_lapsed(agreement, day))
}

/// Returns the commitments of an agreement with their progress on `day`.
///
/// # Errors
/// Like [`reported_agreement`].
pub fn commitments(
    agreement: &AgreementSnapshot,
    names: &Names,
    day: NaiveDate,
) -> Result<Vec<ReportedCommitment>, ApiError> {
    let parts = agreement.doc.commitments.iter().map(|part| {
        let content = &part.content;
        let reports = agreement.reports.on(part.id);
        let status = agreement.state.status;
        let progress = reported::progress(reports, content.due.as_ref(), status, day);
        let target = content.target.as_ref();
        Ok(ReportedCommitment {
            id: part.id,
            agreement: agreement.reference(),
            text: content.text.clone(),
            owed_by: names.all(&content.owed_by)?,
            due: content.due.as_ref().map(ImpreciseDate::plain),
            status: progress.status,
            percent: progress.percent,
            value: progress.value,
            percent_of_target: target.zip(progress.value).and_then(|(t, v)| t.percent(v)),
            target: target.cloned(),
            overdue: progress.overdue,
            reported_on: progress.reported_on,
        })
    });
    parts.collect()
}

/// Converts a tally into a ratio.
fn rate(tally: &Tally, formula: Message) -> Rate {
    // The report itself lists the counted records, so links are not needed.
    let figure = tally.figure(&Link::to(""));
    let left_out = figure.left_out.into_iter().map(|out| NotCounted {
        reason: out.reason,
        words: out.words,
        count: out.count,
    });
    Rate {
        value: figure.value,
        numerator: figure.numerator,
        denominator: figure.denominator,
        left_out: left_out.collect(),
        formula,
    }
}

/// Computes the shares of fulfilled commitments: among those due and reported on, and among all that
/// are due.
pub fn execution_rates(commitments: &[ReportedCommitment], day: NaiveDate) -> (Rate, Rate) {
    let (mut reported, mut due) = (Tally::default(), Tally::default());
    for one in commitments {
        let by = Bounds::of(one.due.as_ref());
        reported.add(place_commitment(one.status, by, day));
        due.add(place_due(one.status, by, day));
    }
    (rate(&reported, EXECUTION_RATE), rate(&due, DUE_RATE))
}

/// Computes the share of completed agreements among those that ended in the period, of the
/// agreements under way in it.
pub fn completion_rate(under_way: &[&AgreementSnapshot], period: &Period) -> Rate {
    let mut tally = Tally::default();
    let placed = under_way.iter();
    let placed = placed.filter_map(|agreement| place_in_period(agreement, period));
    placed.for_each(|placement| tally.add(placement));
    rate(&tally, COMPLETION_RATE)
}

/// Places an agreement under way in the completion rate of the period. One that ended later has not
/// ended; one that ended on no known day counts if all days that it can be lie in the period.
fn place_in_period(agreement: &AgreementSnapshot, period: &Period) -> Option<Placement> {
    let state = &agreement.state;
    if !state.status.is_end() {
        let day = period.end();
        return place_agreement(state.status, state.ended_by(day), state.may_have_ended(day));
    }
    let step = agreement.step(state.status);
    let on = step.and_then(|step| step.on.as_ref());
    let within = match on.filter(|on| on.latest().is_some()) {
        Some(on) => period.holds(Bounds::of(Some(on))),
        None => state
            .force
            .and_then(|force| force.end)
            .and_then(|end| period.holds(end.from)),
    };
    match within {
        Some(true) => place_agreement(state.status, None, false),
        Some(false) => Some(Placement::LeftOut(LeftOutReason::NotEnded)),
        None => Some(Placement::LeftOut(LeftOutReason::CannotTell)),
    }
}

/// Returns the reviews made in the period, by day.
pub fn reviews(all: &[AgreementSnapshot], period: &Period) -> Vec<MadeReview> {
    let mut made = Vec::new();
    for agreement in all {
        let parts = agreement.doc.reviews.iter();
        let parts = parts.filter(|part| period.contains(&part.content.on));
        made.extend(parts.map(|part| MadeReview {
            id: part.id,
            agreement: agreement.reference(),
            review: part.content.clone(),
        }));
    }
    made.sort_by_cached_key(|made| made.review.on.sort_key());
    made
}

/// Returns whether an agreement is, or may be, in force and was never reviewed.
pub fn never_reviewed(agreement: &AgreementSnapshot, day: NaiveDate) -> bool {
    let in_force = agreement.state.in_force(day) != Some(false);
    in_force && agreement.doc.reviews.is_empty()
}

/// Returns the council actions of the period, by day.
pub fn council_actions(all: &[AgreementSnapshot], period: &Period) -> Vec<ReportedAction> {
    let mut actions = Vec::new();
    for agreement in all {
        let parts = agreement.doc.council_actions.iter();
        let parts = parts.filter(|part| period.contains(&part.content.on));
        actions.extend(parts.map(|part| ReportedAction {
            id: part.id,
            agreement: agreement.reference(),
            action: part.content.clone(),
        }));
    }
    actions.sort_by_cached_key(|action| action.action.on.sort_key());
    actions
}

/// Returns the reports on all agreements that were made in the period, by day.
pub fn annual_reports(mut all: Vec<AnnualReport>, period: &Period) -> Vec<AnnualReport> {
    all.retain(|report| period.contains(&report.on));
    all.sort_by_cached_key(|report| report.on.sort_key());
    all
}

/// Derives the duties of each agreement from the policies, as known on `day`.
pub fn derived_duties<'a>(
    all: &'a [AgreementSnapshot],
    (policies, holidays): (&[Policy], &Holidays),
    day: NaiveDate,
) -> Vec<(&'a AgreementSnapshot, Derived)> {
    let duties = |agreement: &'a AgreementSnapshot| {
        let rules = (policies, holidays);
        let duties = duties_of(&agreement.doc, agreement.owner, rules, day);
        duties.into_iter().map(move |duty| (agreement, duty))
    };
    all.iter().flat_map(duties).collect()
}

/// Returns the review demanded by a duty, if it was missed in the period.
pub fn missed_review(
    agreement: &AgreementSnapshot,
    duty: &Derived,
    period: &Period,
) -> Option<MissedReview> {
    if duty.kind != DutyKind::Review {
        return None;
    }
    let missed = duty.missed_within(period.from, period.to, period.as_of)?;
    (missed > 0).then(|| MissedReview {
        agreement: agreement.reference(),
        department: agreement.doc.content.lead_department.clone(),
        legal_basis: duty.legal_basis.clone(),
        due: duty.due.clone(),
        missed,
        done_by: duty.done_by.clone(),
    })
}

/// Returns a milestone that is overdue on the day of its history.
pub fn overdue_milestone(project: &ProjectRef, slips: &MilestoneSlips) -> Option<OverdueMilestone> {
    Some(OverdueMilestone {
        overdue_days: slips.overdue_days?,
        target: slips.target.clone()?,
        baseline: slips.baseline.clone(),
        deadline_slip_days: slips.deadline_slip_days,
        milestone: MilestoneRef {
            id: slips.id,
            kind: slips.kind,
            title: slips.title.clone(),
            project: project.clone(),
        },
    })
}

/// Returns the moves of a milestone's target stated in the period, and its meeting if it was met in
/// the period.
pub fn milestone(
    project: ProjectRef,
    slips: MilestoneSlips,
    period: &Period,
) -> (Vec<MovedMilestone>, Option<MetMilestone>) {
    let milestone = MilestoneRef {
        id: slips.id,
        kind: slips.kind,
        title: slips.title,
        project,
    };
    let (mut moved, mut met) = (Vec::new(), None);
    for point in slips.points {
        let in_period = period.contains(&point.stated_on);
        match point.event {
            SlipEvent::Forecast | SlipEvent::Followed => {
                let was = point.moved_from.filter(|_| in_period);
                if let Some((was, direction)) = was.zip(point.direction) {
                    moved.push(MovedMilestone {
                        milestone: milestone.clone(),
                        forecast_id: point.id,
                        direction,
                        slip: slip(&was, &point.target, false),
                        deadline_slip_days: deadline_slip_days(&was, &point.target, false),
                        was,
                        became: point.target,
                        slip_from_baseline: point.slip,
                        deadline_slip_days_from_baseline: point.deadline_slip_days,
                        stated_on: point.stated_on,
                        stated_by: point.stated_by,
                        reason_code: point.reason_code,
                        reason: point.reason,
                        source: point.source,
                    });
                }
            }
            // A milestone that was reopened since is not met.
            SlipEvent::Met if in_period && slips.actual.as_ref() == Some(&point.target) => {
                met = Some(MetMilestone {
                    milestone: milestone.clone(),
                    baseline: slips.baseline.clone(),
                    on: point.target,
                    slip: point.slip,
                    deadline_slip_days: point.deadline_slip_days,
                    note: point.note,
                    source: point.source,
                });
            }
            SlipEvent::Met => {}
        }
    }
    (moved, met)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
