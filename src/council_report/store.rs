//! Reads the records of a report: only the municipality's rows of each table, in a fixed number of
//! queries.

use super::report::Records;
use super::rules::Period;
use crate::agreements::snapshot::Snapshots;
use crate::agreements::{duties, snapshot, withheld};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::OrganizationRef;
use crate::ledger::{RequestContext, Visibility};
use crate::municipalities::store as municipalities;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;
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
    let city = municipalities::view(organizations::get(conn, id, kind)?, cx.today)?;
    let (id, content) = (city.meta.id, city.content.content);
    let day = period.as_of;
    let Snapshots { all, undated } = snapshot::of_municipality(conn, cx, id, day)?;
    let organizations = all.iter().flat_map(|agreement| {
        let parties = agreement.doc.parties.iter();
        let parties = parties.map(|party| party.content.organization_id);
        parties.chain(agreement.doc.owing())
    });
    let holidays = duties::known_for(conn, &city.content.policies)?;
    Ok(Records {
        municipality: OrganizationRef {
            id,
            name: content.name,
        },
        officers: content.officers,
        policies: city.content.policies,
        holidays,
        names: names(conn, organizations)?,
        agreements: all,
        undated,
        slips: slips::of_municipality(conn, cx, id, day)?,
        withheld: withheld::count(conn, id, Some(day).filter(|day| *day < cx.today))?,
        basis: if cx.caller.works_for(id) {
            Visibility::Internal
        } else if cx.caller.organization_id.is_some() {
            Visibility::Partners
        } else {
            Visibility::Public
        },
    })
}
