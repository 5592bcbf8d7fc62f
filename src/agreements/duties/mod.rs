//! Duties: what the policies of a municipality demand of each of its agreements, by when, and what
//! has done it.

mod handlers;
pub mod rules;
mod store;
pub mod types;

pub use handlers::{DutySort, configure};
pub use store::{project, project_all, remove};
