//! Duties: the actions that a municipality's policies require for each of its agreements, or of the
//! municipality itself, their due dates, and the records that fulfil them.

mod fitting;
pub mod handlers;
mod legal;
pub mod preview;
mod prior;
mod projection;
mod reports;
mod review_schedule;
mod rules;
mod signing;
mod spans;
pub mod store;
pub mod types;
mod withheld;
mod yearly;

pub use fitting::{
    can_be_reviewed, can_have_council_actions, check_reviews_and_actions, report_too_early,
    review_too_early, signed_too_late,
};
pub use handlers::{DutySort, configure};
pub use projection::{
    remove, restore_own, set_visibility, with_notices, write_own, write_projection,
    write_projections,
};
pub use rules::{duties, duties_of};
pub use signing::{
    ApprovalDemand, approval_demand, check_recorded_signing, check_signing, warnings,
};
pub use spans::{ahead, forget, future_dates};
pub use store::overdue_of_municipality;
