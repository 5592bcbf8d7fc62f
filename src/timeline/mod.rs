//! The timeline: all dated items as one list, as of any day.

pub mod calendar;
pub mod handlers;
mod parts;
mod stamps;
pub mod store;

pub use handlers::{TimelineSort, configure};
