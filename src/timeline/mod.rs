//! The timeline: everything dated as one list, as of any day.

pub mod calendar;
pub mod entry;
pub mod handlers;
mod stamps;
pub mod store;

pub use handlers::{TimelineSort, configure};
