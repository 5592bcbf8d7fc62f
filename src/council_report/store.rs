//! Reads the records of a report: only the municipality's rows of each table, in a fixed number of
//! queries.

use super::report::Records;
use super::rules::Period;
use crate::agreements::snapshot::Snapshots;
use crate::agreements::{duties, snapshot, withheld};
use crate::db::AnyConnection;
use crate::directory::holidays::holidays;
use crate::directory::names::names;
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::OrganizationRef;
use crate::ledger::{RequestContext, Visibility};
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;
use crate::projections::policies;
use crate::projects::milestones::slips;

/// Reads the records of a municipality that the caller can see.
///
/// # Errors
/// `not_found`
pub fn records(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    period: &Period,
) -> Result<Records, ApiError> {
    let kind = Some(OrganizationKind::Municipality);
    let city = organizations::get(conn, id, kind)?;
    let (id, code, content) = (city.meta.id, city.code, city.doc.content);
    let line = Successions::load(conn)?.line(id);
    let (mut officers, mut annual_reports) = (Vec::new(), Vec::new());
    for (id, _) in line {
        let doc = organizations::get(conn, id, kind)?.doc;
        officers.extend(doc.content.officers);
        annual_reports.extend(doc.annual_reports);
    }
    let day = period.as_of;
    let Snapshots { all, undated } = snapshot::of_municipality(conn, cx, id, day)?;
    let organizations = all.iter().flat_map(|agreement| {
        let parties = agreement.doc.parties.iter();
        let parties = parties.map(|party| party.content.organization_id);
        parties.chain(agreement.doc.owing())
    });
    let policies = policies::of(conn, id)?;
    let holidays = holidays(conn)?;
    Ok(Records {
        municipality: OrganizationRef {
            id,
            name: content.name,
            code,
        },
        officers,
        annual_reports,
        own_duties: duties::overdue_of_municipality(conn, cx, id, day)?,
        policies,
        holidays,
        names: names(conn, organizations)?,
        agreements: all,
        undated,
        slips: slips::of_municipality(conn, cx, id, day, |point| {
            period.contains(&point.stated_on)
        })?,
        withheld: withheld::count(
            conn,
            (Some(id), cx.today),
            Some(day).filter(|day| *day < cx.today),
        )?,
        basis: if cx.caller.works_for(id) {
            Visibility::Internal
        } else if cx.caller.organization_id.is_some() {
            Visibility::Partners
        } else {
            Visibility::Public
        },
    })
}
