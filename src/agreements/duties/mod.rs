//! Duties: what the policies of a municipality demand of each of its agreements, by when, and what
//! has done it.

pub mod handlers;
mod rules;
mod signing;
mod spans;
pub mod store;
pub mod types;

pub use handlers::{DutySort, configure};
pub use rules::duties;
pub use signing::may_sign;
pub use spans::{forget, still_to_come};
pub use store::{project, project_all, remove, show_to};
