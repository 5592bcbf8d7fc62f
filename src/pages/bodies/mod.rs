//! Pages of municipalities and other organizations.

mod facts;
mod one;
mod report;

pub use one::{municipality, organization};
pub use report::ReportForm;
