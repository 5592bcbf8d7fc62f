//! The timeline: everything dated as one list, as of any day.

pub mod entry;
mod handlers;
mod store;

pub use handlers::{TimelineSort, configure};
