//! Pages of municipalities and other organizations.

mod facts;
mod members;
mod one;
mod report;

pub use one::{body_page, municipality, organization};
pub use report::ReportForm;
