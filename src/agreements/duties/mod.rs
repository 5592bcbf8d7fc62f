//! Duties: the actions that a municipality's policies require for each of its agreements, their due
//! dates, and the records that fulfil them.

mod fitting;
pub mod handlers;
mod prior;
mod reports;
mod rules;
mod signing;
mod spans;
pub mod store;
pub mod types;

pub use fitting::{
    can_be_acted_on, can_be_reviewed, report_too_early, review_too_early, signed_too_late,
    unfitting,
};
pub use handlers::{DutySort, configure};
pub use rules::duties;
pub use signing::{may_record, may_sign, warnings};
pub use spans::{forget, still_to_come};
pub use store::{remove, show_to, write_projection, write_projections};
