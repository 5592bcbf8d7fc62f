//! Builds a report from a municipality's records. Pure.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::rules;
use super::rules::Period;
use super::types::{
    CouncilReport, ExecutionRates, MetMilestone, MovedMilestone, OverdueMilestone,
    ReportedAgreement, ReportedCommitment, UndatedEvent,
};
use crate::agreements::duties::types::{Derived, Duty, DutyStatus};
use crate::agreements::reports::rules::fulfilment;
use crate::agreements::snapshot::{AgreementSnapshot, UndatedStep};
use crate::agreements::types::AgreementStatus as Status;
use crate::agreements::withheld::WithheldGroup;
use crate::directory::names::Names;
use crate::kernel::error::ApiError;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::{ImpreciseDate, OrganizationRef, ProjectRef};
use crate::ledger::Visibility;
use crate::organizations::annual_reports::AnnualReport;
use crate::organizations::types::Officer;
use crate::projections::policies::Policy;
use crate::projects::milestones::slips::MilestoneSlips;

/// Records of a municipality, as visible to the caller on the day of the report.
pub struct Records {
    pub municipality: OrganizationRef,
    pub officers: Vec<Officer>,
    pub annual_reports: Vec<AnnualReport>,
    /// Overdue duties of the municipality itself.
    pub own_duties: Vec<Duty>,
    pub policies: Vec<Policy>,
    pub holidays: Holidays,
    /// Names of the organizations that are parties to the agreements or owe commitments.
    pub names: Names,
    pub agreements: Vec<AgreementSnapshot>,
    pub undated: Vec<UndatedStep>,
    pub slips: Vec<(ProjectRef, MilestoneSlips)>,
    pub withheld: Vec<WithheldGroup>,
    pub basis: Visibility,
}

/// Builds the report of a period.
///
/// # Errors
/// Like [`rules::reported_agreement`].
pub fn build(records: Records, period: &Period, zone: Tz) -> Result<CouncilReport, ApiError> {
    let day = period.as_of;
    let (all, names) = (&records.agreements, &records.names);
    let under_way = all.iter();
    let under_way = under_way.filter(|agreement| rules::was_under_way(agreement, period, zone));
    let under_way: Vec<&AgreementSnapshot> = under_way.collect();
    let commitments = commitments(&under_way, names, day)?;
    let completed = rules::ended(all, Status::Completed, names, period)?;
    let terminated = rules::ended(all, Status::Terminated, names, period)?;
    let superseded = rules::ended(all, Status::Superseded, names, period)?;
    let (reported_rate, due_rate) = rules::execution_rates(&commitments, day);
    let in_force = (records.policies.as_slice(), &records.holidays);
    let duties = rules::derived_duties(all, in_force, day);
    let missed = duties.iter();
    let missed = missed.filter_map(|(one, duty)| rules::missed_review(one, duty, period));
    let milestones = milestones(records.slips, period);
    Ok(CouncilReport {
        from: period.from,
        to: period.to,
        as_of: day,
        basis: records.basis,
        ordinances: rules::ordinances(&records.policies, period),
        totals: rules::totals(all, day),
        rates: ExecutionRates {
            commitments: reported_rate,
            commitments_due: due_rate,
            agreements: rules::completion_rate(&under_way, period),
        },
        signed: select_agreements(all, names, day, |one| rules::signed(one, period))?,
        completed,
        terminated,
        superseded,
        lapsed: select_agreements(all, names, day, |one| rules::lapsed(one, period))?,
        undated: undated_events(records.undated, period),
        // The counts do not depend on the agreements' status.
        commitment_counts: fulfilment(commitments.iter().map(|c| c.status), Status::Signed).counts,
        commitments,
        reviews: rules::reviews(all, period),
        missed_reviews: missed.collect(),
        never_reviewed: select_agreements(all, names, day, |one| rules::never_reviewed(one, day))?,
        council_actions: rules::council_actions(all, period),
        annual_reports: rules::annual_reports(records.annual_reports, period),
        overdue_duties: overdue_duties(duties, records.own_duties, &records.municipality, day),
        moved_milestones: milestones.moved,
        overdue_milestones: milestones.overdue,
        met_milestones: milestones.met,
        withheld: records.withheld,
        officers: rules::officers(records.officers, period),
        municipality: records.municipality,
    })
}

fn select_agreements(
    all: &[AgreementSnapshot],
    names: &Names,
    day: NaiveDate,
    is_selected: impl Fn(&AgreementSnapshot) -> bool,
) -> Result<Vec<ReportedAgreement>, ApiError> {
    let selected = all.iter().filter(|agreement| is_selected(agreement));
    let reported = selected.map(|agreement| rules::reported_agreement(agreement, names, day));
    reported.collect()
}

fn commitments(
    agreements: &[&AgreementSnapshot],
    names: &Names,
    day: NaiveDate,
) -> Result<Vec<ReportedCommitment>, ApiError> {
    let mut commitments = Vec::new();
    for agreement in agreements {
        commitments.extend(rules::commitments(agreement, names, day)?);
    }
    Ok(commitments)
}

fn undated_events(steps: Vec<UndatedStep>, period: &Period) -> Vec<UndatedEvent> {
    let may_lie_in_it = |step: &UndatedStep| rules::may_have_been_in(step.on.as_ref(), period);
    let steps = steps.into_iter().filter(may_lie_in_it);
    let events = steps.map(|step| UndatedEvent {
        agreement: step.agreement,
        became: step.to,
    });
    events.collect()
}

/// Returns the duties that are overdue on `day`, by due date.
fn overdue_duties(
    duties: Vec<(&AgreementSnapshot, Derived)>,
    own: Vec<Duty>,
    municipality: &OrganizationRef,
    day: NaiveDate,
) -> Vec<Duty> {
    let overdue = duties.into_iter();
    let overdue = overdue.filter(|(_, duty)| duty.status(day) == DutyStatus::Overdue);
    let overdue = overdue.map(|(agreement, duty)| {
        let department = agreement.doc.content.lead_department.clone();
        let municipality = municipality.clone();
        let reference = agreement.reference();
        let id = duty.id(reference.id);
        Duty::of(id, duty, (Some(reference), municipality), department, day)
    });
    let mut overdue: Vec<Duty> = overdue.chain(own).collect();
    overdue.sort_by_cached_key(|duty| duty.due.as_ref().map(ImpreciseDate::sort_key));
    overdue
}

#[derive(Default)]
struct Milestones {
    moved: Vec<MovedMilestone>,
    overdue: Vec<OverdueMilestone>,
    met: Vec<MetMilestone>,
}

fn milestones(slips: Vec<(ProjectRef, MilestoneSlips)>, period: &Period) -> Milestones {
    let mut all = Milestones::default();
    for (project, slips) in slips {
        all.overdue
            .extend(rules::overdue_milestone(&project, &slips));
        let (moved, met) = rules::milestone(project, slips, period);
        all.moved.extend(moved);
        all.met.extend(met);
    }
    all.overdue
        .sort_by_key(|one| std::cmp::Reverse(one.overdue_days));
    all
}
