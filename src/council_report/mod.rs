//! `/municipalities/{id}/council-report`: the report to a council on a municipality's agreements in
//! a period, as JSON and as a printable page.

mod handlers;
pub mod page;
mod report;
mod rules;
mod store;
mod types;

pub use handlers::{ReportFormat, configure};
