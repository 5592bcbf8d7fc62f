//! `/municipalities/{id}/council-report`: what a council is told of a municipality's agreements in a
//! period, as JSON and as a page to print.

mod handlers;
mod page;
mod rules;
mod store;
mod types;

pub use handlers::{ReportFormat, configure};
