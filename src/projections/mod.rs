//! Tables and values that are derived from records when these are written.

pub mod freshness;
pub mod policies;
pub mod search_index;
pub mod timeline_entry;
