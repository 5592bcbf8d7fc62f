//! Reads the data of a report: only the municipality's rows of each table, in a fixed number of
//! queries.

use super::rules;
use super::rules::{Ends, Period};
use super::types::{CouncilReport, ExecutionRates, ReportedAgreement, UndatedEvent};
use crate::agreements::duties::types::{Duty, DutyStatus};
use crate::agreements::reports::rules::fulfilment;
use crate::agreements::snapshot::{AgreementSnapshot, Snapshots};
use crate::agreements::types::AgreementStatus as Status;
use crate::agreements::{snapshot, withheld};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{ImpreciseDate, OrganizationRef};
use crate::ledger::{RequestContext, Visibility};
use crate::municipalities::store as municipalities;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;
use crate::projects::milestones::slips;

/// Builds the report of a municipality from the records that the caller can see.
///
/// # Errors
/// `not_found`
pub fn report(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    period: &Period,
) -> Result<CouncilReport, ApiError> {
    let kind = Some(OrganizationKind::Municipality);
    let city = municipalities::view(organizations::get(conn, id, kind)?, cx.today)?;
    let (id, content, policies) = (city.meta.id, city.content.content, city.content.policies);
    let municipality = OrganizationRef {
        id,
        name: content.name,
    };
    let day = period.as_of;
    let Snapshots { all, undated } = snapshot::of_municipality(conn, cx, id, day)?;
    let organizations = all.iter().flat_map(|standing| {
        let parties = standing.doc.parties.iter();
        let parties = parties.map(|party| party.content.organization_id);
        parties.chain(standing.doc.owing())
    });
    let names = names(conn, organizations)?;
    let those = |belongs: &dyn Fn(&AgreementSnapshot) -> bool| {
        let some = all.iter().filter(|standing| belongs(standing));
        some.map(|standing| rules::shown(standing, &names, day))
            .collect::<Result<Vec<ReportedAgreement>, ApiError>>()
    };
    let in_hand = all.iter();
    let in_hand = in_hand.filter(|standing| rules::in_hand(standing, period, cx.zone));
    let in_hand: Vec<&AgreementSnapshot> = in_hand.collect();
    let mut commitments = Vec::new();
    for standing in &in_hand {
        commitments.extend(rules::commitments(standing, &names, day)?);
    }
    let completed = rules::ended(&all, Status::Completed, &names, period)?;
    let terminated = rules::ended(&all, Status::Terminated, &names, period)?;
    let superseded = rules::ended(&all, Status::Superseded, &names, period)?;
    let lapsed = those(&|standing| rules::lapsed(standing, period))?;
    let ran_out = in_hand.iter();
    let ran_out = ran_out.filter(|standing| rules::has_lapsed(standing, period.end()));
    let ends = Ends {
        in_hand: in_hand.len(),
        completed: completed.len(),
        terminated: terminated.len(),
        superseded: superseded.len(),
        lapsed: ran_out.count(),
    };
    let demanded = rules::demanded(&all, &policies, day);
    let missed = demanded.iter();
    let missed = missed.filter_map(|(standing, duty)| rules::missed(standing, duty, period));
    let missed_reviews = missed.collect();
    let overdue = demanded.into_iter();
    let overdue = overdue.filter(|(_, duty)| duty.status(day) == DutyStatus::Overdue);
    let overdue = overdue.map(|(standing, duty)| {
        let department = standing.doc.content.lead_department.clone();
        let city = municipality.clone();
        Duty::of(duty, standing.reference(), city, department, day)
    });
    let mut overdue_duties: Vec<Duty> = overdue.collect();
    overdue_duties.sort_by_cached_key(|duty| duty.due.as_ref().map(ImpreciseDate::sort_key));
    let (mut moved_milestones, mut met_milestones) = (Vec::new(), Vec::new());
    for (project, slips) in slips::of_municipality(conn, cx, id, day)? {
        let (moved, met) = rules::milestone(project, slips, period);
        moved_milestones.extend(moved);
        met_milestones.extend(met);
    }
    let undated = undated.into_iter().map(|step| UndatedEvent {
        agreement: step.agreement,
        became: step.to,
    });
    Ok(CouncilReport {
        officers: rules::officers(content.officers, period),
        from: period.from,
        to: period.to,
        as_of: day,
        basis: if cx.caller.works_for(id) {
            Visibility::Internal
        } else if cx.caller.organization_id.is_some() {
            Visibility::Partners
        } else {
            Visibility::Public
        },
        ordinances: rules::ordinances(&policies, period),
        totals: rules::totals(&all, day),
        rates: ExecutionRates {
            commitments: rules::execution_rate(&commitments, day),
            agreements: rules::completion_rate(&ends),
        },
        signed: those(&|standing| rules::signed(standing, period))?,
        completed,
        terminated,
        superseded,
        lapsed,
        undated: undated.collect(),
        // The counts do not depend on the agreements' status.
        commitment_counts: fulfilment(commitments.iter().map(|c| c.status), Status::Signed).counts,
        commitments,
        reviews: rules::reviews(&all, period),
        missed_reviews,
        never_reviewed: those(&|standing| rules::never_reviewed(standing, day))?,
        council_actions: rules::council_actions(&all, period),
        overdue_duties,
        moved_milestones,
        met_milestones,
        withheld: withheld::count(conn, id, Some(day).filter(|day| *day < cx.today))?,
        municipality,
    })
}
