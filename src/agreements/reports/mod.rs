//! Reports on commitments, made by the city and its partners.
//!
//! A report is never edited. A partner's report counts once the city confirms it; a mistaken report
//! is retracted; all stay visible. The status of a commitment and of its agreement is derived from
//! the reports that count, by the rules in [`rules`].

pub mod acts;
mod closing;
pub mod files;
mod handlers;
pub mod list;
pub mod rules;
pub mod store;
pub mod types;
pub mod views;

pub use closing::{
    carry_over, check_outcomes, check_renewal_outcomes, close, effective_day, invalid_outcomes,
    redate_outcomes, retract_outcomes, unexpected_outcomes,
};
pub use handlers::configure;
pub use list::ReportSort;
pub use store::{Recorded, Reports, restore};
