//! `/municipalities/{id}/council-report`: the report to a council on a municipality's agreements in
//! a period, as JSON and as a printable page.

mod handlers;
pub mod page;
mod report;
mod rules;
mod store;
mod types;

use types::CouncilReport;

pub use handlers::{ReportFormat, configure};
pub use rules::Period;

use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;

/// Returns the report on a municipality in a period, from what the caller can see.
///
/// # Errors
/// `not_found` if there is no such municipality; database errors.
pub fn of_period(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    period: &Period,
) -> Result<CouncilReport, ApiError> {
    report::build(store::records(conn, cx, id, period)?, period, cx.zone)
}
