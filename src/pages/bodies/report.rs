//! The form that asks for the report to the council.

use chrono::Datelike;

use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;

/// Years before this one on which the form offers a report.
const YEARS: i32 = 3;

/// The form that asks for the report to the council.
pub struct ReportForm {
    pub path: String,
    pub from: String,
    pub to: String,
}

impl ReportForm {
    /// Returns the form for the report on what everybody can see.
    pub fn public(cx: &RequestContext, frame: &Frame, id: OrganizationId) -> Self {
        let path = format!("municipalities/{id}/council-report");
        Self::at(frame.plain(&path, &[]), cx)
    }

    /// Returns the form for the report on what the city's officers can see.
    pub fn of_officers(cx: &RequestContext, frame: &Frame, id: OrganizationId) -> Self {
        let path = format!("office/municipalities/{id}/council-report");
        Self::at(frame.plain(&path, &[]), cx)
    }

    fn at(path: String, cx: &RequestContext) -> Self {
        Self {
            path,
            from: format!("{}-01-01", cx.today.year() - YEARS),
            to: cx.today.to_string(),
        }
    }
}
